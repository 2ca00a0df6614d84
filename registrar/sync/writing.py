"""What becomes of what a batch of looks told? It is stored, judged, and what it would change is proposed: one transaction.

The books themselves change in `settling` only. A batch costs a handful of statements, whatever the number of its names.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, or_, select, update

from registrar.agreement.rules import RuleBook, Rules
from registrar.events import CLOCK_RAN_AHEAD
from registrar.gateway import Sighting, Standing
from registrar.models import Claim, Departure, Domain, Reading, SyncRun
from registrar.sync import knowing, proposing, rows
from registrar.sync.judging import judge
from registrar.sync.looks import LONGEST_SPONSOR
from registrar.sync.rows import RunLostError, RunState
from registrar.sync.urgency import next_due
from registrar.sync.vocabulary import REGISTRY_DATES, Judged, Known, Mode, Source, SyncTerms, Told

AuthorityOf = Callable[[str], Source]
"""Which source is documentary for a zone's expiry (D4)."""
_LONGEST_TEXT, _LONGEST_REASON = 64, 500


class Written(NamedTuple):
    """How many looks were written, and how many of them told something."""

    asked: int
    told: int
    unknown: int


class _Look(NamedTuple):
    """One look, with what its name was before it and what it came to."""

    sighting: Sighting
    before: Told
    judged: Judged
    known: Known | None
    """None for a name that is gone from the books: it is stored, and decides nothing (P11)."""


def write(
    connection: Connection,
    run_id: int,
    source: Source,
    sightings: Iterable[Sighting],
    *,
    book: RuleBook,
    terms: SyncTerms,
    authority_of: AuthorityOf,
    now: datetime,
) -> Written:
    """Store what one source told of some names, propose what it would change, and count it for the run.

    A look that is older than the one stored already is counted, and nothing more. Once the run has been weighed, looks that
    come in late are stored only: what they would propose was not counted by the breaker.
    """
    told = {sighting.domain.ascii: sighting for sighting in sightings}
    run = rows.read(connection, run_id)
    if run is None or not told:
        return Written(0, 0, 0)
    batch = _Batch(connection, run, source, told, book, terms, authority_of, now)
    if run.state == RunState.RUNNING:
        with suppress(RunLostError), connection.begin_nested():
            return batch.write(is_judged=True)
    return batch.write(is_judged=False)


class _Batch(NamedTuple):
    """What one source told of some names, and by what it is judged."""

    connection: Connection
    run: Row[Any]
    source: Source
    told: Mapping[str, Sighting]
    book: RuleBook
    terms: SyncTerms
    authority_of: AuthorityOf
    now: datetime

    def write(self, *, is_judged: bool) -> Written:
        """Write it; raises `RunLostError` if it is to be judged, and the run was weighed meanwhile without it."""
        connection, now = self.connection, self.now
        rules_of = cache(lambda zone: self.book.rules(zone, at=now))
        looks = self._looks(rules_of, is_judged=is_judged)
        _store(connection, self.run, self.source, looks, rules_of=rules_of, terms=self.terms, now=now)
        _confirm(connection, looks, now=now)
        named = {look.sighting.domain.ascii: look.judged for look in looks if look.known is not None}
        seen_at = {name: self.told[name].seen_at for name in named}
        may_tell = self.run.mode == Mode.WRITE
        proposing.propose(
            connection, self.run.id, self.source, named, seen_at, closes_findings=may_tell, now=now
        )
        if may_tell:
            _wake(connection, looks, now=now)
        return _count(connection, self.run, self.told.values(), is_judged=is_judged, now=now)

    def _looks(self, rules_of: Callable[[str], Rules], *, is_judged: bool) -> list[_Look]:
        """Judge each look beside what is known, but those that are older than what is stored.

        What is stored as of a time still to come was written by a clock that ran ahead: it holds up no look.
        """
        batch = knowing.load(self.connection, list(self.told), terms=self.terms, now=self.now)
        looks = []
        for name, sighting in self.told.items():
            before = batch.told.get(name, {}).get(self.source, Told())
            if before.asked_at is not None and sighting.seen_at < before.asked_at <= self.now:
                continue
            known = batch.known.get(name)
            judged = Judged(suspicion=before.suspicion)
            if known is not None and is_judged:
                judged = self._judge(known, sighting, rules_of)
            looks.append(_Look(sighting, before, judged, known))
        return looks

    def _judge(self, known: Known, sighting: Sighting, rules_of: Callable[[str], Rules]) -> Judged:
        zone = known.domain.zone
        return judge(
            known,
            self.source,
            sighting,
            rules=rules_of(zone),
            terms=self.terms,
            authority=self.authority_of(zone),
            now=self.now,
        )


