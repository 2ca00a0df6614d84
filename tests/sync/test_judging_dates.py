"""Which date that a source tells is believed (D4, E1)? Tables with dates: what the books have, what is told, what it comes to."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from registrar.agreement.rules import AutoRenewed
from registrar.commands import Expiry
from registrar.gateway import Standing
from registrar.sync.vocabulary import DATES, ChangeKind, Source
from tests.sync.judged import (
    COM,
    DAY,
    IR,
    NIGHT,
    SPONSOR,
    at,
    judged,
    kinds,
    known,
    look,
    proposed,
    rules,
    told,
)

FIRST, SHIFTED, EXPLAINED = ChangeKind.FIRST_DATE, ChangeKind.SHIFTED, ChangeKind.EXPLAINED
REGISTRY, UNDID, NO = (
    ChangeKind.REGISTRY_RENEWED,
    ChangeKind.REGISTRY_UNDID,
    ChangeKind.IMPLAUSIBLE_DATE,
)


def date_kinds(found: set[ChangeKind]) -> set[ChangeKind]:
    return found & DATES


@pytest.mark.parametrize(
    ("had", "told_date", "kind", "why"),
    [
        ("2027-03-01", "2027-03-01", None, "the same"),
        (
            "2027-03-01T12:00:00.400",
            "2027-03-01T12:00:00",
            None,
            "the same, without the fraction of a second",
        ),
        (None, "2027-03-01", FIRST, "the books had none"),
        (None, "2026-10-30", FIRST, "lapsed three weeks ago, and still there"),
        (None, "2025-11-01", NO, "registered, and expired for more than a year"),
        (None, "1969-12-31", NO, "before there were names (P8)"),
        (None, "2036-12-30", NO, "more than ten years from now"),
        (None, "2036-11-22", FIRST, "ten years from now"),
        ("2027-03-01", "2027-03-01T23:59:59", SHIFTED, "a bare date ends with its day"),
        ("2027-03-01T20:29:59", "2027-03-01", SHIFTED, "the same day in Tehran (P18)"),
        ("2028-02-29", "2028-03-01", SHIFTED, "29 February, counted on"),
        ("2028-02-29", "2028-02-28", SHIFTED, "29 February, counted back"),
        ("2027-03-01", "2027-03-04", SHIFTED, "three days: the most that two writings may differ"),
        ("2027-03-01", "2027-03-04T00:00:01", NO, "a second more"),
        ("2027-03-01", "2027-02-26", SHIFTED, "three days back"),
        ("2027-03-01", "2027-02-25T23:59:59", NO, "a second further back"),
        ("2027-03-01", "1969-12-31", NO, "the date of a computer that knows none (P8)"),
        ("2027-03-01", "1984-12-31", NO, "before the first name"),
        ("2027-03-01", "2026-03-01", NO, "a year that was paid for, taken away"),
        ("2027-03-01", "2028-03-01", NO, "a year on, long before its end, and nobody's order"),
        ("2027-03-01", "2037-03-01", NO, "more than ten years from now"),
        ("2027-03-01", "2099-01-01", NO, "a date that no registry sells"),
        ("2026-11-20", "2027-11-20", REGISTRY, "a year on at its end, and nobody's order (D4)"),
        ("2026-11-25", "2027-11-25", REGISTRY, "three days before its end"),
        ("2026-11-26", "2027-11-26", NO, "four days before its end"),
        ("2026-11-20", "2027-11-16", REGISTRY, "a year, as another calendar counts it"),
        ("2026-11-20", "2027-12-01", NO, "more than a year"),
        ("2026-11-20", "2028-11-20", NO, "two years: no registry gives them away"),
    ],
)
def test_a_date_is_believed_only_if_it_can_be_true(
    had: str | None, told_date: str, kind: ChangeKind | None, why: str
) -> None:
    """A new expiry fits the old one and what is known to have happened since; else the old one is kept and staff are asked."""
    result = judged(known(expires=had), look(expires=told_date))
    assert date_kinds(kinds(result)) == ({kind} if kind else set()), why
    assert result.confirms is (kind is not NO), why


@pytest.mark.parametrize(
    ("name", "had", "told_date", "months", "kind"),
    [
        (COM, "2027-03-01", "2028-03-01", 12, EXPLAINED),
        (COM, "2027-03-01", "2029-03-01", 12, NO),
        (COM, "2027-03-01", "2029-03-01", 24, EXPLAINED),
        (COM, "2026-12-01", "2036-11-28", 120, EXPLAINED),
        (COM, "2028-02-29", "2029-02-28", 12, EXPLAINED),
        (COM, "2028-02-29", "2029-03-01", 12, EXPLAINED),
        (COM, "2027-03-01", "2028-03-07", 12, NO),
        (COM, "2027-03-01", "2027-03-01", 12, None),
        # .ir: 1 Farvardin falls on 21 March, or on the 20th; 30 Esfand comes in leap years alone.
        (IR, "2027-03-20T20:29:59", "2028-03-19T20:29:59", 12, EXPLAINED),
        (IR, "2027-03-20T20:29:59", "2032-03-19T20:29:59", 60, EXPLAINED),
        (IR, "2026-12-05T20:29:59", "2027-12-06T20:29:59", 12, EXPLAINED),
        (IR, "2026-12-05T20:29:59", "2031-12-05T20:29:59", 12, NO),
    ],
)
def test_what_an_order_of_ours_bought_explains_its_whole_term(
    name: Any, had: str, told_date: str, months: int, kind: ChangeKind | None
) -> None:
    """A date moves by the term that a completed order bought, in either calendar; by another term it does not."""
    name = known(name, expires=had, months_without_date=months)
    result = judged(name, look(name.domain, expires=told_date, ours=True))
    assert date_kinds(kinds(result)) == ({kind} if kind else set())
    assert result.confirms is (kind is EXPLAINED), "a term that does not show yet is not confirmed"


@given(days=st.integers(0, 3652), years=st.integers(1, 10), is_ir=st.booleans())
@example(days=(date(2030, 3, 20) - date(2026, 11, 22)).days, years=1, is_ir=True)
@example(days=(date(2028, 2, 29) - date(2026, 11, 22)).days, years=1, is_ir=False)
def test_a_whole_term_is_known_in_both_calendars(days: int, years: int, *, is_ir: bool) -> None:
    """Whatever day a name expires, the same day some years on is its term: by the Persian calendar for .ir, else by ours (E1)."""
    old = NIGHT.date() + days * DAY
    if is_ir:
        persian = JalaliDate(old)  # type: ignore[no-untyped-call] # persiantools leaves its constructor untyped
        later = persian.year + years
        last = 29 if persian.month == 12 and not JalaliDate.is_leap(later) else persian.day
        anniversary = JalaliDate(later, persian.month, min(persian.day, last))  # type: ignore[no-untyped-call] # as above: untyped
        new = anniversary.to_gregorian()
    else:
        is_29th = (old.month, old.day) == (2, 29)
        new = old.replace(year=old.year + years, day=28 if is_29th else old.day)
    name = known(IR if is_ir else COM, expires=str(old), months_without_date=12 * years)
    result = judged(name, look(name.domain, expires=str(new), ours=True))
    assert date_kinds(kinds(result)) == {EXPLAINED}


@pytest.mark.parametrize("years", range(1, 10))
def test_what_was_paid_for_through_us_explains_its_date(years: int) -> None:
    """A registry that catches up with what our books say was paid for is believed, for any number of whole years."""
    paid = at(f"{2026 + years}-12-24")
    result = judged(known(expires="2026-12-24", paid_through=paid), look(expires=paid))
    assert date_kinds(kinds(result)) == {EXPLAINED}


@pytest.mark.parametrize(
    ("paid", "kind"),
    [
        ("2027-12-20", EXPLAINED),
        ("2027-12-14", EXPLAINED),
        ("2027-09-20", EXPLAINED),
        ("2027-09-15", NO),
        ("2026-12-20", NO),
    ],
)
def test_a_registrars_own_date_that_moved_first_explains_the_registrys(paid: str, kind: ChangeKind) -> None:
    """Where a name is paid until its registrar's own date, some days before the registry's, the registry's year is that one."""
    name = known(expires="2026-12-20", paid_through=at(paid))
    assert date_kinds(kinds(judged(name, look(expires="2027-12-20")))) == {kind}


