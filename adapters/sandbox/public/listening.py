"""How do thousands of connections come and go at one public server? On one event loop, in a thread of its own.

A server's conversation is a subclass of `Conversation`, which reads questions and hands each answer to `deliver`; how the
answer then travels, late, in drips, cut off or never, is the same for all.
"""

import asyncio
import ssl
import threading
from collections.abc import Callable
from typing import Self, cast

from adapters.sandbox.misbehaviour import Behaviour, Misbehaviour
from adapters.sandbox.public.arrivals import Arrivals

DRIP_SECONDS = 0.2
"""Between one byte and the next."""

_BACKLOG = 4096
_STOP_SECONDS = 10.0


class Listener:
    """A socket on loopback and the loop that serves it, for as long as the block lasts.

    `latency` seconds pass between a question and its answer.
    """

    def __init__(
        self,
        converse: "Callable[[Listener], Conversation]",
        arrivals: Arrivals,
        *,
        latency: float,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._converse = converse
        self.arrivals = arrivals
        self.latency = latency
        self.open: set[Conversation] = set()
        self._place = (host, port)
        self._tls = tls
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: asyncio.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def place(self) -> tuple[str, int]:
        """Where it listens: host and port."""
        return self._place

    def start(self) -> None:
        """Listen, and return when a client may come; raises `OSError` for a port that is taken."""
        loop = asyncio.new_event_loop()
        try:
            self._server = loop.run_until_complete(self._listen(loop))
        except OSError:
            loop.close()
            raise
        host, port = self._server.sockets[0].getsockname()[:2]
        self._place, self._loop = (str(host), int(port)), loop
        self._thread = threading.Thread(target=loop.run_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut every connection, silent ones too."""
        if self._loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(_STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECONDS)
        self._loop.close()
        self._loop = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> asyncio.Server:
        return await loop.create_server(
            lambda: self._converse(self), *self._place, ssl=self._tls, backlog=_BACKLOG
        )

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
        while self.open:
            for conversation in list(self.open):
                conversation.cut()
            await asyncio.sleep(0)


class Conversation(asyncio.Protocol):
    """One connection."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._listener.open.add(self)
        self._listener.arrivals.connections += 1

    def connection_lost(self, _error: Exception | None) -> None:
        """End."""
        self._listener.open.discard(self)

    def cut(self) -> None:
        """End it now, in the middle of whatever is said."""
        if self._transport is not None:
            self._transport.abort()

    def deliver(self, answer: bytes, how: Misbehaviour | None, *, closes: bool) -> None:
        """Send an answer as it should travel; `closes`: nothing comes after it."""
        seconds = self._listener.latency
        match how.behaviour if how else None:
            case Behaviour.FREEZE:
                self._listener.arrivals.answered()
                return
            case Behaviour.DRIP:
                self._loop.call_later(seconds, self._drip, answer, 0)
                return
            case Behaviour.LATE if how:
                seconds += how.seconds
            case Behaviour.CUT:
                answer, closes = answer[: len(answer) // 2], True
            case Behaviour.DROP_REPLY | Behaviour.DROP_REQUEST | Behaviour.LATE_WORK:
                answer, closes = b"", True
            case _:
                pass
        if seconds > 0:
            self._loop.call_later(seconds, self._say, answer, closes)
        else:
            self._say(answer, closes)

    def _say(self, answer: bytes, closes: bool) -> None:  # noqa: FBT001 - `call_later` passes no names
        self._listener.arrivals.answered()
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(answer)
        if closes:
            transport.close()

    def _drip(self, answer: bytes, sent: int) -> None:
        transport = self._transport
        if transport is None or transport.is_closing() or sent == len(answer):
            self._listener.arrivals.answered()
            return
        transport.write(answer[sent : sent + 1])
        self._loop.call_later(DRIP_SECONDS, self._drip, answer, sent + 1)
