"""How does an order enter the books? Once per key, with its money, or not at all and with words that say what to do."""

import ast
import inspect
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from registrar.commands import ContactRole, Kind
from registrar.ledger import InsufficientBalanceError
from registrar.models import Order
from registrar.orders import placing, requests
from registrar.orders.placing import KeyReusedError
from registrar.orders.requests import RequestRefusedError
from registrar.orders.states import State
from registrar.outcomes import Correction, RefusalReason
from tests.agreement.rulebook import standard
from tests.core.far_side import CAPABILITIES, FarSide, correctable
from tests.core.story import CATALOGUE, KEYRING, PRICE, Shop, at_once, body, disagreements, parse

PERSON: dict[str, Any] = {
    "reference": "person-1",
    "name": "Sara Example",
    "email": "sara@example.com",
    "street": ["1 Example Street"],
    "city": "Tehran",
    "country_code": "IR",
}
FROM_BALANCE = {"source": "balance"}


def stored(shop: Shop) -> list[int]:
    """Count the rows of everything that placing writes."""
    tables = ("orders", "movements", "entries", "events", "accounts")
    return [shop.ask(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


def test_the_same_key_and_body_is_the_same_order(shop: Shop) -> None:
    """An order that is sent again under its key is the order that is there."""
    first = shop.place(key="k")
    before = stored(shop)
    assert shop.place(key="k") == first
    assert stored(shop) == before


def test_the_same_body_written_otherwise_is_the_same_order(shop: Shop) -> None:
    """Upper case, a trailing dot and an instant in another zone do not make another order of it."""
    first = shop.place(key="k")
    paid = {"source": "outside", "paid_at": "2026-03-01T11:30:00+03:30", "reference": " receipt-1 "}
    assert shop.place(key=" k ", name="MINA.Test.", payment=paid) == first


@pytest.mark.parametrize(
    "changed",
    [
        {"customer": "customer-2"},
        {"months": 60},
        {"name": "sara.test"},
        {"price": {"amount": PRICE + 1, "currency": "IRR"}},
        {"payment": FROM_BALANCE},
        {"expected_expiry": "2026-04-10"},
    ],
    ids=str,
)
def test_the_same_key_and_another_body_is_refused(shop: Shop, changed: dict[str, Any]) -> None:
    """A key stands for one order; whatever of it differs, nothing is stored."""
    shop.top_up(PRICE)
    shop.place(key="k")
    before = stored(shop)
    with pytest.raises(KeyReusedError):
        shop.place(key="k", **changed)
    assert stored(shop) == before


def test_other_name_servers_are_another_order(shop: Shop) -> None:
    """A registration with other name servers is not the one that its key stands for."""
    shop.place(Kind.REGISTER, key="k", nameservers=["ns1.example.net"])
    with pytest.raises(KeyReusedError):
        shop.place(Kind.REGISTER, key="k", nameservers=["ns2.example.net"])


SOLD = CATALOGUE["test"]
NO_LONGER: list[dict[str, Any]] = [
    {},
    {"other": replace(SOLD, zone="other")},
    {"test": replace(SOLD, routes={Kind.REGISTER: ("far",)})},
    {"test": replace(SOLD, months={**SOLD.months, Kind.RENEW: frozenset({60})})},
    {"test": replace(SOLD, currency="USD")},
]


@pytest.mark.parametrize(
    "offer", NO_LONGER, ids=["nothing", "another zone", "no renewals", "other terms", "other currency"]
)
def test_an_order_sent_again_is_taken_by_what_was_sold_then(shop: Shop, offer: dict[str, Any]) -> None:
    """When what is sold changes before an order is sent again, it is the order that is there, not a refusal."""
    first = shop.place(key="k", name="MINA.test")
    again = placing.read_request(shop.database, body(), key=" k ", channel="http", catalogue=offer)
    with shop.database.transaction() as connection:
        placed = placing.place(connection, again, keyring=KEYRING, rules=standard(), now=shop.clock.now)
    assert (placed.order_id, placed.registrar, placed.repeated) == (first, "far", True)
    with pytest.raises(RequestRefusedError):
        placing.read_request(shop.database, body(), key="new", channel="http", catalogue=offer)


@pytest.mark.parametrize("changed", [{"months": 60}, {"months": 7}, {"price": 1}, {"surprise": 1}], ids=str)
def test_a_used_key_is_told_with_its_order(shop: Shop, changed: dict[str, Any]) -> None:
    """Whatever is sent under a key that stands for an order, a refusal names that order: nobody refunds it unawares."""
    order = shop.place(key="k")
    with pytest.raises(KeyReusedError, match=f"order {order}") as reused:
        placing.read_request(shop.database, body() | changed, key="k", channel="http", catalogue={})
    assert reused.value.order_id == order


def test_a_payment_in_the_future_waits_behind_nobody(shop: Shop) -> None:
    """A portal whose clock is wrong does not put its customer's order behind all others; what it said is kept."""
    paid = {"source": "outside", "paid_at": "2099-01-01T00:00:00Z", "reference": "receipt-1"}
    ahead = shop.row(shop.place(payment=paid))
    assert (ahead.promise_by, ahead.paid_at.year) == (ahead.due_by, 2099)
    assert (
        ahead.due_by
        == shop.clock.now + shop.rules.rules("test", at=shop.clock.now).delivery.maximum[Kind.RENEW]
    )
    shop.clock.skip(timedelta(hours=1))
    behind = shop.row(shop.place(name="sara.test"))
    assert behind.promise_by == ahead.promise_by, "it was paid at the moment when the other one came"


def test_ten_threads_place_one_order(shop: Shop) -> None:
    """Ten requests under one key at the same instant are one order, taken from the balance once."""
    shop.top_up(10 * PRICE)
    orders = at_once(10, lambda _: shop.place(key="k", payment=FROM_BALANCE))
    assert len(set(orders)) == 1
    assert shop.ask("SELECT count(*) FROM orders") == [(1,)]
    assert shop.ask("SELECT balance FROM entries ORDER BY sequence DESC LIMIT 1") == [(9 * PRICE,)]


def test_ten_threads_with_two_bodies_place_one_order(shop: Shop) -> None:
    """Of two bodies under one key at the same instant one is the order, and every other request is told so."""

    def place(number: int) -> int | None:
        try:
            return shop.place(key="k", months=12 if number % 2 else 60)
        except KeyReusedError:
            return None

    orders = at_once(10, place)
    assert len([order for order in orders if order is not None]) == 5
    assert shop.ask("SELECT count(*) FROM orders") == [(1,)]


@pytest.mark.parametrize("balance", [0, 1, PRICE - 1])
def test_what_the_balance_does_not_cover_is_not_stored(shop: Shop, balance: int) -> None:
    """An order that cannot be paid leaves no trace, and its key is free."""
    if balance:
        shop.top_up(balance)
    before = stored(shop)
    with pytest.raises(InsufficientBalanceError) as refused:
        shop.place(key="k", payment=FROM_BALANCE)
    assert (refused.value.balance.amount, stored(shop)) == (balance, before)
    shop.top_up(PRICE - balance, reference="bank-2")
    shop.place(key="k", payment=FROM_BALANCE)
    assert shop.ask("SELECT balance FROM entries ORDER BY sequence DESC LIMIT 1") == [(0,)]


@pytest.mark.parametrize("source", [FROM_BALANCE, body()["payment"]], ids=["balance", "outside"])
def test_an_order_that_costs_nothing_moves_nothing(shop: Shop, source: dict[str, str]) -> None:
    """A free order is placed and done without a ledger line."""
    order = shop.place(price={"amount": 0, "currency": "IRR"}, payment=source)
    shop.run()
    assert shop.state(order) == State.COMPLETED
    assert shop.ask("SELECT count(*) FROM movements") == [(0,)]


def test_what_is_sealed_cannot_be_read(shop: Shop, far: FarSide) -> None:
    """Auth codes and people's data are in no column as they are, and are gone when the order has ended."""
    contacts = {"registrant": PERSON | {"national_id": "0012345679"}}
    orders = [
        shop.place(Kind.TRANSFER, "sara.test", auth_info="wrong-code-55"),
        shop.place(Kind.REGISTER, "free.test", contacts=contacts),
    ]
    far.plan.append(correctable(Correction.AUTH_INFO))
    for order in orders:
        shop.work(order)
    everything = str(
        [shop.ask(f"SELECT * FROM {table}") for table in ("orders", "attempts", "events", "looks")]
    )
    assert [
        secret for secret in ("wrong-code-55", "0012345679", "Sara Example") if secret in everything
    ] == []
    shop.run()
    assert shop.ask("SELECT count(*) FROM orders WHERE sealed IS NOT NULL") == [(0,)]


def test_a_transfer_with_a_wrong_code_is_corrected(shop: Shop) -> None:
    """The customer's new code is the one that is sent."""
    order = shop.place(Kind.TRANSFER, "sara.test", auth_info="wrong")
    shop.work(order)
    assert (shop.state(order), shop.row(order).needs) == (State.HELD, Correction.AUTH_INFO)
    shop.correct(order, auth_info="open-sesame")
    shop.run()
    assert shop.state(order) == State.COMPLETED
    assert disagreements(shop) == []


def test_a_corrected_transfer_keeps_its_contacts(shop: Shop) -> None:
    """A new auth code replaces the old one, and nothing else that was sealed with it."""
    order = shop.place(Kind.TRANSFER, "sara.test", auth_info="wrong", contacts={"registrant": PERSON})
    shop.work(order)
    shop.correct(order, auth_info="open-sesame")
    sealed = KEYRING.open(shop.row(order).sealed)
    assert (sealed["auth_info"], sealed["contacts"]["registrant"]["name"]) == ("open-sesame", PERSON["name"])


def test_what_was_sealed_before_there_were_pins_is_corrected_too(shop: Shop) -> None:
    """A transfer of an earlier version, whose seal knows of no PIN, takes a new auth code like any other."""
    order = shop.place(Kind.TRANSFER, "sara.test", auth_info="wrong")
    shop.work(order)
    sealed = KEYRING.seal({"auth_info": "wrong", "contacts": {}})
    with shop.database.transaction() as connection:
        connection.execute(update(Order).where(Order.id == order).values(sealed=sealed))
    shop.correct(order, auth_info="open-sesame")
    shop.work(order)
    assert shop.state(order) == State.COMPLETED


def test_an_order_without_new_wishes_has_the_content_it_always_had() -> None:
    """An order that is sent again after an upgrade is still known by its key: what it does not ask for is not in it."""
    content = parse(body(Kind.TRANSFER)).content()
    assert content.keys() == {
        "customer",
        "kind",
        "domain",
        "months",
        "price",
        "payment",
        "expected_expiry",
        "handles",
        "nameservers",
        "secrets",
    }
    assert content["secrets"].keys() == {"auth_info", "contacts"}


def test_a_transfer_without_a_code_waits_for_it(shop: Shop, far: FarSide) -> None:
    """A transfer may be placed before its code is known; it is not sent without."""
    order = shop.place(Kind.TRANSFER, "sara.test", auth_info=None)
    shop.work(order)
    assert (shop.state(order), shop.row(order).needs, far.received) == (State.HELD, Correction.AUTH_INFO, [])
    shop.run()
    assert (shop.state(order), shop.row(order).ended_reason) == (State.REFUSED, RefusalReason.NOT_CORRECTED)


REFUSALS: list[tuple[str, str | None, Any]] = [
    ("not_an_object", None, ["an order"]),
    ("unknown_field", "price_in_toman", body(price_in_toman=1)),
    ("field_missing", "customer", body(customer=None)),
    ("field_invalid", "customer", body(customer=" ")),
    ("field_invalid", "customer", body(customer="x" * 256)),
    ("field_invalid", "customer", body(customer="two\nlines")),
    ("kind_unknown", "kind", body(kind="park")),
    ("kind_not_offered", "kind", body(Kind.TRANSFER, "mina.example")),
    ("zone_not_sold", "domain", body(name="mina.com")),
    ("name_is_url", "domain", body(name="https://mina.test/")),
    ("name_not_registrable", "domain", body(name="www.mina.test")),
    ("name_is_zone", "domain", body(name="test")),
    ("name_invalid", "domain", body(name="mi_na.test")),
    ("name_too_long", "domain", body(name=".".join(["a" * 60] * 4) + ".aaaaa.test")),
    ("term_not_sold", "months", body(months=24)),
    ("term_not_sold", "months", body(months="12")),
    ("term_not_sold", "months", body(months=True)),
    ("not_an_object", None, body(price=450_000)),
    ("price_invalid", "price.amount", body(price={"amount": -1, "currency": "IRR"})),
    ("price_invalid", "price.amount", body(price={"amount": 1.5, "currency": "IRR"})),
    ("price_invalid", "price.amount", body(price={"amount": True, "currency": "IRR"})),
    ("price_invalid", "price.amount", body(price={"amount": 10**15 + 1, "currency": "IRR"})),
    ("currency_wrong", "price.currency", body(price={"amount": 1, "currency": "USD"})),
    ("currency_wrong", "price.currency", body(price={"amount": 1, "currency": ["IRR"]})),
    ("unknown_field", "price", body(price={"amount": 1, "currency": "IRR", "toman": 1})),
    ("payment_invalid", "payment", body(payment={"source": "card"})),
    ("payment_invalid", "payment", body(payment={"source": "balance", "reference": "r"})),
    ("field_missing", "payment.paid_at", body(payment={"source": "outside", "reference": "r"})),
    ("time_invalid", "payment.paid_at",
     body(payment={"source": "outside", "paid_at": "2026-03-01T08:00:00", "reference": "r"})),
    ("time_invalid", "payment.paid_at",
     body(payment={"source": "outside", "paid_at": "0001-01-01T00:00:00+14:00", "reference": "r"})),
    ("expected_expiry_missing", "expected_expiry",
     {name: value for name, value in body().items() if name != "expected_expiry"}),
    ("time_invalid", "expected_expiry", body(expected_expiry="next spring")),
    ("time_invalid", "expected_expiry", body(expected_expiry="2026-04-10T12:00:00")),
    ("time_invalid", "expected_expiry", body(expected_expiry="2026-W15-5")),
    ("field_unexpected", "expected_expiry", body(Kind.REGISTER, expected_expiry="any")),
    ("field_unexpected", "auth_info", body(auth_info="code")),
    ("field_invalid", "auth_info", body(Kind.TRANSFER, auth_info="")),
    ("field_invalid", "auth_info", body(Kind.TRANSFER, auth_info="half a letter: \ud800")),
    ("field_unexpected", "contacts", body(contacts={"registrant": PERSON})),
    ("unknown_field", "contacts.owner", body(Kind.REGISTER, contacts={"owner": PERSON})),
    ("unknown_field", "contacts.admin.age", body(Kind.REGISTER, contacts={"admin": PERSON | {"age": 7}})),
    ("unknown_field", "contacts.admin.name",
     body(Kind.REGISTER, contacts={"admin": {"handle": "ab123", "name": "Sara Example"}})),
    ("field_missing", "contacts.admin.city", body(Kind.REGISTER, contacts={"admin": PERSON | {"city": None}})),
    ("field_invalid", "contacts.admin.street", body(Kind.REGISTER, contacts={"admin": PERSON | {"street": []}})),
    ("contact_missing", "contacts.registrant", body(Kind.REGISTER, "mina.example")),
    ("field_invalid", "nameservers", body(Kind.REGISTER, nameservers="ns1.example.net")),
    ("field_invalid", "nameservers", body(Kind.REGISTER, nameservers=["ns1.example.net"] * 14)),
    ("field_unexpected", "nameservers", body(nameservers=["ns1.example.net"])),
    ("field_unexpected", "nameservers", body(nameservers=["ns1.example.net"])),
    ("field_unexpected", "pin", body(pin="912345678")),
    ("field_unexpected", "price_ceiling", body(Kind.CHANGE_HOLDER, price_ceiling={"amount": 1, "currency": "USD"})),
    ("price_invalid", "price_ceiling.amount", body(price_ceiling={"amount": -1, "currency": "USD"})),
    ("currency_wrong", "price_ceiling.currency", body(price_ceiling={"amount": 1, "currency": "unit"})),
    ("field_invalid", "privacy", body(Kind.REGISTER, privacy="yes")),
    ("field_unexpected", "privacy", body(privacy=True)),
    ("field_invalid", "rights_declared", body(Kind.REGISTER, rights_declared="yes")),
    ("field_unexpected", "rights_declared", body(rights_declared=True)),
    ("field_unexpected", "idn_table", body(idn_table="fa")),
    ("contact_missing", "contacts.registrant", body(Kind.CHANGE_HOLDER, contacts={})),
    ("contact_missing", "contacts.registrant", body(Kind.CHANGE_HOLDER, contacts={"registrant": PERSON})),
    ("privacy_not_possible", "privacy", body(Kind.REGISTER, privacy=True)),
    ("term_not_possible", "months", body(months=120)),
    ("too_many_nameservers", "nameservers",
     body(Kind.REGISTER, nameservers=[f"ns{number}.example.net" for number in range(5)])),
    ("idn_table_not_possible", "idn_table", body(Kind.REGISTER, idn_table="fa")),
    ("host_invalid", "nameservers.0", body(Kind.REGISTER, nameservers=["ns1"])),
    ("field_invalid", "nameservers.0",
     body(Kind.REGISTER, nameservers=[{"host": "ns1.mina.test", "addresses": ["here"]}])),
    ("unknown_field", "nameservers.0.ip",
     body(Kind.REGISTER, nameservers=[{"host": "ns1.mina.test", "ip": "192.0.2.1"}])),
]  # fmt: skip
EXAMPLE = replace(
    CATALOGUE["test"],
    zone="example",
    routes={Kind.REGISTER: ("far",), Kind.RENEW: ("far",)},
    suppliers={"far": replace(CAPABILITIES, contact_roles=frozenset({ContactRole.REGISTRANT}))},
)


@pytest.mark.parametrize(
    ("code", "field", "fields"), REFUSALS, ids=[f"{code}-{at}" for code, at, _ in REFUSALS]
)
def test_what_cannot_be_taken_says_what_to_do(code: str, field: str | None, fields: Any) -> None:
    """An order that cannot be taken as it stands has a stable code, a place, and words."""
    with pytest.raises(RequestRefusedError) as refused:
        requests.parse_request(fields, key="k", channel="http", catalogue={**CATALOGUE, "example": EXAMPLE})
    assert (refused.value.code, refused.value.field) == (code, field)
    assert len(str(refused.value)) > 10


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            body(price={"amount": 10**26, "currency": "IRR"}),
            "too large: at most 1000000000000000 minor units",
        ),
        (body(price={"amount": -1, "currency": "IRR"}), "not negative"),
        (body(months="12"), "a whole number, not text or a fraction: one of 12"),
        (body(months=12.0), "a whole number, not text or a fraction: one of 12"),
        (body(months=7), "months must be one of 12"),
    ],
)
def test_a_number_is_refused_for_what_is_wrong_with_it(fields: Any, said: str) -> None:
    """Whoever sends an amount that is too large, or a term as text, reads just that."""
    with pytest.raises(RequestRefusedError) as refused:
        parse(fields)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("key_missing", None),
        ("key_missing", ""),
        ("key_missing", " "),
        ("key_missing", 7),
        ("key_invalid", "k" * 256),
        ("key_invalid", "a\tb"),
    ],
)
def test_a_key_is_a_key(code: str, key: object) -> None:
    """Without a key of the portal's own nothing is taken."""
    with pytest.raises(RequestRefusedError) as refused:
        requests.parse_request(body(), key=key, channel="http", catalogue=CATALOGUE)
    assert (refused.value.code, refused.value.field) == (code, "key")


