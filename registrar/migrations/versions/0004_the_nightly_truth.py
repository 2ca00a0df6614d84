"""The nightly truth: what each source told last of each name, the runs that asked, what they would change, staff's pins."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pins",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_text", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("ticket", sa.String(length=255), nullable=False),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
    )
    op.create_index(
        "uq_pins_open",
        "pins",
        ["domain"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "readings",
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("lane", sa.String(length=300), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", _IDENTITY, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("standing", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ours", sa.Boolean(), nullable=True),
        sa.Column("sponsor", sa.String(length=255), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_text", sa.String(length=64), nullable=True),
        sa.Column("expiry_is_temporary", sa.Boolean(), nullable=False),
        sa.Column("renewed_by_registry", sa.Boolean(), nullable=False),
        sa.Column("renew_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("auto_renews", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statuses", sa.JSON(), nullable=True),
        sa.Column("nameservers", sa.JSON(), nullable=True),
        sa.Column("suspect", sa.String(length=16), nullable=True),
        sa.Column("suspect_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspect_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspect_times", sa.Integer(), nullable=False),
        sa.Column("suspect_sponsor", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("domain", "source", name=op.f("pk_readings")),
    )
    op.create_index(
        "ix_readings_lane_urgency_due_at", "readings", ["lane", "urgency", "due_at"], unique=False
    )
    op.create_table(
        "sync_runs",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("slot", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("enlisted_to", sa.String(length=255), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_sync_runs_slot",
        "sync_runs",
        ["slot"],
        unique=True,
        sqlite_where=sa.text("slot"),
        postgresql_where=sa.text("slot"),
    )
    op.create_table(
        "sync_changes",
        sa.Column("id", _IDENTITY, nullable=False),
        sa.Column("run_id", _IDENTITY, nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("was_quarantined", sa.Boolean(), nullable=False),
        sa.Column("is_first_word", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_why", sa.String(length=64), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=True),
        sa.Column("ticket", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["sync_runs.id"], name=op.f("fk_sync_changes_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_sync_changes_listed",
        "sync_changes",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('proposed', 'quarantined')"),
        postgresql_where=sa.text("state IN ('proposed', 'quarantined')"),
    )
    op.create_index("ix_sync_changes_domain_id", "sync_changes", ["domain", "id"], unique=False)
    op.create_index(
        "ix_sync_changes_run_id_state_kind", "sync_changes", ["run_id", "state", "kind"], unique=False
    )
    op.create_index(
        "uq_sync_changes_open",
        "sync_changes",
        ["domain", "kind"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'quarantined')"),
        postgresql_where=sa.text("state IN ('proposed', 'quarantined')"),
    )
    op.add_column("domains", sa.Column("doubted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("domains", sa.Column("doubted_why", sa.String(length=32), nullable=True))
    op.create_index(
        "ix_domains_confirmed_at",
        "domains",
        ["confirmed_at"],
        unique=False,
        sqlite_where=sa.text("gone_at IS NULL"),
        postgresql_where=sa.text("gone_at IS NULL"),
    )


def downgrade() -> None:
    raise NotImplementedError(
        "what the sources told would be lost: take a backup and restore the old one instead"
    )
