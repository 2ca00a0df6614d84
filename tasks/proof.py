"""Do the registrars' own books and our ledger tell the same story, order by order? Counted from both, knowing neither.

This module imports nothing of ours: what an order's life is, how money moves and how a registrar is spoken to would all
be the same mistake twice. It reads two witnesses with plain SQL, the books of each registrar (tables `charges`) and the
database (`orders`, `attempts`, `movements`, `accounts`, `entries`), and counts where they disagree:

    double_spent     charges beyond one that stand for an order, and charges that belong to no order
    double_credited  credits beyond one for what was paid once, or a credit beside the earning
    lost             orders whose end the books or the ledger contradict, or that ended nowhere

A charge *stands* unless the books give it back. It is an order's by the transaction id of one of its attempts, with the
same name and kind; failing that by registrar, name and kind. Read when all is quiet: an order under way is lost.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, NullPool, Row, create_engine, text

ENDS = ("completed", "refused", "held", "pending", "unresolved", "cancelled")
"""The states that are counted by name; an order in any other is in `placed` and among the lost alone."""

_CREDITED_ENDS = frozenset({"refused", "cancelled"})
_WAITING = frozenset({"held", "pending"})

_ORDERS = """
    SELECT id, key, customer, kind, domain, registrar, state, price_amount, price_currency, turn,
           due_at IS NULL AS nothing_due
    FROM orders ORDER BY id"""
_ATTEMPTS = "SELECT order_id, client_transaction_id FROM attempts ORDER BY id"
_MOVEMENTS = """
    SELECT m.id, m.order_id, m.line, m.phase, m.amount, m.currency, m.from_account, m.to_account,
           source.currency AS from_currency, source.owner AS from_owner,
           target.currency AS to_currency, target.owner AS to_owner, target.name AS to_name
    FROM movements m
    LEFT JOIN accounts source ON source.id = m.from_account
    LEFT JOIN accounts target ON target.id = m.to_account
    ORDER BY m.id"""
_ENTRIES = (
    "SELECT account_id, sequence, movement_id, amount, balance FROM entries ORDER BY account_id, sequence"
)
_CHARGES = "SELECT id, client_transaction_id, command, name, amount, refund_of FROM charges ORDER BY id"


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in both witnesses' words: how many charges stand for it, and what was credited (minor units)."""

    order_id: int
    key: str
    kind: str
    domain: str
    registrar: str
    state: str
    charges: int
    credited: int
    currency: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What the comparison came to. `faults` says in words each thing that is counted against us."""

    orders: Mapping[str, int]
    """`placed` is all that were accepted; then how many stand in each of `ENDS`."""
    charges: int
    """Lines of the books that take money; `refunds` are those that give it back."""
    refunds: int
    credited: Mapping[str, int]
    """Credited to customers, by currency, in minor units; `credits` says how often."""
    credits: int
    double_spent: int
    double_credited: int
    lost: int
    ledger_balanced: bool
    rows: tuple[OrderRow, ...] = field(repr=False)
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Tell whether nothing was spent twice, credited twice or lost, and the ledger balances."""
        return self.ledger_balanced and not (self.double_spent or self.double_credited or self.lost)

    def as_json(self) -> dict[str, Any]:
        """Return the figures that a machine reads; the words are in `faults`, the orders in `rows`."""
        return {
            "orders": dict(self.orders),
            "charges": self.charges,
            "credited": {"count": self.credits, "amount": dict(self.credited)},
            "double_spent": self.double_spent,
            "double_credited": self.double_credited,
            "lost": self.lost,
            "ledger_balanced": self.ledger_balanced,
        }


