"""What does a late debt cost (F3)? Whole days, exact integers, rounded once at the end; posted only on request."""

from datetime import datetime

from registrar.agreement.rules import Interest, MoneyRules, Rounding
from registrar.money import Money


def whole_days(since: datetime, until: datetime) -> int:
    """Return how many whole days a debt has been open; a day that is not over does not count."""
    return max(0, (until - since).days)


def penalty(debt: Money, days: int, rules: MoneyRules) -> Money:
    """Return what a debt has grown by after so many days: 2 per mille a day is the text's 0.2 %."""
    if rules.penalty_interest is Interest.SIMPLE:
        top, bottom = debt.amount * rules.penalty_per_mille * days, 1000
    else:
        bottom = 1000**days
        top = debt.amount * ((1000 + rules.penalty_per_mille) ** days - bottom)
    return Money(_rounded(top, bottom, rules.penalty_rounding), debt.currency)


def _rounded(top: int, bottom: int, rounding: Rounding) -> int:
    match rounding:
        case Rounding.DOWN:
            return top // bottom
        case Rounding.HALF_UP:
            return (2 * top + bottom) // (2 * bottom)
        case Rounding.UP:
            return -(-top // bottom)
