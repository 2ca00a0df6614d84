"""Is a public server asked as often as its budget says, and left alone when it wants to be?"""

import asyncio

import pytest

from adapters.lookups.pace import Budget, OwnPace, PausedError


class Day:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def clock(self) -> float:
        """Return the seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass for everybody."""
        self.now += seconds


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def pace(day: Day) -> OwnPace:
    return OwnPace(clock=day.clock, sleep=day.sleep)


def turns(pace: OwnPace, day: Day, number: int, budget: Budget, server: str = "a:443") -> list[float]:
    """Take so many turns one after the other, and return when each came."""

    async def take() -> list[float]:
        came = []
        for _ in range(number):
            await pace.turn(server, budget)
            came.append(day.now)
        return came

    return asyncio.run(take())


def test_turns_lie_evenly(pace: OwnPace, day: Day) -> None:
    """Four questions a second come a quarter of a second apart: in no second are there more."""
    assert turns(pace, day, 5, Budget(per_second=4)) == [1000.0, 1000.25, 1000.5, 1000.75, 1001.0]


def test_an_idle_time_saves_up_no_burst(pace: OwnPace, day: Day) -> None:
    """A server that was not asked for an hour is not asked the more at once afterwards."""
    turns(pace, day, 1, Budget(per_second=2))
    day.now += 3600
    assert turns(pace, day, 3, Budget(per_second=2)) == [4600.0, 4600.5, 4601.0]


def test_servers_do_not_wait_for_one_another(pace: OwnPace, day: Day) -> None:
    """One server's slow pace delays nobody who asks another one."""
    turns(pace, day, 2, Budget(per_second=0.001))
    now = day.now
    assert turns(pace, day, 1, Budget(per_second=0.001), server="b:443") == [now]


def test_a_server_without_a_limit_is_asked_at_once(pace: OwnPace, day: Day) -> None:
    """Where no rate is set, nobody waits."""
    assert turns(pace, day, 3, Budget(per_second=None)) == [1000.0] * 3


def test_a_pause_holds_for_everybody_until_it_is_over(pace: OwnPace, day: Day) -> None:
    """While a server is left alone nobody gets a turn, and a shorter pause does not end a longer one."""
    asyncio.run(pace.pause("a:443", 60))
    asyncio.run(pace.pause("a:443", 10))
    day.now += 59
    with pytest.raises(PausedError) as paused:
        turns(pace, day, 1, Budget())
    assert paused.value.retry_after == 1
    assert turns(pace, day, 1, Budget(), server="b:443") == [1059.0]
    day.now += 1
    assert turns(pace, day, 1, Budget()) == [1060.0]


def test_who_waits_for_a_turn_heeds_a_pause_that_begins_meanwhile(day: Day) -> None:
    """A question whose turn was given before the server asked for rest is not asked."""

    async def rest(seconds: float) -> None:
        await day.sleep(seconds)
        await asked_too_often.pause("a:443", 30)

    asked_too_often = OwnPace(clock=day.clock, sleep=rest)

    with pytest.raises(PausedError):
        turns(asked_too_often, day, 2, Budget(per_second=1))


@pytest.mark.parametrize(
    "budget", [{"in_flight": 0}, {"per_second": 0}, {"per_second": -1}, {"per_second": float("nan")}]
)
def test_a_budget_of_nothing_is_refused(budget: dict[str, float]) -> None:
    """A server that is never asked is switched off, and not given a budget of nothing."""
    with pytest.raises(ValueError, match="budget"):
        Budget(**budget)  # type: ignore[arg-type]  # one of the two fields
