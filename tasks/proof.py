"""Do the registrars' own books and our ledger tell the same story, order by order? Counted from both, knowing neither.

Neither this module nor the two it stands on know ours: what an order's life is, how money moves and how a registrar is spoken to would all
be the same mistake twice. It reads two witnesses with plain SQL, the books of each registrar (table `charges`) and the
database (`orders`, `attempts`, `movements`, `accounts`, `entries`), and counts where they disagree:

    double_spent     charges beyond one that stand for an order, and charges that belong to no order
    double_credited  credits beyond one for what was paid once, or a credit beside the earning
    lost             orders whose end the books or the ledger contradict, or that ended nowhere
    forfeits         orders that were ended for breach: named, and counted against nobody

A charge *stands* unless the books give it back. It is an order's by a transaction id of one of its attempts (the one that
we sent, or where the wire carries none of ours, the one that the registrar answered with), with the same name and kind;
failing that by registrar, name and kind. Read when all is quiet: an order under way is lost.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Row

from tasks.recount import (
    MAIN_LINE,
    Money,
    forfeits,
    imbalances,
    lines_of_orders,
    money_of_orders,
    sum_by_currency,
    title,
)
from tasks.witnesses import Charge, Ledger, read_book, read_ledger

ENDS = ("completed", "refused", "held", "pending", "unresolved", "cancelled")
"""The states that are counted by name; an order in any other is in `placed` and among the lost alone."""

_CREDITED_ENDS = frozenset({"refused", "cancelled"})
_WAITING = frozenset({"held", "pending"})
_UNCHARGED = frozenset({"lock", "unlock"})
"""Kinds of order that cost nothing at their registrar. Nor does one that adopted a year which its registry had added by
itself (D4): nothing was sent for it, and a look stands for it instead of a charge."""

_IN_THE_BOOKS = {"renew_elsewhere": "renew", "change_holder": "transfer"}
"""What registrars call a kind of order that has no name of its own with them."""


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
    forfeits: tuple[str, ...] = ()
    """Each order that was ended for breach, by name: the one exception to crediting (O10)."""

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
            "forfeits": list(self.forfeits),
            "ledger_balanced": self.ledger_balanced,
        }


def prove(database_url: str, books: Mapping[str, Path]) -> Proof:
    """Compare the database at a SQLAlchemy URL with the book file of each registrar, by the registrar's name.

    Changes nothing. Raises ValueError if an order's registrar has no books here: without its witness nothing is proven.
    """
    ledger = read_ledger(database_url)
    unwitnessed = {order.registrar for order in ledger.orders} - set(books)
    if unwitnessed:
        raise ValueError(f"no books were given for {', '.join(sorted(unwitnessed))}: name their files")
    charges = [charge for name, path in books.items() for charge in read_book(name, path)]
    spent = _attribute(charges, ledger)
    money = money_of_orders(ledger)
    twice_spent = list(_spent_twice(ledger.orders, spent))
    twice_credited = list(_credited_twice(money))
    lost = list(_lost(ledger, spent, money))
    unbalanced = list(imbalances(ledger, money))
    credited = [movement for one in money.values() for movement in one.credits]
    return Proof(
        orders=_count_states(ledger.orders),
        charges=sum(not charge.is_refund for charge in charges),
        refunds=sum(charge.is_refund for charge in charges),
        credited=sum_by_currency(credited),
        credits=len(credited),
        double_spent=len(twice_spent),
        double_credited=len(twice_credited),
        lost=len(lost),
        ledger_balanced=not unbalanced,
        rows=tuple(_row(order, spent, money) for order in ledger.orders),
        faults=(*twice_spent, *twice_credited, *lost, *unbalanced),
        forfeits=tuple(forfeits(ledger)),
    )


# --- what the books say of an order ---


class _Spent(NamedTuple):
    """The books' lines, each under the order it belongs to; `nobodys` belong to none."""

    by_order: Mapping[int, list[Charge]]
    nobodys: Sequence[Charge]

    def standing(self, order_id: int) -> int:
        return sum(charge.standing for charge in self.by_order.get(order_id, ()))

    def has_stray_refund(self, order_id: int) -> bool:
        return any(charge.stray for charge in self.by_order.get(order_id, ()))


def _attribute(charges: Iterable[Charge], ledger: Ledger) -> _Spent:
    """Find each line's order: by its attempt's transaction ids, else the newest one of that name and kind."""
    orders = {order.id: order for order in ledger.orders}
    by_transaction = {
        (orders[attempt.order_id].registrar, transaction_id): attempt.order_id
        for attempt in ledger.attempts
        for transaction_id in (attempt.server_transaction_id, attempt.client_transaction_id)
    }
    by_name = {_what(order): order.id for order in ledger.orders}
    by_order, nobodys = defaultdict(list), []
    for charge in charges:
        what = (charge.registrar, charge.command, charge.name)
        order = orders.get(by_transaction.get((charge.registrar, charge.client_transaction_id), 0))
        if order is not None and what == _what(order):
            by_order[order.id].append(charge)
        elif what in by_name:
            by_order[by_name[what]].append(charge)
        else:
            nobodys.append(charge)
    return _Spent(by_order, nobodys)


