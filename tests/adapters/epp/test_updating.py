"""Changing a name against a registry that says what a test tells it to: what is sent, and what its loss means."""

import pytest

from registrar.commands import Nameserver, Update
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
from registrar.statuses import REGISTRAR_LOCK, Status
from tests.adapters.epp.calls import NAME, call_with
from tests.adapters.epp.conftest import Connect
from tests.adapters.epp.scripted import Peer, framed, greeting
from tests.adapters.epp.test_gateway import LOSSES, Answer, answers

NS1, NS2, NS3 = (Nameserver(f"ns{number}.example.net") for number in (1, 2, 3))
INSIDE = Nameserver("ns1.example.test", ("192.0.2.1", "2001:db8::1"))
AS_OBJECTS = "<domain:ns><domain:hostObj>NS1.Example.NET</domain:hostObj><domain:hostObj>ns2.example.net.</domain:hostObj></domain:ns>"
AS_ATTRIBUTES = (
    "<domain:ns><domain:hostAttr><domain:hostName>ns1.example.test</domain:hostName>"
    '<domain:hostAddr ip="v4">192.0.2.1</domain:hostAddr></domain:hostAttr></domain:ns>'
)
CHANGE = Update(NAME, (NS2, NS3), add_statuses=frozenset({Status.CLIENT_HOLD}))


def shown(
    *statuses: str, ns: str = AS_OBJECTS, sponsor: str = "reseller-1", name: str = "example.test"
) -> str:
    """Write infData, with the auth code that a registry shows to a name's sponsor."""
    states = "".join(f'<domain:status s="{status}"/>' for status in statuses or ("ok",))
    return (
        f"<domain:infData><domain:name>{name}</domain:name><domain:roid>D1-TEST</domain:roid>{states}{ns}"
        f"<domain:clID>{sponsor}</domain:clID>"
        "<domain:authInfo><domain:pw>planted-code</domain:pw></domain:authInfo></domain:infData>"
    )


def registry_with(infdata: str, update: Answer | int = 1000, *, host: int = 1000, info: int = 1000) -> Answer:
    """Show a name as `infdata`, create hosts with one code, and answer its update."""

    def answer(peer: Peer, request: str) -> None:
        if "domain:info" in request:
            peer.answer(request, info, data=infdata if info == 1000 else "")
        elif "host:create" in request:
            peer.answer(request, host)
        elif isinstance(update, int):
            peer.answer(request, update)
        else:
            update(peer, request)

    return answer


def test_only_the_difference_is_sent(connect: Connect) -> None:
    """One host stays, one is new and is created first, one goes under the name that the registry gave it."""
    gateway, registry = connect(answers(registry_with(shown())))
    call = call_with()
    assert isinstance(gateway.execute(CHANGE, call), Done)
    (created,) = registry.commands("host:create")
    assert "<host:name>ns3.example.net</host:name>" in created
    (sent,) = registry.commands("domain:update")
    assert (
        "<domain:add><domain:ns><domain:hostObj>ns3.example.net</domain:hostObj></domain:ns>"
        '<domain:status s="clientHold"/></domain:add>'
        "<domain:rem><domain:ns><domain:hostObj>NS1.Example.NET</domain:hostObj></domain:ns></domain:rem>"
    ) in sent
    assert f"<clTRID>{call.client_transaction_id}</clTRID>" in sent


NOTHING_TO_DO = {
    "another order and spelling": (Update(NAME, (Nameserver("NS2.example.net."), NS1)), shown()),
    "nothing said": (Update(NAME), shown()),
    "locked already": (Update(NAME, add_statuses=REGISTRAR_LOCK), shown(*REGISTRAR_LOCK, "inactive")),
    "not locked anyway": (Update(NAME, remove_statuses=REGISTRAR_LOCK), shown("serverHold")),
    "none wanted and none there": (Update(NAME, ()), shown("inactive", ns="")),
}


@pytest.mark.parametrize(("update", "infdata"), NOTHING_TO_DO.values(), ids=NOTHING_TO_DO.keys())
def test_a_name_that_is_what_it_should_be_is_left_alone(
    connect: Connect, update: Update, infdata: str
) -> None:
    """Where nothing differs nothing is sent, and what the look showed is the evidence."""
    gateway, registry = connect(answers(registry_with(infdata)))
    outcome = gateway.execute(update, call_with(send_within=-1))
    assert isinstance(outcome, Done)
    assert "infData" in outcome.reply.transcript
    assert "planted" not in repr(outcome)
    assert registry.commands("domain:update") == registry.commands("host:create") == []


def test_a_host_inside_the_name_is_created_with_its_addresses(connect: Connect) -> None:
    """A host inside the name can exist now that the name does, and one outside gets no address from us."""
    gateway, registry = connect(answers(registry_with(shown())))
    outside = Nameserver("ns3.example.net", ("192.0.2.3",))
    assert isinstance(gateway.execute(Update(NAME, (INSIDE, outside)), call_with()), Done)
    inside, other = registry.commands("host:create")
    assert '<host:addr ip="v4">192.0.2.1</host:addr><host:addr ip="v6">2001:db8::1</host:addr>' in inside
    assert "host:addr" not in other


