"""What does an order look like from outside? Views for the portal, for staff and for the terminal; they change nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select
from sqlalchemy import false as sql_false

from registrar import holds
from registrar.commands import RENEWALS, OwnKind
from registrar.ledger import order_lines
from registrar.models import Attempt, Event, Look, Order, Rejection
from registrar.money import Money
from registrar.names import DomainName
from registrar.orders import lines
from registrar.orders.states import State
from registrar.outcomes import Correction, RefusalReason

PORTAL_STATES: Mapping[State, str] = {
    State.PLACED: "queued",
    State.LOOKING: "queued",
    State.SENDING: "sending",
    State.PENDING: "waiting_third_party",
    State.UNRESOLVED: "in_doubt",
    State.HELD: "held",
    State.COMPLETED: "done",
    State.REFUSED: "refused_credited",
    State.CANCELLED: "cancelled",
}
"""The states in the portal's words; whatever waits for the customer (a correction, documents) is `action_required`."""


_FORFEITED = "forfeited"
"""Ended for breach: the one refusal that is not credited (O10)."""
KNOWN_STATES = tuple(dict.fromkeys([*PORTAL_STATES.values(), _FORFEITED, "action_required"]))
"""Every state in the portal's words."""


def portal_state(order: Row[Any]) -> str:
    """Return the state in the portal's words."""
    if order.turn == "customer":
        return "action_required"
    if order.ended_reason == RefusalReason.FOR_BREACH:
        return _FORFEITED
    return PORTAL_STATES[State(order.state)]


def read(connection: Connection, order_id: int) -> Row[Any] | None:
    """Return an order's row, or None."""
    return connection.execute(select(Order.__table__).where(Order.id == order_id)).first()


def read_by_key(connection: Connection, key: str) -> Row[Any] | None:
    """Return the order that a key stands for, or None."""
    return connection.execute(select(Order.__table__).where(Order.key == key)).first()


def rejection_by_key(connection: Connection, key: str) -> dict[str, Any] | None:
    """Return why the last message under this key was not taken, or None."""
    query = select(Rejection.code, Rejection.field, Rejection.text, Rejection.received_at).where(
        Rejection.key == key
    )
    row = connection.execute(query.order_by(Rejection.id.desc()).limit(1)).mappings().first()
    return _readable(row) if row else None


