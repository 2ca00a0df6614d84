"""Do the books agree with themselves? Everything is counted again from the movements; nothing is put right here.

Plain selects on one snapshot, that know nothing of how an order is moved: what wrote the books does not check them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, Subquery, and_, func, or_, select, union_all
from sqlalchemy.orm import aliased

from registrar.models import Account, Debt, Entry, Movement, Order, OrderLine
from registrar.money import Money

ENDED_TO = ("completed", "refused", "cancelled")
"""The states of an order that has ended: its money is earned, with its customer, or named as kept (D5, D6)."""
MAIN_LINE = "domain"
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
                _shares(connection),
                _leftovers(connection),
                _debts(connection, totals),
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
    """Check each order's money: its price and its lines went in once, and each share out once if it ended."""
    taken, lines = _taken(), _cost_of_lines()
    query = (
        select(
            Order.id,
            Order.state,
            Order.price_amount,
            Order.price_currency,
            func.coalesce(taken.c.amount, 0).label("taken"),
            func.coalesce(lines.c.amount, 0).label("lines"),
        )
        .join(taken, taken.c.order_id == Order.id, isouter=True)
        .join(lines, lines.c.order_id == Order.id, isouter=True)
        .order_by(Order.id)
    )
    for order in _rows(connection, query):
        price = Money(order.price_amount + int(order.lines), order.price_currency)
        went_in = Money(int(order.taken), order.price_currency)
        if went_in != price:
            yield Difference(
                f"order:{order.id}", f"{order.state}: its price is {price}, but {went_in} was taken into it"
            )


def _taken() -> Subquery:
    """Return what phase 1 took into each order."""
    return (
        select(
            Movement.order_id,
            func.sum(Movement.amount).label("amount"),
        )
        .where(Movement.phase == 1)
        .group_by(Movement.order_id)
        .subquery()
    )


def _cost_of_lines() -> Subquery:
    """Return what the lines beside the name come to, by order."""
    return (
        select(OrderLine.order_id, func.sum(OrderLine.amount).label("amount"))
        .where(OrderLine.line != MAIN_LINE)
        .group_by(OrderLine.order_id)
        .subquery()
    )


def _shares(connection: Connection) -> Iterator[Difference]:
    """Check where each share of an order's money lies: in the order while it is open, then where its end says."""
    first, second, source, target = (
        aliased(Movement), aliased(Movement), aliased(Account), aliased(Account)
    )  # fmt: skip
    query = (
        select(
            Order.id,
            Order.state,
            Order.customer,
            Order.ended_reason,
            first.line.label("line"),
            first.amount.label("taken"),
            first.currency,
            source.name.label("taken_into"),
            second.amount.label("given"),
            target.owner.label("given_to"),
            target.name.label("given_name"),
            OrderLine.ended.label("line_ended"),
        )
        .join(first, and_(first.order_id == Order.id, first.phase == 1))
        .join(
            second,
            and_(second.order_id == Order.id, second.phase == 2, second.line == first.line),
            isouter=True,
        )
        .join(
            OrderLine,
            and_(
                OrderLine.order_id == Order.id,
                or_(OrderLine.line == first.line, first.line.startswith(OrderLine.line + ".")),
            ),
            isouter=True,
        )
        .join(source, source.id == first.to_account)
        .join(target, target.id == second.to_account, isouter=True)
        .order_by(Order.id, first.id)
    )
    for share in _rows(connection, query):
        for text in _share_faults(share):
            yield Difference(f"order:{share.id}", f"{share.state}: {text}")


def _share_faults(share: Row[Any]) -> Iterator[str]:
    taken = Money(share.taken, share.currency)
    if share.taken_into != "orders":
        yield f"its money was put into {share.taken_into!r}"
    if share.state not in ENDED_TO:
        if share.given is not None:
            yield "it has not ended, but its money has left it"
        return
    if share.given is None:
        if share.line_ended != "undecided":
            yield f"it has ended, but its {taken} was neither earned nor credited"
        return
    if share.given != share.taken:
        yield f"{taken} went in, {share.given} came out"
    ways = _ways_out(share)
    if (share.given_to, share.given_name) not in ways:
        (owner, name), *_ = ways
        yield f"its money went to {share.given_to} {share.given_name!r} instead of {owner} {name!r}"


def _ways_out(share: Row[Any]) -> list[tuple[str, str]]:
    """Return where a share of an ended order may lie, the first way first (D5, D6, F2, O10)."""
    if share.state == "completed":
        return [("house", "earned")]
    if share.ended_reason == "for_breach":
        return [("house", "forfeited")]
    if share.line_ended == "kept":
        return [("house", "earned")]
    lapsed = [("house", "lapsed")] if ".gift" in share.line else []
    return [("customer", share.customer), *lapsed]


def _leftovers(connection: Connection) -> Iterator[Difference]:
    """Find money that left an order without having been taken into it."""
    first, second = aliased(Movement), aliased(Movement)
    query = (
        select(second.order_id, second.line)
        .join(
            first,
            and_(first.order_id == second.order_id, first.line == second.line, first.phase == 1),
            isouter=True,
        )
        .where(second.phase == 2, first.id.is_(None))
    )
    for row in _rows(connection, query):
        yield Difference(f"order:{row.order_id}", f"its {row.line} line left it, and was never taken into it")


def _debts(connection: Connection, totals: tuple[Total, ...]) -> Iterator[Difference]:
    """Check that the account `owed` is what all open debts come to, with the sign turned (F7)."""
    query = (
        select(Debt.currency, func.sum(Debt.amount)).where(Debt.settled_at.is_(None)).group_by(Debt.currency)
    )
    open_debts = {currency: int(amount) for currency, amount in connection.execute(query)}
    held = {total.balance.currency: -total.balance.amount for total in totals if total.account == "owed"}
    for currency in sorted(open_debts.keys() | held.keys()):
        booked, owed = Money(held.get(currency, 0), currency), Money(open_debts.get(currency, 0), currency)
        if booked != owed:
            yield Difference("account:owed", f"{booked} is booked as owed, open debts come to {owed}")


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
    """Check that what lies in the orders' account is what open orders and undecided lines are worth."""
    is_open = Order.state.not_in(ENDED_TO)
    name = and_(OrderLine.line == MAIN_LINE, OrderLine.ended == "undecided")
    beside = and_(OrderLine.line != MAIN_LINE, or_(is_open, OrderLine.ended == "undecided"))
    worth = union_all(
        select(Order.price_currency.label("currency"), Order.price_amount.label("amount")).where(is_open),
        select(Order.price_currency, OrderLine.amount)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(or_(name, beside)),
    ).subquery()
    query = select(worth.c.currency, func.sum(worth.c.amount)).group_by(worth.c.currency)
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
