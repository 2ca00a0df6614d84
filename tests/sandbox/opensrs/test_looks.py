"""What can be asked without changing anything? Names, prices, the deposit, orders, and what expires when."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.opensrs.shop import ELSEWHERE, EXPIRY, Clock, Shop, amounts


def test_a_name_that_is_not_ours_is_not_shown(books: Books, shop: Shop) -> None:
    """GET does not tell another reseller's name from a free one; LOOKUP does."""
    books.add_domain("theirs.example", expires_at=EXPIRY, sponsor=ELSEWHERE)

    assert [shop.info(name).code for name in ("theirs.example", "free.example")] == [480, 480]
    assert [shop.lookup(name).code for name in ("theirs.example", "free.example")] == [211, 210]
    assert [shop.lookup(name).attributes["status"] for name in ("theirs.example", "free.example")] == [
        "taken",
        "available",
    ]


def test_each_kind_of_look_tells_its_own(books: Books, shop: Shop) -> None:
    """The lock, the expiry, the name servers with their addresses, the code: each by its type."""
    books.add_domain(
        "ours.example",
        expires_at=EXPIRY,
        auth_info="the-code",
        nameservers=(("ns1.ours.example", ("192.0.2.1",)), ("ns2.example.net", ())),
        detail={"let_expire": True},
    )

    assert shop.info("ours.example", "status").attributes["lock_state"] == "0"
    assert shop.info("ours.example", "expire_action").attributes == {"auto_renew": "0", "let_expire": "1"}
    assert shop.info("ours.example", "domain_auth_info").attributes == {"domain_auth_info": "the-code"}
    assert shop.info("ours.example", "owner").attributes == {"contact_set": {}}
    assert shop.info("ours.example", "nameservers").attributes["nameserver_list"] == [
        {"name": "ns1.ours.example", "sortorder": "1", "ipaddress": "192.0.2.1"},
        {"name": "ns2.example.net", "sortorder": "2"},
    ]
    assert "the-code" not in shop.info("ours.example").body.decode()
    assert shop.info("ours.example", "everything").code == 465
    assert shop.ask("GET", domain="ours.example").code == 460


@pytest.mark.parametrize(
    ("name", "kind", "period", "price", "premium"),
    [
        ("word.example", "new", "1", "12.50", "0"),
        ("word.example", "new", "10", "125.00", "0"),
        ("word.example", "renewal", "2", "27.50", "0"),
        ("word.example", "transfer", "1", "11.50", "0"),
        ("premium-word.example", "renewal", "1", "275.00", "1"),
    ],
)
def test_prices_are_told_for_the_whole_term(
    *, shop: Shop, name: str, kind: str, period: str, price: str, premium: str
) -> None:
    """New, renewed or transferred, premium or not; never as a number but as text."""
    told = shop.ask("GET_PRICE", domain=name, period=period, reg_type=kind).attributes

    assert told == {"price": price, "is_registry_premium": premium}


def test_no_price_is_told_for_a_redemption(shop: Shop) -> None:
    """Of that there is a price list on paper only."""
    assert shop.ask("GET_PRICE", domain="word.example", reg_type="redemption").code == 465


def test_the_deposit_is_told(books: Books, shop: Shop) -> None:
    """What is left, with two decimal places."""
    shop.register("new.example")

    reply = shop.ask("GET_BALANCE", "BALANCE")

    assert reply.block["object"] == "BALANCE"
    assert reply.attributes == {"balance": "987.50", "hold_balance": "0.00"}


