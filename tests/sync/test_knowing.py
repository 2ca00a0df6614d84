"""Is a look judged beside everything that the books know of its name?"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from registrar.models import Claim, Departure, Notice
from registrar.sync import knowing
from registrar.sync.vocabulary import Known, Missing, Suspicion
from tests.sync.company import EXPIRES, FIRST_NIGHT, RDAP, REGISTRAR, Company

A_YEAR_LATER = EXPIRES.replace(year=EXPIRES.year + 1)


def _known(company: Company, name: str = "a.com") -> Known:
    with company.database.transaction() as connection:
        return knowing.load(connection, [name], terms=company.terms, now=company.now).known[name]


def test_of_a_quiet_name_nothing_is_under_way(company: Company) -> None:
    """A name that nobody is doing anything with is judged as such."""
    company.own("a.com")
    known = _known(company)
    assert (known.registry_expires_at, known.paid_through, known.reminded) == (EXPIRES, EXPIRES, True)
    under_way = (known.busy, known.departing, known.claimed, known.suspended, known.months_without_date)
    assert (under_way, known.pinned, known.told) == ((False, False, False, False, 0), None, {})


def test_a_name_that_is_gone_is_not_known(company: Company) -> None:
    """A name that left the books is judged by nobody (P11)."""
    company.own("a.com", gone_at=FIRST_NIGHT)
    with company.database.transaction() as connection:
        assert knowing.load(connection, ["a.com"], terms=company.terms, now=company.now).known == {}


@pytest.mark.parametrize(("lock", "claimed"), [("locked", True), ("wanted", False)])
def test_a_claims_lock_is_known(company: Company, lock: str, claimed: bool) -> None:
    """A name is claimed for the sync while a claim's lock is on it."""
    company.own("a.com")
    _insert(
        company,
        Claim,
        zone="com",
        registrar="far",
        procedure="udrp",
        reference="case",
        state="proceeding",
        state_since=FIRST_NIGHT,
        asserted_at=FIRST_NIGHT,
        block_mode="lock",
        lock=lock,
    )
    assert _known(company).claimed is claimed


@pytest.mark.parametrize(("state", "departing"), [("open", True), ("unlocking", True), ("stopped", False)])
def test_a_departure_is_known(company: Company, state: str, departing: bool) -> None:
    """A name that its customer takes away may leave without surprise, as long as that goes on."""
    company.own("a.com")
    _insert(
        company,
        Departure,
        zone="com",
        customer="c-1",
        registrar="far",
        channel="fax",
        evidence="F-1",
        ticket="T-1",
        requested_at=FIRST_NIGHT,
        state=state,
        state_since=FIRST_NIGHT,
    )
    assert _known(company).departing is departing


def test_a_suspension_is_known_until_its_end_is_ordered(company: Company) -> None:
    """A name that we took out of the DNS ourselves is off on purpose (O11)."""
    company.own("a.com")
    ours: dict[str, Any] = {"state": "completed", "channel": "own", "details": {"statuses": ["clientHold"]}}
    company.order("a.com", kind="lock", **ours)
    assert _known(company).suspended
    company.order("a.com", kind="unlock", **ours)
    assert not _known(company).suspended


def test_a_renewal_that_told_no_date_explains_the_next_one(company: Company) -> None:
    """A renewal that was completed without a date explains the year that shows later, and explains it once."""
    company.own("a.com")
    guard = {"expires_at": EXPIRES.isoformat(), "expires_text": "2027-08-20"}
    company.order("a.com", state="completed", guard=guard)
    assert _known(company).months_without_date == 12
    company.let("a.com", RDAP, expires=A_YEAR_LATER)
    company.let("a.com", REGISTRAR, expires=A_YEAR_LATER)
    company.night()
    assert company.domain("a.com").registry_expires_at == A_YEAR_LATER
    assert company.events("a.com") == ["domain.explained"]
    assert _known(company).months_without_date == 0


def test_what_a_renewal_began_from_is_the_registrys_date(company: Company) -> None:
    """A renewal counted from the registrar's own date, days before the registry's, explains the registry's next year."""
    company.own("a.com")
    own = (EXPIRES - timedelta(days=10)).isoformat()
    guard = {"expires_at": own, "expires_text": own, "term_ends_at": EXPIRES.isoformat()}
    company.order("a.com", state="completed", guard=guard)
    assert _known(company).months_without_date == 12


def test_an_order_that_told_its_date_explains_nothing_more(company: Company) -> None:
    """A year that the books have already is not counted a second time."""
    company.own("a.com")
    guard = {"expires_at": EXPIRES.isoformat(), "expires_text": "2027-08-20"}
    company.order("a.com", state="completed", guard=guard, expires_at=A_YEAR_LATER)
    assert _known(company).months_without_date == 0


@pytest.mark.parametrize(
    ("state", "days", "reminded"),
    [("sent", -31, True), ("refused", -31, False), ("planned", -31, False), ("planned", 5, True)],
)
def test_whether_its_customer_was_told_is_known(
    company: Company, state: str, days: int, reminded: bool
) -> None:
    """Of a term that is over it is known whether its customer was told, or nobody owed him that yet (E2)."""
    expires = FIRST_NIGHT - timedelta(days=1)
    company.own("a.com", expires=expires)
    _insert(
        company,
        Notice,
        key="n-1",
        kind="expiry",
        customer="c-1",
        paid_through=expires,
        offset_days=days,
        facts={},
        planned_at=FIRST_NIGHT,
        scheduled_for=expires + timedelta(days=days),
        state=state,
        tries=0,
    )
    assert _known(company).reminded is reminded


def test_a_suspicion_is_kept_as_it_was_counted(company: Company) -> None:
    """What a source has been saying against the books is read back as it was stored."""
    company.own("a.com")
    company.night()
    company.let("a.com", RDAP, sponsor="Another Registrar")
    company.let("a.com", REGISTRAR, ours=None)
    run = company.night()
    told = _known(company).told[RDAP]
    at = run.started_at + timedelta(seconds=1)
    assert told.suspicion == Suspicion(Missing.LEFT, at, at, 1, "Our Registrar")
    assert (told.sponsor, told.nameservers, told.tries) == ("Another Registrar", ("ns1.example.net",), 0)


def _insert(company: Company, table: Any, **columns: Any) -> None:
    with company.database.transaction() as connection:
        connection.execute(insert(table).values(domain="a.com", **columns))
