"""Does a worker look at every name by itself when the night comes, and another one go on with it when that one is killed?"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import insert

from adapters.sandbox.rdap import RdapSandbox
from registrar.models import Duty
from registrar.sync.runs import RunState
from tasks import clock
from tasks.wiring import House
from tests.sync import house as houses
from tests.sync.house import EXPIRES, books_of, configuration, entries, latest, own
from tests.system.shop import MOST_SECONDS, ROOT, Process

NAMES = tuple(f"name-{number}.com" for number in range(300))
LATER = EXPIRES + timedelta(hours=12)
AT_ONCE, PER_SECOND = 20, 100
QUICK = {
    "REGISTRAR_SYNC__LEASE_SECONDS": "3",
    "REGISTRAR_SYNC__CLAIM_SECONDS": "1",
    "REGISTRAR_SYNC__BATCH": "50",
    "REGISTRAR_FLOW__SWEEP_SECONDS": "0.2",
}
"""A worker's death shows after seconds."""

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""`tests/night` kills a night on PostgreSQL."""


def test_a_worker_begins_the_night_by_itself_and_others_end_it(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """At its time the run begins; stopped, it loses nothing; killed, with Redis flushed, it asks again what was in the air alone."""
    record = entries(*NAMES) | entries(*NAMES[:5], expires=LATER)
    with RdapSandbox(record.get) as rdap, ExitStack() as stack:
        variables = houses.variables(tmp_path, database_url, redis_url) | QUICK
        toml = configuration(rdap, None, per_second=PER_SECOND)
        house = stack.enter_context(houses.opened(tmp_path, database_url, redis_url, toml, **variables))
        own(house, *NAMES)
        _let_it_be_night(house)
        workers = (stack.enter_context(_worker(tmp_path, str(number), variables)) for number in range(3))

        stopped = next(workers)
        _wait_for(lambda: len(rdap.arrivals.instants) > 70, stopped)
        stopped.ask_to_stop()
        assert stopped.exit_code() == 0
        assert latest(house).asked == len(rdap.arrivals.instants)
        assert houses.taken(house) == 0

        killed = next(workers)
        _wait_for(lambda: len(rdap.arrivals.instants) > 170, killed)
        killed.kill()
        with Redis.from_url(redis_url) as client:
            client.flushall()
        in_the_air = len(rdap.arrivals.instants) - latest(house).asked

        last = next(workers)
        _wait_for(lambda: latest(house).state is RunState.DONE, last)
        seen = rdap.arrivals.summary()
    ended = latest(house)
    assert (ended.actor, ended.planned, ended.asked, ended.unknown) == ("worker", 300, 300, 0)
    assert seen.names_by_times == Counter({1: 300 - in_the_air, 2: in_the_air}) - Counter()
    assert seen.most_in_a_second <= PER_SECOND
    assert seen.most_at_once <= AT_ONCE
    dates = books_of(house, "registry_expires_at")
    assert [name for name in NAMES if dates[name] == LATER] == list(NAMES[:5])


def _let_it_be_night(house: House) -> None:
    """Let the time come that the schedule has planned."""
    row = {"name": "start_sync", "due_at": clock.now()}
    with house.database.transaction() as connection:
        connection.execute(insert(Duty), row)


@contextmanager
def _worker(folder: Path, name: str, variables: Mapping[str, str]) -> Iterator[Process]:
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tasks.main", "--config", str(folder / "config"), "worker"],
            cwd=ROOT, env={**os.environ, **variables}, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
    worker = Process(process, log)
    try:
        yield worker
    finally:
        worker.end()


def _wait_for(condition: Callable[[], bool], worker: Process) -> None:
    give_up = time.monotonic() + 2 * MOST_SECONDS  # three workers start one after the other
    while not condition():
        assert worker.running, worker.log.read_text()[-2000:]
        assert time.monotonic() < give_up, worker.log.read_text()[-2000:]
        time.sleep(0.02)
