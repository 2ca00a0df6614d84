"""May an order be taken up now, or must it wait for a person? What keeps it waiting is the company's, never a refusal.

Each gate says why, for staff; the customer reads only that his order waits (D9 `disclose_from`, D10).
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from registrar import debts
from registrar.agreement.expiry import Windows, windows
from registrar.agreement.rules import Rules
from registrar.agreement.stops import YOUR_ORDER_WAITS, Effect
from registrar.agreement.waiting import lets_through
from registrar.claimed import claims_stop
from registrar.commands import kind_of
from registrar.customers import holds as customer_holds
from registrar.models import Domain
from registrar.orders.states import State

RECHECK = timedelta(hours=1)
"""How often an order that waits for a person asks again, should nobody wake it."""

APPROVAL_NEEDED, APPROVAL_GIVEN = "needed", "given"


def keeps_waiting(connection: Connection, order: Row[Any], *, rules: Rules, now: datetime) -> str | None:
    """Return why an order waits, or None: it may be taken up. One whose payment was taken back waits for it too (F7)."""
    return (
        _approval(order)
        or _claim(connection, order, now=now)
        or _customer(connection, order, rules=rules, now=now)
        or debts.stops(connection, order)
    )


def told(connection: Connection, order: Row[Any], *, now: datetime) -> str | None:
    """Return what its customer reads while an order waits, whatever it waits for; None while it does not.

    Until a claim is disclosed to him the words are those of any other waiting (D9).
    """
    if order.state != State.PLACED or order.waiting_reason is None:
        return None
    found = claims_stop(connection, order.domain, order.kind, now=now, but_for=order.claim_id)
    return found.customer if found and found.effect is Effect.WAITS else YOUR_ORDER_WAITS


def _approval(order: Row[Any]) -> str | None:
    """Wait for staff's approval, where the agreement asks for a request in writing through support (O5)."""
    return "it waits for staff's approval (O5)" if order.approval == APPROVAL_NEEDED else None


def _claim(connection: Connection, order: Row[Any], *, now: datetime) -> str | None:
    found = claims_stop(connection, order.domain, order.kind, now=now, but_for=order.claim_id)
    return found.staff if found else None


def _customer(connection: Connection, order: Row[Any], *, rules: Rules, now: datetime) -> str | None:
    for hold in customer_holds.open_for(connection, order.customer):
        if not lets_through(kind_of(order.kind), hold.cause, _limits(connection, order, rules), rules, now):
            return f"customer {order.customer} is on hold ({hold.cause}): {hold.reason}"
    return None


def _limits(connection: Connection, order: Row[Any], rules: Rules) -> Windows | None:
    known = select(Domain.paid_through).where(Domain.name == order.domain, Domain.gone_at.is_(None))
    paid_through = connection.execute(known).scalar()
    return windows(paid_through, rules.renewal) if paid_through else None
