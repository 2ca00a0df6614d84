"""Does it register, renew, transfer and restore as Openprovider does, and charge for each?"""

from datetime import timedelta
from typing import Any

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.openprovider.client import EXPIRY, HOLDER, WINTER, Clock, Reseller, amounts, split


def test_a_registration_is_active_at_once(books: Books, reseller: Reseller) -> None:
    """A name is registered, charged for, and shown with its dates in Amsterdam's time."""
    reply = reseller.create("new.com", years=2)

    assert reply.code == 0
    assert reply.data["status"] == "ACT"
    assert reply.data["expiration_date"] == "2028-01-10 10:00:00"
    shown = reseller.get(reply.data["id"]).data
    assert shown["domain"] == split("new.com")
    assert shown["owner_handle"] == HOLDER
    assert [server["name"] for server in shown["name_servers"]] == ["ns1.example.net", "ns2.example.net"]
    assert amounts(books) == [1800]


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("taken.com", {}, 311),
        ("ours.com", {}, 346),
        ("whois.com", {}, 16),
        ("new.unknown", {}, 307),
        ("new.com", {"period": 0}, 315),
        ("new.com", {"period": 11}, 316),
        ("new.com", {"owner_handle": "XX999999-XX"}, 145),
        ("new.com", {"owner_handle": ""}, 145),
        ("new.com", {"domain": "new.com"}, 399),
        ("premium.com", {}, 19000),
        ("premium.com", {"accept_premium_fee": 9.0}, 19002),
    ],
)
def test_a_registration_is_refused_with_its_code(
    books: Books, reseller: Reseller, name: str, more: dict[str, Any], code: int
) -> None:
    """Each cause has its own code, comes with HTTP 500, and costs nothing."""
    books.add_domain("taken.com", expires_at=EXPIRY, sponsor="another")
    books.add_domain("ours.com", expires_at=EXPIRY)

    reply = reseller.create(name, **more)

    assert (reply.status, reply.code) == (500, code)
    assert reply.data in {"", "owner_handle"}
    assert amounts(books) == []


def test_a_premium_name_costs_its_fee(books: Books, reseller: Reseller) -> None:
    """A premium name is registered once its fee is accepted, and costs that fee."""
    books.top_up(500_000)

    assert reseller.create("premium.com", accept_premium_fee=2500).data["status"] == "ACT"

    assert amounts(books) == [250_000]


def test_an_empty_deposit_buys_nothing(books: Books, reseller: Reseller) -> None:
    """Without enough credit the order is refused with 310, and nothing of it stays."""
    for year in range(11):
        assert reseller.create(f"year-{year}.com", years=10).code == 0

    assert reseller.create("new.com", years=10).code == 310
    assert reseller.find("new.com") is None
    assert reseller.check("new.com").data["results"][0]["status"] == "free"


def test_a_renewal_posted_twice_renews_two_years(books: Books, reseller: Reseller) -> None:
    """There is no guard: the second post is charged too, and neither answer tells the new date."""
    books.add_domain("ours.com", expires_at=EXPIRY)
    number = reseller.number("ours.com")

    first = reseller.renew(number, "ours.com")
    second = reseller.renew(number, "ours.com")

    assert first.data == second.data == {"status": "ACT"}
    assert reseller.get(number).data["expiration_date"] == "2028-06-01 12:30:00"
    assert amounts(books) == [1100, 1100]


def test_one_extension_refuses_a_second_renewal(books: Books, reseller: Reseller, clock: Clock) -> None:
    """Under .be alone a second renewal soon after the first is refused with 325."""
    books.add_domain("ours.be", expires_at=EXPIRY)
    number = reseller.number("ours.be")

    assert reseller.renew(number, "ours.be").code == 0
    assert reseller.renew(number, "ours.be").code == 325
    clock.forward(days=31)
    assert reseller.renew(number, "ours.be").code == 0
    assert amounts(books) == [600, 600]


