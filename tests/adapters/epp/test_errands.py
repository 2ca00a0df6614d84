"""A name is given up, and a transfer answered, by us as the loser or as the one who asked: once, and harmless to repeat."""

from collections.abc import Mapping

import pytest

from adapters.registrars.epp import limits
from registrar.commands import (
    AnswerTransfer,
    ChangeHolder,
    Command,
    Contact,
    ContactRole,
    CreateContact,
    Delete,
    Errand,
    HolderType,
    Identity,
    Kind,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
    TransferAnswer,
    Update,
)
from registrar.commands import Expiry as End
from registrar.gateway import Progress
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
from registrar.statuses import Status
from tests.adapters.epp.calls import NAME, call_with
from tests.adapters.epp.conftest import Connect
from tests.adapters.epp.house import AUTH_CODE, ENDS, House
from tests.adapters.epp.scripted import Peer
from tests.adapters.epp.test_encoding import settings

DELETE = Delete(NAME)
APPROVE, REJECT, CANCEL = (AnswerTransfer(NAME, answer) for answer in TransferAnswer)


def reason_of(outcome: Outcome) -> RefusalReason | None:
    return outcome.reason if isinstance(outcome, Refused) else None


def test_a_name_is_given_up_once(house: House) -> None:
    """A customer's name is given up into redemption; asking again finds it on its way out and sends nothing."""
    house.books.add_domain(NAME.ascii, expires_at=ENDS)
    gateway = house.gateway()
    for _ in range(2):
        assert isinstance(gateway.execute(DELETE, call_with()), Done)
    assert [code for _, code in house.journal("domain:delete")] == [1001]
    assert gateway.look(NAME, Kind.RESTORE, call_with()).restorable
    assert house.spent() == []


@pytest.mark.parametrize("loss", ["drop_reply", "cut", "garbage", "fail_after"])
def test_a_lost_answer_to_a_deletion_does_no_harm(house: House, loss: str) -> None:
    """When the answer to a deletion was lost, asking again finds the name on its way out."""
    house.books.add_domain(NAME.ascii, expires_at=ENDS)
    house.books.misbehave(loss, command="domain:delete")
    gateway = house.gateway()
    assert isinstance(gateway.execute(DELETE, call_with()), Unknown)
    assert isinstance(gateway.execute(DELETE, call_with()), Done)
    assert len(house.journal("domain:delete")) == 1


def test_a_name_that_is_not_there_or_not_ours_is_left_alone(house: House) -> None:
    """A name that is gone is given up already, and another registrar's name is not touched."""
    gateway = house.gateway()
    assert isinstance(gateway.execute(DELETE, call_with()), Done)
    house.books.add_domain(NAME.ascii, expires_at=ENDS, sponsor="other")
    assert reason_of(gateway.execute(DELETE, call_with())) is RefusalReason.NOT_OURS
    assert house.journal("domain:delete") == []


def test_a_locked_name_is_not_given_up(house: House) -> None:
    """A name whose deletion is forbidden stays, and the reason is told."""
    house.books.add_domain(NAME.ascii, expires_at=ENDS, statuses=["clientDeleteProhibited"])
    outcome = house.gateway().execute(DELETE, call_with())
    assert reason_of(outcome) is RefusalReason.STATUS_PROHIBITS


@pytest.mark.parametrize("behaviour", ["drop_request", "html", "cut"])
def test_a_name_that_could_not_be_seen_is_not_given_up(house: House, behaviour: str) -> None:
    """Without having seen a name we do not delete it."""
    house.books.add_domain(NAME.ascii, expires_at=ENDS)
    house.books.misbehave(behaviour, command="domain:info")
    assert isinstance(house.gateway().execute(DELETE, call_with()), NotSent)
    assert house.journal("domain:delete") == []


