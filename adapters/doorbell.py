"""How are workers told that a row is due? By a nudge in Redis that carries its id, sent by actor name.

A nudge is a hint to look at a row: losing it costs delay, doubling it costs nothing. So ringing never raises, waits
little, and is done after the commit.
"""

import structlog
from dramatiq import Broker, Message
from dramatiq.errors import BrokerConnectionError
from redis.exceptions import RedisError

log = structlog.get_logger()


class Doorbell:
    """Rings for one broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def ring(self, queue: str, actor: str, *arguments: str | int) -> bool:
        """Send a nudge; False if Redis did not take it (the sweep rings again)."""
        nudge: Message[None] = Message(
            queue_name=queue, actor_name=actor, args=arguments, kwargs={}, options={}
        )
        try:
            self._broker.declare_queue(queue)
            self._broker.enqueue(nudge)
        except (RedisError, BrokerConnectionError, OSError) as error:
            log.warning("nudge not sent", queue=queue, actor=actor, error=type(error).__name__)
            return False
        return True
