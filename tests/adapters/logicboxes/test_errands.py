"""What is asked of LogicBoxes without spending: changes of a name, its end, and the end of a transfer; and the reads."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from registrar.commands import (
    AnswerTransfer,
    ContactRole,
    CreateContact,
    Delete,
    Errand,
    Handle,
    HolderType,
    Identity,
    Kind,
    Nameserver,
    TransferAnswer,
    Update,
)
from registrar.gateway import Deposit, Gateway, GatewayUnavailableError, describe
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
from tests.adapters.logicboxes.conftest import RESELLER, Calls
from tests.adapters.logicboxes.scripted import Script, ScriptedRegistrar, answers, closes, fails, says
from tests.adapters.logicboxes.words import AUTH_CODE, NAME, ORDER, PERSON, absent, details, order
from tests.adapters.scripted_https import http

LOCK = frozenset({Status.CLIENT_TRANSFER_PROHIBITED})
HOSTS = (Nameserver("ns3.example.net"), Nameserver("ns4.example.net"))
NEW_HOSTS = Update(NAME, nameservers=HOSTS)
DONE = order("ModNS", "Success")


@pytest.fixture
def run(gateway: Gateway, registrar: ScriptedRegistrar, call: Calls) -> Any:
    """Run an errand against these answers."""

    def against(errand: Errand, *scripts: Script) -> Outcome:
        registrar.scripts += scripts
        return gateway.execute(errand, call())

    return against


def written(registrar: ScriptedRegistrar) -> list[tuple[str, dict[str, list[str]]]]:
    """Return what was written, without our credentials."""
    return [
        (
            asked.command,
            {word: value for word, value in asked.words.items() if word not in {"auth-userid", "api-key"}},
        )
        for asked in registrar.requests
        if asked.method == "POST"
    ]


SAME = [
    Update(NAME),
    Update(NAME, nameservers=(Nameserver("NS2.example.net"), Nameserver("ns1.example.net"))),
    Update(NAME, remove_statuses=LOCK),
    Update(NAME, contacts={ContactRole.TECH: Handle("1001")}),
]


@pytest.mark.parametrize("update", SAME)
def test_nothing_is_sent_where_nothing_differs(
    update: Update, run: Any, registrar: ScriptedRegistrar
) -> None:
    """A name that is what it should be is done with a look."""
    assert isinstance(run(update, answers(details())), Done)
    assert registrar.commands == ["GET domains/details-by-name"]


CHANGES: list[tuple[Update, dict[str, Any], list[tuple[str, dict[str, list[str]]]]]] = [
    (NEW_HOSTS, {}, [("domains/modify-ns", {"ns": ["ns3.example.net", "ns4.example.net"]})]),
    (Update(NAME, add_statuses=LOCK), {}, [("domains/enable-theft-protection", {})]),
    (
        Update(NAME, remove_statuses=LOCK),
        {"orderstatus": ["transferlock"]},
        [("domains/disable-theft-protection", {})],
    ),
    (
        Update(NAME, contacts={ContactRole.TECH: Handle("1002")}),
        {},
        [
            (
                "domains/modify-contact",
                {
                    "reg-contact-id": ["1001"],
                    "admin-contact-id": ["1001"],
                    "tech-contact-id": ["1002"],
                    "billing-contact-id": ["1001"],
                },
            )
        ],
    ),
    (
        Update(NAME, auth_info=Secret("another code")),
        {},
        [("domains/modify-auth-code", {"auth-code": ["another code"]})],
    ),
    (
        Update(NAME, nameservers=(*HOSTS, Nameserver("ns1.example.com", ("192.0.2.1", "2001:db8::1")))),
        {},
        [
            ("domains/add-cns", {"cns": ["ns1.example.com"], "ip": ["192.0.2.1", "2001:db8::1"]}),
            ("domains/modify-ns", {"ns": ["ns3.example.net", "ns4.example.net", "ns1.example.com"]}),
        ],
    ),
    (
        Update(NAME, nameservers=(*HOSTS, Nameserver("ns1.example.com", ("192.0.2.1",)))),
        {"cns": {"ns1.example.com": ["192.0.2.1"]}},
        [("domains/modify-ns", {"ns": ["ns3.example.net", "ns4.example.net", "ns1.example.com"]})],
    ),
    (
        Update(NAME, nameservers=HOSTS, add_statuses=LOCK),
        {},
        [
            ("domains/modify-ns", {"ns": ["ns3.example.net", "ns4.example.net"]}),
            ("domains/enable-theft-protection", {}),
        ],
    ),
    (
        Update(NAME, nameservers=HOSTS, remove_statuses=LOCK),
        {"orderstatus": ["transferlock"]},
        [
            ("domains/disable-theft-protection", {}),
            ("domains/modify-ns", {"ns": ["ns3.example.net", "ns4.example.net"]}),
        ],
    ),
]


@pytest.mark.parametrize(("update", "state", "wanted"), CHANGES)
def test_only_what_differs_is_sent(
    update: Update,
    state: dict[str, Any],
    wanted: list[tuple[str, dict[str, list[str]]]],
    run: Any,
    registrar: ScriptedRegistrar,
) -> None:
    """An update sends the steps that are needed, a lock lifted first and set last, and nothing else."""
    assert isinstance(run(update, answers(details(**state)), *[answers(DONE)] * len(wanted)), Done)
    assert written(registrar) == [(command, {"order-id": [ORDER], **words}) for command, words in wanted]


def test_a_new_person_is_made_before_the_change(run: Any, registrar: ScriptedRegistrar) -> None:
    """A new technical contact is made under our customer and put in its place; the others stay."""
    update = Update(NAME, contacts={ContactRole.TECH: PERSON})
    said = run(update, answers(details()), answers({"recsonpage": "0"}), answers("3003"), answers(DONE))
    assert isinstance(said, Done)
    command, words = written(registrar)[-1]
    assert (command, words["tech-contact-id"], words["reg-contact-id"]) == (
        "domains/modify-contact",
        ["3003"],
        ["1001"],
    )


ANSWERS: list[tuple[Script, type[Outcome]]] = [
    (answers(DONE), Done),
    (answers("Success"), Done),
    (says(http(b"Success")), Done),
    (answers(True), Done),
    (answers("true"), Done),
    (answers({"status": "Success"}), Done),
    (answers(order("ModNS", "NoActionRequired")), Done),
    (fails("Same value for new and old NameServers"), Done),
    (answers(order("ModNS", "PendingExecution")), Pending),
    (answers(order("ModNS", "ANewWord")), Pending),
    (answers(order("ModNS", "Failed", "ns3.example.net is not a valid Nameserver")), Correctable),
    (answers(order("ModNS", "Failed", "nobody knows")), Unknown),
    (answers(order("ModNS", "Success", description="example.net")), Unknown),
    (fails("ns3.example.net is not a valid Nameserver"), Correctable),
    (fails("No Entity found for Entityid"), Refused),
    (fails("Domain Status does not allow this operation"), Refused),
    (fails("You are not allowed to perform this action"), Refused),
    (fails("There is already an action pending on this Order."), Unknown),
    (fails("Access Denied"), Blocked),
    (fails("nobody listed this"), Unknown),
    (answers(12345), Unknown),
    (answers(False), Unknown),
    (answers({}), Unknown),
    (closes, Unknown),
    (says(http(b"<html/>", status="502 Bad Gateway")), Unknown),
    (says(http(b"<html/>", status="403 Forbidden")), Blocked),
]


@pytest.mark.parametrize(("said", "outcome"), ANSWERS)
def test_every_answer_to_a_change(said: Script, outcome: type[Outcome], run: Any) -> None:
    """A plain yes is enough for a change; what is neither yes nor no is not guessed at."""
    assert type(run(NEW_HOSTS, answers(details()), said)) is outcome


def test_a_step_that_is_not_done_stops_the_rest(run: Any, registrar: ScriptedRegistrar) -> None:
    """Where a step fails the next ones are not sent: a repeat finds what was done and goes on from there."""
    update = Update(NAME, nameservers=HOSTS, add_statuses=LOCK)
    said = run(update, answers(details()), fails("ns3.example.net is not a valid Nameserver"))
    assert isinstance(said, Correctable)
    assert said.needs is Correction.NAMESERVERS
    assert [command for command, _ in written(registrar)] == ["domains/modify-ns"]


def test_a_step_that_takes_time_makes_the_whole_wait(run: Any) -> None:
    """An update is pending as long as any of its steps is."""
    update = Update(NAME, nameservers=HOSTS, add_statuses=LOCK)
    said = run(update, answers(details()), answers(order("ModNS", "PendingExecution")), answers(DONE))
    assert isinstance(said, Pending)


UNABLE: list[Errand] = [
    Update(NAME, add_statuses=frozenset({Status.CLIENT_HOLD})),
    Update(NAME, remove_statuses=frozenset({Status.CLIENT_DELETE_PROHIBITED})),
    Update(NAME, nameservers=()),
    Update(NAME, auth_info=Secret("")),
    Update(replace(NAME, ascii="example.eu", zone="eu"), add_statuses=LOCK),
    Update(replace(NAME, ascii="example.co.uk", zone="co.uk"), add_statuses=LOCK),
    AnswerTransfer(NAME, TransferAnswer.APPROVE),
    AnswerTransfer(NAME, TransferAnswer.REJECT),
    CreateContact(PERSON, Identity(HolderType.PERSON)),
]


@pytest.mark.parametrize("errand", UNABLE)
def test_what_cannot_be_changed_here_is_not_sent(
    errand: Errand, run: Any, registrar: ScriptedRegistrar
) -> None:
    """A change that this registrar does not have reaches nobody, and says why."""
    blocked = run(errand)
    assert isinstance(blocked, Blocked)
    assert blocked.cause is BlockCause.REQUEST
    assert blocked.reply.text
    assert registrar.connections == 0


@pytest.mark.parametrize("errand", [NEW_HOSTS, Delete(NAME), AnswerTransfer(NAME, TransferAnswer.CANCEL)])
def test_a_name_that_is_not_ours_is_not_changed(
    errand: Errand, run: Any, registrar: ScriptedRegistrar
) -> None:
    """A name that is not in our account, or another customer's, is left alone."""
    for state, reason in (
        (absent(), RefusalReason.NOT_REGISTERED),
        (answers(details(customerid="1")), RefusalReason.NOT_OURS),
    ):
        refused = run(errand, state)
        assert isinstance(refused, Refused)
        assert (refused.reason, refused.confirm) == (reason, True)
    assert written(registrar) == []


