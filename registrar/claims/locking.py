"""Which statuses does a claim want at the registrar, which are its own to take off, and by which orders?

A lock is put on and taken off by orders of our own. What the name had before is read from the guard of the first attempt
that may have had an effect; a release goes back to exactly that, and leaves what another claim wants.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from registrar import events
from registrar.agreement.rules import BlockMode
from registrar.agreement.stops import ClaimState
from registrar.claims.states import CarriedBy, Lock, change
from registrar.commands import OwnKind
from registrar.gateway import Capabilities, Changeable
from registrar.models import Attempt, Claim, Domain, Order
from registrar.names import DomainName
from registrar.orders import ending, own
from registrar.orders.states import State
from registrar.statuses import CLIENT_STATUSES, REGISTRAR_LOCK, Status

HOUSE = "house"
"""The customer of a lock on a name that our books do not know."""
_LIVE = (ClaimState.PROCEEDING, ClaimState.UPHELD)


def demanded(block_mode: str) -> frozenset[Status]:
    """Return the statuses that a block is: the three prohibitions, or a hold as well."""
    return REGISTRAR_LOCK | ({Status.CLIENT_HOLD} if block_mode == BlockMode.HOLD else frozenset())


def settable(block_mode: str, can: Capabilities) -> frozenset[Status]:
    """Return as much of a block as there is at a registrar; nothing where a look could not show it."""
    if not can.can_look or Changeable.STATUSES not in can.updates or not can.statuses & REGISTRAR_LOCK:
        return frozenset()
    return demanded(block_mode) & can.statuses


def wants_lock(claim: Row[Any]) -> bool:
    """Tell whether the name is to be locked: from *proceeding* where the procedure demands it, until the ruling."""
    match ClaimState(claim.state):
        case ClaimState.PROCEEDING | ClaimState.UPHELD:
            return bool(claim.lock != Lock.NONE)
        case ClaimState.RULED:
            follows = claim.carried_by == CarriedBy.REGISTRY and claim.carried_out_at is None
            return bool(follows and claim.lock != Lock.NONE)
        case _:
            return False


@dataclass(frozen=True, slots=True)
class Step:
    """One order of our own."""

    kind: OwnKind
    statuses: frozenset[Status]


def steps(shown: frozenset[str], *, add: frozenset[Status], remove: frozenset[Status]) -> list[Step]:
    """Return the orders that bring a name from what is shown to what is wanted, none where it is so already.

    While updates are prohibited a registry takes nothing but the end of that prohibition (RFC 5731 §2.3), so it is
    taken off first and put on again last.
    """
    adding, removing = add - shown, remove & shown
    barred = Status.CLIENT_UPDATE_PROHIBITED in shown - removing
    if (adding or removing) and barred:
        adding |= {Status.CLIENT_UPDATE_PROHIBITED}
        removing |= {Status.CLIENT_UPDATE_PROHIBITED}
    wanted = [Step(OwnKind.UNLOCK, frozenset(removing)), Step(OwnKind.LOCK, frozenset(adding))]
    return [step for step in wanted if step.statuses]


def place(connection: Connection, claim: Row[Any], wanted: Sequence[Step], *, now: datetime) -> list[int]:
    """Place the orders, one after the other in the lane of the name's state."""
    count = select(func.count()).select_from(Order).where(Order.claim_id == claim.id)
    first = connection.execute(count).scalar_one() + 1
    return [
        own.place_lock(
            connection,
            kind=step.kind,
            domain=DomainName(claim.domain, claim.zone),
            registrar=claim.registrar,
            customer=_customer(connection, claim.domain),
            statuses=step.statuses,
            key=f"claim:{claim.id}:{number}",
            now=now,
            claim_id=claim.id,
        )
        for number, step in enumerate(wanted, start=first)
    ]


def own_orders(connection: Connection, claim_id: int) -> Sequence[Row[Any]]:
    """Return the orders by which a claim's lock was put on and taken off, the newest first."""
    query = select(Order.__table__).where(Order.claim_id == claim_id, Order.kind.in_(list(OwnKind)))
    return connection.execute(query.order_by(Order.id.desc())).all()


