"""How does a name come in from another registrar? Charged when asked for, decided later by the losing side."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.records import Domain
from tests.sandbox.opensrs.shop import CODE, ELSEWHERE, EXPIRY, NOW, OLD, Clock, Shop, amounts, order


@pytest.fixture
def theirs(books: Books) -> str:
    """Give a name of another registrar's that can be transferred."""
    books.add_domain("theirs.example", expires_at=EXPIRY, created_at=OLD, sponsor=ELSEWHERE, auth_info=CODE)
    return "theirs.example"


def test_a_transfer_is_accepted_and_decided_later(
    books: Books, shop: Shop, clock: Clock, theirs: str
) -> None:
    """The answer is a success, the name still theirs; when the losing side agrees it is ours, a year longer."""
    assert shop.ask("CHECK_TRANSFER", domain=theirs, check_status="1").attributes == {
        "transferrable": "1",
        "status": "undef",
    }

    reply = shop.transfer(theirs)

    assert (reply.succeeded, reply.code) == (True, 200)
    assert reply.attributes["transfer_id"]
    number = reply.attributes["id"]
    assert shop.status_of(number) == "processed"
    assert shop.info(theirs).code == 480
    assert shop.transfer(theirs).code == 486
    told = shop.ask("CHECK_TRANSFER", domain=theirs, check_status="1").attributes
    assert (told["transferrable"], told["reason"], told["status"]) == (
        "0",
        "Transfer in progress",
        "pending_registry",
    )
    assert amounts(books) == [1_150]

    clock.forward(seconds=61)
    assert shop.status_of(number) == "completed"
    told = shop.info(theirs).attributes
    assert told["expiredate"] == "2027-11-05 08:30:00"
    assert told["registry_transferdate"] == "2026-03-02 12:01:01"
    [line] = shop.ask("GET_TRANSFERS_IN", domain=theirs).attributes["transfers"]
    assert (line["order_id"], line["status"]) == (number, "completed")
    assert line["completed_date"] == "2026-03-02 12:01:01"
    [charge] = books.charges()
    assert (charge.command, charge.client_transaction_id) == ("transfer", number)


def test_the_losing_side_may_refuse(books: Books, shop: Shop, theirs: str) -> None:
    """The name stays where it is and the price is given back."""
    number = shop.transfer(theirs).attributes["id"]

    books.reject(theirs)

    assert shop.status_of(number) == "declined"
    assert amounts(books) == [1_150, -1_150]
    told = shop.ask("CHECK_TRANSFER", domain=theirs, check_status="1").attributes
    assert (told["transferrable"], told["status"]) == ("1", "cancelled")
    [line] = shop.ask("GET_TRANSFERS_IN", order_id=number).attributes["transfers"]
    assert (line["status"], line["completed_date"]) == ("cancelled", "")


@pytest.mark.parametrize("by_number", [True, False])
def test_a_transfer_can_be_cancelled_while_it_waits(
    *, books: Books, shop: Shop, theirs: str, by_number: bool
) -> None:
    """By its order number or by its name; the price is given back, once."""
    number = shop.transfer(theirs).attributes["id"]
    which: dict[str, Any] = {"order_id": number} if by_number else {"domain": theirs}

    replies = [shop.ask("CANCEL_TRANSFER", "TRANSFER", **which) for _ in range(2)]

    assert [reply.code for reply in replies] == [200, 480]
    assert shop.status_of(number) == "cancelled"
    assert amounts(books) == [1_150, -1_150]


def test_a_cancelled_transfer_is_not_approved_any_more(
    books: Books, shop: Shop, clock: Clock, theirs: str
) -> None:
    """An approval that comes too late changes nothing."""
    number = shop.transfer(theirs).attributes["id"]
    shop.ask("CANCEL_TRANSFER", "TRANSFER", order_id=number)
    books.approve(theirs)

    clock.forward(seconds=61)

    assert shop.status_of(number) == "cancelled"
    assert shop.info(theirs).code == 480


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("free.example", "not registered"),
        ("ours.example", "already exists"),
        ("locked.example", "locked"),
        ("young.example", "60 days"),
        ("moved.example", "60 days"),
    ],
)
def test_some_names_cannot_be_transferred(books: Books, shop: Shop, name: str, reason: str) -> None:
    """487 with the reason that CHECK_TRANSFER gives too, and nothing is charged."""
    books.add_domain("ours.example", expires_at=EXPIRY, created_at=OLD)
    for theirs, created_at, statuses in (
        ("locked.example", OLD, ("clientTransferProhibited",)),
        ("young.example", NOW - timedelta(days=59), ("ok",)),
    ):
        books.add_domain(
            theirs,
            expires_at=EXPIRY,
            created_at=created_at,
            sponsor=ELSEWHERE,
            auth_info=CODE,
            statuses=statuses,
        )

    with books.page() as page:
        page.seed(
            Domain(
                name="moved.example",
                roid="D-moved",
                sponsor=ELSEWHERE,
                created_at=OLD,
                expires_at=EXPIRY,
                transferred_at=NOW - timedelta(days=59),
                auth_info=CODE,
            )
        )

    reply = shop.transfer(name)

    assert (reply.succeeded, reply.code) == (False, 487)
    assert reason in reply.text
    told = shop.ask("CHECK_TRANSFER", domain=name).attributes
    assert told == {"transferrable": "0", "reason": reply.text}
    assert amounts(books) == []


def test_the_code_must_be_right(books: Books, shop: Shop, theirs: str) -> None:
    """A wrong code is refused and not repeated; the right one is then charged once."""
    wrong = shop.ask(
        "SW_REGISTER",
        **{**_wanted(theirs), "auth_info": "the-wrong-code"},
    )

    assert (wrong.code, "the-wrong-code" in wrong.body.decode()) == (465, False)
    assert shop.transfer(theirs).code == 200
    assert amounts(books) == [1_150]


def test_a_code_is_needed(shop: Shop, theirs: str) -> None:
    """Without one the request is not complete."""
    assert shop.ask("SW_REGISTER", **_wanted(theirs)).code == 460


def test_a_transfer_near_ten_years_adds_less_than_a_year(books: Books, shop: Shop) -> None:
    """No name runs more than ten years ahead."""
    far = NOW.replace(year=2035, month=9)
    books.add_domain("far.example", expires_at=far, created_at=OLD, sponsor=ELSEWHERE, auth_info=CODE)
    shop.transfer("far.example")
    books.approve("far.example")

    assert shop.info("far.example").attributes["expiredate"] == "2036-03-02 12:00:00"


def test_transfers_are_listed_in_pages(books: Books, shop: Shop) -> None:
    """Twelve transfers in pages of five, the newest first, in the order of their numbers on the wire."""
    names = [f"theirs{number}.example" for number in range(12)]
    for name in names:
        books.add_domain(name, expires_at=EXPIRY, created_at=OLD, sponsor=ELSEWHERE, auth_info=CODE)
        shop.transfer(name)

    whole = shop.ask("GET_TRANSFERS_IN").attributes
    last = shop.ask("GET_TRANSFERS_IN", limit="5", page="3").attributes

    assert [line["domain"] for line in whole["transfers"]] == names[::-1]
    assert (last["total"], last["remainder"]) == ("12", "0")
    assert [line["domain"] for line in last["transfers"]] == names[1::-1]


def _wanted(name: str) -> dict[str, Any]:
    return order(name, reg_type="transfer", custom_nameservers="0")