def test_a_date_that_falls_short_of_what_was_paid_confirms_nothing() -> None:
    """The date that we have, told once more, does not confirm a name that is paid for further (E3)."""
    result = judged(known(paid_through=at("2028-03-01")), look(expires="2027-03-01"))
    assert not date_kinds(kinds(result))
    assert not result.confirms


def test_the_registrys_own_year_moves_the_registrys_date_alone() -> None:
    """A year that nobody ordered changes what the registry shows, and not what its customer has paid for (D4)."""
    name = known(expires="2026-11-20", paid_through=at("2026-11-20"))
    change = proposed(judged(name, look(expires="2027-11-20", renewed_by_registry=True)), REGISTRY)
    assert change.before == {
        "registry_expires_at": "2026-11-20T00:00:00+00:00",
        "registry_expires_text": "2026-11-20",
    }
    assert change.after == {
        "registry_expires_at": "2027-11-20T00:00:00+00:00",
        "registry_expires_text": "2027-11-20",
        "registry_expiry_source": "far side",
    }
    assert not change.quarantined


@pytest.mark.parametrize(
    ("means", "registrar", "words"),
    [
        (AutoRenewed.ADOPT, told(ours=True, renewed_by_registry=True), "adopts this year, and none is sent"),
        (AutoRenewed.ADOPT, told(ours=True), "is sent to epp"),
        (AutoRenewed.ADOPT, None, "is sent to epp"),
        (AutoRenewed.RENEW, told(ours=True, renewed_by_registry=True), "takes this year back unless"),
        (AutoRenewed.RENEW, told(ours=True), "takes this year back unless"),
    ],
    ids=["adopted", "a registrar without the flag", "not asked yet", "taken back", "taken back, unsaid"],
)
@pytest.mark.parametrize(
    "shown",
    [{"renewed_by_registry": True}, {"renew_by": Expiry(at("2026-11-20"), "2026-11-20")}],
    ids=["its grace", "the registrar's own date stayed"],
)
def test_staff_are_told_what_the_registrys_year_means_there(
    means: AutoRenewed, registrar: Any, words: str, shown: dict[str, Any]
) -> None:
    """Our rules know what becomes of the registry's year; but no order adopts what the registrar does not show as that (D4)."""
    name = known(expires="2026-11-20", told={Source.REGISTRAR: registrar} if registrar else {})
    result = judged(name, look(expires="2027-11-20", **shown), by=rules(auto_renewed=means))
    assert words in proposed(result, REGISTRY).next_step


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ({"renewed_by_registry": True}, "adopts this year, and none is sent"),
        ({"renew_by": Expiry(at("2026-11-20"), "2026-11-20")}, "is sent to epp"),
    ],
)
def test_a_registrar_that_is_the_authority_says_itself_whose_year_it_is(
    shown: dict[str, Any], words: str
) -> None:
    """Where the registrar's inquiry is documentary, tonight's answer tells what an order will do (D4)."""
    name = known(IR, expires="2026-11-20", told={Source.REGISTRAR: told(ours=True, renewed_by_registry=True)})
    result = judged(name, look(IR, expires="2027-11-20", ours=True, **shown))
    assert words in proposed(result, REGISTRY).next_step


