"""Will the money that lies at a registrar last? Its balance as it was read, against what is going to be spent there.

What comes: orders that are paid and not yet ended, and the names whose renewal falls due in the next days. A deposit
that will not last is one finding, while there is time to top it up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, func, insert, select

from registrar.commands import Kind
from registrar.costs import Costs, cost_of
from registrar.findings import close_finding, open_finding
from registrar.gateway import Deposit
from registrar.models import DepositReading, Domain, Order

LOW = "deposit_low"
_USUAL_TERM = 12
"""A renewal's term, in months, where nobody has ordered yet."""
_OPEN = ("placed", "looking", "held")
"""States of orders whose cost is not taken from the deposit yet, as far as can be known."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """A registrar's balance against what is to come; amounts in `unit`. `uncosted` are those that no price list knows."""

    registrar: str
    read_at: datetime
    balance: Decimal
    unit: str
    days: int
    waiting_orders: int
    waiting_cost: Decimal
    due_renewals: int
    renewals_cost: Decimal
    uncosted: int

    @property
    def needed(self) -> Decimal:
        """How much is going to be spent."""
        return self.waiting_cost + self.renewals_cost

    @property
    def missing(self) -> Decimal:
        """How much must be paid in for it to last; zero where it does."""
        return max(Decimal(0), self.needed - self.balance)


def record(connection: Connection, registrar: str, deposit: Deposit, *, now: datetime) -> None:
    """Keep what a registrar told; raises `ValueError` for a balance that is no number."""
    try:
        is_number = Decimal(deposit.balance).is_finite()
    except InvalidOperation:
        is_number = False
    if not is_number:
        raise ValueError(f"{registrar} tells a balance that is no number")
    connection.execute(
        insert(DepositReading).values(
            registrar=registrar, read_at=now, balance=deposit.balance, unit=deposit.unit
        )
    )


def last_reading(connection: Connection, registrar: str) -> dict[str, Any] | None:
    """Return the `balance` and `unit` that were last read, and when (`read_at`); None if they never were."""
    row = connection.execute(
        select(DepositReading.read_at, DepositReading.balance, DepositReading.unit)
        .where(DepositReading.registrar == registrar)
        .order_by(DepositReading.id.desc())
        .limit(1)
    ).first()
    return dict(row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public attribute


def forecast(
    connection: Connection, registrar: str, costs: Costs, *, days: int, now: datetime
) -> Forecast | None:
    """Compare the last reading with what is to come in the next `days`; None if the deposit was never read."""
    reading = last_reading(connection, registrar)
    if reading is None:
        return None
    waiting = [
        (count, cost_of(costs, zone, Kind(kind), months))
        for zone, kind, months, count in connection.execute(
            select(Order.zone, Order.kind, Order.months, func.count())
            .where(Order.registrar == registrar, Order.state.in_(_OPEN), Order.kind.in_(list(Kind)))
            .group_by(Order.zone, Order.kind, Order.months)
        )
    ]
    renewals = [
        (count, cost_of(costs, zone, Kind.RENEW, _USUAL_TERM))
        for zone, count in connection.execute(_due_renewals(registrar, now, now + timedelta(days=days)))
    ]
    return Forecast(
        registrar=registrar,
        read_at=reading["read_at"],
        balance=Decimal(reading["balance"]),
        unit=reading["unit"],
        days=days,
        waiting_orders=sum(count for count, _ in waiting),
        waiting_cost=_total(waiting),
        due_renewals=sum(count for count, _ in renewals),
        renewals_cost=_total(renewals),
        uncosted=sum(count for count, cost in (*waiting, *renewals) if cost is None),
    )


def warn(connection: Connection, foreseen: Forecast, *, floor: Decimal, now: datetime) -> None:
    """Open the finding of a deposit that will not last or is below the floor, or close it."""
    if foreseen.missing == 0 and foreseen.balance >= floor:
        close_finding(connection, LOW, foreseen.registrar, now=now)
        return
    missing = max(foreseen.missing, floor - foreseen.balance)
    text = (
        f"the deposit at {foreseen.registrar} holds {foreseen.balance} {foreseen.unit}; the next {foreseen.days} days "
        f"need {foreseen.needed}: {foreseen.waiting_orders} orders and {foreseen.due_renewals} renewals"
    )
    next_step = f"pay in at least {missing} {foreseen.unit}"
    open_finding(connection, LOW, foreseen.registrar, text=text, next_step=next_step, now=now)


def _due_renewals(registrar: str, now: datetime, until: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202 - SQLAlchemy's type of this is longer than the query
    ordered = select(Order.id).where(
        Order.domain == Domain.name, Order.kind == Kind.RENEW, Order.state.in_(_OPEN)
    )
    return (
        select(Domain.zone, func.count())
        .where(
            Domain.registrar == registrar,
            Domain.paid_through >= now,
            Domain.paid_through < until,
            ~ordered.exists(),
        )
        .group_by(Domain.zone)
    )


def _total(counted: list[tuple[int, Decimal | None]]) -> Decimal:
    return sum((count * cost for count, cost in counted if cost is not None), Decimal(0))
