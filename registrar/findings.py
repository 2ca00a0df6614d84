"""What should a person look at, and what is the next step? Counted once while open, closed when it is gone."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Update, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from registrar import events
from registrar.database import try_write
from registrar.models import Finding


def open_finding(
    connection: Connection, kind: str, subject: str, *, text: str, next_step: str, now: datetime
) -> None:
    """Open a finding, or see the open one again: the same kind and subject is one finding however often it shows."""
    new = insert(Finding).values(
        kind=kind, subject=subject, opened_at=now, seen_at=now, times=1, text=text, next_step=next_step
    )
    if not try_write(connection, new):
        connection.execute(
            update(Finding)
            .where(Finding.kind == kind, Finding.subject == subject, Finding.closed_at.is_(None))
            .values(seen_at=now, times=Finding.times + 1, text=text, next_step=next_step)
        )


class Found(NamedTuple):
    """What is to be told, as `open_finding` takes it."""

    kind: str
    subject: str
    text: str
    next_step: str


def open_findings(connection: Connection, found: Collection[Found], *, now: datetime) -> None:
    """Open many at once, or see the open ones again, as `open_finding` does one."""
    if not found:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(Finding).values(opened_at=now, seen_at=now, times=1)
    told = {"seen_at": now, "times": Finding.times + 1}
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["kind", "subject"],
            index_where=Finding.closed_at.is_(None),
            set_={**told, "text": new.excluded.text, "next_step": new.excluded.next_step},
        ),
        [one._asdict() for one in found],
    )


def close_finding(connection: Connection, kind: str, subject: str, *, now: datetime) -> None:
    """Close the finding, if it is open."""
    connection.execute(
        update(Finding)
        .where(Finding.kind == kind, Finding.subject == subject, Finding.closed_at.is_(None))
        .values(closed_at=now)
    )


def close_findings(connection: Connection, found: Collection[tuple[str, str]], *, now: datetime) -> None:
    """Close those that are open of these kinds and subjects, at once."""
    if found:
        connection.execute(_open_of(found).values(closed_at=now))


def see_again(connection: Connection, found: Collection[tuple[str, str]], *, now: datetime) -> None:
    """Note that those that are open of these kinds and subjects still stand; they are not counted again."""
    if found:
        connection.execute(_open_of(found).values(seen_at=now))


def _open_of(found: Collection[tuple[str, str]]) -> Update:
    return update(Finding).where(
        tuple_(Finding.kind, Finding.subject).in_(list(found)), Finding.closed_at.is_(None)
    )


def keep_findings(
    connection: Connection, kind: str, standing: Mapping[str, tuple[str, str]], *, now: datetime
) -> None:
    """Let the open findings of a kind be exactly these, each subject with its text and next step; the others are closed.

    For kinds that one look over the rows decides as a whole: seen again, a finding is not counted again.
    """
    open_now = set(
        connection.execute(
            select(Finding.subject).where(Finding.kind == kind, Finding.closed_at.is_(None))
        ).scalars()
    )
    for subject in open_now - standing.keys():
        close_finding(connection, kind, subject, now=now)
    for subject, (text, next_step) in standing.items():
        if subject not in open_now:
            open_finding(connection, kind, subject, text=text, next_step=next_step, now=now)


CLOSED_BY_THEIR_CAUSE = frozenset(
    {
        "order_held",
        "order_pending_long",
        "registrar_on_hold",
        "looks_fail",
        "deposit_low",
        "registrar_warns",
        "window_closes",
        "renewal_unmoved",
        "documents_late",
        "approval_needed",
        "departure_stuck",
        "departure_code_due",
        "claim_lock_late",
        "claim_lock_waits",
        "claim_lock_impossible",
        "claim_release_late",
        "claimed_name_left",
        "claimed_name_in_doubt",
        "claim_ruling_due",
        "claim_ruling_failed",
        "line_undecided",
        "slip_waits",
        "implausible_date",
        "implausible_renew_by",
        "doubted",
        "gone",
        "sources_disagree",
        "auto_renew_on",
        "date_missing",
        "paid_term_missing",
        "expired_unnoticed",
        "nameservers_off",
        "sync_stopped",
        "sync_unfinished",
    }
)
"""Kinds that say how something stands now: closed by hand they would hide it."""


class FindingStandsError(Exception):
    """A finding that says how something stands; the message says what to do instead of closing it."""


def close_by_hand(connection: Connection, finding_id: int, *, actor: str, ticket: str, now: datetime) -> bool:
    """Close an open finding that only a person can judge, with a ticket (C1); False if it is not open.

    Raises `FindingStandsError` for one that is closed by what it is about, and by nobody.
    """
    row = connection.execute(
        select(Finding.kind, Finding.next_step).where(Finding.id == finding_id, Finding.closed_at.is_(None))
    ).first()
    if row is not None and row.kind in CLOSED_BY_THEIR_CAUSE:
        raise FindingStandsError(f"this finding closes by itself when its cause is gone: {row.next_step}")
    closed = connection.execute(
        update(Finding).where(Finding.id == finding_id, Finding.closed_at.is_(None)).values(closed_at=now)
    )
    if closed.rowcount:
        subject = f"finding:{finding_id}"
        events.record(connection, "finding.closed", at=now, subject=subject, actor=actor, ticket=ticket)
    return bool(closed.rowcount)


def list_open(connection: Connection) -> list[dict[str, object]]:
    """Return the open findings, the oldest first."""
    rows = connection.execute(
        select(
            Finding.id,
            Finding.kind,
            Finding.subject,
            Finding.opened_at,
            Finding.times,
            Finding.text,
            Finding.next_step,
        )
        .where(Finding.closed_at.is_(None))
        .order_by(Finding.id)
    )
    return [dict(row) for row in rows.mappings()]
