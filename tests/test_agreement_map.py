"""Is the map of the agreement true? Each clause has its row in `docs/agreement.md`, and the row leads where it says.

Each way it can be wrong is tried on a spoilt copy of the page.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from starlette.routing import Match

from adapters.portal.app import create_app
from adapters.terminal.app import make_app

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "agreement.md"
STORIES = "tests/stories/"
PACKAGES = ("registrar", "adapters", "tasks", "config")

CLAUSES = (
    *(f"D{number}" for number in range(1, 10)),
    *(f"E{number}" for number in range(1, 8)),
    *(f"O{number}" for number in range(1, 12)),
    *(f"F{number}" for number in range(1, 8)),
    *("C1", "C2", "C3", "A1", "D10"),
)
"""The agreement's clauses, in its order."""

CODE = re.compile(r"(?<![\w-])[DEOFCA][0-9]{1,2}(?![\w/-])")
"""What reads as a clause's code: `D5`, and not a part of a number, a case's or a document's (`F26-1`, `C01/X`)."""


@dataclass(frozen=True)
class Row:
    """A clause's row on the page."""

    code: str
    does: str
    modules: str
    tests: str
    example: str

    def quoted(self, cell: str) -> list[str]:
        """List what stands between backticks in a cell."""
        return re.findall(r"`([^`]+)`", getattr(self, cell))


Fault = Iterator[str]


def rows(page: str) -> list[Row]:
    """Read the page's tables: every line whose first cell is a clause's code."""
    found = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and CODE.fullmatch(cells[0]):
            found.append(Row(*cells))
    return found


def missing_rows(page: str) -> Fault:
    """Tell of every clause without a row, twice on the page, or out of the agreement's order."""
    shown = [row.code for row in rows(page)]
    if shown != list(CLAUSES):
        yield f"rows: {sorted(set(CLAUSES) ^ set(shown)) or 'not in the order of the agreement, or twice'}"


def empty_cells(page: str) -> Fault:
    """Tell of every row that leaves out what is done, where, how it is tried, or an example."""
    for row in rows(page):
        for cell in ("modules", "tests", "example"):
            if not row.quoted(cell):
                yield f"{row.code}: {cell} names nothing"
        if len(row.does.split()) < 3:
            yield f"{row.code}: it does not say what is done"


def wrong_modules(page: str) -> Fault:
    """Tell of every named module that does not exist, or whose source does not name the clause."""
    for row in rows(page):
        for module in row.quoted("modules"):
            if not (ROOT / module).is_file():
                yield f"{row.code}: there is no {module}"
            elif row.code not in CODE.findall((ROOT / module).read_text()):
                yield f"{row.code}: {module} does not name it"


def wrong_tests(page: str) -> Fault:
    """Tell of every named test that does not exist, or does not name the clause."""
    for row in rows(page):
        for named in row.quoted("tests"):
            file, _, function = named.partition("::")
            if not (ROOT / file).is_file():
                yield f"{row.code}: there is no {file}"
                continue
            source = functions_of(file).get(function) if function else (ROOT / file).read_text()
            if source is None:
                yield f"{row.code}: {file} has no {function}"
            elif row.code not in CODE.findall(source):
                yield f"{row.code}: {named} does not name it"


def without_story(page: str) -> Fault:
    """Tell of every clause that has no story of its own, unless its row says why."""
    for row in rows(page):
        told = [named for named in row.quoted("tests") if named.startswith(STORIES) and "::" in named]
        if not told and "no story:" not in row.tests:
            yield f"{row.code}: no story is told of it, and the row does not say why"


def wrong_examples(page: str) -> Fault:
    """Tell of every example that is neither a command with all that it wants nor a request that the API knows."""
    for row in rows(page):
        for example in row.quoted("example"):
            if example.startswith("registrar "):
                fault = wrong_command(example.split()[1:])
            else:
                fault = wrong_request(example)
            if fault:
                yield f"{row.code}: `{example}`: {fault}"


