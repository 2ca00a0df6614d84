"""What is sent so that a name is what an errand says? Only what differs, and nothing that Openprovider has no words for."""

from typing import Any

import pytest

from registrar.commands import (
    AnswerTransfer,
    ContactRole,
    Delete,
    Handle,
    Nameserver,
    TransferAnswer,
    Update,
)
from registrar.gateway import Gateway
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
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import Script, ScriptedApi, answers, freezes, page, refuses

PUT = "PUT /domains/#"
LOCK = frozenset({Status.CLIENT_TRANSFER_PROHIBITED})
APPROVE = AnswerTransfer(house.NAME, TransferAnswer.APPROVE)


@pytest.fixture
def ready(api: ScriptedApi) -> ScriptedApi:
    """A platform where the name is ours, unlocked, at two servers."""
    house.has(api, house.details())
    api.on(PUT, answers({"status": "ACT"}))
    return api


@pytest.mark.parametrize(
    ("update", "sent"),
    [
        (Update(house.NAME, add_statuses=LOCK), {"is_locked": True}),
        (Update(house.NAME, contacts={ContactRole.TECH: Handle("NEW")}), {"tech_handle": "NEW"}),
        (
            Update(house.NAME, nameservers=(Nameserver("ns3.example.net"), Nameserver("NS1.example.net"))),
            {
                "name_servers": [
                    {"name": "ns3.example.net", "seq_nr": 1},
                    {"name": "ns1.example.net", "seq_nr": 2},
                ]
            },
        ),
    ],
)
def test_only_what_differs_is_sent(
    gateway: Gateway, ready: ScriptedApi, call: Calls, update: Update, sent: dict[str, Any]
) -> None:
    """A change says what is to change, and leaves the rest of the name alone."""
    assert isinstance(gateway.execute(update, call()), Done)
    assert [asked.content for asked in ready.asked(PUT)] == [{"id": 4711, **sent}]


@pytest.mark.parametrize(
    "update",
    [
        Update(house.NAME),
        Update(house.NAME, remove_statuses=LOCK),
        Update(house.NAME, nameservers=tuple(reversed(house.SERVERS))),
        Update(house.NAME, contacts={ContactRole.REGISTRANT: Handle(house.HANDLE)}),
    ],
)
def test_where_nothing_differs_nothing_is_sent(
    gateway: Gateway, ready: ScriptedApi, call: Calls, update: Update
) -> None:
    """A name that is what it should be is left as it is."""
    assert isinstance(gateway.execute(update, call()), Done)
    assert ready.asked(PUT) == []