def prove(database_url: str, books: Mapping[str, Path]) -> Proof:
    """Compare the database at a SQLAlchemy URL with the book file of each registrar, by the registrar's name.

    Changes nothing. Raises ValueError if an order's registrar has no books here: without its witness nothing is proven.
    """
    ledger = _read_ledger(database_url)
    unwitnessed = {order.registrar for order in ledger.orders} - set(books)
    if unwitnessed:
        raise ValueError(f"no books were given for {', '.join(sorted(unwitnessed))}: name their files")
    charges = [charge for name, path in books.items() for charge in _read_book(name, path)]
    spent = _attribute(charges, ledger)
    money = _money_of_orders(ledger)
    twice_spent = list(_spent_twice(ledger.orders, spent))
    twice_credited = list(_credited_twice(money))
    lost = list(_lost(ledger.orders, spent, money))
    unbalanced = list(_imbalances(ledger, money))
    credited = [movement for one in money.values() for movement in one.credits]
    return Proof(
        orders=_count_states(ledger.orders),
        charges=sum(not charge.is_refund for charge in charges),
        refunds=sum(charge.is_refund for charge in charges),
        credited=_sum_by_currency(credited),
        credits=len(credited),
        double_spent=len(twice_spent),
        double_credited=len(twice_credited),
        lost=len(lost),
        ledger_balanced=not unbalanced,
        rows=tuple(_row(order, spent, money) for order in ledger.orders),
        faults=(*twice_spent, *twice_credited, *lost, *unbalanced),
    )


# --- the two witnesses ---


class _Ledger(NamedTuple):
    """The database's tables at one instant."""

    orders: Sequence[Row[Any]]
    attempts: Sequence[Row[Any]]
    movements: Sequence[Row[Any]]
    entries: Sequence[Row[Any]]


class _Charge(NamedTuple):
    """A line of a registrar's books; `standing` is false for a refund and for what one gave back."""

    registrar: str
    id: int
    client_transaction_id: str
    command: str
    name: str
    is_refund: bool
    standing: bool
    stray: bool
    """A refund of a charge that the books do not show."""


def _read_ledger(url: str) -> _Ledger:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        _freeze(connection)
        return _Ledger(
            *(connection.execute(text(query)).all() for query in (_ORDERS, _ATTEMPTS, _MOVEMENTS, _ENTRIES))
        )


def _freeze(connection: Connection) -> None:
    """Let all that is read in this transaction be of one instant."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")  # Python's driver begins none for reading
    else:
        connection.execution_options(isolation_level="REPEATABLE READ")


def _read_book(registrar: str, path: Path) -> list[_Charge]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        lines = connection.execute(_CHARGES).fetchall()
    known = {line[0] for line in lines}
    given_back: Counter[int] = Counter()
    for _, _, _, _, amount, refund_of in lines:
        if refund_of is not None:
            given_back[refund_of] -= amount
    return [_charge(registrar, line, known, given_back) for line in lines]


def _charge(registrar: str, line: tuple[Any, ...], known: set[int], given_back: Mapping[int, int]) -> _Charge:
    number, transaction_id, command, name, amount, refund_of = line
    is_refund = amount < 0 or refund_of is not None
    refunded = number in given_back and given_back[number] >= amount
    return _Charge(
        registrar,
        number,
        transaction_id,
        command,
        name,
        is_refund=is_refund,
        standing=not is_refund and not refunded,
        stray=is_refund and refund_of not in known,
    )


# --- what the books say of an order ---


class _Spent(NamedTuple):
    """The books' lines, each under the order it belongs to; `nobodys` belong to none."""

    by_order: Mapping[int, list[_Charge]]
    nobodys: Sequence[_Charge]

    def standing(self, order_id: int) -> int:
        return sum(charge.standing for charge in self.by_order.get(order_id, ()))

    def has_stray_refund(self, order_id: int) -> bool:
        return any(charge.stray for charge in self.by_order.get(order_id, ()))


def _attribute(charges: Iterable[_Charge], ledger: _Ledger) -> _Spent:
    """Find each line's order: by its attempt's transaction id, else the newest one of that name and kind."""
    orders = {order.id: order for order in ledger.orders}
    by_transaction = {attempt.client_transaction_id: attempt.order_id for attempt in ledger.attempts}
    by_name = {_what(order.registrar, order.kind, order.domain): order.id for order in ledger.orders}
    by_order, nobodys = defaultdict(list), []
    for charge in charges:
        what = _what(charge.registrar, charge.command, charge.name)
        order = orders.get(by_transaction.get(charge.client_transaction_id, 0))
        if order is not None and what == _what(order.registrar, order.kind, order.domain):
            by_order[order.id].append(charge)
        elif what in by_name:
            by_order[by_name[what]].append(charge)
        else:
            nobodys.append(charge)
    return _Spent(by_order, nobodys)


