"""What becomes of one machine's parts when one of them ends?"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis
from redis.exceptions import RedisError

LONGEST_SECONDS = 120


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that is short enough to hold a socket."""
    with TemporaryDirectory(prefix="up-") as found:
        yield Path(found)


def test_without_its_redis_the_house_ends(folder: Path) -> None:
    """When the embedded Redis is killed, all parts stop and the command fails, so that whoever supervises it starts it again."""
    (folder / "registrar.toml").write_text(f'state = "{folder}/state"\n[api]\nport = 0\n')
    command = [sys.executable, "-m", "tasks.main", "--config", str(folder), "up", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as up:
        os.kill(_redis_of(folder / "state" / "redis" / "redis.sock"), signal.SIGKILL)
        _, said = up.communicate(timeout=LONGEST_SECONDS)
    assert up.returncode == 1
    assert "a part ended by itself" in said


def _redis_of(socket: Path) -> int:
    """Return the process id of the server behind a socket, once a part of the house has come to it."""
    give_up = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < give_up:
        try:
            with Redis.from_url(f"unix://{socket}?db=0") as client:
                if len(client.client_list()) > 3:  # more than those who only see whether it answers
                    return int(client.info("server")["process_id"])
        except RedisError:
            pass
        time.sleep(0.05)
    pytest.fail("no part comes to the embedded Redis")
