"""What holds of every judgement, whatever a source says? Drawn names, drawn looks, and nights of them in a row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from registrar.agreement.rules import AutoRenewed
from registrar.commands import Expiry
from registrar.gateway import Sighting, Standing
from registrar.judging import add_months
from registrar.names import DomainName
from registrar.statuses import REGISTRAR_LOCK, GraceStatus, Status
from registrar.sync.judging import judge
from registrar.sync.vocabulary import (
    CONDITIONS,
    DATES,
    STANDINGS,
    ChangeKind,
    Judged,
    Known,
    Missing,
    Source,
    Suspicion,
    SyncTerms,
    Told,
)
from tests.sync.judged import ANOTHER, COM, DAY, IR, NIGHT, SPONSOR, judged, kinds, look, rules

TERMS = SyncTerms()
DATE_COLUMNS = {"registry_expires_at", "registry_expires_text", "registry_expiry_source", "renew_by"}
STANDING_COLUMNS = {"doubted_at", "doubted_why", "gone_at", "gone_why"}

NAMES = st.sampled_from([COM, IR])
SOURCES = st.sampled_from(Source)
ENDS = st.sampled_from([NIGHT + days * DAY for days in (-400, -40, -1, 1, 1, 90, 400)])
"""Where a name's term may end."""
STEPS = st.sampled_from([-24, -12, 0, 0, 0, 0, 12, 12, 24, 120, 600])
"""Months by which a date may lie elsewhere: mostly it does not."""
OFFS = st.sampled_from([timedelta(0), timedelta(0), timedelta(hours=20), -2 * DAY, 4 * DAY, -100 * DAY])
EXTREMES = st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
MOMENTS = st.sampled_from([NIGHT - timedelta(hours=hours) for hours in (1, 19, 20, 24, 24, 47, 49, 200)])
SPONSORS = st.sampled_from([SPONSOR, SPONSOR, ANOTHER, None])
OURS = st.sampled_from([True, True, False, None])
STANDINGS_SEEN = st.sampled_from([*[Standing.REGISTERED] * 4, Standing.FREE, Standing.UNKNOWN])
STATUSES = st.sampled_from(
    [frozenset(), REGISTRAR_LOCK, frozenset({Status.CLIENT_HOLD}), frozenset({Status.INACTIVE}),
     frozenset({GraceStatus.REDEMPTION, Status.PENDING_TRANSFER})]
)  # fmt: skip
HOSTS = st.sampled_from([(), ("ns1.example.net", "ns2.example.net")])
FLAGS = st.sampled_from([False, False, True])


@st.composite
def dates(draw: st.DrawFn, end: datetime) -> datetime | None:
    """Draw what is said of a term's end: the very date, another writing, other terms, absurd ones, or nothing."""
    if draw(FLAGS):
        return None
    if draw(st.integers(0, 19)) == 0:
        return draw(EXTREMES)
    return add_months(end, draw(STEPS)) + draw(OFFS)


@st.composite
def tellings(draw: st.DrawFn, end: datetime) -> Told:
    """Draw what a source may have told before."""
    doubt, times = draw(MOMENTS), draw(st.integers(0, 4))
    suspicion = Suspicion(draw(st.sampled_from(Missing)), doubt - times * DAY, doubt, times, draw(SPONSORS))
    return Told(
        told_at=draw(MOMENTS),
        standing=draw(STANDINGS_SEEN),
        ours=draw(OURS),
        sponsor=draw(SPONSORS),
        expires_at=draw(dates(end)),
        renewed_by_registry=draw(FLAGS),
        renew_by=draw(dates(end)),
        statuses=draw(STATUSES),
        nameservers=draw(HOSTS),
        suspicion=suspicion if times else None,
    )


@st.composite
def knowns(draw: st.DrawFn, end: datetime) -> Known:
    """Draw what the books may say of a name."""
    expires, doubted_at = draw(st.sampled_from([end, end, end, None])), draw(MOMENTS | st.none())
    return Known(
        draw(NAMES),
        "epp",
        expires,
        expires.isoformat() if expires else None,
        paid_through=draw(st.just(end) | dates(end)),
        renew_by=draw(dates(end)),
        confirmed_at=draw(MOMENTS | st.none()),
        doubted_at=doubted_at,
        doubted_why="registrar:left" if doubted_at else None,
        pinned=draw(st.sampled_from([*[None] * 9, end])),
        months_without_date=draw(st.sampled_from([0, 0, 12, 24, 120])),
        busy=draw(st.integers(0, 9)) == 0,
        departing=draw(FLAGS),
        claimed=draw(FLAGS),
        suspended=draw(FLAGS),
        reminded=draw(st.booleans()),
        told=draw(st.dictionaries(SOURCES, tellings(end), max_size=3)),
    )


