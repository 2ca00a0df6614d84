"""The EPP adapter against the sandbox registrar, in both of its dialects: what the registrar's own books say of it."""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from registrar.commands import (
    Command,
    Contact,
    ContactRole,
    Expiry,
    Kind,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
)
from registrar.gateway import Gateway, Progress, RegistrarMessage, Sighting, Standing
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
)
from registrar.secrets import Secret
from tests.adapters.epp.calls import NAME, call_with
from tests.adapters.epp.house import AUTH_CODE, ENDS, House

RENEWED = datetime(2028, 3, 1, 0, 30, tzinfo=UTC)
PERSON = Contact(
    "customer-1", "Planted Person", "planted@example.net", ("1 Planted Street",), "Plantedtown", "IR"
)
ROLES = (ContactRole.REGISTRANT, ContactRole.ADMIN, ContactRole.TECH)
REGISTER = Register(
    NAME,
    12,
    contacts=dict.fromkeys(ROLES, PERSON),
    nameservers=(Nameserver("ns1.example.net"), Nameserver("ns2.example.net")),
)
TRANSFER = Transfer(NAME, 12, Secret(AUTH_CODE))


def renewal_of(name: str = NAME.ascii) -> Renew:
    return Renew(DomainName(name, "test"), 12, Expiry(ENDS, ENDS.isoformat()))


COMMANDS: dict[Kind, Command] = {
    Kind.REGISTER: REGISTER,
    Kind.RENEW: renewal_of(),
    Kind.TRANSFER: TRANSFER,
    Kind.RESTORE: Restore(NAME, 0),
}
ON_THE_WIRE = {
    Kind.REGISTER: "domain:create",
    Kind.RENEW: "domain:renew",
    Kind.TRANSFER: "domain:transfer",
    Kind.RESTORE: "domain:restore",
}


def until(found: Callable[[], bool]) -> None:
    """Wait for something that another thread does, for at most ten seconds."""
    end = time.monotonic() + 10
    while not found():
        assert time.monotonic() < end
        time.sleep(0.02)


def shows(seen: Sighting, kind: Kind) -> bool:
    """Tell whether a sighting shows the order done, or its transfer asked for."""
    if kind is Kind.TRANSFER:
        return seen.progress.get(Kind.TRANSFER) is Progress.UNDER_WAY
    if kind is Kind.RENEW:
        return seen.expiry is not None and seen.expiry.at == RENEWED
    return seen.standing is Standing.REGISTERED and seen.ours is True and not seen.restorable


# What works.


def test_a_name_is_registered_and_charged_once(house: House) -> None:
    """A free name is registered for the customer, and the registrar charges it once."""
    gateway, call = house.gateway(), call_with()
    assert gateway.look(NAME, Kind.REGISTER, call_with()).standing is Standing.FREE
    outcome = gateway.execute(REGISTER, call)
    assert isinstance(outcome, Done)
    assert outcome.expiry
    assert outcome.created_at
    assert outcome.expiry.at - outcome.created_at > timedelta(days=364)
    assert house.spent() == [(call.client_transaction_id, "register")]
    seen = gateway.look(NAME, Kind.REGISTER, call_with())
    assert (seen.standing, seen.ours, seen.expiry) == (Standing.REGISTERED, True, outcome.expiry)
    assert seen.nameservers == ("ns1.example.net", "ns2.example.net")


def test_a_name_is_renewed_from_the_expiry_that_was_ordered(house: House) -> None:
    """A renewal adds one term to the expiry that the customer saw, and is charged once."""
    house.ready_for(Kind.RENEW)
    call = call_with()
    outcome = house.gateway().execute(renewal_of(), call)
    assert isinstance(outcome, Done)
    assert outcome.expiry
    assert outcome.expiry.at == RENEWED
    assert house.spent() == [(call.client_transaction_id, "renew")]


def messages(gateway: Gateway) -> list[RegistrarMessage]:
    """Read and acknowledge the whole queue."""
    read = []
    while (message := gateway.next_message(call_with())) is not None:
        read.append(message)
        gateway.acknowledge(message.message_id, call_with())
        gateway.acknowledge(message.message_id, call_with())
    return read


