"""What does a sandbox registrar know, what did it charge, and how is it told to misbehave? Its books say it.

One SQLite file for each registrar (`schema.py`), in WAL mode, so that a test, the proof or another process reads it with
plain SQL and gives orders through `Books` while the server runs. Everything that one command changes happens on one
`Page`, which is one transaction:

    with books.page(now) as page:
        page.charge("renew", name, months=12, amount=900, client_transaction_id="order-7-1")
        page.save(replace(domain, expires_at=later))
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from adapters.sandbox.misbehaviour import Behaviour
from adapters.sandbox.page import DepositEmptyError, Page, Row
from adapters.sandbox.records import Charge, Domain
from adapters.sandbox.schema import TABLES

__all__ = ["Books", "DepositEmptyError", "Page"]

OTHERS_WAIT_SECONDS = 30.0
"""How long one writer waits for another: far longer than any page is open."""


class Books:
    """A registrar's books. Safe to share among threads, and to open in several processes at once."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise FileNotFoundError(f"no books at {path}: make them with Books.create")
        self.path = path
        self._lock = threading.RLock()
        self._connection = _open(path)

    @classmethod
    def create(
        cls, path: Path, *, registrar_name: str, unit: str, balance: int = 0, client_id: str = "reseller"
    ) -> Self:
        """Make new books, with a deposit of `balance` for the reseller known to the registrar as `client_id`."""
        if path.exists():
            raise FileExistsError(f"there are books at {path} already")
        connection = _open(path)
        connection.executescript(TABLES)
        connection.execute(
            "INSERT INTO account (id, registrar_name, client_id, balance, unit) VALUES (1, ?, ?, ?, ?)",
            (registrar_name, client_id, balance, unit),
        )
        connection.close()
        return cls(path)

    def close(self) -> None:
        """Close the file. The books stay."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def page(self, now: datetime | None = None) -> Iterator[Page]:
        """Open a transaction at a time (the real one, unless told); an exception leaves nothing of it behind."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Page(self._connection, now or datetime.now(UTC))
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def misbehave(
        self,
        behaviour: Behaviour | str,
        *,
        command: str | None = None,
        name: str | None = None,
        number: int | None = None,
        argument: str | float = "",
        times: int = 1,
    ) -> None:
        """Order a misbehaviour for the next `times` commands that fit what is stated of command, name and number."""
        with self.page() as page:
            page.order_misbehaviour(
                Behaviour(behaviour),
                command=command,
                name=name,
                number=number,
                argument=str(argument),
                times=times,
            )

    def behave(self) -> None:
        """Take back every misbehaviour that is still to come."""
        with self.page() as page:
            page.withdraw_misbehaviours()

    def top_up(self, amount: int) -> None:
        """Pay into the deposit."""
        with self.page() as page:
            page.top_up(amount)

    def balance(self) -> int:
        """Tell what is left of the deposit."""
        with self.page() as page:
            return page.balance

    def charges(self, name: str | None = None) -> tuple[Charge, ...]:
        """Read the deposit's statement, of one name or of all, oldest first; refunds are negative."""
        with self.page() as page:
            return page.charges(name)

    def domain(self, name: str) -> Domain | None:
        """Look a name up."""
        with self.page() as page:
            return page.domain(name)

    def add_domain(
        self,
        name: str,
        *,
        expires_at: datetime,
        created_at: datetime | None = None,
        sponsor: str | None = None,
        auth_info: str = "",
        statuses: Sequence[str] = ("ok",),
        contacts: Sequence[tuple[str, str]] = (),
        nameservers: Sequence[tuple[str, tuple[str, ...]]] = (),
        detail: Mapping[str, Any] | None = None,
    ) -> Domain:
        """Put a registered name into the books, ours unless another sponsor is named, without any charge."""
        with self.page() as page:
            domain = Domain(
                name=name,
                roid=page.new_roid("D"),
                sponsor=sponsor or page.client_id,
                created_at=created_at or expires_at - timedelta(days=365),
                expires_at=expires_at,
                statuses=tuple(statuses),
                contacts=tuple(contacts),
                nameservers=tuple(nameservers),
                auth_info=auth_info,
                detail=dict(detail or {}),
            )
            page.seed(domain)
        return domain

    def approve(self, name: str) -> None:
        """Approve what is pending (or was rejected) on a name, at the server's next turn."""
        with self.page() as page:
            page.bring_forward(name, "approve")

    def reject(self, name: str) -> None:
        """Reject what is pending on a name, at the server's next turn."""
        with self.page() as page:
            page.bring_forward(name, "reject")


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=OTHERS_WAIT_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = _as_dictionary
    connection.execute("PRAGMA journal_mode = WAL")
    # A killed process loses nothing in WAL mode; only a power cut could, and this is no real money.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _as_dictionary(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}
