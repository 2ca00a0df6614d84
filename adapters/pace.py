"""How fast may a registrar be asked, and does it answer at all? Two small states in Redis, shared by all workers.

Both go by Redis's own clock, so that no worker's clock matters. They are advice about pace and hold no truth: a flushed
Redis forgets them, and nothing is sent twice for it.
"""

import math
import time
from collections.abc import Callable

import redis

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
