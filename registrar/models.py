"""What is stored? The tables, as typed mappings; the life of a row is told in the modules that move it.

Everything that must happen later has a row with `due_at`. Times are aware UTC. Sealed columns hold what must not be
read in the database (auth codes, people's data).
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Identity = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept as UTC; a naive one is refused. SQLite drops zones, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The tables' common ground."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: JSON(), list[str]: JSON(), int: Identity}  # noqa: RUF012 - SQLAlchemy's declaration


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
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))

    __table_args__ = (Index("ix_domains_customer_name", "customer", "name"),)


class Account(Base):
    """Somebody's money in one currency: a customer's bucket, or one of the house's own accounts."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(16))
    """`customer` accounts carry a running balance and never go below zero; `house` accounts carry neither."""
    name: Mapped[str] = mapped_column(String(255))
    """The customer, or the house account (`outside`, `orders`, `earned`)."""
    bucket: Mapped[str] = mapped_column(String(16))
    currency: Mapped[str] = mapped_column(String(3))

    __table_args__ = (
        UniqueConstraint("owner", "name", "bucket", "currency"),
        UniqueConstraint("id", "currency"),
        CheckConstraint("owner IN ('customer', 'house')", name="owner"),
    )


class Movement(Base):
    """Money moved from one account to another: balanced by construction, never changed (F1)."""

    __tablename__ = "movements"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    from_account: Mapped[int]
    to_account: Mapped[int]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    kind: Mapped[str] = mapped_column(String(32))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    line: Mapped[str | None] = mapped_column(String(32))
    phase: Mapped[int | None] = mapped_column(Integer)
    """1 takes the money into the order; 2 takes it as earned *or* credits it back."""
    reference: Mapped[str | None] = mapped_column(String(255))

    __table_args__ = (
        ForeignKeyConstraint(
            ["from_account", "currency"], ["accounts.id", "accounts.currency"], name="fk_movements_from"
        ),
        ForeignKeyConstraint(
            ["to_account", "currency"], ["accounts.id", "accounts.currency"], name="fk_movements_to"
        ),
        UniqueConstraint("order_id", "line", "phase"),
        UniqueConstraint("kind", "reference"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("from_account <> to_account", name="apart"),
        CheckConstraint(
            "(order_id IS NULL) = (phase IS NULL) AND (order_id IS NULL) = (line IS NULL)", name="phase"
        ),
        CheckConstraint("phase IN (1, 2)", name="phases"),
        {"sqlite_autoincrement": True},
    )


class Entry(Base):
    """A customer account's statement line, written by the database itself for each movement that touches it."""

    __tablename__ = "entries"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    movement_id: Mapped[int] = mapped_column(ForeignKey("movements.id"))
    amount: Mapped[int]
    """Signed: what the account gained."""
    balance: Mapped[int]
    """After this line."""

    __table_args__ = (
        UniqueConstraint("movement_id", "account_id"),
        CheckConstraint("balance >= 0", name="balance"),
        CheckConstraint("sequence > 0", name="sequence"),
    )


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

    __table_args__ = (Index("ix_events_order_id_id", "order_id", "id"), {"sqlite_autoincrement": True})


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
    """A registrar to which nothing is sent for now, and why (O3)."""

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    registrar: Mapped[str] = mapped_column(String(64))
    cause: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    probe_at: Mapped[datetime | None]
    """When one order may be sent to see whether the cause is gone; None: only staff release it."""
    released_at: Mapped[datetime | None]

    __table_args__ = (
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