@pytest.mark.parametrize(
    ("named", "years", "code"),
    [("free.com", 1, 313), ("other.com", 1, 399), ("ours.com", 0, 315), ("ours.com", 10, 316)],
)
def test_a_renewal_is_refused_with_its_code(
    books: Books, reseller: Reseller, named: str, years: int, code: int
) -> None:
    """A free name, a number of another name, and a period beyond ten years ahead have their codes."""
    books.add_domain("ours.com", expires_at=EXPIRY)
    books.add_domain("other.com", expires_at=EXPIRY)

    assert reseller.renew(reseller.number("ours.com"), named, years=years).code == code
    assert amounts(books) == []


def test_a_name_that_left_is_not_in_the_account(books: Books, reseller: Reseller) -> None:
    """A number that is nobody's, or another reseller's, is refused with 320."""
    entry = books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="another")
    number = int("".join(filter(str.isdecimal, entry.roid)))

    assert reseller.renew(number, "theirs.com").code == 320
    assert reseller.get(999_999).code == 320


def test_a_transfer_is_requested_and_done_later(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A transfer takes time; when it is done the name is ours, a year longer."""
    books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="another", auth_info="code-1")

    reply = reseller.transfer("theirs.com", "code-1")

    assert reply.data["status"] == "REQ"
    assert reseller.transfer("theirs.com", "code-1").code == 339
    clock.forward(seconds=61)
    shown = reseller.find("theirs.com")
    assert shown["id"] == reply.data["id"]
    assert shown["status"] == "ACT"
    assert shown["expiration_date"] == "2027-06-01 12:30:00"
    assert reseller.transfer("theirs.com", "code-1").code == 326
    assert amounts(books) == [950]


def test_a_transfer_may_keep_its_contacts(books: Books, reseller: Reseller, clock: Clock) -> None:
    """Without handles of its own, a transfer takes over the contacts of the registry, if it says so."""
    books.add_domain(
        "theirs.com",
        expires_at=EXPIRY,
        sponsor="another",
        auth_info="code-1",
        contacts=(("owner", "XX1-XX"),),
    )
    bare = {"domain": split("theirs.com"), "auth_code": "code-1"}

    assert reseller.ask("POST", "domains/transfer", body=bare).code == 145
    imported = reseller.ask("POST", "domains/transfer", body={**bare, "import_contacts_from_registry": True})
    clock.forward(seconds=61)

    assert imported.data["status"] == "REQ"
    assert reseller.find("theirs.com")["owner_handle"] == "XX1-XX"


def test_a_transfer_may_be_scheduled(books: Books, reseller: Reseller) -> None:
    """A transfer for a later day is scheduled, and a day that is none is refused."""
    books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="another", auth_info="code-1")

    assert reseller.transfer("theirs.com", "code-1", at="tomorrow").code == 399
    assert reseller.transfer("theirs.com", "code-1", at="2026-02-01 00:00:00").data["status"] == "SCH"


@pytest.mark.parametrize(
    ("name", "auth_code", "code"),
    [
        ("free.com", "code-1", 312),
        ("theirs.com", "", 317),
        ("theirs.com", "wrong", 318),
        ("locked.com", "", 328),
    ],
)
def test_a_transfer_is_refused_with_its_code(
    books: Books, reseller: Reseller, name: str, auth_code: str, code: int
) -> None:
    """A free name, a missing or a wrong code, and a locked name have their codes."""
    books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="another", auth_info="code-1")
    books.add_domain(
        "locked.com", expires_at=EXPIRY, sponsor="another", statuses=("clientTransferProhibited",)
    )

    assert reseller.transfer(name, auth_code).code == code
    assert amounts(books) == []


def test_a_transfer_that_fails_is_paid_back(books: Books, reseller: Reseller, clock: Clock) -> None:
    """The other registrar says no: FAI, the money is back, the name is where it was, and may be asked for again."""
    books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="another", auth_info="code-1")
    books.misbehave("reject", command="domain:transfer", argument=10)

    reseller.transfer("theirs.com", "code-1")
    clock.forward(seconds=11)

    assert reseller.find("theirs.com")["status"] == "FAI"
    entry = books.domain("theirs.com")
    assert entry is not None
    assert (entry.sponsor, entry.expires_at) == ("another", EXPIRY)
    assert amounts(books) == [950, -950]
    assert reseller.transfer("theirs.com", "code-1").data["status"] == "REQ"


def test_a_deleted_name_is_restored_with_its_term(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A name deleted by hand can be restored for the fee, keeps its term, and until then cannot be renewed."""
    books.add_domain("ours.com", expires_at=EXPIRY)
    number = reseller.number("ours.com")
    assert reseller.restore(number).code == 376

    assert reseller.ask("DELETE", f"domains/{number}").data == {"status": "DEL"}
    assert reseller.renew(number, "ours.com").code == 366
    assert reseller.get(number).data["restorable_until"] == "2026-03-11 10:00:00"
    assert reseller.restore(number).data == {"status": "RRQ"}
    assert reseller.restore(number).code == 339
    clock.forward(seconds=61)

    shown = reseller.get(number).data
    assert (shown["status"], shown["expiration_date"]) == ("ACT", "2026-06-01 12:30:00")
    assert amounts(books) == [8000]


@pytest.mark.parametrize(("days", "cost"), [(1, 1100), (31, 9100)])
def test_an_expired_name_is_restored_for_another_year(
    *, books: Books, reseller: Reseller, clock: Clock, days: int, cost: int
) -> None:
    """In the soft quarantine a restore costs a renewal, in the hard one the fee as well."""
    books.add_domain("ours.com", expires_at=WINTER + timedelta(days=1))
    number = reseller.number("ours.com")
    clock.forward(days=1 + days)

    assert reseller.get(number).data["status"] == "DEL"
    assert reseller.restore(number).data == {"status": "RRQ"}
    clock.forward(seconds=61)

    assert reseller.get(number).data["expiration_date"] == "2027-01-11 10:00:00"
    assert amounts(books) == [cost]


def test_after_the_quarantine_a_name_is_free(books: Books, reseller: Reseller, clock: Clock) -> None:
    """When the last day of the quarantine has passed, anybody may register the name."""
    books.add_domain("ours.com", expires_at=EXPIRY)
    number = reseller.number("ours.com")
    reseller.ask("DELETE", f"domains/{number}", skip_soft_quarantine="true")
    clock.forward(days=30)

    assert reseller.restore(number).code == 320
    assert reseller.check("ours.com").data["results"][0]["status"] == "free"
    assert reseller.create("ours.com").data["status"] == "ACT"


def test_autorenew_spends_what_nobody_ordered(books: Books, reseller: Reseller, clock: Clock) -> None:
    """With autorenew on, the platform renews by itself, and the statement shows a charge that we did not order."""
    books.add_domain("ours.eu", expires_at=EXPIRY, detail={"autorenew": "on"})
    assert reseller.find("ours.eu")["renewal_date"] == "2026-05-02 12:30:00"
    clock.now = EXPIRY - timedelta(days=30, seconds=1)
    assert reseller.transactions() == []

    clock.forward(seconds=1)

    assert reseller.find("ours.eu")["expiration_date"] == "2027-06-01 12:30:00"
    (line,) = reseller.transactions()
    assert (line["action"], line["subject"], line["total"]["reseller"]["price"]) == ("RENEW", "ours.eu", 6.0)


def test_autorenew_without_credit_lets_a_name_expire(books: Books, reseller: Reseller, clock: Clock) -> None:
    """Where the credit does not suffice, nothing is charged and the name goes into the quarantine."""
    books.add_domain("ours.com", expires_at=EXPIRY, detail={"autorenew": "on"})
    books.top_up(-100_000)
    clock.now = EXPIRY

    assert reseller.find("ours.com")["status"] == "DEL"
    assert amounts(books) == []


def test_a_deletion_of_a_locked_name_is_refused(books: Books, reseller: Reseller) -> None:
    """A locked name is not deleted until it is unlocked."""
    books.add_domain("ours.com", expires_at=EXPIRY)
    number = reseller.number("ours.com")

    assert reseller.ask("PUT", f"domains/{number}", body={"is_locked": True}).data == {"status": "ACT"}
    assert reseller.ask("DELETE", f"domains/{number}").code == 328
    reseller.ask("PUT", f"domains/{number}", body={"is_locked": False})
    assert reseller.ask("DELETE", f"domains/{number}").code == 0
