"""When is a customer to be told that a name's paid term ends (E2)? Counted from what was paid for, never from a registry's date.

A registry's own renewal pays nobody's year (D4): the notices follow `paid_through`, whatever the registry shows.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from registrar.agreement.expiry import windows
from registrar.agreement.rules import NoticeRules, Rules


class Planned(NamedTuple):
    """One notice of expiry: how many days from the end of the term (negative: before it), and when it is due."""

    days: int
    at: datetime


def schedule(paid_through: datetime, rules: NoticeRules) -> tuple[Planned, ...]:
    """Return all notices of a term, the earliest first, each at the hour of a day that the rules name, in UTC."""
    zone = ZoneInfo(rules.time_zone)
    last_day = paid_through.astimezone(zone).date()
    hour = time(rules.at_hour, tzinfo=zone)
    return tuple(
        Planned(days, datetime.combine(last_day + timedelta(days=days), hour).astimezone(UTC))
        for days in sorted(rules.days)
    )


def ahead(paid_through: datetime, rules: Rules, *, now: datetime) -> Sequence[Planned]:
    """Return the notices that are still to be given.

    Of those whose time has passed only the newest is, and only as long as the name can be renewed: a name that comes into
    our books late brings one mail, not five, and one that is long lost brings none.
    """
    until = windows(paid_through, rules.renewal).possible_until
    planned = [notice for notice in schedule(paid_through, rules.notices) if notice.at <= until]
    passed = [notice for notice in planned if notice.at <= now]
    return [*(passed[-1:] if now <= until else []), *planned[len(passed) :]]
