"""Do the books agree with themselves? Everything is counted again from the movements; nothing is put right here.

Plain selects on one snapshot, that know nothing of how an order is moved: what wrote the books does not check them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select
from sqlalchemy.orm import aliased

from registrar.models import Account, Entry, Movement, Order
from registrar.money import Money

ENDED_TO = {"completed": "house", "refused": "customer", "cancelled": "customer"}
"""Whose the money is once an order has ended: earned, or credited in full (D5)."""
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the books contradict: about whom or what, and how."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Total:
    """What one of the house's accounts holds, or all customers together, in one currency."""

    account: str
    balance: Money


@dataclass(frozen=True, slots=True)
class Verification:
    """What was counted, what the accounts hold, and every difference."""

    orders: int
    movements: int
    entries: int
    totals: tuple[Total, ...]
    differences: tuple[Difference, ...]

    @property
    def balanced(self) -> bool:
        """Tell whether nothing was found."""
        return not self.differences


def verify(connection: Connection) -> Verification:
    """Count the books again. `connection` must see one moment throughout (`Database.snapshot`)."""
    totals = _totals(connection)
    return Verification(
        orders=_count(connection, Order),
        movements=_count(connection, Movement),
        entries=_count(connection, Entry),
        totals=totals,
        differences=tuple(
            chain(
                _statements(connection),
                _missing_entries(connection),
                _orders(connection),
                _sums(totals),
                _orders_account(connection, totals),
            )
        ),
    )


def _count(connection: Connection, table: type[Order | Movement | Entry]) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _statements(connection: Connection) -> Iterator[Difference]:
    """Recompute every customer's statement line by line from the movements."""
    query = (
        select(
            Entry.account_id,
            Entry.sequence,
            Entry.amount,
            Entry.balance,
            Entry.movement_id,
            Movement.amount.label("moved"),
            Movement.from_account,
            Movement.to_account,
        )
        .join(Movement, Movement.id == Entry.movement_id, isouter=True)
        .order_by(Entry.account_id, Entry.sequence)
    )
    account, sequence, balance = 0, 0, 0
    for line in _rows(connection, query):
        if line.account_id != account:
            account, sequence, balance = line.account_id, 0, 0
        sequence += 1
        amount = _amount(line)
        balance += amount
        subject = f"account:{account}"
        if line.sequence != sequence:
            yield Difference(subject, f"line {sequence} is missing: after it comes line {line.sequence}")
            sequence = line.sequence
        if line.amount != amount:
            yield Difference(
                subject,
                f"line {line.sequence} says {line.amount}, movement {line.movement_id} says {amount}",
            )
        if line.balance != balance:
            yield Difference(
                subject,
                f"the balance after line {line.sequence} is {line.balance}, the movements say {balance}",
            )


def _amount(line: Row[Any]) -> int:
    """Return what the line's movement did to its account."""
    if line.to_account == line.account_id:
        return int(line.moved)
    return -int(line.moved) if line.from_account == line.account_id else 0


def _missing_entries(connection: Connection) -> Iterator[Difference]:
    """Find movements that touch a customer whose statement does not show them."""
    query = (
        select(Movement.id, Account.id.label("account"))
        .join(Account, or_(Account.id == Movement.from_account, Account.id == Movement.to_account))
        .join(Entry, and_(Entry.movement_id == Movement.id, Entry.account_id == Account.id), isouter=True)
        .where(Account.owner == "customer", Entry.account_id.is_(None))
    )
    for row in _rows(connection, query):
        yield Difference(f"account:{row.account}", f"movement {row.id} is not in the statement")


