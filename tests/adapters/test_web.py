"""What is proven when a registrar stays silent: over real sockets, at every point where a conversation can break."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme

from adapters.registrars.web import Answered, Silent, Unsent, WebRequest, Wire
from registrar.gateway import Call, CallExpiredError
from tests.adapters.logicboxes.scripted import (
    Request,
    Script,
    ScriptedRegistrar,
    answers,
    closes,
    drips,
    freezes,
    resets,
    says,
)
from tests.adapters.scripted_https import http, server_context

WHOLE = http(b'{"status":"Success"}' * 20)
BODY_STARTS = WHOLE.index(b"{")
KEY = "planted key-c0ffee"
QUOTED = quote(KEY)

Conversation = Callable[..., Wire]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def registrar(authority: trustme.CA) -> Iterator[ScriptedRegistrar]:
    running = ScriptedRegistrar(server_context(authority))
    yield running
    running.close()


@pytest.fixture
def converse(authority: trustme.CA, tmp_path: Path) -> Iterator[Conversation]:
    """Make wires that trust the tests' authority; they are closed afterwards."""
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    made: list[Wire] = []

    def make(*, connect_timeout: float = 5.0, call_timeout: float = 8.0, max_body_bytes: int = 5_000) -> Wire:
        made.append(
            Wire(
                ca_file=ca_file,
                connect_timeout=connect_timeout,
                call_timeout=call_timeout,
                max_body_bytes=max_body_bytes,
            )
        )
        return made[-1]

    yield make
    for wire in made:
        wire.close()


@pytest.fixture
def wire(converse: Conversation) -> Wire:
    return converse()


def a_call(*, seconds: float = 8.0, send_within: float | None = None) -> Call:
    now = time.monotonic()
    return Call(
        "ORDER-1-1", now + (seconds if send_within is None else send_within), now + seconds, time.monotonic
    )


def order(url: str) -> WebRequest:
    return WebRequest("POST", f"{url}/domains/renew.json", b"years=1", {"Content-Type": "text/plain"})


def question(url: str) -> WebRequest:
    return WebRequest("GET", f"{url}/domains/orderid.json?api-key={QUOTED}&domain-name=example.com")


def test_a_request_arrives_as_it_was_written(wire: Wire, registrar: ScriptedRegistrar) -> None:
    """Body, query and headers reach the registrar byte for byte, and the whole answer comes back."""
    registrar.scripts += [answers(12345), answers("Success", status="500 Internal Server Error")]
    asked = wire.send(question(registrar.url), a_call(), spends=False)
    sent = wire.send(order(registrar.url), a_call(), spends=True)
    assert isinstance(asked, Answered)
    assert isinstance(sent, Answered)
    assert (asked.status, asked.body, asked.headers["content-type"]) == (200, b"12345", "application/json")
    assert (sent.status, sent.body) == (500, b'"Success"')
    assert (
        registrar.requests[0].target == f"/api/domains/orderid.json?api-key={QUOTED}&domain-name=example.com"
    )
    assert registrar.requests[1].body == b"years=1"
    assert "Content-Type: text/plain" in registrar.requests[1].head


def test_a_refused_connection_is_unsent(wire: Wire) -> None:
    """When nobody listens, the order was not sent and may be sent again."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    said = wire.send(order(f"https://127.0.0.1:{port}"), a_call(), spends=True)
    assert isinstance(said, Unsent)
    assert said.unreachable
    assert "ConnectionRefusedError" in said.reason


def test_a_name_that_does_not_resolve_is_unsent(wire: Wire) -> None:
    """When the registrar's address cannot be found, the order was not sent."""
    said = wire.send(order("https://registrar.invalid"), a_call(), spends=True)
    assert isinstance(said, Unsent)
    assert said.unreachable


def test_nothing_goes_out_without_tls(wire: Wire, registrar: ScriptedRegistrar) -> None:
    """An address that is not HTTPS is never spoken to."""
    plain = registrar.url.replace("https:", "http:")
    assert isinstance(wire.send(order(plain), a_call(), spends=True), Unsent)
    assert registrar.connections == 0


