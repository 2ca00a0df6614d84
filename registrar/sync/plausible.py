"""Can this date be true? A new expiry must fit the one that we have and what is known to have happened to the name since (D4).

  the date that is told ──┬─ as it was, or no farther off than `shift` ───────────────────────▶ the same term
                          ├─ cannot be a name's expiry at all, or ours ───────────────────────▶ implausible
                          ├─ later by what a completed order of ours bought ──────────────────▶ explained
                          ├─ a year later, at its expiry or in the auto-renew grace ──────────▶ the registry renewed
                          ├─ back from such a year to what was paid for ──────────────────────▶ the registry undid it
                          └─ anything else ───────────────────────────────────────────────────▶ implausible

Terms are whole years, of both calendars: 29 February and .ir's Persian anniversaries lie a few days off (E1).
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from registrar.agreement.rules import AutoRenewed
from registrar.commands import ADDED_BY_REGISTRY, Expiry
from registrar.dates import EARLIEST_YEAR
from registrar.judging import add_months
from registrar.sync.looks import Look, in_words, is_near, reckonable
from registrar.sync.vocabulary import ChangeKind

LONGEST_TERM = 120
"""Months: registries sell ten years at most, and let no name reach further."""
LONGEST_LAPSE = 12
"""Months: a registry deletes a name long before it has been expired for so long."""
YEAR = 12
OWN_DATE_AHEAD = timedelta(days=365) - ADDED_BY_REGISTRY
"""So long before the registry's date a registrar's own may lie, until which a name counts as paid where it moved first."""


class Weighed(NamedTuple):
    """What a date is: a kind of change, or None for the very date that we have; and why, in words for staff."""

    kind: ChangeKind | None
    why: str = ""


def weigh(look: Look, new: Expiry) -> Weighed:
    """Weigh the registry's date that an authority tells against the one in the books."""
    old = look.known.registry_expires_at
    if old is None:
        absurd = impossible(look, new.at) or _lapsed_too_long(look, new.at)
        return (
            Weighed(ChangeKind.IMPLAUSIBLE_DATE, absurd)
            if absurd
            else Weighed(ChangeKind.FIRST_DATE, "the books had no date of the registry")
        )
    if is_same(new.at, old):
        return Weighed(None)
    if is_near(new.at, old, look.terms):
        return _shifted(look, old, new.at)
    if why := _ours(look, old, new.at):
        return Weighed(ChangeKind.EXPLAINED, why)
    if absurd := impossible(look, new.at) or _is_of_another(look):
        return Weighed(ChangeKind.IMPLAUSIBLE_DATE, absurd)
    return _later(look, old, new.at) if new.at > old else _earlier(look, old, new.at)


def is_same(one: datetime, other: datetime | None) -> bool:
    """Tell whether two instants are the same to the second: nobody's clock is better, and few write a fraction."""
    return other is not None and abs(one - other) < timedelta(seconds=1)


def impossible(look: Look, at: datetime) -> str | None:
    """Say why an instant cannot be the end of a name's term, whatever the name; None where it can be."""
    if at.year < EARLIEST_YEAR:
        return f"no name expired before {EARLIEST_YEAR}"
    if look.sighting.created_at is not None and at <= look.sighting.created_at:
        return f"it lies before the name's own registration, {in_words(look.sighting.created_at)}"
    if at > add_months(look.sighting.seen_at, LONGEST_TERM) + look.terms.shift:
        return f"no registry sells a term that ends more than {LONGEST_TERM // YEAR} years from now"
    return None


def own_date_doubt(look: Look, at: datetime) -> str | None:
    """Say why a registrar's own date is not believed; None where it is.

    It fits the one that we had, or lies a little before a date that the name is known to end at. A first one is believed
    also where no such date is known.
    """
    if absurd := impossible(look, at) or _lapsed_too_long(look, at):
        return absurd
    had, ends = reckonable(look.known.renew_by), _known_ends(look)
    if had is None and not ends:
        return None
    if had is not None and (is_near(at, had, look.terms) or _is_years_off(look, had, at)):
        return None
    if any(_is_own_date_of(look, at, end) for end in ends):
        return None
    fits = (
        "no end of a term that we know"
        if had is None
        else f"neither the one that we have, {in_words(had)}, nor any end of a term"
    )
    return f"it fits {fits}"


def is_lagging(look: Look, new: Expiry) -> bool:
    """Tell whether an earlier date may be the state of before our last confirmation, told late.

    Public records and registrars' own answers follow a renewal by minutes to hours; a reading older than the confirmation
    never rolls it back, and neither does an answer that is (D4). Nights later it counts.
    """
    old, confirmed = look.known.registry_expires_at, look.known.confirmed_at
    if old is None or confirmed is None or old - new.at <= look.terms.shift or impossible(look, new.at):
        return False
    return look.sighting.seen_at < confirmed + look.terms.nights_apart


def falls_short(look: Look, told: Expiry) -> bool:
    """Tell whether the registry's date does not reach as far as what was paid for (E3)."""
    return look.paid is not None and look.paid - told.at > look.terms.shift


def is_term(old: datetime, new: datetime, months: int, tolerance: timedelta) -> bool:
    """Tell whether `new` is `old` and `months` more, give or take what calendars and registries differ by (E1)."""
    if reckonable(old) is None:
        return False
    return abs(new - add_months(old, months)) <= tolerance


