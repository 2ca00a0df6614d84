"""What is proven when IRNIC stays silent: over real sockets, at every point where a call can break."""

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
import trustme

from registrar.commands import Expiry, Kind, Renew
from registrar.gateway import Call, CallExpiredError, Gateway, GatewayUnavailableError, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Blocked, NotSent, Unknown
from tests.adapters.irnic.conftest import Calls
from tests.adapters.irnic.scripted import (
    Request,
    Script,
    ScriptedRegistry,
    answers,
    drips,
    freezes,
    http,
    says,
    wire,
)
from tests.adapters.irnic.test_outcomes import ALLOWED, CREATE
from tests.adapters.scripted_https import server_context

NAME = DomainName("example.ir", "ir")
RENEWAL = Renew(NAME, 12, Expiry(datetime(2027, 3, 1, 20, 50, tzinfo=UTC), "2027-03-02T00:20:00"))
WHOLE = http(wire("renew.xml", client_id="ORDER-1-1"))
BODY_STARTS = WHOLE.index(b"<?xml")


def test_a_refused_connection_is_not_sent(connect: Callable[..., Gateway], call: Calls) -> None:
    """When nobody listens, the order was not sent and may be sent again."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    outcome = connect(f"https://127.0.0.1:{port}/submit").execute(RENEWAL, call())
    assert isinstance(outcome, NotSent)
    assert outcome.unreachable
    assert "ConnectionRefusedError" in outcome.reason


def test_an_unknown_authority_is_not_sent(connect: Callable[..., Gateway], call: Calls) -> None:
    """When the far side cannot prove who it is, no byte of the order reaches it."""
    impostor = ScriptedRegistry(server_context(trustme.CA()), scripts=[says(WHOLE)])
    try:
        outcome = connect(impostor.url).execute(RENEWAL, call())
    finally:
        impostor.close()
    assert isinstance(outcome, NotSent)
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.reason
    assert impostor.requests == []


def test_a_lease_that_ran_out_sends_nothing(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A worker that was frozen past its lease sends nothing when it wakes."""
    outcome = gateway.execute(RENEWAL, call(send_within=-1.0))
    assert outcome == NotSent("the lease ran out before the command was sent")
    assert registry.requests == []


@dataclass
class Turnstile:
    """A rate limit that lets so many through, and tells the rest when to come again."""

    turns: int

    def __call__(self, within: float) -> None:
        """Take a turn."""
        assert within > 0
        self.turns -= 1
        if self.turns < 0:
            raise CallExpiredError("no turn came in time", retry_after=7.5)


def _limited(call: Call, turns: int) -> Call:
    return replace(call, wait_for_turn=Turnstile(turns))


