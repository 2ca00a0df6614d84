"""What does the agreement promise about a lapsed name, at one instant? Boundaries are inclusive, to the second (D1, D2).

── paid through ──┬── committed (7 days) ──┬── best effort (to 21 days) ──┬── impossible ──▶
              inclusive                inclusive                      inclusive
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from registrar.agreement.business_days import last_second
from registrar.agreement.rules import RenewalRules


class RenewalClass(StrEnum):
    """How far the company is bound to renew a name."""

    NOT_EXPIRED = "not_expired"
    COMMITTED = "committed"
    BEST_EFFORT = "best_effort"
    IMPOSSIBLE = "impossible"
    """No ordinary renewal; what else is possible, an inquiry tells (D3)."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The last instants of each class, all inclusive."""

    paid_through: datetime
    committed_until: datetime
    possible_until: datetime


def windows(paid_through: datetime, rules: RenewalRules) -> Windows:
    """Return the contract's limits, in UTC, for a name that is paid through an instant: a day has 24 hours in it."""
    paid_through = paid_through.astimezone(UTC)
    return Windows(paid_through, paid_through + rules.committed, paid_through + rules.possible)


def classify(paid_through: datetime, at: datetime, rules: RenewalRules) -> RenewalClass:
    """Return the class at an instant; a fraction of a second does not count, as nobody's clock is better."""
    limits, second = windows(paid_through, rules), at.astimezone(UTC).replace(microsecond=0)
    if second <= limits.paid_through:
        return RenewalClass.NOT_EXPIRED
    if second <= limits.committed_until:
        return RenewalClass.COMMITTED
    if second <= limits.possible_until:
        return RenewalClass.BEST_EFFORT
    return RenewalClass.IMPOSSIBLE


def end_of_day(day: date, rules: RenewalRules) -> datetime:
    """Return the instant for which a bare date stands: the last second of that day in the zone's time zone, in UTC (D2)."""
    return last_second(day, rules.bare_date_zone)
