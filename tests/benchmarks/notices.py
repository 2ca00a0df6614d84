"""What does a notice cost beside a bare SMTP conversation, and is the right one sent after three days of downtime (E2)?

10,000 names have notices that came due while nothing ran, many of them two. They are caught up as a worker does it, from
several threads, without the pace that the rules set: that would only make it wait. The mail server runs in a process of
its own and keeps the Message-ID of everything that it takes.
"""

import logging
import multiprocessing
import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from sqlalchemy import insert, select, update

from config.settings import load
from registrar import notices
from registrar.agreement.noticing import schedule
from registrar.customers import contacts
from registrar.models import Domain, Notice
from registrar.secrets import Keyring
from tasks import clock
from tasks.notices import work
from tasks.wiring import House, open_house
from tests.benchmarks.measuring import Finding, a_database, a_folder

NAMES, CUSTOMERS, THREADS = 10_000, 500, 8
BARE = 2_000
DOWN = timedelta(days=3)
START_SECONDS = 60.0
AT_ONCE = 500
NO_PACE = 10**7


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What a catch-up came to."""

    seconds: float
    names: int
    planned_per_second: float
    taken: list[str]
    """The Message-ID of each mail that the mail server took."""
    sent: dict[str, list[int]]
    """By name, the days of the notices that were sent after the outage."""
    expected: dict[str, int]
    """By name, the days of the newest notice that had its time."""

    @property
    def is_right(self) -> bool:
        """Whether each name's customer was told once, and what is true now."""
        return (
            self.sent == {name: [days] for name, days in self.expected.items()}
            and len(self.taken) == len(set(self.taken)) == self.names
        )


def measure(database: str) -> list[Finding]:
    """Catch up after an outage, and compare its cost with bare conversations before and after it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with a_database(database) as url, mail_server() as (port, told):
        before = _bare(port)
        caught_up = catch_up(url, port, told, names=NAMES)
        bare = (before + _bare(port)) / 2
    each = caught_up.seconds / caught_up.names
    per_minute = 120
    return [
        Finding(
            f"notices: after {DOWN.days} days of downtime {caught_up.names:,} names had {len(caught_up.taken):,} mails, "
            f"one each, and each the newest that had its time",
            caught_up.is_right,
        ),
        Finding(
            f"notices: a notice takes {each / bare:.1f} times as long as a bare SMTP conversation on {database} "
            f"({1 / each:,.0f} and {1 / bare:,.0f} a second from {THREADS} threads); planning: "
            f"{caught_up.planned_per_second:,.0f} rows a second. At {per_minute} a minute these leave within "
            f"{caught_up.names / per_minute:.0f} minutes"
        ),
    ]


def catch_up(url: str, port: int, told: Callable[[], list[str]], *, names: int) -> CaughtUp:
    """Let names come due while nothing runs, then send what is to be sent, from several threads."""
    now = clock.now()
    told()
    with a_folder() as folder:
        house = open_house(_settings(str(folder), url, port))
        try:
            expected = _come_due(house, names, now=now)
            planned = _plan(house, now=now)
            began = time.perf_counter()
            with ThreadPoolExecutor(THREADS) as workers:
                while ids := _take(house):
                    list(workers.map(lambda notice_id: work(house, notice_id), ids))
            seconds = time.perf_counter() - began
            return CaughtUp(seconds, names, planned, told(), _sent(house, since=now), expected)
        finally:
            house.close()


@contextmanager
def mail_server() -> Iterator[tuple[int, Callable[[], list[str]]]]:
    """Run a mail server in a process of its own; give its port, and what it took since it was last asked."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        if not ours.poll(START_SECONDS):
            raise TimeoutError("the mail server did not start")
        port = ours.recv()

        def told() -> list[str]:
            ours.send("told?")
            taken: list[str] = ours.recv()
            return taken

        yield port, told
    finally:
        process.terminate()
        process.join()


