"""Are name servers, locks, contacts and codes changed as LogicBoxes changes them?"""

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.logicboxes.reseller import CUSTOMER, HOSTS, Reseller, amounts, order_of


@pytest.fixture
def order_id(books: Books, reseller: Reseller) -> str:
    order_of(books, "ours.com")
    return str(reseller.shown("ours.com")["orderid"])


def test_name_servers_are_replaced(reseller: Reseller, order_id: str) -> None:
    """The new list stands alone; the same list, in whatever order, is refused as no change."""
    assert reseller.post("domains/modify-ns", order_id=order_id, ns=HOSTS[::-1]).message == (
        "Same value for new and old NameServers"
    )
    reply = reseller.post("domains/modify-ns", order_id=order_id, ns=["ns3.example.net", "ns4.example.net"])

    assert reply.progress == ("Success", "Success")
    shown = reseller.shown("ours.com")
    assert (shown["ns1"], shown["ns2"], shown["noOfNameServers"]) == (
        "ns3.example.net",
        "ns4.example.net",
        "2",
    )


def test_theft_protection_is_switched_on_and_off(books: Books, reseller: Reseller, order_id: str) -> None:
    """It is shown among the locks and the order's statuses; some registries have none."""
    reseller.post("domains/enable-theft-protection", order_id=order_id)
    assert reseller.get("domains/locks", order_id=order_id).body == {"transferlock": "true"}
    assert reseller.shown("ours.com")["orderstatus"] == ["transferlock"]
    reseller.post("domains/disable-theft-protection", order_id=order_id)
    assert reseller.get("domains/locks", order_id=order_id).body == {}

    order_of(books, "ours.nl")
    dutch = reseller.shown("ours.nl")["orderid"]
    assert "not allowed" in reseller.post("domains/enable-theft-protection", order_id=dutch).message


def test_a_new_registrant_locks_the_name_for_sixty_days(reseller: Reseller, order_id: str) -> None:
    """Unless that was opted out of."""
    reseller.post(
        "domains/modify-contact", order_id=order_id, sixty_day_lock_optout="true", **reseller.roles()
    )
    assert reseller.shown("ours.com")["domainstatus"] == []
    roles = reseller.roles()
    reseller.post("domains/modify-contact", order_id=order_id, **roles)
    shown = reseller.shown("ours.com")

    assert shown["domainstatus"] == ["sixtydaylock"]
    assert shown["registrantcontactid"] == roles["reg_contact_id"]


def test_the_code_can_be_changed(reseller: Reseller, order_id: str) -> None:
    """A code of a bearable length; one that is not is refused without being repeated."""
    reseller.post("domains/modify-auth-code", order_id=order_id, auth_code="another-code")
    assert reseller.shown("ours.com")["domsecret"] == "another-code"

    refused = reseller.post("domains/modify-auth-code", order_id=order_id, auth_code="abc").message
    assert "abc" not in refused


def test_a_contact_added_twice_is_two_contacts(books: Books, reseller: Reseller) -> None:
    """The number is bare; both are found by what they say, and shown."""
    first, second = reseller.contact().text, reseller.contact().text
    reseller.contact(name="Ben Example")

    found = reseller.get(
        "contacts/search", customer_id=CUSTOMER, name="Anna Example", no_of_records=10, page_no=1
    ).body
    assert [row["entity.entityid"] for row in found["result"]] == [first, second]
    assert found["result"][0]["contact.emailaddr"] == "anna@example.org"
    assert reseller.get("contacts/details", contact_id=first).body["telno"] == "1234567"
    assert "No Entity found" in reseller.get("contacts/details", contact_id="7").message
    assert amounts(books) == []


@pytest.mark.parametrize(
    ("field", "value"), [("country", "Germany"), ("phone", "+49"), ("email", "none"), ("type", "Person")]
)
def test_a_contact_must_be_well_formed(reseller: Reseller, field: str, value: str) -> None:
    """What the form does not allow is named and refused."""
    assert f"{field}={value}" in reseller.contact(**{field: value}).message


def test_a_customer_is_found_by_address(reseller: Reseller) -> None:
    """The house customer is there before any order is."""
    assert reseller.get("customers/details", username="house@example.org").body["customerid"] == CUSTOMER
    assert "No Entity found" in reseller.get("customers/details", username="x@example.org").message