def test_an_unknown_authority_is_unsent(wire: Wire) -> None:
    """When the far side cannot prove who it is, no byte of the order reaches it."""
    impostor = ScriptedRegistrar(server_context(trustme.CA()), scripts=[says(WHOLE)])
    try:
        said = wire.send(order(impostor.url), a_call(), spends=True)
    finally:
        impostor.close()
    assert isinstance(said, Unsent)
    assert "CERTIFICATE_VERIFY_FAILED" in said.reason
    assert impostor.requests == []


def test_a_certificate_for_another_host_is_unsent(authority: trustme.CA, wire: Wire) -> None:
    """A certificate of a known authority for another host is not good enough."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("registrar.example").configure_cert(context)
    impostor = ScriptedRegistrar(context, scripts=[says(WHOLE)])
    try:
        said = wire.send(order(impostor.url), a_call(), spends=True)
    finally:
        impostor.close()
    assert isinstance(said, Unsent)
    assert impostor.requests == []


def test_a_handshake_that_hangs_is_unsent(converse: Conversation) -> None:
    """A server that accepts a connection and then says nothing has not received the order."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}"
        said = converse(connect_timeout=0.3).send(order(url), a_call(), spends=True)
    assert isinstance(said, Unsent)
    assert said.unreachable


def test_a_lease_that_ran_out_sends_nothing(wire: Wire, registrar: ScriptedRegistrar) -> None:
    """A worker that was frozen past its lease sends no order when it wakes, and the network is not blamed."""
    said = wire.send(order(registrar.url), a_call(send_within=-1.0), spends=True)
    assert said == Unsent("the lease ran out before the command was sent")
    assert registrar.requests == []


def test_a_question_needs_no_lease(wire: Wire, registrar: ScriptedRegistrar) -> None:
    """What spends nothing may still be asked when the order may not be sent any more."""
    registrar.scripts.append(answers(True))
    assert isinstance(wire.send(question(registrar.url), a_call(send_within=-1.0), spends=False), Answered)


def test_a_call_that_is_over_sends_nothing(wire: Wire, registrar: ScriptedRegistrar) -> None:
    """A question asked after the call's end does not even connect."""
    said = wire.send(question(registrar.url), a_call(seconds=-1.0), spends=False)
    assert isinstance(said, Unsent)
    assert not said.unreachable
    assert registrar.connections == 0


@pytest.mark.parametrize("spends", [True, False])
def test_no_turn_sends_nothing(spends: bool, wire: Wire, registrar: ScriptedRegistrar) -> None:
    """Where the rate limit gives no turn, nothing is sent, and it is known when to come again."""

    def full(_: float) -> None:
        raise CallExpiredError("no turn within the call", retry_after=30.0)

    now = time.monotonic()
    limits = Call("ORDER-1-1", now + 8, now + 8, time.monotonic, full)
    assert wire.send(order(registrar.url), limits, spends=spends) == Unsent(
        "no turn within the call", retry_after=30.0
    )
    assert registrar.connections == 0


def test_the_permit_is_asked_after_the_turn_and_after_connecting(
    wire: Wire, registrar: ScriptedRegistrar
) -> None:
    """The lease is checked when the turn has come and the connection stands, right before the first byte."""
    happened: list[object] = []

    class Watched(Call):
        """A call that notes what was asked, and whether the connection stood."""

        def permit(self) -> None:
            happened.append(("permit", registrar.connections))
            Call.permit(self)

    registrar.scripts.append(answers(True))
    now = time.monotonic()
    watched = Watched("ORDER-1-1", now + 8, now + 8, time.monotonic, lambda _: happened.append("turn"))
    assert isinstance(wire.send(order(registrar.url), watched, spends=True), Answered)
    assert happened == ["turn", ("permit", 1)]


