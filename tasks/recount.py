"""Does the ledger add up, recomputed from its movements alone? Where it does not, it is said in words.

Knows the tables and no order's life. An order's money goes in two phases: phase 1 takes its price and its lines in, in
shares (a line, or `<line>.<bucket>`), phase 2 gives each share on: earned, credited to a customer, kept, lapsed or
forfeited. Gift is never anything but gift; what comes back for an order in money is never more than was paid in money.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from tasks.witnesses import Ledger

MAIN_LINE = "domain"
_SECOND = 2


@dataclass(slots=True)
class Money:
    """An order's movements, by line: taken in phase 1, then earned or credited in phase 2."""

    taken: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))
    earned: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))
    credited: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def lines(self) -> set[str]:
        """Every line that anything was moved for."""
        return {*self.taken, *self.earned, *self.credited}

    @property
    def credits(self) -> list[Row[Any]]:
        """What went to a customer in phase 2."""
        return _flat(self.credited)

    @property
    def earnings(self) -> list[Row[Any]]:
        """What went anywhere else in phase 2."""
        return _flat(self.earned)


def money_of_orders(ledger: Ledger) -> Mapping[int, Money]:
    """Sort the movements by order; every order is there, also one that nothing was moved for."""
    money: dict[int, Money] = {order.id: Money() for order in ledger.orders}
    for movement in ledger.movements:
        if movement.order_id is None:
            continue
        of_order = money.setdefault(movement.order_id, Money())
        to_customer = movement.to_owner == "customer"
        phase_two = of_order.credited if to_customer else of_order.earned
        (of_order.taken if movement.phase == 1 else phase_two)[movement.line].append(movement)
    return money


def imbalances(ledger: Ledger, money: Mapping[int, Money]) -> Iterator[str]:
    """Recompute the ledger from its movements, and say where it does not add up."""
    for movement in ledger.movements:
        yield from _movement_faults(movement)
    lines = lines_of_orders(ledger)
    for order in ledger.orders:
        yield from _phase_faults(order, money[order.id], lines.get(order.id, {}))
    yield from _gift_faults(ledger)
    yield from _compensation_faults(ledger)
    yield from _debt_faults(ledger)
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


def lines_of_orders(ledger: Ledger) -> Mapping[int, Mapping[str, Row[Any]]]:
    """Sort the lines beside the names by order."""
    lines: dict[int, dict[str, Row[Any]]] = defaultdict(dict)
    for line in ledger.lines:
        lines[line.order_id][line.line] = line
    return lines


def forfeits(ledger: Ledger) -> Iterator[str]:
    """Name each order whose money was forfeited: the one exception to crediting."""
    forfeited: Counter[tuple[int, str]] = Counter()
    for movement in ledger.movements:
        if movement.phase == _SECOND and movement.to_name == "forfeited":
            forfeited[movement.order_id, movement.currency] += movement.amount
    orders = {order.id: order for order in ledger.orders}
    for (order_id, currency), amount in sorted(forfeited.items()):
        yield f"{title(orders[order_id])} was ended for breach: {amount} {currency} forfeited"


def _is_gift(owner: str, bucket: str) -> bool:
    return owner == "customer" and bucket.startswith("gift")


def _gift_faults(ledger: Ledger) -> Iterator[str]:
    """Check that gift stayed gift: it came from where gift comes from, and went where gift goes."""
    shares_of_gift = {
        (movement.order_id, movement.line)
        for movement in ledger.movements
        if movement.phase == 1 and _is_gift(movement.from_owner, movement.from_bucket)
    }
    for movement in ledger.movements:
        to_gift = _is_gift(movement.to_owner, movement.to_bucket)
        was_gift = _is_gift(movement.from_owner, movement.from_bucket) or (
            movement.phase == _SECOND and (movement.order_id, movement.line) in shares_of_gift
        )
        given = movement.from_owner == "house" and movement.from_name in {"gifts", "lapsed"}
        to_house = movement.to_owner == "house" and movement.to_name != "outside"
        if (was_gift or given) and not (to_gift or (was_gift and to_house)):
            yield f"movement {movement.id} turns gift into something else"
        if to_gift and not (was_gift or given):
            yield f"movement {movement.id} turns something else into gift"


