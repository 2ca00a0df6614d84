"""What do staff see of claims? Rows with their next step, and one claim with all that belongs to it; nothing is changed.

What the respondent may read of them stands in `registrar.agreement.stops`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from registrar.agreement.disputing import Ruling
from registrar.agreement.rules import Rules
from registrar.agreement.stops import STOPPED, ClaimState, is_disclosed
from registrar.claims import proof
from registrar.claims.conditions import missing_confirmations
from registrar.claims.states import Lock, subject_of
from registrar.models import Claim, Finding, Order
from registrar.names import DomainName


def list_claims(
    connection: Connection,
    *,
    domain: str | None = None,
    state: ClaimState | None = None,
    open_only: bool = True,
    after: int = 0,
    limit: int = 100,
) -> Sequence[Row[Any]]:
    """Return claims with an id above `after`, the oldest first."""
    query = select(Claim.__table__).where(Claim.id > after)
    if domain is not None:
        query = query.where(Claim.domain == domain)
    if state is not None:
        query = query.where(Claim.state == state)
    elif open_only:
        query = query.where(Claim.closed_at.is_(None))
    return connection.execute(query.order_by(Claim.id).limit(limit)).all()


def summary(claim: Row[Any], *, now: datetime) -> dict[str, Any]:
    """Return where a claim stands."""
    return {
        "id": claim.id,
        "domain": claim.domain,
        "domain_unicode": DomainName(claim.domain, claim.zone).unicode,
        "registrar": claim.registrar,
        "procedure": claim.procedure,
        "reference": claim.reference,
        "state": claim.state,
        "state_since": claim.state_since,
        "lock": claim.lock,
        "lock_by": claim.lock_by,
        "verified_at": claim.verified_at,
        "looked_at_next": claim.due_at,
        "block_mode": claim.block_mode,
        "prior_statuses": claim.prior_statuses,
        "ruling": claim.ruling,
        "ruling_due_at": claim.ruling_due_at,
        "carried_by": claim.carried_by,
        "ruling_order": claim.ruling_order_id,
        "disclosed": is_disclosed(claim.disclose_from, now),
        "disclose_from": claim.disclose_from,
        "closed_at": claim.closed_at,
        "next_step": next_step(claim, now=now),
    }


def staff_view(connection: Connection, claim: Row[Any], *, rules: Rules, now: datetime) -> dict[str, Any]:
    """Return a claim with its confirmations, its orders, its open findings, what it stops, and its timeline."""
    history = proof.history(connection, claim.id)
    state = ClaimState(claim.state)
    return summary(claim, now=now) | {
        "confirmations": proof.confirmations_of(connection, claim.id),
        "missing_confirmations": [str(by) for by in missing_confirmations(connection, claim.id, rules)],
        "stops": {kind: str(row[state]) for kind, row in STOPPED.items() if state in row},
        "orders": _orders(connection, claim.id),
        "findings": _findings(connection, claim.id),
        "timeline": history["events"] if history else [],
    }


def next_step(claim: Row[Any], *, now: datetime) -> str:
    """Say what staff do next."""
    number = claim.id
    match ClaimState(claim.state):
        case ClaimState.ASSERTED:
            return f"when it is heard: `registrar claims proceed {number}`; when it is withdrawn: `dismiss {number}`"
        case ClaimState.PROCEEDING:
            return f"record confirmations (`confirm {number}`), then the decision: `uphold {number}` or `dismiss {number}`"
        case ClaimState.UPHELD:
            return _next_of_ruling(claim, now)
        case ClaimState.RULED if claim.carried_out_at is None and claim.carried_by != "order":
            return f"once it is carried out: `registrar claims close {number}`"
        case ClaimState.CLOSED:
            return "none"
        case _:
            return "none: it closes by itself once nothing of its lock is left"


def hasten(connection: Connection, claim_id: int, *, now: datetime) -> bool:
    """Have a claim's name looked at as soon as a worker is free; False where it is not watched (asserted, or closed)."""
    watched = Claim.due_at.is_not(None) & Claim.closed_at.is_(None)
    asked = update(Claim).where(Claim.id == claim_id, watched).values(due_at=now, rung_until=None)
    return connection.execute(asked).rowcount == 1


def _next_of_ruling(claim: Row[Any], now: datetime) -> str:
    if claim.ruling == Ruling.NONE:
        return f"it stays blocked; when that is over: `registrar claims rule {claim.id} --by-hand`"
    if claim.ruling_due_at is None:
        return f"a court has it; then `court-filing {claim.id} --ended`, or `dismiss {claim.id}`"
    if now < claim.ruling_due_at:
        return f"wait for a court filing (`court-filing {claim.id}`) until {claim.ruling_due_at.isoformat()}"
    how = "" if claim.lock in (Lock.LOCKED, Lock.CANNOT) else "; it is not locked yet: see its findings"
    return f"carry the ruling out: `registrar claims rule {claim.id}`{how}"


def _orders(connection: Connection, claim_id: int) -> list[dict[str, Any]]:
    query = select(Order.id, Order.kind, Order.state, Order.placed_at, Order.state_since, Order.details)
    rows = connection.execute(query.where(Order.claim_id == claim_id).order_by(Order.id)).mappings()
    return [
        {**{name: row[name] for name in row if name != "details"}, "statuses": row["details"].get("statuses")}
        for row in rows
    ]


def _findings(connection: Connection, claim_id: int) -> list[dict[str, Any]]:
    query = select(Finding.id, Finding.kind, Finding.opened_at, Finding.text, Finding.next_step).where(
        Finding.subject == subject_of(claim_id), Finding.closed_at.is_(None)
    )
    return [dict(row) for row in connection.execute(query.order_by(Finding.id)).mappings()]
