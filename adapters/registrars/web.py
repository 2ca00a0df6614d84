"""How do bytes reach a registrar that speaks HTTPS, and what is proven when none come back? One conversation for all.

What tells *not sent* from *perhaps sent* is the first byte, not the class of an exception: a refused connection and one
that was closed after the request had been read are both `requests.ConnectionError`. Our connection asks the call for
its permit right before the first byte of a request and notes that it left; whatever goes wrong before that note was
not sent, and whatever goes wrong after it may have been.

Limits in order: connecting, the deadline of the call, the order's lease. The deadline holds for the call as a whole:
each read from the socket is given only what is left of it, so an answer that drips byte by byte ends in time too. Name
resolution alone cannot be interrupted; if it outlasts the call, the permit is refused and nothing is sent.

Nothing is repeated, redirected, taken from a proxy in the environment, or kept between calls except the connection. A
connection that the far side has closed is noticed before it is used, and one that lay idle is not trusted.

A query may hold a key (LogicBoxes, facts §0.5). It is put to the path by the connection itself, so that neither
`requests` nor `urllib3` can write it into a log or an exception; `reason` never quotes what the far side wrote.
"""

import ssl
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException, HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection

from registrar.gateway import Call, CallExpiredError

IDLE_SECONDS_TRUSTED = 30.0
"""Middle boxes forget idle connections without a word; a request into a forgotten one would end as an Unknown."""

_CHUNK_BYTES = 16_384
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class WebRequest:
    """One request, whole: `url` with its query in percent-encoding, `body` as the very bytes to send.

    Its `repr` shows the method alone: a key may stand in any of the rest.
    """

    method: str
    url: str = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole HTTP answer. Whether it is the registrar's own, or some page on the way, is for the caller to judge.

    `headers` are by lower-case name. A body that was sent without its length may be cut: it ends where they hung up.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unsent:
    """Provably no byte of this request reached them: as `registrar.outcomes.NotSent` wants it.

    `unreachable`: the network was the reason, and not our own limits. `retry_after` is in seconds, where it is known.
    """

    reason: str
    retry_after: float | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Silent:
    """The request has left, at least in part, and no whole answer came: it may have been carried out."""

    reason: str


class OversizedAnswerError(Exception):
    """An answer larger than the registrar's can be; it is not read on."""


