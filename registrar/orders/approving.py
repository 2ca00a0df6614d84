"""Who lets an order go that waits for a person? Staff, on a written request through support, with its ticket (O5).

placed, approval needed ──approve──▶ placed, approval given   it is taken up like any other
                        └─decline──▶ refused                  and credited, as any refusal
"""

from typing import Any

from sqlalchemy import Connection, Row, update

from registrar import events
from registrar.agreement.changing_holder import is_support
from registrar.agreement.rules import RuleBook
from registrar.findings import close_finding
from registrar.models import Order
from registrar.orders import ending
from registrar.orders.agreed import rules_of
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.orders.gates import APPROVAL_GIVEN, APPROVAL_NEEDED
from registrar.orders.states import MoveLostError, State, read_locked
from registrar.outcomes import RefusalReason


def approve(connection: Connection, order_id: int, *, via: str, rules: RuleBook, act: ByHand) -> None:
    """Let the order go: its customer has asked for it in writing `via` support, under the act's ticket.

    Raises `ActRefusedError` for an order that does not wait for it, and for a channel that is not support: an e-mail or a
    call is not enough (C2).
    """
    order = _waiting(connection, order_id)
    conduct = rules_of(order, rules).conduct
    if not is_support(via, conduct):
        raise ActRefusedError(
            "channel_not_valid",
            f"a holder is changed on a written request through {conduct.support}, not by {via!r}: ask for one there",
        )
    approved = connection.execute(
        update(Order)
        .where(Order.id == order_id, Order.state == State.PLACED, Order.approval == APPROVAL_NEEDED)
        .values(approval=APPROVAL_GIVEN, due_at=act.now, rung_until=None, waiting_reason=None)
    )
    if approved.rowcount != 1:
        raise MoveLostError(f"order {order_id} was moved by somebody else")
    close_finding(connection, ending.APPROVAL, f"order:{order_id}", now=act.now)
    events.record(
        connection,
        "order.approved",
        at=act.now,
        order_id=order_id,
        actor=act.actor,
        ticket=act.ticket,
        evidence={"via": via},
    )


def decline(connection: Connection, order_id: int, *, act: ByHand) -> None:
    """Refuse an order that waits for approval, and credit it: nothing of it was sent, so no look is needed (D5)."""
    order = _waiting(connection, order_id)
    ending.refuse(
        connection,
        order,
        RefusalReason.BY_HAND,
        evidence={"why": "the change of holder was not approved"},
        now=act.now,
        actor=act.actor,
        ticket=act.ticket,
    )


def _waiting(connection: Connection, order_id: int) -> Row[Any]:
    order = read_locked(connection, order_id)
    if order is None:
        raise ActRefusedError("order_unknown", f"there is no order {order_id}")
    if order.state != State.PLACED or order.approval != APPROVAL_NEEDED:
        raise ActRefusedError("approval_not_needed", f"order {order_id} does not wait for anybody's approval")
    return order
