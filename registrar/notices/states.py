"""Where does a notice stand, and how does it end? The states, and the two moves that everything here shares."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from registrar import events
from registrar.models import Notice


class NoticeState(StrEnum):
    """Where a notice stands."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    """Accepted or not, nobody knows; never repeated by itself."""
    REFUSED = "refused"
    BOUNCED = "bounced"
    NEEDLESS = "needless"
    """Renewed, gone, overtaken by a later one, or too late to be of use."""
    NO_ADDRESS = "no_address"


RETRIED_BY_HAND = frozenset(
    {NoticeState.REFUSED, NoticeState.BOUNCED, NoticeState.UNKNOWN, NoticeState.NO_ADDRESS}
)
"""What staff may send again, with a ticket."""


def read_locked(connection: Connection, notice_id: int) -> Row[Any] | None:
    """Read a notice's row and keep others from moving it until this transaction ends."""
    return connection.execute(
        select(Notice.__table__).where(Notice.id == notice_id).with_for_update()
    ).first()


def move(
    connection: Connection,
    notice: Row[Any],
    target: NoticeState,
    *,
    said: str | None,
    now: datetime,
    due_at: datetime | None = None,
    evidence: Mapping[str, Any] | None = None,
    actor: str = events.WORKER,
    ticket: str | None = None,
    **values: Any,
) -> bool:
    """Move a notice from the state and try that it was read in, with the event; False if it is no longer there.

    Without `due_at` it has ended.
    """
    moved = connection.execute(
        update(Notice)
        .where(Notice.id == notice.id, Notice.state == notice.state, Notice.tries == notice.tries)
        .values(
            state=target,
            said=said,
            due_at=due_at,
            rung_until=None,
            ended_at=None if due_at else now,
            **values,
        )
    )
    if moved.rowcount != 1:
        return False
    events.record(
        connection,
        f"notice.{target}",
        at=now,
        order_id=notice.order_id,
        subject=f"notice:{notice.id}",
        actor=actor,
        ticket=ticket,
        evidence={"notice": notice.kind, "domain": notice.domain, "said": said, **(evidence or {})},
    )
    return True
