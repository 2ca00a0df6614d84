"""What of the registry's messages a person must hear: names that others ask for, claims, outages, money; and damaged ones."""

import re

import pytest

from adapters.registrars.epp.messages import head_of_queue
from registrar.commands import Kind, Transfer
from registrar.gateway import Away, Gateway, GatewayUnavailableError, Progress, RegistrarMessage
from registrar.outcomes import Pending
from registrar.secrets import Secret
from tests.adapters.epp.calls import NAME, call_with
from tests.adapters.epp.conftest import Connect
from tests.adapters.epp.house import AUTH_CODE, ENDS, House
from tests.adapters.epp.scripted import Peer, framed, response, transaction_id
from tests.adapters.epp.test_against_sandbox import messages, until
from tests.adapters.epp.test_reading import OURS, QUEUE, exchange, transfer


def message(*, data: str = "", extension: str = "") -> RegistrarMessage:
    text = response(1301, transaction_id="T", queue=QUEUE, data=data, extension=extension)
    read = head_of_queue(exchange(text), OURS)
    assert read
    return read


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("pending", "other asks for example.test: approve or reject it until None, or the registry decides"),
        ("serverApproved", "example.test left us for other (serverApproved, None)"),
        ("clientApproved", "example.test left us for other (clientApproved, None)"),
        ("clientRejected", "example.test stays with us: what other asked for has ended (clientRejected)"),
        ("clientCancelled", "example.test stays with us: what other asked for has ended (clientCancelled)"),
        ("serverCancelled", "example.test stays with us: what other asked for has ended (serverCancelled)"),
        ("unheard", None),
    ],
)
def test_a_name_that_others_ask_for_is_told(status: str, words: str | None) -> None:
    """Staff hear who asks for a customer's name, until when it can be refused, and how it ended."""
    assert message(data=transfer(status, "other")).attention == words
    assert message(data=transfer(status)).attention is None


@pytest.mark.parametrize(
    ("status", "away"),
    [
        ("pending", Away.ASKED),
        ("serverApproved", Away.LEFT),
        ("clientApproved", Away.LEFT),
        ("clientRejected", Away.STAYS),
        ("clientCancelled", Away.STAYS),
        ("serverCancelled", Away.STAYS),
        ("unheard", None),
    ],
)
def test_a_message_says_how_a_transfer_away_stands(status: str, away: Away | None) -> None:
    """What another registrar asks for is told apart from what we asked for, and its end from its beginning (D7)."""
    assert message(data=transfer(status, "other")).away is away
    assert message(data=transfer(status)).away is None
    assert message().away is None


CHANGE = (
    '<c:changeData xmlns:c="urn:ietf:params:xml:ns:changePoll-1.0"{state}><c:operation{op}>{operation}</c:operation>'
    "<c:date>2026-03-01T00:00:00Z</c:date><c:svTRID>SV-9</c:svTRID><c:who>{who}</c:who>{case}{reason}</c:changeData>"
)
NAMED = (
    "<domain:infData><domain:name>example.test</domain:name><domain:roid>D-1</domain:roid></domain:infData>"
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"case": '<c:caseId type="udrp">D2026-0001</c:caseId>', "reason": "<c:reason>Claim</c:reason>"},
            "a UDRP case D2026-0001: example.test changed by the registry (update), by Registry Operator, because Claim",
        ),
        (
            {"case": '<c:caseId type="urs">F1</c:caseId>'},
            "a URS case F1: example.test changed by the registry (update), by Registry Operator",
        ),
        (
            {"case": '<c:caseId type="custom" name="court">C1</c:caseId>'},
            "example.test changed by the registry (update), by Registry Operator",
        ),
        (
            {"operation": "autoRenew", "state": ' state="after"'},
            "example.test changed by the registry (renewed by itself), by Registry Operator",
        ),
        (
            {"state": ' state="before"', "operation": "delete"},
            "example.test before a change by the registry (delete), by Registry Operator",
        ),
    ],
)
def test_what_the_registry_changes_is_told(change: dict[str, str], words: str) -> None:
    """Staff hear what the registry did to a name, who asked for it and why, a claim before all else (RFC 8590)."""
    parts = {
        "state": "",
        "op": "",
        "operation": "update",
        "who": "Registry Operator",
        "case": "",
        "reason": "",
    }
    assert message(data=NAMED, extension=CHANGE.format(**{**parts, **change})).attention == words


