"""What of a run's changes goes into the books? All that is proposed, once the breaker has let the run through.

In batches, each a transaction of its own: a run that is killed here goes on with what is left. Nothing is settled of a dry
run, nor of one that was stopped. Findings are opened here, and nowhere else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from registrar.models import SyncChange, SyncRun
from registrar.sync import applying, rows
from registrar.sync.rows import ChangeState, RunState
from registrar.sync.vocabulary import Mode


def settle(connection: Connection, run_id: int, *, limit: int, now: datetime) -> int:
    """Decide about up to `limit` changes of a run, and return how many; 0: nothing is left.

    Where an order is under way, the change is left for the night after it. The run's row is not held meanwhile: whoever
    writes a late look holds names, and comes to that row last.
    """
    run = rows.read(connection, run_id)
    if run is None or run.state != RunState.SETTLING or run.mode != Mode.WRITE:
        return 0
    proposed = _some(connection, run_id, ChangeState.PROPOSED, limit)
    if proposed:
        result = applying.apply(connection, proposed, now=now)
        rows.overtake(connection, dict.fromkeys(result.busy, applying.BUSY), now=now)
    noted = _some(connection, run_id, ChangeState.QUARANTINED, limit - len(proposed))
    if noted:
        applying.note(connection, noted, now=now)
    connection.execute(update(SyncRun).where(SyncRun.id == run_id).values(seen_at=now))
    return len(proposed) + len(noted)


def _some(connection: Connection, run_id: int, state: ChangeState, limit: int) -> Sequence[Row[Any]]:
    if limit <= 0:
        return ()
    query = select(SyncChange.__table__).where(
        SyncChange.run_id == run_id, SyncChange.state == state, SyncChange.noted_at.is_(None)
    )
    return connection.execute(query.order_by(SyncChange.id).limit(limit)).all()
