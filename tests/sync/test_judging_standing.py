"""When is a name doubted, gone, or back (P9, P12)? Looks that agree, nights apart; harmless consequences first."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from registrar.gateway import Sighting, Standing
from registrar.statuses import REGISTRAR_LOCK, Status
from registrar.sync.vocabulary import STANDINGS, ChangeKind, Judged, Known, Missing, Source, Suspicion, Told
from tests.sync.judged import (
    ANOTHER,
    COM,
    DAY,
    NIGHT,
    SPONSOR,
    at,
    judged,
    kinds,
    known,
    look,
    proposed,
    suspicion,
    told,
)

DOUBTED, GONE, BACK = ChangeKind.DOUBTED, ChangeKind.GONE, ChangeKind.BACK
LEFT = ChangeKind.LEFT_WITHOUT_ORDER
REGISTRAR, RDAP, WHOIS = Source.REGISTRAR, Source.RDAP, Source.WHOIS
AWAY = look(ours=False)
FREE = look(standing=Standing.FREE)
MOVED = look(sponsor=ANOTHER, expires="2027-03-01")


def away(nights: int, *, what: Missing = Missing.LEFT) -> Told:
    """Return what a source told that has not shown the name as ours for so many nights."""
    standing = Standing.FREE if what is Missing.GONE else Standing.REGISTERED
    return told(standing=standing, ours=False, sponsor=ANOTHER, suspicion=suspicion(nights, what=what))


def with_us(**facts: Any) -> Told:
    """Return what a source told that showed the name where it was."""
    return told(ours=True, sponsor=SPONSOR, **facts)


def doubted(told_by: Mapping[Source, Told], **facts: Any) -> Known:
    """Return a name that has been in doubt since last night."""
    doubt: dict[str, Any] = {"doubted_at": NIGHT - DAY, "doubted_why": "registrar:left"}
    return known(told=told_by, **(doubt | facts))


@pytest.mark.parametrize("sighting", [AWAY, FREE], ids=["not ours", "free"])
def test_one_look_changes_nothing(sighting: Sighting) -> None:
    """A name that one look does not show as ours is suspected, and everything goes on as before."""
    result = judged(known(told={REGISTRAR: with_us()}), sighting, REGISTRAR)
    assert kinds(result) == set()
    assert result.suspicion is not None
    assert result.suspicion.times == 1
    assert not result.confirms


@pytest.mark.parametrize(("hours", "times"), [(0.5, 1), (6, 1), (19.99, 1), (20, 2), (24, 2), (24 * 30, 2)])
def test_two_looks_agree_only_nights_apart(hours: float, times: int) -> None:
    """Two looks in one night are one witness heard twice; two nights apart they make a doubt."""
    first = NIGHT - timedelta(hours=hours)
    before = told(first, ours=False, suspicion=Suspicion(Missing.LEFT, first, first, 1))
    result = judged(known(told={REGISTRAR: before}), AWAY, REGISTRAR)
    assert result.suspicion is not None
    assert result.suspicion.times == times
    assert kinds(result) == ({DOUBTED, LEFT} if times == 2 else set())


def test_a_doubt_only_lets_the_reminders_wait() -> None:
    """The first consequence is harmless: the name is doubted, and neither its dates nor its place in the books change."""
    change = proposed(judged(known(told={REGISTRAR: away(1)}), AWAY, REGISTRAR), DOUBTED)
    assert change.before == {"doubted_at": None, "doubted_why": None}
    assert change.after == {"doubted_at": NIGHT.isoformat(), "doubted_why": "registrar:left"}
    assert "reminders wait" in change.text
    assert "`registrar look example.com --source registrar`" in change.next_step


@pytest.mark.parametrize(
    ("source", "sighting", "others", "expected"),
    [
        (REGISTRAR, AWAY, {RDAP: away(2)}, "transferred_out"),
        (RDAP, MOVED, {REGISTRAR: away(2)}, "transferred_out"),
        (WHOIS, MOVED, {REGISTRAR: away(2)}, "transferred_out"),
        (RDAP, FREE, {REGISTRAR: away(2)}, "deleted"),
        (REGISTRAR, AWAY, {RDAP: away(2, what=Missing.GONE)}, "deleted"),
        (REGISTRAR, FREE, {RDAP: away(2, what=Missing.GONE)}, "deleted"),
    ],
)
def test_a_name_is_gone_when_registrar_and_public_record_agree(
    source: Source, sighting: Sighting, others: Mapping[Source, Told], expected: str
) -> None:
    """After the doubt, and when both sides have not shown the name as ours for nights, it is gone, and how is said (P12)."""
    name = doubted({source: replace(away(2), sponsor=SPONSOR), **others})
    change = proposed(judged(name, sighting, source), GONE)
    assert not change.quarantined
    what = "gone" if expected == "deleted" else "left"
    assert change.after == {
        "gone_at": (NIGHT - 2 * DAY).isoformat(),
        "gone_why": expected,
        "doubted_why": "+".join(sorted({source, *others})) + f":{what}",
    }


@pytest.mark.parametrize(
    ("confirmed_at", "gone_at"),
    [
        (None, NIGHT - 4 * DAY),
        (NIGHT - 5 * DAY, NIGHT - 4 * DAY),
        (NIGHT - 3 * DAY, NIGHT - 3 * DAY),
    ],
    ids=["never confirmed", "confirmed before", "an order confirmed it since"],
)
def test_a_name_is_not_gone_from_before_it_was_last_confirmed(confirmed_at: Any, gone_at: Any) -> None:
    """What an order of ours was done for since it was first missed was ours until then."""
    name = doubted({REGISTRAR: away(2), RDAP: away(4)}, confirmed_at=confirmed_at)
    change = proposed(judged(name, AWAY, REGISTRAR), GONE)
    assert change.after["gone_at"] == gone_at.isoformat()


@pytest.mark.parametrize(
    ("facts", "others", "nights"),
    [
        ({}, {}, 1),
        ({}, {RDAP: with_us()}, 1),
        ({}, {RDAP: away(1)}, 1),
        ({"doubted_at": None}, {RDAP: away(5)}, 5),
        ({"doubted_at": NIGHT - timedelta(hours=6)}, {RDAP: away(5)}, 5),
        ({"departing": True}, {RDAP: away(5)}, 5),
    ],
    ids=["no witness", "no agreement", "a single look", "no doubt yet", "doubted tonight", "a departure"],
)
def test_until_both_sides_agree_it_is_not_gone(
    facts: dict[str, Any], others: Mapping[Source, Told], nights: int
) -> None:
    """Without a doubt a night old and both sides' agreement a name stays in the books; a departure ends by itself."""
    name = doubted({REGISTRAR: away(nights), **others}, **facts)
    assert GONE not in kinds(judged(name, AWAY, REGISTRAR))


