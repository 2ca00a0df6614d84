"""Can this date be true? A new expiry must fit the one that we have and what is known to have happened to the name since (D4).

  the date that is told ──┬─ as it was, or no farther off than `shift` ───────────────────────▶ the same term
                          ├─ cannot be a name's expiry at all ────────────────────────────────▶ implausible
                          ├─ later by what a completed order of ours bought ──────────────────▶ explained
                          ├─ a year later, at its expiry or in the auto-renew grace ──────────▶ the registry renewed
                          ├─ back from such a year to what was paid for ──────────────────────▶ the registry undid it
                          └─ anything else ───────────────────────────────────────────────────▶ implausible

Terms are whole years, of both calendars: 29 February and .ir's Persian anniversaries lie a few days off (E1).
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from registrar.agreement.rules import AutoRenewed
from registrar.commands import Expiry
from registrar.dates import EARLIEST_YEAR
from registrar.judging import add_months
from registrar.sync.looks import Look, in_words, is_near
from registrar.sync.vocabulary import ChangeKind

LONGEST_TERM = 120
"""Months: registries sell ten years at most, and let no name reach further."""
LONGEST_LAPSE = 12
"""Months: a registry deletes a name long before it has been expired for so long."""
YEAR = 12


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
    if new.at == old:
        return Weighed(None)
    if is_near(new.at, old, look.terms):
        return Weighed(ChangeKind.SHIFTED, "the same term, written with another time or day")
    if absurd := impossible(look, new.at):
        return Weighed(ChangeKind.IMPLAUSIBLE_DATE, absurd)
    return _later(look, old, new.at) if new.at > old else _earlier(look, old, new.at)


def impossible(look: Look, at: datetime) -> str | None:
    """Say why an instant cannot be the end of a name's term, whatever the name; None where it can be."""
    if at.year < EARLIEST_YEAR:
        return f"no name expired before {EARLIEST_YEAR}"
    if look.sighting.created_at is not None and at <= look.sighting.created_at:
        return f"it lies before the name's own registration, {in_words(look.sighting.created_at)}"
    if at > add_months(look.sighting.seen_at, LONGEST_TERM) + look.terms.shift:
        return f"no registry sells a term that ends more than {LONGEST_TERM // YEAR} years from now"
    return None


def is_lagging(look: Look, new: Expiry) -> bool:
    """Tell whether an earlier date may be the state of before our last confirmation, told late.

    Public records and registrars' own answers follow a renewal by minutes to hours; a reading older than the confirmation
    never rolls it back, and neither does an answer that is (D4). Nights later it counts.
    """
    old, confirmed = look.known.registry_expires_at, look.known.confirmed_at
    if old is None or confirmed is None or new.at >= old - look.terms.shift or impossible(look, new.at):
        return False
    return look.sighting.seen_at < confirmed + look.terms.nights_apart


def is_term(old: datetime, new: datetime, months: int, tolerance: timedelta) -> bool:
    """Tell whether `new` is `old` and `months` more, give or take what calendars and registries differ by (E1)."""
    return abs(new - add_months(old, months)) <= tolerance


def _lapsed_too_long(look: Look, at: datetime) -> str | None:
    if add_months(at, LONGEST_LAPSE) + look.terms.shift < look.sighting.seen_at:
        return "the name is registered, and would have been expired for more than a year"
    return None


def _later(look: Look, old: datetime, new: datetime) -> Weighed:
    known, tolerance = look.known, look.rules.renewal.term_tolerance
    a_year = is_term(old, new, YEAR, tolerance)
    bought = known.months_without_date
    if is_near(new, known.paid_through, look.terms) and _is_whole_years(old, new, tolerance):
        return Weighed(ChangeKind.EXPLAINED, "it is what was paid for through us")
    if look.sighting.renewed_by_registry and a_year:
        return _in_grace(look, bought)
    if bought and is_term(old, new, bought, tolerance):
        return Weighed(ChangeKind.EXPLAINED, f"a completed order of ours bought {bought} months")
    if a_year and old <= look.sighting.seen_at + look.terms.shift:
        why = "a year was added at its expiry, and no order of ours bought it"
        return Weighed(ChangeKind.REGISTRY_RENEWED, why)
    days = (new - old).days
    why = f"it moved {days} days on, and no order of ours explains that: somebody else may have renewed the name"
    return Weighed(ChangeKind.IMPLAUSIBLE_DATE, why)


def _in_grace(look: Look, bought: int) -> Weighed:
    """Judge a year in the auto-renew grace: that it is the one which an order of ours bought only an `adopt` makes it (D4)."""
    adopts = look.rules.auto_renewed_at(look.known.registrar) is AutoRenewed.ADOPT
    if bought == YEAR and adopts:
        return Weighed(
            ChangeKind.EXPLAINED, "our order adopted the year that the registry had added by itself"
        )
    return Weighed(
        ChangeKind.REGISTRY_RENEWED, "the registry renewed it by itself (autoRenewPeriod), and nobody paid"
    )


def _earlier(look: Look, old: datetime, new: datetime) -> Weighed:
    paid = look.known.paid_through
    if is_near(new, paid, look.terms) and is_term(new, old, YEAR, look.rules.renewal.term_tolerance):
        why = "the registry took back a year that nobody had paid for, to what was paid for"
        return Weighed(ChangeKind.REGISTRY_UNDID, why)
    return Weighed(ChangeKind.IMPLAUSIBLE_DATE, f"it is {(old - new).days} days before the date that we have")


def _is_whole_years(old: datetime, new: datetime, tolerance: timedelta) -> bool:
    return any(is_term(old, new, months, tolerance) for months in range(YEAR, LONGEST_TERM + 1, YEAR))
