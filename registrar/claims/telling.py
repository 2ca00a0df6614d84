"""When does a watch alarm? While a lock or its release waits, a deadline nears, an order may still land, a ruling is due."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from registrar import holds
from registrar.agreement.rules import Rules
from registrar.agreement.stops import STOPPED, ClaimState
from registrar.claims import locking
from registrar.claims.alarms import Alarm, quiet, sound
from registrar.claims.states import Lock
from registrar.claims.view import Seen
from registrar.models import Order
from registrar.orders.states import State

HEARD = (ClaimState.PROCEEDING, ClaimState.UPHELD, ClaimState.RULED)


def tell_order(seen: Seen, claim: Row[Any], order: Row[Any]) -> None:
    """Alarm about an order of ours that does not just run."""
    if order.state == State.HELD:
        tell_waiting(seen.connection, claim, f"order {order.id} is held: {order.hold_reason}", now=seen.now)
    elif order.state == State.UNRESOLVED:
        tell_waiting(
            seen.connection, claim, f"nobody knows yet whether order {order.id} was done", now=seen.now
        )
    else:
        tell_hold(seen, claim)


def tell_hold(seen: Seen, claim: Row[Any]) -> None:
    """Alarm while the registrar is on hold: nothing of ours is sent there."""
    on = holds.in_force(seen.connection, claim.registrar, claim.zone, now=seen.now)
    if on:
        why = f"{claim.registrar} is on hold: {on[0].reason}"
        tell_waiting(seen.connection, claim, why, now=seen.now)


def tell_waiting(connection: Connection, claim: Row[Any], why: str, *, now: datetime) -> None:
    """Alarm that a lock, or its release, waits; a name that is locked as it should be waits for nothing."""
    settled = claim.lock in (Lock.LOCKED, Lock.CANNOT) and locking.wants_lock(claim)
    if not settled and claim.lock not in (Lock.NONE, Lock.RELEASED):
        sound(connection, claim, Alarm.LOCK_WAITS, why, now=now)


def tell_late(connection: Connection, claim: Row[Any], *, rules: Rules, now: datetime) -> None:
    """Alarm in time: a deadline that would pass before the next regular watch."""
    if claim.lock_by is None or claim.closed_at is not None or now + rules.claims.watch_every < claim.lock_by:
        return
    how = "has passed" if now > claim.lock_by else "is near"
    by = claim.lock_by.isoformat()
    if locking.wants_lock(claim) and claim.lock in (Lock.WANTED, Lock.LOST):
        sound(
            connection,
            claim,
            Alarm.LOCK_LATE,
            f"not locked, and the deadline {how}: {by}",
            now=now,
        )
    elif claim.state == ClaimState.DISMISSED and claim.lock not in (Lock.NONE, Lock.CANNOT, Lock.RELEASED):
        sound(
            connection,
            claim,
            Alarm.RELEASE_LATE,
            f"not released, and the deadline {how}: {by}",
            now=now,
        )


def tell_in_doubt(seen: Seen, claim: Row[Any]) -> None:
    """Alarm while an order of the name that the claim would stop is on its way, or in doubt: it may still land."""
    sent = select(Order.id, Order.kind, Order.state).where(
        Order.domain == claim.domain,
        Order.claim_id.is_(None),
        Order.state.in_([State.SENDING, State.PENDING, State.UNRESOLVED]),
    )
    risky = [
        order
        for order in seen.connection.execute(sent.order_by(Order.id))
        if order.state == State.UNRESOLVED or STOPPED[order.kind].get(ClaimState(claim.state))
    ]
    if risky and claim.state in HEARD:
        first = risky[0]
        sound(
            seen.connection,
            claim,
            Alarm.ORDER_IN_DOUBT,
            f"order {first.id} ({first.kind}) is {first.state}: it may still change the name",
            now=seen.now,
        )
    else:
        quiet(seen.connection, claim, Alarm.ORDER_IN_DOUBT, now=seen.now)


def tell_ruling(seen: Seen, claim: Row[Any]) -> None:
    """Tell staff once the time for a court filing is over."""
    if (
        claim.state == ClaimState.UPHELD
        and claim.ruling_due_at is not None
        and seen.now >= claim.ruling_due_at
    ):
        sound(
            seen.connection,
            claim,
            Alarm.RULING_DUE,
            f"no court filing came: the ruling ({claim.ruling}) is to be carried out",
            now=seen.now,
        )


def tell_impossible(seen: Seen, claim: Row[Any], why: str) -> None:
    """Alarm that the registrar has no such block."""
    sound(seen.connection, claim, Alarm.LOCK_IMPOSSIBLE, why, now=seen.now)
