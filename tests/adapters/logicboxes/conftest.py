"""What LogicBoxes' tests share: a scripted registrar, gateways that speak to it, answers as it writes them, and calls."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from adapters.registrars.logicboxes import make
from registrar.gateway import Call, Gateway
from registrar.secrets import Secret
from tests.adapters.logicboxes.scripted import ScriptedRegistrar
from tests.adapters.scripted_https import server_context

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
API_KEY = "planted-api-key-c0ffee"
RESELLER = "4711"
HOUSE = "19371930"


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
def registrar(authority: trustme.CA) -> Iterator[ScriptedRegistrar]:
    """A registrar that answers by script."""
    running = ScriptedRegistrar(server_context(authority))
    yield running
    running.close()


@pytest.fixture
def call() -> Calls:
    """Calls with generous limits, unless a test says otherwise."""
    return Calls()


@pytest.fixture
def connect(ca_file: Path) -> Iterator[Callable[..., Gateway]]:
    """Make gateways to an address; they are closed afterwards."""
    made: list[Gateway] = []

    def to(url: str, **more: Any) -> Gateway:
        section = {
            "url": url,
            "ca_file": str(ca_file),
            "reseller_id": RESELLER,
            "api_key": Secret(API_KEY),
            "customer_id": HOUSE,
            **more,
        }
        made.append(make("lb", section, now=lambda: NOW))
        return made[-1]

    yield to
    for gateway in made:
        gateway.close()


@pytest.fixture
def gateway(connect: Callable[..., Gateway], registrar: ScriptedRegistrar) -> Gateway:
    """A gateway to the scripted registrar."""
    return connect(registrar.url)
