"""What do the LogicBoxes sandbox's tests speak with? A client that knows the API's parameters and reads its answers."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from adapters.sandbox.books import Books

US = "123456"
KEY = "key-of-nobody"
CUSTOMER = "19371930"
HOSTS = ("ns1.example.net", "ns2.example.net")
SPRING = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EXPIRY = datetime(2026, 9, 1, 12, 0, 7, tzinfo=UTC)
CODE = "code-of-nobody"


class Clock:
    """The platform's time, moved on by the test."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **length: float) -> None:
        """Let so much time pass."""
        self.now += timedelta(**length)


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def message(self) -> str:
        """What a refusal says; an answer that is none fails the test."""
        assert self.status != 200, self.text
        assert self.body["status"] == "ERROR"
        return str(self.body["message"])

    @property
    def progress(self) -> tuple[str, str]:
        """An order-action object's two words: of the call, and of its effect."""
        assert self.status == 200, self.text
        return self.body["status"], self.body["actionstatus"]


class Reseller:
    """A client over one kept-alive connection."""

    def __init__(self, url: str, authority: str, *, key: str = KEY) -> None:
        self._url = url
        self._auth = {"auth-userid": US, "api-key": key}
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = authority

    def get(self, path: str, *, timeout: float = 20, **fields: Any) -> Reply:
        answered = self.session.get(
            f"{self._url}{path}.json", params={**self._auth, **_dashed(fields)}, timeout=timeout
        )
        return Reply(answered.status_code, answered.content.decode(errors="replace"))

    def post(self, path: str, *, timeout: float = 20, **fields: Any) -> Reply:
        answered = self.session.post(
            f"{self._url}{path}.json", data={**self._auth, **_dashed(fields)}, timeout=timeout
        )
        return Reply(answered.status_code, answered.content.decode(errors="replace"))

    def contact(self, **changes: Any) -> Reply:
        card = {
            "customer_id": CUSTOMER,
            "type": "Contact",
            "name": "Anna Example",
            "company": "Not Applicable",
            "email": "anna@example.org",
            "address_line_1": "1 Example Way",
            "city": "Exampleton",
            "country": "DE",
            "zipcode": "12345",
            "phone_cc": "49",
            "phone": "1234567",
        }
        return self.post("contacts/add", **{**card, **changes})

    def roles(self) -> dict[str, Any]:
        """Make a contact and put it into all four roles."""
        contact_id = self.contact().text
        return {f"{role}_contact_id": contact_id for role in ("reg", "admin", "tech", "billing")}

    def register(self, name: str, **changes: Any) -> Reply:
        fields = {
            "domain_name": name,
            "years": 1,
            "ns": HOSTS,
            "customer_id": CUSTOMER,
            "invoice_option": "NoInvoice",
            "auto_renew": "false",
        }
        return self.post("domains/register", **{**fields, **self.roles(), **changes})

    def renew(self, order_id: str, end: str, **changes: Any) -> Reply:
        fields = {
            "order_id": order_id,
            "years": 1,
            "exp_date": end,
            "invoice_option": "NoInvoice",
            "auto_renew": "false",
        }
        return self.post("domains/renew", **{**fields, **changes})

    def transfer(self, name: str, **changes: Any) -> Reply:
        fields = {
            "domain_name": name,
            "auth_code": CODE,
            "customer_id": CUSTOMER,
            "invoice_option": "NoInvoice",
            "auto_renew": "false",
        }
        return self.post("domains/transfer", **{**fields, **self.roles(), **changes})

    def restore(self, order_id: str) -> Reply:
        return self.post("domains/restore", order_id=order_id, invoice_option="NoInvoice")

    def details(self, name: str, *options: str) -> Reply:
        return self.get("domains/details-by-name", domain_name=name, options=options or ("All",))

    def shown(self, name: str) -> dict[str, Any]:
        """The details of an order that must be there."""
        reply = self.details(name)
        assert reply.status == 200, reply.text
        found: dict[str, Any] = reply.body
        return found

    def available(self, label: str, *tlds: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get("domains/available", domain_name=label, tlds=tlds).body
        return found

    def actions(self, which: str, **filters: Any) -> list[dict[str, str]]:
        """The rows of actions/search-current or search-archived."""
        body = self.get(f"actions/search-{which}", no_of_records=10, page_no=1, **filters).body
        return [body[str(number)] for number in range(1, int(body["recsonpage"]) + 1)]


def order_of(books: Books, name: str, **changes: Any) -> None:
    """Put a name of ours into the books, with the platform's own words for its statuses."""
    seeded: dict[str, Any] = {
        "expires_at": EXPIRY,
        "statuses": ("Active",),
        "nameservers": [(host, ()) for host in HOSTS],
        "auth_info": "their-code",
        "detail": {"customer_id": CUSTOMER},
    }
    books.add_domain(name, **{**seeded, **changes})


def epoch(moment: datetime) -> str:
    """A time as the API has it."""
    return str(int(moment.timestamp()))


def amounts(books: Books) -> list[int]:
    """What was charged and given back, in cents."""
    return [charge.amount for charge in books.charges()]


def journal(books: Books) -> list[tuple[str, str | None, int | None]]:
    """Read the commands, names and result codes, as the proof does: with plain SQL, while the server runs."""
    with closing(sqlite3.connect(f"file:{books.path}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT command, name, result_code FROM journal ORDER BY number").fetchall()


def eventually(holds: Callable[[], bool]) -> bool:
    """Ask until it holds, for ten seconds at most."""
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


def _dashed(fields: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in fields.items()}
