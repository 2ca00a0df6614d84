"""What does Openprovider do with a request that costs money? It charges at once, and does it now or decides later.

Registrations and renewals are done at once, unless the books order otherwise; transfers and restores always take time.
A renewal has no guard: whoever posts it twice has bought two years (facts §4.5).
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.sandbox.openprovider import catalogue, customers, lifecycle, prices
from adapters.sandbox.openprovider.answers import IN_PROGRESS, STATUS_FORBIDS, RefusedError
from adapters.sandbox.openprovider.catalogue import SplitName
from adapters.sandbox.openprovider.errand import Errand
from adapters.sandbox.openprovider.looks import shown_dates
from adapters.sandbox.openprovider.moments import from_local, years_later
from adapters.sandbox.openprovider.orders import Order, carry_out
from adapters.sandbox.openprovider.register import number_of
from adapters.sandbox.records import Domain, as_text, as_time

_ROLES = (("owner", True), ("admin", True), ("tech", True), ("billing", False))
"""The handles that a domain has, and whether it must have them."""


def register(errand: Errand) -> Any:
    """Answer `POST domains`."""
    name = errand.name()
    years = prices.years_in(errand.call.body.get("period"))
    amount = prices.of(errand, "create", name, years)
    if name.label in errand.rules.reserved:
        raise RefusedError(16)
    contacts = _contacts(errand)
    known = errand.page.domain(name.full)
    if known is not None and not errand.is_free(known):
        is_ours = known.sponsor == errand.page.client_id or errand.status(known) in lifecycle.UNDER_WAY
        raise RefusedError(346 if is_ours else 311)
    _require_accepted_fee(errand, name)
    entry = _new_entry(errand, name, contacts)
    order = Order(
        command="register",
        months=12 * years,
        amount=amount,
        waiting=lifecycle.with_word(entry, "REQ"),
        done=lifecycle.with_word(
            replace(entry, expires_at=years_later(errand.page.now, years)),
            "ACT",
            activated_at=as_text(errand.page.now),
        ),
        failed=lifecycle.with_word(entry, "FAI", reason="The registry refused the registration"),
    )
    saved = carry_out(errand, order)
    return {
        "id": number_of(saved),
        "status": errand.status(saved),
        "auth_code": saved.auth_info,
        **shown_dates(errand, saved, "activation_date", "expiration_date", "renewal_date"),
    }


def renew(errand: Errand) -> Any:
    """Answer `POST domains/{id}/renew`: the status and nothing else, as it really is."""
    entry = _own_as_named(errand)
    years = prices.years_in(errand.call.body.get("period"))
    name = catalogue.split(entry.name)
    _require_active(errand, entry)
    _require_not_renewed_yet(errand, entry, name)
    expires_at = years_later(entry.expires_at, years)
    if expires_at > years_later(errand.page.now, catalogue.LONGEST_YEARS):
        raise RefusedError(316)
    order = Order(
        command="renew",
        months=12 * years,
        amount=prices.of(errand, "renew", name, years),
        waiting=lifecycle.with_word(entry, "REQ"),
        done=lifecycle.with_word(
            replace(entry, expires_at=expires_at), "ACT", renewed_at=as_text(errand.page.now)
        ),
        failed=lifecycle.with_word(entry, "ACT", reason="The registry refused the renewal"),
    )
    return {"status": errand.status(carry_out(errand, order))}


def transfer(errand: Errand) -> Any:
    """Answer `POST domains/transfer`: requested now, or scheduled for `at`; a year is added when it is done."""
    name = errand.name()
    amount = prices.of(errand, "transfer", name)
    imports = errand.call.flag("import_contacts_from_registry")
    contacts = () if imports else _contacts(errand)
    entry = _transferable(errand, name)
    _require_accepted_fee(errand, name)
    waiting = "SCH" if errand.call.text("at") else "REQ"
    if waiting == "SCH":
        _require_time(errand.call.text("at"))
    wanted = replace(
        entry, detail={**entry.detail, **_choices(errand), "ordered_at": as_text(errand.page.now)}
    )
    order = Order(
        command="transfer",
        months=12,
        amount=amount,
        waiting=lifecycle.with_word(wanted, waiting),
        done=lifecycle.with_word(
            replace(
                wanted,
                sponsor=errand.page.client_id,
                expires_at=years_later(entry.expires_at, 1),
                transferred_at=errand.page.now,
                contacts=contacts or entry.contacts,
                nameservers=nameservers(errand) or entry.nameservers,
                auth_info=secrets.token_urlsafe(9),
            ),
            "ACT",
            activated_at=as_text(errand.page.now),
        ),
        failed=lifecycle.with_word(wanted, "FAI", reason="The losing registrar refused the transfer"),
        takes_time=True,
    )
    saved = carry_out(errand, order)
    return {"id": number_of(saved), "status": errand.status(saved)}


def restore(errand: Errand) -> Any:
    """Answer `POST domains/{id}/restore`: a name deleted by hand keeps its term, an expired one gets a year (facts §4.6).

    In the soft quarantine an expired name costs a renewal, else the registry's restore is paid for too.
    """
    entry = _own_as_named(errand)
    name = catalogue.split(entry.name)
    if errand.status(entry) in lifecycle.UNDER_WAY:
        raise RefusedError(IN_PROGRESS)
    if errand.status(entry) != "DEL":
        raise RefusedError(376)
    has_expired = errand.page.now >= entry.expires_at
    is_soft = errand.page.now < lifecycle.soft_until(entry)
    restored = replace(entry, detail={**entry.detail, "deleted_at": "", "skips_soft": False})
    if has_expired:
        restored = replace(restored, expires_at=years_later(entry.expires_at, 1))
    order = Order(
        command="restore",
        months=12 if has_expired else 0,
        amount=(0 if has_expired and is_soft else prices.of(errand, "restore", name))
        + (prices.of(errand, "renew", name) if has_expired else 0),
        waiting=lifecycle.with_word(entry, "RRQ"),
        done=lifecycle.with_word(restored, "ACT"),
        failed=lifecycle.with_word(entry, "DEL", reason="The registry refused the restore"),
        takes_time=True,
    )
    return {"status": errand.status(carry_out(errand, order))}


def nameservers(errand: Errand) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read the name servers of the body, in the order of `seq_nr` where it is told."""
    listed = sorted(errand.call.items("name_servers"), key=_place)
    return tuple(
        (
            str(server.get("name", "")).lower(),
            tuple(str(server[ip]) for ip in ("ip", "ip6") if server.get(ip)),
        )
        for server in listed
    )


