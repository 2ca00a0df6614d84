"""When is a name asked about again? Near a boundary each night and first, far from all of them every other night."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrar.sync.urgency import Due, Urgency, next_due
from registrar.sync.vocabulary import Known, Missing, Source, Suspicion, Told
from tests.sync.judged import DAY, IR, NIGHT, TERMS, known, rules, told

HOUR = timedelta(hours=1)
STARTED = NIGHT
NEAR, SOON, FAR = Urgency.NEAR, Urgency.SOON, Urgency.FAR


def due(name: Known, by: Told | None = None, *, after: timedelta = timedelta(0)) -> Due:
    """Return when a name is due after a look so long after the run's start."""
    zone = name.domain.zone
    now = STARTED + after
    return next_due(name, by or told(now), rules=rules(zone), terms=TERMS, started=STARTED, now=now)


def suspected(at: datetime) -> Suspicion:
    """Return the suspicion of a source that missed the name once."""
    return Suspicion(Missing.LEFT, at, at, 1)


@pytest.mark.parametrize(
    ("days", "urgency"),
    [
        (400, FAR),
        (80, FAR),
        (70, SOON),
        (35, SOON),
        (33, NEAR),
        (31, NEAR),
        (25, SOON),
        (17, NEAR),
        (12, SOON),
        (9, NEAR),
        (2, NEAR),
        (-1, NEAR),
        (-7, NEAR),
        (-9, NEAR),
        (-12, SOON),
        (-21, NEAR),
        (-30, SOON),
        (-66, SOON),
        (-67, FAR),
        (-400, FAR),
    ],
)
def test_the_nearer_a_boundary_the_sooner(days: int, urgency: Urgency) -> None:
    """Names near a notice, their end, or the end of a promise come first; those far from all of them last (D1, D2, E2)."""
    paid = NIGHT + days * DAY
    found = due(known(expires=None, paid_through=paid))
    assert found.urgency is urgency
    every = {NEAR: TERMS.near, SOON: TERMS.soon, FAR: TERMS.far}[urgency]
    assert found.due_at == STARTED + every


@pytest.mark.parametrize(
    "facts",
    [
        {"renew_by": NIGHT + 2 * DAY},
        {"registry_expires_at": NIGHT - 2 * DAY},
        {"pinned": NIGHT + DAY},
        {"registry_expires_at": NIGHT - 29 * DAY},
        {"registry_expires_at": NIGHT - 59 * DAY},
    ],
    ids=["renew by", "registry", "pin", "normal price ends", "penalty ends"],
)
def test_other_peoples_boundaries_count_too(facts: dict[str, Any]) -> None:
    """The registrar's own date, the registry's, and its windows for late renewals are watched as ours are."""
    name = Known(IR, "irnic", **({"paid_through": NIGHT + 400 * DAY} | facts))
    assert due(name).urgency is NEAR


def test_a_name_of_which_nothing_is_known_is_asked_each_night() -> None:
    """Without any date nobody knows what is near."""
    assert due(known(expires=None)) == Due(SOON, STARTED + TERMS.soon)


@pytest.mark.parametrize(
    ("tries", "hours"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 20), (7, 20), (1000, 20)]
)
def test_a_look_that_told_nothing_is_repeated_ever_later(tries: int, hours: int) -> None:
    """A server that is silent is asked again soon, then less and less often, but each night."""
    name = known(expires="2028-03-01")
    assert due(name, told(tries=tries), after=HOUR) == Due(FAR, STARTED + HOUR + hours * HOUR)


def test_a_suspicion_is_asked_about_as_soon_as_a_look_can_count() -> None:
    """A name that may have left is looked at again the next night, however far its boundaries are."""
    name = known(expires="2028-03-01")
    assert due(name, told(suspicion=suspected(NIGHT))) == Due(SOON, NIGHT + TERMS.nights_apart)


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_date_of_no_age_moves_nobodys_turn(year: int) -> None:
    """A year that some registrar once told an order is no boundary: the name is asked like one without dates."""
    odd = datetime(year, 12, 31, tzinfo=UTC)
    name = Known(IR, "irnic", odd, str(odd), paid_through=odd)
    assert due(name) == Due(SOON, STARTED + TERMS.soon)


def test_while_one_source_suspects_all_are_heard_each_night() -> None:
    """Agreement needs both sides: what one suspects, the others are asked each night."""
    name = known(expires="2028-03-01", told={Source.REGISTRAR: told(suspicion=suspected(NIGHT - DAY))})
    assert due(name).urgency is SOON
    assert due(known(expires="2028-03-01", doubted_at=NIGHT)).urgency is SOON


def test_a_name_asked_late_in_one_night_belongs_to_the_next_all_the_same() -> None:
    """Counted from the run's start, a name is confirmed within two days whenever in the night its turn comes."""
    name = known(expires="2028-03-01")
    early, late = due(name), due(name, after=6 * HOUR)
    assert early.due_at == late.due_at
    assert early.due_at <= STARTED + TERMS.fresh


@given(
    days=st.none() | st.integers(-500, 500),
    tries=st.integers(0, 100),
    hours=st.floats(0, 20),
    hours_ago=st.none() | st.floats(0, 100),
)
def test_no_run_asks_a_name_twice(
    days: int | None, tries: int, hours: float, hours_ago: float | None
) -> None:
    """Whatever came back, a name is due again only behind the run's start, and within three days of it."""
    paid = None if days is None else NIGHT + days * DAY
    doubt = None if hours_ago is None else suspected(NIGHT - hours_ago * HOUR)
    stored = told(tries=tries, suspicion=doubt)
    found = due(known(expires=None, paid_through=paid), stored, after=hours * HOUR)
    assert STARTED < found.due_at <= STARTED + 3 * DAY