@pytest.mark.parametrize(
    ("facts", "others"),
    [({}, {}), ({}, {RDAP: with_us()}), ({"claimed": True}, {RDAP: away(2)})],
    ids=["nobody else", "the public record does not", "a claim holds it"],
)
def test_what_one_side_alone_says_for_long_is_staffs_to_decide(
    facts: dict[str, Any], others: Mapping[Source, Told]
) -> None:
    """A source that goes on alone, or against a claim's lock, takes no name from the books: it asks staff to."""
    change = proposed(judged(doubted({REGISTRAR: away(2), **others}, **facts), AWAY, REGISTRAR), GONE)
    assert change.quarantined
    assert "`registrar sync approve example.com --kind gone" in change.next_step


def test_what_the_other_side_said_long_ago_is_no_agreement() -> None:
    """A witness who was not heard for days does not agree tonight."""
    long_ago = replace(away(4), told_at=NIGHT - 3 * DAY)
    name = doubted({REGISTRAR: away(2), RDAP: long_ago})
    assert proposed(judged(name, AWAY, REGISTRAR), GONE).quarantined


@pytest.mark.parametrize("sighting", [FREE, MOVED], ids=["free", "another sponsor"])
def test_what_the_registrar_calls_ours_no_public_record_makes_doubtful(sighting: Sighting) -> None:
    """While the registrar says that the name is ours, a public record that errs stops no reminder."""
    name = known(told={RDAP: replace(with_us(), suspicion=suspicion(4)), REGISTRAR: with_us()})
    assert not kinds(judged(name, sighting)) & STANDINGS


@pytest.mark.parametrize(
    ("missed_for", "said_ours", "is_doubted"),
    [(96, 72, True), (30, 40, True), (30, 20, False)],
    ids=["too long ago", "before it was missed", "after it was missed"],
)
def test_only_what_the_registrar_says_since_speaks_against_a_doubt(
    missed_for: int, said_ours: int, *, is_doubted: bool
) -> None:
    """That a name was ours before it was missed, or days ago, does not say that it has not left since."""
    since = NIGHT - timedelta(hours=missed_for)
    doubt = Suspicion(Missing.GONE, since, NIGHT - DAY, 1, SPONSOR)
    missed = told(standing=Standing.FREE, suspicion=doubt)
    registrar = told(NIGHT - timedelta(hours=said_ours), ours=True, sponsor=SPONSOR)
    result = judged(known(told={RDAP: missed, REGISTRAR: registrar}), FREE)
    assert (DOUBTED in kinds(result)) is is_doubted


