"""What becomes of a ruling, and how does a claim end?"""

from typing import Any

from sqlalchemy import Row, select

from registrar.agreement.stops import ClaimState
from registrar.claims import locking
from registrar.claims.alarms import Alarm, quiet_all, sound
from registrar.claims.states import CarriedBy, change
from registrar.claims.view import Seen, again
from registrar.database import make_due
from registrar.models import Order
from registrar.orders.states import State


def follow(seen: Seen, claim: Row[Any]) -> list[int]:
    """Let the ruling's order through our gate, and see what becomes of it; by hand or by the registry, wait to be told."""
    again(seen.connection, claim, seen.later)
    if claim.carried_by != CarriedBy.ORDER:
        return []
    order = seen.connection.execute(
        select(Order.id, Order.state, Order.claim_id).where(Order.id == claim.ruling_order_id)
    ).one()
    if order.state == State.COMPLETED:
        done = change(
            seen.connection,
            claim,
            "carried_out",
            {"carried_out_at": seen.now},
            now=seen.now,
            evidence={"order": order.id},
        )
        close(seen, done)
        return []
    again(seen.connection, claim, seen.soon)
    if order.state in (State.REFUSED, State.CANCELLED, State.HELD):
        sound(
            seen.connection,
            claim,
            Alarm.RULING_FAILED,
            f"order {order.id}, which was to carry the ruling out, is {order.state}",
            now=seen.now,
        )
        again(seen.connection, claim, seen.later)
    if order.claim_id is None and order.state == State.PLACED:
        locking.link(seen.connection, claim, now=seen.now)
        return [order.id]
    return []


def close(seen: Seen, claim: Row[Any]) -> None:
    """End the claim, and let what waited at our gate go on."""
    values = {"state": ClaimState.CLOSED, "closed_at": seen.now, "due_at": None, "rung_until": None}
    change(seen.connection, claim, "closed", values, now=seen.now)
    quiet_all(seen.connection, claim, now=seen.now)
    waiting = select(Order.id).where(Order.domain == claim.domain, Order.state == State.PLACED)
    make_due(seen.connection, waiting, now=seen.now)
