"""Can a company that has names elsewhere take them in at the terminal, and out again?"""

import json
from pathlib import Path

import pytest

from tests.desks import an_order
from tests.terminal.conftest import Terminal, unboxed

HEADER = "domain,customer,registrar,paid_through,registry_expires_at,registry_id,renew_by\n"
MINA = "mina.com,c-42,epp,2027-03-01T10:00:00Z,,,\n"
SARA = "سارا.ir,c-7,irnic,2027-03-20,,,\n"
BY = ("--ticket", "T-1", "--yes")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file of two names."""
    return written(tmp_path, HEADER + MINA + SARA)


def written(folder: Path, text: str) -> Path:
    """Write a file of names."""
    file = folder / "names.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_names_come_in_and_go_out_again(terminal: Terminal, file: Path, tmp_path: Path) -> None:
    """What was taken in is written out in the same columns, and that file changes nothing when it is taken in."""
    (told,) = terminal.lines("domains", "import", file, *BY)
    assert (told["result"], told["names"], told["imported"]) == ("summary", 2, 2)
    out = tmp_path / "out.csv"
    made = terminal.json("domains", "export", "--to", out)
    (again,) = terminal.lines("domains", "import", out, *BY)
    assert (made["names"], again["there_already"], made["sha256"]) == (2, 2, again["sha256"])
    assert out.stat().st_mode & 0o077 == 0
    shown = terminal.call("domains", "export", "--zone", "ir").stdout.splitlines()
    assert [line.split(",")[0] for line in shown] == ["domain", "xn--mgba3ag.ir"]
    assert terminal.call("domains", "export").stdout.encode() == out.read_bytes()


def test_an_export_is_never_over_another_file(terminal: Terminal, file: Path) -> None:
    """A file that is there already stays as it is, and nothing is left beside it."""
    before = file.read_bytes()
    refused = terminal.call("domains", "export", "--to", file)
    assert (refused.exit_code, "is there already" in unboxed(refused.stderr)) == (2, True)
    assert file.read_bytes() == before
    out = file.parent / "there" / "out.csv"
    assert terminal.call("domains", "export", "--to", out).exit_code == 2, "there is no such folder"
    assert not [path for path in file.parent.iterdir() if path.name.startswith(".")]


def test_what_was_exported_is_told_as_json_beside_a_file(terminal: Terminal, file: Path) -> None:
    """The names themselves are CSV: who wants JSON says where they go."""
    refused = terminal.call("domains", "export", "--json")
    assert (refused.exit_code, refused.stdout, "--to" in refused.stderr) == (2, "", True)


def test_one_fault_keeps_all_out(terminal: Terminal, tmp_path: Path) -> None:
    """A file with faults is refused as a whole, with each fault's line and what to do, and nothing is written."""
    before = terminal.shop.rows()
    file = written(tmp_path, HEADER + MINA + "sara.org,,epp,soon,,,\n")
    refused = terminal.call("domains", "import", file, *BY)
    assert refused.exit_code == 2
    for text in ("line 3: domain: ", "line 3: customer: ", "line 3: paid_through: 'soon' is no date"):
        assert text in refused.stderr
    *faults, summary = terminal.lines("domains", "import", file, *BY)
    assert [fault["column"] for fault in faults] == ["domain", "customer", "paid_through"]
    assert (summary["faults"], summary["good_lines"]) == (3, 1)
    assert terminal.shop.rows() == before


def test_what_the_books_know_otherwise_is_told_and_left(terminal: Terminal, file: Path) -> None:
    """A name that differs is listed with both values and the exit code says so; --replace writes the file's."""
    terminal.call("domains", "import", file, *BY)
    other = written(file.parent, HEADER + MINA.replace("c-42", "c-9"))
    left = terminal.call("domains", "import", other, *BY, "--json")
    conflict, summary = map(json.loads, left.stdout.splitlines())
    assert (left.exit_code, conflict["result"], conflict["line"]) == (1, "conflict", 2)
    assert conflict["differs"] == {"customer": {"books": "c-42", "file": "c-9"}}
    assert summary["conflict"] == 1
    assert "customer: c-42, not c-9" in terminal.call("domains", "import", other, *BY).stderr
    replaced = terminal.call("domains", "import", other, *BY, "--replace")
    assert (replaced.exit_code, "c-9" in terminal.call("domains", "export").stdout) == (0, True)


def test_a_name_with_an_open_order_is_told_and_left(terminal: Terminal, file: Path) -> None:
    """The name of an open order is the order's, and the rest of the file comes in."""
    order = json.dumps(an_order(key="k-1")).encode()
    assert terminal.call("orders", "place", "-", stdin=order).exit_code == 0
    left = terminal.call("domains", "import", file, *BY, "--json")
    told, summary = map(json.loads, left.stdout.splitlines())
    assert (left.exit_code, told["domain"], told["result"]) == (1, "mina.com", "open_order")
    assert (summary["imported"], summary["open_order"]) == (1, 1)


def test_a_dry_run_only_tells(terminal: Terminal, file: Path) -> None:
    """With --dry-run nobody is asked, nothing is written, and the counts are those that would be."""
    before = terminal.shop.rows()
    (told,) = terminal.lines("domains", "import", file, "--ticket", "T-1", "--dry-run")
    assert (told["dry_run"], told["imported"]) == (True, 2)
    assert terminal.shop.rows() == before


def test_it_is_asked_first_and_has_a_ticket(terminal: Terminal, file: Path) -> None:
    """Nothing is taken in without a ticket, or without a yes where nobody can be asked (C1)."""
    before = terminal.shop.rows()
    assert terminal.call("domains", "import", file, "--yes").exit_code == 2
    assert terminal.call("domains", "import", file, "--ticket", "T-1").exit_code == 2
    blank = terminal.call("domains", "import", file, "--ticket", " ", "--yes")
    assert (blank.exit_code, "ticket_missing" in blank.stderr) == (1, True)
    assert terminal.shop.rows() == before


def test_a_file_may_come_from_a_pipe_with_one_registrar_for_all(terminal: Terminal) -> None:
    """Stdin is a file too; --registrar says where names are whose line does not, and must be one of ours."""
    text = b"domain,customer,paid_through\nmina.com,c-42,\n"
    (told,) = terminal.lines("domains", "import", "-", "--registrar", "epp", *BY, stdin=text)
    assert (told["imported"], told["without_paid_through"]) == (1, 1)
    wrong = terminal.call("domains", "import", "-", "--registrar", "nobody", *BY, stdin=text)
    assert (wrong.exit_code, "epp, irnic" in unboxed(wrong.stderr)) == (2, True)
