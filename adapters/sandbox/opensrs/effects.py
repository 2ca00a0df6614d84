"""What does a completed order change? The name's entry in the books, and nothing before that."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from adapters.sandbox.opensrs import terms
from adapters.sandbox.page import Page
from adapters.sandbox.records import Domain, Operation

LOCKED = "clientTransferProhibited"
"""The status that stands for `lock_state` 1."""
DEFAULT_NAMESERVERS = ("ns1.default.example", "ns2.default.example")
"""What a name gets that was ordered without name servers of its own."""

Nameservers = tuple[tuple[str, tuple[str, ...]], ...]


def is_possible(page: Page, order: Operation) -> bool:
    """Tell whether an order that waited can still take effect: its name is still free, or still there."""
    return (page.domain(order.name) is None) == (order.command == "register")


def put(page: Page, order: Operation) -> Domain:
    """Let an order take effect and return the name's new entry."""
    entry = _EFFECTS[order.command](page, order)
    page.save(entry)
    return entry


def lock(entry: Domain, *, locked: bool) -> tuple[str, ...]:
    """Return the statuses of an entry that is locked against a transfer, or not."""
    others = tuple(status for status in entry.statuses if status not in {LOCKED, "ok"})
    return (*others, LOCKED) if locked else others or ("ok",)


def nameservers(listed: list[str]) -> Nameservers:
    """Return hosts as an entry has them."""
    return tuple((host, ()) for host in listed)


def _register(page: Page, order: Operation) -> Domain:
    detail = order.detail
    return Domain(
        name=order.name,
        roid=page.new_roid("D"),
        sponsor=page.client_id,
        created_at=page.now,
        expires_at=terms.extended(page.now, order.months),
        statuses=(LOCKED,) if detail["lock"] else ("ok",),
        contacts=_contacts(detail),
        nameservers=nameservers(detail["nameservers"] or list(DEFAULT_NAMESERVERS)),
        auth_info=secrets.token_hex(8),
        detail={"auto_renew": detail["auto_renew"]},
    )


def _renew(page: Page, order: Operation) -> Domain:
    entry = _entry(page, order)
    expires_at = terms.extended(entry.expires_at, order.months)
    detail = {**entry.detail, "auto_renew": order.detail["auto_renew"]}
    return replace(entry, expires_at=expires_at, updated_at=page.now, detail=detail)


def _transfer(page: Page, order: Operation) -> Domain:
    entry, detail = _entry(page, order), order.detail
    latest = terms.extended(page.now, 12 * terms.LONGEST_YEARS)
    return replace(
        entry,
        sponsor=page.client_id,
        expires_at=min(terms.extended(entry.expires_at, order.months), max(latest, entry.expires_at)),
        transferred_at=page.now,
        statuses=lock(entry, locked=detail["lock"]),
        contacts=_contacts(detail),
        nameservers=nameservers(detail["nameservers"]) if detail["nameservers"] else entry.nameservers,
        auth_info=secrets.token_hex(8),
        detail={"auto_renew": detail["auto_renew"]},
    )


def _restore(page: Page, order: Operation) -> Domain:
    entry = _entry(page, order)
    detail = {key: value for key, value in entry.detail.items() if key != "redeemable_until"}
    return replace(entry, statuses=("ok",), updated_at=page.now, detail=detail)


def _entry(page: Page, order: Operation) -> Domain:
    entry = page.domain(order.name)
    if entry is None:
        raise LookupError(f"order {order.client_transaction_id} is about a name that is gone: {order.name}")
    return entry


def _contacts(detail: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((role, contact_id) for role, contact_id in detail["contacts"])


_EFFECTS: Mapping[str, Callable[[Page, Operation], Domain]] = {
    "register": _register,
    "renew": _renew,
    "transfer": _transfer,
    "restore": _restore,
}
