"""How are rows reached? Short transactions on SQLite and PostgreSQL alike, durable at commit.

A begun attempt must survive a power cut, so SQLite runs WAL with `synchronous=FULL` and PostgreSQL with
`synchronous_commit=on`. SQLite has one writer: writers of this process wait on one lock, not on each other's retries,
and the one of them whose turn it is asks for SQLite's lock every millisecond, so that no process is passed over for long.
An error shows its statement without the values: it ends up in a log.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Executable, Select, create_engine, event, func, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from registrar.models import Order

_OTHERS_WRITE_MS = 30_000
"""How long SQLite's lock is waited for: far longer than any transaction of ours takes."""
_ASK_AGAIN_MS = 1


class Database:
    """One database, by its SQLAlchemy URL (`sqlite:///file`, `postgresql+psycopg://…`)."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            self.engine = create_engine(
                self.url,
                pool_size=pool_size,
                hide_parameters=True,
                connect_args={"timeout": _OTHERS_WRITE_MS / 1000},
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = create_engine(
                self.url,
                pool_size=pool_size,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={"options": "-c synchronous_commit=on"},
            )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction that writes; it commits at the end of the block, or rolls back on an exception.

        Never hold one open across a call to the outside.
        """
        with self._writer, self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads: one consistent view on SQLite, statement by statement on PostgreSQL."""
        with self.engine.connect() as connection:
            yield connection.execution_options(reads_only=True)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction that only reads, and sees the database as it is at its first statement throughout."""
        with self.reading() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def upgrade(self, *, to: str = "head") -> None:
        """Bring the schema to the newest version, or to an older one on the way there."""
        with self._migrations() as configuration:
            command.upgrade(configuration, to)

    def is_current(self) -> bool:
        """Tell whether the schema is at the newest version; raises SQLAlchemy's error if the database does not answer."""
        with self._migrations() as configuration, self.reading() as connection:
            wanted = ScriptDirectory.from_config(configuration).get_heads()
            return set(MigrationContext.configure(connection).get_current_heads()) == set(wanted)

    def close(self) -> None:
        """Give back the connections."""
        self.engine.dispose()

    @contextmanager
    def _migrations(self) -> Iterator[Config]:
        with resources.as_file(resources.files("registrar") / "migrations") as scripts:
            configuration = Config()
            configuration.set_main_option("script_location", str(scripts))
            configuration.attributes["engine"] = self.engine
            yield configuration


def try_write(connection: Connection, statement: Executable) -> bool:
    """Run one write inside a savepoint; return False if a constraint refused it, with the transaction still usable."""
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except IntegrityError:
        return False
    return True


def one_at_a_time(connection: Connection, what: str) -> None:
    """Let the other transactions that ask for this wait until this one ends; it must be the first thing that one does.

    SQLite has one writer at any time. A lock of the transaction's own goes with it, through poolers too, and that of a
    worker that was frozen in the middle, or cut off, is taken from it: nothing here idles for long.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(
            select(
                func.set_config("idle_in_transaction_session_timeout", "10s", True),  # noqa: FBT003 - SQL has no names
                func.pg_advisory_xact_lock(func.hashtextextended(what, 0)),
            )
        )


def make_due(connection: Connection, orders: Select[int], *, now: datetime) -> None:
    """Make the selected orders due at once. One that another transaction holds is left: that one decides about it."""
    chosen = (
        orders.with_for_update(skip_locked=True, key_share=True).cte()
        if connection.dialect.name == "postgresql"
        else orders.cte()
    )
    connection.execute(
        update(Order)
        .where(Order.id.in_(select(chosen.c.id)))
        .values(due_at=now, rung_until=None, waiting_reason=None)
    )


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """Take transactions into our own hands, and make commits survive a power cut."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    _set_patience(connection, _OTHERS_WRITE_MS)


def _begin_sqlite(connection: Connection) -> None:
    """Ask for the write lock at once: a reader that turns writer in mid-transaction cannot wait for it.

    SQLite itself would ask again after ever longer pauses, up to a tenth of a second. A busy process frees the lock for
    less than a millisecond between two transactions: another was seen to wait for 4 seconds, while it committed 838.
    """
    if connection.get_execution_options().get("reads_only", False):
        connection.exec_driver_sql("BEGIN")
        return
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    _set_patience(driver, _ASK_AGAIN_MS)
    try:
        for _ in range(_OTHERS_WRITE_MS // _ASK_AGAIN_MS):
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                if not _is_busy(error):
                    break
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # to fail as every statement of ours does
    finally:
        _set_patience(driver, _OTHERS_WRITE_MS)


def _set_patience(connection: sqlite3.Connection, milliseconds: int) -> None:
    """Say how long SQLite itself waits for another's lock."""
    connection.execute(f"PRAGMA busy_timeout={milliseconds}")


def _is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another has SQLite's lock; the low byte of its result codes is the kind of an error."""
    return (
        isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    )
