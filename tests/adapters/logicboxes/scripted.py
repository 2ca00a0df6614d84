"""A registrar of few words: an HTTPS server on 127.0.0.1 that answers each request as the test has written down."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tests.adapters.scripted_https import PATIENCE, ScriptedHttps, drip, http


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
        drip(connection, raw, ended)
        return False

    return script


class ScriptedRegistrar(ScriptedHttps[Request]):
    """Answers the n-th request with the n-th script; what was received stands in `requests`."""

    def __init__(self, context: ssl.SSLContext, scripts: Iterable[Script] = ()) -> None:
        self.scripts = list(scripts)
        super().__init__(context, Request)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.port}/api"

    @property
    def commands(self) -> list[str]:
        """What was asked, in order: `POST domains/renew`."""
        return [f"{request.method} {request.command}" for request in self.requests]

    def answer(self, connection: ssl.SSLSocket, request: Request) -> bool:
        """Answer with the next script."""
        self.requests.append(request)
        return self.scripts.pop(0)(connection, request, self.ended)
