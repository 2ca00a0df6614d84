"""Every frame waits for its turn, and what never left says so: whether the network was the reason, and when to try again."""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.registrars import epp
from registrar.commands import AnswerTransfer, Delete, Kind, Nameserver, Restore, TransferAnswer, Update
from registrar.gateway import Call, CallExpiredError, Gateway, GatewayUnavailableError, Standing
from registrar.outcomes import Done, NotSent
from tests.adapters.epp.calls import NAME, call_with, section
from tests.adapters.epp.conftest import Connect
from tests.adapters.epp.house import House
from tests.adapters.epp.scripted import Peer
from tests.adapters.epp.test_fees import RENEW
from tests.adapters.epp.test_gateway import FULL, answers, closes, later, registers, renews, server_failed

Ask = Callable[[Gateway, Call], object]

ASKS: dict[str, Ask] = {
    "register": lambda gateway, call: gateway.execute(FULL, call),
    "renew": lambda gateway, call: gateway.execute(RENEW, call),
    "restore": lambda gateway, call: gateway.execute(Restore(NAME, 0), call),
    "update": lambda gateway, call: gateway.execute(Update(NAME, (Nameserver("ns9.example.net"),)), call),
    "delete": lambda gateway, call: gateway.execute(Delete(NAME), call),
    "answer": lambda gateway, call: gateway.execute(AnswerTransfer(NAME, TransferAnswer.REJECT), call),
    "look": lambda gateway, call: gateway.look(NAME, Kind.TRANSFER, call),
    "look to register": lambda gateway, call: gateway.look(NAME, Kind.REGISTER, call),
    "message": lambda gateway, call: gateway.next_message(call),
    "acknowledgement": lambda gateway, call: gateway.acknowledge("77", call),
    "code": lambda gateway, call: gateway.auth_info(NAME, call),
    "inspection": lambda gateway, call: gateway.inspect(call),
}


class Turns:
    """A rate limit that counts, and has only so many turns to give."""

    def __init__(self, most: int = 1000) -> None:
        self.taken = 0
        self._most = most

    def wait(self, _seconds: float) -> None:
        if self.taken == self._most:
            raise CallExpiredError("no turn came in time", retry_after=7.5)
        self.taken += 1

    def call(self) -> Call:
        return replace(call_with(), wait_for_turn=self.wait)


def shows(peer: Peer, request: str) -> None:
    """Answer as a registry where the name is ours."""
    found = (
        "<domain:infData><domain:name>example.test</domain:name><domain:roid>D-1</domain:roid>"
        "<domain:clID>reseller-1</domain:clID></domain:infData>"
    )
    peer.answer(request, 1000, data=found if "domain:info" in request else "")


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_every_frame_takes_a_turn(connect: Connect, ask: Ask) -> None:
    """Under a rate limit everything we send waits for its turn, the login and every question too."""
    turns = Turns()
    gateway, registry = connect(answers(shows))
    with suppress(GatewayUnavailableError):  # not every question has an answer here; what was sent counts
        ask(gateway, turns.call())
    assert turns.taken == len(registry.received) > 0


def test_a_hello_takes_a_turn(connect: Connect) -> None:
    """Even the question whether a session is alive is counted."""
    gateway, registry = connect(answers(renews), keepalive_seconds=240)
    gateway.execute(RENEW, call_with())
    turns, call = Turns(), call_with()
    ahead = replace(
        call,
        clock=later(300),
        send_by=call.send_by + 300,
        finish_by=call.finish_by + 300,
        wait_for_turn=turns.wait,
    )
    assert isinstance(gateway.execute(RENEW, ahead), Done)
    assert (turns.taken, len(registry.commands("<hello/>"))) == (2, 1)


@pytest.mark.parametrize("most", range(4))
def test_an_order_without_a_turn_is_not_sent_and_says_when(connect: Connect, most: int) -> None:
    """An order that gets no turn in time was not sent, is nobody's outage, and tells when to try again."""
    gateway, registry = connect(answers(registers))
    outcome = gateway.execute(FULL, Turns(most).call())
    assert outcome == NotSent("no turn came in time", retry_after=7.5)
    assert registry.commands("domain:create") == []
    assert len(registry.received) == most


def test_a_session_outlives_an_order_without_a_turn(connect: Connect) -> None:
    """An order that gets no turn leaves the session as good as it was."""
    gateway, registry = connect(answers(renews))
    gateway.execute(RENEW, call_with())
    assert isinstance(gateway.execute(RENEW, Turns(0).call()), NotSent)
    assert isinstance(gateway.execute(RENEW, call_with()), Done)
    assert registry.connections == 1