def _orders(connection: Connection) -> Iterator[Difference]:
    """Check each order's money: in once, and out once if it ended, to whom its end says."""
    first, second, source, target = (
        aliased(Movement), aliased(Movement), aliased(Account), aliased(Account)
    )  # fmt: skip
    query = (
        select(
            Order.id,
            Order.state,
            Order.customer,
            Order.price_amount,
            Order.price_currency,
            first.amount.label("taken"),
            first.currency.label("taken_currency"),
            second.amount.label("given"),
            target.owner.label("given_to"),
            target.name.label("given_name"),
            source.name.label("taken_into"),
        )
        .join(first, and_(first.order_id == Order.id, first.phase == 1), isouter=True)
        .join(second, and_(second.order_id == Order.id, second.phase == 2), isouter=True)
        .join(source, source.id == first.to_account, isouter=True)
        .join(target, target.id == second.to_account, isouter=True)
        .order_by(Order.id)
    )
    for order in _rows(connection, query):
        for text in _order_faults(order):
            yield Difference(f"order:{order.id}", f"{order.state}: {text}")


def _order_faults(order: Row[Any]) -> Iterator[str]:
    price = Money(order.price_amount, order.price_currency)
    taken = Money(order.taken or 0, order.taken_currency or order.price_currency)
    if taken != price:
        yield f"its price is {price}, but {taken} was taken into it"
    if order.taken is not None and order.taken_into != "orders":
        yield f"its money was put into {order.taken_into!r}"
    if order.state not in ENDED_TO:
        if order.given is not None:
            yield "it has not ended, but its money has left it"
        return
    if order.given is None:
        if price.amount:
            yield f"it has ended, but its {price} was neither earned nor credited"
        return
    if order.given != order.taken:
        yield f"{taken} went in, {order.given} came out"
    owed_to = ("house", "earned") if ENDED_TO[order.state] == "house" else ("customer", order.customer)
    if (order.given_to, order.given_name) != owed_to:
        yield f"its money went to {order.given_to} {order.given_name!r} instead of {owed_to[0]} {owed_to[1]!r}"


def _totals(connection: Connection) -> tuple[Total, ...]:
    """Return what the house's accounts hold by the movements, and the customers by their statements."""
    house: dict[tuple[str, str], int] = {}
    for account, sign in ((Movement.to_account, 1), (Movement.from_account, -1)):
        query = (
            select(Account.name, Account.currency, func.sum(Movement.amount))
            .join(Movement, account == Account.id)
            .where(Account.owner == "house")
            .group_by(Account.name, Account.currency)
        )
        for name, currency, amount in connection.execute(query):
            house[name, currency] = house.get((name, currency), 0) + sign * int(amount)
    newest = select(func.max(Entry.sequence)).where(Entry.account_id == Account.id)
    last = newest.correlate(Account).scalar_subquery()
    customers = (
        select(Account.currency, func.sum(Entry.balance))
        .join(Entry, and_(Entry.account_id == Account.id, Entry.sequence == last))
        .group_by(Account.currency)
    )
    for currency, amount in connection.execute(customers):
        house["customers", currency] = int(amount)
    return tuple(Total(name, Money(amount, currency)) for (name, currency), amount in sorted(house.items()))


def _sums(totals: tuple[Total, ...]) -> Iterator[Difference]:
    """Check that no money came from nowhere: all balances of a currency sum to nothing."""
    for currency in sorted({total.balance.currency for total in totals}):
        held = sum(total.balance.amount for total in totals if total.balance.currency == currency)
        if held:
            yield Difference(
                f"currency:{currency}", f"all balances together are {Money(held, currency)}, not 0"
            )


def _orders_account(connection: Connection, totals: tuple[Total, ...]) -> Iterator[Difference]:
    """Check that what lies in the orders' account is what the orders that have not ended are worth."""
    query = (
        select(Order.price_currency, func.sum(Order.price_amount))
        .where(Order.state.not_in(ENDED_TO))
        .group_by(Order.price_currency)
    )
    owed = {currency: int(amount) for currency, amount in connection.execute(query)}
    held = {total.balance.currency: total.balance.amount for total in totals if total.account == "orders"}
    for currency in sorted(owed.keys() | held.keys()):
        there, due = Money(held.get(currency, 0), currency), Money(owed.get(currency, 0), currency)
        if there != due:
            yield Difference(
                "account:orders", f"it holds {there}, the orders that have not ended are worth {due}"
            )


def _rows(connection: Connection, query: Any) -> Iterator[Row[Any]]:
    """Read a long result in parts, so that it need not fit into memory."""
    yield from connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})