def test_a_lock_is_taken_off(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """A locked name is unlocked when that is asked for."""
    house.has(ready, house.details(is_locked=True))
    assert isinstance(gateway.execute(Update(house.NAME, remove_statuses=LOCK), call()), Done)
    assert ready.asked(PUT)[0].content["is_locked"] is False


def test_a_server_that_stays_keeps_its_addresses(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """A whole set is sent, so glue that nobody spoke of goes along with it."""
    glue = [{"name": "ns1.example.com", "ip": "192.0.2.1", "ip6": "", "seq_nr": 0}]
    house.has(ready, house.details(name_servers=glue))
    servers = (Nameserver("ns1.example.com"), Nameserver("ns2.example.net"))
    gateway.execute(Update(house.NAME, nameservers=servers), call())
    assert ready.asked(PUT)[0].content["name_servers"] == [
        {"name": "ns1.example.com", "seq_nr": 1, "ip": "192.0.2.1"},
        {"name": "ns2.example.net", "seq_nr": 2},
    ]


def test_a_server_at_another_address_is_the_customers_to_sort_out(
    gateway: Gateway, ready: ScriptedApi, call: Calls
) -> None:
    """A host that is there at another address is not quietly called done."""
    glue = [{"name": "ns1.example.com", "ip": "192.0.2.1", "seq_nr": 1}]
    house.has(ready, house.details(name_servers=glue))
    moved = (Nameserver("ns1.example.com", ("192.0.2.2",)),)
    outcome = gateway.execute(Update(house.NAME, nameservers=moved), call())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is Correction.NAMESERVERS


def test_a_name_that_cannot_be_locked_says_so(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """In a zone without locks, locking is refused in words and nothing is sent."""
    house.has(ready, house.details(is_lockable=False))
    outcome = gateway.execute(Update(house.NAME, add_statuses=LOCK), call())
    assert isinstance(outcome, Refused)
    assert outcome.reason is RefusalReason.POLICY
    assert ready.asked(PUT) == []


@pytest.mark.parametrize(
    "errand",
    [
        Update(house.NAME, add_statuses=frozenset({Status.CLIENT_HOLD})),
        Update(house.NAME, remove_statuses=frozenset({Status.CLIENT_UPDATE_PROHIBITED})),
        Update(house.NAME, auth_info=Secret(house.AUTH_CODE)),
        Update(house.NAME, nameservers=()),
        Update(house.NAME, nameservers=(Nameserver("ns1.example.com", ("192.0.2.1", "192.0.2.2")),)),
        AnswerTransfer(house.NAME, TransferAnswer.REJECT),
        AnswerTransfer(house.NAME, TransferAnswer.CANCEL),
    ],
)
def test_what_there_are_no_words_for_is_not_sent(
    gateway: Gateway, ready: ScriptedApi, call: Calls, errand: Update | AnswerTransfer
) -> None:
    """What Openprovider cannot be told is our fault to have asked, and nothing is sent."""
    outcome = gateway.execute(errand, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.REQUEST
    assert house.AUTH_CODE not in repr(outcome)
    assert ready.requests == []


@pytest.mark.parametrize("errand", [Update(house.NAME, add_statuses=LOCK), Delete(house.NAME), APPROVE])
def test_an_errand_for_a_name_that_is_not_ours_is_not_sent(
    gateway: Gateway, api: ScriptedApi, call: Calls, errand: Update | Delete | AnswerTransfer
) -> None:
    """A strange name is left alone."""
    house.has_not(api, "active")
    outcome = gateway.execute(errand, call())
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.confirm) == (RefusalReason.NOT_OURS, True)


def test_a_failed_look_leaves_the_errand_unsent(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """Where the name cannot be read, nothing is changed."""
    ready.on("GET /domains", page())
    assert isinstance(gateway.execute(Update(house.NAME, add_statuses=LOCK), call()), NotSent)
    assert ready.asked(PUT) == []


@pytest.mark.parametrize("script", [freezes, page(), answers(None), answers({"status": "XXX"})])
def test_an_errand_without_a_clear_answer_is_unknown(
    gateway: Gateway, ready: ScriptedApi, call: Calls, script: Script
) -> None:
    """An errand that left and got no clear answer is looked into like any order."""
    ready.on(PUT, script)
    assert isinstance(gateway.execute(Update(house.NAME, add_statuses=LOCK), call(seconds=1)), Unknown)


def test_an_errand_asks_for_its_permit(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """A worker that was frozen does not change a name late."""
    outcome = gateway.execute(Update(house.NAME, add_statuses=LOCK), call(send_within=-1.0))
    assert isinstance(outcome, NotSent)
    assert ready.asked(PUT) == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"status": "DEL"}, Done),
        ({"status": "ACT"}, Done),
        ({"status": "PEN"}, Pending),
        ({"success": True}, Done),
        ({"success": False}, Unknown),
        ({"status": "FAI"}, Unknown),
    ],
)
def test_a_deletion_is_what_its_answer_says(
    gateway: Gateway, ready: ScriptedApi, call: Calls, answer: dict[str, Any], expected: type[Outcome]
) -> None:
    """A deletion is done, or under way, as Openprovider says."""
    ready.on("DELETE /domains/#", answers(answer))
    assert isinstance(gateway.execute(Delete(house.NAME), call()), expected)
    assert ready.asked("DELETE /domains/#")[0].path == "/domains/4711"


def test_a_name_that_is_deleted_already_is_as_good(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A repeated deletion finds the name deleted, and sends nothing."""
    house.has(api, house.details("DEL"))
    assert isinstance(gateway.execute(Delete(house.NAME), call()), Done)
    assert api.asked("DELETE /domains/#") == []


def test_a_transfer_is_approved(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """A transfer that waits for us is let through by the name's id."""
    ready.on("POST /domains/#/transfer/approve", answers({"success": True}))
    assert isinstance(gateway.execute(APPROVE, call()), Done)
    assert ready.asked("POST /domains/#/transfer/approve")[0].content["approve"] == 1


def test_a_new_contact_that_is_not_known_yet_is_waited_for(
    gateway: Gateway, ready: ScriptedApi, call: Calls
) -> None:
    """A change of holder to a contact just made goes out again when its handle is known."""
    ready.on("GET /customers", answers({"results": [], "total": 0}))
    ready.on("POST /customers", answers({"handle": "XX000009-XX"}))
    ready.on(PUT, refuses(145, "Unknown handle: XX000009-XX"))
    outcome = gateway.execute(Update(house.NAME, contacts={ContactRole.TECH: house.PERSON}), call())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after == 5
