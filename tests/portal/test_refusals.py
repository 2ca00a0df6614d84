"""Is bad input refused with a stable code and words, and is nothing stored? Counted in every table after each refusal."""

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.databases import ON_ONE_DATABASE
from tests.desks import REGISTRANT, Shop, a_registration, a_transfer, an_order
from tests.portal.conftest import MAX_BODY_BYTES, PATIENCE_SECONDS

JSON = {"Content-Type": "application/json", "Idempotency-Key": "k-1"}


def assert_problem(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert told["type"] == "about:blank"
    assert told["title"]
    assert len(told["detail"]) > 10
    return told


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("order", "code", "field"),
    [
        (an_order(domain="mina.example"), "zone_not_sold", "domain"),
        (an_order(domain="a.mina.com"), "name_not_registrable", "domain"),
        (an_order(domain="https://mina.com/"), "name_is_url", "domain"),
        (an_order(domain="com"), "name_is_zone", "domain"),
        (an_order(domain="mi na.com"), "name_invalid", "domain"),
        (an_order(domain="m\0.com"), "field_invalid", "domain"),
        (an_order(domain=7), "field_invalid", "domain"),
        (an_order(domain=None), "field_missing", "domain"),
        (an_order(kind="purchase"), "kind_unknown", "kind"),
        (an_order(kind="transfer", domain="mina.ir"), "kind_not_offered", "kind"),
        (an_order(price={"amount": -1, "currency": "USD"}), "price_invalid", "price.amount"),
        (an_order(price={"amount": 12.5, "currency": "USD"}), "price_invalid", "price.amount"),
        (an_order(price={"amount": True, "currency": "USD"}), "price_invalid", "price.amount"),
        (an_order(price={"amount": "1250", "currency": "USD"}), "price_invalid", "price.amount"),
        (an_order(price={"amount": 10**30, "currency": "USD"}), "price_invalid", "price.amount"),
        (an_order(price={"amount": 1250, "currency": "IRR"}), "currency_wrong", "price.currency"),
        (an_order(price={"amount": 1250, "currency": ["USD"]}), "currency_wrong", "price.currency"),
        (an_order(price={"amount": 1250, "currency": "USD", "vat": 1}), "unknown_field", "price"),
        (an_order(price=1250), "not_an_object", None),
        (an_order(months=18), "term_not_sold", "months"),
        (an_order(months="12"), "term_not_sold", "months"),
        (an_order(months=12.0), "term_not_sold", "months"),
        (an_order(payment={"source": "card"}), "payment_invalid", "payment"),
        (an_order(payment={"source": ["balance"]}), "payment_invalid", "payment"),
        (
            an_order(payment={"source": "outside", "paid_at": "yesterday", "reference": "r"}),
            "time_invalid",
            "payment.paid_at",
        ),
        (
            an_order(payment={"source": "outside", "paid_at": "2026-11-22T09:59:00", "reference": "r"}),
            "time_invalid",
            "payment.paid_at",
        ),
        (an_order(expected_expiry=None), "expected_expiry_missing", "expected_expiry"),
        (an_order(expected_expiry="next year"), "time_invalid", "expected_expiry"),
        (an_order(auth_info="code"), "field_unexpected", "auth_info"),
        (a_transfer(auth_info=["code"]), "field_invalid", "auth_info"),
        (a_registration(contacts={}), "contact_missing", "contacts.registrant"),
        (a_registration(contacts={"registrant": "Mina"}), "not_an_object", None),
        (a_registration(contacts={"owner": REGISTRANT, "registrant": REGISTRANT}), "unknown_field", "contacts.owner"),
        (a_registration(nameservers=["localhost"]), "host_invalid", "nameservers.0"),
        (a_registration(nameservers="ns1.example.net"), "field_invalid", "nameservers"),
        (an_order(quantity=2), "unknown_field", "quantity"),
        ([an_order()], "not_an_object", None),
        (None, "not_an_object", None),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_taken_is_refused(
    portal: httpx2.Client, shop: Shop, order: object, code: str, field: str | None
) -> None:
    """An order with a fault is answered with where it is and what to do, and nothing of it is kept."""
    before = shop.rows()
    told = assert_problem(portal.post("/v1/orders", content=json.dumps(order), headers=JSON), 422, code)
    assert told.get("field") == field
    assert shop.rows() == before
    assert shop.registrars.rung == []


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'customer': 1}",
        b'{"months": NaN}',
        b'{"months": -Infinity}',
        b'{"months": 1e999}',
        b'{"months": 12, "months": 24}',
        b'{"price": {"amount": 1, "amount": 2}}',
        b'{"customer": "\xff"}',
        b'{"customer": "\\ud800"}',
        b'\xef\xbb\xbf{"customer": "c"}',
        b'{"a": 1} {"b": 2}',
        b"[" * 40_000 + b"]" * 40_000,
        b'{"months": ' + b"1" * 5000 + b"}",
    ],
    ids=lambda body: body[:30].decode("ascii", "replace"),
)
def test_what_is_not_one_json_value_is_refused(portal: httpx2.Client, shop: Shop, body: bytes) -> None:
    """A body that is not JSON, or that says a thing twice, is refused rather than guessed at."""
    before = shop.rows()
    assert_problem(portal.post("/v1/orders", content=body, headers=JSON), 400, "malformed_json")
    assert shop.rows() == before


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "key_missing"),
        ({"Idempotency-Key": ""}, "key_missing"),
        ({"Idempotency-Key": "k" * 256}, "key_invalid"),
        ({"Idempotency-Key": b"k\xff"}, "key_invalid"),
        ([("Idempotency-Key", "k-1"), ("Idempotency-Key", "k-2")], "key_invalid"),
    ],
)
def test_an_order_without_one_good_key_is_refused(
    portal: httpx2.Client, shop: Shop, headers: Any, code: str
) -> None:
    """An order without a key, or with two, is refused: sending it again could order twice."""
    before = shop.rows()
    assert_problem(portal.post("/v1/orders", json=an_order(), headers=headers), 400, code)
    assert shop.rows() == before