def test_every_code_is_in_the_table() -> None:
    """No code is given that nobody has tried."""
    calls = [
        node
        for node in ast.walk(ast.parse(Path(inspect.getfile(requests)).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "RequestRefusedError"
    ]
    codes = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    assert codes - {code for code, _, _ in REFUSALS} == {"key_missing", "key_invalid"}


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.text(st.characters(categories=["Cs", "Nd"]), min_size=1, max_size=4)
)
FLAT = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=5), SCALARS, max_size=3)
ANYTHING = FLAT | st.lists(FLAT, max_size=3) | st.dictionaries(st.text(max_size=5), FLAT, max_size=3)
PLACES = [
    *[(name,) for name in [*body(Kind.TRANSFER), "contacts", "nameservers", "expected_expiry"]],
    ("price", "amount"),
    ("price", "currency"),
    ("payment", "source"),
    ("payment", "paid_at"),
    ("payment", "reference"),
    ("contacts", "admin"),
    ("contacts", "admin", "handle"),
    ("contacts", "admin", "national_id"),
]


@settings(derandomize=True, max_examples=600, deadline=None)
@given(kind=st.sampled_from(Kind), place=st.sampled_from(PLACES), value=ANYTHING)
def test_nothing_that_is_sent_breaks_the_door(kind: Kind, place: tuple[str, ...], value: Any) -> None:
    """Whatever stands in an order, it is taken or refused in words; and what is taken can be kept."""
    fields = body(kind)
    if kind is Kind.REGISTER:
        fields["contacts"] = {"admin": dict(PERSON)}
    at: Any = fields
    for step in place[:-1]:
        at = at.setdefault(step, {})
    at[place[-1]] = value
    try:
        request = parse(fields)
    except RequestRefusedError:
        return
    assert KEYRING.same_digest(KEYRING.digest(request.content()), request.content())


def test_a_declaration_is_recorded_with_the_registration(shop: Shop) -> None:
    """That the customer looked into the rights to the name stands in the order for good (D9)."""
    declared = shop.place(Kind.REGISTER, "anna.test", rights_declared=True)
    silent = shop.place(Kind.REGISTER, "omid.test")
    assert (
        shop.row(declared).details.get("rights_declared"),
        shop.row(silent).details.get("rights_declared"),
    ) == (
        True,
        None,
    )
