"""What may a customer do to an order through the portal? Correct what waits for him, and cancel what was not spent."""

from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select, update

from registrar.commands import OwnKind
from registrar.models import Event, Order
from registrar.names import DomainName
from registrar.orders import ending, working
from registrar.orders.by_hand import correct
from registrar.orders.own import place_lock
from registrar.orders.requests import Corrections, Sealable
from registrar.orders.states import read_locked
from registrar.outcomes import Correctable, Correction, Reply, Unknown
from registrar.secrets import Keyring
from tests.agreement.rulebook import standard
from tests.databases import ON_ONE_DATABASE
from tests.desks import MINUTE, START, TERMS, Shop, a_registration, a_transfer, an_order
from tests.portal.test_refusals import assert_problem


def placed(portal: httpx2.Client, order: object, key: str = "k-1") -> str:
    location: str = portal.post("/v1/orders", json=order, headers={"Idempotency-Key": key}).headers[
        "Location"
    ]
    return location


def sent(shop: Shop, order_id: int, outcome: Correctable | Unknown) -> None:
    """Let a worker take the order up, send it, and get this outcome."""
    desk, terms = shop.desk, TERMS
    shop.registrars.now += MINUTE
    with desk.database.transaction() as connection:
        claimed = working.claim(connection, order_id, terms=terms, rules=standard(), now=desk.now())
        assert claimed is not None
    sighting = desk.look(claimed.registrar, claimed.domain, claimed.kind)
    with desk.database.transaction() as connection:
        sending = working.begin(
            connection,
            claimed,
            sighting,
            terms=terms,
            rules=standard(),
            keyring=desk.keyring,
            token="t0",
            now=desk.now(),
        )
        assert sending is not None
    with desk.database.transaction() as connection:
        working.settle(connection, sending, outcome, terms=terms, now=desk.now())


def held_for_staff(shop: Shop, order_id: int) -> None:
    """Let a worker stop over the order before anything was sent."""
    with shop.desk.database.transaction() as connection:
        claimed = working.claim(connection, order_id, terms=TERMS, rules=standard(), now=shop.desk.now())
        assert claimed is not None
        order = read_locked(connection, order_id)
        assert order is not None
        ending.hold_for_staff(connection, order, "a person should look", now=shop.desk.now())


def waits_for_customer(shop: Shop, needs: Correction) -> None:
    """Let order 1 wait for the customer's correction before anything was sent."""
    now = shop.desk.now()
    with shop.desk.database.transaction() as connection:
        claimed = working.claim(connection, 1, terms=TERMS, rules=standard(), now=now)
        order = read_locked(connection, 1)
        assert claimed is not None
        assert order is not None
        ending.hold_for_customer(connection, order, needs, "wrong", now=now, within=timedelta(days=1))


def test_what_the_customer_got_wrong_is_corrected(portal: httpx2.Client, shop: Shop) -> None:
    """When the registry does not accept what the customer gave, he is told what to correct, and the order goes on."""
    location = placed(portal, a_registration())
    sent(shop, 1, Correctable(Reply(), Correction.CONTACTS))
    waits = portal.get(location).json()
    assert (waits["state"], waits["needs"]) == ("action_required", "contacts")
    assert waits["timeline"][-1]["what"] == "your order needs your correction: contacts"
    shop.registrars.rung.clear()
    corrected = portal.post(f"{location}/correction", json={"nameservers": ["ns1.example.net"]})
    assert (corrected.status_code, corrected.json()["state"]) == (202, "queued")
    assert shop.registrars.rung == [("epp", 1)]
    again = portal.post(f"{location}/correction", json={"nameservers": ["ns1.example.net"]})
    assert_problem(again, 409, "not_held")


