"""Which orders were placed? What OpenSRS lists, read from the books with plain SQL.

An order is a row of `operations` whose `client_transaction_id` is the order's number; one that was saved and taken up
again later has a second row of the same number, and the newest row tells how it stands.

The books' own list (`Page.operations`) is of all there is, too much to read for each of thousands of orders; here one
name's, or one number's, is asked for. That goes over a connection of its own: what the open page has changed already is
not in it, and nobody else changes anything while a page is open.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from adapters.sandbox.records import Operation, operation_from


class Archive:
    """The orders in one file of books, as they were before the present page; each as its newest row tells it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def order(self, number: str) -> Operation | None:
        """Find an order by its number."""
        return next(iter(self._orders("client_transaction_id = ?", number)), None)

    def orders(self, name: str) -> list[Operation]:
        """List the orders of a name, the oldest first."""
        return self._orders("name = ?", name)

    def transfers(self) -> list[Operation]:
        """List the transfers that were ever asked for, the oldest first."""
        return self._orders("command = ?", "transfer")

    def everything(self) -> list[Operation]:
        """List all orders, the oldest first."""
        return self._orders("1")

    def _orders(self, condition: str, *values: str) -> list[Operation]:
        query = f"SELECT * FROM operations WHERE {condition} ORDER BY id"  # noqa: S608 - our own words, never a client's
        with self._connected() as connection:
            found = [operation_from(dict(row)) for row in connection.execute(query, values)]
        newest = {order.client_transaction_id: order for order in found}
        return sorted(newest.values(), key=lambda order: order.id)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection
