"""How does a departure enter the books? With who asked, how and when, and the first line of its history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from registrar import events
from registrar.agreement.rules import Rules
from registrar.departures.rows import DepartureState, subject
from registrar.models import Departure, Domain
from registrar.orders.by_hand import ActRefusedError


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody's wish that a name leaves: by which channel, on what evidence, under which ticket (C1, C2)."""

    domain: str
    """Its A-label."""
    channel: str
    evidence: str
    ticket: str
    actor: str
    asked_at: datetime
    """When he asked: the time in which he gets the code counts from here, and so does what depends on time."""


def ours(connection: Connection, domain: str) -> Row[Any]:
    """Return a name's row in our books; raises `ActRefusedError` for one that is not with us."""
    row = connection.execute(select(Domain.__table__).where(Domain.name == domain)).first()
    if row is None or row.gone_at is not None:
        told = "is not in our books" if row is None else f"has left us ({row.gone_why})"
        raise ActRefusedError("domain_unknown", f"{domain} {told}")
    return row


def enter(
    connection: Connection,
    domain: Row[Any],
    wish: Wish,
    state: DepartureState,
    *,
    rules: Rules | None,
    now: datetime,
    **values: Any,
) -> int:
    """Write a departure down in its first state, and its event; return its number."""
    made = connection.execute(
        insert(Departure)
        .values(
            domain=domain.name,
            zone=domain.zone,
            customer=domain.customer,
            registrar=domain.registrar,
            channel=wish.channel,
            evidence=wish.evidence,
            ticket=wish.ticket,
            requested_at=wish.asked_at,
            state=state,
            state_since=now,
            **values,
        )
        .returning(Departure.id)
    ).scalar_one()
    told = {
        "domain": domain.name,
        "channel": wish.channel,
        "requested_at": wish.asked_at.isoformat(),
        "ground": values.get("ground"),
        "rules": rules.version if rules else None,
    }
    events.record(
        connection,
        f"departure.{state}",
        at=now,
        subject=subject(made),
        actor=wish.actor,
        ticket=wish.ticket or None,
        evidence={name: value for name, value in told.items() if value},
    )
    return int(made)
