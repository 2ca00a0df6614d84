"""Who does what is due, and who alone does it for a while? Rows of the schedule, each claimed by a conditional update.

Two clocks claim a duty once; a missed turn is caught up once. A lease is a duty that is done for as long as it is renewed:
whoever dies with it in hand loses it when it runs out. What a clock that ran ahead has put off is put off no longer than usual.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import insert, select, update

from registrar.database import Database, try_write
from registrar.events import CLOCK_RAN_AHEAD
from registrar.models import Duty
from tasks import clock

_APART = timedelta(minutes=10)
"""So far apart two workers' clocks may be."""


def claim(database: Database, name: str, *, every: timedelta) -> bool:
    """Take a duty that is due, and tell whether it is ours to do now; one that was never done is due."""
    due_at = due(database, name)
    return _is_due(due_at, every) and _set(database, name, due_at, clock.now() + every)


def claim_planned(database: Database, name: str, *, following: datetime) -> bool:
    """Take a duty that is due at set times; one that was never done waits for `following`, its next time.

    So does one that is due only after that: the set times are others now, or a clock ran ahead. But right before that time
    another worker, whose clock shows it already, may have done it.
    """
    now = clock.now()
    due_at = due(database, name)
    if due_at is None or due_at > following > now + _APART:
        _set(database, name, due_at, following)
        return False
    return due_at <= now and _set(database, name, due_at, following)


def is_free(database: Database, name: str, *, lasts: timedelta) -> bool:
    """Tell whether nobody holds a lease that is given for so long."""
    return _is_due(due(database, name), lasts)


def due(database: Database, name: str) -> datetime | None:
    """Return when a duty is due; None: it was never done."""
    with database.reading() as connection:
        return connection.execute(select(Duty.due_at).where(Duty.name == name)).scalar()


@dataclass
class Lease:
    """What one process alone does, until it lets go or does not renew it in time; its threads may share it."""

    database: Database
    name: str
    lasts: timedelta
    until: datetime
    _renewing: Lock = field(default_factory=Lock, repr=False)

    def renew(self) -> bool:
        """Keep it for another while; False: it ran out, and is somebody else's, or would be."""
        with self._renewing:
            until = clock.now() + self.lasts
            held = _set(self.database, self.name, self.until, until)
            if held:
                self.until = until
            return held

    def let_go(self) -> None:
        """Let others take it at once."""
        _set(self.database, self.name, self.until, clock.now())


@contextmanager
def lease(database: Database, name: str, *, lasts: timedelta) -> Iterator[Lease | None]:
    """Hold a lease for the block, if nobody else holds it."""
    until = clock.now() + lasts
    due_at = due(database, name)
    if not (_is_due(due_at, lasts) and _set(database, name, due_at, until)):
        yield None
        return
    held = Lease(database, name, lasts, until)
    try:
        yield held
    finally:
        held.let_go()


def _is_due(due_at: datetime | None, every: timedelta) -> bool:
    now = clock.now()
    return due_at is None or due_at <= now or due_at > now + every + CLOCK_RAN_AHEAD


def _set(database: Database, name: str, was: datetime | None, due_at: datetime) -> bool:
    """Move a duty on, if it still is where it was seen."""
    now = clock.now()
    with database.transaction() as connection:
        if was is None:
            return try_write(connection, insert(Duty).values(name=name, due_at=due_at, last_run_at=now))
        moved = connection.execute(
            update(Duty).where(Duty.name == name, Duty.due_at == was).values(due_at=due_at, last_run_at=now)
        )
        return moved.rowcount == 1
