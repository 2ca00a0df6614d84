"""What does one watch see? A look, the terms of its registrar, the rules; and when to look again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from registrar.agreement.rules import Rules
from registrar.gateway import Capabilities, Sighting
from registrar.models import Claim
from registrar.orders.terms import Terms


@dataclass(frozen=True, slots=True)
class Seen:
    """One watch's view."""

    connection: Connection
    sighting: Sighting
    terms: Terms
    rules: Rules
    now: datetime

    @property
    def can(self) -> Capabilities:
        """What the registrar declares."""
        return self.terms.capabilities

    @property
    def soon(self) -> datetime:
        """When to look again while something is not as it should be."""
        return self.now + self.terms.look_retry

    def patient(self, since: datetime) -> datetime:
        """When to look again while somebody else is at it: soon at first, then after a quarter of the time it has taken."""
        wait = max(self.terms.look_retry, (self.now - since) / 4)
        return min(self.now + wait, self.later)

    @property
    def later(self) -> datetime:
        """When to look again otherwise."""
        return self.now + self.rules.claims.watch_every


def no_later_than(instant: datetime | None, seen: Seen) -> datetime:
    """Return when to look next: after the regular time, or at an instant ahead before it."""
    return min(seen.later, instant) if instant is not None and instant > seen.now else seen.later


def again(connection: Connection, claim: Row[Any], at: datetime) -> None:
    """Have the name looked at again at an instant."""
    connection.execute(
        update(Claim)
        .where(Claim.id == claim.id, Claim.closed_at.is_(None))
        .values(due_at=at, rung_until=None)
    )
