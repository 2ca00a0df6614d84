"""Which promise is kept where? The reports of a run become rows of promises and columns of registrars."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

KEPT, SKIPPED, BROKEN, UNTRIED = "\N{CHECK MARK}", "\N{EN DASH}", "\N{BALLOT X}", " "


@dataclass
class _Cell:
    """What was seen of one promise at one registrar."""

    passed: int = 0
    failed: int = 0
    reasons: dict[str, None] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Broken if it ever was; kept if that is so wherever it applies; a dash if it applies nowhere."""
        if self.failed:
            return BROKEN
        return KEPT if self.passed else SKIPPED if self.reasons else UNTRIED


class Matrix:
    """Rows of promises, columns of registrars."""

    def __init__(self, registrars: Sequence[str]) -> None:
        self._registrars = registrars
        self.rows: dict[tuple[str, int, str], dict[str, _Cell]] = {}

    def add(self, report: pytest.TestReport) -> None:
        """Take in one report; those that are no promise's are passed over."""
        said = dict(report.user_properties)
        if "promise" not in said:
            return
        row = self.rows.setdefault((str(said["chapter"]), int(str(said["line"])), str(said["promise"])), {})
        cell = row.setdefault(str(said["registrar"]), _Cell())
        if report.failed:
            cell.failed += 1
        elif report.skipped:
            kind = f"{said['kind']}: " if said["kind"] else ""
            cell.reasons[kind + _reason(report)] = None
        elif report.when == "call":
            cell.passed += 1

    def lines(self) -> Iterator[str]:
        """Write the matrix, and below it why a promise does not apply."""
        width = max(len(promise) for _, _, promise in self.rows) + 2
        columns = [max(len(name), 3) + 2 for name in self._registrars]
        yield " " * width + "".join(
            name.center(size) for name, size in zip(self._registrars, columns, strict=True)
        )
        chapter = ""
        for (next_chapter, _, promise), row in sorted(self.rows.items()):
            if next_chapter != chapter:
                chapter = next_chapter
                yield f"[{chapter.removeprefix('test_').replace('_', ' ')}]"
            marks = [row.get(name, _Cell()).mark for name in self._registrars]
            yield (
                promise.ljust(width)
                + "".join(mark.center(size) for mark, size in zip(marks, columns, strict=True)).rstrip()
            )
        yield from self._reasons()

    def _reasons(self) -> Iterator[str]:
        """Write each reason once, with the promises that it is for."""
        found: dict[tuple[str, str], list[str]] = {}
        for (_, _, promise), row in sorted(self.rows.items()):
            for name, cell in row.items():
                for reason in cell.reasons:
                    found.setdefault((name, reason), []).append(promise)
        if found:
            yield ""
            yield f"{SKIPPED} does not apply:"
        for (name, reason), promises in sorted(found.items()):
            yield f"  {name}: {reason}"
            yield from (f"      {promise}" for promise in promises)


def _reason(report: pytest.TestReport) -> str:
    told = report.longrepr
    text = told[2] if isinstance(told, tuple) else str(told)
    return text.removeprefix("Skipped: ")
