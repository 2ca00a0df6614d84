"""How long do things last here, and how are times written? Naive timestamps, whose zone OpenSRS nowhere states.

The sandbox writes UTC. Redemption and the add grace are the common lengths of generic zones (facts §7.2).
"""

from datetime import UTC, date, datetime, time, timedelta

from adapters.sandbox.opensrs.answers import RefusedError
from adapters.sandbox.records import Domain

ADD_GRACE = timedelta(days=5)
"""A name revoked so soon after its registration is free again, and its price given back."""
REDEMPTION = timedelta(days=30)
"""How long a revoked name can be redeemed."""
SAVED_FOR = timedelta(days=30)
"""How long a saved order waits before it is cancelled."""
TRANSFERABLE_AFTER = timedelta(days=60)
"""After a registration or a transfer (facts §7.3)."""
LONGEST_YEARS = 10


def stamp(at: datetime) -> str:
    """Write a time as OpenSRS does: to the second, no zone."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


def extended(at: datetime, months: int) -> datetime:
    """Return the same day so many months later, in whole years; the 29th of February becomes the 28th."""
    try:
        return at.replace(year=at.year + months // 12)
    except ValueError:
        return at.replace(year=at.year + months // 12, day=28)


def day(text: str) -> date:
    """Read a day as requests write it (`2026-01-31`), or refuse the request."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError(465, "Invalid data: a date is written YYYY-MM-DD") from None


def moment(text: str) -> datetime:
    """Read a time in seconds since 1970, or the beginning of a day; or refuse the request."""
    if text.isdecimal() and len(text) <= 10:
        return datetime.fromtimestamp(int(text), tz=UTC)
    return datetime.combine(day(text), time(), tzinfo=UTC)


def redeemable_until(entry: Domain) -> datetime | None:
    """Tell until when a revoked name can be redeemed; None for a name that is not revoked."""
    text = entry.detail.get("redeemable_until")
    return None if text is None else datetime.fromisoformat(text)
