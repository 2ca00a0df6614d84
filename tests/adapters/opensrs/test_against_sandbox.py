"""The life of orders against the sandbox registrar: signed XML over HTTPS, with the registrar's own books as the witness."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.opensrs import OpenSrsSandbox
from adapters.sandbox.records import as_text
from adapters.sandbox.tls import Certificates, make_certificates
from registrar.commands import (
    AnswerTransfer,
    ContactRole,
    Delete,
    Kind,
    Nameserver,
    Renew,
    Restore,
    TransferAnswer,
    Update,
)
from registrar.gateway import Gateway, Progress, Standing
from registrar.judging import Go, Verdict, after_attempt, before_first_attempt, guard_expiry, paid_end
from registrar.money import Money
from registrar.outcomes import BlockCause, Blocked, Done, Pending, Unknown
from registrar.secrets import Secret
from registrar.statuses import Status
from tests.adapters.opensrs.conftest import KEY, NOW, USERNAME, Calls
from tests.adapters.opensrs.house import INVENTED, NAME, REGISTER, TRANSFER, brief

EXPIRES = datetime(2027, 1, 20, 20, 50, tzinfo=UTC)
LOCK = frozenset({Status.CLIENT_TRANSFER_PROHIBITED})


@dataclass
class Clock:
    """The registrar's clock, which stands where the test puts it."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The sandbox's own authority and certificate."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def clock() -> Clock:
    """The time at the registrar."""
    return Clock()


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """The registrar's books, with a thousand dollars of deposit."""
    path = tmp_path / "opensrs.sqlite"
    with Books.create(
        path, registrar_name="opensrs", unit="USD", balance=100_000, client_id=USERNAME
    ) as books:
        yield books


@pytest.fixture
def sandbox(books: Books, clock: Clock, certificates: Certificates) -> Iterator[OpenSrsSandbox]:
    """A registrar that decides an hour after it accepted, by the test's clock."""
    with OpenSrsSandbox(
        books,
        certificates=certificates,
        username=USERNAME,
        key=KEY,
        decide_after_seconds=3600,
        clock=clock,
    ) as running:
        yield running


@pytest.fixture
def ours(connect: Callable[..., Gateway], sandbox: OpenSrsSandbox, certificates: Certificates) -> Gateway:
    """Our gateway to the sandbox."""
    return connect(sandbox.url, ca_file=str(certificates.authority))


@pytest.fixture
def renewal(ours: Gateway, books: Books, call: Calls) -> Renew:
    """A renewal of a name that we hold, guarded by the expiry that a look showed."""
    books.add_domain(NAME.ascii, expires_at=EXPIRES, auth_info="leaving-code")
    seen = ours.look(NAME, Kind.RENEW, call())
    assert seen.expiry is not None
    return Renew(NAME, 12, seen.expiry)


def ends(books: Books) -> datetime:
    """Return until when the name is registered, by the registrar's books."""
    entry = books.domain(NAME.ascii)
    assert entry is not None
    return entry.expires_at


def test_a_year_that_the_registry_added_is_renewed_at_opensrs_all_the_same(
    ours: Gateway, books: Books, call: Calls
) -> None:
    """A registry's own year buys nothing at OpenSRS: the renewal starts from OpenSRS's date, and is proven by it (D4)."""
    added = EXPIRES.replace(year=EXPIRES.year + 1)
    books.add_domain(NAME.ascii, expires_at=EXPIRES, detail={"registry_expires_at": as_text(added)})
    before = ours.look(NAME, Kind.RENEW, call())
    assert before.expiry is not None
    assert before.expiry.at == added
    go = before_first_attempt(Kind.RENEW, before, expected_expiry=f"{EXPIRES:%Y-%m-%d}")
    assert isinstance(go, Go)
    outcome = ours.execute(Renew(NAME, 12, guard_expiry(go.guard)), call())
    assert isinstance(outcome, Done)
    end = paid_end(outcome)
    assert end is not None
    assert end.at == added
    after = ours.look(NAME, Kind.RENEW, call())
    assert after_attempt(Kind.RENEW, after, guard=go.guard, months=12) is Verdict.DID
    assert len(books.charges(NAME.ascii)) == 1