def asked_of_us(house: House) -> None:
    """Let another registrar ask for a name of ours."""
    house.books.add_domain(NAME.ascii, expires_at=ENDS, auth_info=AUTH_CODE)
    other = house.gateway(username="other")
    assert isinstance(other.execute(Transfer(NAME, 12, Secret(AUTH_CODE)), call_with()), Pending)


@pytest.mark.parametrize(
    ("answer", "sponsor", "other_way"),
    [
        (APPROVE, "other", (REJECT, RefusalReason.NOT_OURS)),
        (REJECT, "reseller", (APPROVE, RefusalReason.TRANSFER_REJECTED)),
    ],
)
def test_a_transfer_away_is_answered(
    house: House, answer: AnswerTransfer, sponsor: str, other_way: tuple[AnswerTransfer, RefusalReason]
) -> None:
    """What another registrar asks for is approved or rejected; the same again changes nothing, the opposite is too late."""
    asked_of_us(house)
    gateway = house.gateway()
    for _ in range(2):
        assert isinstance(gateway.execute(answer, call_with()), Done)
    domain = house.books.domain(NAME.ascii)
    assert domain
    assert domain.sponsor == sponsor
    late, reason = other_way
    assert reason_of(gateway.execute(late, call_with())) is reason


def test_a_transfer_to_us_is_cancelled(house: House) -> None:
    """A transfer that we asked for is called off, the charge given back, and a second cancellation finds it done."""
    house.ready_for(Kind.TRANSFER)
    gateway = house.gateway()
    assert isinstance(gateway.execute(Transfer(NAME, 12, Secret(AUTH_CODE)), call_with()), Pending)
    for _ in range(2):
        assert isinstance(gateway.execute(CANCEL, call_with()), Done)
    assert sum(charge.amount for charge in house.books.charges()) == 0
    assert gateway.look(NAME, Kind.TRANSFER, call_with()).progress == {Kind.TRANSFER: Progress.REJECTED}


def test_a_cancellation_that_comes_too_late_finds_the_name_ours(house: House) -> None:
    """When the other side agreed first, a cancellation finds the name with us."""
    house.ready_for(Kind.TRANSFER)
    gateway = house.gateway()
    gateway.execute(Transfer(NAME, 12, Secret(AUTH_CODE)), call_with())
    house.gateway(username="other").execute(APPROVE, call_with())
    assert reason_of(gateway.execute(CANCEL, call_with())) is RefusalReason.ALREADY_OURS


@pytest.mark.parametrize("loss", ["drop_reply", "cut", "garbage"])
def test_a_lost_answer_to_an_answer_does_no_harm(house: House, loss: str) -> None:
    """When the registry's answer to ours was lost, saying it again finds it said."""
    asked_of_us(house)
    house.books.misbehave(loss, command="domain:transfer:reject")
    gateway = house.gateway()
    assert isinstance(gateway.execute(REJECT, call_with()), Unknown)
    assert isinstance(gateway.execute(REJECT, call_with()), Done)


def test_what_nobody_asked_for_is_not_answered(house: House) -> None:
    """A name that nobody asked for has no transfer to answer, and only the one who asked may cancel."""
    house.books.add_domain(NAME.ascii, expires_at=ENDS, auth_info=AUTH_CODE)
    gateway = house.gateway()
    assert reason_of(gateway.execute(REJECT, call_with())) is RefusalReason.NOT_TRANSFERABLE
    house.gateway(username="other").execute(Transfer(NAME, 12, Secret(AUTH_CODE)), call_with())
    assert reason_of(gateway.execute(CANCEL, call_with())) is RefusalReason.NOT_OURS


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"code": 2501}, Blocked),
        ({"code": 2400}, Unknown),
        ({"code": 2303}, Refused),
        ({"code": 1000, "status": "pending"}, Unknown),
        ({"code": 1000, "status": "serverApproved"}, Done),
        ({"code": 1000, "status": "clientCancelled"}, Refused),
    ],
)
def test_where_nothing_is_pending_the_latest_transfer_decides(
    connect: Connect, query: Mapping[str, object], expected: type[Outcome]
) -> None:
    """An answer that finds nothing to answer is judged by what became of the transfer, or left in doubt."""
    status = query.get("status")
    shown = (
        f"<domain:trnData><domain:name>example.test</domain:name><domain:trStatus>{status}</domain:trStatus></domain:trnData>"
        if status
        else ""
    )

    def script(peer: Peer) -> None:
        peer.greet()
        peer.answer(peer.read(), 2301)
        peer.answer(peer.read(), int(str(query["code"])), data=shown)

    gateway, registry = connect(script)
    assert type(gateway.execute(APPROVE, call_with())) is expected
    assert len(registry.commands('op="approve"')) == 1