def _store(
    connection: Connection,
    run: Row[Any],
    source: Source,
    looks: Sequence[_Look],
    *,
    rules_of: Callable[[str], Rules],
    terms: SyncTerms,
    now: datetime,
) -> None:
    """Keep what was told, and let each name be due again behind the run's beginning."""
    changed = []
    for look in looks:
        told = after(look.before, look.sighting, look.judged)
        known = look.known or Known(look.sighting.domain, "")
        zone = look.sighting.domain.zone
        due = next_due(known, told, rules=rules_of(zone), terms=terms, started=run.started_at, now=now)
        changed.append(
            {
                "of": look.sighting.domain.ascii,
                "told_by": source,
                **_columns(told),
                "urgency": due.urgency,
                "due_at": max(due.due_at, run.started_at + terms.unknown_retry),
                "run_id": run.id,
            }
        )
    if changed:
        connection.execute(_STORED, changed)


def after(before: Told, sighting: Sighting, judged: Judged) -> Told:
    """Return what is stored of a source after a look: one that told nothing leaves what was told, and is counted."""
    if sighting.standing is Standing.UNKNOWN:
        why = sighting.reason[:_LONGEST_REASON]
        return replace(before, asked_at=sighting.seen_at, tries=before.tries + 1, reason=why)
    expiry, renew_by = sighting.expiry, sighting.renew_by
    told = Told(
        told_at=sighting.seen_at,
        asked_at=sighting.seen_at,
        tries=0,
        standing=sighting.standing,
        reason=sighting.reason[:_LONGEST_REASON],
        ours=sighting.ours,
        sponsor=sighting.sponsor[:LONGEST_SPONSOR] if sighting.sponsor else None,
        expires_at=expiry.at if expiry else None,
        expires_text=expiry.text[:_LONGEST_TEXT] if expiry else None,
        expiry_is_temporary=sighting.expiry_is_temporary,
        renewed_by_registry=sighting.renewed_by_registry,
        renew_by=renew_by.at if renew_by else None,
        auto_renews=sighting.auto_renews,
        created_at=sighting.created_at,
        statuses=sighting.statuses,
        nameservers=sighting.nameservers,
        suspicion=judged.suspicion,
    )
    told = _with_what_it_misses(before, told)
    if not judged.decides:
        return replace(told, sponsor=before.sponsor or told.sponsor)
    return told if judged.suspicion else replace(told, sponsor=told.sponsor or before.sponsor)


def _with_what_it_misses(before: Told, told: Told) -> Told:
    """Keep what a source told once and shows no more, night after night: that it is missing must not be forgotten.

    Of a date its text is kept alone, which is compared with nobody's; one before an approval was none.
    """
    dated = None if before.expiry_is_temporary else before.expires_text
    return replace(
        told,
        expires_text=told.expires_text or dated,
        nameservers=told.nameservers or before.nameservers,
    )


