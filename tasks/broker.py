"""How is dramatiq kept to a doorbell's work? A Redis broker without retries, delays or priorities.

- No middleware retries, limits or delays anything: the rows decide when something is tried again.
- `client` from a URL: redis-py then repeats no command by itself (an enqueue whose answer is lost would run twice).
- A lost or frozen Redis closes the consumer instead of killing its thread.
- An undecodable message is put aside, so that it does not stop those behind it.
"""

import os
from collections.abc import Iterable
from typing import Any

os.environ.setdefault(
    "dramatiq_queue_prefetch", "8"
)  # read when dramatiq is imported: as many as there are threads

import redis
import structlog
from dramatiq import Message
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.errors import ConnectionClosed, DecodeError

log = structlog.get_logger()

HEARTBEAT_TIMEOUT_MS = 60_000
EVERY_COMMAND = 1_000_000
"""Out of a million: each command looks for workers that died, so that their nudges come back soon."""


def make_broker(url: str, *, socket_timeout: float = 5.0) -> RedisBroker:
    """Return the broker; the process needs one Redis, used for nothing else that is large (maintenance lists its keys)."""
    client = redis.Redis.from_url(url, socket_timeout=socket_timeout, socket_connect_timeout=socket_timeout)
    return _PatientBroker(
        client=client, middleware=[], heartbeat_timeout=HEARTBEAT_TIMEOUT_MS, maintenance_chance=EVERY_COMMAND
    )


class _PatientBroker(RedisBroker):
    @property
    def consumer_class(self) -> type[Consumer]:
        return _PatientConsumer


class _PatientConsumer(_RedisConsumer):
    """dramatiq maps `redis.ConnectionError` alone; a time-out must end the same way (its issue 894)."""

    def ack(self, message: Any) -> None:
        try:
            super().ack(message)
        except redis.TimeoutError as error:
            raise ConnectionClosed(error) from None

    def nack(self, message: Any) -> None:
        try:
            super().nack(message)
        except redis.TimeoutError as error:
            raise ConnectionClosed(error) from None

    def requeue(self, messages: Any) -> None:
        try:
            super().requeue(messages)
        except (redis.TimeoutError, redis.ConnectionError) as error:
            raise ConnectionClosed(error) from None

    def __next__(self) -> Any:
        try:
            message = super().__next__()
        except redis.TimeoutError as error:
            raise ConnectionClosed(error) from None
        return None if message is None else _QuietMessage(message._message)  # noqa: SLF001 - the proxy's own subclass takes it over

    @property
    def message_cache(self) -> list[bytes | None]:
        """What is fetched and not yet decoded."""
        return self._fetched

    @message_cache.setter
    def message_cache(self, fetched: Iterable[bytes | None]) -> None:
        """Take what was fetched; what no worker can read goes to the dead letters, and its neighbours go on."""
        self._fetched = [data for data in fetched if data is None or self._is_readable(data)]

    def _is_readable(self, data: bytes) -> bool:
        try:
            message: Message[Any] = Message.decode(data)
        except DecodeError:
            readable = False
        else:
            options: Any = message.options  # whatever the sender wrote
            readable = (
                message.queue_name == self.queue_name
                and isinstance(options, dict)
                and "redis_message_id" in options
            )
        if not readable:
            self._bury(data)
        return readable

    def _bury(self, data: bytes) -> None:
        log.error("undecodable message put aside", queue=self.queue_name, size=len(data))
        bodies = f"{self.broker.namespace}:{self.queue_name}.msgs"
        for message_id, body in self.broker.client.hscan_iter(bodies, count=1000):
            if body == data:
                self.broker.do_nack(self.queue_name, message_id)
                return


class _QuietMessage(MessageProxy):
    """A message that shows its actor and its id: dramatiq logs what it shows, and a portal may have sent a secret in it."""

    def __str__(self) -> str:
        return f"{self.actor_name} {self.message_id}"

    def __repr__(self) -> str:
        return f"<{self}>"
