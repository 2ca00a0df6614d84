"""Does a night's run get from its beginning to its end, by whoever goes on with it, and ask each name once?"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from redis import Redis
from sqlalchemy import Connection, select, update

from adapters.lookups.pace import NobodyCountsError
from adapters.sandbox.public.desk import Limit
from adapters.sandbox.public.entries import Entry
from adapters.sandbox.rdap import RdapSandbox
from adapters.sandbox.whois import WhoisSandbox
from registrar import holds
from registrar.models import Duty, Order, Reading
from registrar.outcomes import BlockCause
from registrar.sync import changes, runs
from registrar.sync.runs import RunState, RunUnderWayError, RunView
from registrar.sync.vocabulary import Mode, Source, SyncTerms
from tasks import clock, duties, embedded, syncing
from tasks.sources import Sources
from tasks.sync_run import Share
from tasks.wiring import House
from tests.databases import ON_ONE_DATABASE
from tests.sync import house as houses
from tests.sync.company import Company
from tests.sync.house import EXPIRES, books_of, configuration, entries, latest, own, registrar_of, taken

COM = tuple(f"name-{number}.com" for number in range(60))
IR = tuple(f"name-{number}.ir" for number in range(40))
LATER = EXPIRES + timedelta(days=1)
DONE_AT_ONCE = {"REGISTRAR_SYNC__IDLE_SECONDS": "0.5"}
"""A run with nobody left to ask ends soon."""

SILENT = """addresses = {{ "whois.nic.ir" = "127.0.0.1:{port}" }}
pause_seconds = 0.4
silences_before_pause = 1
budget = {{ in_flight = 1 }}
"""
"""A WHOIS server that takes no connection, and is left alone for a moment each time."""

MOST_SECONDS = 60.0

OpenHouse = Callable[..., House]


@pytest.fixture
def open_house(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[OpenHouse]:
    """Give what opens a house on a fresh database of each kind."""
    with ExitStack() as stack:

        def open_it(toml: str, **environ: str) -> House:
            return stack.enter_context(houses.opened(tmp_path, database_url, redis_url, toml, **environ))

        yield open_it


def run(house: House, mode: Mode = Mode.WRITE, *, stop: Callable[[], bool] = lambda: False) -> RunView:
    """Run here, until it is over or told to stop."""
    return syncing.run_here(house, mode, "tests", lambda _: None, stop)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    give_up = time.monotonic() + MOST_SECONDS
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def moved(*names: str) -> dict[str, Entry]:
    """Return a public record in which the first ten names expire a day later than our books say."""
    return entries(*names) | entries(*names[:10], expires=LATER)


def test_a_night_asks_every_name_once_and_writes_what_is_true(open_house: OpenHouse) -> None:
    """A run over two registries asks each name once; the books have the new dates, and what was paid for stays."""
    with RdapSandbox(moved(*COM).get) as rdap, WhoisSandbox(entries(*IR).get) as whois:
        house = open_house(configuration(rdap, whois))
        own(house, *COM, *IR)
        ended = run(house)
        asked = [server.arrivals.summary().names_by_times for server in (rdap, whois)]
    assert (ended.state, ended.planned, ended.asked, ended.unknown) == (RunState.DONE, 100, 100, 0)
    assert asked == [{1: 60}, {1: 40}]
    dates = books_of(house, "registry_expires_at")
    assert {name for name, date in dates.items() if date == LATER} == set(COM[:10])
    assert set(books_of(house, "paid_through").values()) == {EXPIRES}
    assert taken(house) == 0


def test_a_dry_run_changes_nothing_in_the_books(open_house: OpenHouse) -> None:
    """With --dry-run everything is asked and shown, and the books stay as they are."""
    with RdapSandbox(moved(*COM).get) as rdap:
        house = open_house(configuration(rdap, None))
        own(house, *COM)
        ended = run(house, Mode.DRY)
    assert (ended.state, ended.asked) == (RunState.DONE, 60)
    assert set(books_of(house, "registry_expires_at").values()) == {EXPIRES}
    with house.database.reading() as connection:
        assert changes.count_open(connection) == {"shifted": 10}


@ON_ONE_DATABASE
def test_a_run_that_finds_too_much_stops_and_asks(open_house: OpenHouse) -> None:
    """When every date has moved it is the source that is wrong: nothing is written, and staff are asked (P8)."""
    with RdapSandbox(entries(*COM, expires=EXPIRES.replace(year=2001)).get) as rdap:
        house = open_house(configuration(rdap, None))
        own(house, *COM)
        ended = run(house)
    assert ended.state is RunState.STOPPED
    assert ended.stop_reason is not None
    assert set(books_of(house, "registry_expires_at").values()) == {EXPIRES}


def test_what_was_stopped_is_gone_on_with(open_house: OpenHouse) -> None:
    """A run that was told to stop puts back what it did not ask; going on with it asks the rest, and no name twice."""
    names = tuple(f"many-{number}.com" for number in range(300))
    with RdapSandbox(entries(*names).get, latency=0.01) as rdap:
        house = open_house(configuration(rdap, None, per_second=200), REGISTRAR_SYNC__BATCH="25")
        own(house, *names)
        stopped = run(house, stop=lambda: len(rdap.arrivals.instants) > 50)
        in_hand = taken(house)
        ended = run(house)
        asked = rdap.arrivals.summary().names_by_times
    assert stopped.state is RunState.RUNNING
    assert 0 < stopped.asked < 300
    assert in_hand == 0
    assert (ended.id, ended.state, ended.asked) == (stopped.id, RunState.DONE, 300)
    assert asked == {1: 300}


@ON_ONE_DATABASE
def test_a_limit_is_kept_and_nobody_is_lost(open_house: OpenHouse) -> None:
    """A server that takes thirty questions a second is never asked more, and every name is asked all the same."""
    with RdapSandbox(entries(*COM).get, limit=Limit(30)) as rdap:
        house = open_house(configuration(rdap, None, per_second=30))
        own(house, *COM)
        ended = run(house)
        seen = rdap.arrivals.summary()
    assert (ended.asked, ended.unknown) == (60, 0)
    assert seen.refused == 0
    assert seen.most_in_a_second <= 30


@ON_ONE_DATABASE
def test_a_server_that_wants_to_be_left_alone_is(open_house: OpenHouse) -> None:
    """Asked above its limit it says so; its names wait until it may be asked again, and unknown is never free."""
    with RdapSandbox(entries(*COM).get, limit=Limit(20, away_seconds=1)) as rdap:
        house = open_house(configuration(rdap, None, per_second=500))
        own(house, *COM)
        ended = run(house)
        seen = rdap.arrivals.summary()
    assert ended.state is RunState.DONE
    assert seen.refused > 0
    assert ended.asked == 60
    assert ended.unknown == seen.refused
    with house.database.reading() as connection:
        standings = set(connection.execute(select(Reading.standing)).scalars())
    assert standings <= {"registered", None}


@ON_ONE_DATABASE
def test_without_redis_nobody_is_asked_and_nothing_is_lost(
    database_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With Redis dead nobody can count what a server is asked: it is not asked; when Redis is back, empty, the run goes on."""
    folder = tmp_path_factory.mktemp("redis")
    redis = embedded.start(folder)
    with ExitStack() as stack:
        rdap = stack.enter_context(RdapSandbox(entries(*COM).get))
        toml = configuration(rdap, None, per_second=50)
        house = stack.enter_context(houses.opened(tmp_path, database_url, redis.url, toml))
        own(house, *COM)
        going_on = threading.Thread(target=run, args=(house,))
        going_on.start()
        wait_for(lambda: len(rdap.arrivals.instants) > 10)
        redis.stop()
        wait_for(lambda: rdap.arrivals.at_once == 0)
        asked = len(rdap.arrivals.instants)
        redis = embedded.start(folder)
        stack.callback(redis.stop)
        going_on.join(MOST_SECONDS)
        seen = rdap.arrivals.summary()
    assert asked < 60
    assert (latest(house).state, latest(house).unknown) == (RunState.DONE, 0)
    assert seen.names_by_times == {1: 60}