@pytest.mark.parametrize("script", [closes, fails("nobody listed this"), answers({})])
def test_a_look_that_fails_before_a_change_sends_nothing(
    script: Script, run: Any, registrar: ScriptedRegistrar
) -> None:
    """Without knowing how the name stands nothing of it is changed."""
    assert isinstance(run(NEW_HOSTS, script), NotSent)
    assert written(registrar) == []


def test_a_person_who_cannot_be_written_stops_the_change(run: Any, registrar: ScriptedRegistrar) -> None:
    """A handle of another registry is the customer's to correct."""
    update = Update(NAME, contacts={ContactRole.TECH: Handle("ab123-irnic")})
    assert isinstance(run(update, answers(details())), Correctable)
    assert written(registrar) == []


GOING = ["Pending Delete Restorable", "QueuedForDeletion"]


@pytest.mark.parametrize(
    ("back", "outcome"),
    [
        (absent(), Done),
        (answers(details(currentstatus="Deleted")), Done),
        (answers(details(currentstatus="QueuedForDeletion")), Done),
        (answers(details(currentstatus="Pending Delete Restorable")), Done),
        (answers(details()), Pending),
        (closes, Pending),
    ],
)
def test_a_deletion_is_done_when_the_name_shows_it(
    back: Script, outcome: type[Outcome], run: Any, registrar: ScriptedRegistrar
) -> None:
    """A deletion that was accepted is not done yet: the name itself tells."""
    assert (
        type(run(Delete(NAME), answers(details()), answers(order("DelDomain", "Success")), back)) is outcome
    )
    assert written(registrar) == [("domains/delete", {"order-id": [ORDER]})]


