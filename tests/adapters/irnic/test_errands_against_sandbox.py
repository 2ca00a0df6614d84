"""Handles, holders, deletions, locked names and money against the sandbox registry, whose books are the witness."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import IrnicSandbox, add_handle, mailed_pin, pay_in
from adapters.sandbox.tls import Certificates
from registrar.commands import (
    ChangeHolder,
    ContactRole,
    CreateContact,
    Delete,
    Handle,
    HolderType,
    Identity,
    Kind,
    Register,
    Renew,
    Update,
    UpdateContact,
)
from registrar.gateway import Gateway, Progress, RegistrarMessage, Standing
from registrar.judging import Go, Stop, Verdict, after_attempt, before_first_attempt
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Blocked, Correctable, Done, Pending, Refused, Unknown
from registrar.secrets import Secret
from tests.adapters.irnic.conftest import HOLDER, NOON_IN_TEHRAN, OURS, Calls, WallClock
from tests.adapters.irnic.test_cards import CODE, COMPANY, FIRM, OFFICE, SARA, SCHOOL
from tests.adapters.irnic.test_outcomes import brief

NAME = DomainName("example.ir", "ir")
NEW = "cd456-irnic"
TODAY = date(2026, 11, 22)


def _ours(books: Books, *, days: int = 200, sponsor: str | None = None, bill: str = OURS) -> None:
    """Put the name into the books, with so many days to its expiry."""
    people = [(role, HOLDER) for role in ("holder", "admin", "tech")]
    books.add_domain(
        NAME.ascii,
        expires_at=NOON_IN_TEHRAN + timedelta(days=days),
        sponsor=sponsor,
        statuses=("ok", "irnicRegistered"),
        contacts=[*people, ("bill", bill)],
    )


def _read_all(irnic: Gateway, call: Calls) -> list[RegistrarMessage]:
    """Read and acknowledge until the queue is empty."""
    read = []
    while (message := irnic.next_message(call())) is not None:
        read.append(message)
        irnic.acknowledge(message.message_id, call())
    return read


def _renewal(irnic: Gateway, call: Calls, *, elsewhere: bool = False) -> Renew:
    seen = irnic.look(NAME, Kind.RENEW, call())
    assert seen.expiry is not None
    return Renew(NAME, 12, seen.expiry, elsewhere=elsewhere)


def _made(outcome: object) -> str:
    assert isinstance(outcome, Done), outcome
    assert outcome.registry_id
    return outcome.registry_id


def _amounts(books: Books) -> list[int]:
    return [charge.amount for charge in books.charges()]


@pytest.mark.parametrize(
    "command",
    [
        CreateContact(SARA, CODE),
        CreateContact(FIRM, COMPANY),
        CreateContact(FIRM, OFFICE),
        CreateContact(FIRM, SCHOOL),
        CreateContact(FIRM, Identity(HolderType.EDUCATION, category="MoHMS__MedPublicUni")),
    ],
    ids=["person", "company", "government", "education", "medical university"],
)
def test_a_handle_is_made_once(command: CreateContact, irnic: Gateway, call: Calls) -> None:
    """Each kind of holder gets a handle; asked for again, the same handle is found, and it is ready for a name."""
    handle = _made(irnic.execute(command, call()))
    assert _made(irnic.execute(command, call())) == handle
    order = Register(NAME, 12, contacts={ContactRole.REGISTRANT: Handle(handle)})
    assert isinstance(irnic.execute(order, call()), Pending)


def test_somebody_elses_address(irnic: Gateway, books: Books, call: Calls) -> None:
    """An e-mail address that a company's handle has is not taken for a person's."""
    add_handle(books, "zz999-irnic", email=SARA.email, ident="privatereg")
    assert brief(irnic.execute(CreateContact(SARA, CODE), call())) == "correctable contacts"


def test_a_lost_handle_is_found(irnic: Gateway, books: Books, call: Calls) -> None:
    """When the answer to a creation is lost, asking again finds the handle that was made."""
    books.misbehave("drop_reply", command="contact:create")
    assert isinstance(irnic.execute(CreateContact(SARA, CODE), call()), Unknown)
    assert _made(irnic.execute(CreateContact(SARA, CODE), call()))


def test_a_registration_makes_its_handle(irnic: Gateway, books: Books, call: Calls) -> None:
    """A person without a handle gets one with their first name, and the next name uses it."""
    person = replace(SARA, national_id=Secret("0012345678"))
    order = Register(NAME, 12, contacts={ContactRole.REGISTRANT: person})
    assert isinstance(irnic.execute(order, call()), Pending)
    another = replace(order, domain=DomainName("another.ir", "ir"))
    assert isinstance(irnic.execute(another, call()), Pending)
    holders = {
        dict(domain.contacts)["holder"]
        for name in ("example.ir", "another.ir")
        if (domain := books.domain(name))
    }
    assert len(holders) == 1


def test_a_card_is_changed(irnic: Gateway, call: Calls) -> None:
    """A new address arrives; the same again finds nothing to do; another's card is not ours to change."""
    handle = Handle(_made(irnic.execute(CreateContact(SARA, CODE), call())))
    moved = UpdateContact(handle, replace(SARA, city="Shiraz"))
    assert isinstance(irnic.execute(moved, call()), Done)
    again = irnic.execute(moved, call())
    assert isinstance(again, Done)
    assert "infData" in again.reply.transcript
    theirs = UpdateContact(Handle(HOLDER), replace(SARA, email=f"{HOLDER}@example.org"))
    assert brief(irnic.execute(theirs, call())) == "correctable contacts"


