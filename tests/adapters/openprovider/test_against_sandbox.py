"""Do the adapter and the independent platform understand each other? Whole orders, judged as the core judges them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.registrars.openprovider import make
from adapters.sandbox.books import Books
from adapters.sandbox.openprovider import OpenproviderSandbox, add_customer
from adapters.sandbox.tls import Certificates, make_certificates
from registrar.commands import ContactRole, Delete, Expiry, Handle, Kind, Nameserver, Transfer, Update
from registrar.gateway import Gateway, Progress, Standing
from registrar.judging import Go, Verdict, after_attempt, before_first_attempt, guard_end
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
)
from registrar.secrets import Secret
from registrar.statuses import Status
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls

EXPIRES = datetime(2027, 6, 1, 12, 0, tzinfo=UTC)
LOCK = frozenset({Status.CLIENT_TRANSFER_PROHIBITED})


@dataclass
class Clock:
    """A wall clock that stands where the test puts it, for both sides."""

    at: datetime = house.NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The platform's own authority and certificate."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def clock() -> Clock:
    """A morning in November."""
    return Clock()


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """Books with a thousand euros and one customer."""
    path = tmp_path / "openprovider.sqlite"
    with Books.create(path, registrar_name="openprovider", unit="EUR", balance=100_000) as books:
        add_customer(books, house.HANDLE, email="holder@example.org")
        yield books


@pytest.fixture
def start(books: Books, clock: Clock, certificates: Certificates) -> Iterator[Callable[..., Gateway]]:
    """Start the platform, and a gateway to it."""
    running: list[OpenproviderSandbox] = []
    made: list[Gateway] = []

    def begin(**options: Any) -> Gateway:
        sandbox = OpenproviderSandbox(
            books,
            certificates=certificates,
            username=house.USERNAME,
            password=house.PASSWORD,
            **{"decide_after_seconds": 3600, "clock": clock, **options},
        )
        sandbox.start()
        running.append(sandbox)
        section = {
            "url": sandbox.url,
            "username": house.USERNAME,
            "password": Secret(house.PASSWORD),
            "ca_file": str(certificates.authority),
        }
        made.append(make("openprovider", section, now=clock))
        return made[-1]

    yield begin
    for gateway in made:
        gateway.close()
    for sandbox in running:
        sandbox.stop()


@pytest.fixture
def platform(start: Callable[..., Gateway]) -> Gateway:
    """A gateway to a platform of plain habits."""
    return start()


def seeded(books: Books, name: DomainName = house.NAME, **more: Any) -> None:
    """Put a name of ours into the books."""
    roles = [("owner", house.HANDLE), ("admin", house.HANDLE), ("tech", house.HANDLE)]
    books.add_domain(
        name.ascii, **{"expires_at": EXPIRES, "contacts": roles, "detail": {"autorenew": "off"}, **more}
    )


def guard(gateway: Gateway, kind: Kind, call: Calls, name: DomainName = house.NAME) -> dict[str, Any]:
    """Look as the core does before the first attempt, and return what it would keep."""
    judged = before_first_attempt(kind, gateway.look(name, kind, call()), expected_expiry="any")
    assert isinstance(judged, Go), judged
    return judged.guard


def verdict(gateway: Gateway, kind: Kind, call: Calls, kept: dict[str, Any], **more: Any) -> Verdict:
    """Look as the core does after an attempt, and return what it says."""
    name = more.get("name", house.NAME)
    return after_attempt(kind, gateway.look(name, kind, call()), guard=kept, months=12)


def expiry_in(kept: dict[str, Any]) -> Expiry:
    """Return the expiry that a guard holds."""
    return Expiry(datetime.fromisoformat(kept["expires_at"]), kept["expires_text"])


def test_a_registration_from_look_to_look(platform: Gateway, books: Books, call: Calls) -> None:
    """A free name is seen free, is registered once, and is seen as ours."""
    kept = guard(platform, Kind.REGISTER, call)
    outcome = platform.execute(house.register(), call())
    assert isinstance(outcome, Done)
    assert verdict(platform, Kind.REGISTER, call, kept) is Verdict.DID
    assert len(books.charges("example.com")) == 1


@pytest.mark.parametrize("behaviour", ["drop_reply", "garbage", "cut", "fail_after"])
def test_a_registration_whose_answer_was_lost_is_found(
    platform: Gateway, books: Books, call: Calls, behaviour: str
) -> None:
    """A registration that was carried out, and whose answer was lost, is found by looking and not sent again."""
    kept = guard(platform, Kind.REGISTER, call)
    books.misbehave(behaviour, command="domain:create")
    assert isinstance(platform.execute(house.register(), call()), Unknown)
    assert verdict(platform, Kind.REGISTER, call, kept) is Verdict.DID
    again = platform.execute(house.register(), call())
    assert isinstance(again, Refused)
    assert again.confirm
    assert len(books.charges("example.com")) == 1


@pytest.mark.parametrize("behaviour", ["drop_request", "html"])
def test_a_registration_that_never_arrived_is_absent(
    platform: Gateway, books: Books, call: Calls, behaviour: str
) -> None:
    """A registration that was lost on the way is seen as absent, with nothing charged."""
    kept = guard(platform, Kind.REGISTER, call)
    books.misbehave(behaviour, command="domain:create")
    assert isinstance(platform.execute(house.register(), call()), Unknown)
    assert verdict(platform, Kind.REGISTER, call, kept) is Verdict.ABSENT
    assert books.charges("example.com") == ()


def test_a_closed_platform_is_waited_for(platform: Gateway, books: Books, call: Calls) -> None:
    """Under maintenance nothing is done, and the order waits."""
    books.misbehave("closed", command="domain:create")
    outcome = platform.execute(house.register(), call())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after == 60


def test_a_registration_that_is_decided_later_is_followed(
    platform: Gateway, books: Books, call: Calls, clock: Clock
) -> None:
    """A registration that takes its time is seen under way, then as ours."""
    kept = guard(platform, Kind.REGISTER, call)
    books.misbehave("pending", command="domain:create")
    assert isinstance(platform.execute(house.register(), call()), Pending)
    assert verdict(platform, Kind.REGISTER, call, kept) is Verdict.UNDER_WAY
    clock.later(hours=2)
    assert verdict(platform, Kind.REGISTER, call, kept) is Verdict.DID


def test_a_registration_that_fails_in_the_end_is_told_as_rejected(
    platform: Gateway, books: Books, call: Calls, clock: Clock
) -> None:
    """A registration that fails after days is told as rejected with its reason, and the name as free again."""
    books.misbehave("pending", command="domain:create")
    platform.execute(house.register(), call())
    books.reject("example.com")
    clock.later(seconds=1)
    sighting = platform.look(house.NAME, Kind.REGISTER, call())
    assert sighting.progress == {Kind.REGISTER: Progress.REJECTED}
    assert sighting.standing is Standing.FREE
    assert "The registry refused the registration" in sighting.reason
    assert isinstance(platform.execute(house.register(), call()), Done)


def test_a_renewal_from_look_to_look(platform: Gateway, books: Books, call: Calls) -> None:
    """A renewal is done with the date that is read back, once."""
    seeded(books)
    kept = guard(platform, Kind.RENEW, call)
    outcome = platform.execute(house.renew(current_expiry=expiry_in(kept)), call())
    assert isinstance(outcome, Done)
    assert outcome.expiry is not None
    assert outcome.expiry.at == EXPIRES.replace(year=2028)
    assert verdict(platform, Kind.RENEW, call, kept) is Verdict.DID
    assert len(books.charges("example.com")) == 1


def test_where_the_renewal_date_comes_first_it_is_the_date(
    platform: Gateway, books: Books, call: Calls
) -> None:
    """Under .eu, which is renewed in advance, the guard is the renewal date, and the name ends later (D4)."""
    name = DomainName.parse("example.eu", zones={"eu"})
    seeded(books, name)
    kept = guard(platform, Kind.RENEW, call, name)
    assert expiry_in(kept).at == EXPIRES - timedelta(days=30)
    assert guard_end(kept) == EXPIRES
    outcome = platform.execute(house.renew(domain=name, current_expiry=expiry_in(kept)), call())
    assert isinstance(outcome, Done)
    assert outcome.expiry is not None
    assert outcome.expiry.at == EXPIRES.replace(year=2028)
    assert verdict(platform, Kind.RENEW, call, kept, name=name) is Verdict.DID


@pytest.mark.parametrize("behaviour", ["drop_reply", "garbage", "cut", "fail_after"])
def test_a_renewal_whose_answer_was_lost_is_never_sent_twice(
    platform: Gateway, books: Books, call: Calls, behaviour: str
) -> None:
    """Nothing at the registrar would stop a second year; the date read right before does."""
    seeded(books)
    kept = guard(platform, Kind.RENEW, call)
    order = house.renew(current_expiry=expiry_in(kept))
    books.misbehave(behaviour, command="domain:renew")
    assert isinstance(platform.execute(order, call()), Unknown)
    assert verdict(platform, Kind.RENEW, call, kept) is Verdict.DID
    again = platform.execute(order, call())
    assert isinstance(again, Refused)
    assert (again.reason, again.confirm) == (RefusalReason.EXPIRY_CONFLICT, True)
    assert len(books.charges("example.com")) == 1


def test_a_renewal_that_never_arrived_is_absent_by_date_and_by_charges(
    platform: Gateway, books: Books, call: Calls
) -> None:
    """A renewal that was lost on the way shows neither a new date nor a charge."""
    seeded(books)
    kept = guard(platform, Kind.RENEW, call)
    books.misbehave("drop_request", command="domain:renew")
    assert isinstance(platform.execute(house.renew(current_expiry=expiry_in(kept)), call()), Unknown)
    assert verdict(platform, Kind.RENEW, call, kept) is Verdict.ABSENT
    assert books.charges("example.com") == ()


def test_a_charge_shows_a_renewal_before_the_date_does(
    platform: Gateway, books: Books, call: Calls, clock: Clock
) -> None:
    """A renewal that was charged and is still under way is not taken for absent."""
    seeded(books, detail={"autorenew": "off", "activated_at": "2026-06-01T12:00:00.000Z"})
    kept = guard(platform, Kind.RENEW, call)
    books.misbehave("pending", command="domain:renew")
    assert isinstance(platform.execute(house.renew(current_expiry=expiry_in(kept)), call()), Pending)
    assert verdict(platform, Kind.RENEW, call, kept) is Verdict.UNDER_WAY
    clock.later(hours=2)
    assert verdict(platform, Kind.RENEW, call, kept) is Verdict.DID


def test_a_look_that_lags_behind_is_outvoted_by_the_charge(
    platform: Gateway, books: Books, call: Calls
) -> None:
    """A name whose old date is still shown after a lost renewal is under way, not absent: its charge is there."""
    seeded(books)
    kept = guard(platform, Kind.RENEW, call)
    books.misbehave("drop_reply", command="domain:renew")
    platform.execute(house.renew(current_expiry=expiry_in(kept)), call())
    books.misbehave("stale", command="domain:info", times=2)
    assert verdict(platform, Kind.RENEW, call, kept) is Verdict.UNDER_WAY


def test_a_look_without_the_statement_says_nothing(platform: Gateway, books: Books, call: Calls) -> None:
    """Where the transactions cannot be read, a renewal's look proves nothing."""
    seeded(books)
    books.misbehave("html", command="account:statement")
    assert platform.look(house.NAME, Kind.RENEW, call()).standing is Standing.UNKNOWN


