"""What does OpenSRS tell about a name, its price and the deposit? The actions that change nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.sandbox.opensrs import contacts, effects, prices, terms
from adapters.sandbox.opensrs.answers import RefusedError, Reply
from adapters.sandbox.opensrs.errand import Errand
from adapters.sandbox.records import Domain

PAGE_SIZE = 40
"""The most that a list shows at a time."""

_PRICED = {"new": "register", "renewal": "renew", "transfer": "transfer"}


def check(errand: Errand) -> Reply:
    """Answer LOOKUP: 210 free, 211 taken, 221 taken by a registration that still waits."""
    name = errand.request.domain()
    if errand.seen(name) is not None:
        return Reply(211, "Domain taken", {"status": "taken"})
    if errand.stale is None and errand.in_progress(name) is not None:
        return Reply(221, "Domain taken, awaiting registration", {"status": "taken"})
    return Reply(210, "Domain available", {"status": "available"})


def price(errand: Errand) -> Reply:
    """Answer GET_PRICE for a whole term; there is none for a redemption."""
    name, years = errand.request.domain(), errand.years()
    command = _PRICED.get(errand.request.text("reg_type", "new"))
    if command is None:
        raise RefusedError(465, "Invalid data: reg_type must be new, renewal or transfer")
    told = {
        "price": prices.written(prices.price(command, name, 12 * years)),
        "is_registry_premium": "1" if prices.is_premium(name) else "0",
    }
    return Reply(200, "Command Successful", told)


def look(errand: Errand) -> Reply:
    """Answer GET: one kind of what is known about a name of ours."""
    entry = errand.ours(errand.request.domain())
    told = _TYPES.get(errand.request.required("type"))
    if told is None:
        raise RefusedError(465, "Invalid data: type is not known")
    return Reply(200, "Query successful", told(errand, entry))


def balance(errand: Errand) -> Reply:
    """Answer GET_BALANCE."""
    told = {"balance": prices.written(errand.page.balance), "hold_balance": prices.written(0)}
    return Reply(200, "Command Successful", told)


def by_expiry(errand: Errand) -> Reply:
    """Answer GET_DOMAINS_BY_EXPIREDATE: our names that expire from one day to another, both included."""
    request = errand.request
    first, last = (terms.day(request.required(edge)) for edge in ("exp_from", "exp_to"))
    found = [
        entry
        for entry in errand.page.domains()
        if entry.sponsor == errand.page.client_id and first <= entry.expires_at.date() <= last
    ]
    found.sort(key=lambda entry: entry.expires_at)
    shown, told = paged(errand, found)
    lines = [
        {
            "name": entry.name,
            "expiredate": terms.stamp(entry.expires_at),
            "f_auto_renew": "Y" if entry.detail.get("auto_renew") else "N",
            "f_let_expire": "Y" if entry.detail.get("let_expire") else "N",
        }
        for entry in shown
    ]
    return Reply(200, "Command successful", {**told, "exp_domains": lines})


def paged(errand: Errand, found: list[Any]) -> tuple[list[Any], dict[str, str]]:
    """Return the part of a list that was asked for (`page` from 1, `limit`), and what is told about the whole."""
    limit = min(max(errand.request.number("limit", PAGE_SIZE), 1), PAGE_SIZE)
    page = max(errand.request.number("page", 1), 1)
    shown = found[(page - 1) * limit : page * limit]
    told = {
        "total": str(len(found)),
        "page": str(page),
        "page_size": str(limit),
        "remainder": "1" if page * limit < len(found) else "0",
    }
    return shown, told


def _all_info(errand: Errand, entry: Domain) -> Mapping[str, Any]:
    dates = {
        "expiredate": entry.expires_at,
        "registry_expiredate": entry.registry_expires_at,
        "registry_createdate": entry.created_at,
        "registry_updatedate": entry.updated_at,
        "registry_transferdate": entry.transferred_at,
    }
    return {
        **{key: terms.stamp(at) for key, at in dates.items() if at is not None},
        **_expire_action(errand, entry),
        **_nameservers(errand, entry),
        "contact_set": contacts.shown(errand.page, entry.contacts),
        "sponsoring_rsp": "1",
        "status": _life(entry),
    }


def _status(_: Errand, entry: Domain) -> Mapping[str, Any]:
    return {
        "lock_state": "1" if effects.LOCKED in entry.statuses else "0",
        "can_modify": "0" if terms.redeemable_until(entry) else "1",
        "domain_supports": "1",
        "status": _life(entry),
    }


def _nameservers(_: Errand, entry: Domain) -> Mapping[str, Any]:
    lines = []
    for position, (host, addresses) in enumerate(entry.nameservers, start=1):
        address = {"ipaddress": addresses[0]} if addresses else {}
        lines.append({"name": host, "sortorder": str(position), **address})
    return {"nameserver_list": lines}


def _owner(errand: Errand, entry: Domain) -> Mapping[str, Any]:
    cards = contacts.shown(errand.page, entry.contacts)
    return {"contact_set": {role: card for role, card in cards.items() if role == "owner"}}


def _expire_action(_: Errand, entry: Domain) -> Mapping[str, Any]:
    return {key: "1" if entry.detail.get(key) else "0" for key in ("auto_renew", "let_expire")}


def _auth_info(_: Errand, entry: Domain) -> Mapping[str, Any]:
    return {"domain_auth_info": entry.auth_info}


def _life(entry: Domain) -> str:
    """Tell where in its life a name is: the sandbox's own word, for OpenSRS's is not known."""
    return "redemption" if terms.redeemable_until(entry) else "active"


_TYPES: Mapping[str, Callable[[Errand, Domain], Mapping[str, Any]]] = {
    "all_info": _all_info,
    "status": _status,
    "nameservers": _nameservers,
    "owner": _owner,
    "expire_action": _expire_action,
    "domain_auth_info": _auth_info,
}
