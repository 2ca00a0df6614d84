"""When may a server be asked again? What its `Retry-After` says (RFC 9110 §10.2.3): seconds, or a time of day."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"\d{1,9}", re.ASCII)


def seconds_until(text: str | None, *, now: datetime) -> float | None:
    """Return the seconds from `now` on, never negative; None where the header says nothing that can be read."""
    plain = (text or "").strip()
    if _SECONDS.fullmatch(plain):
        return float(plain)
    try:
        at = parsedate_to_datetime(plain)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
