"""What is still possible for a name whose renewal was refused? What the inquiry showed, offered to be ordered (D1, D3, E7)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from registrar.agreement.answers import offer_way
from registrar.agreement.pricing import Tariff
from registrar.agreement.rules import Rules
from registrar.agreement.wording import inquiry_words
from registrar.models import Event
from registrar.orders.agreed import expired_at
from registrar.orders.promising import CLASSIFIED
from registrar.orders.states import State


def remaining(
    connection: Connection, order: Row[Any], *, tariff: Tariff, rules: Rules, now: datetime
) -> dict[str, Any] | None:
    """Return what was found when a renewal was refused, with the price that the way on has now, and in words.

    None where nothing was refused, or nobody asked the registrar.
    """
    if order.state != State.REFUSED:
        return None
    found = _found(connection, order)
    if found is None:
        return None
    offered = offer_way(
        found, months=order.months, tariff=tariff, paid_through=expired_at(order), at=now, rules=rules
    )
    told = inquiry_words(order.kind, offered, time_zone=rules.notices.time_zone)
    return {**offered, "words": told}


def _found(connection: Connection, order: Row[Any]) -> dict[str, Any] | None:
    """Return what the inquiry found that refused it, or that was made before it was sent.

    Of the latter only another way counts: what the registrar has just refused is no way on.
    """
    told = select(Event.kind, Event.evidence).where(
        Event.order_id == order.id, Event.kind.in_((f"order.{State.REFUSED}", CLASSIFIED))
    )
    found = {
        event.kind: event.evidence.get("ways_on") for event in connection.execute(told.order_by(Event.id))
    }
    at_refusal: dict[str, Any] | None = found.get(f"order.{State.REFUSED}")
    before: dict[str, Any] | None = found.get(CLASSIFIED)
    return at_refusal or (before if before and before["way"] != order.kind else None)
