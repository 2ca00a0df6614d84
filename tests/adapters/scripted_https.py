"""What do the registrars of few words share? An HTTPS server on 127.0.0.1 that answers each request as a test has written down.

Each protocol's tests bring their own `Request` and say which script answers it; listening, TLS, reading requests and ending
in time are here.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import trustme

PATIENCE = 10.0
POLL = 0.02
"""Seconds between two looks at whether the test has ended."""

Request = TypeVar("Request")


def http(body: bytes, *, status: str = "200 OK", content_type: str = "application/json") -> bytes:
    """Return a whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def drip(connection: ssl.SSLSocket, raw: bytes, ended: threading.Event) -> None:
    """Send the bytes one by one, a little apart, until the client goes or the test ends."""
    for byte in raw:
        connection.sendall(bytes([byte]))
        if ended.wait(0.05):
            break


class ScriptedHttps(Generic[Request]):
    """Listens from when it is made until it is closed; `answer` is the protocol's own."""

    def __init__(self, context: ssl.SSLContext, read: Callable[[str, bytes], Request]) -> None:
        self.connections = 0
        self.requests: list[Request] = []
        self.ended = threading.Event()
        self._context = context
        self._read = read
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(POLL)
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self._listener.getsockname()[1]
        return port

    def answer(self, connection: ssl.SSLSocket, request: Request) -> bool:
        """Answer one request; return whether the connection stays open."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop, and wait for every connection to end."""
        self.ended.set()
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.ended.is_set():
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
            with self._context.wrap_socket(plain, server_side=True) as connection:
                while (request := self._receive(connection)) is not None:
                    if not self.answer(connection, request):
                        return
        except OSError:
            return

    def _receive(self, connection: ssl.SSLSocket) -> Request | None:
        """Read one request, or None when the client hangs up or the test ends."""
        received = b""
        connection.settimeout(POLL)
        deadline = time.monotonic() + PATIENCE
        while not self.ended.is_set() and time.monotonic() < deadline:
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
                return self._read(head.decode(), body)
        return None


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    """Return a TLS context with a certificate for 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context
