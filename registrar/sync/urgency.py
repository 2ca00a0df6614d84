"""When is a name to be asked about again? The nearer a date on which something is decided, the sooner, and near ones first.

near (0): a boundary is within `near_window` ── soon (1): within `soon_window`, or nothing is known ── far (2): all others

Boundaries are the agreement's windows after what was paid for (D1, D2), its notices ahead (E2), the registry's expiry and
windows, and the registrar's own date.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from registrar.agreement.expiry import windows
from registrar.agreement.noticing import schedule
from registrar.agreement.rules import Rules
from registrar.sync.looks import reckonable
from registrar.sync.vocabulary import Known, SyncTerms, Told


class Urgency(IntEnum):
    """The order in which a run takes what is due."""

    NEAR = 0
    SOON = 1
    FAR = 2


class Due(NamedTuple):
    """When one source is to be asked about a name again, and how urgent that is."""

    urgency: Urgency
    due_at: datetime


def next_due(
    known: Known, told: Told, *, rules: Rules, terms: SyncTerms, started: datetime, now: datetime
) -> Due:
    """Return when a source is due again, after a look of which `told` is what is stored now.

    Counted from the start of the run (`started`), so that a name which was asked late in one night is not left out of the
    next one that it belongs to; always behind that start, so that no run asks twice. A look that told nothing is repeated
    soon, and ever later while it goes on so. A suspicion is asked about as soon as a look can count.
    """
    regular = _regular(known, told, rules, terms, now)
    every = {Urgency.NEAR: terms.near, Urgency.SOON: terms.soon, Urgency.FAR: terms.far}[regular]
    if told.tries:
        return Due(regular, now + min(_patience(told.tries, terms), every))
    if told.suspicion is not None:
        counts_from = told.suspicion.seen_at + terms.nights_apart
        return Due(regular, max(counts_from, started + terms.unknown_retry))
    return Due(regular, started + every)


def _regular(known: Known, told: Told, rules: Rules, terms: SyncTerms, now: datetime) -> Urgency:
    distances = [abs(boundary - now) for boundary in _boundaries(known, rules)]
    if (paid := reckonable(known.paid_through)) is not None:
        distances += [notice.at - now for notice in schedule(paid, rules.notices) if notice.at >= now]
    nearest = min(distances, default=None)
    if nearest is not None and nearest <= terms.near_window:
        return Urgency.NEAR
    if nearest is None or nearest <= terms.soon_window or _is_suspected(known, told):
        return Urgency.SOON
    return Urgency.FAR


def _is_suspected(known: Known, told: Told) -> bool:
    """Tell whether any source has a suspicion: then all are heard each night."""
    told_by_all = (told, *known.told.values())
    return known.doubted_at is not None or any(one.suspicion is not None for one in told_by_all)


def _boundaries(known: Known, rules: Rules) -> Iterator[datetime]:
    """Give the instants at which somebody's window opens or closes; before and after them a wrong date costs most."""
    if (paid := reckonable(known.paid_through)) is not None:
        limits = windows(paid, rules.renewal)
        yield from (limits.paid_through, limits.committed_until, limits.possible_until)
    if known.renew_by is not None:
        yield known.renew_by
    if (expires := reckonable(known.pinned or known.registry_expires_at)) is not None:
        yield expires
        spans = (rules.renewal.registry_normal, rules.renewal.registry_penalty)
        yield from (expires + span for span in spans if span is not None)


def _patience(tries: int, terms: SyncTerms) -> timedelta:
    """Return the wait after so many looks in a row that told nothing: doubled each time, up to a night's."""
    doublings = min(tries - 1, 16)
    return min(terms.unknown_retry * (1 << doublings), terms.soon)
