"""What is proven when the network fails: sent or not sent, and when nobody can know."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from registrar.commands import Kind
from registrar.gateway import CallExpiredError, Gateway, GatewayUnavailableError, Standing
from registrar.outcomes import BlockCause, Blocked, NotSent, Pending, Unknown
from tests.adapters.opensrs.conftest import Calls
from tests.adapters.opensrs.house import (
    COMMANDS,
    NAME,
    NOT_OURS,
    REGISTER,
    RENEW,
    SENT_AS,
    TAKEN,
    Priced,
    all_info,
)
from tests.adapters.opensrs.scripted import (
    Script,
    ScriptedRegistrar,
    answers,
    drips,
    freezes,
    http,
    reply,
    says,
    stays,
)

GOOD = reply(200, "ok", id="3500001")
FAULTS: dict[str, Script] = {
    "hangs up": says(b""),
    "freezes": freezes,
    "drips": drips(http(GOOD)),
    "hangs up in the head": says(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "hangs up in the body": says(http(GOOD)[:-30]),
    "garbage": says(b"\x00\x01\x02garbage\r\n\r\n"),
    "an empty body": says(http(b"")),
    "a page": says(http(b"<html><br>down</html>", content_type="text/html")),
    "a 500": says(http(b"oops", status="500 Internal Server Error")),
    "a 500 with an envelope": says(http(GOOD, status="500 Internal Server Error")),
    "a 503": says(http(GOOD, status="503 Service Unavailable")),
    "a redirect": says(b"HTTP/1.1 302 Found\r\nLocation: https://example.test/\r\nContent-Length: 0\r\n\r\n"),
    "half an envelope": says(http(GOOD[:-40])),
    "too much": says(http(b"<OPS_envelope>" + b" " * 3_000_000)),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_command_without_a_clear_answer_may_have_been_carried_out(
    fault: Script, command: Priced, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """When the answer to an order is lost, nobody says that it failed, and it is sent once only."""
    sent_as = SENT_AS[command.kind.value]
    opensrs.on(sent_as, fault)
    outcome = gateway.execute(command, call(seconds=1.0))
    assert isinstance(outcome, Unknown)
    assert outcome.reply is not None
    assert outcome.reply.result_code is None
    assert opensrs.asked.count(sent_as) == 1


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_question_without_an_answer_holds_the_command_back(
    fault: Script, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """What fails before the order itself is sent is no danger: the order was not sent."""
    opensrs.on("GET_ORDERS_BY_DOMAIN", fault)
    outcome = gateway.execute(RENEW, call(seconds=1.0))
    assert isinstance(outcome, NotSent)
    assert "RENEW" not in opensrs.asked


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_look_without_an_answer_is_unknown(
    fault: Script, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """Silence never makes a name free."""
    opensrs.on("GET all_info", fault)
    sighting = gateway.look(NAME, Kind.REGISTER, call(seconds=1.0))
    assert sighting.standing is Standing.UNKNOWN
    assert sighting.reason


def test_nobody_there_is_not_sent(connect: Callable[..., Gateway], call: Calls) -> None:
    """A registrar that cannot be reached has not received anything."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    away = connect(f"https://127.0.0.1:{port}/")
    outcome = away.execute(RENEW, call())
    assert isinstance(outcome, NotSent)
    assert outcome.unreachable
    assert away.look(NAME, Kind.RENEW, call()).standing is Standing.UNKNOWN
    with pytest.raises(GatewayUnavailableError):
        away.deposit(call())


def test_the_certificate_is_verified(
    connect: Callable[..., Gateway], opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A registrar whose certificate nobody vouches for is told nothing."""
    outcome = connect(opensrs.url, ca_file=None).execute(RENEW, call())
    assert isinstance(outcome, NotSent)
    assert outcome.unreachable
    assert opensrs.requests == []


def test_an_order_whose_lease_ran_out_is_not_sent(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A worker that woke up too late asks its questions, and sends nothing."""
    outcome = gateway.execute(RENEW, call(send_within=-1.0))
    assert isinstance(outcome, NotSent)
    assert not outcome.unreachable
    assert "RENEW" not in opensrs.asked


def test_every_request_waits_for_its_turn(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """The registrar's rate limit counts questions and orders alike."""
    turns: list[float] = []
    opensrs.on("RENEW", answers(200, order_id="3500001"))
    opensrs.on("GET all_info", all_info())
    gateway.execute(RENEW, call(turns=turns.append))
    assert len(turns) == len(opensrs.requests) == 3


def test_no_turn_means_not_sent(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """Where no turn comes in time nothing is sent, and it is known when one would have come."""

    def none(_: float) -> None:
        raise CallExpiredError("no turn in time", retry_after=7.0)

    outcome = gateway.execute(RENEW, call(turns=none))
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after == 7.0
    assert not outcome.unreachable
    sighting = gateway.look(NAME, Kind.RENEW, call(turns=none))
    assert sighting.standing is Standing.UNKNOWN
    assert sighting.retry_after == 7.0
    with pytest.raises(GatewayUnavailableError):
        gateway.deposit(call(turns=none))
    assert opensrs.requests == []


REFUSED: dict[str, Script] = {
    "by HTTP": stays(http(b"", status="401 Unauthorized")),
    "by code": answers(401, "Authentication error"),
    "by address": answers(400, "Access denied: invalid IP"),
}


@pytest.mark.parametrize("script", REFUSED.values(), ids=REFUSED.keys())
def test_refused_credentials_are_our_own_fault(
    script: Script, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """When OpenSRS refuses our key or address, the order waits for us, whatever was asked."""
    opensrs.on("RENEW", script)
    opensrs.on("GET all_info", script)
    opensrs.on("GET_BALANCE", script)
    outcome = gateway.execute(RENEW, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
    sighting = gateway.look(NAME, Kind.RENEW, call())
    assert (sighting.standing, sighting.blocked) == (Standing.UNKNOWN, BlockCause.CREDENTIALS)
    with pytest.raises(GatewayUnavailableError) as refused:
        gateway.deposit(call())
    assert refused.value.blocked is BlockCause.CREDENTIALS


def test_refused_credentials_hold_a_command_back(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """Where a question before the order is refused for our key, the order is not tried."""
    opensrs.on("GET_ORDERS_BY_DOMAIN", REFUSED["by HTTP"])
    outcome = gateway.execute(REGISTER, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS


def test_two_threads_share_a_gateway(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """Two workers speak at once through one gateway, and each gets its own answer."""
    opensrs.on("SW_REGISTER", answers(250, id="3500001"))
    opensrs.on("GET all_info", NOT_OURS)
    opensrs.on("LOOKUP", TAKEN)

    def one(number: int) -> bool:
        if number % 2:
            return isinstance(gateway.execute(REGISTER, call()), Pending)
        return gateway.look(NAME, Kind.RESTORE, call()).standing is Standing.REGISTERED

    with ThreadPoolExecutor(2) as threads:
        assert all(threads.map(one, range(12)))
