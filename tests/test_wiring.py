"""Do the parts that start here start from the same things, and only where they should?"""

import fcntl
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from config.settings import ConfigurationError, Settings, load
from registrar.commands import Kind
from registrar.money import Money
from registrar.sync.vocabulary import SyncTerms
from tasks import sandbox, wiring
from tasks.parts import ground
from tasks.wiring import secret_keys
from tests.agreement.rulebook import shipped_text

STARTERS = 8


def at_once(settings: Settings) -> list[str]:
    """Let several starters ask for the secret key at the same moment."""
    together = Barrier(STARTERS)

    def start(_: int) -> str:
        together.wait()
        return secret_keys(settings)[0].reveal()

    with ThreadPoolExecutor(STARTERS) as threads:
        return list(threads.map(start, range(STARTERS)))


def test_all_that_start_at_once_have_the_same_key(tmp_path: Path) -> None:
    """On a new machine the API and the workers start together, and what one seals the others open."""
    for number in range(25):
        settings = load(None, {"REGISTRAR_STATE": str(tmp_path / str(number))})
        assert len(set(at_once(settings))) == 1
        assert [file.name for file in settings.state.iterdir()] == ["secret_keys"]
        assert (settings.state / "secret_keys").stat().st_mode & 0o077 == 0


def test_the_tariff_reaches_what_is_sold(tmp_path: Path) -> None:
    """Prices in zones.toml are insisted on in the zone's currency; what has none is left to the portal (O4)."""
    (tmp_path / "zones.toml").write_text(
        '[com]\nrenew = { registrars = ["epp"], months = [12], prices = { 12 = 1250 } }\n', encoding="utf-8"
    )
    known = {"HOST": "epp.example.net", "USERNAME": "example", "PASSWORD": "planted", "ENABLED": "true"}
    variables = {f"REGISTRAR_REGISTRARS__EPP__{name}": value for name, value in known.items()}
    settings = load(tmp_path, {"REGISTRAR_STATE": str(tmp_path / "state"), **variables})
    gateway = wiring._gateway("epp", settings.registrars["epp"])
    try:
        offer = wiring._catalogue(settings, {"epp": gateway})["com"]
    finally:
        gateway.close()
    assert offer.prices == {Kind.RENEW: {12: Money(1250, "USD")}}


def test_the_nightly_look_is_set_as_it_is_documented(tmp_path: Path) -> None:
    """What the package sets for the night is what the core takes for granted where nothing is set."""
    settings = load(None, {"REGISTRAR_STATE": str(tmp_path)})
    assert wiring._sync_terms(settings.sync) == SyncTerms()


def test_a_question_makes_no_new_database(tmp_path: Path) -> None:
    """A command that was not told where the books are says so, instead of finding new and empty ones in order."""
    environ = {**os.environ, "REGISTRAR_STATE": str(tmp_path / "state")}
    asked = subprocess.run(
        [sys.executable, "-m", "tasks.main", "ledger", "verify"],
        env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (asked.returncode, asked.stdout) == (78, "")
    assert "there is no database" in asked.stderr
    assert not (tmp_path / "state" / "registrar.db").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("mina.com", "--expires-at", "2026-11-01", "--at", "2026-11-08T23:59:59Z"), ("committed", "given")),
        (("mina.ir", "--expires-at", "2026-11-01", "--at", "2026-11-08T20:30:00Z"), ("best_effort", "given")),
        (("mina.ir",), (None, None)),
    ],
)
def test_a_quote_needs_nothing_that_is_set_up(
    tmp_path: Path, words: tuple[str, ...], expected: tuple[str | None, str | None]
) -> None:
    """Before anything is set up it is told what would be promised (D2); it says so, and leaves nothing behind."""
    environ = {"PATH": os.environ["PATH"], "REGISTRAR_STATE": str(tmp_path / "state")}
    asked = subprocess.run(
        [sys.executable, "-m", "tasks.main", "quote", *words, "--kind", "renew", "--json"],
        env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (asked.returncode, "no database" in asked.stderr) == (0, True), asked.stderr
    told = json.loads(asked.stdout)
    assert (told["without_books"], told["class"], told["paid_through_source"]) == (True, *expected)
    assert not (tmp_path / "state").exists()


def test_a_folder_has_one_sandbox(tmp_path: Path) -> None:
    """A second sandbox in a folder is refused: it would write other addresses over those in use."""
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready: list[dict[str, str]] = []
        with pytest.raises(sandbox.SandboxRunningError, match="already"):
            sandbox.serve(
                tmp_path, dialect="com", ports={}, decide_after_seconds=1.0,
                stop=threading.Event(), ready=ready.append,
            )  # fmt: skip


def rules(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write a company's own rules into a folder of settings."""
    text = shipped_text()
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    folder.mkdir(exist_ok=True)
    (folder / "rules.toml").write_text(text, encoding="utf-8")
    return folder


def test_rules_that_were_changed_under_their_name_stop_the_start(tmp_path: Path) -> None:
    """What the customers were promised is not changed by editing a file: nothing starts, and what to do is said (A1)."""
    environ = {"REGISTRAR_STATE": str(tmp_path / "state"), "REGISTRAR_REDIS__URL": "redis://127.0.0.1:1/0"}
    changed = ("committed_days = 7", "committed_days = 5")
    with ground(load(rules(tmp_path / "first"), environ)):
        pass
    with ground(load(rules(tmp_path / "first"), environ)):
        pass
    with (
        pytest.raises(ConfigurationError, match=r"give the changed rules a new name.*committed_days was 7"),
        ground(load(rules(tmp_path / "second", changed), environ)),
    ):
        pass
    renamed = (changed, ('"2026-01"', '"2026-12"'), ("= 2026-01-01\n", "= 2026-12-01\n"))
    with ground(load(rules(tmp_path / "third", *renamed), environ)):
        pass


def test_a_command_ends_with_78_for_changed_rules(tmp_path: Path) -> None:
    """A script that upgrades the database sees that the rules are refused, and reads why."""
    environ = {**os.environ, "REGISTRAR_STATE": str(tmp_path / "state")}
    with ground(load(None, {**environ, "REGISTRAR_REDIS__URL": "redis://127.0.0.1:1/0"})):
        pass
    changed = rules(tmp_path / "changed", ("factor = 2", "factor = 3"))
    asked = subprocess.run(
        [sys.executable, "-m", "tasks.main", "--config", str(changed), "db", "upgrade"],
        env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert asked.returncode == 78
    assert "(delivery.factor was 2)" in asked.stderr
