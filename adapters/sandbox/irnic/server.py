"""Where does the IRNIC sandbox listen? HTTPS on loopback, `POST /submit`, a thread for each connection.

The TLS handshake is made in the connection's own thread, so that a client which does not finish it stops nobody else.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import delivery
from adapters.sandbox.irnic.desk import Credentials, Desk
from adapters.sandbox.irnic.errand import Rules
from adapters.sandbox.irnic.requests import LARGEST_DOCUMENT
from adapters.sandbox.tls import Certificates

PATH = "/submit"
RESTRICTED = frozenset({"iran", "nic", "tehran"})
"""Names that the registry keeps back, under every suffix."""

_IDLE_SECONDS = 60.0
_STOP_SECONDS = 5.0


class IrnicSandbox:
    """A registrar that speaks IRNIC's wire on this machine and keeps its books.

    `decide_after_seconds`: when a registration or renewal is approved unless a misbehaviour says otherwise; None leaves
    it to `Books.approve` and `Books.reject`. `activation_lags`: an approved registration stays reserved for as long
    again. `keep_hours`: closed from 23:00 to 00:30 by Tehran's clocks. `clock` gives the registry's time, aware.
    """

    def __init__(
        self,
        books: Books,
        *,
        certificates: Certificates,
        token: str,
        deposit_code: str,
        host: str = "127.0.0.1",
        port: int = 0,
        decide_after_seconds: float | None = 2.0,
        activation_lags: bool = False,
        restricted: frozenset[str] = RESTRICTED,
        keep_hours: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        rules = Rules(decide_after_seconds, activation_lags=activation_lags, restricted=restricted)
        self._desk = Desk(books, Credentials(token, deposit_code), rules, clock=clock, keep_hours=keep_hours)
        self._certificates = certificates
        self._address = (host, port)
        self._server: _Server | None = None

    def start(self) -> str:
        """Listen, and return the URL to post to."""
        context = self._certificates.server_context(client_certificate=False)
        self._server = _Server(self._address, self._desk, context)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self.url

    @property
    def url(self) -> str:
        """Where commands are posted to, while it listens."""
        if self._server is None:
            raise RuntimeError("the sandbox does not listen: start it first")
        host, port = self._server.server_address[:2]
        return f"https://{host!s}:{port}{PATH}"

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


class _Server(ThreadingHTTPServer):
    """The listener. `busy` holds what still runs: open connections, and work that is done after one was closed."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], desk: Desk, context: ssl.SSLContext) -> None:
        super().__init__(address, _Handler)
        self.desk = desk
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
                _Handler(connection, client_address, self)
        finally:
            self._leave(connection)

    def _enter(self, something: object) -> None:
        with self._changed:
            self._busy.add(something)

    def _leave(self, something: object) -> None:
        with self._changed:
            self._busy.discard(something)
            self._changed.notify_all()


class _Handler(BaseHTTPRequestHandler):
    """One connection's requests, as many as the client sends over it."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """Take in one command and answer it."""
        posted = self._posted()
        if posted is None:
            return
        visit = self.server.desk.receive(
            posted,
            authorization=self.headers.get("Authorization", ""),
            session=f"{self.client_address[0]}:{self.client_address[1]}",
        )
        delivery.Delivery(self.server.desk, self, self.server.stopping, self.server.later).deliver(visit)

    def write(self, part: bytes) -> None:
        """Send these bytes now."""
        self.wfile.write(part)

    def hang_up(self) -> None:
        """Close the connection after this request."""
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing: the journal is in the books, and a log would be a place for secrets."""

    def _posted(self) -> bytes | None:
        """Return the posted document, or answer why it is not taken and return None."""
        length = self.headers.get("Content-Length", "")
        if self.path != PATH:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif not length.isdecimal():
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif int(length) > LARGEST_DOCUMENT:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            posted = self.rfile.read(int(length))
            if len(posted) == int(length):
                return posted
        self.hang_up()
        return None


def _cut(connection: socket.socket) -> None:
    try:
        # The plain socket's own shutdown: TLS's would first take the session from under the thread that reads.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return
