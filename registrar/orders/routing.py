"""Where does an order go when its registrar cannot take it now? To the next of its route, while nothing was ever sent.

A second supplier is never a second try: as soon as one byte of the order may have reached a registrar, it stays there,
whatever that registrar does, because two suppliers could both carry it out.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, update

from registrar import events, holds
from registrar.commands import Kind
from registrar.models import Attempt, Order
from registrar.orders import ending
from registrar.orders.states import State


class Pause(NamedTuple):
    """A registrar to which nothing is sent for a moment, why, and until when."""

    reason: str
    until: datetime


NO_PAUSES: Mapping[str, Pause] = MappingProxyType({})


def go_on(
    connection: Connection, order: Row[Any], why: str, *, avoid: Collection[str], now: datetime
) -> bool:
    """Send a placed order that waits for its registrar to the next one that could take it now; False if there is none."""
    if order.kind not in (Kind.REGISTER, Kind.TRANSFER) or order.details.get("handles"):
        return False  # a handle is known to its own supplier alone, also one that came by a correction
    if not _nothing_was_sent(connection, order):
        return False
    free = [
        name
        for name in order.route
        if name not in avoid and not holds.in_force(connection, name, order.zone, now=now)
    ]
    if not free:
        return False
    return _move(connection, order, free[0], [name for name in order.route if name != free[0]], why, now=now)


def look_elsewhere(connection: Connection, order: Row[Any], why: str, *, now: datetime) -> bool:
    """Put back an order whose name is not with its registrar, for the next one to be looked at; False if there is none."""
    if not order.route or not _nothing_was_sent(connection, order):
        return False
    ending.put_back(connection, order, why, now=now, due_at=now)
    return _move(connection, order, order.route[0], order.route[1:], why, now=now)


def _move(
    connection: Connection, order: Row[Any], registrar: str, route: list[str], why: str, *, now: datetime
) -> bool:
    moved = connection.execute(
        update(Order)
        .where(Order.id == order.id, Order.state == State.PLACED, Order.registrar == order.registrar)
        .values(registrar=registrar, route=route, waiting_reason=why, due_at=now, rung_until=None)
    )
    evidence = {"from": order.registrar, "to": registrar, "why": why}
    events.record(connection, "order.rerouted", at=now, order_id=order.id, evidence=evidence)
    return moved.rowcount == 1


def _nothing_was_sent(connection: Connection, order: Row[Any]) -> bool:
    sent = select(Attempt.id).where(
        Attempt.order_id == order.id, Attempt.outcome.is_(None) | (Attempt.outcome != "not_sent")
    )
    return connection.execute(sent.limit(1)).first() is None
