"""How many names a second does the nightly sync look at, beside a sequential loop that does the same? Storing included.

The far side answers after 150 ms, without a limit, from a process of its own: RDAP over TLS, and WHOIS in whois.nic.ir's form.
The loop keeps its session too; it takes one name, asks, and writes what it was told.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from adapters.lookups.pace import Budget
from adapters.sandbox.public import Entry, Numbered, Summary
from config.settings import LookupSettings, load
from registrar.gateway import Standing
from registrar.models import Domain
from registrar.secrets import Keyring
from registrar.sync import runs
from registrar.sync.vocabulary import Mode, Source
from tasks import clock, duties, embedded
from tasks.pumping import Ask
from tasks.sources import Sources
from tasks.sync_run import Share
from tasks.wiring import House, open_house
from tests.benchmarks.measuring import Finding, a_database, a_folder
from tests.public_servers import PublicServer, PublicServers, public_servers, rdap_settings

LATENCY = 0.150
NAMES, ONE_BY_ONE = 12_000, 31
PROMISED = 150
IN_FLIGHT = 512
PATIENT = {"connect_timeout_seconds": 30, "call_timeout_seconds": 60}
"""All connections are made in one moment, on a machine that others use too."""
ENDS = datetime(2027, 6, 1, 12, tzinfo=UTC)
ZONES = {Source.RDAP: "com", Source.WHOIS: "ir"}


def dated(number: int, name: str) -> Entry:
    """Return a name's entry."""
    return Entry(name=name, expires_at=ENDS + timedelta(days=number % 300))


def dateless(_: int, name: str) -> Entry:
    """Return the entry of a name of which whois.nic.ir tells no date."""
    return Entry(name=name, expires_at=None)


RECORDS = {
    Source.RDAP: Numbered("bench-", "com", NAMES, dated),
    Source.WHOIS: Numbered("bench-", "ir", NAMES, dateless),
}


def measure(database: str) -> list[Finding]:
    """Return for each source how many times as fast the sync is as the loop."""
    with a_folder() as folder:
        sides = {
            "rdap": PublicServer(RECORDS[Source.RDAP], latency=LATENCY, tls=folder / "tls"),
            "whois": PublicServer(RECORDS[Source.WHOIS], latency=LATENCY),
        }
        with public_servers(sides) as served, a_house(database, folder, served) as house:
            return [compared(house, source, served, database) for source in (Source.RDAP, Source.WHOIS)]


@contextmanager
def a_house(database: str, folder: Path, served: PublicServers) -> Iterator[House]:
    """Open the product on a fresh database, with the public record there and no registrar."""
    asked = {"budget": Budget(in_flight=IN_FLIGHT, per_second=None), **PATIENT}
    lookups = LookupSettings(
        rdap=rdap_settings(served, {"com": "rdap"}, ca_file=folder / "tls" / "authority.pem", **asked),
        whois={"addresses": {"whois.nic.ir": served.places["whois"]}, **asked},
    )
    with a_database(database) as url, embedded.running(folder / "redis") as redis:
        environ = {
            "REGISTRAR_STATE": str(folder),
            "REGISTRAR_DATABASE__URL": url,
            "REGISTRAR_REDIS__URL": redis.url,
            "REGISTRAR_SECRET_KEYS": Keyring.new_key().reveal(),
        }
        house = open_house(load(None, environ).model_copy(update={"lookups": lookups}))
        try:
            yield house
        finally:
            house.close()


def compared(house: House, source: Source, served: PublicServers, database: str) -> Finding:
    """Plan all names of a source, ask a few one by one and the others as the sync does, and compare."""
    add_names(house, source)
    with duties.lease(house.database, "bench", lasts=timedelta(hours=1)) as lease:
        assert lease is not None
        run = Share(house, begun(house), lease)
        sequential = asyncio.run(one_by_one(run, source))
        wall, cpu = time.perf_counter(), time.process_time()
        run.go_on()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    insist_all_told(house, run.run_id, served.summary(source))
    names = NAMES - ONE_BY_ONE
    ratio = sequential * names / wall
    return Finding(
        f"lookups: {source} on {database}, {names:,} names asked and stored at {names / wall:,.0f} a second, "
        f"{1000 * cpu / names:.2f} ms of our CPU each: {ratio:.0f} times a sequential loop",
        ratio >= PROMISED,
    )


def add_names(house: House, source: Source) -> None:
    """Put the names of a source into the books, as an import would, with what the record tells."""
    record, zone = RECORDS[source], ZONES[source]
    rows = [
        {
            "name": record.name(number),
            "zone": zone,
            "customer": f"customer-{number % 1000}",
            "registrar": "elsewhere",
            "registry_expires_at": ENDS + timedelta(days=number % 300),
            "paid_through": ENDS + timedelta(days=number % 300),
        }
        for number in range(record.count)
    ]
    with house.database.transaction() as connection:
        connection.execute(insert(Domain), rows)


def begun(house: House) -> int:
    """Begin a run, and let it plan."""
    sources, now = Sources(house), clock.now()
    with house.database.transaction() as connection:
        run_id = runs.begin(connection, mode=Mode.WRITE, actor="bench", now=now)
        while runs.enlist(connection, run_id, sources.of, terms=house.sync_terms, limit=1000, now=now):
            pass
    return run_id


async def one_by_one(run: Share, source: Source) -> float:
    """Return how many seconds a name takes in a loop that asks one after the other."""
    lane = f"{source}:{ZONES[source]}"
    async with run.sources.ways([lane]) as ways:
        await ask_one(run, lane, ways[lane].ask)  # connects
        begun_at = time.perf_counter()
        for _ in range(ONE_BY_ONE - 1):
            await ask_one(run, lane, ways[lane].ask)
        return (time.perf_counter() - begun_at) / (ONE_BY_ONE - 1)


async def ask_one(run: Share, lane: str, ask: Ask) -> None:
    """Take one name, ask, and write what it was told."""
    (name,) = await asyncio.to_thread(run.take, lane, 1)
    sighting = await ask(name)
    assert sighting.standing is Standing.REGISTERED, sighting.reason
    await asyncio.to_thread(run.write, runs.source_of(lane), [sighting])


def insist_all_told(house: House, run_id: int, served: Summary) -> None:
    """Measure nothing that did not work: every name was asked for once, and told something."""
    with house.database.reading() as connection:
        run = runs.read(connection, run_id)
    assert run is not None
    assert (run.state, run.asked, run.unknown) == (runs.RunState.DONE, NAMES, 0), run
    assert served.names_by_times == {1: NAMES}, served
