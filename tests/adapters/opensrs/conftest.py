"""What OpenSRS's tests share: a scripted registrar, gateways that speak to it, and calls with limits."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from adapters.registrars.opensrs import make
from registrar.gateway import Call, Gateway
from registrar.secrets import Secret
from tests.adapters.opensrs.scripted import ScriptedRegistrar, answers
from tests.adapters.scripted_https import server_context

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
USERNAME = "example-reseller"
KEY = "planted-key-c0ffee"
REG_PASSWORD = "plantedpass99"


@dataclass
class Calls:
    """Makes calls, each with an id of its own."""

    made: int = field(default=0)

    def __call__(
        self,
        *,
        seconds: float = 8.0,
        send_within: float | None = None,
        turns: Callable[[float], None] = lambda _: None,
    ) -> Call:
        """Return a call that ends within `seconds` and may begin within `send_within`."""
        self.made += 1
        now = time.monotonic()
        send_by = now + (seconds if send_within is None else send_within)
        return Call(f"ORDER-{self.made}-1", send_by, now + seconds, time.monotonic, turns)


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
def opensrs(authority: trustme.CA) -> Iterator[ScriptedRegistrar]:
    """A registrar that answers by script; it knows of no order of ours."""
    running = ScriptedRegistrar(server_context(authority))
    running.on("GET_ORDERS_BY_DOMAIN", answers(200, orders=[]))
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
            "username": USERNAME,
            "api_key": Secret(KEY),
            "reg_username": "exampleprofile",
            "reg_password": Secret(REG_PASSWORD),
            **more,
        }
        gateway = make("opensrs", section, now=lambda: NOW)
        made.append(gateway)
        return gateway

    yield to
    for gateway in made:
        gateway.close()


@pytest.fixture
def gateway(connect: Callable[..., Gateway], opensrs: ScriptedRegistrar) -> Gateway:
    """A gateway to the scripted registrar."""
    return connect(opensrs.url)
