"""An RDAP server of few words: an HTTPS server on 127.0.0.1 that answers each question as the test has written down."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.adapters.scripted_https import PATIENCE, ScriptedHttps, drip, http

RDAP = "application/rdap+json"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was received."""

    path: str
    headers: Mapping[str, str]


Script = Callable[[ssl.SSLSocket, Request, threading.Event], bool]
"""Answers one request on the connection; returns whether the connection stays open."""


def a_domain(name: str, **more: Any) -> dict[str, Any]:
    """Return a registry's answer about a name that is registered."""
    return {
        "objectClassName": "domain",
        "ldhName": name,
        "status": ["active"],
        "events": [{"eventAction": "expiration", "eventDate": "2027-03-20T23:59:59Z"}],
        **more,
    }


def answers(content: object, *, status: str = "200 OK") -> Script:
    """Answer with a JSON value."""
    return says(http(json.dumps(content).encode(), status=status, content_type=RDAP))


def says(raw: bytes) -> Script:
    """Answer with these very bytes, and keep the connection."""

    def script(connection: ssl.SSLSocket, _: Request, __: threading.Event) -> bool:
        connection.sendall(raw)
        return True

    return script


def says_and_closes(raw: bytes) -> Script:
    """Answer with these very bytes, and hang up."""

    def script(connection: ssl.SSLSocket, _: Request, __: threading.Event) -> bool:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_RDWR)
        return False

    return script


def drips(raw: bytes) -> Script:
    """Answer a byte at a time."""

    def script(connection: ssl.SSLSocket, _: Request, ended: threading.Event) -> bool:
        drip(connection, raw, ended)
        return False

    return script


def redirects(url: str, *, after: float = 0.0) -> Script:
    """Send the client elsewhere, some seconds later."""
    raw = f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()

    def script(connection: ssl.SSLSocket, _: Request, ended: threading.Event) -> bool:
        ended.wait(after)
        connection.sendall(raw)
        return True

    return script


class ScriptedRdap(ScriptedHttps[Request]):
    """Answers each name as `names` says, and any other with the usual 404."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.names: dict[str, Script] = {}
        self.most_at_once = 0
        self._at_once = 0
        self._counting = threading.Lock()
        super().__init__(context, _read)

    @property
    def base(self) -> str:
        """Where its RDAP lies."""
        return f"https://127.0.0.1:{self.port}/rdap/"

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.requests]

    def answer(self, connection: ssl.SSLSocket, request: Request) -> bool:
        """Answer as the name's script says, and count how many are answered at once."""
        with self._counting:
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            script = self.names.get(
                request.path.rpartition("/")[2], answers({"errorCode": 404}, status="404 Not Found")
            )
            return script(connection, request, self.ended)
        finally:
            with self._counting:
                self._at_once -= 1


def waits_for(others: threading.Barrier, content: object) -> Script:
    """Answer once as many questions are here as the barrier counts."""

    def script(connection: ssl.SSLSocket, request: Request, ended: threading.Event) -> bool:
        others.wait(PATIENCE)
        return answers(content)(connection, request, ended)

    return script


def _read(head: str, _: bytes) -> Request:
    first, *lines = head.split("\r\n")
    pairs = (line.split(": ", 1) for line in lines)
    return Request(first.split(" ")[1], {name.lower(): value for name, value in pairs})
