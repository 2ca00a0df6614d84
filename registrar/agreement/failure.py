"""What becomes of an order's money, line by line, when it ends without delivery (D5, D6, E4, F2, O2, O10)?

| line             | it failed                                   | its customer cancelled | ended for breach |
| the name         | credited, to where it came from (D5)        | the same (O2)          | forfeited (O10)  |
| a failed renewal | the same, or `undecided` (policy of D5)     | the same               | forfeited        |
| a fee            | by the rule that it was charged by (E4)     | the same               | forfeited        |
| a service        | refundable and not delivered: repurchase, or somebody is asked; else kept (D6) | the same | forfeited |

Gift comes back as gift, or lapses; it is never anything else (F2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from registrar.agreement.rules import DependentLines, Late
from registrar.commands import RENEWALS, Kind


class Ending(StrEnum):
    """How an order came to end without delivery."""

    FAILED = "failed"
    CANCELLED = "cancelled"
    BREACH = "breach"


class LineKind(StrEnum):
    """What a line of an order is for."""

    DOMAIN = "domain"
    FEE = "fee"
    SERVICE = "service"


class Became(StrEnum):
    """What became of a line's money."""

    EARNED = "earned"
    """It was delivered with its order."""
    CREDITED = "credited"
    KEPT = "kept"
    """Ours although the order failed: delivered, or not refundable."""
    UNDECIDED = "undecided"
    """In nobody's hands until the customer, or staff, decide."""
    FORFEITED = "forfeited"


@dataclass(frozen=True, slots=True)
class Modes:
    """What was promised at placement for the case of failure; an order of before there were promises is credited in full."""

    credit_failed_renewal: bool = True
    dependent_lines: DependentLines = DependentLines.AUTO
    gift_on_failure: bool = True
    gift_expired: Late = Late.LAPSE
    gift_extension: timedelta = timedelta(0)

    @classmethod
    def of(cls, promise: Mapping[str, Any] | None) -> "Modes":
        """Read them from an order's promise."""
        if promise is None:
            return cls()
        return cls(
            credit_failed_renewal=promise["credit_failed_renewal"],
            dependent_lines=DependentLines(promise["dependent_lines"]),
            gift_on_failure=promise["gift_on_failure"],
            gift_expired=Late(promise["gift_expired"]),
            gift_extension=timedelta(days=promise["gift_extension_days"]),
        )


class Fate(NamedTuple):
    """What becomes of a line, and why, in words for the customer."""

    became: Became
    why: str


def fate_of_name(kind: Kind, ending: Ending, modes: Modes) -> Fate:
    """Say what becomes of the price of the name itself (D5, O10)."""
    if ending is Ending.BREACH:
        return _FORFEITED
    if ending is Ending.FAILED and kind in RENEWALS and not modes.credit_failed_renewal:
        return Fate(Became.UNDECIDED, "whether a failed renewal is credited is being decided")
    return Fate(Became.CREDITED, "the name was not delivered")


def fate_of_line(kind: LineKind, *, refundable: bool, delivered: bool, ending: Ending, modes: Modes) -> Fate:
    """Say what becomes of a fee or a dependent service (D6, E4, O10)."""
    if ending is Ending.BREACH:
        return _FORFEITED
    if delivered:
        return Fate(Became.KEPT, "it was delivered")
    if not refundable:
        return Fate(Became.KEPT, "it is not refundable")
    if kind is LineKind.SERVICE and modes.dependent_lines is DependentLines.ASK_CUSTOMER:
        return Fate(Became.UNDECIDED, "you decide whether it is credited or goes on")
    if kind is LineKind.SERVICE and modes.dependent_lines is DependentLines.STAFF:
        return Fate(Became.UNDECIDED, "whether it is credited is being decided")
    return Fate(Became.CREDITED, "it was not delivered")


class GiftBack(NamedTuple):
    """To which end gift comes back (None: without one); `lapses` says that it does not."""

    lapses: bool
    end: date | None


def gift_back(end: date | None, *, now: datetime, ending: Ending, modes: Modes) -> GiftBack:
    """Say how gift that was spent on an order that came to nothing comes back (F2).

    A cancellation follows the text: gift is not counted in what is given back.
    """
    if ending is not Ending.FAILED or not modes.gift_on_failure:
        return GiftBack(lapses=True, end=None)
    if end is None or now.astimezone(UTC).date() <= end:
        return GiftBack(lapses=False, end=end)
    if modes.gift_expired is Late.EXTEND:
        return GiftBack(lapses=False, end=(now + modes.gift_extension).astimezone(UTC).date())
    return GiftBack(lapses=True, end=None)


_FORFEITED = Fate(Became.FORFEITED, "the order was ended for breach")
