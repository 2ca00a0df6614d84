"""Is what the API says of itself true? And is it well, and does it say so?"""

import json
from typing import Any

import httpx2
import pytest

from adapters.portal import documents
from adapters.portal.app import create_app
from registrar.database import Database
from registrar.orders import requests
from registrar.orders.requests import RequestRefusedError, parse_request
from tests.desks import CATALOGUE, REGISTRANT, Shop, a_registration, a_transfer, an_order, opened
from tests.portal.conftest import MAX_BODY_BYTES, serving
from tests.portal.test_refusals import assert_problem

GOOD = [
    an_order(),
    an_order(payment={"source": "balance"}, expected_expiry="any"),
    a_transfer(),
    a_registration(nameservers=["ns1.example.net", {"host": "ns1.mina.com", "addresses": ["192.0.2.1"]}]),
    a_registration(contacts={"registrant": {"handle": "C-1"}, "admin": REGISTRANT | {"street": ["a", "b"]}}),
]


@pytest.fixture
def described(sqlite_url: str) -> dict[str, Any]:
    """Give the API's description of itself."""
    with opened(sqlite_url) as shop:
        return create_app(shop.desk, max_body_bytes=MAX_BODY_BYTES).openapi()


def test_the_description_is_openapi_3_1_and_names_every_problem(described: dict[str, Any]) -> None:
    """Every address tells which problems it answers, in the form in which they come, and nothing else by default."""
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {
        "/v1/orders",
        "/v1/orders/{order_id}",
        "/v1/orders/{order_id}/correction",
        "/v1/orders/{order_id}/cancellation",
        "/v1/quotes",
        "/v1/quotes/{quote_id}",
        "/v1/orders/{order_id}/reports",
        "/v1/customers/{customer}/balance",
        "/v1/customers/{customer}/contact",
        "/v1/customers/{customer}/ledger",
        "/v1/customers/{customer}/orders",
        "/v1/customers/{customer}/domains",
        "/v1/customers/{customer}/debts",
        "/v1/customers/{customer}/slips",
        "/v1/customers/{customer}/orders/{order_id}/lines/{line}/decision",
        "/v1/customers/{customer}/orders/{order_id}/lines/{line}/delivery",
        "/v1/domains/{name}/departures",
        "/v1/departures/{departure_id}",
        "/v1/departures/{departure_id}/code",
        "/healthz",
        "/readyz",
    }
    for path, methods in described["paths"].items():
        for operation in methods.values():
            refusals = {status: told for status, told in operation["responses"].items() if status >= "4"}
            assert ({"401", "403"} <= refusals.keys()) == path.startswith("/v1/")
            for told in refusals.values():
                assert list(told["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_every_reference_in_the_description_leads_somewhere(described: dict[str, Any]) -> None:
    """No part of the description points at something that it does not define."""
    text = json.dumps(described)
    wanted = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert wanted == described["components"]["schemas"].keys()


@pytest.mark.parametrize("order", GOOD)
def test_the_described_order_is_the_one_that_is_read(order: dict[str, Any]) -> None:
    """What the description allows is taken, and what is taken the description allows."""
    documents.OrderSent.model_validate(order)
    parse_request(order, key="k", channel="http", catalogue=CATALOGUE)
    for unknown in (order | {"more": 1}, order | {"customer": ""}, order | {"kind": "buy"}):
        with pytest.raises(ValueError, match=r".") as by_description:
            documents.OrderSent.model_validate(unknown)
        assert not isinstance(by_description.value, RequestRefusedError)
        with pytest.raises(RequestRefusedError):
            parse_request(unknown, key="k", channel="http", catalogue=CATALOGUE)


def test_the_described_correction_is_the_one_that_is_read(described: dict[str, Any]) -> None:
    """The description names every field of a correction, and allows none of them to be empty."""
    sent = described["components"]["schemas"]["CorrectionSent"]
    assert (sent["properties"].keys(), sent["minProperties"]) == (requests._CORRECTIONS, 1)
    assert '"null"' not in json.dumps(sent)
    assert sent["properties"]["done"]["const"] is True
    assert sent["properties"]["nameservers"]["minItems"] == 1


def test_the_described_fields_are_the_ones_that_are_read() -> None:
    """The description names every field of an order and of a person, and no other."""
    assert documents.OrderSent.model_fields.keys() == requests._FIELDS
    assert documents.Person.model_fields.keys() == {
        "reference",
        *requests._PERSON_REQUIRED,
        *requests._PERSON_OPTIONAL,
    }


def test_the_process_is_alive_and_ready(portal: httpx2.Client) -> None:
    """Supervisors may ask without a key whether the process lives and can work."""
    portal.headers.pop("Authorization")
    for path in ("/healthz", "/readyz"):
        answer = portal.get(path, headers={"X-Request-ID": "probe-7"})
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["X-Request-ID"] == "probe-7"
    assert portal.get("/healthz", headers={"X-Request-ID": "a b"}).headers["X-Request-ID"] != "a b"
    assert portal.get("/openapi.json").json()["openapi"].startswith("3.1")


def test_without_its_tables_it_is_alive_but_not_ready(blank_database_url: str) -> None:
    """With a database that was not brought up to date it says so, and takes no order."""
    with opened(blank_database_url) as shop, serving(
        create_app(shop.desk, max_body_bytes=MAX_BODY_BYTES)
    ) as address, httpx2.Client(base_url=address, trust_env=False) as client:  # fmt: skip
        assert client.get("/healthz").status_code == 200
        told = assert_problem(client.get("/readyz"), 503, "unavailable")
        assert "db upgrade" in told["detail"]
        shop.desk.database.upgrade()
        assert client.get("/readyz").status_code == 200


def test_a_database_that_is_away_is_said_to_be(shop: Shop, portal: httpx2.Client) -> None:
    """While the books cannot be reached, callers are asked to come again."""
    from dataclasses import replace

    away = replace(shop.desk, database=Database("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    with serving(create_app(away, max_body_bytes=MAX_BODY_BYTES)) as address:
        told = httpx2.get(f"{address}/v1/orders/1", headers={"Authorization": "Bearer x"}, trust_env=False)
        assert_problem(told, 503, "unavailable")
        assert told.headers["Retry-After"] == "5"
        assert_problem(httpx2.get(f"{address}/readyz", trust_env=False), 503, "unavailable")
    away.database.close()
