"""How fast may a registrar or a public server be asked, and does it answer at all? Small states in Redis, shared by all.

They go by Redis's own clock, so that no worker's clock matters. They are advice about pace and hold no truth: a flushed
Redis forgets them, and nothing is sent twice for it.
"""

import asyncio
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import redis

from adapters.lookups.pace import Budget, PausedError
from registrar.gateway import CallExpiredError

_AWAY_SECONDS = 1.0
"""When to ask again for a turn that Redis could not give."""

_TAKE_TURN = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
if at - now > tonumber(ARGV[2]) then return {0, at - now, ''} end
local following = at + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', following), 'PX', math.ceil((following - now) / 1000) + 1000)
return {1, at - now, string.format('%.0f', at)}
"""
"""GCRA without a burst: each turn lies one interval after the one before, and is reserved for who asked (microseconds)."""

_ASK = """
local opened = redis.call('HGET', KEYS[1], 'until')
if not opened then return 0 end
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
if tonumber(opened) > now then return tonumber(opened) - now end
if ARGV[2] == '1' then redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + tonumber(ARGV[1]))) end
return 0
"""
"""Milliseconds to wait; once they are over, the first who may try is let through, and the others wait on for him."""

_TELL = """
if ARGV[1] == '1' then return redis.call('DEL', KEYS[1]) end
local faults = redis.call('HINCRBY', KEYS[1], 'faults', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if faults < tonumber(ARGV[2]) then return 0 end
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + tonumber(ARGV[3])))
return 1
"""
"""An answer closes it; so many faults in a row, with no answer among them, open it."""


class Turns:
    """A registrar's rate limit: never more than `per_second` requests in any second, over all workers, by Redis's clock.

    There is no burst: turns lie evenly, so a limit is kept in every sliding second and not only in aligned ones.
    """

    def __init__(
        self,
        client: redis.Redis,
        registrar: str,
        per_second: float,
        *,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._take = client.register_script(_TAKE_TURN)
        self._key = f"registrar:turns:{registrar}"
        self._interval = math.ceil(
            1_010_000 / per_second
        )  # one in a hundred less, for a second that is counted inclusively
        self._sleep = sleep

    def wait(self, most: float) -> float:
        """Wait for a turn, `most` seconds at the longest; return its instant, in seconds of Redis's clock.

        Raises `CallExpiredError` with the seconds after which to come back, and then no turn is used up.
        """
        try:
            granted, wait, at = self._take(keys=[self._key], args=[self._interval, int(most * 1_000_000)])
        except redis.RedisError as error:
            raise CallExpiredError(
                f"no turn could be asked for: {type(error).__name__}", retry_after=_AWAY_SECONDS
            ) from error
        seconds = int(wait) / 1_000_000
        if not granted:
            raise CallExpiredError("the rate limit leaves no turn within this call", retry_after=seconds)
        if seconds > 0:
            self._sleep(seconds)
        return int(at) / 1_000_000


class Breaker:
    """Whether a registrar answers: asked before a call, told after it, and never wrapped round it.

    `faults` failures of transport in a row, over all workers, open it for `seconds`; then one call is let through, and
    its answer closes it. A refusal is an answer.
    """

    def __init__(self, client: redis.Redis, registrar: str, *, faults: int, seconds: float) -> None:
        self._ask_script = client.register_script(_ASK)
        self._tell_script = client.register_script(_TELL)
        self._key = f"registrar:breaker:{registrar}"
        self._faults = faults
        self._open_ms = math.ceil(seconds * 1000)
        self._kept_ms = 20 * self._open_ms

    def wait(self, *, may_try: bool) -> float:
        """Return the seconds to wait before the next call, 0 if it may be made now.

        With `may_try` the caller will call if it may: after the wait the first such caller goes alone. Without Redis it
        stays closed: it saves effort, and guards nothing.
        """
        try:
            return float(self._ask_script(keys=[self._key], args=[self._open_ms, int(may_try)])) / 1000
        except redis.RedisError:
            return 0.0

    def tell(self, *, answered: bool) -> None:
        """Count how a call ended."""
        try:
            self._tell_script(
                keys=[self._key], args=[int(answered), self._faults, self._open_ms, self._kept_ms]
            )
        except redis.RedisError:
            return


_TAKE_TURNS = """
local paused = redis.call('PTTL', KEYS[2])
if paused > 0 then return {0, paused * 1000} end
local interval = tonumber(ARGV[1])
if interval == 0 then return {1, 0} end
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local following = at + interval * tonumber(ARGV[2])
redis.call('SET', KEYS[1], string.format('%.0f', following), 'PX', math.ceil((following - now) / 1000) + 1000)
return {1, at - now}
"""
"""Some turns in a row, one interval apart: how long until the first (microseconds); or how long the server is left alone."""

_PAUSE = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) end
return 1
"""