def _place(server: Mapping[str, Any]) -> int:
    number = server.get("seq_nr")
    return number if isinstance(number, int) else 0


def _new_entry(errand: Errand, name: SplitName, contacts: tuple[tuple[str, str], ...]) -> Domain:
    return Domain(
        name=name.full,
        roid=errand.page.new_roid("D"),
        sponsor=errand.page.client_id,
        created_at=errand.page.now,
        expires_at=years_later(errand.page.now, 1),
        contacts=contacts,
        nameservers=nameservers(errand),
        auth_info=secrets.token_urlsafe(9),
        detail={**_choices(errand), "ordered_at": as_text(errand.page.now)},
    )


def _choices(errand: Errand) -> dict[str, Any]:
    """Read what may be chosen with an order."""
    body = errand.call.body
    return {
        "autorenew": errand.call.text("autorenew") or "default",
        "private": body.get("is_private_whois_enabled") is True,
        "comments": errand.call.text("comments"),
        "ns_group": errand.call.text("ns_group"),
    }


def _contacts(errand: Errand) -> tuple[tuple[str, str], ...]:
    """Read the handles; each must exist, and not only since a moment ago."""
    handles = [(role, errand.call.text(f"{role}_handle"), needed) for role, needed in _ROLES]
    for role, handle, needed in handles:
        if handle or needed:
            customers.require(errand, handle, f"{role}_handle")
    return tuple((role, handle) for role, handle, _ in handles if handle)


def _require_accepted_fee(errand: Errand, name: SplitName) -> None:
    """Raise `RefusedError` for a premium name whose fee is not accepted, or another one."""
    fee = errand.rules.premium.get(name.label)
    if fee is None:
        return
    accepted = errand.call.body.get("accept_premium_fee")
    if isinstance(accepted, bool) or not isinstance(accepted, int | float):
        raise RefusedError(19000)
    if round(accepted * 100) != fee:
        raise RefusedError(19002)


def _own_as_named(errand: Errand) -> Domain:
    """Return the entry that the number means; where the body names a domain too, it must be that one."""
    named = errand.call.body.get("domain")
    if named is not None and errand.is_free(errand.page.domain(errand.name().full)):
        raise RefusedError(313)
    entry = errand.own()
    if named is not None and errand.name().full != entry.name:
        raise RefusedError(399, "The id and the domain do not belong together")
    return entry


def _require_active(errand: Errand, entry: Domain) -> None:
    word = errand.status(entry)
    if word in lifecycle.UNDER_WAY:
        raise RefusedError(IN_PROGRESS)
    if word != "ACT":
        raise RefusedError(STATUS_FORBIDS)


def _require_not_renewed_yet(errand: Errand, entry: Domain, name: SplitName) -> None:
    renewed_at = entry.detail.get("renewed_at")
    if not errand.extension(name).renews_once or not renewed_at:
        return
    if errand.page.now < as_time(renewed_at) + catalogue.RENEWS_AGAIN_AFTER:
        raise RefusedError(325)


def _transferable(errand: Errand, name: SplitName) -> Domain:
    """Return the entry of a name that may be transferred to us with the code of the request."""
    entry = errand.page.domain(name.full)
    if entry is None or errand.is_free(entry):
        raise RefusedError(312)
    word = errand.status(entry)
    if word in lifecycle.UNDER_WAY:
        raise RefusedError(IN_PROGRESS)
    if word not in {None, "FAI", "TRAN"}:
        raise RefusedError(326)
    if lifecycle.LOCK in entry.statuses:
        raise RefusedError(328)
    code = errand.call.text("auth_code")
    if code != entry.auth_info:
        raise RefusedError(318 if code else 317)
    return entry


def _require_time(text: str) -> None:
    try:
        from_local(text)
    except ValueError:
        raise RefusedError(399, "The scheduled time is not a date and time") from None
