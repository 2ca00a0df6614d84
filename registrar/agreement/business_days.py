"""When does a deadline end that is counted in business days (D9)? With the last second of the last of them.

The day on which it begins is not counted. Weekends, holidays and the time zone in which a day begins are the calendar's.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from registrar.agreement.rules import Calendar

_DAY = timedelta(days=1)


def add(start: datetime, days: int, calendar: Calendar) -> datetime:
    """Return the last second, in UTC, of the business day that is so many after the day of `start`.

    No days at all is the end of that day itself, whichever it is.
    """
    day = start.astimezone(ZoneInfo(calendar.time_zone)).date()
    left = days
    while left > 0:
        day += _DAY
        left -= is_business_day(day, calendar)
    return last_second(day, calendar.time_zone)


def is_business_day(day: date, calendar: Calendar) -> bool:
    """Tell whether the office works on a day."""
    return day.weekday() not in calendar.weekend and day not in calendar.holidays


def last_second(day: date, time_zone: str) -> datetime:
    """Return the last second of a day in a time zone, in UTC: the one before the next day begins, however long it is."""
    next_day = datetime.combine(day + _DAY, time.min, ZoneInfo(time_zone))
    return next_day.astimezone(UTC) - timedelta(seconds=1)
