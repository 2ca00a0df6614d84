"""What is found to be possible for a name after its term, to the second, and what is said of it (D1, D3, D4)?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registrar.agreement.quoting import Found, Unknown, decide_renewal, registry_windows, ways_on
from registrar.agreement.rules import FeeRule
from registrar.commands import Expiry, Kind
from registrar.gateway import Sighting, Standing
from registrar.money import Money
from registrar.names import DomainName
from registrar.statuses import Status
from tests.agreement.rulebook import standard

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
ENDED = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAME = DomainName("mina.ir", "ir")


def sighting(**seen: Any) -> Sighting:
    """Return a look at a name of ours whose term has ended."""
    ours = Sighting(
        NAME,
        ENDED + 3 * DAY,
        "irnic",
        Standing.REGISTERED,
        ours=True,
        sponsor="us",
        created_at=ENDED - 365 * DAY,
        expiry=Expiry(ENDED, "2026-03-01"),
        statuses=frozenset({Status.OK}),
    )
    return replace(ours, **seen)


def found(zone: str, after: timedelta, **seen: Any) -> dict[str, Any]:
    """Return what an inquiry comes to, so long after the end of the term."""
    return ways_on(sighting(**seen), standard().rules(zone, at=ENDED), ENDED + after)


@pytest.mark.parametrize(
    ("after", "expected", "ordinary"),
    [
        (timedelta(0), Found.RENEWABLE, True),
        (21 * DAY, Found.RENEWABLE, True),
        (21 * DAY + SECOND, Found.RENEWABLE, False),
        (30 * DAY, Found.RENEWABLE, False),
        (30 * DAY + timedelta(microseconds=999_999), Found.RENEWABLE, False),
        (30 * DAY + SECOND, Found.RENEWABLE_WITH_PENALTY, False),
        (60 * DAY, Found.RENEWABLE_WITH_PENALTY, False),
        (60 * DAY + SECOND, Found.UNKNOWN, False),
    ],
)
def test_irnic_s_own_windows_are_exact(after: timedelta, expected: Found, ordinary: bool) -> None:
    """IRNIC renews for 30 days, and with a penalty to day 60; past 21 days that is a matter for staff (D1, D3)."""
    answer = found("ir", after)
    assert (answer["found"], answer["ordinary"]) == (expected, ordinary)
    assert answer["way"] == (None if expected is Found.UNKNOWN else "renew")
    assert answer["why_unknown"] == (Unknown.WINDOW_CLOSED if expected is Found.UNKNOWN else None)


@pytest.mark.parametrize("after", [timedelta(0), 21 * DAY, 400 * DAY])
def test_an_international_name_is_renewable_until_it_is_deleted(after: timedelta) -> None:
    """A registry without a last day of its own renews as long as the name stands there (D1)."""
    assert found("com", after)["found"] == Found.RENEWABLE


def test_a_registry_without_a_time_of_penalty_has_none() -> None:
    """Where only a normal time is set, the day after it nothing is known to be possible (D3)."""
    rules = standard().rules("ir", at=ENDED)
    short = replace(rules, renewal=replace(rules.renewal, registry_penalty=None))
    assert ways_on(sighting(), short, ENDED + 30 * DAY)["found"] == Found.RENEWABLE
    assert ways_on(sighting(), short, ENDED + 30 * DAY + SECOND)["why_unknown"] == Unknown.WINDOW_CLOSED


@pytest.mark.parametrize(
    ("seen", "expected", "why", "way"),
    [
        ({"standing": Standing.UNKNOWN}, Found.UNKNOWN, Unknown.LOOK_FAILED, None),
        ({"standing": Standing.FREE}, Found.FREE, None, "register"),
        ({"ours": False}, Found.TAKEN, None, None),
        ({"ours": None}, Found.UNKNOWN, Unknown.SPONSOR_HIDDEN, None),
        ({"restorable": True}, Found.RESTORABLE, None, "restore"),
        ({"statuses": frozenset({Status.PENDING_DELETE})}, Found.UNKNOWN, Unknown.PENDING_DELETE, None),
        ({"expiry_is_temporary": True}, Found.UNKNOWN, Unknown.NOT_APPROVED, None),
        ({"statuses": frozenset({Status.SERVER_RENEW_PROHIBITED})}, Found.UNKNOWN, Unknown.RENEW_PROHIBITED, None),
        ({"expiry": None}, Found.UNKNOWN, Unknown.NO_EXPIRY, None),
    ],
)  # fmt: skip
def test_what_a_look_comes_to(
    seen: dict[str, Any], expected: Found, why: Unknown | None, way: str | None
) -> None:
    """Renewable, restorable, free, taken, or not known and why: each way on is a new order, never bought by itself (D3)."""
    answer = found("ir", DAY, **seen)
    assert (answer["found"], answer["why_unknown"], answer["way"]) == (expected, why, way)
    assert answer["ordinary"] is (way is not None)


def test_the_inquiry_says_what_it_is_from() -> None:
    """The answer carries its source, its moment and the date that was shown, for years later (D4)."""
    answer = found("ir", DAY)
    assert (answer["seen_at"], answer["source"], answer["expires"]) == (
        "2026-03-04T12:00:00Z",
        "irnic",
        "2026-03-01",
    )
    assert (answer["renewed_by_registry"], answer["fees"]) == (False, [])
    assert found("ir", DAY, expiry=None)["expires"] is None


def test_our_books_say_what_was_paid_before_the_registrar_does() -> None:
    """What a registry added by itself moves nobody's term: the class is counted from what was paid for (D4)."""
    rules = standard().rules("com", at=ENDED)
    year = Expiry(ENDED + 365 * DAY, "2027-03-01")
    added = sighting(expiry=year, renewed_by_registry=True)
    late = ENDED + 22 * DAY
    assert ways_on(added, rules, late, paid_through=ENDED)["ordinary"] is False
    assert ways_on(added, rules, late)["ordinary"] is True
    assert ways_on(sighting(expiry=year), rules, ENDED + 22 * DAY)["ordinary"] is True


