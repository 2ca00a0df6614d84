"""What does the agreement promise about a lapsed name, at one instant? Boundaries are inclusive, to the second (D1, D2).

── paid through ──┬── committed (7 days) ──┬── best effort (to 21 days) ──┬── impossible ──▶
              inclusive                inclusive                      inclusive
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
    """Return the contract's limits for a name that is paid through an instant."""
    return Windows(paid_through, paid_through + rules.committed, paid_through + rules.possible)


def classify(paid_through: datetime, at: datetime, rules: RenewalRules) -> RenewalClass:
    """Return the class at an instant; a fraction of a second does not count, as nobody's clock is better."""
    limits, second = windows(paid_through, rules), at.replace(microsecond=0)
    if second <= limits.paid_through:
        return RenewalClass.NOT_EXPIRED
    if second <= limits.committed_until:
        return RenewalClass.COMMITTED
    if second <= limits.possible_until:
        return RenewalClass.BEST_EFFORT
    return RenewalClass.IMPOSSIBLE