def _what(registrar: str, kind: str, name: str) -> tuple[str, str, str]:
    return registrar, kind, name


def _spent_twice(orders: Iterable[Row[Any]], spent: _Spent) -> Iterator[str]:
    for order in orders:
        for _ in range(spent.standing(order.id) - 1):
            yield f"{_title(order)} was charged once more than once"
    for charge in spent.nobodys:
        if charge.standing:
            yield f"{charge.registrar} charged a {charge.command} of {charge.name} that no order asked for (line {charge.id})"


# --- what the ledger says of an order ---


@dataclass(slots=True)
class _Money:
    """An order's movements, by line: taken in phase 1, then earned or credited in phase 2."""

    taken: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))
    earned: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))
    credited: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def lines(self) -> set[str]:
        return {*self.taken, *self.earned, *self.credited}

    @property
    def credits(self) -> list[Row[Any]]:
        return _flat(self.credited)

    @property
    def earnings(self) -> list[Row[Any]]:
        return _flat(self.earned)


def _money_of_orders(ledger: _Ledger) -> Mapping[int, _Money]:
    money: dict[int, _Money] = {order.id: _Money() for order in ledger.orders}
    for movement in ledger.movements:
        if movement.order_id is None:
            continue
        of_order = money.setdefault(movement.order_id, _Money())
        to_customer = movement.to_owner == "customer"
        phase_two = of_order.credited if to_customer else of_order.earned
        (of_order.taken if movement.phase == 1 else phase_two)[movement.line].append(movement)
    return money


def _credited_twice(money: Mapping[int, _Money]) -> Iterator[str]:
    for order_id, of_order in money.items():
        for line, credited in of_order.credited.items():
            due = 1 if line in of_order.taken and line not in of_order.earned else 0
            for movement in credited[due:]:
                yield f"order {order_id} was credited {movement.amount} {movement.currency} that nobody owed (movement {movement.id})"


# --- both together ---


def _lost(orders: Iterable[Row[Any]], spent: _Spent, money: Mapping[int, _Money]) -> Iterator[str]:
    for order in orders:
        why = _why_lost(order, spent, money[order.id])
        if why:
            yield f"{_title(order)} {why}"


def _why_lost(order: Row[Any], spent: _Spent, money: _Money) -> str | None:
    """Say what contradicts the order's state, or None."""
    if spent.has_stray_refund(order.id):
        return "was given back a charge that the books do not show"
    if order.state == "completed":
        return _why_not_completed(order, spent.standing(order.id), money)
    if order.state in _CREDITED_ENDS:
        return _why_not_credited(order, spent.standing(order.id), money)
    if order.state not in _WAITING:
        return f"ended nowhere: it is {order.state}"
    if money.earnings or money.credits:
        return f"is {order.state}, but its money has moved on"
    forgotten = order.turn is None if order.state == "held" else bool(order.nothing_due)
    return f"is {order.state}, and nobody will look at it again" if forgotten else None


def _why_not_completed(order: Row[Any], standing: int, money: _Money) -> str | None:
    if standing == 0:
        return "is completed, but no charge for it stands in the books"
    if order.price_amount and (not money.earnings or money.credits):
        return "is completed, but its money was not earned"
    return None


def _why_not_credited(order: Row[Any], standing: int, money: _Money) -> str | None:
    if standing:
        return f"is {order.state}, but a charge for it stands in the books"
    back_to_him = any(movement.to_name == order.customer for movement in money.credits)
    if order.price_amount and (money.earnings or not back_to_him):
        return f"is {order.state}, but its money did not go back to its customer"
    return None


