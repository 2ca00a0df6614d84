"""What happens every night? A run over all names that are due: enlisted, asked, weighed, settled, by one process at a time.

    the schedule begins a run ─▶ a nudge (run id) ─▶ go_on: enlist … ─▶ pump ─▶ check ─┬─▶ settle … ─▶ finish
                                       ▲                                               └─▶ stopped: staff decide
    a sweep finds it left alone ───────┘ until it is over

The run is a row: whoever holds the lease goes on with it where it stands, after a crash too. One process asks, so that
servers' budgets are kept; what it is told, it writes. `registrar sync run` does the same in the terminal's own process.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from redis import RedisError

from adapters.lookups.pace import NobodyCountsError
from registrar.database import Database
from registrar.events import WORKER
from registrar.sync import runs
from registrar.sync.runs import RunUnderWayError, RunView
from registrar.sync.vocabulary import Mode
from tasks import clock, duties
from tasks.sync_run import OPEN, Share, Stopped, Watch
from tasks.wiring import House

log = structlog.get_logger()

QUEUE, ACTOR = "sync", "go_on_with_sync"
LEASE = "sync"
"""Who holds it goes on with the run."""
RUNG_FOR = timedelta(seconds=5)
"""A nudge that nobody has heeded for so long is lost."""
WATCHED_SECONDS = 0.5
"""How often a run is looked at that another process goes on with."""


# --- the schedule's part ---


def take_due(house: House) -> Iterator[Callable[[], object]]:
    """Yield what is due of the nightly run: to begin it, and to have somebody go on with it."""
    sync = house.settings.sync
    if sync.at:
        following = next_start(sync.at, ZoneInfo(sync.zone), now=clock.now())
        if duties.claim_planned(house.database, "start_sync", following=following):
            yield partial(start, house)
    run_id = left_alone(house)
    if run_id is not None and duties.claim(house.database, "ring_for_sync", every=RUNG_FOR):
        yield partial(house.doorbell.ring, QUEUE, ACTOR, run_id)


def next_start(at: Collection[str], zone: ZoneInfo, *, now: datetime) -> datetime:
    """Return when the clock of a zone next shows one of these times (HH:MM)."""
    today = now.astimezone(zone).date()
    moments = (
        datetime.combine(today + timedelta(days=days), time.fromisoformat(moment), zone)
        for days in (0, 1)
        for moment in at
    )
    return min(moment for moment in moments if moment > now)


def start(house: House) -> None:
    """Begin the next run; one that is still under way goes on instead."""
    try:
        with house.database.transaction() as connection:
            run_id = runs.begin(connection, mode=Mode.WRITE, actor=WORKER, now=clock.now())
    except RunUnderWayError as error:
        log.warning("sync not begun", why=str(error))
        return
    log.info("sync begun", run=run_id)
    house.doorbell.ring(QUEUE, ACTOR, run_id)


def left_alone(house: House) -> int | None:
    """Return the run that is under way, unless somebody goes on with it."""
    with house.database.reading() as connection:
        run = runs.current(connection)
    if run is None:
        return None
    return run.id if duties.is_free(house.database, LEASE, lasts=_claim(house)) else None


def work(house: House, run_id: int) -> None:
    """Go on with a run until it is over or this process stops; rung twice, or while another does, it does nothing twice."""
    with duties.lease(house.database, LEASE, lasts=_claim(house)) as lease:
        if lease is not None:
            Share(house, run_id, lease).go_on()


# --- the terminal's part ---


def run_here(house: House, mode: Mode, actor: str, watch: Watch, is_stopped: Stopped) -> RunView:
    """Begin a run, or go on with the one of this mode that is under way, in this process; return how it stands at the end.

    While a worker is at it, it is watched. Raises `RunUnderWayError` for a run of the other mode, and `NobodyCountsError`
    where Redis does not answer: without it nobody is asked, and an hour would pass before the run said so.
    """
    _insist_counted(house)
    run = _begun(house, mode, actor)
    while run.state in OPEN and not is_stopped():
        with duties.lease(house.database, LEASE, lasts=_claim(house)) as lease:
            if lease is not None:
                Share(house, run.id, lease, watch, is_stopped).go_on()
        run = _read(house.database, run.id)
        watch(run)
        if run.state in OPEN and not is_stopped():
            house.stopping.wait(WATCHED_SECONDS)
    return run


def _insist_counted(house: House) -> None:
    try:
        house.broker.client.ping()
    except RedisError as error:
        raise NobodyCountsError(
            "Redis does not answer, and servers are asked only while it counts how often: `registrar up` starts the embedded "
            "one; another is where redis.url says"
        ) from error


def _begun(house: House, mode: Mode, actor: str) -> RunView:
    try:
        with house.database.transaction() as connection:
            run_id = runs.begin(connection, mode=mode, actor=actor, now=clock.now())
    except RunUnderWayError as error:
        if error.run is None or error.run.mode is not mode:
            raise
        return error.run
    return _read(house.database, run_id)


def _read(database: Database, run_id: int) -> RunView:
    with database.reading() as connection:
        run = runs.read(connection, run_id)
    assert run is not None, "runs are never deleted"
    return run


def _claim(house: House) -> timedelta:
    return timedelta(seconds=house.settings.sync.claim_seconds)
