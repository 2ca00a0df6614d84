"""How does a name come to the state that it should be in? By an order of our own, through the same life as any (D9, O11).

It costs nothing, so it moves no money; it has a lane of its own, so that it waits for no renewal or transfer of the
name; and it is taken up before everything that was promised for later.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from registrar import events
from registrar.commands import OwnKind
from registrar.database import try_write
from registrar.models import Order, UsedKey
from registrar.names import DomainName
from registrar.orders.requests import OWN_KEYS
from registrar.orders.states import State
from registrar.statuses import Status

STATE_LANE = "state"
CHANNEL = "own"
_CURRENCY = "IRR"
"""Of a price of nothing; the books want one."""


def is_own(order: Row[Any]) -> bool:
    """Tell whether an order is of our own making: no customer placed it, and none is told of it."""
    return bool(order.channel == CHANNEL)


def own_key(key: str) -> str:
    """Return a key of our own orders as it stands in the books, apart from those of portals."""
    return f"{OWN_KEYS}{key}"


def place_lock(
    connection: Connection,
    *,
    kind: OwnKind,
    domain: DomainName,
    registrar: str,
    customer: str,
    statuses: Collection[str],
    key: str,
    now: datetime,
    claim_id: int | None = None,
    actor: str = events.WORKER,
    ticket: str | None = None,
) -> int:
    """Place an order that sets client statuses, or takes them away; the same `key`, of our own orders, gives it back.

    Raises `ValueError` for no status at all, or one that there is not.
    """
    wanted = sorted(str(Status(status)) for status in statuses)
    if not wanted:
        raise ValueError("a lock sets at least one status")
    key = own_key(key)
    if not try_write(connection, insert(UsedKey).values(key=key)):
        return connection.execute(select(Order.id).where(Order.key == key)).scalar_one()
    order_id = connection.execute(
        insert(Order)
        .values(
            key=key,
            key_digest="",
            channel=CHANNEL,
            customer=customer,
            kind=kind,
            domain=domain.ascii,
            zone=domain.zone,
            lane=STATE_LANE,
            registrar=registrar,
            route=[],
            months=0,
            expected_expiry=None,
            details={"statuses": wanted},
            sealed=None,
            price_amount=0,
            price_currency=_CURRENCY,
            payment="none",
            payment_reference=None,
            paid_at=now,
            placed_at=now,
            state=State.PLACED,
            state_since=now,
            promise_by=now,
            due_at=now,
            claim_id=claim_id,
        )
        .returning(Order.id)
    ).scalar_one()
    events.record(
        connection,
        "order.placed",
        at=now,
        order_id=order_id,
        actor=actor,
        ticket=ticket,
        evidence={"key": key, "statuses": wanted, "claim": claim_id},
    )
    return order_id