def _compensation_faults(ledger: Ledger) -> Iterator[str]:
    """Check that nothing came back for an order in money beyond what was paid for it in money."""
    paid: Counter[int] = Counter()
    back: Counter[int] = Counter()
    for movement in ledger.movements:
        sign = {"compensation": 1, "compensation_reversed": -1}.get(movement.kind, 0)
        if sign:
            back[movement.about_order_id] += sign * movement.amount
        elif movement.phase == 1 and not _is_gift(movement.from_owner, movement.from_bucket):
            paid[movement.order_id] += movement.amount
        elif movement.phase == _SECOND and movement.to_owner == "customer":
            gift = _is_gift(movement.to_owner, movement.to_bucket)
            back[movement.order_id] += 0 if gift else movement.amount
    for order_id, amount in sorted(back.items(), key=lambda pair: str(pair[0])):
        if amount > paid[order_id]:
            yield f"{amount} came back for order {order_id}, {paid[order_id]} was paid for it"


def _debt_faults(ledger: Ledger) -> Iterator[str]:
    """Check that what the books hold as owed is what the open debts come to."""
    owed: Counter[str] = Counter()
    for movement in ledger.movements:
        for owner, name, sign in (
            (movement.from_owner, movement.from_name, 1),
            (movement.to_owner, movement.to_name, -1),
        ):
            if (owner, name) == ("house", "owed"):
                owed[movement.currency] += sign * movement.amount
    debts: Counter[str] = Counter()
    for debt in ledger.debts:
        if debt.is_open:
            debts[debt.currency] += debt.amount
    for currency in sorted({*owed, *debts}):
        if owed[currency] != debts[currency]:
            yield f"{owed[currency]} {currency} is booked as owed, but open debts come to {debts[currency]}"


def _phase_faults(order: Row[Any], money: Money, lines: Mapping[str, Row[Any]]) -> Iterator[str]:
    """Check that phase 1 took the price and the lines, and phase 2 nothing else than what phase 1 took, share by share."""
    if sum_by_currency(_flat(money.taken)) != _price(order, lines):
        yield f"{title(order)} costs {order.price_amount} {order.price_currency}, but phase 1 took something else"
    for line in sorted(money.lines):
        after = [*money.earned.get(line, ()), *money.credited.get(line, ())]
        if after and not _continues(money.taken.get(line, []), after):
            yield f"{title(order)}: phase 2 of its {line} line is not what phase 1 took"


def _price(order: Row[Any], lines: Mapping[str, Row[Any]]) -> dict[str, int]:
    """Return what phase 1 must have taken; an order that costs nothing moves nothing."""
    beside = sum(line.amount for name, line in lines.items() if name != MAIN_LINE)
    cost = order.price_amount + beside
    return {order.price_currency: cost} if cost else {}


def _continues(taken: Sequence[Row[Any]], after: Sequence[Row[Any]]) -> bool:
    start = [(movement.to_account, movement.amount, movement.currency) for movement in taken]
    return start == [(movement.from_account, movement.amount, movement.currency) for movement in after]


def _entry_faults(ledger: Ledger) -> Iterator[str]:
    """Follow every customer's statement: its lines are its movements, each once, in an unbroken running balance.

    Two movements may reach one account in another order than their ids: whoever locks the account first is first.
    """
    owed = Counter(_sides_of_customers(ledger.movements))
    written = Counter((entry.account_id, entry.movement_id, entry.amount) for entry in ledger.entries)
    for account, movement, _ in sorted({*(owed - written), *(written - owed)}):
        yield f"account {account}'s statement does not say of movement {movement} what it moved"
    balances: Counter[int] = Counter()
    sequences: Counter[int] = Counter()
    for entry in ledger.entries:
        balances[entry.account_id] += entry.amount
        sequences[entry.account_id] += 1
        if (entry.sequence, entry.balance) != (sequences[entry.account_id], balances[entry.account_id]):
            yield f"line {entry.sequence} of account {entry.account_id}'s statement does not follow from those before it"
        if entry.balance < 0:
            yield f"account {entry.account_id} is below zero after line {entry.sequence}"


def _sides_of_customers(movements: Iterable[Row[Any]]) -> Iterator[tuple[int, int, int]]:
    """Return which customer's account each movement touches, and by how much."""
    for movement in movements:
        if movement.from_owner == "customer":
            yield movement.from_account, movement.id, -movement.amount
        if movement.to_owner == "customer":
            yield movement.to_account, movement.id, movement.amount


def sum_by_currency(movements: Iterable[Row[Any]]) -> dict[str, int]:
    """Add up amounts, in minor units, each currency by itself."""
    sums: Counter[str] = Counter()
    for movement in movements:
        sums[movement.currency] += movement.amount
    return dict(sorted(sums.items()))


def _flat(by_line: Mapping[str, list[Row[Any]]]) -> list[Row[Any]]:
    return [movement for movements in by_line.values() for movement in movements]


def title(order: Row[Any]) -> str:
    """Name an order as people do."""
    return f"order {order.id} ({order.kind} {order.domain})"
