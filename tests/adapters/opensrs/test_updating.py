"""Errands: a name becomes what it should be, by what differs alone, and a repeat finds nothing to do."""

from dataclasses import replace

import pytest

from registrar.commands import AnswerTransfer, ContactRole, Delete, Handle, Nameserver, TransferAnswer, Update
from registrar.gateway import Gateway
from registrar.outcomes import BlockCause, Blocked, Done, NotSent, Pending, Unknown
from registrar.secrets import Secret
from registrar.statuses import Status
from tests.adapters.opensrs.conftest import Calls
from tests.adapters.opensrs.house import FREE, INVENTED, NAME, NOT_OURS, TAKEN, all_info, brief, has_order
from tests.adapters.opensrs.scripted import Script, ScriptedRegistrar, answers, says

LOCK = frozenset({Status.CLIENT_TRANSFER_PROHIBITED})
HOSTS = (Nameserver("ns2.example.net"), Nameserver("ns3.example.net"))
DONE = answers(200, "done")
CANCEL = AnswerTransfer(NAME, TransferAnswer.CANCEL)


@pytest.fixture(autouse=True)
def name_of_ours(opensrs: ScriptedRegistrar) -> None:
    """The name is locked and has two name servers."""
    opensrs.on("GET all_info", all_info())
    for asked in ("ADVANCED_UPDATE_NAMESERVERS", "MODIFY status", "MODIFY contact_info", "REVOKE"):
        opensrs.on(asked, DONE)


SAME: dict[str, Update] = {
    "hosts": Update(NAME, nameservers=(Nameserver("NS2.example.net."), Nameserver("ns1.example.net"))),
    "lock": Update(NAME, add_statuses=LOCK),
    "nothing": Update(NAME),
}


