"""What do the OpenSRS sandbox's tests speak with? A client that writes XCP by hand, signs it, and reads it by keys."""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import requests
from lxml import etree

from adapters.sandbox.books import Books
from adapters.sandbox.opensrs import OpenSrsSandbox

USERNAME = "example-reseller"
KEY = "key-of-nobody-0123456789abcdef"
PASSWORD = "password-of-nobody"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EXPIRY = datetime(2026, 11, 5, 8, 30, tzinfo=UTC)
OLD = datetime(2020, 11, 5, 8, 30, tzinfo=UTC)
ELSEWHERE = "another-registrar"
CODE = "the-Right-code-1"

CARD = {
    "first_name": "آزیتا",
    "last_name": "Sample",
    "org_name": "Example & Sons",
    "email": "azita@example.org",
    "phone": "+98.2155500000",
    "address1": "12 Invented Street",
    "city": "Tehran",
    "state": "Tehran",
    "country": "IR",
    "postal_code": "1234567890",
}
"""An invented person."""

NAMESERVERS = ("ns1.example.net", "ns2.example.net")


class Clock:
    """The registrar's time, moved on by the test."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **length: float) -> None:
        """Let so much time pass."""
        self.now += timedelta(**length)


@dataclass(frozen=True)
class Reply:
    """One answer, as bytes and as items."""

    status: int
    body: bytes

    @property
    def block(self) -> dict[str, Any]:
        found = items(self.body)
        assert isinstance(found, dict)
        return found

    @property
    def code(self) -> int:
        return int(self.block["response_code"])

    @property
    def text(self) -> str:
        return str(self.block["response_text"])

    @property
    def succeeded(self) -> bool:
        return bool(self.block["is_success"] == "1")

    @property
    def attributes(self) -> dict[str, Any]:
        found = self.block.get("attributes", {})
        assert isinstance(found, dict)
        return found


class Shop:
    """A reseller's client over one kept-alive connection."""

    def __init__(self, url: str, authority: str, *, username: str = USERNAME, key: str = KEY) -> None:
        self._url = url
        self._username = username
        self._key = key
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = authority

    def post(self, document: bytes, *, signature: str | None = None, timeout: float = 20) -> Reply:
        headers = {
            "Content-Type": "text/xml",
            "X-Username": self._username,
            "X-Signature": signed(document, self._key) if signature is None else signature,
        }
        answered = self.session.post(self._url, data=document, headers=headers, timeout=timeout)
        return Reply(answered.status_code, answered.content)

    def ask(self, action: str, subject: str = "DOMAIN", *, timeout: float = 20, **attributes: Any) -> Reply:
        return self.post(document(action, subject, attributes), timeout=timeout)

    def register(self, name: str, *, timeout: float = 20, **changes: Any) -> Reply:
        return self.ask("SW_REGISTER", timeout=timeout, **order(name, **changes))

    def transfer(self, name: str, *, timeout: float = 20, **changes: Any) -> Reply:
        wanted = order(name, reg_type="transfer", auth_info=CODE, custom_nameservers="0", **changes)
        return self.ask("SW_REGISTER", timeout=timeout, **wanted)

    def renew(self, name: str, year: int | str = 2026, *, timeout: float = 20, **changes: Any) -> Reply:
        wanted: dict[str, Any] = {
            "domain": name,
            "currentexpirationyear": str(year),
            "period": "1",
            "handle": "process",
            "auto_renew": "0",
        }
        return self.ask("RENEW", timeout=timeout, **{**wanted, **changes})

    def info(self, name: str, kind: str = "all_info") -> Reply:
        return self.ask("GET", domain=name, type=kind)

    def lookup(self, name: str) -> Reply:
        return self.ask("LOOKUP", domain=name)

    def orders(self, name: str, **filters: Any) -> list[dict[str, str]]:
        found = self.ask("GET_ORDERS_BY_DOMAIN", domain=name, **filters).attributes["orders"]
        assert isinstance(found, list)
        return found

    def status_of(self, number: str) -> str:
        return str(self.ask("GET_ORDER_INFO", order_id=number).attributes["field_hash"]["status"])