def test_a_registration(ours: Gateway, books: Books, call: Calls) -> None:
    """A free name is registered, paid once, locked, and never renewed by OpenSRS itself."""
    assert ours.look(NAME, Kind.REGISTER, call()).standing is Standing.FREE
    outcome = ours.execute(REGISTER, call())
    assert isinstance(outcome, Done)
    (charge,) = books.charges(NAME.ascii)
    assert charge.client_transaction_id == outcome.registry_id
    entry = books.domain(NAME.ascii)
    assert entry is not None
    assert entry.detail["auto_renew"] is False
    assert outcome.expiry is not None
    assert outcome.expiry.at == entry.expires_at
    seen = ours.look(NAME, Kind.REGISTER, call())
    assert (seen.standing, seen.ours) == (Standing.REGISTERED, True)
    assert seen.statuses == {"clientTransferProhibited"}
    assert seen.nameservers == ("ns1.example.net", "ns2.example.net")
    assert brief(ours.execute(REGISTER, call())) == "refused already_registered confirm"
    assert len(books.charges(NAME.ascii)) == 1


@pytest.mark.parametrize("behaviour", ["drop_reply", "garbage", "cut", "fail_after"])
def test_a_registration_whose_answer_was_lost(
    behaviour: str, ours: Gateway, books: Books, call: Calls
) -> None:
    """A registration whose answer is lost is found by a look, and paid once."""
    books.misbehave(behaviour, command="domain:create")
    assert isinstance(ours.execute(REGISTER, call()), Unknown)
    assert ours.look(NAME, Kind.REGISTER, call()).ours is True
    assert len(books.charges(NAME.ascii)) == 1


@pytest.mark.parametrize("behaviour", ["drop_request", "html"])
def test_a_registration_that_was_lost(behaviour: str, ours: Gateway, books: Books, call: Calls) -> None:
    """A registration that never arrived leaves the name free."""
    books.misbehave(behaviour, command="domain:create")
    assert isinstance(ours.execute(REGISTER, call()), Unknown)
    assert ours.look(NAME, Kind.REGISTER, call()).standing is Standing.FREE
    assert books.charges(NAME.ascii) == ()


def test_a_renewal_is_bought_once(ours: Gateway, books: Books, renewal: Renew, call: Calls) -> None:
    """A renewal in January whose answer was lost is refused when it is sent again, by its year."""
    books.misbehave("drop_reply", command="domain:renew")
    assert isinstance(ours.execute(renewal, call()), Unknown)
    assert brief(ours.execute(renewal, call())) == "refused expiry_conflict confirm"
    assert ends(books) == EXPIRES.replace(year=2028)
    assert len(books.charges(NAME.ascii)) == 1


def test_a_renewal_is_done_with_the_new_date(
    ours: Gateway, books: Books, renewal: Renew, call: Calls
) -> None:
    """A renewal tells the date that the registrar now has."""
    outcome = ours.execute(renewal, call())
    assert isinstance(outcome, Done)
    assert outcome.expiry is not None
    assert outcome.expiry.at == ends(books) == EXPIRES.replace(year=2028)


def test_a_renewal_that_does_not_show_yet(ours: Gateway, books: Books, renewal: Renew, call: Calls) -> None:
    """A look that lags behind makes nobody believe a date."""
    books.misbehave("stale", command="domain:info")
    assert isinstance(ours.execute(renewal, call()), Pending)