def wrong_command(words: list[str]) -> str | None:
    """Say what is wrong with a command line, or None."""
    command = terminal()
    while (below := getattr(command, "commands", None)) is not None:
        if not words or words[0] not in below:
            return f"there is no command {words[:1]}"
        command = below[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    if unknown := [word for word in words if word.startswith("-") and word not in known]:
        return f"{command.name} has no {unknown}"
    given, _, _ = command.make_parser(command.context_class(command)).parse_args(words)
    missing = [one.name for one in command.params if one.required and given.get(one.name) in (None, ())]
    return f"{command.name} wants {missing} too" if missing else None


def wrong_request(example: str) -> str | None:
    """Say what is wrong with an HTTP request, or None."""
    method, _, path = example.partition(" ")
    scope = {"type": "http", "method": method, "path": path}
    return None if any(route.matches(scope)[0] is Match.FULL for route in requests()) else "no such request"


def modules_left_out(page: str, sources: Mapping[str, str] | None = None) -> Fault:
    """Tell of every module of the core whose first line says that it is about a clause, and that is not in its row.

    A package is in the row by its own module, or by one of it.
    """
    shown = {row.code: row.quoted("modules") for row in rows(page)}
    for path, source in (sources or core()).items():
        first, *_ = (ast.get_docstring(ast.parse(source)) or "").splitlines() or [""]
        for code in CODE.findall(first):
            if not any(is_of(path, named) for named in shown.get(code, [])):
                yield f"{code}: {path} says that it is about it, and is not in the row"


def is_of(path: str, named: str) -> bool:
    """Tell whether a module is the one that a row names, or one of the same package where either is the package itself."""
    one, other = Path(path), Path(named)
    package = "__init__.py" in (one.name, other.name) and one.parent == other.parent
    return one == other or package


def unknown_codes(page: str, sources: Mapping[str, str] | None = None) -> Fault:
    """Tell of every code in the words of the source and the tests that has no row: it names no clause."""
    known = {row.code for row in rows(page)}
    for path, source in (sources or {**modules(), **tried()}).items():
        for code in sorted(set(CODE.findall(words(source))) - known):
            yield f"{path} names {code}, which is no clause on the page"


CHECKS: tuple[Callable[[str], Fault], ...] = (
    missing_rows,
    empty_cells,
    wrong_modules,
    wrong_tests,
    without_story,
    wrong_examples,
    modules_left_out,
    unknown_codes,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_map_is_true(check: Callable[[str], Fault]) -> None:
    """Whoever reads the agreement's page finds the code, the test and the command that it names (C1, D5 and every other)."""
    assert list(check(PAGE.read_text())) == []


def test_every_story_names_its_clause() -> None:
    """No story is told that keeps no clause of the agreement, and each says in its sentence which."""
    silent = [
        f"{file.name}::{name}"
        for file in sorted((ROOT / STORIES).glob("test_*.py"))
        for name, source in functions_of(f"{STORIES}{file.name}").items()
        if not CODE.search(words(source))
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("check", "spoil", "told"),
    [
        (missing_rows, lambda page: without_row(page, "E7"), "E7"),
        (missing_rows, lambda page: page + line_of(page, "D5"), "twice"),
        (empty_cells, lambda page: with_cell(page, "D5", 2, "here and there"), "D5: modules names nothing"),
        (empty_cells, lambda page: with_cell(page, "D5", 1, "credits"), "D5: it does not say what is done"),
        (wrong_modules, lambda page: with_cell(page, "D5", 2, "`registrar/credits.py`"), "there is no"),
        (wrong_modules, lambda page: with_cell(page, "D5", 2, "`registrar/names.py`"), "does not name it"),
        (wrong_tests, lambda page: with_cell(page, "D5", 3, "`tests/test_credits.py`"), "there is no"),
        (wrong_tests, lambda page: with_cell(page, "D5", 3, f"`{STORIES}test_money.py::test_x`"), "has no"),
        (wrong_tests, lambda page: with_cell(page, "D5", 3, "`tests/test_names.py`"), "does not name it"),
        (without_story, lambda page: with_cell(page, "D5", 3, "`tests/core/test_placing.py`"), "no story"),
        (wrong_examples, lambda page: with_cell(page, "D5", 4, "`registrar credit 7`"), "no command"),
        (wrong_examples, lambda page: with_cell(page, "D5", 4, "`registrar orders show 7 --x`"), "has no"),
        (wrong_examples, lambda page: with_cell(page, "D5", 4, "`registrar orders show`"), "order_id"),
        (wrong_examples, lambda page: with_cell(page, "D5", 4, "`registrar orders export 7`"), "wants"),
        (wrong_examples, lambda page: with_cell(page, "D5", 4, "`GET /v1/credits`"), "no such request"),
        (modules_left_out, lambda page: with_cell(page, "F3", 2, "`registrar/debts.py`"), "penalties.py"),
        (unknown_codes, lambda page: without_row(page, "D9"), "D9"),
    ],
)
def test_a_page_that_is_not_true_is_found(
    check: Callable[[str], Fault], spoil: Callable[[str], str], told: str
) -> None:
    """A map that could not be wrong would prove nothing: each fault on a spoilt copy is named (D5, C1, E7, D9)."""
    page = PAGE.read_text()
    spoilt = spoil(page)
    assert spoilt != page
    assert any(told in fault for fault in check(spoilt))


def test_a_code_that_names_no_clause_is_found_in_comments_too() -> None:
    """A clause that the agreement does not have is found wherever somebody writes of it, and a number is none."""
    strange = "D1" + "2"
    sources = {
        "a.py": f'"""Carries out {strange}."""',
        "b.py": f"x = 1  # {strange}",
        "c.py": f"{strange} = 1",
    }
    faults = list(unknown_codes(PAGE.read_text(), sources))
    assert [fault[:4] for fault in faults] == ["a.py", "b.py"]


def line_of(page: str, code: str) -> str:
    """Return a clause's line."""
    return next(line for line in page.splitlines(keepends=True) if line.startswith(f"| {code} |"))


def without_row(page: str, code: str) -> str:
    """Take a clause's row out."""
    return page.replace(line_of(page, code), "")


def with_cell(page: str, code: str, cell: int, text: str) -> str:
    """Write something else into one cell of a clause's row."""
    line = line_of(page, code)
    cells = line.strip().strip("|").split("|")
    cells[cell] = f" {text} "
    return page.replace(line, f"|{'|'.join(cells)}|\n")


def words(source: str) -> str:
    """Return what a module says to its readers: its comments and texts, no names or numbers."""
    said = (tokenize.COMMENT, tokenize.STRING)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return " ".join(token.string for token in tokens if token.type in said)


@cache
def modules() -> dict[str, str]:
    """Read the product's source."""
    return {place: (ROOT / place).read_text() for package in PACKAGES for place in places(package)}


def core() -> dict[str, str]:
    """Read the core's source: where the agreement is carried out; faces and tasks only hand on."""
    return {place: source for place, source in modules().items() if place.startswith("registrar/")}


@cache
def tried() -> dict[str, str]:
    """Read the tests' source."""
    return {place: (ROOT / place).read_text() for place in places("tests")}


def places(folder: str) -> list[str]:
    """List the modules below a folder of the project."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*.py"))


@cache
def functions_of(file: str) -> dict[str, str]:
    """Return a file's test functions with their source."""
    source = (ROOT / file).read_text()
    return {
        node.name: ast.get_source_segment(source, node) or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@cache
def terminal() -> Any:
    """Build the command as it is installed; nothing behind it is opened."""
    return typer.main.get_command(make_app(cast("Any", None), cast("Any", None)))


@cache
def requests() -> tuple[Any, ...]:
    """List what the API answers; nothing behind it is opened."""
    return tuple(create_app(cast("Any", None), max_body_bytes=1).routes)
