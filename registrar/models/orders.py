"""What is ordered, and what is it done to? Orders with all that belongs to them, and the names in our books."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from registrar.models.base import Base


class Order(Base):
    """What a customer asked, once. The row is the truth; `registrar.orders` moves it."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), unique=True)
    """The portal's own key, one space for HTTP, files and messages."""
    key_digest: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    customer: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    domain: Mapped[str] = mapped_column(String(255))
    zone: Mapped[str] = mapped_column(String(255))
    lane: Mapped[str] = mapped_column(String(16))
    registrar: Mapped[str] = mapped_column(String(64))
    route: Mapped[list[str]]
    """Where it may go instead, in order of preference, as long as nothing was sent."""
    months: Mapped[int] = mapped_column(Integer)
    expected_expiry: Mapped[str | None] = mapped_column(String(64))
    """A renewal's: the expiry it was ordered against, as a date or an instant, or `any`."""
    details: Mapped[dict[str, Any]]
    """What may be read: name servers, contact handles."""
    sealed: Mapped[str | None] = mapped_column(Text)
    """What may not: the auth code, contacts' data."""
    price_amount: Mapped[int]
    price_currency: Mapped[str] = mapped_column(String(3))
    payment: Mapped[str] = mapped_column(String(16))
    payment_reference: Mapped[str | None] = mapped_column(String(255))
    paid_at: Mapped[datetime]
    placed_at: Mapped[datetime]

    state: Mapped[str] = mapped_column(String(16))
    state_since: Mapped[datetime]
    slot: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether this order holds its name in its lane."""
    claims: Mapped[int] = mapped_column(Integer, default=0)
    """How often a worker took it up: the fence of everything before begin."""
    attempt_number: Mapped[int] = mapped_column(Integer, default=0)
    """The fence of everything after begin."""
    crashes: Mapped[int] = mapped_column(Integer, default=0)
    """Leases that ran out with no outcome; a few of them make the order poison."""
    lease_until: Mapped[datetime | None]
    guard: Mapped[dict[str, Any] | None]
    """What the name was like before the first attempt: the renewal's current expiry, and what proves it done."""
    absent_after: Mapped[datetime | None]
    """The earliest instant at which a look can count as proof of absence (late limit after the last silence)."""
    refusal: Mapped[dict[str, Any] | None]
    """A refusal that waits for a look to agree."""
    failed_looks: Mapped[int] = mapped_column(Integer, default=0)
    registry_id: Mapped[str | None] = mapped_column(String(128))

    promise_by: Mapped[datetime]
    """The order in which work is taken up: the earliest promise first."""
    due_at: Mapped[datetime | None]
    rung_until: Mapped[datetime | None]
    waiting_reason: Mapped[str | None] = mapped_column(Text)
    turn: Mapped[str | None] = mapped_column(String(16))
    """Whose turn it is while held: `customer` or `staff`."""
    needs: Mapped[str | None] = mapped_column(String(32))
    hold_reason: Mapped[str | None] = mapped_column(Text)
    correct_by: Mapped[datetime | None]
    ended_reason: Mapped[str | None] = mapped_column(String(32))
    expires_at: Mapped[datetime | None]
    """The confirmed new expiry of a completed order."""
    expires_text: Mapped[str | None] = mapped_column(String(64))

    promise: Mapped[dict[str, Any] | None]
    """What the agreement promised when it was placed, and from which inputs: the rules' version, the class of a renewal
    and its limits, what is credited if it fails. Later versions of the rules do not change it (A1)."""
    due_by: Mapped[datetime | None]
    """The end of its delivery time (O2)."""
    cancellable_from: Mapped[datetime | None]
    """From when its customer may cancel it (O2)."""
    quote_id: Mapped[int | None]
    requested_via: Mapped[str | None] = mapped_column(String(16))
    """The channel by which the customer asked the company for it (C2)."""
    approval: Mapped[str | None] = mapped_column(String(16))
    """`needed` until staff approve it with a ticket, then `given` (O5); None: it needs none."""
    claim_id: Mapped[int | None]
    """Of a lock or an unlock: the claim that it is for (D9)."""

    __table_args__ = (
        Index(
            "uq_orders_slot",
            "domain",
            "lane",
            unique=True,
            sqlite_where=sql("slot"),
            postgresql_where=sql("slot"),
        ),
        Index(
            "ix_orders_due",
            "registrar",
            "promise_by",
            "due_at",
            sqlite_where=sql("due_at IS NOT NULL"),
            postgresql_where=sql("due_at IS NOT NULL"),
        ),
        Index(
            "ix_orders_in_flight",
            "registrar",
            sqlite_where=sql("lease_until IS NOT NULL"),
            postgresql_where=sql("lease_until IS NOT NULL"),
        ),
        Index(
            "ix_orders_waiting_for_name",
            "domain",
            sqlite_where=sql("state = 'placed'"),
            postgresql_where=sql("state = 'placed'"),
        ),
        Index("ix_orders_domain_id", "domain", "id"),
        Index("ix_orders_customer_id", "customer", "id"),
        Index("ix_orders_state_id", "state", "id"),
        Index(
            "ix_orders_overdue",
            "due_by",
            sqlite_where=sql("state NOT IN ('completed', 'refused', 'cancelled')"),
            postgresql_where=sql("state NOT IN ('completed', 'refused', 'cancelled')"),
        ),
        Index(
            "ix_orders_claim_id",
            "claim_id",
            sqlite_where=sql("claim_id IS NOT NULL"),
            postgresql_where=sql("claim_id IS NOT NULL"),
        ),
        Index(
            "ix_orders_payment_reference",
            "payment_reference",
            sqlite_where=sql("payment_reference IS NOT NULL"),
            postgresql_where=sql("payment_reference IS NOT NULL"),
        ),
        CheckConstraint("price_amount >= 0", name="price"),
        {"sqlite_autoincrement": True},
    )


