"""What did a registrar tell us by itself? Stored first, acknowledged after; what it decides makes its order due for a look.

A message alone moves no money: it is a witness beside the look (`resolving`).
"""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from registrar.commands import Kind
from registrar.database import make_due, try_write
from registrar.findings import open_finding
from registrar.gateway import Progress, RegistrarMessage
from registrar.models import Message, Order
from registrar.orders.states import State


def store(connection: Connection, registrar: str, message: RegistrarMessage, *, now: datetime) -> bool:
    """Keep a message and wake the order it is about; False if it was stored before (it is acknowledged again, no more)."""
    new = insert(Message).values(
        registrar=registrar,
        message_id=message.message_id,
        queued_at_text=message.queued_at_text,
        received_at=now,
        domain=message.domain,
        registry_id=message.registry_id,
        kind=message.kind,
        progress=message.progress,
        client_transaction_id=message.client_transaction_id,
        text=message.text,
        transcript=message.transcript,
    )
    if not try_write(connection, new):
        return False
    if message.attention is not None and message.away is None:  # `registrar.departures` tells of those
        open_finding(
            connection,
            "registrar_message",
            f"{registrar}: {message.message_id} {message.queued_at_text}",
            text=f"{registrar} tells us: {message.attention}",
            next_step="look at the name or the account; then `registrar findings close ID --ticket …`",
            now=now,
        )
    if message.domain is not None and message.progress is not None:
        _wake_order(connection, registrar, message, now=now)
        _notice_late_success(connection, registrar, message, now=now)
    return True


def acknowledged(connection: Connection, registrar: str, message: RegistrarMessage, *, now: datetime) -> None:
    """Note that the registrar took the message off its queue."""
    connection.execute(
        update(Message)
        .where(
            Message.registrar == registrar,
            Message.message_id == message.message_id,
            Message.queued_at_text == message.queued_at_text,
        )
        .values(acknowledged_at=now)
    )


def _wake_order(connection: Connection, registrar: str, message: RegistrarMessage, *, now: datetime) -> None:
    pending = select(Order.id).where(
        Order.registrar == registrar,
        Order.domain == message.domain,
        Order.state == State.PENDING,
        Order.due_at > now,
    )
    make_due(connection, pending, now=now)


def _notice_late_success(
    connection: Connection, registrar: str, message: RegistrarMessage, *, now: datetime
) -> None:
    """A success after a credit is never silent: somebody got a name for nothing, or paid for one we now hold."""
    if message.progress is not Progress.APPROVED:
        return
    last = connection.execute(
        select(Order.id, Order.state, Order.registry_id)
        .where(
            Order.registrar == registrar,
            Order.domain == message.domain,
            Order.kind.in_(list(Kind)),  # a lock of our own since then is not what was approved
        )
        .order_by(Order.id.desc())
        .limit(1)
    ).first()
    if last is None or last.state not in (State.REFUSED, State.CANCELLED):
        return
    if message.registry_id and last.registry_id and message.registry_id != last.registry_id:
        return
    open_finding(
        connection,
        "success_after_credit",
        f"order:{last.id}",
        text=f"{registrar} approved {message.domain}, whose order {last.id} was credited",
        next_step="look at the name; keep it for the customer against a new charge, or have the registrar undo it",
        now=now,
    )
