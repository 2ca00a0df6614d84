"""Which orders does a batch have? Some of every kind, with every sort of trouble that a registrar makes, and known ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from adapters.sandbox.misbehaviour import Behaviour
from registrar.orders.states import State
from tasks.sandbox import EXAMPLE_HANDLES
from tests.system.shop import Shop

EXPIRES = datetime(2027, 8, 9, 12, tzinfo=UTC)
AUTH_CODE = "planted-Auth-7"
ALWAYS = 99
"""Times enough for every attempt: an order's end must not hang on which of them met the trouble."""

DECIDED_SOON = 0.3
"""Seconds after which a registrar rejects."""

HOLDER = {
    "reference": "holder-1",
    "name": "Mina Example",
    "email": "mina@example.net",
    "street": "1 Invented Street",
    "city": "Tehran",
    "country_code": "IR",
    "voice": "+98.2100000000",
}
"""An invented person."""

PEOPLE = dict.fromkeys(("registrant", "admin", "tech"), HOLDER)
HANDLES = {role: {"handle": EXAMPLE_HANDLES[0]} for role in ("registrant", "admin", "tech")}


@dataclass(frozen=True)
class Batch:
    """Orders in the portal's words, and the state in which each must end, by key."""

    orders: list[dict[str, Any]]
    ends: Mapping[str, str]

    def place(self, shop: Shop, *, ring: bool = True) -> None:
        """Place all of them; the customers have paid into their balances what they need."""
        for customer in ("c-1", "c-2"):
            shop.top_up(customer, 1_000_000, "USD")
            shop.top_up(customer, 1_000_000_000, "IRR")
        for order in self.orders:
            shop.order(order, ring=ring)


def renewal(name: str, key: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a renewal's fields."""
    return _order("renew", name, key, expected_expiry=EXPIRES.date().isoformat(), **changes)


def registration(name: str, key: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a registration's fields, with contacts as the zone wants them."""
    contacts = HANDLES if name.endswith(".ir") else PEOPLE
    return _order("register", name, key, **({"contacts": contacts} | changes))


def transfer(name: str, key: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a transfer's fields."""
    return _order("transfer", name, key, **({"auth_info": AUTH_CODE} | changes))


def seed(
    shop: Shop, order: Mapping[str, Any], *, auth_info: str = AUTH_CODE, registrar: str | None = None
) -> None:
    """Put an order's name into the registrar's books: ours for a renewal, another's for a transfer."""
    name, kind = order["domain"], order["kind"]
    books = shop.books[registrar or ("irnic" if name.endswith(".ir") else "epp")]
    if kind == "renew":
        books.add_domain(name, expires_at=EXPIRES)
    if kind == "transfer":
        books.add_domain(name, expires_at=EXPIRES, sponsor="another-registrar", auth_info=auth_info)


def mixed(shop: Shop) -> Batch:
    """Return forty-four orders, with their names and the trouble for them in the registrars' books."""
    renewals = [renewal(f"renewed-{number}.com") for number in range(14)]
    registrations = [registration(f"new-{number}.com") for number in range(8)]
    transfers = [transfer(f"moving-{number}.com") for number in range(6)]
    ir_registrations = [registration(f"new-{number}.ir") for number in range(8)]
    ir_renewals = [renewal(f"renewed-{number}.ir") for number in range(8)]
    orders = [*renewals, *registrations, *transfers, *ir_registrations, *ir_renewals]
    wrong_code = transfers[5]["domain"]
    for order in orders:
        seed(shop, order, auth_info="another-Code-3" if order["domain"] == wrong_code else AUTH_CODE)
    ends = {order["key"]: str(State.COMPLETED) for order in orders}
    _lose_answers(shop)
    for refused in _refusals(shop):
        ends[_key(refused)] = str(State.REFUSED)
    ends[_key(wrong_code)] = str(State.HELD)
    for order, payment in zip(orders, cycle([{"source": "balance"}, order_payment()]), strict=False):
        order["payment"] = payment
    return Batch(_shuffled(orders), ends)


def order_payment() -> dict[str, str]:
    """Return a payment that the portal took."""
    return {"source": "outside", "paid_at": "2026-11-22T09:59:00Z", "reference": "invoice-7"}


def _lose_answers(shop: Shop) -> None:
    """Have answers lost after the work, and requests lost before it."""
    shop.epp.misbehave(Behaviour.DROP_REPLY, command="domain:renew", name="renewed-3.com")
    shop.epp.misbehave(Behaviour.DROP_REQUEST, command="domain:renew", name="renewed-8.com")
    shop.epp.misbehave(Behaviour.FAIL_AFTER, command="domain:renew", name="renewed-11.com")
    shop.epp.misbehave(Behaviour.DROP_REPLY, command="domain:create", name="new-2.com")
    shop.irnic.misbehave(Behaviour.DROP_REPLY, command="domain:create", name="new-2.ir")
    shop.irnic.misbehave(Behaviour.DROP_REPLY, command="domain:renew", name="renewed-3.ir")
    shop.irnic.misbehave(Behaviour.DROP_REQUEST, command="domain:renew", name="renewed-5.ir")


def _refusals(shop: Shop) -> list[str]:
    """Have names taken meanwhile, and orders refused at once and after some time; return the names."""
    shop.epp.add_domain("new-6.com", expires_at=EXPIRES, sponsor="another-registrar")
    shop.epp.misbehave(
        Behaviour.REFUSE, command="domain:create", name="new-7.com", argument="2306 reserved", times=ALWAYS
    )
    for books, command, name in (
        (shop.epp, "domain:transfer", "moving-4.com"),
        (shop.irnic, "domain:create", "new-6.ir"),
        (shop.irnic, "domain:create", "new-7.ir"),
    ):
        books.misbehave(Behaviour.REJECT, command=command, name=name, argument=DECIDED_SOON, times=ALWAYS)
    return ["new-6.com", "new-7.com", "moving-4.com", "new-6.ir", "new-7.ir"]


def _order(kind: str, name: str, key: str | None, **fields: Any) -> dict[str, Any]:
    price = (
        {"amount": 4_500_000, "currency": "IRR"}
        if name.endswith(".ir")
        else {"amount": 1250, "currency": "USD"}
    )
    return {
        "key": key or _key(name),
        "customer": "c-1" if len(name) % 2 else "c-2",
        "kind": kind,
        "domain": name,
        "months": 12,
        "price": price,
        "payment": order_payment(),
        **fields,
    }


def _key(name: str) -> str:
    return f"order-{name}"


def _shuffled(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mix the kinds, the same way every time."""
    return sorted(orders, key=lambda order: order["key"][::-1])
