"""What every test of the Openprovider sandbox may ask for: books, a clock, the platform itself, and a reseller."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.openprovider import OpenproviderSandbox, add_customer
from adapters.sandbox.tls import Certificates, make_certificates
from tests.sandbox.openprovider.client import HOLDER, PASSWORD, USERNAME, WINTER, Clock, Reseller


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with Books.create(
        tmp_path / "openprovider.sqlite", registrar_name="openprovider", unit="EUR", balance=100_000
    ) as books:
        add_customer(books, HOLDER, email="holder@example.org")
        yield books


@pytest.fixture
def clock() -> Clock:
    return Clock(WINTER)


@pytest.fixture
def sandbox(books: Books, clock: Clock, certificates: Certificates) -> Iterator[OpenproviderSandbox]:
    with OpenproviderSandbox(
        books,
        certificates=certificates,
        username=USERNAME,
        password=PASSWORD,
        token_seconds=400 * 86400.0,
        decide_after_seconds=60,
        clock=clock,
    ) as sandbox:
        yield sandbox


@pytest.fixture
def reseller(sandbox: OpenproviderSandbox, certificates: Certificates) -> Iterator[Reseller]:
    reseller = Reseller(sandbox.url, str(certificates.authority))
    assert reseller.log_in().code == 0
    yield reseller
    reseller.session.close()
