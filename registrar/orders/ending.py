"""How does an order end, or stop for a person? The move and the money are one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, case, insert, select, update

from registrar import debts, notices
from registrar.agreement.failure import Ending
from registrar.commands import RENEWALS, Expiry, Kind
from registrar.events import WORKER
from registrar.findings import close_finding, open_finding
from registrar.gateway import Sighting
from registrar.mails import NoticeKind
from registrar.models import Attempt, Domain
from registrar.orders import lines, promising
from registrar.orders.states import State, move, wake_waiting
from registrar.outcomes import Correction, RefusalReason

_HELD = "order_held"
PENDING_LONG = "order_pending_long"
APPROVAL = "approval_needed"
"""The finding of an order that waits for staff's approval (O5)."""
_LEAVES_ITS_CUSTOMER = RENEWALS | {Kind.RESTORE}
"""What anybody may pay for, and what makes the name nobody else's."""
_DELIVERED = frozenset({Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE, Kind.RENEW_ELSEWHERE})
"""What buys a term, and is announced when it is done."""


def complete(
    connection: Connection,
    order: Row[Any],
    *,
    expiry: Expiry | None,
    registry_expiry: Expiry | None,
    registry_id: str | None,
    evidence: Mapping[str, Any],
    now: datetime,
    source: str,
    actor: str = WORKER,
    ticket: str | None = None,
) -> None:
    """Complete it. It happened: the money is earned, the name is in our books with its confirmed dates (D4, O1).

    `expiry` is the end of the term that is paid for now, `registry_expiry` the registry's own date; None: not told yet.
    """
    known_id = registry_id or order.registry_id
    move(
        connection,
        order,
        State.COMPLETED,
        now=now,
        evidence=evidence,
        actor=actor,
        ticket=ticket,
        slot=False,
        sealed=None,
        expires_at=expiry.at if expiry else None,
        expires_text=expiry.text if expiry else None,
        registry_id=known_id,
    )
    lines.earn(connection, order, now=now)
    if order.kind in set(Kind):
        promising.tell_of_drift(connection, order, expiry, now=now)
        shown = _shown(registry_expiry, source)
        _record_domain(connection, order, paid=expiry, shown=shown, registry_id=known_id, now=now)
    _owe_notice(connection, order, expiry, now=now)
    _leave(connection, order, now=now)


def refuse(
    connection: Connection,
    order: Row[Any],
    reason: RefusalReason,
    *,
    evidence: Mapping[str, Any],
    now: datetime,
    actor: str = WORKER,
    ticket: str | None = None,
) -> None:
    """Refuse it. It did not happen and will not: what was paid is given back, line by line, here and now (D5, D6)."""
    move(
        connection,
        order,
        State.REFUSED,
        now=now,
        evidence={"reason": str(reason), **evidence},
        actor=actor,
        ticket=ticket,
        slot=False,
        sealed=None,
        ended_reason=reason,
    )
    how = Ending.BREACH if reason is RefusalReason.FOR_BREACH else Ending.FAILED
    owed = debts.locked_of_payment(connection, order)
    lines.end_undelivered(connection, order, how, now=now)
    debts.settle_from_credit(connection, order, owed, now=now)
    promising.alarm_if_committed(connection, order, reason, now=now)
    _leave(connection, order, now=now)


def cancel(
    connection: Connection,
    order: Row[Any],
    *,
    evidence: Mapping[str, Any],
    now: datetime,
    actor: str,
    ticket: str | None,
) -> None:
    """Cancel it. Nothing was spent: what was paid is given back (O2), but gift, which no cancellation counts (F2)."""
    move(
        connection,
        order,
        State.CANCELLED,
        now=now,
        evidence=evidence,
        actor=actor,
        ticket=ticket,
        slot=False,
        sealed=None,
    )
    owed = debts.locked_of_payment(connection, order)
    lines.end_undelivered(connection, order, Ending.CANCELLED, now=now)
    debts.settle_from_credit(connection, order, owed, now=now)
    _leave(connection, order, now=now)


