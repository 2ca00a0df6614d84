"""What every test may ask for: a real Redis, and a fresh database of each kind that is supported."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis

from tasks import embedded
from tests import engines, servers

_MEMORY = Path("/dev/shm")
_ROOM = 1_073_741_824
"""Bytes that must be free there: what one test leaves is gone before the next one begins."""


def pytest_configure() -> None:
    """Keep the tests' files in memory where there is room for them.

    SQLite waits for the disk at each commit, as it should, and the tests kill processes and never the power.
    """
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of a real Valkey or Redis for this run's tests; `redis_url` is the same, emptied."""
    with embedded.running(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture
def redis_url(valkey: str) -> str:
    """Give the URL of a real Valkey or Redis with nothing in it."""
    with Redis.from_url(valkey) as client:
        client.flushall()
    return valkey


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.Postgres]:
    """Give a PostgreSQL for this run's tests."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(servers.postgres())
        except servers.ServerUnavailableError as error:
            pytest.skip(f"no PostgreSQL can be started here: {error}")
        yield server


@pytest.fixture(scope="session")
def statements_written_once() -> Iterator[None]:
    """Let the databases of all tests share what SQLAlchemy has written of their statements."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("registrar.database.create_engine", engines.create_engine)
        yield


@pytest.fixture(scope="session")
def postgres_copies(postgres_server: servers.Postgres, statements_written_once: None) -> servers.Copies:
    """Give copies of a database at the newest schema."""
    template = postgres_server.create()
    _upgrade(postgres_server.url(template))
    return servers.Copies(postgres_server, template)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, statements_written_once: None) -> Path:
    """Give a database file at the newest schema, from which each test's own is copied."""
    path = tmp_path_factory.mktemp("template") / "registrar.db"
    path.write_bytes(_sqlite_at_the_newest_schema())
    return path


@pytest.fixture
def postgres_url(postgres_server: servers.Postgres, postgres_copies: servers.Copies) -> Iterator[str]:
    """Give the URL of a PostgreSQL database at the newest schema, without any row.

    It is emptied and used again, unless the test took something out of its schema.
    """
    name = postgres_copies.take()
    yield postgres_server.url(name)
    postgres_copies.give_back(name)


@pytest.fixture
def blank_postgres_url(postgres_server: servers.Postgres) -> Iterator[str]:
    """Give the URL of a PostgreSQL database without any table."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give the URL of a fresh SQLite database at the newest schema."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'registrar.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a fresh database at the newest schema: a test that asks for it runs on both kinds."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database without any table, of both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'blank.db'}"
    url: str = request.getfixturevalue("blank_postgres_url")
    return url


@cache
def _sqlite_at_the_newest_schema() -> bytes:
    """Return that file: kept in the process, so that whoever forks it a thousand times migrates once (`make mutants`)."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "registrar.db"
        _upgrade(f"sqlite:///{path}")
        return path.read_bytes()


def _upgrade(url: str) -> None:
    """Bring a database to the newest schema, and leave no connection to it (a template may have none)."""
    from registrar.database import Database

    database = Database(url)
    try:
        database.upgrade()
    finally:
        database.close()
