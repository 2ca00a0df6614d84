"""How does a night's run go? It begins, asks everything that is due once, weighs what it found, settles and ends.

    begin ──▶ enlist … ──▶ take, look, write … (or put_back) ──▶ is_exhausted ──▶ check ──┬─▶ settle … ──▶ finish
                                                                                        └─▶ stopped: staff decide

All of it is rows: whoever finds a run under way goes on with it, after a crash too. No transaction is open while we look.
"""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from registrar import events
from registrar.database import try_write
from registrar.findings import close_finding, open_finding
from registrar.models import SyncRun
from registrar.sync import pins, rows, taking
from registrar.sync.braking import check
from registrar.sync.enlisting import SourcesOf, enlist
from registrar.sync.rows import SYNC, UNFINISHED, RunState, RunView
from registrar.sync.settling import settle
from registrar.sync.taking import is_exhausted, lanes, left, put_back, source_of, take
from registrar.sync.vocabulary import Mode
from registrar.sync.writing import AuthorityOf, Written, write

__all__ = [
    "AuthorityOf",
    "RunState",
    "RunUnderWayError",
    "RunView",
    "SourcesOf",
    "Written",
    "begin",
    "check",
    "current",
    "enlist",
    "finish",
    "is_exhausted",
    "lanes",
    "latest",
    "left",
    "put_back",
    "read",
    "settle",
    "source_of",
    "take",
    "write",
]


class RunUnderWayError(Exception):
    """A run is under way already; `run` is it."""

    def __init__(self, run: RunView | None) -> None:
        super().__init__(
            f"sync run {run.id} ({run.mode}) is {run.state} since {run.started_at:%Y-%m-%d %H:%M} UTC"
            if run
            else "another sync run has just begun"
        )
        self.run = run


def begin(connection: Connection, *, mode: Mode, actor: str, now: datetime) -> int:
    """Begin a run over everything that is due now, and return its number; raises `RunUnderWayError`."""
    pins.lapse(connection, now=now)
    new = insert(SyncRun).values(
        mode=mode, state=RunState.ENLISTING, started_at=now, seen_at=now, actor=actor, counts={}
    )
    begun = try_write(connection, new)
    run = current(connection)
    if not begun or run is None:
        raise RunUnderWayError(run)
    events.record(
        connection,
        "sync.begun",
        at=now,
        subject=f"sync_run:{run.id}",
        actor=actor,
        evidence={"mode": str(mode)},
    )
    return run.id


def current(connection: Connection) -> RunView | None:
    """Return the run that is under way, or None."""
    row = connection.execute(select(SyncRun.__table__).where(SyncRun.slot)).first()
    return rows.view(row) if row else None


def latest(connection: Connection) -> RunView | None:
    """Return the run that began last, or None."""
    row = connection.execute(select(SyncRun.__table__).order_by(SyncRun.id.desc()).limit(1)).first()
    return rows.view(row) if row else None


def read(connection: Connection, run_id: int) -> RunView | None:
    """Return a run, or None."""
    row = rows.read(connection, run_id)
    return rows.view(row) if row else None


def finish(connection: Connection, run_id: int, *, now: datetime) -> RunState | None:
    """End a run that has settled: done, or unfinished if not everything was asked; None if it does not settle.

    A real run that is done closes what an earlier one asked, if nothing of that is open any more; a dry run tells staff nothing.
    """
    run = rows.read_locked(connection, run_id)
    if run is None or run.state != RunState.SETTLING:
        return None
    state = RunState.DONE if taking.is_exhausted(connection, run_id) else RunState.UNFINISHED
    rows.move(connection, run, state, now=now)
    if run.mode == Mode.WRITE:
        _tell(connection, rows.view(run), state, now=now)
    evidence = {"asked": run.asked, "told": run.told, "unknown": run.unknown, "counts": run.counts}
    events.record(connection, f"sync.{state}", at=now, subject=f"sync_run:{run_id}", evidence=evidence)
    return state


def _tell(connection: Connection, run: RunView, state: RunState, *, now: datetime) -> None:
    if state is RunState.UNFINISHED:
        open_finding(
            connection,
            UNFINISHED,
            SYNC,
            text=f"sync run {run.id} ended after its longest time with {run.asked} of {run.planned} asked",
            next_step="`registrar sync status` shows which lanes are left: see whether their servers answer, and their budgets",
            now=now,
        )
        return
    close_finding(connection, UNFINISHED, SYNC, now=now)
    rows.close_answered(connection, now=now)