def test_a_transfer_from_look_to_look(platform: Gateway, books: Books, call: Calls, clock: Clock) -> None:
    """A transfer is asked for with the customer's code, is followed, and ends with the name ours."""
    seeded(books, sponsor="another", auth_info=house.AUTH_CODE)
    kept = guard(platform, Kind.TRANSFER, call)
    wrong = platform.execute(house.transfer(auth_info=Secret("wrong")), call())
    assert isinstance(wrong, Correctable)
    assert wrong.needs is Correction.AUTH_INFO
    assert isinstance(platform.execute(house.transfer(), call()), Pending)
    assert verdict(platform, Kind.TRANSFER, call, kept) is Verdict.UNDER_WAY
    clock.later(hours=2)
    assert verdict(platform, Kind.TRANSFER, call, kept) is Verdict.DID
    again = platform.execute(house.transfer(), call())
    assert isinstance(again, Refused)
    assert (again.reason, again.confirm) == (RefusalReason.ALREADY_OURS, True)


def test_a_transfer_that_fails_is_rejected(
    platform: Gateway, books: Books, call: Calls, clock: Clock
) -> None:
    """A transfer that the losing registrar refuses is told as rejected."""
    seeded(books, sponsor="another", auth_info=house.AUTH_CODE)
    kept = guard(platform, Kind.TRANSFER, call)
    assert isinstance(platform.execute(house.transfer(), call()), Pending)
    books.reject("example.com")
    clock.later(seconds=1)
    assert verdict(platform, Kind.TRANSFER, call, kept) is Verdict.REJECTED


