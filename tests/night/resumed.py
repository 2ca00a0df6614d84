"""Is a night that was killed half-way gone on with, no name missed and none asked for twice, in memory that does not grow?

Killed at half with SIGKILL, stopped a little later with SIGTERM, then let run to its end. What was in the air at the kill,
or answered and not written yet, is asked for again, and nothing else.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from registrar.sync import runs
from registrar.sync.runs import RunState
from tests.benchmarks.measuring import Finding
from tests.night import ground
from tests.night.ground import UNLIMITED, Ground
from tests.night.names import Names
from tests.night.sweeping import Sweep, sweeping
from tests.public_servers import PublicServer, PublicServers

SERVERS = {"com": "rdap", "ir": "whois"}
BATCH = 500
MOST_SECONDS = 3 * 3600.0
LATENCY = 0.05


@dataclass(frozen=True, slots=True)
class Haste:
    """How quickly a night goes: `lease_seconds` is longer than any look takes, waits for turns and for being written included."""

    lease_seconds: float = 60.0
    per_second: int = UNLIMITED
    in_flight: int = 256

    @property
    def lost_at_most(self) -> int:
        """Return how much a kill may cost.

        Questions in the air, and answers that wait for their transaction: four batches, one that comes in, one being written.
        """
        return len(SERVERS) * self.in_flight + 6 * BATCH


@dataclass(frozen=True, slots=True)
class Resumed:
    """How it went. `lost`: asked for and not written when it was killed; `lost_by_stopping`: the same by SIGTERM."""

    names: int
    seconds: float
    told: dict[str, Any]
    stopped_as: str
    """How the run stood after SIGTERM."""
    asked_once: int
    asked_twice: int
    asked_oftener: int
    lost: int
    lost_by_stopping: int
    lost_at_most: int
    peak_kib: int

    def findings(self) -> list[Finding]:
        """Say whether what is promised was kept."""
        what = f"resumed, {self.names:,} names"
        missed = self.names - self.asked_once - self.asked_twice - self.asked_oftener
        return [
            Finding(
                f"{what}: planned, killed at half, stopped while {self.stopped_as}, and {self.told['state']} after "
                f"{self.seconds:,.0f} s; {missed} missed",
                (self.stopped_as, self.told["state"], missed) == (RunState.RUNNING, RunState.DONE, 0),
            ),
            Finding(
                f"{what}: {self.asked_twice} asked for twice, {self.asked_oftener} oftener; {self.lost} were in the air "
                f"or not written at the kill, {self.lost_by_stopping} at SIGTERM",
                self.asked_twice == self.lost <= self.lost_at_most
                and self.asked_oftener == self.lost_by_stopping == 0,
            ),
            Finding(f"{what}: {self.peak_kib / 1024:.0f} MiB at most"),
        ]


def resumed(count: int, database_url: str, folder: Path, haste: Haste | None = None) -> Resumed:
    """Sweep `count` names, kill and stop it on the way, with everything in `folder`."""
    haste = haste or Haste()
    tonight = datetime.now(UTC).replace(microsecond=0)
    names = {zone: Names(zone, count // len(SERVERS), tonight) for zone in SERVERS}
    sides = {name: PublicServer(names[zone].record, latency=LATENCY) for zone, name in SERVERS.items()}
    environ = {
        "REGISTRAR_SYNC__LEASE_SECONDS": str(haste.lease_seconds),
        "REGISTRAR_SYNC__CLAIM_SECONDS": str(min(5.0, haste.lease_seconds)),
        "REGISTRAR_SYNC__BATCH": str(BATCH),
    }
    settings = partial(_settings, haste)
    with ground.laid(folder, database_url, sides, settings, environ=environ) as laid:
        for of_zone in names.values():
            ground.add_names(laid, of_zone, registrar="elsewhere")
        return _swept(laid, count, haste)


def _swept(laid: Ground, count: int, haste: Haste) -> Resumed:
    begun = time.monotonic()
    with sweeping(laid) as first:
        _sweep_until(first, laid, count // 2)
        first.kill()
    lost = _lost(laid)
    with sweeping(laid) as second:
        _sweep_until(second, laid, _asked(laid) + count // 8)
        stopped = second.terminate(most_seconds=MOST_SECONDS)
    lost_by_stopping = _lost(laid) - lost
    with sweeping(laid) as third:
        told = third.ended(most_seconds=MOST_SECONDS)
    times: dict[int, int] = {}
    for name in SERVERS.values():
        for often, number in laid.sides.summary(name).names_by_times.items():
            times[often] = times.get(often, 0) + number
    return Resumed(
        names=count,
        seconds=time.monotonic() - begun,
        told=told,
        stopped_as=stopped["state"],
        asked_once=times.pop(1, 0),
        asked_twice=times.pop(2, 0),
        asked_oftener=sum(times.values()),
        lost=lost,
        lost_by_stopping=lost_by_stopping,
        lost_at_most=haste.lost_at_most,
        peak_kib=max(first.peak_kib, second.peak_kib, third.peak_kib),
    )


def _sweep_until(sweep: Sweep, laid: Ground, asked: int) -> None:
    with laid.database() as database:

        def enough() -> bool:
            with database.reading() as connection:
                run = runs.current(connection)
            return run is not None and run.asked >= asked

        sweep.until(_seldom(enough), most_seconds=MOST_SECONDS)


def _seldom(question: Callable[[], bool]) -> Callable[[], bool]:
    """Let a question be asked at most twice a second."""
    asked_at = [0.0]

    def ask() -> bool:
        if time.monotonic() - asked_at[0] < 0.5:
            return False
        asked_at[0] = time.monotonic()
        return question()

    return ask


def _lost(laid: Ground) -> int:
    """Return how many questions came whose answers are not in our books."""
    return sum(laid.sides.summary(name).questions for name in SERVERS.values()) - _asked(laid)


def _asked(laid: Ground) -> int:
    with laid.database() as database, database.reading() as connection:
        run = runs.latest(connection)
    assert run is not None
    return run.asked


def _settings(haste: Haste, served: PublicServers) -> str:
    budget = f"budget = {{ in_flight = {haste.in_flight}, per_second = {haste.per_second} }}\n"
    server = f"{{ url = {json.dumps(served.places['rdap'])}, authoritative = true, allow_http = true }}"
    return (
        f"[lookups.rdap]\noverrides = {{ com = {server} }}\n{budget}"
        f'[lookups.whois]\naddresses = {{ "whois.nic.ir" = {json.dumps(served.places["whois"])} }}\n{budget}'
    )