_KEPT = (
    "told_at",
    "asked_at",
    "tries",
    "reason",
    "ours",
    "sponsor",
    "expires_at",
    "expires_text",
    "expiry_is_temporary",
    "renewed_by_registry",
    "renew_by",
    "auto_renews",
    "created_at",
)
_SUSPICION = ("suspect", "suspect_since", "suspect_seen_at", "suspect_times", "suspect_sponsor")
_STORED = (
    update(Reading)
    .where(Reading.domain == bindparam("of"), Reading.source == bindparam("told_by"))
    .values(taken_until=None)
)


def _columns(told: Told) -> dict[str, Any]:
    suspicion = told.suspicion
    suspect = (
        (
            suspicion.what,
            suspicion.since,
            suspicion.seen_at,
            suspicion.times,
            suspicion.sponsor_before and suspicion.sponsor_before[:LONGEST_SPONSOR],
        )
        if suspicion
        else (None, None, None, 0, None)
    )
    return {
        **{column: getattr(told, column) for column in _KEPT},
        **dict(zip(_SUSPICION, suspect, strict=True)),
        "standing": told.standing,
        "statuses": sorted(told.statuses),
        "nameservers": list(told.nameservers),
    }


def _confirm(connection: Connection, looks: Sequence[_Look], *, now: datetime) -> None:
    """Note when the authority confirmed each name; an older look never takes a later confirmation back.

    A date that is not in the books yet confirms them once it is applied. What a clock that ran ahead has noted is none.
    """
    confirmed = [
        {
            "of": look.sighting.domain.ascii,
            "at": look.sighting.seen_at,
            "ahead": now + CLOCK_RAN_AHEAD,
        }
        for look in looks
        if look.judged.confirms and not _moves_date(look.judged)
    ]
    if confirmed:
        connection.execute(_CONFIRMED, confirmed)


def _moves_date(judged: Judged) -> bool:
    return any(proposal.kind in REGISTRY_DATES for proposal in judged.proposals)


_CONFIRMED = (
    update(Domain)
    .where(
        Domain.name == bindparam("of"),
        or_(
            Domain.confirmed_at.is_(None),
            Domain.confirmed_at < bindparam("at"),
            Domain.confirmed_at > bindparam("ahead"),
        ),
    )
    .values(confirmed_at=bindparam("at"))
)


def _wake(connection: Connection, looks: Iterable[_Look], *, now: datetime) -> None:
    """Let the looks that belong to a claim or a departure be made now: it is they that decide and sound the alarm.

    One that another transaction holds is being looked at, or decided about, at this very moment.
    """
    found: Mapping[type[Claim | Departure], list[str]] = {Claim: [], Departure: []}
    for look in looks:
        if look.judged.wakes_claim:
            found[Claim].append(look.sighting.domain.ascii)
        if look.judged.wakes_departure:
            found[Departure].append(look.sighting.domain.ascii)
    for table, names in found.items():
        if names:
            later = select(table.id).where(table.domain.in_(names), table.due_at > now)
            woken = list(connection.execute(later.with_for_update(skip_locked=True)).scalars())
            connection.execute(update(table).where(table.id.in_(woken)).values(due_at=now, rung_until=None))


def _count(
    connection: Connection, run: Row[Any], sightings: Iterable[Sighting], *, is_judged: bool, now: datetime
) -> Written:
    """Count them; what was judged only for a run that still is where it was. It gets on by what is told, not by silence."""
    standings = [sighting.standing for sighting in sightings]
    unknown = standings.count(Standing.UNKNOWN)
    written = Written(len(standings), len(standings) - unknown, unknown)
    counted = update(SyncRun).where(SyncRun.id == run.id)
    if is_judged:
        counted = counted.where(SyncRun.state == run.state)
    values = {
        "asked": SyncRun.asked + written.asked,
        "told": SyncRun.told + written.told,
        "unknown": SyncRun.unknown + written.unknown,
        "seen_at": now if written.told else SyncRun.seen_at,
    }
    if connection.execute(counted.values(values)).rowcount != 1:
        raise RunLostError(f"sync run {run.id} was weighed while looks were written for it")
    return written
