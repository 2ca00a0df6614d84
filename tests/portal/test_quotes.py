"""Can a portal ask what an order would cost and be promised, and rely on it when it orders (O4)?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert

from adapters.portal import documents
from adapters.portal.app import create_app
from registrar.access import Scope
from registrar.commands import Kind
from registrar.models import Domain
from registrar.money import Money
from registrar.orders import requests
from tests.databases import ON_ONE_DATABASE
from tests.desks import CATALOGUE, START, Shop, an_order, opened
from tests.portal.conftest import MAX_BODY_BYTES, issue, serving
from tests.portal.test_refusals import assert_problem

PRICES = {Kind.RENEW: {12: Money(1250, "USD"), 24: Money(2500, "USD")}}


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    """Give a desk with a tariff for .com, and mina.com in its books, lapsed three days ago."""
    with opened(database_url) as made:
        catalogue = {**CATALOGUE, "com": replace(CATALOGUE["com"], prices=PRICES)}
        with made.desk.database.transaction() as connection:
            connection.execute(
                insert(Domain).values(
                    name="mina.com",
                    zone="com",
                    customer="c-42",
                    registrar="epp",
                    paid_through=START - timedelta(days=3),
                )
            )
        yield replace(made, desk=replace(made.desk, catalogue=catalogue))


def ask(portal: httpx2.Client, **asked: Any) -> httpx2.Response:
    """Ask what renewing mina.com costs."""
    return portal.post("/v1/quotes", json={"kind": "renew", "domain": "mina.com"} | asked)


def test_a_question_is_answered_and_promises_nothing(portal: httpx2.Client, shop: Shop) -> None:
    """Without a customer the answer has class, dates, price and words, and nothing is stored."""
    before = shop.rows()
    answer = ask(portal)
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    told = answer.json()
    assert (told["class"], told["paid_through"], told["committed_until"]) == (
        "committed",
        "2026-11-19T10:00:00Z",
        "2026-11-26T10:00:00Z",
    )
    assert (told["id"], told["months"], told["price"]) == (None, 12, {"amount": 1250, "currency": "USD"})
    assert told["words"].keys() == {"fa", "en"}
    assert told.keys() == documents.Quote.model_validate(told).model_dump(by_alias=True).keys()
    assert (shop.rows(), shop.registrars.looks) == (before, [])


def test_a_promised_price_is_found_at_its_address_and_ordered_by(portal: httpx2.Client, shop: Shop) -> None:
    """With a customer the price is promised: read back as it was told, and it stands when he orders."""
    answer = ask(portal, customer="c-42", domain="MINA.com.")
    assert answer.status_code == 201
    number = answer.json()["id"]
    assert answer.headers["Location"] == f"/v1/quotes/{number}"
    assert portal.get(answer.headers["Location"]).json() == answer.json()
    placed = portal.post("/v1/orders", json=an_order(quote=number), headers={"Idempotency-Key": "k"})
    assert placed.status_code == 202
    assert shop.rows()["orders"] == 1


def test_an_order_at_another_price_is_told_the_one_that_stands(portal: httpx2.Client, shop: Shop) -> None:
    """A refusal for the price carries the current price, for programs and for people."""
    wrong = an_order(price={"amount": 1200, "currency": "USD"})
    told = assert_problem(
        portal.post("/v1/orders", json=wrong, headers={"Idempotency-Key": "k"}), 422, "price_changed"
    )
    assert told["price"] == {"amount": 1250, "currency": "USD"}
    assert "12.50 USD" in told["detail"]
    number = ask(portal, customer="c-42").json()["id"]
    shop.registrars.now = START + timedelta(days=4)
    late = an_order(quote=number, payment={"source": "balance"})
    told = assert_problem(
        portal.post("/v1/orders", json=late, headers={"Idempotency-Key": "k"}), 422, "quote_expired"
    )
    assert (told["field"], told["price"]) == ("quote", {"amount": 1250, "currency": "USD"})
    assert shop.rows()["orders"] == 0


def test_the_registrar_is_asked_when_the_portal_wants_it(portal: httpx2.Client, shop: Shop) -> None:
    """The portal may have the registrar asked; a look that fails is said, and fails nothing."""
    shop.registrars.silent.add("mina.com")
    told = ask(portal, look=True).json()
    assert shop.registrars.looks == [("epp", "mina.com", Kind.RENEW)]
    assert (told["class"], told["inquiry"]["found"], told["inquiry"]["why_unknown"]) == (
        "committed",
        "unknown",
        "look_failed",
    )


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"domain": "https://mina.com/"}, "name_is_url"),
        ({"months": 13}, "term_not_sold"),
        ({"expires_at": "2026-13-01"}, "time_invalid"),
        ({"at": "2026-12-01", "customer": "c-42"}, "field_unexpected"),
        ({"price": {"amount": 1, "currency": "USD"}}, "price_changed"),
        ({"surprise": 1}, "unknown_field"),
    ],
)
def test_a_wrong_question_is_a_problem(portal: httpx2.Client, asked: dict[str, Any], code: str) -> None:
    """What cannot be answered is refused with a stable code."""
    assert_problem(ask(portal, **asked), 422, code)


def test_there_is_no_quote_where_none_was_given(portal: httpx2.Client) -> None:
    """An address under which nothing was promised says so."""
    assert_problem(portal.get("/v1/quotes/7"), 404, "quote_unknown")
    assert_problem(portal.get("/v1/quotes/0"), 404, "not_found")


def test_promising_needs_the_scope_of_ordering(shop: Shop) -> None:
    """A key that may only read orders may read quotes, and promise none."""
    with serving(create_app(shop.desk, max_body_bytes=MAX_BODY_BYTES)) as address:
        reader = {"Authorization": f"Bearer {issue(shop, 'reader', Scope.ORDERS_READ)}"}
        asked = {"kind": "renew", "domain": "mina.com"}
        refused = httpx2.post(f"{address}/v1/quotes", json=asked, headers=reader, trust_env=False)
        assert_problem(refused, 403, "scope_missing")
        assert_problem(
            httpx2.get(f"{address}/v1/quotes/7", headers=reader, trust_env=False), 404, "quote_unknown"
        )


def test_the_described_question_is_the_one_that_is_read() -> None:
    """The description names every field of a question, and no other."""
    assert documents.QuestionSent.model_fields.keys() == requests._QUESTIONS
