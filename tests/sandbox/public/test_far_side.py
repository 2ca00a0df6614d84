"""Does the public record's far side tell what it knows, misbehave as ordered, and count what came? Asked by our own doors."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.lookups.pace import Budget
from adapters.lookups.rdap import Rdap, RdapSettings
from adapters.lookups.whois import Whois, WhoisSettings
from adapters.sandbox.books import Books
from adapters.sandbox.public import Arrivals, Entry, Limit, Numbered, of_books, ordered_in
from adapters.sandbox.rdap import RdapSandbox
from adapters.sandbox.tls import make_certificates
from adapters.sandbox.whois import WhoisSandbox
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
END = datetime(2027, 3, 20, 20, 29, 59, tzinfo=UTC)
"""The end of a day in Tehran, too."""
COM, FREE = DomainName("example.com", "com"), DomainName("free.com", "com")
IR, IR_DATELESS = DomainName("example.ir", "ir"), DomainName("dateless.ir", "ir")
RECORD = {
    COM.ascii: Entry(name=COM.ascii, expires_at=END, registrar_expires_at=END - timedelta(days=2)),
    IR.ascii: Entry(name=IR.ascii, expires_at=END),
    IR_DATELESS.ascii: Entry(name=IR_DATELESS.ascii, expires_at=None),
}.get
UNLIMITED = Budget(in_flight=64, per_second=None)


def rdap_at(server: RdapSandbox, **more: object) -> Rdap:
    """Return our door to a far side without TLS."""
    override = {"url": server.url, "authoritative": True, "allow_http": True}
    settings = {"overrides": {"com": override}, "budget": UNLIMITED, "call_timeout_seconds": 1, **more}
    return Rdap(RdapSettings.model_validate(settings))


def whois_at(server: WhoisSandbox, **more: object) -> Whois:
    """Return our door to a far side that stands for both registries."""
    hosts = ("whois.nic.ir", "whois.verisign-grs.com")
    settings = {"addresses": dict.fromkeys(hosts, server.place), "directory": None, "budget": UNLIMITED}
    return Whois(WhoisSettings.model_validate({**settings, "call_timeout_seconds": 1, **more}))


@pytest.fixture
def rdap() -> Iterator[RdapSandbox]:
    with RdapSandbox(RECORD) as server:
        yield server


@pytest.fixture
def whois() -> Iterator[WhoisSandbox]:
    with WhoisSandbox(RECORD) as server:
        yield server


def test_rdap_tells_what_the_record_has(rdap: RdapSandbox) -> None:
    """Name, date, registrar, states and name servers come through, and a name that nobody holds is free."""
    seen = rdap_at(rdap).look(COM, NOW)
    assert seen.standing is Standing.REGISTERED
    assert seen.expiry is not None
    assert (seen.expiry.at, seen.sponsor) == (END, "Invented Registrar, Inc.")
    assert seen.statuses == {"clientTransferProhibited"}
    assert seen.nameservers == ("ns1.example.net", "ns2.example.net")
    assert rdap_at(rdap).look(FREE, NOW).standing is Standing.FREE
    assert rdap.arrivals.times(COM.ascii) == 1


def test_rdap_speaks_tls(tmp_path: Path) -> None:
    """With certificates it is asked by https, as a registry is, and its authority is checked."""
    certificates = make_certificates(tmp_path / "tls")
    with RdapSandbox(RECORD, certificates=certificates) as server:
        assert server.url.startswith("https://")
        assert rdap_at(server, ca_file=certificates.authority).look(COM, NOW).standing is Standing.REGISTERED
        assert rdap_at(server).look(COM, NOW).standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("name", "standing", "expires_at"),
    [
        (COM, Standing.REGISTERED, END),
        (IR, Standing.REGISTERED, END),
        (IR_DATELESS, Standing.REGISTERED, None),
        (FREE, Standing.FREE, None),
        (DomainName("free.ir", "ir"), Standing.FREE, None),
    ],
)
def test_whois_speaks_two_dialects(
    whois: WhoisSandbox, name: DomainName, standing: Standing, expires_at: datetime | None
) -> None:
    """A name under .ir is told of as whois.nic.ir does, often without a date, any other as a gTLD's registry does."""
    seen = whois_at(whois).look(name, NOW)
    assert (seen.standing, seen.expiry.at if seen.expiry else None) == (standing, expires_at)


