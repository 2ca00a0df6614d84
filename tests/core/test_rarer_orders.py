"""How do the rarer orders end: a restore, another holder, a renewal of somebody else's name, documents that are asked for?"""

from dataclasses import replace

import pytest

from registrar import holds
from registrar.commands import Kind
from registrar.findings import list_open
from registrar.gateway import Progress
from registrar.orders import reading
from registrar.orders.states import State
from registrar.outcomes import BlockCause, Blocked, Correctable, Correction, Pending, Reply
from tests.core.conftest import EXPIRES
from tests.core.far_side import (
    CAPABILITIES,
    LATE_LIMIT,
    LOST_REPLY,
    LOST_REQUEST,
    PIN,
    Act,
    correctable,
    pend,
)
from tests.core.story import Shop, disagreements, terms_of

NAMES = {Kind.RESTORE: "gone.test", Kind.RENEW_ELSEWHERE: "sara.test", Kind.CHANGE_HOLDER: "mina.test"}


@pytest.fixture(autouse=True)
def in_redemption(shop: Shop) -> None:
    """Have gone.test in redemption."""
    shop.far.own("gone.test", EXPIRES, in_redemption=True)


def portal_state(shop: Shop, order: int) -> str:
    """Tell what the portal is told."""
    return reading.portal_state(shop.row(order))


@pytest.mark.parametrize("kind", NAMES)
def test_a_rarer_order_is_done_once(shop: Shop, kind: Kind) -> None:
    """It is sent, charged once, and the money is earned."""
    order = shop.place(kind, NAMES[kind])
    shop.work(order)
    assert shop.state(order) == State.COMPLETED
    assert len(shop.far.charges) == 1
    assert disagreements(shop) == []


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("act", [LOST_REPLY, LOST_REQUEST])
def test_a_lost_answer_costs_nothing_twice(shop: Shop, kind: Kind, act: Act) -> None:
    """Whether the answer or the request was lost, looks find out, and it is charged once in the end."""
    shop.far.plan.append(act)
    order = shop.place(kind, NAMES[kind])
    shop.work(order)
    assert shop.state(order) == State.UNRESOLVED
    shop.run()
    assert shop.state(order) == State.COMPLETED
    assert len(shop.far.charges) == 1
    assert disagreements(shop) == []


@pytest.mark.parametrize("kind", NAMES)
def test_a_rarer_order_that_is_accepted_is_followed(shop: Shop, kind: Kind) -> None:
    """Accepted is not done: it is followed until the registrar has carried it out."""
    shop.far.plan.append(pend("approve"))
    order = shop.place(kind, NAMES[kind])
    shop.work(order)
    assert shop.state(order) == State.PENDING
    shop.run()
    assert shop.state(order) == State.COMPLETED
    assert disagreements(shop) == []


def test_a_name_that_is_not_in_redemption_is_not_restored(shop: Shop) -> None:
    """A restore of a name that is well is refused and credited, and nothing is sent."""
    order = shop.place(Kind.RESTORE, "mina.test")
    shop.work(order)
    assert (shop.state(order), shop.row(order).ended_reason) == (State.REFUSED, "not_restorable")
    assert shop.far.received == []


def test_somebody_elses_renewal_is_not_taken_for_ours(shop: Shop) -> None:
    """A foreign name's date may move without us: when our answer was lost and no charge is ours, staff decide."""
    shop.far.plan.append(LOST_REQUEST)
    order = shop.place(Kind.RENEW_ELSEWHERE, "sara.test")
    shop.work(order)
    shop.far.own("sara.test", EXPIRES.replace(year=EXPIRES.year + 1), sponsor="another registrar")
    shop.run()
    assert shop.state(order) == State.HELD
    assert shop.far.charges == []


def test_without_a_pin_the_holder_is_asked_for_it(shop: Shop) -> None:
    """A change of holder without a PIN has the registry mail one; with it, the order goes on."""
    order = shop.place(Kind.CHANGE_HOLDER, "mina.test", pin=None)
    shop.work(order)
    assert (portal_state(shop, order), shop.row(order).needs) == ("action_required", "pin")
    assert shop.far.charges == []
    shop.correct(order, pin=PIN)
    shop.work(order)
    assert shop.state(order) == State.COMPLETED
    assert disagreements(shop) == []