@ON_ONE_DATABASE
def test_a_run_does_not_begin_where_nobody_counts(
    database_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Without Redis a run by hand says so at once, and leaves nothing behind that would be in the next one's way."""
    redis = f"unix://{tmp_path_factory.mktemp('no-redis')}/redis.sock"
    with houses.opened(tmp_path, database_url, redis, configuration(None, None)) as house:
        with pytest.raises(NobodyCountsError):
            run(house)
        with house.database.reading() as connection:
            assert runs.latest(connection) is None


@ON_ONE_DATABASE
def test_a_server_that_never_answers_holds_up_nobody_elses_changes(open_house: OpenHouse) -> None:
    """Port 43 may be closed to us for good: what the others told is settled all the same, long before the day is over."""
    with RdapSandbox(moved(*COM).get) as rdap, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        answering, whois, _ = configuration(rdap, None).partition("[lookups.whois]\n")
        port = closed.getsockname()[1]
        house = open_house(answering + whois + SILENT.format(port=port), **DONE_AT_ONCE)
        own(house, *COM, *IR)
        ended = run(house)
    assert (ended.state, ended.told) == (RunState.UNFINISHED, 60)
    assert {name for name, date in books_of(house, "registry_expires_at").items() if date == LATER} == set(
        COM[:10]
    )


@ON_ONE_DATABASE
def test_a_run_that_a_clock_ahead_began_ends(open_house: OpenHouse) -> None:
    """A run that was begun by a clock a month ahead, with a server that never answers, is no night for a month."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        answering, whois, _ = configuration(None, None).partition("[lookups.whois]\n")
        port = closed.getsockname()[1]
        house = open_house(answering + whois + SILENT.format(port=port), **DONE_AT_ONCE)
        own(house, *IR)
        ahead = clock.now() + timedelta(days=30)
        with house.database.transaction() as connection:
            run_id = runs.begin(connection, mode=Mode.WRITE, actor="tests", now=ahead)
            while _enlist(connection, run_id, [(Source.WHOIS, "whois:ir")], now=ahead):
                pass
        give_up = time.monotonic() + MOST_SECONDS
        ended = run(house, stop=lambda: time.monotonic() > give_up)
    assert ended.state is RunState.UNFINISHED


def test_names_that_another_took_over_stay_his(open_house: OpenHouse) -> None:
    """A process that was frozen for too long gives nothing back: by now the names are in another one's hands."""
    house = open_house(configuration(None, None))
    own(house, *COM)
    with house.database.transaction() as connection:
        run_id = runs.begin(connection, mode=Mode.WRITE, actor="tests", now=clock.now())
        _enlist(connection, run_id, [(Source.RDAP, "rdap:com")])
    with house.database.transaction() as connection:
        assert not _enlist(connection, run_id, [])
    with duties.lease(house.database, syncing.LEASE, lasts=timedelta(0)) as lost:
        assert lost is not None
        with duties.lease(house.database, syncing.LEASE, lasts=timedelta(minutes=1)) as held:
            assert held is not None
            names = Share(house, run_id, held).take("rdap:com", 5)
            Share(house, run_id, lost).put_back("rdap:com", names)
            assert taken(house) == 5
            Share(house, run_id, held).put_back("rdap:com", names)
            assert taken(house) == 0


@ON_ONE_DATABASE
def test_the_inquiry_counts_where_it_is_documentary(open_house: OpenHouse) -> None:
    """At .ir our registrar's inquiry is the authority, and WHOIS is compared with it; elsewhere the public record is (D4)."""
    house = open_house(configuration(None, None))
    sources = Sources(house)
    assert sources.of("ir", "far") == [(Source.WHOIS, "whois:ir"), (Source.REGISTRAR, "registrar:far")]
    assert sources.of("org", "elsewhere") == [(Source.WHOIS, "whois:org")]
    assert [sources.authority(zone) for zone in ("ir", "co.ir", "xn--mgba3a4f16a")] == [Source.REGISTRAR] * 3
    assert sources.authority("org") is Source.WHOIS


@ON_ONE_DATABASE
def test_a_registrar_that_is_closed_is_asked_when_it_opens(open_house: OpenHouse) -> None:
    """A look that was not made, for the registrar is closed, is no answer: the name waits, and is asked once it is open."""
    with RdapSandbox(entries("mina.com").get) as rdap:
        house = open_house(configuration(rdap, None))
        far = registrar_of(house)
        far.own("mina.com", EXPIRES)
        far.instead.append({"reason": "closed until 00:30", "retry_after": 0.2})
        own(house, "mina.com", registrar="far")
        ended = run(house)
    assert far.looks == ["mina.com"] * 2
    assert (ended.state, ended.asked, ended.told) == (RunState.DONE, 2, 2)


@ON_ONE_DATABASE
def test_refused_credentials_stop_the_questions(open_house: OpenHouse) -> None:
    """A registrar that refuses our credentials is put on hold and not asked again; the night ends, and says it is not whole."""
    with RdapSandbox(entries("mina.com", "other.com").get) as rdap:
        house = open_house(configuration(rdap, None), **DONE_AT_ONCE, REGISTRAR_SYNC__LOOKS_AT_REGISTRAR="1")
        registrar_of(house).instead.append({"reason": "refused", "blocked": BlockCause.CREDENTIALS})
        own(house, "mina.com", "other.com", registrar="far")
        ended = run(house)
    assert len(registrar_of(house).looks) == 1
    assert (ended.state, ended.asked) == (RunState.UNFINISHED, 2)
    with house.database.reading() as connection:
        assert holds.forbids_login(connection, "far")


@ON_ONE_DATABASE
def test_orders_go_first_at_a_registrar(open_house: OpenHouse) -> None:
    """While orders have all of a registrar's seats no name is looked at there; when one is free again they are."""
    house = open_house(configuration(None, None))
    far = registrar_of(house)
    far.own("mina.org", EXPIRES)
    own(house, "mina.org", registrar="far")
    looked_meanwhile: list[int] = []
    with ExitStack() as orders:
        assert all(orders.enter_context(house.flows["far"].seat()) for _ in range(6))
        end = orders.pop_all()

        def orders_end() -> None:
            looked_meanwhile.append(len(far.looks))
            end.close()

        threading.Timer(0.3, orders_end).start()
        run(house)
    assert looked_meanwhile == [0]
    assert far.looks == ["mina.org"]


@ON_ONE_DATABASE
def test_a_look_waits_while_an_order_does(open_house: OpenHouse) -> None:
    """An order that is due and has no seat yet comes before the next look, were there but one seat."""
    house = open_house(configuration(None, None))
    far = registrar_of(house)
    far.own("mina.org", EXPIRES)
    own(house, "mina.org", registrar="far")
    Company(house.database).order("other.org", due_at=clock.now())
    looked_meanwhile: list[int] = []

    def taken_up() -> None:
        looked_meanwhile.append(len(far.looks))
        with house.database.transaction() as connection:
            connection.execute(update(Order).values(due_at=None))

    threading.Timer(0.3, taken_up).start()
    run(house)
    assert looked_meanwhile == [0]
    assert far.looks == ["mina.org"]


def test_whoever_goes_on_with_a_run_does_it_alone(open_house: OpenHouse) -> None:
    """A nudge that comes while another process goes on with the run does nothing; once that one is gone it does."""
    with RdapSandbox(entries(*COM).get) as rdap:
        house = open_house(configuration(rdap, None))
        own(house, *COM)
        syncing.start(house)
        with duties.lease(house.database, syncing.LEASE, lasts=timedelta(minutes=1)):
            syncing.work(house, latest(house).id)
            assert latest(house).state is RunState.ENLISTING
        syncing.work(house, latest(house).id)
    assert latest(house).state is RunState.DONE


def test_the_night_begins_by_itself(open_house: OpenHouse, redis_url: str) -> None:
    """The first sweep plans the first night; at its time the run begins, once, and a worker is rung."""
    house = open_house(configuration(None, None))
    list(_due(house))
    planned = _duty(house, "start_sync")
    assert planned > clock.now()
    _set_due(house, planned.replace(year=planned.year - 1))
    for duty in _due(house):
        duty()
    assert latest(house).state is RunState.ENLISTING
    assert _duty(house, "start_sync") == planned
    with Redis.from_url(redis_url) as client:
        assert client.llen("dramatiq:sync") >= 1


@ON_ONE_DATABASE
def test_a_lost_nudge_is_rung_again(open_house: OpenHouse, redis_url: str) -> None:
    """Redis may be flushed: the sweep finds the run that nobody goes on with, and rings again; not while somebody does."""
    house = open_house(configuration(None, None))
    syncing.start(house)
    with Redis.from_url(redis_url) as client:
        client.flushall()
        with duties.lease(house.database, syncing.LEASE, lasts=timedelta(minutes=1)):
            assert _due(house) == []
        for duty in (*_due(house), *_due(house)):
            duty()
        assert client.llen("dramatiq:sync") == 1


def test_who_ran_ahead_keeps_nobody_from_the_run(open_house: OpenHouse) -> None:
    """A lease that a worker held whose clock was a month ahead keeps nobody from the run for a month."""
    house = open_house(configuration(None, None))
    syncing.start(house)
    with duties.lease(house.database, syncing.LEASE, lasts=timedelta(minutes=1)):
        pass
    _set_due(house, clock.now() + timedelta(days=30), syncing.LEASE)
    run_id = latest(house).id
    assert syncing.left_alone(house) == run_id
    syncing.work(house, run_id)
    assert latest(house).state is RunState.DONE


def test_a_second_night_does_not_begin_over_the_first(open_house: OpenHouse) -> None:
    """There is one run at a time: the schedule goes on with it, and a dry run is refused meanwhile."""
    house = open_house(configuration(None, None))
    syncing.start(house)
    first = latest(house)
    syncing.start(house)
    assert latest(house) == first
    with pytest.raises(RunUnderWayError):
        run(house, Mode.DRY)


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-11-22T21:59:59+00:00", "2026-11-22T22:00:00+00:00"),
        ("2026-11-22T22:00:00+00:00", "2026-11-23T10:00:00+00:00"),
        ("2026-11-22T12:00:00+00:00", "2026-11-22T22:00:00+00:00"),
        ("2026-11-22T00:00:00+00:00", "2026-11-22T10:00:00+00:00"),
        ("2022-03-21T22:00:00+00:00", "2022-03-22T09:00:00+00:00"),
    ],
)
def test_the_night_begins_at_the_same_time_by_the_clock(now: str, begins: str) -> None:
    """Half past one in Tehran, by day and by night, whatever Tehran's offset is then (it had summer time until 2022)."""
    following = syncing.next_start(
        ("01:30", "13:30"), ZoneInfo("Asia/Tehran"), now=datetime.fromisoformat(now)
    )
    assert following == datetime.fromisoformat(begins)


def _enlist(
    connection: Connection, run_id: int, asked: Sequence[tuple[Source, str]], *, now: datetime | None = None
) -> bool:
    now = now or clock.now()
    return runs.enlist(connection, run_id, lambda *_: asked, terms=SyncTerms(), limit=100, now=now)


def _due(house: House) -> list[Callable[[], object]]:
    return list(syncing.take_due(house))


def _duty(house: House, name: str) -> datetime:
    due_at = duties.due(house.database, name)
    assert due_at is not None
    return due_at.astimezone(UTC)


def _set_due(house: House, due_at: datetime, name: str = "start_sync") -> None:
    with house.database.transaction() as connection:
        connection.execute(update(Duty).where(Duty.name == name).values(due_at=due_at))
