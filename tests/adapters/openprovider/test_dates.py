"""When is it by our clock? Openprovider's local times, in summer and winter, and what is no time at all."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.registrars.openprovider.dates import expiry, moment
from tests.adapters.openprovider.house import AMSTERDAM


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22 09:30:00", "2026-11-22T08:30:00+00:00"),
        ("2026-07-01 09:30:00", "2026-07-01T07:30:00+00:00"),
        ("2026-07-01 00:30:00", "2026-06-30T22:30:00+00:00"),
        ("2019-04-12 7:28:27", "2019-04-12T05:28:27+00:00"),
        ("2026-10-25 01:59:59", "2026-10-24T23:59:59+00:00"),
        ("2026-10-25 02:30:00", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25 03:00:00", "2026-10-25T02:00:00+00:00"),
        ("2026-03-29 01:59:59", "2026-03-29T00:59:59+00:00"),
        ("2026-03-29 03:00:00", "2026-03-29T01:00:00+00:00"),
        ("2026-07-01", "2026-07-01T21:59:59+00:00"),
        ("2026-12-31", "2026-12-31T22:59:59+00:00"),
        ("2028-02-29 12:00:00", "2028-02-29T11:00:00+00:00"),
        ("2026-07-01T09:30:00Z", "2026-07-01T09:30:00+00:00"),
        ("2026-07-01 09:30:00.25+03:30", "2026-07-01T06:00:00+00:00"),
        (" 2026-11-22 09:30:00 ", "2026-11-22T08:30:00+00:00"),
    ],
)
def test_local_times_become_utc(text: str, expected: str) -> None:
    """A time without a zone is Amsterdam's, an hour or two before ours in UTC as the season has it."""
    at = moment(text, AMSTERDAM)
    assert at is not None
    assert at.isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "0000-00-00 00:00:00",
        "0000-00-00",
        "2026-13-01",
        "2026-02-29 10:00:00",
        "22-11-2026",
        "-0001-11-30 00:00:00",
        None,
        7,
        "2026-11-22 25:00:00",
    ],
)
def test_what_is_no_time_is_none(text: object) -> None:
    """A date that was never set, or cannot be, is none; it is never taken for an early one."""
    assert expiry(text, AMSTERDAM) is None


def test_the_zone_is_configured() -> None:
    """An account whose times are another zone's reads them in that one."""
    at = moment("2026-11-22 09:30:00", ZoneInfo("Asia/Tehran"))
    assert at == datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def test_the_text_is_kept_as_written() -> None:
    """Beside the instant stands what Openprovider wrote, for the order's guard."""
    found = expiry("2027-03-01 00:00:00", AMSTERDAM)
    assert found is not None
    assert found.text == "2027-03-01 00:00:00"


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.times().map(lambda at: at.replace(microsecond=0)))
def test_every_local_time_comes_back_as_it_was(day: date, at: time) -> None:
    """What was read in Amsterdam's time reads the same there again, but for the hour that spring leaves out."""
    text = f"{day} {at}"
    found = moment(text, AMSTERDAM)
    assert found is not None
    again = f"{found.astimezone(AMSTERDAM):%Y-%m-%d %H:%M:%S}"
    assert again == text or (day.month == 3 and at.hour == 2)


@given(st.text())
def test_no_text_makes_reading_fail(text: str) -> None:
    """Whatever stands where a date should, reading it never fails."""
    moment(text, AMSTERDAM)