@pytest.mark.parametrize(
    ("behaviour", "argument", "told"),
    [
        ("garbage", "", None),
        ("html", "", None),
        ("closed", "30", None),
        ("limit", "30", None),
        ("freeze", "", None),
        ("drip", "", None),
        ("cut", "", None),
        ("drop_request", "", None),
        ("another_name", "other.com", None),
        ("fail_after", "", None),
        ("refuse", "403 no", None),
        ("redirect", "http://127.0.0.1:1/domain/example.com", None),
        ("late", "0.05", END.isoformat()),
        ("date", "1969-12-31T23:59:59Z", "no date"),
        ("date", "-0001-11-30T00:00:00Z", "no date"),
        ("shift", "1", (END + timedelta(days=1)).isoformat()),
        ("shift", "365", (END + timedelta(days=365)).isoformat()),
        ("dateless", "", "no date"),
        ("sponsor", "Another Registrar", END.isoformat()),
        ("not_found", "", "free"),
    ],
)
def test_rdap_misbehaves_as_ordered(
    rdap: RdapSandbox, behaviour: str, argument: str, told: str | None
) -> None:
    """Each misbehaviour is seen by who looks, once, and then the server tells the truth again."""
    rdap.orders.misbehave(behaviour, name=COM.ascii, argument=argument)
    client = rdap_at(rdap, call_timeout_seconds=0.3)
    seen = client.look(COM, NOW)
    assert told_by(seen) == told, seen.reason
    assert (seen.sponsor == argument) == (behaviour == "sponsor")
    assert told_by(rdap_at(rdap).look(COM, NOW)) == END.isoformat()
    assert rdap.arrivals.times(COM.ascii) == 2


@pytest.mark.parametrize("name", [COM, IR])
@pytest.mark.parametrize(
    ("behaviour", "argument", "told"),
    [
        ("garbage", "", {None}),
        ("html", "", {None}),
        ("limit", "", {None}),
        ("freeze", "", {None}),
        ("drip", "", {None}),
        ("drop_request", "", {None}),
        ("cut", "", {None, "no date", END.isoformat()}),  # the half that came may hold the whole record
        ("date", "1969-12-31", {"no date"}),
        ("shift", "-365", {(END - timedelta(days=365)).isoformat()}),
        ("not_found", "", {"free"}),
    ],
)
def test_whois_misbehaves_as_ordered(
    whois: WhoisSandbox, name: DomainName, behaviour: str, argument: str, told: set[str | None]
) -> None:
    """Each misbehaviour is seen by who looks, in either dialect, once, and then the server tells the truth again."""
    whois.orders.misbehave(behaviour, name=name.ascii, argument=argument)
    assert told_by(whois_at(whois, call_timeout_seconds=0.3).look(name, NOW)) in told
    assert told_by(whois_at(whois).look(name, NOW)) == END.isoformat()


def test_a_limit_is_kept_by_the_server_and_seen_in_its_log() -> None:
    """Who asks more in a second than a server takes is told to stay away, and the log says how many came at most."""
    names = [DomainName(f"name{number}.com", "com") for number in range(30)]
    with RdapSandbox(lambda name: Entry(name=name, expires_at=END), limit=Limit(10, 30)) as server:
        seen = asyncio.run(look_at(rdap_at(server), names))
        summary = server.arrivals.summary()
    assert sum(sighting.standing is Standing.REGISTERED for sighting in seen) == 10
    assert summary.questions > 10
    assert summary.refused == summary.questions - 10
    assert summary.most_in_a_second == summary.questions


def test_the_log_tells_who_came_although_asked_to_stay_away() -> None:
    """Questions in the second after a server asked to be left alone were on their way; later ones are counted."""
    arrivals = Arrivals(RECORD)
    arrivals.told_away(1000.0, 10.0)
    for instant in (1000.5, 1002.0, 1009.0, 1011.0):
        arrivals.note("example.com", instant)
    summary = arrivals.summary()
    assert (summary.while_away, summary.most_in_a_second, summary.names_by_times) == (2, 1, {4: 1})


