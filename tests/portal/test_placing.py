"""Does an order that is posted stand in the books once, however often it is posted? And does its key find it again?"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from adapters.portal import intake
from adapters.portal.app import create_app
from registrar import ledger
from registrar.commands import Kind
from registrar.money import Money
from registrar.orders import reading
from registrar.orders.placing import reject
from tests.desks import CATALOGUE, START, Shop, a_registration, a_transfer, an_order
from tests.portal.conftest import serving
from tests.portal.test_refusals import assert_problem


def post(portal: httpx2.Client, order: object, key: str = "k-1") -> httpx2.Response:
    return portal.post("/v1/orders", json=order, headers={"Idempotency-Key": key})


def test_an_order_is_accepted_and_found_at_its_address(portal: httpx2.Client, shop: Shop) -> None:
    """An order is answered with 202 and its address, where it stands with its timeline; the workers are rung."""
    accepted = post(portal, an_order(domain="MINA.com."))
    assert accepted.status_code == 202
    assert accepted.headers["Location"] == f"/v1/orders/{accepted.json()['id']}"
    assert "Idempotent-Replayed" not in accepted.headers
    found = portal.get(accepted.headers["Location"])
    assert found.status_code == 200
    more = {name: found.json()[name] for name in ("lines", "agreed", "waits", "remains", "timeline")}
    assert found.json() == accepted.json() | more
    assert [line["event"] for line in found.json()["timeline"]] == ["order.placed"]
    assert (found.json()["domain"], found.json()["state"]) == ("mina.com", "queued")
    assert shop.registrars.rung == [("epp", accepted.json()["id"])]


def test_the_same_key_at_once_is_one_order(portal: httpx2.Client, shop: Shop) -> None:
    """The same order posted ten times at once under one key is one order, paid once; with another body it is refused."""
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: post(portal, a_transfer()), range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    replayed = [answer for answer in answers if answer.headers.get("Idempotent-Replayed") == "true"]
    assert len(replayed) == 9
    assert (shop.rows()["orders"], shop.rows()["movements"]) == (1, 1)
    assert len(shop.registrars.rung) == 1
    other = post(portal, a_transfer(auth_info="another-code"))
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert (shop.rows()["orders"], shop.rows()["movements"]) == (1, 1)


NOT_SOLD: list[dict[str, Any]] = [
    {"ir": CATALOGUE["ir"]},
    {"com": replace(CATALOGUE["com"], months={Kind.RENEW: frozenset({24})})},
]


@pytest.mark.parametrize("catalogue", NOT_SOLD, ids=["zone not sold any more", "term not sold any more"])
def test_a_lost_answer_is_given_again_when_the_offer_has_changed(
    portal: httpx2.Client, shop: Shop, catalogue: dict[str, Any]
) -> None:
    """An order whose 202 was lost is told again as it stands, whatever was changed in the offer meanwhile."""
    first = post(portal, an_order())
    with serving(create_app(replace(shop.desk, catalogue=catalogue), max_body_bytes=1_000)) as address:
        portal.base_url = address
        again = post(portal, an_order(domain="MINA.com."))
        assert (again.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
        assert (again.headers["Location"], again.json()) == (first.headers["Location"], first.json())
        for other in (an_order(months=24), an_order(surprise=1)):
            told = assert_problem(post(portal, other), 422, "key_reused")
            assert (told["order"], told["field"]) == (first.json()["id"], "key")
        assert post(portal, an_order(), key="k-2").status_code == 422
    assert (shop.rows()["orders"], len(shop.registrars.rung)) == (1, 1)


def test_a_used_key_says_where_its_order_is(portal: httpx2.Client) -> None:
    """A key with other contents is refused with the address of the order that it stands for."""
    first = post(portal, an_order())
    refused = post(portal, an_order(customer="c-43"))
    assert assert_problem(refused, 422, "key_reused")["order"] == first.json()["id"]
    assert portal.get(refused.headers["Location"]).json()["key"] == "k-1"


def test_a_message_sent_again_is_the_same_order_when_the_offer_has_changed(shop: Shop) -> None:
    """A message that is delivered again after the offer changed finds its order, and is not rejected."""
    message = {"key": "k-1", **an_order()}
    first = intake.place_from_message(shop.desk, [message], {})
    again = intake.place_from_message(replace(shop.desk, catalogue=NOT_SOLD[0]), [message], {})
    assert first is not None
    assert again == replace(first, repeated=True)
    assert shop.rows()["rejections"] == 0
    assert intake.place_from_message(shop.desk, [message | {"months": 7}], {}) is None
    with shop.desk.database.reading() as connection:
        rejection = reading.rejection_by_key(connection, "k-1")
    assert rejection is not None
    assert (rejection["code"], rejection["field"]) == ("key_reused", "key")


def test_an_order_written_otherwise_is_the_same_order(portal: httpx2.Client, shop: Shop) -> None:
    """A repeated order may write the name in capitals or name its fields in another order: it is the same order."""
    first = post(portal, an_order())
    again = post(portal, dict(reversed(an_order(domain="MINA.COM").items())))
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_key_may_be_in_persian(portal: httpx2.Client, shop: Shop) -> None:
    """A key is the portal's own text, in any script, and finds its order again."""
    accepted = portal.post("/v1/orders", json=an_order(), headers=[(b"Idempotency-Key", "سفارش".encode())])
    assert accepted.json()["key"] == "سفارش"
    assert portal.get("/v1/orders", params={"key": "سفارش"}).json()["id"] == accepted.json()["id"]


