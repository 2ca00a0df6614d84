"""In which order are orders taken up? By their promises, whichever nudge comes first."""

from datetime import timedelta

from registrar.commands import Kind
from registrar.orders import sweeping
from registrar.orders.routing import Pause
from registrar.orders.states import State
from tests.core.story import Shop


def first_in_line(shop: Shop, order_id: int) -> int:
    """Use an order's nudge, and return the order that it was used for."""
    with shop.database.transaction() as connection:
        return sweeping.first_in_line(connection, order_id, now=shop.clock.now)


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


def test_a_nudge_that_comes_too_late_is_used_for_nothing(shop: Shop) -> None:
    """An order that has ended is rung for in vain, and no other is started for it."""
    first, second, _ = place_three(shop)
    shop.work(second)
    assert shop.state(second) is State.COMPLETED
    assert first_in_line(shop, second) == second
    assert shop.state(first) is State.PLACED
