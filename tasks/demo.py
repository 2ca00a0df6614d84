"""What does it look like when all of it works? Real orders over real sockets, every sort of trouble, and the proof.

1. the sandbox's registrars, an embedded Redis, SQLite, the API and two workers, each a process
2. orders through the HTTP API; a supplier is on hold at first, a worker is killed in mid-batch, deposits run dry, codes
   are wrong, a PIN comes by mail
3. the night: every name is looked at, and the public record lies about two of them (`tasks.demo_night`)
4. the registrars' own books against the ledger, order by order, by code that knows nothing of orders (`tasks.proof`)
"""

import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import mailed_pin
from config.settings import Settings, load
from registrar import access, holds, ledger
from registrar.database import Database
from registrar.models import Order
from registrar.money import Money
from registrar.orders import approving, reading
from registrar.orders.by_hand import ByHand
from registrar.orders.gates import APPROVAL_NEEDED
from registrar.orders.states import State
from registrar.outcomes import BlockCause
from registrar.sync.runs import RunView
from tasks import clock, demo_night, demo_report
from tasks.demo_night import Night
from tasks.demo_plan import Cast, cast
from tasks.demo_report import Outcome
from tasks.parts import Parts, ground
from tasks.proof import Proof, prove
from tasks.sandbox import ACCOUNTS, Place, make_books

MOST_SECONDS = 240.0
"""A demo that does not come to an end by itself fails after so long."""
KILL_AT = 0.3
"""The share of orders under way or ended at which a worker is killed."""
_PLACING_THREADS = 4
_READY_SECONDS = 30.0
_STOP_SECONDS = 10.0
"""The sandbox's settings let no call last longer."""


class DemoFailedError(Exception):
    """The demo could not be shown to its end; the message says what happened and where the logs are."""


def run(*, as_json: bool, stay: bool, orders: int, seed: int, folder: Path | None = None) -> int:
    """Show it, and return 0 only if the books and the ledger agree and no lie is believed; with `stay` keep it up until interrupted.

    A `folder` is kept, and `prove_again` may compare what is in it once more.
    """
    console = Console(stderr=True)
    place = folder.absolute() if folder else Path(tempfile.mkdtemp(prefix="registrar-demo-"))
    began = time.monotonic()
    try:
        with _Stage.built(place, cast(orders, seed), console) as stage:
            stage.play()
            night = stage.night()
            proof = stage.prove()
            outcome = Outcome(proof, stage.play_cast.titles, stage.play_cast.expected, night)
            ended = _tell(outcome, stage.database, as_json=as_json, seconds=time.monotonic() - began)
            if stay:
                stage.stay()
    except DemoFailedError as error:
        console.print(f"[red]the demo failed:[/red] {error}")
        return 1
    if folder is None:
        shutil.rmtree(place, ignore_errors=True)
    return ended


def prove_again(folder: Path, *, as_json: bool) -> int:
    """Compare the books and the ledger that a demo left in `folder`; return 0 only if they agree."""
    began = time.monotonic()
    place = Place(folder)
    settings = load(place.config, _own_environment())
    database = Database(settings.database.url)
    try:
        proof = _compare(place, settings)
        return _tell(Outcome(proof), database, as_json=as_json, seconds=time.monotonic() - began)
    finally:
        database.close()


def _tell(outcome: Outcome, database: Database, *, as_json: bool, seconds: float) -> int:
    """Print the end: tables for people, or one JSON object on one line; return the exit code."""
    if as_json:
        sys.stdout.write(json.dumps({**outcome.as_json(), "seconds": round(seconds, 1)}) + "\n")
        sys.stdout.flush()
    else:
        demo_report.show(Console(), database, outcome, seconds=seconds)
    return 0 if outcome.ok else 1


def _compare(place: Place, settings: Settings) -> Proof:
    """Compare the registrars' books with the ledger."""
    return prove(settings.database.url, {name: place.books(name) for name in ACCOUNTS})


def _own_environment() -> dict[str, str]:
    """Return the environment without settings meant for another installation."""
    return {name: value for name, value in os.environ.items() if not name.startswith("REGISTRAR_")}