def test_a_transfer_is_asked_for_and_approved(house: House) -> None:
    """A transfer is under way until the other registrar agrees, and then the name is ours."""
    house.ready_for(Kind.TRANSFER)
    gateway, call = house.gateway(), call_with()
    assert isinstance(gateway.execute(TRANSFER, call), Pending)
    assert house.spent() == [(call.client_transaction_id, "transfer")]
    under_way = gateway.look(NAME, Kind.TRANSFER, call_with())
    assert (under_way.ours, under_way.progress) == (False, {Kind.TRANSFER: Progress.UNDER_WAY})
    house.books.approve(NAME.ascii)
    until(lambda: gateway.look(NAME, Kind.TRANSFER, call_with()).ours is True)
    assert gateway.look(NAME, Kind.TRANSFER, call_with()).progress == {Kind.TRANSFER: Progress.APPROVED}
    decided = messages(gateway)[-1]
    assert (decided.domain, decided.kind, decided.progress) == (NAME.ascii, Kind.TRANSFER, Progress.APPROVED)
    assert messages(gateway) == []


def test_a_transfer_that_the_other_side_rejects_is_seen(house: House) -> None:
    """A rejected transfer is seen in the registry and told by its message; the charge is given back."""
    house.ready_for(Kind.TRANSFER)
    gateway = house.gateway()
    assert isinstance(gateway.execute(TRANSFER, call_with()), Pending)
    house.books.reject(NAME.ascii)
    until(
        lambda: gateway.look(NAME, Kind.TRANSFER, call_with()).progress == {Kind.TRANSFER: Progress.REJECTED}
    )
    assert messages(gateway)[-1].progress is Progress.REJECTED
    assert sum(charge.amount for charge in house.books.charges()) == 0


@pytest.mark.parametrize("kind", [Kind.REGISTER, Kind.RENEW])
@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_what_is_decided_later_is_told_by_message(house: House, kind: Kind, verdict: str) -> None:
    """What the registry decides later is under way until then, and its message names our command."""
    house.ready_for(kind)
    house.books.misbehave("pending", command=ON_THE_WIRE[kind])
    gateway, call = house.gateway(), call_with()
    assert isinstance(gateway.execute(COMMANDS[kind], call), Pending)
    assert gateway.look(NAME, kind, call_with()).progress == {kind: Progress.UNDER_WAY}
    getattr(house.books, verdict)(NAME.ascii)
    until(lambda: gateway.look(NAME, kind, call_with()).progress == {})
    (message,) = messages(gateway)
    progress = Progress.APPROVED if verdict == "approve" else Progress.REJECTED
    assert (message.domain, message.progress) == (NAME.ascii, progress)
    assert message.client_transaction_id == call.client_transaction_id
    assert shows(gateway.look(NAME, kind, call_with()), kind) is (verdict == "approve")


# What is lost on the way.


@pytest.mark.parametrize("kind", list(COMMANDS))
@pytest.mark.parametrize("loss", ["drop_reply", "garbage", "cut", "fail_after"])
def test_an_order_whose_answer_was_lost_is_found_by_a_look(house: House, kind: Kind, loss: str) -> None:
    """When the registrar did it and its answer was lost, a look finds it done, and it was charged once."""
    house.ready_for(kind)
    house.books.misbehave(loss, command=ON_THE_WIRE[kind])
    gateway, call = house.gateway(), call_with()
    assert isinstance(gateway.execute(COMMANDS[kind], call), Unknown)
    assert shows(gateway.look(NAME, kind, call_with()), kind)
    assert house.spent() == [(call.client_transaction_id, kind.value)]
    assert len(house.journal(ON_THE_WIRE[kind])) == 1


@pytest.mark.parametrize("kind", list(COMMANDS))
@pytest.mark.parametrize("loss", ["drop_request", "html", "closed"])
def test_an_order_that_was_lost_itself_is_seen_to_be_absent(house: House, kind: Kind, loss: str) -> None:
    """When the order itself was lost, a look shows that nothing happened, and it may be sent again."""
    house.ready_for(kind)
    house.books.misbehave(loss, command=ON_THE_WIRE[kind])
    gateway = house.gateway()
    assert isinstance(gateway.execute(COMMANDS[kind], call_with()), Unknown)
    assert not shows(gateway.look(NAME, kind, call_with()), kind)
    assert house.spent() == []
    again = call_with()
    assert isinstance(gateway.execute(COMMANDS[kind], again), Done | Pending)
    assert house.spent() == [(again.client_transaction_id, kind.value)]