class Attempt(Base):
    """One begin, send, settle of an order; committed before a byte leaves."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[int] = mapped_column(Integer)
    client_transaction_id: Mapped[str] = mapped_column(String(64), unique=True)
    guard: Mapped[dict[str, Any]]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    result_code: Mapped[str | None] = mapped_column(String(32))
    result_text: Mapped[str | None] = mapped_column(Text)
    server_transaction_id: Mapped[str | None] = mapped_column(String(128))
    transcript: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("order_id", "number"),)


class Look(Base):
    """One sighting made for an order, and what it was judged to mean."""

    __tablename__ = "looks"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    attempt_number: Mapped[int] = mapped_column(Integer)
    seen_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(64))
    standing: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[str] = mapped_column(String(16))
    counts: Mapped[bool] = mapped_column(Boolean)
    """Whether it is late enough to prove an absence."""
    evidence: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_looks_order_id_attempt_number", "order_id", "attempt_number"),)


_REPLAN = (
    "(paid_through IS NOT NULL AND (notices_for IS NULL OR notices_for <> paid_through)) AND gone_at IS NULL"
)


class Domain(Base):
    """A name that we look after, with its three dates kept apart (D4)."""

    __tablename__ = "domains"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    zone: Mapped[str] = mapped_column(String(255))
    customer: Mapped[str] = mapped_column(String(255))
    registrar: Mapped[str] = mapped_column(String(64))
    registry_id: Mapped[str | None] = mapped_column(String(128))
    registry_expires_at: Mapped[datetime | None]
    registry_expires_text: Mapped[str | None] = mapped_column(String(64))
    registry_expiry_source: Mapped[str | None] = mapped_column(String(64))
    renew_by: Mapped[datetime | None]
    paid_through: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    """When the authority last confirmed it: by an order that was completed, or by a reading (D4)."""
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    gone_at: Mapped[datetime | None]
    """When it left us: transferred out, deleted, lost. Nothing is promised or noticed after."""
    gone_why: Mapped[str | None] = mapped_column(String(32))
    notices_for: Mapped[datetime | None]
    """The `paid_through` that its expiry notices are planned for; another one means: plan anew (E2)."""
    doubted_at: Mapped[datetime | None]
    """Since when two looks, nights apart, have agreed that it is not with us any more: reminders wait meanwhile."""
    doubted_why: Mapped[str | None] = mapped_column(String(32))
    """Who says what: a source, or several that agree (`rdap+registrar`), and `left` (it is with another registrar) or `gone`
    (it is not registered)."""

    __table_args__ = (
        Index("ix_domains_customer_name", "customer", "name"),
        Index(
            "ix_domains_confirmed_at",
            "confirmed_at",
            sqlite_where=sql("gone_at IS NULL"),
            postgresql_where=sql("gone_at IS NULL"),
        ),
        Index("ix_domains_paid_through", "paid_through"),
        Index(
            "ix_domains_replan",
            "name",
            sqlite_where=sql(_REPLAN),
            postgresql_where=sql(_REPLAN),
        ),
    )


class UsedKey(Base):
    """A key that stands for an order or for a rejection, never for both: whoever reads a rejection may rely on it."""

    __tablename__ = "used_keys"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)


class Rejection(Base):
    """An order that came by message and could not be taken, kept so that the portal can read why under its key."""

    __tablename__ = "rejections"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(String(255), index=True)
    received_at: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(64))
    field: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)


class OrderLine(Base):
    """A line of an order beside the name itself: a fee, or a service that depends on it (D6, E4).

    Its money is in the ledger under the same order and line; `ended` says what became of it.
    """

    __tablename__ = "order_lines"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    line: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """`fee` or `service`."""
    text: Mapped[str] = mapped_column(String(255))
    amount: Mapped[int]
    refundable: Mapped[bool] = mapped_column(Boolean)
    """Of a fee: whether it is credited when the order is refused."""
    delivered: Mapped[bool] = mapped_column(Boolean, default=False)
    ended: Mapped[str | None] = mapped_column(String(16))
    """`earned`, `credited`, `kept` (not refundable, or delivered), `undecided`; None while the order runs."""
    ended_why: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (CheckConstraint("amount >= 0", name="amount"),)


class Quote(Base):
    """A price promised to one customer until a moment: a proforma with a deadline (O4)."""

    __tablename__ = "quotes"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(String(255))
    domain: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    months: Mapped[int] = mapped_column(Integer)
    price_amount: Mapped[int]
    price_currency: Mapped[str] = mapped_column(String(3))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answer: Mapped[dict[str, Any]]
    """What was told: class, dates, fees, words, rules' version."""

    __table_args__ = (Index("ix_quotes_customer_id", "customer", "id"),)
