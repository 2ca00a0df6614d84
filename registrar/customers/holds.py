"""Whose orders wait because of himself: an identity in doubt (O6), or a debt that he was warned of (F5)?

His orders wait and are never refused for it. A renewal near a limit goes through an identity hold, and a transfer away
is stopped only where the holder's own identity is in doubt (D7): `registrar.agreement.waiting` and the departures say so.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from registrar import events
from registrar.agreement.waiting import DEBT, IDENTITY
from registrar.database import make_due, try_write
from registrar.findings import close_finding, keep_findings
from registrar.models import CustomerHold, Debt, Order

CAUSES = (IDENTITY, DEBT)
LATE_DOCUMENTS = "documents_late"


class CustomerHoldRefusedError(Exception):
    """A hold that is not put on or released; `code` is stable, the message says why and what else to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OpenCustomerHold(NamedTuple):
    """A hold that is on."""

    customer: str
    cause: str
    reason: str
    since: datetime
    holder_in_doubt: bool
    documents_due_by: datetime | None


def put(
    connection: Connection,
    customer: str,
    cause: str,
    *,
    reason: str,
    now: datetime,
    actor: str,
    ticket: str,
    holder_in_doubt: bool = False,
    documents_due_by: datetime | None = None,
) -> None:
    """Let a customer's orders wait, on staff's word (C1), or change what the hold that is on says.

    `documents_due_by`: by when his documents are asked for; its passing opens a finding and does nothing else (O6).
    Raises `CustomerHoldRefusedError` for a debt that he was not warned of in a recorded way (F5).
    """
    _insist_on_cause(cause, holder_in_doubt=holder_in_doubt, documents_due_by=documents_due_by)
    if cause == DEBT and not was_warned(connection, customer):
        raise CustomerHoldRefusedError(
            "debt_not_warned",
            f"no unpaid debt of {customer} has a recorded warning: warn him first, no service stops before it (F5)",
        )
    told = {
        "reason": reason,
        "holder_in_doubt": holder_in_doubt,
        "documents_due_by": documents_due_by,
    }
    new = insert(CustomerHold).values(customer=customer, cause=cause, since=now, **told)
    if not try_write(connection, new):
        connection.execute(
            update(CustomerHold)
            .where(
                CustomerHold.customer == customer,
                CustomerHold.cause == cause,
                CustomerHold.released_at.is_(None),
            )
            .values(**told)
        )
    evidence = {
        **told,
        "cause": cause,
        "documents_due_by": documents_due_by.isoformat() if documents_due_by else None,
    }
    events.record(
        connection,
        "customer.held",
        at=now,
        subject=customer,
        actor=actor,
        ticket=ticket,
        evidence=evidence,
    )


def release(
    connection: Connection,
    customer: str,
    cause: str,
    *,
    reason: str,
    now: datetime,
    actor: str,
    ticket: str | None,
) -> bool:
    """Let a customer's orders go on; False if no such hold is on. No term is longer for the time that passed (E5)."""
    released = connection.execute(
        update(CustomerHold)
        .where(
            CustomerHold.customer == customer,
            CustomerHold.cause == cause,
            CustomerHold.released_at.is_(None),
        )
        .values(released_at=now)
    )
    if not released.rowcount:
        return False
    if cause == IDENTITY:
        close_finding(connection, LATE_DOCUMENTS, customer, now=now)
    events.record(
        connection,
        "customer.released",
        at=now,
        subject=customer,
        actor=actor,
        ticket=ticket,
        evidence={"cause": cause, "reason": reason},
    )
    waiting = select(Order.id).where(Order.customer == customer, Order.state == "placed", Order.due_at > now)
    make_due(connection, waiting, now=now)
    return True


def open_for(connection: Connection, customer: str) -> list[OpenCustomerHold]:
    """Return the holds that are on for a customer, the oldest first."""
    return _open(connection, customer)


def list_open(connection: Connection) -> list[OpenCustomerHold]:
    """Return all holds that are on, the oldest first."""
    return _open(connection, None)


def was_warned(connection: Connection, customer: str) -> bool:
    """Tell whether a customer owes a debt of which he was warned in a recorded way (F5)."""
    warned = select(Debt.id).where(
        Debt.customer == customer, Debt.settled_at.is_(None), Debt.warned_at.is_not(None)
    )
    return connection.execute(warned.limit(1)).first() is not None


def tell_of_late_documents(connection: Connection, *, now: datetime) -> int:
    """Keep a finding for each customer whose documents are late; nothing else follows by itself (O6). Return how many."""
    late = {
        hold.customer: hold.documents_due_by
        for hold in list_open(connection)
        if hold.documents_due_by is not None and hold.documents_due_by < now
    }
    standing = {
        customer: (
            f"the documents of customer {customer} were due by {due_by:%Y-%m-%d %H:%M} UTC (O6)",
            "his orders wait on; ask him again, or decide what follows: late documents void ownership",
        )
        for customer, due_by in late.items()
    }
    keep_findings(connection, LATE_DOCUMENTS, standing, now=now)
    return len(late)


def _open(connection: Connection, customer: str | None) -> list[OpenCustomerHold]:
    query = select(
        CustomerHold.customer,
        CustomerHold.cause,
        CustomerHold.reason,
        CustomerHold.since,
        CustomerHold.holder_in_doubt,
        CustomerHold.documents_due_by,
    ).where(CustomerHold.released_at.is_(None))
    if customer is not None:
        query = query.where(CustomerHold.customer == customer)
    return [OpenCustomerHold(*row) for row in connection.execute(query.order_by(CustomerHold.id))]


def _insist_on_cause(cause: str, *, holder_in_doubt: bool, documents_due_by: datetime | None) -> None:
    if cause not in CAUSES:
        raise CustomerHoldRefusedError(
            "cause_unknown", f"a customer is on hold for one of {', '.join(CAUSES)}"
        )
    if cause == DEBT and (holder_in_doubt or documents_due_by is not None):
        raise CustomerHoldRefusedError(
            "cause_unfitting", "documents and doubts of a holder belong to an identity hold, not to a debt"
        )
