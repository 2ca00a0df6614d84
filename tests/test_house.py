"""Are the rules of the house kept? Those that no linter knows, read from the source, and each shown to catch what it forbids.

The import contracts stand in `pyproject.toml`; here each of them is broken on purpose in a copy.
"""

import ast
import io
import re
import shutil
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("registrar", "adapters", "tasks", "config")

BREACHES = {
    "core": ("registrar/money.py", "import requests"),
    "core-layers": ("registrar/names.py", "import registrar.ledger"),
    "vocabulary": ("adapters/registrars/__init__.py", "import registrar.ledger"),
    "lookups": ("adapters/lookups/__init__.py", "import registrar.ledger"),
    "mail": ("adapters/mail/__init__.py", "import registrar.notices"),
    "adapters-apart": ("adapters/registrars/irnic/__init__.py", "import adapters.registrars.epp"),
    "lookups-apart": ("adapters/lookups/whois/__init__.py", "import adapters.lookups.rdap"),
    "witness": ("adapters/sandbox/__init__.py", "import registrar.money"),
    "faces": ("adapters/portal/__init__.py", "import adapters.sandbox"),
    "settings": ("adapters/__init__.py", "import config"),
    "proof": ("tasks/proof.py", "import registrar.money"),
}
"""For each contract, by its id, an import that it forbids, and a file where that would be written."""

CONTRACTS: dict[str, str] = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}

Rule = Callable[[str], Iterator[str]]
"""Reads a module's source and names what it forbids, with the line."""


def test_every_contract_is_tried() -> None:
    """No import contract stands there without having been seen to fail."""
    assert BREACHES.keys() == CONTRACTS.keys()


def test_the_contracts_are_kept() -> None:
    """The rules cannot reach the network, an adapter cannot move money, and the witness knows neither."""
    kept = lint_imports(ROOT)
    assert kept.returncode == 0, kept.stdout


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contract_fails_when_it_is_broken(contract: str, tmp_path: Path) -> None:
    """An import that a contract forbids is found, and the contract named."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file, breach = BREACHES[contract]
    with (tmp_path / file).open("a") as module:
        module.write(f"\n{breach}\n")
    broken = lint_imports(tmp_path)
    assert broken.returncode != 0
    assert f"{CONTRACTS[contract]} BROKEN" in " ".join(broken.stdout.split())


def lint_imports(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Check the contracts of the project in `folder`."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--no-logo"],
        cwd=folder, env={"PATH": "", "COLUMNS": "300"}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def wall_clock_and_chance(source: str) -> Iterator[str]:
    """Forbid reading the time, and making ids or chance: all three come in as arguments."""
    forbidden = {
        ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
        ("time", "time_ns"), ("time", "monotonic"), ("time", "sleep"), ("uuid", "uuid1"), ("uuid", "uuid4"),
    }  # fmt: skip
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and (_last_name(node.value), node.attr) in forbidden:
            yield f"line {node.lineno}: {_last_name(node.value)}.{node.attr}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            if module == "datetime":  # its `time` is an hour of a day, and reads no clock
                continue
            named = {alias.name for alias in node.names} | {module}
            yield from (
                f"line {node.lineno}: import {name}" for name in named & {"time", "random", "uuid4"} if name
            )


def floats(source: str) -> Iterator[str]:
    """Forbid what makes an amount inexact."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"line {node.lineno}: {node.value}"
        if isinstance(node, ast.Name) and node.id in {"float", "Float"}:
            yield f"line {node.lineno}: {node.id}"
        if isinstance(node, ast.Div):
            yield "a division with /"


def bare_requests(source: str) -> Iterator[str]:
    """Forbid calls without a session: they make a connection each, and heed the environment's proxies."""
    verbs = {"get", "post", "put", "patch", "delete", "head", "options", "request"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in verbs and _last_name(node.value) == "requests":
            yield f"line {node.lineno}: requests.{node.attr}"


def silent_tests(source: str) -> Iterator[str]:
    """Forbid a test without a sentence that could be read to a customer."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            sentence = ast.get_docstring(node) or ""
            if not sentence.endswith(".") or len(sentence.split()) < 3:
                yield f"line {node.lineno}: {node.name}"


def unexplained_exceptions(source: str) -> Iterator[str]:
    """Forbid a `noqa` or `type: ignore` without a reason behind it."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and re.search(
            r"#\s*(ruff: )?noqa|#\s*type:\s*ignore", token.string
        ):
            reason = re.sub(
                r"#\s*(ruff: )?noqa(: [A-Z0-9, ]+\b)?|#\s*type:\s*ignore(\[[a-z, -]+\])?", "", token.string
            )
            if len(reason.strip(" #-:").split()) < 2:
                yield f"line {token.start[0]}: {token.string}"


