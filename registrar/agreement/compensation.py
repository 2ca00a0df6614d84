"""How much can damages for an order come to at most (F4)? Its cost, less what was delivered, time used, and work.

The credit of an order that failed is apart from this: it is full, and never so reduced (D5).
"""

from dataclasses import dataclass
from datetime import datetime

from registrar.money import Money


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How the most that can be paid is reckoned; every part is in the order's currency."""

    paid: Money
    """What was paid for it in money: gift is not counted in what is given back (F2)."""
    delivered: Money
    """The services beside the name that were delivered, or kept."""
    used: Money
    """The part of the name's price for the time that is over."""
    work: Money
    """Its fees: technical and administrative work."""
    returned: Money
    """What went back already, waits for a decision, or was taken back by the customer's bank and is owed."""

    @property
    def most(self) -> Money:
        """The most that can be paid now."""
        rest = self.paid - self.delivered - self.used - self.work - self.returned
        return rest if rest.amount > 0 else Money(0, rest.currency)


def time_used(price: Money, start: datetime, end: datetime, now: datetime) -> Money:
    """Return the part of a term's price for the time that is over, to the second; a fraction of a unit is used up."""
    term = int((end - start).total_seconds())
    over = min(max(0, int((now - start).total_seconds())), term)
    used = price.amount if term <= 0 else -(-price.amount * over // term)
    return Money(used, price.currency)