def _known_ends(look: Look) -> list[datetime]:
    """Return until when the name is known to last: by the books, by what was paid for, by tonight's look if it is believed."""
    known, told = look.known, look.expiry
    ends = [known.pinned, reckonable(known.registry_expires_at), look.paid]
    if look.is_authority and told and weigh(look, told).kind is not ChangeKind.IMPLAUSIBLE_DATE:
        ends.append(told.at)
    return [end for end in ends if end is not None]


def _is_own_date_of(look: Look, own: datetime, end: datetime) -> bool:
    """Tell whether a registrar's own date may be that of a term with this end: the same, or a little before it."""
    return -look.terms.shift <= end - own <= OWN_DATE_AHEAD


def _is_years_off(look: Look, one: datetime, other: datetime) -> bool:
    return is_whole_years(min(one, other), max(one, other), look.rules.renewal.term_tolerance)


def _shifted(look: Look, old: datetime, new: datetime) -> Weighed:
    """Take another writing of the same term; but a date that creeps away from all terms, day by day, is none.

    What was paid for says how far is too far. Where it does not, a source brings its own writing with its first word: once
    the books are confirmed, any other date of a source that has told one is a question.
    """
    if _ends_a_term(look, old):
        if not _ends_a_term(look, new):
            why = "it creeps: it is no whole term away from what was paid for"
            return Weighed(ChangeKind.IMPLAUSIBLE_DATE, why)
    elif look.dated_before is not None and look.known.confirmed_at is not None:
        why = "it may creep: our date is confirmed, and no term that was paid for tells whether this is the same"
        return Weighed(ChangeKind.IMPLAUSIBLE_DATE, why)
    return Weighed(ChangeKind.SHIFTED, "the same term, written with another time or day")


def _ends_a_term(look: Look, at: datetime) -> bool:
    paid, tolerance = look.paid, look.rules.renewal.term_tolerance
    return paid is not None and (abs(at - paid) <= tolerance or is_whole_years(paid, at, tolerance))


def _lapsed_too_long(look: Look, at: datetime) -> str | None:
    if add_months(at, LONGEST_LAPSE) + look.terms.shift < look.sighting.seen_at:
        return "the name is registered, and would have been expired for more than a year"
    return None


def _is_of_another(look: Look) -> str | None:
    """Say that a date is not of our registration: that one ended, and another was made since, perhaps by somebody else."""
    created, confirmed = look.sighting.created_at, look.known.confirmed_at
    if created is not None and confirmed is not None and created > confirmed:
        return f"it was registered afresh, {in_words(created)}, after it was last confirmed to be ours"
    return None


def _ours(look: Look, old: datetime, new: datetime) -> str | None:
    """Say which term of ours a later date shows; None where it shows none.

    In the auto-renew grace a year that follows the expiry is the registry's: that it is the one which an order bought, only
    *adopt* makes it (D4).
    """
    bought, tolerance = look.known.months_without_date, look.rules.renewal.term_tolerance
    if _is_paid(look, new) and is_whole_years(old, new, tolerance):
        return "it is what was paid for through us"
    if not bought or not is_term(old, new, bought, tolerance):
        return None
    is_registrys = look.shows_registrys_year and bought == YEAR and _is_at_expiry(look, old)
    if not is_registrys:
        return f"a completed order of ours bought {bought} months"
    adopts = look.rules.auto_renewed_at(look.known.registrar) is AutoRenewed.ADOPT
    return "our order adopted the year that the registry had added by itself" if adopts else None


def _later(look: Look, old: datetime, new: datetime) -> Weighed:
    if is_term(old, new, YEAR, look.rules.renewal.term_tolerance):
        if look.sighting.renewed_by_registry:
            why = "the registry renewed it by itself (autoRenewPeriod), and nobody paid"
            return Weighed(ChangeKind.REGISTRY_RENEWED, why)
        if _is_at_expiry(look, old):
            why = "a year was added at its expiry, and no order of ours bought it"
            return Weighed(ChangeKind.REGISTRY_RENEWED, why)
    days = (new - old).days
    why = f"it moved {days} days on, and no order of ours explains that: somebody else may have renewed the name"
    return Weighed(ChangeKind.IMPLAUSIBLE_DATE, why)


def _is_paid(look: Look, at: datetime) -> bool:
    """Tell whether a registry's date is that of what was paid for: the same, or the registrar's own a little before it."""
    return look.paid is not None and _is_own_date_of(look, look.paid, at)


def _is_at_expiry(look: Look, old: datetime) -> bool:
    return old <= look.sighting.seen_at + look.terms.shift


def _earlier(look: Look, old: datetime, new: datetime) -> Weighed:
    if _is_paid(look, new) and is_term(new, old, YEAR, look.rules.renewal.term_tolerance):
        why = "the registry took back a year that nobody had paid for, to what was paid for"
        return Weighed(ChangeKind.REGISTRY_UNDID, why)
    return Weighed(ChangeKind.IMPLAUSIBLE_DATE, f"it is {(old - new).days} days before the date that we have")


def is_whole_years(old: datetime, new: datetime, tolerance: timedelta) -> bool:
    """Tell whether `new` is `old` and one to ten years more."""
    return any(is_term(old, new, months, tolerance) for months in range(YEAR, LONGEST_TERM + 1, YEAR))