_GATHERED_SECONDS = 0.005
"""Who asks for turns at the same server within so long is asked for together: a thousand turns a second cost little then."""

_LATE_SECONDS = 0.05
_APART = 1.06
"""A turn that was slept through for longer than `_LATE_SECONDS` is not used but taken again, and turns lie a little more
than that share wider apart: so no sliding second sees more than the budget even though sleepers wake late."""
_COUNTED_TO = 500.0
"""Above so many a second a process that asks as fast as it can wakes late by itself: there the budget is kept on average."""


class SharedPace:
    """Turns at public servers over all workers: the `Pace` of `adapters.lookups.pace`, kept in Redis by Redis's clock.

    Safe for several threads and event loops at once. Without Redis nobody can count, so nobody is asked: `PausedError`.
    How many questions are in flight is each session's own affair.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._take = client.register_script(_TAKE_TURNS)
        self._pause = client.register_script(_PAUSE)
        self._lock = threading.Lock()
        self._gatherings: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, int], _Gathering]] = (
            WeakKeyDictionary()
        )

    async def turn(self, server: str, budget: Budget) -> None:
        """Wait until the server may be asked; raises `PausedError` if it is left alone then or now."""
        if budget.per_second is None:
            await self._granted(server, 0)
            return
        interval = math.ceil(_APART * 1_000_000 / budget.per_second)
        while True:
            granted = await self._granted(server, interval)
            if (wait := granted.opens_at - time.monotonic()) > 0:
                await asyncio.sleep(wait)
                await self._granted(server, 0)  # it may have been told to leave it alone meanwhile
            if granted.is_fresh() or budget.per_second > _COUNTED_TO:
                return

    async def pause(self, server: str, seconds: float) -> None:
        """Let nobody ask the server for so long; a longer pause stays. Without Redis nobody asks it anyway."""
        milliseconds = math.ceil(seconds * 1000)
        with suppress(redis.RedisError):
            await asyncio.to_thread(self._pause, keys=[_pause_key(server)], args=[milliseconds])

    async def _granted(self, server: str, interval: int) -> "_Turn":
        """Join those who wait for turns at the server just now, or begin to gather them."""
        loop = asyncio.get_running_loop()
        with self._lock:
            gatherings = self._gatherings.setdefault(loop, {})
        key = (server, interval)
        if (gathering := gatherings.get(key)) is None:
            gathering = gatherings[key] = _Gathering(loop.create_task(self._gather(gatherings, key)))
        before = gathering.count
        gathering.count += 1
        return (await asyncio.shield(gathering.first)).after(before * interval)

    async def _gather(self, gatherings: "dict[tuple[str, int], _Gathering]", key: tuple[str, int]) -> "_Turn":
        """Wait a moment for others, then ask for all of them at once."""
        try:
            await asyncio.sleep(_GATHERED_SECONDS)
        finally:
            count = gatherings.pop(key).count
        return await asyncio.to_thread(self._ask, *key, count)

    def _ask(self, server: str, interval: int, count: int) -> "_Turn":
        """Take so many turns in a row; raises `PausedError`."""
        asked = time.monotonic()
        try:
            granted, micros = self._take(
                keys=[f"registrar:public:{server}", _pause_key(server)], args=[interval, count]
            )
        except redis.RedisError as error:
            raise PausedError(_AWAY_SECONDS) from error
        if not granted:
            raise PausedError(int(micros) / 1_000_000)
        wait = int(micros) / 1_000_000
        return _Turn(earliest=asked + wait, opens_at=time.monotonic() + wait)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn on this process's clock: it lies between the two instants, as far apart as Redis took to answer."""

    earliest: float
    opens_at: float

    def after(self, micros: int) -> "_Turn":
        return _Turn(self.earliest + micros / 1_000_000, self.opens_at + micros / 1_000_000)

    def is_fresh(self) -> bool:
        """Tell whether it was not slept through."""
        return time.monotonic() - self.earliest <= _LATE_SECONDS


@dataclass(slots=True)
class _Gathering:
    """Who waits for turns of one server: how many, and the first turn once it is known."""

    first: "asyncio.Task[_Turn]"
    count: int = 0


def _pause_key(server: str) -> str:
    return f"registrar:pause:{server}"
