"""Are the classes of a renewal exact to the second on both sides, for every zone and every version of the rules (D1, D2)?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrar.agreement.delivery import delivery, moved, stopped_for
from registrar.agreement.expiry import RenewalClass, classify, end_of_day, windows
from registrar.agreement.pricing import priced_as
from registrar.agreement.quoting import fees_due
from registrar.agreement.rules import AfterGap, FeeRule, RuleBook, Rules, Version
from registrar.commands import RENEWALS, Kind
from registrar.money import Money
from tests.agreement.rulebook import standard

SECOND = timedelta(seconds=1)
PAID = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHIPPED = standard().versions[0]
COM = SHIPPED.rules("com")

ZONES = st.sampled_from(["com", "ir", "co.ir", "xn--mgba3a4f16a", "net"])
PLACES = st.sampled_from(["UTC", "Asia/Tehran", "America/New_York", "Australia/Lord_Howe"]).map(ZoneInfo)
SECONDS = st.integers(1_262_304_000, 2_051_222_400)
"""From 2010 to 2035."""
INSTANTS = st.builds(datetime.fromtimestamp, SECONDS, PLACES)


@st.composite
def versions(draw: st.DrawFn, number: int = 0) -> Version:
    """Draw a version of the rules: other limits for all, and others again for some zones."""
    begins = datetime.fromtimestamp(draw(SECONDS), UTC)

    def of_zone(zone: Rules) -> Rules:
        committed = timedelta(days=draw(st.integers(0, 30)))
        possible = committed + timedelta(days=draw(st.integers(0, 60)))
        renewal = replace(zone.renewal, committed=committed, possible=possible)
        return replace(zone, version=f"v{number}", effective_from=begins, renewal=renewal)

    zones = {zone: of_zone(rules) for zone, rules in SHIPPED.zones.items() if draw(st.booleans())}
    return Version(of_zone(SHIPPED.common), zones, {})


def books() -> st.SearchStrategy[RuleBook]:
    """Draw a book of one to four versions."""
    several = st.integers(1, 4).flatmap(lambda count: st.tuples(*map(versions, range(count))))
    dates = several.filter(
        lambda drawn: len({version.common.effective_from for version in drawn}) == len(drawn)
    )
    return dates.map(RuleBook)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(days=-400), RenewalClass.NOT_EXPIRED),
        (-SECOND, RenewalClass.NOT_EXPIRED),
        (timedelta(0), RenewalClass.NOT_EXPIRED),
        (timedelta(microseconds=999_999), RenewalClass.NOT_EXPIRED),
        (SECOND, RenewalClass.COMMITTED),
        (timedelta(days=7) - SECOND, RenewalClass.COMMITTED),
        (timedelta(days=7), RenewalClass.COMMITTED),
        (timedelta(days=7, microseconds=1), RenewalClass.COMMITTED),
        (timedelta(days=7) + SECOND, RenewalClass.BEST_EFFORT),
        (timedelta(days=21), RenewalClass.BEST_EFFORT),
        (timedelta(days=21) + SECOND, RenewalClass.IMPOSSIBLE),
        (timedelta(days=4000), RenewalClass.IMPOSSIBLE),
    ],
)
@pytest.mark.parametrize("zone", ["com", "ir"])
def test_the_limits_belong_to_the_time_before_them(
    after: timedelta, expected: RenewalClass, zone: str
) -> None:
    """At the end of the term a name is not expired, at 7 d 0 s committed, at 21 d 0 s best effort; a second later not."""
    rules = standard().rules(zone, at=PAID)
    assert classify(PAID, PAID + after, rules.renewal) is expected


@given(books(), ZONES, INSTANTS, st.integers(-3000, 3000), INSTANTS)
def test_each_class_begins_and_ends_to_the_second(
    book: RuleBook, zone: str, paid_through: datetime, seconds: int, decided_at: datetime
) -> None:
    """Under whatever version and zone: the last instant of each class is in it, and the next second is in the next one."""
    rules = book.rules(zone, at=decided_at).renewal
    limits, day_in_seconds = windows(paid_through, rules), 86_400
    ends = [
        (0, RenewalClass.NOT_EXPIRED),
        (rules.committed.days * day_in_seconds, RenewalClass.COMMITTED),
        (rules.possible.days * day_in_seconds, RenewalClass.BEST_EFFORT),
    ]
    assert [(limit - paid_through).total_seconds() for limit in
            (limits.paid_through, limits.committed_until, limits.possible_until)] == [end for end, _ in ends]  # fmt: skip
    assert limits.paid_through.tzinfo is UTC
    for end, _ in ends:
        offset = end + seconds
        at = (paid_through.astimezone(UTC) + timedelta(seconds=offset)).astimezone(decided_at.tzinfo)
        expected = next((name for last, name in ends if offset <= last), RenewalClass.IMPOSSIBLE)
        assert classify(paid_through, at, rules) is expected


@given(books(), INSTANTS)
def test_one_version_is_in_force_at_each_moment(book: RuleBook, at: datetime) -> None:
    """Between two dates of effect the same rules hold, and a date of effect belongs to the new ones."""
    in_force = book.at(at)
    begun = [version for version in book.versions if version.common.effective_from <= at]
    assert in_force.name == (max(begun, key=_begins).name if begun else min(book.versions, key=_begins).name)
    begins = _begins(in_force)
    assert book.at(begins) is in_force


def _begins(version: Version) -> datetime:
    return version.common.effective_from


@pytest.mark.parametrize(
    ("zone", "end"),
    [("com", "2026-03-01T23:59:59+00:00"), ("ir", "2026-03-01T23:59:59+03:30")],
)
def test_a_bare_date_counts_to_the_end_of_its_day(zone: str, end: str) -> None:
    """A name that is paid through 1 March is so to the last second of that day, in Tehran for .ir (D2)."""
    rules = standard().rules(zone, at=PAID).renewal
    assert end_of_day(date(2026, 3, 1), rules) == datetime.fromisoformat(end)


def test_a_day_s_last_fraction_belongs_to_it() -> None:
    """Half a second before midnight the name is not expired, as nobody's clock is better than a second (D2)."""
    paid_through = end_of_day(date(2026, 3, 1), COM.renewal)
    half = timedelta(milliseconds=500)
    assert classify(paid_through, paid_through + half, COM.renewal) is RenewalClass.NOT_EXPIRED
    assert classify(paid_through, paid_through + SECOND, COM.renewal) is RenewalClass.COMMITTED


def fee(
    after: int, until: int | None, *, line: str = "late", kinds: frozenset[Kind] = frozenset({Kind.RENEW})
) -> FeeRule:
    """Return a fee for names of an age, in days."""
    span = timedelta(days=after), None if until is None else timedelta(days=until)
    return FeeRule(
        line, kinds, *span, Money(500, "USD"), credited_on_refusal=True, text={"fa": "-", "en": "-"}
    )


@given(st.integers(0, 400), st.integers(1, 400), st.sampled_from([-1, 0, 1]), st.booleans(), INSTANTS)
def test_a_fee_begins_and_ends_to_the_second(
    after: int, length: int, second: int, at_its_end: bool, paid_through: datetime
) -> None:
    """A fee is due more than its first day after the end of the term, up to its last day and no second more (E4)."""
    rules = replace(COM, fees=(fee(after, after + length),))
    days = after + length if at_its_end else after
    age = timedelta(days=days, seconds=second)
    at = paid_through.astimezone(UTC) + age
    due = fees_due(Kind.RENEW, paid_through=paid_through, at=at, rules=rules)
    assert bool(due) is (timedelta(days=after) < age <= timedelta(days=after + length))


def test_a_fee_is_for_its_kinds_and_may_have_no_end() -> None:
    """A fee for late renewal is not asked for a restoration; one without an end goes on (E4)."""
    endless = replace(COM, fees=(fee(0, None), fee(0, None, line="other", kinds=frozenset({Kind.RESTORE}))))
    late = PAID + timedelta(days=3000)
    assert [due.line for due in fees_due(Kind.RENEW, paid_through=PAID, at=late, rules=endless)] == ["late"]
    assert [due.line for due in fees_due(Kind.RESTORE, paid_through=PAID, at=late, rules=endless)] == [
        "other"
    ]
    assert fees_due(Kind.RENEW, paid_through=PAID, at=PAID, rules=endless) == ()


@pytest.mark.parametrize(
    ("after", "until", "kind", "due"),
    [
        (0, None, Kind.RESTORE, True),
        (0, None, Kind.RENEW, False),
        (0, 9, Kind.RESTORE, False),
        (1, None, Kind.RESTORE, False),
    ],
)
def test_of_a_name_that_never_lapsed_only_fees_without_an_age_are_asked(
    after: int, until: int | None, kind: Kind, due: bool
) -> None:
    """Where nobody knows when a name lapsed, a fee for its age is not asked, nor one for renewing late (E4)."""
    rules = replace(COM, fees=(fee(after, until, kinds=frozenset({kind})),))
    assert bool(fees_due(kind, paid_through=None, at=PAID, rules=rules)) is due


@pytest.mark.parametrize("mode", AfterGap)
@pytest.mark.parametrize("kind", [*sorted(RENEWALS), Kind.REGISTER, Kind.RESTORE, Kind.TRANSFER])
def test_a_renewal_after_a_gap_is_reckoned_as_the_rules_say(mode: AfterGap, kind: Kind) -> None:
    """From the first second after the term a renewal costs what the rules say, until then a renewal's price (E6)."""
    rules = replace(COM, renewal=replace(COM.renewal, after_gap_price=mode))
    first_again = kind in RENEWALS and mode is AfterGap.FIRST_PURCHASE
    assert priced_as(kind, paid_through=PAID, at=PAID, rules=rules) is kind
    assert priced_as(kind, paid_through=PAID, at=PAID + SECOND, rules=rules) is (
        Kind.REGISTER if first_again else kind
    )
    assert priced_as(kind, paid_through=None, at=PAID, rules=rules) is kind


@given(INSTANTS, st.sampled_from(list(Kind)), st.integers(1, 5))
def test_delivery_is_counted_from_payment(paid_at: datetime, kind: Kind, factor: int) -> None:
    """Due within the longest time, not to be cancelled before so many times that, reported two days after (O2, O8)."""
    rules = replace(COM.delivery, factor=factor)
    dates, longest = delivery(kind, paid_at, rules), max(rules.maximum.values())
    maximum = rules.maximum.get(kind, longest)
    paid = paid_at.astimezone(UTC)
    assert (dates.due_by, dates.cancellable_from) == (paid + maximum, paid + factor * maximum)
    assert dates.report_by == dates.due_by + timedelta(days=2)
    assert dates.due_by.tzinfo is UTC


def test_a_kind_without_a_time_of_its_own_takes_the_longest() -> None:
    """What the rules forgot to list is promised late rather than not at all (O2)."""
    rules = replace(COM.delivery, maximum={Kind.RENEW: timedelta(hours=1), Kind.TRANSFER: timedelta(hours=9)})
    assert delivery(Kind.RESTORE, PAID, rules).due_by == PAID + timedelta(hours=9)


MINUTES = st.integers(0, 600).map(lambda minutes: PAID + timedelta(minutes=minutes))
STOPS = st.lists(
    st.tuples(MINUTES, st.integers(0, 300).map(lambda minutes: timedelta(minutes=minutes)) | st.none()).map(
        lambda stop: (stop[0], None if stop[1] is None else stop[0] + stop[1])
    ),
    max_size=5,
)
Stop = tuple[datetime, datetime | None]


@given(MINUTES, MINUTES, STOPS)
def test_the_clocks_stand_still_minute_by_minute(since: datetime, until: datetime, stops: list[Stop]) -> None:
    """A clock that is stopped twice at once stands still once; an open stop lasts to the end of the span (O3)."""
    minutes = int((until - since) / timedelta(minutes=1))
    still = sum(
        any(begin <= moment and (end is None or moment < end) for begin, end in stops)
        for moment in (since + timedelta(minutes=number) for number in range(max(minutes, 0)))
    )
    assert stopped_for(since, until, stops) == timedelta(minutes=still)


@given(st.integers(1, 300), STOPS)
def test_a_deadline_leaves_the_customer_s_clock_its_full_time(minutes: int, stops: list[Stop]) -> None:
    """Between payment and the moved deadline the clock ran for exactly the promised time, stops apart (O3)."""
    promised, now = timedelta(minutes=minutes), PAID + timedelta(minutes=5000)
    closed = [(begin, end or now) for begin, end in stops]
    deadline = moved(PAID + promised, PAID, now, closed)
    assert deadline - PAID - stopped_for(PAID, deadline, closed) == promised


def test_stops_that_begin_together_are_counted_once() -> None:
    """One that is still on and one that is over, of the same moment, stop the clock once (O3)."""
    due, hour = PAID + timedelta(hours=48), timedelta(hours=1)
    stops: list[Stop] = [(PAID + hour, None), (PAID + hour, PAID + 2 * hour)]
    assert stopped_for(PAID, PAID + 5 * hour, stops) == 4 * hour
    assert moved(due, PAID, PAID + 5 * hour, stops) == due + 4 * hour


Side = Literal["before", "at", "after"]


@pytest.mark.parametrize(("side", "is_moved"), [("before", True), ("at", False), ("after", False)])
def test_a_stop_that_begins_when_time_is_up_moves_nothing(side: Side, is_moved: bool) -> None:
    """An order that was late already is not saved by a force majeure that came after (O3)."""
    due, shift = PAID + timedelta(hours=48), {"before": -SECOND, "at": timedelta(0), "after": SECOND}[side]
    hour = timedelta(hours=1)
    stops = [(due + shift, due + shift + hour)]
    assert moved(due, PAID, due + 3 * hour, stops) == due + (hour if is_moved else timedelta(0))


def test_a_book_of_rules_is_unambiguous() -> None:
    """There is always one version in force: none at all, or two of one date, cannot be put together."""
    with pytest.raises(ValueError, match=r"^there must be at least one version of the rules$"):
        RuleBook(())
    with pytest.raises(ValueError, match=r"^two versions of the rules share a name or a date of effect$"):
        RuleBook((SHIPPED, SHIPPED))
