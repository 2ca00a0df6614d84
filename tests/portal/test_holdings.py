"""What does a customer see of what he has with the company (O7)?"""

import httpx2
from sqlalchemy import insert

from registrar.commands import OwnKind
from registrar.models import Domain
from registrar.names import DomainName
from registrar.orders.own import place_lock
from tests.desks import START, Shop, an_order
from tests.portal.test_acts import placed
from tests.portal.test_refusals import assert_problem


def test_a_customer_s_orders_are_read_page_by_page(portal: httpx2.Client) -> None:
    """Pages of a customer's orders, put together, are all of his and nobody else's; the last one says that it is the last (O7)."""
    for number in range(3):
        placed(portal, an_order(domain=f"mina{number}.com", customer="a/b"), key=f"k-{number}")
    placed(portal, an_order(domain="reza.com", customer="reza"), key="k-9")
    first = portal.get("/v1/customers/a%2Fb/orders", params={"limit": 2}).json()
    rest = portal.get("/v1/customers/a%2Fb/orders", params={"after": first["next_after"]}).json()
    assert [order["domain"] for page in (first, rest) for order in page["orders"]] == [
        "mina0.com",
        "mina1.com",
        "mina2.com",
    ]
    assert rest["next_after"] is None
    timeline = portal.get(f"/v1/orders/{first['orders'][0]['id']}").json()["timeline"]
    assert timeline[0]["what"] == "your order was received and paid"


def test_a_lock_of_ours_is_no_order_of_his(portal: httpx2.Client, shop: Shop) -> None:
    """A name locked for a claim shows no order in its holder's list: it would tell him of the claim (D9)."""
    with shop.desk.database.transaction() as connection:
        order = place_lock(
            connection,
            kind=OwnKind.LOCK,
            domain=DomainName("mina.com", "com"),
            registrar="epp",
            customer="c-42",
            statuses=["clientTransferProhibited"],
            key="claim:1:1",
            now=START,
        )
    assert portal.get("/v1/customers/c-42/orders").json()["orders"] == []
    assert_problem(portal.get(f"/v1/orders/{order}"), 404, "order_unknown")


def test_a_customer_s_names_are_read_page_by_page(portal: httpx2.Client, shop: Shop) -> None:
    """Each name says until when it is paid for; what has left the company is not his with us any more (O7, D4)."""
    with shop.desk.database.transaction() as connection:
        for name, gone_at in (("a.com", None), ("b.com", START), ("c.com", None), ("d.com", None)):
            connection.execute(
                insert(Domain).values(
                    name=name,
                    zone="com",
                    customer="c-42",
                    registrar="epp",
                    paid_through=START,
                    gone_at=gone_at,
                )
            )
    first = portal.get("/v1/customers/c-42/domains", params={"limit": 2}).json()
    rest = portal.get("/v1/customers/c-42/domains", params={"after": first["next_after"]}).json()
    assert [name["domain"] for page in (first, rest) for name in page["domains"]] == [
        "a.com",
        "c.com",
        "d.com",
    ]
    assert first["domains"][0]["paid_through"] == START.isoformat().replace("+00:00", "Z")
    assert rest["next_after"] is None


def test_a_customer_without_anything_has_empty_pages(portal: httpx2.Client) -> None:
    """Whoever never ordered anything has no orders and no names, and that is no error (O7)."""
    assert portal.get("/v1/customers/nobody/orders").json()["orders"] == []
    assert portal.get("/v1/customers/nobody/domains").json()["domains"] == []
