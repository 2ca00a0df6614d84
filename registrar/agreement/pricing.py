"""What does an order cost by the tariff, and which fees come on top? In the currency in which the zone is sold (E4, E6)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from registrar.agreement.expiry import RenewalClass, classify
from registrar.agreement.rules import AfterGap, FeeRule, Rules
from registrar.commands import RENEWALS, Kind
from registrar.money import Money

Tariff = Mapping[Kind, Mapping[int, Money]]
"""What a zone's orders cost, by kind and by term in months. What is not listed has no price here: the portal says it."""


def tariff_price(
    tariff: Tariff, kind: Kind, months: int, *, paid_through: datetime | None, at: datetime, rules: Rules
) -> Money | None:
    """Return the current price of an order, or None where no tariff says one (O4).

    A renewal after an interruption costs what the rules say that it does: as a renewal, or as a first purchase, which is
    a registration for the same term (E6).
    """
    return tariff.get(priced_as(kind, paid_through=paid_through, at=at, rules=rules), {}).get(months)


def priced_as(kind: Kind, *, paid_through: datetime | None, at: datetime, rules: Rules) -> Kind:
    """Return the kind in the tariff at which an order is reckoned (E6)."""
    lapsed = (
        kind in RENEWALS
        and paid_through is not None
        and classify(paid_through, at, rules.renewal) is not RenewalClass.NOT_EXPIRED
    )
    first_again = lapsed and rules.renewal.after_gap_price is AfterGap.FIRST_PURCHASE
    return Kind.REGISTER if first_again else kind


def sum_of(price: Money | None, fees: Sequence[FeeRule]) -> Money | None:
    """Return price and fees together, or None where the price is not known.

    Raises `MoneyError` for a fee in another currency: rules and tariff do not belong together then.
    """
    if price is None:
        return None
    return sum((fee.amount for fee in fees), start=price)
