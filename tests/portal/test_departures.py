"""Can a portal ask that a name leaves, and be handed its code once, for the registrant and with a key for just that (D7)?"""

from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import insert, update

from registrar.access import Scope
from registrar.gateway import Changeable
from registrar.models import CustomerHold, Domain, Order
from registrar.statuses import REGISTRAR_LOCK
from tests.databases import ON_ONE_DATABASE
from tests.desks import CAN, START, TERMS, Shop
from tests.portal.conftest import issue
from tests.portal.test_refusals import assert_problem

ABLE = replace(CAN, updates=frozenset({Changeable.STATUSES}), statuses=REGISTRAR_LOCK, reads_auth_info=True)
WISH = {"channel": "fax", "evidence": "fax 12 of 1405-09-01", "ticket": "T-7"}
DEPARTURES = "/v1/domains/mina.com/departures"


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """Give a desk whose registrar locks names and shows their codes, and where mina.com is ours."""
    terms = dict(shop.desk.terms)
    terms["epp"] = replace(TERMS, capabilities=ABLE)
    with shop.desk.database.transaction() as connection:
        connection.execute(
            insert(Domain).values(
                name="mina.com",
                zone="com",
                customer="c-42",
                registrar="epp",
                paid_through=START + timedelta(days=100),
            )
        )
    shop.registrars.names["mina.com"] = START + timedelta(days=100)
    return replace(shop, desk=replace(shop.desk, terms=terms))


def asked(portal: httpx2.Client, **changes: object) -> httpx2.Response:
    """Ask that the name leaves."""
    return portal.post(DEPARTURES, json={**WISH, **changes})


def unlocked(shop: Shop) -> None:
    """Have the order that takes our lock off done, as the workers do it."""
    with shop.desk.database.transaction() as connection:
        connection.execute(update(Order).values(state="completed", due_at=None))


def test_a_name_is_asked_to_leave(portal: httpx2.Client, shop: Shop) -> None:
    """The answer says where it stands, until when the code is the holder's, and what comes next, in both languages."""
    answer = asked(portal)
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/v1/departures/1"
    told = answer.json()
    assert (told["state"], told["ground"], told["code_by"]) == ("unlocking", None, "2026-11-27T10:00:00Z")
    assert set(told["next"]) == {"fa", "en"}
    assert portal.get("/v1/departures/1").json() == told
    assert portal.get(DEPARTURES).json() == {"departures": [told]}
    again = asked(portal)
    assert (again.status_code, again.json()) == (200, told)
    assert shop.rows()["departures"] == 1


def test_the_code_is_handed_out_once(portal: httpx2.Client, shop: Shop) -> None:
    """Before the name is unlocked there is no code; then there is, once, and no cache may keep it."""
    asked(portal)
    assert_problem(portal.post("/v1/departures/1/code"), 409, "not_unlocked")
    unlocked(shop)
    given = portal.post("/v1/departures/1/code")
    assert given.json() == {
        "departure": 1,
        "way": "shown",
        "auth_code": "planted-auth-code",
        "recipient": "registrant",
    }
    assert given.headers["Cache-Control"] == "no-store"
    assert_problem(portal.post("/v1/departures/1/code"), 409, "code_given")
    assert "planted-auth-code" not in portal.get("/v1/departures/1").text


def test_a_registrar_that_does_not_answer_costs_nobody_his_code(portal: httpx2.Client, shop: Shop) -> None:
    """No answer, no code, and nothing is lost: it can be asked for again."""
    asked(portal)
    unlocked(shop)
    shop.registrars.silent.add("epp")
    away = portal.post("/v1/departures/1/code")
    assert_problem(away, 503, "unavailable")
    assert "Retry-After" in away.headers
    shop.registrars.silent.clear()
    assert portal.post("/v1/departures/1/code").status_code == 200


def test_a_denial_names_its_ground(portal: httpx2.Client, shop: Shop) -> None:
    """Denied, the answer is in the books like any other, and says on which of the only grounds."""
    with shop.desk.database.transaction() as connection:
        connection.execute(
            insert(CustomerHold).values(
                customer="c-42", cause="identity", holder_in_doubt=True, reason="documents", since=START
            )
        )
    denied = asked(portal)
    assert (denied.status_code, denied.json()["state"]) == (201, "denied")
    assert denied.json()["ground"] == "holder_in_doubt"
    assert set(denied.json()["why"]) == {"fa", "en"}
    assert_problem(portal.post("/v1/departures/1/code"), 409, "not_now")


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"channel": "email"}, "channel_not_valid", "channel"),
        ({"evidence": ""}, "field_invalid", "evidence"),
        ({"ticket": None}, "field_missing", "ticket"),
        ({"colour": "red"}, "unknown_field", "colour"),
        ({"requested_at": "yesterday"}, "time_invalid", "requested_at"),
        ({"requested_at": "2026-11-22T09:00:00"}, "time_invalid", "requested_at"),
        ({"requested_at": "2027-01-01T00:00:00Z"}, "time_invalid", "requested_at"),
    ],
)
def test_a_request_that_does_not_bind_is_refused(
    portal: httpx2.Client, shop: Shop, changes: dict[str, object], code: str, field: str
) -> None:
    """Without a valid channel, its evidence and its ticket nothing is written down; the answer says what is wrong (C2)."""
    before = shop.rows()
    refused = asked(portal, **changes)
    assert_problem(refused, 422, code)
    assert refused.json()["field"] == field
    assert shop.rows() == before


def test_the_time_for_the_code_counts_from_the_request(portal: httpx2.Client) -> None:
    """A fax of the day before has a day less left: the five days count from when he asked."""
    told = asked(portal, requested_at="2026-11-21T13:30:00+03:30").json()
    assert (told["requested_at"], told["code_by"]) == ("2026-11-21T10:00:00Z", "2026-11-26T10:00:00Z")


@pytest.mark.parametrize("name", ["nobodys.com", "nobodys.zz", "not a name"])
def test_a_name_that_is_not_with_us_is_not_found(portal: httpx2.Client, name: str) -> None:
    """What is not in our books cannot leave."""
    assert_problem(portal.post(f"/v1/domains/{name}/departures", json=WISH), 404, "domain_unknown")


def test_what_is_not_there_is_not_found(portal: httpx2.Client) -> None:
    """A number that stands for no departure has neither state nor code."""
    assert_problem(portal.get("/v1/departures/9"), 404, "departure_unknown")
    assert_problem(portal.post("/v1/departures/9/code"), 404, "departure_unknown")


def test_a_key_for_orders_lets_no_name_go(shop: Shop, address: str) -> None:
    """Whoever may place orders is not thereby handed what lets names leave."""
    token = issue(shop, "orders-only", Scope.ORDERS_WRITE, Scope.ORDERS_READ, Scope.LEDGER_READ)
    with httpx2.Client(
        base_url=address, headers={"Authorization": f"Bearer {token}"}, trust_env=False
    ) as client:
        assert_problem(client.post(DEPARTURES, json=WISH), 403, "scope_missing")
        assert_problem(client.post("/v1/departures/1/code"), 403, "scope_missing")
