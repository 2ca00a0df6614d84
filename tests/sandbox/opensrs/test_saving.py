"""What becomes of an order that the deposit does not cover? It is saved, called a success, and waits for a top-up."""

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.opensrs.shop import CODE, ELSEWHERE, EXPIRY, OLD, Clock, Shop, amounts, states


@pytest.fixture
def poor(books: Books) -> Books:
    """Give books whose deposit is empty."""
    books.top_up(-books.balance())
    return books


def test_a_registration_without_money_is_saved_and_called_a_success(poor: Books, shop: Shop) -> None:
    """Success, 200, "Registration successful", and yet nothing is registered: only `forced_pending` tells."""
    reply = shop.register("new.example")

    assert (reply.succeeded, reply.code, reply.text) == (True, 200, "Registration successful")
    number = reply.attributes["forced_pending"]
    assert reply.attributes["id"] == number
    assert shop.lookup("new.example").code == 210
    assert amounts(poor) == []
    told = shop.ask("GET_ORDER_INFO", order_id=number).attributes["field_hash"]
    assert (told["status"], told["reg_type"], told["cost"]) == ("pending", "new", "12.50")
    assert "Insufficient funds" in told["notes"]


def test_a_saved_order_is_done_after_a_top_up(poor: Books, shop: Shop, clock: Clock) -> None:
    """PROCESS_PENDING does it under its own number and first date; a repeat finds nothing pending."""
    number = shop.register("new.example").attributes["id"]
    clock.forward(days=1)
    still = shop.ask("PROCESS_PENDING", order_id=number)
    poor.top_up(5_000)

    reply = shop.ask("PROCESS_PENDING", order_id=number)

    assert (still.succeeded, still.attributes["forced_pending"]) == (True, number)
    assert (reply.succeeded, reply.code) == (True, 200)
    assert "forced_pending" not in reply.attributes
    assert (reply.attributes["id"], reply.attributes["order_id"]) == (number, number)
    assert shop.info("new.example").code == 200
    assert shop.ask("PROCESS_PENDING", order_id=number).code == 465
    [order] = shop.orders("new.example")
    assert (order["id"], order["status"], order["order_date"]) == (number, "completed", "2026-03-02 12:00:00")
    [charge] = poor.charges()
    assert (charge.amount, charge.client_transaction_id) == (1_250, number)
    assert states(poor, number) == ["superseded", "completed"]


def test_an_order_is_saved_even_for_a_name_that_is_taken(poor: Books, shop: Shop) -> None:
    """485 with `forced_pending` beside it: an order is saved that can never be done."""
    poor.add_domain("taken.example", expires_at=EXPIRY, sponsor=ELSEWHERE)

    reply = shop.register("taken.example")

    assert (reply.succeeded, reply.code) == (False, 485)
    number = reply.attributes["forced_pending"]
    assert shop.status_of(number) == "pending"
    poor.top_up(5_000)
    again = shop.ask("PROCESS_PENDING", order_id=number)
    assert (again.code, again.attributes) == (485, {})
    assert shop.status_of(number) == "pending"
    assert amounts(poor) == []


def test_a_new_order_cancels_the_saved_one(poor: Books, shop: Shop) -> None:
    """The earlier number is named in the answer, and nothing can be done with it any more."""
    first = shop.register("new.example").attributes["id"]
    poor.top_up(5_000)

    reply = shop.register("new.example")

    assert reply.attributes["cancelled_orders"] == [first]
    assert shop.status_of(first) == "cancelled"
    assert shop.ask("PROCESS_PENDING", order_id=first).code == 465
    assert amounts(poor) == [1_250]


def test_a_refused_order_leaves_the_saved_one(poor: Books, shop: Shop) -> None:
    """What is refused changes nothing, not even what it would have replaced."""
    first = shop.register("new.example").attributes["id"]

    assert shop.register("new.example", period="11").code == 465
    assert shop.status_of(first) == "pending"


def test_a_renewal_without_money_is_saved(poor: Books, shop: Shop) -> None:
    """Success without a new date; another renewal is refused until the draft is removed."""
    poor.add_domain("ours.example", expires_at=EXPIRY)

    reply = shop.renew("ours.example")

    assert (reply.succeeded, reply.code) == (True, 200)
    number = reply.attributes["forced_pending"]
    assert "registration expiration date" not in reply.attributes
    poor.top_up(5_000)
    refused = shop.renew("ours.example")
    assert (refused.succeeded, refused.code) == (False, 437)
    assert number in refused.text
    assert shop.ask("PROCESS_PENDING", order_id=number, command="cancel").code == 200
    assert shop.status_of(number) == "cancelled"
    assert shop.renew("ours.example").attributes["registration expiration date"] == "2027-11-05 08:30:00"
    assert amounts(poor) == [1_375]


