"""Does a name live and end as it does at LogicBoxes: suspended, deleted, redeemed, lapsed?"""

from datetime import timedelta

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.logicboxes.reseller import EXPIRY, Clock, Reseller, amounts, epoch, order_of


@pytest.fixture
def order_id(books: Books, reseller: Reseller) -> str:
    order_of(books, "ours.com")
    return str(reseller.shown("ours.com")["orderid"])


def test_a_suspended_name_is_neither_renewed_nor_changed(
    books: Books, reseller: Reseller, order_id: str
) -> None:
    """It must be released first; then everything works again."""
    assert reseller.post("orders/suspend", order_id=order_id, reason="a dispute").progress[0] == "Success"
    assert reseller.shown("ours.com")["currentstatus"] == "Suspended"
    assert reseller.shown("ours.com")["orderstatus"] == ["resellersuspend"]

    for reply in (
        reseller.renew(order_id, epoch(EXPIRY)),
        reseller.post("domains/delete", order_id=order_id),
        reseller.post("domains/modify-ns", order_id=order_id, ns=["ns3.example.net"]),
    ):
        assert reply.message.startswith("You are not allowed to perform this action")
    reseller.post("orders/unsuspend", order_id=order_id)
    assert reseller.renew(order_id, epoch(EXPIRY)).progress == ("Success", "Success")
    assert amounts(books) == [1599]


def test_a_deletion_is_accepted_before_it_is_done(reseller: Reseller, order_id: str, clock: Clock) -> None:
    """The answer is no deletion yet; the name goes into redemption when the action is executed."""
    reply = reseller.post("domains/delete", order_id=order_id)

    assert reply.progress == ("Success", "PendingExecution")
    assert reseller.shown("ours.com")["currentstatus"] == "Active"
    clock.forward(seconds=61)
    assert reseller.shown("ours.com")["currentstatus"] == "Pending Delete Restorable"


def test_a_deleted_name_is_restored_at_its_own_price(
    books: Books, reseller: Reseller, order_id: str, clock: Clock
) -> None:
    """Only from redemption, once, and for no more time; in redemption nothing else is possible."""
    assert "Invalid action status" in reseller.restore(order_id).message
    reseller.post("domains/delete", order_id=order_id)
    clock.forward(seconds=61)
    assert "Invalid action status" in reseller.renew(order_id, epoch(EXPIRY)).message

    assert reseller.restore(order_id).progress == ("Success", "Success")

    shown = reseller.shown("ours.com")
    assert (shown["currentstatus"], shown["endtime"]) == ("Active", epoch(EXPIRY))
    assert "Invalid action status" in reseller.restore(order_id).message
    assert [(charge.command, charge.months, charge.amount) for charge in books.charges()] == [
        ("restore", 0, 8000)
    ]


def test_a_lapsed_name_is_restorable_and_then_free(
    books: Books, reseller: Reseller, order_id: str, clock: Clock
) -> None:
    """Thirty days after its expiry it is in redemption, thirty days later anybody may register it."""
    clock.now = EXPIRY + timedelta(days=29)
    assert reseller.shown("ours.com")["currentstatus"] == "Active"
    clock.forward(days=1)
    assert reseller.shown("ours.com")["currentstatus"] == "Pending Delete Restorable"
    clock.forward(days=30)
    assert reseller.details("ours.com").message == "Website doesn't exist for ours.com"
    assert reseller.available("ours", "com")["ours.com"]["status"] == "available"
    assert reseller.register("ours.com").body["entityid"] != order_id


def test_a_restored_lapsed_name_can_be_renewed(reseller: Reseller, order_id: str, clock: Clock) -> None:
    """A restore buys no time: the name is expired, active, and to be renewed in its grace."""
    clock.now = EXPIRY + timedelta(days=40)

    reseller.restore(order_id)

    assert reseller.shown("ours.com")["currentstatus"] == "Active"
    assert reseller.renew(order_id, epoch(EXPIRY)).progress == ("Success", "Success")
