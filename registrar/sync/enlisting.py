"""Who is asked about which name? Each run first goes once through the books and makes the readings that are missing.

By pages of names, so that a run that was killed goes on where it stood. What is asked for the first time, or by another way
than before, is due at once; all other readings are due when they are, unless a clock that ran ahead has said when.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, tuple_, update

from registrar.events import CLOCK_RAN_AHEAD
from registrar.models import Domain, Reading, SyncRun
from registrar.sync import rows
from registrar.sync.rows import RunState
from registrar.sync.vocabulary import Source, SyncTerms

SourcesOf = Callable[[str, str], Sequence[tuple[Source, str]]]
"""Which sources tell of a name, each with its lane, by the name's zone and registrar."""


class _Name(NamedTuple):
    """A name of the books, and what decides who is asked about it."""

    name: str
    zone: str
    registrar: str


class _Asked(NamedTuple):
    """One source of one name."""

    domain: str
    source: str


class _There(NamedTuple):
    """A reading as it is."""

    lane: str
    due_at: datetime


def enlist(
    connection: Connection,
    run_id: int,
    sources_of: SourcesOf,
    *,
    terms: SyncTerms,
    limit: int,
    now: datetime,
) -> bool:
    """Go through the next `limit` names of the books; False once there are no more, and the run is running."""
    run = rows.read_locked(connection, run_id)
    if run is None or run.state != RunState.ENLISTING:
        return False
    page = _page(connection, run.enlisted_to or "", limit)
    if not page:
        rows.move(connection, run, RunState.RUNNING, now=now, planned=_count_due(connection, run.started_at))
        return False
    latest = run.started_at + terms.longest_wait + CLOCK_RAN_AHEAD
    _mend(connection, page, cache(sources_of), due_at=run.started_at, latest=latest)
    connection.execute(
        update(SyncRun).where(SyncRun.id == run_id).values(enlisted_to=page[-1].name, seen_at=now)
    )
    return True


def _page(connection: Connection, after: str, limit: int) -> Sequence[_Name]:
    query = select(Domain.name, Domain.zone, Domain.registrar)
    query = query.where(Domain.name > after, Domain.gone_at.is_(None)).order_by(Domain.name).limit(limit)
    return [_Name(*row) for row in connection.execute(query)]


def _mend(
    connection: Connection,
    page: Sequence[_Name],
    sources_of: SourcesOf,
    *,
    due_at: datetime,
    latest: datetime,
) -> None:
    """Let these names have exactly the readings that they should have, each in its lane, none due after `latest`."""
    wanted = {
        _Asked(name.name, source): lane
        for name in page
        for source, lane in sources_of(name.zone, name.registrar)
    }
    there = _there(connection, [name.name for name in page])
    _insert(connection, {asked: wanted[asked] for asked in wanted.keys() - there.keys()}, due_at)
    moved = {
        asked: lane
        for asked, lane in wanted.items()
        if (its := there.get(asked)) is not None and (its.lane != lane or its.due_at > latest)
    }
    _move(connection, moved, due_at)
    if surplus := there.keys() - wanted.keys():
        connection.execute(delete(Reading).where(tuple_(Reading.domain, Reading.source).in_(list(surplus))))


def _there(connection: Connection, names: Sequence[str]) -> dict[_Asked, _There]:
    columns = (Reading.domain, Reading.source, Reading.lane, Reading.due_at)
    found = connection.execute(select(*columns).where(Reading.domain.in_(names)))
    return {_Asked(row.domain, row.source): _There(row.lane, row.due_at) for row in found}


def _insert(connection: Connection, missing: dict[_Asked, str], due_at: datetime) -> None:
    """Of a name that nobody has asked about anything may be near: it is urgent."""
    new = [
        {"domain": asked.domain, "source": asked.source, "lane": lane, "urgency": 0, "due_at": due_at}
        for asked, lane in sorted(missing.items())
    ]
    if new:
        connection.execute(insert(Reading), new)


def _move(connection: Connection, moved: dict[_Asked, str], due_at: datetime) -> None:
    if moved:
        connection.execute(
            update(Reading)
            .where(Reading.domain == bindparam("of"), Reading.source == bindparam("told_by"))
            .values(lane=bindparam("to"), due_at=due_at, taken_until=None),
            [{"of": asked.domain, "told_by": asked.source, "to": lane} for asked, lane in moved.items()],
        )


def _count_due(connection: Connection, started_at: datetime) -> int:
    query = select(func.count()).select_from(Reading).where(Reading.due_at <= started_at)
    return connection.execute(query).scalar_one()
