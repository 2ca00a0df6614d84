"""Which names does somebody else claim, and which are on their way out?"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from registrar.models.base import Base


class Claim(Base):
    """A third party's claim to a name, from its assertion to its end (D9). `registrar.claims` moves it.

    What was the case at any moment is read from its events (`subject = claim:<id>`).
    """

    __tablename__ = "claims"

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(255))
    zone: Mapped[str] = mapped_column(String(255))
    registrar: Mapped[str] = mapped_column(String(64))
    procedure: Mapped[str] = mapped_column(String(16))
    """`udrp`, `urs`, `irdrp`, `court`."""
    reference: Mapped[str] = mapped_column(String(128))
    """The case or document number; no person's name (D10)."""
    state: Mapped[str] = mapped_column(String(16))
    """`asserted`, `proceeding`, `upheld`, `dismissed`, `ruled` (the ruling is carried out), `closed`."""
    state_since: Mapped[datetime]
    asserted_at: Mapped[datetime]
    block_mode: Mapped[str] = mapped_column(String(16))
    """`lock` (transfer, update and delete prohibited) or `hold` (out of the DNS as well)."""
    ruling: Mapped[str | None] = mapped_column(String(16))
    """`transfer`, `cancel`, `none`."""
    ruling_due_at: Mapped[datetime | None]
    """From when the ruling may be carried out; None with a ruling: a court filing stops it."""
    carried_by: Mapped[str | None] = mapped_column(String(16))
    """Of a ruling that is carried out: `order`, `hand` (staff's errands), `registry`."""
    ruling_order_id: Mapped[int | None]
    """The order by which it is carried out; our gate lets it through once our lock is off."""
    carried_out_at: Mapped[datetime | None]
    disclose_from: Mapped[datetime | None]
    """Before it the respondent's timeline and refusals say nothing of the claim."""
    prior_statuses: Mapped[list[str] | None]
    """The client statuses that the name had before our lock, by the look that preceded it; a release goes back to them."""
    lock: Mapped[str] = mapped_column(String(16))
    """`none`, `wanted`, `locked` (shown by a look), `cannot` (no lock there, or none is shown), `lost`, `released`."""
    lock_by: Mapped[datetime | None]
    """The deadline of the lock, or of its release, in business days of the zone."""
    verified_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """When the watchdog looks next."""
    rung_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_claims_domain_id", "domain", "id"),
        Index(
            "ix_claims_due_at",
            "due_at",
            sqlite_where=sql("due_at IS NOT NULL"),
            postgresql_where=sql("due_at IS NOT NULL"),
        ),
    )


class Confirmation(Base):
    """Who confirmed a claim, when, on what evidence: the company, or an authority (D9)."""

    __tablename__ = "confirmations"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    by: Mapped[str] = mapped_column(String(16))
    """`company`, or the authority: `iranian`, `international`."""
    who: Mapped[str] = mapped_column(String(255))
    """An office, never a person (D10)."""
    at: Mapped[datetime]
    evidence: Mapped[str] = mapped_column(Text)
    """A document's number."""

    __table_args__ = (UniqueConstraint("claim_id", "by", "who"),)


class Departure(Base):
    """A customer's wish to take a name to a panel outside, followed to its end (D7). `registrar.departures` moves it."""

    __tablename__ = "departures"

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(255))
    zone: Mapped[str] = mapped_column(String(255))
    customer: Mapped[str] = mapped_column(String(255))
    registrar: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    evidence: Mapped[str] = mapped_column(Text)
    ticket: Mapped[str] = mapped_column(String(255))
    requested_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    """`denied`, `unlocking`, `code_due`, `open` (the code was given), `left`, `stopped`, `ended`; `barred` is a ground
    that staff have put on record before anybody asked."""
    state_since: Mapped[datetime]
    ground: Mapped[str | None] = mapped_column(String(32))
    """Of a denial or a stop: which of the only grounds."""
    until: Mapped[datetime | None]
    """Until when that ground holds, where it passes by itself."""
    claim_id: Mapped[int | None]
    """The claim that it is denied or stopped for (D9)."""
    lifted_at: Mapped[datetime | None]
    """When staff lifted the ground that they had stated."""
    code_by: Mapped[datetime | None]
    code_asked_until: Mapped[datetime | None]
    """While it lies ahead, somebody is being handed the code."""
    code_given_at: Mapped[datetime | None]
    follow_until: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    rung_until: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_departures_open",
            "domain",
            unique=True,
            sqlite_where=sql("state IN ('unlocking', 'code_due', 'open')"),
            postgresql_where=sql("state IN ('unlocking', 'code_due', 'open')"),
        ),
        Index("ix_departures_domain_id", "domain", "id"),
        Index("ix_departures_state_id", "state", "id"),
        Index(
            "ix_departures_due_at",
            "due_at",
            sqlite_where=sql("due_at IS NOT NULL"),
            postgresql_where=sql("due_at IS NOT NULL"),
        ),
    )