MAINTENANCE = (
    '<m:infData xmlns:m="urn:ietf:params:xml:ns:epp:maintenance-1.0"><m:item><m:id>1</m:id>{kind}'
    "<m:systems><m:system><m:name>EPP</m:name><m:impact>full</m:impact></m:system></m:systems>"
    '<m:environment type="production"/><m:start>2026-04-30T06:00:00Z</m:start>{end}</m:item></m:infData>'
)
END = "<m:end>2026-04-30T07:00:00Z</m:end>"


@pytest.mark.parametrize(
    ("kind", "end", "words"),
    [
        ("", END, "maintenance announced (create): 2026-04-30T06:00:00Z to 2026-04-30T07:00:00Z (EPP)"),
        (
            "<m:pollType>delete</m:pollType>",
            "",
            "maintenance announced (delete): 2026-04-30T06:00:00Z to no end told (EPP)",
        ),
    ],
)
def test_an_outage_is_announced(kind: str, end: str, words: str) -> None:
    """Staff hear when a registry will be away (RFC 9167)."""
    assert message(data=MAINTENANCE.format(kind=kind, end=end)).attention == words


@pytest.mark.parametrize(
    "data",
    [
        (
            '<l:pollData xmlns:l="http://www.verisign.com/epp/lowbalance-poll-1.0"><l:creditLimit>1000</l:creditLimit>'
            "<l:availableCredit>12.50</l:availableCredit></l:pollData>"
        ),
        '<f:lowCreditData xmlns:f="urn:example:fred"><f:zone>test</f:zone><f:credit>12.50</f:credit></f:lowCreditData>',
    ],
)
def test_a_low_balance_is_told(data: str) -> None:
    """Staff hear when a registry says that our money runs out, in whichever of the known ways."""
    told = message(data=data).attention
    assert told
    assert told.startswith("our balance at the registry is low: ")
    assert re.search(r"[cC]redit 12\.50$", told)


def test_an_ordinary_message_needs_nobody() -> None:
    """A message that holds nothing of that kind is stored, and nobody is called."""
    assert message().attention is None
    assert message(data=NAMED).attention is None


# A message that nobody can read.

BROKEN = '<msgQ count="2" id="77"><qDate>2026-03-01T00:00:00Z</qDate><msg>Smith {}</msg></msgQ>'
DECISION = (
    '<domain:panData><domain:name paResult="1">example.test</domain:name><domain:paTRID><clTRID>order-7</clTRID>'
    "<svTRID>SV-0</svTRID></domain:paTRID></domain:panData>"
)


