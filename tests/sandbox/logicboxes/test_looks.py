"""Does the platform tell what it knows as LogicBoxes tells it, and only to whom it may?"""

from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.logicboxes.reseller import EXPIRY, HOSTS, Reseller, epoch, order_of


def test_availability_is_told_for_each_label_and_tld(books: Books, reseller: Reseller) -> None:
    """Free, ours, or another registrar's; a premium name shows its prices."""
    order_of(books, "word.com")
    books.add_domain("word.net", expires_at=EXPIRY, sponsor="other")

    assert {
        name: line["status"] for name, line in reseller.available("word", "com", "net", "org").items()
    } == {
        "word.com": "regthroughus",
        "word.net": "regthroughothers",
        "word.org": "available",
    }
    assert reseller.available("premium-word", "com")["premium-word.com"]["costHash"]["create"] == "299.800"


def test_too_many_names_at_once_are_all_unknown(reseller: Reseller) -> None:
    """More than five of a new TLD are not looked up; that is no statement that they are free."""
    labels = [f"word-{number}" for number in range(6)]

    lines = reseller.get("domains/available", domain_name=labels, tlds="test").body

    assert [line["status"] for line in lines.values()] == ["unknown"] * 6


def test_unicode_is_answered_by_a_labels(reseller: Reseller) -> None:
    """The key is the A-label, whatever was asked."""
    reply = reseller.get("domains/idn-available", domain_name="bücher", tld="com", idnLanguageCode="de")

    assert list(reply.body) == ["xn--bcher-kva.com"]


def test_an_orders_number_is_bare(books: Books, reseller: Reseller) -> None:
    """A number without quotes or braces; by it the same details are found."""
    order_of(books, "ours.com")

    number = reseller.get("domains/orderid", domain_name="ours.com").text

    assert number == reseller.shown("ours.com")["orderid"]
    assert reseller.get("domains/details", order_id=number, options="All").body == reseller.shown("ours.com")


@pytest.mark.parametrize("name", ["free.com", "theirs.com"])
def test_only_our_own_orders_exist(books: Books, reseller: Reseller, name: str) -> None:
    """A free name and another registrar's are told alike, as a business error with HTTP 500."""
    books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="other")

    for reply in (reseller.details(name), reseller.get("domains/orderid", domain_name=name)):
        assert reply.status == 500
        assert reply.message == f"Website doesn't exist for {name}"
    assert (
        reseller.get("domains/details", order_id="1", options="All").message
        == "No Entity found for Entityid: 1"
    )


def test_details_are_told_in_the_parts_that_are_asked_for(books: Books, reseller: Reseller) -> None:
    """Parts may be combined; one that does not exist, or none at all, is refused."""
    order_of(books, "ours.com")

    assert reseller.details("ours.com", "NsDetails", "DomainStatus").body == {
        "noOfNameServers": "2",
        "ns1": HOSTS[0],
        "ns2": HOSTS[1],
        "cns": {},
        "domainstatus": [],
    }
    assert "domsecret" not in reseller.details("ours.com", "StatusDetails").body
    assert "options=Everything" in reseller.details("ours.com", "Everything").message
    assert "missing: options" in reseller.get("domains/details-by-name", domain_name="ours.com").message


def test_orders_are_searched_and_paged(books: Books, reseller: Reseller) -> None:
    """Filters narrow it, pages of ten to five hundred divide it, and others' names are not in it."""
    for number in range(11):
        order_of(books, f"name-{number:02}.com")
    books.add_domain("name-theirs.com", expires_at=EXPIRY, sponsor="other")

    def found(**filters: Any) -> dict[str, Any]:
        body: dict[str, Any] = reseller.get("domains/search", no_of_records=10, **filters).body
        return body

    first, second = found(page_no=1), found(page_no=2)
    assert (first["recsonpage"], first["recsindb"], second["recsonpage"]) == ("10", "11", "1")
    assert second["1"]["entity.description"] == "name-10.com"
    assert second["1"]["orders.endtime"] == epoch(EXPIRY)
    assert found(page_no=1, domain_name="name-03")["recsindb"] == "1"
    assert found(page_no=1, order_id=first["2"]["orders.orderid"])["1"]["entity.description"] == "name-01.com"
    assert found(page_no=1, status="Suspended") == {"recsonpage": "0", "recsindb": "0"}
    assert found(page_no=1, expiry_date_end=int(epoch(EXPIRY)) - 1)["recsindb"] == "0"
    assert "no-of-records=5" in reseller.get("domains/search", no_of_records=5, page_no=1).message


def test_the_balance_is_told_to_its_owner(reseller: Reseller) -> None:
    """In the account's currency, as text; another reseller's is not told."""
    assert reseller.get("billing/reseller-balance", reseller_id="123456").body["sellingcurrencybalance"] == (
        "1000.000"
    )
    assert "not allowed" in reseller.get("billing/reseller-balance", reseller_id="7").message


def test_prices_are_told_by_product(reseller: Reseller) -> None:
    """What a registration costs is what is charged for it."""
    prices = reseller.get("products/reseller-cost-price").body["domcno"]

    assert prices["addnewdomain"]["1"] == "14.990"
    assert prices["restoredomain"]["1"] == "80.000"


def test_no_secret_is_kept_in_the_journal(books: Books, reseller: Reseller) -> None:
    """The key is sent with every call and written down nowhere."""
    reseller.register("new.com")

    kept = b"".join(path.read_bytes() for path in Path(books.path).parent.glob("logicboxes.sqlite*"))
    assert b"new.com" in kept
    assert b"key-of-nobody" not in kept
