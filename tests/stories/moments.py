"""When does it happen in these stories? Dates and times as a lawyer writes them."""

from datetime import UTC, datetime


def instant(moment: str) -> datetime:
    """Read a date, or a date and a time, in UTC; a date alone is its midnight."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)