class Wire:
    """Sends requests to one host; safe for several threads, each of which has a session and a TLS context of its own.

    `ca_file` replaces the public certificate authorities (a sandbox, a private gateway). Certificate and host name are
    always verified, and there is no way but HTTPS. Limits are in seconds and bytes; `max_body_bytes` is of an answer.
    """

    def __init__(
        self, *, ca_file: Path | None, connect_timeout: float, call_timeout: float, max_body_bytes: int
    ) -> None:
        self._ca_file = ca_file
        self._connect_timeout = connect_timeout
        self._call_timeout = call_timeout
        self._max_body_bytes = max_body_bytes
        self._lines = threading.local()
        self._every_line: weakref.WeakSet[_Line] = weakref.WeakSet()
        self._lock = threading.Lock()

    def send(self, request: WebRequest, call: Call, *, spends: bool) -> Answered | Unsent | Silent:
        """Send one request, once, and read the whole answer; never raises for what far side or network does.

        It waits for a turn under the registrar's rate limit first. If it `spends` (an order, an update),
        `call.permit()` is asked right before the first byte. A request that does not may be repeated by the caller.
        """
        try:
            call.take_turn()
            exchange = _Exchange(call, self._call_timeout, spends=spends)
        except CallExpiredError as late:
            return Unsent(str(late), retry_after=late.retry_after)
        try:
            line = self._line()
            with line.carrying(exchange):
                return self._exchanged(line.session, request, exchange)
        except CallExpiredError as late:
            return Unsent(str(late), retry_after=late.retry_after)
        except Exception as error:  # noqa: BLE001  the first byte is the proof, whatever the exception is
            if exchange.begun:
                return Silent(f"sent, but no whole answer came: {_words(error)}")
            return Unsent(f"not sent: {_words(error)}", unreachable=True)

    def close(self) -> None:
        """Close every thread's kept connection; a call under way ends by itself."""
        with self._lock:
            for line in list(self._every_line):
                line.session.close()

    def _exchanged(self, session: requests.Session, request: WebRequest, exchange: "_Exchange") -> Answered:
        address, _, exchange.query = request.url.partition("?")
        left = exchange.remaining()
        with session.request(
            request.method,
            address,
            data=request.body,
            headers=dict(request.headers),
            timeout=(min(self._connect_timeout, left), left),
            allow_redirects=False,
            stream=True,
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answered(response.status_code, headers, self._whole_body(response))

    def _whole_body(self, response: requests.Response) -> bytes:
        """Read the body, but never more than an answer of the registrar's can be."""
        body = bytearray()
        for chunk in response.iter_content(_CHUNK_BYTES):
            body += chunk
            if len(body) > self._max_body_bytes:
                raise OversizedAnswerError(f"the answer is larger than {self._max_body_bytes} bytes")
        return bytes(body)

    def _line(self) -> "_Line":
        line: _Line | None = getattr(self._lines, "line", None)
        if line is None:
            line = self._lines.line = _Line(self._ca_file)
            with self._lock:
                self._every_line.add(line)
        return line


class _Exchange:
    """One request and its answer: when it must end, whether its first byte has left, and the query of its URL."""

    def __init__(self, call: Call, limit: float, *, spends: bool) -> None:
        self.clock = call.clock
        self.query = ""
        self.begun = False
        self._call = call
        self._spends = spends
        now = call.clock()
        self._finish_by = min(call.finish_by, now + limit)
        if now >= self._finish_by:
            raise CallExpiredError("the call's deadline passed before the request was sent")

    def begin(self) -> None:
        """Be called right before each write; raises if the first byte may not leave any more."""
        if not self.begun:
            if self._spends:
                self._call.permit()
            self.begun = True

    def remaining(self) -> float:
        """Return the seconds left, more than none; raises TimeoutError when the deadline has passed."""
        left = self._finish_by - self.clock()
        if left <= 0:
            raise TimeoutError("the call's deadline passed")
        return left


class _Line:
    """One thread's session, and the exchange that it carries right now."""

    def __init__(self, ca_file: Path | None) -> None:
        self.exchange: _Exchange | None = None
        self.session = _Session(self, ca_file)
        self._idle_since: float | None = None

    @contextmanager
    def carrying(self, exchange: _Exchange) -> Iterator[None]:
        """Let the connection know its exchange meanwhile."""
        if self._idle_since is not None and exchange.clock() - self._idle_since > IDLE_SECONDS_TRUSTED:
            self.session.close()
        self.exchange = exchange
        try:
            yield
        finally:
            self.exchange = None
            self._idle_since = exchange.clock()


class _TimedSocket(ssl.SSLSocket):
    """A TLS socket that gives each read only what is left of the whole call."""

    line: _Line | None = None

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        if self.line is not None and self.line.exchange is not None:
            self.settimeout(self.line.exchange.remaining())
        return super().recv_into(buffer, nbytes, flags)


class _Response(HTTPResponse):
    """A response whose headers were read whole: cut ones would pass for an answer without a body."""

    def begin(self) -> None:
        super().begin()
        if self.msg.defects:
            raise HTTPException("the headers are broken")


class _Connection(HTTPSConnection):
    """A connection that asks before the first byte of a request and notes that it left."""

    auto_open = 0  # never connect in the middle of a request: the permit would be stale by then
    response_class = _Response
    line: _Line | None = None

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, _TimedSocket):
            self.sock.line = self.line

    def putrequest(self, method: str, url: str, *more: Any, **options: Any) -> None:
        query = self._exchange().query
        super().putrequest(method, f"{url}?{query}" if query else url, *more, **options)

    def send(self, data: Any) -> None:
        exchange = self._exchange()
        if self.sock is None:
            raise RuntimeError("a request without a connection")
        self.sock.settimeout(exchange.remaining())
        exchange.begin()
        super().send(data)

    def _exchange(self) -> _Exchange:
        if self.line is None or self.line.exchange is None:
            raise RuntimeError("a request outside of a call")
        return self.line.exchange


class _Pool(HTTPSConnectionPool):
    """A pool whose connections know their line."""

    ConnectionCls = _Connection

    def __init__(self, host: str, port: int | None = None, *, line: _Line, **options: Any) -> None:
        self._line = line
        super().__init__(host, port, **options)

    def _new_conn(self) -> Any:
        connection = super()._new_conn()
        if isinstance(connection, _Connection):
            connection.line = self._line
        return connection


class _Adapter(HTTPAdapter):
    """Makes our connections, with one TLS context that is loaded once (48 ms of CPU each time, otherwise)."""

    def __init__(self, line: _Line, ca_file: Path | None) -> None:
        context = ssl.create_default_context(cafile=str(ca_file or DEFAULT_CA_BUNDLE_PATH))
        context.sslsocket_class = _TimedSocket
        super().__init__(max_retries=0)
        self.poolmanager = PoolManager(num_pools=1, maxsize=1, ssl_context=context)
        self.poolmanager.pool_classes_by_scheme = {"https": partial(_Pool, line=line)}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the context as it is: it verifies, and the authorities are loaded already."""


class _Session(requests.Session):
    """A session that takes nothing from the environment, follows nothing, remembers nothing and knows only HTTPS."""

    def __init__(self, line: _Line, ca_file: Path | None) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers.update({"User-Agent": "registrar", "Accept-Encoding": "identity"})
        self.adapters.clear()  # the plain one for http:// would ask for no permit
        self.mount("https://", _Adapter(line, ca_file))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Find no redirect: requests would read the whole body of one, however large, only to not follow it."""
        del resp
        return None


def _words(error: BaseException) -> str:
    """Say what happened: the innermost cause tells it in its own words, where this machine wrote them.

    Other exceptions quote what the far side sent (a malformed status line), which may repeat our request.
    """
    root = error
    while (cause := root.__cause__ or root.__context__) is not None:
        root = cause
    ours = isinstance(root, OversizedAnswerError | OSError) and not isinstance(
        root, requests.RequestException
    )
    return f"{type(root).__name__}: {str(root)[:_LONGEST_REASON]}" if ours else type(root).__name__
