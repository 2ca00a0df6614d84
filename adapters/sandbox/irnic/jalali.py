"""When is a Gregorian day's anniversary in the Persian calendar? A little arithmetic.

IRNIC counts terms in Persian years: twelve months after 18 Farvardin is 18 Farvardin, 365 or 366 days on. Leap years
follow the 33-year cycle, which agrees with the astronomical calendar throughout the Persian years 1200 to 1500.
"""

from datetime import date

_LEAP_REMAINDERS = (1, 5, 9, 13, 17, 22, 26, 30)
_DAYS_BEFORE_MONTH = (0, 31, 62, 93, 124, 155, 186, 216, 246, 276, 306, 336)
_NOWRUZ_1399 = date(2020, 3, 20).toordinal()


def is_leap(year: int) -> bool:
    """Tell whether Esfand of this Persian year has 30 days."""
    return year % 33 in _LEAP_REMAINDERS


def to_persian(day: date) -> tuple[int, int, int]:
    """Return the Persian (year, month, day) of a Gregorian day."""
    year = day.year - 621
    if day.toordinal() < _new_year(year):
        year -= 1
    offset = day.toordinal() - _new_year(year)
    month = max(number for number, before in enumerate(_DAYS_BEFORE_MONTH, start=1) if before <= offset)
    return year, month, offset - _DAYS_BEFORE_MONTH[month - 1] + 1


def to_gregorian(year: int, month: int, day: int) -> date:
    """Return the Gregorian day of a Persian date; raise `ValueError` for a day that the month does not have."""
    if not 1 <= month <= 12 or not 1 <= day <= _length(year, month):
        raise ValueError(f"the Persian calendar has no {year}-{month}-{day}")
    return date.fromordinal(_new_year(year) + _DAYS_BEFORE_MONTH[month - 1] + day - 1)


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` Persian months later, or that month's last day where it is shorter."""
    year, month, day_of_month = to_persian(day)
    years, month_index = divmod(month - 1 + months, 12)
    year, month = year + years, month_index + 1
    return to_gregorian(year, month, min(day_of_month, _length(year, month)))


def _new_year(year: int) -> int:
    """Return the ordinal of 1 Farvardin."""
    return _NOWRUZ_1399 + 365 * (year - 1399) + _leaps_before(year) - _leaps_before(1399)


def _leaps_before(year: int) -> int:
    cycles, remainder = divmod(year, 33)
    return cycles * len(_LEAP_REMAINDERS) + sum(1 for leap in _LEAP_REMAINDERS if leap < remainder)


def _length(year: int, month: int) -> int:
    if month <= 6:
        return 31
    return 30 if month < 12 or is_leap(year) else 29
