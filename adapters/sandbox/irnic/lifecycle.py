"""Which state is a .ir name in, until when is it paid, and what does a term cost? The registry's calendar and prices."""

import zlib
from datetime import datetime, timedelta

from adapters.sandbox.irnic import jalali
from adapters.sandbox.irnic.answers import TEHRAN
from adapters.sandbox.records import Domain

PRICES = {12: 200, 60: 600}
"""Hundredths of an IRNIC unit by months; registration and renewal cost the same."""

PENALTY = 200
"""A renewal of a locked name costs a year's fee more, whatever its term."""

TEMPORARY_TERM = timedelta(days=10)
"""How long a name is reserved while its registration is checked; its expiry says no more than that."""

LONGEST_TERM_MONTHS = 72
"""A renewed name's expiry must lie less than six years ahead."""

UNDER_CHECK = ("serverHold", "irnicReserved", "serverRenewProhibited", "serverDeleteProhibited")
"""What a name shows as long as its registration is not finished, in every message about it too."""

_ACTIVE = ("ok", "irnicRegistered")
_PHASES = (
    (timedelta(0), _ACTIVE),
    (timedelta(days=30), ("inactive", "irnicExpired")),
    (timedelta(days=60), ("inactive", "irnicLocked")),
)
"""What a name shows until so long after its expiry (nic.ir, terms, appendix 4)."""

_SUSPENDED = ("inactive", "irnicSuspended")
_NOT_RENEWABLE = frozenset({"serverRenewProhibited", "pendingRenew", "pendingDelete", "irnicSuspended"})
_NOT_CHANGEABLE = frozenset({"serverUpdateProhibited", "pendingUpdate", "irnicReserved"})


def statuses(domain: Domain, now: datetime) -> tuple[str, ...]:
    """Return every status the name shows at `now`: its phase by the calendar, and what is under way."""
    if "irnicReserved" in domain.statuses:
        return domain.statuses
    phase = next((shown for length, shown in _PHASES if now <= domain.expires_at + length), _SUSPENDED)
    under_way = tuple(status for status in domain.statuses if status not in _ACTIVE)
    # RFC 5731 §2.3: `ok` stands alone, or with what is no prohibition and nothing pending.
    return (*(status for status in phase if status != "ok" or not under_way), *under_way)


def is_renewable(domain: Domain, now: datetime) -> bool:
    """Tell whether the name's statuses let it be renewed."""
    return _NOT_RENEWABLE.isdisjoint(statuses(domain, now))


def is_changeable(domain: Domain, now: datetime) -> bool:
    """Tell whether the name's statuses let its name servers and contacts be changed."""
    return _NOT_CHANGEABLE.isdisjoint(statuses(domain, now))


def renewal_price(domain: Domain, months: int, now: datetime) -> int:
    """Return what a renewal costs, in hundredths of a unit; in the locked month with the penalty."""
    return PRICES[months] + (PENALTY if "irnicLocked" in statuses(domain, now) else 0)


def extended(moment: datetime, months: int) -> datetime:
    """Return the Persian calendar's anniversary of an aware moment, at the same time of day in Tehran."""
    local = moment.astimezone(TEHRAN)
    return datetime.combine(jalali.add_months(local.date(), months), local.time(), TEHRAN)


def roid(domain: Domain) -> str:
    """Return the name's number at the registry; a name that came into the books without one gets a lasting one."""
    return domain.roid if domain.roid.isdecimal() else str(zlib.crc32(domain.roid.encode()))