def test_a_wrong_pin_is_asked_for_again(shop: Shop) -> None:
    """A PIN that the registry does not know costs nothing and is corrected like a wrong auth code."""
    order = shop.place(Kind.CHANGE_HOLDER, "mina.test", pin="912345670")
    shop.work(order)
    assert shop.row(order).needs == "pin"
    shop.correct(order, pin=PIN)
    shop.work(order)
    assert shop.state(order) == State.COMPLETED


def test_a_pin_is_not_readable_in_the_database(shop: Shop) -> None:
    """What the holder was mailed is sealed like an auth code."""
    order = shop.place(Kind.CHANGE_HOLDER, "mina.test")
    assert PIN not in str(tuple(shop.row(order)))


def test_documents_are_the_customers_turn_with_a_day(shop: Shop) -> None:
    """When the registry asks for documents, the portal is told to act and until when; the order stays accepted."""
    shop.far.plan.append(pend("approve", days=5))
    order = shop.place(Kind.REGISTER, "free.test")
    shop.work(order)
    shop.far.own_progress("free.test", {Kind.REGISTER: Progress.DOCUMENTS_REQUIRED})
    shop.run(days=1)
    asked = shop.row(order)
    assert (portal_state(shop, order), asked.needs, asked.turn) == (
        "action_required",
        "documents",
        "customer",
    )
    assert asked.state == State.PENDING
    shop.run(days=1)
    assert shop.row(order).correct_by == asked.correct_by
    shop.run()
    assert shop.state(order) == State.COMPLETED


def test_a_day_that_passes_does_not_refuse_what_the_registry_keeps(shop: Shop) -> None:
    """Documents that come late are between holder and registry: an accepted order is never credited for its age."""
    shop.far.plan.append(pend("approve", days=40))
    order = shop.place(Kind.REGISTER, "free.test")
    shop.work(order)
    shop.far.own_progress("free.test", {Kind.REGISTER: Progress.DOCUMENTS_REQUIRED})
    shop.run(days=20)
    assert shop.row(order).correct_by < shop.clock.now
    assert shop.state(order) == State.PENDING
    shop.run()
    assert shop.state(order) == State.COMPLETED
    assert disagreements(shop) == []


SAVES = replace(CAPABILITIES, resumes_saved=True)


@pytest.mark.parametrize(("kind", "name"), [(Kind.RENEW, "mina.test"), (Kind.REGISTER, "free.test")])
def test_an_order_that_is_saved_for_want_of_a_deposit_is_taken_up_again(
    shop: Shop, kind: Kind, name: str
) -> None:
    """A supplier that keeps an order until we pay in is sent it again after the top-up, and charges it once."""
    shop.far.capabilities, shop.terms = SAVES, terms_of(SAVES)
    shop.far.funds = 0
    first, second = shop.place(kind, name), shop.place(Kind.REGISTER, "other.test")
    shop.work(first)
    shop.work(second)
    assert (shop.state(first), shop.state(second)) == (State.PLACED, State.PLACED)
    assert "on hold" in shop.row(second).waiting_reason
    assert len(shop.far.received) == 1
    assert (shop.row(first).slot, shop.row(second).slot) == (True, False)
    shop.run(days=0.25)
    assert shop.state(first) == State.PLACED
    shop.far.funds = 5
    shop.run(days=3)
    assert [shop.state(order) for order in (first, second)] == [State.COMPLETED] * 2
    assert disagreements(shop) == []


def test_a_saved_order_whose_answer_was_lost_is_found_and_taken_up(shop: Shop) -> None:
    """That an order was saved may be said in an answer that never came: a look finds it, and it is sent again."""
    shop.far.capabilities, shop.terms = SAVES, terms_of(SAVES)
    shop.far.funds = 0
    shop.far.plan.append(LOST_REPLY)
    order = shop.place(Kind.RENEW, "mina.test")
    shop.work(order)
    assert shop.state(order) == State.UNRESOLVED
    shop.run(days=0.25)
    shop.far.funds = 5
    shop.run(days=3)
    assert shop.state(order) == State.COMPLETED
    assert disagreements(shop) == []


