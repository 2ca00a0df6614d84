"""What is asked next in a lane? What was due when the run began, the most urgent first, each name once.

Whoever takes a name has it for the lease; what comes back moves the name's due time behind the run's beginning, so that it
is not taken again, and what does not come back is taken again when the lease is over. A run that was killed goes on like
that: none is missed, and none asked twice but what was in the air.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, delete, func, or_, select, update

from registrar.events import CLOCK_RAN_AHEAD
from registrar.models import Domain, Reading, SyncRun
from registrar.names import DomainName
from registrar.sync import applying, rows
from registrar.sync.rows import RunState
from registrar.sync.vocabulary import Source, SyncTerms

URGENCIES = (0, 1, 2)
"""Near a rule's boundary, soon, far: what is nearer is asked first."""


def source_of(lane: str) -> Source:
    """Return who is asked in a lane; raises `ValueError` for what is no lane."""
    return Source(lane.partition(":")[0])


def lanes(connection: Connection, run_id: int) -> list[str]:
    """Return the lanes in which something of a run is still to be asked, or is being asked."""
    run = rows.read(connection, run_id)
    if run is None or run.state != RunState.RUNNING:
        return []
    return [lane for lane in _all_lanes(connection) if _has_due(connection, lane, run.started_at)]


def is_exhausted(connection: Connection, run_id: int) -> bool:
    """Tell whether everything that was due when a run began has been asked."""
    run = rows.read(connection, run_id)
    if run is None or run.state == RunState.ENLISTING:
        return False
    return not any(_has_due(connection, lane, run.started_at) for lane in _all_lanes(connection))


def left(connection: Connection, run_id: int) -> dict[str, int]:
    """Return by lane how many names a run has still to ask, those being asked included; it counts, so ask it seldom."""
    run = rows.read(connection, run_id)
    if run is None:
        return {}
    query = select(Reading.lane, func.count()).where(Reading.due_at <= run.started_at)
    return dict(connection.execute(query.group_by(Reading.lane)).all())


def take(
    connection: Connection, run_id: int, lane: str, *, limit: int, terms: SyncTerms, now: datetime
) -> list[DomainName]:
    """Return up to `limit` names to be asked next in a lane; for `terms.lease` they are nobody else's.

    A name that is gone from the books is not asked any more: its reading is taken away, and what was open about it closed (P11).
    """
    run = rows.read(connection, run_id)
    if run is None or run.state != RunState.RUNNING:
        return []
    while names := _due(connection, lane, run.started_at, terms.lease, limit=limit, now=now):
        zones = _zones(connection, names)
        if gone := [name for name in names if name not in zones]:
            _forget(connection, run_id, source_of(lane), gone)
            applying.close_gone(connection, gone, now=now)
        if here := [name for name in names if name in zones]:
            taken = update(Reading).where(Reading.domain.in_(here), Reading.source == source_of(lane))
            connection.execute(taken.values(taken_until=now + terms.lease, run_id=run_id))
            return [DomainName(name, zones[name]) for name in here]
    return []


def put_back(connection: Connection, lane: str, names: Iterable[DomainName]) -> None:
    """Give back names that were taken and not asked: they may be taken again at once."""
    given = [name.ascii for name in names]
    if given:
        back = update(Reading).where(Reading.domain.in_(given), Reading.source == source_of(lane))
        connection.execute(back.values(taken_until=None))


def _all_lanes(connection: Connection) -> Iterable[str]:
    """Go from lane to lane by the index, whatever the number of readings in each."""
    lane: str | None = ""
    while lane is not None:
        query = select(Reading.lane).where(Reading.lane > lane).order_by(Reading.lane).limit(1)
        lane = connection.execute(query).scalar()
        if lane is not None:
            yield lane


def _has_due(connection: Connection, lane: str, started_at: datetime) -> bool:
    """Look at the first of each range; in their order, so that no planner reads the whole table for one row that is left."""
    first = (_of(lane, urgency, started_at).order_by(Reading.due_at).limit(1) for urgency in URGENCIES)
    return any(connection.execute(query).first() is not None for query in first)


def _due(
    connection: Connection, lane: str, started_at: datetime, lease: timedelta, *, limit: int, now: datetime
) -> list[str]:
    """Read one range of the index for each urgency; what others have in hand is skipped."""
    names: list[str] = []
    held_until = Reading.taken_until
    free = or_(held_until.is_(None), held_until <= now, held_until > now + lease + CLOCK_RAN_AHEAD)
    for urgency in URGENCIES:
        query = _of(lane, urgency, started_at).where(free).order_by(Reading.due_at)
        query = query.limit(limit - len(names)).with_for_update(skip_locked=True)
        names += connection.execute(query).scalars()
        if len(names) >= limit:
            break
    return names


def _of(lane: str, urgency: int, started_at: datetime) -> Select[str]:
    return select(Reading.domain).where(
        Reading.lane == lane, Reading.urgency == urgency, Reading.due_at <= started_at
    )


def _zones(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """Return the zones of those names that are with us."""
    query = select(Domain.name, Domain.zone).where(Domain.name.in_(names), Domain.gone_at.is_(None))
    return dict(connection.execute(query).all()) if names else {}


def _forget(connection: Connection, run_id: int, source: Source, names: Sequence[str]) -> None:
    connection.execute(delete(Reading).where(Reading.domain.in_(names), Reading.source == source))
    fewer = update(SyncRun).where(SyncRun.id == run_id)
    connection.execute(fewer.values(planned=SyncRun.planned - len(names)))