def test_every_request_takes_a_turn(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """The question about the handles and the order itself are counted by the rate limit, each by itself."""
    registry.scripts.append(ALLOWED)
    outcome = gateway.execute(CREATE, _limited(call(), 1))
    assert outcome == NotSent("no turn came in time", retry_after=7.5)
    assert len(registry.requests) == 1


def test_no_turn_is_no_fault_of_irnics(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """Without a turn nothing is sent, asked or read, and it is told when one comes."""
    outcome = gateway.execute(CREATE, _limited(call(), 0))
    assert isinstance(outcome, NotSent)
    assert (outcome.retry_after, outcome.unreachable) == (7.5, False)
    seen = gateway.look(NAME, Kind.RENEW, _limited(call(), 0))
    assert (seen.standing, seen.retry_after) == (Standing.UNKNOWN, 7.5)
    with pytest.raises(GatewayUnavailableError, match="no turn came"):
        gateway.next_message(_limited(call(), 0))
    assert registry.requests == []


def _cut_before_answering(connection: ssl.SSLSocket, _: Request, __: threading.Event) -> bool:
    del connection
    return False


def _resets(connection: ssl.SSLSocket, _: Request, __: threading.Event) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()
    return False


BREAKS: dict[str, Script] = {
    "closed without an answer": _cut_before_answering,
    "reset without an answer": _resets,
    "cut in the status line": says(b"HTTP/1.1 2"),
    "cut in the headers": says(WHOLE[: BODY_STARTS - 10]),
    "cut after the headers": says(WHOLE[:BODY_STARTS]),
    "cut in the body": says(WHOLE[:-100]),
    "cut in a body of unknown length": says(b"HTTP/1.1 200 OK\r\n\r\n" + WHOLE[BODY_STARTS:-100]),
    "malformed status line": says(b"HTTP/1.1 20018 OK\r\n\r\n" + WHOLE[BODY_STARTS:]),
    "no HTTP at all": says(b"\x00\x00\x00\x20garbage"),
    "empty body": says(http(b"")),
    "a page": says(http("<html><body>صفحه</body></html>".encode(), content_type="text/html")),
    "the night page at noon": says(http(wire("night_page.html"))),
    "XML that is no EPP": says(http(b"<html xmlns='http://www.w3.org/1999/xhtml'/>")),
    "a document type": says(
        http(b'<!DOCTYPE epp [<!ENTITY a "b">]>' + WHOLE[BODY_STARTS:].split(b"?>", 1)[1])
    ),
    "another command's answer": answers("renew.xml", client_id="ORDER-9-9"),
    "two contradicting results": says(
        http(wire("renew.xml", client_id="ORDER-1-1").replace(b"<result", b'<result code="2303"/><result', 1))
    ),
    "HTTP 500": answers("renew.xml", status="500 Internal Server Error"),
    "HTTP 502": says(http(b"<html/>", status="502 Bad Gateway")),
    "HTTP 504": says(http(b"<html/>", status="504 Gateway Timeout")),
    "HTTP 429": says(http(b"", status="429 Too Many Requests")),
    "a redirect": says(
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://127.0.0.1/elsewhere\r\nContent-Length: 0\r\n\r\n"
    ),
    "too large": says(
        http(
            wire("renew.xml", client_id="ORDER-1-1").replace(b"<response", b" " * 5_000_000 + b"<response", 1)
        )
    ),
    "too large, unpacked": says(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b" " * 5_100_000),
}


@pytest.mark.parametrize("script", BREAKS.values(), ids=BREAKS.keys())
def test_what_breaks_after_the_first_byte_is_unknown(
    script: Script, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Once a byte of the order has left, anything but IRNIC's own answer means that it may have happened."""
    registry.scripts.append(script)
    outcome = gateway.execute(RENEWAL, call())
    assert isinstance(outcome, Unknown), outcome
    assert len(registry.requests) == 1


@pytest.mark.parametrize(
    ("broken", "code"),
    [("closed without an answer", None), ("a page", None), ("HTTP 502", None), ("HTTP 429", "HTTP 429")],
)
def test_only_what_speaks_for_irnic_is_an_answer(
    broken: str, code: str | None, *, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Silence and other people's pages count as a far side that is away; being asked to slow down does not."""
    registry.scripts.append(BREAKS[broken])
    outcome = gateway.execute(RENEWAL, call())
    assert isinstance(outcome, Unknown)
    assert (outcome.reply and outcome.reply.result_code) == code


@pytest.mark.parametrize("script", BREAKS.values(), ids=BREAKS.keys())
def test_a_look_that_breaks_proves_nothing(
    script: Script, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A look that gets no answer never says that a name is free."""
    registry.scripts.append(script)
    sighting = gateway.look(NAME, Kind.RENEW, call())
    assert (sighting.standing, sighting.ours, sighting.expiry) == (Standing.UNKNOWN, None, None)
    assert sighting.reason


@pytest.mark.parametrize(
    "script",
    [freezes, drips(WHOLE), drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)],
    ids=["frozen", "dripping", "endless continues"],
)
def test_the_deadline_holds_for_the_whole_call(
    script: Script, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """An answer that never comes, or comes byte by byte, is given up when the call's time is over."""
    registry.scripts.append(script)
    limits = call(seconds=1.0)
    outcome = gateway.execute(RENEWAL, limits)
    assert isinstance(outcome, Unknown), outcome
    assert limits.remaining() == 0.0


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_refused_credentials_are_our_fault(
    status: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """When IRNIC refuses our token, no customer's order is refused: it waits until we have put it right."""
    registry.scripts.append(says(http(b"<html/>", status=status)))
    outcome = gateway.execute(RENEWAL, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