def _what(order: Row[Any]) -> tuple[str, str, str]:
    """Return what an order is in the books' words: where, what, and for which name."""
    return order.registrar, _IN_THE_BOOKS.get(order.kind, order.kind), order.domain


def _spent_twice(orders: Iterable[Row[Any]], spent: _Spent) -> Iterator[str]:
    for order in orders:
        for _ in range(spent.standing(order.id) - 1):
            yield f"{title(order)} was charged again"
    for charge in spent.nobodys:
        if charge.standing:
            yield f"{charge.registrar} charged a {charge.command} of {charge.name} that no order asked for (line {charge.id})"


# --- what the ledger says of an order ---


def _credited_twice(money: Mapping[int, Money]) -> Iterator[str]:
    for order_id, of_order in money.items():
        for line, credited in of_order.credited.items():
            due = 1 if line in of_order.taken and line not in of_order.earned else 0
            for movement in credited[due:]:
                yield f"order {order_id} was credited {movement.amount} {movement.currency} that nobody owed (movement {movement.id})"


# --- both together ---


def _lost(ledger: Ledger, spent: _Spent, money: Mapping[int, Money]) -> Iterator[str]:
    lines = lines_of_orders(ledger)
    for order in ledger.orders:
        why = _why_lost(order, spent, money[order.id], lines.get(order.id, {}))
        if why:
            yield f"{title(order)} {why}"


def _why_lost(order: Row[Any], spent: _Spent, money: Money, lines: Mapping[str, Row[Any]]) -> str | None:
    """Say what contradicts the order's state, or None."""
    if spent.has_stray_refund(order.id):
        return "was given back a charge that the books do not show"
    if order.state == "completed":
        return _why_not_completed(order, spent.standing(order.id), money)
    if order.state in _CREDITED_ENDS:
        return _why_not_credited(order, spent.standing(order.id), money, lines)
    if order.state not in _WAITING:
        return f"ended nowhere: it is {order.state}"
    if money.earnings or money.credits:
        return f"is {order.state}, but its money has moved on"
    forgotten = order.turn is None if order.state == "held" else bool(order.nothing_due)
    return f"is {order.state}, and nobody will look at it again" if forgotten else None


def _why_not_completed(order: Row[Any], standing: int, money: Money) -> str | None:
    if standing == 0 and order.kind not in _UNCHARGED and not order.adopted:
        return "is completed, but no charge for it stands in the books"
    earned = all(movement.to_name == "earned" for movement in money.earnings)
    if money.taken and (set(money.earned) != set(money.taken) or money.credits or not earned):
        return "is completed, but its money was not earned"
    return None


def _why_not_credited(
    order: Row[Any], standing: int, money: Money, lines: Mapping[str, Row[Any]]
) -> str | None:
    if standing:
        return f"is {order.state}, but a charge for it stands in the books"
    for share in money.taken:
        why = _why_share_lost(order, share, money, lines)
        if why:
            return f"is {order.state}, but {why}"
    return None


def _why_share_lost(order: Row[Any], share: str, money: Money, lines: Mapping[str, Row[Any]]) -> str | None:
    """Say why a share of an order that failed is neither with its customer nor named as somewhere else, or None."""
    given = [*money.credited.get(share, ()), *money.earned.get(share, ())]
    name = share.partition(".")[0]
    ended = lines[name].ended if name in lines else None
    if ended == "undecided":
        return "an undecided line has moved on" if given else None
    back = [
        movement
        for movement in given
        if (movement.to_owner, movement.to_name) == ("customer", order.customer)
    ]
    if order.ended_reason == "for_breach":
        forfeited = any(movement.to_name == "forfeited" for movement in given)
        return None if forfeited else "its money was not forfeited"
    kept = ended == "kept" and any(movement.to_name == "earned" for movement in given)
    lapsed = ".gift" in share and any(movement.to_name == "lapsed" for movement in given)
    if (back and len(given) == 1) or kept or lapsed:
        return None
    return "its money did not go back to its customer" if name == MAIN_LINE else f"its {name} line is nowhere"


# --- counting and naming ---


def _count_states(orders: Sequence[Row[Any]]) -> dict[str, int]:
    counted = Counter(order.state for order in orders)
    return {"placed": len(orders), **{state: counted[state] for state in ENDS}}


def _row(order: Row[Any], spent: _Spent, money: Mapping[int, Money]) -> OrderRow:
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
