"""What does a system test run? Sandbox registrars, a database, a Redis of its own, and workers that may be killed.

Everything is real: processes, sockets, files. The test is the portal: it places orders, makes the trouble, waits until
every order has come to an end, and has the registrars' books compared with the ledger.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Connection, Row, select

from adapters.desk import Desk
from adapters.sandbox.books import Books
from config.settings import Settings, load
from registrar import access, findings, ledger
from registrar.models import Attempt, Event, Order
from registrar.money import Money
from registrar.orders.placing import Placement, place
from registrar.orders.requests import parse_request
from registrar.orders.states import State
from registrar.secrets import Keyring
from tasks import embedded, sandbox
from tasks.desk import make_desk
from tasks.proof import Proof, prove
from tasks.wiring import House, open_house
from tests.system.faulty import Point, stopped
from tests.system.nursery import Forked, Nursery

ROOT = Path(__file__).parent.parent.parent
MOST_SECONDS = 180.0
"""A wait that takes longer has failed. It is no measure of anything."""

PACE = {
    "call_seconds": 2.5,
    "lease_seconds": 3.5,
    "sweep_seconds": 0.2,
    "rung_seconds": 1.5,
    "follow_seconds": 0.4,
    "messages_seconds": 0.4,
    "look_retry_seconds": 0.4,
    "not_sent_retry_seconds": 0.3,
    "max_crashes": 20,
    "max_attempts": 20,
    "max_failed_looks": 50,
}
"""The product's pace, in seconds instead of minutes; and patience, so that an order's end does not hang on how often a
test killed the worker that had it in its hands."""

PATIENCE = {
    "late_limit_seconds": 1,
    "look_gap_seconds": 0.4,
    "long_look_seconds": 2,
    "hold_probe_seconds": 1,
    "breaker_seconds": 3,
}
"""What the sandbox registrars declare: nothing of theirs lands later than a second; and how long they are left alone, should
this machine be so busy that none of them answers in time."""

DECIDE_AFTER = 0.5
"""Seconds after which a sandbox registrar decides what it left pending."""

ALWAYS_THERE = ("epp", "irnic")
"""The registrars that every shop has; the sandbox serves others too."""

QUIET = frozenset({State.COMPLETED, State.REFUSED, State.CANCELLED, State.HELD})


@dataclass
class Process:
    """One process of the product's."""

    process: "subprocess.Popen[bytes] | Forked"
    log: Path

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    @property
    def frozen(self) -> bool:
        """Tell whether the process is stopped, by itself or by us."""
        status = Path(f"/proc/{self.process.pid}/stat")
        return self.running and status.read_text().rpartition(")")[2].split()[0] == "T"

    def kill(self) -> None:
        """End it where it stands."""
        self.process.kill()
        self.process.wait(MOST_SECONDS)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def ask_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """Wait for its end."""
        return self.process.wait(MOST_SECONDS)

    def begin_to_end(self) -> None:
        """Tell it to end, and wait for nothing: several end side by side."""
        if self.running:
            self.thaw()
            self.ask_to_stop()

    def end(self) -> None:
        """Leave nothing of it running."""
        if self.running:
            self.begin_to_end()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


