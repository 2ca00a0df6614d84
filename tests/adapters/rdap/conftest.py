"""What does every look of these tests need? A registry's RDAP server on this machine, and a client that IANA's list led there."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from adapters.lookups.pace import Budget
from adapters.lookups.rdap import Rdap, RdapSettings
from tests.adapters.rdap.scripted import ScriptedRdap
from tests.adapters.scripted_https import server_context

Clients = Callable[..., Rdap]
"""Makes a client; takes settings that differ from the tests' own, and the servers of IANA's list by zone."""

UNLIMITED = Budget(in_flight=16, per_second=None)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def registry(authority: trustme.CA) -> Iterator[ScriptedRdap]:
    """Return the registry's own server."""
    running = ScriptedRdap(server_context(authority))
    yield running
    running.close()


@pytest.fixture
def elsewhere(authority: trustme.CA) -> Iterator[ScriptedRdap]:
    """Return another server, which no list names."""
    running = ScriptedRdap(server_context(authority))
    yield running
    running.close()


@pytest.fixture
def clients(authority: trustme.CA, registry: ScriptedRdap, tmp_path: Path) -> Clients:
    """Make clients that trust the tests' authority, and find the registry's server for `test`."""
    ca_file, bootstrap_file = tmp_path / "ca.pem", tmp_path / "dns.json"
    authority.cert_pem.write_to_path(ca_file)

    def make(*, listed: dict[str, list[str]] | None = None, **settings: Any) -> Rdap:
        services = [[[zone], urls] for zone, urls in (listed or {"test": [registry.base]}).items()]
        bootstrap_file.write_text(json.dumps({"version": "1.0", "services": services}))
        usual = {"bootstrap_file": bootstrap_file, "ca_file": ca_file, "budget": UNLIMITED}
        return Rdap(RdapSettings.model_validate({**usual, **settings}))

    return make
