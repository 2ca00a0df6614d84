"""To which registrar, or for which zone, is nothing sent for now, and when is it tried again (O3)?

A hold is on a registrar, on a zone (`zone:ir`) or on everything (`*`), and of one of two kinds. Under an *operational*
one (an empty deposit, refused credentials, an outage) the clocks of O2 run on; under *force majeure*, which staff alone
declare, on evidence, they stand still. Orders wait under both; none is lost, and none refused for waiting alone.

An empty deposit or refused credentials put the hold on by themselves: one hold and one finding, not one per order.
After a while a deposit's hold lets one order through as a probe; if that is not blocked again, the hold is released
and the waiting orders begin in the order of their promises. Refused credentials wait for staff: repeated logins with
them may lock us out.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, true, update

from registrar import events
from registrar.agreement.delivery import moved
from registrar.agreement.rules import ConductRules
from registrar.database import make_due, try_write
from registrar.findings import close_finding, open_finding
from registrar.models import Hold, Order
from registrar.outcomes import BlockCause

EVERYTHING = "*"
_ZONE = "zone:"

BY_HAND = "by_hand"
FORCE_MAJEURE = "force_majeure"
PLANNED = "planned"
_FINDING = "registrar_on_hold"


class HoldKind(StrEnum):
    """What a hold does to the clocks of O2."""

    OPERATIONAL = "operational"
    FORCE_MAJEURE = "force_majeure"


class HoldRefusedError(Exception):
    """A hold that is not put on; `code` is stable, the message says why and what else to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OpenHold(NamedTuple):
    """A hold that is on, or announced; `probe_at` is None where only staff release it."""

    registrar: str
    """Its scope: a registrar's name, `zone:…` or `*`."""
    cause: str
    reason: str
    since: datetime
    probe_at: datetime | None
    kind: str
    announced_at: datetime | None


def zone_scope(zone: str) -> str:
    """Return the scope of all names under a zone (its A-label)."""
    return f"{_ZONE}{zone}"


def zone_of(scope: str) -> str | None:
    """Return the zone that a scope is, or None if it is none."""
    return scope.removeprefix(_ZONE) if scope.startswith(_ZONE) else None


def orders_in(scope: str) -> ColumnElement[bool]:
    """Return the condition that an order is in a scope."""
    zone = zone_of(scope)
    if zone is not None:
        return Order.zone == zone
    return true() if scope == EVERYTHING else Order.registrar == scope


def in_words(scope: str) -> str:
    """Return a scope as staff and customers read it."""
    zone = zone_of(scope)
    return f"all names under {zone}" if zone else "everything" if scope == EVERYTHING else scope


def put(
    connection: Connection, registrar: str, cause: str, *, reason: str, now: datetime, probe_after: timedelta
) -> None:
    """Put a registrar on hold, or renew the hold that is on. Only a deposit's hold probes by itself."""
    probe_at = now + probe_after if cause == BlockCause.DEPOSIT else None
    _put(connection, registrar, cause, since=now, now=now, reason=reason, probe_at=probe_at)


def put_by_hand(
    connection: Connection,
    scope: str,
    *,
    reason: str,
    now: datetime,
    actor: str,
    ticket: str,
    kind: HoldKind = HoldKind.OPERATIONAL,
    evidence: str | None = None,
) -> None:
    """Put a registrar, a zone or everything on hold on staff's word, from now on (C1); only staff release it.

    Raises `HoldRefusedError` for force majeure without evidence: it moves what customers were promised.
    """
    _insist_on_evidence(kind, evidence)
    cause = FORCE_MAJEURE if kind is HoldKind.FORCE_MAJEURE else BY_HAND
    _put(connection, scope, cause, since=now, now=now, reason=reason, kind=kind, evidence=evidence)
    told = {"reason": reason, "kind": str(kind), "evidence": evidence}
    events.record(
        connection, "registrar.held_by_hand", at=now, subject=scope, actor=actor, ticket=ticket, evidence=told
    )