def test_attributes_are_removed_as_they_were_shown(connect: Connect) -> None:
    """Where name servers are attributes, no host is created, and one leaves with the addresses it had."""
    gateway, registry = connect(
        answers(registry_with(shown(ns=AS_ATTRIBUTES), 1001)), nameservers="attributes", contacts="none"
    )
    assert isinstance(gateway.execute(Update(NAME, (NS1,)), call_with()), Pending)
    assert registry.commands("host:create") == []
    (sent,) = registry.commands("domain:update")
    assert (
        "<domain:add><domain:ns><domain:hostAttr><domain:hostName>ns1.example.net</domain:hostName>" in sent
    )
    assert (
        '<domain:hostName>ns1.example.test</domain:hostName><domain:hostAddr ip="v4">192.0.2.1</domain:hostAddr>'
    ) in sent


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Nameserver("ns2.example.test"), "need an address"),
        (Nameserver("ns1.example.test", ("192.0.2.9",)), "another address"),
    ],
)
def test_a_host_that_an_update_cannot_set_right_is_explained(
    connect: Connect, wanted: Nameserver, words: str
) -> None:
    """A missing address, or another one for a host that stays, is for the customer to put right."""
    gateway, registry = connect(
        answers(registry_with(shown(ns=AS_ATTRIBUTES))), nameservers="attributes", contacts="none"
    )
    outcome = gateway.execute(Update(NAME, (wanted,)), call_with())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is Correction.NAMESERVERS
    assert words in outcome.reply.text
    assert registry.commands("domain:update") == []


# What its loss means.


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
def test_an_update_whose_answer_is_lost_is_unknown(connect: Connect, loss: Answer) -> None:
    """When the answer is lost nobody knows whether the name was changed, and we do not send it again."""
    gateway, registry = connect(answers(registry_with(shown(), loss)))
    outcome = gateway.execute(CHANGE, call_with())
    assert isinstance(outcome, Unknown)
    assert outcome.reply
    assert "domain:update" in outcome.reply.transcript
    assert "planted" not in repr(outcome)
    assert len(registry.commands("domain:update")) == 1


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("step", ["domain:info", "host:create"])
def test_what_is_lost_before_the_update_leaves_it_unsent(connect: Connect, loss: Answer, step: str) -> None:
    """When the look or a host's creation is lost, the update was not sent, and is never in doubt."""
    usual = registry_with(shown())
    gateway, registry = connect(
        answers(lambda peer, request: (loss if step in request else usual)(peer, request))
    )
    assert isinstance(gateway.execute(CHANGE, call_with()), NotSent)
    assert registry.commands("domain:update") == []


def test_an_update_is_not_sent_after_its_time(connect: Connect) -> None:
    """When the lease ran out while we looked, nothing is changed any more, and the session stays."""
    gateway, registry = connect(answers(registry_with(shown())))
    assert isinstance(gateway.execute(CHANGE, call_with(send_within=-1)), NotSent)
    assert len(registry.commands("domain:info")) == 1
    assert registry.commands("domain:update") == []
    assert isinstance(gateway.execute(CHANGE, call_with()), Done)
    assert registry.connections == 1


def test_a_repeated_update_never_repeats_a_transaction_id(connect: Connect) -> None:
    """Every command of an update has an id of its own: a registry may close the line on one it has seen."""
    gateway, registry = connect(answers(registry_with(shown())))
    for _ in range(2):
        gateway.execute(CHANGE, call_with())
    identifiers = [text.partition("<clTRID>")[2].partition("<")[0] for text in registry.commands("clTRID")]
    assert len(identifiers) == 7
    assert len(set(identifiers)) == len(identifiers)


# What is refused.

REFUSALS: dict[str, tuple[Answer, object]] = {
    "not ours": (registry_with(shown(sponsor="other", ns="")), RefusalReason.NOT_OURS),
    "hidden": (registry_with("", info=2201), RefusalReason.NOT_OURS),
    "not registered": (registry_with("", info=2303), RefusalReason.NOT_REGISTERED),
    "another name": (registry_with(shown(name="other.test")), NotSent),
    "no look": (registry_with("", info=2400), NotSent),
    "no room for a host": (registry_with(shown(), host=2308), Correction.NAMESERVERS),
    "a host that is there": (registry_with(shown(), host=2302), Done),
    "locked": (registry_with(shown(), 2304), RefusalReason.STATUS_PROHIBITS),
    "our request": (registry_with(shown(), 2001), BlockCause.REQUEST),
    "changed meanwhile": (registry_with(shown(), 2303), Unknown),
}


def end_of(outcome: Outcome) -> object:
    """Return what an outcome is about, or its kind where it says no more."""
    match outcome:
        case Refused(reason=reason):
            return reason
        case Correctable(needs=needs):
            return needs
        case Blocked(cause=cause):
            return cause
        case _:
            return type(outcome)


@pytest.mark.parametrize(("answer", "expected"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_stops_an_update(connect: Connect, answer: Answer, expected: object) -> None:
    """A change that cannot be made ends in one way, and says why."""
    gateway, registry = connect(answers(answer))
    outcome = gateway.execute(CHANGE, call_with())
    assert end_of(outcome) == expected
    assert "planted" not in repr(outcome)
    assert len(registry.commands("domain:update")) <= 1


def test_a_name_that_is_not_ours_is_not_touched(connect: Connect) -> None:
    """A registry shows a stranger no name servers; we do not take that for a name without any."""
    gateway, registry = connect(answers(registry_with(shown(sponsor="other", ns=""))))
    assert isinstance(gateway.execute(CHANGE, call_with()), Refused)
    assert registry.commands("host:create") == registry.commands("domain:update") == []


def test_a_refused_login_stops_an_update(connect: Connect) -> None:
    """Without a session nothing is looked at and nothing is changed."""

    def refuses(peer: Peer) -> None:
        peer.send(framed(greeting()))
        peer.answer(peer.read(), 2200)

    gateway, registry = connect(refuses)
    outcome = gateway.execute(CHANGE, call_with())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
    assert registry.commands("domain:info") == []
