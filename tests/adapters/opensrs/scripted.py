"""A registrar of few words: an HTTPS server on 127.0.0.1 that answers each action as the test has written down."""

import re
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from tests.adapters.scripted_https import PATIENCE, ScriptedHttps, drip

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n<!DOCTYPE OPS_envelope SYSTEM "ops.dtd">\n'


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was received."""

    head: str
    body: bytes

    @property
    def items(self) -> dict[str, str]:
        """Every item that is a text, by its path: `action`, `attributes/domain`."""
        block = etree.fromstring(self.body).find("body/data_block/dt_assoc")
        assert block is not None
        return dict(_texts(block, ""))

    @property
    def asked(self) -> str:
        """The action, and of a GET or MODIFY what is got or modified: `GET all_info`, `MODIFY status`."""
        items = self.items
        what = items.get("attributes/type") or items.get("attributes/data") or ""
        return f"{items['action']} {what}".strip()

    def header(self, name: str) -> str:
        """Return a header's value; empty if it is not there."""
        found = re.search(rf"(?im)^{name}: *(.*?)\r?$", self.head)
        return found.group(1) if found else ""


Script = Callable[[ssl.SSLSocket, threading.Event], bool]
"""Answers one request on the connection; returns whether the connection stays open."""


def reply(code: int, text: str = "", *, success: bool | None = None, **attributes: Any) -> bytes:
    """Return an answer's document; `success` is by the code unless it is said."""
    succeeded = code in {200, 210, 211, 221, 250} if success is None else success
    items = {
        "protocol": "XCP",
        "action": "REPLY",
        "object": "DOMAIN",
        "is_success": "1" if succeeded else "0",
        "response_code": str(code),
        "response_text": text,
        "transaction_id": "2026-22-11 05:00:00 1234 56",
        "attributes": attributes,
    }
    body = f"<body><data_block>{_written(items)}</data_block></body>"
    return f"{HEAD}<OPS_envelope><header><version>0.9</version></header>{body}</OPS_envelope>".encode()


def http(body: bytes, *, status: str = "200 OK", content_type: str = "text/xml") -> bytes:
    """Return a whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def answers(code: int, text: str = "", *, success: bool | None = None, **attributes: Any) -> Script:
    """Answer as OpenSRS does."""
    return stays(http(reply(code, text, success=success, **attributes)))


def stays(raw: bytes) -> Script:
    """Send exactly these bytes and keep the connection."""

    def script(connection: ssl.SSLSocket, _: threading.Event) -> bool:
        connection.sendall(raw)
        return True

    return script


def says(raw: bytes) -> Script:
    """Send exactly these bytes, then hang up."""

    def script(connection: ssl.SSLSocket, _: threading.Event) -> bool:
        connection.sendall(raw)
        return False

    return script


def freezes(connection: ssl.SSLSocket, ended: threading.Event) -> bool:
    """Read the request and never answer, keeping the connection open."""
    del connection
    ended.wait(PATIENCE)
    return False


def drips(raw: bytes) -> Script:
    """Send the bytes one by one, a little apart, until the client goes or the test ends."""

    def script(connection: ssl.SSLSocket, ended: threading.Event) -> bool:
        drip(connection, raw, ended)
        return False

    return script


class ScriptedRegistrar(ScriptedHttps[Request]):
    """Answers each action with its scripts in turn, the last of them again and again; what it has none for it hangs up on.

    What was received stands in `requests`, in order.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._scripts: dict[str, list[Script]] = {}
        self._lock = threading.Lock()
        super().__init__(context, Request)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.port}/"

    @property
    def asked(self) -> list[str]:
        """What was asked, in order."""
        return [request.asked for request in self.requests]

    def on(self, asked: str, *scripts: Script) -> None:
        """Answer this action so."""
        self._scripts[asked] = list(scripts)

    def last(self, asked: str) -> dict[str, str]:
        """Return the items of the latest request of this action."""
        return next(request.items for request in reversed(self.requests) if request.asked == asked)

    def answer(self, connection: ssl.SSLSocket, request: Request) -> bool:
        """Answer with the script of what was asked."""
        return self._script(request)(connection, self.ended)

    def _script(self, request: Request) -> Script:
        with self._lock:
            self.requests.append(request)
            scripts = self._scripts.get(request.asked, [says(b"")])
            return scripts.pop(0) if len(scripts) > 1 else scripts[0]


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        inside = "".join(f'<item key="{key}">{_written(content)}</item>' for key, content in value.items())
        return f"<dt_assoc>{inside}</dt_assoc>"
    if isinstance(value, list):
        inside = "".join(f'<item key="{place}">{_written(one)}</item>' for place, one in enumerate(value))
        return f"<dt_array>{inside}</dt_array>"
    return escape(str(value))


def _texts(block: Any, path: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for item in block:
        here = f"{path}{item.get('key')}"
        inner = item.find("dt_assoc") if item.find("dt_assoc") is not None else item.find("dt_array")
        found += [(here, item.text or "")] if inner is None else _texts(inner, f"{here}/")
    return found
