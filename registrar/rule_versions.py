"""Which versions of the rules were ever in force here? Each is kept as it was read, so that an old decision can be explained.

A version never changes: orders keep the one under which they were placed (A1). Rules that changed under an old name are
refused at the start, before anything is decided by them.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from registrar import events
from registrar.agreement.rules import RuleBook, Version
from registrar.database import try_write
from registrar.models import Order, RuleVersion


class RuleChangedError(ValueError):
    """A version of the rules differs from the one that was in force under its name; the message says what to do."""


def is_recorded(connection: Connection, book: RuleBook) -> bool:
    """Tell whether every version is kept.

    Raises `RuleChangedError` for one that differs from what is kept under its name, and for one that is gone while orders
    are open that were placed under it.
    """
    known = {row.name: row.digest for row in connection.execute(select(RuleVersion.name, RuleVersion.digest))}
    for version in book.versions:
        if known.get(version.name, digest(version)) != digest(version):
            kept = shown(connection, version.name)
            changes = "; ".join(_changes(kept["text"] if kept else {}, version.source))
            raise RuleChangedError(
                f"the rules of version {version.name!r} were changed: give the changed rules a new name and a later date, "
                f"and leave {version.name!r} as it was ({changes})"
            )
    for name in known.keys() - {version.name for version in book.versions}:
        if (order := _open_order_under(connection, name)) is not None:
            raise RuleChangedError(
                f"the rules of version {name!r} are gone from the file, and order {order} was placed under them: write them "
                "back, as they were, beside the later ones"
            )
    return all(version.name in known for version in book.versions)


def record(connection: Connection, book: RuleBook, now: datetime) -> None:
    """Keep each version that is new; raises `RuleChangedError`.

    Several processes may start at once: whoever comes second finds the version there, and looks whether it is the same.
    """
    for version in book.versions:
        _keep(connection, version, now)
    is_recorded(connection, book)


def digest(version: Version) -> str:
    """Return the digest of what was written, whatever the order of its keys: comments and layout do not count."""
    canonical = json.dumps(version.source, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def shown(connection: Connection, name: str) -> dict[str, Any] | None:
    """Return a version as it is kept, or None: also one that no file says any more."""
    row = connection.execute(select(RuleVersion.__table__).where(RuleVersion.name == name)).one_or_none()
    return None if row is None else dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public attribute


def names(connection: Connection) -> Sequence[str]:
    """Return the names of all versions that are kept, in the order in which they took effect."""
    return connection.execute(select(RuleVersion.name).order_by(RuleVersion.effective_from)).scalars().all()


def leaves(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Give each key of rules as they are written, with its sections before it (`renewal.committed_days`), and its value."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _open_order_under(connection: Connection, name: str) -> int | None:
    """Return an order that is not at its end and was placed under a version; the index of open orders is read."""
    open_orders = select(Order.id).where(
        text("state NOT IN ('completed', 'refused', 'cancelled')"), Order.promise["rules"].as_string() == name
    )
    return connection.execute(open_orders.limit(1)).scalar()


def _changes(kept: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    """Say each key that differs, and what it was."""
    old, new = dict(leaves(kept)), dict(leaves(given))
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            yield f"{key} was {json.dumps(old[key], ensure_ascii=False)} and is gone"
        elif key not in old:
            yield f"{key} is new"
        elif old[key] != new[key]:
            yield f"{key} was {json.dumps(old[key], ensure_ascii=False)}"


def _keep(connection: Connection, version: Version, now: datetime) -> None:
    kept = try_write(
        connection,
        insert(RuleVersion).values(
            name=version.name,
            effective_from=version.common.effective_from,
            digest=digest(version),
            text=dict(version.source),
            recorded_at=now,
        ),
    )
    if kept:
        events.record(
            connection,
            "rules.recorded",
            at=now,
            subject=f"rules:{version.name}",
            evidence={"digest": digest(version), "effective_from": version.common.effective_from.isoformat()},
        )