@pytest.mark.parametrize("kind", ["register", "renew"])
def test_an_empty_deposit_keeps_the_order_and_the_top_up_completes_it(
    kind: str, ours: Gateway, books: Books, renewal: Renew, call: Calls
) -> None:
    """With no money the order is kept; it is seen waiting for the deposit, and carried out once, by its own number."""
    free = replace(REGISTER, domain=replace(NAME, ascii="example-two.com"))
    command, asked = (free, Kind.REGISTER) if kind == "register" else (renewal, Kind.RENEW)
    books.top_up(-100_000)
    kept = ours.execute(command, call())
    assert isinstance(kept, Pending)
    seen = ours.look(command.domain, asked, call())
    assert seen.standing is Standing.REGISTERED
    assert seen.progress == {asked: Progress.UNDER_WAY}
    assert seen.blocked is BlockCause.DEPOSIT
    assert kept.registry_id is not None
    assert kept.registry_id in seen.reason
    again = ours.execute(command, call())
    assert isinstance(again, Pending)
    assert again.registry_id == kept.registry_id
    assert books.charges(command.domain.ascii) == ()
    books.top_up(100_000)
    done = ours.execute(command, call())
    assert isinstance(done, Done)
    assert done.registry_id == kept.registry_id
    (charge,) = books.charges(command.domain.ascii)
    assert charge.client_transaction_id == kept.registry_id


def test_a_renewal_at_a_slow_registry(
    ours: Gateway, books: Books, clock: Clock, renewal: Renew, call: Calls
) -> None:
    """A renewal that the registry decides later is followed by looks until the date has moved."""
    books.misbehave("pending", command="domain:renew")
    assert isinstance(ours.execute(renewal, call()), Pending)
    assert ours.look(NAME, Kind.RENEW, call()).progress == {Kind.RENEW: Progress.UNDER_WAY}
    assert brief(ours.execute(renewal, call())) == "notsent"
    clock.at += timedelta(hours=2)
    seen = ours.look(NAME, Kind.RENEW, call())
    assert seen.progress == {}
    assert seen.expiry is not None
    assert seen.expiry.at.year == 2028


def test_a_registration_at_a_slow_registry(ours: Gateway, books: Books, clock: Clock, call: Calls) -> None:
    """A registration that the registry decides later is under way, then ours."""
    books.misbehave("pending", command="domain:create")
    assert isinstance(ours.execute(REGISTER, call()), Pending)
    seen = ours.look(NAME, Kind.REGISTER, call())
    assert (seen.standing, seen.ours) == (Standing.REGISTERED, True)
    assert seen.progress == {Kind.REGISTER: Progress.UNDER_WAY}
    clock.at += timedelta(hours=2)
    assert ours.look(NAME, Kind.REGISTER, call()).progress == {}


def test_a_transfer(ours: Gateway, books: Books, clock: Clock, call: Calls) -> None:
    """A name is moved to us: wrong code first, then under way, then ours, paid once."""
    books.add_domain(
        NAME.ascii,
        sponsor="somebody-else",
        created_at=NOW - timedelta(days=400),
        expires_at=EXPIRES,
        auth_info="right-code",
    )
    seen = ours.look(NAME, Kind.TRANSFER, call())
    assert (seen.standing, seen.ours) == (Standing.REGISTERED, False)
    assert brief(ours.execute(TRANSFER, call())) == "correctable auth_info"
    right = replace(TRANSFER, auth_info=Secret("right-code"))
    assert isinstance(ours.execute(right, call()), Pending)
    seen = ours.look(NAME, Kind.TRANSFER, call())
    assert seen.progress == {Kind.TRANSFER: Progress.UNDER_WAY}
    assert seen.transfer_asked_at == NOW.replace(microsecond=0)
    clock.at += timedelta(hours=2)
    assert ours.look(NAME, Kind.TRANSFER, call()).ours is True
    assert len(books.charges(NAME.ascii)) == 1


