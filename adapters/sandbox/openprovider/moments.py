"""How does Openprovider write times, and when is a year over? Amsterdam's local time, without saying so (facts §4, §0.3)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

NEVER = "0000-00-00 00:00:00"
"""What stands for a time that there is none of, in some of the fields; the others are empty."""


def local_time(moment: datetime) -> str:
    """Write an aware moment: `2026-03-29 01:59:59`, no zone. Of the hour that comes twice in October, both look alike."""
    return moment.astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M:%S")


def from_local(text: str) -> datetime:
    """Read a date or a date and time, and return the moment in UTC; raises ValueError."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


def years_later(moment: datetime, years: int) -> datetime:
    """Return the anniversary; 29 February becomes the 28th where there is none."""
    year = moment.year + years
    try:
        return moment.replace(year=year)
    except ValueError:
        return moment.replace(year=year, day=28)