def test_a_name_that_the_registrar_denies_is_not_confirmed() -> None:
    """While the registrar goes on saying that a name is not ours, a public record that still shows it confirms nothing."""
    shown = look(sponsor=SPONSOR, expires="2027-03-01")
    assert judged(known(told={REGISTRAR: away(1)}), shown).confirms
    assert not judged(known(told={REGISTRAR: away(2)}), shown).confirms


def test_a_sponsor_that_changed_its_name_is_no_departure() -> None:
    """A registrar that renames itself alarms once at most: where the inquiry says *ours*, its new name is the one to compare."""
    name = known(
        told={RDAP: told(sponsor=ANOTHER, suspicion=suspicion(2)), REGISTRAR: with_us()},
    )
    result = judged(name, MOVED)
    assert result.suspicion is None
    assert result.confirms


@pytest.mark.parametrize(
    ("before", "now", "is_suspected"),
    [
        ("Example Registrar, Inc.", "EXAMPLE REGISTRAR INC", False),
        ("Example Registrar, Inc.", "Example Registrar  Inc.", False),
        ("Example Registrar, Inc.", "Another Registrar Ltd", True),
        ("Example Registrar, Inc.", None, False),
        (None, "Another Registrar Ltd", False),
        (None, None, False),
    ],
)
def test_a_sponsor_is_compared_by_its_letters(
    before: str | None, now: str | None, *, is_suspected: bool
) -> None:
    """Another spelling of the same registrar is the same; one that is not named is no other."""
    name = known(told={RDAP: told(sponsor=before)})
    result = judged(name, look(sponsor=now, expires="2027-03-01"))
    assert (result.suspicion is not None) is is_suspected
    assert result.confirms is not is_suspected


def test_a_sponsor_of_any_length_is_compared_and_told_as_far_as_it_is_kept() -> None:
    """A far side's endless name is the same one the next night, and fills no page of staff's."""
    endless = "Example Registrar " * 1000
    result = judged(known(told={RDAP: told(sponsor=endless[:255])}), look(sponsor=endless))
    assert result.suspicion is None
    name = known(told={REGISTRAR: away(1)})
    left = judged(name, look(ours=False, sponsor=endless), REGISTRAR)
    for kind in (DOUBTED, LEFT):
        assert len(proposed(left, kind).text) < 500
    assert proposed(left, LEFT).after["sponsor"] == endless[:255]


def test_a_move_is_still_seen_after_its_first_night() -> None:
    """Whose the name was is remembered from before the move: the new sponsor's second night is no return."""
    before = known(told={RDAP: told(NIGHT - 2 * DAY, sponsor=SPONSOR)})
    first = judged(before, replace(MOVED, seen_at=NIGHT - DAY))
    second = judged(known(told={RDAP: told(sponsor=ANOTHER, suspicion=first.suspicion)}), MOVED)
    assert kinds(second) >= {DOUBTED}
    home = judged(known(told={RDAP: told(sponsor=ANOTHER, suspicion=first.suspicion)}), look(sponsor=SPONSOR))
    assert home.suspicion is None


def test_a_name_that_was_registered_afresh_is_another_ones() -> None:
    """A name that was free and is registered again since is not back, whatever sponsor it has."""
    missed = told(standing=Standing.FREE, suspicion=suspicion(2, what=Missing.GONE))
    afresh = look(sponsor=SPONSOR, created_at=NIGHT - timedelta(hours=5))
    result = judged(doubted({RDAP: missed}), afresh)
    assert result.suspicion is not None
    assert result.suspicion.what is Missing.LEFT
    as_before = look(sponsor=SPONSOR, created_at=at("2019-01-01"))
    assert kinds(judged(doubted({RDAP: missed}), as_before)) == {BACK}


