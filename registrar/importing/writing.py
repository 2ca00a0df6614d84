"""What becomes of each name of a file? It is written, or left as it is, batch by batch, each in a transaction of its own.

A name's key is the name itself, and its event tells which file brought it in: the same file handed in again, after a crash
or a year later, writes only what is not there yet, and never takes back what has happened to a name since.

    not in the books ──▶ imported
    there, the same ──▶ there already        there, brought in by this very file ──▶ changed since
    there, different ──▶ conflict, or with `replace` ──▶ replaced        an open order, or an open claim ──▶ left
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from registrar import events
from registrar.database import Database, one_at_a_time
from registrar.importing.rows import Line
from registrar.importing.staging import Staging
from registrar.models import Claim, Domain, Event, Order
from registrar.orders.by_hand import ByHand
from registrar.orders.states import State

SOURCE = "import"
"""Where a registry's date is from that a file told."""
IMPORTED = "domain.imported"
BATCH = 500
"""Names in one transaction."""

_COMPARED = ("customer", "registrar", "paid_through", "registry_expires_at", "registry_id", "renew_by")
_FINAL = [state for state in State if state.final]


class Fate(StrEnum):
    """What became of a name of the file, or would."""

    IMPORTED = "imported"
    REPLACED = "replaced"
    ALREADY = "there_already"
    CHANGED_SINCE = "changed_since"
    CONFLICT = "conflict"
    ORDERED = "open_order"
    CLAIMED = "open_claim"
    MEANWHILE = "meanwhile"

    @property
    def is_left(self) -> bool:
        """Tell whether the file says one thing and the books another, and that stays so until somebody sees to it."""
        return self in _LEFT


_LEFT = frozenset({Fate.CONFLICT, Fate.ORDERED, Fate.CLAIMED, Fate.MEANWHILE})


class Taken(NamedTuple):
    """One name, what became of it, and where the books differ from the file: by column, the books' value and the file's."""

    line: Line
    fate: Fate
    differences: Mapping[str, tuple[Any, Any]]


class _Known(NamedTuple):
    """What the books say of the names of a batch."""

    rows: Mapping[str, Row[Any]]
    ordered: Collection[str]
    claimed: Collection[str]
    from_this_file: Collection[tuple[str, str]]
    """Names that came from it, each with the registrar that it was said to be at."""


def take_in(
    database: Database, staging: Staging, *, digest: str, act: ByHand, replace: bool, dry_run: bool
) -> Iterator[Taken]:
    """Write a checked file's names and yield what became of each; on a dry run say what would.

    `digest` is the file's SHA-256. A batch is told once it is committed. With `replace` a name that differs is written
    over; an empty cell never takes anything away.
    """
    for lines in staging.batches(BATCH):
        if dry_run:
            with database.reading() as connection:
                yield from _judged(connection, lines, digest, replace=replace)
            continue
        with database.transaction() as connection:
            one_at_a_time(connection, IMPORTED)
            taken = _judged(connection, lines, digest, replace=replace, lock=True)
            taken = _written(connection, taken, digest, act)
        yield from taken


def _judged(
    connection: Connection, lines: Sequence[Line], digest: str, *, replace: bool, lock: bool = False
) -> list[Taken]:
    known = _known(connection, lines, digest, lock=lock)
    taken = []
    for line in lines:
        row = known.rows.get(line.name)
        differences = _differences(row, line) if row is not None else {}
        taken.append(Taken(line, _fate(line, row, differences, known, replace=replace), differences))
    return taken


def _fate(
    line: Line, row: Row[Any] | None, differences: Mapping[str, Any], known: _Known, *, replace: bool
) -> Fate:
    if row is not None and not differences:
        return Fate.ALREADY
    if (line.name, line.registrar) in known.from_this_file:
        return Fate.CHANGED_SINCE
    if line.name in known.ordered:
        return Fate.ORDERED
    if row is None:
        return Fate.IMPORTED
    if line.name in known.claimed:
        return Fate.CLAIMED
    return Fate.REPLACED if replace else Fate.CONFLICT


