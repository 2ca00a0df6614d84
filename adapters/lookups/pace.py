"""How often may a public server be asked? At an even pace, so many at a time, and not at all while it is left alone.

A server counts what comes to it, whoever of us it comes from: one pace is kept for all looks of a process. Where several
processes ask the same servers, each is configured with its share, or handed a `Pace` that they keep together.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Budget:
    """What one server is asked for at most: `in_flight` looks at a time, `per_second` begun in any second (None: any number).

    There is no burst: turns lie evenly, so that the limit is kept in every sliding second.
    """

    in_flight: int = 4
    per_second: float | None = 2.0

    def __post_init__(self) -> None:
        if self.in_flight < 1 or (self.per_second is not None and not self.per_second > 0):
            raise ValueError("a budget lets at least one look pass, and more than none a second")


class PausedError(Exception):
    """A server is left alone, as it asked or because it was silent; `retry_after` is in seconds from now."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("not asked: the server is left alone for a while")
        self.retry_after = retry_after


class NobodyCountsError(Exception):
    """What keeps the pace does not answer, so no server may be asked; the message says what to do."""


class Pace(Protocol):
    """Turns at servers, by the server's name; safe for several threads and event loops at once."""

    async def turn(self, server: str, budget: Budget) -> None:
        """Wait until the server may be asked; raises `PausedError` if it is left alone then or now."""
        ...

    async def pause(self, server: str, seconds: float) -> None:
        """Let nobody ask the server for so long; a longer pause that is under way stays."""
        ...


class OwnPace:
    """The pace of one process. A turn that was given and not used is lost: too slow is harmless, too fast is not."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_turn: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}

    async def turn(self, server: str, budget: Budget) -> None:
        """Wait until the server may be asked; the pause is looked at before the wait and after it."""
        seconds = self._reserve(server, budget)
        if seconds > 0:
            await self._sleep(seconds)
            self._insist_welcome(server)

    async def pause(self, server: str, seconds: float) -> None:
        """Let nobody ask the server for so long."""
        with self._lock:
            until = self._clock() + seconds
            self._paused_until[server] = max(until, self._paused_until.get(server, until))

    def _reserve(self, server: str, budget: Budget) -> float:
        """Take the next turn, and return the seconds until it."""
        self._insist_welcome(server)
        if budget.per_second is None:
            return 0.0
        with self._lock:
            now = self._clock()
            at = max(now, self._next_turn.get(server, now))
            self._next_turn[server] = at + 1 / budget.per_second
        return at - now

    def _insist_welcome(self, server: str) -> None:
        with self._lock:
            now = self._clock()
            left = self._paused_until.get(server, now) - now
        if left > 0:
            raise PausedError(left)