def test_a_way_on_is_told_with_its_fees() -> None:
    """What late renewal costs beside the price is said where the way is, by the age of the lapse in our books (E4)."""
    words = {"fa": "هزینه تمدید دیرهنگام", "en": "Late renewal"}
    fee = FeeRule("late", frozenset({Kind.RENEW}), DAY, None, Money(500, "IRR"), True, words)
    rules = replace(standard().rules("ir", at=ENDED), fees=(fee,))
    told = {
        "line": "late",
        "amount": 500,
        "currency": "IRR",
        "credited_on_refusal": True,
        "text": words,
    }
    assert ways_on(sighting(), rules, ENDED + DAY + SECOND)["fees"] == [told]
    assert ways_on(sighting(), rules, ENDED + DAY)["fees"] == []
    assert ways_on(sighting(), rules, ENDED + DAY + SECOND, paid_through=ENDED + SECOND)["fees"] == []
    assert ways_on(sighting(ours=False), rules, ENDED + 9 * DAY)["fees"] == []


def test_each_registry_s_own_limits_are_told() -> None:
    """IRNIC has a time of penalty and no redemption; an international registry the other way round (D1)."""
    irnic, verisign = (registry_windows(ENDED, standard().rules(zone, at=ENDED)) for zone in ("ir", "com"))
    assert (irnic.normal_until, irnic.penalty_until) == (ENDED + 30 * DAY, ENDED + 60 * DAY)
    assert (verisign.normal_until, verisign.penalty_until) == (None, None)
    assert irnic.restorable is False
    assert verisign.restorable is True


def test_a_decision_is_kept_with_its_inputs() -> None:
    """Years later an order's promise says which class was decided, from which instants, under which rules (D1, D2, A1)."""
    decision = decide_renewal(
        paid_through=ENDED, counted_at=ENDED + 8 * DAY, rules=standard().rules("com", at=ENDED)
    )
    assert decision.as_json() == {
        "rules": "2026-01",
        "agreement": "sepidman-1",
        "class": "best_effort",
        "counted_at": "2026-03-09T12:00:00Z",
        "paid_through": "2026-03-01T12:00:00Z",
        "committed_until": "2026-03-08T12:00:00Z",
        "possible_until": "2026-03-22T12:00:00Z",
    }