SOMEBODY_ELSES = response(1301, transaction_id="another", queue=BROKEN.format("& Sons"))
DAMAGES = ["& Sons <renewed", "<b>& Sons", "</b> odd", "<b c=> d", "\x01", "<!-- never closed", "<msgQ>"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_message_does_not_stop_the_queue(connect: Connect, damage: str) -> None:
    """A message that is no well-formed XML is kept as it came, decides nothing, and is taken off the queue by its id."""
    waiting = [BROKEN.format(damage), QUEUE.replace("77", "78")]

    def polls(peer: Peer) -> None:
        peer.greet()
        while True:
            request = peer.read()
            if 'op="ack"' in request:
                waiting.pop(0)
                peer.answer(request, 1000)
            else:
                text = response(1301, transaction_id=transaction_id(request), queue=waiting[0], data=DECISION)
                peer.send(framed(text))

    gateway, registry = connect(polls)
    first = gateway.next_message(call_with())
    assert first
    assert (first.message_id, first.kind, first.progress) == ("77", None, None)
    assert first.client_transaction_id is None
    assert (
        first.attention
        == "a message of the registry's queue is no well-formed XML: read it in its transcript"
    )
    assert "msgQ" in first.transcript
    gateway.acknowledge(first.message_id, call_with())
    second = gateway.next_message(call_with())
    assert second
    assert (second.message_id, second.progress, second.attention) == ("78", Progress.APPROVED, None)
    assert registry.connections == 1


@pytest.mark.parametrize(
    "rubbish", ["", "\x00\x01", "<html><body>502</body></html>", "<!DOCTYPE epp><epp/>", SOMEBODY_ELSES]
)
def test_what_is_no_message_at_all_is_not_read_leniently(connect: Connect, rubbish: str) -> None:
    """Leniency ends where the answer is none of the registry's: a page, a document of another kind, nothing."""

    def script(peer: Peer) -> None:
        peer.greet()
        peer.read()
        peer.send(framed(rubbish + " "))

    gateway, _registry = connect(script)
    with pytest.raises(GatewayUnavailableError):
        gateway.next_message(call_with())


def test_a_damaged_answer_to_an_order_is_still_no_answer(connect: Connect) -> None:
    """Only the queue is read leniently: of an order, a damaged answer leaves everything in doubt."""

    def script(peer: Peer) -> None:
        peer.greet()
        request = peer.read()
        peer.send(
            framed(response(1001, transaction_id=transaction_id(request)).replace("words", "Smith & Sons"))
        )

    gateway, _registry = connect(script)
    outcome = gateway.execute(Transfer(NAME, 12, Secret(AUTH_CODE)), call_with())
    assert not isinstance(outcome, Pending)


# At the sandbox registrar.


def queued(house: House, kind: str, **body: str) -> None:
    with house.books.page() as page:
        page.queue_message(kind, "words", name=NAME.ascii, body=body)


def test_a_transfer_away_is_told_from_beginning_to_end(house: House) -> None:
    """Staff hear that another registrar asks for a name, and then that it has left."""
    house.books.add_domain(NAME.ascii, expires_at=ENDS, auth_info=AUTH_CODE)
    gateway, other = house.gateway(), house.gateway(username="other")
    assert isinstance(other.execute(Transfer(NAME, 12, Secret(AUTH_CODE)), call_with()), Pending)
    (asked,) = messages(gateway)
    assert asked.attention
    assert asked.attention.startswith("other asks for example.test: approve or reject it until 20")
    assert (asked.kind, asked.progress) == (None, None)
    house.books.approve(NAME.ascii)
    until(lambda: gateway.look(NAME, Kind.RENEW, call_with()).ours is False)
    (left,) = messages(gateway)
    assert left.attention
    assert "left us for other" in left.attention
    assert [told.attention for told in messages(other)] == [None]


def test_claims_outages_and_balances_reach_staff(house: House) -> None:
    """What the registry tells by message is told to staff, where the registry has the words for it."""
    queued(
        house,
        "changePoll",
        operation="update",
        who="URS Admin",
        case="F26-1",
        case_type="urs",
        reason="URS Lock",
    )
    queued(house, "maintenance", start="2026-04-30T06:00:00Z", end="2026-04-30T07:00:00Z")
    queued(house, "lowBalance", credit="5.00", limit="100.00")
    claim, outage, money = told(house.gateway())
    if "urn:ietf:params:xml:ns:changePoll-1.0" in house.dialect.extensions:
        assert (
            claim
            == "a URS case F26-1: example.test changed by the registry (update), by URS Admin, because URS Lock"
        )
    assert outage == "maintenance announced (create): 2026-04-30T06:00:00Z to 2026-04-30T07:00:00Z (EPP)"
    assert money == (
        "our balance at the registry is low: "
        "registrarName reseller, creditLimit 100.00, creditThreshold 100.00, availableCredit 5.00"
    )


def told(gateway: Gateway) -> list[str | None]:
    return [read.attention for read in messages(gateway)]
