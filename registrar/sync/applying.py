"""How does a change reach the books? By a guarded update: what it was judged against must still be so, at this moment.

A date that was seen before a later confirmation never rolls that back (D4), what an order has changed since is left to it,
and a date that staff have pinned stands. Nothing here writes what was paid for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, update

from registrar import events, findings
from registrar.events import CLOCK_RAN_AHEAD
from registrar.findings import Found, open_findings
from registrar.models import Domain, Finding, Order, Reading, SyncChange
from registrar.sync import knowing, rows
from registrar.sync.rows import IS_OPEN, ChangeState
from registrar.sync.vocabulary import CONDITIONS, REGISTRY_DATES, ChangeKind

WRITTEN = {
    "registry_expires_at",
    "registry_expires_text",
    "registry_expiry_source",
    "renew_by",
    "doubted_at",
    "doubted_why",
    "gone_at",
    "gone_why",
}
"""The only columns of the books that a change may write."""
_INSTANTS = {"registry_expires_at", "renew_by", "doubted_at", "gone_at"}
_REGISTRYS = "registry_expires_at"
_LONGEST = 64
"""Characters of a text that the books keep of a date."""

BUSY = "an open order may change it"
GONE = "the name is not with us any more"
ORDERED = "an order has ended since"
PINNED = "staff have pinned its date"
CHANGED = "the books have changed since"
LEFT_BOOKS = "the name has left the books"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of some changes: applied, or why each of the others fits no more, or waits."""

    applied: Sequence[int] = ()
    overtaken: Mapping[int, str] = field(default_factory=dict)
    busy: Sequence[int] = ()
    """An order is under way: they stay open."""


def apply(
    connection: Connection,
    changes: Sequence[Row[Any]],
    *,
    now: datetime,
    actor: str = events.WORKER,
    ticket: str | None = None,
) -> Applied:
    """Apply open changes as far as they still fit, each with its event; a condition becomes a finding.

    One that somebody else has decided since it was read is left as it is.
    """
    changes = locked(connection, changes)
    names = sorted({change.domain for change in changes})
    fits = _fitting(connection, names, changes, now=now)
    busy = [change.id for change in changes if fits.get(change.id) == BUSY]
    overtaken = {
        change.id: why
        for change in changes
        if (why := fits.get(change.id)) is not None and change.id not in busy
    }
    applied = []
    for change in changes:
        if change.id in fits:
            continue
        if change.kind in CONDITIONS or _write(connection, change, now=now):
            applied.append(change)
        else:
            overtaken[change.id] = CHANGED
    _tell(connection, [change for change in applied if change.kind in CONDITIONS], now=now)
    close_findings(connection, [change for change in changes if change.id not in busy], now=now)
    rows.overtake(connection, overtaken, now=now)
    _record(connection, applied, now=now, actor=actor, ticket=ticket)
    _forget(connection, [change for change in applied if change.kind == ChangeKind.GONE], now=now)
    return Applied([change.id for change in applied], overtaken, busy)