def test_a_look_without_a_turn_knows_nothing_and_says_when(connect: Connect) -> None:
    """A look that gets no turn tells nothing but when it can be repeated."""
    for most in range(3):
        gateway, _registry = connect(answers(shows))
        seen = gateway.look(NAME, Kind.TRANSFER, Turns(most).call())
        assert (seen.standing, seen.retry_after) == (Standing.UNKNOWN, 7.5)


@pytest.mark.parametrize("ask", ["message", "acknowledgement", "code", "inspection"])
def test_a_read_without_a_turn_is_told(connect: Connect, ask: str) -> None:
    """A question that gets no turn is reported, and may be asked again."""
    gateway, registry = connect(answers(shows))
    with pytest.raises(GatewayUnavailableError, match="no turn") as refusal:
        ASKS[ask](gateway, Turns(0).call())
    assert refusal.value.blocked is None
    assert registry.received == []


def test_a_session_that_ended_during_the_wait_is_replaced(connect: Connect) -> None:
    """A server that closes while an order waits for its turn costs a login, and puts nothing in doubt."""
    leave, left = threading.Event(), threading.Event()

    def impatient(peer: Peer) -> None:
        peer.greet()
        renews(peer, peer.read())
        if not left.is_set() and leave.wait(10):
            peer.connection.close()
            left.set()

    def wait(_seconds: float) -> None:
        leave.set()
        assert left.wait(10)

    gateway, registry = connect(impatient)
    gateway.execute(RENEW, call_with())
    assert isinstance(gateway.execute(RENEW, replace(call_with(), wait_for_turn=wait)), Done)
    assert (registry.connections, len(registry.commands("domain:renew"))) == (2, 2)


# Whether the network was the reason.


def test_what_the_breaker_counts_is_the_network_alone(connect: Connect, ca_file: Path) -> None:
    """A registry that nobody reaches is an outage; one that answers, and our own busy sessions, are not."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    nobody = epp.make("example", section(port, ca_file))
    silent, _ = connect(lambda peer: peer._registry.wait_for_end(20))
    shut, _ = connect(lambda peer: peer.connection.close())
    cut, _ = connect(answers(closes))
    for gateway in (nobody, silent, shut, cut):
        outcome = gateway.execute(FULL, call_with(seconds=0.5))
        assert isinstance(outcome, NotSent)
        assert outcome.unreachable
    troubled, _ = connect(answers(server_failed))
    outcome = troubled.execute(FULL, call_with())
    assert isinstance(outcome, NotSent)
    assert not outcome.unreachable


def test_busy_sessions_are_no_outage(connect: Connect) -> None:
    """When all our sessions are busy the order waits, and the registry is not said to be away."""
    held, release = threading.Event(), threading.Event()

    def slow(peer: Peer, request: str) -> None:
        held.set()
        release.wait(20)
        renews(peer, request)

    gateway, _registry = connect(answers(slow), sessions=1)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(gateway.execute, RENEW, call_with())
        assert held.wait(10)
        second = gateway.execute(RENEW, call_with(seconds=0.2))
        release.set()
        assert isinstance(first.result(timeout=20), Done)
    assert isinstance(second, NotSent)
    assert not second.unreachable


def test_a_turn_that_comes_too_late_is_no_outage(connect: Connect) -> None:
    """A turn that comes when the call's time is over sends nothing, breaks no session, and blames nobody."""
    gateway, registry = connect(answers(registers))
    gateway.inspect(call_with())
    call = call_with()
    late = threading.Event()
    slow = replace(
        call,
        clock=lambda: call.finish_by + 1 if late.is_set() else call.clock(),
        wait_for_turn=lambda _seconds: late.set(),
    )
    outcome = gateway.execute(FULL, slow)
    assert outcome == NotSent("the call's time was used up")
    assert isinstance(gateway.execute(FULL, call_with()), Done)
    assert (registry.connections, len(registry.commands("contact:create"))) == (1, 1)


def test_a_lease_that_ran_out_is_no_outage(house: House) -> None:
    """An order whose lease ran out says nothing about the registry."""
    house.ready_for(Kind.RENEW)
    outcome = house.gateway().execute(RENEW, call_with(send_within=-1))
    assert isinstance(outcome, NotSent)
    assert (outcome.unreachable, outcome.retry_after) == (False, None)
