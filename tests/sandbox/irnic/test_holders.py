"""How does a name move to another holder, and how is it given up?"""

from datetime import datetime

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import add_handle, mailed_pin
from tests.sandbox.irnic.desk import ACTIVE, HOLDER, US, Clock, Reseller, amounts, statuses

NEW = "ef789-irnic"
PEOPLE = {"holder": NEW, "admin": NEW, "tech": NEW, "bill": US}
NEXT_YEAR = datetime.fromisoformat("2027-06-01T08:30:00+00:00")


@pytest.fixture(autouse=True)
def name(books: Books) -> None:
    """A name of ours, and somebody who is to have it."""
    add_handle(books, NEW)
    roles = [(role, HOLDER) for role in ("holder", "admin", "tech")]
    books.add_domain(
        "ours.ir", expires_at=NEXT_YEAR, statuses=("ok", "irnicRegistered"), contacts=[*roles, ("bill", US)]
    )


def _holder(books: Books) -> str:
    domain = books.domain("ours.ir")
    assert domain is not None
    return dict(domain.contacts)["holder"]


def test_the_pin_is_mailed_and_never_answered(books: Books, reseller: Reseller) -> None:
    """Opening a name mails nine digits to its holder, other ones each time; the answer does not show them."""
    first = reseller.request_pin("ours.ir")
    pin = mailed_pin(books, "ours.ir")

    assert first.code == 1000
    assert len(pin) == 9
    assert pin not in first.text
    assert reseller.request_pin("ours.ir").code == 1000
    assert mailed_pin(books, "ours.ir") != pin
    assert statuses(reseller.info("ours.ir")) == ACTIVE


def test_the_present_holder_confirms(books: Books, reseller: Reseller, clock: Clock) -> None:
    """With the PIN the move is charged and waits; confirmed, the new holder stands, and a message says so."""
    reseller.request_pin("ours.ir")

    assert reseller.move("ours.ir", mailed_pin(books, "ours.ir"), **PEOPLE).code == 1000
    assert statuses(reseller.info("ours.ir")) == {
        *("irnicRegistered", "pendingUpdate", "irnicHolderChangePendingHolderCheck")
    }
    assert amounts(books) == [100]
    assert _holder(books) == HOLDER
    assert reseller.request_pin("ours.ir").code == 2304
    clock.forward(seconds=61)
    [told] = reseller.messages()
    assert "irnicHolderChangeApproved" in statuses(told)
    assert _holder(books) == NEW
    assert statuses(reseller.info("ours.ir")) == ACTIVE


def test_the_present_holder_refuses(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A move that the holder refuses changes nothing and costs nothing."""
    books.misbehave("reject", command="domain:transfer")
    reseller.request_pin("ours.ir")
    reseller.move("ours.ir", mailed_pin(books, "ours.ir"), **PEOPLE)
    clock.forward(seconds=61)

    [told] = reseller.messages()

    assert "irnicHolderChangeRejected" in statuses(told)
    assert _holder(books) == HOLDER
    assert amounts(books) == [100, -100]


def test_a_move_that_is_not_taken(books: Books, reseller: Reseller) -> None:
    """A wrong PIN, none asked for, a handle that may not be used, a missing role, the same holder: nothing is charged."""
    add_handle(books, "my777-irnic", allowed=["tech"])
    assert reseller.move("ours.ir", "123456789", **PEOPLE).code == 2202
    reseller.request_pin("ours.ir")
    pin = mailed_pin(books, "ours.ir")

    assert reseller.move("ours.ir", "100000000", **PEOPLE).code == 2202
    assert reseller.move("ours.ir", pin, **{**PEOPLE, "holder": "my777-irnic"}).code == 2306
    assert reseller.move("ours.ir", pin, **{**PEOPLE, "holder": HOLDER}).code == 2306
    assert reseller.move("ours.ir", pin, holder=NEW).code == 2003
    assert reseller.request_pin("ours.ir", op="lock").code == 1000
    assert reseller.move("ours.ir", pin, **PEOPLE).code == 2202
    assert amounts(books) == []


def test_an_empty_deposit_moves_nothing(books: Books, reseller: Reseller) -> None:
    """Without a unit in the deposit the move is refused, and the PIN is still good after a top-up."""
    books.top_up(-books.balance())
    reseller.request_pin("ours.ir")
    pin = mailed_pin(books, "ours.ir")

    assert reseller.move("ours.ir", pin, **PEOPLE).code == 2104
    books.top_up(100)
    assert reseller.move("ours.ir", pin, **PEOPLE).code == 1000


def test_a_name_is_deleted_when_its_holder_confirms(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A deletion is accepted, shown as pending, and carried out when the holder has confirmed it."""
    assert reseller.delete("ours.ir").code == 1000
    assert "irnicDeletionPendingHolderCheck" in statuses(reseller.info("ours.ir"))
    assert reseller.delete("ours.ir").code == 2304
    clock.forward(seconds=61)
    [told] = reseller.messages()

    assert "irnicDeletionApproved" in statuses(told)
    assert reseller.info("ours.ir").code == 2303
    assert amounts(books) == []


def test_a_deletion_that_its_holder_refuses(books: Books, reseller: Reseller, clock: Clock) -> None:
    """The name stays as it was."""
    books.misbehave("reject", command="domain:delete")
    reseller.delete("ours.ir")
    clock.forward(seconds=61)

    [told] = reseller.messages()

    assert "irnicDeletionRejected" in statuses(told)
    assert statuses(reseller.info("ours.ir")) == ACTIVE


@pytest.mark.parametrize("command", ["domain:transfer", "domain:delete"])
def test_a_bare_acceptance(command: str, books: Books, reseller: Reseller) -> None:
    """Where it is ordered, the answer says no more than that it will be decided."""
    books.misbehave("pending", command=command)
    reseller.request_pin("ours.ir")
    pin = mailed_pin(books, "ours.ir")

    moved = (
        reseller.move("ours.ir", pin, **PEOPLE)
        if command == "domain:transfer"
        else reseller.delete("ours.ir")
    )

    assert moved.code == 1001


def test_somebody_elses_name(books: Books, reseller: Reseller) -> None:
    """Of a name with another agent nothing can be opened or deleted here."""
    books.add_domain("theirs.ir", expires_at=NEXT_YEAR, sponsor="nobody")

    assert reseller.request_pin("theirs.ir").code == 2306
    assert reseller.delete("theirs.ir").code == 2201
