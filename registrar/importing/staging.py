"""Where is a file kept while it is checked? In a private table on disk, which nobody else sees and which ends with it.

Memory stays the same for a thousand names and for a million, and what is written is what was checked.
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from registrar.importing.rows import Line

_DATES = frozenset({"paid_through", "registry_expires_at", "renew_by"})
_COLUMNS = ", ".join(Line._fields)
_ADD = f"INSERT INTO lines ({_COLUMNS}) VALUES ({', '.join('?' * len(Line._fields))}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own column names
_NEXT = f"SELECT {_COLUMNS} FROM lines WHERE number > ? ORDER BY number LIMIT ?"  # noqa: S608 - our own column names


class Staging:
    """The lines of one file; a context manager."""

    def __init__(self) -> None:
        self._table = sqlite3.connect("", isolation_level=None)  # a nameless file, gone when it is closed
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA cache_size = -16000",
            f"CREATE TABLE lines ({_COLUMNS}, PRIMARY KEY (number), UNIQUE (name)) WITHOUT ROWID",
            "BEGIN",
        ):
            self._table.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._table.close()

    def add(self, line: Line) -> int | None:
        """Keep a line, or return the number of the one that has its name already."""
        if self._table.execute(_ADD, [_kept(value) for value in line]).rowcount:
            return None
        before = self._table.execute("SELECT number FROM lines WHERE name = ?", (line.name,)).fetchone()
        return int(before[0])

    def batches(self, size: int) -> Iterator[list[Line]]:
        """Yield the lines in their order, so many at a time."""
        after = 0
        while rows := self._table.execute(_NEXT, (after, size)).fetchall():
            lines = [Line(*map(_read, Line._fields, row)) for row in rows]
            after = lines[-1].number
            yield lines


def _kept(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(column: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if column in _DATES and isinstance(value, str) else value
