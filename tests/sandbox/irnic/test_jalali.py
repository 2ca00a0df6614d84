"""Is the Persian calendar right?"""

from datetime import date

import pytest

from adapters.sandbox.irnic import jalali


@pytest.mark.parametrize(
    ("gregorian", "persian"),
    [
        (date(2020, 3, 20), (1399, 1, 1)),
        (date(2017, 3, 20), (1395, 12, 30)),
        (date(2021, 3, 20), (1399, 12, 30)),
        (date(2021, 3, 21), (1400, 1, 1)),
        (date(2022, 3, 20), (1400, 12, 29)),
        (date(2025, 3, 20), (1403, 12, 30)),
        (date(2026, 3, 20), (1404, 12, 29)),
        (date(2020, 4, 6), (1399, 1, 18)),
        (date(2024, 9, 21), (1403, 6, 31)),
        (date(2024, 9, 22), (1403, 7, 1)),
        (date(1979, 2, 11), (1357, 11, 22)),
        (date(2030, 3, 20), (1408, 12, 30)),
    ],
)
def test_the_persian_calendar(gregorian: date, persian: tuple[int, int, int]) -> None:
    """Dates are turned into the Persian calendar and back, leap days too."""
    assert jalali.to_persian(gregorian) == persian
    assert jalali.to_gregorian(*persian) == gregorian


@pytest.mark.parametrize(
    ("start", "months", "anniversary"),
    [
        (date(2020, 4, 6), 24, date(2022, 4, 7)),
        (date(2025, 3, 20), 12, date(2026, 3, 20)),
        (date(2025, 3, 20), 60, date(2030, 3, 20)),
        (date(2026, 1, 10), 12, date(2027, 1, 10)),
        (date(2024, 5, 1), 12, date(2025, 5, 2)),
        (date(2026, 6, 1), 60, date(2031, 6, 1)),
    ],
)
def test_a_term_ends_on_the_persian_anniversary(start: date, months: int, anniversary: date) -> None:
    """Twelve months are a Persian year of 365 or 366 days; 30 Esfand ends on the last day of a common year's Esfand."""
    assert jalali.add_months(start, months) == anniversary


def test_every_day_of_a_century_goes_there_and_back() -> None:
    """No day between 1980 and 2080 is lost or doubled by the conversion."""
    first = date(1980, 1, 1).toordinal()
    persian = [jalali.to_persian(date.fromordinal(ordinal)) for ordinal in range(first, first + 36_525)]

    assert persian == sorted(set(persian))
    assert all(jalali.to_gregorian(*day).toordinal() == first + index for index, day in enumerate(persian))


def test_a_day_that_does_not_exist_is_refused() -> None:
    """1404 has no 30 Esfand."""
    with pytest.raises(ValueError, match="1404-12-30"):
        jalali.to_gregorian(1404, 12, 30)
