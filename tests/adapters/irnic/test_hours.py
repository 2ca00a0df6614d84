"""When IRNIC is closed: a table of instants on Tehran's clock."""

from datetime import datetime, time, timedelta

import pytest

from adapters.registrars.irnic.hours import TEHRAN, ClosedHours

NIGHT = ClosedHours(time(23, 0), time(0, 30))
NOON_BREAK = ClosedHours(time(12, 0), time(13, 0))
NEVER = ClosedHours(time(0, 0), time(0, 0))


def _tehran(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TEHRAN)


@pytest.mark.parametrize(
    ("hours", "at", "margin_minutes", "opens"),
    [
        (NIGHT, "2026-11-22T22:59:59", 0, None),
        (NIGHT, "2026-11-22T23:00:00", 0, "2026-11-23T00:30:00"),
        (NIGHT, "2026-11-22T23:59:59", 0, "2026-11-23T00:30:00"),
        (NIGHT, "2026-11-23T00:00:00", 0, "2026-11-23T00:30:00"),
        (NIGHT, "2026-11-23T00:29:59", 0, "2026-11-23T00:30:00"),
        (NIGHT, "2026-11-23T00:30:00", 0, None),
        (NIGHT, "2026-11-22T22:44:59", 15, None),
        (NIGHT, "2026-11-22T22:45:00", 15, "2026-11-23T00:30:00"),
        (NIGHT, "2026-12-31T23:30:00", 0, "2027-01-01T00:30:00"),
        (NIGHT, "2022-07-01T23:30:00", 0, "2022-07-02T00:30:00"),
        (NOON_BREAK, "2026-11-22T11:59:59", 0, None),
        (NOON_BREAK, "2026-11-22T12:30:00", 0, "2026-11-22T13:00:00"),
        (NOON_BREAK, "2026-11-22T13:00:00", 0, None),
        (ClosedHours(time(0, 5), time(0, 30)), "2026-11-22T23:58:00", 10, "2026-11-23T00:30:00"),
        (NEVER, "2026-11-22T00:00:00", 60, None),
    ],
)
def test_closed_hours(hours: ClosedHours, at: str, margin_minutes: int, opens: str | None) -> None:
    """IRNIC is closed from 23:00 until before 00:30 in Tehran, over midnight, and nothing is begun shortly before."""
    expected = None if opens is None else _tehran(opens)
    assert hours.opening(_tehran(at), margin=timedelta(minutes=margin_minutes)) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T00:29:59", False),
        ("2026-11-23T00:30:00", True),
        ("2026-11-23T00:40:00", True),
        ("2026-11-23T00:40:01", False),
        ("2026-11-22T22:59:00", False),
    ],
)
def test_just_opened(at: str, *, expected: bool) -> None:
    """For ten minutes after the opening it counts as just opened."""
    assert NIGHT.just_opened(_tehran(at), within=timedelta(minutes=10)) is expected


def test_hours_in_words() -> None:
    """The hours are told in words."""
    assert str(NIGHT) == "closed 23:00 to 00:30 Asia/Tehran"
    assert str(NEVER) == "never closed"