def announce(
    connection: Connection,
    scope: str,
    *,
    since: datetime,
    urgent: bool,
    rules: ConductRules,
    reason: str,
    now: datetime,
    actor: str,
    ticket: str,
    kind: HoldKind = HoldKind.OPERATIONAL,
    evidence: str | None = None,
) -> None:
    """Plan a hold that begins later, and announce it: neither too late nor too early, unless it is urgent (O3).

    Raises `HoldRefusedError` for one outside `announce_at_least` and `announce_at_most`, and where one is planned already.
    """
    _insist_on_evidence(kind, evidence)
    _insist_on_warning(since - now, urgent=urgent, rules=rules)
    planned = select(Hold.id).where(
        Hold.registrar == scope, Hold.cause == PLANNED, Hold.released_at.is_(None)
    )
    if connection.execute(planned).first() is not None:
        raise HoldRefusedError(
            "hold_planned_already", f"a hold on {in_words(scope)} is announced already: release that first"
        )
    _put(
        connection,
        scope,
        PLANNED,
        since=since,
        now=now,
        reason=reason,
        kind=kind,
        evidence=evidence,
        announced_at=now,
    )
    told = {
        "reason": reason,
        "kind": str(kind),
        "since": since.isoformat(),
        "urgent": urgent,
        "evidence": evidence,
    }
    events.record(
        connection,
        "registrar.hold_announced",
        at=now,
        subject=scope,
        actor=actor,
        ticket=ticket,
        evidence=told,
    )


def release(
    connection: Connection,
    registrar: str,
    *,
    now: datetime,
    actor: str = events.WORKER,
    ticket: str | None = None,
    causes: Collection[str] | None = None,
) -> int:
    """Release a scope's holds, announced ones too, and make its waiting orders due; return how many holds there were.

    `causes` are those that are released; None: all. Orders begin again in the order of their promises.
    """
    query = select(Hold.id, Hold.cause).where(Hold.registrar == registrar, Hold.released_at.is_(None))
    if causes is not None:
        query = query.where(Hold.cause.in_(causes))
    found = connection.execute(query.with_for_update()).all()
    if not found:
        return 0
    connection.execute(
        update(Hold)
        .where(Hold.id.in_([hold.id for hold in found]), Hold.released_at.is_(None))
        .values(released_at=now)
    )
    for hold in found:
        close_finding(connection, _FINDING, f"{registrar}: {hold.cause}", now=now)
    events.record(connection, "registrar.released", at=now, subject=registrar, actor=actor, ticket=ticket)
    waiting = select(Order.id).where(orders_in(registrar), Order.state == "placed", Order.due_at > now)
    make_due(connection, waiting, now=now)
    return len(found)


def release_probed(connection: Connection, registrar: str, *, begun_at: datetime, now: datetime) -> None:
    """Release a deposit's hold once an order that began after it was paid for: the deposit is there again."""
    on = [hold for hold in in_force(connection, registrar, now=now) if hold.registrar == registrar]
    if on and all(hold.probe_at is not None and hold.since < begun_at for hold in on):
        release(connection, registrar, now=now, causes={hold.cause for hold in on})


