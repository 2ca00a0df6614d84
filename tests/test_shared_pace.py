"""Is a public server asked as often as its budget says, though many workers ask it, and left alone when it wants to be?"""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from adapters.lookups.pace import Budget, PausedError
from adapters.pace import SharedPace

ROOT = Path(__file__).parent.parent
SERVER = "rdap.example.net:443"
WORKERS, TURNS_EACH, PER_SECOND = 3, 8, 10

WORKER = """
import asyncio, sys, threading, time
import redis
from adapters.lookups.pace import Budget
from adapters.pace import SharedPace
url, server, turns, per_second = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
pace, budget = SharedPace(redis.Redis.from_url(url)), Budget(per_second=per_second)

async def one():
    await pace.turn(server, budget)
    print(f"{time.time():.6f}")

async def several():
    await asyncio.gather(*(one() for _ in range(turns // 2)))

threads = [threading.Thread(target=lambda: asyncio.run(several())) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""
"""A worker with two event loops, each of which wants half of the turns at once."""


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    """Give a client of an empty Redis."""
    with redis.Redis.from_url(redis_url) as made:
        yield made


@pytest.fixture
def pace(client: redis.Redis) -> SharedPace:
    return SharedPace(client)


def test_three_workers_never_pass_the_limit(redis_url: str) -> None:
    """No second, wherever it begins, sees more than ten questions, though three workers with six event loops ask."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, redis_url, SERVER, str(TURNS_EACH), str(PER_SECOND)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(WORKERS)
    ]  # fmt: skip
    granted = sorted(float(line) for worker in workers for line in worker.communicate(timeout=60)[0].split())
    assert [worker.returncode for worker in workers] == [0] * WORKERS
    assert len(granted) == WORKERS * TURNS_EACH
    for first in granted:
        assert sum(first <= at <= first + 1 for at in granted) <= PER_SECOND


def test_a_pause_is_kept_by_all(client: redis.Redis, pace: SharedPace) -> None:
    """A server that asked one worker to be left alone is left alone by the others too."""
    asyncio.run(pace.pause(SERVER, 60))
    with pytest.raises(PausedError) as told:
        asyncio.run(SharedPace(client).turn(SERVER, Budget(per_second=None)))
    assert 50 < told.value.retry_after <= 60


def test_a_longer_pause_stays(pace: SharedPace) -> None:
    """Who says a minute after another was told an hour does not shorten the hour."""

    async def both() -> None:
        await pace.pause(SERVER, 3600)
        await pace.pause(SERVER, 60)
        await pace.turn(SERVER, Budget())

    with pytest.raises(PausedError) as told:
        asyncio.run(both())
    assert told.value.retry_after > 3000


def test_a_pause_that_begins_during_the_wait_is_seen(pace: SharedPace) -> None:
    """Who waits for his turn while the server asks to be left alone does not ask it."""

    async def story() -> None:
        budget = Budget(per_second=10)
        await pace.turn(SERVER, budget)
        waiting = asyncio.create_task(pace.turn(SERVER, budget))
        await asyncio.sleep(0.03)
        await pace.pause(SERVER, 60)
        await waiting

    with pytest.raises(PausedError):
        asyncio.run(story())


def test_a_flushed_redis_forgets_and_goes_on(client: redis.Redis, pace: SharedPace) -> None:
    """The pace is advice: with it lost, servers are asked again, and tell again what they want."""
    asyncio.run(pace.pause(SERVER, 60))
    client.flushall()
    asyncio.run(pace.turn(SERVER, Budget(per_second=100)))


def test_without_redis_nobody_is_asked() -> None:
    """A limit that nobody can count is not passed, nor is it no limit: what asked is told to come back."""
    away = SharedPace(redis.Redis.from_url("redis://127.0.0.1:1"))
    for budget in (Budget(), Budget(per_second=None)):
        with pytest.raises(PausedError) as told:
            asyncio.run(away.turn(SERVER, budget))
        assert told.value.retry_after > 0
    asyncio.run(away.pause(SERVER, 60))


def test_servers_do_not_wait_for_one_another(pace: SharedPace) -> None:
    """One server's slow pace is no other's."""

    async def several() -> None:
        slow = Budget(per_second=0.001)
        await asyncio.gather(*(pace.turn(f"{number}.example.net", slow) for number in range(5)))

    asyncio.run(several())


def test_a_turn_that_was_slept_through_is_not_used(client: redis.Redis, pace: SharedPace) -> None:
    """A worker that was frozen when its turn came takes another one, so that it never follows on the heels of the next."""

    async def story() -> float:
        budget = Budget(per_second=5)
        await pace.turn(SERVER, budget)
        waiting = asyncio.create_task(pace.turn(SERVER, budget))
        await asyncio.sleep(0.05)
        time.sleep(0.4)  # noqa: ASYNC251 - an event loop that does nothing for a while is what is tried here
        asked = _turns_taken(client)
        await waiting
        return _turns_taken(client) - asked

    assert asyncio.run(story()) > 0.15


def test_who_gives_up_stops_nobody_else(pace: SharedPace) -> None:
    """One of several who wait for the same server may be cancelled, and the others get their turns."""

    async def story() -> None:
        waiting = [asyncio.create_task(pace.turn(SERVER, Budget(per_second=100))) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.gather(*waiting[1:])

    asyncio.run(story())


def test_threads_share_it(pace: SharedPace) -> None:
    """Looks in several threads, each with an event loop of its own, take turns of one pace."""
    failures: list[Exception] = []

    def one() -> None:
        try:
            asyncio.run(pace.turn(SERVER, Budget(per_second=50)))
        except PausedError as error:
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def _turns_taken(client: redis.Redis) -> float:
    """Return up to when the server's turns are taken, in seconds of Redis's clock."""
    return int(client.get(f"registrar:public:{SERVER}") or 0) / 1_000_000
