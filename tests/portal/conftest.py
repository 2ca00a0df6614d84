"""What the portal's tests share: a real server on loopback, a desk over each kind of database, and a client with a key."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Send
from starlette.types import Scope as Request

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


_served: list[FastAPI] = []
"""The applications that are served; requests go to the last one."""
_under_way: list[Request] = []
_port: list[int] = []


@pytest.fixture(scope="session", autouse=True)
def _one_server() -> Iterator[None]:
    """Run the one server of all tests: to start and stop one takes longer than all that a test asks of it."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(_answer, log_config=None, access_log=False, ws="none", lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        _wait_until(lambda: server.started)
        _port[:] = [listener.getsockname()[1]]
        yield
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        listener.close()


async def _answer(request: Request, receive: Receive, send: Send) -> None:
    """Hand a request to the application that is served."""
    _under_way.append(request)
    try:
        await _served[-1](request, receive, send)
    finally:
        _under_way.pop()  # whichever: they are counted


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application for the block, in the place of one that is served already."""
    _served.append(app)
    try:
        yield f"http://127.0.0.1:{_port[0]}"
    finally:
        _wait_until(lambda: not _under_way)
        _served.remove(app)


def _wait_until(condition: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < give_up_at:
        time.sleep(0.002)
