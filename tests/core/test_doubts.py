"""What may still have happened, and who may decide while that is open?"""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from registrar.commands import Kind
from registrar.gateway import Progress
from registrar.orders import by_hand, working
from registrar.orders.states import State
from registrar.outcomes import Correctable, Correction, NotSent, Outcome, Pending, RefusalReason, Reply
from tests.core.conftest import EXPIRES
from tests.core.far_side import (
    CAPABILITIES,
    LATE_LIMIT,
    LONG_LOOK,
    LOST_REPLY,
    LOST_REQUEST,
    OTHERS,
    Act,
    FarSide,
    pend,
    refuse,
)
from tests.core.story import Shop, disagreements

Ending = Literal["complete", "refuse", "cancel"]


def second_attempt_in_the_air(shop: Shop) -> tuple[working.Sending, working.Sending]:
    """Freeze a first attempt before its first byte, until a second one is begun."""
    order = shop.place()
    frozen = shop.begun(order)
    shop.lease_runs_out(order)
    while shop.state(order) != State.PLACED:
        shop.clock.skip(LATE_LIMIT)
        shop.look_after(order)
    return frozen, shop.begun(order)


def test_a_late_success_keeps_a_later_refusal_from_being_credited(shop: Shop) -> None:
    """When the first attempt turns out done, the refusal of the second is about ourselves."""
    frozen, second = second_attempt_in_the_air(shop)
    shop.settle(frozen, shop.send_too_late(frozen))
    shop.settle(second, shop.send(second))
    assert shop.state(second.order_id) == State.UNRESOLVED
    shop.run()
    assert shop.state(second.order_id) == State.COMPLETED
    assert disagreements(shop) == []


@pytest.mark.parametrize(
    "outcome",
    [NotSent("connection refused"), Correctable(Reply("2005"), Correction.CONTACTS)],
    ids=["not sent", "correctable"],
)
def test_a_late_success_keeps_the_guard_and_the_name(shop: Shop, outcome: Outcome) -> None:
    """When the first attempt turns out done, nothing that follows reads a new guard and buys a second year."""
    frozen, second = second_attempt_in_the_air(shop)
    shop.settle(frozen, shop.send_too_late(frozen))
    shop.settle(second, outcome)
    assert shop.row(second.order_id).slot
    shop.run()
    if shop.state(second.order_id) == State.HELD:
        shop.retry(second.order_id)
    assert shop.state(second.order_id) == State.COMPLETED
    assert disagreements(shop) == []


def test_a_late_acceptance_keeps_the_guard_and_the_name(shop: Shop) -> None:
    """The same holds when the first attempt turns out accepted."""
    frozen, second = second_attempt_in_the_air(shop)
    shop.settle(frozen, Pending(Reply("1001")))
    shop.settle(second, NotSent("connection refused"))
    assert shop.row(second.order_id).slot


def test_what_is_held_while_pending_keeps_the_name(shop: Shop, far: FarSide) -> None:
    """An accepted order of which nobody can tell what became of it is held, and its name with it."""
    order = shop.place()
    far.plan.append(pend("approve", days=30))
    shop.work(order)
    far.own("mina.test", EXPIRES, sponsor=OTHERS)
    shop.run(days=10)
    assert (shop.state(order), shop.row(order).slot) == (State.HELD, True)
    other = shop.place(customer="customer-2")
    assert shop.claim(other) is None


def test_what_is_held_while_pending_is_not_sent_again_by_hand(shop: Shop, far: FarSide) -> None:
    """Staff's retry of an accepted order follows what the look shows; it does not buy a second year."""
    order = shop.place()
    far.plan.append(pend("approve", days=30))
    shop.work(order)
    far.own("mina.test", EXPIRES, sponsor=OTHERS)
    shop.run(days=10)
    far.own("mina.test", EXPIRES.replace(year=EXPIRES.year + 1))
    assert shop.retry(order) == State.COMPLETED
    assert disagreements(shop) == []


