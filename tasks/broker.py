"""How is dramatiq kept to a doorbell's work? A Redis broker without retries, delays or priorities.

- No middleware retries, limits or delays anything: the rows decide when something is tried again.
- `client` from a URL: redis-py then repeats no command by itself (an enqueue whose answer is lost would run twice).
- A lost or frozen Redis closes the consumer instead of killing its thread.
- An undecodable message is put aside, so that it does not stop those behind it.
"""

import os
from typing import Any

os.environ.setdefault(
    "dramatiq_queue_prefetch", "8"
)  # read when dramatiq is imported: as many as there are threads

import redis
import structlog
from dramatiq import Message
from dramatiq.broker import Consumer
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
            self._put_undecodable_aside()
            return super().__next__()
        except redis.TimeoutError as error:
            raise ConnectionClosed(error) from None

    def _put_undecodable_aside(self) -> None:
        """Move what no worker can read to the dead letters; its neighbours in the same fetch go on."""
        while self.message_cache and (data := self.message_cache[0]) is not None:
            try:
                Message.decode(data)
            except DecodeError:
                self.message_cache.pop(0)
                self._bury(data)
            else:
                return

    def _bury(self, data: bytes) -> None:
        log.error("undecodable message put aside", queue=self.queue_name, size=len(data))
        bodies = f"{self.broker.namespace}:{self.queue_name}.msgs"
        for message_id, body in self.broker.client.hscan_iter(bodies, count=1000):
            if body == data:
                self.broker.do_nack(self.queue_name, message_id)
                return
