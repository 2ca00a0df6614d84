"""Who may ask what? A key that is known and holds, with the scope that is asked for; nobody else learns anything."""

import httpx2
import pytest

from registrar import access
from registrar.access import KeyRefusedError, Scope
from registrar.models import ApiKey
from registrar.secrets import Secret
from tests.desks import START, Shop, an_order
from tests.portal.conftest import issue
from tests.portal.test_refusals import assert_problem

ASKED = [
    ("POST", "/v1/orders", Scope.ORDERS_WRITE),
    ("POST", "/v1/orders/1/correction", Scope.ORDERS_WRITE),
    ("POST", "/v1/orders/1/cancellation", Scope.ORDERS_WRITE),
    ("GET", "/v1/orders/1", Scope.ORDERS_READ),
    ("GET", "/v1/orders?key=k-1", Scope.ORDERS_READ),
    ("GET", "/v1/customers/c-42/balance", Scope.LEDGER_READ),
    ("GET", "/v1/customers/c-42/ledger", Scope.LEDGER_READ),
    ("GET", "/v1/customers/c-42/orders", Scope.ORDERS_READ),
    ("GET", "/v1/customers/c-42/domains", Scope.ORDERS_READ),
]


@pytest.mark.parametrize(("method", "path", "scope"), ASKED)
def test_nobody_asks_without_a_key_of_the_scope(
    shop: Shop, address: str, method: str, path: str, scope: Scope
) -> None:
    """Without a key, with an unknown or revoked one, or without the scope, nothing is answered and nothing is stored."""
    held = issue(shop, "held", *set(Scope) - {scope})
    revoked = issue(shop, "revoked", *Scope)
    with shop.desk.database.transaction() as connection:
        access.revoke(connection, "revoked", now=START, actor="test")
    before = shop.rows()
    with httpx2.Client(base_url=address, trust_env=False) as client:
        for authorization in (None, "Basic c2hvcDpz", "Bearer", "Bearer nonsense", f"Bearer {revoked}"):
            headers = {"Authorization": authorization} if authorization else {}
            refused = client.request(method, path, headers=headers)
            assert_problem(refused, 401, "unauthenticated")
            assert refused.headers["WWW-Authenticate"].startswith('Bearer realm="registrar"')
        refused = client.request(method, path, headers={"Authorization": f"Bearer {held}"})
        assert_problem(refused, 403, "scope_missing")
        assert f'scope="{scope}"' in refused.headers["WWW-Authenticate"]
    assert shop.rows() == before


def test_a_key_needs_no_more_than_its_scope(shop: Shop, address: str) -> None:
    """A key that may only place orders places one."""
    token = issue(shop, "writer", Scope.ORDERS_WRITE)
    with httpx2.Client(base_url=address, trust_env=False) as client:
        headers = {"Authorization": f"bearer {token}", "Idempotency-Key": "k-1"}
        assert client.post("/v1/orders", json=an_order(), headers=headers).status_code == 202


def test_only_the_digest_of_a_key_is_kept(shop: Shop) -> None:
    """What is stored of a key cannot be used as one."""
    token = issue(shop, "shop", Scope.ORDERS_READ)
    assert token.startswith("rgk_")
    with shop.desk.database.reading() as connection:
        row = connection.execute(ApiKey.__table__.select()).one()
        assert token not in str(row)
        assert access.check(connection, Secret(row.digest)) is None
        caller = access.check(connection, Secret(token))
    assert caller is not None
    assert caller.name == "shop"
    assert caller.may(Scope.ORDERS_READ)
    assert not caller.may(Scope.ORDERS_WRITE)


def test_a_key_name_is_used_once(shop: Shop) -> None:
    """A second key of the same name is refused, also after the first was revoked; the first stays as it was."""
    token = issue(shop, "shop", Scope.ORDERS_READ)
    with pytest.raises(KeyRefusedError, match="another name"):
        issue(shop, "shop", *Scope)
    with shop.desk.database.transaction() as connection:
        assert access.check(connection, Secret(token)) is not None
        access.revoke(connection, "shop", now=START, actor="test")
        assert access.check(connection, Secret(token)) is None
        with pytest.raises(KeyRefusedError, match="in use"):
            access.revoke(connection, "shop", now=START, actor="test")
        [key] = access.list_keys(connection)
    assert (key.name, key.scopes, key.revoked_at) == ("shop", ("orders:read",), START)
    with pytest.raises(KeyRefusedError, match="another name"):
        issue(shop, "shop", *Scope)


@pytest.mark.parametrize(
    ("name", "scopes"), [("", [Scope.ORDERS_READ]), ("n" * 65, [Scope.ORDERS_READ]), ("a", [])]
)
def test_a_key_needs_a_name_and_a_scope(shop: Shop, name: str, scopes: list[Scope]) -> None:
    """A key without a readable name, or that may do nothing, is not issued."""
    with pytest.raises(KeyRefusedError), shop.desk.database.transaction() as connection:
        access.issue(connection, name, scopes, chance=b"." * access.CHANCE_BYTES, now=START, actor="test")