BREAKS: dict[str, Script] = {
    "closed without an answer": closes,
    "reset without an answer": resets,
    "cut in the status line": says(b"HTTP/1.1 2"),
    "cut in the headers": says(WHOLE[: BODY_STARTS - 10]),
    "cut after the headers": says(WHOLE[:BODY_STARTS]),
    "cut in the body": says(WHOLE[:-10]),
    "malformed status line": says(b"HTTP/1.1 20018 OK\r\n\r\n" + WHOLE[BODY_STARTS:]),
    "no HTTP at all": says(b"\x00\x00\x00\x20garbage"),
    "too large": says(http(b" " * 6_000)),
    "too large and cut": says(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b" " * 6_000),
}


@pytest.mark.parametrize("script", BREAKS.values(), ids=BREAKS.keys())
def test_what_breaks_after_the_first_byte_is_silence(
    script: Script, wire: Wire, registrar: ScriptedRegistrar
) -> None:
    """Once a byte of the order has left, anything but a whole answer means that it may have happened."""
    registrar.scripts.append(script)
    said = wire.send(order(registrar.url), a_call(), spends=True)
    assert isinstance(said, Silent), said
    assert len(registrar.requests) == 1


@pytest.mark.parametrize("script", BREAKS.values(), ids=BREAKS.keys())
def test_a_conversation_goes_on_after_a_break(
    script: Script, wire: Wire, registrar: ScriptedRegistrar
) -> None:
    """The next request gets a connection of its own and its own answer."""
    registrar.scripts += [script, answers(7)]
    wire.send(order(registrar.url), a_call(), spends=True)
    said = wire.send(question(registrar.url), a_call(), spends=False)
    assert isinstance(said, Answered), said
    assert said.body == b"7"


@pytest.mark.parametrize("status", ["307 Temporary Redirect", "302 Found"])
def test_no_redirect_is_followed(status: str, wire: Wire, registrar: ScriptedRegistrar) -> None:
    """An order goes where it was sent and nowhere else; where it was pointed to is not asked."""
    location = f"Location: {registrar.url}/elsewhere\r\nContent-Length: 0\r\n\r\n"
    registrar.scripts.append(says(f"HTTP/1.1 {status}\r\n{location}".encode()))
    said = wire.send(order(registrar.url), a_call(), spends=True)
    assert isinstance(said, Answered)
    assert said.status in {302, 307}
    assert len(registrar.requests) == 1


@pytest.mark.parametrize(
    "script",
    [freezes, drips(WHOLE), drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)],
    ids=["frozen", "dripping", "endless continues"],
)
def test_the_deadline_holds_for_the_whole_call(
    script: Script, wire: Wire, registrar: ScriptedRegistrar
) -> None:
    """An answer that never comes, or comes byte by byte, is given up when the call's time is over."""
    registrar.scripts.append(script)
    limits = a_call(seconds=1.0)
    said = wire.send(order(registrar.url), limits, spends=True)
    assert isinstance(said, Silent), said
    assert limits.remaining() == 0.0


def test_the_configured_limit_holds_within_a_longer_call(
    converse: Conversation, registrar: ScriptedRegistrar
) -> None:
    """The registrar's own limit ends a call that would be allowed to take longer."""
    registrar.scripts.append(freezes)
    limits = a_call(seconds=60.0)
    assert isinstance(converse(call_timeout=0.4).send(order(registrar.url), limits, spends=True), Silent)
    assert limits.remaining() > 0.0


def test_a_connection_is_kept(wire: Wire, registrar: ScriptedRegistrar) -> None:
    """Requests one after the other share a connection."""
    registrar.scripts += [answers(1)] * 3
    assert all(isinstance(wire.send(order(registrar.url), a_call(), spends=True), Answered) for _ in range(3))
    assert registrar.connections == 1


