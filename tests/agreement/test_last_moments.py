"""What holds on the last day of something, and what on the day after: gift, penalties, slips, a change of holder?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from registrar.agreement.business_days import last_second
from registrar.agreement.changing_holder import transferable_from
from registrar.agreement.failure import Ending, GiftBack, Modes, gift_back
from registrar.agreement.penalties import penalty
from registrar.agreement.rules import Interest, Late, Rounding
from registrar.agreement.stops import STOPPED, Effect, stop
from registrar.money import Money
from tests.agreement.rulebook import standard

NOW = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
TODAY = NOW.date()
RULES = standard().rules("com", at=NOW)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("end", "expired", "comes_back"),
    [
        (None, Late.LAPSE, GiftBack(lapses=False, end=None)),
        (TODAY, Late.LAPSE, GiftBack(lapses=False, end=TODAY)),
        (TODAY - DAY, Late.LAPSE, GiftBack(lapses=True, end=None)),
        (TODAY - DAY, Late.EXTEND, GiftBack(lapses=False, end=date(2026, 12, 22))),
    ],
)
def test_gift_comes_back_on_its_last_day(end: date | None, expired: Late, comes_back: GiftBack) -> None:
    """Gift is good to the end of its last day; a day later it is extended, or lapses, as was promised (F2)."""
    modes = Modes(gift_expired=expired, gift_extension=timedelta(days=30))
    assert gift_back(end, now=NOW, ending=Ending.FAILED, modes=modes) == comes_back


@pytest.mark.parametrize(
    ("interest", "rounding", "amount", "days", "grown"),
    [
        (Interest.SIMPLE, Rounding.DOWN, 750, 1, 1),
        (Interest.SIMPLE, Rounding.HALF_UP, 750, 1, 2),
        (Interest.SIMPLE, Rounding.HALF_UP, 700, 1, 1),
        (Interest.SIMPLE, Rounding.UP, 501, 1, 2),
        (Interest.SIMPLE, Rounding.UP, 500, 1, 1),
        (Interest.COMPOUND, Rounding.DOWN, 1_000_000, 2, 4004),
        (Interest.COMPOUND, Rounding.UP, 1_000_000, 3, 6013),
        (Interest.COMPOUND, Rounding.DOWN, 1_000_000, 0, 0),
    ],
)
def test_a_fraction_goes_where_the_rules_say(
    interest: Interest, rounding: Rounding, amount: int, days: int, grown: int
) -> None:
    """0.2 % a day, once or upon itself; what is less than a unit is rounded once, as named (F3)."""
    rules = replace(RULES.money, penalty_interest=interest, penalty_rounding=rounding)
    assert penalty(Money(amount, "IRR"), days, rules) == Money(grown, "IRR")


def test_a_slip_s_day_ends_where_it_was_written() -> None:
    """A slip of 22 November is of that day in the company's own time zone (F6)."""
    assert last_second(TODAY, "Asia/Tehran") == datetime(2026, 11, 22, 20, 29, 59, tzinfo=UTC)


def test_where_a_change_of_holder_locks_nothing_no_date_is_told() -> None:
    """A .ir name can move on at once; an international one after its lock (O5)."""
    assert transferable_from(NOW, standard().rules("ir", at=NOW).conduct) is None
    assert transferable_from(NOW, RULES.conduct) == NOW + 60 * DAY


@pytest.mark.parametrize(("effect", "words"), [(Effect.WAITS, "waits"), (Effect.DENIED, "is denied")])
def test_what_a_claim_does_is_said_in_so_many_words(effect: Effect, words: str) -> None:
    """Staff read whether an order waits or is denied, and it is what happens (D9)."""
    found = [
        (kind, stopped)
        for kind, states in STOPPED.items()
        for state in states
        if (stopped := stop(kind, state, disclosed=False)) is not None and stopped.effect is effect
    ]
    assert found
    assert all(stopped.staff.endswith(f": {kind} {words} (D9)") for kind, stopped in found)
