"""A registrar of few words: an HTTPS server on 127.0.0.1 that answers each question as the test has written down."""

import json
import re
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from tests.adapters.scripted_https import PATIENCE, ScriptedHttps, drip, http

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
        drip(connection, raw, ended)
        return False

    return script


class ScriptedApi(ScriptedHttps[Request]):
    """Answers each route with its scripts in turn, the last one again and again; a route without any is a page.

    What was received stands in `requests`. A login is answered with token-1, token-2 and so on, unless a test says
    otherwise.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.routes: dict[str, list[Script]] = {}
        self._lock = threading.Lock()
        self._logins = 0
        super().__init__(context, Request)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.port}{ROOT}"

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

    def answer(self, connection: ssl.SSLSocket, request: Request) -> bool:
        """Answer with the script of what was asked."""
        return self._script(request)(connection, request, self.ended)

    def _script(self, request: Request) -> Script:
        with self._lock:
            self.requests.append(request)
            if scripts := self.routes.get(request.route):
                return scripts.pop(0) if len(scripts) > 1 else scripts[0]
            if request.route == "POST /auth/login":
                self._logins += 1
                return answers({"token": f"token-{self._logins}", "reseller_id": 1})
            return page("404 Not Found")