@pytest.mark.parametrize("update", SAME.values(), ids=SAME.keys())
def test_a_name_that_is_as_it_should_be_is_left_alone(
    update: Update, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """Where nothing differs nothing is sent, and the look is the evidence."""
    outcome = gateway.execute(update, call())
    assert isinstance(outcome, Done)
    assert outcome.reply.result_code == "200"
    assert opensrs.asked == ["GET all_info"]


def test_name_servers_are_assigned_as_a_whole(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """OpenSRS takes the whole set of name servers, in place of the old one."""
    assert isinstance(gateway.execute(Update(NAME, nameservers=HOSTS), call()), Done)
    sent = opensrs.last("ADVANCED_UPDATE_NAMESERVERS")
    assert sent["attributes/op_type"] == "assign"
    assert [sent["attributes/assign_ns/0"], sent["attributes/assign_ns/1"]] == [
        "ns2.example.net",
        "ns3.example.net",
    ]
    assert sent["domain"] == "example.com"


def test_the_lock_is_taken_off(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A customer who leaves gets the lock taken off."""
    assert isinstance(gateway.execute(Update(NAME, remove_statuses=LOCK), call()), Done)
    sent = opensrs.last("MODIFY status")
    assert (sent["attributes/lock_state"], sent["attributes/affect_domains"]) == ("0", "0")


def test_a_lock_that_cannot_be_seen_is_set(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """Where OpenSRS does not tell the lock, it is set as it should be, whichever that is."""
    opensrs.on("GET all_info", all_info(lock_state=""))
    opensrs.on("GET status", answers(200))
    gateway.execute(Update(NAME, remove_statuses=LOCK), call())
    assert opensrs.last("MODIFY status")["attributes/lock_state"] == "0"
    gateway.execute(Update(NAME, add_statuses=LOCK), call())
    assert opensrs.last("MODIFY status")["attributes/lock_state"] == "1"


def test_contacts_are_changed_for_this_name_alone(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A new administrator of one name is not made that of the customer's other names."""
    update = Update(NAME, contacts={ContactRole.ADMIN: INVENTED})
    assert isinstance(gateway.execute(update, call()), Done)
    sent = opensrs.last("MODIFY contact_info")
    assert sent["attributes/affect_domains"] == "0"
    assert sent["attributes/contact_set/admin/email"] == "invented@example.net"
    assert not any(key.startswith("attributes/contact_set/owner") for key in sent)


def test_a_name_is_locked_last(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """Everything is changed before the lock is put on."""
    opensrs.on("GET all_info", all_info(lock_state="0"))
    update = Update(NAME, nameservers=HOSTS, add_statuses=LOCK, contacts={ContactRole.ADMIN: INVENTED})
    assert isinstance(gateway.execute(update, call()), Done)
    assert opensrs.asked == [
        "GET all_info",
        "ADVANCED_UPDATE_NAMESERVERS",
        "MODIFY contact_info",
        "MODIFY status",
    ]


def test_a_step_that_fails_ends_the_update(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """After a step without an answer nothing more is changed: the next look tells where the name stands."""
    opensrs.on("ADVANCED_UPDATE_NAMESERVERS", says(b""))
    update = Update(NAME, nameservers=HOSTS, contacts={ContactRole.ADMIN: INVENTED})
    assert isinstance(gateway.execute(update, call()), Unknown)
    assert "MODIFY contact_info" not in opensrs.asked


def test_a_step_that_awaits_consent_is_followed(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A change that its holder must agree to is under way, though the other changes are done."""
    opensrs.on("GET all_info", all_info(lock_state="0"))
    opensrs.on("MODIFY contact_info", answers(300, "pending consent", success=True))
    update = Update(NAME, contacts={ContactRole.ADMIN: INVENTED}, add_statuses=LOCK)
    assert isinstance(gateway.execute(update, call()), Pending)
    assert opensrs.asked[-1] == "MODIFY status"


NOT_DONE: dict[str, tuple[Update, str]] = {
    "another lock": (Update(NAME, add_statuses=frozenset({Status.CLIENT_HOLD})), "blocked request"),
    "three locks": (
        Update(NAME, add_statuses=frozenset({*LOCK, Status.CLIENT_DELETE_PROHIBITED})),
        "blocked request",
    ),
    "an auth code": (Update(NAME, auth_info=Secret("x")), "blocked request"),
    "no name servers": (Update(NAME, nameservers=()), "blocked request"),
    "a handle": (Update(NAME, contacts={ContactRole.ADMIN: Handle("C-1")}), "correctable contacts"),
}


@pytest.mark.parametrize(("update", "expected"), NOT_DONE.values(), ids=NOT_DONE.keys())
def test_what_cannot_be_changed_is_not_sent(
    update: Update, expected: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """What OpenSRS has no request for is said in words, and nothing is sent."""
    assert brief(gateway.execute(update, call())) == expected
    assert opensrs.requests == []


def test_a_host_inside_the_name_is_not_assigned(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A host that would need an address is for the customer to choose anew."""
    update = Update(NAME, nameservers=(Nameserver("ns1.example.com", ("192.0.2.1",)), HOSTS[0]))
    assert brief(gateway.execute(update, call())) == "correctable nameservers"
    assert opensrs.asked == ["GET all_info"]


REFUSALS = [
    ("ADVANCED_UPDATE_NAMESERVERS", 465, "invalid nameserver", "correctable nameservers"),
    ("ADVANCED_UPDATE_NAMESERVERS", 465, "something", "unknown"),
    ("MODIFY contact_info", 465, "invalid owner email", "correctable contacts"),
    ("MODIFY contact_info", 400, "internal error", "unknown"),
    ("MODIFY contact_info", 401, "no", "blocked credentials"),
    ("MODIFY contact_info", 437, "busy", "notsent"),
    ("MODIFY contact_info", 480, "not found", "refused not_ours confirm"),
    ("MODIFY contact_info", 250, "submitted", "pending"),
    ("MODIFY contact_info", 999, "new", "unknown"),
]


@pytest.mark.parametrize(("asked", "code", "text", "expected"), REFUSALS)
def test_what_an_update_comes_to(
    *,
    asked: str,
    code: int,
    text: str,
    expected: str,
    gateway: Gateway,
    opensrs: ScriptedRegistrar,
    call: Calls,
) -> None:
    """A refused change says whose turn it is."""
    opensrs.on(asked, answers(code, text))
    update = (
        Update(NAME, nameservers=HOSTS)
        if asked == "ADVANCED_UPDATE_NAMESERVERS"
        else Update(NAME, contacts={ContactRole.ADMIN: INVENTED})
    )
    assert brief(gateway.execute(update, call())) == expected


def test_a_name_that_is_not_ours_is_not_changed(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A name that our account does not show is not touched."""
    opensrs.on("GET all_info", NOT_OURS)
    assert brief(gateway.execute(Update(NAME, nameservers=HOSTS), call())) == "refused not_ours confirm"
    assert opensrs.asked == ["GET all_info"]


def test_an_update_whose_look_fails_is_not_sent(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """Without a look nothing is changed."""
    opensrs.on("GET all_info", says(b""))
    assert isinstance(gateway.execute(Update(NAME, nameservers=HOSTS), call()), NotSent)


def test_an_update_needs_a_lease(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A worker that woke up too late changes nothing."""
    outcome = gateway.execute(Update(NAME, nameservers=HOSTS), call(send_within=-1.0))
    assert isinstance(outcome, NotSent)
    assert opensrs.asked == ["GET all_info"]


def test_a_name_is_given_up(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A name is revoked in our own account."""
    assert isinstance(gateway.execute(Delete(NAME), call()), Done)
    assert opensrs.last("REVOKE")["attributes/reseller"] == "example-reseller"


@pytest.mark.parametrize(("lookup", "expected"), [(FREE, "done"), (TAKEN, "refused not_ours confirm")])
def test_a_name_that_is_gone_is_given_up_already(
    lookup: Script, expected: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A repeat finds the name free, and somebody else's name is not revoked."""
    opensrs.on("GET all_info", NOT_OURS)
    opensrs.on("LOOKUP", lookup)
    assert brief(gateway.execute(Delete(NAME), call())) == expected
    assert "REVOKE" not in opensrs.asked


def transfers(*statuses: str) -> list[dict[str, str]]:
    """Return rows of transfers, the newest last."""
    return [
        {"domain": "example.com", "order_id": str(3500000 + number), "status": status}
        for number, status in enumerate(statuses)
    ]


def test_a_transfer_under_way_is_cancelled(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A customer who changes his mind has the transfer under way withdrawn, by its own number."""
    opensrs.on("GET_TRANSFERS_IN", answers(200, transfers=transfers("cancelled", "pending_owner")))
    opensrs.on("CANCEL_TRANSFER", DONE)
    assert isinstance(gateway.execute(CANCEL, call()), Done)
    assert opensrs.last("CANCEL_TRANSFER")["attributes/order_id"] == "3500001"


def test_a_transfer_without_a_number_is_cancelled_by_name(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """Where OpenSRS tells no order, the name says which transfer is meant."""
    opensrs.on("GET_TRANSFERS_IN", answers(200, transfers=[{"status": "pending_owner"}]))
    opensrs.on("CANCEL_TRANSFER", answers(480, "none in progress"))
    assert brief(gateway.execute(CANCEL, call())) == "refused status_prohibits"
    assert opensrs.last("CANCEL_TRANSFER")["attributes/domain"] == "example.com"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([], "refused status_prohibits"), (transfers("completed"), "refused status_prohibits"),
     (transfers("cancelled"), "done")],
)  # fmt: skip
def test_a_transfer_that_has_ended_is_not_cancelled(
    rows: list[dict[str, str]], expected: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """What has ended cannot be withdrawn; a repeat finds it withdrawn."""
    opensrs.on("GET_TRANSFERS_IN", answers(200, transfers=rows))
    assert brief(gateway.execute(CANCEL, call())) == expected
    assert "CANCEL_TRANSFER" not in opensrs.asked


def test_a_saved_transfer_is_cancelled_as_an_order(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A transfer that OpenSRS only keeps is taken away, so that no top-up ever begins it."""
    opensrs.on("GET_TRANSFERS_IN", answers(480, "none"))
    has_order(opensrs, reg_type="transfer")
    opensrs.on("PROCESS_PENDING", DONE)
    assert isinstance(gateway.execute(CANCEL, call()), Done)
    assert opensrs.last("PROCESS_PENDING")["attributes/command"] == "cancel"


@pytest.mark.parametrize("answer", [TransferAnswer.APPROVE, TransferAnswer.REJECT])
def test_transfers_away_are_not_answered_here(
    answer: TransferAnswer, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """OpenSRS has no request for a reseller's answer to a transfer away."""
    outcome = gateway.execute(replace(CANCEL, answer=answer), call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.REQUEST
    assert opensrs.requests == []
