"""A thousand commands on a handful of sessions, and what a session costs that the registry ends: read from its journal."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.epp import COM
from registrar.commands import Expiry, Kind, Renew
from registrar.gateway import Gateway, Standing
from registrar.names import DomainName
from registrar.outcomes import Done, Unknown
from tests.adapters.epp.calls import call_with
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
