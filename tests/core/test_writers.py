"""Does every process get its turn to write? SQLite has one writer at a time, and no line for those who wait."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from registrar.database import Database


@pytest.fixture
def ours(sqlite_url: str) -> Iterator[Database]:
    """Give a database."""
    made = Database(sqlite_url)
    yield made
    made.close()


@pytest.fixture
def others(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """Give another process's connection to the same database, in a transaction that writes."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def test_who_waits_to_write_asks_every_millisecond(ours: Database, others: sqlite3.Connection) -> None:
    """However long it waits, it does not ask more seldom: a busy process frees the lock for less than a millisecond."""
    asked: list[str] = []

    def see(statement: str) -> None:
        asked.append(statement)
        if asked.count("BEGIN IMMEDIATE") == 500:
            others.execute("COMMIT")

    event.listen(ours.engine, "connect", lambda driver, _: driver.set_trace_callback(see))
    with ours.transaction():
        waiting = asked[asked.index("PRAGMA busy_timeout=1") :]
        assert waiting.count("BEGIN IMMEDIATE") >= 500
        assert set(waiting[: waiting.index("PRAGMA busy_timeout=30000")]) == {
            "PRAGMA busy_timeout=1",
            "BEGIN IMMEDIATE",
        }


def test_who_waited_for_too_long_is_told_so(
    ours: Database, others: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that never ends is an error like any other of the database's, and reading goes on."""
    with ours.reading() as connection:
        connection.execute(text("SELECT 1"))
    monkeypatch.setattr("registrar.database._OTHERS_WRITE_MS", 1)
    with pytest.raises(OperationalError, match="locked"), ours.transaction():
        pytest.fail("there are two writers")
    with ours.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM orders")).scalar_one() == 0
    others.execute("COMMIT")
    with ours.transaction():
        pass


def test_a_reader_waits_as_ever(ours: Database) -> None:
    """What SQLite waits for at other times, it waits for after a transaction too."""
    with ours.transaction():
        pass
    with ours.reading() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar_one() == 30_000