def test_a_corrected_auth_code_is_the_one_that_is_sent(portal: httpx2.Client, shop: Shop) -> None:
    """The auth code of a correction takes the place of the first; no answer shows either."""
    location = placed(portal, a_transfer())
    waits_for_customer(shop, Correction.AUTH_INFO)
    answer = portal.post(f"{location}/correction", json={"auth_info": "second-code"})
    assert answer.status_code == 202
    assert "second-code" not in answer.text + portal.get(location).text
    with shop.desk.database.reading() as connection:
        sealed = connection.execute(select(Order.sealed)).scalar_one()
        told = connection.execute(select(Event.actor, Event.evidence).order_by(Event.id.desc())).first()
    assert sealed is not None
    assert shop.desk.keyring.open(sealed)["auth_info"] == "second-code"
    assert told == ("customer, by portal (shop)", {"corrected": ["auth_info"]})


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "unknown_field"),
        ({"price": 1}, "unknown_field"),
        ({"auth_info": "x"}, "field_unexpected"),
        ({"nameservers": ["ns1.example.net"]}, "field_unexpected"),
        ([], "not_an_object"),
        ({"auth_info": None}, "field_invalid"),
        ({"contacts": {}}, "field_invalid"),
        ({"nameservers": []}, "field_invalid"),
        ({"done": False}, "field_invalid"),
        ({"done": 1}, "field_invalid"),
    ],
)
def test_a_correction_that_corrects_nothing_is_refused(
    portal: httpx2.Client, shop: Shop, body: object, code: str
) -> None:
    """A correction changes what the customer gave, and nothing else of the order."""
    location = placed(portal, an_order())
    waits_for_customer(shop, Correction.UNLOCK)
    before = shop.rows()
    assert_problem(portal.post(f"{location}/correction", json=body), 422, code)
    assert shop.rows() == before


@pytest.mark.parametrize(
    ("order", "needs"),
    [
        (a_transfer(), Correction.UNLOCK),
        (a_registration(), Correction.DOCUMENTS),
        (an_order(), Correction.CONTACTS),
    ],
    ids=["a lock", "documents", "the contacts of a name that is renewed"],
)
def test_what_is_put_right_elsewhere_is_said_to_be_done(
    portal: httpx2.Client, shop: Shop, order: dict[str, object], needs: Correction
) -> None:
    """Where the customer has nothing to send he says that it is done, and the order goes on as it was."""
    location = placed(portal, order)
    waits_for_customer(shop, needs)
    answer = portal.post(f"{location}/correction", json={"done": True})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    with shop.desk.database.reading() as connection:
        told = connection.execute(select(Event.evidence).order_by(Event.id.desc())).scalars().first()
    assert told == {"corrected": [needs]}


@pytest.mark.parametrize(
    ("order", "needs"),
    [
        (a_transfer(), Correction.AUTH_INFO),
        (a_registration(), Correction.CONTACTS),
        (a_registration(), Correction.NAMESERVERS),
    ],
)
def test_what_can_be_sent_is_not_done_elsewhere(
    portal: httpx2.Client, shop: Shop, order: dict[str, object], needs: Correction
) -> None:
    """What was refused is not sent again as it was: where something can be sent, it must be."""
    location = placed(portal, order)
    waits_for_customer(shop, needs)
    before = shop.rows()
    told = assert_problem(
        portal.post(f"{location}/correction", json={"done": True}), 409, "correction_missing"
    )
    assert f"needs {needs}" in told["detail"]
    assert shop.rows() == before


def test_a_lost_secret_key_loses_no_transfer(portal: httpx2.Client, shop: Shop) -> None:
    """When the key that sealed an auth code is lost, the customer's new auth code is all that the transfer needs."""
    location = placed(portal, a_transfer())
    waits_for_customer(shop, Correction.UNLOCK)
    with shop.desk.database.transaction() as connection:
        connection.execute(update(Order).values(sealed=Keyring([Keyring.new_key()]).seal({"auth_info": "x"})))
    before = shop.rows()
    told = assert_problem(portal.post(f"{location}/correction", json={"done": True}), 503, "sealed_lost")
    assert "REGISTRAR_SECRET_KEYS" in told["detail"]
    assert shop.rows() == before
    answer = portal.post(f"{location}/correction", json={"auth_info": "second-code"})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    with shop.desk.database.reading() as connection:
        sealed = connection.execute(select(Order.sealed)).scalar_one()
    assert sealed is not None
    assert shop.desk.keyring.open(sealed)["auth_info"] == "second-code"


