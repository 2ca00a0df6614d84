"""Can any history take money from a customer, give him more than he paid, or turn gift into cash? Random lives of the books."""

import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from registrar import bookings, debts, verification
from registrar.agreement.rules import DependentLines, Late
from registrar.bookings import BookingRefusedError
from registrar.commands import Kind
from registrar.debts import DebtRefusedError
from registrar.ledger import InsufficientBalanceError, NotReversibleError
from registrar.models import Order
from registrar.money import Money
from registrar.orders import breach, ending, lines
from registrar.orders.by_hand import ByHand
from registrar.orders.lines import LineRefusedError
from registrar.orders.states import read_locked
from registrar.outcomes import RefusalReason
from tasks.recount import imbalances, money_of_orders
from tasks.witnesses import Ledger, read_ledger
from tests.core.far_side import Clock, FarSide
from tests.core.story import Shop, opened

CUSTOMER = "customer-1"
REFUSALS = (
    BookingRefusedError,
    DebtRefusedError,
    InsufficientBalanceError,
    LineRefusedError,
    NotReversibleError,
)

AMOUNTS = st.integers(1, 5000)
ORDERS = st.integers(0, 3)
LINE = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["fee", "service"]),
        "amount": AMOUNTS,
        "refundable": st.booleans(),
        "delivered": st.booleans(),
    }
)
PROMISES = st.fixed_dictionaries(
    {
        "credit_failed_renewal": st.booleans(),
        "dependent_lines": st.sampled_from(list(map(str, DependentLines))),
        "gift_on_failure": st.booleans(),
        "gift_expired": st.sampled_from(list(map(str, Late))),
        "gift_extension_days": st.integers(0, 30),
    }
)
GIVEN = st.one_of(
    st.tuples(st.just("top_up"), AMOUNTS),
    st.tuples(st.just("gift"), AMOUNTS, st.integers(0, 20)),
)
PLACED = st.tuples(
    st.just("place"),
    AMOUNTS,
    st.lists(LINE, max_size=2),
    st.sampled_from(["balance", "outside", "mixed"]),
    PROMISES,
)
ENDED = st.tuples(st.just("end"), ORDERS, st.sampled_from(["refuse", "complete", "cancel", "breach"]))
AFTER = st.one_of(
    ENDED,
    st.tuples(st.just("decide"), ORDERS, st.sampled_from(["credit", "keep"])),
    st.tuples(st.just("compensate"), ORDERS, AMOUNTS),
    st.tuples(st.just("reverse"), st.integers(1, 25)),
    st.tuples(st.just("take_back"), st.integers(0, 5)),
    st.tuples(st.just("settle"), st.integers(1, 3), st.sampled_from(["set_off", "paid", "penalty"])),
    st.tuples(st.just("days"), st.integers(1, 15)),
    GIVEN,
    PLACED,
)
STEPS = st.tuples(
    st.lists(GIVEN, min_size=2, max_size=4),
    st.lists(PLACED, min_size=2, max_size=4),
    st.lists(st.one_of(ENDED, AFTER), min_size=6, max_size=20),
).map(lambda parts: [step for part in parts for step in part])


