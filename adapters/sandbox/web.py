"""What does any registrar's HTTPS sandbox need? A listener on loopback, and answers that travel well or badly, as ordered.

A registrar brings its counter, a function from what arrived to a `Visit`; the rest is here:

    client ──TLS──▶ Request ──counter──▶ Visit ──▶ Answer ──in the way that `Visit.wire` says──▶ client

Public names:

- `Request`: method, path, query, headers, body, and the connection (`session`); `form()` reads posted fields.
- `Visit`: one request that the counter has taken in and journalled. `wire` is the misbehaviour on the wire that it took
  from the books (`page.take_misbehaviour(ON_THE_WIRE, ...)`), or None; `answer(heard=...)` does the work, once.
- `Answer`: status, content type and body. `Plain(answer)`: a visit that asks for no work.
- `Door`: which paths and methods are served at all, and how long a body may be.
- `Pages`: what people's pages, garbage and a failure look like at this registrar; each has an English default.
- `WebSandbox`: the listener. A registrar's server is a subclass that hands its counter to `super().__init__`; `start()`
  gives the URL, `stop()` cuts every connection, frozen ones too.

The TLS handshake is made in the connection's own thread, so that a client which does not finish it stops nobody else.
"""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import formatdate
from http import HTTPStatus
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, urlsplit

from adapters.sandbox.misbehaviour import Behaviour, Misbehaviour
from adapters.sandbox.tls import Certificates

DRIP_SECONDS = 0.2
"""Between one byte and the next."""

HTML = "text/html; charset=utf-8"

_FREEZE_GLANCE_SECONDS = 0.2
_IDLE_SECONDS = 60.0
_STOP_SECONDS = 5.0
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived. `query` is in the order of its sending, repeated names kept; `headers` by lower-case names.

    `session` names the connection. Only method, path and session are shown: the rest may carry secrets.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    session: str

    def header(self, name: str) -> str:
        """Return a header, however its name is written; empty if there is none."""
        return self.headers.get(name.lower(), "")

    def form(self) -> tuple[tuple[str, str], ...]:
        """Read the body as posted form fields, in order, repeated names kept."""
        return _pairs(self.body.decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said in reply."""

    status: int
    content_type: str
    body: bytes = field(repr=False)

    def whole(self) -> bytes:
        """Write the whole HTTP/1.1 response."""
        head = (
            f"HTTP/1.1 {self.status} {responses.get(self.status, '')}".rstrip(),
            f"Date: {formatdate(usegmt=True)}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
        )
        return "\r\n".join((*head, "", "")).encode() + self.body


class Visit(Protocol):
    """One request that a counter has taken in."""

    @property
    def wire(self) -> Misbehaviour | None:
        """How its answer travels; None for as it should."""

    def answer(self, *, heard: bool = True) -> Answer:
        """Do what was asked for and say what it came to; `heard` tells whether that will be sent as it is.

        Called once, or not at all where nothing is to be done; never raises.
        """


@dataclass(frozen=True, slots=True)
class Plain:
    """A visit whose answer is ready: nothing is done for it."""

    ready: Answer
    wire: Misbehaviour | None = None

    def answer(self, *, heard: bool = True) -> Answer:  # noqa: ARG002 - a visit's way of asking; nothing depends on it here
        """Return the answer."""
        return self.ready


@dataclass(frozen=True, slots=True)
class Door:
    """What is let in. `endpoint` is one path, or all below it where it ends in a slash; anything else is a 404.

    Another method is answered 501, a longer body 413, a body of unstated length 411, as HTTP servers do.
    """

    endpoint: str = "/"
    methods: frozenset[str] = frozenset({"GET", "POST", "PUT", "DELETE"})
    largest_body: int = 500_000

    def refusal(self, method: str, path: str, length: str) -> HTTPStatus | None:
        """Tell why a request is not let in, by its head alone; None lets it in."""
        served = path.startswith(self.endpoint) if self.endpoint.endswith("/") else path == self.endpoint
        if method not in self.methods:
            return HTTPStatus.NOT_IMPLEMENTED
        if not served:
            return HTTPStatus.NOT_FOUND
        if not length.isdecimal() and (length or method in _WITH_BODY):
            return HTTPStatus.LENGTH_REQUIRED
        if int(length or 0) > self.largest_body:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None


def page(title: str, text: str) -> str:
    """Write a page for people, in English."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><h1>{title}</h1><p>{text}</p></body></html>\n"
    )