def _known(connection: Connection, lines: Sequence[Line], digest: str, *, lock: bool) -> _Known:
    """Read the books; a name's row first, so that an order that ends in the meantime is seen in one or the other."""
    names = [line.name for line in lines]
    of_names = select(Domain.__table__).where(Domain.name.in_(names)).order_by(Domain.name)
    rows = connection.execute(of_names.with_for_update() if lock else of_names)
    by_name = {row.name: row for row in rows}
    ordered = select(Order.domain).where(Order.domain.in_(names), Order.state.not_in(_FINAL))
    claimed = select(Claim.domain).where(Claim.domain.in_(by_name), Claim.closed_at.is_(None))
    return _Known(
        by_name,
        set(connection.scalars(ordered)),
        set(connection.scalars(claimed)) if by_name else (),
        _from_this_file(connection, by_name, digest) if by_name else (),
    )


def _from_this_file(connection: Connection, names: Collection[str], digest: str) -> set[tuple[str, str]]:
    """Tell which names this file has brought in before; of a name few events are of this kind."""
    told = select(Event.subject, Event.evidence).where(
        Event.subject.in_([_subject(name) for name in names]), Event.kind == IMPORTED
    )
    return {
        (event.subject.removeprefix("domain:"), event.evidence["registrar"])
        for event in connection.execute(told)
        if event.evidence["file"] == digest
    }


def _differences(row: Row[Any], line: Line) -> dict[str, tuple[Any, Any]]:
    """Return where the books and the file differ; what the file leaves open does not, nor does a fraction of a second."""
    pairs = {column: (_to_the_second(getattr(row, column)), getattr(line, column)) for column in _COMPARED}
    found = {column: pair for column, pair in pairs.items() if pair[1] is not None and pair[0] != pair[1]}
    return found | ({"gone_at": (row.gone_at, None)} if row.gone_at is not None else {})


def _to_the_second(value: Any) -> Any:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _written(connection: Connection, taken: Sequence[Taken], digest: str, act: ByHand) -> list[Taken]:
    """Write what is to be written; a new name that an order brought in at this moment is left to it."""
    new = _insert(connection, [one.line for one in taken if one.fate is Fate.IMPORTED])
    written = [
        one._replace(fate=Fate.MEANWHILE) if one.fate is Fate.IMPORTED and one.line.name not in new else one
        for one in taken
    ]
    for one in written:
        if one.fate is Fate.REPLACED:
            _replace(connection, one)
    told = {
        _subject(one.line.name): _evidence(one, digest)
        for one in written
        if one.fate in (Fate.IMPORTED, Fate.REPLACED)
    }
    events.record_each(connection, IMPORTED, told, at=act.now, actor=act.actor, ticket=act.ticket)
    return written


def _insert(connection: Connection, lines: Sequence[Line]) -> Collection[str]:
    """Write new names and return those that are. Their notices are planned like those of every other paid term (E2)."""
    if not lines:
        return ()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Domain).on_conflict_do_nothing().returning(Domain.name)
    rows = [
        {**{column: getattr(line, column) for column in ("name", "zone", *_COMPARED)}, **_shown(line)}
        for line in sorted(lines, key=lambda line: line.name)
    ]
    return set(connection.scalars(statement, rows))


def _replace(connection: Connection, one: Taken) -> None:
    changed = {column: told for column, (_, told) in one.differences.items()}
    if "registry_expires_at" in changed:
        changed |= _shown(one.line)
    if "gone_at" in changed:
        changed |= {"gone_why": None, "doubted_at": None, "doubted_why": None}
    connection.execute(update(Domain).where(Domain.name == one.line.name).values(changed))


def _shown(line: Line) -> dict[str, str | None]:
    """Return where a registry's date is from, as it stood."""
    return {
        "registry_expires_text": line.registry_expires_text,
        "registry_expiry_source": SOURCE if line.registry_expires_at else None,
    }


def _evidence(one: Taken, digest: str) -> dict[str, Any]:
    line = one.line
    told = {
        "file": digest,
        "line": line.number,
        "registrar": line.registrar,
        "paid_through": _plain(line.paid_through),
    }
    if one.fate is not Fate.REPLACED:
        return told
    return told | {"was": {column: _plain(before) for column, (before, _) in one.differences.items()}}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _subject(name: str) -> str:
    return f"domain:{name}"