def locked(connection: Connection, changes: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Return those of these changes that are open still, as they are now; who decides about a name holds its row until then."""
    knowing.lock(connection, {change.domain for change in changes})
    ids = [change.id for change in changes]
    query = select(SyncChange.__table__).where(SyncChange.id.in_(ids), IS_OPEN)
    return connection.execute(query.order_by(SyncChange.id)).all()


def note(connection: Connection, changes: Sequence[Row[Any]], *, now: datetime) -> None:
    """Tell staff of changes that only they may apply: a finding each, which closes with the change."""
    _tell(connection, changes, now=now)
    ids = [change.id for change in changes]
    noted = update(SyncChange).where(SyncChange.id.in_(ids), IS_OPEN)
    connection.execute(noted.values(noted_at=now))


def close_findings(connection: Connection, changes: Iterable[Row[Any]], *, now: datetime) -> None:
    """Close the findings that asked staff about these changes; a condition's own stands until a look clears it."""
    pairs = [(change.kind, rows.about(change.domain)) for change in changes if change.kind not in CONDITIONS]
    findings.close_findings(connection, pairs, now=now)


def close_gone(connection: Connection, names: Sequence[str], *, now: datetime) -> None:
    """Close what is open about names that are gone, but that they left."""
    still_open = select(SyncChange.id).where(SyncChange.domain.in_(names), IS_OPEN)
    left = dict.fromkeys(connection.execute(still_open).scalars(), LEFT_BOOKS)
    rows.overtake(connection, left, now=now)
    about = [rows.about(name) for name in names]
    kinds = [kind for kind in ChangeKind if kind is not ChangeKind.LEFT_WITHOUT_ORDER]
    connection.execute(
        update(Finding)
        .where(Finding.kind.in_(kinds), Finding.subject.in_(about), Finding.closed_at.is_(None))
        .values(closed_at=now)
    )


def _fitting(
    connection: Connection, names: Sequence[str], changes: Sequence[Row[Any]], *, now: datetime
) -> dict[int, str]:
    """Return of each change that cannot be applied why: the names' rows are locked until this transaction ends."""
    here = {row.name: row for row in knowing.lock(connection, names)}
    busy = knowing.busy(connection, names)
    pinned = knowing.pinned(connection, names, now=now)
    ended = _last_order_ended(connection, names)
    found = {}
    for change in changes:
        if change.domain not in here:
            found[change.id] = GONE
        elif change.domain in busy:
            found[change.id] = BUSY
        elif change.domain in ended and ended[change.domain] > change.seen_at:
            found[change.id] = ORDERED
        elif change.kind in REGISTRY_DATES and change.domain in pinned:
            found[change.id] = PINNED
    return found


def _last_order_ended(connection: Connection, names: Sequence[str]) -> dict[str, datetime]:
    """Return when the order ended that wrote each name last."""
    query = (
        select(Domain.name, Order.state_since)
        .join(Order, Order.id == Domain.order_id)
        .where(Domain.name.in_(names))
    )
    return dict(connection.execute(query).all())


def _write(connection: Connection, change: Row[Any], *, now: datetime) -> bool:
    """Write one change, if the books still are what it was judged against."""
    before, after = _values(change.before), _values(change.after)
    guards = [getattr(Domain, column).is_not_distinct_from(value) for column, value in before.items()]
    if _REGISTRYS in after:
        after = {"registry_expiry_source": change.source, **after, "confirmed_at": change.seen_at}
        was = Domain.confirmed_at
        guards.append(or_(was.is_(None), was <= change.seen_at, was > now + CLOCK_RAN_AHEAD))
    here = (Domain.name == change.domain, Domain.gone_at.is_(None))
    return connection.execute(update(Domain).where(*here, *guards).values(after)).rowcount == 1


def _values(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a change holds as JSON; raises `ValueError` for a column that no change may write."""
    if strange := stored.keys() - WRITTEN:
        raise ValueError(f"no change of the sync writes {', '.join(sorted(strange))}")
    return {
        column: datetime.fromisoformat(value) if value and column in _INSTANTS else value and value[:_LONGEST]
        for column, value in stored.items()
    }


def _tell(connection: Connection, changes: Sequence[Row[Any]], *, now: datetime) -> None:
    open_findings(
        connection,
        [Found(change.kind, rows.about(change.domain), change.text, change.next_step) for change in changes],
        now=now,
    )


def _record(
    connection: Connection, applied: Sequence[Row[Any]], *, now: datetime, actor: str, ticket: str | None
) -> None:
    """Write that they were applied: the rows at once, and an event for each."""
    ids = [change.id for change in applied]
    if ids:
        done = update(SyncChange).where(SyncChange.id.in_(ids), IS_OPEN)
        connection.execute(done.values(state=ChangeState.APPLIED, decided_at=now, actor=actor, ticket=ticket))
    for kind in sorted({change.kind for change in applied}):
        told = {
            rows.about(change.domain): {
                "change": change.id,
                "run": change.run_id,
                "source": change.source,
                "seen_at": change.seen_at.isoformat(),
                "before": change.before,
                "after": change.after,
            }
            for change in applied
            if change.kind == kind
        }
        events.record_each(connection, f"domain.{kind}", told, at=now, actor=actor, ticket=ticket)


def _forget(connection: Connection, gone: Sequence[Row[Any]], *, now: datetime) -> None:
    """Ask no more about names that are gone."""
    names = [change.domain for change in gone]
    if names:
        connection.execute(delete(Reading).where(Reading.domain.in_(names)))
        close_gone(connection, names, now=now)