@pytest.mark.parametrize(
    ("kind", "reasons"),
    [
        (Kind.REGISTER, {RefusalReason.ALREADY_REGISTERED}),
        (Kind.RENEW, {RefusalReason.EXPIRY_CONFLICT}),
        (Kind.TRANSFER, {RefusalReason.NOT_TRANSFERABLE}),
        (Kind.RESTORE, {RefusalReason.NOT_RESTORABLE}),
    ],
)
def test_the_registrys_own_guard_refuses_a_second_one(
    house: House, kind: Kind, reasons: set[RefusalReason]
) -> None:
    """Should an order go out twice, the registry's own guard refuses the second, and we ask for a look before believing."""
    house.ready_for(kind)
    house.books.misbehave("drop_reply", command=ON_THE_WIRE[kind])
    gateway = house.gateway()
    gateway.execute(COMMANDS[kind], call_with())
    second = gateway.execute(COMMANDS[kind], call_with())
    assert isinstance(second, Refused)
    assert second.reason in reasons
    assert second.confirm
    assert len(house.spent()) == 1


def test_work_that_lands_late_is_seen_by_a_later_look(house: House) -> None:
    """A renewal that the registrar carries out after we gave up is absent at first and there later."""
    house.ready_for(Kind.RENEW)
    house.books.misbehave("late_work", command="domain:renew", argument=0.5)
    gateway = house.gateway()
    assert isinstance(gateway.execute(renewal_of(), call_with()), Unknown)
    assert not shows(gateway.look(NAME, Kind.RENEW, call_with()), Kind.RENEW)
    until(lambda: shows(gateway.look(NAME, Kind.RENEW, call_with()), Kind.RENEW))


@pytest.mark.parametrize(("behaviour", "done"), [("drip", True), ("freeze", False)])
def test_a_registrar_that_does_not_finish_its_answer_is_given_up_on(
    house: House, behaviour: str, done: bool
) -> None:
    """A registrar that answers too slowly, or not at all, holds nobody up beyond the call's time."""
    house.ready_for(Kind.RENEW)
    house.books.misbehave(behaviour, command="domain:renew")
    gateway = house.gateway()
    assert isinstance(gateway.execute(renewal_of(), call_with(seconds=1)), Unknown)
    assert shows(gateway.look(NAME, Kind.RENEW, call_with()), Kind.RENEW) is done


@pytest.mark.parametrize("behaviour", ["drop_reply", "drop_request", "freeze", "garbage", "html", "cut"])
def test_a_look_that_was_lost_knows_nothing(house: House, behaviour: str) -> None:
    """A name is never thought free because a look was lost."""
    house.books.misbehave(behaviour, command="domain:info")
    seen = house.gateway().look(NAME, Kind.REGISTER, call_with(seconds=1))
    assert (seen.standing, bool(seen.reason)) == (Standing.UNKNOWN, True)


# What never left.


def test_a_lease_that_ran_out_leaves_no_trace_at_the_registrar(house: House) -> None:
    """An order whose lease ran out is not sent: the registrar's journal does not know it."""
    house.ready_for(Kind.RENEW)
    assert isinstance(house.gateway().execute(renewal_of(), call_with(send_within=-1)), NotSent)
    assert house.journal("domain:renew") == []
    assert len(house.journal("login")) == 1


def test_a_registrar_that_is_closed_for_the_night_keeps_the_order_waiting(house: House) -> None:
    """A registrar that closes before its greeting hears nothing of the order."""
    house.ready_for(Kind.RENEW)
    house.books.misbehave("closed", command="connect")
    gateway = house.gateway()
    assert isinstance(gateway.execute(renewal_of(), call_with()), NotSent)
    assert isinstance(gateway.execute(renewal_of(), call_with()), Done)


def test_sessions_killed_between_commands_cost_nothing(house: House) -> None:
    """When the registrar restarts between two orders, the second goes out on a new session without any doubt."""
    names = [f"name-{number}.test" for number in range(3)]
    for name in names:
        house.books.add_domain(name, expires_at=ENDS)
    gateway = house.gateway()
    for name in names:
        assert isinstance(gateway.execute(renewal_of(name), call_with()), Done)
        house.stop()
        house.start()
    assert [code for _, code in house.journal("domain:renew")] == [1000] * 3
    assert len(house.journal("login")) == 3


