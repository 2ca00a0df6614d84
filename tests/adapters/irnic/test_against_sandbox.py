"""The life of .ir orders against the sandbox registry: over HTTPS, with the registry's own books as the witness."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import IrnicSandbox, add_handle
from adapters.sandbox.tls import Certificates
from registrar.commands import ContactRole, Handle, Kind, Nameserver, Register, Renew
from registrar.gateway import Deposit, Gateway, Progress, RegistrarMessage, Standing
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    NotSent,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
)
from registrar.secrets import Secret
from tests.adapters.irnic.conftest import HOLDER, OURS, Calls, WallClock

NAME = DomainName("example.ir", "ir")
PERSIAN = DomainName.parse("مثال.ایران", zones={"xn--mgba3a4f16a"})
CREATE = Register(
    NAME,
    12,
    contacts={ContactRole.REGISTRANT: Handle(HOLDER)},
    nameservers=(Nameserver("ns1.example.net"), Nameserver("ns2.example.net")),
)
EXPIRES = datetime(2027, 3, 1, 20, 50, tzinfo=UTC)
"""Twenty past midnight of the second of March in Tehran."""


AT_NIGHT = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@pytest.fixture
def renewal(irnic: Gateway, books: Books, call: Calls) -> Renew:
    """A renewal of a name that we hold, guarded by the expiry that a look showed."""
    people = [(role, HOLDER) for role in ("holder", "admin", "tech")]
    books.add_domain(
        NAME.ascii, expires_at=EXPIRES, statuses=("ok", "irnicRegistered"), contacts=[*people, ("bill", OURS)]
    )
    seen = irnic.look(NAME, Kind.RENEW, call())
    assert seen.expiry is not None
    return Renew(NAME, 12, seen.expiry)


def _hours_later(clock: WallClock, hours: float) -> None:
    clock.at += timedelta(hours=hours)


def _read_all(irnic: Gateway, call: Calls) -> list[RegistrarMessage]:
    """Read and acknowledge until the queue is empty."""
    read = []
    while (message := irnic.next_message(call())) is not None:
        read.append(message)
        irnic.acknowledge(message.message_id, call())
    return read


def _amounts(books: Books) -> list[int]:
    return [charge.amount for charge in books.charges()]


def test_a_registration_is_approved(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """A registration is accepted, then approved, and registered only when the name is no longer reserved."""
    limits = call()
    assert isinstance(irnic.execute(CREATE, limits), Pending)
    waiting = irnic.look(NAME, Kind.REGISTER, call())
    assert (waiting.ours, waiting.expiry_is_temporary) == (True, True)
    assert waiting.progress == {Kind.REGISTER: Progress.UNDER_WAY}
    _hours_later(clock, 1.1)
    [message] = _read_all(irnic, call)
    assert (message.domain, message.kind, message.progress) == (
        "example.ir",
        Kind.REGISTER,
        Progress.APPROVED,
    )
    approved = irnic.look(NAME, Kind.REGISTER, call())
    assert approved.progress == {Kind.REGISTER: Progress.APPROVED}
    assert approved.expiry_is_temporary
    _hours_later(clock, 1.1)
    registered = irnic.look(NAME, Kind.REGISTER, call())
    assert (registered.standing, registered.ours, registered.progress) == (Standing.REGISTERED, True, {})
    assert not registered.expiry_is_temporary
    assert registered.registry_id == message.registry_id
    [charge] = books.charges()
    assert (charge.client_transaction_id, charge.amount) == (limits.client_transaction_id, 200)


def test_a_persian_name_is_registered(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """A name under .ایران goes through the same life."""
    assert isinstance(irnic.execute(Register(PERSIAN, 60, CREATE.contacts), call()), Pending)
    _hours_later(clock, 3)
    assert [message.progress for message in _read_all(irnic, call)] == [Progress.APPROVED]
    assert irnic.look(PERSIAN, Kind.REGISTER, call()).ours
    assert _amounts(books) == [600]


def test_a_registration_is_rejected(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """A rejected registration frees the name, and the registry gives the money back."""
    books.misbehave("reject", name=NAME.ascii)
    assert isinstance(irnic.execute(CREATE, call()), Pending)
    _hours_later(clock, 1.1)
    [message] = _read_all(irnic, call)
    assert (message.kind, message.progress) == (Kind.REGISTER, Progress.REJECTED)
    assert irnic.look(NAME, Kind.REGISTER, call()).standing is Standing.FREE
    assert _amounts(books) == [200, -200]


def test_rejected_is_not_the_last_word(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """A rejection may be taken back: the second message and the look after it tell the truth."""
    books.misbehave("reject_then_approve", name=NAME.ascii)
    assert isinstance(irnic.execute(CREATE, call()), Pending)
    _hours_later(clock, 1.1)
    assert [message.progress for message in _read_all(irnic, call)] == [Progress.REJECTED]
    _hours_later(clock, 2.2)
    assert [message.progress for message in _read_all(irnic, call)] == [Progress.APPROVED]
    assert irnic.look(NAME, Kind.REGISTER, call()).ours
    assert sum(_amounts(books)) == 200


def test_documents_are_asked_for(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """When IRNIC wants documents, the message says so, and the look does too."""
    books.misbehave("document_then_approve", name=NAME.ascii)
    assert isinstance(irnic.execute(CREATE, call()), Pending)
    _hours_later(clock, 1.1)
    [message] = _read_all(irnic, call)
    assert message.progress is Progress.DOCUMENTS_REQUIRED
    seen = irnic.look(NAME, Kind.REGISTER, call())
    assert seen.progress == {Kind.REGISTER: Progress.DOCUMENTS_REQUIRED}
    assert seen.reason == "reserved until 2026-12-02T12:00:00 in Tehran"


def test_a_renewal_moves_the_expiry(
    irnic: Gateway, renewal: Renew, books: Books, call: Calls, clock: WallClock
) -> None:
    """A renewal is accepted with 1001, seen as pending, and done when the expiry has moved."""
    assert isinstance(irnic.execute(renewal, call()), Pending)
    pending = irnic.look(NAME, Kind.RENEW, call())
    assert pending.progress == {Kind.RENEW: Progress.UNDER_WAY}
    assert pending.expiry == renewal.current_expiry
    _hours_later(clock, 3)
    assert Progress.APPROVED in [message.progress for message in _read_all(irnic, call)]
    renewed = irnic.look(NAME, Kind.RENEW, call())
    assert renewed.expiry is not None
    assert renewed.expiry.at > EXPIRES + timedelta(days=360)
    assert _amounts(books) == [200]


def test_the_guard_stops_a_second_renewal(
    irnic: Gateway, renewal: Renew, books: Books, call: Calls, clock: WallClock
) -> None:
    """The same renewal sent again is refused while it is pending and after it is done, and costs nothing twice."""
    assert isinstance(irnic.execute(renewal, call()), Pending)
    again = irnic.execute(renewal, call())
    assert isinstance(again, Refused)
    assert (again.reason, again.confirm) == (RefusalReason.STATUS_PROHIBITS, True)
    _hours_later(clock, 3)
    late = irnic.execute(renewal, call())
    assert isinstance(late, Refused)
    assert (late.reason, late.confirm) == (RefusalReason.EXPIRY_CONFLICT, True)
    assert _amounts(books) == [200]


@pytest.mark.parametrize("behaviour", ["drop_reply", "garbage", "fail_after", "cut"])
def test_a_lost_reply_is_found_by_looking(
    behaviour: str, irnic: Gateway, renewal: Renew, books: Books, call: Calls
) -> None:
    """When the answer is lost after the work was done, the order is in doubt, and a look finds the renewal."""
    books.misbehave(behaviour, command="domain:renew")
    assert isinstance(irnic.execute(renewal, call()), Unknown)
    assert irnic.look(NAME, Kind.RENEW, call()).progress == {Kind.RENEW: Progress.UNDER_WAY}
    assert _amounts(books) == [200]


def test_a_lost_registration_is_found_by_looking(irnic: Gateway, books: Books, call: Calls) -> None:
    """When the answer to a registration is lost, a look finds the name reserved for us."""
    books.misbehave("drop_reply", command="domain:create")
    assert isinstance(irnic.execute(CREATE, call()), Unknown)
    seen = irnic.look(NAME, Kind.REGISTER, call())
    assert (seen.standing, seen.ours) == (Standing.REGISTERED, True)
    assert seen.progress == {Kind.REGISTER: Progress.UNDER_WAY}
    again = irnic.execute(CREATE, call())
    assert isinstance(again, Refused)
    assert (again.reason, again.confirm) == (RefusalReason.ALREADY_REGISTERED, True)
    assert _amounts(books) == [200]


@pytest.mark.parametrize("behaviour", ["drop_request", "html", "closed"])
def test_a_dropped_request_shows_as_absence(
    behaviour: str, irnic: Gateway, books: Books, call: Calls
) -> None:
    """When the request was lost, the order is in doubt, and the look shows that the name is free."""
    books.misbehave(behaviour, command="domain:create")
    assert isinstance(irnic.execute(CREATE, call()), Unknown)
    assert irnic.look(NAME, Kind.REGISTER, call()).standing is Standing.FREE
    assert books.charges() == ()


@pytest.mark.parametrize("behaviour", ["drop_reply", "drip", "freeze"])
def test_a_lost_question_before_the_create_sends_nothing(
    behaviour: str, irnic: Gateway, books: Books, call: Calls
) -> None:
    """When only the question about the handles is lost, nothing was ordered and nothing is in doubt."""
    books.misbehave(behaviour, command="contact:check")
    assert isinstance(irnic.execute(CREATE, call(seconds=1.0)), NotSent)
    assert books.charges() == ()


@pytest.mark.parametrize("behaviour", ["freeze", "drip", "late"])
def test_a_call_ends_in_time(
    behaviour: str, irnic: Gateway, renewal: Renew, books: Books, call: Calls
) -> None:
    """A registry that freezes, drips or takes too long leaves the order in doubt at the end of the call."""
    books.misbehave(behaviour, command="domain:renew", argument=30)
    limits = call(seconds=1.0)
    assert isinstance(irnic.execute(renewal, limits), Unknown)
    assert limits.remaining() == 0.0


def test_an_empty_deposit_blocks_and_a_top_up_helps(irnic: Gateway, books: Books, call: Calls) -> None:
    """When our deposit is empty the order waits; after a top-up it is sent again, once."""
    books.misbehave("no_deposit", command="domain:create")
    outcome = irnic.execute(CREATE, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.DEPOSIT
    assert irnic.deposit(call()) == Deposit("100", "unit")
    assert isinstance(irnic.execute(CREATE, call()), Pending)
    assert irnic.deposit(call()) == Deposit("98", "unit")


def test_a_really_empty_deposit(irnic: Gateway, books: Books, call: Calls) -> None:
    """A deposit that is really too small refuses by the registry's own sums."""
    for number in range(20):
        name = DomainName(f"bought{number}.ir", "ir")
        outcome = irnic.execute(Register(name, 60, CREATE.contacts), call())
        if not isinstance(outcome, Pending):
            break
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.DEPOSIT
    books.top_up(1_000)
    assert isinstance(irnic.execute(Register(name, 60, CREATE.contacts), call()), Pending)


