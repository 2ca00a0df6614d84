"""Where does a departure stand, and how does its row get from one state to the next? By guarded updates, each with its event."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from registrar import events
from registrar.findings import close_finding
from registrar.models import Departure
from registrar.names import DomainName
from registrar.orders.states import MoveLostError

STUCK, CODE_DUE = "departure_stuck", "departure_code_due"
"""Findings that say how a departure stands; they close when it moves on."""


class DepartureState(StrEnum):
    """Where a departure stands."""

    DENIED = "denied"
    UNLOCKING = "unlocking"
    CODE_DUE = "code_due"
    OPEN = "open"
    LEFT = "left"
    STOPPED = "stopped"
    ENDED = "ended"
    BARRED = "barred"


RUNNING = frozenset({DepartureState.UNLOCKING, DepartureState.CODE_DUE, DepartureState.OPEN})


def subject(departure_id: int) -> str:
    """Return what a departure's events and findings are about."""
    return f"departure:{departure_id}"


def read(connection: Connection, departure_id: int) -> Row[Any] | None:
    """Return a departure's row, or None."""
    return connection.execute(select(Departure.__table__).where(Departure.id == departure_id)).first()


def read_locked(connection: Connection, departure_id: int) -> Row[Any] | None:
    """Read a departure's row and keep others from moving it until this transaction ends."""
    query = select(Departure.__table__).where(Departure.id == departure_id).with_for_update()
    return connection.execute(query).first()


def running(connection: Connection, domain: str) -> Row[Any] | None:
    """Return the departure that is under way for a name, locked; or None."""
    query = select(Departure.__table__).where(Departure.domain == domain, Departure.state.in_(RUNNING))
    return connection.execute(query.with_for_update()).first()


def name_of(row: Row[Any]) -> DomainName:
    """Return the name that a departure is about."""
    return DomainName(row.domain, row.zone)


def move(
    connection: Connection,
    row: Row[Any],
    target: DepartureState,
    *,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
    actor: str = events.WORKER,
    ticket: str | None = None,
    **values: Any,
) -> None:
    """Move a departure from the state it was read in, and write the event; raises `MoveLostError` if it is there no more.

    A due time belongs to the state that it was set in: it is gone unless `values` sets another.
    """
    fresh: dict[str, Any] = {"state": target, "state_since": now, "due_at": None, "rung_until": None}
    moved = connection.execute(
        update(Departure).where(Departure.id == row.id, Departure.state == row.state).values(fresh | values)
    )
    if moved.rowcount != 1:
        raise MoveLostError(f"departure {row.id} was moved by somebody else")
    for finding in (STUCK, CODE_DUE):
        close_finding(connection, finding, subject(row.id), now=now)
    events.record(
        connection,
        f"departure.{target}",
        at=now,
        subject=subject(row.id),
        actor=actor,
        ticket=ticket,
        evidence={"domain": row.domain, **(evidence or {})},
    )


def due_again(connection: Connection, row: Row[Any], *, at: datetime | None) -> None:
    """Let a departure that stays where it is be looked after later; None: no more."""
    connection.execute(
        update(Departure)
        .where(Departure.id == row.id, Departure.state == row.state)
        .values(due_at=at, rung_until=None)
    )
