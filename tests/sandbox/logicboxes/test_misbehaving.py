"""Does it misbehave as ordered, with books that tell the truth?"""

import json

import pytest
import requests

from adapters.sandbox.books import Books
from adapters.sandbox.logicboxes import LogicBoxesSandbox
from adapters.sandbox.tls import Certificates
from tests.sandbox.logicboxes.reseller import (
    EXPIRY,
    KEY,
    US,
    Clock,
    Reseller,
    amounts,
    epoch,
    eventually,
    journal,
    order_of,
)

CREATE = "domain:create"


@pytest.mark.parametrize(
    ("behaviour", "worked"), [("drop_reply", True), ("drop_request", False), ("cut", True)]
)
def test_a_broken_connection_tells_nothing(
    *, books: Books, reseller: Reseller, behaviour: str, worked: bool
) -> None:
    """The client sees a broken connection, whether the work was done or not; only the books know."""
    books.misbehave(behaviour, command=CREATE, name="new.com")

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        reseller.register("new.com")

    assert eventually(lambda: amounts(books) == ([1499] if worked else []))
    assert journal(books)[-1] == (CREATE, "new.com", None)
    assert reseller.details("new.com").status == (200 if worked else 500)


def test_even_a_bare_answer_can_be_cut(books: Books, reseller: Reseller) -> None:
    """A number loses its end, and the client can tell."""
    order_of(books, "ours.com")
    books.misbehave("cut", command="domain:info")

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        reseller.get("domains/orderid", domain_name="ours.com")


def test_work_may_be_done_after_the_client_gave_up(books: Books, reseller: Reseller) -> None:
    """The connection breaks at once, and some time later the name is registered and charged after all."""
    books.misbehave("late_work", command=CREATE, argument=0.3)

    with pytest.raises(requests.ConnectionError):
        reseller.register("new.com")

    assert eventually(lambda: amounts(books) == [1499])
    assert reseller.shown("new.com")["currentstatus"] == "Active"


def test_an_answer_may_come_late(books: Books, reseller: Reseller) -> None:
    """The work is done at once; a client that waits long enough reads the answer, another does not."""
    books.misbehave("late", command=CREATE, argument=0.4, times=2)

    assert reseller.register("one.com").progress == ("Success", "Success")
    with pytest.raises(requests.ReadTimeout):
        reseller.register("two.com", timeout=0.1)
    assert eventually(lambda: amounts(books) == [1499, 1499])


def test_a_frozen_connection_does_nothing(books: Books, reseller: Reseller) -> None:
    """No answer and no work; a client that gives up is served again."""
    books.misbehave("freeze", command=CREATE)

    with pytest.raises(requests.ReadTimeout):
        reseller.register("new.com", timeout=0.2)

    assert amounts(books) == []
    assert reseller.register("new.com").progress == ("Success", "Success")


def test_an_answer_may_drip(books: Books, reseller: Reseller) -> None:
    """One byte at a time: every read succeeds, and the whole would take minutes."""
    books.misbehave("drip", command=CREATE)

    with pytest.raises(requests.ReadTimeout):
        reseller.register("new.com", timeout=0.1)

    assert eventually(lambda: amounts(books) == [1499])


@pytest.mark.parametrize(
    ("behaviour", "argument", "status", "text"),
    [
        ("html", "", 200, "<!DOCTYPE html>"),
        ("html", "maintenance", 200, "Maintenance"),
        ("html", "503", 503, "Bad gateway"),
        ("closed", "", 200, "Closed"),
    ],
)
def test_a_page_may_come_instead_of_an_answer(
    *, books: Books, reseller: Reseller, behaviour: str, argument: str, status: int, text: str
) -> None:
    """Pages for people, whatever their status, and nothing was done."""
    books.misbehave(behaviour, command=CREATE, argument=argument)

    reply = reseller.register("new.com")

    assert reply.status == status
    assert text in reply.text
    assert amounts(books) == []
    assert journal(books)[-1] == (CREATE, "new.com", None)


def test_garbage_hides_work_that_was_done(books: Books, reseller: Reseller) -> None:
    """The bytes are no JSON, and the name is registered."""
    books.misbehave("garbage", command=CREATE)

    reply = reseller.register("new.com")

    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.text)
    assert amounts(books) == [1499]


def test_a_failure_may_be_said_of_what_was_done(books: Books, reseller: Reseller) -> None:
    """HTTP 500 and a message, as of any refusal, and the name is registered all the same."""
    books.misbehave("fail_after", command=CREATE)

    reply = reseller.register("new.com")

    assert reply.status == 500
    assert reply.message.startswith("An unexpected error occurred")
    assert amounts(books) == [1499]


