"""What every test of the IRNIC sandbox may ask for: books, a clock, the registry itself, and a reseller."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import IrnicSandbox, add_handle
from adapters.sandbox.tls import Certificates, make_certificates
from tests.sandbox.irnic.desk import DEPOSIT_CODE, HOLDER, TOKEN, US, WINTER, Clock, Reseller


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with Books.create(
        tmp_path / "irnic.sqlite", registrar_name="irnic", unit="IRNIC", balance=10_000, client_id=US
    ) as books:
        add_handle(books, HOLDER, email="holder@example.org")
        yield books


@pytest.fixture
def clock() -> Clock:
    return Clock(WINTER)


@pytest.fixture
def sandbox(books: Books, clock: Clock, certificates: Certificates) -> Iterator[IrnicSandbox]:
    with IrnicSandbox(
        books,
        certificates=certificates,
        token=TOKEN,
        deposit_code=DEPOSIT_CODE,
        decide_after_seconds=60,
        clock=clock,
    ) as sandbox:
        yield sandbox


@pytest.fixture
def reseller(sandbox: IrnicSandbox, certificates: Certificates) -> Iterator[Reseller]:
    reseller = Reseller(sandbox.url, str(certificates.authority))
    yield reseller
    reseller.session.close()