def order(name: str, **changes: Any) -> dict[str, Any]:
    """Return the attributes of a registration that OpenSRS takes, changed; a change to None leaves it out."""
    wanted = {
        "domain": name,
        "period": "1",
        "reg_type": "new",
        "handle": "process",
        "reg_username": "order7",
        "reg_password": PASSWORD,
        "contact_set": people(CARD),
        "custom_nameservers": "1",
        "nameserver_list": [
            {"name": host, "sortorder": str(position)} for position, host in enumerate(NAMESERVERS, 1)
        ],
        "custom_tech_contact": "0",
        "f_lock_domain": "0",
        "auto_renew": "0",
        **changes,
    }
    return {key: value for key, value in wanted.items() if value is not None}


def people(card: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """Return a contact set in which the same person stands everywhere."""
    return dict.fromkeys(("owner", "admin", "billing"), card)


def signed(document: bytes, key: str) -> str:
    """Sign a document as facts §3.1 says."""
    inner = hashlib.md5(document + key.encode()).hexdigest()
    return hashlib.md5((inner + key).encode()).hexdigest()


def document(action: str, subject: str, attributes: Mapping[str, Any], protocol: str = "XCP") -> bytes:
    """Write a request."""
    block = {"protocol": protocol, "action": action, "object": subject, "attributes": attributes}
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
        '<!DOCTYPE OPS_envelope SYSTEM "ops.dtd"><OPS_envelope><header><version>0.9</version></header>'
        f"<body><data_block>{written(block)}</data_block></body></OPS_envelope>"
    ).encode()


def written(value: Any) -> str:
    """Write a value as XCP does."""
    if isinstance(value, Mapping):
        inner = "".join(f'<item key="{key}">{written(part)}</item>' for key, part in value.items())
        return f"<dt_assoc>{inner}</dt_assoc>"
    if isinstance(value, list | tuple):
        inner = "".join(f'<item key="{key}">{written(part)}</item>' for key, part in enumerate(value))
        return f"<dt_array>{inner}</dt_array>"
    return escape(str(value))


def items(body: bytes) -> Any:
    """Read an answer's items; lists by their numbers."""
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
    block = root.find("body/data_block/dt_assoc")
    assert block is not None
    return _read(block)


def _read(element: etree._Element) -> Any:
    found = {}
    for item in element.findall("item"):
        inner = [child for child in item if child.tag in {"dt_assoc", "dt_array"}]
        found[item.get("key", "")] = _read(inner[0]) if inner else (item.text or "")
    if element.tag == "dt_assoc":
        return found
    return [found[key] for key in sorted(found, key=int)]


def amounts(books: Books) -> list[int]:
    """What was charged and given back, in cents."""
    return [charge.amount for charge in books.charges()]


def journal(books: Books) -> list[tuple[str, int | None]]:
    """Read the commands and their result codes, as the proof does: with plain SQL, while the server runs."""
    with closing(sqlite3.connect(f"file:{books.path}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT command, result_code FROM journal ORDER BY number").fetchall()


def states(books: Books, number: str) -> list[str]:
    """Read how each turn of an order stands in the books: one that was saved and taken up again has two."""
    with closing(sqlite3.connect(f"file:{books.path}?mode=ro", uri=True)) as connection:
        query = "SELECT state FROM operations WHERE client_transaction_id = ? ORDER BY id"
        return [state for (state,) in connection.execute(query, (number,))]


def port_of(sandbox: OpenSrsSandbox) -> int:
    """Where it listens."""
    return urlsplit(sandbox.url).port or 0


def eventually(holds: Callable[[], bool]) -> bool:
    """Ask until it holds, for ten seconds at most."""
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()