def test_a_transfer_is_cancelled(ours: Gateway, books: Books, call: Calls) -> None:
    """A transfer under way is withdrawn, its price given back, and a repeat finds it withdrawn."""
    books.add_domain(
        NAME.ascii,
        sponsor="somebody-else",
        created_at=NOW - timedelta(days=400),
        expires_at=EXPIRES,
        auth_info="right-code",
    )
    ours.execute(replace(TRANSFER, auth_info=Secret("right-code")), call())
    cancel = AnswerTransfer(NAME, TransferAnswer.CANCEL)
    assert isinstance(ours.execute(cancel, call()), Done)
    assert ours.look(NAME, Kind.TRANSFER, call()).progress == {Kind.TRANSFER: Progress.REJECTED}
    assert isinstance(ours.execute(cancel, call()), Done)
    assert books.balance() == 100_000


def test_a_name_is_given_up_and_taken_back(ours: Gateway, books: Books, renewal: Renew, call: Calls) -> None:
    """A revoked name goes into redemption, and a restore brings it back."""
    assert isinstance(ours.execute(Delete(NAME), call()), Done)
    assert ours.look(NAME, Kind.RESTORE, call()).restorable
    restored = ours.execute(Restore(NAME, 0), call())
    assert isinstance(restored, Done)
    assert not ours.look(NAME, Kind.RESTORE, call()).restorable
    assert brief(ours.execute(Restore(NAME, 0), call())) == "refused not_restorable confirm"
    assert len(books.charges(NAME.ascii)) == 1


def test_a_name_becomes_what_it_should_be(ours: Gateway, books: Books, renewal: Renew, call: Calls) -> None:
    """Name servers, lock and contacts are set, and a repeat finds the hosts and the lock as they should be."""
    update = Update(
        NAME,
        nameservers=(Nameserver("ns3.example.net"), Nameserver("ns4.example.net")),
        add_statuses=LOCK,
        contacts={ContactRole.ADMIN: INVENTED},
    )
    assert isinstance(ours.execute(update, call()), Done)
    seen = ours.look(NAME, Kind.RENEW, call())
    assert seen.nameservers == ("ns3.example.net", "ns4.example.net")
    assert seen.statuses == {"clientTransferProhibited"}
    assert isinstance(ours.execute(replace(update, contacts={}), call()), Done)
    assert books.balance() == 100_000


def test_a_name_taken_meanwhile(ours: Gateway, books: Books, call: Calls) -> None:
    """An order kept for want of money, for a name that somebody else then takes, comes to nothing and costs nothing."""
    books.top_up(-100_000)
    assert isinstance(ours.execute(REGISTER, call()), Pending)
    books.add_domain(NAME.ascii, expires_at=EXPIRES, sponsor="somebody-else")
    books.top_up(100_000)
    assert brief(ours.execute(REGISTER, call())) == "refused already_registered confirm"
    seen = ours.look(NAME, Kind.REGISTER, call())
    assert (seen.ours, seen.progress, seen.blocked) == (False, {}, None)
    assert books.balance() == 100_000


def test_a_ceiling_holds(ours: Gateway, books: Books, renewal: Renew, call: Calls) -> None:
    """A renewal that costs more than its order may is not sent."""
    outcome = ours.execute(replace(renewal, ceiling=Money(1, "USD")), call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.PRICE
    assert books.charges(NAME.ascii) == ()
    assert isinstance(ours.execute(replace(renewal, ceiling=Money(100_000, "USD")), call()), Done)


def test_the_deposit_and_the_auth_code(ours: Gateway, books: Books, renewal: Renew, call: Calls) -> None:
    """Our balance and a leaving customer's code are read from OpenSRS."""
    deposit = ours.deposit(call())
    assert deposit is not None
    assert (deposit.balance, deposit.unit) == ("1000.00", "USD")
    assert ours.auth_info(NAME, call()) == Secret("leaving-code")


def test_a_wrong_key(
    connect: Callable[..., Gateway],
    sandbox: OpenSrsSandbox,
    certificates: Certificates,
    books: Books,
    call: Calls,
) -> None:
    """A key that is not ours gets nothing done, and is told as our own fault."""
    stranger = connect(sandbox.url, ca_file=str(certificates.authority), api_key=Secret("another"))
    outcome = stranger.execute(REGISTER, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
    assert books.charges() == ()
