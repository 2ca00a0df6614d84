"""What do the Openprovider sandbox's tests speak with? A client of their own, with the wire's words and no more."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from adapters.sandbox.books import Books

USERNAME = "reseller@example.org"
PASSWORD = "password-of-nobody"
HOLDER = "XX900001-XX"
US = "reseller"
WINTER = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
"""10:00 in Amsterdam."""
EXPIRY = datetime(2026, 6, 1, 10, 30, tzinfo=UTC)
"""12:30 in Amsterdam, where it is summer."""
PERSON = {
    "name": {"first_name": "Nobody", "last_name": "Example"},
    "phone": {"country_code": "+31", "area_code": "20", "subscriber_number": "1234567"},
    "address": {
        "street": "Example Street",
        "number": "1",
        "zipcode": "1000 AA",
        "city": "Test",
        "country": "NL",
    },
    "email": "nobody@example.org",
}
"""Nobody: invented for the tests."""


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
    """One answer: HTTP's status, the text, and what its envelope says."""

    status: int
    text: str
    envelope: Any

    @property
    def code(self) -> int:
        return int(self.envelope["code"])

    @property
    def data(self) -> Any:
        return self.envelope["data"]


class Reseller:
    """A client over one kept-alive connection."""

    def __init__(self, url: str, authority: str) -> None:
        self._url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = authority

    def ask(self, method: str, path: str, *, timeout: float = 20, body: Any = None, **query: Any) -> Reply:
        answered = self.session.request(
            method, f"{self._url}/{path}", json=body, params=query, timeout=timeout
        )
        is_json = answered.headers["Content-Type"] == "application/json"
        try:
            envelope = answered.json() if is_json else None
        except ValueError:
            envelope = None
        return Reply(answered.status_code, answered.content.decode(errors="replace"), envelope)

    def log_in(self, username: str = USERNAME, password: str = PASSWORD) -> Reply:
        reply = self.ask(
            "POST", "auth/login", body={"username": username, "password": password, "ip": "0.0.0.0"}
        )
        if reply.code == 0:
            self.session.headers["Authorization"] = f"Bearer {reply.data['token']}"
        return reply

    def check(self, *names: str, **more: Any) -> Reply:
        return self.ask("POST", "domains/check", body={"domains": [split(name) for name in names], **more})

    def create(self, name: str, *, years: int = 1, timeout: float = 20, **more: Any) -> Reply:
        return self.ask("POST", "domains", body={**order(name), "period": years, **more}, timeout=timeout)

    def renew(self, number: int, name: str, *, years: int = 1) -> Reply:
        return self.ask("POST", f"domains/{number}/renew", body={"domain": split(name), "period": years})

    def transfer(self, name: str, auth_code: str, **more: Any) -> Reply:
        return self.ask("POST", "domains/transfer", body={**order(name), "auth_code": auth_code, **more})

    def restore(self, number: int) -> Reply:
        return self.ask("POST", f"domains/{number}/restore", body={})

    def get(self, number: int, **query: Any) -> Reply:
        return self.ask("GET", f"domains/{number}", **query)

    def find(self, name: str) -> Any:
        """Look a name up in the account; None where it is not in it."""
        results = self.ask("GET", "domains", full_name=name).data["results"]
        return results[0] if results else None

    def number(self, name: str) -> int:
        return int(self.find(name)["id"])

    def transactions(self, **query: Any) -> list[Any]:
        results = self.ask("GET", "transactions", **query).data["results"]
        assert isinstance(results, list)
        return results


def split(name: str) -> dict[str, str]:
    """Write a name as the wire does."""
    label, _, extension = name.partition(".")
    return {"name": label, "extension": extension}


def order(name: str) -> dict[str, Any]:
    """Write what an order needs."""
    return {
        "domain": split(name),
        **{f"{role}_handle": HOLDER for role in ("owner", "admin", "tech", "billing")},
        "name_servers": [{"name": "ns1.example.net", "seq_nr": 0}, {"name": "ns2.example.net", "seq_nr": 1}],
        "autorenew": "off",
    }


def amounts(books: Books) -> list[int]:
    """What was charged and given back, in cents."""
    return [charge.amount for charge in books.charges()]


def journal(books: Books) -> list[tuple[str, str | None, int | None]]:
    """Read commands, names and result codes, as the proof does: with plain SQL, while the server runs."""
    with closing(sqlite3.connect(f"file:{books.path}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT command, name, result_code FROM journal ORDER BY number").fetchall()


def eventually(holds: Callable[[], bool]) -> bool:
    """Ask until it holds, for ten seconds at most."""
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()
