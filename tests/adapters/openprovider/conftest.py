"""What Openprovider's tests share: a scripted platform, gateways that speak to it, and calls with limits."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from adapters.registrars.openprovider import make
from registrar.gateway import Call, Gateway
from registrar.secrets import Secret
from tests.adapters.openprovider.house import NOW, PASSWORD, USERNAME
from tests.adapters.openprovider.scripted import ScriptedApi
from tests.adapters.scripted_https import server_context


@dataclass
class Calls:
    """Makes calls, each with an id of its own; counts the turns and the permits that were asked for."""

    made: int = field(default=0)
    turns: int = field(default=0)

    def __call__(self, *, seconds: float = 8.0, send_within: float | None = None) -> Call:
        """Return a call that ends within `seconds` and may begin within `send_within`."""
        self.made += 1
        now = time.monotonic()
        send_by = now + (seconds if send_within is None else send_within)
        return Call(f"ORDER-{self.made}-1", send_by, now + seconds, time.monotonic, self._turn)

    def _turn(self, _: float) -> None:
        self.turns += 1


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
def api(authority: trustme.CA) -> Iterator[ScriptedApi]:
    """A platform that answers by script."""
    running = ScriptedApi(server_context(authority))
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
            "password": Secret(PASSWORD),
            **more,
        }
        gateway = make("openprovider", section, now=lambda: NOW)
        made.append(gateway)
        return gateway

    yield to
    for gateway in made:
        gateway.close()


@pytest.fixture
def gateway(connect: Callable[..., Gateway], api: ScriptedApi) -> Gateway:
    """A gateway to the scripted platform."""
    return connect(api.url)
