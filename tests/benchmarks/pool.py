"""What does a kept EPP session save? 1,000 commands from 8 threads over the pool, beside a connection for each command.

The registry runs in a process of its own, so that the CPU is ours alone; it counts the logins.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from adapters.registrars import epp
from adapters.sandbox.books import Books
from config.settings import load
from registrar.commands import Expiry, Renew
from registrar.gateway import Call, Gateway
from registrar.names import DomainName
from registrar.outcomes import Done
from tasks import clock, sandbox
from tests.benchmarks.measuring import Finding, a_folder
from tests.registrar_servers import sandbox_registrars

COMMANDS, THREADS = 1_000, 8
CONNECTED_EACH = 200
CALL_SECONDS = 60.0
EXPIRES = datetime(2027, 8, 9, 12, tzinfo=UTC)


class Cost(NamedTuple):
    """What a command cost: seconds of the clock until the next is done, and of our CPU."""

    wall: float
    cpu: float


def measure(_database: str) -> list[Finding]:
    """Return the logins that the pool needs, and what a command costs beside a connection for each."""
    with a_folder() as folder, sandbox_registrars(folder) as place:
        section = load(place.config, {"HOME": str(folder)}).registrars["epp"].section
        names = _names(place)
        gateway = epp.make("epp", section)
        sessions = int(str(section["sessions"]))
        kept = _cost(names[:COMMANDS], lambda name: _renew(gateway, name))
        gateway.close()
        logins = _logins(place.epp_books)
        each = _cost(names[COMMANDS:], lambda name: _renew_alone(section, name))
    what = f"pool: {COMMANDS:,} EPP renewals from {THREADS} threads"
    return [
        Finding(f"{what} need {logins} logins; {sessions} sessions are allowed", logins <= sessions),
        Finding(
            f"pool: a connection for each command takes {each.wall / kept.wall:.0f} times as long and "
            f"{each.cpu / kept.cpu:.0f} times the CPU ({1000 * kept.cpu:.2f} ms a command over the pool)"
        ),
    ]


def _names(place: sandbox.Place) -> list[DomainName]:
    names = [DomainName(f"renewed-{number}.com", "com") for number in range(COMMANDS + CONNECTED_EACH)]
    with Books(place.epp_books) as books:
        books.top_up(1_000_000_000)
        for name in names:
            books.add_domain(name.ascii, expires_at=EXPIRES)
    return names


def _cost(names: list[DomainName], renew: Callable[[DomainName], None]) -> Cost:
    """Renew all of them from a few threads, and return what one cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(THREADS) as threads:
        for done in threads.map(renew, names):
            assert done is None
    return Cost((time.perf_counter() - wall) / len(names), (time.process_time() - cpu) / len(names))


def _renew_alone(section: Mapping[str, object], name: DomainName) -> None:
    gateway = epp.make("epp", section)
    try:
        _renew(gateway, name)
    finally:
        gateway.close()


def _renew(gateway: Gateway, name: DomainName) -> None:
    until = clock.steady() + CALL_SECONDS
    call = Call(f"BENCH-{name.ascii}", until, until, clock.steady)
    outcome = gateway.execute(Renew(name, 12, Expiry(EXPIRES, EXPIRES.isoformat())), call)
    if not isinstance(outcome, Done):
        raise TypeError(f"{name.ascii} was not renewed: {outcome}")


def _logins(books: Path) -> int:
    with closing(sqlite3.connect(f"{books.as_uri()}?mode=ro", uri=True)) as connection:
        counted = connection.execute("SELECT count(*) FROM journal WHERE command = 'login'").fetchone()
    return int(counted[0])
