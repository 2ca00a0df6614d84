"""The agreement: promises, lines, quotes, debts, slips, customers, notices, reports, claims, departures, rule versions."""

import sqlalchemy as sa
from alembic import op

from registrar.migrations.ledger_rules_agreement import STATEMENTS

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("zone", sa.String(length=255), nullable=False),
        sa.Column("registrar", sa.String(length=64), nullable=False),
        sa.Column("procedure", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asserted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("block_mode", sa.String(length=16), nullable=False),
        sa.Column("ruling", sa.String(length=16), nullable=True),
        sa.Column("ruling_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carried_by", sa.String(length=16), nullable=True),
        sa.Column("ruling_order_id", _IDENTITY, nullable=True),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disclose_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("prior_statuses", sa.JSON(), nullable=True),
        sa.Column("lock", sa.String(length=16), nullable=False),
        sa.Column("lock_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_domain_id", "claims", ["domain", "id"], unique=False)
    op.create_index(
        "ix_claims_due_at",
        "claims",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "customer_holds",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("customer", sa.String(length=255), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("holder_in_doubt", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("documents_due_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_holds")),
    )
    op.create_index(
        "uq_customer_holds_open",
        "customer_holds",
        ["customer", "cause"],
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "customers",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_customers")),
    )
    op.create_table(
        "departures",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("zone", sa.String(length=255), nullable=False),
        sa.Column("customer", sa.String(length=255), nullable=False),
        sa.Column("registrar", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("ticket", sa.String(length=255), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_id", _IDENTITY, nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_asked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departures")),
    )
    op.create_index(
        "ix_departures_due_at",
        "departures",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_departures_domain_id", "departures", ["domain", "id"], unique=False)
    op.create_index("ix_departures_state_id", "departures", ["state", "id"], unique=False)
    op.create_index(
        "uq_departures_open",
        "departures",
        ["domain"],
        unique=True,
        sqlite_where=sa.text("state IN ('unlocking', 'code_due', 'open')"),
        postgresql_where=sa.text("state IN ('unlocking', 'code_due', 'open')"),
    )
    op.create_table(
        "quotes",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("customer", sa.String(length=255), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("price_amount", _IDENTITY, nullable=False),
        sa.Column("price_currency", sa.String(length=3), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
    )
    op.create_index("ix_quotes_customer_id", "quotes", ["customer", "id"], unique=False)
    op.create_table(
        "rule_versions",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rule_versions")),
    )
    op.create_table(
        "slips",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("customer", sa.String(length=255), nullable=False),
        sa.Column("amount", _IDENTITY, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_slips_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slips")),
    )
    op.create_table(
        "confirmations",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("claim_id", _IDENTITY, nullable=False),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("who", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_confirmations_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
        sa.UniqueConstraint("claim_id", "by", "who", name=op.f("uq_confirmations_claim_id_by_who")),
    )
    op.create_table(
        "debts",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("customer", sa.String(length=255), nullable=False),
        sa.Column("amount", _IDENTITY, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("order_id", _IDENTITY, nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=16), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_debts_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_debts_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debts")),
        sa.UniqueConstraint("cause", "reference", name=op.f("uq_debts_cause_reference")),
    )
    op.create_index("ix_debts_customer_id", "debts", ["customer", "id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=255), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=True),
        sa.Column("order_id", _IDENTITY, nullable=True),
        sa.Column("paid_through", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offset_days", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scheduled_for", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_notices_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    op.create_index("ix_notices_customer_id", "notices", ["customer", "id"], unique=False)
    op.create_index("ix_notices_domain_id", "notices", ["domain", "id"], unique=False)
    op.create_index(
        "ix_notices_due_at",
        "notices",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_notices_message_id", "notices", ["message_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("order_id", _IDENTITY, nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(length=255), nullable=False),
        sa.Column("amount", _IDENTITY, nullable=False),
        sa.Column("refundable", sa.Boolean(), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.String(length=16), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_order_lines_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.PrimaryKeyConstraint("order_id", "line", name=op.f("pk_order_lines")),
    )
    op.create_table(
        "reports",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("order_id", _IDENTITY, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("ticket", sa.String(length=255), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("documentary", sa.Boolean(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_reports_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("order_id", "kind", "ticket", name=op.f("uq_reports_order_id_kind_ticket")),
    )
    op.create_index(
        "ix_events_subject_id",
        "events",
        ["subject", "id"],
        unique=False,
        sqlite_where=sa.text("subject IS NOT NULL"),
        postgresql_where=sa.text("subject IS NOT NULL"),
    )
    op.add_column("domains", sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("domains", sa.Column("gone_why", sa.String(length=32), nullable=True))
    op.add_column("domains", sa.Column("notices_for", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_domains_paid_through", "domains", ["paid_through"], unique=False)
    op.create_index(
        "ix_domains_replan",
        "domains",
        ["name"],
        unique=False,
        sqlite_where=sa.text(
            "(paid_through IS NOT NULL AND (notices_for IS NULL OR notices_for <> paid_through)) AND gone_at IS NULL"
        ),
        postgresql_where=sa.text(
            "(paid_through IS NOT NULL AND (notices_for IS NULL OR notices_for <> paid_through)) AND gone_at IS NULL"
        ),
    )
    op.add_column(
        "holds", sa.Column("kind", sa.String(length=16), server_default="operational", nullable=False)
    )
    op.add_column("holds", sa.Column("evidence", sa.Text(), nullable=True))
    op.add_column("holds", sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_holds_registrar_since", "holds", ["registrar", "since"], unique=False)
    op.add_column("movements", sa.Column("about_order_id", _IDENTITY, nullable=True))
    op.create_index(
        "ix_movements_about_order_id",
        "movements",
        ["about_order_id"],
        unique=False,
        sqlite_where=sa.text("about_order_id IS NOT NULL"),
        postgresql_where=sa.text("about_order_id IS NOT NULL"),
    )
    op.add_column("orders", sa.Column("promise", sa.JSON(), nullable=True))
    op.add_column("orders", sa.Column("due_by", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("cancellable_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("quote_id", _IDENTITY, nullable=True))
    op.add_column("orders", sa.Column("requested_via", sa.String(length=16), nullable=True))
    op.add_column("orders", sa.Column("approval", sa.String(length=16), nullable=True))
    op.add_column("orders", sa.Column("claim_id", _IDENTITY, nullable=True))
    op.create_index(
        "ix_orders_claim_id",
        "orders",
        ["claim_id"],
        unique=False,
        sqlite_where=sa.text("claim_id IS NOT NULL"),
        postgresql_where=sa.text("claim_id IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_overdue",
        "orders",
        ["due_by"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('completed', 'refused', 'cancelled')"),
        postgresql_where=sa.text("state NOT IN ('completed', 'refused', 'cancelled')"),
    )
    _ledger()


def _ledger() -> None:
    """Let the books hold an order's shares, find a payment that is taken back, and keep the agreement's rules."""
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":  # SQLite asks for no width, and would rebuild the table for one
        op.alter_column("movements", "line", type_=sa.String(length=64))
    op.create_index(
        "ix_orders_payment_reference",
        "orders",
        ["payment_reference"],
        unique=False,
        sqlite_where=sa.text("payment_reference IS NOT NULL"),
        postgresql_where=sa.text("payment_reference IS NOT NULL"),
    )
    op.create_index(
        "ix_accounts_gift",
        "accounts",
        ["bucket"],
        unique=False,
        sqlite_where=sa.text("bucket LIKE 'gift-%'"),
        postgresql_where=sa.text("bucket LIKE 'gift-%'"),
    )
    op.create_index(
        "uq_slips_number",
        "slips",
        ["number"],
        unique=True,
        sqlite_where=sa.text("state <> 'refused'"),
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_index("ix_slips_customer_id", "slips", ["customer", "id"], unique=False)
    for statement in STATEMENTS[dialect]:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError(
        "claims, debts and promises would be lost: take a backup and restore the old one instead"
    )
