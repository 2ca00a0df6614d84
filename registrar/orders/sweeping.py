"""What is due? One query by a partial index, in order of the promises; each id is marked rung, then rung.

A nudge that is lost costs delay only: after `rung_until` the row is due again.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, func, or_, select, update

from registrar.database import one_at_a_time
from registrar.models import Order
from registrar.orders import ending
from registrar.orders.states import State, read_locked
from registrar.outcomes import RefusalReason


def anything_due(connection: Connection, registrar: str, *, now: datetime) -> bool:
    """Tell whether `take_due` would find something; asked in a transaction that only reads, it keeps nobody waiting."""
    return connection.execute(_due(registrar, now).limit(1)).first() is not None


def take_due(
    connection: Connection,
    registrar: str,
    *,
    limit: int,
    outstanding: int,
    now: datetime,
    rung_for: timedelta,
) -> list[tuple[int, State]]:
    """Return up to `limit` due orders of a registrar with their states, the earliest promise first, marked as rung.

    No more than `outstanding` are rung and not taken up at any time, so that Redis stays small and order is kept.
    """
    rung = select(func.count()).where(
        Order.registrar == registrar, Order.due_at <= now, Order.rung_until > now
    )
    limit = min(limit, outstanding - connection.execute(rung).scalar_one())
    if limit <= 0:
        return []
    query = (
        _due(registrar, now)
        .order_by(Order.promise_by, Order.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = [(row.id, State(row.state)) for row in connection.execute(query)]
    if due:
        connection.execute(
            update(Order)
            .where(Order.id.in_([order_id for order_id, _ in due]))
            .values(rung_until=now + rung_for)
        )
    return due


def stand_in_line(connection: Connection, registrar: str) -> None:
    """Wait until nobody else takes up an order at a registrar; until this transaction ends nobody else does.

    So the registrar's cap is counted right. It must be the first thing that a transaction does, and the time is asked for
    after it: what became due while we waited may come first.
    """
    one_at_a_time(connection, f"take up at {registrar}")


def first_in_line(connection: Connection, order_id: int, *, registrar: str, now: datetime) -> int | None:
    """Return the placed order that a nudge is to be used for: the earliest promise that is due at the same registrar.

    Nudges overtake each other on their way through the workers. One that was rung for a later promise is rung again, and
    a nudge that comes after its order was taken up does for the next. Only what is due is locked: whoever makes orders
    due that wait passes over a locked one, as one that is being decided about.
    None: nothing is due, or the order that was rung for has left this registrar meanwhile, and what we know of this one
    is not for it.
    """
    rung = connection.execute(select(Order.registrar, Order.state).where(Order.id == order_id)).first()
    if rung is None or rung.registrar != registrar:
        return None
    due = select(Order.id).where(
        Order.registrar == registrar, Order.state == State.PLACED, Order.due_at <= now
    )
    first = connection.execute(
        due.order_by(Order.promise_by, Order.id).limit(1).with_for_update(skip_locked=True)
    ).scalar()
    if first is None:
        whoever_holds_it = due.where(Order.id == order_id).with_for_update(key_share=True)
        return connection.execute(whoever_holds_it).scalar()
    if first != order_id and rung.state == State.PLACED:
        leave_due(connection, order_id)
    return first


def leave_due(connection: Connection, order_id: int) -> None:
    """Let an order be rung again at once: nobody could take it up. One that was put off meanwhile is not even locked."""
    connection.execute(
        update(Order).where(Order.id == order_id, Order.rung_until.is_not(None)).values(rung_until=None)
    )


def put_off(connection: Connection, order_id: int, *, until: datetime) -> None:
    """Look for an order in doubt later: its registrar does not answer just now."""
    doubted = Order.state.in_((State.UNRESOLVED, State.PENDING))
    connection.execute(
        update(Order).where(Order.id == order_id, doubted).values(due_at=until, rung_until=None)
    )


def refuse_uncorrected(connection: Connection, order_id: int, *, now: datetime) -> None:
    """End an order whose customer did not correct it in time: refused, and credited (D5)."""
    order = read_locked(connection, order_id)
    if order is None or order.state != State.HELD or order.correct_by is None or order.correct_by > now:
        return
    if ending.in_doubt(connection, order):
        connection.execute(
            update(Order).where(Order.id == order.id).values(due_at=None, correct_by=None, turn="staff")
        )
        ending.ask_staff(
            connection, order, "not corrected in time, and an earlier attempt may have happened", now=now
        )
        return
    ending.refuse(
        connection,
        order,
        RefusalReason.NOT_CORRECTED,
        evidence={"needed": order.needs, "until": order.correct_by.isoformat()},
        now=now,
    )


def _due(registrar: str, now: datetime) -> Select[int, str]:
    return select(Order.id, Order.state).where(
        Order.registrar == registrar,
        Order.due_at <= now,
        or_(Order.rung_until.is_(None), Order.rung_until <= now),
    )