def hold_for_staff(
    connection: Connection,
    order: Row[Any],
    why: str,
    *,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
    **values: Any,
) -> None:
    """Stop and ask staff. The name stays with this order while anything of it may have happened."""
    move(
        connection,
        order,
        State.HELD,
        now=now,
        evidence={"why": why, **(evidence or {})},
        turn="staff",
        hold_reason=why,
        **values | free_name_unless_in_doubt(connection, order),
    )
    ask_staff(connection, order, why, now=now)
    _wake_if_freed(connection, order, now=now)


def ask_staff(connection: Connection, order: Row[Any], why: str, *, now: datetime) -> None:
    """Open the finding that a held order is."""
    open_finding(
        connection,
        _HELD,
        f"order:{order.id}",
        text=f"order {order.id} ({order.kind} {order.domain}) is held: {why}",
        next_step=f"`registrar orders show {order.id}`, then retry, correct, complete or refuse it with a ticket",
        now=now,
    )


def ask_for_approval(connection: Connection, order_id: int, kind: str, domain: str, *, now: datetime) -> None:
    """Tell staff that an order waits for them: it goes when they have the request in writing through support (O5)."""
    open_finding(
        connection,
        APPROVAL,
        f"order:{order_id}",
        text=f"order {order_id} ({kind} {domain}) waits for approval",
        next_step=f"with the holder's request through support: `registrar orders approve {order_id}`, else "
        f"`registrar orders decline {order_id}`, with its ticket",
        now=now,
    )


def hold_for_customer(
    connection: Connection,
    order: Row[Any],
    needs: Correction,
    why: str,
    *,
    now: datetime,
    within: timedelta,
    evidence: Mapping[str, Any] | None = None,
) -> None:
    """Stop and wait for the customer's correction; when `within` has passed it is refused and credited."""
    move(
        connection,
        order,
        State.HELD,
        now=now,
        evidence={"why": why, "needs": str(needs), **(evidence or {})},
        turn="customer",
        needs=needs,
        hold_reason=why,
        correct_by=now + within,
        due_at=now + within,
        **free_name_unless_in_doubt(connection, order),
    )
    _wake_if_freed(connection, order, now=now)


def put_back(
    connection: Connection,
    order: Row[Any],
    why: str,
    *,
    now: datetime,
    due_at: datetime,
    evidence: Mapping[str, Any] | None = None,
    **values: Any,
) -> None:
    """Back to *placed*: nothing was spent; it waits, and says why and until when."""
    move(
        connection,
        order,
        State.PLACED,
        now=now,
        evidence={"why": why, "until": due_at.isoformat(), **(evidence or {})},
        due_at=due_at,
        waiting_reason=why,
        **values | free_name_unless_in_doubt(connection, order),
    )
    _wake_if_freed(connection, order, now=now)


def end_of_hold(connection: Connection, order: Row[Any], *, now: datetime) -> None:
    """Close the finding of a held order that moves on."""
    close_finding(connection, _HELD, f"order:{order.id}", now=now)


def was_accepted(connection: Connection, order: Row[Any]) -> bool:
    """Tell whether the registrar has answered any attempt that it happened, or will."""
    query = select(Attempt.id).where(Attempt.order_id == order.id, Attempt.outcome.in_(("done", "pending")))
    return connection.execute(query.limit(1)).first() is not None


def in_doubt_before(connection: Connection, order_id: int, number: int) -> bool:
    """Tell whether an attempt before `number` may have happened, or may still land.

    One that ended with silence may; one that was accepted may; and one whose success came in too late to move the order
    certainly did.
    """
    query = select(Attempt.id).where(
        Attempt.order_id == order_id,
        Attempt.number < number,
        Attempt.outcome.is_(None) | Attempt.outcome.in_(("unknown", "pending", "done")),
    )
    return connection.execute(query.limit(1)).first() is not None


def in_doubt(connection: Connection, order: Row[Any]) -> bool:
    """Tell whether any attempt of the order so far may have happened, or may still land."""
    return in_doubt_before(connection, order.id, order.attempt_number + 1)


def free_name_unless_in_doubt(connection: Connection, order: Row[Any]) -> dict[str, Any]:
    """Give up the slot, and with it the guard, once every attempt has provably done nothing."""
    if may_have_happened(connection, order):
        return {}
    return {"slot": False, "guard": None}


