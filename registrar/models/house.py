"""What does the house keep of its own work? Events, findings, holds, messages, readings, its schedule and keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from registrar.models.base import Base


class Event(Base):
    """One thing that happened, append-only, written in the transaction that did it."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    subject: Mapped[str | None] = mapped_column(String(255))
    actor: Mapped[str] = mapped_column(String(255))
    ticket: Mapped[str | None] = mapped_column(String(255))
    """The support ticket behind an act by hand (C1)."""
    evidence: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("ix_events_order_id_id", "order_id", "id"),
        Index(
            "ix_events_subject_id",
            "subject",
            "id",
            sqlite_where=sql("subject IS NOT NULL"),
            postgresql_where=sql("subject IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )


class Finding(Base):
    """What a person should look at, with a next step; counted once while it is open."""

    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(255))
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    times: Mapped[int] = mapped_column(Integer, default=1)
    text: Mapped[str] = mapped_column(Text)
    next_step: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index(
            "uq_findings_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=sql("closed_at IS NULL"),
            postgresql_where=sql("closed_at IS NULL"),
        ),
    )


class Hold(Base):
    """A registrar, a zone or everything to which nothing is sent for now, and why (O3)."""

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    registrar: Mapped[str] = mapped_column(String(64))
    """A registrar's name; `zone:ir` for a zone, `*` for everything."""
    cause: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16), default="operational", server_default="operational")
    """`operational`: the clocks of O2 run on; `force_majeure`: they stop."""
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    announced_at: Mapped[datetime | None]
    since: Mapped[datetime]
    """From when it is on; a planned one lies ahead."""
    probe_at: Mapped[datetime | None]
    """When one order may be sent to see whether the cause is gone; None: only staff release it."""
    released_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_holds_registrar_since", "registrar", "since"),
        Index(
            "uq_holds_open",
            "registrar",
            "cause",
            unique=True,
            sqlite_where=sql("released_at IS NULL"),
            postgresql_where=sql("released_at IS NULL"),
        ),
    )


class Message(Base):
    """A registrar's message, stored before it is acknowledged."""

    __tablename__ = "registrar_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    registrar: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(128))
    queued_at_text: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    domain: Mapped[str | None] = mapped_column(String(255))
    registry_id: Mapped[str | None] = mapped_column(String(128))
    kind: Mapped[str | None] = mapped_column(String(16))
    progress: Mapped[str | None] = mapped_column(String(32))
    client_transaction_id: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    transcript: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("registrar", "message_id", "queued_at_text"),
        Index("ix_registrar_messages_domain_id", "domain", "id"),
    )


class DepositReading(Base):
    """Our balance at a registrar as it told it, once for each reading."""

    __tablename__ = "deposit_readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    registrar: Mapped[str] = mapped_column(String(64))
    read_at: Mapped[datetime]
    balance: Mapped[str] = mapped_column(String(32))
    """A decimal number of `unit`, as text: a currency or the registry's own unit."""
    unit: Mapped[str] = mapped_column(String(16))

    __table_args__ = (Index("ix_deposit_readings_registrar_id", "registrar", "id"),)


class Charge(Base):
    """A line of a registrar's own statement, kept once, and the order that it was found to be for."""

    __tablename__ = "charges"

    id: Mapped[int] = mapped_column(primary_key=True)
    registrar: Mapped[str] = mapped_column(String(64))
    line_id: Mapped[str] = mapped_column(String(128))
    """The registrar's own."""
    at: Mapped[datetime]
    at_text: Mapped[str] = mapped_column(String(64))
    amount: Mapped[str] = mapped_column(String(32))
    """A decimal number of `unit`, as text; negative where it was given back or paid in."""
    unit: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str | None] = mapped_column(String(16))
    domain: Mapped[str | None] = mapped_column(String(255))
    months: Mapped[int | None] = mapped_column(Integer)
    is_refund: Mapped[bool] = mapped_column(Boolean)
    client_transaction_id: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))

    __table_args__ = (
        UniqueConstraint("registrar", "line_id"),
        Index("ix_charges_registrar_at", "registrar", "at"),
        Index("ix_charges_order_id", "order_id"),
    )


class Duty(Base):
    """Something done on a schedule: a row, claimed by a conditional update, so that two clocks do it once."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    due_at: Mapped[datetime]
    last_run_at: Mapped[datetime | None]


class ApiKey(Base):
    """A portal's key: what is kept is its digest, and what it may do."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RuleVersion(Base):
    """A version of the rules as it was read, kept so that a decision of years ago can be explained."""

    __tablename__ = "rule_versions"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    effective_from: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64))
    text: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