@dataclass(frozen=True, slots=True)
class Pages:
    """What comes instead of an answer: pages for people, and `garbage` under the answer's own content type.

    `failure` is what `fail_after` says; None for the gateway's page with status 500.
    """

    gateway: str = page("Bad gateway", "The server behind this one did not answer.")
    maintenance: str = page("Maintenance", "The service is not available. Please try again in some minutes.")
    closed: str = page("Closed", "The service is closed at this hour.")
    garbage: bytes = b'\x00\x1f\x8b{"status":"Succ\xff\xfe'
    failure: Answer | None = None


@dataclass(frozen=True, slots=True)
class _Site:
    """A registrar as this listener sees it."""

    counter: Callable[[Request], Visit]
    door: Door
    pages: Pages


class WebSandbox:
    """A registrar that listens on this machine with TLS, a thread for each connection, kept alive as in HTTP/1.1.

    `counter` takes a request in; it is called from many threads.
    """

    def __init__(
        self,
        counter: Callable[[Request], Visit],
        *,
        certificates: Certificates,
        door: Door,
        pages: Pages | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._site = _Site(counter, door, pages or Pages())
        self._certificates = certificates
        self._address = (host, port)
        self._server: _Server | None = None

    def start(self) -> str:
        """Listen, and return the URL of the endpoint."""
        context = self._certificates.server_context(client_certificate=False)
        self._server = _Server(self._address, self._site, context)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self.url

    @property
    def url(self) -> str:
        """Where requests go, while it listens."""
        if self._server is None:
            raise RuntimeError("the sandbox does not listen: start it first")
        host, port = self._server.server_address[:2]
        return f"https://{host!s}:{port}{self._site.door.endpoint}"

    def stop(self) -> None:
        """Stop listening and cut every connection, frozen ones too; what was to be done later is not done."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def real_time() -> datetime:
    """Tell the time: the clock of a sandbox that is given none."""
    return datetime.now(UTC)


class _Server(ThreadingHTTPServer):
    """The listener. `busy` holds what still runs: open connections, and work that is done after one was closed."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], site: _Site, context: ssl.SSLContext) -> None:
        super().__init__(address, _Connection)
        self.site = site
        self.stopping = threading.Event()
        self._context = context
        self._busy: set[object] = set()
        self._changed = threading.Condition()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection, in its own thread: the handshake, then its requests."""
        request.settimeout(_IDLE_SECONDS)
        try:
            with self._context.wrap_socket(request, server_side=True) as connection:
                self._serve(connection, client_address)
        except OSError:
            # The client went away, or would not shake hands: its own affair, as at any server.
            return

    def later(self, work: Callable[[], None]) -> None:
        """Do something in a thread of its own, which `stop` waits for."""
        self._enter(work)

        def run() -> None:
            try:
                work()
            finally:
                self._leave(work)

        threading.Thread(target=run, daemon=True).start()

    def stop(self) -> None:
        """End it all, within a few seconds."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._changed:
            for connection in self._busy:
                if isinstance(connection, socket.socket):
                    _cut(connection)
            self._changed.wait_for(lambda: not self._busy, timeout=_STOP_SECONDS)

    def _serve(self, connection: ssl.SSLSocket, client_address: Any) -> None:
        self._enter(connection)
        try:
            if not self.stopping.is_set():
                _Connection(connection, client_address, self)
        finally:
            self._leave(connection)

    def _enter(self, something: object) -> None:
        with self._changed:
            self._busy.add(something)

    def _leave(self, something: object) -> None:
        with self._changed:
            self._busy.discard(something)
            self._changed.notify_all()


class _Connection(BaseHTTPRequestHandler):
    """One connection's requests, as many as the client sends over it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        """Take in one request and answer it."""
        request = self._request()
        if request is not None:
            site = self.server.site
            _Delivery(site.pages, self, self.server.stopping, self.server.later).deliver(
                site.counter(request)
            )

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - the standard library's names

    def write(self, part: bytes) -> None:
        """Send these bytes now."""
        self.wfile.write(part)

    def hang_up(self) -> None:
        """Close the connection after this request."""
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing: the journal is in the books, and a log would be a place for secrets."""

    def _request(self) -> Request | None:
        """Return what is asked, or answer why it is not let in and return None."""
        target, length = urlsplit(self.path), self.headers.get("Content-Length", "")
        refusal = self.server.site.door.refusal(self.command, target.path, length)
        if refusal is not None:
            self.send_error(refusal)
            self.hang_up()
            return None
        body = self.rfile.read(int(length or 0))
        if len(body) != int(length or 0):
            self.hang_up()
            return None
        return Request(
            method=self.command,
            path=target.path,
            query=_pairs(target.query),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            session=f"{self.client_address[0]}:{self.client_address[1]}",
        )


@dataclass(frozen=True, slots=True)
class _Delivery:
    """Carries one visit's answer over its connection, or not, as ordered.

    `stopping` is set when the sandbox stops: nobody waits longer than that. `later` runs work after the line is gone.
    """

    pages: Pages
    line: _Connection
    stopping: threading.Event
    later: Callable[[Callable[[], None]], None]

    def deliver(self, visit: Visit) -> None:
        """Answer a visit in the way that its misbehaviour on the wire says, or plainly."""
        if visit.wire is None:
            self.line.write(visit.answer().whole())
        else:
            _WAYS[visit.wire.behaviour](self, visit, visit.wire)

    def drop_reply(self, visit: Visit, _: Misbehaviour) -> None:
        """Do the work and close."""
        visit.answer(heard=False)
        self.line.hang_up()

    def drop_request(self, _: Visit, __: Misbehaviour) -> None:
        """Do nothing and close."""
        self.line.hang_up()

    def late(self, visit: Visit, wire: Misbehaviour) -> None:
        """Do the work, and answer some seconds later."""
        answer = visit.answer()
        if self.stopping.wait(wire.seconds):
            self.line.hang_up()
        else:
            self.line.write(answer.whole())

    def late_work(self, visit: Visit, wire: Misbehaviour) -> None:
        """Close now, and do the work some seconds later, if the sandbox still runs then."""

        def work() -> None:
            if not self.stopping.wait(wire.seconds):
                visit.answer(heard=False)

        self.later(work)
        self.line.hang_up()

    def freeze(self, _: Visit, __: Misbehaviour) -> None:
        """Say nothing until the client hangs up or the sandbox stops."""
        while not self.stopping.wait(_FREEZE_GLANCE_SECONDS) and not _has_left(self.line.connection):
            pass
        self.line.hang_up()

    def garbage(self, visit: Visit, _: Misbehaviour) -> None:
        """Do the work, and answer with bytes that no protocol has."""
        answer = visit.answer(heard=False)
        self.line.write(replace(answer, body=self.pages.garbage).whole())

    def html(self, _: Visit, wire: Misbehaviour) -> None:
        """Do nothing, and answer with a page.

        The argument is `maintenance`, or an HTTP status: `504`, or a number that is none of HTTP's, as some gateways
        put into the status line. With none it is a page with status 200.
        """
        if wire.argument == "maintenance":
            self._show(200, self.pages.maintenance)
        else:
            self._show(int(wire.argument or 200), self.pages.gateway)

    def fail_after(self, visit: Visit, _: Misbehaviour) -> None:
        """Do the work, then say that it failed, or answer HTTP 500 with a page."""
        visit.answer(heard=False)
        if self.pages.failure is not None:
            self.line.write(self.pages.failure.whole())
        else:
            self._show(500, self.pages.gateway)

    def cut(self, visit: Visit, _: Misbehaviour) -> None:
        """Do the work, and close in the middle of the answer's body."""
        answer = visit.answer(heard=False)
        whole = answer.whole()
        self.line.write(whole[: len(whole) - (len(answer.body) + 1) // 2])
        self.line.hang_up()

    def drip(self, visit: Visit, _: Misbehaviour) -> None:
        """Do the work, and answer one byte at a time."""
        whole = visit.answer().whole()
        for index in range(len(whole)):
            self.line.write(whole[index : index + 1])
            if self.stopping.wait(DRIP_SECONDS):
                self.line.hang_up()
                return

    def closed(self, _: Visit, __: Misbehaviour) -> None:
        """Show the page of the closed hours, with status 200."""
        self._show(200, self.pages.closed)

    def _show(self, status: int, text: str) -> None:
        self.line.write(Answer(status, HTML, text.encode()).whole())


_WAYS: dict[Behaviour, Callable[[_Delivery, Visit, Misbehaviour], None]] = {
    Behaviour.DROP_REPLY: _Delivery.drop_reply,
    Behaviour.DROP_REQUEST: _Delivery.drop_request,
    Behaviour.LATE: _Delivery.late,
    Behaviour.LATE_WORK: _Delivery.late_work,
    Behaviour.FREEZE: _Delivery.freeze,
    Behaviour.GARBAGE: _Delivery.garbage,
    Behaviour.HTML: _Delivery.html,
    Behaviour.FAIL_AFTER: _Delivery.fail_after,
    Behaviour.CUT: _Delivery.cut,
    Behaviour.DRIP: _Delivery.drip,
    Behaviour.CLOSED: _Delivery.closed,
}


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text, keep_blank_values=True))


def _has_left(connection: socket.socket) -> bool:
    """Tell whether the client hung up; what it says meanwhile is thrown away."""
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and not connection.recv(4096)
    except OSError:
        return True


def _cut(connection: socket.socket) -> None:
    try:
        # The plain socket's own shutdown: TLS's would first take the session from under the thread that reads.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return
