"""How are a million names asked about on one event loop? Each lane keeps its window full; the books are read and written beside it.

    books ──take──▶ a lane's queue ──▶ askers, as many as its server allows ──▶ answers ──write──▶ books
      ▲                                  │ the server is left alone: the name goes back, the lane rests
      └──────────────put back────────────┘ stopped: what was not asked goes back

A lane is the names that are asked for at one place. Names are taken ahead of need and answers written in batches, both in
threads, so that no lane waits for the database; what is in memory does not grow with the number of names. Nothing here
decides what an answer means.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from adapters.lookups.pace import PausedError
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from registrar.sync.vocabulary import Source
from tasks import clock

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 3
"""For the database: one writes, the others take."""
_STOP_SECONDS = 0.1
"""How often it is looked whether to stop."""
_WRITE_SECONDS = 0.25
"""Answers wait no longer than this to be written, however few they are."""
_UNWRITTEN = 4
"""With so many batches of answers waiting to be written nobody is asked."""
_AHEAD = 4
"""A quick lane has so many batches of names in its queue: the next ones come while it asks for them."""
_QUICK_SECONDS, _SLOW_SECONDS = 5.0, 30.0
"""Names in a queue last for a time between the two; a slow lane holds fewer, so that others may ask for the rest."""
_LONG_REST_SECONDS = 60.0
"""A lane that rests for longer gives its names back meanwhile."""
_AWAY = (OperationalError, InterfaceError, PoolTimeoutError)
_TRIES, _TRY_SECONDS = 30, 1.0
"""A database that is away for a moment: answers are kept, and written when it is back."""

Ask = Callable[[DomainName], Awaitable[Sighting]]
"""Ask for one name; raises `PausedError` if nobody was asked for it, and nothing for what the far side does."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the names of a lane are asked for: by which source, and how many at once."""

    source: Source
    in_flight: int
    ask: Ask


class Books(Protocol):
    """Where names come from and answers go; called in threads, each call a transaction of its own."""

    def take(self, lane: str, limit: int) -> Sequence[DomainName]:
        """Return names to ask for now, which are nobody else's for a while; none: nothing is left to take."""
        ...

    def put_back(self, lane: str, names: Sequence[DomainName]) -> None:
        """Give back names that were not asked for."""
        ...

    def write(self, source: Source, sightings: Sequence[Sighting]) -> None:
        """Keep what was told."""
        ...

    def goes_on(self) -> bool:
        """Tell, every few seconds, whether to go on."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How much at once, and how long, in seconds.

    `batch` names are in one transaction. `kept`: a name that waited for longer in a queue is given back, for its lease runs
    out. `finish`: looks in the air are waited for at the end.
    """

    batch: int = 500
    kept: float = 450.0
    finish: float = 60.0
    goes_on_every: float = 1.0


