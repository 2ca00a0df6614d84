"""Are many lanes kept busy at once, and is no name lost or asked twice, whatever servers, the database and staff do meanwhile?"""

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DataError, OperationalError

from adapters.lookups.pace import PausedError
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from registrar.sync.vocabulary import Source
from tasks import pumping
from tasks.pumping import Ask, Limits, Pump, Way

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LANE = "rdap:com"


@dataclass
class Shelf:
    """The books of these tests: names to be asked, who has them in hand, and what was told of them."""

    names: dict[str, deque[DomainName]]
    in_hand: set[str] = field(default_factory=set)
    most_in_hand: int = 0
    given_back: Counter[str] = field(default_factory=Counter)
    told: dict[str, Standing] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)
    faults: deque[Exception] = field(default_factory=deque)
    """Raised one after the other, before anything is read or written."""
    unwritable: frozenset[str] = frozenset()
    unwritten_for: Exception = field(default_factory=Exception)
    has_given_back: threading.Event = field(default_factory=threading.Event)
    has_written: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, lane: str, limit: int) -> list[DomainName]:
        """Hand out names."""
        with self.lock:
            self._fail()
            there = self.names[lane]
            taken = [there.popleft() for _ in range(min(limit, len(there)))]
            self.in_hand |= {name.ascii for name in taken}
            self.most_in_hand = max(self.most_in_hand, len(self.in_hand))
            return taken

    def put_back(self, lane: str, names: Sequence[DomainName]) -> None:
        """Take names back that were not asked."""
        with self.lock:
            self._fail()
            self.names[lane].extend(names)
            self.in_hand -= {name.ascii for name in names}
            self.given_back.update(name.ascii for name in names)
        self.has_given_back.set()

    def write(self, source: Source, sightings: Sequence[Sighting]) -> None:
        """Keep what was told, all of it or nothing."""
        assert all(sighting.source == source for sighting in sightings)
        with self.lock:
            self._fail()
            if any(
                one.domain.ascii in self.unwritable and one.standing is not Standing.UNKNOWN
                for one in sightings
            ):
                raise self.unwritten_for
            self.batches.append(len(sightings))
            for one in sightings:
                assert one.domain.ascii not in self.told, "told twice"
                self.told[one.domain.ascii] = one.standing
                self.in_hand.discard(one.domain.ascii)
        self.has_written.set()

    def goes_on(self) -> bool:
        """Nothing ends it from here."""
        return True

    def _fail(self) -> None:
        if self.faults:
            raise self.faults.popleft()


def shelf(count: int, *lanes: str) -> Shelf:
    """Return books with so many names in each lane."""
    return Shelf(
        {
            lane: deque(
                DomainName(f"n{number}.{lane.partition(':')[2]}", lane.partition(":")[2])
                for number in range(count)
            )
            for lane in lanes or (LANE,)
        }
    )


def seen(name: DomainName) -> Sighting:
    return Sighting(name, NOW, Source.RDAP, Standing.REGISTERED)


async def at_once(name: DomainName) -> Sighting:
    """Answer without any delay."""
    return seen(name)


