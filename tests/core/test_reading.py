"""What do portal and staff read of an order? The portal's words, everywhere the same."""

import pytest

from registrar.commands import Kind
from registrar.orders import reading
from registrar.outcomes import Correction
from tests.core.far_side import LOST_REQUEST, correctable, pend
from tests.core.story import Shop


def listed(shop: Shop, state: str) -> list[int]:
    """List the orders in a state."""
    with shop.database.reading() as connection:
        return [order.id for order in reading.list_orders(connection, state=state)]


def view(shop: Shop, order: int) -> dict[str, object]:
    """Return what the portal is told."""
    with shop.database.reading() as connection:
        return reading.portal_view(connection, shop.row(order))


def test_orders_are_found_by_the_states_that_are_shown(shop: Shop) -> None:
    """Each order is listed under the state that it shows, and under no other."""
    done, waits = shop.place(), shop.place(Kind.TRANSFER, "sara.test", auth_info="wrong")
    pending = shop.place(Kind.REGISTER, "free.test")
    shop.far.plan.extend([pend("approve")])
    shop.work(pending)
    shop.work(done)
    shop.work(waits)
    queued = shop.place(Kind.REGISTER, "later.test")
    shown = {order: str(view(shop, order)["state"]) for order in (done, waits, pending, queued)}
    assert shown == {
        done: "done",
        waits: "action_required",
        pending: "waiting_third_party",
        queued: "queued",
    }
    for state in reading.KNOWN_STATES:
        assert listed(shop, state) == [order for order in sorted(shown) if shown[order] == state]


def test_an_order_is_received_once_in_its_timeline(shop: Shop) -> None:
    """An order that waits to be sent again was not received and paid a second time."""
    shop.far.plan.append(LOST_REQUEST)
    order = shop.place()
    shop.work(order)
    shop.run(days=1)
    timeline = view(shop, order)["timeline"]
    assert isinstance(timeline, list)
    told = [line["what"] for line in timeline]
    assert told.count("your order was received and paid") == 1
    assert "it waits, and will be taken up again" in told


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        (Kind.RENEW_ELSEWHERE, "sara.test", "billing contact"),
        (Kind.REGISTER, "free.test", "was not accepted"),
    ],
)
def test_a_hint_says_what_to_do_for_that_kind(shop: Shop, kind: Kind, name: str, said: str) -> None:
    """Who renews somebody else's name must be let do so; who registers must give a contact that is accepted."""
    shop.far.plan.append(correctable(Correction.CONTACTS))
    order = shop.place(kind, name)
    shop.work(order)
    assert said in str(view(shop, order)["needs_hint"])
