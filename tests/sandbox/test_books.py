"""The books of a sandbox registrar: what one command does stands together, and anybody may read it."""

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sandbox.books import Books, DepositEmptyError
from adapters.sandbox.misbehaviour import Behaviour, Misbehaviour

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
EXPIRY = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alpha.sqlite"


@pytest.fixture
def books(path: Path) -> Iterator[Books]:
    with Books.create(path, registrar_name="alpha", unit="USD", balance=1000) as books:
        yield books


def renew(books: Books, *, amount: int = 900) -> None:
    """Renew example.com for a year on one page, as a server would."""
    with books.page(NOW) as page:
        domain = page.domain("example.com")
        assert domain is not None
        page.save(replace(domain, expires_at=domain.expires_at + timedelta(days=365)))
        page.charge("renew", domain.name, months=12, amount=amount, client_transaction_id="order-1-1")


def test_a_charge_takes_from_the_deposit_and_leaves_a_line(books: Books) -> None:
    """What the registrar takes from the deposit, it can show line by line."""
    books.add_domain("example.com", expires_at=EXPIRY)
    renew(books)
    (charge,) = books.charges("example.com")
    assert (charge.command, charge.months, charge.amount, charge.unit) == ("renew", 12, 900, "USD")
    assert (charge.client_transaction_id, charge.at, charge.refund_of) == ("order-1-1", NOW, None)
    assert books.balance() == 100


def test_an_empty_deposit_leaves_the_name_as_it_was(books: Books) -> None:
    """A renewal that the deposit does not cover changes neither the name nor the deposit."""
    books.add_domain("example.com", expires_at=EXPIRY)
    with pytest.raises(DepositEmptyError):
        renew(books, amount=1001)
    domain = books.domain("example.com")
    assert domain is not None
    assert (domain.expires_at, books.charges(), books.balance()) == (EXPIRY, (), 1000)


def test_a_topped_up_deposit_pays(books: Books) -> None:
    """Once the deposit is paid into, the same renewal is made."""
    books.add_domain("example.com", expires_at=EXPIRY)
    books.top_up(1)
    renew(books, amount=1001)
    assert books.balance() == 0


def test_a_charge_is_given_back_once(books: Books) -> None:
    """A rejected order's charge comes back to the deposit, and never twice."""
    with books.page(NOW) as page:
        charge_id = page.charge("register", "a.com", months=12, amount=900, client_transaction_id="order-1-1")
        page.refund(charge_id)
    with pytest.raises(sqlite3.IntegrityError), books.page(NOW) as page:
        page.refund(charge_id)
    assert [(line.amount, line.refund_of) for line in books.charges()] == [(900, None), (-900, charge_id)]
    assert books.balance() == 1000


def test_the_books_are_read_with_plain_sql_while_they_are_open(books: Books, path: Path) -> None:
    """Another program reads charges and names from the file while the registrar runs."""
    books.add_domain("example.com", expires_at=EXPIRY)
    renew(books)
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    charged = reader.execute(
        "SELECT at, command, name, months, amount, unit, refund_of FROM charges"
    ).fetchall()
    expiry = reader.execute("SELECT expires_at FROM domains WHERE name = 'example.com'").fetchone()
    reader.close()
    assert charged == [("2026-05-01T12:00:00.000Z", "renew", "example.com", 12, 900, "USD", None)]
    assert expiry == ("2028-01-01T00:00:00.000Z",)


def test_books_are_not_made_twice(books: Books, path: Path, tmp_path: Path) -> None:
    """Books with charges in them are never begun anew, and books that are not there are not invented."""
    with pytest.raises(FileExistsError):
        Books.create(path, registrar_name="alpha", unit="USD")
    with pytest.raises(FileNotFoundError):
        Books(tmp_path / "beta.sqlite")


