"""What happens while a registrar is out of reach, or refuses us altogether?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from registrar import findings, holds
from registrar.commands import Expiry
from registrar.gateway import Sighting, Standing
from registrar.orders import working
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.states import State
from registrar.outcomes import BlockCause, Done, Pending, Reply
from tests.core.conftest import EXPIRES
from tests.core.far_side import LATE_LIMIT, Act
from tests.core.story import Shop, disagreements


def failed(sighting: Sighting, blocked: BlockCause | None = None) -> Sighting:
    return replace(sighting, standing=Standing.UNKNOWN, reason="no answer", expiry=None, blocked=blocked)


def look_in_vain(shop: Shop, order_id: int, blocked: BlockCause | None = None) -> None:
    """Take the order up at its time, and let the look fail."""
    claimed = shop.claim(order_id)
    assert claimed is not None
    assert shop.begin(claimed, failed(shop.look(claimed), blocked)) is None


def open_findings(shop: Shop) -> list[object]:
    with shop.database.reading() as connection:
        return [finding["kind"] for finding in findings.list_open(connection)]


def test_refused_credentials_stop_the_registrar_at_the_first_look(shop: Shop) -> None:
    """When our login is refused, nobody tries it again until staff have put it right: it may lock us out."""
    first, second = shop.place(), shop.place(name="nika.test")
    look_in_vain(shop, first, BlockCause.CREDENTIALS)
    assert shop.claim(second) is None
    assert "on hold" in shop.row(second).waiting_reason
    assert open_findings(shop) == ["registrar_on_hold"]
    with shop.database.transaction() as connection:
        assert holds.forbids_login(connection, "far")
        assert holds.release(connection, "far", now=shop.clock.now, actor="mina", ticket="T-1") == 1
        assert not holds.forbids_login(connection, "far")
    assert shop.claim(second) is not None


def test_refused_credentials_stop_the_looks_for_orders_in_doubt(shop: Shop) -> None:
    """An order in doubt whose look is refused for our login puts the registrar on hold too."""
    order = shop.place()
    shop.begun(order)
    shop.lease_runs_out(order)
    shop.clock.skip(LATE_LIMIT)
    plan = shop.plan_look(order)
    assert plan is not None
    shop.conclude(plan, failed(shop.look(plan), BlockCause.CREDENTIALS))
    assert shop.state(order) == State.UNRESOLVED
    with shop.database.reading() as connection:
        assert holds.forbids_login(connection, "far")


def test_a_name_that_the_registry_calls_invalid_is_for_staff(shop: Shop) -> None:
    """When the registrar refuses the very question, the order does not wait for ever: a person is told."""
    order, other = shop.place(), shop.place(name="nika.test")
    look_in_vain(shop, order, BlockCause.REQUEST)
    assert (shop.state(order), shop.row(order).turn) == (State.HELD, "staff")
    assert shop.claim(other) is not None


def test_an_outage_is_asked_about_less_and_less_often(shop: Shop) -> None:
    """During an outage each order waits twice as long before the next look, and staff hear of it once."""
    order = shop.place()
    waits = []
    for _ in range(shop.terms.max_failed_looks + 1):
        look_in_vain(shop, order)
        waits.append(shop.row(order).due_at - shop.clock.now)
        shop.clock.skip(waits[-1])
    assert waits[:3] == [shop.terms.look_retry, 2 * shop.terms.look_retry, 4 * shop.terms.look_retry]
    assert max(waits) == 64 * shop.terms.look_retry
    assert open_findings(shop) == ["looks_fail"]
    shop.begun(order)
    assert open_findings(shop) == []


A_YEAR_LATER = Expiry(EXPIRES + timedelta(days=365), "a year later")


def silent_first_attempt(shop: Shop, order: int) -> working.Sending:
    """Let a first attempt fall silent, and two looks find nothing of it."""
    frozen = shop.begun(order)
    shop.lease_runs_out(order)
    while shop.state(order) != State.PLACED:
        shop.clock.skip(LATE_LIMIT)
        shop.look_after(order)
    return frozen


def test_what_our_own_book_says_is_done_is_not_sent_again(shop: Shop) -> None:
    """When a success came in late and the looks still do not show it, staff compare before a second year is bought."""
    order = shop.place()
    frozen = silent_first_attempt(shop, order)
    shop.settle(frozen, Done(Reply("1000"), expiry=A_YEAR_LATER))
    claimed = shop.claim(order)
    assert claimed is not None
    assert shop.begin(claimed, shop.look(claimed)) is None
    assert (shop.state(order), shop.row(order).turn) == (State.HELD, "staff")
    shop.clock.skip(LATE_LIMIT)
    with pytest.raises(ActRefusedError, match="once answered"):
        shop.retry(order)


def test_two_successes_of_one_order_are_a_finding(shop: Shop) -> None:
    """When two attempts both turn out done, staff are told to have one undone while it can be."""
    order = shop.place()
    frozen = silent_first_attempt(shop, order)
    second = shop.begun(order)
    for sending in (second, frozen):
        shop.settle(sending, Done(Reply("1000"), expiry=A_YEAR_LATER))
    assert shop.state(order) == State.COMPLETED
    assert open_findings(shop) == ["charged_twice"]


def test_a_year_that_the_registry_added_is_not_bought_on(shop: Shop) -> None:
    """When the registry has renewed a name by itself, a paid renewal waits for a person instead of adding a year (D4)."""
    order = shop.place()
    claimed = shop.claim(order)
    assert claimed is not None
    assert shop.begin(claimed, replace(shop.look(claimed), renewed_by_registry=True)) is None
    assert (shop.state(order), shop.row(order).turn) == (State.HELD, "staff")


def test_an_accepted_order_that_hangs_can_be_taken_over(shop: Shop) -> None:
    """A renewal that was accepted and never carried out is not lost for ever: staff end it, and only after a long look."""
    shop.far.plan.append(Act("never", Pending(Reply("1001"))))
    order = shop.place()
    shop.work(order)
    shop.run(days=10)
    assert shop.state(order) == State.PENDING
    assert "order_pending_long" in open_findings(shop)
    shop.take_over(order)
    assert (shop.state(order), shop.row(order).turn) == (State.HELD, "staff")
    shop.end_by_hand("refuse", order)
    assert shop.state(order) == State.REFUSED
    assert disagreements(shop) == []


def test_an_order_that_was_just_accepted_is_not_refused_by_hand(shop: Shop) -> None:
    """What the registrar has accepted a moment ago may still be carried out: staff wait for the longer look."""
    shop.far.plan.append(Act("never", Pending(Reply("1001"))))
    order = shop.place()
    shop.work(order)
    shop.take_over(order)
    with pytest.raises(ActRefusedError, match="refuse it after"):
        shop.end_by_hand("refuse", order)
    assert shop.state(order) == State.HELD


def test_only_an_order_at_its_registrar_is_taken_over(shop: Shop) -> None:
    """What is not pending is not followed by anybody, so there is nothing to take over."""
    order = shop.place()
    with pytest.raises(ActRefusedError, match="waits for its registrar"):
        shop.take_over(order)