def test_a_year_that_may_have_been_paid_elsewhere_is_told_as_that() -> None:
    """Where nothing shows that the registry itself added a year, staff are told to ask its customer."""
    change = proposed(judged(known(expires="2026-11-20"), look(expires="2027-11-20")), REGISTRY)
    assert "unless its customer paid elsewhere" in change.next_step


@pytest.mark.parametrize(("means", "kind"), [(AutoRenewed.ADOPT, EXPLAINED), (AutoRenewed.RENEW, REGISTRY)])
def test_in_the_auto_renew_grace_a_year_is_ours_only_where_an_order_adopts_it(
    means: AutoRenewed, kind: ChangeKind
) -> None:
    """Where a renewal must still be bought, the registry's own year does not pass for the one that was ordered (D4)."""
    name = known(expires="2026-11-20", months_without_date=12)
    sighting = look(expires="2027-11-20", renewed_by_registry=True)
    assert date_kinds(kinds(judged(name, sighting, by=rules(auto_renewed=means)))) == {kind}


def test_in_the_auto_renew_grace_a_longer_term_is_the_ordered_one() -> None:
    """The registry adds a year and no more: two years that an order bought are the order's, grace or not."""
    name = known(expires="2026-11-20", months_without_date=24)
    sighting = look(expires="2028-11-20", renewed_by_registry=True)
    by = rules(auto_renewed=AutoRenewed.RENEW)
    assert date_kinds(kinds(judged(name, sighting, by=by))) == {EXPLAINED}


