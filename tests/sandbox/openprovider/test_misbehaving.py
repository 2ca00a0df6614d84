"""Does it misbehave as ordered, with books that tell the truth?"""

import ast
from pathlib import Path

import pytest
import requests

from adapters.sandbox.books import Books
from adapters.sandbox.openprovider import OpenproviderSandbox
from adapters.sandbox.tls import Certificates
from tests.sandbox.openprovider.client import (
    EXPIRY,
    PASSWORD,
    USERNAME,
    Clock,
    Reseller,
    amounts,
    eventually,
    journal,
)


@pytest.mark.parametrize(
    ("behaviour", "worked"), [("drop_reply", True), ("drop_request", False), ("cut", True)]
)
def test_a_broken_connection_tells_nothing(
    books: Books, reseller: Reseller, behaviour: str, worked: bool
) -> None:
    """The client sees a broken connection, whether the work was done or not; only the books know."""
    books.misbehave(behaviour, command="domain:create", name="new.com")

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        reseller.create("new.com")

    assert eventually(lambda: amounts(books) == ([900] if worked else []))
    assert journal(books)[-1] == ("domain:create", "new.com", None)
    assert (reseller.find("new.com") is not None) == worked


def test_a_renewal_without_an_answer_is_in_the_statement(books: Books, reseller: Reseller) -> None:
    """The connection breaks, the renewal is done: the date and the statement both tell."""
    books.add_domain("ours.com", expires_at=EXPIRY)
    number = reseller.number("ours.com")
    books.misbehave("drop_reply", command="domain:renew", name="ours.com")

    with pytest.raises(requests.ConnectionError):
        reseller.renew(number, "ours.com")

    assert eventually(lambda: amounts(books) == [1100])
    assert reseller.get(number).data["expiration_date"] == "2027-06-01 12:30:00"
    assert [line["action"] for line in reseller.transactions(filter_for_subject="ours.com")] == ["RENEW"]


def test_work_may_be_done_after_the_client_gave_up(books: Books, reseller: Reseller) -> None:
    """The connection breaks at once, and some time later the name is registered and charged after all."""
    books.misbehave("late_work", command="domain:create", argument=0.3)

    with pytest.raises(requests.ConnectionError):
        reseller.create("new.com")

    assert amounts(books) == []
    assert eventually(lambda: amounts(books) == [900])


@pytest.mark.parametrize(("behaviour", "worked"), [("late", True), ("freeze", False), ("drip", True)])
def test_an_answer_may_come_too_late(books: Books, reseller: Reseller, behaviour: str, worked: bool) -> None:
    """A client that does not wait long enough has no answer, whether the work was done or not."""
    argument = 0.5 if behaviour == "late" else ""
    books.misbehave(behaviour, command="domain:create", argument=argument)

    with pytest.raises(requests.ReadTimeout):
        reseller.create("new.com", timeout=0.1)

    assert eventually(lambda: amounts(books) == ([900] if worked else []))
    assert journal(books)[-1][:2] == ("domain:create", "new.com")
    assert reseller.create("other.com").code == 0


@pytest.mark.parametrize(("argument", "status"), [("", 200), ("maintenance", 200), ("502", 502)])
def test_a_page_may_come_instead_of_an_answer(
    books: Books, reseller: Reseller, argument: str, status: int
) -> None:
    """A page for people, with whatever status, and nothing was done."""
    books.misbehave("html", command="domain:create", argument=argument)

    reply = reseller.create("new.com")

    assert (reply.status, reply.text[:15]) == (status, "<!DOCTYPE html>")
    assert amounts(books) == []


def test_maintenance_sets_the_flag(books: Books, reseller: Reseller) -> None:
    """While the platform is maintained it says so in its envelope, and does nothing."""
    books.misbehave("closed", command="domain:create")

    reply = reseller.create("new.com")

    assert (reply.status, reply.code, reply.envelope["maintenance"]) == (200, 4005, True)
    assert amounts(books) == []
    assert journal(books)[-1] == ("domain:create", "new.com", 4005)
    assert reseller.create("new.com").envelope["maintenance"] is False


def test_a_failure_may_hide_work_that_was_done(books: Books, reseller: Reseller) -> None:
    """An unknown error is answered, and the name is registered."""
    books.misbehave("fail_after", command="domain:create")

    reply = reseller.create("new.com")

    assert (reply.status, reply.code) == (500, 999)
    assert amounts(books) == [900]


def test_garbage_hides_work_that_was_done(books: Books, reseller: Reseller) -> None:
    """The bytes are no JSON, whatever their type says, and the name is registered."""
    books.misbehave("garbage", command="domain:create")

    assert reseller.create("new.com").envelope is None
    assert amounts(books) == [900]


def test_a_refusal_is_said_as_ordered(books: Books, reseller: Reseller) -> None:
    """Any code and text of the registrar can be ordered, and nothing is done."""
    books.misbehave("refuse", command="domain:create", argument="346 Exists already")
    books.misbehave("refuse", command="login", argument=196)
    books.misbehave("no_deposit", command="domain:create")

    first, second = reseller.create("new.com"), reseller.create("new.com")

    assert first.code == 310
    assert (second.code, second.envelope["desc"]) == (346, "Exists already")
    assert reseller.log_in().code == 196
    assert amounts(books) == []