def test_orders_of_a_name_are_listed_newest_first(books: Books, shop: Shop, clock: Clock) -> None:
    """Twelve orders and more, in pages, and only those of a type, a status or some days where that is asked."""
    first = shop.register("new.example").attributes["id"]
    clock.forward(days=1)
    renewals = [shop.renew("new.example", 2027, handle="save").attributes["order_id"]]
    for _ in range(11):
        shop.ask("PROCESS_PENDING", order_id=renewals[-1], command="cancel")
        renewals.append(shop.renew("new.example", 2027, handle="save").attributes["order_id"])

    every = shop.orders("new.example")

    assert [order["id"] for order in every] == [*renewals[::-1], first]
    assert every[-1] == {
        "id": first,
        "type": "new",
        "status": "completed",
        "order_date": "2026-03-02 12:00:00",
    }
    assert [order["id"] for order in shop.orders("new.example", type="new")] == [first]
    assert [order["id"] for order in shop.orders("new.example", status="pending")] == [renewals[-1]]
    assert [order["id"] for order in shop.orders("new.example", order_to="2026-03-02")] == [first]
    assert len(shop.orders("new.example", order_from="2026-03-03")) == 12
    assert [order["id"] for order in shop.orders("new.example", limit="10", page="2")] == [
        renewals[1],
        renewals[0],
        first,
    ]
    assert amounts(books) == [1_250]


def test_an_order_tells_when_it_was_decided(shop: Shop) -> None:
    """Its dates, its type, its cost and how it stands."""
    number = shop.register("new.example").attributes["id"]

    told = shop.ask("GET_ORDER_INFO", order_id=number).attributes["field_hash"]

    assert told == {
        "id": number,
        "domain": "new.example",
        "reg_type": "new",
        "status": "completed",
        "period": "1",
        "cost": "12.50",
        "order_date": "2026-03-02 12:00:00",
        "processed_date": "2026-03-02 12:00:00",
        "completed_date": "2026-03-02 12:00:00",
        "notes": "Order completed",
    }


def test_names_are_listed_by_expiry(books: Books, shop: Shop) -> None:
    """Both days included, ours only, at most forty at a time."""
    for number in range(45):
        books.add_domain(f"ours{number:02d}.example", expires_at=EXPIRY + timedelta(days=number))
    books.add_domain("theirs.example", expires_at=EXPIRY, sponsor=ELSEWHERE)

    def listed(**attributes: Any) -> tuple[list[str], str]:
        told = shop.ask("GET_DOMAINS_BY_EXPIREDATE", **attributes).attributes
        return [line["name"] for line in told["exp_domains"]], told["remainder"]

    first, remainder = listed(exp_from="2026-11-05", exp_to="2027-11-05")
    assert (len(first), first[0], remainder) == (40, "ours00.example", "1")
    second, remainder = listed(exp_from="2026-11-05", exp_to="2027-11-05", page="2")
    assert (second, remainder) == ([f"ours{number}.example" for number in range(40, 45)], "0")
    assert listed(exp_from="2026-11-06", exp_to="2026-11-07") == (["ours01.example", "ours02.example"], "0")
    assert shop.ask("GET_DOMAINS_BY_EXPIREDATE", exp_from="05.11.2026", exp_to="2026-11-07").code == 465
    assert shop.ask("GET_DOMAINS_BY_EXPIREDATE", exp_from="2026-11-05").code == 460


def test_a_look_that_lags_does_not_know_of_a_registration_that_waits(books: Books, shop: Shop) -> None:
    """It calls the name free, once; the next look says that it is in processing."""
    books.misbehave("pending", command="domain:create")
    books.misbehave("stale", command="domain:check")
    shop.register("new.example")

    assert [shop.lookup("new.example").code for _ in range(2)] == [210, 221]


def test_a_look_may_lag_behind(books: Books, shop: Shop, clock: Clock) -> None:
    """For some seconds after a change a look shows the state before it, once for each time ordered."""
    books.misbehave("stale", command="domain:info", argument=30, times=3)
    books.misbehave("stale", command="domain:check", argument=30)
    shop.register("new.example")

    assert shop.lookup("new.example").code == 210
    assert shop.info("new.example").code == 480
    clock.forward(seconds=29)
    assert shop.info("new.example").code == 480
    clock.forward(seconds=2)
    assert shop.info("new.example").code == 200