@pytest.mark.parametrize(
    ("had", "paid", "told_date", "kind"),
    [
        ("2027-10-20", "2026-10-20", "2026-10-20", UNDID),
        ("2027-10-20", "2026-10-20", "2026-10-22", UNDID),
        ("2027-10-20", "2027-10-20", "2026-10-20", NO),
        ("2028-10-20", "2026-10-20", "2026-10-20", NO),
        ("2027-10-20", None, "2026-10-20", NO),
    ],
)
def test_a_year_that_the_registry_takes_back_returns_to_what_was_paid_for(
    had: str, paid: str | None, told_date: str, kind: ChangeKind
) -> None:
    """A date moves back by itself only from the registry's own year, and only to what was paid for."""
    name = known(expires=had, paid_through=at(paid) if paid else None)
    assert date_kinds(kinds(judged(name, look(expires=told_date)))) == {kind}


def test_a_date_that_creeps_from_night_to_night_is_caught() -> None:
    """A far side that moves a name's end a little each night gets a few days of it into the books, and no further."""
    paid, date = at("2027-03-01"), at("2027-03-01")
    for night in range(60):
        name = known(expires=None, paid_through=paid, confirmed_at=NIGHT + (night - 1) * DAY)
        name = _with_date(name, date)
        result = judged(name, look(expires=date + DAY, seen=NIGHT + night * DAY))
        if NO in kinds(result):
            break
        date += DAY
    assert date - paid <= rules().renewal.term_tolerance


def test_a_date_that_creeps_is_caught_where_nothing_was_paid_through_us() -> None:
    """With no paid term to hold it to, a source's own writing gets into the books once; then staff are asked."""
    first, nights = at("2027-03-01"), []
    name = _with_date(known(expires=None, paid_through=None, confirmed_at=None), first)
    for night in range(6):
        seen, told_date = NIGHT + night * DAY, first + (min(night, 3) + 1) * 3 * DAY
        result = judged(name, look(expires=told_date, seen=seen))
        nights.append(date_kinds(kinds(result)))
        if SHIFTED in kinds(result):
            name = replace(_with_date(name, told_date), confirmed_at=seen)
        name = replace(name, told={Source.RDAP: told(seen, expires_at=told_date)})
    assert nights == [{SHIFTED}, *[{NO}] * 5]


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({}, NO),
        ({"paid_through": at("2027-01-10")}, NO),
        ({"paid_through": at("2027-03-01")}, SHIFTED),
        ({"confirmed_at": None}, SHIFTED),
        ({"told": {Source.RDAP: told()}}, SHIFTED),
        ({"told": {Source.WHOIS: told(expires_at=at("2027-03-01"))}}, SHIFTED),
    ],
    ids=[
        "it told ours", "another term is paid for", "our term is paid for", "never confirmed: a trial run saw it first",
        "it told none", "another source told ours",
    ],
)  # fmt: skip
def test_another_writing_is_taken_by_itself_only_where_something_holds_it(
    facts: dict[str, Any], kind: ChangeKind
) -> None:
    """A source may write a date its own way; that it goes on from there is known only by what was paid for."""
    usual = {"paid_through": None, "told": {Source.RDAP: told(expires_at=at("2027-03-01"))}}
    result = judged(known(**(usual | facts)), look(expires="2027-03-02"))
    assert date_kinds(kinds(result)) == {kind}


def _with_date(name: Any, date: datetime) -> Any:
    return replace(name, registry_expires_at=date, registry_expires_text=str(date))


