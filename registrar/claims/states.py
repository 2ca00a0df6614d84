"""Which changes does a claim's row allow, and how is each of them written down?

A change names where it comes from and the database decides who won; its event holds every column that it changed, so
that the events alone prove what was the case at any moment.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from registrar import events
from registrar.agreement.stops import ClaimState
from registrar.models import Claim
from registrar.orders.states import MoveLostError

MOVES: Mapping[ClaimState, frozenset[ClaimState]] = {
    ClaimState.ASSERTED: frozenset({ClaimState.PROCEEDING, ClaimState.DISMISSED}),
    ClaimState.PROCEEDING: frozenset({ClaimState.UPHELD, ClaimState.DISMISSED}),
    ClaimState.UPHELD: frozenset({ClaimState.RULED, ClaimState.DISMISSED}),
    ClaimState.RULED: frozenset({ClaimState.CLOSED}),
    ClaimState.DISMISSED: frozenset({ClaimState.CLOSED}),
    ClaimState.CLOSED: frozenset(),
}


class Lock(StrEnum):
    """How the claim's lock stands at the registrar."""

    NONE = "none"
    """The procedure does not ask for one yet."""
    WANTED = "wanted"
    LOCKED = "locked"
    """A look has shown it."""
    CANNOT = "cannot"
    """The registrar has no lock, or shows none: our own gate alone holds."""
    LOST = "lost"
    """It was there, and a look shows that it is gone."""
    RELEASED = "released"


class CarriedBy(StrEnum):
    """How a ruling is carried out."""

    ORDER = "order"
    HAND = "hand"
    """By staff's errands at the registrar."""
    REGISTRY = "registry"
    """The registry does it itself (IRNIC); we record and follow."""


NOT_FACTS = frozenset({"id", "due_at", "rung_until"})
"""Columns that say when we look next, and nothing of the claim."""


def subject_of(claim_id: int) -> str:
    """Return what a claim's events and findings are about."""
    return f"claim:{claim_id}"


def read(connection: Connection, claim_id: int) -> Row[Any] | None:
    """Return a claim's row, or None."""
    return connection.execute(select(Claim.__table__).where(Claim.id == claim_id)).first()


def read_locked(connection: Connection, claim_id: int) -> Row[Any] | None:
    """Return a claim's row, and keep others from changing it until this transaction ends."""
    return connection.execute(select(Claim.__table__).where(Claim.id == claim_id).with_for_update()).first()


def change(
    connection: Connection,
    claim: Row[Any],
    what: str,
    values: Mapping[str, Any],
    *,
    now: datetime,
    actor: str = events.WORKER,
    ticket: str | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> Row[Any]:
    """Change a claim from the state and the lock it was read in, write the event `claim.<what>`, and return the new row.

    Raises `ValueError` for a move that there is not, and `MoveLostError` if somebody else was quicker.
    """
    target = ClaimState(values.get("state", claim.state))
    if target != claim.state and target not in MOVES[ClaimState(claim.state)]:
        raise ValueError(f"a claim does not go from {claim.state} to {target}")
    whole = {**values, **({"state_since": now} if target != claim.state else {})}
    guarded = (Claim.id == claim.id, Claim.state == claim.state, Claim.lock == claim.lock)
    if connection.execute(update(Claim).where(*guarded).values(whole)).rowcount != 1:
        raise MoveLostError(f"claim {claim.id} was changed by somebody else")
    events.record(
        connection,
        f"claim.{what}",
        at=now,
        subject=subject_of(claim.id),
        actor=actor,
        ticket=ticket,
        evidence={"changed": facts_of(whole), **(evidence or {})},
    )
    fresh = read(connection, claim.id)
    assert fresh is not None
    return fresh


def facts_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event keeps of changed columns, as JSON."""
    return {name: _plain(value) for name, value in values.items() if name not in NOT_FACTS}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
