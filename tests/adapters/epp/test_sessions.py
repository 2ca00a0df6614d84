"""A thousand commands on a handful of sessions, and what a session costs that the registry ends: read from its journal."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from threading import Event

import pytest

from adapters.registrars.epp.frames import Deadline
from adapters.registrars.epp.pool import Lease, SessionPool
from adapters.registrars.epp.session import Session, UnreachableError
from adapters.registrars.epp.settings import EppSettings
from adapters.sandbox.books import Books
from adapters.sandbox.epp import COM
from registrar.commands import Expiry, Kind, Renew
from registrar.gateway import Gateway, Standing
from registrar.names import DomainName
from registrar.outcomes import Done, Unknown
from tests.adapters.epp.calls import call_with, section
from tests.adapters.epp.house import ENDS, House

CAP = 3
THREADS = 8
COMMANDS = 1000
RENEWALS = 100
KILLS = 5


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Run a registrar that allows three sessions, with a hundred names of ours."""
    with ExitStack() as stack:
        books = stack.enter_context(
            Books.create(tmp_path / "books.sqlite", registrar_name="Sandbox", unit="EUR", balance=100_000_000)
        )
        opened = House(books, COM, tmp_path, stack)
        opened.start(session_cap=CAP)
        stack.callback(opened.stop)
        for name in NAMES:
            books.add_domain(name.ascii, expires_at=ENDS)
        yield opened


NAMES = [DomainName(f"name-{number}.test", "test") for number in range(RENEWALS)]


def renew(gateway: Gateway, name: DomainName) -> type:
    return type(gateway.execute(Renew(name, 12, Expiry(ENDS, ENDS.isoformat())), call_with(seconds=60)))


def look(gateway: Gateway, number: int) -> Standing:
    return gateway.look(NAMES[number % RENEWALS], Kind.RENEW, call_with(seconds=60)).standing


def test_a_thousand_commands_need_no_more_logins_than_sessions(house: House) -> None:
    """However many commands eight workers send at once, the registry sees three logins at most."""
    gateway = house.gateway(sessions=CAP)
    with ThreadPoolExecutor(THREADS) as threads:
        renewed = list(threads.map(lambda name: renew(gateway, name), NAMES))
        asked = len(house.journal("domain:renew")) + len(house.journal("domain:check"))
        seen = list(threads.map(lambda number: look(gateway, number), range(COMMANDS - asked)))
    assert (set(renewed), set(seen)) == ({Done}, {Standing.REGISTERED})
    sent = ("domain:renew", "domain:check", "domain:info")
    assert sum(len(house.journal(command)) for command in sent) == COMMANDS
    assert {code for _, code in house.journal("login")} == {1000}
    assert 1 <= len(house.journal("login")) <= CAP


def test_sessions_that_end_between_orders_put_none_in_doubt(house: House) -> None:
    """When the registry ends every session between two orders, the next ones log in anew and none needs even a look."""
    assert house.sandbox is not None
    gateway = house.gateway(sessions=CAP)
    with ThreadPoolExecutor(THREADS) as threads:
        for kill in range(KILLS):
            some = NAMES[kill::KILLS]
            assert set(threads.map(lambda name: renew(gateway, name), some)) == {Done}
            house.sandbox.end_sessions()
    assert house.journal("domain:info") == []
    assert len(house.spent()) == RENEWALS
    assert KILLS <= len(house.journal("login")) <= KILLS * CAP


def test_a_session_that_ends_in_an_order_costs_one_look(house: House) -> None:
    """When the registry hangs up instead of answering, one look tells whether the order was carried out."""
    gateway = house.gateway(sessions=CAP)
    order = Renew(NAMES[0], 12, Expiry(ENDS, ENDS.isoformat()))
    for behaviour, done in (("closed", False), ("drop_reply", True)):
        house.books.misbehave(behaviour, command="domain:renew")
        assert isinstance(gateway.execute(order, call_with()), Unknown)
        seen = gateway.look(NAMES[0], Kind.RENEW, call_with())
        assert seen.expiry is not None
        assert (seen.expiry.at > ENDS) is done
    assert len(house.journal("domain:info")) == 2
    assert len(house.spent()) == 1
    assert len(house.journal("login")) == 3


class InterruptedWaitError(BaseException):
    """What a worker that is to stop raises in its threads, wherever they are."""


@pytest.fixture
def pool() -> SessionPool:
    """Give a pool of one session, which nobody needs to open."""

    def open_none(_deadline: Deadline, _take_turn: Callable[[], None]) -> Session:
        raise UnreachableError("nobody is there", by_network=True)

    return SessionPool(EppSettings.parse("sandbox", section(700, Path("none.pem"), sessions=1)), open_none)


def lease(
    pool: SessionPool, *, seconds: float = 60, clock: Callable[[], float] = time.monotonic
) -> AbstractContextManager[Lease]:
    """Hold the pool's slot; the clock is asked how much time is left once the call stands in line."""
    return pool.lease(Deadline(clock, time.monotonic() + seconds), lambda: None)


def test_a_slot_goes_to_who_has_waited_longest(pool: SessionPool) -> None:
    """Who comes straight back for another call overtakes nobody, and those who waited are served as they came."""
    served: list[str] = []

    def serve(who: str, stands: Event) -> None:
        def clock() -> float:
            stands.set()
            return time.monotonic()

        with lease(pool, clock=clock):
            served.append(who)

    with ThreadPoolExecutor(2) as threads:
        with lease(pool):
            for who in ("first", "second"):
                threads.submit(serve, who, stands := Event())
                assert stands.wait(10)
        with lease(pool):
            served.append("who came back")
    assert served == ["first", "second", "who came back"]


@pytest.mark.parametrize("handed_over", [True, False])
@pytest.mark.parametrize("fault", [TimeoutError, InterruptedWaitError])
def test_a_slot_is_not_lost_with_who_waited(
    pool: SessionPool, fault: type[BaseException], handed_over: bool
) -> None:
    """Whose time is over, or who is interrupted, takes no slot along: not even one that came at the same instant."""
    stands, go_on = Event(), Event()

    def clock() -> float:
        stands.set()
        assert go_on.wait(10)
        raise fault

    def wait_in_vain() -> None:
        with lease(pool, clock=clock):
            pytest.fail("the call's time was over")

    with ThreadPoolExecutor(1) as thread:
        with lease(pool):
            waiting = thread.submit(wait_in_vain)
            assert stands.wait(10)
            if not handed_over:
                go_on.set()
                assert waiting.exception(10)
        go_on.set()
        assert isinstance(waiting.exception(10), UnreachableError | InterruptedWaitError)
    with lease(pool, seconds=1):
        pass