# What is not done here.

PERSON = Contact("c-1", "Invented Person", "p@example.net", (), "Tehran", "IR")
EXPIRY = End(ENDS, ENDS.isoformat())
PERSIAN = DomainName("xn--mgbaam.test", "test")
BEYOND: dict[str, tuple[Command | Errand, dict[str, object]]] = {
    "a contact of its own": (CreateContact(PERSON, Identity(HolderType.PERSON)), {}),
    "another holder": (ChangeHolder(NAME, {}), {}),
    "a renewal elsewhere": (Renew(NAME, 12, EXPIRY, elsewhere=True), {}),
    "a term of months": (Renew(NAME, 18, EXPIRY), {}),
    "a term too long": (Register(NAME, 132), {}),
    "a transfer of two years": (Transfer(NAME, 24, Secret("x")), {}),
    "a restore with a year": (Restore(NAME, 12), {}),
    "a restore": (Restore(NAME, 0), {"redemption": False}),
    "a hidden holder": (Register(NAME, 12, privacy=True), {}),
    "a table": (Register(PERSIAN, 12, idn_table="fa"), {}),
    "another table": (Register(PERSIAN, 12, idn_table="ar"), {"idn_tables": ["fa"]}),
    "no table": (Register(PERSIAN, 12), {"idn_tables": ["fa"]}),
    "contacts": (Update(NAME, contacts={ContactRole.ADMIN: PERSON}), {"contacts": "none"}),
}


@pytest.mark.parametrize(("asked", "changes"), BEYOND.values(), ids=BEYOND.keys())
def test_what_is_not_declared_is_not_sent(
    connect: Connect, asked: Command | Errand, changes: dict[str, object]
) -> None:
    """What a registry cannot do is held for staff with the reason, and the registry hears nothing of it."""
    gateway, registry = connect(lambda peer: peer.greet(), **changes)
    outcome = gateway.execute(asked, call_with())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.REQUEST
    assert outcome.reply.text
    assert registry.connections == 0


def test_a_registry_without_contacts_changes_what_it_has() -> None:
    """Where there are no contacts to change, name servers, statuses and the auth code are changed all the same."""
    declared = settings(contacts="none").capabilities()
    others = Update(NAME, (), frozenset({Status.CLIENT_HOLD}), auth_info=Secret("x"))
    assert limits.refusal(others, declared) is None


@pytest.mark.parametrize(
    ("asked", "needs"),
    [
        (Register(NAME, 12, contacts={ContactRole.ADMIN: PERSON}), Correction.CONTACTS),
        (Update(NAME, tuple(Nameserver(f"ns{n}.example.net") for n in range(14))), Correction.NAMESERVERS),
    ],
)
def test_what_the_customer_left_out_or_overdid_goes_back(
    connect: Connect, asked: Register | Update, needs: Correction
) -> None:
    """A registration without a contact that the registry wants, or a fourteenth name server, is the customer's to correct."""
    gateway, registry = connect(lambda peer: peer.greet())
    outcome = gateway.execute(asked, call_with())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is needs
    assert outcome.reply.text
    assert registry.connections == 0
