"""A registrar of few words: an HTTPS server on 127.0.0.1 that answers each request as the test has written down."""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import trustme

PATIENCE = 10.0
POLL = 0.02
"""Seconds between two looks at whether the test has ended."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was received."""

    head: str
    body: bytes

    @property
    def method(self) -> str:
        """GET or POST."""
        return self.head.split(" ", 1)[0]

    @property
    def target(self) -> str:
        """The path and the query, as on the wire."""
        return self.head.split(" ", 2)[1]

    @property
    def command(self) -> str:
        """The API's command: `domains/renew`."""
        return urlsplit(self.target).path.removeprefix("/api/").removesuffix(".json")

    @property
    def words(self) -> dict[str, list[str]]:
        """The parameters by name, wherever they stand."""
        text = self.body.decode() if self.method == "POST" else urlsplit(self.target).query
        return parse_qs(text, keep_blank_values=True, strict_parsing=bool(text))


Script = Callable[[ssl.SSLSocket, Request, threading.Event], bool]
"""Answers one request on the connection; returns whether the connection stays open."""


def http(body: bytes, *, status: str = "200 OK", content_type: str = "application/json") -> bytes:
    """Return a whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def answers(content: object, *, status: str = "200 OK") -> Script:
    """Answer with a JSON value."""

    def script(connection: ssl.SSLSocket, _: Request, __: threading.Event) -> bool:
        connection.sendall(http(json.dumps(content).encode(), status=status))
        return True

    return script


def fails(message: str, *, word: str = "ERROR", key: str = "message") -> Script:
    """Answer with a business error in its usual carrier, HTTP 500 (facts §2.2)."""
    return answers({"status": word, key: message}, status="500 Internal Server Error")


def says(raw: bytes) -> Script:
    """Send exactly these bytes, then hang up."""

    def script(connection: ssl.SSLSocket, _: Request, __: threading.Event) -> bool:
        connection.sendall(raw)
        return False

    return script


def freezes(connection: ssl.SSLSocket, _: Request, ended: threading.Event) -> bool:
    """Read the request and never answer, keeping the connection open."""
    del connection
    ended.wait(PATIENCE)
    return False


def closes(connection: ssl.SSLSocket, _: Request, __: threading.Event) -> bool:
    """Read the request and hang up."""
    del connection
    return False


def resets(connection: ssl.SSLSocket, _: Request, __: threading.Event) -> bool:
    """Read the request and reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()
    return False


def drips(raw: bytes) -> Script:
    """Send the bytes one by one, a little apart, until the client goes or the test ends."""

    def script(connection: ssl.SSLSocket, _: Request, ended: threading.Event) -> bool:
        for byte in raw:
            connection.sendall(bytes([byte]))
            if ended.wait(0.05):
                break
        return False

    return script


@dataclass
class ScriptedRegistrar:
    """Answers the n-th request with the n-th script; what was received stands in `requests`."""

    context: ssl.SSLContext
    scripts: list[Script] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(POLL)
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.port}/api"

    @property
    def commands(self) -> list[str]:
        """What was asked, in order: `POST domains/renew`."""
        return [f"{request.method} {request.command}" for request in self.requests]

    def close(self) -> None:
        """Stop, and wait for every connection to end."""
        self._ended.set()
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                plain, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            plain.settimeout(PATIENCE)
            self.connections += 1
            self._start(lambda plain=plain: self._serve(plain))  # type: ignore[misc]  # the default binds the socket

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self.context.wrap_socket(plain, server_side=True) as connection:
                while (request := self._receive(connection)) is not None:
                    self.requests.append(request)
                    if not self.scripts.pop(0)(connection, request, self._ended):
                        return
        except OSError:
            return

    def _receive(self, connection: ssl.SSLSocket) -> Request | None:
        """Read one request, or None when the client hangs up or the test ends."""
        received = b""
        connection.settimeout(POLL)
        deadline = time.monotonic() + PATIENCE
        while not self._ended.is_set() and time.monotonic() < deadline:
            try:
                chunk = connection.recv(65_536)
            except TimeoutError:
                continue
            if not chunk:
                return None
            received += chunk
            head, separator, body = received.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if separator and len(body) >= (int(length.group(1)) if length else 0):
                connection.settimeout(PATIENCE)
                return Request(head.decode(), body)
        return None


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    """Return a TLS context with a certificate for 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context
