"""What is proven when IRNIC stays silent: over real sockets, at every point where a call can break."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import trustme

from registrar.commands import Expiry, Kind, Renew
from registrar.gateway import Call, CallExpiredError, Gateway, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Blocked, NotSent, Pending, Unknown
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
    server_context,
    wire,
)

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
    assert "ConnectionRefusedError" in outcome.reason


def test_a_name_that_does_not_resolve_is_not_sent(connect: Callable[..., Gateway], call: Calls) -> None:
    """When the registry's address cannot be found, the order was not sent."""
    outcome = connect("https://irnic.invalid/submit").execute(RENEWAL, call())
    assert isinstance(outcome, NotSent)


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


def test_a_certificate_for_another_host_is_not_sent(
    authority: trustme.CA, connect: Callable[..., Gateway], call: Calls
) -> None:
    """A certificate of a known authority for another host is not good enough."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("irnic.example").configure_cert(context)
    impostor = ScriptedRegistry(context, scripts=[says(WHOLE)])
    try:
        outcome = connect(impostor.url).execute(RENEWAL, call())
    finally:
        impostor.close()
    assert isinstance(outcome, NotSent)
    assert impostor.requests == []


def test_a_handshake_that_hangs_is_not_sent(connect: Callable[..., Gateway], call: Calls) -> None:
    """A server that accepts a connection and then says nothing has not received the order."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/submit"
        outcome = connect(url, connect_timeout_seconds=0.3).execute(RENEWAL, call())
    assert isinstance(outcome, NotSent)


def test_a_lease_that_ran_out_sends_nothing(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A worker that was frozen past its lease sends nothing when it wakes."""
    outcome = gateway.execute(RENEWAL, call(send_within=-1.0))
    assert isinstance(outcome, NotSent)
    assert CallExpiredError.__name__ in outcome.reason
    assert registry.requests == []


def test_the_permit_is_asked_after_connecting(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """The lease is checked after the connection stands, right before the first byte, and not only at the start."""
    limits = call()
    asked_when_connected = []

    class Watched(Call):
        """A call that notes whether the connection stood when its permit was asked."""

        def permit(self) -> None:
            asked_when_connected.append(registry.connections)
            Call.permit(self)

    registry.scripts.append(answers("renew.xml"))
    watched = Watched(limits.client_transaction_id, limits.send_by, limits.finish_by, limits.clock)
    assert isinstance(gateway.execute(RENEWAL, watched), Pending)
    assert asked_when_connected == [1]


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
        http(wire("renew.xml", client_id="ORDER-1-1").replace(b"<response", b" " * 600_000 + b"<response", 1))
    ),
    "too large, unpacked": says(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b" " * 600_000),
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


def test_the_configured_limit_holds_within_a_longer_call(
    connect: Callable[..., Gateway], registry: ScriptedRegistry, call: Calls
) -> None:
    """The registrar's own limit ends a call that would be allowed to take longer."""
    registry.scripts.append(freezes)
    limits = call(seconds=60.0)
    outcome = connect(registry.url, call_timeout_seconds=0.4).execute(RENEWAL, limits)
    assert isinstance(outcome, Unknown), outcome
    assert limits.remaining() > 0.0


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_refused_credentials_are_our_fault(
    status: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """When IRNIC refuses our token, no customer's order is refused: it waits until we have put it right."""
    registry.scripts.append(says(http(b"<html/>", status=status)))
    outcome = gateway.execute(RENEWAL, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS


def test_a_connection_is_kept(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """Calls one after the other share a connection."""
    registry.scripts.extend([answers("renew.xml")] * 3)
    assert all(isinstance(gateway.execute(RENEWAL, call()), Pending) for _ in range(3))
    assert registry.connections == 1


def test_a_kept_connection_that_was_dropped_is_replaced_before_sending(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A connection that the registry has closed meanwhile costs no order an Unknown."""
    closed = threading.Event()

    def answers_and_closes(connection: ssl.SSLSocket, request: Request, ended: threading.Event) -> bool:
        answers("renew.xml")(connection, request, ended)
        connection.close()
        closed.set()
        return False

    registry.scripts.extend([answers_and_closes, answers("renew.xml")])
    assert isinstance(gateway.execute(RENEWAL, call()), Pending)
    assert closed.wait(5)
    assert isinstance(gateway.execute(RENEWAL, call()), Pending)
    assert registry.connections == 2


def test_a_connection_that_lay_idle_is_not_trusted(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """After a long pause a new connection is made, since something on the way may have forgotten the old one."""
    registry.scripts.extend([answers("renew.xml")] * 2)
    limits = call()
    assert isinstance(gateway.execute(RENEWAL, limits), Pending)
    later = Call("ORDER-2-1", limits.send_by + 60, limits.finish_by + 60, lambda: time.monotonic() + 60)
    assert isinstance(gateway.execute(RENEWAL, later), Pending)
    assert registry.connections == 2


def test_each_thread_has_a_connection_of_its_own(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Orders worked at the same time do not share a connection."""
    registry.scripts.extend([answers("renew.xml")] * 2)
    outcomes: list[object] = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: outcomes.append(gateway.execute(RENEWAL, call())))
        thread.start()
        thread.join(10)
    assert [type(outcome) for outcome in outcomes] == [Pending, Pending]
    assert registry.connections == 2


def test_proxies_of_the_environment_are_not_used(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable of the environment sends our token by another way."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    registry.scripts.append(answers("renew.xml"))
    assert isinstance(gateway.execute(RENEWAL, call()), Pending)
