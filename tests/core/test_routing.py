"""To which supplier does an order go? The first of its route that can do it; another one only while nothing was sent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from registrar import holds
from registrar.commands import Kind
from registrar.orders.routing import Pause
from registrar.orders.states import State
from registrar.outcomes import BlockCause, NotSent
from tests.core.conftest import EXPIRES
from tests.core.far_side import (
    AUTH_CODE,
    CAPABILITIES,
    HOLDER,
    LOST_REPLY,
    LOST_REQUEST,
    Act,
    Clock,
    FarSide,
    refuse,
)
from tests.core.story import CATALOGUE, Shop, opened

NEAR, FAR = "near", "far"
BOTH = {
    "test": replace(
        CATALOGUE["test"],
        routes=dict.fromkeys(Kind, (NEAR, FAR)),
        suppliers={NEAR: CAPABILITIES, FAR: replace(CAPABILITIES, privacy=True)},
    )
}


@pytest.fixture
def near(database_url: str) -> Iterator[Shop]:
    """Give a shop that works orders at the first of two suppliers."""
    side = FarSide(Clock())
    side.name = NEAR
    with opened(database_url) as database:
        yield Shop(database, side, catalogue=BOTH)


@pytest.fixture
def far(near: Shop) -> Shop:
    """Give the same shop where it works orders at the second."""
    return Shop(near.database, FarSide(near.clock), catalogue=BOTH)


def hold(shop: Shop, registrar: str) -> None:
    """Put a registrar on hold for its deposit."""
    with shop.database.transaction() as connection:
        holds.put(
            connection,
            registrar,
            BlockCause.DEPOSIT,
            reason="deposit: empty",
            now=shop.clock.now,
            probe_after=timedelta(minutes=10),
        )


def at(shop: Shop, order: int) -> str:
    """Tell to which registrar an order goes now."""
    name: str = shop.row(order).registrar
    return name


def test_an_order_goes_to_the_supplier_that_is_preferred(near: Shop) -> None:
    """Of two suppliers the first in the list gets the order."""
    order = near.place(Kind.REGISTER, "free.test")
    near.work(order)
    assert (at(near, order), near.state(order)) == (NEAR, State.COMPLETED)


def test_an_order_goes_on_while_its_supplier_is_on_hold(near: Shop, far: Shop) -> None:
    """A supplier without money for us costs no customer his name: the next one carries the order out, and once."""
    order = near.place(Kind.REGISTER, "free.test")
    hold(near, NEAR)
    near.work(order)
    assert (at(near, order), near.state(order), near.row(order).attempt_number) == (FAR, State.PLACED, 0)
    far.work(order)
    assert near.state(order) == State.COMPLETED
    assert (len(near.far.charges), len(far.far.charges)) == (0, 1)
    events = [kind for (kind,) in near.ask("SELECT kind FROM events WHERE order_id = :id", id=order)]
    assert "order.rerouted" in events


def test_an_order_goes_on_while_its_supplier_does_not_answer(near: Shop) -> None:
    """A supplier that is silent is passed by in the same way."""
    order = near.place(Kind.TRANSFER, "sara.test")
    pause = Pause("near does not answer", near.clock.now + timedelta(minutes=1))
    assert near.claim(order, pauses={NEAR: pause}) is None
    assert at(near, order) == FAR


def test_an_order_waits_where_no_other_supplier_can_take_it(near: Shop) -> None:
    """With both on hold the order waits at the first, says why, and uses up no attempt."""
    order = near.place(Kind.REGISTER, "free.test")
    hold(near, NEAR)
    hold(near, FAR)
    near.work(order)
    row = near.row(order)
    assert (row.registrar, row.state, row.attempt_number) == (NEAR, State.PLACED, 0)
    assert "on hold" in row.waiting_reason


def test_a_pause_is_said_and_waited_for(near: Shop) -> None:
    """An order that nobody else can take waits until its registrar is tried again."""
    order = near.place(Kind.RENEW, "mina.test")
    pause = Pause("near does not answer", near.clock.now + timedelta(minutes=1))
    assert near.claim(order, pauses={NEAR: pause}) is None
    row = near.row(order)
    assert (row.registrar, row.waiting_reason, row.due_at) == (NEAR, pause.reason, pause.until)


@pytest.mark.parametrize("act", [LOST_REQUEST, LOST_REPLY])
def test_silence_keeps_an_order_where_it_is(near: Shop, far: Shop, act: Act) -> None:
    """Once a byte may have reached a supplier, no other one is asked, however long the first is silent or on hold."""
    order = near.place(Kind.REGISTER, "free.test")
    near.far.plan.append(act)
    near.work(order)
    with near.database.transaction() as connection:
        holds.put_by_hand(
            connection, NEAR, reason="asked to", now=near.clock.now, actor="staff", ticket="T-1"
        )
    near.run(days=1)
    assert at(near, order) == NEAR
    with near.database.transaction() as connection:
        holds.release(connection, NEAR, now=near.clock.now)
    near.run(days=3)
    assert (at(near, order), near.state(order)) == (NEAR, State.COMPLETED)
    assert (len(near.far.charges), len(far.far.charges)) == (1, 0)


def test_a_supplier_without_our_money_keeps_what_it_was_sent(near: Shop, far: Shop) -> None:
    """An order that a supplier answered with an empty deposit reached it, and waits there for the top-up."""
    near.far.funds = 0
    order = near.place(Kind.REGISTER, "free.test")
    near.work(order)
    near.clock.skip(timedelta(minutes=1))
    near.work(order)
    assert (at(near, order), near.state(order)) == (NEAR, State.PLACED)
    near.far.funds = 5
    near.run()
    assert near.state(order) == State.COMPLETED
    assert far.far.charges == []


def test_what_provably_never_left_may_go_elsewhere(near: Shop) -> None:
    """An attempt of which no byte left counts as nothing sent."""
    order = near.place(Kind.REGISTER, "free.test")
    near.far.plan.append(Act("never", NotSent("no connection", unreachable=True)))
    near.work(order)
    hold(near, NEAR)
    near.clock.skip(timedelta(minutes=5))
    near.work(order)
    assert at(near, order) == FAR


def test_a_refusal_is_final_at_the_first_supplier(near: Shop, far: Shop) -> None:
    """A supplier that says no is not answered by asking the next one."""
    order = near.place(Kind.REGISTER, "free.test")
    near.far.plan.append(refuse())
    near.work(order)
    assert near.state(order) == State.REFUSED
    assert far.far.received == []


def test_a_name_that_we_look_after_is_renewed_where_it_is(near: Shop, far: Shop) -> None:
    """A renewal goes to the supplier that has the name, whichever is preferred for new ones."""
    hold(near, NEAR)
    order = near.place(Kind.REGISTER, "free.test")
    near.work(order)
    far.work(order)
    renewal = near.place(Kind.RENEW, "free.test")
    assert (at(near, renewal), near.row(renewal).route) == (FAR, [])
    far.work(renewal)
    assert near.state(renewal) == State.COMPLETED


def test_a_name_that_we_do_not_know_is_looked_for_at_each_supplier(near: Shop, far: Shop) -> None:
    """A renewal of a name we never sold is sent to the supplier that has it, and refused only if none has."""
    near.far.own("mina.test", EXPIRES, sponsor="somebody else")
    far.far.own("mina.test", EXPIRES)
    order = near.place(Kind.RENEW, "mina.test")
    near.work(order)
    assert (at(near, order), near.row(order).attempt_number) == (FAR, 0)
    far.work(order)
    assert near.state(order) == State.COMPLETED


def test_a_name_that_no_supplier_has_is_refused_once(near: Shop, far: Shop) -> None:
    """When the last supplier does not have the name either, the order is refused and credited."""
    for shop in (near, far):
        shop.far.own("mina.test", EXPIRES, sponsor="somebody else")
    order = near.place(Kind.RENEW, "mina.test")
    near.work(order)
    far.work(order)
    assert near.state(order) == State.REFUSED
    credited = near.ask("SELECT count(*) FROM movements WHERE order_id = :id AND kind = 'credit'", id=order)
    assert credited == [(1,)]


def test_a_renewal_does_not_leave_the_supplier_that_has_the_name(near: Shop) -> None:
    """However long a supplier is on hold, another one cannot renew its names."""
    near.far.own("mina.test", EXPIRES)
    order = near.place(Kind.RENEW, "mina.test")
    hold(near, NEAR)
    near.work(order)
    assert at(near, order) == NEAR


def test_a_contact_that_one_supplier_knows_binds_the_order_to_it(near: Shop) -> None:
    """A handle means nothing at another supplier, so an order that names one stays."""
    order = near.place(Kind.REGISTER, "free.test", contacts={"registrant": {"handle": HOLDER}})
    assert near.row(order).route == []


def test_a_contact_that_came_by_correction_binds_the_order_too(near: Shop) -> None:
    """A handle that the customer names later, at the supplier that asked, is never taken to another one."""
    near.far.own("sara.test", EXPIRES, sponsor="another registrar")
    order = near.place(Kind.TRANSFER, "sara.test", auth_info=None)
    near.work(order)
    near.correct(order, auth_info=AUTH_CODE, contacts={"registrant": {"handle": HOLDER}})
    hold(near, NEAR)
    near.work(order)
    assert (at(near, order), near.state(order)) == (NEAR, State.PLACED)


def test_an_order_goes_only_to_suppliers_that_can_do_it(near: Shop) -> None:
    """A wish that the preferred supplier cannot fulfil goes to the one that can, from the start."""
    order = near.place(Kind.REGISTER, "free.test", privacy=True)
    assert (at(near, order), near.row(order).route) == (FAR, [])