@dataclass
class Shop:
    """Everything that runs for one test."""

    folder: Path
    place_of_sandbox: sandbox.Place
    environ: Mapping[str, str]
    settings: Settings
    house: House
    desk: Desk
    books: Mapping[str, Books]
    redis: embedded.EmbeddedRedis
    nursery: Nursery
    workers: list[Process] = field(default_factory=list)
    api: Process | None = None

    @property
    def epp(self) -> Books:
        """The EPP registrar's books."""
        return self.books["epp"]

    @property
    def irnic(self) -> Books:
        """IRNIC's books."""
        return self.books["irnic"]

    # --- the portal ---

    def order(self, order: Mapping[str, Any], *, ring: bool = True) -> Placement:
        """Place an order (the API's fields, and its `key`), and ring for it unless told otherwise."""
        with self.desk.database.transaction() as connection:
            placed = self._place(connection, order)
        if ring:
            self.desk.ring(placed.registrar, placed.order_id)
        return placed

    def order_at_once(self, orders: Iterable[Mapping[str, Any]]) -> None:
        """Place many orders in one transaction and ring for none: the sweep finds all of them or nothing."""
        with self.desk.database.transaction() as connection:
            for order in orders:
                self._place(connection, order)

    def _place(self, connection: Connection, order: Mapping[str, Any]) -> Placement:
        body = {name: value for name, value in order.items() if name != "key"}
        request = parse_request(body, key=order["key"], channel="http", catalogue=self.desk.catalogue)
        return place(
            connection, request, keyring=self.desk.keyring, rules=self.desk.rules, now=self.desk.now()
        )

    def top_up(self, customer: str, amount: int, currency: str) -> None:
        """Pay into a customer's balance."""
        with self.desk.database.transaction() as connection:
            money = Money(amount, currency)
            ledger.top_up(
                connection, customer, money, reference=f"{customer}-{currency}", now=self.desk.now()
            )

    # --- the workers ---

    def start_worker(self, **flow: float) -> Process:
        """Start one more worker process, with settings of its own if they are given."""
        log = self.folder / f"worker-{len(self.workers) + 1}.log"
        words = ("--config", str(self.place_of_sandbox.config), "worker")
        self.workers.append(Process(self.nursery.start(words, {**self.environ, **_flow(flow)}, log), log))
        return self.workers[-1]

    def _start(self, name: str, *command: str) -> Process:
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*_tie(), sys.executable, "-m", "tasks.main", "--config", str(self.place_of_sandbox.config), *command],
                cwd=ROOT, env=self.environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        return Process(process, log)

    def start_api(self) -> str:
        """Start the API as a process, and return its address once it is ready."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.api = self._start("api", "api", "--port", str(port))
        address = f"http://127.0.0.1:{port}"
        with requests.Session() as session:
            self.wait_for(lambda: _answers(session, f"{address}/readyz"), "the API is ready")
        return address

    def issue_key(self) -> str:
        """Issue a key for the API that may do everything."""
        with self.desk.database.transaction() as connection:
            chance = secrets.token_bytes(access.CHANCE_BYTES)
            scopes = frozenset(access.Scope)
            return access.issue(
                connection, "the tests' portal", scopes, chance=chance, now=self.desk.now(), actor="test"
            ).reveal()

    def running(self) -> list[Process]:
        """Return the workers that run, frozen ones too."""
        return [worker for worker in self.workers if worker.running]

    def keep_up(self, count: int) -> None:
        """Start a worker for each that died, as a supervisor would."""
        for _ in range(count - len(self.running())):
            self.start_worker()

    def script(self, points: Mapping[str, tuple[Point, signal.Signals]]) -> None:
        """Have the workers stop themselves, once for each name, at these points."""
        self.script_file.write_text(json.dumps(points))

    @property
    def script_file(self) -> Path:
        return self.folder / "script.json"

    def has_stopped(self, domain: str) -> bool:
        """Tell whether a worker has stopped for this name."""
        return stopped(self.script_file, domain).exists()

    # --- waiting ---

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition holds, or fail with what the workers said."""
        give_up = time.monotonic() + MOST_SECONDS
        while not condition():
            assert time.monotonic() < give_up, f"not in {MOST_SECONDS:.0f} s: {what}; {self._words()}"
            time.sleep(0.02)

    def wait_until_quiet(self, *, workers: int = 2) -> Proof:
        """Keep so many workers up until every order has ended or waits for a person; then compare the books."""

        def quiet() -> bool:
            self.keep_up(workers)
            return self.states().keys() <= QUIET

        self.wait_for(quiet, "every order has ended")
        return self.prove()

    # --- what is there to see ---

    def states(self) -> Counter[State]:
        """Count the orders by state."""
        with self.desk.database.reading() as connection:
            return Counter(State(state) for state in connection.execute(select(Order.state)).scalars())

    def ends(self) -> dict[str, str]:
        """Return each order's state, by key."""
        with self.desk.database.reading() as connection:
            return {row.key: row.state for row in connection.execute(select(Order.key, Order.state))}

    def row(self, key: str) -> Row[Any]:
        """Return an order's row."""
        with self.desk.database.reading() as connection:
            return connection.execute(select(Order.__table__).where(Order.key == key)).one()

    def attempts(self, key: str) -> list[str | None]:
        """Return what an order's attempts came to, the first one first."""
        query = select(Attempt.outcome).join(Order).where(Order.key == key).order_by(Attempt.number)
        with self.desk.database.reading() as connection:
            return list(connection.execute(query).scalars())

    def findings(self, kind: str) -> list[str]:
        """Return what the open findings of a kind are about."""
        with self.desk.database.reading() as connection:
            return [
                str(finding["subject"])
                for finding in findings.list_open(connection)
                if finding["kind"] == kind
            ]

    def events(self, key: str, kind: str) -> int:
        """Count what happened to an order, by kind."""
        query = (
            select(Event.id)
            .join(Order, Event.order_id == Order.id)
            .where(Order.key == key, Event.kind == kind)
        )
        with self.desk.database.reading() as connection:
            return len(connection.execute(query).all())

    def commands(self, fits: str = "%", name: str = "%", *, registrars: Collection[str] | None = None) -> int:
        """Count the commands that these registrars, or all, received (`domain:renew`, …), as SQL's LIKE."""
        query = "SELECT count(*) FROM journal WHERE command LIKE ? AND coalesce(name, '') LIKE ?"
        total = 0
        for books in map(self.books.__getitem__, registrars or self.books):
            with closing(sqlite3.connect(f"{books.path.as_uri()}?mode=ro", uri=True)) as connection:
                total += connection.execute(query, (fits, name)).fetchone()[0]
        return total

    def has_received(self, count: int) -> bool:
        """Tell whether the registrars have received so many commands."""
        return self.commands() >= count

    def prove(self) -> Proof:
        """Compare the registrars' books with the ledger."""
        return prove(self.settings.database.url, {name: books.path for name, books in self.books.items()})

    def restart_redis(self) -> None:
        """Kill Redis, and start it again with nothing in it."""
        self.redis.process.kill()
        self.redis.process.wait(MOST_SECONDS)
        self.redis = embedded.start(redis_folder(self.redis))

    def _words(self) -> str:
        said = [f"{worker.log.name}: {worker.log.read_text()[-600:]}" for worker in self.workers[-2:]]
        return f"orders {dict(self.states())}; " + "; ".join(said)