def may_have_happened(connection: Connection, order: Row[Any]) -> bool:
    """Tell whether anything of the order may have happened; a refusal that waits for a look to agree proves nothing."""
    return order.refusal is not None or in_doubt(connection, order)


def sighting_evidence(sighting: Sighting) -> dict[str, Any]:
    """Return what a look saw, as JSON for events and looks; no contact's data is in a Sighting."""
    return {
        "source": sighting.source,
        "seen_at": sighting.seen_at.isoformat(),
        "standing": str(sighting.standing),
        "remark": sighting.reason or None,
        "ours": sighting.ours,
        "sponsor": sighting.sponsor,
        "registry_id": sighting.registry_id,
        "created_at": sighting.created_at.isoformat() if sighting.created_at else None,
        "expires": sighting.expiry.text if sighting.expiry else None,
        "renew_by": sighting.renew_by.text if sighting.renew_by else None,
        "statuses": sorted(sighting.statuses),
        "progress": {str(kind): str(progress) for kind, progress in sighting.progress.items()},
    }


def _owe_notice(connection: Connection, order: Row[Any], expiry: Expiry | None, *, now: datetime) -> None:
    """Owe the customer word of what was delivered; whether he reads it changes nothing (O1)."""
    if order.kind in _DELIVERED:
        notices.owe(
            connection,
            key=f"{NoticeKind.DELIVERED}:{order.id}",
            kind=NoticeKind.DELIVERED,
            customer=order.customer,
            domain=order.domain,
            order_id=order.id,
            facts={
                "order": order.id,
                "order_kind": order.kind,
                "expires_at": expiry.at.isoformat() if expiry else None,
            },
            now=now,
        )


def _leave(connection: Connection, order: Row[Any], *, now: datetime) -> None:
    """Close what was open about the order and let the next one have the name."""
    end_of_hold(connection, order, now=now)
    close_finding(connection, PENDING_LONG, f"order:{order.id}", now=now)
    close_finding(connection, APPROVAL, f"order:{order.id}", now=now)
    wake_waiting(connection, order, now=now)


def _wake_if_freed(connection: Connection, order: Row[Any], *, now: datetime) -> None:
    if not may_have_happened(connection, order):
        wake_waiting(connection, order, now=now)


def _shown(expiry: Expiry | None, source: str) -> dict[str, Any]:
    """Return the registry's date as the books keep it, with where it is from; nothing where none was told."""
    if expiry is None:
        return {}
    return {
        "registry_expires_at": expiry.at,
        "registry_expires_text": expiry.text,
        "registry_expiry_source": source,
    }


def _record_domain(
    connection: Connection,
    order: Row[Any],
    *,
    paid: Expiry | None,
    shown: Mapping[str, Any],
    registry_id: str | None,
    now: datetime,
) -> None:
    """Write what the registrar confirmed; `paid_through` is the term that was bought through us (D4).

    A change of holder buys none: whatever its registry shows, a name that we know is paid for as long as it was. Whoever
    pays for the renewal of somebody else's name does not get it by that (O5). Another registrar's own date is none here.
    """
    values: dict[str, Any] = {
        "zone": order.zone,
        "customer": order.customer,
        "registrar": order.registrar,
        "confirmed_at": now,
        "order_id": order.id,
        "gone_at": None,
        "gone_why": None,
        "doubted_at": None,
        "doubted_why": None,
        **shown,
    }
    if registry_id is not None:
        values["registry_id"] = registry_id
    bought = {"paid_through": paid.at} if paid is not None else {}
    confirmed = values | bought if order.kind in _DELIVERED else values
    is_where_it_was = and_(Domain.registrar == order.registrar, Domain.gone_at.is_(None))
    confirmed = {**confirmed, "renew_by": case((is_where_it_was, Domain.renew_by))}
    if order.kind in _LEAVES_ITS_CUSTOMER:
        stays = case((Domain.gone_at.is_(None), Domain.customer), else_=order.customer)
        confirmed = {**confirmed, "customer": stays}
    known = connection.execute(update(Domain).where(Domain.name == order.domain).values(confirmed))
    if known.rowcount == 0:
        connection.execute(insert(Domain).values(name=order.domain, **values, **bought))
