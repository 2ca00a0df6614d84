"""Are registries' dates read as they are meant? A table of what is written, at every edge where a day can be lost."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrar.dates import read_date, read_moment

TEHRAN = ZoneInfo("Asia/Tehran")
BERLIN = ZoneInfo("Europe/Berlin")

READ: list[tuple[str, tzinfo, str]] = [
    # both midnights: the first and the last second of a day, here and there
    ("2027-03-20T00:00:00Z", UTC, "2027-03-20T00:00:00Z"),
    ("2027-03-20T23:59:59Z", UTC, "2027-03-20T23:59:59Z"),
    ("2027-03-20T24:00:00Z", UTC, "2027-03-21T00:00:00Z"),
    ("2027-03-20T00:00:00+03:30", UTC, "2027-03-19T20:30:00Z"),
    ("2027-03-20T23:59:59+03:30", UTC, "2027-03-20T20:29:59Z"),
    ("2026-12-31 24:00:00", TEHRAN, "2026-12-31T20:30:00Z"),
    # a bare date is the end of that day in the source's zone
    ("2027-03-20", UTC, "2027-03-20T23:59:59Z"),
    ("2027-03-20", TEHRAN, "2027-03-20T20:29:59Z"),
    ("2027-03-20Z", TEHRAN, "2027-03-20T23:59:59Z"),
    # 29 February
    ("2028-02-29", TEHRAN, "2028-02-29T20:29:59Z"),
    ("29-Feb-2028", UTC, "2028-02-29T23:59:59Z"),
    ("2028-02-29T23:30:00-01:00", UTC, "2028-03-01T00:30:00Z"),
    # 30 Esfand, the last day of the leap years 1399, 1403 and 1408
    ("2021-03-20", TEHRAN, "2021-03-20T20:29:59Z"),
    ("2025-03-20", TEHRAN, "2025-03-20T20:29:59Z"),
    ("2030-03-20", TEHRAN, "2030-03-20T20:29:59Z"),
    # Tehran's summer time, 2 Farvardin to 30 Shahrivar until 2022
    ("2021-03-21", TEHRAN, "2021-03-21T20:29:59Z"),
    ("2021-03-22", TEHRAN, "2021-03-22T19:29:59Z"),
    ("2021-09-20", TEHRAN, "2021-09-20T19:29:59Z"),
    ("2021-09-21", TEHRAN, "2021-09-21T20:29:59Z"),  # it ended twice; with the second time
    ("2021-09-21 23:59:59", TEHRAN, "2021-09-21T19:29:59Z"),  # a time that came twice is the first
    ("2021-09-22", TEHRAN, "2021-09-22T20:29:59Z"),
    ("2022-07-01", TEHRAN, "2022-07-01T19:29:59Z"),
    ("2023-07-01", TEHRAN, "2023-07-01T20:29:59Z"),
    # offsets without a colon, with hours alone, in brackets, and none
    ("2027-03-20T23:59:59+0000", TEHRAN, "2027-03-20T23:59:59Z"),
    ("2027-03-20T23:59:59+0330", UTC, "2027-03-20T20:29:59Z"),
    ("2013-12-06T08:17:22-0800", UTC, "2013-12-06T16:17:22Z"),
    ("2027-03-20 23:59:59+02", UTC, "2027-03-20T21:59:59Z"),
    ("2011/06/01 01:05:01 (+0900)", UTC, "2011-05-31T16:05:01Z"),
    ("2017-09-26 11:38:29 (GMT+00:00)", TEHRAN, "2017-09-26T11:38:29Z"),
    ("1990-01-01T02:00:00+02:00Z", UTC, "1990-01-01T00:00:00Z"),
    ("2027-03-20T23:59:59-00:00", TEHRAN, "2027-03-20T23:59:59Z"),
    ("2027-03-20T23:59:59", UTC, "2027-03-20T23:59:59Z"),
    ("2027-03-20T23:59:59", TEHRAN, "2027-03-20T20:29:59Z"),
    ("2007-01-26T19:10:31Z[UTC]", TEHRAN, "2007-01-26T19:10:31Z"),
    # a zone by its name: UTC, or the one that the source is in at that time
    ("24-Jul-2009 13:20:03 UTC", TEHRAN, "2009-07-24T13:20:03Z"),
    ("2027-07-01 12:00:00 CEST", BERLIN, "2027-07-01T10:00:00Z"),
    ("2027-10-31 02:30:00 CEST", BERLIN, "2027-10-31T00:30:00Z"),
    ("2027-10-31 02:30:00 CET", BERLIN, "2027-10-31T01:30:00Z"),
    # milliseconds, and more
    ("2028-11-21T22:57:30.973Z", UTC, "2028-11-21T22:57:30Z"),
    ("2028-11-21T22:57:30.0Z", UTC, "2028-11-21T22:57:30Z"),
    ("2018-05-19 12:18:44.329522", UTC, "2018-05-19T12:18:44Z"),
    ("2027-03-20T23:59:59,999999999+03:30", UTC, "2027-03-20T20:29:59Z"),
    # other orders, and months in words
    ("20-Mar-2027", UTC, "2027-03-20T23:59:59Z"),
    ("20-mar-2027", UTC, "2027-03-20T23:59:59Z"),
    ("11-February-2000", UTC, "2000-02-11T23:59:59Z"),
    ("2027/03/20", UTC, "2027-03-20T23:59:59Z"),
    ("2027.03.20", UTC, "2027-03-20T23:59:59Z"),
    ("2027. 03. 20.", UTC, "2027-03-20T23:59:59Z"),
    ("20270320", UTC, "2027-03-20T23:59:59Z"),
    ("20110908 14:44:51", UTC, "2011-09-08T14:44:51Z"),
    ("2024-Apr-02.", UTC, "2024-04-02T23:59:59Z"),
    ("20.03.2027", UTC, "2027-03-20T23:59:59Z"),
    ("2.1.2030", UTC, "2030-01-02T23:59:59Z"),
    ("02/01/2030", UTC, "2030-01-02T23:59:59Z"),  # the day first
    ("20-03-2027", UTC, "2027-03-20T23:59:59Z"),
    ("08 Apr 2013 05:44:00", UTC, "2013-04-08T05:44:00Z"),
    ("Sat, 20 Mar 2027 23:59:59 GMT", TEHRAN, "2027-03-20T23:59:59Z"),
    ("Tue Jun 21 23:59:59 GMT 2011", TEHRAN, "2011-06-21T23:59:59Z"),
    ("Tue Dec 12 2000", UTC, "2000-12-12T23:59:59Z"),
    ("March 20, 2027", UTC, "2027-03-20T23:59:59Z"),
    ("  2027-03-20\t23:59 ", UTC, "2027-03-20T23:59:00Z"),
    # the first and the last year that are believed
    ("1985-01-01", UTC, "1985-01-01T23:59:59Z"),
    ("2110-12-31", UTC, "2110-12-31T23:59:59Z"),
]

REFUSED = [
    "", "-", "none", "before 2001", "expired", "2027", "2027-03",
    "1970-01-01T00:00:00Z", "1984-12-31", "2111-01-01", "9999-12-31T23:59:59Z", "0000-00-00", "-0001-11-30",
    "1405-12-29", "1405/12/30",  # a Jalali date is not silently a day of the Middle Ages
    "2027-02-29", "2027-02-30", "2028-02-30", "30-Feb-2028", "2027-13-01", "2027-04-31", "31.11.2027", "2027-00-10",
    "2027-03-20T25:00:00Z", "2027-03-20T24:00:01Z", "2027-03-20T23:60:00Z", "2027-03-20T23:59:61Z",
    "2027-03-20T23:59:59+25:00", "2027-03-20T23:59:59+03:75", "2027-03-20 12:00:00 EST",
    "2027-3-20", "2027-03-2", "2027-03-20T23:59:5", "2027-03/20", "20 Mars 2027", "03-Foo-2027", "2027-03-20 x",
    "۲۰۲۷-۰۳-۲۰", "2027-03-20" + " " * 100 + "Z", "1" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize(("text", "zone", "meant"), READ)
def test_a_date_is_the_instant_that_its_source_means(text: str, zone: tzinfo, meant: str) -> None:
    """A domain ends when its registry says, to the second, however the registry writes it."""
    read = read_date(text, zone=zone)
    assert read is not None
    assert read.at.tzinfo is UTC
    assert read.at == datetime.fromisoformat(meant)
    assert read.text == text.strip()


@pytest.mark.parametrize("text", REFUSED)
@pytest.mark.parametrize("zone", [UTC, TEHRAN], ids=str)
def test_what_cannot_be_a_date_is_none(text: str, zone: tzinfo) -> None:
    """A date that cannot be true is not taken for the end of anybody's domain."""
    assert read_date(text, zone=zone) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2027-03-20", "2027-03-20T23:59:59+03:30"),
        ("2021-06-01", "2021-06-01T23:59:59+04:30"),
        ("2027-03-20T23:59:59+0200", "2027-03-20T23:59:59+02:00"),
        ("2027-03-20T23:59:59Z", "2027-03-20T23:59:59+00:00"),
    ],
)
def test_a_date_is_shown_with_the_offset_of_its_source(text: str, shown: str) -> None:
    """Who reads the date sees the same day that the registry wrote."""
    moment = read_moment(text, zone=TEHRAN)
    assert moment is not None
    assert moment.isoformat() == shown


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1985, 1, 2), datetime(2110, 12, 30), timezones=OFFSETS)  # noqa: DTZ001 - hypothesis places them
FORMS = [
    "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y/%m/%d %H:%M:%S (%z)",
    "%d-%b-%Y %H:%M:%S%z", "%d.%m.%Y %H:%M:%S%z", "%d/%m/%Y %H:%M:%S %z", "%a %b %d %H:%M:%S %z %Y",
    "%A, %d %B %Y %H:%M:%S %z", "%B %d %Y %H:%M:%S GMT%z", "%Y%m%d %H:%M:%S%z",
]  # fmt: skip


