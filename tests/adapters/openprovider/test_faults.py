"""What is an order after each fault of the network? *Not sent* up to its first byte, *unknown* from there on."""

import socket
from collections.abc import Callable

import pytest

from registrar.commands import Kind
from registrar.gateway import Call, CallExpiredError, Gateway, GatewayUnavailableError, Standing
from registrar.outcomes import Blocked, NotSent, Outcome, Pending, Unknown
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import (
    Script,
    ScriptedApi,
    answers,
    drips,
    envelope,
    freezes,
    page,
    says,
    sends,
)
from tests.adapters.scripted_https import http

WHOLE = http(envelope(0, {"id": 4711, "status": "ACT"}))
FAULTS: dict[str, Script] = {
    "hangs up": says(b""),
    "hangs up in the head": says(WHOLE[:20]),
    "hangs up in the body": says(WHOLE[:-9]),
    "freezes": freezes,
    "drips": drips(WHOLE),
    "garbage": says(b"\x00\xff\xfe garbage\r\n\r\n"),
    "page 200": page("200 OK"),
    "page 500": page("500 Internal Server Error"),
    "page 502": page("502 Bad Gateway"),
    "page 403": page("403 Forbidden"),
    "page 429": page("429 Too Many Requests"),
    "empty": sends(http(b"")),
    "not an object": sends(http(b"[]")),
    "no code": sends(http(b'{"data": {"id": 1, "status": "ACT"}}')),
    "code as text": sends(http(b'{"code": "0", "data": {"id": 1, "status": "ACT"}}')),
    "code true": sends(http(b'{"code": false, "data": {"id": 1, "status": "ACT"}}')),
    "cut JSON": sends(http(envelope(0, {"id": 1, "status": "ACT"})[:-5])),
    "deep JSON": sends(http(b"[" * 200_000)),
    "no data": sends(http(envelope(0, None))),
    "data as text": sends(http(envelope(0, "ACT"))),
    "redirect": sends(b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"),
    "enormous": says(http(b" " * 9_000_000)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_order_that_left_and_got_no_clear_answer_is_unknown(
    gateway: Gateway, api: ScriptedApi, call: Calls, fault: str
) -> None:
    """Once an order's first byte has left, nothing but Openprovider's own clear answer ends it, and it left once."""
    api.on("POST /domains", FAULTS[fault])
    outcome = gateway.execute(house.register(), call(seconds=1.0 if fault in {"freezes", "drips"} else 8.0))
    assert isinstance(outcome, Unknown)
    assert len(api.asked("POST /domains")) == 1


@pytest.mark.parametrize("fault", sorted({*FAULTS} - {"no data", "data as text"}))
def test_without_an_envelope_there_is_no_result_code(
    gateway: Gateway, api: ScriptedApi, call: Calls, fault: str
) -> None:
    """The breaker can tell silence and pages from an answer of Openprovider's own."""
    api.on("POST /domains", FAULTS[fault])
    outcome = gateway.execute(house.register(), call(seconds=1.0 if fault in {"freezes", "drips"} else 8.0))
    assert isinstance(outcome, Unknown)
    assert outcome.reply is not None
    assert outcome.reply.result_code is None


@pytest.mark.parametrize("fault", FAULTS)
def test_a_look_that_got_no_clear_answer_knows_nothing(
    gateway: Gateway, api: ScriptedApi, call: Calls, fault: str
) -> None:
    """Silence about a name is never taken for its absence."""
    api.on("GET /domains", FAULTS[fault])
    sighting = gateway.look(
        house.NAME, Kind.REGISTER, call(seconds=1.0 if fault in {"freezes", "drips"} else 8.0)
    )
    assert sighting.standing is Standing.UNKNOWN
    assert sighting.reason


@pytest.mark.parametrize("fault", ["hangs up", "freezes", "page 502", "garbage"])
def test_a_fault_before_the_order_leaves_it_unsent(
    gateway: Gateway, api: ScriptedApi, call: Calls, fault: str
) -> None:
    """A question that comes before an order may fail without putting the order in doubt."""
    api.on("GET /domains", FAULTS[fault])
    outcome = gateway.execute(house.renew(), call(seconds=1.0))
    assert isinstance(outcome, NotSent)
    assert outcome.unreachable
    assert api.asked("POST /domains/#/renew") == []


def test_nobody_listening_is_not_sent(connect: Callable[..., Gateway], call: Calls) -> None:
    """Where nobody listens, the order has provably not left."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = connect(f"https://127.0.0.1:{port}/v1beta").execute(house.register(), call())
    assert isinstance(outcome, NotSent)
    assert outcome.unreachable


def test_a_stranger_behind_the_address_gets_neither_password_nor_order(
    connect: Callable[..., Gateway], api: ScriptedApi, call: Calls
) -> None:
    """A server that cannot prove who it is receives nothing."""
    outcome = connect(api.url, ca_file=None).execute(house.register(), call())
    assert isinstance(outcome, NotSent)
    assert outcome.unreachable
    assert api.requests == []


def test_a_lease_that_ran_out_sends_nothing(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A worker that was frozen too long does not send late."""
    house.has_not(api)
    gateway.look(house.NAME, Kind.REGISTER, call())
    outcome = gateway.execute(house.register(), call(send_within=-1.0))
    assert isinstance(outcome, NotSent)
    assert api.asked("POST /domains") == []


def test_a_turn_that_does_not_come_is_told_with_its_time(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """Under the rate limit an order waits, and says for how long."""

    def no_turn(_: float) -> None:
        raise CallExpiredError("no turn under the rate limit", retry_after=7.0)

    limits = call()
    waiting = Call("ORDER-1-1", limits.send_by, limits.finish_by, limits.clock, no_turn)
    outcome = gateway.execute(house.register(), waiting)
    assert outcome == NotSent("no login: no turn under the rate limit", retry_after=7.0)
    assert gateway.look(house.NAME, Kind.REGISTER, waiting).retry_after == 7.0
    with pytest.raises(GatewayUnavailableError):
        gateway.deposit(waiting)
    assert api.requests == []


def test_all_questions_of_a_call_share_one_limit(
    connect: Callable[..., Gateway], api: ScriptedApi, call: Calls
) -> None:
    """A slow platform cannot hold an order for the limit times the number of questions."""
    api.on("GET /domains", freezes)
    slow = connect(api.url, connect_timeout_seconds=0.3, call_timeout_seconds=0.5)
    limits = call(seconds=8.0)
    assert isinstance(slow.execute(house.renew(), limits), NotSent)
    assert limits.remaining() > 4


def outcome_of(gateway: Gateway, api: ScriptedApi, call: Call, read_back: Script) -> Outcome:
    """Renew the name, and let the read after it be answered so."""
    house.has(api, house.details())
    api.on("GET /domains/#", answers(house.details()), read_back)
    api.on("POST /domains/#/renew", answers({"status": "ACT"}))
    return gateway.execute(house.renew(), call)


@pytest.mark.parametrize("fault", ["hangs up", "page 502", "no data", "garbage"])
def test_a_renewal_that_cannot_be_read_back_is_followed(
    gateway: Gateway, api: ScriptedApi, call: Calls, fault: str
) -> None:
    """An accepted renewal stays accepted when the look after it fails; it is not called done."""
    assert isinstance(outcome_of(gateway, api, call(), FAULTS[fault]), Pending)


def test_what_is_not_declared_is_not_sent(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A renewal of a name that is with somebody else has no words here, so nothing is sent."""
    assert isinstance(gateway.execute(house.renew(elsewhere=True), call()), Blocked)
    assert api.requests == []
