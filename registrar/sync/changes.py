"""What has the sync found that is not in the books, and what do staff make of it? One by one, by kind, or by name.

Each decision has its ticket (C1). What they approve is checked once more against the books as they are now. What they reject
is not proposed again as long as the source goes on saying the same: a date that is another one, or a name's end that the other
side has come to agree on, is asked anew.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from registrar import events
from registrar.models import Domain, SyncChange
from registrar.sync import applying, rows
from registrar.sync.rows import IS_OPEN, ChangeState
from registrar.sync.vocabulary import ChangeKind, Source

_MOST_IDS = 500
"""Changes of one statement."""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """An open change as it is shown."""

    id: int
    run_id: int
    domain: str
    kind: ChangeKind
    state: ChangeState
    source: Source
    seen_at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    text: str
    next_step: str
    proposed_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of changes that staff decided about, by number."""

    decided: Sequence[int] = ()
    overtaken: Mapping[int, str] = field(default_factory=dict)
    """They fit no more, and why."""
    busy: Sequence[int] = ()
    """An order is under way on the name: they stay open."""
    not_open: Sequence[int] = ()
    """They were decided before, or never were."""


def list_open(
    connection: Connection,
    *,
    run_id: int | None = None,
    kinds: Collection[str] = (),
    names: Collection[str] = (),
    after: int = 0,
    limit: int,
) -> list[ChangeView]:
    """Return open changes by their number, a page at a time; nothing chosen means all."""
    query = _chosen(select(SyncChange.__table__), run_id, kinds, names)
    query = query.where(SyncChange.id > after).order_by(SyncChange.id).limit(limit)
    return [_view(row) for row in connection.execute(query)]


def count_open(connection: Connection, *, run_id: int | None = None) -> dict[str, int]:
    """Return how many changes of each kind are open."""
    query = _chosen(select(SyncChange.kind, func.count()), run_id, (), ()).group_by(SyncChange.kind)
    return dict(connection.execute(query).all())


def approve(connection: Connection, ids: Sequence[int], *, actor: str, ticket: str, now: datetime) -> Decided:
    """Apply these changes, those in quarantine too, as far as they still fit the books."""
    result = applying.apply(connection, _open(connection, ids), now=now, actor=actor, ticket=ticket)
    rows.close_answered(connection, now=now)
    about = {*result.applied, *result.overtaken, *result.busy}
    return Decided(result.applied, result.overtaken, result.busy, _missing(ids, about))


def reject(connection: Connection, ids: Sequence[int], *, actor: str, ticket: str, now: datetime) -> Decided:
    """Leave the books as they are, and say nothing more of it as long as the source says the same.

    Who says that a name is not gone has ended the doubt about it, too: its reminders go on. That it is back is asked anew by
    the next look that shows it: no name is in doubt for good.
    """
    found = applying.locked(connection, _open(connection, ids))
    rejected = [change.id for change in found]
    connection.execute(
        update(SyncChange)
        .where(SyncChange.id.in_(rejected), IS_OPEN)
        .values(
            state=ChangeState.REJECTED,
            muted=SyncChange.kind != ChangeKind.BACK,
            was_quarantined=SyncChange.state == ChangeState.QUARANTINED,
            decided_at=now,
            actor=actor,
            ticket=ticket,
        )
    )
    applying.close_findings(connection, found, now=now)
    _trust(connection, [change.domain for change in found if change.kind == ChangeKind.GONE])
    for kind in sorted({change.kind for change in found}):
        told = {
            rows.about(change.domain): {"change": change.id, "after": change.after}
            for change in found
            if change.kind == kind
        }
        events.record_each(connection, f"domain.{kind}_rejected", told, at=now, actor=actor, ticket=ticket)
    rows.close_answered(connection, now=now)
    return Decided(rejected, not_open=_missing(ids, rejected))


def _trust(connection: Connection, names: Collection[str]) -> None:
    if names:
        doubted = update(Domain).where(Domain.name.in_(names), Domain.gone_at.is_(None))
        connection.execute(doubted.values(doubted_at=None, doubted_why=None))


def _chosen(
    query: Select[*tuple[Any, ...]], run_id: int | None, kinds: Collection[str], names: Collection[str]
) -> Select[*tuple[Any, ...]]:
    query = query.where(IS_OPEN)
    if run_id is not None:
        query = query.where(SyncChange.run_id == run_id)
    if kinds:
        query = query.where(SyncChange.kind.in_(list(kinds)))
    if names:
        query = query.where(SyncChange.domain.in_(list(names)))
    return query


def _view(row: Row[Any]) -> ChangeView:
    return ChangeView(
        id=row.id,
        run_id=row.run_id,
        domain=row.domain,
        kind=ChangeKind(row.kind),
        state=ChangeState(row.state),
        source=Source(row.source),
        seen_at=row.seen_at,
        before=row.before,
        after=row.after,
        text=row.text,
        next_step=row.next_step,
        proposed_at=row.proposed_at,
        times=row.times,
    )


def _open(connection: Connection, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Return those of these changes that are open; raises `ValueError` for more than one statement takes."""
    if len(ids) > _MOST_IDS:
        raise ValueError(f"at most {_MOST_IDS} changes are decided at a time")
    return connection.execute(select(SyncChange.__table__).where(SyncChange.id.in_(ids), IS_OPEN)).all()


def _missing(ids: Sequence[int], found: Collection[int]) -> list[int]:
    return [change for change in ids if change not in found]
