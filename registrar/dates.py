"""When is that? Any date that a registry writes, read once; and None for what cannot be one.

RFC 3339 is one form of many: offsets come without a colon, seconds with any number of digits, and both may be left out. A
time without an offset is in the zone of its source. A bare date is the end of that day there, its last second, so that it
stays the same date; the day that ends twice, when summer time ends at midnight, ends with the later one.

Read are years first (`2027-03-20`, `2027/03/20`, `2027. 03. 20.`, `20270320`, `2024-Apr-02`), days first (`20-Mar-2027`,
`20.03.2027`, `20/03/2027`: no registry is known that writes the month first in figures) and the month in words first
(`March 20 2027`, `Sat Mar 20 23:59:59 UTC 2027`). Year-first figures have two digits each: half a date is none.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from registrar.commands import Expiry

EARLIEST_YEAR = 1985
"""The first names of today's registries were registered in this year (symbolics.com, 15 March)."""
LATEST_YEAR = 2110
"""No term sold today ends later: .org and a few others once sold a hundred years."""

_LONGEST = 64
"""Characters of a date; nothing longer is looked at."""
_WIDEST_OFFSET = 14
"""Hours: Kiribati's."""
_LAST_SECOND = time(23, 59, 59, fold=1)
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

_WORD = "|".join(sorted({month[:length] for month in _MONTHS for length in (3, len(month))}, key=len)[::-1])
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,12})?)?"
_ZONE = (
    r"(?:(?P<utc>z(?:\[utc\])?|\(?(?:utc|gmt)\)?)"
    r"|\(?(?:utc|gmt)?(?P<offset>[+-]\d\d(?::?\d\d)?)\)?z?"
    r"|\(?(?P<named>[a-z]{3,5})\)?)"
)
_DAYS = (
    r"(?P<year>\d{4})(?P<gap>[-/.])(?P<month>\d\d)(?P=gap)(?P<day>\d\d)\.?",
    r"(?P<year>\d{4})\. (?P<month>\d\d)\. (?P<day>\d\d)\.?",
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
    rf"(?P<year>\d{{4}})-(?P<word>{_WORD})-(?P<day>\d\d)\.?",
    r"(?P<day>\d\d?)(?P<gap>[-/.])(?P<month>\d\d?)(?P=gap)(?P<year>\d{4})\.?",
    rf"(?P<day>\d\d?)(?P<gap>[-/. ])(?P<word>{_WORD})(?P=gap)(?P<year>\d{{4}})",
    rf"(?P<word>{_WORD}) (?P<day>\d\d?),? (?P<year>\d{{4}})",
)
_FORMS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        *(rf"{_WEEKDAY}{day}(?:[t ]{_CLOCK} ?(?:{_ZONE})?)?" for day in _DAYS),
        rf"{_WEEKDAY}(?P<word>{_WORD}) (?P<day>\d\d?) {_CLOCK}(?: {_ZONE})? (?P<year>\d{{4}})",
    )
)
_BARE_UTC = re.compile(r"\d{4}-\d\d-\d\dz", re.ASCII)
"""A bare date in the form of XML Schema, with its zone (`2027-03-20Z`)."""


def read_date(text: str, *, zone: tzinfo) -> Expiry | None:
    """Read a registry's date: the instant in UTC, and the text as it stood; None for what cannot be one.

    `zone` is the source's own: where its bare dates end, and its times without an offset lie.
    """
    moment = read_moment(text, zone=zone)
    return Expiry(moment.astimezone(UTC), text.strip()) if moment else None


def read_moment(text: str, *, zone: tzinfo) -> datetime | None:
    """Read a registry's date, with the offset that its source gives it; None for what cannot be one."""
    plain = " ".join(text.lower().split()) if len(text) <= _LONGEST else ""
    if _BARE_UTC.fullmatch(plain):
        plain, zone = plain.removesuffix("z"), UTC
    for form in _FORMS:
        if found := form.fullmatch(plain):
            try:
                return _moment(found.groupdict(), zone)
            except (ValueError, OverflowError):
                return None
    return None


def _moment(parts: dict[str, str | None], zone: tzinfo) -> datetime | None:
    """Put the parts together; raises `ValueError` for a day, an hour or an offset that there is not."""
    day = _day(parts)
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        return None
    if parts["hour"] is None:
        return datetime.combine(day, _LAST_SECOND, zone)
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    if (hour, minute, second) == (24, 0, 0):  # the end of a day, as ISO 8601 wrote it until 2019
        return _placed(datetime.combine(day + timedelta(days=1), time()), parts, zone)
    return _placed(datetime.combine(day, time(hour, minute, second)), parts, zone)


def _day(parts: dict[str, str | None]) -> date:
    word = parts.get("word")
    month = _month(word) if word else int(parts["month"] or 0)
    return date(int(parts["year"] or 0), month, int(parts["day"] or 0))


def _month(word: str) -> int:
    return next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(word))


def _placed(local: datetime, parts: dict[str, str | None], zone: tzinfo) -> datetime | None:
    """Give a time its offset: the one written, or the source's; None for a named zone that the source is not in then.

    A time that came twice, when the clock was put back, is the first of the two.
    """
    if parts["utc"]:
        return local.replace(tzinfo=UTC)
    if parts["offset"]:
        return local.replace(tzinfo=_offset(parts["offset"]))
    both = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    name = parts["named"]
    return next((one for one in both if name in {None, (one.tzname() or "").lower()}), None)


def _offset(text: str) -> timezone:
    hours, minutes = int(text[1:3]), int(text[3:].removeprefix(":") or 0)
    if hours > _WIDEST_OFFSET or minutes > 59:
        raise ValueError(f"{text} is no offset of any place")
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if text.startswith("-") else span)
