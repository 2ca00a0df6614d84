"""Which names are in the books, as a file that can be taken in again? The same columns, by name, a page at a time.

Names that left are not among them. Instants are RFC 3339 in UTC, to the second.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from registrar.importing.rows import COLUMNS
from registrar.models import Domain

_PAGE = 1000
_STORED = [Domain.name, *(getattr(Domain, column) for column in COLUMNS[1:])]


def export(
    connection: Connection, *, customer: str | None = None, zone: str | None = None
) -> Iterator[tuple[str, ...]]:
    """Yield the header and each name's line, in the order of the A-labels; of one customer or one zone (its A-label) only."""
    yield COLUMNS
    query = select(*_STORED).where(Domain.gone_at.is_(None)).order_by(Domain.name).limit(_PAGE)
    if customer is not None:
        query = query.where(Domain.customer == customer)
    if zone is not None:
        query = query.where(Domain.zone == zone)
    after = ""
    while rows := connection.execute(query.where(Domain.name > after)).all():
        after = rows[-1].name
        for row in rows:
            yield tuple(map(_cell, row))


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return value or ""
