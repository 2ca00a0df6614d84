"""What every test of the EPP sandbox may ask for: a registrar of either dialect, or of both in turn."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.epp import COM, SMALL, Dialect, EppSandbox
from adapters.sandbox.tls import make_certificates
from tests.sandbox.epp.stage import CREDENTIALS, EXPIRY, Clock, Stage


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("tls")).folder


@pytest.fixture
def staged(tmp_path: Path, tls: Path) -> Iterator[Callable[[Dialect], Stage]]:
    """Give a way to start a registrar of a dialect, with one name of ours and one of another registrar's."""
    with contextlib.ExitStack() as stack:

        def start(dialect: Dialect) -> Stage:
            books = stack.enter_context(
                Books.create(tmp_path / "books.sqlite", registrar_name="alpha", unit="USD", balance=100_000)
            )
            books.add_domain("example.com", expires_at=EXPIRY)
            books.add_domain("moving.com", expires_at=EXPIRY, sponsor="other", auth_info="2fooBAR")
            clock = Clock()
            sandbox = EppSandbox(
                books, dialect=dialect, tls=tls, credentials=CREDENTIALS, session_cap=3, clock=clock
            )
            stage = Stage(stack.enter_context(sandbox), books, tls, clock, dialect)
            stack.callback(stage.hang_up)
            return stage

        yield start


@pytest.fixture
def com(staged: Callable[[Dialect], Stage]) -> Stage:
    return staged(COM)


@pytest.fixture
def small(staged: Callable[[Dialect], Stage]) -> Stage:
    return staged(SMALL)


@pytest.fixture(params=[COM, SMALL], ids=["com", "small"])
def stage(request: pytest.FixtureRequest, staged: Callable[[Dialect], Stage]) -> Stage:
    dialect: Dialect = request.param
    return staged(dialect)