@st.composite
def sightings(draw: st.DrawFn, name: DomainName, end: datetime) -> Sighting:
    """Draw what a source may say tonight."""
    expires, renew_by = draw(dates(end)), draw(dates(end))
    return Sighting(
        name,
        NIGHT,
        "far side",
        draw(STANDINGS_SEEN),
        ours=draw(OURS),
        sponsor=draw(SPONSORS),
        created_at=draw(st.sampled_from([None, NIGHT - 5000 * DAY, NIGHT - timedelta(hours=2)])),
        expiry=Expiry(expires, expires.isoformat()) if expires else None,
        expiry_is_temporary=draw(st.integers(0, 9)) == 0,
        renewed_by_registry=draw(FLAGS),
        renew_by=Expiry(renew_by, renew_by.isoformat()) if renew_by else None,
        auto_renews=draw(st.sampled_from([True, False, None])),
        statuses=draw(STATUSES),
        nameservers=draw(HOSTS),
    )


class Case(NamedTuple):
    """A name, a look, whose date the books follow, and what the look is judged to be."""

    name: Known
    source: Source
    sighting: Sighting
    authority: Source
    result: Judged


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a name, a look, and whose date the books follow; and judge it."""
    end = draw(ENDS)
    name, source = draw(knowns(end)), draw(SOURCES)
    authority = draw(st.just(source) | SOURCES)
    sighting = draw(sightings(name.domain, end))
    means = draw(st.sampled_from(AutoRenewed))
    result = judge(
        name,
        source,
        sighting,
        rules=rules(name.domain.zone, auto_renewed=means),
        terms=TERMS,
        authority=authority,
        now=NIGHT + timedelta(minutes=3),
    )
    return Case(name, source, sighting, authority, result)


def column(name: Known, which: str) -> Any:
    """Return what the books say in a column, as a change writes it."""
    value = getattr(name, which, None)
    return value.isoformat() if isinstance(value, datetime) else value


def what_was_paid_for_is_never_moved(case: Case) -> None:
    """No look, whatever it says, proposes to write until when a customer has paid; nor anything but its own columns (D4)."""
    for proposal in case.result.proposals:
        written = {
            **dict.fromkeys(DATES, DATE_COLUMNS),
            **dict.fromkeys(STANDINGS, STANDING_COLUMNS),
        }.get(proposal.kind)
        if written is None:
            assert proposal.kind in CONDITIONS
            assert proposal.before == {}
        else:
            assert proposal.before.keys() | proposal.after.keys() <= written


def a_proposal_starts_from_what_is_known(case: Case) -> None:
    """What a change says was there before is what the books say: applied to anything else, it is overtaken."""
    name, *_, result = case
    for proposal in result.proposals:
        assert proposal.before == {which: column(name, which) for which in proposal.before}


def unknown_and_busy_decide_nothing(case: Case) -> None:
    """A look that told nothing, or a name with an open order, proposes nothing, closes nothing, confirms nothing."""
    name, source, sighting, _, result = case
    if sighting.standing is Standing.UNKNOWN or name.busy:
        assert result == Judged(suspicion=name.told.get(source, Told()).suspicion)


def a_look_decides_each_kind_one_way(case: Case) -> None:
    """No kind is proposed twice by a look, nor proposed and closed by it."""
    *_, result = case
    proposed = [proposal.kind for proposal in result.proposals]
    assert len(proposed) == len(set(proposed))
    assert not set(proposed) & result.clears


def only_the_authority_moves_the_registrys_date(case: Case) -> None:
    """The registry's date is written from the documentary source alone, and confirmed by it alone (D4)."""
    name, source, sighting, authority, result = case
    moved = [one for one in result.proposals if "registry_expires_at" in one.after]
    if source is not authority:
        assert not moved
        assert not result.confirms
    if moved:
        assert name.pinned is None
        assert not sighting.expiry_is_temporary
        assert sighting.expiry is not None
        assert [one.after["registry_expires_at"] for one in moved] == [sighting.expiry.at.isoformat()]


def an_accepted_date_is_the_same_term_or_whole_known_ones(case: Case) -> None:
    """What passes by itself lies within three days of the date we had, or a whole term that is known away from it."""
    name, *_, result = case
    for proposal in result.proposals:
        if "registry_expires_at" not in proposal.after or proposal.quarantined:
            continue
        old, new = name.registry_expires_at, datetime.fromisoformat(proposal.after["registry_expires_at"])
        if old is None:
            assert proposal.kind is ChangeKind.FIRST_DATE
            assert NIGHT - 370 * DAY < new < NIGHT + 3660 * DAY
            continue
        tolerance = rules().renewal.term_tolerance
        terms = {
            ChangeKind.SHIFTED: [],
            ChangeKind.REGISTRY_RENEWED: [12],
            ChangeKind.REGISTRY_UNDID: [-12],
            ChangeKind.EXPLAINED: [name.months_without_date, *range(12, 121, 12)],
        }[proposal.kind]
        near = abs(new - old) <= TERMS.shift
        whole = any(
            abs(new - add_months(old, months)) <= tolerance
            if months > 0
            else abs(old - add_months(new, -months)) <= tolerance
            for months in terms
        )
        assert near or whole


