"""What do the sources say of each name, night by night? Readings, the runs that made them, what they would change, pins.

A reading is only what a source told. The books (`domains`) change by a change that was judged, proposed, and applied at
the end of a run; `registrar.sync` moves these rows.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from registrar.models.base import Base


class Reading(Base):
    """What one source told last about one name, and when it is asked again."""

    __tablename__ = "readings"

    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    """`registrar`, `rdap`, `whois`."""
    lane: Mapped[str] = mapped_column(String(300))
    """Who is asked: `registrar:<name>`, `rdap:<zone>`, `whois:<zone>`."""
    urgency: Mapped[int] = mapped_column(Integer)
    """0 near a rule's boundary, 1 soon, 2 far."""
    due_at: Mapped[datetime]
    taken_until: Mapped[datetime | None]
    """While it lies ahead somebody is asking."""
    run_id: Mapped[int | None]
    """The run that asked last, or is asking."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """How often in a row the answer was unknown."""
    told_at: Mapped[datetime | None]
    """When it last told whether the name is registered; all below but `reason` is of that answer."""
    asked_at: Mapped[datetime | None]
    standing: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    """Why the latest answer was unknown, where it was."""
    ours: Mapped[bool | None] = mapped_column(Boolean)
    sponsor: Mapped[str | None] = mapped_column(String(255))
    """Who has the name, by the last look that was judged and named somebody."""
    expires_at: Mapped[datetime | None]
    expires_text: Mapped[str | None] = mapped_column(String(64))
    """Of the last date that it told; without `expires_at` it tells none any more."""
    expiry_is_temporary: Mapped[bool] = mapped_column(Boolean, default=False)
    renewed_by_registry: Mapped[bool] = mapped_column(Boolean, default=False)
    renew_by: Mapped[datetime | None]
    auto_renews: Mapped[bool | None] = mapped_column(Boolean)
    created_at: Mapped[datetime | None]
    statuses: Mapped[list[str] | None]
    nameservers: Mapped[list[str] | None]
    """The last ones that it told."""
    suspect: Mapped[str | None] = mapped_column(String(16))
    """What its looks agree in beside the books: `left` or `gone`."""
    suspect_since: Mapped[datetime | None]
    suspect_seen_at: Mapped[datetime | None]
    """The look that was counted last; the next one that counts is nights later."""
    suspect_times: Mapped[int] = mapped_column(Integer, default=0)
    suspect_sponsor: Mapped[str | None] = mapped_column(String(255))
    """Whom it named before it named another one: the name is back when it names him again."""

    __table_args__ = (Index("ix_readings_lane_urgency_due_at", "lane", "urgency", "due_at"),)


class SyncRun(Base):
    """One run over the readings that were due at its start: `enlisting`, `running`, `settling`, then its end."""

    __tablename__ = "sync_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(String(8))
    """`write`, or `dry`: everything is read and judged, and nothing applied."""
    state: Mapped[str] = mapped_column(String(16))
    """`enlisting`, `running`, `settling`, `stopped` (by the breaker), `done`, `unfinished` (its time was over)."""
    slot: Mapped[bool] = mapped_column(Boolean, default=True)
    """Whether it is under way: there is one run at a time."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    """When it last got on: names were enlisted or settled, or a source told something of one."""
    actor: Mapped[str] = mapped_column(String(255))
    planned: Mapped[int] = mapped_column(Integer, default=0)
    asked: Mapped[int] = mapped_column(Integer, default=0)
    told: Mapped[int] = mapped_column(Integer, default=0)
    unknown: Mapped[int] = mapped_column(Integer, default=0)
    counts: Mapped[dict[str, Any]]
    """How many changes of each kind it came to."""
    enlisted_to: Mapped[str | None] = mapped_column(String(255))
    """The name up to which the books were gone through for readings that were missing."""
    stop_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index(
            "uq_sync_runs_slot",
            "slot",
            unique=True,
            sqlite_where=sql("slot"),
            postgresql_where=sql("slot"),
        ),
        {"sqlite_autoincrement": True},
    )


class SyncChange(Base):
    """What a reading would change in the books, or tell staff, until it is applied or decided otherwise."""

    __tablename__ = "sync_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("sync_runs.id"))
    """The run that decides about it: the latest that saw it, until a finding tells of it."""
    domain: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    """`proposed`, `quarantined`, `applied`, `rejected`, `overtaken`."""
    source: Mapped[str] = mapped_column(String(16))
    seen_at: Mapped[datetime]
    """When the source was seen to say so."""
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    text: Mapped[str] = mapped_column(Text)
    next_step: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime]
    seen_again_at: Mapped[datetime | None]
    times: Mapped[int] = mapped_column(Integer, default=1)
    noted_at: Mapped[datetime | None]
    """When a finding was opened about it."""
    muted: Mapped[bool] = mapped_column(Boolean, default=False)
    """Of a rejected one: nothing like it is proposed as long as the source goes on saying the same."""
    was_quarantined: Mapped[bool] = mapped_column(Boolean, default=False)
    """Of a rejected one: what is later proposed without a quarantine has more to say for it, and is not muted."""
    is_first_word: Mapped[bool] = mapped_column(Boolean, default=False)
    """Its source had told no such date before: the breaker does not count it."""
    decided_at: Mapped[datetime | None]
    decided_why: Mapped[str | None] = mapped_column(String(64))
    """Of one that was overtaken: by what."""
    actor: Mapped[str | None] = mapped_column(String(255))
    ticket: Mapped[str | None] = mapped_column(String(255))

    __table_args__ = (
        Index(
            "uq_sync_changes_open",
            "domain",
            "kind",
            unique=True,
            sqlite_where=sql("state IN ('proposed', 'quarantined')"),
            postgresql_where=sql("state IN ('proposed', 'quarantined')"),
        ),
        Index("ix_sync_changes_domain_id", "domain", "id"),
        Index(
            "ix_sync_changes_listed",
            "id",
            sqlite_where=sql("state IN ('proposed', 'quarantined')"),
            postgresql_where=sql("state IN ('proposed', 'quarantined')"),
        ),
        Index("ix_sync_changes_run_id_state_kind", "run_id", "state", "kind"),
        {"sqlite_autoincrement": True},
    )


class Pin(Base):
    """A date that staff hold fast against what the sources say, until a day (C1)."""

    __tablename__ = "pins"

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(255))
    expires_at: Mapped[datetime]
    expires_text: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(255))
    ticket: Mapped[str] = mapped_column(String(255))
    pinned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_pins_open",
            "domain",
            unique=True,
            sqlite_where=sql("ended_at IS NULL"),
            postgresql_where=sql("ended_at IS NULL"),
        ),
    )
