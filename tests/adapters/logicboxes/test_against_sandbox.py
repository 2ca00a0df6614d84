"""Do our LogicBoxes and the sandbox's agree, as two readings of the same facts? The sandbox's books are the witness."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.logicboxes import LogicBoxesSandbox, add_customer
from adapters.sandbox.misbehaviour import Behaviour
from adapters.sandbox.tls import Certificates, make_certificates
from registrar.commands import (
    AnswerTransfer,
    ContactRole,
    Delete,
    Kind,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
    TransferAnswer,
    Update,
)
from registrar.gateway import Deposit, Gateway, Progress, Sighting, Standing
from registrar.judging import Go, Verdict, after_attempt, before_first_attempt
from registrar.money import Money
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Blocked, Done, NotSent, Outcome, Pending, Refused, Unknown
from registrar.secrets import Secret
from registrar.statuses import Status
from tests.adapters.logicboxes.conftest import API_KEY, HOUSE, RESELLER, Calls
from tests.adapters.logicboxes.words import NAME, PERSON

HOSTS = (Nameserver("ns1.example.net"), Nameserver("ns2.example.net"))
REGISTRATION = Register(NAME, 12, {ContactRole.REGISTRANT: PERSON}, HOSTS)
ELSEWHERE = DomainName("elsewhere.com", "com")
CODE = "the-code-of-the-name"
MOVE = Transfer(ELSEWHERE, 12, Secret(CODE), {ContactRole.REGISTRANT: PERSON})


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The sandbox's own authority and certificate."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """The platform's books, with a thousand dollars of deposit, our customer, and another registrar's name."""
    path = tmp_path / "logicboxes.sqlite"
    with Books.create(path, registrar_name="lb", unit="USD", balance=100_000, client_id=RESELLER) as books:
        add_customer(books, HOUSE)
        expires = datetime(2027, 12, 1, tzinfo=UTC)
        books.add_domain(ELSEWHERE.ascii, sponsor="other", expires_at=expires, auth_info=CODE)
        yield books


@pytest.fixture
def lb(books: Books, certificates: Certificates, connect: Callable[..., Gateway]) -> Iterator[Gateway]:
    """Our gateway to a platform that decides when the test says so."""
    with LogicBoxesSandbox(
        books, certificates=certificates, reseller_id=RESELLER, api_key=API_KEY, decide_after_seconds=None
    ) as sandbox:
        yield connect(sandbox.url, ca_file=str(certificates.authority), call_timeout_seconds=2)


@pytest.fixture
def look(lb: Gateway, call: Calls) -> Callable[[Kind], Sighting]:
    """Look at the name."""
    return lambda kind: lb.look(NAME, kind, call())


def spent(books: Books) -> list[str]:
    """Return what was charged, refunds left out."""
    return [charge.command for charge in books.charges() if charge.refund_of is None]


def test_a_name_lives_through_all_its_orders(
    lb: Gateway, books: Books, call: Calls, look: Callable[[Kind], Sighting]
) -> None:
    """A name is registered, renewed, given up and brought back, each charged once, and each end is the registrar's own."""
    assert look(Kind.REGISTER).standing is Standing.FREE
    first = lb.execute(REGISTRATION, call())
    assert isinstance(first, Done)
    assert first.expiry is not None
    second = lb.execute(Renew(NAME, 24, first.expiry), call())
    assert isinstance(second, Done)
    assert second.expiry == look(Kind.RENEW).expiry
    assert second.expiry is not None
    assert second.expiry.at.year == first.expiry.at.year + 2
    assert isinstance(lb.execute(Delete(NAME), call()), Pending)
    books.approve(NAME.ascii)
    assert look(Kind.RESTORE).restorable
    assert isinstance(lb.execute(Restore(NAME, 0), call()), Done)
    assert not look(Kind.RESTORE).restorable
    assert spent(books) == ["register", "renew", "restore"]


WIRE = [
    Behaviour.DROP_REPLY,
    Behaviour.DROP_REQUEST,
    Behaviour.GARBAGE,
    Behaviour.HTML,
    Behaviour.FAIL_AFTER,
    Behaviour.CUT,
    Behaviour.CLOSED,
    Behaviour.DRIP,
    Behaviour.FREEZE,
]


