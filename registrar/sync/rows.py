"""Where does a run stand, and where a change? The states, and the reads and moves that everything here shares.

enlisting ──▶ running ──▶ settling ──▶ done, or unfinished (its time was over)
                    └──▶ stopped (by the breaker: staff decide what becomes of its changes)

proposed ────┬──▶ applied (by its run, or by staff)      quarantined: only staff apply it
quarantined ─┴──▶ rejected (by staff) | overtaken (a later look, an order, a pin)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update
from sqlalchemy import text as sql

from registrar.findings import close_finding
from registrar.models import SyncChange, SyncRun
from registrar.sync.vocabulary import Mode

STOPPED, UNFINISHED = "sync_stopped", "sync_unfinished"
"""The findings of a run that stopped to ask, and of one whose time was over before all were asked."""
SYNC = "sync"
"""What those findings are about: one each, however many nights it goes on."""


class RunState(StrEnum):
    """Where a run stands."""

    ENLISTING = "enlisting"
    RUNNING = "running"
    SETTLING = "settling"
    STOPPED = "stopped"
    DONE = "done"
    UNFINISHED = "unfinished"


class ChangeState(StrEnum):
    """Where a change stands."""

    PROPOSED = "proposed"
    QUARANTINED = "quarantined"
    APPLIED = "applied"
    REJECTED = "rejected"
    OVERTAKEN = "overtaken"


OPEN = frozenset({ChangeState.PROPOSED, ChangeState.QUARANTINED})
IS_OPEN = sql("sync_changes.state IN ('proposed', 'quarantined')")
"""As the partial indices of changes have it, so that the database uses them."""


class RunLostError(Exception):
    """The run is no longer where somebody meant to move it from: another process did."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it stands. `counts` are its changes by kind, told once all were asked."""

    id: int
    mode: Mode
    state: RunState
    started_at: datetime
    ended_at: datetime | None
    seen_at: datetime
    actor: str
    planned: int
    asked: int
    told: int
    unknown: int
    counts: Mapping[str, int]
    stop_reason: str | None


def view(row: Row[Any]) -> RunView:
    """Return a run's row as it is shown."""
    return RunView(
        id=row.id,
        mode=Mode(row.mode),
        state=RunState(row.state),
        started_at=row.started_at,
        ended_at=row.ended_at,
        seen_at=row.seen_at,
        actor=row.actor,
        planned=row.planned,
        asked=row.asked,
        told=row.told,
        unknown=row.unknown,
        counts=row.counts,
        stop_reason=row.stop_reason,
    )


def read(connection: Connection, run_id: int) -> Row[Any] | None:
    """Return a run's row, or None."""
    return connection.execute(select(SyncRun.__table__).where(SyncRun.id == run_id)).first()


def read_locked(connection: Connection, run_id: int) -> Row[Any] | None:
    """Return a run's row and keep others from moving it until this transaction ends; rows that name it are written beside."""
    query = select(SyncRun.__table__).where(SyncRun.id == run_id)
    return connection.execute(query.with_for_update(key_share=True)).first()


def move(connection: Connection, run: Row[Any], target: RunState, *, now: datetime, **values: Any) -> None:
    """Move a run from the state it was read in; raises `RunLostError` if it is there no more.

    From `stopped`, `done` and `unfinished` none goes on: another may begin.
    """
    over = target in (RunState.STOPPED, RunState.DONE, RunState.UNFINISHED)
    ended = {"slot": False, "ended_at": now} if over else {}
    moved = connection.execute(
        update(SyncRun)
        .where(SyncRun.id == run.id, SyncRun.state == run.state)
        .values(state=target, seen_at=now, **ended, **values)
    )
    if moved.rowcount != 1:
        raise RunLostError(f"sync run {run.id} was moved by somebody else")


def overtake(connection: Connection, why_of: Mapping[int, str], *, now: datetime) -> None:
    """End open changes that fit no more, each with why."""
    for why in set(why_of.values()):
        ids = [change for change, its in why_of.items() if its == why]
        connection.execute(
            update(SyncChange)
            .where(SyncChange.id.in_(ids), IS_OPEN)
            .values(state=ChangeState.OVERTAKEN, decided_at=now, decided_why=why)
        )


def close_answered(connection: Connection, *, now: datetime) -> None:
    """Close the finding of runs that stopped to ask, once nothing that they found is open: decided, overtaken, or a later run's.

    A dry run that saw it again has decided nothing.
    """
    unanswered = (
        select(SyncChange.id)
        .join(SyncRun, SyncRun.id == SyncChange.run_id)
        .where(IS_OPEN, or_(SyncRun.state == RunState.STOPPED, SyncRun.mode == Mode.DRY))
    )
    if connection.execute(unanswered.limit(1)).first() is None:
        close_finding(connection, STOPPED, SYNC, now=now)


def about(name: str) -> str:
    """Return what events and findings of a name are about."""
    return f"domain:{name}"
