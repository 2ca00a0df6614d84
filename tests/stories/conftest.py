"""What the agreement's stories ask for: a company, and its sentences in the list of what was tried."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.stories.company import Company, Customer, opened_company
from tests.stories.registrar import Registrar

HERE = Path(__file__).parent
CHAPTERS = (
    "test_domains",
    "test_expiry",
    "test_delivery",
    "test_money",
    "test_words_that_bind",
    "test_where_clauses_meet",
)
"""The agreement's own order; the last is about clauses that contradict each other at first sight."""


@pytest.fixture
def company(sqlite_url: str) -> Iterator[Company]:
    """Give a company on a fresh database."""
    with opened_company(sqlite_url) as made:
        yield made


@pytest.fixture
def registrar(company: Company) -> Registrar:
    """Give the company's registrar."""
    return company.registrar


@pytest.fixture
def sara(company: Company) -> Customer:
    """Give a customer; invented."""
    return company.customer("sara")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell the chapters in the agreement's order, where they stand among the other tests."""
    places = [place for place, item in enumerate(items) if item.path.parent == HERE]
    told = sorted((items[place] for place in places), key=lambda item: CHAPTERS.index(item.path.stem))
    for place, item in zip(places, told, strict=True):
        items[place] = item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a story's sentence with what came of it."""
    report = yield
    told = getattr(item, "function", None)
    sentence = " ".join((told.__doc__ or "").split()) if told else ""
    report.__dict__["sentence"] = sentence
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """With `-v`, read each story out below its name."""
    sentence = getattr(report, "sentence", "")
    if report.when != "call" or not report.passed or not sentence:
        return None
    return "passed", ".", f"PASSED\n    {sentence}"