@ON_ONE_DATABASE
@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize("times", [1, 3, 40])
def test_a_body_that_is_too_large_is_refused(
    portal: httpx2.Client, address: str, shop: Shop, chunked: bool, times: int
) -> None:
    """A body over the limit is refused while it comes in, whether or not its size was announced."""
    before = shop.rows()
    body = b'{"customer": "' + b"c" * (MAX_BODY_BYTES * times) + b'"}'
    status, told = _post_large(address, portal.headers["Authorization"], body, chunked=chunked)
    assert (status, told["code"]) == (413, "body_too_large")
    assert shop.rows() == before


def test_a_body_of_just_the_limit_is_read(portal: httpx2.Client, shop: Shop) -> None:
    """A body of exactly the limit is read, one byte more is not."""
    order = json.dumps(an_order()).encode()
    most = order + b" " * (MAX_BODY_BYTES - len(order))
    assert portal.post("/v1/orders", content=most, headers=JSON).status_code == 202
    assert_problem(portal.post("/v1/orders", content=most + b" ", headers=JSON), 413, "body_too_large")


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"],
)
def test_what_does_not_say_that_it_is_json_is_refused(
    portal: httpx2.Client, shop: Shop, content_type: str | None
) -> None:
    """A body of another type, or in another alphabet, is refused with 415."""
    before = shop.rows()
    headers = {"Idempotency-Key": "k-1"} | ({"Content-Type": content_type} if content_type else {})
    answer = portal.post("/v1/orders", content=json.dumps(an_order()), headers=headers)
    assert_problem(answer, 415, "content_type_wrong")
    assert shop.rows() == before


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/v1/orders/", 404, "not_found"),
        ("GET", "/v1/orders/abc", 404, "not_found"),
        ("GET", "/v1/orders/7", 404, "order_unknown"),
        ("GET", "/v1/orders/99999999999999999999999", 404, "not_found"),
        ("GET", "/v1/customers/c%00/balance", 404, "not_found"),
        ("GET", "/v1/orders", 400, "parameter_invalid"),
        ("GET", "/v1/orders?key=", 400, "key_missing"),
        ("GET", "/v1/orders?key=%00", 400, "key_invalid"),
        ("GET", "/v1/customers/c-42/ledger?limit=0", 400, "parameter_invalid"),
        ("GET", "/v1/customers/c-42/ledger?limit=501", 400, "parameter_invalid"),
        ("GET", "/v1/customers/c-42/ledger?after=first", 400, "parameter_invalid"),
        ("DELETE", "/v1/orders/7", 405, "method_not_allowed"),
        ("PUT", "/v1/orders", 405, "method_not_allowed"),
        ("POST", "/v1/orders/7/cancellation", 404, "order_unknown"),
    ],
)
def test_what_is_not_there_is_answered_as_a_problem(
    portal: httpx2.Client, method: str, path: str, status: int, code: str
) -> None:
    """A wrong address, number, parameter or method is answered in the same form as every other refusal."""
    assert_problem(portal.request(method, path), status, code)


def _post_large(
    address: str, authorization: str, body: bytes, *, chunked: bool
) -> tuple[int, dict[str, Any]]:
    """Post with a plain client, which reads the answer even if the server has stopped listening."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE_SECONDS)
    headers = JSON | {"Authorization": authorization}
    try:
        _send(connection, body, headers, chunked=chunked)
        answer = connection.getresponse()
        return answer.status, json.load(answer)
    finally:
        connection.close()


def _send(
    connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str], *, chunked: bool
) -> None:
    """Send as much as the server takes."""
    connection.connect()
    assert isinstance(connection.sock, socket.socket)
    try:
        connection.request(
            "POST", "/v1/orders", _pieces(body) if chunked else body, headers, encode_chunked=chunked
        )
    except (BrokenPipeError, ConnectionResetError):
        return


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 10_000):
        yield body[start : start + 10_000]