def test_any_second_is_looked_at() -> None:
    """The most questions of a second are found wherever that second begins, and a whole second apart is apart."""
    arrivals = Arrivals(RECORD)
    for instant in (0.0, 0.7, 0.9, 1.0, 1.6, 1.7):
        arrivals.note("example.com", instant)
    assert arrivals.most_within(1.0) == 4


def test_a_million_names_come_from_a_rule() -> None:
    """A record of a million names is made when it is asked, and its log tells who was asked for twice."""
    record = Numbered("name-", "com", 1_000_000, dated)
    with RdapSandbox(record) as server:
        client = rdap_at(server)
        last = DomainName(record.name(999_999), "com")
        seen = [client.look(name, NOW) for name in (last, last, DomainName("name-01.com", "com"))]
        summary = server.arrivals.summary()
    assert [told_by(sighting) for sighting in seen] == [END.isoformat(), END.isoformat(), "free"]
    assert summary.names_by_times == {2: 1, 1: 1}
    assert summary.again == (last.ascii,)


def dated(_: int, name: str) -> Entry:
    """Return an entry, whatever its number."""
    return Entry(name=name, expires_at=END)


def test_it_shows_what_registrars_have_in_their_books(tmp_path: Path) -> None:
    """What is registered at a sandbox registrar stands in the public record, and its books order the misbehaviour."""
    epp, public = (
        Books.create(tmp_path / f"{name}.db", registrar_name=name, unit="USD") for name in ("epp", "public")
    )
    with epp, public, RdapSandbox(of_books([epp]), manners=ordered_in(public)) as server:
        assert rdap_at(server).look(COM, NOW).standing is Standing.FREE
        epp.add_domain(COM.ascii, expires_at=END, nameservers=[("ns1.example.com", ("192.0.2.1",))])
        public.misbehave("dateless", name=COM.ascii)
        assert told_by(rdap_at(server).look(COM, NOW)) == "no date"
        seen = rdap_at(server).look(COM, NOW)
    assert told_by(seen) == END.isoformat()
    assert (seen.sponsor, seen.nameservers) == ("reseller", ("ns1.example.com",))


def test_a_name_that_was_transferred_is_shown_by_who_has_it_now(tmp_path: Path) -> None:
    """Of two registrars that have a name in their books, the one with the later term shows it, by the registry's date."""
    before, now = (
        Books.create(tmp_path / f"{name}.db", registrar_name=name, unit="USD") for name in ("one", "two")
    )
    with before, now:
        before.add_domain(COM.ascii, expires_at=END)
        later, latest = (END.replace(year=END.year + years) for years in (1, 2))
        now.add_domain(
            COM.ascii, expires_at=later, detail={"registry_expires_at": f"{latest:%Y-%m-%dT%H:%M:%SZ}"}
        )
        shown = of_books([before, now])(COM.ascii)
    assert shown is not None
    assert shown.expires_at == latest


def test_a_server_that_stops_leaves_nobody_waiting(whois: WhoisSandbox) -> None:
    """A silent server that stops cuts who waits for it."""
    whois.orders.misbehave("freeze")
    with ThreadPoolExecutor(1) as thread:
        looked = thread.submit(whois_at(whois, call_timeout_seconds=60).look, COM, NOW)
        while not whois.arrivals.instants:
            assert not looked.done()
        whois.__exit__()
        assert looked.result(30).standing is Standing.UNKNOWN


async def look_at(client: Rdap, names: list[DomainName]) -> list[Sighting]:
    """Look a batch up."""
    async with client.session() as session:
        return [seen async for seen in session.look_many(names, clock=lambda: NOW)]


def told_by(seen: Sighting) -> str | None:
    """Return the date that a sighting tells, that there is none, that the name is free, or None for nothing at all."""
    if seen.standing is Standing.REGISTERED:
        return seen.expiry.at.isoformat() if seen.expiry else "no date"
    return "free" if seen.standing is Standing.FREE else None