def test_an_order_from_the_balance_takes_it(portal: httpx2.Client, shop: Shop) -> None:
    """An order paid from the balance takes its price; one that the balance does not cover is refused with 402."""
    with shop.desk.database.transaction() as connection:
        ledger.top_up(connection, "c-42", Money(2000, "USD"), reference="bank-1", now=START)
    assert post(portal, an_order(payment={"source": "balance"})).status_code == 202
    before = shop.rows()
    refused = post(portal, an_order(payment={"source": "balance"}), key="k-2")
    assert (refused.status_code, refused.json()["code"]) == (402, "insufficient_balance")
    assert "7.50 USD" in refused.json()["detail"]
    assert shop.rows() == before
    balance = portal.get("/v1/customers/c-42/balance").json()
    assert balance == {
        "customer": "c-42",
        "balances": [{"bucket": "cash", "currency": "USD", "amount": 750, "expires_on": None}],
    }


def test_a_new_customer_has_no_account_after_a_refusal(portal: httpx2.Client, shop: Shop) -> None:
    """Somebody who never paid anything in is refused, and no trace of it stays in the books."""
    before = shop.rows()
    assert post(portal, an_order(payment={"source": "balance"})).status_code == 402
    assert shop.rows() == before


def test_a_rejected_message_is_told_under_its_key(portal: httpx2.Client, shop: Shop) -> None:
    """When a message could not be taken, its key tells why, for good: a portal may rely on it and give money back."""
    with shop.desk.database.transaction() as connection:
        reject(
            connection, key="k-9", code="price_invalid", field="price.amount", text="whole units", now=START
        )
    told = portal.get("/v1/orders", params={"key": "k-9"})
    assert told.status_code == 200
    assert told.json() == {
        "key": "k-9",
        "state": "rejected",
        "rejection": {
            "code": "price_invalid",
            "field": "price.amount",
            "text": "whole units",
            "received_at": "2026-11-22T10:00:00Z",
        },
    }
    before = shop.rows()
    assert_problem(post(portal, an_order(), key="k-9"), 422, "key_rejected")
    assert intake.place_from_message(shop.desk, [{"key": "k-9", **an_order()}], {}) is None
    assert shop.rows() == before
    assert portal.get("/v1/orders", params={"key": "k-9"}).json() == told.json()


def test_another_order_under_a_used_key_is_told_beside_the_first(portal: httpx2.Client, shop: Shop) -> None:
    """When a message asks for something else under the key of an order, reading the key back says that it was refused."""
    first = post(portal, an_order()).json()
    assert portal.get("/v1/orders", params={"key": "k-1"}).json()["rejection"] is None
    assert intake.place_from_message(shop.desk, [{"key": "k-1", **an_order(customer="c-43")}], {}) is None
    told = portal.get("/v1/orders", params={"key": "k-1"}).json()
    assert (told["id"], told["rejection"]["code"]) == (first["id"], "key_reused")


def test_an_unused_key_is_unknown(portal: httpx2.Client) -> None:
    """A key that was never used is answered with 404, so the portal knows that it may send."""
    told = portal.get("/v1/orders", params={"key": "never"})
    assert (told.status_code, told.json()["code"]) == (404, "key_unknown")


@pytest.mark.parametrize("order", [a_transfer(), a_registration()], ids=["auth code", "person"])
def test_no_answer_and_no_log_shows_a_secret(
    portal: httpx2.Client, shop: Shop, order: dict[str, object], capfd: pytest.CaptureFixture[str]
) -> None:
    """Auth codes and people's data go in and never come out: not in an answer, not in the log."""
    token = portal.headers["Authorization"].removeprefix("Bearer ")
    answers = [post(portal, order), post(portal, order), post(portal, an_order())]
    answers.append(portal.get(answers[0].headers["Location"]))
    answers.append(portal.get("/v1/orders", params={"key": "k-1", "auth": "planted-auth-code"}))
    shown = "".join(answer.text for answer in answers) + "".join(capfd.readouterr())
    assert "/v1/orders" in shown
    for secret in ("planted-auth-code", "Mina Example", "mina@example.net", token, "k-1?"):
        assert secret not in shown
    assert "key=" not in shown