@pytest.mark.parametrize("behaviour", WIRE)
def test_a_renewal_whose_answer_is_lost_is_charged_at_most_once(
    behaviour: Behaviour, lb: Gateway, books: Books, call: Calls, look: Callable[[Kind], Sighting]
) -> None:
    """Whatever happens to the answer, the look tells what became of the renewal, and a repeat buys no second year."""
    assert isinstance(lb.execute(REGISTRATION, call()), Done)
    before = before_first_attempt(Kind.RENEW, look(Kind.RENEW), expected_expiry=None)
    assert isinstance(before, Go)
    seen = look(Kind.RENEW)
    assert seen.expiry is not None
    renewal = Renew(NAME, 12, seen.expiry)
    books.misbehave(behaviour, command="domain:renew")
    assert isinstance(lb.execute(renewal, call(seconds=1.5)), Unknown)
    verdict = after_attempt(Kind.RENEW, look(Kind.RENEW), guard=before.guard, months=12)
    charged = spent(books).count("renew")
    assert verdict is (Verdict.DID if charged else Verdict.ABSENT)
    again = lb.execute(renewal, call())
    assert isinstance(again, Refused if charged else Done)
    assert spent(books).count("renew") == 1


@pytest.mark.parametrize("behaviour", [Behaviour.DROP_REPLY, Behaviour.DROP_REQUEST])
def test_a_registration_whose_answer_is_lost_is_charged_at_most_once(
    behaviour: Behaviour, lb: Gateway, books: Books, call: Calls, look: Callable[[Kind], Sighting]
) -> None:
    """A repeated registration finds the name taken, by our own lost attempt, and asks for a look."""
    before = before_first_attempt(Kind.REGISTER, look(Kind.REGISTER), expected_expiry=None)
    assert isinstance(before, Go)
    books.misbehave(behaviour, command="domain:create")
    assert isinstance(lb.execute(REGISTRATION, call()), Unknown)
    charged = len(spent(books))
    verdict = after_attempt(Kind.REGISTER, look(Kind.REGISTER), guard=before.guard, months=12)
    assert verdict is (Verdict.DID if charged else Verdict.ABSENT)
    again = lb.execute(REGISTRATION, call())
    assert again.confirm if isinstance(again, Refused) else isinstance(again, Done)
    assert spent(books) == ["register"]


def test_an_order_without_a_deposit_is_saved_and_completes_by_itself(
    lb: Gateway, books: Books, call: Calls, look: Callable[[Kind], Sighting]
) -> None:
    """With an empty deposit the order is there, waits visibly, is not sent over, and completes after the top-up."""
    assert isinstance(lb.execute(REGISTRATION, call()), Done)
    end = look(Kind.RENEW).expiry
    assert end is not None
    books.misbehave(Behaviour.NO_DEPOSIT, command="domain:renew")
    saved = lb.execute(Renew(NAME, 12, end), call())
    assert isinstance(saved, Pending)
    assert saved.blocked is BlockCause.DEPOSIT
    waiting = look(Kind.RENEW)
    assert (dict(waiting.progress), waiting.blocked) == (
        {Kind.RENEW: Progress.UNDER_WAY},
        BlockCause.DEPOSIT,
    )
    assert isinstance(lb.execute(Renew(NAME, 12, end), call()), NotSent)
    books.top_up(10_000)
    paid = look(Kind.RENEW)
    assert (dict(paid.progress), paid.blocked) == ({}, None)
    assert paid.expiry is not None
    assert paid.expiry.at > end.at
    assert spent(books) == ["register", "renew"]


def test_a_transfer_is_followed_to_its_end(lb: Gateway, books: Books, call: Calls) -> None:
    """A transfer is under way until the losing registrar lets go, and then the name is ours."""
    assert isinstance(lb.execute(MOVE, call()), Pending)
    waiting = lb.look(ELSEWHERE, Kind.TRANSFER, call())
    assert (waiting.ours, dict(waiting.progress)) == (False, {Kind.TRANSFER: Progress.UNDER_WAY})
    books.approve(ELSEWHERE.ascii)
    arrived = lb.look(ELSEWHERE, Kind.TRANSFER, call())
    assert (arrived.ours, dict(arrived.progress)) == (True, {})
    assert spent(books) == ["transfer"]


@pytest.mark.parametrize("by_us", [True, False])
def test_a_transfer_that_does_not_come_about_is_seen(
    by_us: bool, lb: Gateway, books: Books, call: Calls
) -> None:
    """A transfer that was cancelled, or refused by the losing registrar, is seen as rejected, and since when."""
    assert isinstance(lb.execute(MOVE, call()), Pending)
    if by_us:
        assert isinstance(lb.execute(AnswerTransfer(ELSEWHERE, TransferAnswer.CANCEL), call()), Done)
    else:
        books.reject(ELSEWHERE.ascii)
    over = lb.look(ELSEWHERE, Kind.TRANSFER, call())
    assert (over.ours, dict(over.progress)) == (False, {Kind.TRANSFER: Progress.REJECTED})
    assert over.transfer_asked_at is not None


