"""Is a renewal sent, adopted or refused by what was promised, and does an order wait for whom it must (D1-D4, O5, O6)?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from registrar.agreement.rules import AutoRenewed, Clock, RuleBook, Rules, Version
from registrar.commands import Expiry, Kind
from registrar.customers import holds as customer_holds
from registrar.models import Claim, Domain, Order
from registrar.orders.states import State
from registrar.outcomes import Done, RefusalReason, Reply
from tests.core.conftest import EXPIRES
from tests.core.far_side import LOST_REPLY, Act, FarSide, refuse
from tests.core.story import Shop, disagreements

SECOND = timedelta(seconds=1)
WEEK, THREE_WEEKS = timedelta(days=7), timedelta(days=21)


def know(shop: Shop, *, paid_through: datetime = EXPIRES) -> None:
    """Put mina.test into our books."""
    with shop.database.transaction() as connection:
        connection.execute(
            insert(Domain).values(
                name="mina.test",
                zone="test",
                customer="customer-1",
                registrar="far",
                paid_through=paid_through,
            )
        )


def paid_at(instant: datetime) -> dict[str, str]:
    """Return a payment outside, at an instant."""
    return {"source": "outside", "paid_at": instant.isoformat(), "reference": "receipt-1"}


def under(shop: Shop, **renewal: Any) -> None:
    """Put other rules for renewals in force."""
    common = shop.rules.versions[0].common
    changed = replace(common, renewal=replace(common.renewal, **renewal))
    shop.rules = RuleBook([Version(changed, {}, {})])


def adopting(shop: Shop, mode: AutoRenewed) -> None:
    """Say what the far side's own renewals mean."""
    common: Rules = shop.rules.versions[0].common
    shop.rules = RuleBook([Version(replace(common, auto_renewed={"far": mode}), {}, {})])


def findings(shop: Shop) -> set[str]:
    """Return the kinds of the open findings."""
    return {str(kind) for (kind,) in shop.ask("SELECT kind FROM findings WHERE closed_at IS NULL")}


@pytest.mark.parametrize(
    ("age", "told", "state"),
    [
        (timedelta(0), "not_expired", State.COMPLETED),
        (SECOND, "committed", State.COMPLETED),
        (WEEK, "committed", State.COMPLETED),
        (WEEK + SECOND, "best_effort", State.COMPLETED),
        (THREE_WEEKS, "best_effort", State.COMPLETED),
        (THREE_WEEKS + SECOND, "impossible", State.REFUSED),
    ],
)
def test_the_class_decides_whether_it_is_sent(
    shop: Shop, far: FarSide, age: timedelta, told: str, state: State
) -> None:
    """Up to a week, and up to three weeks, both to the second, a renewal is sent; a second later it is credited (D1, D2)."""
    know(shop)
    shop.clock.now = EXPIRES + age
    order = shop.place(payment=paid_at(shop.clock.now))
    assert shop.row(order).promise["class"] == told
    shop.work(order)
    assert shop.state(order) is state
    assert len(far.charges) == (state is State.COMPLETED)
    assert disagreements(shop) == []


def test_a_late_renewal_is_told_what_remains(shop: Shop, far: FarSide) -> None:
    """The refusal carries what the inquiry found, each way at its own price, and nothing is bought by itself (D1, D3)."""
    know(shop)
    far.own("mina.test", EXPIRES, in_redemption=True)
    shop.clock.now = EXPIRES + timedelta(days=40)
    order = shop.place(payment=paid_at(shop.clock.now))
    shop.work(order)
    assert shop.row(order).ended_reason == RefusalReason.RENEWAL_IMPOSSIBLE
    [(evidence,)] = shop.ask("SELECT evidence FROM events WHERE kind = 'order.refused'")
    assert "restorable" in str(evidence)
    assert (far.received, far.charges) == ([], [])


