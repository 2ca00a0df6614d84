"""Can staff see what is outside, and what waits for them? And does the command say how it ended?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from adapters.desk import Desk
from adapters.terminal.app import make_app
from adapters.terminal.exits import MisconfiguredError
from registrar import access, holds
from registrar.database import Database
from registrar.models import Event
from registrar.outcomes import BlockCause
from registrar.secrets import Keyring, Secret
from tests.desks import MINUTE, START, opened
from tests.terminal.conftest import Started, Terminal


def test_a_name_is_looked_at_where_its_zone_is_sold(terminal: Terminal) -> None:
    """A look shows what the zone's registrar says of the name; one that fails ends with *try again*."""
    terminal.shop.registrars.names["mina.ir"] = START
    seen = terminal.json("look", "MINA.IR.")
    assert (seen["domain"], seen["state"], seen["ours"], seen["source"]) == (
        "mina.ir",
        "registered",
        True,
        "irnic",
    )
    assert terminal.json("look", "mina.ir", "--registrar", "epp")["source"] == "epp"
    assert "registered" in terminal.call("look", "mina.ir").stdout
    terminal.shop.registrars.silent.add("mina.ir")
    failed = terminal.call("look", "mina.ir", "--json")
    assert (failed.exit_code, json.loads(failed.stdout)["state"]) == (75, "unknown")
    assert terminal.call("look", "mina.example").exit_code == 2
    assert terminal.call("look", "mina.ir", "--registrar", "none").exit_code == 2


def test_a_registrar_is_checked(terminal: Terminal) -> None:
    """A check shows what the registrar says of itself; one that does not answer ends with *unavailable*."""
    assert terminal.json("check-registrar", "epp") == {
        "registrar": "epp",
        "greeting": "a registry of the tests",
        "deposit": "1,000 USD",
    }
    terminal.shop.registrars.silent.add("epp")
    failed = terminal.call("check-registrar", "epp")
    assert (failed.exit_code, "is its address right?" in failed.stderr) == (69, True)
    unknown = terminal.call("check-registrar", "none")
    assert unknown.exit_code == 2
    assert "epp, irnic" in unknown.stderr


def test_a_hold_is_seen_and_released(terminal: Terminal) -> None:
    """A registrar on hold shows among the registrars and the findings, until staff release it."""
    with terminal.shop.desk.database.transaction() as connection:
        holds.put(
            connection, "epp", BlockCause.CREDENTIALS, reason="login refused", now=START, probe_after=MINUTE
        )
    assert [(one["registrar"], one["on_hold"]) for one in terminal.lines("registrars", "list")] == [
        ("irnic", False),
        ("epp", True),
    ]
    [finding] = terminal.lines("findings")
    assert (finding["subject"], finding["opened_at"]) == ("epp: credentials", "2026-11-22T10:00:00Z")
    assert "login refused" in terminal.call("findings").stdout
    release = ("registrars", "release", "epp", "--ticket", "T-7")
    assert terminal.call(*release).exit_code == 2
    assert terminal.call("registrars", "release", "epp", "--yes").exit_code == 2
    assert "ticket_missing" in terminal.call("registrars", "release", "epp", "--yes", "--ticket", " ").stderr
    assert terminal.json(*release, "--yes") == {"registrar": "epp", "released": 1}
    assert terminal.lines("findings") == []
    assert terminal.json(*release, "--yes")["released"] == 0
    with terminal.shop.desk.database.reading() as connection:
        query = select(Event.actor, Event.ticket).where(Event.kind == "registrar.released")
        [(actor, ticket)] = connection.execute(query).all()
    assert (actor.startswith("terminal ("), ticket) == (True, "T-7")


def test_every_scope_of_a_key_is_named(terminal: Terminal) -> None:
    """Whoever issues a key reads all that it may be allowed."""
    told = "".join(terminal.call("keys", "issue", "--help").stdout.split())
    assert [scope for scope in access.Scope if scope not in told.replace("│", "")] == []


def test_a_key_is_issued_shown_once_and_revoked(terminal: Terminal) -> None:
    """An issued key is printed once, holds with its scopes, is listed without itself, and ends when it is revoked."""
    issued = terminal.call("keys", "issue", "shop", "--scope", "orders:read", "--scope", "orders:write")
    token = issued.stdout.strip()
    with terminal.shop.desk.database.reading() as connection:
        caller = access.check(connection, Secret(token))
    assert caller == access.Caller("shop", frozenset({"orders:read", "orders:write"}))
    listed = terminal.call("keys", "list", "--json")
    assert json.loads(listed.stdout)["scopes"] == ["orders:read", "orders:write"]
    assert token not in listed.output
    assert terminal.call("keys", "issue", "shop", "--scope", "orders:read").exit_code == 1
    assert terminal.call("keys", "issue", "other", "--scope", "everything").exit_code == 2
    everything = terminal.json("keys", "issue", "portal")
    assert everything["scopes"] == sorted(access.Scope)
    assert terminal.json("keys", "revoke", "shop", "--yes") == {"name": "shop", "revoked": True}
    with terminal.shop.desk.database.reading() as connection:
        assert access.check(connection, Secret(token)) is None
    assert terminal.call("keys", "revoke", "shop", "--yes").exit_code == 1
    other = terminal.json("keys", "issue", "other", "--scope", "ledger:read")
    assert other["key"].startswith("rgk_")
    assert other["key"] != token


