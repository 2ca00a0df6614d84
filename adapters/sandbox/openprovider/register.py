"""What do the books say of all names at once? Their numbers, who renews itself, what is held for what is pending.

`Page` finds a name by itself alone, so these questions are put to the file with plain SQL, as the proof does: the columns
are a public interface. Only names and numbers come from here; what stands under a name is read on the command's own page.
"""

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.sandbox.records import Domain

_OTHERS_WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Register:
    """The names in the books at a path."""

    path: Path

    def names(self) -> tuple[str, ...]:
        """List every name, in the order of their numbers."""
        return tuple(name for name, _ in sorted(self._numbered(), key=lambda pair: pair[1]))

    def name(self, number: int) -> str:
        """Find the name with this number; empty if there is none."""
        return next((name for name, its in self._numbered() if its == number), "")

    def currency(self) -> str:
        """Read the unit of the account."""
        return str(self._select("SELECT unit FROM account")[0][0])

    def renewed_by_themselves(self) -> tuple[str, ...]:
        """List the names whose autorenew is on."""
        rows = self._select("SELECT name FROM domains WHERE json_extract(detail, '$.autorenew') = 'on'")
        return tuple(str(row[0]) for row in rows)

    def pending_amount(self) -> int:
        """Add up what was charged for what is not decided yet."""
        rows = self._select(
            "SELECT coalesce(sum(amount), 0) FROM charges"
            " WHERE id IN (SELECT charge_id FROM operations WHERE state = 'pending')"
        )
        return int(rows[0][0])

    def _numbered(self) -> list[tuple[str, int]]:
        return [(name, number_in(roid)) for name, roid in self._select("SELECT name, roid FROM domains")]

    def _select(self, statement: str) -> list[tuple[Any, ...]]:
        address = f"{self.path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_OTHERS_WAIT_SECONDS)) as connection:
            return connection.execute(statement).fetchall()


def number_of(entry: Domain) -> int:
    """Return the number that Openprovider knows a name in the account by."""
    return number_in(entry.roid)


def number_in(roid: str) -> int:
    """Return the number in an object id of the books: the 7 of `D7-SANDBOX`."""
    found = re.search(r"\d+", roid)
    return int(found.group()) if found else 0