@pytest.mark.parametrize("state", GOING)
def test_a_name_that_is_going_is_not_deleted_again(
    state: str, run: Any, registrar: ScriptedRegistrar
) -> None:
    """A repeated deletion finds the name on its way, and sends nothing."""
    assert isinstance(run(Delete(NAME), answers(details(currentstatus=state))), Done)
    assert written(registrar) == []


def test_a_deletion_that_is_refused_is_not_done(run: Any) -> None:
    """What the registrar refuses to delete stays."""
    assert isinstance(run(Delete(NAME), answers(details()), fails("does not allow this operation")), Refused)


def test_a_transfer_that_we_asked_for_is_cancelled(run: Any, registrar: ScriptedRegistrar) -> None:
    """A transfer is cancelled by its order."""
    state = details(currentstatus="InActive")
    said = run(AnswerTransfer(NAME, TransferAnswer.CANCEL), answers(state), answers("Success"))
    assert isinstance(said, Done)
    assert written(registrar) == [("domains/cancel-transfer", {"order-id": [ORDER]})]


def test_the_deposit_is_our_own(gateway: Gateway, registrar: ScriptedRegistrar, call: Calls) -> None:
    """The balance is that of our own account, in its currency and as the registrar writes it."""
    registrar.scripts.append(answers({"sellingcurrencysymbol": "USD", "sellingcurrencybalance": "1234.500"}))
    assert gateway.deposit(call()) == Deposit("1234.500", "USD")
    assert registrar.requests[0].words["reseller-id"] == [RESELLER]