def pump(
    books: Shelf,
    ask: Ask | dict[str, Ask],
    *,
    in_flight: int = 4,
    limits: Limits | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Ask for all names of the books, or until told to stop."""
    asks = ask if isinstance(ask, dict) else dict.fromkeys(books.names, ask)
    ways = {lane: Way(Source.RDAP, in_flight, asks[lane]) for lane in books.names}

    async def run() -> bool:
        return await Pump(ways, books, limits or Limits(batch=20, finish=5)).run(stop)

    return asyncio.run(run())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once what the database did not take."""
    monkeypatch.setattr(pumping, "_TRY_SECONDS", 0.01)


def test_every_name_is_asked_once_in_every_lane() -> None:
    """Three lanes of two hundred names each: all are told, once, and the books' batches are no larger than they may be."""
    books = shelf(200, "rdap:com", "rdap:net", "rdap:org")
    assert pump(books, at_once)
    assert len(books.told) == 600
    assert max(books.batches) <= 20
    assert not books.in_hand


def test_the_window_stays_full_across_batches() -> None:
    """A server is asked for as many names at a time as it allows, never more, and does not idle between two batches."""
    books, in_flight, windows = shelf(300), 0, Counter[int]()

    async def ask(name: DomainName) -> Sighting:
        nonlocal in_flight
        in_flight += 1
        windows[in_flight] += 1
        await asyncio.sleep(0.03)
        in_flight -= 1
        return seen(name)

    assert pump(books, ask, in_flight=10)
    assert max(windows) == 10
    assert windows[10] > 200


def test_what_is_in_memory_does_not_grow_with_the_names() -> None:
    """Of twenty thousand names never more than a few batches are in hand: asked, queued, or waiting to be written."""
    books = shelf(20_000)
    assert pump(books, at_once, in_flight=16, limits=Limits(batch=50))
    assert len(books.told) == 20_000
    assert books.most_in_hand <= (pumping._AHEAD + pumping._UNWRITTEN + 3) * 50


def test_a_name_that_was_not_asked_for_is_asked_later() -> None:
    """A server that wants to be left alone for a moment is asked again afterwards, and other lanes do not wait for it."""
    books, asked = shelf(30, "rdap:com", "rdap:net"), Counter[str]()
    others_meanwhile: list[int] = []

    async def ask(name: DomainName) -> Sighting:
        asked[name.zone] += 1
        return seen(name)

    async def grudging(name: DomainName) -> Sighting:
        if asked["com"] == 5 and not others_meanwhile:
            others_meanwhile.append(asked["net"])
            raise PausedError(1.0)
        if asked["com"] == 5:
            others_meanwhile.append(asked["net"])
        return await ask(name)

    assert pump(books, {"rdap:com": grudging, "rdap:net": ask}, in_flight=1)
    assert len(books.told) == 60
    assert asked == {"com": 30, "net": 30}
    assert others_meanwhile[0] < others_meanwhile[1] == 30


def test_a_lane_that_rests_for_long_gives_its_names_back() -> None:
    """Nobody holds names for an hour that it cannot ask for: another worker may, or this one later."""
    books = shelf(100)

    async def away(_: DomainName) -> Sighting:
        raise PausedError(3600)

    assert not pump(books, away, stop=books.has_given_back.is_set)
    assert not books.told
    assert not books.in_hand
    assert len(books.names[LANE]) == 100


def test_names_that_waited_too_long_are_given_back_before_others_may_take_them() -> None:
    """A slow server's names are not kept until their lease is over: they are given back, taken anew, and asked once."""
    books = shelf(12)

    async def slow(name: DomainName) -> Sighting:
        await asyncio.sleep(0.03)
        return seen(name)

    assert pump(books, slow, in_flight=1, limits=Limits(batch=20, kept=0.05))
    assert len(books.told) == 12
    assert books.given_back


def test_stopping_waits_for_what_is_in_the_air_and_gives_the_rest_back() -> None:
    """Told to stop, nobody else is asked; what was asked is written, what was not is given back: nothing is lost."""
    books, asked, stopping = shelf(200), Counter[str](), threading.Event()

    async def ask(name: DomainName) -> Sighting:
        asked[name.ascii] += 1
        if asked.total() == 30:
            stopping.set()
        await asyncio.sleep(0.05)
        return seen(name)

    assert not pump(books, ask, stop=stopping.is_set)
    assert books.told.keys() == asked.keys()
    assert not books.in_hand
    assert len(books.names[LANE]) + len(books.told) == 200


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever() -> None:
    """A look that hangs at the end is given up, and its name given back."""
    books, stopping = shelf(3), threading.Event()

    async def hangs(_: DomainName) -> Sighting:
        stopping.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable: nobody sets the event")

    assert not pump(books, hangs, stop=stopping.is_set, limits=Limits(finish=0.05))
    assert not books.in_hand
    assert len(books.names[LANE]) == 3


def test_a_look_that_fails_by_our_fault_stops_no_other() -> None:
    """What nobody foresaw about one name is unknown, never free, and all the others are asked."""
    books = shelf(20)

    async def ask(name: DomainName) -> Sighting:
        if name.ascii == "n7.com":
            raise ZeroDivisionError
        return seen(name)

    assert pump(books, ask)
    assert {name for name, standing in books.told.items() if standing is Standing.UNKNOWN} == {"n7.com"}


@pytest.mark.parametrize(
    "why", [DataError("INSERT", None, Exception("too long")), OverflowError("a date that is none")]
)
def test_an_answer_that_cannot_be_kept_stops_no_other(why: Exception) -> None:
    """What no column holds, or no judgement expects, is told as unknown; the nineteen beside it in the batch are kept."""
    books = shelf(20)
    books.unwritable, books.unwritten_for = frozenset({"n7.com"}), why
    assert pump(books, at_once)
    assert {name for name, standing in books.told.items() if standing is Standing.UNKNOWN} == {"n7.com"}
    assert len(books.told) == 20


def test_a_database_that_is_away_for_a_moment_loses_no_answer(impatient: None) -> None:
    """Neither the names that are taken nor the answers that are written are lost while the database restarts."""
    books = shelf(50)
    books.faults.extend(OperationalError("SELECT", None, Exception("gone")) for _ in range(6))
    assert pump(books, at_once)
    assert len(books.told) == 50


def test_a_database_that_stays_away_ends_it(impatient: None) -> None:
    """It ends with the database's own error, instead of asking on and on for answers that nobody keeps."""
    books, asked = shelf(200), Counter[str]()

    async def ask(name: DomainName) -> Sighting:
        asked[name.ascii] += 1
        books.faults.extend(OperationalError("SELECT", None, Exception("gone")) for _ in range(100))
        return seen(name)

    with pytest.raises(OperationalError):
        pump(books, ask)
    assert asked.total() < 200


def test_answers_are_written_in_whole_batches_while_they_come_quickly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each transaction has its price: a thousand answers cost ten, where none has to wait for long."""
    monkeypatch.setattr(pumping, "_WRITE_SECONDS", 60.0)
    books = shelf(1000)
    assert pump(books, at_once, in_flight=16, limits=Limits(batch=100))
    assert books.batches == [100] * 10


def test_a_few_answers_do_not_wait_for_a_whole_batch() -> None:
    """A slow server's answers are written as they come: what a worker has in hand when it dies is asked again."""
    books = shelf(3)

    async def ask(name: DomainName) -> Sighting:
        if name.ascii == "n2.com":
            assert await asyncio.to_thread(books.has_written.wait, 10)
        return seen(name)

    assert pump(books, ask, in_flight=1, limits=Limits(batch=100))
    assert books.told == dict.fromkeys(("n0.com", "n1.com", "n2.com"), Standing.REGISTERED)
