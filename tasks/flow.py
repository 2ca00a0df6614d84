"""How much of a process may one registrar take? Its turns, its breaker, and its seats: the threads that may wait for it.

A thread that waits for a registrar is lost to the others, and dramatiq's threads share one queue of work. So each
registrar has as many seats in a process as it may have commands in the air, for whatever it is asked, and looks wait for
seats too.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from adapters.pace import Breaker, Turns
from config.settings import RegistrarSettings
from registrar.gateway import Sighting, Standing
from registrar.outcomes import NotSent, Outcome, Unknown


@dataclass(frozen=True, slots=True)
class Flow:
    """One registrar's flow; `turns` is None where there is no rate limit."""

    breaker: Breaker
    turns: Turns | None
    seats: threading.BoundedSemaphore

    def wait_for_turn(self, most: float) -> None:
        """Wait for a turn under the rate limit; raises `CallExpiredError` where none comes in so many seconds."""
        if self.turns is not None:
            self.turns.wait(most)

    @contextmanager
    def seat(self) -> Iterator[bool]:
        """Take one of the registrar's seats in this process, if one is free, for as long as the block lasts."""
        taken = self.seats.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                self.seats.release()

    def tell_of(self, outcome: Outcome) -> None:
        """Tell the breaker how a command or an errand ended; only a fault of transport is one, a refusal is an answer."""
        match outcome:
            case NotSent():
                if outcome.unreachable:
                    self.breaker.tell(answered=False)
            case Unknown():
                self.breaker.tell(
                    answered=outcome.reply is not None and outcome.reply.result_code is not None
                )
            case _:
                self.breaker.tell(answered=True)

    def tell_of_look(self, sighting: Sighting) -> None:
        """Tell the breaker how a look ended; one that was not made (closed hours, no turn) tells nothing."""
        if sighting.standing is not Standing.UNKNOWN or (
            sighting.reply is not None and sighting.reply.result_code is not None
        ):
            self.breaker.tell(answered=True)
        elif sighting.retry_after is None and sighting.blocked is None:
            self.breaker.tell(answered=False)


def make_flow(client: redis.Redis, name: str, section: RegistrarSettings) -> Flow:
    """Return a registrar's flow as it is configured."""
    rate = section.requests_per_second
    return Flow(
        breaker=Breaker(client, name, faults=section.breaker_faults, seconds=section.breaker_seconds),
        turns=Turns(client, name, rate) if rate else None,
        seats=threading.BoundedSemaphore(section.in_flight_cap),
    )