def what_cannot_be_is_never_applied_by_itself(case: Case) -> None:
    """Implausible dates are quarantined, always; no other date is."""
    *_, result = case
    doubtful = {ChangeKind.IMPLAUSIBLE_DATE, ChangeKind.IMPLAUSIBLE_RENEW_BY}
    for proposal in result.proposals:
        if proposal.kind in DATES:
            assert proposal.quarantined is (proposal.kind in doubtful)


def what_is_confirmed_is_shown_and_not_in_doubt(case: Case) -> None:
    """A name counts as confirmed only where its authority shows it registered, and proposes no doubt about it (P13)."""
    name, source, sighting, _, result = case
    if result.confirms:
        assert sighting.standing is Standing.REGISTERED
        assert source.is_public or sighting.ours is True
        assert result.suspicion is None
        assert not kinds(result) & {ChangeKind.IMPLAUSIBLE_DATE, ChangeKind.DOUBTED, ChangeKind.GONE}
        if name.registry_expires_at is not None and name.pinned is None and sighting.expiry is None:
            registrar = name.told[Source.REGISTRAR]
            assert registrar.expires_at is not None
            assert abs(registrar.expires_at - name.registry_expires_at) <= TERMS.shift


def a_name_is_gone_only_after_a_doubt_that_is_a_night_old(case: Case) -> None:
    """First the reminders wait, then, nights later and agreed, the name is gone: never both in one night (P12)."""
    name, source, _, _, result = case
    if ChangeKind.GONE not in kinds(result):
        return
    assert name.doubted_at is not None
    assert name.doubted_at + TERMS.nights_apart <= NIGHT
    gone = next(one for one in result.proposals if one.kind is ChangeKind.GONE)
    if not gone.quarantined:
        others = [its.suspicion for by, its in name.told.items() if by.is_public is not source.is_public]
        assert any(one is not None and one.times >= 2 for one in others)
        assert not name.claimed


LAWS = (
    what_was_paid_for_is_never_moved,
    a_proposal_starts_from_what_is_known,
    unknown_and_busy_decide_nothing,
    a_look_decides_each_kind_one_way,
    only_the_authority_moves_the_registrys_date,
    an_accepted_date_is_the_same_term_or_whole_known_ones,
    what_cannot_be_is_never_applied_by_itself,
    what_is_confirmed_is_shown_and_not_in_doubt,
    a_name_is_gone_only_after_a_doubt_that_is_a_night_old,
)


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_the_laws_of_judging_hold(case: Case) -> None:
    """Whatever a source says of whatever name: what is paid for stands, and nothing false is written by itself."""
    for law in LAWS:
        law(case)


@given(
    st.lists(st.sampled_from(["ours", "away", "free", "unknown"]), min_size=1, max_size=12),
    st.integers(1, 19),
)
@example(["away"] * 12, 1)
def test_all_the_looks_of_one_night_never_make_a_doubt(answers: list[str], hours: int) -> None:
    """However often a source is asked within one night, and whatever it says, the name is not doubted by morning."""
    name = Known(COM, "epp", NIGHT + 100 * DAY, "later", NIGHT + 100 * DAY)
    for number, answer in enumerate(answers):
        seen = NIGHT + number * timedelta(hours=hours) / len(answers)
        result = judged(name, _answer(answer, seen), Source.REGISTRAR)
        assert ChangeKind.DOUBTED not in kinds(result)
        name = _after(name, result, seen)


@given(st.lists(st.sampled_from(["ours", "away", "free", "unknown"]), max_size=8))
def test_a_doubt_needs_two_nights_in_a_row_that_told_something(nights: list[str]) -> None:
    """A name is doubted when, of the nights that told something, the last two did not show it as ours."""
    name = Known(COM, "epp", NIGHT + 100 * DAY, "later", NIGHT + 100 * DAY)
    told: list[str] = []
    for number, answer in enumerate(nights):
        seen = NIGHT + number * DAY
        result = judged(name, _answer(answer, seen), Source.REGISTRAR)
        told += [answer] if answer != "unknown" else []
        misses = answer != "unknown" and len(told) > 1 and "ours" not in told[-2:]
        assert (ChangeKind.DOUBTED in kinds(result)) is misses
        name = _after(name, result, seen)


def _answer(answer: str, seen: datetime) -> Sighting:
    match answer:
        case "free":
            return look(standing=Standing.FREE, seen=seen)
        case "unknown":
            return look(standing=Standing.UNKNOWN, seen=seen)
        case _:
            return look(ours=answer == "ours", seen=seen)


def _after(name: Known, result: Judged, seen: datetime) -> Known:
    """Return what is known after a look at the registrar: its suspicion is stored, and nothing of the books has changed."""
    told = Told(told_at=seen, standing=Standing.REGISTERED, suspicion=result.suspicion)
    return replace(name, told={Source.REGISTRAR: told})
