"""Do the tests' own servers, and the Redis we bring along, start, answer and stop? They do, and leave nothing behind."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import create_engine, inspect

from tasks import embedded
from tests import servers


def test_a_database_comes_fresh_and_at_the_newest_schema(database_url: str) -> None:
    """Every test of the money runs on a new database of each kind, with all tables and no rows."""
    engine = create_engine(database_url)
    assert {"alembic_version", "orders", "attempts"} <= set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM orders").scalar() == 0
    engine.dispose()


def test_a_blank_database_has_no_tables(blank_database_url: str) -> None:
    """Migrations are tried from nothing, on each kind of database."""
    engine = create_engine(blank_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_stopped_postgres_leaves_nothing_behind() -> None:
    """A PostgreSQL of ours ends with its tests, even with a connection open, and takes its folder along."""
    try:
        with servers.postgres() as server:
            left_open = server.connect()
            assert left_open.execute("SELECT 1").fetchone() == (1,)
    except servers.ServerUnavailableError as error:
        pytest.skip(str(error))
    assert server.process.returncode is not None
    assert not server.folder.exists()
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()


def test_the_embedded_redis_keeps_all_it_was_told_and_listens_to_nobody_else(tmp_path: Path) -> None:
    """The doorbell we bring along drops no nudge for want of room, and only its owner can ring it."""
    with embedded.running(tmp_path / "state") as server, Redis.from_url(server.url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("port") == {"port": "0"}
        assert (tmp_path / "state" / "redis.sock").stat().st_mode & 0o077 == 0
    assert server.process.returncode is not None


def test_a_second_redis_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    """Starting everything twice in one folder is refused in words, and the first goes on."""
    with embedded.running(tmp_path) as server:
        with pytest.raises(embedded.EmbeddedRedisError, match="running"):
            embedded.start(tmp_path)
        with Redis.from_url(server.url) as client:
            assert client.ping()


def test_a_redis_that_cannot_start_says_where_to_read_why(tmp_path: Path) -> None:
    """When our own Redis does not start, the message names the log, and no process is left."""
    (tmp_path / "redis.sock").mkdir()
    with pytest.raises(embedded.EmbeddedRedisError, match=r"redis\.log"):
        embedded.start(tmp_path)


def test_without_any_redis_installed_we_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without Valkey or Redis the message names the ways to get one."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(embedded.EmbeddedRedisError, match="embedded"):
        embedded.server_binary()


def test_a_state_folder_with_too_long_a_path_is_refused(tmp_path: Path) -> None:
    """A folder whose socket the system could not open is refused in words."""
    with pytest.raises(embedded.EmbeddedRedisError, match="too long"):
        embedded.start(tmp_path / ("long" * 30))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
def test_a_killed_parent_takes_its_redis_along(tmp_path: Path) -> None:
    """When what started our Redis is killed outright, no server stays behind."""
    program = f"import os, pathlib, signal; from tasks import embedded; embedded.start(pathlib.Path({str(tmp_path)!r})); os.kill(os.getpid(), signal.SIGKILL)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == -9
    with embedded.running(tmp_path) as server, Redis.from_url(server.url) as client:
        assert client.ping()
