"""What was the case at a moment? Rebuilt from a claim's events alone; the row is only where they have led."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from registrar.claims.states import NOT_FACTS, subject_of
from registrar.models import Claim, Confirmation, Event
from registrar.models.base import UtcDateTime

_INSTANTS = frozenset(
    column.name for column in Claim.__table__.columns if isinstance(column.type, UtcDateTime)
)


def history(connection: Connection, claim_id: int, at: datetime | None = None) -> dict[str, Any] | None:
    """Return a claim as it stood at an instant (None: now), with the events up to then; None where there was none yet.

    `facts` are the row's columns by name, `confirmations` who confirmed it until then, when and on what evidence.
    """
    told = _events(connection, claim_id, at)
    if not told:
        return None
    facts: dict[str, Any] = {}
    confirmations: list[Mapping[str, Any]] = []
    for event in told:
        facts |= event.evidence.get("changed", {})
        if "confirmation" in event.evidence:
            confirmations.append(event.evidence["confirmation"])
    return {
        "claim": claim_id,
        "facts": {name: _read(name, value) for name, value in facts.items()},
        "confirmations": confirmations,
        "events": [
            {
                "at": event.at,
                "event": event.kind,
                "actor": event.actor,
                "ticket": event.ticket,
                **event.evidence,
            }
            for event in told
        ],
    }


def standing(claim: Row[Any]) -> dict[str, Any]:
    """Return what a claim's row says in the form of `history`'s facts: the two must agree at any moment."""
    return {
        name: value
        for name, value in claim._mapping.items()  # noqa: SLF001 - SQLAlchemy's public attribute
        if name not in NOT_FACTS
    }


def confirmations_of(connection: Connection, claim_id: int) -> list[dict[str, Any]]:
    """Return who has confirmed a claim, the first one first."""
    query = select(Confirmation.by, Confirmation.who, Confirmation.at, Confirmation.evidence)
    rows = connection.execute(query.where(Confirmation.claim_id == claim_id).order_by(Confirmation.id))
    return [{**row, "at": row["at"].isoformat()} for row in rows.mappings()]


def _events(connection: Connection, claim_id: int, at: datetime | None) -> Sequence[Row[Any]]:
    query = select(Event.at, Event.kind, Event.actor, Event.ticket, Event.evidence).where(
        Event.subject == subject_of(claim_id)
    )
    if at is not None:
        query = query.where(Event.at <= at)
    return connection.execute(query.order_by(Event.id)).all()


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _INSTANTS and value is not None else value
