"""Who are the customers, what keeps their orders waiting, what are they told, and what do they report?"""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from registrar.models.base import Base


class Customer(Base):
    """Somebody who pays us, as far as we must be able to write to him (E2, O1, C2). Addresses are sealed (D10)."""

    __tablename__ = "customers"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    sealed: Mapped[str | None] = mapped_column(Text)
    """`email` and the name to be addressed by."""
    language: Mapped[str] = mapped_column(String(2), default="fa")
    changed_at: Mapped[datetime]


class CustomerHold(Base):
    """A customer whose orders wait: his identity is in doubt (O6), or a debt was warned of and not paid (F5)."""

    __tablename__ = "customer_holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(String(255))
    cause: Mapped[str] = mapped_column(String(16))
    """`identity` or `debt`."""
    holder_in_doubt: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether it is the holder's own identity that is in doubt: then it stops a transfer out too (D7)."""
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    documents_due_by: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_customer_holds_open",
            "customer",
            "cause",
            unique=True,
            sqlite_where=sql("released_at IS NULL"),
            postgresql_where=sql("released_at IS NULL"),
        ),
    )


class Notice(Base):
    """Something we owe a customer to say, once: planned ahead, re-checked when sent, never sent twice (E2, O1, O11)."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), unique=True)
    """What makes it the same notice: `expiry:<domain>:<paid through, a date>:<offset in days>`, `delivered:<order>` …"""
    kind: Mapped[str] = mapped_column(String(32))
    customer: Mapped[str] = mapped_column(String(255))
    domain: Mapped[str | None] = mapped_column(String(255))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    paid_through: Mapped[datetime | None]
    """Of an expiry notice: the date that it is about; another date in the books makes it needless."""
    offset_days: Mapped[int | None] = mapped_column(Integer)
    facts: Mapped[dict[str, Any]]
    """What the text is made from; no address and no secret."""
    planned_at: Mapped[datetime]
    scheduled_for: Mapped[datetime]
    """When it was to be sent; `due_at` moves on with each try."""
    due_at: Mapped[datetime | None]
    """When it is to be sent, or tried again, or is given up as unknown while `sending`; None once it has ended."""
    rung_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))
    """`planned`, `sending`, `sent`, `unknown` (accepted or not, nobody knows; never repeated), `refused`, `bounced`,
    `needless` (renewed, gone, overtaken by a later one), `no_address`."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    language: Mapped[str | None] = mapped_column(String(2))
    message_id: Mapped[str | None] = mapped_column(String(255))
    ended_at: Mapped[datetime | None]
    said: Mapped[str | None] = mapped_column(Text)
    """What the mail server answered, or why it was not sent; no address is in it."""

    __table_args__ = (
        Index(
            "ix_notices_due_at",
            "due_at",
            sqlite_where=sql("due_at IS NOT NULL"),
            postgresql_where=sql("due_at IS NOT NULL"),
        ),
        Index("ix_notices_domain_id", "domain", "id"),
        Index("ix_notices_customer_id", "customer", "id"),
        Index("ix_notices_message_id", "message_id"),
    )


class Report(Base):
    """A customer's word that something is wrong, stamped in time or late (E3, O8, O9)."""

    __tablename__ = "reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    kind: Mapped[str] = mapped_column(String(32))
    """`renewal_not_done` (E3), `not_delivered` (O8), `differs` (O9)."""
    ticket: Mapped[str] = mapped_column(String(255))
    channel: Mapped[str] = mapped_column(String(16))
    documentary: Mapped[bool] = mapped_column(Boolean)
    """Whether the channel binds for what is reported (C2)."""
    reported_at: Mapped[datetime]
    deadline: Mapped[datetime | None]
    in_time: Mapped[bool] = mapped_column(Boolean)
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("order_id", "kind", "ticket"),)