def list_orders(
    connection: Connection,
    *,
    state: str | None = None,
    customer: str | None = None,
    domain: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> Sequence[Row[Any]]:
    """Return orders with an id above `after`, oldest first; `state` is in the portal's words."""
    query = select(Order.__table__).where(Order.id > after)
    for column, wanted in ((Order.customer, customer), (Order.domain, domain)):
        if wanted is not None:
            query = query.where(column == wanted)
    if state is not None:
        query = query.where(_stands(state))
    return connection.execute(query.order_by(Order.id).limit(limit)).all()


def list_for_customer(
    connection: Connection, customer: str, *, after: int = 0, limit: int = 100
) -> Sequence[Row[Any]]:
    """Return the orders that a customer sees as his, with an id above `after`, oldest first (O7).

    Orders of our own are not among them: the lock of a claim would tell its respondent of it (D9).
    """
    query = select(Order.__table__).where(
        Order.customer == customer, Order.id > after, Order.kind.not_in(list(OwnKind))
    )
    return connection.execute(query.order_by(Order.id).limit(limit)).all()


def _stands(state: str) -> ColumnElement[bool]:
    """Return what makes an order stand in a state of the portal's words."""
    customers_turn = func.coalesce(Order.turn == "customer", sql_false())
    forfeited = func.coalesce(Order.ended_reason == RefusalReason.FOR_BREACH, sql_false())
    if state == "action_required":
        return customers_turn
    if state == _FORFEITED:
        return and_(Order.state == State.REFUSED, forfeited)
    inner = [inner for inner, told in PORTAL_STATES.items() if told == state]
    return and_(Order.state.in_(inner), ~customers_turn, ~forfeited)


def count_by_state(connection: Connection) -> dict[State, int]:
    """Return how many orders stand in each state."""
    query = select(Order.state, func.count()).group_by(Order.state)
    return {State(row.state): row[1] for row in connection.execute(query)}


def count_at(connection: Connection, registrar: str) -> dict[State, int]:
    """Return how many orders of a registrar that have not ended stand in each state."""
    open_states = [state for state in State if not state.final]
    query = (
        select(Order.state, func.count())
        .where(Order.registrar == registrar, Order.state.in_(open_states))
        .group_by(Order.state)
    )
    return {State(row.state): row[1] for row in connection.execute(query)}


_HINTS: Mapping[str, str] = {
    Correction.AUTH_INFO: "the auth code is missing or wrong: ask the present registrar for it and give the new one",
    Correction.CONTACTS: "a contact was not accepted: check that its handle exists and lets us use it, or its data "
    "(voice as +98.2112345678, a valid e-mail, a country code of two letters, Latin letters where the registry asks)",
    Correction.NAMESERVERS: "the name servers were not accepted: use hosts that exist, outside the name itself",
    Correction.DOCUMENTS: "the registry asks the holder for documents: upload them there, then say that it is done",
    Correction.PIN: "the registry has mailed a PIN to the present holder: ask him for it and give it",
    Correction.UNLOCK: "the name is locked at its present registrar: have it unlocked, then say that it is done",
}
"""What to do about each thing that an order needs, in our words (D8)."""


def summary(order: Row[Any]) -> dict[str, Any]:
    """Return what both the customer and staff may see of an order."""
    name = DomainName(order.domain, order.zone)
    return {
        "id": order.id,
        "key": order.key,
        "state": portal_state(order),
        "state_since": _text(order.state_since),
        "customer": order.customer,
        "kind": order.kind,
        "domain": name.ascii,
        "domain_unicode": name.unicode,
        "months": order.months,
        "price": {"amount": order.price_amount, "currency": order.price_currency},
        "placed_at": _text(order.placed_at),
        "paid_at": _text(order.paid_at),
        "needs": order.needs,
        "needs_hint": _hint(order),
        "correct_by": _text(order.correct_by),
        "ended_reason": order.ended_reason,
        "expires_at": _text(order.expires_at),
    }


def _hint(order: Row[Any]) -> str | None:
    if order.needs == Correction.CONTACTS and order.kind in RENEWALS:
        return (
            "the name's holder has to let us renew it: he makes us its billing contact at the registry; "
            "then say that it is done"
        )
    return _HINTS.get(order.needs) if order.needs else None


def portal_view(connection: Connection, order: Row[Any]) -> dict[str, Any]:
    """Return the order with its timeline in our words: what the registrar wrote is not for the customer (D8)."""
    events = _events(connection, order.id)
    timeline = [
        {"at": _text(event.at), "event": event.kind, "what": _told(event)}
        for event in events
        if event.kind in _TOLD
    ]
    return summary(order) | {"lines": lines.view(connection, order), "timeline": timeline}


def staff_view(connection: Connection, order: Row[Any]) -> dict[str, Any]:
    """Return everything about an order: attempts, looks, ledger lines, the registrar's own words. No secret is in it."""
    attempts = select(
        Attempt.number,
        Attempt.begun_at,
        Attempt.ended_at,
        Attempt.outcome,
        Attempt.reason,
        Attempt.result_code,
        Attempt.result_text,
        Attempt.client_transaction_id,
        Attempt.server_transaction_id,
    ).where(Attempt.order_id == order.id)
    looks = select(Look.seen_at, Look.source, Look.standing, Look.verdict, Look.counts).where(
        Look.order_id == order.id
    )
    return summary(order) | {
        "registrar": order.registrar,
        "inner_state": order.state,
        "expected_expiry": order.expected_expiry,
        "guard": order.guard,
        "waiting": _waiting(connection, order),
        "due_at": _text(order.due_at),
        "turn": order.turn,
        "hold_reason": order.hold_reason,
        "attempts": [
            _readable(row) for row in connection.execute(attempts.order_by(Attempt.number)).mappings()
        ],
        "looks": [_readable(row) for row in connection.execute(looks.order_by(Look.id)).mappings()],
        "lines": lines.view(connection, order),
        "ledger": [_readable(line) for line in order_lines(connection, order.id)],
        "timeline": [
            {
                "at": _text(event.at),
                "event": event.kind,
                "actor": event.actor,
                "ticket": event.ticket,
                **event.evidence,
            }
            for event in _events(connection, order.id)
        ],
    }


def _events(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    query = select(Event.at, Event.kind, Event.actor, Event.ticket, Event.evidence).where(
        Event.order_id == order_id
    )
    return connection.execute(query.order_by(Event.id)).all()


_TOLD: Mapping[str, str] = {
    "order.placed": "your order was received and paid",
    "order.looking": "we look at the name before we send",
    "order.sending": "your order is being sent",
    "order.pending": "the registry has accepted it and is at work on it",
    "order.unresolved": "no clear answer came; we find out before anything else is done",
    "order.still_unresolved": "no clear answer came; we find out before anything else is done",
    "order.held": "your order waits",
    "order.documents_asked": "the registry has accepted it and asks the holder for documents",
    "order.rerouted": "your order is being prepared",
    "order.completed": "done",
    "order.refused": "it could not be done; what was paid is given back as its lines say",
    "order.approved": "your request was approved; your order goes on",
    "order.cancelled": "cancelled; what was paid is given back as its lines say",
    "order.late_answer": "a late answer came in",
    "notice.planned": "we write to you about it later",
    "notice.sending": "we write to you about it",
    "notice.sent": "our e-mail about it was handed over",
    "notice.unknown": "our e-mail about it may not have left",
    "notice.refused": "our e-mail about it was refused by your mail server",
    "notice.bounced": "our e-mail about it came back",
    "notice.no_address": "we have no e-mail address to write to you about it",
    "order.compensated": "damages for it are in your credit account",
    "payment.reversed": "the payment for it was taken back",
    "line.stopped": "a service that depended on it was stopped, and its price given back",
    "line.decided": "it was decided what becomes of a service that depended on it",
    "line.delivered": "a service that depends on it was delivered",
    "order.differs": "something of it is not as you ordered it; we look into it",
    "report.filed": "your report was received",
    "domain.suspended": "the name was suspended",
    "domain.unsuspended": "the suspension was ended",
}
"""The timeline's lines as a customer reads them: meaning, in our words (D8). What has no words here is not for him."""


def _told(event: Row[Any]) -> str:
    if event.kind == "order.placed":
        return _TOLD[event.kind] if "key" in event.evidence else "it waits, and will be taken up again"
    if event.evidence.get("reason") == RefusalReason.FOR_BREACH:
        return "ended for breach of the agreement; nothing is paid back"
    needs = event.evidence.get("needs")
    return f"your order needs your correction: {needs}" if needs else _TOLD[event.kind]


def _waiting(connection: Connection, order: Row[Any]) -> str | None:
    """Say why a placed order is not under way: its own reason, or the hold that it meets; an announced one says so itself."""
    if order.state != State.PLACED:
        return None
    on = [
        hold
        for hold in holds.list_applying(connection, order.registrar, order.zone)
        if hold.announced_at is None
    ]
    reason: str | None = (
        f"{holds.in_words(on[0].registrar)} is on hold: {on[0].reason}" if on else order.waiting_reason
    )
    return reason


def _plain(row: Row[Any]) -> dict[str, Any]:
    return _readable(row._mapping)  # noqa: SLF001 - SQLAlchemy's public attribute


def _readable(line: Mapping[Any, Any]) -> dict[str, Any]:
    """Make a row JSON: times as RFC 3339, money beside its printed form."""
    plain: dict[str, Any] = {
        name: _text(value) if isinstance(value, datetime) else value for name, value in line.items()
    }
    if "amount" in plain:
        plain["printed"] = str(Money(plain["amount"], plain["currency"]))
    return plain


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