def test_a_refusal_that_staff_set_aside_does_not_come_back(shop: Shop, far: FarSide) -> None:
    """After a retry by hand, an old refusal credits nobody when the new attempt ends in silence."""
    order = shop.place()
    far.plan.extend([refuse(confirm=True), LOST_REQUEST])
    shop.work(order)
    far.own("mina.test", EXPIRES + timedelta(days=100))
    shop.look_after(order)
    assert shop.state(order) == State.HELD
    far.own("mina.test", EXPIRES)
    assert shop.retry(order) == State.PLACED
    shop.run()
    assert shop.state(order) == State.COMPLETED
    assert disagreements(shop) == []


def test_a_refusal_that_the_look_contradicts_keeps_the_guard(shop: Shop, far: FarSide) -> None:
    """Refused, and yet the date moved: a retry buys no second year; staff complete it when it was ours."""
    order = shop.place()
    far.plan.append(Act("now", refuse(confirm=True).answer))
    shop.run()
    assert (shop.state(order), shop.row(order).slot) == (State.HELD, True)
    with pytest.raises(by_hand.ActRefusedError, match="complete or refuse"):
        shop.retry(order)
    shop.end_by_hand("complete", order)
    assert disagreements(shop) == []


def test_a_refusal_while_somebody_else_renewed_is_refused_by_hand(shop: Shop, far: FarSide) -> None:
    """Refused, and the date moved because somebody else renewed: staff refuse it, and it is credited."""
    order = shop.place()
    sending = shop.begun(order)
    far.own("mina.test", EXPIRES.replace(year=EXPIRES.year + 1))
    far.plan.append(refuse(RefusalReason.EXPIRY_CONFLICT, confirm=True))
    shop.settle(sending, shop.send(sending))
    shop.run()
    shop.end_by_hand("refuse", order)
    assert shop.state(order) == State.REFUSED
    assert disagreements(shop) == []


def blind(shop: Shop) -> Shop:
    """Make the registrar one that shows nothing."""
    shop.far.capabilities = replace(CAPABILITIES, can_look=False)
    shop.terms = replace(shop.terms, capabilities=shop.far.capabilities)
    return shop


@pytest.mark.parametrize("lost", [LOST_REPLY, LOST_REQUEST], ids=["reply", "request"])
def test_silence_where_nobody_can_look_is_for_staff(shop: Shop, far: FarSide, lost: Act) -> None:
    """With neither guard nor look-up a silence ends in staff's hands, and a customer's correction sends nothing."""
    blind(shop)
    order = shop.place(Kind.REGISTER, "free.test")
    far.plan.append(lost)
    shop.work(order)
    assert (shop.state(order), shop.row(order).turn) == (State.HELD, "staff")
    with pytest.raises(by_hand.ActRefusedError) as refused:
        shop.correct(order, ticket="T-1", nameservers=["ns1.example.net"])
    assert refused.value.code == "in_doubt"
    shop.run()
    assert len(far.received) == 1
    assert disagreements(shop) == []


def test_a_renewal_where_nobody_can_look_is_for_staff(shop: Shop, far: FarSide) -> None:
    """A renewal whose current expiry nobody can read is not sent unguarded."""
    order = blind(shop).place()
    shop.work(order)
    assert (shop.state(order), shop.row(order).turn, far.received) == (State.HELD, "staff", [])


@pytest.mark.parametrize(("act", "money"), [("complete", "earned"), ("refuse", "credit")])
def test_staff_end_what_they_know(shop: Shop, far: FarSide, act: Ending, money: str) -> None:
    """By hand an order is completed or refused as the look has it, with a ticket, once."""
    order = held(shop, far, LOST_REPLY if act == "complete" else LOST_REQUEST)
    shop.clock.skip(LONG_LOOK)
    shop.end_by_hand(act, order)
    assert [line[0] for line in shop.ask("SELECT kind FROM movements WHERE phase = 2")] == [money]
    assert disagreements(shop) == []
    with pytest.raises(by_hand.ActRefusedError, match="only a held order"):
        shop.end_by_hand(act, order)