def empty_words(source: str) -> Iterator[str]:
    """Forbid names that could stand for anything."""
    vague = re.compile(r"^_?(process|handle)_|(^|_)(util|utils|helper|helpers|manager)(_|$)|Manager$|Helper$")
    given_to_us = {"process_bind_param", "process_result_value"}  # SQLAlchemy's names
    named = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.ClassDef))
    yield from (
        f"line {node.lineno}: {node.name}"
        for node in named
        if vague.search(node.name) and node.name not in given_to_us
    )


@pytest.mark.parametrize(
    ("rule", "places"),
    [
        (wall_clock_and_chance, ["registrar"]),
        (floats, ["registrar/money.py", "registrar/ledger"]),
        (bare_requests, [*PACKAGES, "tests"]),
        (silent_tests, ["tests"]),
        (unexplained_exceptions, [*PACKAGES, "tests"]),
        (empty_words, [*PACKAGES, "tests"]),
    ],
)
def test_the_rules_of_the_house_are_kept(rule: Rule, places: list[str]) -> None:
    """Time comes in as an argument, money is whole, and every exception and every test says why it is there."""
    offences = {path: list(rule((ROOT / path).read_text())) for place in places for path in modules(place)}
    assert offences
    assert {path: found for path, found in offences.items() if found} == {}


@pytest.mark.parametrize(
    ("rule", "offence"),
    [
        (wall_clock_and_chance, "import datetime\nat = datetime.datetime.now(datetime.UTC)"),
        (wall_clock_and_chance, "from datetime import date\nat = date.today()"),
        (wall_clock_and_chance, "from time import time"),
        (wall_clock_and_chance, "import time as clock"),
        (wall_clock_and_chance, "import uuid\nid = uuid.uuid4()"),
        (floats, "def price(rials: float) -> None: ..."),
        (floats, "price = 1.5"),
        (floats, "tomans = rials / 10"),
        (bare_requests, "import requests\nrequests.post(url, timeout=5)"),
        (silent_tests, "def test_renewal(): ..."),
        (silent_tests, "def test_renewal():\n    '''renewal'''"),
        (unexplained_exceptions, "x = 1  # no" + "qa: F401"),
        (unexplained_exceptions, "x = f()  # type" + ": ignore[arg-type]"),
        (empty_words, "def process_order(): ..."),
        (empty_words, "class OrderManager: ..."),
    ],
)
def test_each_rule_catches_what_it_forbids(rule: Rule, offence: str) -> None:
    """A rule that catches nothing is no rule."""
    assert list(rule(offence))


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_are_named_for_what_they_hold(package: str) -> None:
    """No file is a drawer for everything."""
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
    assert [path.stem for path in (ROOT / package).rglob("*.py") if path.stem in drawers] == []


def test_the_lock_names_versions_and_hashes_only() -> None:
    """What is installed does not depend on where it comes from: the lock holds no address."""
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index" not in lock
    assert "--find-links" not in lock
    requirements = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(requirements) > 50
    assert [line for line in requirements if not re.fullmatch(r"[a-z0-9.-]+==\S+ \\", line)] == []


def test_no_file_names_the_place_where_it_was_made() -> None:
    """The project reads the same on every machine: no path of a workshop, and no package index by its host."""
    places = ["/wor" + "k/", "/ro" + "ot/", "pypi." + "org", "python" + "hosted"]
    found = [
        (str(path.relative_to(ROOT)), place)
        for path in text_files()
        for place in places
        if place in path.read_text()
    ]
    assert found == []


def test_the_readme_shows_what_was_tried() -> None:
    """The lines that a portal copies from the README are those that a test has run."""
    tried = (ROOT / "tests/system/portal_snippet.py").read_text()
    lines = tried[tried.index("import time") :].strip()
    assert f"```python\n{lines}\n```" in (ROOT / "README.md").read_text()


def modules(place: str) -> list[str]:
    """List the modules at or below a place in the project."""
    path = ROOT / place
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [str(file.relative_to(ROOT)) for file in files]


def text_files() -> list[Path]:
    """List what the project is made of, apart from binary files."""
    folders = [ROOT / folder for folder in (*PACKAGES, "tests", "docs", ".ci")]
    files = [*ROOT.glob("*"), *(path for folder in folders for path in folder.rglob("*"))]
    return [
        path
        for path in files
        if path.is_file() and "__pycache__" not in path.parts and b"\0" not in path.read_bytes()
    ]


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