def test_a_slow_queue_costs_nobody_his_class(shop: Shop) -> None:
    """Paid on the last second of the week, worked a month later: it is a committed renewal, and is sent (D2)."""
    know(shop)
    shop.clock.now = EXPIRES + timedelta(days=30)
    order = shop.place(payment=paid_at(EXPIRES + WEEK))
    shop.work(order)
    assert (shop.state(order), shop.row(order).promise["class"]) == (State.COMPLETED, "committed")


@pytest.mark.parametrize(
    ("clock", "state"),
    [
        (Clock.PAID, State.COMPLETED),
        (Clock.ACCEPTED, State.COMPLETED),
        (Clock.SENT, State.REFUSED),
    ],
)
def test_the_clock_is_the_rules_to_choose(shop: Shop, clock: Clock, state: State) -> None:
    """Counted by payment or acceptance it is in time; counted by sending it is not (D2)."""
    under(shop, clock=clock)
    know(shop)
    shop.clock.now = EXPIRES + THREE_WEEKS
    order = shop.place(payment=paid_at(shop.clock.now))
    shop.clock.skip(timedelta(days=1))
    shop.work(order)
    assert shop.state(order) is state
    assert disagreements(shop) == []


def test_later_rules_change_no_order(shop: Shop) -> None:
    """An order keeps the version that it was placed under, although a stricter one is in force when it is sent (A1)."""
    know(shop)
    shop.clock.now = EXPIRES + WEEK
    order = shop.place(payment=paid_at(shop.clock.now))
    first = shop.rules.versions[0]
    strict = replace(
        first.common,
        version="strict",
        effective_from=shop.clock.now + SECOND,
        renewal=replace(first.common.renewal, committed=SECOND, possible=SECOND),
    )
    shop.rules = RuleBook([first, Version(strict, {}, {})])
    shop.clock.skip(timedelta(hours=1))
    shop.work(order)
    assert (shop.state(order), shop.row(order).promise["rules"]) == (State.COMPLETED, first.name)


def test_a_name_that_our_books_do_not_know_is_counted_from_the_registrars_date(shop: Shop) -> None:
    """The first look tells the class, and it is written into the order's promise then (D4)."""
    shop.clock.now = EXPIRES + timedelta(days=10)
    order = shop.place(payment=paid_at(shop.clock.now))
    assert shop.row(order).promise["class"] is None
    shop.work(order)
    assert (shop.state(order), shop.row(order).promise["class"]) == (State.COMPLETED, "best_effort")


def test_a_refusal_inside_the_committed_week_is_an_alarm(shop: Shop, far: FarSide) -> None:
    """Staff hear at once of a renewal that was refused while the company is bound to it; it is credited all the same (D2)."""
    know(shop)
    shop.clock.now = EXPIRES + timedelta(days=2)
    far.plan.append(refuse())
    order = shop.place(payment=paid_at(shop.clock.now))
    shop.work(order)
    assert shop.state(order) is State.REFUSED
    assert "refused_inside_commitment" in findings(shop)


def test_a_refusal_in_the_best_effort_is_no_alarm(shop: Shop, far: FarSide) -> None:
    """Past the week nobody is bound, so nobody is alarmed (D2)."""
    know(shop)
    shop.clock.now = EXPIRES + timedelta(days=9)
    far.plan.append(refuse())
    shop.work(shop.place(payment=paid_at(shop.clock.now)))
    assert "refused_inside_commitment" not in findings(shop)


def test_a_year_that_the_registry_added_is_adopted(shop: Shop, far: FarSide) -> None:
    """The registry renewed by itself: the order pays for that very year, once, and nothing is sent (D4)."""
    know(shop)
    until = EXPIRES.replace(year=EXPIRES.year + 1)
    far.renew_by_itself("mina.test")
    shop.clock.now = EXPIRES + timedelta(days=3)
    order = shop.place(payment=paid_at(shop.clock.now))
    assert shop.row(order).promise["class"] == "committed", "nobody had paid for the registry's year"
    shop.work(order)
    assert (shop.state(order), far.received) == (State.COMPLETED, [])
    assert shop.ask("SELECT kind, amount FROM movements WHERE phase = 2") == [
        ("earned", shop.row(order).price_amount)
    ]
    with shop.database.reading() as connection:
        assert connection.execute(Domain.__table__.select()).one().paid_through == until