@dataclass
class Life:
    """A shop whose books live through whatever steps are drawn."""

    shop: Shop
    orders: list[int] = field(default_factory=list)
    payments: list[str] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))

    def step(self, name: str, *values: Any) -> None:
        """Do one step; one that is refused in words changes nothing."""
        with suppress(*REFUSALS):
            getattr(self, name)(*values)

    def top_up(self, amount: int) -> None:
        self.payments.append(f"bank-{next(self.numbers)}")
        self.shop.top_up(amount, reference=self.payments[-1])

    def gift(self, amount: int, days: int) -> None:
        end = (self.now + timedelta(days=days)).date() if days else None
        self._book(bookings.give_gift, CUSTOMER, _rials(amount), end=end, reference=f"g-{next(self.numbers)}")

    def place(self, price: int, beside: list[dict[str, Any]], source: str, promise: dict[str, Any]) -> None:
        number = next(self.numbers)
        named = [line | {"line": f"l{place}", "text": "line"} for place, line in enumerate(beside)]
        outside = {
            "source": "outside",
            "paid_at": self.now.isoformat(),
            "reference": f"receipt-{number}",
        }
        payment = {
            "balance": {"source": "balance"},
            "outside": outside,
            "mixed": outside | {"gift": price // 2},
        }
        order = self.shop.place(
            Kind.RENEW,
            f"name-{number}.test",
            key=f"life-{number}",
            price={"amount": price, "currency": "IRR"},
            lines=named,
            payment=payment[source],
        )
        self.orders.append(order)
        self.payments.append(outside["reference"])
        with self.shop.database.transaction() as connection:
            connection.execute(update(Order).where(Order.id == order).values(state="held", promise=promise))

    def end(self, which: int, how: str) -> None:
        held = [order for order in self.orders if self.shop.row(order).state == "held"]
        if not held:
            return
        order_id = held[which % len(held)]
        with self.shop.database.transaction() as connection:
            order = read_locked(connection, order_id)
            assert order is not None
            told: dict[str, Any] = {"evidence": {}, "now": self.now}
            match how:
                case "complete":
                    ending.complete(
                        connection,
                        order,
                        expiry=None,
                        registry_expiry=None,
                        registry_id=None,
                        source="far",
                        **told,
                    )
                case "refuse":
                    ending.refuse(connection, order, RefusalReason.POLICY, **told)
                case "cancel":
                    ending.cancel(connection, order, actor="staff:sara", ticket="T-1", **told)
                case _:  # for breach
                    first, second = (ByHand(f"staff:{name}", "T-1", self.now) for name in ("sara", "omid"))
                    breach.propose(connection, order_id, evidence="ruling 12", act=first)
                    breach.confirm(connection, order_id, act=second)

    def decide(self, which: int, choice: Any) -> None:
        for order_id in self.orders[which : which + 1]:
            for name in ("domain", "l0", "l1"):
                with suppress(LineRefusedError), self.shop.database.transaction() as connection:
                    order = read_locked(connection, order_id)
                    assert order is not None
                    act = {"by_customer": False, "actor": "staff:sara", "ticket": "T-1", "now": self.now}
                    lines.decide(connection, order, name, choice, **act)

    def compensate(self, which: int, amount: int) -> None:
        for order_id in self.orders[which : which + 1]:
            self._book(bookings.compensate, order_id, _rials(amount))

    def reverse(self, movement: int) -> None:
        self._book(bookings.reverse, movement, reason="a mistake")

    def take_back(self, which: int) -> None:
        for reference in self.payments[which : which + 1]:
            self._book(debts.reverse_payment, reference, reason="cheque not met")

    def settle(self, debt: int, how: str) -> None:
        with suppress(DebtRefusedError):
            self._book(debts.warn, debt, text="pay by Friday")
        match how:
            case "set_off":
                self._book(debts.set_off, debt)
            case "paid":
                self._book(debts.paid, debt, reference="bank-x")
            case _:  # the penalty
                rules = self.shop.rules.rules("test", at=self.now).money
                self._book(debts.post_penalty, debt, rules)

    def days(self, number: int) -> None:
        self.shop.clock.skip(timedelta(days=number))
        with self.shop.database.transaction() as connection:
            bookings.lapse_gifts(connection, now=self.now, limit=10)

    @property
    def now(self) -> Any:
        return self.shop.clock.now

    def _book(self, deed: Any, *values: Any, **named: Any) -> None:
        with self.shop.database.transaction() as connection:
            deed(connection, *values, actor="staff:sara", ticket="T-1", now=self.now, **named)


def _rials(amount: int) -> Money:
    return Money(amount, "IRR")


@pytest.fixture(scope="module")
def blank(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the template of a database, and where each example's own lies."""
    return sqlite_template, tmp_path_factory.mktemp("lives") / "books.db"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(steps=STEPS)
def test_no_history_loses_money_or_gives_too_much(blank: tuple[Path, Path], steps: list[Any]) -> None:
    """Whatever happens: nothing is credited twice or beyond what was paid, gift stays gift, and no money is nowhere."""
    template, path = blank
    for leftover in path.parent.iterdir():
        leftover.unlink()
    shutil.copy(template, path)
    with opened(f"sqlite:///{path}") as database:
        life = Life(Shop(database, FarSide(Clock())))
        for step in steps:
            life.step(*step)
        with database.snapshot() as connection:
            assert verification.verify(connection).differences == ()
    books = read_ledger(f"sqlite:///{path}")
    assert list(imbalances(books, money_of_orders(books))) == []
    assert too_much(books) == []
    assert nowhere(books) == []
    assert gift_made(books) == gift_there(books)


def too_much(books: Ledger) -> list[int]:
    """Return the orders for which more came back than was paid, gift included."""
    paid: Counter[int] = Counter()
    back: Counter[int] = Counter()
    for movement in books.movements:
        if movement.phase == 1:
            paid[movement.order_id] += movement.amount
        elif movement.phase == 2 and movement.to_owner == "customer":
            back[movement.order_id] += movement.amount
        elif movement.kind == "compensation":
            back[movement.about_order_id] += movement.amount
        elif movement.kind == "compensation_reversed":
            back[movement.about_order_id] -= movement.amount
    return [order for order, amount in back.items() if amount > paid[order]]


def nowhere(books: Ledger) -> list[tuple[int, str]]:
    """Return the shares of ended orders that are neither delivered, nor named as kept, nor with the customer."""
    ended = {
        order.id: order for order in books.orders if order.state in ("completed", "refused", "cancelled")
    }
    given = {(move.order_id, move.line): move for move in books.movements if move.phase == 2}
    undecided = {(line.order_id, line.line) for line in books.lines if line.ended == "undecided"}
    return [
        (move.order_id, move.line)
        for move in books.movements
        if move.phase == 1
        and move.order_id in ended
        and (move.order_id, move.line) not in given
        and (move.order_id, move.line.partition(".")[0]) not in undecided
    ]


def gift_made(books: Ledger) -> int:
    """Return how much gift was ever given, less what was taken back as a mistake."""
    return sum(
        move.amount * (1 if move.from_name == "gifts" else -1)
        for move in books.movements
        if "gifts" in (move.from_name, move.to_name)
    )


def gift_there(books: Ledger) -> int:
    """Return where gift lies: with the customer, lapsed, in orders, or spent in them."""
    spent = {
        (m.order_id, m.line) for m in books.movements if m.phase == 1 and m.from_bucket.startswith("gift")
    }
    there = 0
    for move in books.movements:
        to_gift = move.to_owner == "customer" and move.to_bucket.startswith("gift")
        of_gift = move.from_owner == "customer" and move.from_bucket.startswith("gift")
        in_share = (move.order_id, move.line) in spent
        there += move.amount * (to_gift - of_gift)
        there += move.amount * ((move.to_name == "lapsed") - (move.from_name == "lapsed"))
        if in_share:
            there += move.amount if move.phase == 1 else 0
            there -= move.amount if move.phase == 2 and move.to_name not in ("earned", "forfeited") else 0
    return there
