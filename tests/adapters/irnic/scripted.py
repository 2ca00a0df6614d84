"""A registrar of few words: an HTTPS server on 127.0.0.1 that answers each request as the test has written down."""

import re
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from string import Template

from tests.adapters.scripted_https import PATIENCE, ScriptedHttps, drip

WIRES = Path(__file__).parent / "wires"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was received."""

    head: str
    body: bytes

    @property
    def transaction_id(self) -> str:
        """The clTRID in the body."""
        found = re.search(rb"<clTRID>([^<]*)</clTRID>", self.body)
        return found.group(1).decode() if found else ""


Script = Callable[[ssl.SSLSocket, Request, threading.Event], bool]
"""Answers one request on the connection; returns whether the connection stays open."""


def wire(name: str, **words: str) -> bytes:
    """Return a wire file with its words filled in."""
    return Template((WIRES / name).read_text()).safe_substitute(words).encode()


def http(body: bytes, *, status: str = "200 OK", content_type: str = "application/xml") -> bytes:
    """Return a whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def answers(name: str, *, status: str = "200 OK", **words: str) -> Script:
    """Answer with a wire file, repeating the request's transaction id."""

    def script(connection: ssl.SSLSocket, request: Request, _: threading.Event) -> bool:
        filled = {"client_id": request.transaction_id, **words}
        connection.sendall(http(wire(name, **filled), status=status))
        return True

    return script


def refuses(code: int, reason: str = "", value: str = "") -> Script:
    """Answer with an error and IRNIC's detail of it; `value` is XML."""
    detail = (
        f"<extValue><value>{value}</value><reason>{reason}</reason></extValue>" if reason or value else ""
    )
    return answers("error.xml", code=str(code), detail=detail)


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


def drips(raw: bytes) -> Script:
    """Send the bytes one by one, a little apart, until the client goes or the test ends."""

    def script(connection: ssl.SSLSocket, _: Request, ended: threading.Event) -> bool:
        drip(connection, raw, ended)
        return False

    return script


class ScriptedRegistry(ScriptedHttps[Request]):
    """Answers the n-th request with the n-th script; what was received stands in `requests`."""

    def __init__(self, context: ssl.SSLContext, scripts: Iterable[Script] = ()) -> None:
        self.scripts = list(scripts)
        super().__init__(context, Request)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.port}/submit"

    def answer(self, connection: ssl.SSLSocket, request: Request) -> bool:
        """Answer with the next script."""
        self.requests.append(request)
        return self.scripts.pop(0)(connection, request, self.ended)
