"""Is a registrar asked no faster than it allows, and left alone while it does not answer? By Redis's clock, over processes."""

import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import redis

from adapters.pace import Breaker, Turns
from registrar.gateway import CallExpiredError

ROOT = Path(__file__).parent.parent
WORKERS, TURNS_EACH, PER_SECOND = 4, 7, 5

WORKER = """
import sys, time
import redis
from adapters.pace import Turns
url, turns, per_second, wrong = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
right = time.time
time.time = lambda: right() + wrong
client = redis.Redis.from_url(url)
queue = Turns(client, "acme", per_second)
for _ in range(turns):
    print(f"{queue.wait(60):.6f}")
"""
"""A worker that takes turns; its wall clock may be wrong."""


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    """Give a client of an empty Redis."""
    with redis.Redis.from_url(redis_url) as made:
        yield made


def never(seconds: float) -> None:
    """Fail where nobody should wait."""
    pytest.fail(f"waited {seconds} seconds")


def test_four_workers_never_pass_the_limit(redis_url: str) -> None:
    """No second, wherever it begins, sees more than five turns, though four processes ask and one's clock is wrong."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, redis_url, str(TURNS_EACH), str(PER_SECOND), str(wrong)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for wrong in (0, 0, 0, 3)
    ]
    granted = sorted(float(line) for worker in workers for line in worker.communicate(timeout=60)[0].split())
    assert [worker.returncode for worker in workers] == [0] * WORKERS
    assert len(granted) == WORKERS * TURNS_EACH
    for first in granted:
        assert sum(first <= at <= first + 1 for at in granted) <= PER_SECOND


def test_turns_lie_evenly(client: redis.Redis) -> None:
    """There is no burst: each turn is at least a fifth of a second after the one before."""
    waited: list[float] = []
    turns = Turns(client, "acme", 5, sleep=waited.append)
    granted = [turns.wait(60) for _ in range(20)]
    apart = [later - earlier for earlier, later in pairwise(granted)]
    assert min(apart) >= 0.2
    assert len(waited) == 19


def test_a_turn_that_comes_too_late_is_not_taken(client: redis.Redis) -> None:
    """Who cannot wait so long is told when to come back, and uses up nobody's turn."""
    turns = Turns(client, "acme", 0.01, sleep=never)
    turns.wait(0)
    for _ in range(3):
        with pytest.raises(CallExpiredError) as told:
            turns.wait(60)
        assert told.value.retry_after is not None
        assert 99 < told.value.retry_after <= 101


def test_each_registrar_has_a_limit_of_its_own(client: redis.Redis) -> None:
    """One registrar's turns are no other's."""
    for name in ("acme", "other"):
        Turns(client, name, 0.01, sleep=never).wait(0)


def test_without_redis_no_turn_is_given() -> None:
    """A limit that nobody can count is not passed: what asked is told to come back."""
    away = redis.Redis.from_url("redis://127.0.0.1:1")
    with pytest.raises(CallExpiredError) as told:
        Turns(away, "acme", 5).wait(60)
    assert told.value.retry_after is not None


def breaker(client: redis.Redis, *, seconds: float = 60) -> Breaker:
    """Return a breaker that opens at the third fault."""
    return Breaker(client, "acme", faults=3, seconds=seconds)


def open_for_a_moment(client: redis.Redis) -> None:
    """Open the breaker, and wait until it may be tried again."""
    made = breaker(client, seconds=0.5)
    for _ in range(3):
        made.tell(answered=False)
    assert made.wait(may_try=False) > 0
    while (rest := made.wait(may_try=False)) > 0:
        time.sleep(rest)


def test_faults_in_a_row_open_it_for_every_worker(client: redis.Redis) -> None:
    """Three calls without an answer, made by two workers, and no worker calls for a minute."""
    one, other = breaker(client), breaker(client)
    one.tell(answered=False)
    other.tell(answered=False)
    assert one.wait(may_try=False) == 0
    one.tell(answered=False)
    assert 50 < other.wait(may_try=True) <= 60


def test_an_answer_starts_the_count_anew(client: redis.Redis) -> None:
    """Faults that are far apart, with answers between them, open nothing."""
    made = breaker(client)
    for answered in (False, False, True, False, False):
        made.tell(answered=answered)
    assert made.wait(may_try=True) == 0


def test_one_call_tries_and_the_others_wait_for_it(client: redis.Redis) -> None:
    """After the wait one call is let through; its answer lets all the others through."""
    open_for_a_moment(client)
    patient = breaker(client)
    assert patient.wait(may_try=True) == 0
    assert patient.wait(may_try=True) > 50
    patient.tell(answered=True)
    assert patient.wait(may_try=True) == 0


def test_who_only_looks_does_not_take_the_try(client: redis.Redis) -> None:
    """Asking for another registrar's sake leaves the try to who will call."""
    open_for_a_moment(client)
    assert breaker(client).wait(may_try=False) == 0
    assert breaker(client).wait(may_try=True) == 0


def test_without_redis_it_stays_closed() -> None:
    """The breaker saves effort and guards nothing, so a lost Redis stops nobody."""
    away = breaker(redis.Redis.from_url("redis://127.0.0.1:1"))
    for _ in range(5):
        away.tell(answered=False)
    assert away.wait(may_try=True) == 0


def test_a_flushed_redis_forgets(client: redis.Redis) -> None:
    """Both states are advice; losing them loses no order."""
    made = breaker(client)
    for _ in range(3):
        made.tell(answered=False)
    client.flushall()
    assert made.wait(may_try=True) == 0
