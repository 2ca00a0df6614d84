"""What every test of the LogicBoxes sandbox may ask for: books, a clock, the platform itself, and a reseller."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.logicboxes import LogicBoxesSandbox, add_customer
from adapters.sandbox.tls import Certificates, make_certificates
from tests.sandbox.logicboxes.reseller import CUSTOMER, KEY, SPRING, US, Clock, Reseller


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with Books.create(
        tmp_path / "logicboxes.sqlite", registrar_name="logicboxes", unit="USD", balance=100_000, client_id=US
    ) as books:
        add_customer(books, CUSTOMER, email="house@example.org")
        yield books


@pytest.fixture
def clock() -> Clock:
    return Clock(SPRING)


@pytest.fixture
def sandbox(books: Books, clock: Clock, certificates: Certificates) -> Iterator[LogicBoxesSandbox]:
    with LogicBoxesSandbox(
        books, certificates=certificates, reseller_id=US, api_key=KEY, decide_after_seconds=60, clock=clock
    ) as sandbox:
        yield sandbox


@pytest.fixture
def reseller(sandbox: LogicBoxesSandbox, certificates: Certificates) -> Iterator[Reseller]:
    reseller = Reseller(sandbox.url, str(certificates.authority))
    yield reseller
    reseller.session.close()
