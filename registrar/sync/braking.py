"""May a run apply what it found? Not if one kind of change came too often: then a source has changed, not that many names.

The first dates that a source tells are no change of the source, and count for nothing: a company's first night is full of them.
A run that is stopped applies nothing by itself and asks, with one finding instead of thousands (P8); its changes wait for
staff, or for the next run, which sees them again and counts them again.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from registrar import events
from registrar.findings import open_finding
from registrar.models import SyncChange
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
    limit = max(terms.breaker_least, int(terms.breaker_share * run.told))
    why = _too_many(_count(connection, run_id, SyncChange.is_first_word.is_(False)), limit, run.told)
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
        "`registrar sync approve` or `registrar sync reject`, by kind or name, with a ticket",
        now=now,
    )
    return why


def _count(connection: Connection, run_id: int, *which: ColumnElement[bool]) -> dict[str, int]:
    """Return how many open changes of each kind a run has to decide about."""
    query = select(SyncChange.kind, func.count()).where(SyncChange.run_id == run_id, IS_OPEN, *which)
    return dict(connection.execute(query.group_by(SyncChange.kind)).all())


def _too_many(counts: Mapping[str, int], limit: int, told: int) -> str | None:
    over = sorted((number, kind) for kind, number in counts.items() if number > limit)[::-1]
    named = ", ".join(f"{number} x {kind}" for number, kind in over)
    return f"{named} of {told} names that told something; {limit} of a kind are let through" if over else None