def test_a_message_stays_until_it_is_acknowledged(
    irnic: Gateway, books: Books, call: Calls, clock: WallClock
) -> None:
    """A message comes again until it is taken off the queue; taking it off twice does no harm."""
    assert isinstance(irnic.execute(CREATE, call()), Pending)
    books.approve(NAME.ascii)
    _hours_later(clock, 0.1)
    first = irnic.next_message(call())
    again = irnic.next_message(call())
    assert first is not None
    assert again is not None
    assert first.message_id == again.message_id
    irnic.acknowledge(first.message_id, call())
    irnic.acknowledge(first.message_id, call())
    following = irnic.next_message(call())
    assert following is None or following.message_id != first.message_id


def test_a_name_that_is_taken(irnic: Gateway, books: Books, call: Calls) -> None:
    """A name that somebody else registered meanwhile is refused, and a look agrees that it is not ours."""
    books.add_domain(
        NAME.ascii, expires_at=EXPIRES, sponsor="zz999-irnic", contacts=[("holder", "yy888-irnic")]
    )
    outcome = irnic.execute(CREATE, call())
    assert isinstance(outcome, Refused)
    assert outcome.reason is RefusalReason.ALREADY_REGISTERED
    assert irnic.look(NAME, Kind.REGISTER, call()).ours is False


