"""How does a registry's RDAP server answer over HTTP, well or badly? One `GET …/domain/NAME` after another on a kept connection.

Only what a look needs is read of a request: its path. Nothing but names is served, and no other method.
"""

from collections.abc import Callable, Mapping

from adapters.sandbox.misbehaviour import Behaviour, Misbehaviour
from adapters.sandbox.public.desk import Desk, Limit, Manners, Visit
from adapters.sandbox.public.entries import Record
from adapters.sandbox.public.listening import Conversation, Listener
from adapters.sandbox.public.serving import PublicSandbox
from adapters.sandbox.rdap import documents
from adapters.sandbox.tls import Certificates

_LONGEST_HEAD = 16_384
_RDAP, _HTML = "application/rdap+json", "text/html"
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n"
_GARBAGE = b'\x00\x1f\x8b{"objectClassName":"dom\xff\xfe'
_REASONS = {
    200: "OK",
    302: "Found",
    400: "Bad Request",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


class RdapSandbox(PublicSandbox):
    """A registry's RDAP server: over TLS with `certificates`, else over plain HTTP."""

    def __init__(
        self,
        record: Record,
        *,
        manners: Manners | None = None,
        limit: Limit | None = None,
        latency: float = 0.0,
        certificates: Certificates | None = None,
        port: int = 0,
    ) -> None:
        self._scheme = "https" if certificates else "http"
        tls = certificates.server_context(client_certificate=False) if certificates else None
        super().__init__(record, manners=manners, limit=limit, latency=latency, tls=tls, port=port)

    @property
    def url(self) -> str:
        """The base of its addresses, while it listens; `domain/NAME` stands behind it."""
        return f"{self._scheme}://{self.place}/"

    def _converse(self, listener: Listener) -> Conversation:
        return _Conversation(listener, self._desk, self.url)


class _Conversation(Conversation):
    def __init__(self, listener: Listener, desk: Desk, base: str) -> None:
        super().__init__(listener)
        self._desk = desk
        self._base = base

    def data_received(self, received: bytes) -> None:
        """Answer every request that is whole."""
        self._received += received
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._answer(head)
        if len(self._received) > _LONGEST_HEAD:
            self.cut()

    def _answer(self, head: bytes) -> None:
        words = head.partition(b"\r\n")[0].split(b" ")
        path = words[1].decode("ascii", "replace") if len(words) == 3 and words[0] == b"GET" else ""
        before, _, name = path.rpartition("/")
        if not before.endswith("/domain") or not name:
            self.cut()
            return
        visit = self._desk.take(name.lower())
        self.deliver(_written(visit, self._base), visit.wire, closes=False)


def _written(visit: Visit, base: str) -> bytes:
    if visit.refused is not None:
        again = f"{visit.refused:.0f}" if visit.refused else ""
        return _http(429, documents.error(429, "The limit is reached"), more=_again(again))
    spoken = _SPOKEN.get(visit.wire.behaviour) if visit.wire else None
    return spoken(visit.wire) if spoken and visit.wire else _about(visit, base)


def _about(visit: Visit, base: str) -> bytes:
    if visit.entry is None:
        return _http(404, documents.NOT_FOUND)
    return _http(200, documents.domain(visit.entry, base=base))


def _http(status: int, body: bytes, *, content_type: str = _RDAP, more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status} {_REASONS.get(status, '')}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n{more}\r\n"
    )
    return head.encode() + body


def _again(seconds: str) -> str:
    return f"Retry-After: {seconds}\r\n" if seconds else ""


def _refused(how: Misbehaviour) -> bytes:
    code, reason = how.refusal()
    return _http(code, documents.error(code, reason))


_SPOKEN: Mapping[Behaviour, Callable[[Misbehaviour], bytes]] = {
    Behaviour.GARBAGE: lambda _: _http(200, _GARBAGE),
    Behaviour.HTML: lambda _: _http(502, _PAGE, content_type=_HTML),
    Behaviour.CLOSED: lambda how: _http(503, _PAGE, content_type=_HTML, more=_again(how.argument)),
    Behaviour.FAIL_AFTER: lambda _: _http(500, documents.error(500, "Internal error")),
    Behaviour.REFUSE: _refused,
    Behaviour.REDIRECT: lambda how: _http(302, b"", more=f"Location: {how.argument}\r\n"),
}