def may_send(
    connection: Connection,
    registrar: str,
    *,
    zone: str | None = None,
    now: datetime,
    probe_after: timedelta,
) -> tuple[bool, str | None, datetime | None]:
    """Tell whether an order of a zone may be taken up, else why not and when to ask again.

    Where a probe is due, the first to ask becomes the probe, by a conditional update. A release waits until this
    transaction ends: it would not see an order that is being put off here.
    """
    hold = connection.execute(
        select(Hold.id, Hold.registrar, Hold.reason, Hold.probe_at)
        .where(_applies(registrar, zone), Hold.released_at.is_(None), Hold.since <= now)
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
    return False, f"{in_words(hold.registrar)} is on hold: {hold.reason}", hold.probe_at


def stops_what_is_free(connection: Connection, registrar: str, zone: str, *, now: datetime) -> bool:
    """Tell whether an order that costs nothing waits too: for every hold but that of an empty deposit."""
    return any(hold.cause != BlockCause.DEPOSIT for hold in in_force(connection, registrar, zone, now=now))


def forbids_login(connection: Connection, registrar: str) -> bool:
    """Tell whether our credentials are refused: then not even a look is made, repeated logins may lock us out."""
    query = select(Hold.id).where(
        Hold.registrar == registrar, Hold.cause == BlockCause.CREDENTIALS, Hold.released_at.is_(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def stops(
    connection: Connection, registrar: str, zone: str | None, since: datetime, until: datetime
) -> list[tuple[datetime, datetime | None]]:
    """Return when the clocks stood still for orders of a registrar and a zone within a span: force majeure (O3).

    Each with its end, None while it lasts; they may overlap, and are not cut to the span.
    """
    query = select(Hold.since, Hold.released_at).where(
        _applies(registrar, zone),
        Hold.kind == HoldKind.FORCE_MAJEURE,
        Hold.since < until,
        or_(Hold.released_at.is_(None), and_(Hold.released_at > since, Hold.released_at > Hold.since)),
    )
    return [(begin, end) for begin, end in connection.execute(query.order_by(Hold.since))]


def dates(connection: Connection, order: Row[Any], now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return an order's `due_by` and `cancellable_from` as they stand now, moved by force majeure (O2, O3).

    The row keeps the dates as they were promised; those of an order of before there were any are None.
    """
    since = min(order.paid_at, order.placed_at)
    stopped = stops(connection, order.registrar, order.zone, since, now)
    due_by, cancellable_from = (
        moved(promised, since, now, stopped) if promised else None
        for promised in (order.due_by, order.cancellable_from)
    )
    return due_by, cancellable_from


def in_force(
    connection: Connection, registrar: str, zone: str | None = None, *, now: datetime
) -> list[OpenHold]:
    """Return the holds that stop an order of a registrar and a zone now, the oldest first."""
    return _open(connection, and_(_applies(registrar, zone), Hold.since <= now))


def list_applying(connection: Connection, registrar: str, zone: str) -> list[OpenHold]:
    """Return the holds that stop an order of a registrar and a zone, or will: announced ones too; the oldest first."""
    return _open(connection, _applies(registrar, zone))


def list_open(connection: Connection, registrar: str | None = None) -> list[OpenHold]:
    """Return the holds that are on or announced, the oldest first; those of one scope, or all."""
    return _open(connection, true() if registrar is None else Hold.registrar == registrar)


def _open(connection: Connection, condition: ColumnElement[bool]) -> list[OpenHold]:
    query = select(
        Hold.registrar, Hold.cause, Hold.reason, Hold.since, Hold.probe_at, Hold.kind, Hold.announced_at
    ).where(Hold.released_at.is_(None), condition)
    return [OpenHold(*row) for row in connection.execute(query.order_by(Hold.id))]


def _applies(registrar: str, zone: str | None) -> ColumnElement[bool]:
    return Hold.registrar.in_([registrar, EVERYTHING, *([zone_scope(zone)] if zone else [])])


def _insist_on_evidence(kind: HoldKind, evidence: str | None) -> None:
    if kind is HoldKind.FORCE_MAJEURE and not evidence:
        raise HoldRefusedError(
            "evidence_missing",
            "force majeure stops the clocks of what was promised: say on which evidence (O3)",
        )


def _insist_on_warning(ahead: timedelta, *, urgent: bool, rules: ConductRules) -> None:
    """Refuse a planned hold that its customers would hear of too late, or so early that they forget it."""
    if ahead <= timedelta(0):
        raise HoldRefusedError(
            "hold_in_the_past", "a planned hold begins later; one that begins now is put on without a date"
        )
    if ahead > rules.announce_at_most:
        raise HoldRefusedError(
            "announced_too_early", f"a hold is announced at most {_days(rules.announce_at_most)} ahead (O3)"
        )
    if ahead < rules.announce_at_least and not urgent:
        raise HoldRefusedError(
            "announced_too_late",
            f"a hold is announced at least {_days(rules.announce_at_least)} ahead, unless it is urgent (O3)",
        )


def _days(span: timedelta) -> str:
    return "1 day" if span.days == 1 else f"{span.days} days"


def _put(
    connection: Connection,
    scope: str,
    cause: str,
    *,
    since: datetime,
    now: datetime,
    reason: str,
    probe_at: datetime | None = None,
    kind: HoldKind = HoldKind.OPERATIONAL,
    evidence: str | None = None,
    announced_at: datetime | None = None,
) -> None:
    new = insert(Hold).values(
        registrar=scope,
        cause=cause,
        kind=kind,
        reason=reason,
        evidence=evidence,
        announced_at=announced_at,
        since=since,
        probe_at=probe_at,
    )
    if not try_write(connection, new):
        connection.execute(
            update(Hold)
            .where(Hold.registrar == scope, Hold.cause == cause, Hold.released_at.is_(None))
            .values(reason=reason, evidence=evidence, probe_at=probe_at)
        )
    elif since <= now:
        told = {"cause": str(cause), "reason": reason}
        events.record(connection, "registrar.held", at=now, subject=scope, evidence=told)
    begins = f"will be on hold from {since:%Y-%m-%d %H:%M} UTC" if since > now else "is on hold"
    open_finding(
        connection,
        _FINDING,
        f"{scope}: {cause}",
        text=f"{in_words(scope)} {begins}: {reason}",
        next_step=_next_step(scope, cause),
        now=now,
    )


def _next_step(scope: str, cause: str) -> str:
    if cause == BlockCause.DEPOSIT:
        return "top up the deposit"
    typed = f"'{scope}'" if scope == EVERYTHING else scope
    return f"put it right, then `registrar registrars release {typed} --ticket …`"
