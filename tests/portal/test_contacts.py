"""May a portal say how its customers are written to, and is it kept to itself (E2, D10)?"""

import httpx2
import pytest
from sqlalchemy import text

from registrar.access import Scope
from tests.databases import ON_ONE_DATABASE
from tests.desks import Shop
from tests.portal.conftest import issue
from tests.portal.test_refusals import assert_problem

WANTED = {"language": "fa", "email": "mina@example.net", "addressed_as": "مینا نمونه"}


def test_a_contact_is_kept_and_read_back(portal: httpx2.Client, shop: Shop) -> None:
    """What a portal says of a customer it reads back, and a later word replaces all of it."""
    for wanted in (WANTED, {"language": "en"}):
        put = portal.put("/v1/customers/c/42/contact", json=wanted)
        assert put.status_code == 200, put.text
        read = portal.get("/v1/customers/c/42/contact").json()
        assert read == put.json()
        assert {name: read[name] for name in WANTED} == {"email": None, "addressed_as": None, **wanted}
        assert read["customer"] == "c/42"
        with shop.desk.database.reading() as connection:
            kept = str(connection.execute(text("SELECT * FROM customers")).all())
            kept += str(connection.execute(text("SELECT * FROM events")).all())
        assert "mina" not in kept
        assert "customer.contact_changed" in kept


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        (WANTED | {"email": "mina"}, "email_invalid", "email"),
        (WANTED | {"language": "de"}, "language_unknown", "language"),
        (WANTED | {"addressed_as": "Mina\r\nBcc: all@example.net"}, "addressed_as_invalid", "addressed_as"),
        (WANTED | {"phone": "1"}, "unknown_field", "phone"),
        (WANTED | {"email": 7}, "field_invalid", "email"),
        ({"email": "mina@example.net"}, "field_missing", "language"),
    ],
)
def test_what_cannot_be_written_to_is_refused(
    portal: httpx2.Client, shop: Shop, sent: dict[str, object], code: str, field: str
) -> None:
    """A contact that we could not write to is refused with the field that is wrong, and nothing is kept."""
    told = assert_problem(portal.put("/v1/customers/c-42/contact", json=sent), 422, code)
    assert told["field"] == field
    assert "mina@" not in told["detail"]
    assert_problem(portal.put("/v1/customers/c-42/contact", json=[]), 422, "not_an_object")
    assert_problem(portal.get("/v1/customers/c-42/contact"), 404, "customer_unknown")
    assert shop.rows()["customers"] == 0


def test_only_a_key_for_it_reads_addresses(portal: httpx2.Client, shop: Shop) -> None:
    """A key that may read balances may not read where customers live."""
    portal.put("/v1/customers/c-42/contact", json=WANTED)
    token = issue(shop, "reader", Scope.LEDGER_READ)
    answer = portal.get("/v1/customers/c-42/contact", headers={"Authorization": f"Bearer {token}"})
    assert_problem(answer, 403, "scope_missing")
