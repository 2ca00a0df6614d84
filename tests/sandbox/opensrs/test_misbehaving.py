"""Does it misbehave as ordered, with books that tell the truth?"""

import pytest
import requests
from lxml import etree

from adapters.sandbox.books import Books
from adapters.sandbox.opensrs import OpenSrsSandbox
from adapters.sandbox.tls import Certificates
from tests.sandbox.opensrs.shop import (
    EXPIRY,
    KEY,
    USERNAME,
    Clock,
    Shop,
    amounts,
    eventually,
    journal,
)


@pytest.mark.parametrize(
    ("behaviour", "worked"), [("drop_reply", True), ("drop_request", False), ("cut", True)]
)
def test_a_broken_connection_tells_nothing(books: Books, shop: Shop, behaviour: str, worked: bool) -> None:
    """The client sees a broken connection, whether the work was done or not; only the books know."""
    shop.lookup("warm-up.example")  # the connection is kept alive: it is cut under the second request
    books.misbehave(behaviour, command="domain:create", name="new.example")

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        shop.register("new.example")

    assert eventually(lambda: amounts(books) == ([1_250] if worked else []))
    assert journal(books)[-1] == ("domain:create", None)
    assert [order["status"] for order in shop.orders("new.example")] == (["completed"] if worked else [])


def test_work_may_be_done_after_the_client_gave_up(books: Books, shop: Shop) -> None:
    """The connection breaks at once, and some time later the name is renewed and charged after all."""
    books.add_domain("ours.example", expires_at=EXPIRY)
    books.misbehave("late_work", command="domain:renew", argument=0.3)

    with pytest.raises(requests.ConnectionError):
        shop.renew("ours.example")

    assert amounts(books) == []
    assert eventually(lambda: amounts(books) == [1_375])


def test_an_answer_may_come_late(books: Books, shop: Shop) -> None:
    """The work is done at once; a client that waits long enough reads the answer, another does not."""
    books.misbehave("late", command="domain:create", argument=0.3, times=2)

    assert shop.register("one.example").code == 200
    with pytest.raises(requests.ReadTimeout):
        shop.register("two.example", timeout=0.1)
    assert eventually(lambda: amounts(books) == [1_250, 1_250])


def test_a_frozen_connection_does_nothing(books: Books, shop: Shop) -> None:
    """No answer and no work; a client that gives up is served again."""
    books.misbehave("freeze", command="domain:create")

    with pytest.raises(requests.ReadTimeout):
        shop.register("new.example", timeout=0.2)

    assert amounts(books) == []
    assert shop.register("new.example").code == 200


def test_an_answer_may_drip(books: Books, shop: Shop) -> None:
    """One byte at a time: every read succeeds, and the whole would take minutes."""
    books.misbehave("drip", command="domain:create")

    with pytest.raises(requests.ReadTimeout):
        shop.register("new.example", timeout=0.1)

    assert eventually(lambda: amounts(books) == [1_250])


@pytest.mark.parametrize(
    ("behaviour", "argument", "status", "text"),
    [
        ("html", "", 200, "<!DOCTYPE html>"),
        ("html", "maintenance", 200, "Maintenance"),
        ("html", "502", 502, "Bad gateway"),
        ("closed", "", 200, "Closed"),
    ],
)
def test_a_page_may_come_instead_of_an_answer(
    *, books: Books, shop: Shop, behaviour: str, argument: str, status: int, text: str
) -> None:
    """Pages for people come with any status, and nothing is done."""
    books.misbehave(behaviour, command="domain:create", argument=argument)

    reply = shop.register("new.example")

    assert (reply.status, text in reply.body.decode()) == (status, True)
    assert amounts(books) == []
    assert journal(books) == [("domain:create", None)]


