"""Changing a .ir name's servers at the sandbox registry: what its own books show afterwards."""

import sqlite3
from datetime import UTC, datetime

import pytest

from adapters.sandbox.books import Books
from registrar.commands import Kind, Nameserver, Update
from registrar.gateway import Gateway
from registrar.names import DomainName
from registrar.outcomes import Correctable, Done, RefusalReason, Refused, Unknown
from tests.adapters.irnic.conftest import HOLDER, OURS, Calls

NAME = DomainName("example.ir", "ir")
EXPIRES = datetime(2027, 3, 1, 20, 50, tzinfo=UTC)
NS1, NS2, NS3 = (Nameserver(f"ns{number}.example.net") for number in (1, 2, 3))
MOVE = Update(NAME, (NS2, NS3))


@pytest.fixture
def delegated(irnic: Gateway, books: Books) -> Gateway:
    """Our gateway to a registry where the name is ours, with two name servers."""
    books.add_domain(
        NAME.ascii,
        expires_at=EXPIRES,
        statuses=("ok", "irnicRegistered"),
        contacts=[("holder", HOLDER), ("bill", OURS)],
        nameservers=[("ns1.example.net", ()), ("ns2.example.net", ())],
    )
    return irnic


def _hosts(books: Books) -> dict[str, tuple[str, ...]]:
    entry = books.domain(NAME.ascii)
    assert entry is not None
    return dict(entry.nameservers)


def _updates(books: Books) -> int:
    with sqlite3.connect(books.path) as connection:
        [[count]] = connection.execute("SELECT count(*) FROM journal WHERE command = 'domain:update'")
    connection.close()
    return int(count)


def test_one_host_stays_and_another_takes_its_neighbours_place(
    delegated: Gateway, books: Books, call: Calls
) -> None:
    """A customer changes one of two name servers, and nothing is charged."""
    assert isinstance(delegated.execute(MOVE, call()), Done)
    assert list(_hosts(books)) == ["ns2.example.net", "ns3.example.net"]
    assert delegated.look(NAME, Kind.RENEW, call()).nameservers == ("ns2.example.net", "ns3.example.net")
    assert books.charges() == ()


@pytest.mark.parametrize(
    "wanted",
    [(NS1, NS2), (NS2, NS1), (Nameserver("NS1.EXAMPLE.net"), Nameserver("ns2.example.net."))],
    ids=["the same", "another order", "upper case and a dot"],
)
def test_nothing_is_sent_where_nothing_differs(
    wanted: tuple[Nameserver, ...], delegated: Gateway, books: Books, call: Calls
) -> None:
    """A customer who asks for what there is already is told that it is done, and IRNIC hears of no change."""
    assert isinstance(delegated.execute(Update(NAME, wanted), call()), Done)
    assert _updates(books) == 0


def test_a_name_serves_itself_and_is_taken_out_of_the_zone(
    delegated: Gateway, books: Books, call: Calls
) -> None:
    """A name gets hosts of its own with either version of address, up to four, and ends without any."""
    four = (
        Nameserver("ns1.example.ir", ("192.0.2.1",)),
        Nameserver("NS2.example.ir.", ("2001:db8::1",)),
        NS1,
        NS3,
    )
    assert isinstance(delegated.execute(Update(NAME, four), call()), Done)
    assert _hosts(books) == {
        "ns1.example.net": (),
        "ns1.example.ir": ("192.0.2.1",),
        "ns2.example.ir": ("2001:db8::1",),
        "ns3.example.net": (),
    }
    assert isinstance(delegated.execute(Update(NAME, four), call()), Done)
    assert _updates(books) == 1
    assert isinstance(delegated.execute(Update(NAME, ()), call()), Done)
    assert _hosts(books) == {}


@pytest.mark.parametrize("loss", ["drop_reply", "garbage", "cut", "fail_after"])
def test_a_lost_answer_to_a_change_does_no_harm(
    loss: str, delegated: Gateway, books: Books, call: Calls
) -> None:
    """When the answer to a change was lost, asking for it again finds it made and sends nothing."""
    books.misbehave(loss, command="domain:update")
    assert isinstance(delegated.execute(MOVE, call()), Unknown)
    assert list(_hosts(books)) == ["ns2.example.net", "ns3.example.net"]
    assert isinstance(delegated.execute(MOVE, call()), Done)
    assert _updates(books) == 1


@pytest.mark.parametrize("loss", ["drop_request", "html"])
def test_a_lost_change_is_made_by_the_repeat(
    loss: str, delegated: Gateway, books: Books, call: Calls
) -> None:
    """When the change itself was lost, asking for it again makes it."""
    books.misbehave(loss, command="domain:update")
    assert isinstance(delegated.execute(MOVE, call()), Unknown)
    assert list(_hosts(books)) == ["ns1.example.net", "ns2.example.net"]
    assert isinstance(delegated.execute(MOVE, call()), Done)
    assert list(_hosts(books)) == ["ns2.example.net", "ns3.example.net"]


def test_a_repeat_after_a_look_that_lags_leaves_what_was_wanted(
    delegated: Gateway, books: Books, call: Calls
) -> None:
    """If IRNIC still shows the old state, it refuses the repeat, and the next one finds the change made."""
    assert isinstance(delegated.execute(MOVE, call()), Done)
    books.misbehave("stale", command="domain:info")
    assert isinstance(delegated.execute(MOVE, call()), Unknown)
    assert isinstance(delegated.execute(MOVE, call()), Done)
    assert list(_hosts(books)) == ["ns2.example.net", "ns3.example.net"]


def test_a_name_that_is_not_registered_or_not_ours_is_left_alone(
    irnic: Gateway, books: Books, call: Calls
) -> None:
    """What is not ours, or not there, is not changed and not even asked to be."""
    missing = irnic.execute(MOVE, call())
    assert isinstance(missing, Refused)
    assert missing.reason is RefusalReason.NOT_REGISTERED
    books.add_domain(
        NAME.ascii,
        expires_at=EXPIRES,
        sponsor="xx999-irnic",
        contacts=[("holder", HOLDER), ("bill", "xx999-irnic")],
    )
    assert isinstance(irnic.execute(MOVE, call()), Correctable)
    assert _updates(books) == 0


def test_a_name_whose_status_forbids_it_is_not_changed(irnic: Gateway, books: Books, call: Calls) -> None:
    """While IRNIC itself forbids a change, the name stays what it was and the reason is told."""
    books.add_domain(
        NAME.ascii,
        expires_at=EXPIRES,
        statuses=("irnicRegistered", "serverUpdateProhibited"),
        contacts=[("holder", HOLDER), ("bill", OURS)],
    )
    outcome = irnic.execute(MOVE, call())
    assert isinstance(outcome, Refused)
    assert outcome.reason is RefusalReason.STATUS_PROHIBITS
    assert _hosts(books) == {}
