"""A registrar of few words: an HTTPS server on 127.0.0.1 that answers each question as the test has written down."""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import trustme

PATIENCE = 10.0
POLL = 0.02
"""Seconds between two looks at whether the test has ended."""
ROOT = "/v1beta"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was received."""

    head: str
    body: bytes

    @property
    def method(self) -> str:
        """GET, POST, PUT or DELETE."""
        return self.head.split(" ", 1)[0]

    @property
    def path(self) -> str:
        """The path below the root, without its query."""
        return self.head.split(" ", 2)[1].partition("?")[0].removeprefix(ROOT)

    @property
    def route(self) -> str:
        """Method and path, with every number shown as `#`."""
        return f"{self.method} {re.sub('/[0-9]+', '/#', self.path)}"

    @property
    def query(self) -> dict[str, str]:
        """The query's values by name."""
        return dict(parse_qsl(self.head.split(" ", 2)[1].partition("?")[2]))

    @property
    def content(self) -> Any:
        """The JSON that came with it."""
        return json.loads(self.body)

    @property
    def token(self) -> str:
        """The bearer token, or nothing."""
        found = re.search(r"(?i)^authorization: bearer (\S+)\r?$", self.head, re.MULTILINE)
        return found.group(1) if found else ""


Script = Callable[[ssl.SSLSocket, Request, threading.Event], bool]
"""Answers one request on the connection; returns whether the connection stays open."""


def http(body: bytes, *, status: str = "200 OK", content_type: str = "application/json") -> bytes:
    """Return a whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def envelope(code: int = 0, data: Any = None, desc: str = "", **more: Any) -> bytes:
    """Return an answer's body."""
    return json.dumps({"code": code, "desc": desc, "data": data, "maintenance": False, **more}).encode()


def answers(data: Any = None, *, status: str = "200 OK", **more: Any) -> Script:
    """Accept, with these data."""
    return sends(http(envelope(0, data, **more), status=status))


def refuses(code: int, desc: str = "", *, status: str = "500 Internal Server Error", **more: Any) -> Script:
    """Answer with a code and words; most refusals come under HTTP 500."""
    return sends(http(envelope(code, "", desc, **more), status=status))


def sends(raw: bytes) -> Script:
    """Send exactly these bytes, and stay."""

    def script(connection: ssl.SSLSocket, _: Request, __: threading.Event) -> bool:
        connection.sendall(raw)
        return True

    return script


def says(raw: bytes) -> Script:
    """Send exactly these bytes, then hang up."""

    def script(connection: ssl.SSLSocket, _: Request, __: threading.Event) -> bool:
        connection.sendall(raw)
        return False

    return script


def page(status: str = "502 Bad Gateway") -> Script:
    """Answer with an HTML page from somewhere on the way."""
    return sends(http(b"<html><body>Sorry</body></html>", status=status, content_type="text/html"))


def freezes(connection: ssl.SSLSocket, _: Request, ended: threading.Event) -> bool:
    """Read the request and never answer, keeping the connection open."""
    del connection
    ended.wait(PATIENCE)
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
class ScriptedApi:
    """Answers each route with its scripts in turn, the last one again and again; a route without any is a page.

    What was received stands in `requests`. A login is answered with token-1, token-2 and so on, unless a test says
    otherwise.
    """

    context: ssl.SSLContext
    routes: dict[str, list[Script]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._logins = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(POLL)
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self._listener.getsockname()[1]}{ROOT}"

    def on(self, route: str, *scripts: Script) -> None:
        """Answer a route with these scripts, from now on."""
        with self._lock:
            self.routes[route] = list(scripts)

    def asked(self, route: str) -> list[Request]:
        """Return what came by this route."""
        return [request for request in self.requests if request.route == route]

    def told(self) -> list[str]:
        """Return the routes in the order they came, without logins."""
        return [request.route for request in self.requests if request.path != "/auth/login"]

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
            self._start(lambda plain=plain: self._serve(plain))  # type: ignore[misc]  # the default binds the socket

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self.context.wrap_socket(plain, server_side=True) as connection:
                while (request := self._receive(connection)) is not None:
                    if not self._script(request)(connection, request, self._ended):
                        return
        except OSError:
            return

    def _script(self, request: Request) -> Script:
        with self._lock:
            self.requests.append(request)
            if scripts := self.routes.get(request.route):
                return scripts.pop(0) if len(scripts) > 1 else scripts[0]
            if request.route == "POST /auth/login":
                self._logins += 1
                return answers({"token": f"token-{self._logins}", "reseller_id": 1})
            return page("404 Not Found")

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