def redis_folder(server: embedded.EmbeddedRedis) -> Path:
    """Return the folder where a server's socket lies."""
    return Path(server.url.removeprefix("unix://").partition("?")[0]).parent


@contextmanager
def opened(
    folder: Path,
    database_url: str,
    redis_home: Path,
    nursery: Nursery,
    *,
    dialect: str = "com",
    guard: bool = True,
    permit: bool = True,
    stoppable: bool = True,
    also: Collection[str] = (),
    sections: Mapping[str, Mapping[str, str | int | float | bool]] | None = None,
    flow: Mapping[str, float] | None = None,
) -> Iterator[Shop]:
    """Open a shop in `folder` on a database at the newest schema; nothing of it runs on after the block.

    `also` names registrars besides EPP and IRNIC; `sections` changes what is configured of any of them. `stoppable`
    puts the adapter round EPP's that can stop its process.
    """
    with ExitStack() as stack:
        redis = embedded.start(redis_home)
        place_of_sandbox = stack.enter_context(_registrars(folder, dialect))
        stopping = {"guard": guard, "permit": permit} if stoppable else None
        _configure(place_of_sandbox, folder, {*ALWAYS_THERE, *also}, sections or {}, stopping)
        environ = _environ(database_url, redis.url, PACE | dict(flow or {}))
        settings = load(place_of_sandbox.config, environ)
        house = open_house(settings)
        stack.callback(house.close)
        made = Shop(
            folder=folder,
            place_of_sandbox=place_of_sandbox,
            environ=environ,
            settings=settings,
            house=house,
            desk=make_desk(house),
            books={name: stack.enter_context(Books(place_of_sandbox.books(name))) for name in house.gateways},
            redis=redis,
            nursery=nursery,
        )
        try:
            yield made
        finally:
            made.redis.process.send_signal(signal.SIGCONT)
            processes = [*made.workers, *filter(None, [made.api])]
            for ending in (Process.begin_to_end, Process.end):
                for process in processes:
                    ending(process)
            made.redis.stop()


@contextmanager
def _registrars(folder: Path, dialect: str) -> Iterator[sandbox.Place]:
    """Serve the sandbox registrars from threads of the test's own process."""
    stop, ready = threading.Event(), threading.Event()
    serve = partial(
        sandbox.serve,
        folder,
        dialect=dialect,
        ports={},
        decide_after_seconds=DECIDE_AFTER,
        stop=stop,
        ready=lambda _: ready.set(),
    )
    thread = threading.Thread(target=serve, name="sandbox")
    thread.start()
    try:
        assert ready.wait(MOST_SECONDS), "the sandbox registrars did not start"
        yield sandbox.Place(folder)
    finally:
        stop.set()
        thread.join(MOST_SECONDS)


def _configure(
    place_of_sandbox: sandbox.Place,
    folder: Path,
    enabled: Collection[str],
    changes: Mapping[str, Mapping[str, str | int | float | bool]],
    stopping: Mapping[str, bool] | None,
) -> None:
    """Put the tests' patience to all, and the adapter that stops its process round the EPP registrar's."""
    path = place_of_sandbox.config / "registrars.toml"
    sections = tomllib.loads(path.read_text())
    for name, section in sections.items():
        section.update(PATIENCE | {"enabled": name in enabled})
    sections["epp"]["sessions"] = 3
    if stopping is not None:
        sections["epp"] |= {
            "adapter": "tests.system.faulty:make",
            "real": "adapters.registrars.epp:make",
            "script": str(folder / "script.json"),
            **stopping,
        }
    for name, changed in changes.items():
        sections[name] |= changed
    path.write_text(sandbox._toml(sections))


def _environ(database_url: str, redis_url: str, flow: Mapping[str, float]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRAR_")}
    return kept | {
        "REGISTRAR_DATABASE__URL": database_url,
        "REGISTRAR_REDIS__URL": redis_url,
        "REGISTRAR_SECRET_KEYS": Keyring.new_key().reveal(),
        "REGISTRAR_SYNC__AT": "",
        **_flow(flow),
    }


def _flow(settings: Mapping[str, float]) -> dict[str, str]:
    return {f"REGISTRAR_FLOW__{name.upper()}": str(value) for name, value in settings.items()}


def _answers(session: requests.Session, url: str) -> bool:
    try:
        return session.get(url, timeout=2).ok
    except requests.ConnectionError:
        return False


def _tie() -> Sequence[str]:
    """End a worker with us even if we are killed, where the system can."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "KILL"] if program else []