def test_work_that_was_done_may_be_said_to_have_timed_out(books: Books, shop: Shop) -> None:
    """705 asks for another try, and the order is in the list: who tries again is charged for nothing."""
    books.misbehave("fail_after", command="domain:create")

    reply = shop.register("new.example")

    assert (reply.status, reply.succeeded, reply.code) == (200, False, 705)
    assert amounts(books) == [1_250]
    assert [order["status"] for order in shop.orders("new.example")] == ["completed"]


def test_garbage_hides_work_that_was_done(books: Books, shop: Shop) -> None:
    """The bytes are no XML, and the name is registered."""
    books.misbehave("garbage", command="domain:create")

    reply = shop.register("new.example")

    with pytest.raises(etree.XMLSyntaxError):
        assert reply.block is None
    assert amounts(books) == [1_250]


@pytest.mark.parametrize(
    ("argument", "code", "text", "succeeded"),
    [
        ("400 Access denied: invalid IP address", 400, "Access denied: invalid IP address", False),
        ("465 Domain Already Renewed", 465, "Domain Already Renewed", False),
        ("480", 480, "", False),
        ("300 Too many commands", 300, "Too many commands", True),
    ],
)
def test_any_refusal_can_be_ordered(
    *, books: Books, shop: Shop, argument: str, code: int, text: str, succeeded: bool
) -> None:
    """An ordered refusal is answered once in OpenSRS's code and text, does nothing, and the next request is served."""
    books.misbehave("refuse", command="domain:create", argument=argument)

    reply = shop.register("new.example")

    assert (reply.code, reply.text, reply.succeeded) == (code, text, succeeded)
    assert amounts(books) == []
    assert journal(books) == [("domain:create", code)]
    assert shop.register("new.example").code == 200


def test_a_verdict_can_be_ordered_with_its_time(books: Books, shop: Shop, clock: Clock) -> None:
    """What waits is approved after as many seconds as are stated, not after the usual time."""
    books.misbehave("pending", command="domain:create")
    books.misbehave("approve", command="domain:create", argument=5)
    number = shop.register("new.example").attributes["id"]

    clock.forward(seconds=4)
    assert shop.status_of(number) == "waiting"
    clock.forward(seconds=2)
    assert shop.status_of(number) == "completed"


def test_a_misbehaviour_can_be_bound_to_a_request_number(books: Books, shop: Shop) -> None:
    """The third request of the journal is refused, whatever it is."""
    books.misbehave("refuse", number=3, argument="350 Too many commands")

    assert [shop.lookup("free.example").code for _ in range(4)] == [210, 210, 350, 210]


def test_a_request_by_order_number_is_about_the_name_of_the_order(books: Books, shop: Shop) -> None:
    """A lost answer to PROCESS_PENDING can be ordered for a name: the saved order is done and charged."""
    number = shop.register("new.example", handle="save").attributes["id"]
    books.misbehave("drop_reply", command="order:complete", name="new.example")

    with pytest.raises(requests.ConnectionError):
        shop.ask("PROCESS_PENDING", order_id=number)

    assert eventually(lambda: amounts(books) == [1_250])
    assert shop.status_of(number) == "completed"


def test_a_transfer_is_called_so_in_the_journal(books: Books, shop: Shop) -> None:
    """SW_REGISTER is two commands there: the registration of a new name, and a transfer."""
    shop.transfer("free.example")
    shop.register("free.example")

    assert journal(books) == [("domain:transfer", 487), ("domain:create", 200)]


def test_what_waits_may_wait_for_staff_only(books: Books, certificates: Certificates, clock: Clock) -> None:
    """With no time set for verdicts, an order waits until it is approved by hand."""
    with OpenSrsSandbox(
        books, certificates=certificates, username=USERNAME, key=KEY, decide_after_seconds=None, clock=clock
    ) as sandbox:
        shop = Shop(sandbox.url, str(certificates.authority))
        books.misbehave("pending", command="domain:create")
        number = shop.register("new.example").attributes["id"]
        clock.forward(days=300)
        assert shop.status_of(number) == "waiting"
        books.approve("new.example")
        assert shop.status_of(number) == "completed"
        shop.session.close()