def test_a_step_before_the_name_that_is_lost_leaves_the_order_waiting(house: House) -> None:
    """When a contact's answer is lost the name was not registered, and the next try finds the contact there."""
    if not house.dialect.contacts:
        assert isinstance(house.gateway().execute(REGISTER, call_with()), Done)
        assert house.journal("contact:create") == house.journal("host:create") == []
        return
    house.books.misbehave("drop_reply", command="contact:create")
    house.books.misbehave("drop_reply", command="host:create", name="ns2.example.net")
    gateway = house.gateway()
    outcomes = [type(gateway.execute(REGISTER, call_with())) for _ in range(3)]
    assert outcomes == [NotSent, NotSent, Done]
    assert [code for _, code in house.journal("domain:create")] == [1000]
    assert [code for _, code in house.journal("contact:create")] == [None, 2302, 2302]


# How many sessions.


def test_a_hundred_orders_on_eight_threads_keep_to_the_session_cap(house: House) -> None:
    """A registrar that allows three sessions is never asked for a fourth, and every order is charged once."""
    house.stop()
    house.start(session_cap=3)
    names = [f"name-{number}.test" for number in range(100)]
    for name in names:
        house.books.add_domain(name, expires_at=ENDS)
    gateway = house.gateway(sessions=3)
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(
            threads.map(lambda name: gateway.execute(renewal_of(name), call_with(seconds=60)), names)
        )
    assert {type(outcome) for outcome in outcomes} == {Done}
    assert len(house.spent()) == len(set(house.spent())) == 100
    logins = house.journal("login")
    assert 1 <= len(logins) <= 3
    assert {code for _, code in logins} == {1000}


def test_more_sessions_than_the_registrar_allows_only_make_orders_wait(house: House) -> None:
    """If the cap is configured too high, an order waits; it is neither lost nor in doubt."""
    house.stop()
    house.start(session_cap=1)
    house.ready_for(Kind.RENEW)
    first, second = house.gateway(), house.gateway()
    first.inspect(call_with())
    assert isinstance(second.execute(renewal_of(), call_with()), NotSent)
    first.close()
    until(lambda: isinstance(second.execute(renewal_of(), call_with()), Done))
    assert len(house.spent()) == 1


# What is refused.


def refusals() -> dict[str, tuple[Kind, dict[str, object], Outcome | tuple[type, object]]]:
    """Write the registry's states in which each kind of order is refused, and what it must come to."""
    return {
        "taken": (Kind.REGISTER, {"sponsor": "other"}, (Refused, RefusalReason.ALREADY_REGISTERED)),
        "not there to renew": (Kind.RENEW, {}, (Refused, RefusalReason.NOT_REGISTERED)),
        "not ours to renew": (Kind.RENEW, {"sponsor": "other"}, (Refused, RefusalReason.NOT_OURS)),
        "another expiry": (
            Kind.RENEW, {"expires_at": ENDS + timedelta(days=1)}, (Refused, RefusalReason.EXPIRY_CONFLICT)
        ),
        "renewal forbidden": (
            Kind.RENEW, {"statuses": ["serverRenewProhibited"]}, (Refused, RefusalReason.STATUS_PROHIBITS)
        ),
        "not there to restore": (Kind.RESTORE, {}, (Refused, RefusalReason.NOT_REGISTERED)),
        "not ours to restore": (Kind.RESTORE, {"sponsor": "other"}, (Refused, RefusalReason.NOT_OURS)),
        "never deleted": (Kind.RESTORE, {"auth_info": "x"}, (Refused, RefusalReason.NOT_RESTORABLE)),
        "not there to move": (Kind.TRANSFER, {}, (Refused, RefusalReason.NOT_REGISTERED)),
        "wrong code": (Kind.TRANSFER, {"sponsor": "other", "auth_info": "x"}, (Correctable, Correction.AUTH_INFO)),
        "locked": (
            Kind.TRANSFER,
            {"sponsor": "other", "auth_info": AUTH_CODE, "statuses": ["clientTransferProhibited"]},
            (Correctable, Correction.UNLOCK),
        ),
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "state", "expected"), refusals().values(), ids=refusals().keys())
def test_a_refusal_has_its_reason(
    house: House, kind: Kind, state: dict[str, object], expected: tuple[type, object]
) -> None:
    """A refused order says why, in both of the registries' ways of saying it, and costs nothing."""
    if state:
        house.books.add_domain(NAME.ascii, **{"expires_at": ENDS, **state})  # type: ignore[arg-type]  # a table's row
    outcome = house.gateway().execute(COMMANDS[kind], call_with())
    found = getattr(outcome, "reason", None) or getattr(outcome, "needs", None)
    assert (type(outcome), found) == expected
    assert "planted" not in repr(outcome)
    assert house.spent() == []