def test_a_secret_key_is_made_without_any_setting(terminal: Terminal) -> None:
    """The first secret key can be made before anything is set: no desk is opened for it."""
    key = terminal.call("keys", "new-secret").stdout.strip()
    assert terminal.json("keys", "new-secret")["secret_key"] != key
    assert Keyring([Secret(key)]).open(Keyring([Secret(key)]).seal({"a": 1})) == {"a": 1}
    assert terminal.started.calls == []


def test_the_folder_of_the_settings_reaches_who_reads_it(terminal: Terminal, tmp_path: Path) -> None:
    """What --config names is handed on to the desk and to the parts; a folder that is not there is asked wrongly."""
    assert terminal.call("--config", tmp_path, "findings").exit_code == 0
    assert terminal.call("--config", tmp_path, "up", "--workers", 3).exit_code == 3
    assert terminal.call("worker").exit_code == 3
    assert terminal.call("api", "--port", 0).exit_code == 3
    assert terminal.call("--config", tmp_path, "db", "upgrade").exit_code == 3
    assert terminal.started.calls == [
        ("desk", tmp_path),
        ("up", tmp_path, 3),
        ("worker", None),
        ("api", None, None, 0),
        ("upgrade", tmp_path),
    ]
    assert terminal.call("--config", tmp_path / "none", "findings").exit_code == 2


@pytest.mark.parametrize(("environ", "stay"), [({}, False), ({"STAY": ""}, False), ({"STAY": "1"}, True)])
def test_the_demo_is_started_with_its_options(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], stay: bool
) -> None:
    """The demo ends by itself unless STAY=1 is said, and its exit code is the command's."""
    monkeypatch.delenv("STAY", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    result = terminal.call("demo", "--json", "--orders", 250, "--seed", 7)
    assert result.exit_code == 3
    assert result.stdout == ""
    [(name, *options)] = terminal.started.calls
    assert name == "demo"
    assert {("as_json", True), ("orders", 250), ("seed", 7), ("stay", stay)} <= set(options)


def test_a_part_tells_how_it_ended(terminal: Terminal, tmp_path: Path) -> None:
    """When a part was stopped, its exit code is the command's, and with --json it is told."""
    result = terminal.call("sandbox", "--folder", tmp_path, "--port", "epp=7700", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (3, {"part": "sandbox", "exit_code": 3})
    [(name, *options)] = terminal.started.calls
    assert name == "sandbox"
    assert ("folder", tmp_path) in options
    assert ("ports", {"epp": 7700}) in options


def test_settings_that_cannot_be_used_end_with_78() -> None:
    """Faulty settings end with their own exit code, and the words that say what to do."""

    def open_desk(config: Path | None) -> Desk:
        raise MisconfiguredError("registrar.toml: unknown key 'colour'")

    app = make_app(open_desk, Started([]).starters())
    result = CliRunner().invoke(app, ["findings", "--json"])
    assert result.exit_code == 78
    assert json.loads(result.stderr)["error"]["text"] == "registrar.toml: unknown key 'colour'"
    assert CliRunner().invoke(app, ["--version"]).exit_code == 0


def test_a_database_that_cannot_be_used_ends_with_69(blank_database_url: str) -> None:
    """A database without its tables, or that does not answer, ends with *unavailable* and says what to try."""
    with opened(blank_database_url) as shop:
        failed = Terminal(shop, Started([])).call("findings")
        assert (failed.exit_code, "db upgrade" in failed.stderr) == (69, True)
        assert "SELECT" not in failed.stderr


def test_a_database_that_is_away_ends_with_69(terminal: Terminal) -> None:
    """A database that nobody answers for ends with *unavailable*; no password of its address is shown."""
    from dataclasses import replace

    away = Database("postgresql+psycopg://nobody:planted-password@127.0.0.1:1/none")
    failed = Terminal(
        replace(terminal.shop, desk=replace(terminal.shop.desk, database=away)), Started([])
    ).call("findings")
    assert (failed.exit_code, "planted-password" in failed.output) == (69, False)


def test_help_is_quick_because_nothing_heavy_is_loaded() -> None:
    """Asking for help loads neither the database's library nor the API's."""
    program = (
        "import sys, adapters.terminal.app; from typer.main import get_command; "
        "get_command(adapters.terminal.app.make_app(None, None)); "
        "print([name for name in ('sqlalchemy', 'fastapi', 'lxml', 'cryptography') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "[]"