@given(instant=INSTANTS, form=st.sampled_from(FORMS))
def test_an_instant_written_in_any_form_is_read_back(instant: datetime, form: str) -> None:
    """Whatever the instant, the form and the offset, the same second comes back."""
    read = read_date(instant.strftime(form), zone=TEHRAN)
    assert read is not None
    assert read.at == instant.replace(microsecond=0)


@given(day=st.dates(datetime(1985, 1, 1, tzinfo=UTC).date(), datetime(2110, 12, 31, tzinfo=UTC).date()))
@pytest.mark.parametrize("zone", [UTC, TEHRAN, BERLIN], ids=str)
def test_a_bare_date_stays_the_same_day_until_its_last_second(day: object, zone: tzinfo) -> None:
    """A domain that ends on a day is paid for until that day is over where its registry is, and not a second longer."""
    moment = read_moment(str(day), zone=zone)
    assert moment is not None
    local = moment.astimezone(UTC).astimezone(zone)
    assert str(local.date()) == str(day)
    assert (moment.astimezone(UTC) + timedelta(seconds=1)).astimezone(zone).date() > local.date()


@given(text=st.text(max_size=80))
def test_no_text_breaks_the_reading(text: str) -> None:
    """Whatever a stranger writes where a date should be, it is a date or none."""
    read = read_date(text, zone=TEHRAN)
    assert read is None or read.text == text.strip()
