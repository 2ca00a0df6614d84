"""When is that, in aware UTC? Registries write `Z`, fractions, offsets without a colon, bare dates and no zone at all."""

import re
from datetime import UTC, date, datetime, time

from registrar.commands import Expiry

_BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}Z?")
_LAST_SECOND = time(23, 59, 59, tzinfo=UTC)


def moment(text: str) -> datetime | None:
    """Read a registry's date; None if it is none.

    No zone means UTC (RFC 5730 §5). A bare date is the end of that day (DESIGN §4): its last second, so that it stays
    the same date.
    """
    text = text.strip()
    try:
        if _BARE_DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text.removesuffix("Z")), _LAST_SECOND)
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def expiry(text: str | None) -> Expiry | None:
    """Read an expiry and keep the registry's own text beside it."""
    at = moment(text) if text else None
    return Expiry(at, text.strip()) if at and text else None


def guard_date(current: Expiry) -> str:
    """Return the `curExpDate` of a renewal: the UTC date of the expiry it was ordered against (RFC 5731 §3.2.3)."""
    return current.at.astimezone(UTC).date().isoformat()