@pytest.mark.parametrize("told_date", ["1969-12-31", "2026-03-01", "2028-03-01", "2099-01-01", "2027-01-01"])
def test_an_implausible_date_is_staffs_to_decide(told_date: str) -> None:
    """What cannot be true is quarantined: the old value stays, and staff read which command decides it (P8)."""
    change = proposed(judged(known(), look(expires=told_date)), NO)
    assert change.quarantined
    assert change.before["registry_expires_at"] == at("2027-03-01").isoformat()
    for command in ("look", "sync approve", "sync reject", "sync pin"):
        assert f"`registrar {command} example.com" in change.next_step


def test_a_date_before_the_names_own_registration_is_none() -> None:
    """No name expires before it was registered."""
    sighting = look(expires="2026-01-01", created_at=at("2026-02-01"))
    assert NO in kinds(judged(known(expires=None), sighting))


@pytest.mark.parametrize(("hours", "kind"), [(-1, REGISTRY), (1, NO)], ids=["ours", "made since"])
def test_the_year_of_a_name_that_was_registered_afresh_is_anothers(hours: int, kind: ChangeKind) -> None:
    """A name that lapsed and was registered anew on that very day shows no year that the registry added to ours."""
    confirmed = NIGHT - DAY
    created = confirmed + timedelta(hours=hours)
    name = known(expires="2026-11-22", confirmed_at=confirmed)
    sighting = look(expires="2027-11-22", sponsor=SPONSOR, created_at=created)
    assert date_kinds(kinds(judged(name, sighting))) == {kind}


@pytest.mark.parametrize(
    ("facts", "sighting"),
    [
        ({}, look(IR, expires="2026-12-02", expiry_is_temporary=True, ours=True)),
        ({}, look(IR, ours=True)),
        ({"busy": True}, look(IR, expires="1969-12-31", ours=True)),
        ({}, look(IR, standing=Standing.UNKNOWN, reason="the server does not answer")),
        ({}, look(IR, expires="2026-03-01", ours=True, seen=NIGHT - 7 * DAY)),
        ({}, look(IR, expires="2026-03-01", ours=True, seen=NIGHT - 8 * DAY)),
        ({}, look(IR, expires="2026-03-01", ours=None)),
    ],
    ids=["temporary", "no date", "an open order", "unknown", "as old as confirmed", "older", "whose it is"],
)
def test_what_tells_no_date_changes_none(facts: dict[str, Any], sighting: Any) -> None:
    """A temporary date, a missing one, an old one and an unknown answer are no expiry: the books stay as they are (D4)."""
    result = judged(known(IR, **facts), sighting)
    assert date_kinds(kinds(result)) == set()
    assert not result.clears & DATES
    assert not result.confirms


def test_a_zone_without_dates_is_confirmed_without_one() -> None:
    """Where the registry tells no dates and we have none, seeing the name registered is all that can be confirmed."""
    assert judged(known(expires=None), look()).confirms


@pytest.mark.parametrize(
    ("registrar", "confirms"),
    [
        (told(ours=True, expires_at=at("2027-03-01T20:00")), True),
        (told(ours=True, expires_at=at("2028-03-01")), False),
        (told(ours=True), False),
        (told(ours=False, expires_at=at("2027-03-01")), False),
        (told(NIGHT - 3 * DAY, ours=True, expires_at=at("2027-03-01")), False),
    ],
    ids=["it tells ours", "it tells another", "it tells none", "it is not ours", "it told ours long ago"],
)
def test_where_the_registry_publishes_no_date_the_registrar_confirms_ours(
    registrar: Any, *, confirms: bool
) -> None:
    """Some registries publish no expiry: a name is confirmed if they show it and its registrar tells our date (P14)."""
    result = judged(known(told={Source.REGISTRAR: registrar}), look())
    assert result.confirms is confirms
    assert not kinds(result) & DATES


@pytest.mark.parametrize(("hours", "kind"), [(1, set()), (19, set()), (20, {NO}), (48, {NO})])
def test_an_answer_that_lags_behind_an_order_rolls_nothing_back(hours: int, kind: set[ChangeKind]) -> None:
    """The date of before an order, told within the night after it, decides nothing; nights later it is a question (D4)."""
    name = known(expires="2028-03-01", confirmed_at=NIGHT - timedelta(hours=hours))
    assert date_kinds(kinds(judged(name, look(expires="2027-03-01")))) == kind