@dataclass(eq=False)
class _Lane:
    name: str
    way: Way
    ahead: int
    """How many names its queue should hold."""
    queue: deque[tuple[float, DomainName]] = field(default_factory=deque)
    """Each name with the instant until which it is ours to ask."""
    asking: set["asyncio.Task[None]"] = field(default_factory=set)
    taken_at: float = 0.0
    rests_until: float = 0.0
    is_dry: bool = False
    """Nothing was left to take."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def resting(self) -> float:
        """The seconds that it still rests."""
        return max(0.0, self.rests_until - time.monotonic())

    @property
    def is_low(self) -> bool:
        return not self.is_dry and 2 * len(self.queue) < self.ahead

    @property
    def is_stale(self) -> bool:
        """Tell whether its names have waited for so long that others may take them."""
        return bool(self.queue) and self.queue[0][0] <= time.monotonic()

    @property
    def is_spent(self) -> bool:
        return self.is_dry and not self.queue and not self.asking

    def ended(self, asker: "asyncio.Task[None]") -> None:
        self.asking.discard(asker)
        self.wake.set()

    def rest(self, seconds: float) -> None:
        """Ask nobody for so long; a longer rest stays."""
        self.rests_until = max(self.rests_until, time.monotonic() + max(seconds, _STOP_SECONDS))
        self.wake.set()

    def keep_pace(self, now: float, *, most: int) -> None:
        """Hold more names ahead where the last ones went quickly, fewer where they took long."""
        if now - self.taken_at < _QUICK_SECONDS:
            self.ahead = min(most, 2 * self.ahead)
        elif now - self.taken_at > _SLOW_SECONDS:
            self.ahead = max(self.way.in_flight, self.ahead // 2)
        self.taken_at = now


class Pump:
    """Asks for all names of its lanes, once; made and run within one event loop."""

    def __init__(self, ways: Mapping[str, Way], books: Books, limits: Limits) -> None:
        self._books = books
        self._limits = limits
        self._lanes = [_Lane(name, way, min(limits.batch, 2 * way.in_flight)) for name, way in ways.items()]
        self._told: dict[Source, list[Sighting]] = {source: [] for source in Source}
        self._unwritten = 0
        self._many = asyncio.Event()
        """A whole batch of answers waits to be written, or the last ones do."""
        self._room = asyncio.Event()
        """Not too many answers wait to be written."""
        self._room.set()
        self._stopping = self._asked_all = False

    async def run(self, is_stopped: Callable[[], bool]) -> bool:
        """Ask until nothing is left to take; False: it ended before that, and what was not asked for went back.

        Raises the database's error if it stayed away; what was told and not written then is asked again.
        """
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="sync") as self._threads:
            beside = [
                asyncio.create_task(self._stopping_at_fault(part))
                for part in (self._watch(is_stopped), self._write_on())
            ]
            feeders = (self._stopping_at_fault(self._feed(lane)) for lane in self._lanes)
            ended = await asyncio.gather(*feeders, return_exceptions=True)
            self._asked_all = True
            self._stop()
            self._many.set()
            ended += await asyncio.gather(*beside, return_exceptions=True)
        for fault in ended:
            if fault is not None:
                raise fault
        return all(lane.is_spent for lane in self._lanes)

    async def _stopping_at_fault(self, part: Coroutine[None, None, None]) -> None:
        """Run a part; where it fails the others end in good order, and nobody waits for it."""
        try:
            await part
        except BaseException:
            self._stop()
            self._room.set()
            raise

    def _stop(self) -> None:
        """Ask nobody any more; whoever waits sees it."""
        self._stopping = True
        for lane in self._lanes:
            lane.wake.set()

    async def _watch(self, is_stopped: Callable[[], bool]) -> None:
        """Stop when that is wanted."""
        asked_at = time.monotonic()
        while not self._stopping:
            await asyncio.sleep(_STOP_SECONDS)
            now = time.monotonic()
            if is_stopped():
                self._stop()
            elif now - asked_at > self._limits.goes_on_every:
                asked_at = now
                if not await self._insist(self._books.goes_on):
                    self._stop()

    # --- asking ---

    async def _feed(self, lane: _Lane) -> None:
        """Keep a lane's queue filled and its askers at work until nothing is left of it."""
        try:
            while not self._stopping and not lane.is_spent:
                lane.wake.clear()
                await self._feed_once(lane)
        finally:
            await self._wind_up(lane)

    async def _feed_once(self, lane: _Lane) -> None:
        if lane.is_stale or lane.resting > _LONG_REST_SECONDS:
            await self._put_back(lane)
        if lane.resting:
            with suppress(TimeoutError):
                await asyncio.wait_for(lane.wake.wait(), lane.resting)
            return
        if lane.is_low:
            await self._take(lane)
        for _ in range(min(len(lane.queue), lane.way.in_flight - len(lane.asking))):
            asker = asyncio.create_task(self._ask_on(lane))
            lane.asking.add(asker)
            asker.add_done_callback(lane.ended)
        if not lane.is_low and not lane.is_spent:
            await lane.wake.wait()

    async def _take(self, lane: _Lane) -> None:
        now = time.monotonic()
        lane.keep_pace(now, most=_AHEAD * self._limits.batch)
        wanted = min(lane.ahead - len(lane.queue), self._limits.batch)
        names = await self._insist(self._books.take, lane.name, wanted)
        lane.is_dry = not names
        lane.queue.extend((now + self._limits.kept, name) for name in names)

    async def _ask_on(self, lane: _Lane) -> None:
        """Ask for one name after the other, as long as there are names and their server may be asked."""
        while lane.queue and not (self._stopping or lane.resting or lane.is_stale):
            kept_until, name = lane.queue.popleft()
            if lane.is_low:
                lane.wake.set()
            try:
                sighting = await self._look(lane.way, name)
            except PausedError as paused:
                lane.queue.appendleft((kept_until, name))
                lane.rest(paused.retry_after)
            except asyncio.CancelledError:
                lane.queue.appendleft((kept_until, name))
                raise
            else:
                self._keep(lane.way.source, sighting)
                if not self._stopping:
                    await self._room.wait()

    async def _look(self, way: Way, name: DomainName) -> Sighting:
        try:
            return await way.ask(name)
        except PausedError:
            raise
        except Exception as error:  # one name must not stop all others, night after night
            log.exception("look failed", domain=name.ascii, source=way.source)
            return _unknown(name, way.source, error)

    async def _wind_up(self, lane: _Lane) -> None:
        """Wait for what is in the air, and give back what was not asked for."""
        if lane.asking:
            await asyncio.wait(lane.asking, timeout=self._limits.finish)
        for asker in lane.asking:
            asker.cancel()
        await asyncio.gather(*lane.asking, return_exceptions=True)
        await self._put_back(lane)

    async def _put_back(self, lane: _Lane) -> None:
        names = [name for _, name in lane.queue]
        lane.queue.clear()
        if names:
            await self._insist(self._books.put_back, lane.name, names)
            lane.is_dry = False

    # --- writing ---

    def _keep(self, source: Source, sighting: Sighting) -> None:
        self._told[source].append(sighting)
        if len(self._told[source]) >= self._limits.batch:
            self._many.set()
        self._count(1)

    def _count(self, more: int) -> None:
        """Count the answers that wait to be written, and say whether there is room for others."""
        self._unwritten += more
        if self._unwritten < _UNWRITTEN * self._limits.batch:
            self._room.set()
        else:
            self._room.clear()

    async def _write_on(self) -> None:
        """Write whole batches as they come, what waits for one before long, and the last ones when all have been asked."""
        emptied_at = time.monotonic()
        while not self._asked_all:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._many.wait(), _WRITE_SECONDS)
            self._many.clear()
            if time.monotonic() - emptied_at < _WRITE_SECONDS:
                await self._write(at_least=self._limits.batch)
            else:
                await self._write(at_least=1)
                emptied_at = time.monotonic()
        while self._unwritten:
            await self._write(at_least=1)

    async def _write(self, *, at_least: int) -> None:
        """Write each source's answers: first so many or more, then only whole batches of what has come meanwhile."""
        for source, told in self._told.items():
            wanted = at_least
            while len(told) >= wanted:
                batch = told[: self._limits.batch]
                await self._write_batch(source, batch)
                del told[: len(batch)]
                self._count(-len(batch))
                wanted = self._limits.batch

    async def _write_batch(self, source: Source, batch: Sequence[Sighting]) -> None:
        """Write answers; one that cannot be judged or kept, whatever a stranger's text holds, stops nobody else's."""
        try:
            await self._insist(self._books.write, source, batch)
        except _AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - one answer must not stop all others, night after night
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._write_batch(source, batch[:middle])
                await self._write_batch(source, batch[middle:])
                return
            log.error("answer cannot be kept", domain=batch[0].domain.ascii, error=type(error).__name__)  # noqa: TRY400 - a trace may hold what was told
            await self._insist(self._books.write, source, [_unknown(batch[0].domain, source, error)])

    async def _insist(self, call: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Call the books in a thread, again and again if the database is away for a moment."""
        loop = asyncio.get_running_loop()
        for tries_left in range(_TRIES - 1, -1, -1):
            try:
                return await loop.run_in_executor(self._threads, partial(call, *given, **named))
            except _AWAY as error:
                if not tries_left:
                    raise
                log.warning("books not reached yet", error=type(error).__name__, tries_left=tries_left)
                await asyncio.sleep(_TRY_SECONDS)
        raise AssertionError("unreachable: the last try returns or raises")


def _unknown(name: DomainName, source: Source, error: Exception) -> Sighting:
    """Return that nothing was told of a name, by a fault of ours."""
    return Sighting(
        name, clock.now(), source, Standing.UNKNOWN, reason=f"the look failed: {type(error).__name__}"
    )