def test_a_locked_name_is_unlocked_by_its_customer(platform: Gateway, books: Books, call: Calls) -> None:
    """A transfer of a locked name asks the customer to have it unlocked."""
    seeded(books, sponsor="another", auth_info=house.AUTH_CODE, statuses=("clientTransferProhibited",))
    outcome = platform.execute(house.transfer(), call())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is Correction.UNLOCK


def test_a_restore_from_look_to_look(platform: Gateway, books: Books, call: Calls, clock: Clock) -> None:
    """A deleted name is seen restorable, is restored, and is seen as ours again."""
    seeded(books)
    assert isinstance(platform.execute(Delete(house.NAME), call()), Done)
    assert isinstance(platform.execute(Delete(house.NAME), call()), Done)
    kept = guard(platform, Kind.RESTORE, call)
    assert isinstance(platform.execute(house.restore(), call()), Pending)
    assert verdict(platform, Kind.RESTORE, call, kept) is Verdict.UNDER_WAY
    clock.later(hours=2)
    assert verdict(platform, Kind.RESTORE, call, kept) is Verdict.DID
    again = platform.execute(house.restore(), call())
    assert isinstance(again, Refused)
    assert (again.reason, again.confirm) == (RefusalReason.NOT_RESTORABLE, True)


def test_an_empty_deposit_blocks(platform: Gateway, books: Books, call: Calls) -> None:
    """Where our credit is gone, the order waits for staff with its money."""
    books.misbehave("no_deposit", command="domain:create")
    outcome = platform.execute(house.register(), call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.DEPOSIT


def test_a_customers_data_become_one_handle_that_is_waited_for(
    start: Callable[..., Gateway], books: Books, call: Calls, clock: Clock
) -> None:
    """A contact is made once, found again by another worker, and used as soon as the domains know it."""
    first = start(handle_lag_seconds=5)
    order = house.register(contacts={ContactRole.REGISTRANT: house.PERSON})
    early = first.execute(order, call())
    assert isinstance(early, NotSent)
    assert early.retry_after == 5
    clock.later(seconds=6)
    assert isinstance(start(handle_lag_seconds=5).execute(order, call()), Done)
    with books.page() as page:
        assert len(page.contacts()) == 2


def test_a_token_that_ran_out_costs_nothing(
    start: Callable[..., Gateway], books: Books, call: Calls, clock: Clock
) -> None:
    """After two days the token is fetched anew in the middle of an order."""
    gateway = start(token_seconds=60)
    gateway.look(house.NAME, Kind.REGISTER, call())
    clock.later(minutes=2)
    assert isinstance(gateway.execute(house.register(), call()), Done)
    assert len(books.charges("example.com")) == 1


@pytest.mark.parametrize("ceiling", [249_999, 250_000])
def test_a_premium_name_is_bought_within_its_ceiling_only(
    platform: Gateway, books: Books, call: Calls, ceiling: int
) -> None:
    """A premium name is bought at the price that was asked for, and not a cent above the ceiling."""
    name = DomainName.parse("premium.com", zones={"com"})
    books.top_up(1_000_000)
    plain = platform.execute(house.register(domain=name), call())
    assert isinstance(plain, Blocked)
    assert plain.cause is BlockCause.PRICE
    outcome = platform.execute(house.register(domain=name, ceiling=house.euros(ceiling)), call())
    assert isinstance(outcome, Done if ceiling == 250_000 else Blocked)
    assert len(books.charges("premium.com")) == (ceiling == 250_000)


def test_an_update_makes_the_name_what_it_should_be(platform: Gateway, books: Books, call: Calls) -> None:
    """Servers, lock and contacts are changed, and a repeat finds nothing to do."""
    seeded(books, nameservers=[("ns1.example.net", ()), ("ns9.example.net", ())])
    add_customer(books, "XX000002-XX", email="tech@example.org")
    update = Update(
        house.NAME,
        nameservers=(Nameserver("ns1.example.net"), Nameserver("ns1.example.com", ("192.0.2.1",))),
        add_statuses=LOCK,
        contacts={ContactRole.TECH: Handle("XX000002-XX")},
    )
    assert isinstance(platform.execute(update, call()), Done)
    turns = call.turns
    assert isinstance(platform.execute(update, call()), Done)
    assert call.turns == turns + 2, "the name was read, and nothing else was asked"
    sighting = platform.look(house.NAME, Kind.RENEW, call())
    assert set(sighting.nameservers) == {"ns1.example.net", "ns1.example.com"}
    assert sighting.statuses >= LOCK
    assert sighting.contacts[ContactRole.TECH] == "XX000002-XX"


def test_deposit_and_statement_agree_with_the_books(platform: Gateway, books: Books, call: Calls) -> None:
    """What we read of our money is what the platform has written."""
    seeded(books, DomainName.parse("example.net", zones={"net"}))
    platform.execute(house.register(months=24), call())
    lines = platform.statement(date(2026, 11, 22), date(2026, 11, 22), call())
    assert lines is not None
    charged = books.charges()
    assert [(line.domain, line.kind, line.months) for line in lines] == [("example.com", Kind.REGISTER, 24)]
    assert lines[0].amount == Decimal(charged[0].amount) / 100
    deposit = platform.deposit(call())
    assert deposit is not None
    assert Decimal(deposit.balance) == Decimal(books.balance()) / 100
    assert platform.statement(date(2026, 11, 23), date(2026, 11, 24), call()) == ()


def test_refused_credentials_stop_the_registrar(platform: Gateway, books: Books, call: Calls) -> None:
    """A login that is refused is told as such."""
    books.misbehave("refuse", command="login", argument="196 wrong password")
    outcome = platform.execute(
        Transfer(house.NAME, 12, Secret("x"), {ContactRole.REGISTRANT: Handle("A")}), call()
    )
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