@pytest.mark.parametrize("source", [Source.WHOIS, Source.RDAP])
def test_the_public_record_never_overwrites_the_inquiry_of_ir(source: Source) -> None:
    """Of a .ir name the registrar's inquiry is documentary: what WHOIS or RDAP tells is compared, and not written (D4)."""
    result = judged(known(IR), look(IR, expires="2029-03-01"), source)
    assert kinds(result) == set()
    assert not result.confirms


def test_the_registrar_never_overwrites_the_public_record_of_com() -> None:
    """Of an international name the public record is documentary: a registrar's other date is not written (D4)."""
    result = judged(known(), look(expires="2029-03-01", ours=True), Source.REGISTRAR)
    assert date_kinds(kinds(result)) == set()
    assert not result.confirms


@pytest.mark.parametrize(
    ("told_date", "confirms"),
    [("1969-12-31", False), ("2028-03-01", False), ("2027-03-05", False), ("2027-03-02", True), (None, True)],
)
def test_a_pin_stands_whatever_is_told(told_date: str | None, *, confirms: bool) -> None:
    """A date that staff pinned is not moved by any reading while the pin lasts; but another date confirms nothing."""
    result = judged(known(pinned=at("2027-03-01")), look(expires=told_date))
    assert kinds(result) == set()
    assert result.confirms is confirms


def test_a_temporary_date_confirms_no_pin() -> None:
    """A name that waits for its approval has no term yet, whatever staff pinned (D4)."""
    name = known(IR, pinned=at("2027-03-01"))
    assert not judged(name, look(IR, expires="2027-03-01", expiry_is_temporary=True, ours=True)).confirms


def test_a_reading_of_one_source_makes_no_other_old() -> None:
    """What the registrar said a moment before the public record confirmed the date is still heard."""
    name = known(
        confirmed_at=NIGHT,
        told={Source.RDAP: told(NIGHT, expires_at=at("2027-03-01"), sponsor=SPONSOR)},
    )
    sighting = look(ours=True, seen=NIGHT - timedelta(minutes=1), auto_renews=True)
    assert kinds(judged(name, sighting, Source.REGISTRAR)) == {ChangeKind.AUTO_RENEW_ON}
    ordered = known(confirmed_at=NIGHT)
    assert kinds(judged(ordered, sighting, Source.REGISTRAR)) == set()


@pytest.mark.parametrize(
    ("source", "registrar_tells", "had", "told_date", "kind"),
    [
        (Source.REGISTRAR, None, None, "2027-02-20", ChangeKind.RENEW_BY),
        (Source.REGISTRAR, "2027-02-20", "2027-02-20", "2027-02-20", None),
        (Source.REGISTRAR, "2027-02-20", "2027-02-20", "2028-02-20", ChangeKind.RENEW_BY),
        (Source.REGISTRAR, None, "2027-02-20", "1969-12-31", ChangeKind.IMPLAUSIBLE_RENEW_BY),
        (Source.RDAP, None, "2027-02-20", "2027-02-21", ChangeKind.RENEW_BY),
        (Source.RDAP, "2027-02-20", "2027-02-20", "2027-02-21", None),
    ],
)
def test_the_registrars_own_date_is_kept_apart(
    source: Source,
    registrar_tells: str | None,
    had: str | None,
    told_date: str,
    kind: ChangeKind | None,
) -> None:
    """The date by which the registrar wants a renewal is its own to tell, is written beside the registry's, or refused (P14)."""
    tells = at(registrar_tells) if registrar_tells else None
    name = known(
        renew_by=at(had) if had else None,
        told={Source.REGISTRAR: told(ours=True, renew_by=tells)},
    )
    sighting = look(expires="2027-03-01", ours=True, renew_by=Expiry(at(told_date), told_date))
    result = judged(name, sighting, source)
    assert kinds(result) == ({kind} if kind else set())
    if kind is not None:
        change = proposed(result, kind)
        assert set(change.before) == set(change.after) == {"renew_by"}
        assert change.quarantined is (kind is ChangeKind.IMPLAUSIBLE_RENEW_BY)