def test_a_misbehaviour_ordered_in_another_process_is_taken_once(books: Books, path: Path) -> None:
    """However many sessions ask at once, a misbehaviour ordered once happens once."""
    with Books(path) as elsewhere:
        elsewhere.misbehave("drop_reply", command="domain:renew", name="example.com")
    taken: list[Misbehaviour] = []

    def take() -> None:
        with Books(path) as own, own.page() as page:
            found = page.take_misbehaviour(
                {Behaviour.DROP_REPLY}, command="domain:renew", names=["example.com"]
            )
            if found is not None:
                taken.append(found)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert taken == [Misbehaviour(Behaviour.DROP_REPLY)]


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"command": "domain:renew", "names": ["a.com"], "number": 7}, True),
        ({"command": "domain:renew", "names": ["b.com", "a.com"], "number": 7}, True),
        ({"command": "domain:info", "names": ["a.com"], "number": 7}, False),
        ({"command": "domain:renew", "names": ["b.com"], "number": 7}, False),
        ({"command": "domain:renew", "names": [], "number": 7}, False),
        ({"command": "domain:renew", "names": ["a.com"], "number": 8}, False),
    ],
)
def test_a_misbehaviour_is_for_what_it_names(books: Books, asked: dict[str, object], fits: bool) -> None:
    """A misbehaviour ordered for one command, name and number meets no other."""
    books.misbehave("refuse", command="domain:renew", name="a.com", number=7, argument="2306 not this name")
    with books.page() as page:
        taken = page.take_misbehaviour({Behaviour.REFUSE}, **asked)  # type: ignore[arg-type] # a table of keywords
    assert (taken is not None) is fits
    assert taken is None or taken.refusal() == (2306, "not this name")


def test_misbehaviours_can_be_taken_back(books: Books) -> None:
    """What was ordered and has not happened yet can be called off."""
    books.misbehave("freeze", times=1000)
    books.behave()
    with books.page() as page:
        assert page.take_misbehaviour({Behaviour.FREEZE}, command="poll") is None


def test_a_look_that_lags_shows_the_state_before_the_last_change(books: Books) -> None:
    """For so many seconds after a change, a look that lags behind still shows the old expiry."""
    books.add_domain("example.com", expires_at=EXPIRY)
    with books.page(NOW) as page:
        assert page.domain_before_change("example.com") == page.domain("example.com")
    renew(books)
    with books.page(NOW + timedelta(seconds=4)) as page:
        old = page.domain_before_change("example.com", within=5)
    with books.page(NOW + timedelta(seconds=5)) as page:
        new = page.domain_before_change("example.com", within=5)
    assert old is not None
    assert new is not None
    assert (old.expires_at, new.expires_at) == (EXPIRY, EXPIRY + timedelta(days=365))


def test_a_message_waits_until_it_is_acknowledged(books: Books) -> None:
    """The registrar shows the same message again until we say that we have it."""
    with books.page(NOW) as page:
        page.queue_message("notice", "first")
        page.queue_message("notice", "second")
        page.queue_message("notice", "for another", client_id="other")
    with books.page(NOW) as page:
        first = page.first_message()
        assert first is not None
        assert (first.text, page.first_message(), page.messages_waiting()) == ("first", first, 2)
        assert [page.acknowledge(first.id), page.acknowledge(first.id)] == [True, False]
        assert page.messages_waiting() == 1


def test_verdicts_fall_one_after_another(books: Books) -> None:
    """What is rejected first and approved later comes due twice, and then no more."""
    with books.page(NOW) as page:
        page.open_operation(
            "register",
            "a.com",
            months=12,
            client_id="reseller",
            client_transaction_id="order-1-1",
            server_transaction_id="S-1",
            charge_id=None,
            verdicts=("reject", "approve"),
            every_seconds=10,
        )
    seen = []
    for seconds in range(0, 50, 5):
        with books.page(NOW + timedelta(seconds=seconds)) as page:
            for operation in page.due_operations():
                seen.append((seconds, operation.verdicts[0]))
                page.decide(operation, "rejected" if operation.verdicts[0] == "reject" else "approved")
    assert seen == [(10, "reject"), (20, "approve")]


def test_what_is_pending_can_be_decided_by_hand(books: Books) -> None:
    """A tester approves a pending name from outside; where nothing is pending, that is said."""
    with books.page(NOW) as page:
        page.open_operation(
            "renew",
            "a.com",
            months=12,
            client_id="reseller",
            client_transaction_id="order-1-1",
            server_transaction_id="S-1",
            charge_id=None,
            verdicts=(),
            every_seconds=3600,
        )
        assert page.due_operations() == ()
    books.approve("a.com")
    with books.page(NOW) as page:
        assert [operation.verdicts for operation in page.due_operations()] == [("approve",)]
    with pytest.raises(LookupError):
        books.reject("b.com")
