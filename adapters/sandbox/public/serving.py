"""What is one public server, whatever it speaks? A desk that knows, a socket that listens, and the misbehaviour that is ordered."""

import ssl
from typing import Self

from adapters.sandbox.public.arrivals import Arrivals
from adapters.sandbox.public.desk import Desk, Limit, Manners
from adapters.sandbox.public.entries import Record
from adapters.sandbox.public.listening import Conversation, Listener
from adapters.sandbox.public.orders import Orders


class PublicSandbox:
    """A public server for as long as the block lasts; a protocol gives it its `_converse`.

    `manners` say how it misbehaves; without them `orders` may be given at any time. `latency` is in seconds.
    """

    def __init__(
        self,
        record: Record,
        *,
        manners: Manners | None = None,
        limit: Limit | None = None,
        latency: float = 0.0,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.orders = Orders()
        self._desk = Desk(record, manners=manners or self.orders, limit=limit)
        self._listener = Listener(
            self._converse, self._desk.arrivals, latency=latency, host=host, port=port, tls=tls
        )

    @property
    def place(self) -> str:
        """Where it listens: `host:port`."""
        host, port = self._listener.place
        return f"{host}:{port}"

    @property
    def arrivals(self) -> Arrivals:
        """What came when."""
        return self._desk.arrivals

    def __enter__(self) -> Self:
        """Listen."""
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening, and cut every connection."""
        self._listener.stop()

    def _converse(self, listener: Listener) -> Conversation:
        raise NotImplementedError
