"""What does Openprovider show of a name, and is a name free? `domains`, `domains/{id}`, `domains/check`, `domains/prices`."""

import fnmatch
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from adapters.sandbox.openprovider import catalogue, lifecycle, prices
from adapters.sandbox.openprovider.answers import RefusedError, amount, price
from adapters.sandbox.openprovider.catalogue import SplitName
from adapters.sandbox.openprovider.errand import Errand
from adapters.sandbox.openprovider.moments import NEVER, local_time
from adapters.sandbox.openprovider.register import number_of
from adapters.sandbox.openprovider.requests import split_name
from adapters.sandbox.records import Domain, as_time

LONGEST_LIST = 1000
_USUAL_LIST = 100


def check(errand: Errand) -> Any:
    """Answer `POST domains/check`: one result for each name, in the request's order."""
    return {"results": [_checked(errand, split_name(asked)) for asked in errand.call.items("domains")]}


def get(errand: Errand) -> Any:
    """Answer `GET domains/{id}`."""
    return _shown(errand, errand.own())


def listed(errand: Errand) -> Any:
    """Answer `GET domains`: what fits every filter that is stated, a page of it.

    `full_name` is exact; `domain_name_pattern` fits every label that it is a part of, or that its `*` fits.
    """
    fitting = [entry for entry in _in_account(errand) if _fits(errand, entry)]
    offset, limit = errand.call.number("offset", 0), errand.call.number("limit", _USUAL_LIST)
    part = fitting[offset : offset + min(limit, LONGEST_LIST)]
    return {"results": [_shown(errand, entry) for entry in part], "total": len(fitting)}


def price_of(errand: Errand) -> Any:
    """Answer `GET domains/prices`."""
    if not errand.call.name:
        raise RefusedError(399, "The domain is missing")
    name = catalogue.split(errand.call.name)
    years = prices.years_in(errand.call.number("period", 1))
    cost = price(prices.of(errand, errand.call.query.get("operation", ""), name, years), errand.currency)
    return {
        "is_premium": name.label in errand.rules.premium,
        "is_promotion": False,
        "membership_price": cost,
        "price": cost,
        "tier_price": cost,
    }


def shown_dates(errand: Errand, entry: Domain, *fields: str) -> dict[str, str]:
    """Write some of a name's dates. What is not done yet has none: they are empty."""
    is_there = errand.status(entry) not in {"REQ", "SCH", "PEN", "FAI"} or "activated_at" in entry.detail
    return {field: local_time(_DATES[field](errand, entry)) if is_there else "" for field in fields}


def _checked(errand: Errand, name: SplitName | None) -> dict[str, Any]:
    if name is None:
        raise RefusedError(399, "The domain is missing")
    extension = errand.rules.extensions.get(name.extension)
    if extension is None:
        return {"domain": name.full, "status": "error", "reason": "Extension is not offered", "claim_key": ""}
    fee = errand.rules.premium.get(name.label)
    result: dict[str, Any] = {
        "domain": name.full,
        **_availability(errand, name),
        "is_premium": fee is not None,
        "claim_key": "",
        "whois": "",
    }
    if fee is not None:
        result["premium"] = {"currency": errand.currency, "price": {"create": amount(fee)}}
    if errand.call.flag("with_price"):
        result["price"] = price(fee or extension.register, errand.currency)
    return result


def _availability(errand: Errand, name: SplitName) -> dict[str, str]:
    if name.label in errand.rules.reserved:
        return {"status": "reserved", "reason": "Domain is reserved by the registry"}
    if errand.is_free(errand.seen(name.full)):
        return {"status": "free", "reason": ""}
    return {"status": "active", "reason": "Domain exists"}


def _in_account(errand: Errand) -> list[Domain]:
    entries = (errand.seen(name) for name in errand.register.names())
    return [entry for entry in entries if entry is not None and errand.status(entry) is not None]


def _fits(errand: Errand, entry: Domain) -> bool:
    name, query = catalogue.split(entry.name), errand.call.query
    pattern = query.get("domain_name_pattern", "").lower()
    wanted = {
        "full_name": entry.name,
        "extension": name.extension,
        "status": str(errand.status(entry)),
        "id": str(number_of(entry)),
    }
    return fnmatch.fnmatchcase(name.label, pattern if "*" in pattern else f"*{pattern}*") and all(
        query[key].lower() == value.lower() for key, value in wanted.items() if query.get(key)
    )


