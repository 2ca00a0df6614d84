"""What IRNIC's tests share: a scripted registry and the sandbox, gateways that speak to them, and calls with limits."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from adapters.registrars.irnic import make
from adapters.sandbox.books import Books
from adapters.sandbox.irnic import IrnicSandbox, add_handle
from adapters.sandbox.tls import Certificates, make_certificates
from registrar.gateway import Call, Gateway
from registrar.secrets import Secret
from tests.adapters.irnic.scripted import ScriptedRegistry
from tests.adapters.scripted_https import server_context

NOON_IN_TEHRAN = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
TOKEN = "planted-token-c0ffee"
DEPOSIT_CODE = "4929000011112222"
OURS = "re1234-irnic"
HOLDER = "ab123-irnic"
"""A customer's handle at the sandbox."""


@dataclass
class WallClock:
    """A wall clock that stands where the test puts it."""

    at: datetime = NOON_IN_TEHRAN

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at


@dataclass
class Calls:
    """Makes calls, each with an id of its own."""

    made: int = field(default=0)

    def __call__(self, *, seconds: float = 8.0, send_within: float | None = None) -> Call:
        """Return a call that ends within `seconds` and may begin within `send_within`."""
        self.made += 1
        now = time.monotonic()
        send_by = now + (seconds if send_within is None else send_within)
        return Call(f"ORDER-{self.made}-1", send_by, now + seconds, time.monotonic)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority of these tests' own."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    """The authority's certificate as a file."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def registry(authority: trustme.CA) -> Iterator[ScriptedRegistry]:
    """A registry that answers by script."""
    running = ScriptedRegistry(server_context(authority))
    yield running
    running.close()


@pytest.fixture
def clock() -> WallClock:
    """Noon in Tehran, until a test says otherwise."""
    return WallClock()


@pytest.fixture
def call() -> Calls:
    """Calls with generous limits, unless a test says otherwise."""
    return Calls()


@pytest.fixture
def connect(ca_file: Path, clock: WallClock) -> Iterator[Callable[..., Gateway]]:
    """Make gateways to an address; they are closed afterwards."""
    made: list[Gateway] = []

    def to(url: str, **more: Any) -> Gateway:
        section = {
            "url": url,
            "ca_file": str(ca_file),
            "token": Secret(TOKEN),
            "deposit_code": Secret(DEPOSIT_CODE),
            "billing_handle": OURS,
            **more,
        }
        gateway = make("irnic", section, now=clock)
        made.append(gateway)
        return gateway

    yield to
    for gateway in made:
        gateway.close()


@pytest.fixture
def gateway(connect: Callable[..., Gateway], registry: ScriptedRegistry) -> Gateway:
    """A gateway to the scripted registry."""
    return connect(registry.url)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The sandbox's own authority and certificate."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """The registry's books, with a hundred units of deposit and one customer's handle."""
    path = tmp_path / "irnic.sqlite"
    with Books.create(path, registrar_name="irnic", unit="IRNIC", balance=10_000, client_id=OURS) as books:
        add_handle(books, HOLDER)
        yield books


@pytest.fixture
def sandbox(books: Books, clock: WallClock, certificates: Certificates) -> Iterator[IrnicSandbox]:
    """A registry that decides an hour after it accepted, by the test's clock."""
    with IrnicSandbox(
        books,
        certificates=certificates,
        token=TOKEN,
        deposit_code=DEPOSIT_CODE,
        decide_after_seconds=3600,
        activation_lags=True,
        keep_hours=True,
        clock=clock,
    ) as running:
        yield running


@pytest.fixture
def irnic(connect: Callable[..., Gateway], sandbox: IrnicSandbox, certificates: Certificates) -> Gateway:
    """Our gateway to the sandbox."""
    return connect(sandbox.url, ca_file=str(certificates.authority))
