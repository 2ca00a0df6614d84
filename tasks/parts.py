"""Which parts does one machine run? Redis, the API and workers, each a process of its own, started and stopped together.

A supervisor (systemd) is not ours: when one part ends by itself, the others are stopped and the whole exits with a failure,
so that whoever supervises us starts it again.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from config.settings import Settings
from registrar.database import Database
from tasks import embedded, signals
from tasks.wiring import keep_rules, redis_folder

log = structlog.get_logger()

STOP_MARGIN_SECONDS = 5.0
"""Beyond the longest calls: a worker that is asked to stop finishes what is in the air."""


@dataclass
class Parts:
    """Processes of ours, by name; each is this program with another command."""

    environ: Mapping[str, str]
    patience: float
    """Seconds that a part has to stop, once asked."""
    log_folder: Path | None = None
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a part; with a log folder its output goes to a file there."""
        output = None
        if self.log_folder is not None:
            self.log_folder.mkdir(parents=True, exist_ok=True)
            output = (self.log_folder / f"{name}.log").open("ab")
        command = [sys.executable, "-m", "tasks.main", *arguments]
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, env=dict(self.environ), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        if output is not None:
            output.close()
        self.running[name] = process
        return process

    def ended(self) -> str | None:
        """Return the name of a part that has ended by itself, or None."""
        return next((name for name, process in self.running.items() if process.poll() is not None), None)

    def stop(self) -> None:
        """Ask every part to stop, wait, and kill what does not."""
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        give_up = time.monotonic() + self.patience
        for process in self.running.values():
            try:
                process.wait(max(0.0, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()


def run(settings: Settings, *, workers: int, config: Path | None) -> int:
    """Run everything one machine needs until SIGTERM, SIGINT or the end of a part; return the exit code."""
    stop = threading.Event()
    signals.stop_by(stop)
    options = ["--config", str(config)] if config else []
    with ground(settings) as redis, _stopped(Parts(os.environ, stop_patience(settings))) as parts:
        parts.start("api", [*options, "api"])
        for number in range(workers):
            parts.start(f"worker-{number + 1}", [*options, "worker"])
        while not stop.wait(0.5):
            if name := parts.ended() or _ended(redis):
                log.error("a part ended by itself: stopping the others", part=name)
                return 1
    return 0


def stop_patience(settings: Settings) -> float:
    """Return how long parts have to stop."""
    return worker_patience(settings) + STOP_MARGIN_SECONDS


def worker_patience(settings: Settings) -> float:
    """Return how long a worker that is asked to stop may take: an order in its hands makes a look, and then its call."""
    return 2 * settings.flow.call_seconds


@contextmanager
def ground(settings: Settings) -> Iterator[embedded.EmbeddedRedis | None]:
    """Bring the database up to date, and run the embedded Redis for as long as the block lasts, if it is ours to run."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database.url)
    database.upgrade()
    try:
        keep_rules(database, settings.rules)
    finally:
        database.close()
    if settings.redis.is_embedded:
        with embedded.running(redis_folder(settings)) as redis:
            yield redis
    else:
        yield None


def _ended(redis: embedded.EmbeddedRedis | None) -> str | None:
    """Return the name of the embedded Redis if it has ended by itself; one that is not ours is its own supervisor's."""
    return "redis" if redis is not None and redis.process.poll() is not None else None


@contextmanager
def _stopped(parts: Parts) -> Iterator[Parts]:
    try:
        yield parts
    finally:
        parts.stop()
