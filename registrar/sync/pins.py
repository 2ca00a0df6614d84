"""Which dates do staff hold fast against what the sources say, and until when? Each with a reason, a ticket and an end.

A pin is an act by hand (C1): it writes its date into the books, and while it lasts no date of a source is proposed. When it
is over, the next look is judged against it like against any date.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from registrar import events
from registrar.commands import Expiry
from registrar.database import try_write
from registrar.models import Domain, Pin, SyncChange
from registrar.sync import applying, rows
from registrar.sync.rows import IS_OPEN
from registrar.sync.vocabulary import REGISTRY_DATES

BY_STAFF = "pin"
"""Where a registry's date is from that staff pinned."""


class PinRefusedError(Exception):
    """The pin cannot be set or taken away; `code` is stable, the message says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class PinView:
    """A pin that holds."""

    id: int
    domain: str
    expires_at: datetime
    expires_text: str
    until: datetime
    reason: str
    actor: str
    ticket: str
    pinned_at: datetime


def pin(
    connection: Connection,
    domain: str,
    *,
    expires: Expiry,
    until: datetime,
    reason: str,
    actor: str,
    ticket: str,
    now: datetime,
) -> int:
    """Hold a name's expiry at a date until a moment, and return the pin's number.

    Raises `PinRefusedError` for a name that is not with us, one that is pinned already, and an end that has passed.
    """
    if until <= now:
        raise PinRefusedError(
            "pin_over", f"the pin would end at {until:%Y-%m-%d %H:%M} UTC, which has passed"
        )
    known = select(Domain.__table__).where(Domain.name == domain, Domain.gone_at.is_(None))
    row = connection.execute(known.with_for_update(key_share=True)).first()
    if row is None:
        raise PinRefusedError("name_unknown", f"our books do not have {domain}")
    held = insert(Pin).values(
        domain=domain,
        expires_at=expires.at,
        expires_text=expires.text,
        until=until,
        reason=reason,
        actor=actor,
        ticket=ticket,
        pinned_at=now,
    )
    lapse(connection, now=now)
    if not try_write(connection, held):
        raise PinRefusedError("pinned_already", f"{domain} is pinned already: unpin it first")
    written: dict[str, Any] = {
        "registry_expires_at": expires.at,
        "registry_expires_text": expires.text,
        "registry_expiry_source": BY_STAFF,
    }
    connection.execute(update(Domain).where(Domain.name == domain).values(written))
    _overtake_dates(connection, domain, now=now)
    was = row.registry_expires_at
    evidence = {
        "before": was.isoformat() if was else None,
        "after": expires.at.isoformat(),
        "until": until.isoformat(),
        "reason": reason,
    }
    _record(connection, "domain.pinned", domain, now=now, actor=actor, ticket=ticket, evidence=evidence)
    query = select(Pin.id).where(Pin.domain == domain, Pin.ended_at.is_(None))
    return connection.execute(query).scalar_one()


def unpin(connection: Connection, domain: str, *, actor: str, ticket: str, now: datetime) -> None:
    """Let the sources speak again; raises `PinRefusedError` for a name that is not pinned."""
    ended = update(Pin).where(Pin.domain == domain, Pin.ended_at.is_(None)).values(ended_at=now)
    if connection.execute(ended).rowcount == 0:
        raise PinRefusedError("not_pinned", f"{domain} is not pinned")
    _record(connection, "domain.unpinned", domain, now=now, actor=actor, ticket=ticket, evidence={})


def list_pins(connection: Connection, *, now: datetime) -> list[PinView]:
    """Return the pins that hold, the next to end first."""
    query = select(Pin.__table__).where(Pin.ended_at.is_(None), Pin.until > now).order_by(Pin.until, Pin.id)
    return [
        PinView(
            id=row.id,
            domain=row.domain,
            expires_at=row.expires_at,
            expires_text=row.expires_text,
            until=row.until,
            reason=row.reason,
            actor=row.actor,
            ticket=row.ticket,
            pinned_at=row.pinned_at,
        )
        for row in connection.execute(query)
    ]


def lapse(connection: Connection, *, now: datetime) -> int:
    """End the pins whose time is over, and return how many; from then on the sources are believed again."""
    over = select(Pin.domain).where(Pin.ended_at.is_(None), Pin.until <= now)
    names = list(connection.execute(over).scalars())
    connection.execute(update(Pin).where(Pin.ended_at.is_(None), Pin.until <= now).values(ended_at=now))
    events.record_each(connection, "domain.pin_lapsed", {rows.about(name): {} for name in names}, at=now)
    return len(names)


def _overtake_dates(connection: Connection, domain: str, *, now: datetime) -> None:
    query = select(SyncChange.__table__).where(
        SyncChange.domain == domain, SyncChange.kind.in_(list(REGISTRY_DATES)), IS_OPEN
    )
    found = connection.execute(query).all()
    rows.overtake(connection, {change.id: applying.PINNED for change in found}, now=now)
    applying.close_findings(connection, found, now=now)


def _record(
    connection: Connection,
    kind: str,
    domain: str,
    *,
    now: datetime,
    actor: str,
    ticket: str,
    evidence: dict[str, Any],
) -> None:
    events.record(
        connection,
        kind,
        at=now,
        subject=rows.about(domain),
        actor=actor,
        ticket=ticket,
        evidence=evidence,
    )
