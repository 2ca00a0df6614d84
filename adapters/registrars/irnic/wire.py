"""How do bytes reach IRNIC, and what is proven when none come back? The one place here that touches a socket.

What tells *not sent* from *perhaps sent* is the first byte, not the class of an exception: a refused connection and one
that was closed after the request had been read are both `requests.ConnectionError`. Our connection asks the call for
its permit right before the first byte of a request and notes that it left; whatever goes wrong before that note was
not sent, and whatever goes wrong after it may have been.

Limits in order: connecting, the deadline of the call, the order's lease. The deadline holds for the call as a whole:
each read from the socket is given only what is left of it, so an answer that drips byte by byte ends in time too. Name
resolution alone cannot be interrupted; if it outlasts the call, the permit is refused and nothing is sent.

Nothing is repeated, redirected, taken from a proxy in the environment, or kept between calls except the connection. A
connection that the far side has closed is noticed before it is used, and one that lay idle is not trusted.
"""

import ssl
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection

from registrar.gateway import Call
from registrar.secrets import Secret

MAX_ANSWER_BYTES = 500_000
IDLE_SECONDS_TRUSTED = 30.0
"""Middle boxes forget idle connections without a word; a request into a forgotten one would end as an Unknown."""

_CHUNK_BYTES = 16_384
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer: its status and body. Whether it is IRNIC's own is for `reading` to say."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Silence:
    """No whole answer. `sent` is false only where it is proven that not one byte of the request left."""

    reason: str
    sent: bool


class OversizedAnswerError(Exception):
    """An answer larger than IRNIC's can be; it is not read on."""


class Wire:
    """Posts documents to one URL; safe for several threads, each of which has a session and a TLS context of its own.

    `ca_file` replaces the public certificate authorities (a sandbox, a private gateway). Certificate and host name are
    always verified. Limits are in seconds.
    """

    def __init__(
        self, url: str, token: Secret, *, ca_file: Path | None, connect_timeout: float, call_timeout: float
    ) -> None:
        self._url = url
        self._token = token
        self._ca_file = ca_file
        self._connect_timeout = connect_timeout
        self._call_timeout = call_timeout
        self._lines = threading.local()
        self._every_line: weakref.WeakSet[_Line] = weakref.WeakSet()
        self._lock = threading.Lock()

    def spend(self, document: bytes, call: Call) -> Answer | Silence:
        """Post a command that spends or changes a name: `call.permit()` is asked right before the first byte."""
        return self._post(document, _Exchange(call, self._call_timeout, may_begin=call.permit))

    def read(self, document: bytes, call: Call) -> Answer | Silence:
        """Post a command that changes nothing anybody pays for."""
        return self._post(document, _Exchange(call, self._call_timeout, may_begin=_always))

    def close(self) -> None:
        """Close every thread's kept connection; a call under way ends by itself."""
        with self._lock:
            for line in list(self._every_line):
                line.session.close()

    def _post(self, document: bytes, exchange: "_Exchange") -> Answer | Silence:
        try:
            line = self._line()
            with line.carrying(exchange):
                return self._exchanged(line.session, document, exchange)
        except Exception as error:  # noqa: BLE001  the first byte is the proof, whatever the exception is
            return Silence(_reason(error, sent=exchange.begun), sent=exchange.begun)

    def _exchanged(self, session: requests.Session, document: bytes, exchange: "_Exchange") -> Answer:
        left = exchange.remaining()
        with session.post(
            self._url,
            data=document,
            headers={"Authorization": f"Bearer {self._token.reveal()}"},
            timeout=(min(self._connect_timeout, left), left),
            allow_redirects=False,
            stream=True,
        ) as response:
            return Answer(response.status_code, _bounded(response))

    def _line(self) -> "_Line":
        line: _Line | None = getattr(self._lines, "line", None)
        if line is None:
            line = self._lines.line = _Line(self._ca_file)
            with self._lock:
                self._every_line.add(line)
        return line


class _Exchange:
    """One request and its answer: when it must end, and whether its first byte has left."""

    def __init__(self, call: Call, limit: float, *, may_begin: Callable[[], None]) -> None:
        self.clock = call.clock
        self._finish_by = min(call.finish_by, call.clock() + limit)
        self._may_begin = may_begin
        self.begun = False

    def begin(self) -> None:
        """Be called right before each write; raises if the first byte may not leave any more."""
        if not self.begun:
            self._may_begin()
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


class _Connection(HTTPSConnection):
    """A connection that asks before the first byte of a request and notes that it left."""

    auto_open = 0  # never connect in the middle of a request: the permit would be stale by then
    line: _Line | None = None

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, _TimedSocket):
            self.sock.line = self.line

    def send(self, data: Any) -> None:
        if self.line is None or self.line.exchange is None or self.sock is None:
            raise RuntimeError("a request outside of a call")
        self.sock.settimeout(self.line.exchange.remaining())
        self.line.exchange.begin()
        super().send(data)


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
    """A session that takes nothing from the environment, follows nothing and remembers nothing."""

    def __init__(self, line: _Line, ca_file: Path | None) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers.update(
            {
                "User-Agent": "registrar",
                "Content-Type": "application/xml; charset=UTF-8",
                "Accept": "application/xml",
                "Accept-Encoding": "identity",
            }
        )
        self.mount("https://", _Adapter(line, ca_file))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Find no redirect: requests would read the whole body of one, however large, only to not follow it."""
        del resp
        return None


def _always() -> None:
    """Permit what spends nothing."""


def _bounded(response: requests.Response) -> bytes:
    """Read the body, but never more than an answer of IRNIC's can be."""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise OversizedAnswerError(f"the answer is larger than {MAX_ANSWER_BYTES} bytes")
    return bytes(body)


def _reason(error: BaseException, *, sent: bool) -> str:
    """Say what happened: the innermost cause tells it in its own words."""
    root = error
    while (cause := root.__cause__ or root.__context__) is not None:
        root = cause
    where = "sent, but no whole answer came" if sent else "not sent"
    return f"{where}: {type(root).__name__}: {str(root)[:_LONGEST_REASON]}"