def withdraw(connection: Connection, claim: Row[Any], *, actor: str, ticket: str, now: datetime) -> None:
    """Cancel locks that were never sent: there is no reason for them any more."""
    for order in own_orders(connection, claim.id):
        if order.state == State.PLACED and order.attempt_number == 0 and order.kind == OwnKind.LOCK:
            ending.cancel(connection, order, evidence={}, now=now, actor=actor, ticket=ticket)


def before(connection: Connection, claim: Row[Any]) -> frozenset[str] | None:
    """Return the client statuses that the name would have without the claim; None while we may not have changed any.

    They are those that it had before our first attempt, and what others' locks and unlocks have made of them since: a
    departure that was stopped, a suspension.
    """
    effective = Attempt.outcome.is_(None) | Attempt.outcome.in_(("done", "pending", "unknown"))
    query = (
        select(Attempt.guard, Attempt.begun_at)
        .join(Order, Order.id == Attempt.order_id)
        .where(Order.claim_id == claim.id, Order.kind.in_(list(OwnKind)), effective)
        .order_by(Attempt.id)
    )
    first = connection.execute(query.limit(1)).first()
    known, since = claim.prior_statuses, claim.asserted_at
    if first is not None:
        known, since = first.guard["statuses"] if known is None else known, first.begun_at
    return None if known is None else _since(connection, claim, frozenset(known) & CLIENT_STATUSES, since)


def _since(
    connection: Connection, claim: Row[Any], statuses: frozenset[str], since: datetime
) -> frozenset[str]:
    """Follow what orders of our own that are no claim's have done to a name's statuses since an instant."""
    query = select(Order.kind, Order.details).where(
        Order.domain == claim.domain,
        Order.kind.in_(list(OwnKind)),
        Order.claim_id.is_(None),
        Order.state == State.COMPLETED,
        Order.state_since >= since,
    )
    for order in connection.execute(query.order_by(Order.state_since, Order.id)):
        told = frozenset(order.details["statuses"])
        statuses = statuses | told if order.kind == OwnKind.LOCK else statuses - told
    return statuses


def removable(connection: Connection, claim: Row[Any], can: Capabilities) -> frozenset[Status]:
    """Return the statuses that are there for this claim alone: not earlier than it, and wanted by no other."""
    prior = before(connection, claim)
    if prior is None:
        return frozenset()
    kept = (settable(other.block_mode, can) for other in others(connection, claim) if wants_lock(other))
    return (settable(claim.block_mode, can) - prior).difference(*kept)


def others(connection: Connection, claim: Row[Any]) -> Sequence[Row[Any]]:
    """Return the other claims to the name that may want a lock."""
    query = select(Claim.__table__).where(
        Claim.domain == claim.domain, Claim.id != claim.id, Claim.state.in_([*_LIVE, ClaimState.RULED])
    )
    return connection.execute(query.order_by(Claim.id)).all()


def bequeath(connection: Connection, claim: Row[Any], can: Capabilities, *, now: datetime) -> None:
    """Let what we put on for this claim not count as *earlier* for another one that found it there."""
    ours = settable(claim.block_mode, can) - (before(connection, claim) or frozenset())
    for other in others(connection, claim):
        if ours & set(other.prior_statuses or ()):
            left = sorted(set(other.prior_statuses) - ours)
            change(
                connection,
                other,
                "lock_inherited",
                {"prior_statuses": left},
                now=now,
                actor=events.WORKER,
                evidence={"from": claim.id},
            )


def link(connection: Connection, claim: Row[Any], *, now: datetime) -> None:
    """Let the ruling's order through our gate: it now belongs to the claim, and is due."""
    connection.execute(
        update(Order)
        .where(Order.id == claim.ruling_order_id, Order.claim_id.is_(None), Order.state == State.PLACED)
        .values(claim_id=claim.id, due_at=now, rung_until=None, waiting_reason=None)
    )


def _customer(connection: Connection, domain: str) -> str:
    return connection.execute(select(Domain.customer).where(Domain.name == domain)).scalar() or HOUSE
