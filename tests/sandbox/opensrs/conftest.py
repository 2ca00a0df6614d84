"""What every test of the OpenSRS sandbox may ask for: books, a clock, the registrar itself, and a reseller's shop."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.opensrs import OpenSrsSandbox
from adapters.sandbox.tls import Certificates, make_certificates
from tests.sandbox.opensrs.shop import KEY, NOW, USERNAME, Clock, Shop


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with Books.create(
        tmp_path / "opensrs.sqlite", registrar_name="opensrs", unit="USD", balance=100_000, client_id=USERNAME
    ) as books:
        yield books


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def sandbox(books: Books, clock: Clock, certificates: Certificates) -> Iterator[OpenSrsSandbox]:
    with OpenSrsSandbox(
        books, certificates=certificates, username=USERNAME, key=KEY, decide_after_seconds=60, clock=clock
    ) as sandbox:
        yield sandbox


@pytest.fixture
def shop(sandbox: OpenSrsSandbox, certificates: Certificates) -> Iterator[Shop]:
    shop = Shop(sandbox.url, str(certificates.authority))
    yield shop
    shop.session.close()
