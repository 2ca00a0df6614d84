"""When does OpenSRS take an order? Each kind's rules; an order that was saved is held to them again when it is taken up.

register   the name is free                        485 taken, 486 in processing
renew      ours, the year is that of its expiry    555 or 465 otherwise; 480 not ours or not to be renewed; 437
transfer   somebody else's, unlocked, 60 days old  487 otherwise; 486 in processing
restore    ours and in redemption                  480 or 465 otherwise; 437
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.sandbox.opensrs import prices, terms
from adapters.sandbox.opensrs.answers import RefusedError
from adapters.sandbox.opensrs.errand import Errand
from adapters.sandbox.records import Domain

RENEWED_BY_THEIR_REGISTRY = frozenset({"at", "de", "dk", "fr", "za"})
"""Zones that renew by themselves, where RENEW is answered 480 (facts §3.2)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an order asks for. `command` is the statement's word; `detail` is what its effect needs, kept with the order."""

    command: str
    name: str
    months: int
    detail: Mapping[str, Any]

    @property
    def amount(self) -> int:
        """The order's price in cents."""
        return prices.price(self.command, self.name, self.months)


def check(errand: Errand, wanted: Wanted) -> None:
    """Refuse an order that its kind's rules do not let through."""
    _RULES[wanted.command](errand, wanted)


def why_not_transferable(errand: Errand, name: str) -> str:
    """Say why a name cannot be transferred in, in OpenSRS's manner; empty for one that can."""
    entry, now = errand.seen(name), errand.page.now
    if entry is None:
        return "Domain not registered"
    if entry.sponsor == errand.page.client_id:
        return "Domain already exists in this reseller's account"
    if "clientTransferProhibited" in entry.statuses:
        return "Domain is locked at its present registrar"
    if now - max(entry.created_at, entry.transferred_at or entry.created_at) < terms.TRANSFERABLE_AFTER:
        return "Domain was registered or transferred within the last 60 days"
    return ""


def _register(errand: Errand, wanted: Wanted) -> None:
    if errand.in_progress(wanted.name) is not None:
        raise RefusedError(486, "Domain already exists and its registration is in processing")
    if errand.page.domain(wanted.name) is not None:
        raise RefusedError(485, "Domain taken")


def _renew(errand: Errand, wanted: Wanted) -> None:
    entry = errand.ours(wanted.name)
    errand.require_idle(wanted.name)
    if terms.redeemable_until(entry) is not None or _zone(wanted.name) in RENEWED_BY_THEIR_REGISTRY:
        raise RefusedError(480, "Renewals are not allowed for this domain")
    _check_year(entry, int(wanted.detail["year"]))
    latest = terms.extended(errand.page.now, 12 * terms.LONGEST_YEARS)
    if terms.extended(entry.expires_at, wanted.months) > latest:
        raise RefusedError(465, "Invalid data: period would reach more than ten years ahead")


def _check_year(entry: Domain, year: int) -> None:
    """Hold the stated year against the present expiry's: the one guard that a renewal has."""
    if year < entry.expires_at.year:
        raise RefusedError(555, "Domain already renewed")
    if year > entry.expires_at.year:
        raise RefusedError(465, "Invalid data: currentexpirationyear is not the year of this domain's expiry")


def _transfer(errand: Errand, wanted: Wanted) -> None:
    if errand.in_progress(wanted.name) is not None:
        raise RefusedError(486, "Domain already exists and its transfer is in processing")
    reason = why_not_transferable(errand, wanted.name)
    if reason:
        raise RefusedError(487, reason)


def _restore(errand: Errand, wanted: Wanted) -> None:
    entry = errand.ours(wanted.name)
    errand.require_idle(wanted.name)
    if terms.redeemable_until(entry) is None:
        raise RefusedError(465, "Domain is not in its redemption period")


def _zone(name: str) -> str:
    return name.rpartition(".")[2]


_RULES: Mapping[str, Callable[[Errand, Wanted], None]] = {
    "register": _register,
    "renew": _renew,
    "transfer": _transfer,
    "restore": _restore,
}