@pytest.mark.parametrize(
    ("had", "expires", "paid", "told_date", "is_believed"),
    [
        ("2027-02-20", "2027-03-01", "2027-03-01", "2027-02-23", True),
        ("2027-02-20", "2027-03-01", "2027-03-01", "2029-02-20", True),
        ("2028-02-20", "2027-03-01", "2027-03-01", "2027-02-20", True),
        ("2027-02-20", "2027-03-01", "2027-03-01", "2034-06-01", False),
        ("2027-02-20", "2027-03-01", "2027-03-01", "1999-06-01", False),
        ("2027-02-20", "2027-03-01", "2027-03-01", "2019-02-20", False),
        ("2027-02-20", "2027-03-01", "2027-03-01", "2026-11-30", True),
        ("2027-02-20", "2027-03-01", "2027-03-01", "2026-11-20", False),
        ("2027-02-20", "2027-03-01", "2027-03-01", "2027-03-05", False),
        ("2027-02-20", None, None, "2027-06-01", False),
        (None, "2027-03-01", None, "2027-02-20", True),
        (None, "2027-03-01", None, "2034-06-01", False),
        (None, "2027-03-01", "2034-06-05", "2034-06-01", True),
        (None, None, None, "2034-06-01", True),
        (None, None, None, "2025-11-01", False),
    ],
    ids=[
        "three days on", "years on", "a year taken back", "seven years and months on", "back by decades", "years back, long over",
        "three months before the registry's", "longer before it", "after it", "nothing else is known",
        "the first", "a first one far off", "a first one of what was paid for", "all that is known", "long over",
    ],
)  # fmt: skip
def test_the_registrars_own_date_fits_what_is_known_or_is_staffs_to_decide(
    had: str | None, expires: str | None, paid: str | None, told_date: str, *, is_believed: bool
) -> None:
    """By the registrar's own date a renewal is late or not: one that jumps somewhere is not taken for it by itself (P14)."""
    name = known(expires=expires, paid_through=at(paid) if paid else None, renew_by=at(had) if had else None)
    sighting = look(ours=True, expires=told_date, renew_by=Expiry(at(told_date), told_date))
    result = judged(name, sighting, Source.REGISTRAR)
    kind = ChangeKind.RENEW_BY if is_believed else ChangeKind.IMPLAUSIBLE_RENEW_BY
    assert date_kinds(kinds(result)) == {kind}
    assert proposed(result, kind).quarantined is not is_believed


@pytest.mark.parametrize(
    ("told_date", "own", "kind"),
    [
        ("2027-11-20", "2027-11-10", ChangeKind.RENEW_BY),
        ("2034-06-01", "2034-05-20", ChangeKind.IMPLAUSIBLE_RENEW_BY),
    ],
)
def test_a_date_of_the_authority_explains_the_registrars_own_only_if_it_is_believed(
    told_date: str, own: str, kind: ChangeKind
) -> None:
    """Two dates of one answer bear each other out only where the registry's can be true."""
    name = known(IR, expires="2026-11-20", renew_by=at("2026-11-01"))
    sighting = look(IR, expires=told_date, ours=True, renew_by=Expiry(at(own), own))
    assert kind in kinds(judged(name, sighting))


@pytest.mark.parametrize(
    ("had", "told_before", "is_first"),
    [
        (None, None, True),
        ("2027-02-21", None, True),
        ("2026-02-20", None, False),
        ("2027-02-21", "2027-02-21", False),
    ],
    ids=["we had none", "we had it from elsewhere", "we had another", "it told another before"],
)
def test_a_first_word_is_no_change_of_its_source(
    had: str | None, told_before: str | None, *, is_first: bool
) -> None:
    """What a registrar tells for the first time stops no run, unless it contradicts what we have (P8)."""
    before = told(ours=True, renew_by=at(told_before) if told_before else None)
    name = known(renew_by=at(had) if had else None, told={Source.REGISTRAR: before})
    sighting = look(ours=True, renew_by=Expiry(at("2027-02-20"), "2027-02-20"))
    change = proposed(judged(name, sighting, Source.REGISTRAR), ChangeKind.RENEW_BY)
    assert change.is_first_word is is_first