def test_an_adopted_year_is_adopted_once(shop: Shop, far: FarSide) -> None:
    """A second order buys a year more, by a renewal that is sent: two orders never share one year (D4)."""
    know(shop)
    far.renew_by_itself("mina.test")
    shop.clock.now = EXPIRES + timedelta(days=3)
    first, second = shop.place(), shop.place(key="again")
    shop.work(first)
    shop.work(second)
    assert (shop.state(first), shop.state(second)) == (State.COMPLETED, State.HELD)
    assert far.received == []


def test_more_than_the_registry_added_is_for_staff(shop: Shop, far: FarSide) -> None:
    """An order of five years is not met by the one that the registry added: staff decide (D4)."""
    know(shop)
    far.renew_by_itself("mina.test")
    order = shop.place(months=60)
    shop.work(order)
    assert (shop.state(order), far.received) == (State.HELD, [])


def test_where_the_registrys_year_is_not_bought_it_is_renewed(shop: Shop, far: FarSide) -> None:
    """At a registrar that charges for the year only when we renew, the renewal is sent (D4)."""
    adopting(shop, AutoRenewed.RENEW)
    know(shop)
    far.renew_by_itself("mina.test")
    order = shop.place()
    shop.work(order)
    assert (shop.state(order), len(far.charges)) == (State.COMPLETED, 1)
    assert disagreements(shop) == []


def claim_name(shop: Shop, state: str) -> None:
    """Have a third party's claim to mina.test stand somewhere."""
    with shop.database.transaction() as connection:
        connection.execute(
            insert(Claim).values(
                domain="mina.test",
                zone="test",
                registrar="far",
                reference="D-1",
                procedure="udrp",
                state=state,
                state_since=shop.clock.now,
                asserted_at=shop.clock.now,
                block_mode="lock",
                lock="locked",
            )
        )


def test_a_claimed_name_gets_no_new_holder_but_is_renewed(shop: Shop) -> None:
    """While a claim is heard a change of holder waits, and a renewal goes through (D9)."""
    claim_name(shop, "proceeding")
    change, renewal = shop.place(Kind.CHANGE_HOLDER), shop.place()
    shop.work(change)
    assert "claim" in shop.row(change).waiting_reason
    shop.work(renewal)
    assert (shop.state(change), shop.state(renewal)) == (State.PLACED, State.COMPLETED)


def test_an_order_that_needs_approval_waits_for_it(shop: Shop) -> None:
    """It is neither sent nor refused, however long it waits (O5)."""
    order = shop.place()
    with shop.database.transaction() as connection:
        connection.execute(update(Order).where(Order.id == order).values(approval="needed"))
    shop.work(order)
    shop.clock.skip(timedelta(hours=2))
    shop.work(order)
    assert (shop.state(order), shop.far.received) == (State.PLACED, [])
    with shop.database.transaction() as connection:
        connection.execute(
            update(Order).where(Order.id == order).values(approval="given", due_at=shop.clock.now)
        )
    shop.work(order)
    assert shop.state(order) is State.COMPLETED


def test_a_customers_orders_wait_for_his_documents(shop: Shop) -> None:
    """An identity hold lets his orders wait; one renewal near its limit goes through, and his release wakes the rest (O6)."""
    far_ahead = shop.clock.now + timedelta(days=200)
    shop.far.own("mina.test", far_ahead)
    know(shop, paid_through=far_ahead)
    with shop.database.transaction() as connection:
        customer_holds.put(
            connection,
            "customer-1",
            "identity",
            reason="passport",
            now=shop.clock.now,
            actor="a",
            ticket="T-1",
        )
    early = shop.place()
    shop.work(early)
    assert shop.state(early) is State.PLACED
    shop.clock.now = far_ahead
    shop.work(early)
    assert shop.state(early) is State.COMPLETED


