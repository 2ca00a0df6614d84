"""Does any mutant of the rules and the ledger live that nobody has excused? `make mutants` makes them; this judges them.

A mutant is one small change of the code (`<` to `<=`, a limit left out) that the tests should notice. One that lives is
told here, unless `mutants.txt` names it with a reason; a reason whose mutant is gone is told, too.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ACCEPTED = Path(__file__).with_name("mutants.txt")
LIVES = frozenset({"survived", "no tests", "not checked"})
"""A run that was cut short has shown nothing of the mutants that it did not reach."""


def main() -> int:
    """Compare the survivors of the last run with those that are excused; 0 if they are the same."""
    lines = _said("results").splitlines()
    found = dict(_survivors(lines))
    excused = dict(_excused(ACCEPTED.read_text(encoding="utf-8").splitlines()))
    for change in sorted(found.keys() - excused.keys()):
        _say(f"lives, and nobody says why ({found[change]}):\n{change}\n")
    for change in sorted(excused.keys() - found.keys()):
        _say(f"is excused, and lives no more (or was not made):\n{change}\n")
    _say(f"{len(found)} live, {len(found.keys() & excused.keys())} of them with a reason")
    return int(found.keys() != excused.keys())


def _survivors(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give what each survivor changes, and how it was tried."""
    for line in lines:
        name, _, state = line.strip().partition(": ")
        if state in LIVES:
            yield _change(name, _said("show", name).splitlines()), state


def _change(name: str, diff: Sequence[str]) -> str:
    """Return a mutant by what it changes: the number in its own name moves with every edit."""
    function = name.rpartition("__mutmut_")[0]
    kept = [line for line in diff if line[:1] in "-+" and line[:3] not in {"---", "+++"}]
    return "\n".join([function, *(f"{line[0]} {line[1:].strip()}" for line in kept)])


def _excused(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Read reasons: blocks apart by an empty line, each a reason behind `#`, the function, and the lines that change."""
    for block in "\n".join(lines).split("\n\n"):
        reasons = [line for line in block.splitlines() if line.startswith("#")]
        change = [line for line in block.splitlines() if not line.startswith("#")]
        if change:
            if not reasons:
                raise SystemExit(f"{ACCEPTED.name}: no reason stands over\n{block}")
            yield "\n".join(change), " ".join(reasons)


def _said(*words: str) -> str:
    command = [str(Path(sys.executable).with_name("mutmut")), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
