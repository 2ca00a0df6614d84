"""Does a night of liars write anything false, pass any limit, or not end? Every name's books are compared with what is true.

Half of the names are .com: RDAP is the authority, and an EPP registrar has them. Half are .ir: IRNIC is both, and WHOIS beside
it. Of each thousand, two dozen are told wrong, badly, slowly or not at all (`names`).
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from adapters.sandbox.public import Limit, Summary
from adapters.sandbox.records import as_time
from registrar.database import Database
from registrar.models import Domain, SyncChange
from registrar.sync.coverage import coverage
from registrar.sync.runs import RunState
from tests.benchmarks.measuring import Finding
from tests.night import ground
from tests.night.ground import REGISTRARS, Ground
from tests.night.names import Names
from tests.night.sweeping import sweeping
from tests.public_servers import PublicServer, PublicServers

SERVERS = {"com": "rdap", "ir": "whois"}
LIMITS = {"com": 500, "ir": 400}
"""Questions a second that the far sides take."""
BUDGETS = {"com": 400, "ir": 320}
REGISTRARS_TAKE, REGISTRARS_ARE_ASKED = 300, 250
IN_FLIGHT = 128
MOST_SECONDS = 3 * 3600.0

_NIGHTS_FOLLOW_AT_ONCE = {
    f"REGISTRAR_SYNC__{name}_HOURS": "0.0001"
    for name in ("NEAR", "SOON", "FAR", "UNKNOWN_RETRY", "NIGHTS_APART")
}
"""All names are due again when a run begins, and two runs are two nights."""


@dataclass(frozen=True, slots=True)
class Night:
    """How a night went. `wrong` are names whose books are not what they should be."""

    names: int
    seconds: float
    told: Sequence[Mapping[str, Any]]
    """What each run said of itself."""
    wrong: tuple[str, ...]
    public: Mapping[str, Summary]
    at_registrars: Mapping[str, int]
    """Of each registrar: the most questions that came in any second."""
    changes: Mapping[str, int]
    confirmed: float
    peak_kib: int

    def findings(self) -> list[Finding]:
        """Say whether what is promised was kept."""
        what = f"{len(self.told)} nights" if len(self.told) > 1 else "night"
        what += f" of {self.names:,}"
        asked, unknown = (sum(told[column] for told in self.told) for column in ("asked", "unknown"))
        states = sorted({told["state"] for told in self.told})
        limits = {name: LIMITS[zone] for zone, name in SERVERS.items()}
        public = all(
            seen.most_in_a_second <= limits[name] and not seen.refused and seen.while_away <= IN_FLIGHT
            for name, seen in self.public.items()
        )
        return [
            Finding(
                f"{what}: ended {', '.join(states)} after {self.seconds:,.0f} s with {asked:,} looks, {unknown:,} of which "
                f"told nothing; the product held {self.peak_kib / 1024:.0f} MiB at most",
                states == [RunState.DONE],
            ),
            Finding(
                f"{what}: {len(self.wrong)} names written falsely {' '.join(self.wrong[:5])}", not self.wrong
            ),
            Finding(f"{what}: changes {json.dumps(self.changes)}"),
            Finding(
                f"{what}: most in any second "
                + ", ".join(
                    f"{name} {seen.most_in_a_second} of {limits[name]}" for name, seen in self.public.items()
                )
                + f", {sum(seen.while_away for seen in self.public.values())} while a server wanted to be left alone",
                public,
            ),
            Finding(
                f"{what}: most in any second "
                + ", ".join(
                    f"{name} {most} of {REGISTRARS_TAKE}" for name, most in self.at_registrars.items()
                ),
                max(self.at_registrars.values()) <= REGISTRARS_TAKE,
            ),
            Finding(
                f"{what}: names asked for so many times "
                + ", ".join(f"{name} {dict(seen.names_by_times)}" for name, seen in self.public.items()),
                all(max(seen.names_by_times) == len(self.told) for seen in self.public.values()),
            ),
            Finding(f"{what}: confirmed within 48 h: {100 * self.confirmed:.1f} %"),
        ]


def night(count: int, database_url: str, folder: Path, *, nights: int = 1) -> Night:
    """Go through a night of `count` names, or several that follow at once, with everything in `folder`."""
    tonight = datetime.now(UTC).replace(microsecond=0)
    names = {zone: Names(zone, count // 2, tonight) for zone in SERVERS}
    sides = {
        name: PublicServer(
            names[zone].record,
            manners=names[zone].manners,
            limit=Limit(LIMITS[zone], away_seconds=5),
            latency=0.02,
        )
        for zone, name in SERVERS.items()
    }
    environ = {
        f"REGISTRAR_REGISTRARS__{name.upper()}__REQUESTS_PER_SECOND": str(REGISTRARS_ARE_ASKED)
        for name in REGISTRARS.values()
    } | (_NIGHTS_FOLLOW_AT_ONCE if nights > 1 else {})
    with (
        ground.laid(folder, database_url, sides, _settings, environ=environ) as laid,
        ground.registrars(laid, names),
    ):
        for zone, of_zone in names.items():
            ground.add_names(laid, of_zone, registrar=REGISTRARS[zone])
        return _slept_through(laid, names, nights)


def _slept_through(laid: Ground, names: Mapping[str, Names], nights: int) -> Night:
    begun = time.monotonic()
    told, wrong, peak_kib = [], [], 0
    for number in range(1, nights + 1):
        with sweeping(laid) as sweep:
            told.append(sweep.ended(most_seconds=MOST_SECONDS))
        peak_kib = max(peak_kib, sweep.peak_kib)
        with laid.database() as database:
            wrong += list(_wrong(database, names, number))
    seconds = time.monotonic() - begun
    with laid.database() as database:
        counted = func.count()
        with database.reading() as connection:
            seen = coverage(connection, within=timedelta(hours=48), now=datetime.now(UTC))
            by_kind = select(SyncChange.kind, SyncChange.state, counted).group_by(
                SyncChange.kind, SyncChange.state
            )
            changes = {f"{kind} {state}": number for kind, state, number in connection.execute(by_kind)}
        return Night(
            names=sum(of_zone.count for of_zone in names.values()),
            seconds=seconds,
            told=told,
            wrong=tuple(wrong),
            public={name: laid.sides.summary(name) for name in SERVERS.values()},
            at_registrars={
                name: _most_in_a_second(laid.registrar_books(name)) for name in REGISTRARS.values()
            },
            changes=changes,
            confirmed=seen.share,
            peak_kib=peak_kib,
        )


def _settings(served: PublicServers) -> str:
    def budget(zone: str) -> str:
        return (
            f"budget = {{ in_flight = {IN_FLIGHT}, per_second = {BUDGETS[zone]} }}\n"
            "call_timeout_seconds = 3\npause_seconds = 3\n"
        )

    server = f"{{ url = {json.dumps(served.places['rdap'])}, authoritative = true, allow_http = true }}"
    return (
        f"[lookups.rdap]\noverrides = {{ com = {server} }}\n{budget('com')}"
        f'[lookups.whois]\naddresses = {{ "whois.nic.ir" = {json.dumps(served.places["whois"])} }}\n{budget("ir")}'
        "[flow]\ncall_seconds = 4\nlease_seconds = 6\n"
    )


def _wrong(database: Database, names: Mapping[str, Names], nights: int) -> Iterator[str]:
    """Yield the names whose books are not as they must be after so many nights."""
    columns = (Domain.registry_expires_at, Domain.paid_through, Domain.gone_at, Domain.doubted_at)
    with database.reading() as connection:
        rows = connection.execution_options(yield_per=ground.AT_ONCE).execute(
            select(Domain.name, Domain.zone, *columns)
        )
        for name, zone, *found in rows:
            number = names[zone].record.number_of(name)
            assert number is not None
            *dates, gone_at, doubted_at = found
            is_right = (
                dates == [names[zone].after(number), names[zone].before(number)]
                and (gone_at is not None) == names[zone].is_gone(number, night=nights)
                and (doubted_at is not None) == names[zone].is_doubted(number, night=nights)
            )
            if not is_right:
                yield f"{name} (night {nights})"


def _most_in_a_second(books: Path) -> int:
    """Return the most questions that a sandbox registrar's journal has in any second."""
    with closing(sqlite3.connect(f"{books.as_uri()}?mode=ro", uri=True)) as connection:
        instants = [
            as_time(at).timestamp() for (at,) in connection.execute("SELECT at FROM journal ORDER BY number")
        ]
    most, start = 0, 0
    for end, instant in enumerate(instants):
        while instant - instants[start] >= 1.0:
            start += 1
        most = max(most, end - start + 1)
    return most
