"""How are an instant, an amount and a name written for a customer, in Persian and in English, and kept in order on a line?

Both calendars stand in every date. What runs the other way than its sentence (a name in a Persian line) is isolated by
Unicode's own marks, so that it stays whole in a mail, on a page and in a terminal (UAX 9 §2.4).
"""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal, get_currency_name
from persiantools import digits
from persiantools.jdatetime import JalaliDate

from registrar.money import MINOR_UNITS, Money

PERSIAN, ENGLISH = "fa", "en"
LANGUAGES = (PERSIAN, ENGLISH)

_LEFT_TO_RIGHT, _FIRST_STRONG, _END = "\u2066", "\u2068", "\u2069"


def left_to_right(text: str) -> str:
    """Isolate what is read from left to right in any line: an A-label, a code."""
    return f"{_LEFT_TO_RIGHT}{text}{_END}"


def isolated(text: str) -> str:
    """Isolate what may run either way: a name as it is shown, a date, an amount."""
    return f"{_FIRST_STRONG}{text}{_END}"


def spoken_day(instant: datetime, language: str, time_zone: str) -> str:
    """Write an instant's day in both calendars, the reader's own first: `22 November 2026 (1 Azar 1405)`."""
    day = instant.astimezone(ZoneInfo(time_zone)).date()
    own, other = (_jalali, _gregorian) if language == PERSIAN else (_gregorian, _jalali)
    return isolated(f"{own(day, language)} ({other(day, language)})")


def spoken_instant(instant: datetime, language: str, time_zone: str) -> str:
    """Write an instant to the minute, with the clock that it is of; a begun minute is left out, so nothing is promised in it."""
    clock = instant.astimezone(ZoneInfo(time_zone)).strftime("%H:%M")
    day, place = spoken_day(instant, language, time_zone), _place(time_zone, language)
    if language == PERSIAN:
        return f"{day} ساعت {_in_persian(clock)} به وقت {place}"
    return f"{day}, {clock} {place}"


def spoken_money(money: Money, language: str) -> str:
    """Write an amount with its currency in words: `12.50 US dollars`."""
    places = MINOR_UNITS[money.currency]
    amount = Decimal(money.amount).scaleb(-places)
    pattern = f"#,##0.{'0' * places}" if places else "#,##0"
    currency = get_currency_name(money.currency, count=amount, locale=language)
    written = str(format_decimal(amount, format=pattern, locale=language, numbering_system="default"))
    return isolated(f"{_in_persian(written) if language == PERSIAN else written} {currency}")


def _jalali(day: date, language: str) -> str:
    jalali = JalaliDate(day)  # type: ignore[no-untyped-call] # persiantools leaves its constructor untyped
    written = f"{jalali.day} {jalali.strftime('%B', locale=language)} {jalali.year}"
    return _in_persian(written) if language == PERSIAN else written


def _gregorian(day: date, language: str) -> str:
    written = str(format_date(day, "d MMMM y", locale=language))
    return _in_persian(written) if language == PERSIAN else written


def _in_persian(text: str) -> str:
    return str(digits.en_to_fa(text))


@cache
def _place(time_zone: str, language: str) -> str:
    """Name the clock by its city."""
    if time_zone == "UTC":
        return time_zone
    city = get_timezone_location(time_zone, locale=language, return_city=True)
    return str(city) if language == PERSIAN else f"{city} time"