def test_a_claim_does_not_undo_what_is_in_doubt(shop: Shop, far: FarSide) -> None:
    """An order that may have happened is looked for although the name is claimed meanwhile (D9)."""
    far.plan.append(LOST_REPLY)
    order = shop.place()
    shop.work(order)
    claim_name(shop, "upheld")
    shop.run()
    assert shop.state(order) is State.COMPLETED
    assert disagreements(shop) == []


def test_the_earliest_promise_is_taken_up_first(shop: Shop) -> None:
    """A committed renewal whose week ends soon goes before an order that was paid earlier and has more time (D2, O2)."""
    know(shop)
    shop.clock.now = EXPIRES + WEEK - timedelta(hours=1)
    registration = shop.place(
        Kind.REGISTER, "anna.test", payment=paid_at(shop.clock.now - timedelta(hours=5))
    )
    renewal = shop.place(payment=paid_at(shop.clock.now))
    assert shop.row(renewal).promise_by == EXPIRES + WEEK
    assert shop.row(renewal).promise_by < shop.row(registration).promise_by


def test_a_clock_ahead_of_ours_lengthens_no_window(shop: Shop) -> None:
    """A payment that the portal dates into the future counts as made now (D2)."""
    know(shop)
    shop.clock.now = EXPIRES + THREE_WEEKS + SECOND
    order = shop.place(payment=paid_at(datetime(2099, 1, 1, tzinfo=UTC)))
    shop.work(order)
    assert shop.row(order).ended_reason == RefusalReason.RENEWAL_IMPOSSIBLE


@pytest.mark.parametrize(("days", "told"), [(0, False), (5, False), (6, True), (-6, True), (365, True)])
def test_a_date_that_is_not_old_date_and_term_is_drift(
    shop: Shop, far: FarSide, days: int, told: bool
) -> None:
    """The new date is read back, never computed; a few days off is the calendar's doing, more is for staff (E1)."""
    know(shop)
    renewed = EXPIRES.replace(year=EXPIRES.year + 1) + timedelta(days=days)
    far.plan.append(Act("never", Done(Reply("1000"), Expiry(renewed, renewed.isoformat()))))
    order = shop.place()
    shop.work(order)
    assert (shop.state(order), shop.row(order).expires_at) == (State.COMPLETED, renewed)
    assert ("expiry_drift" in findings(shop)) is told


def test_a_name_that_comes_back_is_ours_again(shop: Shop, far: FarSide) -> None:
    """A name that had left and is transferred to us again is looked after again."""
    know(shop)
    with shop.database.transaction() as connection:
        connection.execute(update(Domain).values(gone_at=shop.clock.now, gone_why="transferred_out"))
    far.own("mina.test", EXPIRES, sponsor="another registrar")
    order = shop.place(Kind.TRANSFER)
    shop.work(order)
    assert shop.state(order) is State.COMPLETED
    assert shop.ask("SELECT gone_at, gone_why FROM domains") == [(None, None)]


def test_a_year_that_nobody_paid_and_no_registry_owns_to_is_not_bought_on(shop: Shop, far: FarSide) -> None:
    """A later date than we were paid for, at a registrar that does not say why, is for staff: no second year is sent (D4)."""
    know(shop)
    far.own("mina.test", EXPIRES.replace(year=EXPIRES.year + 1))
    order = shop.place(expected_expiry="any")
    shop.work(order)
    assert (shop.state(order), far.received) == (State.HELD, [])


def test_two_writings_of_one_day_are_no_added_year(shop: Shop, far: FarSide) -> None:
    """Hours between the date in our books and the registrar's do not stop a renewal (D4, E1)."""
    know(shop, paid_through=EXPIRES - timedelta(hours=20))
    order = shop.place(expected_expiry="any")
    shop.work(order)
    assert (shop.state(order), len(far.charges)) == (State.COMPLETED, 1)
