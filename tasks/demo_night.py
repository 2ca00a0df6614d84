"""What does the demo's night find? Every name that was sold is looked at, and the public record lies about two of them.

One is said to have expired in 1969, the other to be with another registrar. Neither is believed: the first waits for staff, the
second for another night. The workers do all of it, as on any night.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from adapters.sandbox.books import Books
from adapters.sandbox.misbehaviour import Behaviour
from adapters.sandbox.public.orders import COMMAND
from registrar.database import Database
from registrar.models import Domain, Finding
from registrar.sync import runs
from registrar.sync.coverage import coverage
from registrar.sync.runs import RunState, RunView
from registrar.sync.vocabulary import Mode
from tasks import clock
from tasks.public_record import RDAP
from tasks.sandbox import Place

LIED_ABOUT = "com"
"""The zone of the two names."""
LIES = ((Behaviour.DATE, "1969-12-31T23:59:59Z"), (Behaviour.SPONSOR, "Another Invented Registrar, Inc."))
_OVER = frozenset({RunState.DONE, RunState.STOPPED, RunState.UNFINISHED})
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Night:
    """What a night came to: looks, changes by kind, the share of names that are confirmed, and what staff are told."""

    state: RunState
    asked: int
    told: int
    unknown: int
    changes: Mapping[str, int]
    names: int
    confirmed: int
    findings: tuple[str, ...]
    believed: tuple[str, ...]
    """The lies that stand in our books; none should."""

    @property
    def ok(self) -> bool:
        """Tell whether everybody was asked, and no lie believed."""
        return self.state is RunState.DONE and not self.believed

    def as_json(self) -> dict[str, Any]:
        """Return it for a machine."""
        return asdict(self)


def look_at_every_name(
    place: Place, database: Database, *, within: timedelta, watch: Callable[[RunView], None]
) -> Night:
    """Begin a run, let the workers go on with it, and return what it found; the caller's `watch` may raise to give up."""
    before = _lied_about(database)
    with Books(place.books(RDAP)) as record:
        for name, (behaviour, argument) in zip(before, LIES, strict=False):
            record.misbehave(behaviour, command=COMMAND, name=name, argument=argument)
    with database.transaction() as connection:
        run_id = runs.begin(connection, mode=Mode.WRITE, actor="demo staff", now=clock.now())
    run = _ended(database, run_id, watch)
    with database.reading() as connection:
        seen = coverage(connection, within=within, now=clock.now())
        text = select(Finding.text).where(Finding.kind.in_(run.counts), Finding.closed_at.is_(None))
        findings = tuple(connection.execute(text.order_by(Finding.id)).scalars())
    after = _lied_about(database)
    return Night(
        state=run.state,
        asked=run.asked,
        told=run.told,
        unknown=run.unknown,
        changes=run.counts,
        names=seen.names,
        confirmed=seen.confirmed,
        findings=findings,
        believed=tuple(name for name in before if before[name] != after.get(name)),
    )


def _lied_about(database: Database) -> dict[str, tuple[datetime | None, str]]:
    """Return the first names of the zone, as many as there are lies, with what our books say of them."""
    names = select(Domain.name, Domain.registry_expires_at, Domain.registrar)
    names = names.where(Domain.zone == LIED_ABOUT, Domain.gone_at.is_(None), Domain.doubted_at.is_(None))
    with database.reading() as connection:
        rows = connection.execute(names.order_by(Domain.name).limit(len(LIES))).all()
    return {row.name: (row.registry_expires_at, row.registrar) for row in rows}


def _ended(database: Database, run_id: int, watch: Callable[[RunView], None]) -> RunView:
    while True:
        with database.reading() as connection:
            run = runs.read(connection, run_id)
        assert run is not None, "runs are never deleted"
        watch(run)
        if run.state in _OVER:
            return run
        time.sleep(_LOOK_SECONDS)
