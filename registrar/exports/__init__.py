"""What is everything that is known of an order or a claim, in one file for a dispute (C3)?

One JSON document, made to be handed to the guild's council or to a court: the timeline, redacted messages and
transcripts, ledger lines, the text of the rules' version, and hashes that show it unchanged. No secret is in it (D10).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from registrar import events
from registrar.agreement.rules import RuleBook
from registrar.exports.chaining import chained, faults
from registrar.exports.gathering import Part, of_order, rows, timeline
from registrar.models import Claim, Confirmation, Domain, Event, Finding, Order
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.secrets import Keyring

__all__ = ["export_claim", "export_order", "faults"]


def export_order(
    connection: Connection, order_id: int, *, book: RuleBook, keyring: Keyring, act: ByHand
) -> dict[str, Any]:
    """Return an order's export, and write down that it was made, for whom and with which hash.

    Raises `ActRefusedError` if there is no such order.
    """
    order = connection.execute(select(Order.__table__).where(Order.id == order_id)).first()
    if order is None:
        raise ActRefusedError("order_unknown", f"there is no order {order_id}")
    parts = of_order(connection, order, book=book, keyring=keyring, now=act.now)
    return _made(connection, f"order:{order_id}", parts, act=act)


def export_claim(
    connection: Connection, claim_id: int, *, book: RuleBook, keyring: Keyring, act: ByHand
) -> dict[str, Any]:
    """Return a claim's export: the claim, who confirmed it, its timeline, and every order that it led to (D9).

    Raises `ActRefusedError` if there is no such claim.
    """
    claims = rows(connection, Claim, Claim.id == claim_id)
    if not claims:
        raise ActRefusedError("claim_unknown", f"there is no claim {claim_id}")
    about = f"claim:{claim_id}"
    parts: list[Part] = [
        ("claim", claims[0]),
        ("confirmations", rows(connection, Confirmation, Confirmation.claim_id == claim_id)),
        ("timeline", timeline(connection, Event.subject == about)),
        ("domain", rows(connection, Domain, Domain.name == claims[0]["domain"], by="name")),
        ("findings", rows(connection, Finding, Finding.subject == about, Finding.closed_at.is_(None))),
    ]
    for order in connection.execute(_orders_of(claims[0])):
        parts += [
            (f"order {order.id}: {name}", content)
            for name, content in of_order(connection, order, book=book, keyring=keyring, now=act.now)
        ]
    return _made(connection, about, parts, act=act)


def _orders_of(claim: dict[str, Any]) -> Any:
    """Ask for the orders that a claim placed: its locks and releases, and the one that carried out the ruling."""
    mine = Order.claim_id == claim["id"]
    if claim["ruling_order_id"] is not None:
        mine |= Order.id == claim["ruling_order_id"]
    return select(Order.__table__).where(mine).order_by(Order.id)


def _made(connection: Connection, about: str, parts: list[Part], *, act: ByHand) -> dict[str, Any]:
    """Chain the parts, and keep the hash of the whole where the export is not; the order's own timeline stays as it was."""
    head = {"about": about, "made_at": _moment(act.now), "made_by": act.actor, "ticket": act.ticket}
    document = chained(head, parts)
    events.record(
        connection,
        "export.made",
        at=act.now,
        subject=about,
        actor=act.actor,
        ticket=act.ticket,
        evidence={"sha256": document["sha256"], "parts": len(parts)},
    )
    return document


def _moment(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
