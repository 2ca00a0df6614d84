"""Which registrar is nothing sent to for now, and when is it tried again (O3)?

An empty deposit or refused credentials put the hold on by themselves: one hold and one finding, not one per order.
After a while a deposit's hold lets one order through as a probe; if that is not blocked again, the hold is released
and the waiting orders begin in the order of their promises. Refused credentials wait for staff: repeated logins with
them may lock us out.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from registrar import events
from registrar.database import make_due, try_write
from registrar.findings import close_finding, open_finding
from registrar.models import Hold, Order
from registrar.outcomes import BlockCause

BY_HAND = "by_hand"
_FINDING = "registrar_on_hold"


class OpenHold(NamedTuple):
    """A hold that is on; `probe_at` is None where only staff release it."""

    registrar: str
    cause: str
    reason: str
    since: datetime
    probe_at: datetime | None


def put(
    connection: Connection, registrar: str, cause: str, *, reason: str, now: datetime, probe_after: timedelta
) -> None:
    """Put a registrar on hold, or renew the hold that is on. Only a deposit's hold probes by itself."""
    probe_at = now + probe_after if cause == BlockCause.DEPOSIT else None
    new = insert(Hold).values(registrar=registrar, cause=cause, reason=reason, since=now, probe_at=probe_at)
    if not try_write(connection, new):
        connection.execute(
            update(Hold)
            .where(Hold.registrar == registrar, Hold.cause == cause, Hold.released_at.is_(None))
            .values(reason=reason, probe_at=probe_at)
        )
    else:
        events.record(
            connection,
            "registrar.held",
            at=now,
            subject=registrar,
            evidence={"cause": str(cause), "reason": reason},
        )
    open_finding(
        connection,
        _FINDING,
        f"{registrar}: {cause}",
        text=f"{registrar} is on hold: {reason}",
        next_step="top up the deposit"
        if cause == BlockCause.DEPOSIT
        else f"put it right, then `registrar registrars release {registrar} --ticket …`",
        now=now,
    )


def put_by_hand(
    connection: Connection, registrar: str, *, reason: str, now: datetime, actor: str, ticket: str
) -> None:
    """Put a registrar on hold on staff's word (C1); only staff release it."""
    put(connection, registrar, BY_HAND, reason=reason, now=now, probe_after=timedelta(0))
    events.record(
        connection,
        "registrar.held_by_hand",
        at=now,
        subject=registrar,
        actor=actor,
        ticket=ticket,
        evidence={"reason": reason},
    )


def release(
    connection: Connection,
    registrar: str,
    *,
    now: datetime,
    actor: str = events.WORKER,
    ticket: str | None = None,
) -> int:
    """Release every hold of a registrar and make its waiting orders due; return how many holds there were."""
    causes = (
        connection.execute(
            select(Hold.cause)
            .where(Hold.registrar == registrar, Hold.released_at.is_(None))
            .with_for_update()
        )
        .scalars()
        .all()
    )
    if not causes:
        return 0
    connection.execute(
        update(Hold).where(Hold.registrar == registrar, Hold.released_at.is_(None)).values(released_at=now)
    )
    for cause in causes:
        close_finding(connection, _FINDING, f"{registrar}: {cause}", now=now)
    events.record(connection, "registrar.released", at=now, subject=registrar, actor=actor, ticket=ticket)
    waiting = select(Order.id).where(
        Order.registrar == registrar, Order.state == "placed", Order.due_at > now
    )
    make_due(connection, waiting, now=now)
    return len(causes)


def may_send(
    connection: Connection, registrar: str, *, now: datetime, probe_after: timedelta
) -> tuple[bool, str | None, datetime | None]:
    """Tell whether an order may be taken up, else why not and when to ask again.

    Where a probe is due, the first to ask becomes the probe, by a conditional update. A release waits until this
    transaction ends: it would not see an order that is being put off here.
    """
    hold = connection.execute(
        select(Hold.id, Hold.reason, Hold.probe_at)
        .where(Hold.registrar == registrar, Hold.released_at.is_(None))
        .order_by(Hold.probe_at.is_not(None), Hold.id)
        .with_for_update()
    ).first()
    if hold is None:
        return True, None, None
    if hold.probe_at is not None:
        claimed = connection.execute(
            update(Hold)
            .where(
                Hold.id == hold.id,
                Hold.probe_at == hold.probe_at,
                Hold.probe_at <= now,
                Hold.released_at.is_(None),
            )
            .values(probe_at=now + probe_after)
        )
        if claimed.rowcount == 1:
            return True, None, None
    return False, f"{registrar} is on hold: {hold.reason}", hold.probe_at


def forbids_login(connection: Connection, registrar: str) -> bool:
    """Tell whether our credentials are refused: then not even a look is made, repeated logins may lock us out."""
    query = select(Hold.id).where(
        Hold.registrar == registrar, Hold.cause == BlockCause.CREDENTIALS, Hold.released_at.is_(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def list_open(connection: Connection, registrar: str | None = None) -> list[OpenHold]:
    """Return the holds that are on, the oldest first."""
    query = select(Hold.registrar, Hold.cause, Hold.reason, Hold.since, Hold.probe_at).where(
        Hold.released_at.is_(None)
    )
    if registrar is not None:
        query = query.where(Hold.registrar == registrar)
    return [OpenHold(*row) for row in connection.execute(query.order_by(Hold.id))]