# --- the ledger by itself ---


def _imbalances(ledger: _Ledger, money: Mapping[int, _Money]) -> Iterator[str]:
    """Recompute the ledger from its movements, and say where it does not add up."""
    for movement in ledger.movements:
        yield from _movement_faults(movement)
    for order in ledger.orders:
        yield from _phase_faults(order, money[order.id])
    known = {order.id for order in ledger.orders}
    yield from (f"movements name an order {order_id} that is not there" for order_id in set(money) - known)
    yield from _entry_faults(ledger)


def _movement_faults(movement: Row[Any]) -> Iterator[str]:
    sound = (
        movement.amount > 0
        and movement.from_account != movement.to_account
        and movement.from_currency == movement.to_currency == movement.currency
    )
    if not sound:
        yield f"movement {movement.id} is not an amount that leaves one account and reaches another"


def _phase_faults(order: Row[Any], money: _Money) -> Iterator[str]:
    """Check that phase 1 took the price, and phase 2 nothing else than what phase 1 took, line by line."""
    if _sum_by_currency(_flat(money.taken)) != _price(order):
        yield f"{_title(order)} costs {order.price_amount} {order.price_currency}, but phase 1 took something else"
    for line in sorted(money.lines):
        after = [*money.earned.get(line, ()), *money.credited.get(line, ())]
        if after and not _continues(money.taken.get(line, []), after):
            yield f"{_title(order)}: phase 2 of its {line} line is not what phase 1 took"


def _price(order: Row[Any]) -> dict[str, int]:
    """Return what phase 1 must have taken; an order that costs nothing moves nothing."""
    return {order.price_currency: order.price_amount} if order.price_amount else {}


def _continues(taken: Sequence[Row[Any]], after: Sequence[Row[Any]]) -> bool:
    start = [(movement.to_account, movement.amount, movement.currency) for movement in taken]
    return start == [(movement.from_account, movement.amount, movement.currency) for movement in after]


def _entry_faults(ledger: _Ledger) -> Iterator[str]:
    """Write every customer's statement anew from the movements, and compare."""
    expected: list[tuple[int, int, int, int, int]] = []
    balances: Counter[int] = Counter()
    sequences: Counter[int] = Counter()
    for movement in ledger.movements:
        sides = (
            (movement.from_account, movement.from_owner, -movement.amount),
            (movement.to_account, movement.to_owner, movement.amount),
        )
        for account, _, amount in (side for side in sides if side[1] == "customer"):
            sequences[account] += 1
            balances[account] += amount
            if balances[account] < 0:
                yield f"account {account} goes below zero at movement {movement.id}"
            expected.append((account, sequences[account], movement.id, amount, balances[account]))
    written = {tuple(entry) for entry in ledger.entries}
    for account, sequence, *_ in sorted(written.symmetric_difference(expected)):
        yield f"line {sequence} of account {account}'s statement is not what its movements come to"


# --- counting and naming ---


def _count_states(orders: Sequence[Row[Any]]) -> dict[str, int]:
    counted = Counter(order.state for order in orders)
    return {"placed": len(orders), **{state: counted[state] for state in ENDS}}


def _sum_by_currency(movements: Iterable[Row[Any]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for movement in movements:
        sums[movement.currency] += movement.amount
    return dict(sorted(sums.items()))


def _flat(by_line: Mapping[str, list[Row[Any]]]) -> list[Row[Any]]:
    return [movement for movements in by_line.values() for movement in movements]


def _row(order: Row[Any], spent: _Spent, money: Mapping[int, _Money]) -> OrderRow:
    return OrderRow(
        order_id=order.id,
        key=order.key,
        kind=order.kind,
        domain=order.domain,
        registrar=order.registrar,
        state=order.state,
        charges=spent.standing(order.id),
        credited=sum(movement.amount for movement in money[order.id].credits),
        currency=order.price_currency,
    )


def _title(order: Row[Any]) -> str:
    return f"order {order.id} ({order.kind} {order.domain})"