def test_a_registration_that_takes_time_is_followed(
    lb: Gateway, books: Books, call: Calls, look: Callable[[Kind], Sighting]
) -> None:
    """A registration that the registry looks at first is under way, and then there."""
    books.misbehave(Behaviour.PENDING, command="domain:create")
    assert isinstance(lb.execute(REGISTRATION, call()), Pending)
    waiting = look(Kind.REGISTER)
    assert (waiting.ours, dict(waiting.progress)) == (True, {Kind.REGISTER: Progress.UNDER_WAY})
    books.approve(NAME.ascii)
    arrived = look(Kind.REGISTER)
    assert (arrived.ours, dict(arrived.progress)) == (True, {})


def test_a_name_becomes_what_it_should_be(lb: Gateway, call: Calls, look: Callable[[Kind], Sighting]) -> None:
    """Hosts, lock, people and code are changed together, and a repeat changes nothing."""
    assert isinstance(lb.execute(REGISTRATION, call()), Done)
    hosts = (Nameserver("ns3.example.net"), Nameserver("ns4.example.net"))
    unlocked = Update(
        NAME,
        nameservers=hosts,
        remove_statuses=frozenset({Status.CLIENT_TRANSFER_PROHIBITED}),
        contacts={ContactRole.TECH: replace(PERSON, name="Another Invented Person")},
        auth_info=Secret("a-new-code"),
    )
    assert isinstance(lb.execute(unlocked, call()), Done)
    seen = look(Kind.RENEW)
    assert set(seen.nameservers) == {host.host for host in hosts}
    assert "clientTransferProhibited" not in seen.statuses
    assert seen.contacts[ContactRole.TECH] != seen.contacts[ContactRole.REGISTRANT]
    assert lb.auth_info(NAME, call()) == Secret("a-new-code")
    assert isinstance(lb.execute(replace(unlocked, auth_info=None), call()), Done)
    assert look(Kind.RENEW).contacts == seen.contacts


@pytest.mark.parametrize(
    ("cents", "outcome"), [(1499, Done), (1498, Blocked)], ids=["at the price", "below it"]
)
def test_the_ceiling_holds_to_the_cent(
    cents: int, outcome: type[Outcome], lb: Gateway, books: Books, call: Calls
) -> None:
    """An order costs at most what it may, and its price itself is within that."""
    assert type(lb.execute(replace(REGISTRATION, ceiling=Money(cents, "USD")), call())) is outcome
    assert len(spent(books)) == (outcome is Done)


def test_the_same_person_is_one_contact(lb: Gateway, books: Books, call: Calls) -> None:
    """A second name for the same person makes no second contact."""
    assert isinstance(lb.execute(REGISTRATION, call()), Done)
    other = DomainName("another-name.com", "com")
    assert isinstance(lb.execute(replace(REGISTRATION, domain=other), call()), Done)
    with books.page() as page:
        assert sum(contact.id.isdecimal() for contact in page.contacts()) == 1


def test_a_wrong_key_is_our_fault(
    books: Books, certificates: Certificates, connect: Callable[..., Gateway], call: Calls
) -> None:
    """A key that the platform does not know blocks orders and looks alike, and spends nothing."""
    with LogicBoxesSandbox(
        books, certificates=certificates, reseller_id=RESELLER, api_key="another-key"
    ) as sandbox:
        stranger = connect(sandbox.url, ca_file=str(certificates.authority))
        blocked = stranger.execute(REGISTRATION, call())
        assert isinstance(blocked, Blocked)
        assert blocked.cause is BlockCause.CREDENTIALS
        assert stranger.look(NAME, Kind.REGISTER, call()).blocked is BlockCause.CREDENTIALS
    assert spent(books) == []


def test_the_deposit_is_the_books_balance(lb: Gateway, call: Calls) -> None:
    """The balance is read as the platform writes it."""
    assert lb.deposit(call()) == Deposit("1000.000", "USD")


def test_a_late_request_is_still_charged_once(
    lb: Gateway, books: Books, call: Calls, look: Callable[[Kind], Sighting]
) -> None:
    """A renewal that lands after we stopped waiting leaves nothing for its repeat to buy."""
    assert isinstance(lb.execute(REGISTRATION, call()), Done)
    end = look(Kind.RENEW).expiry
    assert end is not None
    books.misbehave(Behaviour.LATE_WORK, command="domain:renew", argument="0.2")
    assert isinstance(lb.execute(Renew(NAME, 12, end), call()), Unknown)
    give_up = time.monotonic() + 5
    while spent(books).count("renew") == 0 and time.monotonic() < give_up:
        look(Kind.RENEW)
    assert isinstance(lb.execute(Renew(NAME, 12, end), call()), Refused)
    assert spent(books).count("renew") == 1
