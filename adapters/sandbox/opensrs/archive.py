"""Which orders were placed, and which names are ours? What OpenSRS lists, read from the books with plain SQL.

An order is a row of `operations` whose `client_transaction_id` is the order's number; one that was saved and taken up
again later has a second row of the same number, and the newest row tells how it stands. The archive is read over a
connection of its own: what the open page has changed already is not in it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from adapters.sandbox.records import Domain, Operation, domain_from, operation_from

_NEWEST = "SELECT max(id) FROM operations GROUP BY client_transaction_id"


class Archive:
    """The orders and names of one file of books, as they were before the present page."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def order(self, number: str) -> Operation | None:
        """Find an order by its number."""
        found = self._operations("client_transaction_id = ?", number)
        return found[-1] if found else None

    def orders(self, name: str) -> list[Operation]:
        """List the orders of a name, the oldest first."""
        return self._operations("name = ?", name)

    def transfers(self) -> list[Operation]:
        """List the transfers that were ever asked for, the oldest first."""
        return self._operations("command = ?", "transfer")

    def saved(self) -> list[Operation]:
        """List the orders that are saved, or were declined, the oldest first."""
        return self._operations("state IN (?, ?)", "pending", "declined")

    def domains(self, sponsor: str) -> list[Domain]:
        """List the names of one reseller, those that expire first at the head."""
        rows = self._rows("SELECT * FROM domains WHERE sponsor = ? ORDER BY expires_at, name", sponsor)
        return [domain_from(row) for row in rows]

    def _operations(self, condition: str, *values: str) -> list[Operation]:
        rows = self._rows(
            f"SELECT * FROM operations WHERE id IN ({_NEWEST}) AND {condition} ORDER BY id",  # noqa: S608 - our own words
            *values,
        )
        return [operation_from(row) for row in rows]

    def _rows(self, statement: str, *values: str) -> list[dict[str, Any]]:
        with self._connected() as connection:
            return [dict(row) for row in connection.execute(statement, values)]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection
