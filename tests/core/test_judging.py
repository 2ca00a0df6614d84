"""What does a look mean? Tables for every sort of look, properties for the dates."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registrar.commands import ContactRole, Expiry, Kind
from registrar.gateway import Progress, Sighting, Standing
from registrar.judging import (
    SAME_EXPIRY,
    AskStaff,
    Go,
    Stop,
    Verdict,
    Wait,
    add_months,
    after_attempt,
    before_first_attempt,
    guard_end,
    guard_expiry,
    moved_by_term,
    paid_end,
    registry_end,
)
from registrar.names import DomainName
from registrar.outcomes import Done, RefusalReason, Reply

NAME = DomainName("mina.test", "test")
HOLDER, NEW_HOLDER = "ab12-irnic", "cd34-irnic"
SEEN = datetime(2026, 3, 1, 8, tzinfo=UTC)
EXPIRES = datetime(2026, 4, 10, 12, tzinfo=UTC)
GUARD = {
    "seen_at": SEEN.isoformat(),
    "standing": "registered",
    "sponsor": "us",
    "expires_at": EXPIRES.isoformat(),
    "expires_text": "2026-04-10",
    "holder": HOLDER,
    "new_holder": NEW_HOLDER,
}
OURS = (True, False, None)
PROGRESS = (None, *Progress)


def sighting(standing: Standing = Standing.REGISTERED, **seen: Any) -> Sighting:
    """Return a look; a registered name has an expiry unless it says otherwise."""
    if standing is Standing.REGISTERED:
        seen = {
            "expiry": expiry(EXPIRES),
            "ours": True,
            "contacts": {ContactRole.REGISTRANT: HOLDER},
            "restorable": True,
        } | seen
    return Sighting(NAME, SEEN + timedelta(hours=1), "far", standing, **seen)


def expiry(at: datetime) -> Expiry:
    """Return a date as a registrar writes it."""
    return Expiry(at, at.date().isoformat())


def under(kind: Kind, progress: Progress | None) -> dict[Kind, Progress]:
    """Return what the registrar says of an operation."""
    return {} if progress is None else {kind.at_registrars: progress}


def told(decision: Go | Stop | Wait | AskStaff) -> object:
    """Return a decision without its words: a refusal's reason, or what it is."""
    return decision.reason if isinstance(decision, Stop) else type(decision)


def before(kind: Kind, ours: bool | None, progress: Progress | None) -> object:
    """State what a registered name means before the first attempt."""
    under_way = progress is Progress.UNDER_WAY
    match kind:
        case Kind.REGISTER:
            return RefusalReason.ALREADY_REGISTERED
        case Kind.RENEW:
            return RefusalReason.NOT_OURS if ours is False else Wait if under_way else Go
        case Kind.TRANSFER:
            return RefusalReason.ALREADY_OURS if ours else AskStaff if under_way else Go
        case Kind.RENEW_ELSEWHERE:
            return Wait if under_way else Go
        case Kind.RESTORE | Kind.CHANGE_HOLDER:
            return RefusalReason.NOT_OURS if ours is False else Wait if under_way else Go


@pytest.mark.parametrize(("kind", "ours", "progress"), list(product(Kind, OURS, PROGRESS)))
def test_before_sending_a_registered_name(kind: Kind, ours: bool | None, progress: Progress | None) -> None:
    """Before anything is sent, what the look shows decides whether it may be."""
    seen = sighting(ours=ours, progress=under(kind, progress))
    assert told(before_first_attempt(kind, seen, expected_expiry="any")) == before(kind, ours, progress)


@pytest.mark.parametrize(
    ("kind", "decision"),
    [
        (Kind.REGISTER, Go),
        (Kind.RENEW, RefusalReason.NOT_REGISTERED),
        *((kind, RefusalReason.NOT_REGISTERED) for kind in Kind if kind not in (Kind.REGISTER, Kind.RENEW)),
    ],
)
def test_before_sending_a_free_name(kind: Kind, decision: object) -> None:
    """A free name can be registered, and nothing else can be done to it."""
    assert told(before_first_attempt(kind, sighting(Standing.FREE), expected_expiry="any")) == decision


@pytest.mark.parametrize("kind", Kind)
def test_a_failed_look_decides_nothing(kind: Kind) -> None:
    """Silence is neither *free* nor *registered*."""
    failed = sighting(Standing.UNKNOWN, reason="timeout")
    assert told(before_first_attempt(kind, failed, expected_expiry="any")) is Wait
    assert after_attempt(kind, failed, guard=GUARD, months=12) is Verdict.LOOK_FAILED


@pytest.mark.parametrize(
    ("expected", "decision"),
    [
        ("any", Go),
        ("2026-04-10", Go),
        ("2026-04-10T12:00:00+00:00", Go),
        ("2026-04-10T15:30:00+03:30", Go),
        ("2026-04-11", RefusalReason.EXPIRY_CONFLICT),
        ("2027-04-10", RefusalReason.EXPIRY_CONFLICT),
        ("2026-04-10T12:00:01+00:00", RefusalReason.EXPIRY_CONFLICT),
    ],
)
def test_a_renewal_is_ordered_against_an_expiry(expected: str, decision: object) -> None:
    """A renewal goes ahead only from the expiry that it was ordered against."""
    assert told(before_first_attempt(Kind.RENEW, sighting(), expected_expiry=expected)) == decision


@pytest.mark.parametrize(
    ("seconds", "expected", "decision"),
    [
        (1_775_822_400, "2026-04-10", Go),
        (1_775_822_400, "2026-04-11", RefusalReason.EXPIRY_CONFLICT),
        # A number whose first digits look like a day of the nineteenth century.
        (1_819_022_400, "2027-08-23", Go),
    ],
)
def test_a_registrar_that_counts_seconds_shows_a_day_too(
    seconds: int, expected: str, decision: object
) -> None:
    """Where the registrar writes no date, the day that a customer saw is compared with the day of the instant."""
    seen = sighting(expiry=Expiry(datetime.fromtimestamp(seconds, tz=UTC), str(seconds)))
    assert told(before_first_attempt(Kind.RENEW, seen, expected_expiry=expected)) == decision


@pytest.mark.parametrize(
    ("seen", "decision"), [({"expiry": None}, AskStaff), ({"expiry_is_temporary": True}, Wait)], ids=str
)
def test_a_renewal_without_a_true_expiry_is_not_sent(seen: dict[str, Any], decision: object) -> None:
    """Without an expiry a renewal has no guard, and before approval .ir shows a date that is none."""
    assert told(before_first_attempt(Kind.RENEW, sighting(**seen), expected_expiry="any")) is decision


def test_the_guard_holds_what_will_prove_it() -> None:
    """The guard keeps the registrar's own text of the date beside the instant."""
    decision = before_first_attempt(Kind.RENEW, sighting(sponsor="us"), expected_expiry="any")
    assert isinstance(decision, Go)
    held = {name: value for name, value in GUARD.items() if "holder" not in name}
    assert decision.guard == held | {"seen_at": (SEEN + timedelta(hours=1)).isoformat()}


OWN = EXPIRES - timedelta(days=30)
"""A registrar's own date, as one has it that must be told a month ahead."""
ADDED = add_months(EXPIRES, 12)
"""The registry's date once it has renewed the name by itself."""


@pytest.mark.parametrize(
    ("registrys", "own", "begins", "ends"),
    [
        (EXPIRES, None, EXPIRES, EXPIRES),
        (EXPIRES, OWN, OWN, EXPIRES),
        (EXPIRES, EXPIRES + timedelta(days=180), EXPIRES + timedelta(days=180), EXPIRES),
        (ADDED, EXPIRES, EXPIRES, EXPIRES),
        (ADDED, OWN, OWN, OWN),
        (None, OWN, OWN, OWN),
    ],
)
def test_the_guard_keeps_the_registrars_date_apart(
    registrys: datetime | None, own: datetime | None, begins: datetime, ends: datetime
) -> None:
    """A renewal starts from the registrar's own date; the name's age counts from the registry's, but a year nobody paid (D4)."""
    seen = sighting(expiry=registrys and expiry(registrys), renew_by=own and expiry(own))
    decision = before_first_attempt(Kind.RENEW, seen, expected_expiry="any")
    assert isinstance(decision, Go)
    assert guard_expiry(decision.guard) == expiry(begins)
    assert guard_end(decision.guard) == ends


@pytest.mark.parametrize(
    ("registrys", "own", "expected", "goes"),
    [
        (EXPIRES, OWN, EXPIRES, True),
        (EXPIRES, OWN, OWN, True),
        (EXPIRES, OWN, ADDED, False),
        (ADDED, EXPIRES, EXPIRES, True),
        (ADDED, EXPIRES, ADDED, False),
        (EXPIRES, add_months(OWN, 12), EXPIRES, False),
        (EXPIRES, add_months(OWN, 12), add_months(OWN, 12), True),
    ],
)
def test_an_order_names_either_date_of_the_term(
    registrys: datetime, own: datetime, expected: datetime, *, goes: bool
) -> None:
    """A renewal goes against either date of the term; not against a year that nobody paid, nor one that was renewed already."""
    seen = sighting(expiry=expiry(registrys), renew_by=expiry(own))
    decision = before_first_attempt(Kind.RENEW, seen, expected_expiry=f"{expected:%Y-%m-%d}")
    assert isinstance(decision, Go if goes else Stop)


@pytest.mark.parametrize(
    ("registrys", "own", "verdict"),
    [
        (ADDED, add_months(OWN, 12), Verdict.DID),
        (EXPIRES, add_months(OWN, 12), Verdict.DID),
        (ADDED, OWN, Verdict.ABSENT),
        (ADDED, add_months(OWN, 24), Verdict.CANNOT_TELL),
    ],
)
def test_the_registrars_own_date_proves_a_renewal(
    registrys: datetime, own: datetime, verdict: Verdict
) -> None:
    """What a renewal moves is the registrar's date: the registry's alone may have been moved by the registry."""
    before = sighting(expiry=expiry(EXPIRES), renew_by=expiry(OWN))
    go = before_first_attempt(Kind.RENEW, before, expected_expiry="any")
    assert isinstance(go, Go)
    after = sighting(expiry=expiry(registrys), renew_by=expiry(own))
    assert after_attempt(Kind.RENEW, after, guard=go.guard, months=12) is verdict


@pytest.mark.parametrize(
    ("registrys", "own", "shown", "paid"),
    [
        (ADDED, None, ADDED, ADDED),
        (ADDED, add_months(OWN, 12), ADDED, ADDED),
        (EXPIRES, add_months(OWN, 12), None, add_months(OWN, 12)),
        (add_months(ADDED, 12), add_months(EXPIRES, 12), add_months(ADDED, 12), add_months(EXPIRES, 12)),
        (None, None, None, None),
    ],
)
def test_what_the_books_get_of_two_dates(
    registrys: datetime | None, own: datetime | None, shown: datetime | None, paid: datetime | None
) -> None:
    """A name is paid for until its registry's date, or the registrar's while that alone has moved; an added year nobody paid (D4)."""
    dates: dict[str, Any] = {"expiry": registrys and expiry(registrys), "renew_by": own and expiry(own)}
    for told in (Done(Reply(), **dates), sighting(**dates)):
        assert registry_end(told) == (shown and expiry(shown))
        assert paid_end(told) == (paid and expiry(paid))
    temporary = sighting(**dates, expiry_is_temporary=True)
    assert (registry_end(temporary), paid_end(temporary)) == (None, None)


def by_progress(progress: Progress | None, otherwise: Verdict) -> Verdict:
    """State what the registrar's word on the operation means."""
    return {None: otherwise, Progress.REJECTED: Verdict.REJECTED}.get(progress, Verdict.UNDER_WAY)


def after(kind: Kind, ours: bool | None, progress: Progress | None) -> Verdict:
    """State what a registered name, its expiry as it was, means after an attempt."""
    match kind:
        case Kind.REGISTER:
            sponsored = {False: Verdict.NOT_OURS, None: Verdict.CANNOT_TELL}
            return sponsored[ours] if ours is not True else by_progress(progress, Verdict.DID)
        case Kind.RENEW:
            return Verdict.CANNOT_TELL if ours is False else by_progress(progress, Verdict.ABSENT)
        case Kind.TRANSFER:
            unseen = Verdict.CANNOT_TELL if ours is None else Verdict.ABSENT
            return Verdict.DID if ours else by_progress(progress, unseen)
        case Kind.RENEW_ELSEWHERE | Kind.CHANGE_HOLDER:
            return by_progress(progress, Verdict.ABSENT)
        case Kind.RESTORE:
            return Verdict.CANNOT_TELL if ours is False else by_progress(progress, Verdict.ABSENT)


@pytest.mark.parametrize(("kind", "ours", "progress"), list(product(Kind, OURS, PROGRESS)))
def test_after_sending_a_registered_name(kind: Kind, ours: bool | None, progress: Progress | None) -> None:
    """After an attempt the same look tells done, under way, rejected, not ours, absent; or it cannot tell."""
    seen = sighting(ours=ours, progress=under(kind, progress))
    assert after_attempt(kind, seen, guard=GUARD, months=12) is after(kind, ours, progress)


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (Kind.REGISTER, Verdict.ABSENT),
        (Kind.RENEW, Verdict.CANNOT_TELL),
        *((kind, Verdict.CANNOT_TELL) for kind in Kind if kind not in (Kind.REGISTER, Kind.RENEW)),
    ],
)
def test_after_sending_a_free_name(kind: Kind, verdict: Verdict) -> None:
    """A name that is free was not registered; a name that fell free under a renewal is for a person to judge."""
    assert after_attempt(kind, sighting(Standing.FREE), guard=GUARD, months=12) is verdict


def test_a_registration_that_failed_is_told_from_one_that_never_came() -> None:
    """A free name whose registration the registrar shows as failed was rejected, and is not sent again."""
    seen = sighting(Standing.FREE, progress={Kind.REGISTER: Progress.REJECTED})
    assert after_attempt(Kind.REGISTER, seen, guard=GUARD, months=12) is Verdict.REJECTED


@pytest.mark.parametrize(
    ("created_at", "verdict"),
    [
        (None, Verdict.DID),
        (SEEN, Verdict.DID),
        (SEEN - timedelta(days=1), Verdict.DID),
        (SEEN - timedelta(days=1, seconds=1), Verdict.CANNOT_TELL),
    ],
)
def test_an_older_name_was_not_made_by_this_order(created_at: datetime | None, verdict: Verdict) -> None:
    """A name of ours that is older than our look was not registered by this order."""
    seen = sighting(created_at=created_at)
    assert after_attempt(Kind.REGISTER, seen, guard=GUARD, months=12) is verdict


@pytest.mark.parametrize(
    ("asked_at", "verdict"),
    [
        (None, Verdict.REJECTED),
        (SEEN, Verdict.REJECTED),
        (SEEN - timedelta(minutes=5), Verdict.REJECTED),
        (SEEN - timedelta(minutes=5, seconds=1), Verdict.ABSENT),
    ],
)
def test_an_older_transfer_is_another_orders(asked_at: datetime | None, verdict: Verdict) -> None:
    """A transfer that was asked for before our look says nothing of this order."""
    seen = sighting(ours=False, progress={Kind.TRANSFER: Progress.REJECTED}, transfer_asked_at=asked_at)
    assert after_attempt(Kind.TRANSFER, seen, guard=GUARD, months=12) is verdict


def test_a_renewal_whose_date_is_not_shown_is_looked_at_again() -> None:
    """A name without a date tells nothing of its renewal."""
    assert after_attempt(Kind.RENEW, sighting(expiry=None), guard=GUARD, months=12) is Verdict.LOOK_FAILED


INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
MONTHS = st.sampled_from([1, 12, 24, 60, 120])


@settings(derandomize=True)
@given(old=INSTANTS, months=MONTHS, off=st.timedeltas(timedelta(days=-40), timedelta(days=40)))
@example(old=datetime(2024, 2, 29, tzinfo=UTC), months=12, off=timedelta(days=1))
@example(old=datetime(2024, 2, 29, tzinfo=UTC), months=12, off=timedelta(days=5))
@example(old=datetime(2024, 2, 29, tzinfo=UTC), months=12, off=timedelta(days=5, seconds=1))
def test_a_term_is_a_term_to_five_days(old: datetime, months: int, off: timedelta) -> None:
    """A new date is the old one and the term, give or take what calendars differ by."""
    assert moved_by_term(old, add_months(old, months) + off, months) is (abs(off) <= timedelta(days=5))


NOWRUZ = [
    datetime(year, 3, 20 if year in (2016, 2020, 2024, 2028, 2029, 2032, 2033) else 21, tzinfo=UTC)
    for year in range(2016, 2034)
]
"""1 Farvardin of the years 1395 to 1412."""


@settings(derandomize=True)
@given(start=st.integers(0, 7), years=st.integers(1, 10), day=st.integers(0, 364))
@example(start=0, years=1, day=364)
@example(start=4, years=1, day=0)
@example(start=4, years=5, day=346)
def test_a_persian_anniversary_is_a_term(start: int, years: int, day: int) -> None:
    """The same day of the Persian calendar some years on is that many years, leap years or not (E1)."""
    old, new = NOWRUZ[start] + timedelta(days=day), NOWRUZ[start + years] + timedelta(days=day)
    assert moved_by_term(old, new, 12 * years)
    assert not moved_by_term(old, new, 12 * years + 1)


@settings(derandomize=True)
@given(at=INSTANTS, months=MONTHS)
def test_adding_months_keeps_the_day_or_the_months_last(at: datetime, months: int) -> None:
    """A term ends on the day it began, or on the last day of a shorter month."""
    new = add_months(at, months)
    assert (new.year * 12 + new.month) - (at.year * 12 + at.month) == months
    assert new.day == at.day or (new.day < at.day and (new + timedelta(days=1)).day == 1)


@settings(derandomize=True, max_examples=300)
@given(
    new=INSTANTS | st.timedeltas(timedelta(days=-3), timedelta(days=400)).map(EXPIRES.__add__), months=MONTHS
)
def test_absent_is_said_only_of_an_expiry_that_stands_still(new: datetime, months: int) -> None:
    """A renewal is absent exactly when its date is the one it was."""
    seen = sighting(expiry=expiry(new))
    verdict = after_attempt(Kind.RENEW, seen, guard=GUARD, months=months)
    assert (verdict is Verdict.ABSENT) is (abs(new - EXPIRES) < SAME_EXPIRY)
    assert (verdict is Verdict.DID) is (moved_by_term(EXPIRES, new, months) and verdict is not Verdict.ABSENT)


