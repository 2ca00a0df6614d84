"""What the portal's tests share: a real server on loopback over each kind of database, and a client with a key."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from adapters.portal.app import create_app
from registrar import access
from registrar.access import Scope
from tests.desks import START, Shop, opened

MAX_BODY_BYTES = 100_000
PATIENCE_SECONDS = 20


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    """Give a desk over a fresh database, SQLite and PostgreSQL in turn."""
    with opened(database_url) as made:
        yield made


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    """Give the address of a running API."""
    with serving(create_app(shop.desk, max_body_bytes=MAX_BODY_BYTES)) as url:
        yield url


@pytest.fixture
def portal(shop: Shop, address: str) -> Iterator[httpx2.Client]:
    """Give a client that holds a key with every scope."""
    token = issue(shop, "shop", *Scope)
    with httpx2.Client(
        base_url=address,
        headers={"Authorization": f"Bearer {token}"},
        timeout=PATIENCE_SECONDS,
        trust_env=False,
    ) as client:
        yield client


def issue(shop: Shop, name: str, *scopes: Scope) -> str:
    """Issue an API key and return it."""
    chance = name.encode().ljust(access.CHANCE_BYTES, b".")
    with shop.desk.database.transaction() as connection:
        return access.issue(connection, name, scopes, chance=chance, now=START, actor="test").reveal()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a port of its own for the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while not server.started and time.monotonic() < give_up_at:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        listener.close()