@dataclass
class _Stage:
    """Everything that runs for the demo."""

    place: Place
    play_cast: Cast
    console: Console
    settings: Settings
    database: Database
    parts: Parts
    api: str
    api_key: str
    topped_up: set[tuple[str, datetime]] = field(default_factory=set)
    """The deposits' holds that were paid for: at which registrar, since when."""
    corrected: set[str] = field(default_factory=set)
    not_placed: list[str] = field(default_factory=list)
    """What the API said of orders that it did not take."""

    @classmethod
    @contextmanager
    def built(cls, folder: Path, play_cast: Cast, console: Console) -> Iterator["_Stage"]:
        """Start every part, and stop all of them at the end of the block."""
        place = make_books(folder, epp_deposit=play_cast.epp_deposit, irnic_deposit=play_cast.irnic_deposit)
        with ExitStack() as stack:
            play_cast.prepare({name: stack.enter_context(Books(place.books(name))) for name in ACCOUNTS})
        environ = _own_environment()
        parts = Parts(environ, _STOP_SECONDS, log_folder=folder / "logs")
        try:
            parts.start("sandbox", ["sandbox", "--folder", str(folder), "--decide-after-seconds", "2"])
            _await((place.config / "registrar.toml").exists, parts, "the sandbox registrars")
            settings = load(place.config, environ)
            with ground(settings):
                database = Database(settings.database.url)
                port = _free_port()
                options = ["--config", str(place.config)]
                parts.start("api", [*options, "api", "--port", str(port)])
                for number in (1, 2):
                    parts.start(f"worker-{number}", [*options, "worker"])
                key = _issue_key(database)
                stage = cls(
                    place, play_cast, console, settings, database, parts, f"http://127.0.0.1:{port}", key
                )
                _await(stage.api_answers, parts, "the API")
                yield stage
                database.close()
                parts.stop()
        finally:
            parts.stop()

    def api_answers(self) -> bool:
        """Tell whether the API is ready for orders."""
        try:
            with requests.Session() as session:
                return session.get(f"{self.api}/readyz", timeout=2).ok
        except requests.ConnectionError:
            return False

    def play(self) -> None:
        """Place the orders, make the trouble, be the customers and the staff, and wait until all has ended."""
        self._pay_balances()
        self.console.print(
            f"sandbox registrars, Redis, SQLite, API and 2 workers are up in {self.place.folder}"
        )
        self._open()
        placing = threading.Thread(target=self._place, args=[self.play_cast.others], name="portal")
        placing.start()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            ended = progress.add_task("orders ended", total=len(self.play_cast.orders))
            self._watch(lambda count: progress.update(ended, completed=count))
        placing.join()

    def night(self) -> Night:
        """Let the workers look at every name that was sold, with two lies in the public record."""
        give_up = time.monotonic() + MOST_SECONDS
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            asked = progress.add_task("looks of the night", total=None)

            def watch(run: RunView) -> None:
                progress.update(asked, completed=run.asked, total=run.planned or None)
                if time.monotonic() > give_up:
                    raise DemoFailedError(
                        f"the night's run is still {run.state}; {self.place.folder / 'logs'}"
                    )

            within = timedelta(hours=self.settings.sync.fresh_hours)
            return demo_night.look_at_every_name(self.place, self.database, within=within, watch=watch)

    def prove(self) -> Proof:
        """Compare the registrars' books with the ledger."""
        return _compare(self.place, self.settings)

    def stay(self) -> None:
        """Say where everything is, and stay up until interrupted."""
        self.console.print(f"API {self.api} (Authorization: Bearer {self.api_key})", soft_wrap=True)
        self.console.print(
            f"configuration {self.place.config}; books {self.place.epp_books.parent}; Ctrl-C ends it"
        )
        try:
            while self.parts.ended() is None:
                time.sleep(0.5)
        except KeyboardInterrupt:
            pass

    def _pay_balances(self) -> None:
        """Give the customers who pay from their balance something to pay with."""
        with self.database.transaction() as connection:
            for customer, amount, currency in self.play_cast.balances:
                money = Money(amount, currency)
                reference = f"demo-{customer}-{currency}"
                ledger.top_up(connection, customer, money, reference=reference, now=clock.now())

    def _open(self) -> None:
        """Place the first orders while staff keep their supplier on hold: they go on to the next one."""
        closed, openers = self.play_cast.closed, self.play_cast.openers
        actor, ticket = "demo staff", "demo-1"
        with self.database.transaction() as connection:
            holds.put_by_hand(
                connection,
                closed,
                reason="its prices are being looked into",
                now=clock.now(),
                actor=actor,
                ticket=ticket,
            )
        self._place(openers)
        self._insist_on_placing()
        _await(self._openers_went_on, self.parts, f"the way around {closed}")
        with self.database.transaction() as connection:
            holds.release(connection, closed, now=clock.now(), actor=actor, ticket=ticket)
        self.console.print(
            f"{closed} was on hold: {len(openers)} orders went to another supplier; now it is released"
        )

    def _openers_went_on(self) -> bool:
        keys = [order["key"] for order in self.play_cast.openers]
        waiting = select(Order.id).where(Order.key.in_(keys), Order.registrar == self.play_cast.closed)
        with self.database.reading() as connection:
            return connection.execute(waiting.limit(1)).first() is None

    def _place(self, orders: Sequence[Mapping[str, Any]]) -> None:
        """Be the portal: post the orders, a few at a time."""
        with ThreadPoolExecutor(_PLACING_THREADS) as threads, self._portal() as session:
            for answer in threads.map(lambda order: self._post(session, order), orders):
                if answer.status_code != 202:
                    self.not_placed.append(f"{answer.status_code} {answer.text}")

    def _insist_on_placing(self) -> None:
        if self.not_placed:
            raise DemoFailedError(f"an order was not taken: {self.not_placed[0]}")

    def _portal(self) -> requests.Session:
        """Return a session of the portal's, with its key."""
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {self.api_key}"
        return session

    def _post(self, session: requests.Session, order: Mapping[str, Any]) -> requests.Response:
        body = {name: value for name, value in order.items() if name != "key"}
        headers = {"Idempotency-Key": order["key"]}
        return session.post(f"{self.api}/v1/orders", json=body, headers=headers, timeout=30)

    def _watch(self, show: Any) -> None:
        """Follow the orders to their ends; correct what customers must, top up, and kill a worker on the way."""
        killed = False
        give_up = time.monotonic() + MOST_SECONDS
        while time.monotonic() < give_up:
            self._insist_on_placing()
            states = self._states()
            ended = sum(count for state, count in states.items() if state.final)
            show(ended)
            if not killed and ended >= KILL_AT * len(self.play_cast.orders) and states[State.SENDING]:
                killed = self._kill_a_worker()
            self._approve()
            self._correct()
            self._top_up()
            if killed and ended == len(self.play_cast.orders):
                return
            time.sleep(0.1)
        raise DemoFailedError(
            f"after {MOST_SECONDS:.0f} s orders are still {dict(self._states())}; {self.place.folder / 'logs'}"
        )

    def _states(self) -> Counter[State]:
        with self.database.reading() as connection:
            return Counter(reading.count_by_state(connection))

    def _kill_a_worker(self) -> bool:
        """Kill a worker where it stands, with orders in its hands, and start another in its place."""
        self.parts.running.pop("worker-1").kill()
        self.parts.start("worker-3", ["--config", str(self.place.config), "worker"])
        self.console.print("a worker was killed with SIGKILL in mid-batch; another takes its place")
        return True

    def _approve(self) -> None:
        """Be the staff: the holders have asked in writing for what waits for approval."""
        waiting = select(Order.id).where(Order.state == State.PLACED, Order.approval == APPROVAL_NEEDED)
        with self.database.transaction() as connection:
            for order_id in connection.execute(waiting).scalars().all():
                act = ByHand("demo staff", f"demo-{order_id}", clock.now())
                approving.approve(connection, order_id, via="support", rules=self.settings.rules, act=act)

    def _correct(self) -> None:
        """Be the customers who are asked to correct an auth code or a contact, or for the PIN in their mail."""
        with self.database.reading() as connection:
            waiting = reading.list_orders(connection, state="action_required")
        for order in waiting:
            if order.key in self.corrected:
                continue
            correction = self._mail(order.key) or self.play_cast.corrections.get(order.key)
            if correction is None:
                continue
            url = f"{self.api}/v1/orders/{order.id}/correction"
            with self._portal() as session:
                if session.post(url, json=correction, timeout=30).ok:
                    self.corrected.add(order.key)

    def _mail(self, key: str) -> Mapping[str, str] | None:
        """Return what the mail to a name's holder lets its order be corrected with, where one was to come and has."""
        name = self.play_cast.mailed.get(key)
        if name is None:
            return None
        with Books(self.place.irnic_books) as books:
            pin = mailed_pin(books, name)
        return {"pin": pin} if pin else None

    def _top_up(self) -> None:
        """Be the staff: when a registrar is on hold for its deposit, pay into it, once for each such hold."""
        with self.database.reading() as connection:
            on_hold = {
                (hold.registrar, hold.since)
                for hold in holds.list_open(connection)
                if hold.cause == BlockCause.DEPOSIT
            }
        for registrar, since in sorted(on_hold - self.topped_up):
            self.console.print(f"the deposit at {registrar} is empty: its orders wait; staff top it up")
            with Books(self.place.books(registrar)) as books:
                books.top_up(self.play_cast.top_up)
            self.topped_up.add((registrar, since))


def _issue_key(database: Database) -> str:
    with database.transaction() as connection:
        return access.issue(
            connection,
            "demo portal",
            frozenset(access.Scope),
            chance=secrets.token_bytes(access.CHANCE_BYTES),
            now=clock.now(),
            actor="demo",
        ).reveal()


def _await(ready: Any, parts: Parts, what: str) -> None:
    give_up = time.monotonic() + _READY_SECONDS
    while not ready():
        if (name := parts.ended()) is not None:
            raise DemoFailedError(f"{name} ended by itself; see {parts.log_folder}")
        if time.monotonic() > give_up:
            raise DemoFailedError(
                f"{what} did not start within {_READY_SECONDS:.0f} s; see {parts.log_folder}"
            )
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