def test_a_saved_order_is_left_to_a_supplier_that_completes_it_by_itself(shop: Shop) -> None:
    """Where the supplier carries saved orders out by itself, ours is followed and never sent a second time."""
    saved = Pending(Reply("InvoicePaid", "Order Locked In Processing"), blocked=BlockCause.DEPOSIT)
    shop.far.plan.append(Act("never", saved))
    first, second = shop.place(), shop.place(Kind.REGISTER, "free.test")
    shop.work(first)
    shop.work(second)
    assert (shop.state(first), shop.state(second)) == (State.PENDING, State.PLACED)
    assert len(shop.far.received) == 1


def test_that_an_order_was_saved_is_told_also_when_its_answer_was_lost(shop: Shop) -> None:
    """The look that finds a saved order puts the registrar on hold, once, though no answer ever said so."""
    shop.far.plan.append(LOST_REQUEST)
    order = shop.place()
    shop.work(order)
    shop.far.saved.add("mina.test")
    shop.clock.skip(LATE_LIMIT)
    shop.look_after(order)
    assert shop.state(order) == State.PENDING
    with shop.database.reading() as connection:
        assert [hold.cause for hold in holds.list_open(connection, "far")] == [BlockCause.DEPOSIT]


def test_an_order_over_its_ceiling_is_held_and_may_be_raised(shop: Shop) -> None:
    """What costs more than the order allows is not bought at a loss: staff raise the ceiling, with a ticket, or refuse."""
    order = shop.place(Kind.REGISTER, "free.test", price_ceiling={"amount": 1000, "currency": "USD"})
    shop.far.plan.append(Act("never", Blocked(Reply(text="premium: 80.00 USD"), BlockCause.PRICE)))
    shop.work(order)
    assert (shop.state(order), shop.row(order).turn) == (State.HELD, "staff")
    shop.correct(order, ticket="T-7", price_ceiling={"amount": 9000, "currency": "USD"})
    assert shop.row(order).details["price_ceiling"] == {"amount": 9000, "currency": "USD"}
    shop.work(order)
    assert shop.state(order) == State.COMPLETED
    assert disagreements(shop) == []


@pytest.mark.parametrize("needs", [Correction.DOCUMENTS, Correction.UNLOCK])
def test_what_is_put_right_elsewhere_is_said(shop: Shop, needs: Correction) -> None:
    """What the order itself does not carry is done elsewhere, and the order goes on when the customer says so."""
    shop.far.plan.append(correctable(needs))
    order = shop.place(Kind.CHANGE_HOLDER, "mina.test")
    shop.work(order)
    shop.correct(order, done=True)
    shop.work(order)
    assert shop.state(order) == State.COMPLETED


def test_a_rejected_change_of_holder_is_credited_once(shop: Shop) -> None:
    """The present holder says no: the price is back, once, and the name stays where it was."""
    shop.far.plan.append(pend("reject"))
    order = shop.place(Kind.CHANGE_HOLDER, "mina.test")
    shop.work(order)
    shop.run()
    assert shop.state(order) == State.REFUSED
    assert disagreements(shop) == []


def test_a_registrars_word_for_staff_is_one_finding(shop: Shop) -> None:
    """A claim that the registry tells of by message is shown to staff, once however often the message is read."""
    shop.far.say("mina.test", Kind.RENEW, Progress.UNDER_WAY, attention="a UDRP case was opened: D2026-0001")
    shop.read_messages()
    with shop.database.reading() as connection:
        (told,) = list_open(connection)
    assert told["kind"] == "registrar_message"
    assert "UDRP" in str(told["text"])


def test_a_correctable_answer_is_nothing_spent(shop: Shop) -> None:
    """Whatever is asked of the customer, nothing was charged for asking."""
    shop.far.plan.append(Act("never", Correctable(Reply("2202"), Correction.PIN)))
    order = shop.place(Kind.CHANGE_HOLDER, "mina.test")
    shop.work(order)
    assert (shop.state(order), shop.far.charges) == (State.HELD, [])


def test_somebody_elses_saved_order_stops_its_name_alone(shop: Shop) -> None:
    """A renewal that the supplier saved by itself (its auto-renewal) is for staff, and holds up no other name's orders."""
    shop.far.saved.add("mina.test")
    first = shop.place(Kind.RENEW, "mina.test")
    second = shop.place(Kind.REGISTER, "free.test")
    shop.run(days=3)
    assert (shop.state(first), shop.row(first).turn) == (State.HELD, "staff")
    assert shop.state(second) == State.COMPLETED
    assert shop.ask("SELECT count(*) FROM holds") == [(0,)]
