"""Do names come from other registrars as they come to LogicBoxes: ordered at once, ours when they are let go?"""

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.logicboxes.reseller import CODE, EXPIRY, Clock, Reseller, amounts, epoch, order_of


@pytest.fixture(autouse=True)
def theirs(books: Books) -> None:
    books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="other", auth_info=CODE)


def test_a_transfer_waits_for_the_losing_registrar(books: Books, reseller: Reseller, clock: Clock) -> None:
    """It is charged and InActive at once; when it is let go it is ours, for a year more, with our contacts."""
    reply = reseller.transfer("theirs.com")

    assert reply.progress == ("Success", "PendingExecution")
    assert reply.body["actionstatusdesc"] == "Transfer waiting for Losing Registrar Approval"
    ordered = reseller.shown("theirs.com")
    assert (ordered["currentstatus"], ordered["actiontype"]) == ("InActive", "AddTransferDomain")
    assert ordered["domsecret"] == ""
    assert reseller.available("theirs", "com")["theirs.com"]["status"] == "regthroughothers"

    clock.forward(seconds=61)

    ours = reseller.shown("theirs.com")
    assert (ours["currentstatus"], ours["orderid"]) == ("Active", reply.body["entityid"])
    assert ours["endtime"] == epoch(EXPIRY.replace(year=2027))
    assert ours["domsecret"] not in ("", CODE)
    assert ours["registrantcontact"]["name"] == "Anna Example"
    assert [(charge.command, charge.months, charge.amount) for charge in books.charges()] == [
        ("transfer", 12, 1399)
    ]


def test_a_refused_transfer_is_given_back(books: Books, reseller: Reseller) -> None:
    """The losing registrar says no: the money comes back, and the order is gone."""
    reseller.transfer("theirs.com")
    books.reject("theirs.com")

    assert reseller.details("theirs.com").message == "Website doesn't exist for theirs.com"
    assert reseller.actions("archived")[0]["actionstatus"] == "Failed"
    assert amounts(books) == [1399, -1399]


@pytest.mark.parametrize("code", [None, "wrong-code"])
def test_a_transfer_without_the_right_code_fails(
    books: Books, reseller: Reseller, clock: Clock, code: str | None
) -> None:
    """It is ordered all the same, and fails when the registry is asked; nobody approves a wrong code."""
    assert reseller.transfer("theirs.com", auth_code=code).progress == ("Success", "PendingExecution")
    clock.forward(seconds=61)

    assert reseller.actions("archived")[0]["actionstatus"] == "Failed"
    assert amounts(books) == [1399, -1399]


def test_the_code_may_be_given_later(reseller: Reseller, clock: Clock) -> None:
    """A transfer that was ordered without the code takes it while it waits, and answers with a bare word."""
    order_id = reseller.transfer("theirs.com", auth_code=None).body["entityid"]

    reply = reseller.post("domains/transfer/submit-auth-code", order_id=order_id, auth_code=CODE)
    clock.forward(seconds=61)

    assert reply.text == "Success"
    assert reseller.shown("theirs.com")["currentstatus"] == "Active"


def test_a_transfer_can_be_cancelled(books: Books, reseller: Reseller) -> None:
    """What was charged is given back, and the name may be ordered again; what does not run is not cancelled."""
    order_id = reseller.transfer("theirs.com").body["entityid"]

    assert reseller.post("domains/cancel-transfer", order_id=order_id).text == "Success"
    assert amounts(books) == [1399, -1399]
    assert reseller.actions("archived")[0]["actionstatus"] == "Cancelled"
    assert reseller.transfer("theirs.com").progress == ("Success", "PendingExecution")
    order_of(books, "ours.com")
    ours = reseller.shown("ours.com")["orderid"]
    assert "Invalid action status" in reseller.post("domains/cancel-transfer", order_id=ours).message


def test_a_transfer_without_money_starts_after_a_top_up(
    books: Books, reseller: Reseller, clock: Clock
) -> None:
    """The order is locked, then waits for the losing registrar as any other."""
    books.misbehave("no_deposit", command="domain:transfer")
    assert reseller.transfer("theirs.com").progress == ("Failed", "InvoicePaid")
    clock.forward(seconds=61)
    assert reseller.shown("theirs.com")["actionstatus"] == "InvoicePaid"

    books.top_up(1)

    assert reseller.shown("theirs.com")["actionstatus"] == "PendingExecution"
    assert amounts(books) == [1399]
    clock.forward(seconds=61)
    assert reseller.shown("theirs.com")["currentstatus"] == "Active"


@pytest.mark.parametrize(("name", "answer"), [("theirs.com", "true"), ("ours.com", "false")])
def test_whether_a_name_can_come_is_a_bare_word(
    books: Books, reseller: Reseller, name: str, answer: str
) -> None:
    """Another registrar's name can come, ours need not; both ways of asking are served."""
    order_of(books, "ours.com")

    assert reseller.get("domains/validate-transfer", domain_name=name).text == answer
    assert reseller.post("domains/validate-transfer", domain_name=name).text == answer


def test_a_locked_name_cannot_come(books: Books, reseller: Reseller) -> None:
    """The losing registrar's lock is seen before anything is ordered."""
    books.add_domain("locked.com", expires_at=EXPIRY, sponsor="other", statuses=("clientTransferProhibited",))

    assert reseller.get("domains/validate-transfer", domain_name="locked.com").text == "false"


def test_what_cannot_come_is_not_ordered(books: Books, reseller: Reseller) -> None:
    """A free name, one of ours, or one that is under way already costs nothing more."""
    order_of(books, "ours.com")
    reseller.transfer("theirs.com")

    assert "is currently available for Registration" in reseller.transfer("free.com").message
    assert "available for Registration" in (
        reseller.get("domains/validate-transfer", domain_name="free.com").message
    )
    assert "already registered with us" in reseller.transfer("ours.com").message
    assert "already an action pending" in reseller.transfer("theirs.com").message
    assert amounts(books) == [1399]