def test_a_handle_that_does_not_let_us_use_it(irnic: Gateway, books: Books, call: Calls) -> None:
    """A holder who has not allowed us is asked to do so, and nothing was spent."""
    add_handle(books, "cd456-irnic", allowed=())
    stranger = Register(NAME, 12, contacts={ContactRole.REGISTRANT: Handle("cd456-irnic")})
    nobody = Register(NAME, 12, contacts={ContactRole.REGISTRANT: Handle("no000-irnic")})
    assert isinstance(irnic.execute(stranger, call()), Correctable)
    assert isinstance(irnic.execute(nobody, call()), Correctable)
    assert books.charges() == ()


def test_an_inspection_spends_nothing(irnic: Gateway, books: Books, call: Calls) -> None:
    """Looking a contract over shows its deposit and spends none of it."""
    told = irnic.inspect(call())
    assert told["deposit"] == "100 unit"
    assert "renew (guard: current expiry)" in told["commands"]
    assert books.charges() == ()


def test_a_wrong_token_and_a_wrong_code_are_our_fault(
    connect: Callable[..., Gateway], sandbox: IrnicSandbox, certificates: Certificates, call: Calls
) -> None:
    """With a wrong token or deposit code every order waits for us to put it right."""
    for wrong in ({"token": Secret("another-token")}, {"deposit_code": Secret("0000000000000000")}):
        gateway = connect(sandbox.url, ca_file=str(certificates.authority), **wrong)
        outcome = gateway.execute(CREATE, call())
        assert isinstance(outcome, Blocked)
        assert outcome.cause is BlockCause.CREDENTIALS


def test_the_registry_is_closed_at_night(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """At night nothing is sent, and the order waits for the opening."""
    clock.at = AT_NIGHT
    assert isinstance(irnic.execute(CREATE, call()), NotSent)
    assert books.charges() == ()


def test_the_night_page_leaves_a_renewal_in_doubt(
    connect: Callable[..., Gateway],
    sandbox: IrnicSandbox,
    certificates: Certificates,
    renewal: Renew,
    *,
    call: Calls,
    clock: WallClock,
) -> None:
    """A gateway that was told other hours meets the night page, and takes it for no answer."""
    open_always = {"closed_from": "00:00", "closed_until": "00:00"}
    gateway = connect(sandbox.url, ca_file=str(certificates.authority), **open_always)
    clock.at = AT_NIGHT
    assert isinstance(gateway.execute(renewal, call()), Unknown)
    assert isinstance(gateway.execute(CREATE, call()), NotSent)
