"""When is it by our clock? Openprovider writes local time without a zone (facts §0.3); we keep UTC, and its text beside."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from registrar.commands import Expiry

_WRITTEN = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?"
)
"""Its own examples write hours with one digit or two; a zone is not expected, and is believed where it stands."""

_LAST_SECOND = time(23, 59, 59)


def moment(text: object, zone: ZoneInfo) -> datetime | None:
    """Return an instant in UTC, or None for what is none (empty, `0000-00-00 00:00:00`).

    A bare date is the end of that day. Of an hour that comes twice, in October, the first is meant.
    """
    found = _WRITTEN.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, offset = found.groups()
    try:
        if hour is None:
            local = datetime.combine(date(int(year), int(month), int(day)), _LAST_SECOND)
        else:
            local = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second))  # noqa: DTZ001 - its zone is put on below
        if offset:
            return datetime.fromisoformat(f"{local.isoformat()}{offset}").astimezone(UTC)
        return local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def expiry(text: object, zone: ZoneInfo) -> Expiry | None:
    """Return a term's end with the text it was read from, or None for what is no date."""
    at = moment(text, zone)
    return Expiry(at, text) if at is not None and isinstance(text, str) else None
