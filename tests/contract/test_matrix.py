"""Does the matrix say what happened? Broken is never hidden by kept, and what does not apply says why."""

import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from tests.contract.matrix import BROKEN, KEPT, SKIPPED, Matrix

ROOT = Path(__file__).parents[2]


def report(
    registrar: str, outcome: Literal["passed", "failed", "skipped"], *, kind: str = "", reason: str = ""
) -> pytest.TestReport:
    """Make what a run reports of one promise."""
    return pytest.TestReport(
        nodeid="a promise",
        location=("a file", 1, "a promise"),
        keywords={},
        outcome=outcome,
        longrepr=("a file", 1, f"Skipped: {reason}") if reason else None,
        when="call",
        user_properties=[
            ("promise", "it is kept"),
            ("registrar", registrar),
            ("kind", kind),
            ("chapter", "test_orders"),
            ("line", 1),
        ],
    )


def test_one_broken_kind_breaks_the_cell() -> None:
    """A promise that is broken for one kind of order is broken, however many kinds keep it; a skip beside it hides nothing."""
    matrix = Matrix(["one", "two", "three"])
    matrix.add(report("one", "passed", kind="renew"))
    matrix.add(report("one", "failed", kind="transfer"))
    matrix.add(report("two", "passed", kind="renew"))
    matrix.add(report("two", "skipped", kind="transfer", reason="there are no transfers"))
    matrix.add(report("three", "skipped", reason="there is nothing to try"))
    head, chapter, row, *reasons = matrix.lines()
    assert head.split() == ["one", "two", "three"]
    assert chapter == "[orders]"
    assert row.split()[-3:] == [BROKEN, KEPT, SKIPPED]
    assert "  two: transfer: there are no transfers" in reasons
    assert "  three: there is nothing to try" in reasons


def test_the_run_ends_with_the_matrix() -> None:
    """A run over several processes ends with one matrix of all that they tried, and the reasons below it."""
    tried = "a_free_name_is_free or a_deleted_name_can_be_restored"
    command = [sys.executable, "-m", "pytest", "-n", "2", "-q", "-rfE", "tests/contract", "-k", tried]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout
    matrix = ran.stdout[ran.stdout.index("promises of the adapters") :]
    free, restored = (line for line in matrix.splitlines() if line.endswith((KEPT, SKIPPED)))
    assert free.startswith("a free name is free")
    assert free.split()[-7:] == [KEPT] * 7
    assert set(restored.split()[-7:]) == {KEPT, SKIPPED}
    assert "the toy has no redemption" in matrix