@settings(derandomize=True)
@given(
    off=st.timedeltas(timedelta(days=-9), timedelta(days=9)),
    months=MONTHS,
    progress=st.sampled_from(PROGRESS),
    ours=st.sampled_from(OURS),
)
def test_a_registrys_own_renewal_proves_nothing(
    off: timedelta, months: int, progress: Progress | None, ours: bool | None
) -> None:
    """A date that the registry moved by itself is never taken for this order's work (D4)."""
    moved = expiry(add_months(EXPIRES, months) + off)
    seen = sighting(expiry=moved, renewed_by_registry=True, ours=ours, progress=under(Kind.RENEW, progress))
    assert after_attempt(Kind.RENEW, seen, guard=GUARD, months=months) is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    ("kind", "seen", "decision"),
    [
        (Kind.RESTORE, {"restorable": False}, RefusalReason.NOT_RESTORABLE),
        (Kind.CHANGE_HOLDER, {"contacts": {}}, AskStaff),
        (Kind.CHANGE_HOLDER, {"contacts": {ContactRole.REGISTRANT: NEW_HOLDER}}, RefusalReason.POLICY),
        (Kind.RENEW_ELSEWHERE, {"ours": False}, Go),
        (Kind.RENEW_ELSEWHERE, {"renewed_by_registry": True}, AskStaff),
    ],
)
def test_before_a_rarer_order(kind: Kind, seen: dict[str, Any], decision: object) -> None:
    """Nothing is restored that is not in redemption, and no name is moved to the holder it has."""
    looked = sighting(**seen)
    told_now = before_first_attempt(kind, looked, expected_expiry="any", new_holder=NEW_HOLDER)
    assert told(told_now) == decision


@pytest.mark.parametrize(
    ("kind", "seen", "verdict"),
    [
        (Kind.RESTORE, {"restorable": False}, Verdict.DID),
        (
            Kind.RESTORE,
            {"restorable": False, "statuses": frozenset({"pendingDelete"})},
            Verdict.CANNOT_TELL,
        ),
        (Kind.CHANGE_HOLDER, {"contacts": {ContactRole.REGISTRANT: NEW_HOLDER}}, Verdict.DID),
        (Kind.CHANGE_HOLDER, {"contacts": {ContactRole.REGISTRANT: NEW_HOLDER.upper()}}, Verdict.DID),
        (Kind.CHANGE_HOLDER, {"contacts": {ContactRole.REGISTRANT: "ef56-irnic"}}, Verdict.CANNOT_TELL),
        (Kind.CHANGE_HOLDER, {"contacts": {}}, Verdict.CANNOT_TELL),
    ],
)
def test_after_a_rarer_order(kind: Kind, seen: dict[str, Any], verdict: Verdict) -> None:
    """A restored name is out of redemption, and not on its way out; a moved one shows the new holder, and a third one proves nothing."""
    assert after_attempt(kind, sighting(**seen), guard=GUARD, months=12) is verdict


@pytest.mark.parametrize(
    ("kind", "moved", "charges", "verdict"),
    [
        (Kind.RENEW_ELSEWHERE, True, {"old", "new"}, Verdict.DID),
        (Kind.RENEW_ELSEWHERE, True, {"old"}, Verdict.CANNOT_TELL),
        (Kind.RENEW_ELSEWHERE, True, None, Verdict.CANNOT_TELL),
        (Kind.RENEW, True, {"old", "new"}, Verdict.DID),
        (Kind.RENEW, True, {"old"}, Verdict.CANNOT_TELL),
        (Kind.RENEW, True, None, Verdict.DID),
        (Kind.RENEW, False, {"old", "new"}, Verdict.UNDER_WAY),
        (Kind.RENEW, False, {"old"}, Verdict.ABSENT),
        (Kind.RENEW_ELSEWHERE, False, {"old", "new"}, Verdict.UNDER_WAY),
    ],
)
def test_a_charge_of_ours_tells_whose_renewal_it_was(
    kind: Kind, moved: bool, charges: set[str] | None, verdict: Verdict
) -> None:
    """Where a registrar keeps no guard, its own statement tells a renewal of ours from somebody else's, or from none."""
    at = add_months(EXPIRES, 12) if moved else EXPIRES
    seen = sighting(expiry=expiry(at), charges=None if charges is None else frozenset(charges))
    assert after_attempt(kind, seen, guard={**GUARD, "charges": ["old"]}, months=12) is verdict