@pytest.mark.parametrize(
    ("argument", "status", "message"),
    [
        ("You are not allowed to perform this action", 500, "You are not allowed to perform this action"),
        ("403 Access Denied: your IP", 403, "Access Denied: your IP"),
    ],
)
def test_any_refusal_can_be_ordered(
    *, books: Books, reseller: Reseller, argument: str, status: int, message: str
) -> None:
    """The platform's own words, with HTTP 500 unless another status is stated; the next call is served."""
    books.misbehave("refuse", command=CREATE, argument=argument)

    reply = reseller.register("new.com")

    assert (reply.status, reply.message) == (status, message)
    assert amounts(books) == []
    assert reseller.register("new.com").status == 200


def test_a_misbehaviour_is_found_by_the_name_behind_an_orders_number(
    books: Books, reseller: Reseller
) -> None:
    """A renewal states no name; the order's number stands for it."""
    order_of(books, "other.com")
    order_of(books, "ours.com")
    books.misbehave("refuse", name="ours.com", command="domain:renew", argument="No.")
    ours, other = reseller.shown("ours.com")["orderid"], reseller.shown("other.com")["orderid"]

    assert reseller.renew(other, epoch(EXPIRY)).status == 200
    assert reseller.renew(ours, epoch(EXPIRY)).message == "No."
    assert journal(books)[-1] == ("domain:renew", "ours.com", 500)


@pytest.mark.parametrize(
    ("verdict", "first", "after"),
    [
        ("approve", "Success", [1499]),
        ("reject", "Failed", [1499, -1499]),
        ("reject_then_approve", "Failed", [1499, -1499, 1499]),
        ("document_then_approve", "PendingExecution", [1499]),
    ],
)
def test_what_becomes_of_a_pending_order_can_be_ordered(
    *, books: Books, reseller: Reseller, clock: Clock, verdict: str, first: str, after: list[int]
) -> None:
    """Verdicts fall one after the other, as long apart as ordered."""
    books.misbehave("pending", command=CREATE)
    books.misbehave(verdict, command=CREATE, argument=10)
    reseller.register("new.com")

    clock.forward(seconds=11)
    rows = reseller.actions("current") + reseller.actions("archived")
    assert [row["actionstatus"] for row in rows] == [first]
    clock.forward(seconds=11)
    reseller.actions("archived")
    assert amounts(books) == after


def test_a_look_may_lag_behind(books: Books, reseller: Reseller, clock: Clock) -> None:
    """For some seconds after a change neither the change nor the action is seen, once for each time ordered."""
    order_of(books, "ours.com")
    order_id = reseller.shown("ours.com")["orderid"]
    books.misbehave("stale", argument=30, times=4)
    reseller.register("new.com")
    reseller.renew(order_id, epoch(EXPIRY))

    assert reseller.details("new.com").message == "Website doesn't exist for new.com"
    assert reseller.shown("ours.com")["endtime"] == epoch(EXPIRY)
    assert reseller.actions("archived") == []
    clock.forward(seconds=31)
    assert reseller.shown("ours.com")["endtime"] == epoch(EXPIRY.replace(year=2027))


def test_a_look_may_lag_behind_for_ever(books: Books, reseller: Reseller) -> None:
    """With no length stated the last change is not seen, whatever its age."""
    books.misbehave("stale", command="domain:check")
    reseller.register("new.com")

    assert reseller.available("new", "com")["new.com"]["status"] == "available"
    assert reseller.available("new", "com")["new.com"]["status"] == "regthroughus"


def test_a_wrong_key_is_refused(books: Books, sandbox: LogicBoxesSandbox, certificates: Certificates) -> None:
    """HTTP 401 before anything else: no work is done and no misbehaviour is used up."""
    books.misbehave("refuse", argument="not yet")
    stranger = Reseller(sandbox.url, str(certificates.authority), key="wrong")

    assert stranger.register("new.com").status == 401
    assert "Access Denied" in stranger.details("new.com").message
    stranger.session.close()
    assert {code for _, _, code in journal(books)} == {401}


def test_a_call_from_elsewhere_is_refused(books: Books, certificates: Certificates) -> None:
    """HTTP 403 for an address that the platform does not know, although the key is right."""
    with LogicBoxesSandbox(
        books, certificates=certificates, reseller_id=US, api_key=KEY, addresses=frozenset({"192.0.2.1"})
    ) as sandbox:
        reseller = Reseller(sandbox.url, str(certificates.authority))
        reply = reseller.register("new.com")
        reseller.session.close()

    assert (reply.status, amounts(books)) == (403, [])


def test_other_calls_and_methods_are_not_served(reseller: Reseller) -> None:
    """A write is posted, a read is not, and what is not in the API is not found."""
    assert reseller.get("domains/renew").status == 405
    assert reseller.post("domains/details").status == 405
    assert reseller.get("domains/nothing").status == 404