class _Taking:
    """Takes every mail and keeps its Message-ID."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        headers = envelope.content.partition(b"\r\n\r\n")[0].decode()
        lines = (line.partition(": ") for line in headers.splitlines())
        self.taken += [value for name, _, value in lines if name == "Message-ID"]
        return "250 taken"


def _serve(pipe: Pipe) -> None:
    taking = _Taking()
    controller = Controller(taking, hostname="127.0.0.1", port=_free_port(), ready_timeout=START_SECONDS)
    controller.start()
    pipe.send(controller.port)
    while pipe.recv():
        pipe.send(taking.taken)
        taking.taken = []


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _bare(port: int) -> float:
    """Return what a conversation takes that smtplib alone makes, from the same number of threads."""
    text = b"Subject: bare\r\n\r\n" + (b"x" * 70 + b"\r\n") * 100

    def converse(number: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="shop.example", timeout=60) as line:
            line.sendmail("bounces@shop.example", [f"c-{number}@example.net"], text)

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as workers:
        list(workers.map(converse, range(BARE)))
    return (time.perf_counter() - began) / BARE


def _settings(folder: str, url: str, port: int) -> Any:
    return load(
        None,
        {
            "HOME": folder,
            "REGISTRAR_DATABASE__URL": url,
            "REGISTRAR_REDIS__URL": "redis://127.0.0.1:1/0",  # no doorbell is rung here
            "REGISTRAR_SECRET_KEYS": Keyring.new_key().reveal(),
            "REGISTRAR_MAIL__HOST": "127.0.0.1",
            "REGISTRAR_MAIL__PORT": str(port),
            "REGISTRAR_MAIL__SECURITY": "none",
            "REGISTRAR_MAIL__FROM_ADDRESS": "notices@shop.example",
            "REGISTRAR_MAIL__CONNECTIONS": str(THREADS),
        },
    )


def _come_due(house: House, names: int, *, now: datetime) -> dict[str, int]:
    """Put names into the books whose notices came due in the outage, and return which is the newest of each."""
    rules = house.rules.at(now).common.notices
    expected: dict[str, int] = {}
    rows = []
    for number in range(names):
        days, back = rules.days[number % len(rules.days)], number // len(rules.days) % DOWN.days
        if days == max(rules.days):
            back = 0  # two days later the name could no longer be renewed, and nobody would be told
        paid_through = (now - timedelta(days=back + days)).replace(hour=12, minute=0, second=0, microsecond=0)
        planned = schedule(paid_through, rules)
        passed = [notice for notice in planned if notice.at <= now]
        if not passed or passed[-1].at <= now - DOWN:
            paid_through -= timedelta(days=1)
            passed = [notice for notice in schedule(paid_through, rules) if notice.at <= now]
        name = f"name-{number:05}.com"
        expected[name] = passed[-1].days
        rows.append(
            {
                "name": name,
                "zone": "com",
                "customer": f"c-{number % CUSTOMERS}",
                "registrar": "epp",
                "paid_through": paid_through,
            }
        )
    with house.database.transaction() as connection:
        connection.execute(insert(Domain), rows)
        for number in range(CUSTOMERS):
            contacts.put(
                connection,
                f"c-{number}",
                email=f"c-{number}@example.net",
                addressed_as="Mina Example",
                language=("fa", "en")[number % 2],
                keyring=house.keyring,
                now=now,
            )
    return expected


def _plan(house: House, *, now: datetime) -> float:
    """Plan long before, let what came due before the outage have been sent, and return the rows planned in a second."""
    began = time.perf_counter()
    planned = 1
    while planned:
        with house.database.transaction() as connection:
            planned = notices.replan(connection, rules=house.rules, limit=200, now=now - timedelta(days=70))
    seconds = time.perf_counter() - began
    with house.database.transaction() as connection:
        connection.execute(
            update(Notice)
            .where(Notice.scheduled_for <= now - DOWN)
            .values(state="sent", due_at=None, ended_at=Notice.scheduled_for)
        )
        rows = len(connection.execute(select(Notice.id)).all())
    return rows / seconds


def _take(house: House) -> list[int]:
    now = clock.now()
    with house.database.transaction() as connection:
        notices.close_overtaken(connection, limit=AT_ONCE, now=now)
    with house.database.transaction() as connection:
        return notices.take_due(
            connection, limit=AT_ONCE, per_minute=NO_PACE, now=now, rung_for=timedelta(minutes=5)
        )


def _sent(house: House, *, since: datetime) -> dict[str, list[int]]:
    query = select(Notice.domain, Notice.offset_days).where(
        Notice.state == "sent", Notice.ended_at >= since.astimezone(UTC)
    )
    sent: dict[str, list[int]] = {}
    with house.database.reading() as connection:
        for row in connection.execute(query):
            sent.setdefault(str(row.domain), []).append(int(str(row.offset_days)))
    return sent
