"""What becomes of a departure by itself? It is due, it is looked at, and the look decides; no transaction is open meanwhile.

take_due ──▶ plan_look ──▶ a look ──▶ conclude ──▶ None: nothing more now
                                             ├──▶ Reject: a transfer is under way that must not be
                                             └──▶ CloseUp: the code is made void ──▶ close_up: the lock is put back
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from registrar.commands import AnswerTransfer, TransferAnswer
from registrar.departures import unlocking
from registrar.departures.rows import (
    CODE_DUE,
    STUCK,
    DepartureState,
    due_again,
    move,
    name_of,
    read_locked,
    subject,
)
from registrar.findings import close_finding, open_finding
from registrar.gateway import Capabilities, Changeable, Sighting, Standing
from registrar.models import Departure, Domain
from registrar.names import DomainName
from registrar.orders.ending import sighting_evidence
from registrar.orders.terms import Terms
from registrar.statuses import REGISTRAR_LOCK, Status

TRANSFERRED_OUT = "transferred_out"
"""Why a name is gone that has left."""
LEFT_THOUGH_STOPPED = "left_though_stopped"


@dataclass(frozen=True, slots=True)
class Plan:
    """A departure for which a look is due."""

    departure_id: int
    state: DepartureState
    registrar: str
    domain: DomainName
    ticket: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A transfer is under way that must not be: reject it; the departure is looked at again soon."""

    errand: AnswerTransfer


@dataclass(frozen=True, slots=True)
class CloseUp:
    """Nothing comes of it: make the code void where that can be done, then `close_up`."""

    void_code: bool


Looked = Reject | CloseUp | None
"""What is to be done after a look."""


