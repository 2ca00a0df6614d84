"""A registrar that runs for one test, with its books, its clock and clients of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.sandbox.books import Books
from adapters.sandbox.epp import Dialect, EppSandbox
from tests.sandbox.epp import client as epp
from tests.sandbox.epp.client import Client

CREDENTIALS = {"reseller": "sandbox-pw", "other": "sandbox-pw"}
EXPIRY = datetime(2027, 1, 31, 22, 57, 30, 973000, tzinfo=UTC)
PERIODS = {"y": '<d:period unit="y">1</d:period>', "m": '<d:period unit="m">12</d:period>'}
CONTACTS = (
    '<d:registrant>zz-1</d:registrant><d:contact type="admin">zz-1</d:contact>'
    '<d:contact type="tech">zz-1</d:contact>'
)


@dataclass
class Clock:
    """The registry's time, moved by hand."""

    now: datetime = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Stage:
    """A registrar that runs, its books, and clients of it."""

    sandbox: EppSandbox
    books: Books
    tls: Path
    clock: Clock
    dialect: Dialect
    clients: list[Client] = field(default_factory=list)

    @property
    def period(self) -> str:
        return PERIODS[self.dialect.period_unit]

    def connect(self, *, certificate: bool | None = None) -> Client:
        wanted = self.dialect.client_certificate if certificate is None else certificate
        client = Client(self.sandbox.address, self.tls, certificate=wanted)
        self.clients.append(client)
        return client

    def hang_up(self) -> None:
        for client in self.clients:
            client.close()

    def client(self, client_id: str = "reseller") -> Client:
        client = self.connect()
        assert client.login(client_id).code == 1000
        return client

    def renew(self, client: Client, name: str = "example.com", expiry: str = "2027-01-31") -> epp.Said:
        return client.ask(epp.renew(name, expiry, self.period))

    def expiry(self, name: str = "example.com") -> datetime | None:
        domain = self.books.domain(name)
        return None if domain is None else domain.expires_at

    def amounts(self) -> list[int]:
        return [charge.amount for charge in self.books.charges()]


def until(condition: Callable[[], bool]) -> None:
    """Wait, within a bound, for something that another thread does."""
    pause = threading.Event()
    for _ in range(400):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError("it never came about")