@pytest.mark.parametrize(
    "script",
    [
        answers({}),
        answers("1234.50"),
        answers({"sellingcurrencybalance": "much", "sellingcurrencysymbol": "USD"}),
        answers({"sellingcurrencybalance": "1.0"}),
        fails("nobody listed this"),
    ],
)
def test_a_deposit_that_is_not_told_is_not_guessed(
    script: Script, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """An answer without a balance is no balance of nothing."""
    registrar.scripts.append(script)
    with pytest.raises(GatewayUnavailableError) as caught:
        gateway.deposit(call())
    assert caught.value.blocked is None


def test_a_read_tells_that_our_key_is_refused(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """Where our key is refused, a read says that repeating is no use."""
    for script in (fails("Access Denied"), says(http(b"", status="401 Unauthorized"))):
        registrar.scripts.append(script)
        with pytest.raises(GatewayUnavailableError) as caught:
            gateway.inspect(call())
        assert caught.value.blocked is BlockCause.CREDENTIALS


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (answers(details()), Secret(AUTH_CODE)),
        (answers(details(domsecret=None)), None),
        (absent(), None),
    ],
)
def test_the_auth_code_is_read(
    script: Script, code: Secret | None, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """A holder who leaves gets the code that the registrar keeps; where it keeps none there is none."""
    registrar.scripts.append(script)
    assert gateway.auth_info(NAME, call()) == code


def test_what_the_platform_does_not_have_is_nothing(gateway: Gateway, call: Calls) -> None:
    """There is no queue, no list of what was charged and no warning, and nobody is asked for them."""
    assert gateway.next_message(call()) is None
    gateway.acknowledge("1", call())
    assert gateway.statement(date(2026, 11, 1), date(2026, 11, 22), call()) is None
    assert gateway.warnings() == ()


def test_an_inspection_tells_what_is_there_and_declared(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """Staff read the account, the house customer, the deposit, and what can be ordered."""
    registrar.scripts.append(answers({"sellingcurrencysymbol": "USD", "sellingcurrencybalance": "1234.500"}))
    told = gateway.inspect(call())
    assert told["deposit"] == "1234.500 USD"
    assert told["account"] == f"reseller {RESELLER}"
    assert set(describe(gateway.capabilities)) <= set(told)
    assert all(kind in told["commands"] for kind in (Kind.REGISTER, Kind.RESTORE))
