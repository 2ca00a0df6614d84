"""Orders and delivery: when an order is delivered, what may stop it, and what its customer may do (O1 to O11)."""

from registrar import holds
from registrar.commands import Kind
from registrar.orders import reading
from tests.stories.company import PRICE, Company, Customer, Registrar

HOLDER = {"registrant": {"handle": "ex01-irnic"}}
"""An invented handle."""


def test_an_accepted_order_is_not_a_delivered_one(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A registry that answers 1001 on 1 March has not registered the name; it is delivered on 4 March, when it shows (O1)."""
    registrar.accepts(and_then="approve", days=3)
    order = sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.works()
    company.at("2026-03-03")
    assert order.state == "waiting_third_party"
    assert order.money == [("payment", PRICE)]
    company.at("2026-03-05")
    assert order.state == "done"
    assert order.money == [("payment", PRICE), ("earned", PRICE)]


def test_silence_is_not_delivery_either(company: Company, registrar: Registrar, sara: Customer) -> None:
    """An order whose answer was lost is neither delivered nor failed until a look has told which (O1)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    registrar.does_it_and_says_nothing()
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "in_doubt"
    assert order.money == [("payment", PRICE)]
    company.at("2026-03-02")
    assert order.state == "done"


def test_an_order_waits_for_its_registrar_and_is_not_lost(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """From 1 to 4 March nothing can be sent to the registrar: the order waits, is not refused, and is then done (O3)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    with company.shop.database.transaction() as connection:
        holds.put_by_hand(
            connection,
            "far",
            reason="no currency can be moved",
            now=company.now,
            actor="staff:laleh",
            ticket="T-7",
        )
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    company.at("2026-03-04")
    assert order.state == "queued"
    assert registrar.heard == 0
    with company.shop.database.transaction() as connection:
        holds.release(connection, "far", now=company.now, actor="staff:laleh", ticket="T-7")
    company.works()
    assert order.state == "done"


def test_the_customer_sees_balance_lines_and_orders_at_any_time(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """What was paid, bought and credited is always there for its customer to see, and for nobody else's account (O7)."""
    sara.tops_up(2 * PRICE, reference="bank-1")
    company.looks_after("example.com", until="2026-03-20 12:00")
    registrar.refuses()
    order = sara.orders_from_balance(Kind.RENEW, "example.com")
    company.works()
    assert sara.balance() == 2 * PRICE
    assert sara.statement == [("top_up", 2 * PRICE), ("payment", -PRICE), ("credit", PRICE)]
    with company.shop.database.reading() as connection:
        assert [found.id for found in reading.list_for_customer(connection, "sara")] == [order.number]
        assert reading.list_for_customer(connection, "reza") == []
    assert company.customer("reza").statement == []
