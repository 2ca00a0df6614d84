"""Does the demo end as it promises, and does its exit code tell when the books and the ledger disagree?"""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.sandbox import ACCOUNTS

ORDERS = 100
LONGEST_SECONDS = 200


@pytest.fixture(scope="module")
def played() -> Iterator[tuple[Path, subprocess.CompletedProcess[str]]]:
    """A demo that has ended, in a folder short enough for a unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="demo-"))
    ended = demo("--orders", str(ORDERS), "--folder", str(folder / "d"))
    yield folder / "d", ended
    shutil.rmtree(folder)


def demo(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tasks.main", "demo", "--json", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)


def last_line(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


def test_the_demo_proves_its_books(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """A stranger sees every order ended, nothing spent or credited twice, and nothing lost."""
    _, ended = played
    told = last_line(ended)
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.splitlines()) == 1
    assert (told["double_spent"], told["double_credited"], told["lost"]) == (0, 0, 0)
    assert told["ledger_balanced"] is True
    assert told["orders"]["placed"] == ORDERS == told["orders"]["completed"] + told["orders"]["refused"]
    assert told["credited"]["count"] == told["orders"]["refused"] > 0
    assert told["charges"] > 0


def test_every_story_ends_as_it_should(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Whatever goes wrong at whichever of the five registrars, each customer sees the end that is right for his order."""
    told = last_line(played[1])
    assert told["surprises"] == []
    assert told["registrars"].keys() == ACCOUNTS.keys()
    assert all(figures["charges"] > 0 for figures in told["registrars"].values())
    counted = {name: sum(one[name] for one in told["registrars"].values()) for name in ("orders", "credits")}
    assert counted == {"orders": ORDERS, "credits": told["credited"]["count"]}


def test_the_night_believes_no_lie(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Every name that was sold is looked at, and what the public record says falsely is told to staff and not written (P8)."""
    night = last_line(played[1])["night"]
    assert (night["state"], night["believed"], night["unknown"]) == ("done", [], 0)
    assert night["confirmed"] == night["names"] > 0
    assert any("1969" in text for text in night["findings"])


def test_a_spoilt_book_is_seen(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """One charge too many and one too few in a registrar's book are counted, and the exit code says so."""
    folder, _ = played
    with sqlite3.connect(folder / "books" / "epp.db") as book:
        names = "at, client_transaction_id, command, name, months, amount, unit"
        standing = (
            "refund_of IS NULL AND id NOT IN (SELECT refund_of FROM charges WHERE refund_of IS NOT NULL)"
        )
        first, last = book.execute(f"SELECT min(id), max(id) FROM charges WHERE {standing}").fetchone()
        book.execute(f"INSERT INTO charges ({names}) SELECT {names} FROM charges WHERE id = ?", (first,))
        book.execute("DELETE FROM charges WHERE id = ?", (last,))
    ended = demo("--folder", str(folder), "--prove-only")
    told = last_line(ended)
    assert (ended.returncode, told["double_spent"], told["lost"]) == (1, 1, 1)