def test_a_registration_may_take_time(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A registration that is left pending is REQ and has no dates, and is active when it is approved."""
    books.misbehave("pending", command="domain:create")

    reply = reseller.create("new.com")

    assert (reply.data["status"], reply.data["expiration_date"]) == ("REQ", "")
    assert reseller.create("new.com").code == 346
    clock.forward(seconds=61)
    assert reseller.find("new.com")["status"] == "ACT"
    assert amounts(books) == [900]


def test_a_transfer_may_be_approved_early(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A transfer that usually takes a minute is done after the seconds that were ordered."""
    books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="another", auth_info="code-1")
    books.misbehave("approve", command="domain:transfer", name="theirs.com", argument=5)
    reseller.transfer("theirs.com", "code-1")

    clock.forward(seconds=5)

    assert reseller.find("theirs.com")["status"] == "ACT"


def test_nothing_is_decided_unless_told(books: Books, clock: Clock, certificates: Certificates) -> None:
    """Where the platform decides nothing by itself, a transfer waits until the books approve it."""
    books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="another", auth_info="code-1")
    with OpenproviderSandbox(
        books,
        certificates=certificates,
        username=USERNAME,
        password=PASSWORD,
        decide_after_seconds=None,
        clock=clock,
    ) as sandbox:
        reseller = Reseller(sandbox.url, str(certificates.authority))
        reseller.log_in()
        reseller.transfer("theirs.com", "code-1")
        clock.forward(days=1)
        waiting = reseller.find("theirs.com")["status"]
        books.approve("theirs.com")
        approved = reseller.find("theirs.com")["status"]
        reseller.session.close()

    assert (waiting, approved) == ("REQ", "ACT")


def test_a_registration_may_fail_after_days(books: Books, reseller: Reseller, clock: Clock) -> None:
    """It fails after all: FAI, the money is back in the statement under the same number, and the name is free."""
    books.misbehave("reject", command="domain:create", argument=3 * 86400)
    reseller.create("new.com")
    clock.forward(days=3)

    assert reseller.find("new.com")["status"] == "FAI"
    lines = reseller.transactions()
    assert [line["total"]["reseller"]["price"] for line in lines] == [9.0, -9.0]
    assert lines[0]["reference_id"] == lines[1]["reference_id"]
    assert reseller.check("new.com").data["results"][0]["status"] == "free"
    assert reseller.create("new.com").data["status"] == "ACT"


def test_documents_may_be_wanted_first(books: Books, reseller: Reseller, clock: Clock) -> None:
    """PEN until the documents are there, then active."""
    books.misbehave("document_then_approve", command="domain:create", argument=10)
    reseller.create("new.com")

    clock.forward(seconds=10)
    assert reseller.find("new.com")["status"] == "PEN"
    clock.forward(seconds=10)
    assert reseller.find("new.com")["status"] == "ACT"


def test_a_failure_may_be_taken_back(books: Books, reseller: Reseller, clock: Clock) -> None:
    """FAI is shown first and the money stays, then the name is active after all."""
    books.misbehave("reject_then_approve", command="domain:create", argument=10)
    reseller.create("new.com")

    clock.forward(seconds=10)
    assert reseller.find("new.com")["status"] == "FAI"
    clock.forward(seconds=10)
    assert reseller.find("new.com")["status"] == "ACT"
    assert amounts(books) == [900]


def test_a_renewal_may_fail_later(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A renewal that takes time is REQ; refused, the name is active until its old date and the money is back."""
    books.add_domain("ours.com", expires_at=EXPIRY)
    books.misbehave("pending", command="domain:renew")
    number = reseller.number("ours.com")

    assert reseller.renew(number, "ours.com").data == {"status": "REQ"}
    assert reseller.renew(number, "ours.com").code == 339
    books.reject("ours.com")

    shown = reseller.get(number).data
    assert (shown["status"], shown["expiration_date"]) == ("ACT", "2026-06-01 12:30:00")
    assert amounts(books) == [1100, -1100]
    assert clock.now < EXPIRY


@pytest.mark.parametrize(("credit", "status"), [(0, "ACT"), (-100_000, "FAI")])
def test_what_was_rejected_may_be_approved_later(
    books: Books, reseller: Reseller, credit: int, status: str
) -> None:
    """An approval after the money went back charges again, if there is still credit."""
    books.misbehave("reject", command="domain:create", argument=0)
    reseller.create("new.com")
    assert reseller.find("new.com")["status"] == "FAI"
    books.top_up(credit)

    books.approve("new.com")

    assert reseller.find("new.com")["status"] == status
    assert amounts(books) == ([900, -900, 900] if status == "ACT" else [900, -900])


def test_stopping_cuts_the_connections(sandbox: OpenproviderSandbox, reseller: Reseller) -> None:
    """When the platform stops, a connection that was kept for later is of no use any more."""
    sandbox.stop()

    with pytest.raises(requests.ConnectionError):
        reseller.check("new.com")


def test_the_witness_imports_nothing_of_ours() -> None:
    """The sandbox knows only itself, so that it cannot share our mistakes."""
    imported = set()
    for path in Path(__file__).parents[3].joinpath("adapters", "sandbox", "openprovider").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
    ours = {name for name in imported if name.split(".")[0] in {"registrar", "adapters", "tasks", "config"}}
    assert ours
    assert all(name.startswith("adapters.sandbox") for name in ours)
