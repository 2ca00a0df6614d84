"""How is an order ended for breach of law or rules, with nothing paid back (O10)? By two persons, with evidence.

    held ──proposed, with evidence──▶ held ──confirmed by another person──▶ refused, its money forfeited

This is the one named exception to crediting (D5): every proof lists it by its name.
"""

from typing import Any

from sqlalchemy import Connection, Row, select

from registrar import events
from registrar.models import Event
from registrar.orders import ending
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.orders.states import State, read_locked
from registrar.outcomes import RefusalReason

_PROPOSED = "order.breach_proposed"


def propose(connection: Connection, order_id: int, *, evidence: str, act: ByHand) -> None:
    """Propose to end a held order for breach; nothing happens until another person confirms it."""
    order = _endable(connection, order_id)
    if not evidence.strip():
        raise ActRefusedError("evidence_missing", "ending an order for breach needs the evidence of it")
    events.record(
        connection,
        _PROPOSED,
        at=act.now,
        order_id=order.id,
        actor=act.actor,
        ticket=act.ticket,
        evidence={"evidence": evidence},
    )


def confirm(connection: Connection, order_id: int, *, act: ByHand) -> None:
    """End a held order for breach, as somebody else proposed while it was held: its money is forfeited."""
    order = _endable(connection, order_id)
    proposal = _proposal(connection, order)
    if proposal is None:
        raise ActRefusedError("not_proposed", f"nobody has proposed to end order {order_id} for breach")
    if proposal.actor == act.actor:
        raise ActRefusedError(
            "second_person_missing", f"{act.actor} proposed it: another person has to confirm it"
        )
    ending.refuse(
        connection,
        order,
        RefusalReason.FOR_BREACH,
        evidence={**proposal.evidence, "proposed_by": proposal.actor, "proposed_on": proposal.ticket},
        now=act.now,
        actor=act.actor,
        ticket=act.ticket,
    )


def _endable(connection: Connection, order_id: int) -> Row[Any]:
    order = read_locked(connection, order_id)
    if order is None:
        raise ActRefusedError("order_unknown", f"there is no order {order_id}")
    if order.state != State.HELD:
        raise ActRefusedError(
            "not_held", f"order {order_id} is not held: only a held order is ended for breach"
        )
    if ending.may_have_happened(connection, order):
        raise ActRefusedError("in_doubt", f"order {order_id} may have happened: find that out first")
    return order


def _proposal(connection: Connection, order: Row[Any]) -> Row[Any] | None:
    """Return the newest proposal since the order is held."""
    query = (
        select(Event.actor, Event.ticket, Event.evidence)
        .where(Event.order_id == order.id, Event.kind == _PROPOSED, Event.at >= order.state_since)
        .order_by(Event.id.desc())
    )
    return connection.execute(query.limit(1)).first()