def test_a_name_moves_to_another_holder(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """From the order's look to the proof: the PIN, the move, the present holder's word, the new holder."""
    _ours(books)
    add_handle(books, NEW)
    kind = Kind.CHANGE_HOLDER
    order = ChangeHolder(NAME, {ContactRole.REGISTRANT: Handle(NEW)})
    go = before_first_attempt(kind, irnic.look(NAME, kind, call()), expected_expiry=None, new_holder=NEW)
    assert isinstance(go, Go)

    def verdict() -> Verdict:
        return after_attempt(kind, irnic.look(NAME, kind, call()), guard=go.guard, months=0)

    assert brief(irnic.execute(order, call())) == "correctable pin"
    assert verdict() is Verdict.ABSENT
    pin = mailed_pin(books, NAME.ascii)
    order = replace(order, pin=Secret(f"{pin[:3]} {pin[3:6]} {pin[6:]}"))
    assert isinstance(irnic.execute(order, call()), Pending)
    assert verdict() is Verdict.UNDER_WAY
    again = irnic.execute(order, call())
    assert isinstance(again, Refused)
    assert again.confirm
    clock.at += timedelta(hours=1.1)
    assert [message.progress for message in _read_all(irnic, call)] == [Progress.APPROVED]
    assert verdict() is Verdict.DID
    assert _amounts(books) == [100]
    done = before_first_attempt(kind, irnic.look(NAME, kind, call()), expected_expiry=None, new_holder=NEW)
    assert isinstance(done, Stop)


def test_the_present_holder_refuses(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """A holder who does not confirm keeps the name, and the charge comes back."""
    _ours(books)
    add_handle(books, NEW)
    order = ChangeHolder(NAME, {ContactRole.REGISTRANT: Handle(NEW)})
    irnic.execute(order, call())
    order = replace(order, pin=Secret(mailed_pin(books, NAME.ascii)))
    assert isinstance(irnic.execute(order, call()), Pending)
    books.reject(NAME.ascii)
    clock.at += timedelta(minutes=1)
    [message] = _read_all(irnic, call)
    assert (message.kind, message.progress) == (Kind.CHANGE_HOLDER, Progress.REJECTED)
    assert irnic.look(NAME, Kind.CHANGE_HOLDER, call()).contacts[ContactRole.REGISTRANT] == HOLDER
    assert _amounts(books) == [100, -100]


def test_a_wrong_pin_costs_nothing(irnic: Gateway, books: Books, call: Calls) -> None:
    """A PIN that is not the one that was mailed is asked for again."""
    _ours(books)
    add_handle(books, NEW)
    order = ChangeHolder(NAME, {ContactRole.REGISTRANT: Handle(NEW)}, pin=Secret("123456789"))
    assert brief(irnic.execute(order, call())) == "correctable pin"
    assert _amounts(books) == []


def test_a_name_is_given_up(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """A deletion waits for the holder; then the name is free, staff are told, and a repeat finds it done."""
    _ours(books)
    assert isinstance(irnic.execute(Delete(NAME), call()), Pending)
    assert isinstance(irnic.execute(Delete(NAME), call()), Pending)
    clock.at += timedelta(hours=1.1)
    [message] = _read_all(irnic, call)
    assert message.attention == "IRNIC has deleted example.ir"
    assert irnic.look(NAME, Kind.REGISTER, call()).standing is Standing.FREE
    assert isinstance(irnic.execute(Delete(NAME), call()), Done)


def test_contacts_are_changed(irnic: Gateway, books: Books, call: Calls) -> None:
    """Tech and bill are ours to change, once each; the holder is not."""
    _ours(books)
    add_handle(books, NEW, allowed=["tech"])
    tech = Update(NAME, contacts={ContactRole.TECH: Handle("CD456-irnic")})
    assert isinstance(irnic.execute(tech, call()), Done)
    assert irnic.look(NAME, Kind.RENEW, call()).contacts[ContactRole.TECH] == NEW
    again = irnic.execute(tech, call())
    assert isinstance(again, Done)
    assert "infData" in again.reply.transcript
    not_allowed = Update(NAME, contacts={ContactRole.BILLING: Handle(NEW)})
    assert brief(irnic.execute(not_allowed, call())) == "correctable contacts"
    holder = Update(NAME, contacts={ContactRole.REGISTRANT: Handle(NEW)})
    assert brief(irnic.execute(holder, call())) == "correctable contacts"


@pytest.mark.parametrize(
    ("days", "expected", "amounts"),
    [
        (-29, "pending", [200]),
        (-30, "pending", [200]),
        (-31, "blocked price", []),
        (-60, "blocked price", []),
        (-61, "refused not_renewable", []),
    ],
)
def test_an_expired_name(
    days: int, expected: str, amounts: list[int], *, irnic: Gateway, books: Books, call: Calls
) -> None:
    """A month at the usual price, a month with the penalty, then gone: the registry's statuses decide."""
    _ours(books, days=days)
    assert brief(irnic.execute(_renewal(irnic, call), call())) == expected
    assert _amounts(books) == amounts


@pytest.mark.parametrize(("months", "price"), [(12, 400), (60, 800)])
def test_the_penalty_is_a_years_fee(
    months: int,
    price: int,
    *,
    connect: Callable[..., Gateway],
    sandbox: IrnicSandbox,
    certificates: Certificates,
    books: Books,
    call: Calls,
) -> None:
    """Where we say so the penalty is paid: one year's fee on top, for five years too."""
    _ours(books, days=-40)
    willing = connect(sandbox.url, ca_file=str(certificates.authority), renew_locked=True)
    renewal = replace(_renewal(willing, call), months=months)
    assert isinstance(willing.execute(renewal, call()), Pending)
    assert _amounts(books) == [price]


def test_a_name_with_another_agent(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """Renewed for a name that stays elsewhere: its holder lets us first, and only our own charge proves it."""
    kind = Kind.RENEW_ELSEWHERE
    _ours(books, sponsor="zz999-irnic", bill="zz999-irnic")
    order = _renewal(irnic, call, elsewhere=True)
    refused = irnic.execute(order, call())
    assert isinstance(refused, Correctable)
    assert "billing contact" in refused.reply.text
    _ours(books, sponsor="zz999-irnic")
    go = before_first_attempt(kind, irnic.look(NAME, kind, call()), expected_expiry=None)
    assert isinstance(go, Go)
    books.misbehave("drop_reply", command="domain:renew")
    assert isinstance(irnic.execute(order, call()), Unknown)

    def verdict() -> Verdict:
        return after_attempt(kind, irnic.look(NAME, kind, call()), guard=go.guard, months=12)

    assert verdict() is Verdict.UNDER_WAY
    clock.at += timedelta(hours=3)
    assert verdict() is Verdict.DID
    assert len(irnic.look(NAME, kind, call()).charges or ()) == 1


def test_somebody_elses_renewal_proves_nothing(irnic: Gateway, books: Books, call: Calls) -> None:
    """When the date has moved and we paid nothing, we do not claim to have renewed it."""
    kind = Kind.RENEW_ELSEWHERE
    _ours(books, sponsor="zz999-irnic")
    go = before_first_attempt(kind, irnic.look(NAME, kind, call()), expected_expiry=None)
    assert isinstance(go, Go)
    _ours(books, days=565, sponsor="zz999-irnic")
    seen = irnic.look(NAME, kind, call())
    assert after_attempt(kind, seen, guard=go.guard, months=12) is Verdict.CANNOT_TELL


def test_the_statement_agrees_with_the_books(
    irnic: Gateway, books: Books, call: Calls, clock: WallClock
) -> None:
    """Payments, charges and refunds of the days asked for add up to the deposit."""
    pay_in(books, 500, now=clock.at)
    books.misbehave("reject", name=NAME.ascii)
    order = Register(NAME, 12, contacts={ContactRole.REGISTRANT: Handle(HOLDER)})
    irnic.execute(order, call())
    clock.at += timedelta(hours=1.1)
    _read_all(irnic, call)
    told = irnic.statement(TODAY, TODAY, call())
    assert told is not None
    assert [(line.kind, line.is_refund, line.months, f"{line.amount}") for line in told] == [
        (None, False, None, "-5"),
        (Kind.REGISTER, False, 12, "2"),
        (Kind.REGISTER, True, 12, "-2"),
    ]
    assert {line.domain for line in told} == {None, "example.ir"}
    assert irnic.statement(TODAY - timedelta(days=1), TODAY - timedelta(days=1), call()) == ()


def test_documents_for_a_renewal(irnic: Gateway, books: Books, call: Calls, clock: WallClock) -> None:
    """When IRNIC wants documents before it renews, message and look say so."""
    _ours(books)
    books.misbehave("document_then_approve", command="domain:renew")
    assert isinstance(irnic.execute(_renewal(irnic, call), call()), Pending)
    clock.at += timedelta(hours=1.1)
    [message] = _read_all(irnic, call)
    assert (message.kind, message.progress) == (Kind.RENEW, Progress.DOCUMENTS_REQUIRED)
    assert irnic.look(NAME, Kind.RENEW, call()).progress[Kind.RENEW] is Progress.DOCUMENTS_REQUIRED


def test_an_empty_deposit_moves_no_name(irnic: Gateway, books: Books, call: Calls) -> None:
    """A change of holder waits for our deposit like every order."""
    _ours(books)
    add_handle(books, NEW)
    order = ChangeHolder(NAME, {ContactRole.REGISTRANT: Handle(NEW)})
    irnic.execute(order, call())
    order = replace(order, pin=Secret(mailed_pin(books, NAME.ascii)))
    books.misbehave("no_deposit", command="domain:transfer")
    outcome = irnic.execute(order, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.DEPOSIT
    assert isinstance(irnic.execute(order, call()), Pending)