@pytest.mark.parametrize(
    ("act", "lost"), [("complete", LOST_REQUEST), ("refuse", LOST_REPLY), ("cancel", LOST_REPLY)]
)
def test_staff_are_refused_what_the_look_contradicts(
    shop: Shop, far: FarSide, act: Ending, lost: Act
) -> None:
    """By hand nothing is done that the look contradicts, whoever asks."""
    order = held(shop, far, lost)
    shop.clock.skip(LONG_LOOK)
    with pytest.raises(by_hand.ActRefusedError):
        shop.end_by_hand(act, order)
    assert shop.state(order) == State.HELD
    assert disagreements(shop) == []


def test_staff_cannot_refuse_too_early(shop: Shop, far: FarSide) -> None:
    """What was sent may still land: before the longer look nobody refuses it."""
    order = held(shop, far, LOST_REQUEST)
    with pytest.raises(by_hand.ActRefusedError) as refused:
        shop.end_by_hand("refuse", order)
    assert refused.value.code == "too_early"


def held(shop: Shop, far: FarSide, lost: Act) -> int:
    """Hold an order of which nobody heard, because every look failed."""
    order = shop.place()
    far.plan.append(lost)
    shop.work(order)
    far.failing_looks = shop.terms.max_failed_looks
    shop.run()
    assert shop.state(order) == State.HELD
    return order


@pytest.mark.parametrize("look_first", [False, True])
def test_a_placed_order_is_cancelled_at_once(shop: Shop, look_first: bool) -> None:
    """What was never sent is cancelled and credited, also if somebody was about to look."""
    order = shop.place()
    stale = shop.claim(order) if look_first else None
    if look_first:
        shop.lease_runs_out(order)
    shop.end_by_hand("cancel", order)
    if stale is not None:
        assert shop.begin(stale, shop.look(stale)) is None
    assert shop.state(order) == State.CANCELLED
    assert disagreements(shop) == []


@pytest.mark.parametrize("act", [LOST_REPLY, pend("approve"), Act()])
def test_what_was_sent_is_not_cancelled(shop: Shop, far: FarSide, act: Act) -> None:
    """Nothing is cancelled while it may happen, or once it did."""
    order = shop.place()
    far.plan.append(act)
    shop.work(order)
    with pytest.raises(by_hand.ActRefusedError) as refused:
        shop.end_by_hand("cancel", order)
    assert refused.value.code == "not_now"
    shop.run()
    assert disagreements(shop) == []


def test_a_success_after_a_credit_is_a_finding(shop: Shop, far: FarSide) -> None:
    """When a credited order turns out to have happened, staff are told at once."""
    order = shop.place()
    frozen = shop.begun(order)
    shop.lease_runs_out(order)
    far.plan.append(refuse(RefusalReason.STATUS_PROHIBITS))
    shop.run()
    assert shop.state(order) == State.REFUSED
    shop.settle(frozen, shop.send_too_late(frozen))
    assert shop.ask("SELECT kind FROM findings WHERE closed_at IS NULL") == [("success_after_credit",)]


def test_a_message_of_success_after_a_credit_is_a_finding(shop: Shop, far: FarSide) -> None:
    """The same when the registrar says so by message."""
    order = shop.place(Kind.REGISTER, "free.test")
    far.plan.append(pend("reject"))
    shop.work(order)
    shop.run()
    assert shop.state(order) == State.REFUSED
    far.say("free.test", Kind.REGISTER, Progress.APPROVED)
    shop.read_messages()
    assert shop.ask("SELECT kind FROM findings WHERE closed_at IS NULL") == [("success_after_credit",)]


def test_a_killer_of_workers_is_held(shop: Shop) -> None:
    """An order over which worker after worker falls silent is held, and sends nothing more."""
    order = shop.place()
    for _ in range(shop.terms.max_crashes):
        assert shop.claim(order) is not None
        shop.lease_runs_out(order)
    assert (shop.state(order), shop.row(order).turn) == (State.HELD, "staff")
    assert disagreements(shop) == []


def test_a_registrar_that_never_answers_is_held(shop: Shop, far: FarSide) -> None:
    """After a few attempts without any answer staff are asked."""
    order = shop.place()
    far.plan.extend([LOST_REQUEST] * 5)
    shop.run()
    assert (shop.state(order), len(far.received)) == (State.HELD, shop.terms.max_unknowns)
