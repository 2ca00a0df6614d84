"""How is a name registered? At once and charged once, or refused for what is wrong with the order."""

from typing import Any

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.opensrs.shop import CARD, ELSEWHERE, EXPIRY, NAMESERVERS, Clock, Shop, amounts, people


def test_a_registration_is_done_at_once_and_charged_once(books: Books, shop: Shop) -> None:
    """The answer names the order, the name is ours for two years, and the statement names the order too."""
    assert shop.lookup("new.example").code == 210

    reply = shop.register("New.Example", period="2", f_lock_domain="1", auto_renew="1")

    assert (reply.succeeded, reply.code, reply.text) == (True, 200, "Registration successful")
    assert reply.attributes["admin_email"] == CARD["email"]
    assert "forced_pending" not in reply.attributes
    [charge] = books.charges()
    assert (charge.command, charge.name, charge.months, charge.amount) == (
        "register",
        "new.example",
        24,
        2_500,
    )
    assert charge.client_transaction_id == reply.attributes["id"]
    assert shop.status_of(reply.attributes["id"]) == "completed"
    told = shop.info("new.example").attributes
    assert told["expiredate"] == told["registry_expiredate"] == "2028-03-02 12:00:00"
    assert told["registry_createdate"] == "2026-03-02 12:00:00"
    assert (told["auto_renew"], told["let_expire"], told["sponsoring_rsp"]) == ("1", "0", "1")
    assert [line["name"] for line in told["nameserver_list"]] == list(NAMESERVERS)
    assert set(told["contact_set"]) == {"owner", "admin", "billing"}
    assert shop.info("new.example", "status").attributes["lock_state"] == "1"
    assert shop.lookup("new.example").code == 211


def test_a_name_without_name_servers_of_its_own_gets_the_default_ones(shop: Shop) -> None:
    """With `custom_nameservers` 0 no list is needed."""
    assert shop.register("new.example", custom_nameservers="0", nameserver_list=None).code == 200
    assert len(shop.info("new.example", "nameservers").attributes["nameserver_list"]) == 2


@pytest.mark.parametrize("sponsor", [None, ELSEWHERE])
def test_a_taken_name_is_refused(books: Books, shop: Shop, sponsor: str | None) -> None:
    """485, be it ours already or somebody else's, and nothing is charged."""
    books.add_domain("taken.example", expires_at=EXPIRY, sponsor=sponsor)

    reply = shop.register("taken.example")

    assert (reply.succeeded, reply.code, reply.text) == (False, 485, "Domain taken")
    assert reply.attributes == {}
    assert amounts(books) == []
    assert shop.orders("taken.example") == []


def test_a_registration_sent_twice_is_charged_once(books: Books, shop: Shop) -> None:
    """The name itself is the guard: the second is told that it is taken."""
    assert [shop.register("new.example").code for _ in range(2)] == [200, 485]
    assert amounts(books) == [1_250]


def test_an_asynchronous_registration_waits(books: Books, shop: Shop, clock: Clock) -> None:
    """250 with an order number; the name is in processing until the registry has answered."""
    books.misbehave("pending", command="domain:create")

    reply = shop.register("new.example")

    assert (reply.succeeded, reply.code, reply.attributes["async_reason"]) == (True, 250, "general")
    number = reply.attributes["id"]
    assert shop.status_of(number) == "waiting"
    assert shop.lookup("new.example").code == 221
    assert shop.register("new.example").code == 486
    assert shop.info("new.example").code == 480
    assert amounts(books) == [1_250]

    clock.forward(seconds=61)
    assert shop.status_of(number) == "completed"
    assert shop.info("new.example").attributes["expiredate"] == "2027-03-02 12:01:01"
    assert amounts(books) == [1_250]


def test_a_declined_registration_is_paid_back(books: Books, shop: Shop, clock: Clock) -> None:
    """What the registry declines is free again, and its price given back."""
    books.misbehave("pending", command="domain:create")
    books.misbehave("reject", command="domain:create", argument=5)
    number = shop.register("new.example").attributes["id"]

    clock.forward(seconds=6)

    assert shop.status_of(number) == "declined"
    assert amounts(books) == [1_250, -1_250]
    assert shop.lookup("new.example").code == 210


def test_a_name_that_somebody_else_gets_meanwhile_is_declined(books: Books, shop: Shop) -> None:
    """An approval cannot give a name away twice: the order is declined and paid back."""
    books.misbehave("pending", command="domain:create")
    number = shop.register("new.example").attributes["id"]
    books.add_domain("new.example", expires_at=EXPIRY, sponsor=ELSEWHERE)
    books.approve("new.example")

    assert shop.status_of(number) == "declined"
    assert amounts(books) == [1_250, -1_250]


@pytest.mark.parametrize(
    ("changes", "code", "fragment"),
    [
        ({"domain": None}, 460, "domain"),
        ({"domain": "no dots"}, 465, "domain"),
        ({"domain": "-a.example"}, 465, "domain"),
        ({"handle": None}, 460, "handle"),
        ({"handle": "later"}, 465, "handle"),
        ({"reg_username": None}, 460, "reg_username"),
        ({"reg_password": ""}, 460, "reg_password"),
        ({"reg_type": "used"}, 465, "reg_type"),
        ({"period": "0"}, 465, "period"),
        ({"period": "11"}, 465, "period"),
        ({"period": "one"}, 465, "period"),
        ({"contact_set": {"owner": CARD, "admin": CARD}}, 460, "billing"),
        ({"custom_tech_contact": "1"}, 460, "tech"),
        (
            {"contact_set": people({**CARD, "email": "nobody"})},
            465,
            "email",
        ),
        (
            {"contact_set": people({**CARD, "phone": "021"})},
            465,
            "phone",
        ),
        ({"contact_set": people({**CARD, "city": ""})}, 465, "city"),
        ({"nameserver_list": [{"name": "ns1.example.net"}]}, 465, "name servers"),
        ({"nameserver_list": ["ns1.example.net", "ns1_example"]}, 465, "name server"),
        ({"domain": "xn--mgbtest.example"}, 465, "encoding_type"),
    ],
)
def test_an_order_that_is_not_filled_in_is_refused(
    *, books: Books, shop: Shop, changes: dict[str, Any], code: int, fragment: str
) -> None:
    """What is missing is named with 460, what is wrong with 465, and nothing is charged or saved."""
    reply = shop.register("new.example", **changes)

    assert (reply.succeeded, reply.code) == (False, code)
    assert fragment in reply.text
    assert amounts(books) == []
    assert shop.orders("new.example") == []


def test_an_internationalised_name_needs_its_language(shop: Shop) -> None:
    """With its encoding type stated it is registered like any other."""
    assert shop.register("xn--mgbtest.example", encoding_type="per").code == 200


def test_a_premium_name_costs_what_the_price_list_says(books: Books, shop: Shop) -> None:
    """Its price is asked for beforehand, and is what is charged."""
    told = shop.ask("GET_PRICE", domain="premium-word.example", period="2", reg_type="new").attributes

    shop.register("premium-word.example", period="2")

    assert told == {"price": "500.00", "is_registry_premium": "1"}
    assert amounts(books) == [50_000]