def test_a_saved_renewal_is_held_to_its_year_when_it_is_taken_up(poor: Books, shop: Shop) -> None:
    """Renewed meanwhile by other means, the draft is refused as renewed already."""
    poor.add_domain("ours.example", expires_at=EXPIRY)
    number = shop.renew("ours.example").attributes["order_id"]
    poor.top_up(5_000)
    poor.add_domain("ours.example", expires_at=EXPIRY.replace(year=2027))

    assert shop.ask("PROCESS_PENDING", order_id=number).code == 555
    assert amounts(poor) == []


def test_a_saved_renewal_done_later_tells_its_new_date(poor: Books, shop: Shop) -> None:
    """After the top-up the draft is renewed from the year that it states."""
    poor.add_domain("ours.example", expires_at=EXPIRY)
    number = shop.renew("ours.example").attributes["order_id"]
    poor.top_up(5_000)

    reply = shop.ask("PROCESS_PENDING", order_id=number)

    assert reply.attributes["registration expiration date"] == "2027-11-05 08:30:00"
    assert amounts(poor) == [1_375]


def test_a_saved_transfer_begins_after_a_top_up(poor: Books, shop: Shop, clock: Clock) -> None:
    """Taken up, it goes to the losing registrar like any other transfer."""
    poor.add_domain("theirs.example", expires_at=EXPIRY, created_at=OLD, sponsor=ELSEWHERE, auth_info=CODE)
    number = shop.transfer("theirs.example").attributes["forced_pending"]
    assert shop.ask("GET_TRANSFERS_IN", domain="theirs.example").attributes["transfers"] == []
    poor.top_up(5_000)

    assert shop.ask("PROCESS_PENDING", order_id=number).code == 200
    assert shop.status_of(number) == "processed"
    clock.forward(seconds=61)
    assert shop.status_of(number) == "completed"
    assert amounts(poor) == [1_150]


def test_an_order_may_be_saved_on_request(books: Books, shop: Shop) -> None:
    """With `handle` save it is kept for later, without `forced_pending`, whatever the deposit."""
    reply = shop.register("new.example", handle="save")

    assert (reply.succeeded, reply.code, reply.text) == (True, 200, "Order saved")
    assert "forced_pending" not in reply.attributes
    assert amounts(books) == []
    assert shop.ask("PROCESS_PENDING", order_id=reply.attributes["id"]).code == 200
    assert amounts(books) == [1_250]


def test_a_saved_order_lapses(poor: Books, shop: Shop, clock: Clock) -> None:
    """After thirty days it is cancelled."""
    number = shop.register("new.example").attributes["id"]
    clock.forward(days=29)
    assert shop.status_of(number) == "pending"

    clock.forward(days=2)

    assert shop.status_of(number) == "cancelled"


def test_staff_at_the_registrar_may_take_up_or_decline_a_saved_order(poor: Books, shop: Shop) -> None:
    """Approved without money it stays saved; approved with money it is done; another is declined."""
    number = shop.register("new.example").attributes["id"]
    poor.approve("new.example")
    assert shop.status_of(number) == "pending"

    poor.top_up(5_000)
    poor.approve("new.example")

    assert shop.status_of(number) == "completed"
    assert amounts(poor) == [1_250]
    saved = shop.register("other.example", handle="save").attributes["id"]
    poor.reject("other.example")
    assert shop.status_of(saved) == "declined"
    assert amounts(poor) == [1_250]


def test_saved_orders_are_cancelled_by_age(books: Books, shop: Shop, clock: Clock) -> None:
    """Those of up to a date, in the states that are named; the others stay."""
    old = shop.register("one.example", handle="save").attributes["id"]
    clock.forward(days=3)
    young = shop.register("two.example", handle="save").attributes["id"]

    reply = shop.ask("CANCEL_PENDING_ORDERS", "ORDER", to_date="2026-03-04", status=["pending"])

    assert (reply.code, reply.attributes) == (200, {"total": "1", "cancelled": [old]})
    assert [shop.status_of(number) for number in (old, young)] == ["cancelled", "pending"]
    shop.ask("PROCESS_PENDING", order_id=shop.register("three.example", handle="save").attributes["id"])
    done = shop.ask("CANCEL_PENDING_ORDERS", "ORDER", to_date="2030-01-01", status=["completed"])
    assert done.attributes == {"total": "0", "cancelled": []}
    seconds = str(int(clock.now.timestamp()))
    every = shop.ask("CANCEL_PENDING_ORDERS", "ORDER", to_date=seconds)
    assert every.attributes["cancelled"] == [young]
    assert shop.ask("CANCEL_PENDING_ORDERS", "ORDER", to_date="soon").code == 465


def test_an_empty_deposit_can_be_ordered(books: Books, shop: Shop) -> None:
    """As if there were no money, once; the next order is done."""
    books.misbehave("no_deposit", command="domain:create")

    assert "forced_pending" in shop.register("one.example").attributes
    assert "forced_pending" not in shop.register("two.example").attributes
    assert amounts(books) == [1_250]


def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    """Neither its state nor its completion can be had."""
    assert shop.ask("GET_ORDER_INFO", order_id="1").code == 480
    assert shop.ask("PROCESS_PENDING", order_id="1").code == 480
    assert shop.ask("PROCESS_PENDING").code == 460