def test_a_kept_connection_that_was_dropped_is_replaced_before_the_permit(
    wire: Wire, registrar: ScriptedRegistrar
) -> None:
    """A connection that the registrar has closed meanwhile costs no order an unknown ending."""
    closed = threading.Event()

    def answers_and_closes(connection: ssl.SSLSocket, request: Request, ended: threading.Event) -> bool:
        answers(1)(connection, request, ended)
        connection.close()
        closed.set()
        return False

    registrar.scripts += [answers_and_closes, answers(2)]
    assert isinstance(wire.send(order(registrar.url), a_call(), spends=True), Answered)
    assert closed.wait(5)
    assert isinstance(wire.send(order(registrar.url), a_call(), spends=True), Answered)
    assert registrar.connections == 2


def test_a_connection_that_lay_idle_is_not_trusted(wire: Wire, registrar: ScriptedRegistrar) -> None:
    """After a long pause a new connection is made, since something on the way may have forgotten the old one."""
    registrar.scripts += [answers(1)] * 2
    limits = a_call()
    assert isinstance(wire.send(order(registrar.url), limits, spends=True), Answered)
    later = Call("ORDER-2-1", limits.send_by + 60, limits.finish_by + 60, lambda: time.monotonic() + 60)
    assert isinstance(wire.send(order(registrar.url), later, spends=True), Answered)
    assert registrar.connections == 2


def test_each_thread_has_a_connection_of_its_own(wire: Wire, registrar: ScriptedRegistrar) -> None:
    """Orders worked at the same time do not wait for one another, nor get one another's answers."""
    both_there = threading.Barrier(2, timeout=5)

    def answers_when_both_are_there(
        connection: ssl.SSLSocket, request: Request, ended: threading.Event
    ) -> bool:
        both_there.wait()
        return answers(request.body.decode())(connection, request, ended)

    registrar.scripts += [answers_when_both_are_there] * 2
    said: dict[str, object] = {}

    def ask(word: str) -> None:
        said[word] = wire.send(WebRequest("POST", registrar.url, word.encode(), {}), a_call(), spends=True)

    threads = [threading.Thread(target=ask, args=(word,)) for word in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    bodies = {word: answer.body for word, answer in said.items() if isinstance(answer, Answered)}
    assert bodies == {"one": b'"one"', "two": b'"two"'}
    assert registrar.connections == 2


def test_cookies_are_not_kept(wire: Wire, registrar: ScriptedRegistrar) -> None:
    """A request carries nothing of an earlier answer."""
    registrar.scripts += [
        says(b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 0\r\n\r\n"),
        answers(1),
    ]
    for _ in range(2):
        assert isinstance(wire.send(question(registrar.url), a_call(), spends=False), Answered)
    assert "ookie" not in registrar.requests[1].head


def test_proxies_of_the_environment_are_not_used(
    wire: Wire, registrar: ScriptedRegistrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable of the environment sends our keys by another way."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    registrar.scripts.append(answers(1))
    assert isinstance(wire.send(order(registrar.url), a_call(), spends=True), Answered)


@pytest.mark.parametrize(
    "script",
    [
        answers(1),
        closes,
        says(f"HTTP/1.1 20018 GET /?api-key={QUOTED}\r\n\r\n".encode()),
        says(f"HTTP/1.1 200 OK\r\nContent-Length: {QUOTED}\r\n\r\n".encode()),
    ],
    ids=["answered", "closed", "echoed in the status line", "echoed in a header"],
)
def test_a_key_in_a_query_is_told_to_nobody(
    script: Script, wire: Wire, registrar: ScriptedRegistrar, caplog: pytest.LogCaptureFixture
) -> None:
    """A key that must stand in an address appears in no log and in no reason, whatever the far side does."""
    caplog.set_level(logging.DEBUG)
    registrar.scripts.append(script)
    asked = question(registrar.url)
    said = wire.send(asked, a_call(), spends=False)
    assert QUOTED in registrar.requests[0].target
    for told in (caplog.text, repr(asked), repr(said)):
        assert QUOTED not in told
        assert KEY not in told
