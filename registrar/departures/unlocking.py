"""How is our own lock taken off a name that leaves, and put back if it does not? By orders of our own, that a look confirms."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from registrar.agreement.departing import BY_STAFF
from registrar.commands import OwnKind
from registrar.departures import grounds
from registrar.departures.rows import STUCK, DepartureState, due_again, move, name_of, subject
from registrar.findings import open_finding
from registrar.gateway import Capabilities
from registrar.models import Order
from registrar.orders import ending, own
from registrar.orders.states import State
from registrar.orders.states import read_locked as read_order_locked
from registrar.orders.terms import Terms
from registrar.statuses import REGISTRAR_LOCK


def advance(connection: Connection, row: Row[Any], *, terms: Terms, now: datetime) -> bool:
    """Take a departure in `unlocking` as far as our books allow; True: its order came to nothing, and a look must tell.

    While the lock of a claim that was dismissed is still being taken off, it waits: that lock is not ours to lift (D9).
    """
    soon = now + terms.look_retry
    if grounds.claimed(connection, row.domain).waits:
        due_again(connection, row, at=soon)
        return False
    order = unlock_order(connection, row)
    if order is None:
        return _begin(connection, row, terms=terms, now=now)
    if order.state == State.COMPLETED:
        unlocked(connection, row, now=now)
        return False
    if order.state in (State.REFUSED, State.CANCELLED, State.HELD):
        _tell(connection, row, order, now=now)
        return True
    due_again(connection, row, at=soon)
    return False


def unlocked(connection: Connection, row: Row[Any], *, now: datetime) -> None:
    """Go on to the code. Staff are reminded when half of the time for it is gone."""
    halfway = now + (row.code_by - now) / 2
    move(connection, row, DepartureState.CODE_DUE, now=now, due_at=max(now, halfway))


def take_back(connection: Connection, row: Row[Any], *, now: datetime) -> None:
    """Withdraw an unlocking of which nothing was sent yet: then nothing is to be put back."""
    found = unlock_order(connection, row)
    order = None if found is None else read_order_locked(connection, found.id)
    if order is None or order.state != State.PLACED or ending.may_have_happened(connection, order):
        return
    why = {"why": f"departure {row.id} was stopped"}
    ending.cancel(connection, order, evidence=why, now=now, actor="worker", ticket=row.ticket)


def lock_again(connection: Connection, row: Row[Any], *, can: Capabilities, now: datetime) -> int | None:
    """Put back what the departure took off; on a ground that staff stated, the whole lock. Return the order, if any.

    A claim's own lock is the claim's: here only what was there before comes back, so that its end leaves that standing.
    """
    statuses = (
        can.statuses & REGISTRAR_LOCK
        if row.ground in BY_STAFF and not row.claim_id
        else _taken_off(connection, row)
    )
    if not statuses:
        return None
    return own.place_lock(
        connection,
        kind=OwnKind.LOCK,
        domain=name_of(row),
        registrar=row.registrar,
        customer=row.customer,
        statuses=statuses,
        key=f"{subject(row.id)}:lock",
        now=now,
        ticket=row.ticket,
    )


def unlock_order(connection: Connection, row: Row[Any]) -> Row[Any] | None:
    """Return the order that takes our lock off for a departure, or None before there is one."""
    query = select(Order.__table__).where(Order.key == own.own_key(_unlock_key(row)))
    return connection.execute(query).first()


def _begin(connection: Connection, row: Row[Any], *, terms: Terms, now: datetime) -> bool:
    """Order the unlocking; where there is no lock of ours, there is nothing to take off."""
    statuses = terms.capabilities.statuses & REGISTRAR_LOCK
    if not statuses:
        unlocked(connection, row, now=now)
        return False
    own.place_lock(
        connection,
        kind=OwnKind.UNLOCK,
        domain=name_of(row),
        registrar=row.registrar,
        customer=row.customer,
        statuses=statuses,
        key=_unlock_key(row),
        now=now,
        ticket=row.ticket,
    )
    due_again(connection, row, at=now + terms.look_retry)
    return False


def _taken_off(connection: Connection, row: Row[Any]) -> set[str]:
    """Return the statuses of our lock that the name had before we took it off, by the look that preceded that."""
    order = unlock_order(connection, row)
    if order is None or order.state in (State.REFUSED, State.CANCELLED):
        return set()
    wanted = set(order.details["statuses"])
    return wanted & set(order.guard["statuses"]) if order.guard else wanted


def _tell(connection: Connection, row: Row[Any], order: Row[Any], *, now: datetime) -> None:
    open_finding(
        connection,
        STUCK,
        subject(row.id),
        text=f"{row.domain} is to leave by {row.code_by:%Y-%m-%d %H:%M} UTC, and could not be unlocked: order {order.id} is {order.state}",
        next_step=f"`registrar orders show {order.id}`; once the name is unlocked at {row.registrar} it goes on by itself",
        now=now,
    )


def _unlock_key(row: Row[Any]) -> str:
    return f"{subject(row.id)}:unlock"
