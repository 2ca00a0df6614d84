"""How does a portal that shares the Redis send an order? By actor name, with dramatiq alone; the README shows these lines."""

import time
from typing import Any

import requests
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker


def place(order: dict[str, Any], *, redis_url: str, api: str, api_key: str) -> Any:
    """Send an order until its key is read back: it is in the books, or its `rejection` says why not."""
    broker = RedisBroker(url=redis_url)
    with requests.Session() as portal:
        portal.headers["Authorization"] = f"Bearer {api_key}"
        while True:
            broker.enqueue(Message("portal", "place_order", (order,), {}, {}))
            time.sleep(1)
            answer = portal.get(f"{api}/v1/orders", params={"key": order["key"]}, timeout=10)
            if answer.status_code != requests.codes.not_found:
                return answer.json()
