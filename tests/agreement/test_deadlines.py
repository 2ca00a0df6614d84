"""Until which instant is a customer in time, and from which is he late? Reports, slips, holds and notices, to the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from registrar.agreement.accepting import SlipStanding, slip_standing
from registrar.agreement.changing_holder import is_support
from registrar.agreement.compensation import time_used
from registrar.agreement.expiry import windows
from registrar.agreement.noticing import Planned, ahead, schedule
from registrar.agreement.penalties import whole_days
from registrar.agreement.reporting import OrderDates, ReportKind, deadline, is_documentary
from registrar.agreement.waiting import DEBT, IDENTITY, lets_through, next_limit_within
from registrar.commands import RENEWALS, Kind, OrderKind, OwnKind
from registrar.money import Money
from tests.agreement.rulebook import standard

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
PAID = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = standard().rules("com", at=PAID)
LIMITS = windows(PAID, RULES.renewal)
DATES = OrderDates(paid_at=PAID, expired_at=PAID - 2 * DAY, due_by=PAID + 3 * DAY, completed_at=PAID + DAY)


@pytest.mark.parametrize(
    ("kind", "until"),
    [
        (ReportKind.RENEWAL_NOT_DONE, PAID + 7 * DAY),
        (ReportKind.NOT_DELIVERED, PAID + 5 * DAY),
        (ReportKind.DIFFERS, PAID + 8 * DAY),
    ],
)
def test_each_report_has_a_deadline_of_its_own(kind: ReportKind, until: datetime) -> None:
    """E3 counts a week from expiry or from a later payment, O8 two days from the delivery time, O9 a week from set-up."""
    assert deadline(kind, DATES, RULES.delivery) == until


def test_who_pays_before_expiry_has_a_week_from_expiry() -> None:
    """The week in which a renewal that was not carried out is reported begins with the expiry itself (E3)."""
    early = replace(DATES, expired_at=PAID + 40 * DAY)
    assert deadline(ReportKind.RENEWAL_NOT_DONE, early, RULES.delivery) == PAID + 47 * DAY


@pytest.mark.parametrize("kind", list(ReportKind))
def test_where_nothing_starts_the_clock_there_is_no_deadline(kind: ReportKind) -> None:
    """Nobody is late for what has not begun: a name that never expired, an order that is not delivered (E3, O8, O9)."""
    nothing = OrderDates(paid_at=PAID, expired_at=None, due_by=None, completed_at=None)
    assert deadline(kind, nothing, RULES.delivery) is None


@pytest.mark.parametrize(
    ("channel", "binds", "of_a_renewal"),
    [("support", True, True), ("fax", True, False), ("portal", True, False), ("email", False, False)],
)
def test_a_renewal_not_done_is_reported_through_support(
    channel: str, *, binds: bool, of_a_renewal: bool
) -> None:
    """Every channel of the agreement binds for a report, but E3 asks for support itself, and O5 does (C2)."""
    for kind in (ReportKind.NOT_DELIVERED, ReportKind.DIFFERS):
        assert is_documentary(kind, channel, RULES.conduct) is binds
    assert is_documentary(ReportKind.RENEWAL_NOT_DONE, channel, RULES.conduct) is of_a_renewal
    assert is_support(channel, RULES.conduct) is of_a_renewal


@pytest.mark.parametrize(
    ("age", "standing"),
    [
        (timedelta(0), SlipStanding.BY_ITSELF),
        (10 * DAY, SlipStanding.BY_ITSELF),
        (10 * DAY + timedelta(microseconds=999_999), SlipStanding.BY_ITSELF),
        (10 * DAY + SECOND, SlipStanding.WITH_ORIGINAL),
        (186 * DAY, SlipStanding.WITH_ORIGINAL),
        (186 * DAY + SECOND, SlipStanding.TOO_OLD),
    ],
)
def test_a_slip_is_good_for_ten_days_and_with_its_original_for_six_months(
    age: timedelta, standing: SlipStanding
) -> None:
    """Both limits are inclusive, to the second (F6)."""
    assert slip_standing(PAID, PAID + age, RULES.money) is standing


@pytest.mark.parametrize(
    ("open_for", "days"),
    [(-DAY, 0), (timedelta(0), 0), (DAY - SECOND, 0), (DAY, 1), (2 * DAY - SECOND, 1), (2 * DAY, 2)],
)
def test_only_whole_days_of_a_debt_cost(open_for: timedelta, days: int) -> None:
    """A day that is not over costs nothing, and no debt earns by being paid early (F3)."""
    assert whole_days(PAID, PAID + open_for) == days


@pytest.mark.parametrize(
    ("over", "used"), [(-10, 0), (0, 0), (1, 11), (5, 51), (9, 91), (10, 101), (11, 101)]
)
def test_time_used_is_counted_to_the_second_and_never_above_the_price(over: int, used: int) -> None:
    """A term of ten seconds at 101: a fraction of a unit is used up, nothing before it begins, all once it is over (F4)."""
    now = PAID + timedelta(seconds=over)
    assert time_used(Money(101, "IRR"), PAID, PAID + 10 * SECOND, now) == Money(used, "IRR")


@pytest.mark.parametrize("length", [timedelta(0), -SECOND])
def test_a_term_of_no_length_is_used_up(length: timedelta) -> None:
    """Where a term does not even begin, nothing of it is left to give back (F4)."""
    assert time_used(Money(101, "IRR"), PAID, PAID + length, PAID) == Money(101, "IRR")


def test_of_a_term_of_one_second_nothing_is_used_before_it_begins() -> None:
    """However short a term is, it is reckoned as any other (F4)."""
    assert time_used(Money(101, "IRR"), PAID, PAID + SECOND, PAID) == Money(0, "IRR")


@pytest.mark.parametrize("kind", [*Kind, *OwnKind])
@pytest.mark.parametrize("cause", [IDENTITY, DEBT])
def test_only_a_renewal_near_its_limit_goes_through_an_identity_hold(kind: OrderKind, cause: str) -> None:
    """A name lost to a missing document could not be given back; a debt lets nothing through; our own orders are not his (O6)."""
    ours = isinstance(kind, OwnKind)
    near = kind in RENEWALS and cause == IDENTITY
    just_before, long_before = PAID - 3 * DAY, PAID - 3 * DAY - SECOND
    assert lets_through(kind, cause, LIMITS, RULES, just_before) is (ours or near)
    assert lets_through(kind, cause, LIMITS, RULES, long_before) is ours
    assert lets_through(kind, cause, None, RULES, just_before) is ours


@pytest.mark.parametrize(
    ("now", "limit"),
    [
        (PAID - 3 * DAY - SECOND, None),
        (PAID - 3 * DAY, PAID),
        (PAID, PAID),
        (PAID + SECOND, None),
        (PAID + 4 * DAY, LIMITS.committed_until),
        (PAID + 18 * DAY, LIMITS.possible_until),
        (PAID + 21 * DAY, LIMITS.possible_until),
        (PAID + 21 * DAY + SECOND, None),
    ],
)
def test_the_next_limit_is_named_as_long_as_something_can_be_done(
    now: datetime, limit: datetime | None
) -> None:
    """Both ends of the time before a limit belong to it; one that has passed is no longer near (O3, O6)."""
    assert next_limit_within(LIMITS, 3 * DAY, now) == limit


def test_of_two_limits_the_nearer_one_is_named() -> None:
    """Where several limits come within the time, staff hear of the first (O3)."""
    assert next_limit_within(LIMITS, 30 * DAY, PAID) == PAID
    assert next_limit_within(LIMITS, 30 * DAY, PAID + SECOND) == LIMITS.committed_until


def test_notices_are_due_at_the_hour_of_the_company_s_own_day() -> None:
    """A term that ends at half past ten at night in UTC ends on the next day in Tehran; its notices count from that day (E2)."""
    end = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    rules = replace(RULES.notices, days=(5, -31, 1))
    assert schedule(end, rules) == (
        Planned(-31, datetime(2026, 1, 30, 6, 30, tzinfo=UTC)),
        Planned(1, datetime(2026, 3, 3, 6, 30, tzinfo=UTC)),
        Planned(5, datetime(2026, 3, 7, 6, 30, tzinfo=UTC)),
    )
    assert all(notice.at.tzinfo is UTC for notice in schedule(end, rules))


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (PAID - 40 * DAY, [-31, -15, -7, -3, -1, 1, 5, 20]),
        (PAID - 7 * DAY - 6 * timedelta(hours=1), [-15, -7, -3, -1, 1, 5, 20]),
        (PAID - 7 * DAY - timedelta(hours=5, minutes=30), [-7, -3, -1, 1, 5, 20]),
        (PAID, [-1, 1, 5, 20]),
        (PAID + 21 * DAY, [20]),
        (PAID + 21 * DAY + SECOND, []),
    ],
)
def test_of_the_notices_that_are_past_only_the_newest_is_caught_up(now: datetime, left: list[int]) -> None:
    """A name that comes into our books late brings one mail, not five, and one that is long lost brings none (E2)."""
    assert [notice.days for notice in ahead(PAID, RULES, now=now)] == left


def test_no_notice_is_planned_for_after_the_last_day() -> None:
    """A notice falls on the last instant at which the name can be renewed, or before it (D1, E2)."""
    at_the_end = replace(RULES, notices=replace(RULES.notices, days=(21, 22), at_hour=12, time_zone="UTC"))
    assert [notice.days for notice in ahead(PAID, at_the_end, now=PAID)] == [21]
