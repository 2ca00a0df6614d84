"""Are there no other grounds to keep a name from leaving than those in the table (D7), and is each exact at its limit?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registrar.agreement.departing import BY_STAFF, NEUTRAL, WORDS, Denial, Facts, Ground, denial
from tests.agreement.rulebook import standard

ASKED = datetime(2026, 11, 22, 10, tzinfo=UTC)
RULES = standard().rules("com", at=ASKED).departures
SECOND = timedelta(seconds=1)
FREE = Facts(asked_at=ASKED)


def ground(facts: Facts) -> Ground | None:
    """Return the ground that is named."""
    denied = denial(facts, RULES)
    return denied.ground if denied else None


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        (FREE, None),
        (replace(FREE, claimed=True), Ground.CLAIM),
        (replace(FREE, claimed=True, before_court=True), Ground.COURT_HOLD),
        (replace(FREE, recorded=frozenset({Ground.COURT_HOLD})), Ground.COURT_HOLD),
        (replace(FREE, recorded=frozenset({Ground.FRAUD})), Ground.FRAUD),
        (replace(FREE, recorded=frozenset({Ground.HOLDER_OBJECTS})), Ground.HOLDER_OBJECTS),
        (replace(FREE, holder_in_doubt=True), Ground.HOLDER_IN_DOUBT),
        (replace(FREE, registered_at=ASKED), Ground.WAITING_TIME),
        (replace(FREE, transferred_at=ASKED), Ground.WAITING_TIME),
        (replace(FREE, holder_changed_at=ASKED), Ground.WAITING_TIME),
        (replace(FREE, paid_through=ASKED - SECOND), Ground.UNPAID_PAST_TERM),
        (replace(FREE, paid_through=ASKED - SECOND, renewal_paid=True), None),
        (replace(FREE, paid_through=ASKED + 365 * SECOND), None),
        (replace(FREE, claimed=True, recorded=BY_STAFF, paid_through=ASKED - SECOND), Ground.COURT_HOLD),
        (replace(FREE, claimed=True, recorded=frozenset({Ground.FRAUD})), Ground.CLAIM),
    ],
)
def test_a_departure_is_denied_on_the_only_grounds(facts: Facts, named: Ground | None) -> None:
    """Each of the grounds denies it, the strongest is named, and what is none of them does not."""
    assert ground(facts) == named


@pytest.mark.parametrize("since", ["registered_at", "transferred_at", "holder_changed_at"])
def test_the_waiting_time_ends_with_its_last_second(since: str) -> None:
    """At the sixtieth day to the second a name may not leave yet, one second later it may; the answer says when."""
    sixty = timedelta(days=60)
    limit: dict[str, Any] = {since: ASKED - sixty}
    past: dict[str, Any] = {since: ASKED - sixty - SECOND}
    at_limit, after = replace(FREE, **limit), replace(FREE, **past)
    assert denial(at_limit, RULES) == Denial(Ground.WAITING_TIME, ASKED)
    assert denial(after, RULES) is None


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        (replace(FREE, claimed=True, claim_hidden=True, registered_at=ASKED), Ground.WAITING_TIME),
        (
            replace(FREE, claimed=True, before_court=True, claim_hidden=True, holder_in_doubt=True),
            Ground.HOLDER_IN_DOUBT,
        ),
        (replace(FREE, claimed=True, claim_hidden=True), Ground.CLAIM),
        (replace(FREE, claimed=True, registered_at=ASKED), Ground.CLAIM),
        (
            replace(
                FREE,
                claimed=True,
                claim_hidden=True,
                registered_at=ASKED,
                recorded=frozenset({Ground.COURT_HOLD}),
            ),
            Ground.COURT_HOLD,
        ),
    ],
)
def test_no_ground_vanishes_on_the_day_of_a_claim(facts: Facts, named: Ground) -> None:
    """While a claim is not disclosed, another ground that stands is named as it was before: nobody is tipped off (D9)."""
    assert ground(facts) == named


def test_the_longest_waiting_time_counts() -> None:
    """A name that was registered long ago and got another holder last month waits from then."""
    facts = replace(
        FREE, registered_at=ASKED - timedelta(days=900), holder_changed_at=ASKED - timedelta(days=30)
    )
    assert denial(facts, RULES) == Denial(Ground.WAITING_TIME, ASKED + timedelta(days=30))


def test_a_zone_without_waiting_times_has_none() -> None:
    """Under .ir a name may leave on the day that it was registered: there is no such policy there."""
    rules = standard().rules("ir", at=ASKED).departures
    just_now = replace(FREE, registered_at=ASKED, transferred_at=ASKED, holder_changed_at=ASKED)
    assert denial(just_now, rules) is None


@pytest.mark.parametrize(("over_by", "named"), [(timedelta(0), None), (SECOND, Ground.UNPAID_PAST_TERM)])
def test_an_unpaid_term_is_a_ground_only_once_it_is_past(over_by: timedelta, named: Ground | None) -> None:
    """Until the term's last second an unpaid renewal is no reason: nobody has to pay for a future term to leave."""
    assert ground(replace(FREE, paid_through=ASKED - over_by)) == named


def test_the_company_may_be_more_patient_with_an_unpaid_term() -> None:
    """Where the rules give days after the term, the ground begins when they are over."""
    rules = replace(RULES, unpaid_past_term=timedelta(days=3))
    assert denial(replace(FREE, paid_through=ASKED - timedelta(days=3)), rules) is None
    assert denial(replace(FREE, paid_through=ASKED - timedelta(days=3) - SECOND), rules) is not None


def test_a_fraction_of_a_second_makes_no_ground() -> None:
    """Nobody's clock is better than a second."""
    facts = Facts(asked_at=ASKED + timedelta(microseconds=900_000), paid_through=ASKED)
    assert ground(facts) is None


def test_every_ground_has_words_in_both_languages() -> None:
    """Whatever a holder is told, he can read."""
    for told in (*WORDS.values(), NEUTRAL):
        assert set(told) == {"fa", "en"}
        assert all(told.values())
    assert WORDS.keys() == set(Ground)