def take_due(connection: Connection, *, limit: int, now: datetime, rung_for: timedelta) -> list[int]:
    """Return up to `limit` departures that are due, the longest due first, marked as rung."""
    query = (
        select(Departure.id)
        .where(Departure.due_at <= now, or_(Departure.rung_until.is_(None), Departure.rung_until <= now))
        .order_by(Departure.due_at, Departure.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(connection.execute(query).scalars())
    if due:
        connection.execute(update(Departure).where(Departure.id.in_(due)).values(rung_until=now + rung_for))
    return due


def plan_look(
    connection: Connection, departure_id: int, *, terms: Mapping[str, Terms], now: datetime
) -> Plan | None:
    """Do what needs no look, and return what to look at; None: nothing is due, or none was needed."""
    row = read_locked(connection, departure_id)
    if row is None or row.due_at is None or row.due_at > now or row.registrar not in terms:
        return None
    if row.state == DepartureState.CODE_DUE:
        _remind(connection, row, now=now)
        return None
    if row.state == DepartureState.UNLOCKING and not unlocking.advance(
        connection, row, terms=terms[row.registrar], now=now
    ):
        return None
    return Plan(row.id, DepartureState(row.state), row.registrar, name_of(row), row.ticket)


def put_off(connection: Connection, departure_id: int, *, until: datetime) -> None:
    """Look later: the registrar does not answer just now."""
    row = read_locked(connection, departure_id)
    if row is not None and row.due_at is not None:
        due_again(connection, row, at=until)


def conclude(
    connection: Connection, plan: Plan, sighting: Sighting, *, terms: Terms, now: datetime
) -> Looked:
    """Let a look decide, if the departure is still where the look was made for."""
    row = read_locked(connection, plan.departure_id)
    if row is None or row.state != plan.state:
        return None
    later = now + terms.follow_every
    if sighting.standing is Standing.REGISTERED and sighting.ours is False:
        _leave(connection, row, sighting, now=now)
        return None
    if sighting.standing is Standing.UNKNOWN:
        due_again(connection, row, at=later)
        return None
    match plan.state:
        case DepartureState.UNLOCKING:
            return _see_unlocked(connection, row, sighting, now=now, later=later)
        case DepartureState.STOPPED:
            return _see_stopped(connection, row, sighting, terms=terms, now=now)
        case _:
            return _see_open(connection, row, sighting, terms=terms, now=now)


def close_up(connection: Connection, plan: Plan, *, can: Capabilities, now: datetime) -> int | None:
    """End the following, and put back what we took off; return the order that does, if there is any to do."""
    row = read_locked(connection, plan.departure_id)
    if row is None or row.state != plan.state or row.due_at is None:
        return None
    if row.state == DepartureState.STOPPED:
        due_again(connection, row, at=None)
        close_finding(connection, STUCK, subject(row.id), now=now)
    else:
        move(connection, row, DepartureState.ENDED, now=now, evidence={"followed_until": now.isoformat()})
    return unlocking.lock_again(connection, row, can=can, now=now)


def _remind(connection: Connection, row: Row[Any], *, now: datetime) -> None:
    """Tell staff while there is time left, and once more when it has run out (D7: five days)."""
    late = now >= row.code_by
    open_finding(
        connection,
        CODE_DUE,
        subject(row.id),
        text=f"the auth code of {row.domain} {'was' if late else 'is'} due by {row.code_by:%Y-%m-%d %H:%M} UTC, and nobody has asked for it",
        next_step=f"`registrar departures give-code {row.id} --ticket …`, and hand it to the registrant only",
        now=now,
    )
    due_again(connection, row, at=None if late else row.code_by)


def _leave(connection: Connection, row: Row[Any], sighting: Sighting, *, now: datetime) -> None:
    """The name is no longer ours: nothing more is promised about it, and nobody is reminded of it."""
    move(connection, row, DepartureState.LEFT, now=now, evidence=sighting_evidence(sighting))
    connection.execute(
        update(Domain)
        .where(Domain.name == row.domain, Domain.registrar == row.registrar, Domain.gone_at.is_(None))
        .values(gone_at=now, gone_why=TRANSFERRED_OUT)
    )
    if row.state == DepartureState.STOPPED:
        open_finding(
            connection,
            LEFT_THOUGH_STOPPED,
            row.domain,
            text=f"{row.domain} has left us for {sighting.sponsor or 'another registrar'}, though its departure was stopped ({row.ground})",
            next_step="tell the claim's provider or the authority; ask the registry to undo the transfer (TDRP)",
            now=now,
        )


def _see_unlocked(
    connection: Connection, row: Row[Any], sighting: Sighting, *, now: datetime, later: datetime
) -> Looked:
    """Believe the look, however the lock came off."""
    if sighting.statuses & REGISTRAR_LOCK:
        due_again(connection, row, at=later)
    else:
        unlocking.unlocked(connection, row, now=now)
    return None


def _see_stopped(
    connection: Connection, row: Row[Any], sighting: Sighting, *, terms: Terms, now: datetime
) -> Looked:
    can = terms.capabilities
    if Status.PENDING_TRANSFER not in sighting.statuses:
        return CloseUp(_voidable(row, can))
    errand = AnswerTransfer(name_of(row), TransferAnswer.REJECT)
    if AnswerTransfer in can.errands and errand.answer in can.answers:
        due_again(connection, row, at=now + terms.look_retry)
        return Reject(errand)
    open_finding(
        connection,
        STUCK,
        subject(row.id),
        text=f"a transfer of {row.domain} away from us is under way and must not be ({row.ground}); {row.registrar} takes no rejection from us",
        next_step=f"have {row.registrar}'s support reject it, today: a registry approves by itself after some days",
        now=now,
    )
    due_again(connection, row, at=now + terms.follow_every)
    return None


def _see_open(
    connection: Connection, row: Row[Any], sighting: Sighting, *, terms: Terms, now: datetime
) -> Looked:
    """Follow on; a transfer that is under way when the time is over is followed to its own end."""
    over = now >= row.follow_until and Status.PENDING_TRANSFER not in sighting.statuses
    if over:
        return CloseUp(_voidable(row, terms.capabilities))
    due_again(connection, row, at=now + terms.follow_every)
    return None


def _voidable(row: Row[Any], can: Capabilities) -> bool:
    """Tell whether a code that was given out can be made void, by setting another that nobody is told (RFC 9154 §4.4)."""
    return row.code_given_at is not None and Changeable.AUTH_INFO in can.updates
