"""How does one process go on with a night's run? From the state where it finds it, until it is over or it is told to stop.

Nothing of the run is kept here: the rows say where it stands (`registrar.sync.runs`), and what is asked is pumped through.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from registrar.events import CLOCK_RAN_AHEAD
from registrar.gateway import Sighting
from registrar.names import DomainName
from registrar.sync import runs
from registrar.sync.runs import RunState, RunView
from registrar.sync.vocabulary import Source, SyncTerms
from tasks import clock
from tasks.duties import Lease
from tasks.pumping import Limits, Pump
from tasks.sources import Sources
from tasks.wiring import House

log = structlog.get_logger()

ENLISTED_AT_ONCE = 1000
SETTLED_AT_ONCE = 200
OTHERS_SECONDS = 2.0
"""How long to wait for what a process that died had in its hands, before it is looked at again."""
OPEN = frozenset({RunState.ENLISTING, RunState.RUNNING, RunState.SETTLING})

Watch = Callable[[RunView], object]
"""Is shown the run as it gets on."""
Stopped = Callable[[], bool]


@dataclass
class Share:
    """One process's share of a run; the pump's `Books`. The lease is its right to go on."""

    house: House
    run_id: int
    lease: Lease
    watch: Watch = lambda _: None
    is_told_to_stop: Stopped = lambda: False
    began_at: datetime = field(default_factory=clock.now)

    def __post_init__(self) -> None:
        self.sources = Sources(self.house)

    def go_on(self) -> None:
        """Go on until the run is over, or somebody else's."""
        steps = {
            RunState.ENLISTING: self._enlist,
            RunState.RUNNING: self._ask,
            RunState.SETTLING: self._settle,
        }
        while self._renewed() and not self.is_stopped():
            run = self._read()
            self.watch(run)
            if run.state not in steps:
                return
            steps[run.state]()

    def is_stopped(self) -> bool:
        """Tell whether this process is to put everything down."""
        return self.house.stopping.is_set() or self.is_told_to_stop()

    # --- the states ---

    def _enlist(self) -> None:
        with self.house.database.transaction() as connection:
            runs.enlist(
                connection,
                self.run_id,
                self.sources.of,
                terms=self._terms,
                limit=ENLISTED_AT_ONCE,
                now=clock.now(),
            )

    def _ask(self) -> None:
        """Ask what is left to ask; then weigh what was found, if nothing is, or nobody can be asked any more."""
        asyncio.run(self._pump())
        if self.is_stopped() or not self._renewed():
            return
        with self.house.database.reading() as connection:
            is_exhausted = runs.is_exhausted(connection, self.run_id)
        if not is_exhausted and not self._is_over(self._read()):
            self.house.stopping.wait(OTHERS_SECONDS)
            return
        with self.house.database.transaction() as connection:
            why = runs.check(connection, self.run_id, terms=self._terms, now=clock.now())
        if why is not None:
            log.warning("sync stopped", run=self.run_id, why=why)

    async def _pump(self) -> None:
        with self.house.database.reading() as connection:
            lanes = runs.lanes(connection, self.run_id)
        async with self.sources.ways(lanes) as ways:
            await Pump(ways, self, self._limits()).run(self.is_stopped)

    def _limits(self) -> Limits:
        settings = self.house.settings
        return Limits(
            batch=settings.sync.batch,
            kept=settings.sync.lease_seconds / 2,
            finish=settings.flow.call_seconds,
        )

    def _settle(self) -> None:
        with self.house.database.transaction() as connection:
            settled = runs.settle(connection, self.run_id, limit=SETTLED_AT_ONCE, now=clock.now())
        if not settled:
            with self.house.database.transaction() as connection:
                state = runs.finish(connection, self.run_id, now=clock.now())
            log.info("sync ended", run=self.run_id, state=state)

    # --- the pump's books ---

    def take(self, lane: str, limit: int) -> list[DomainName]:
        """Return names to ask for now."""
        with self.house.database.transaction() as connection:
            return runs.take(connection, self.run_id, lane, limit=limit, terms=self._terms, now=clock.now())

    def put_back(self, lane: str, names: Sequence[DomainName]) -> None:
        """Give back names that were not asked for; whoever took over meanwhile may have them in hand, and keeps them."""
        if not self.lease.renew():
            return
        with self.house.database.transaction() as connection:
            runs.put_back(connection, lane, names)

    def write(self, source: Source, sightings: Sequence[Sighting]) -> None:
        """Keep what was told, and propose what it would change."""
        with self.house.database.transaction() as connection:
            runs.write(
                connection,
                self.run_id,
                source,
                sightings,
                book=self.house.rules,
                terms=self._terms,
                authority_of=self.sources.authority,
                now=clock.now(),
            )

    def goes_on(self) -> bool:
        """Tell whether the run is still ours to ask for."""
        run = self._read()
        self.watch(run)
        return run.state is RunState.RUNNING and not self._is_over(run) and self._renewed()

    # --- what stands behind it ---

    @property
    def _terms(self) -> SyncTerms:
        return self.house.sync_terms

    def _read(self) -> RunView:
        with self.house.database.reading() as connection:
            run = runs.read(connection, self.run_id)
        assert run is not None, "runs are never deleted"
        return run

    def _is_over(self, run: RunView) -> bool:
        """Tell whether a run's time is over, or nobody has told anything for so long that nobody will.

        Since when that is, a clock that ran ahead cannot say.
        """
        now, idle = clock.now(), timedelta(seconds=self.house.settings.sync.idle_seconds)
        told_at = max(run.seen_at, self.began_at) if run.seen_at <= now + CLOCK_RAN_AHEAD else self.began_at
        return now - run.started_at > self._terms.longest_run or now - told_at > idle

    def _renewed(self) -> bool:
        """Keep the lease while it is ours."""
        half = self.lease.lasts / 2
        return self.lease.until - clock.now() > half or self.lease.renew()
