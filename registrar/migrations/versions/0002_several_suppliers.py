"""Several suppliers: an order's route, the deposits as they were read, the registrars' own statements."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("orders", sa.Column("route", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "deposit_readings",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("registrar", sa.String(length=64), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("balance", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit_readings")),
    )
    op.create_index("ix_deposit_readings_registrar_id", "deposit_readings", ["registrar", "id"])
    op.create_table(
        "charges",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("registrar", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.String(length=128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_text", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("domain", sa.String(length=255), nullable=True),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("is_refund", sa.Boolean(), nullable=False),
        sa.Column("client_transaction_id", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("order_id", _IDENTITY, nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_charges_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
        sa.UniqueConstraint("registrar", "line_id", name=op.f("uq_charges_registrar_line_id")),
    )
    op.create_index("ix_charges_registrar_at", "charges", ["registrar", "at"])
    op.create_index("ix_charges_order_id", "charges", ["order_id"])


def downgrade() -> None:
    raise NotImplementedError(
        "statements and routes would be lost: take a backup and restore the old one instead"
    )
