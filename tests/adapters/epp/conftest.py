"""What the EPP tests share: certificates of their own, a registry to script, calls with a clock, the schemas."""

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme
from lxml import etree

from adapters.registrars import epp
from adapters.registrars.epp.gateway import EppGateway
from adapters.sandbox.books import Books
from adapters.sandbox.epp import DIALECTS
from tests.adapters.epp.calls import section
from tests.adapters.epp.house import House
from tests.adapters.epp.scripted import Script, ScriptedRegistry, registry_that

REFERENCE = Path(os.environ.get("REGISTRAR_REFERENCE_DATA", Path(__file__).parents[4] / "shared" / "data"))


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Make a certificate authority for this run."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Put the authority's certificate on disk."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture(scope="session")
def server_context(authority: trustme.CA) -> ssl.SSLContext:
    """Make the TLS context of a registry on this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


Connect = Callable[..., tuple[EppGateway, ScriptedRegistry]]


@pytest.fixture
def connect(server_context: ssl.SSLContext, ca_file: Path) -> Iterator[Connect]:
    """Start a registry with a script, and make a gateway to it; both end with the test."""
    with ExitStack() as stack:

        def start(script: Script, **settings: object) -> tuple[EppGateway, ScriptedRegistry]:
            registry = stack.enter_context(registry_that(server_context, script))
            gateway = epp.make("example", section(registry.port, ca_file, **settings))
            assert isinstance(gateway, EppGateway)
            stack.callback(gateway.close)
            return gateway, registry

        yield start


@pytest.fixture(params=list(DIALECTS))
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Run a sandbox registrar of each dialect."""
    with ExitStack() as stack:
        books = stack.enter_context(
            Books.create(tmp_path / "books.sqlite", registrar_name="Sandbox", unit="EUR", balance=100_000_000)
        )
        opened = House(books, DIALECTS[request.param], tmp_path, stack)
        opened.start()
        stack.callback(opened.stop)
        yield opened


@pytest.fixture(scope="session")
def schemas() -> etree.XMLSchema:
    """Load the published EPP schemas."""
    return etree.XMLSchema(etree.parse(_reference("epp_xsd") / "epp.xsd"))


@pytest.fixture(scope="session")
def frames() -> Path:
    """Find the folder of recorded frames of a real registry."""
    return _reference("epp_frames")


def _reference(folder: str) -> Path:
    path = REFERENCE / folder
    if not path.is_dir():
        pytest.skip(
            f"the reference data are not here: no {folder} in {REFERENCE}; set REGISTRAR_REFERENCE_DATA"
        )
    return path