def test_lost_contacts_are_for_staff(portal: httpx2.Client, shop: Shop) -> None:
    """When the key that sealed a registration's contacts is lost nobody sends it without them: staff are asked for."""
    location = placed(portal, a_registration())
    waits_for_customer(shop, Correction.NAMESERVERS)
    with shop.desk.database.transaction() as connection:
        connection.execute(update(Order).values(sealed=Keyring([Keyring.new_key()]).seal({"contacts": {}})))
    refused = portal.post(f"{location}/correction", json={"nameservers": ["ns1.example.net"]})
    assert_problem(refused, 503, "sealed_lost")
    assert portal.get(location).json()["state"] == "action_required"


def test_what_waits_for_staff_is_not_the_customers_to_correct(portal: httpx2.Client, shop: Shop) -> None:
    """An order that staff look at is not taken up again by the customer; with a ticket staff may correct it."""
    location = placed(portal, a_transfer())
    held_for_staff(shop, 1)
    before = shop.rows()
    refused = portal.post(f"{location}/correction", json={"auth_info": "second-code"})
    assert_problem(refused, 409, "not_customers_turn")
    assert portal.get(location).json()["state"] == "held"
    assert shop.rows() == before
    with shop.desk.database.transaction() as connection:
        secrets = Sealable(auth_info="second-code", contacts={})
        correct(
            connection,
            1,
            Corrections(secrets=secrets),
            keyring=shop.desk.keyring,
            actor="mina",
            ticket="T-1",
            now=START,
        )
    assert portal.get(location).json()["state"] == "queued"


def test_a_lock_of_our_own_is_not_the_portals_to_see(portal: httpx2.Client, shop: Shop) -> None:
    """A lock that a claim asks for shows nowhere: the respondent is not tipped off (D9)."""
    with shop.desk.database.transaction() as connection:
        lock = place_lock(
            connection,
            kind=OwnKind.LOCK,
            domain=DomainName("mina.com", "com"),
            registrar="epp",
            customer="c-42",
            statuses=["clientHold"],
            key="claim:1:lock",
            now=START,
        )
    assert_problem(portal.get(f"/v1/orders/{lock}"), 404, "order_unknown")
    assert_problem(portal.get("/v1/orders", params={"key": "claim:1:lock"}), 404, "key_unknown")
    assert_problem(portal.get("/v1/orders", params={"key": "own:claim:1:lock"}), 400, "key_invalid")
    assert_problem(portal.post(f"/v1/orders/{lock}/cancellation"), 404, "order_unknown")
    told = {"kind": "differs", "ticket": "T-1", "channel": "support", "text": "what is this?"}
    assert_problem(portal.post(f"/v1/orders/{lock}/reports", json=told), 404, "order_unknown")


def wait_to_cancel(shop: Shop) -> None:
    """Let twice the longest delivery time pass (O2)."""
    shop.registrars.now += timedelta(days=30)


def test_no_customer_cancels_before_twice_the_delivery_time(portal: httpx2.Client, shop: Shop) -> None:
    """Before that day a cancellation is refused, with the day; the order stands (O2)."""
    location = placed(portal, an_order())
    refused = portal.post(f"{location}/cancellation")
    assert_problem(refused, 409, "not_yet")
    with shop.desk.database.reading() as connection:
        order = connection.execute(select(Order.cancellable_from, Order.paid_at, Order.due_by)).one()
    assert order.cancellable_from - order.paid_at == 2 * (order.due_by - order.paid_at)
    assert f"{order.cancellable_from:%Y-%m-%d %H:%M}" in refused.json()["detail"]
    assert portal.get(location).json()["state"] == "queued"


