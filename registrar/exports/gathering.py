"""What is known of an order? All that is kept about it, part by part, without a secret (C3, D10)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from registrar import rule_versions
from registrar.agreement.rules import RuleBook
from registrar.exports.masking import masked, sealed_texts
from registrar.models import (
    Account,
    Attempt,
    Base,
    Charge,
    Event,
    Finding,
    Hold,
    Look,
    Message,
    Movement,
    Notice,
    OrderLine,
    Quote,
    Report,
)
from registrar.orders.agreed import agreed
from registrar.secrets import Keyring

Part = tuple[str, Any]

_OF_NO_USE = frozenset({"sealed", "key_digest", "slot", "claims", "rung_until"})
"""What is secret, or only keeps workers apart."""


def of_order(
    connection: Connection, order: Row[Any], *, book: RuleBook, keyring: Keyring, now: datetime
) -> list[Part]:
    """Return an order's parts, in the order of the story."""
    mine = order.id
    secrets = sealed_texts(order, keyring)
    parts: list[Part] = [
        ("order", {name: value for name, value in _mapping(order).items() if name not in _OF_NO_USE}),
        ("agreed", {**agreed(connection, order, book=book, now=now), "promise": order.promise}),
        ("rules", rules_text(connection, order.promise)),
        ("quote", rows(connection, Quote, Quote.id == order.quote_id) if order.quote_id else []),
        ("lines", rows(connection, OrderLine, OrderLine.order_id == mine, by="line")),
        ("ledger", _ledger(connection, mine)),
        ("timeline", timeline(connection, Event.order_id == mine)),
        ("attempts", masked(rows(connection, Attempt, Attempt.order_id == mine), secrets)),
        ("looks", masked(rows(connection, Look, Look.order_id == mine), secrets)),
        ("messages", masked(_messages(connection, order), secrets)),
        ("charges", masked(rows(connection, Charge, Charge.order_id == mine), secrets)),
        ("reports", rows(connection, Report, Report.order_id == mine)),
        ("notices", masked(_notices(connection, order), secrets)),
        ("holds", _holds(connection, order, now)),
        (
            "findings",
            rows(connection, Finding, Finding.subject == f"order:{mine}", Finding.closed_at.is_(None)),
        ),
    ]
    return parts


def rules_text(connection: Connection, promise: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the version of the rules that a promise was made under, as it was written; None if none is kept."""
    return rule_versions.shown(connection, promise["rules"]) if promise and promise.get("rules") else None


def timeline(connection: Connection, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Return what happened, with who did it, on which ticket and on what evidence."""
    return rows(connection, Event, condition)


def rows(
    connection: Connection, table: type[Base], *conditions: ColumnElement[bool], by: str = "id"
) -> list[dict[str, Any]]:
    """Return a table's rows under conditions, as they are kept."""
    query = select(table.__table__).where(*conditions).order_by(table.__table__.c[by])
    return [dict(row) for row in connection.execute(query).mappings()]


def _ledger(connection: Connection, order_id: int) -> list[dict[str, Any]]:
    """Return every movement of an order's two phases, and those that are about it."""
    source, target = Account.__table__.alias("source"), Account.__table__.alias("target")
    query = (
        select(
            Movement.__table__,
            source.c.name.label("from"),
            source.c.bucket.label("from_bucket"),
            target.c.name.label("to"),
            target.c.bucket.label("to_bucket"),
        )
        .join(source, source.c.id == Movement.from_account)
        .join(target, target.c.id == Movement.to_account)
        .where(or_(Movement.order_id == order_id, Movement.about_order_id == order_id))
        .order_by(Movement.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _messages(connection: Connection, order: Row[Any]) -> Sequence[dict[str, Any]]:
    """Return what its registrar told of the name by itself since the order was placed."""
    return rows(
        connection,
        Message,
        Message.domain == order.domain,
        Message.registrar == order.registrar,
        Message.received_at >= order.placed_at,
    )


def _notices(connection: Connection, order: Row[Any]) -> Sequence[dict[str, Any]]:
    return rows(connection, Notice, Notice.domain == order.domain, Notice.order_id == order.id)


def _holds(connection: Connection, order: Row[Any], now: datetime) -> Sequence[dict[str, Any]]:
    """Return the holds that kept it waiting or stopped its clocks."""
    scopes = (order.registrar, f"zone:{order.zone}", "*")
    return rows(
        connection,
        Hold,
        Hold.registrar.in_(scopes),
        Hold.since <= now,
        or_(Hold.released_at.is_(None), Hold.released_at >= order.placed_at),
    )


def _mapping(row: Row[Any]) -> Mapping[str, Any]:
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public attribute
