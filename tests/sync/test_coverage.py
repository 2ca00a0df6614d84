"""Is "everything is fine" a number that can be checked (P13)?"""

from datetime import timedelta

from registrar.gateway import Standing
from registrar.sync.coverage import Coverage, Unconfirmed, coverage
from tests.sync.company import FIRST_NIGHT, RDAP, Company

WITHIN = timedelta(hours=48)


def _coverage(company: Company, **asked: int) -> Coverage:
    with company.database.reading() as connection:
        return coverage(connection, within=WITHIN, now=company.now, **asked)


def test_coverage_counts_what_was_confirmed_in_time(company: Company) -> None:
    """Three of four names confirmed within two days are 75 %, and the fourth is named."""
    company.own("a.com", "b.com", "c.com", "d.com")
    company.let("d.com", RDAP, standing=Standing.UNKNOWN)
    company.night()
    found = _coverage(company)
    assert (found.names, found.confirmed, found.share) == (4, 3, 0.75)
    assert found.oldest[0] == Unconfirmed("d.com", None, None)


def test_the_oldest_come_first_and_those_never_confirmed_before_them(company: Company) -> None:
    """Staff see which names have waited longest for a source that agrees."""
    for days, name in enumerate(("new.com", "old.com", "older.com")):
        company.own(name, confirmed_at=FIRST_NIGHT - timedelta(days=days))
    company.own("never.com")
    names = [one.domain for one in _coverage(company, oldest=3).oldest]
    assert names == ["never.com", "older.com", "old.com"]


def test_names_that_left_are_not_counted(company: Company) -> None:
    """A name that is gone needs no confirmation, and takes nothing from the number."""
    company.own("a.com", confirmed_at=FIRST_NIGHT)
    company.own("gone.com", gone_at=FIRST_NIGHT, gone_why="deleted")
    assert _coverage(company)[:3] == (1, 1, 1.0)


def test_a_company_without_names_is_covered(company: Company) -> None:
    """Of no names none is unconfirmed."""
    assert _coverage(company) == (0, 0, 1.0, ())
