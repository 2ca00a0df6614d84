"""How is the suite put together, and what does it end with? Every promise for every registrar, and the matrix of both.

A test that asks for `far` is tried at each registrar; one that asks for `kind` besides, with each kind of order that the
registrar takes. Its row in the matrix is its name and its other parameters.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.tls import Certificates, make_certificates
from tests.contract.far_side import FarSide
from tests.contract.matrix import Matrix
from tests.contract.registrars import FAR_SIDES

_MATRIX = pytest.StashKey[Matrix]()
_HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Begin an empty matrix."""
    config.stash[_MATRIX] = Matrix([far.name for far in FAR_SIDES])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try a promise at every registrar, and with every kind where it asks for one; `kinds` on a test are those it is for."""
    wanted = metafunc.fixturenames
    if "far" not in wanted:
        return
    if "kind" not in wanted:
        metafunc.parametrize("far", FAR_SIDES, ids=[far.name for far in FAR_SIDES], indirect=True)
        return
    pairs = [(far, kind) for far in FAR_SIDES for kind in far.kinds]
    ids = [f"{far.name}-{kind}" for far, kind in pairs]
    metafunc.parametrize(("far", "kind"), pairs, ids=ids, indirect=["far"])


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The sandboxes' own authority and certificates, made once."""
    return make_certificates(tmp_path_factory.mktemp("contract-tls"))


@pytest.fixture
def far(request: pytest.FixtureRequest, tmp_path: Path, certificates: Certificates) -> Iterator[FarSide]:
    """Run one registrar's sandbox, with books of its own."""
    made: FarSide = request.param(tmp_path, certificates)
    with made:
        yield made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Write on each promise its row and column: the reports carry them, from other processes too."""
    for item in items:
        if (
            isinstance(item, pytest.Function)
            and item.path.is_relative_to(_HERE)
            and hasattr(item, "callspec")
        ):
            parameters: dict[str, Any] = dict(item.callspec.params)
            far = parameters.pop("far", None)
            kind = parameters.pop("kind", None)
            if far is not None:
                words = item.originalname.removeprefix("test_").replace("_", " ")
                row = ": ".join(
                    [words, *(getattr(value, "__name__", str(value)) for value in parameters.values())]
                )
                item.user_properties += [("promise", row), ("registrar", far.name), ("kind", str(kind or ""))]
                item.user_properties.append(("chapter", item.path.stem))
                item.user_properties.append(("line", item.function.__code__.co_firstlineno))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Fill in a cell, in the process that prints."""
    _seen.append(report)


_seen: list[pytest.TestReport] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Iterator[None]:
    """End with the matrix."""
    yield
    matrix = config.stash[_MATRIX]
    for report in _seen:
        matrix.add(report)
    if matrix.rows:
        terminalreporter.section("promises of the adapters")
        for line in matrix.lines():
            terminalreporter.write_line(line)