def test_a_name_that_is_ours_already_is_not_transferred(house: House) -> None:
    """A transfer of a name that we hold is refused, and a look shows that it is ours."""
    house.books.add_domain(NAME.ascii, expires_at=ENDS, auth_info=AUTH_CODE)
    gateway = house.gateway()
    outcome = gateway.execute(TRANSFER, call_with())
    assert isinstance(outcome, Refused)
    assert outcome.confirm
    assert gateway.look(NAME, Kind.TRANSFER, call_with()).ours is True


def test_a_corrected_auth_code_moves_the_name_for_one_charge(house: House) -> None:
    """A wrong auth code costs nothing; the right one moves the name."""
    house.ready_for(Kind.TRANSFER)
    gateway = house.gateway()
    wrong = gateway.execute(Transfer(NAME, 12, Secret("planted-wrong")), call_with())
    assert isinstance(wrong, Correctable)
    assert "planted" not in repr(wrong)
    assert isinstance(gateway.execute(TRANSFER, call_with()), Pending)
    assert len(house.spent()) == 1


@pytest.mark.parametrize("kind", list(COMMANDS))
def test_an_empty_deposit_is_ours_to_fill(house: House, kind: Kind) -> None:
    """When our deposit is empty no customer is told that an order was refused."""
    house.ready_for(kind)
    house.books.top_up(1 - house.books.balance())
    gateway = house.gateway()
    outcome = gateway.execute(COMMANDS[kind], call_with())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.DEPOSIT
    house.books.top_up(1_000_000)
    assert isinstance(gateway.execute(COMMANDS[kind], call_with()), Done | Pending)


def test_a_wrong_password_is_ours_to_mend(house: House) -> None:
    """A refused login stops the registrar, and the password is kept nowhere."""
    gateway = house.gateway(password=Secret("planted-wrong"))
    outcome = gateway.execute(renewal_of(), call_with())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
    assert "planted" not in repr(outcome)


def test_a_missing_client_certificate_is_ours_to_mend(house: House) -> None:
    """Where the registry wants our certificate and we have none, staff read what is missing."""
    gateway = house.gateway(client_certificate=None)
    outcome = gateway.execute(renewal_of(), call_with())
    if not house.dialect.client_certificate:
        assert isinstance(outcome, Refused)
        return
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
    assert "client_certificate" in outcome.reply.text


def test_a_registry_without_contacts_says_so_before_any_order(house: House) -> None:
    """A configuration that asks a registry for contacts it does not keep is reported at login."""
    gateway = house.gateway(contacts="ids", nameservers="objects")
    outcome = gateway.execute(REGISTER, call_with())
    if house.dialect.contacts:
        assert isinstance(outcome, Done)
        return
    assert isinstance(outcome, Blocked)
    assert "contact-1.0" in outcome.reply.text
    assert house.journal("login") == []


def test_inspecting_spends_nothing(house: House) -> None:
    """Staff see what a registry offers, and the deposit is what it was."""
    before = house.books.balance()
    told = house.gateway().inspect(call_with())
    assert told["server"] == house.dialect.server_id
    assert "renew (guard: current expiry)" in told["commands"]
    assert house.books.balance() == before
    assert house.spent() == []


def test_no_transaction_id_is_ever_used_twice(house: House) -> None:
    """Every command we send has an id of its own: a registry may close the line on one it has seen."""
    house.ready_for(Kind.RENEW)
    gateway, call = house.gateway(), call_with()
    gateway.execute(renewal_of(), call)
    for kind in COMMANDS:
        gateway.look(NAME, kind, call)
        gateway.look(NAME, kind, call)
        gateway.next_message(call)
    gateway.close()
    with sqlite3.connect(house.books.path) as connection:
        used = [row[0] for row in connection.execute("SELECT client_transaction_id FROM journal") if row[0]]
    connection.close()
    assert len(used) > 10
    assert len(set(used)) == len(used)
