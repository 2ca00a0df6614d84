"""Is money moved once where two people, or a person and a worker, are at the same money at the same moment (D5, F1, F5, F7)?"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from registrar import bookings, debts, ledger
from registrar.agreement.rules import DependentLines, RuleBook, Version
from registrar.commands import Kind
from registrar.debts import DebtRefusedError
from registrar.ledger import NotReversibleError
from registrar.money import Money
from registrar.orders import lines
from registrar.orders.states import State, read_locked
from registrar.outcomes import Correctable, Correction, Reply
from tests.agreement.books import STAFF, TICKET
from tests.agreement.conftest import EXPIRES
from tests.agreement.test_money import agree, book, has, line, rials
from tests.core.far_side import Act, FarSide, refuse
from tests.core.story import PRICE, Shop

FROM_BALANCE = {"source": "balance"}
_LONG_ENOUGH = 0.5
"""In which whoever does not wait for another has come too far; whoever waits loses nothing by it."""


def while_open(shop: Shop, first: Callable[[Connection], Any], then: Callable[[], Any]) -> Future[Any]:
    """Do one thing, and before it is committed begin another beside it; return what became of that one."""
    with ThreadPoolExecutor(1) as thread:
        with shop.database.transaction() as connection:
            first(connection)
            other = thread.submit(then)
            wait([other], timeout=_LONG_ENOUGH)
        wait([other], timeout=10)
    return other


def take_back(shop: Shop, reference: str = "receipt-1") -> None:
    """Have the bank take a payment back."""
    book(shop, debts.reverse_payment, reference, reason="not met")


def test_a_debt_that_is_being_paid_is_not_settled_from_a_credit_too(shop: Shop, far: FarSide) -> None:
    """He pays what was taken back while his order is being cancelled: the credit is his, the debt is settled once (F7)."""
    far.plan.append(Act("never", Correctable(Reply("2202"), Correction.AUTH_INFO)))
    order = shop.place(Kind.TRANSFER, "sara.test")
    far.own("sara.test", EXPIRES, sponsor="another registrar")
    shop.work(order)
    take_back(shop)
    shop.clock.skip(1)
    told: dict[str, Any] = {"reference": "bank-2", "actor": STAFF, "ticket": TICKET, "now": shop.clock.now}
    cancelled = while_open(
        shop,
        lambda connection: debts.paid(connection, 1, **told),
        lambda: shop.end_by_hand("cancel", order),
    )
    assert cancelled.exception() is None
    assert (shop.state(order), has(shop)) == (State.CANCELLED, {"cash": PRICE})
    assert shop.ask("SELECT settled_by FROM debts") == [("paid",)]
    agree(shop)


def test_a_payment_is_not_put_right_and_taken_back_at_once(shop: Shop) -> None:
    """A top-up goes away once: as a mistake of ours, or because the bank took it back, whoever comes first (F1, F7)."""
    shop.top_up(100)
    told: dict[str, Any] = {
        "reason": "a slip of the pen",
        "actor": STAFF,
        "ticket": TICKET,
        "now": shop.clock.now,
    }
    other = while_open(
        shop, lambda connection: bookings.reverse(connection, 1, **told), lambda: take_back(shop, "bank-1")
    )
    assert isinstance(other.exception(), DebtRefusedError)
    assert (has(shop), shop.ask("SELECT count(*) FROM debts")) == ({}, [(0,)])
    agree(shop)


def test_a_payment_is_not_taken_back_and_put_right_at_once(shop: Shop) -> None:
    """The other way round there is one way too (F1, F7)."""
    shop.top_up(100)
    shop.top_up(500, reference="bank-2")
    told: dict[str, Any] = {"reason": "not met", "actor": STAFF, "ticket": TICKET, "now": shop.clock.now}
    other = while_open(
        shop,
        lambda connection: debts.reverse_payment(connection, "bank-1", **told),
        lambda: book(shop, bookings.reverse, 1, reason="a slip of the pen"),
    )
    assert isinstance(other.exception(), NotReversibleError)
    assert has(shop) == {"cash": 500}
    agree(shop)


def test_a_credit_and_an_order_of_one_customer_do_not_wait_for_each_other(shop: Shop, far: FarSide) -> None:
    """What was paid from two buckets is credited while another order takes from both: neither is cut off (F1)."""
    shop.top_up(2 * PRICE)
    book(shop, bookings.give_gift, "customer-1", rials(PRICE), end=date(2027, 1, 1), reference="g-1")
    order = shop.place(price={"amount": PRICE + 1, "currency": "IRR"}, payment=FROM_BALANCE)
    book(shop, bookings.give_gift, "customer-1", rials(PRICE), end=date(2027, 1, 1), reference="g-2")
    far.plan.append(refuse())

    def top_up_then_all(connection: Connection) -> None:
        ledger.top_up(connection, "customer-1", rials(1), reference="bank-2", now=shop.clock.now)
        refused.append(thread.submit(shop.work, order))
        wait(refused, timeout=_LONG_ENOUGH)
        ledger.cash_of(connection, "customer-1", "IRR")

    refused: list[Future[None]] = []
    with ThreadPoolExecutor(1) as thread:
        with shop.database.transaction() as connection:
            top_up_then_all(connection)
        refused[0].result(20)
    assert (shop.state(order), has(shop)) == (State.REFUSED, {"cash": 2 * PRICE + 1, "gift": 2 * PRICE})
    agree(shop)


def test_a_payment_is_taken_back_while_its_order_is_refused(shop: Shop, far: FarSide) -> None:
    """The bank takes back the payment of an order at the moment of its refusal: both are booked, one after the other."""
    shop.top_up(1)
    order = shop.place()
    far.plan.append(refuse())
    sending = shop.begun(order)
    answer = shop.send(sending)

    def locks_the_order(connection: Connection) -> None:
        read_locked(connection, order)
        wait([thread.submit(take_back, shop)], timeout=_LONG_ENOUGH)
        ledger.cash_of(connection, "customer-1", "IRR")

    with ThreadPoolExecutor(1) as thread, shop.database.transaction() as connection:
        locks_the_order(connection)
    shop.settle(sending, answer)
    assert shop.state(order) is State.REFUSED
    assert (has(shop), shop.ask("SELECT settled_by FROM debts")) == ({"cash": 1}, [("set_off",)])
    agree(shop)


def test_a_decision_takes_no_more_than_is_left_of_the_credit(shop: Shop, far: FarSide) -> None:
    """He spent what he was credited, and then his payment was taken back: the decision stands, the debt too (D6, F7)."""
    common = shop.rules.versions[0].common
    asking = replace(common, money=replace(common.money, dependent_lines=DependentLines.STAFF))
    shop.rules = RuleBook([Version(asking, {}, {})])
    order = shop.place(lines=[line("hosting", "service", 1_000)])
    far.plan.append(refuse())
    shop.work(order)
    shop.place(
        Kind.REGISTER, "anna.test", price={"amount": PRICE - 2_000, "currency": "IRR"}, payment=FROM_BALANCE
    )
    take_back(shop)
    with shop.database.transaction() as connection:
        row: Any = read_locked(connection, order)
        told: dict[str, Any] = {"actor": STAFF, "ticket": TICKET, "now": shop.clock.now}
        lines.decide(connection, row, "hosting", "credit", by_customer=False, **told)
    assert has(shop) == {"repurchase": 1_000}
    assert shop.ask("SELECT settled_at FROM debts") == [(None,)]
    agree(shop)


def test_a_payment_in_another_currency_stops_no_order(shop: Shop) -> None:
    """Rials that were taken back have paid no order in dollars: it goes on, and its credit settles nothing (F7)."""
    in_rials = shop.catalogue["test"]
    shop.top_up(PRICE)
    with shop.database.transaction() as connection:
        ledger.top_up(connection, "customer-1", Money(900, "USD"), reference="usd-1", now=shop.clock.now)
    shop.catalogue = {"test": replace(in_rials, currency="USD")}
    dollars = {"amount": 900, "currency": "USD"}
    order = shop.place(Kind.REGISTER, "anna.test", price=dollars, payment=FROM_BALANCE)
    shop.catalogue = {"test": in_rials}
    shop.place(Kind.REGISTER, "kian.test", payment=FROM_BALANCE)
    take_back(shop, "bank-1")
    shop.work(order)
    assert shop.state(order) is State.COMPLETED


def test_a_penalty_that_cannot_be_posted_twice_a_day_is_not_told_as_posted(shop: Shop) -> None:
    """Other rules on the same day would make it more: the rest is refused in so many words, and posted a day later (F3)."""
    shop.place()
    take_back(shop)
    rules = shop.rules.versions[0].common.money
    dearer = replace(rules, penalty_per_mille=rules.penalty_per_mille + 1)
    shop.clock.skip(timedelta(days=10))
    book(shop, debts.post_penalty, 1, rules)
    with pytest.raises(DebtRefusedError) as refused:
        book(shop, debts.post_penalty, 1, dearer)
    assert refused.value.code == "nothing_due"
    shop.clock.skip(timedelta(days=1))
    assert book(shop, debts.post_penalty, 1, dearer).amount == PRICE * (3 * 11 - 2 * 10) // 1000


def test_gift_of_a_cancelled_service_stays_lapsed_whoever_decides(shop: Shop) -> None:
    """A cancellation counts no gift, also where a service's line is decided about afterwards (F2, D6)."""
    common = shop.rules.versions[0].common
    asking = replace(common, money=replace(common.money, dependent_lines=DependentLines.STAFF))
    shop.rules = RuleBook([Version(asking, {}, {})])
    book(shop, bookings.give_gift, "customer-1", rials(PRICE + 1_000), end=date(2027, 1, 1), reference="g-1")
    order = shop.place(lines=[line("hosting", "service", 1_000)], payment=FROM_BALANCE)
    shop.end_by_hand("cancel", order)
    with shop.database.transaction() as connection:
        row: Any = read_locked(connection, order)
        told: dict[str, Any] = {"actor": STAFF, "ticket": TICKET, "now": shop.clock.now}
        lines.decide(connection, row, "hosting", "credit", by_customer=False, **told)
    assert has(shop) == {}
    agree(shop)


def test_no_damages_for_what_is_owed(shop: Shop, far: FarSide) -> None:
    """Nobody is paid damages out of a price that his bank took back and that he owes; once he has paid, he may be (F4, F7)."""
    order = shop.place()
    shop.work(order)
    take_back(shop)
    with shop.database.reading() as connection:
        assert bookings.compensation_ceiling(connection, order, now=shop.clock.now).most == rials(0)
    book(shop, debts.paid, 1, reference="bank-2")
    with shop.database.reading() as connection:
        assert bookings.compensation_ceiling(connection, order, now=shop.clock.now).most == rials(PRICE)
    assert len(far.charges) == 1
