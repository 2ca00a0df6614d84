"""How does one question reach an RDAP server, and what when no whole answer comes back? One request, one answer, or a reason.

A stranger answers, so nothing has a limit of the stranger's choosing: the whole request has one time limit, name resolution
and bytes that drip in included, and its answer one size; no compression is asked for and none is read. Nothing is taken
from the environment, no cookie is kept, no redirect followed and no request repeated.
"""

import asyncio
import ssl
import weakref
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL

ACCEPT = "application/rdap+json"

_HEADERS = {"Accept": ACCEPT, "Accept-Encoding": "identity", "User-Agent": "registrar"}
_CHUNK_BYTES = 16_384
_IDLE_SECONDS_TRUSTED = 4.0
"""Some servers forget an idle connection after five; a request into a forgotten one would be lost."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer; the two headers that matter as they were written. Bodies of other than 200 and 404 are not read."""

    status: int
    body: bytes
    location: str | None = None
    retry_after: str | None = None


class NoAnswerError(Exception):
    """No whole answer came, or one that is not read; the message says why in our words, and quotes nothing of theirs."""


class Line:
    """One event loop's kept connections to all servers: `async with`, then `get`."""

    def __init__(self, context: ssl.SSLContext, *, connect_timeout: float, max_answer_bytes: int) -> None:
        self._context = context
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_timeout)
        self._max_answer_bytes = max_answer_bytes
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open no connection yet."""
        self._session = aiohttp.ClientSession(
            connector=_Connector(ssl=self._context, limit=0, keepalive_timeout=_IDLE_SECONDS_TRUSTED),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            timeout=self._timeout,
            auto_decompress=False,
            trust_env=False,
        )
        # aiohttp asks an idempotent question again where the server hung up; a server's limit counts that one too.
        self._session._retry_connection = False  # noqa: SLF001  there is no public way, and a test watches it
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, *, within: float) -> Answer:
        """Ask once, and read the whole answer `within` seconds; raises `NoAnswerError`."""
        if self._session is None:
            raise RuntimeError("a line is asked inside of its `async with`")
        try:
            async with (
                asyncio.timeout(within),
                self._session.get(URL(url, encoded=True), allow_redirects=False) as response,
            ):
                return await self._read(response)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NoAnswerError(_words(error)) from error

    async def _read(self, response: aiohttp.ClientResponse) -> Answer:
        location, retry_after = response.headers.get("Location"), response.headers.get("Retry-After")
        if response.status not in (200, 404):
            return Answer(response.status, b"", location, retry_after)
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise NoAnswerError("the answer is compressed, which was not asked for")
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > self._max_answer_bytes:
                raise NoAnswerError(f"the answer is larger than {self._max_answer_bytes} bytes")
        return Answer(response.status, bytes(body), location, retry_after)


class _Connector(aiohttp.TCPConnector):
    """Connections that end when they are closed.

    aiohttp leaves one that is given up to TLS's farewell, for which a server may take half a minute, or for ever.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._opened: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  the library calls it so
    ) -> Connection:
        """Return a connection, and remember it while it lives."""
        connection = await super().connect(req, traces, timeout)
        if connection.transport is not None:
            self._opened.add(connection.transport)
        return connection

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Close the connections, and end those whose farewell is not over."""
        await super().close(abort_ssl=abort_ssl)
        for transport in list(self._opened):
            with suppress(
                AttributeError
            ):  # Python 3.11.2's TLS raises it for one that the other end has closed
                transport.abort()
        await asyncio.sleep(0)  # the loop closes an aborted connection's socket in its next round


def _words(error: Exception) -> str:
    """Say what happened. What aiohttp says of it may quote the server, so its own words are not passed on."""
    match error:
        case TimeoutError():
            return "no whole answer came in time"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return "the server could not prove who it is (TLS)"
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, OSError):
            return f"the server cannot be reached: {type(error.os_error).__name__}"
        case aiohttp.ClientPayloadError():
            return "the answer was cut off"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "the server hung up without an answer"
        case _:
            return f"the server does not speak HTTP as it should: {type(error).__name__}"
