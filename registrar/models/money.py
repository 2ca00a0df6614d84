"""Whose money is where? The ledger's tables, what is owed, and slips handed in."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from registrar.models.base import Base

IS_ENDING_GIFT = "bucket LIKE 'gift-%'"
"""What makes an account one of gift with an end; a query that says it word for word finds it by its index."""


class Account(Base):
    """Somebody's money in one currency: a customer's bucket, or one of the house's own accounts."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(16))
    """`customer` accounts carry a running balance and never go below zero; `house` accounts carry neither."""
    name: Mapped[str] = mapped_column(String(255))
    """The customer, or the house account (`outside`, `orders`, `earned`, `forfeited`, `gifts`, `lapsed`, `owed`)."""
    bucket: Mapped[str] = mapped_column(String(16))
    """A customer's: `cash`, `repurchase`, `gift` or, for gift with an end, `gift-20270321`; a house account's is `main`."""
    currency: Mapped[str] = mapped_column(String(3))

    __table_args__ = (
        UniqueConstraint("owner", "name", "bucket", "currency"),
        UniqueConstraint("id", "currency"),
        CheckConstraint("owner IN ('customer', 'house')", name="owner"),
        Index(
            "ix_accounts_gift",
            "bucket",
            sqlite_where=sql(IS_ENDING_GIFT),
            postgresql_where=sql(IS_ENDING_GIFT),
        ),
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
    line: Mapped[str | None] = mapped_column(String(32).with_variant(String(64), "postgresql"))
    """The order's own line for money from outside or from cash; `<line>.<bucket>` for a share from another bucket."""
    phase: Mapped[int | None] = mapped_column(Integer)
    """1 takes the money into the order; 2 takes it as earned *or* credits it back."""
    reference: Mapped[str | None] = mapped_column(String(255))
    about_order_id: Mapped[int | None]
    """Of a movement outside an order's two phases: the order that it is about (compensation, a fee booked later)."""

    __table_args__ = (
        Index(
            "ix_movements_about_order_id",
            "about_order_id",
            sqlite_where=sql("about_order_id IS NOT NULL"),
            postgresql_where=sql("about_order_id IS NOT NULL"),
        ),
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


class Debt(Base):
    """What a customer owes: a payment that was taken back, a fee that was no gate (F3, F5, F7). Settled in one sum.

    The house's account `owed` holds the other side: its balance is what all open debts come to, with the sign turned.
    """

    __tablename__ = "debts"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(String(255))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    cause: Mapped[str] = mapped_column(String(32))
    """`payment_reversed`, `transfer_out_fee`, `penalty`."""
    reference: Mapped[str] = mapped_column(String(255))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    since: Mapped[datetime]
    warned_at: Mapped[datetime | None]
    """When the customer was warned, in writing and recorded: before it no service is stopped for it (F5)."""
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(16))
    """`set_off` or `paid`."""

    __table_args__ = (
        UniqueConstraint("cause", "reference"),
        Index("ix_debts_customer_id", "customer", "id"),
        CheckConstraint("amount > 0", name="amount"),
    )


class Slip(Base):
    """A bank slip that a customer handed in for a top-up, once per number (F6)."""

    __tablename__ = "slips"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(64))
    """Once, unless it was refused: that may have been somebody's slip of the pen."""
    customer: Mapped[str] = mapped_column(String(255))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    paid_on: Mapped[datetime]
    """The end of the day that is written on it."""
    handed_in_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(32))
    """`booked`, `waits_for_original` (staff), `refused`."""
    reason: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_slips_number",
            "number",
            unique=True,
            sqlite_where=sql("state <> 'refused'"),
            postgresql_where=sql("state <> 'refused'"),
        ),
        Index("ix_slips_customer_id", "customer", "id"),
        CheckConstraint("amount > 0", name="amount"),
    )