def test_an_order_that_was_not_taken_up_is_cancelled_and_credited(portal: httpx2.Client, shop: Shop) -> None:
    """An order that nobody has sent is cancelled when its time has come, and its whole price is credited, once (O2)."""
    location = placed(portal, an_order())
    wait_to_cancel(shop)
    cancelled = portal.post(f"{location}/cancellation", json={"reference": "R-9"})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert shop.registrars.looks == []
    assert_problem(portal.post(f"{location}/cancellation"), 409, "not_now")
    statement = portal.get("/v1/customers/c-42/ledger").json()
    assert [(line["kind"], line["amount"], line["balance"]) for line in statement["lines"]] == [
        ("credit", 1250, 1250)
    ]
    with shop.desk.database.reading() as connection:
        told = connection.execute(select(Event.actor, Event.ticket).order_by(Event.id.desc())).first()
    assert told == ("customer, by portal (shop)", "R-9")


def test_a_cancellation_without_a_reference_has_no_ticket(portal: httpx2.Client, shop: Shop) -> None:
    """When the customer cancels without a reference no ticket is made up: the record says that it was the customer."""
    location = placed(portal, an_order())
    wait_to_cancel(shop)
    assert portal.post(f"{location}/cancellation").json()["state"] == "cancelled"
    with shop.desk.database.reading() as connection:
        told = connection.execute(select(Event.actor, Event.ticket).order_by(Event.id.desc())).first()
    assert told == ("customer, by portal (shop)", None)


def test_a_held_order_is_cancelled_after_a_fresh_look(portal: httpx2.Client, shop: Shop) -> None:
    """A held order is looked at before it is cancelled; if the look fails nothing is decided, and it may be tried again."""
    location = placed(portal, an_order(expected_expiry="any"))
    shop.registrars.names["mina.com"] = START
    held_for_staff(shop, 1)
    wait_to_cancel(shop)
    assert portal.post(f"{location}/cancellation").json()["state"] == "cancelled"
    assert [(registrar, name) for registrar, name, _ in shop.registrars.looks] == [("epp", "mina.com")]


def test_an_order_that_may_have_happened_is_not_cancelled(portal: httpx2.Client, shop: Shop) -> None:
    """While nobody knows whether an order happened it is neither cancelled nor credited."""
    shop.registrars.names["mina.com"] = START
    location = placed(portal, an_order(expected_expiry="any"))
    sent(shop, 1, Unknown("the answer never came"))
    assert portal.get(location).json()["state"] == "in_doubt"
    before = shop.rows()
    assert_problem(portal.post(f"{location}/cancellation"), 409, "not_now")
    assert shop.rows() == before


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (["x"], "not_an_object"),
        ({"why": "x"}, "unknown_field"),
        ({"reference": 7}, "field_invalid"),
        ({"reference": "a\nb"}, "field_invalid"),
    ],
)
def test_a_cancellation_says_nothing_but_its_reference(
    portal: httpx2.Client, shop: Shop, body: object, code: str
) -> None:
    """What a cancellation says beside its reference is refused, and the order stands."""
    location = placed(portal, an_order())
    assert_problem(portal.post(f"{location}/cancellation", json=body), 422, code)
    assert portal.get(location).json()["state"] == "queued"


def test_a_statement_is_read_page_by_page(portal: httpx2.Client, shop: Shop) -> None:
    """Pages of a statement, put together, are the whole of it; the last one says that it is the last."""
    for number in range(5):
        location = placed(portal, an_order(domain=f"mina{number}.com", customer="a/b"), key=f"k-{number}")
        wait_to_cancel(shop)
        assert portal.post(f"{location}/cancellation").json()["state"] == "cancelled"
    after, pages = 0, []
    while after is not None:
        page = portal.get("/v1/customers/a%2Fb/ledger", params={"after": after, "limit": 2}).json()
        pages.append([line["balance"] for line in page["lines"]])
        after = page["next_after"]
    assert pages == [[1250, 2500], [3750, 5000], [6250]]


def test_a_customer_without_bookings_has_nothing(portal: httpx2.Client) -> None:
    """A customer who never paid or was credited has an empty balance and statement, not an error."""
    assert portal.get("/v1/customers/nobody/balance").json() == {"customer": "nobody", "balances": []}
    assert portal.get("/v1/customers/nobody/ledger").json() == {
        "customer": "nobody",
        "lines": [],
        "next_after": None,
    }
