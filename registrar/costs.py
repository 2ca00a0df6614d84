"""What should an order cost us at its registrar? A price list that the company keeps, in each registrar's own unit."""

from collections.abc import Mapping
from decimal import Decimal

from registrar.commands import Kind

Costs = Mapping[str, Mapping[Kind, Mapping[int, Decimal]]]
"""By zone, kind and months: how much of the registrar's unit an order costs."""


def cost_of(costs: Costs, zone: str, kind: Kind, months: int) -> Decimal | None:
    """Return what one order should cost, or None where the list does not say."""
    return costs.get(zone, {}).get(kind, {}).get(months)