@pytest.mark.parametrize(
    ("source", "sighting", "others", "is_back"),
    [
        (REGISTRAR, look(ours=True), {}, True),
        (REGISTRAR, look(ours=True), {RDAP: away(3)}, True),
        (RDAP, look(sponsor=SPONSOR), {}, True),
        (RDAP, look(sponsor=SPONSOR), {REGISTRAR: away(3)}, False),
        (RDAP, look(sponsor=SPONSOR), {REGISTRAR: away(1)}, False),
        (REGISTRAR, look(ours=None), {}, False),
        (REGISTRAR, AWAY, {}, False),
    ],
)
def test_a_doubt_ends_when_the_name_is_seen_as_ours_again(
    source: Source, sighting: Sighting, others: Mapping[Source, Told], *, is_back: bool
) -> None:
    """The registrar's word that a name is ours ends the doubt; the public record's only where the registrar does not deny it."""
    name = doubted({source: replace(away(3), sponsor=ANOTHER), **others})
    result = judged(name, sighting, source)
    assert (BACK in kinds(result)) is is_back
    if is_back:
        change = proposed(result, BACK)
        assert change.before == {
            "doubted_at": (NIGHT - DAY).isoformat(),
            "doubted_why": "registrar:left",
        }
        assert change.after == {"doubted_at": None, "doubted_why": None}
        assert {DOUBTED, GONE, LEFT} <= result.clears


@pytest.mark.parametrize(
    ("facts", "is_told"),
    [
        ({}, True),
        ({"departing": True}, False),
        ({"paid_through": NIGHT - 22 * DAY}, False),
        ({"paid_through": NIGHT - 20 * DAY}, True),
        ({"paid_through": None}, True),
    ],
    ids=["paid", "a departure", "lapsed for good", "still renewable", "nothing known"],
)
def test_staff_hear_of_a_name_that_leaves_without_an_order(facts: dict[str, Any], *, is_told: bool) -> None:
    """A name that leaves though nobody asked us is told to staff; one that lapsed for good, or that we let go, is not."""
    result = judged(known(told={REGISTRAR: away(1)}, **facts), AWAY, REGISTRAR)
    assert (LEFT in kinds(result)) is is_told
    assert (LEFT in result.clears) is not is_told
    if is_told:
        assert "`registrar look example.com --source registrar`" in proposed(result, LEFT).next_step


def test_expired_is_not_gone() -> None:
    """The day after expiry a name that the registry still has is what it was: nothing is cancelled (P9)."""
    name = known(expires="2026-11-21", told={RDAP: told(sponsor=SPONSOR)})
    statuses = frozenset({"redemptionPeriod", "pendingDelete"})
    result = judged(name, look(expires="2026-11-21", sponsor=SPONSOR, statuses=statuses))
    assert not kinds(result) & STANDINGS
    assert result.confirms


def test_silence_keeps_a_suspicion_as_it_was() -> None:
    """A look that tells nothing neither adds to a suspicion nor ends it."""
    before = away(1)
    silent = judged(known(told={RDAP: before}), look(standing=Standing.UNKNOWN))
    assert silent == Judged(suspicion=before.suspicion)


@pytest.mark.parametrize(
    ("before", "shown", "wakes"),
    [
        (REGISTRAR_LOCK, REGISTRAR_LOCK, False),
        (REGISTRAR_LOCK, frozenset({Status.OK}), True),
        (REGISTRAR_LOCK, REGISTRAR_LOCK - {Status.CLIENT_TRANSFER_PROHIBITED}, True),
        (
            frozenset({Status.CLIENT_TRANSFER_PROHIBITED}),
            frozenset({Status.CLIENT_TRANSFER_PROHIBITED}),
            False,
        ),
        (REGISTRAR_LOCK | {Status.CLIENT_HOLD}, REGISTRAR_LOCK, True),
        (REGISTRAR_LOCK, frozenset(), False),
        (REGISTRAR_LOCK, REGISTRAR_LOCK | {Status.PENDING_TRANSFER}, True),
    ],
)
def test_a_claims_lock_that_was_lifted_wakes_its_claim(
    before: frozenset[str], shown: frozenset[str], *, wakes: bool
) -> None:
    """A locked name that shows less of its lock, or a transfer, has its claim look at once; the claim sounds the alarm (D9)."""
    sighting = look(expires="2027-03-01", statuses=shown)
    locked = known(claimed=True, told={RDAP: told(statuses=before)})
    assert judged(locked, sighting).wakes_claim is wakes
    assert not judged(replace(locked, claimed=False), sighting).wakes_claim


@pytest.mark.parametrize(("sighting", "wakes"), [(AWAY, True), (FREE, True), (look(ours=True), False)])
def test_a_departure_is_woken_when_the_name_is_seen_to_have_left(sighting: Sighting, *, wakes: bool) -> None:
    """The departure that we follow looks at once, and settles it; the sync takes nothing out of the books for it (D7)."""
    name = known(COM, departing=True, told={REGISTRAR: with_us()})
    result = judged(name, sighting, REGISTRAR)
    assert result.wakes_departure is wakes
    assert not judged(known(COM), sighting, REGISTRAR).wakes_departure
