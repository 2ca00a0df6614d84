"""Do deadlines in business days end when a person with a calendar on the wall would say (D9)?"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrar.agreement import business_days
from registrar.agreement.rules import Calendar

OFFICE = Calendar(frozenset({5, 6}), frozenset({date(2026, 12, 25)}), "UTC")
TEHRAN = Calendar(frozenset({3, 4}), frozenset({date(2026, 3, 21)}), "Asia/Tehran")
ZONES = ["UTC", "Asia/Tehran", "America/New_York", "Pacific/Auckland", "America/Havana", "Pacific/Apia"]

INSTANTS = st.integers(1_104_537_600, 2_051_222_400).map(lambda second: datetime.fromtimestamp(second, UTC))
"""From 2005 to 2035."""
CALENDARS = st.builds(
    Calendar,
    st.frozensets(st.integers(0, 6), max_size=6),
    st.frozensets(st.dates(date(2005, 1, 1), date(2036, 1, 1)), max_size=30),
    st.sampled_from(ZONES),
)


@pytest.mark.parametrize(
    ("start", "days", "end", "calendar"),
    [
        # a provider's request on a Thursday: two business days are Friday and Monday
        ("2026-11-19T10:00:00+00:00", 2, "2026-11-23T23:59:59+00:00", OFFICE),
        # on a Saturday they are Monday and Tuesday
        ("2026-11-21T10:00:00+00:00", 2, "2026-11-24T23:59:59+00:00", OFFICE),
        # the last second of a day belongs to it
        ("2026-11-19T23:59:59+00:00", 1, "2026-11-20T23:59:59+00:00", OFFICE),
        ("2026-11-20T00:00:00+00:00", 1, "2026-11-23T23:59:59+00:00", OFFICE),
        # Friday the 25th is a holiday
        ("2026-12-24T10:00:00+00:00", 1, "2026-12-28T23:59:59+00:00", OFFICE),
        # a ruling waits ten business days for a court
        ("2026-11-22T10:00:00+00:00", 10, "2026-12-04T23:59:59+00:00", OFFICE),
        # none: the end of that day, whichever it is
        ("2026-11-22T10:00:00+00:00", 0, "2026-11-22T23:59:59+00:00", OFFICE),
        # in Tehran it is Wednesday already; Thursday and Friday are free, Saturday is a holiday
        ("2026-03-17T20:30:00+00:00", 1, "2026-03-22T23:59:59+03:30", TEHRAN),
        ("2026-03-17T20:29:59+00:00", 1, "2026-03-18T23:59:59+03:30", TEHRAN),
    ],
)
def test_a_deadline_in_business_days(start: str, days: int, end: str, calendar: Calendar) -> None:
    """A lock within two business days, a release within one: to the last second of the last of them (D9)."""
    ends = business_days.add(datetime.fromisoformat(start), days, calendar)
    assert ends == datetime.fromisoformat(end)
    assert ends.tzinfo is UTC


@given(INSTANTS, st.integers(1, 30), CALENDARS)
def test_a_deadline_agrees_with_a_count_day_by_day(start: datetime, days: int, calendar: Calendar) -> None:
    """From the day after the start to the deadline lie exactly so many business days, and the last one is one of them."""
    zone = ZoneInfo(calendar.time_zone)
    first, last = start.astimezone(zone).date(), _day_of(business_days.add(start, days, calendar), zone)
    between = [first + timedelta(days=number + 1) for number in range((last - first).days)]
    worked = [
        day for day in between if day.weekday() not in calendar.weekend and day not in calendar.holidays
    ]
    assert len(worked) == days
    assert worked[-1] == last


@given(st.dates(date(1990, 1, 1), date(2035, 1, 1)), st.sampled_from(ZONES))
def test_a_day_ends_one_second_before_the_next_begins(day: date, time_zone: str) -> None:
    """However the clocks are set, a day's last second lies in it and the second after it does not (D2)."""
    if (day, time_zone) == (date(2011, 12, 30), "Pacific/Apia"):
        return  # the day that Samoa left out
    zone, end = ZoneInfo(time_zone), business_days.last_second(day, time_zone)
    assert end.astimezone(zone).date() == day
    assert (end + timedelta(seconds=1)).astimezone(zone).date() > day


def _day_of(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
