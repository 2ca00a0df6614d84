"""Which states does an order pass, and how does it get from one to the next?

     placed ──slot──▶ looking ──guard──▶ sending ──┬─ Done ────────▶ completed
      ▲ ▲              │                   │       ├─ Pending ─────▶ pending ──message or look──▶ completed | refused | held
      │ │   nothing    │                   │       ├─ Refused ─────▶ refused     credited in the same transaction; final
      │ └── spent ─────┴───── NotSent ─────┤       ├─ Correctable ─▶ held        the customer's turn
      │                                    │       ├─ Blocked ─────▶ placed behind the registrar's hold, or held (our turn)
      │                                    └───────┴─ Unknown, or the lease ran out ──▶ unresolved
      └── looked, twice, late enough: it did not happen ───────────────────────────────┤
                      looked: it did ──▶ completed · under way ──▶ pending · not ours ──▶ refused · cannot tell ──▶ held

From *placed* an order is refused only where staff decline the approval that it waits for (O5).
From *pending* an order goes back to *placed* only where its registrar saved it for want of our deposit and takes it up
when it is sent again (`Capabilities.resumes_saved`).

A move names where it comes from, and the database decides who won: `WHERE state = …`, and on the way out of *sending*
also which attempt it belongs to.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from registrar import events
from registrar.database import make_due
from registrar.models import Order


class State(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    LOOKING = "looking"
    SENDING = "sending"
    PENDING = "pending"
    UNRESOLVED = "unresolved"
    HELD = "held"
    COMPLETED = "completed"
    REFUSED = "refused"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Tell whether the order has ended: its money is earned or back with the customer."""
        return not MOVES[self]


MOVES: Mapping[State, frozenset[State]] = {
    State.PLACED: frozenset({State.LOOKING, State.CANCELLED, State.REFUSED}),
    State.LOOKING: frozenset(
        {
            State.PLACED,
            State.SENDING,
            State.COMPLETED,
            State.PENDING,
            State.UNRESOLVED,
            State.REFUSED,
            State.HELD,
        }
    ),
    State.SENDING: frozenset(
        {State.COMPLETED, State.PENDING, State.REFUSED, State.HELD, State.PLACED, State.UNRESOLVED}
    ),
    State.PENDING: frozenset({State.COMPLETED, State.REFUSED, State.HELD, State.PLACED}),
    State.UNRESOLVED: frozenset({State.COMPLETED, State.PENDING, State.REFUSED, State.HELD, State.PLACED}),
    State.HELD: frozenset({State.PLACED, State.PENDING, State.COMPLETED, State.REFUSED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.REFUSED: frozenset(),
    State.CANCELLED: frozenset(),
}


class MoveLostError(Exception):
    """The row was no longer where the move starts: another worker moved it, and everything of this one is undone."""


def read_locked(connection: Connection, order_id: int) -> Row[Any] | None:
    """Read an order's row and keep others from moving it until this transaction ends.

    Rows that only name the order (events, debts) are written beside it: who holds other locks does not wait for this one.
    """
    query = select(Order.__table__).where(Order.id == order_id)
    return connection.execute(query.with_for_update(key_share=True)).first()


def move(
    connection: Connection,
    order: Row[Any],
    target: State,
    *,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
    actor: str = events.WORKER,
    ticket: str | None = None,
    **values: Any,
) -> None:
    """Move an order from the state it was read in to `target`, and write the event.

    What belongs to the old state only (lease, due time, whose turn) is cleared unless `values` sets it. Raises
    `MoveLostError` if the row's state, claim or attempt is no longer the one that was read.
    """
    source = State(order.state)
    if target not in MOVES[source]:
        raise ValueError(f"an order does not go from {source} to {target}")
    fresh: dict[str, Any] = {
        "state": target,
        "state_since": now,
        "lease_until": None,
        "due_at": None,
        "rung_until": None,
        "waiting_reason": None,
        "turn": None,
        "needs": None,
        "hold_reason": None,
        "correct_by": None,
        "failed_looks": 0,
    }
    moved = connection.execute(
        update(Order)
        .where(
            Order.id == order.id,
            Order.state == source,
            Order.claims == order.claims,
            Order.attempt_number == order.attempt_number,
        )
        .values(fresh | values)
    )
    if moved.rowcount != 1:
        raise MoveLostError(f"order {order.id} was moved by somebody else")
    events.record(
        connection,
        f"order.{target}",
        at=now,
        order_id=order.id,
        actor=actor,
        ticket=ticket,
        evidence=evidence,
    )


def wake_waiting(connection: Connection, order: Row[Any], *, now: datetime) -> None:
    """Make due what waits for the name that this order gave up."""
    waiting = select(Order.id).where(
        Order.domain == order.domain, Order.state == State.PLACED, Order.id != order.id, Order.due_at > now
    )
    make_due(connection, waiting, now=now)
