"""Does a sixth registrar take one module, one section of configuration, and no change elsewhere? The toy's orders say so."""

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.sandbox.books import Books
from adapters.sandbox.tls import Certificates
from config.settings import load
from registrar.models import Charge, DepositReading, Order
from registrar.orders.placing import place
from registrar.orders.requests import parse_request
from registrar.orders.states import State
from tasks import actors, clock
from tasks.wiring import House, open_house
from tests.contract.far_side import ENDS, until
from tests.contract.toy import adapter
from tests.contract.toy.sandbox import ToySandbox

ROOT = Path(__file__).parents[3]
PACKAGES = ("registrar", "adapters", "tasks", "config")
TOKEN = "Planted-token-t0y"
REGISTRARS = """
[toy]
adapter = "tests.contract.toy.adapter:make"
enabled = true
url = "{url}"
ca_file = "{ca_file}"
"""
ZONES = """
[toys]
currency = "EUR"
register = { registrars = ["toy"], months = [12] }
renew = { registrars = ["toy"], months = [12] }
transfer = { registrars = ["toy"], months = [12] }
"""


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """The toy registrar's books."""
    with Books.create(tmp_path / "toy.db", registrar_name="toy", unit="EUR", balance=100_000) as books:
        yield books


@pytest.fixture
def house(
    books: Books, certificates: Certificates, tmp_path: Path, redis_url: str, database_url: str
) -> Iterator[House]:
    """The product as it is wired from a folder that names the toy, in which nothing else is on."""
    config = tmp_path / "config"
    config.mkdir()
    with ExitStack() as stack:
        sandbox = stack.enter_context(ToySandbox(books, certificates=certificates, token=TOKEN))
        (config / "registrars.toml").write_text(
            REGISTRARS.format(url=sandbox.url, ca_file=certificates.authority)
        )
        (config / "zones.toml").write_text(ZONES)
        environ = {
            "REGISTRAR_STATE": str(tmp_path / "state"),
            "REGISTRAR_DATABASE__URL": database_url,
            "REGISTRAR_REDIS__URL": redis_url,
            "REGISTRAR_REGISTRARS__TOY__TOKEN": TOKEN,
            "REGISTRAR_SECRET_KEYS": "Wm9tZSBrZXkgb2YgdGhlIHRlc3RzLCAzMiBieXRlcyE=",
        }
        opened = open_house(load(config, environ))
        stack.callback(opened.close)
        yield opened


def order(house: House, kind: str, **fields: Any) -> int:
    """Place an order for a name of the toy's zone, as the portal does."""
    body: Mapping[str, Any] = {
        "customer": "customer-1",
        "kind": kind,
        "domain": "example.toys",
        "months": 12,
        "price": {"amount": 1200, "currency": "EUR"},
        "payment": {"source": "outside", "paid_at": "2026-03-01T08:00:00Z", "reference": f"receipt-{kind}"},
        **fields,
    }
    request = parse_request(body, key=f"key-{kind}", channel="http", catalogue=house.catalogue)
    with house.database.transaction() as connection:
        return place(connection, request, keyring=house.keyring, rules=house.rules, now=clock.now()).order_id


def state(house: House, order_id: int) -> State:
    """Tell where an order stands."""
    with house.database.reading() as connection:
        return State(connection.execute(select(Order.state).where(Order.id == order_id)).scalar_one())


def test_an_order_for_the_new_registrar_is_carried_out(house: House, books: Books) -> None:
    """An order in the new registrar's zone is taken, sent, paid once and completed, by workers that never heard of it."""
    registration = order(house, "register", nameservers=["ns1.example.net", "ns2.example.net"])
    actors.work_order(house, registration)
    assert state(house, registration) is State.COMPLETED
    renewal = order(house, "renew", expected_expiry="any")
    actors.work_order(house, renewal)
    assert state(house, renewal) is State.COMPLETED
    assert [(charge.command, charge.name) for charge in books.charges()] == [
        ("register", "example.toys"),
        ("renew", "example.toys"),
    ]


def test_what_the_new_registrar_decides_later_is_followed(house: House, books: Books) -> None:
    """A transfer waits for the new registrar's word, which comes as a message and is believed after a look."""
    books.add_domain("example.toys", expires_at=ENDS, sponsor="other", auth_info="Planted-c0de")
    transfer = order(house, "transfer", auth_info="Planted-c0de")
    actors.work_order(house, transfer)
    assert state(house, transfer) is State.PENDING
    books.approve("example.toys")

    def followed() -> bool:
        actors.read_messages(house, "toy")
        actors.look_after(house, transfer)
        return state(house, transfer) is State.COMPLETED

    until(followed)
    assert [charge.command for charge in books.charges()] == ["transfer"]


def test_the_product_knows_nothing_of_it() -> None:
    """The new registrar stands in its own module and in the configuration: the product's code does not name it."""
    product = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(product) > 100
    assert [path for path in product if re.search(r"\btoy\b", path.read_text(), re.IGNORECASE)] == []


def test_its_adapter_sees_only_the_vocabulary() -> None:
    """The new adapter imports what every adapter may: the vocabulary, and what adapters have in common."""
    tree = ast.parse(Path(adapter.__file__).read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    ours = {module for module in imported if module.split(".")[0] in {*PACKAGES, "tests"}}
    assert ours <= {
        "adapters.registrars.sections",
        "adapters.registrars.web",
        *(f"registrar.{word}" for word in ("commands", "gateway", "names", "outcomes", "secrets")),
    }


def test_its_money_is_watched_like_any_others(house: House, books: Books) -> None:
    """The new registrar's deposit and statement are read by the schedule that reads everybody's."""
    registration = order(house, "register")
    actors.work_order(house, registration)
    actors.read_deposit(house, "toy")
    actors.read_statement(house, "toy")
    with house.database.reading() as connection:
        balance = connection.execute(select(DepositReading.balance)).scalar_one()
        matched = connection.execute(select(Charge.order_id)).scalars().all()
    assert Decimal(balance) == Decimal(books.balance()) / 100
    assert matched == [registration]
