"""Is every good line of a file in the books, once, whatever stands on the lines around it?"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.desks import a_transfer, an_order
from tests.terminal.conftest import Terminal


def line(key: object, **changes: Any) -> bytes:
    return json.dumps({"key": key, **an_order(**changes)}).encode() + b"\n"


MIXED = b"".join(
    [
        line("k-1", domain="a.com"),
        b"{not json}\n",
        b"\n",
        line("k-2", domain="b.com", price={"amount": -5, "currency": "USD"}),
        line(None, domain="c.com"),
        line("k-1", domain="other.com"),
        json.dumps(an_order()).encode() + b"\n",
        b"[1]\n",
        line("k-3", domain="d.com", payment={"source": "balance"}),
        b'{"key": "k-4", "key": "k-5"}\n',
        b"\xff\xfe\n",
        line("k-6", domain="e.com").rstrip(b"\n") + b"\r\n",
        b'{"key": "' + b"k" * 1_000_001 + b'"}\n',
        line("k-7", domain="f.com").rstrip(b"\n"),
    ]
)


@pytest.mark.parametrize("from_stdin", [False, True], ids=["file", "stdin"])
def test_a_bad_line_stops_nothing(terminal: Terminal, tmp_path: Path, from_stdin: bool) -> None:
    """Each line that cannot be taken is told with its number and reason; all others are in the books, whole."""
    file = tmp_path / "orders.jsonl"
    file.write_bytes(MIXED)
    result = (
        terminal.call("orders", "place", "-", "--json", stdin=MIXED)
        if from_stdin
        else terminal.call("orders", "place", file, "--json")
    )
    assert result.exit_code == 1
    told = [json.loads(text) for text in result.stdout.splitlines()]
    refused = {one["line"]: one["error"]["code"] for one in told if "error" in one}
    assert refused == {
        2: "malformed_json",
        4: "price_invalid",
        5: "key_missing",
        6: "key_reused",
        7: "key_missing",
        8: "not_an_object",
        9: "insufficient_balance",
        10: "malformed_json",
        11: "malformed_json",
        13: "line_too_large",
    }
    placed = {one["line"]: (one["key"], one["order"]) for one in told if "order" in one}
    assert [key for key, _ in placed.values()] == ["k-1", "k-6", "k-7"]
    assert list(placed) == [1, 12, 14]
    assert terminal.shop.registrars.rung == [("epp", order) for _, order in placed.values()]
    assert (terminal.shop.rows()["orders"], terminal.shop.rows()["movements"]) == (3, 3)
    assert "line 4: price.amount: price_invalid:" in result.stderr
    assert "placed 3, there already 0, refused 10" in result.stderr


def test_a_file_twice_places_nothing_twice(terminal: Terminal, tmp_path: Path) -> None:
    """Placing the same file again finds every order there already, and rings nobody."""
    file = tmp_path / "orders.jsonl"
    file.write_bytes(b"".join(line(f"k-{number}", domain=f"n{number}.com") for number in range(20)))
    first = terminal.call("orders", "place", file)
    assert first.exit_code == 0, first.output
    assert "placed" in first.stdout
    rows, rung = terminal.shop.rows(), list(terminal.shop.registrars.rung)
    again = terminal.lines("orders", "place", file)
    assert [one["repeated"] for one in again] == [True] * 20
    assert terminal.shop.rows() == rows
    assert terminal.shop.registrars.rung == rung


def test_a_file_again_after_the_offer_changed_places_nothing_twice(terminal: Terminal) -> None:
    """A line that stands in the books is found there although its zone is not sold any more; another one is refused."""
    assert terminal.call("orders", "place", "-", stdin=line("k-1")).exit_code == 0
    later = Terminal(
        replace(
            terminal.shop,
            desk=replace(terminal.shop.desk, catalogue={"ir": terminal.shop.desk.catalogue["ir"]}),
        ),
        terminal.started,
    )
    told = later.lines("orders", "place", "-", stdin=line("k-1") + line("k-1", months=24) + line("k-2"))
    assert told[0] == {"line": 1, "key": "k-1", "order": 1, "repeated": True}
    assert [one["error"]["code"] for one in told[1:]] == ["key_reused", "zone_not_sold"]
    assert "order 1" in told[1]["error"]["text"]
    assert terminal.shop.rows()["orders"] == 1


def test_a_dry_run_reads_and_stores_nothing(terminal: Terminal) -> None:
    """A dry run tells which lines are good, and neither books nor rings."""
    before = terminal.shop.rows()
    told = terminal.lines("orders", "place", "-", "--dry-run", stdin=line("k-1") + line("k-2", months=7))
    assert told[0] == {"line": 1, "key": "k-1", "order": None, "repeated": False}
    assert told[1]["error"]["code"] == "term_not_sold"
    assert terminal.shop.rows() == before
    assert terminal.shop.registrars.rung == []


def test_no_secret_of_a_file_is_shown(terminal: Terminal) -> None:
    """An auth code in a file is shown nowhere: not where its line is taken, nor where it is refused."""
    good = json.dumps({"key": "k-1", **a_transfer()}).encode() + b"\n"
    bad = json.dumps({"key": "k-2", **a_transfer(months=7)}).encode() + b"\n"
    broken = good.rstrip()[:-1] + b",\n"
    result = terminal.call("orders", "place", "-", "--json", stdin=good + bad + broken)
    assert len(result.stdout.splitlines()) == 3
    shown = result.output + terminal.call("orders", "show", 1).output + terminal.call("orders", "list").output
    assert "planted-auth-code" not in shown


def test_a_file_that_is_not_there_is_asked_wrongly(terminal: Terminal, tmp_path: Path) -> None:
    """A file that cannot be read ends with the exit code of a wrong call."""
    assert terminal.call("orders", "place", tmp_path / "none.jsonl").exit_code == 2
    assert terminal.call("orders", "place", tmp_path).exit_code == 2
