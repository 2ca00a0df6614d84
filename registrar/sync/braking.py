"""May a run apply what it found? Not if one kind of change came too often: then a source has changed, not that many names.

Each kind is weighed beside the names that its sources told of: a name that two sources tell of is one name.

The first dates that a source tells are no change of the source, and count for nothing: a company's first night is full of them.
A run that is stopped applies nothing by itself and asks, with one finding instead of thousands (P8); its changes wait for
staff, or for the next run, which sees them again and counts them again. Those that it does not see, because their names are not
due yet, it counts with its own: a short run by day writes no part of what the night has asked about.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select

from registrar import events
from registrar.findings import open_finding
from registrar.models import Reading, SyncChange, SyncRun
from registrar.sync import rows
from registrar.sync.rows import IS_OPEN, STOPPED, SYNC, RunState
from registrar.sync.vocabulary import Mode, SyncTerms


def check(connection: Connection, run_id: int, *, terms: SyncTerms, now: datetime) -> str | None:
    """Weigh what a running run has found, once all were asked or its time is over; it settles then, or stops.

    Returns why it was stopped, None if it may go on, or if it is not running. A dry run applies nothing and is never
    stopped; why a real one would be stands in its `stop_reason`.
    """
    run = rows.read_locked(connection, run_id)
    if run is None or run.state != RunState.RUNNING:
        return None
    counts = _count(connection, run_id)
    why = _too_many(_weights(connection, run), terms)
    if why is None or run.mode == Mode.DRY:
        rows.move(connection, run, RunState.SETTLING, now=now, counts=counts, stop_reason=why)
        return None
    rows.move(connection, run, RunState.STOPPED, now=now, counts=counts, stop_reason=why)
    events.record(
        connection,
        "sync.stopped",
        at=now,
        subject=f"sync_run:{run_id}",
        evidence={"why": why, "counts": counts},
    )
    open_finding(
        connection,
        STOPPED,
        SYNC,
        text=f"sync run {run_id} stopped and changed nothing: {why}",
        next_step=f"`registrar sync diff {run_id}` shows them; find out what has changed at the source, then "
        "`registrar sync approve --kind KIND --ticket T`, or `reject`, or by names",
        now=now,
    )
    return why


class _Weight(NamedTuple):
    """How many changes of a kind count, and of how many names their source told; the source that told of most, if there are two.

    `waiting` are those of the kind that runs which stopped, or dry ones that would have, have found or seen again, and nobody
    has decided about.
    """

    changes: int
    kind: str
    names: int
    waiting: int


def _count(connection: Connection, run_id: int) -> dict[str, int]:
    """Return how many open changes of each kind a run has to decide about."""
    query = select(SyncChange.kind, func.count()).where(SyncChange.run_id == run_id, IS_OPEN)
    return dict(connection.execute(query.group_by(SyncChange.kind)).all())


def _weights(connection: Connection, run: Row[Any]) -> list[_Weight]:
    query = (
        select(SyncChange.kind, SyncChange.source, func.count())
        .where(SyncChange.run_id == run.id, IS_OPEN, SyncChange.is_first_word.is_(False))
        .group_by(SyncChange.kind, SyncChange.source)
    )
    counted = connection.execute(query).all()
    told = _told(connection, run) if counted else {}
    changes: dict[str, int] = {}
    names: dict[str, int] = {}
    for kind, source, count in counted:
        changes[kind] = changes.get(kind, 0) + count
        names[kind] = max(names.get(kind, 0), told.get(source, 0))
    waiting = _waiting(connection) if counted else {}
    return [_Weight(count, kind, names[kind], waiting.get(kind, 0)) for kind, count in changes.items()]


def _waiting(connection: Connection) -> dict[str, int]:
    query = (
        select(SyncChange.kind, func.count())
        .join(SyncRun, SyncRun.id == SyncChange.run_id)
        .where(IS_OPEN, SyncRun.stop_reason.is_not(None), SyncChange.is_first_word.is_(False))
        .group_by(SyncChange.kind)
    )
    return dict(connection.execute(query).all())


def _told(connection: Connection, run: Row[Any]) -> dict[str, int]:
    """Return of how many names each source told something in a run; it counts the readings, once a run."""
    asked = (Reading.run_id == run.id, Reading.due_at > run.started_at)
    query = select(Reading.source, func.count()).where(*asked, Reading.tries == 0)
    return dict(connection.execute(query.group_by(Reading.source)).all())


def _too_many(weights: Iterable[_Weight], terms: SyncTerms) -> str | None:
    over = []
    for weight in sorted(weights, reverse=True):
        limit = max(terms.breaker_least, int(terms.breaker_share * weight.names))
        if weight.changes + weight.waiting > limit:
            undecided = f", and {weight.waiting} that wait for staff" if weight.waiting else ""
            over.append(
                f"{weight.changes} x {weight.kind} of {weight.names} names told of{undecided}, {limit} are let through"
            )
    return "; ".join(over) or None
