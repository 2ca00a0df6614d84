"""In which order are orders taken up? By their promises, whichever nudge comes first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from registrar import holds
from registrar.commands import Kind
from registrar.orders import sweeping, working
from registrar.orders.routing import Pause
from registrar.orders.states import State
from tests.agreement.rulebook import standard
from tests.core.story import Shop, at_once


def first_in_line(shop: Shop, order_id: int, *, registrar: str | None = None) -> int | None:
    """Use an order's nudge at its registrar, or at another, and return the order that it was used for."""
    at = registrar or shop.row(order_id).registrar
    with shop.database.transaction() as connection:
        sweeping.stand_in_line(connection, at)
        return sweeping.first_in_line(connection, order_id, registrar=at, now=shop.clock.now)


def place_three(shop: Shop) -> list[int]:
    """Place three orders, an hour apart."""
    placed = []
    for name in ("first.test", "second.test", "third.test"):
        placed.append(shop.place(Kind.REGISTER, name))
        shop.clock.now += timedelta(hours=1)
    return placed


def test_a_nudge_is_used_for_the_earliest_promise(shop: Shop) -> None:
    """A later order's nudge that comes first starts the order that was promised first, and the later one is rung again."""
    first, _, third = place_three(shop)
    with shop.database.transaction() as connection:
        sweeping.take_due(
            connection,
            shop.row(first).registrar,
            limit=3,
            outstanding=3,
            now=shop.clock.now,
            rung_for=timedelta(minutes=1),
        )
    assert first_in_line(shop, third) == first
    assert shop.row(third).rung_until is None
    assert shop.row(first).rung_until is not None


def test_the_first_in_line_is_not_passed_over(shop: Shop) -> None:
    """The nudge of the earliest promise is used for that one."""
    first, second, _ = place_three(shop)
    assert first_in_line(shop, first) == first
    shop.work(first)
    assert first_in_line(shop, second) == second


def test_who_waits_for_something_is_passed(shop: Shop) -> None:
    """An order that is not due, or that is in somebody's hands, keeps nobody behind it waiting."""
    first, second, third = place_three(shop)
    assert shop.claim(first) is not None
    silent = Pause("it does not answer", shop.clock.now + timedelta(hours=1))
    assert shop.claim(second, pauses={shop.row(second).registrar: silent}) is None
    assert first_in_line(shop, third) == third


def test_a_nudge_that_comes_too_late_does_for_the_next(shop: Shop) -> None:
    """Where an order was taken up by another's nudge, its own starts the next one, so that no place stays empty."""
    first, second, third = place_three(shop)
    shop.work(first)
    assert shop.state(first) is State.COMPLETED
    assert first_in_line(shop, first) == second
    assert shop.row(third).state == State.PLACED


def test_an_order_that_has_left_its_registrar_is_not_taken_up_there(shop: Shop) -> None:
    """A worker that was going to ask the first supplier does nothing once another has sent the order to the second."""
    first, second, _ = place_three(shop)
    assert first_in_line(shop, second, registrar="the-first-supplier") is None
    assert shop.row(first).state == shop.row(second).state == State.PLACED


def test_the_cap_is_kept_by_workers_that_take_up_at_the_same_moment(shop: Shop) -> None:
    """However many workers ask at once, no more orders are in the air than the registrar may have, the first ones first."""
    orders = [shop.place(Kind.REGISTER, f"name-{number}.test") for number in range(12)]
    terms, registrar = replace(shop.terms, in_flight_cap=4), shop.row(orders[0]).registrar

    def take_up(number: int) -> int | None:
        with shop.database.transaction() as connection:
            now = shop.clock.now
            sweeping.stand_in_line(connection, registrar)
            first = sweeping.first_in_line(connection, orders[number], registrar=registrar, now=now)
            assert first is not None
            return first if working.claim(connection, first, terms=terms, rules=standard(), now=now) else None

    taken = {order for order in at_once(len(orders), take_up) if order}
    assert taken == set(orders[:4])


def test_a_release_misses_no_order_that_is_being_put_off(shop: Shop) -> None:
    """An order that learns of a hold at the moment of its release does not sleep until the hold's next probe."""
    order = shop.place(Kind.REGISTER, "mina.test")
    put_on_hold(shop, order)
    with released_meanwhile(shop, order) as connection:
        assert put_off(shop, connection, order)
    assert shop.row(order).due_at <= shop.clock.now


@pytest.mark.parametrize("somebody_is_due", [True, False])
def test_a_release_misses_no_order_that_a_late_nudge_names(shop: Shop, somebody_is_due: bool) -> None:
    """A worker that was rung for an order which waits for a hold since keeps no release from making it due."""
    order, other = shop.place(Kind.REGISTER, "mina.test"), shop.place(Kind.REGISTER, "sara.test")
    registrar, now = shop.row(order).registrar, shop.clock.now
    put_on_hold(shop, order)
    with shop.database.transaction() as connection:
        assert put_off(shop, connection, order)
        assert somebody_is_due or put_off(shop, connection, other)
    with released_meanwhile(shop, order) as connection:
        sweeping.stand_in_line(connection, registrar)
        first = sweeping.first_in_line(connection, order, registrar=registrar, now=now)
        assert first == (other if somebody_is_due else None)
    assert shop.row(order).due_at <= now


def test_a_release_misses_no_order_that_is_to_be_rung_again(shop: Shop) -> None:
    """A worker that has no seat for an order which waits for a hold since keeps no release from making it due."""
    order = shop.place(Kind.REGISTER, "mina.test")
    put_on_hold(shop, order)
    with shop.database.transaction() as connection:
        assert put_off(shop, connection, order)
    with released_meanwhile(shop, order) as connection:
        sweeping.leave_due(connection, order)
    assert shop.row(order).due_at <= shop.clock.now


def put_on_hold(shop: Shop, order: int) -> None:
    """Put an order's registrar on hold."""
    with shop.database.transaction() as connection:
        holds.put_by_hand(
            connection,
            shop.row(order).registrar,
            reason="it moves",
            now=shop.clock.now,
            actor="staff:sara",
            ticket="T-1",
        )


def put_off(shop: Shop, connection: Connection, order: int) -> bool:
    """Try to take an order up; return whether it was put off."""
    now = shop.clock.now
    return working.claim(connection, order, terms=shop.terms, rules=standard(), now=now) is None


@contextmanager
def released_meanwhile(shop: Shop, order: int) -> Iterator[Connection]:
    """Open a transaction, and release an order's registrar before it ends, or after it if the release waits for it."""
    registrar, now = shop.row(order).registrar, shop.clock.now

    def release() -> None:
        with shop.database.transaction() as connection:
            holds.release(connection, registrar, now=now)

    with ThreadPoolExecutor(1) as thread:
        with shop.database.transaction() as connection:
            yield connection
            released = thread.submit(release)
            wait([released], timeout=0.5)  # a release that does not wait has missed something by then
        released.result(10)