def _shown(errand: Errand, entry: Domain) -> dict[str, Any]:
    """Write a name in our account as `GET domains/{id}` and the list do."""
    name, word = catalogue.split(entry.name), errand.status(entry)
    shown = {
        "id": number_of(entry),
        "reseller_id": 1,
        "domain": {"name": name.label, "extension": name.extension},
        "status": word,
        "auth_code": entry.auth_info,
        "autorenew": entry.detail.get("autorenew", "default"),
        "can_renew": word == "ACT",
        "comments": entry.detail.get("comments", ""),
        "is_deleted": word == "DEL",
        "is_lockable": True,
        "is_locked": lifecycle.LOCK in entry.statuses,
        "is_premium": name.label in errand.rules.premium,
        "is_private_whois_enabled": entry.detail.get("private", False),
        "last_changed": local_time(entry.updated_at or entry.created_at),
        "name_servers": _nameservers(entry),
        "ns_group": entry.detail.get("ns_group", ""),
        "order_date": local_time(_at(entry, "ordered_at")),
        "unit": "y",
        **{f"{role}_handle": handle for role, handle in entry.contacts},
        **shown_dates(errand, entry, *_SHOWN),
        **_quarantine(entry, word),
    }
    if errand.call.flag("with_registry_statuses"):
        shown["registry_statuses"] = _registry_statuses(entry)
    if errand.call.flag("with_api_history"):
        shown["api_history"] = _history(entry)
    return shown


def _nameservers(entry: Domain) -> list[dict[str, Any]]:
    return [
        {
            "seq_nr": number,
            "name": host,
            "ip": next((address for address in addresses if ":" not in address), ""),
            "ip6": next((address for address in addresses if ":" in address), ""),
        }
        for number, (host, addresses) in enumerate(entry.nameservers)
    ]


def _quarantine(entry: Domain, word: str | None) -> dict[str, str]:
    """Write until when a deleted or expired name is in each quarantine."""
    if word not in {"DEL", "RRQ"}:
        return {
            "deleted_at": NEVER,
            "delete_status": "",
            "soft_quarantine_expiry_date": "",
            "hard_quarantine_expiry_date": "",
            "restorable_until": "",
        }
    free_from = local_time(lifecycle.free_from(entry))
    return {
        "deleted_at": local_time(lifecycle.ended_at(entry)),
        "delete_status": "quarantine",
        "soft_quarantine_expiry_date": local_time(lifecycle.soft_until(entry)),
        "hard_quarantine_expiry_date": free_from,
        "restorable_until": free_from,
    }


def _registry_statuses(entry: Domain) -> dict[str, dict[str, Any]]:
    held = {"client_hold": "clientHold", "client_transfer_prohibited": lifecycle.LOCK}
    return {
        key: {"is_changeable": True, "value": int(status in entry.statuses)} for key, status in held.items()
    }


def _history(entry: Domain) -> list[dict[str, Any]]:
    """Write what the last operation came to, where it failed."""
    reason = entry.detail.get("reason", "")
    if not reason:
        return []
    at = local_time(entry.updated_at or entry.created_at)
    return [
        {"cmd": "lastOperation", "created_at": at, "domain_id": number_of(entry), "in": "", "out": reason}
    ]


def _at(entry: Domain, key: str) -> datetime:
    text = entry.detail.get(key)
    return as_time(text) if text else entry.created_at


_SHOWN = (
    "active_date",
    "creation_date",
    "expiration_date",
    "registry_expiration_date",
    "renewal_date",
)
_DATES: Mapping[str, Callable[[Errand, Domain], datetime]] = {
    "activation_date": lambda _, entry: _at(entry, "activated_at"),
    "active_date": lambda _, entry: _at(entry, "activated_at"),
    "creation_date": lambda _, entry: entry.created_at,
    "expiration_date": lambda _, entry: entry.expires_at,
    "registry_expiration_date": lambda _, entry: entry.registry_expires_at,
    "renewal_date": lambda errand, entry: lifecycle.renewal_date(entry, errand.rules.extensions),
}
