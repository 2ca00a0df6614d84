"""Does a name get another holder only when staff have seen its holder's written request through support (O5, C2)?"""

from datetime import timedelta
from typing import Any

import pytest

from registrar.commands import Kind
from registrar.orders import agreed, approving
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.orders.states import State
from tests.agreement.books import events, findings
from tests.agreement.rulebook import standard
from tests.core.far_side import NEW_HOLDER, FarSide
from tests.core.story import PRICE, Shop, disagreements


def placed(shop: Shop, **fields: Any) -> int:
    """Let a portal order a change of holder."""
    return shop.place_only(Kind.CHANGE_HOLDER, "mina.test", **fields)


def staff(shop: Shop, ticket: str = "T-5") -> ByHand:
    """Have staff act."""
    return ByHand("staff:sara", ticket, shop.clock.now)


def told(shop: Shop, order_id: int) -> dict[str, Any]:
    """Return what the portal shows of the agreement about an order."""
    with shop.database.reading() as connection:
        return agreed.agreed(connection, shop.row(order_id), book=standard(), now=shop.clock.now)


def balance(shop: Shop) -> int:
    """Return what the customer has with the company."""
    [(amount,)] = shop.ask("SELECT coalesce(max(balance), 0) FROM entries")
    return int(amount)


def test_a_change_of_holder_waits_for_staff(shop: Shop, far: FarSide) -> None:
    """Ordered and paid, it is not even looked at: staff are told what it waits for, and the money stays where it is."""
    order = placed(shop, requested_via="support")
    shop.run(days=3)
    assert (shop.state(order), far.received) == (State.PLACED, [])
    assert findings(shop, "approval_needed") == [f"order:{order}"]
    assert told(shop, order)["approval"] == "needed"
    assert "approval" in shop.row(order).waiting_reason


def test_approved_with_its_ticket_it_goes_like_any_other(shop: Shop, far: FarSide) -> None:
    """With the request from the support system staff let it go; who did, on which ticket, is written down."""
    order = placed(shop)
    shop.approve(order)
    shop.run(days=1)
    assert shop.state(order) is State.COMPLETED
    known = far.registration("mina.test")
    assert known is not None
    assert known.holder == NEW_HOLDER
    assert findings(shop, "approval_needed") == []
    assert events(shop, "order.approved") == [
        {"subject": None, "actor": "staff:sara", "ticket": "T-1", "evidence": {"via": "support"}}
    ]
    assert disagreements(shop) == []


@pytest.mark.parametrize("channel", ["email", "phone", "fax", "letter", "portal"])
def test_no_other_channel_is_enough(shop: Shop, far: FarSide, channel: str) -> None:
    """An e-mail, a call or a fax does not change a holder: the clause asks for a request through support."""
    order = placed(shop, requested_via=channel)
    with pytest.raises(ActRefusedError) as refused:
        shop.approve(order, via=channel)
    assert refused.value.code == "channel_not_valid"
    shop.run(days=1)
    assert (shop.state(order), far.received) == (State.PLACED, [])


def test_an_approval_needs_a_ticket(shop: Shop) -> None:
    """Nobody lets a name go to another holder without a ticket in the support system (C1)."""
    with pytest.raises(ActRefusedError) as refused:
        staff(shop, ticket=" ")
    assert refused.value.code == "ticket_missing"


def test_a_declined_change_is_credited_in_full(shop: Shop, far: FarSide) -> None:
    """Where staff decline it nothing was sent, and the whole price is with the customer (D5)."""
    order = placed(shop)
    with shop.database.transaction() as connection:
        approving.decline(connection, order, act=staff(shop))
    assert (shop.state(order), balance(shop), far.received) == (State.REFUSED, PRICE, [])
    assert findings(shop, "approval_needed") == []
    assert disagreements(shop) == []
    with shop.database.transaction() as connection, pytest.raises(ActRefusedError) as refused:
        approving.decline(connection, order, act=staff(shop))
    assert (refused.value.code, balance(shop)) == ("approval_not_needed", PRICE)


def test_what_was_approved_is_not_declined_afterwards(shop: Shop) -> None:
    """An approval stands: whoever comes second is told that nothing waits for him."""
    order = placed(shop)
    shop.approve(order)
    for again in (shop.approve, lambda number: _declined(shop, number)):
        with pytest.raises(ActRefusedError) as refused:
            again(order)
        assert refused.value.code == "approval_not_needed"


def test_other_orders_wait_for_nobody(shop: Shop) -> None:
    """A renewal needs no approval, and cannot be approved."""
    order = shop.place(Kind.RENEW)
    assert told(shop, order)["approval"] is None
    with pytest.raises(ActRefusedError) as refused:
        shop.approve(order)
    assert refused.value.code == "approval_not_needed"


def test_the_lock_that_follows_is_shown_beforehand(shop: Shop) -> None:
    """Before it is done the customer reads from when he could transfer his name again; afterwards it counts from the change."""
    order = placed(shop)
    assert told(shop, order)["transferable_from"] == "2026-04-30T08:00:00Z"
    shop.clock.skip(timedelta(days=2))
    shop.approve(order)
    shop.run(days=1)
    assert told(shop, order)["transferable_from"] == "2026-05-02T08:00:00Z"


def test_an_order_that_ended_without_a_change_locks_nothing(shop: Shop) -> None:
    """A declined change of holder leaves the name as free to leave as it was."""
    order = placed(shop)
    _declined(shop, order)
    assert told(shop, order)["transferable_from"] is None


def test_a_cancelled_change_is_no_longer_waited_for(shop: Shop) -> None:
    """When staff cancel it for the customer, nobody is asked to approve it any more."""
    order = placed(shop)
    shop.end_by_hand("cancel", order)
    assert (shop.state(order), findings(shop, "approval_needed")) == (State.CANCELLED, [])


def _declined(shop: Shop, order_id: int) -> None:
    with shop.database.transaction() as connection:
        approving.decline(connection, order_id, act=staff(shop))
