"""Which open orders are late, and for which is a door about to close while they wait (O2, O3, E3)?

All three look over open orders only, by an index, so they cost what is open and not what ever was.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, func, select
from sqlalchemy import text as sql

from registrar import holds, notices
from registrar.agreement.rules import RuleBook, Rules
from registrar.commands import RENEWALS, Kind
from registrar.findings import keep_findings
from registrar.mails import NoticeKind
from registrar.models import Domain, Order
from registrar.orders.agreed import dates_of, expired_at, rules_of

WINDOW_CLOSES = "window_closes"
RENEWAL_UNMOVED = "renewal_unmoved"
_IS_OPEN = sql("state NOT IN ('completed', 'refused', 'cancelled')")
"""As the index of open orders has it, so that the database uses that."""


class Closing(NamedTuple):
    """A renewal that waits, and the next limit that comes while it does."""

    order_id: int
    domain: str
    registrar: str
    limit: str
    """`committed`, `possible` (the agreement's), `registry_normal`, `registry_penalty`, `renew_by` (the others')."""
    closes_at: datetime
    waiting: str | None


class Overdue(NamedTuple):
    """An order past the end of its delivery time, force majeure left out."""

    order_id: int
    kind: str
    domain: str
    customer: str
    registrar: str
    state: str
    due_by: datetime
    cancellable_from: datetime | None


def closing(connection: Connection, book: RuleBook, now: datetime, within: timedelta) -> list[Closing]:
    """Return the renewals that wait while one of their limits comes within a time, the next to close first (O3).

    A window that the registrar or the registry has is not stopped by a hold of ours, whatever the clocks of O2 do.
    """
    found = []
    for order in _open_renewals(connection):
        ahead = [
            (at, name)
            for name, at in _limits(order, rules_of(order, book)).items()
            if now <= at <= now + within
        ]
        if ahead:
            closes_at, limit = min(ahead)
            found.append(
                Closing(
                    order.id, order.domain, order.registrar, limit, closes_at, _why(connection, order, now)
                )
            )
    return sorted(found, key=lambda one: one.closes_at)


def watch_windows(connection: Connection, book: RuleBook, *, now: datetime, within: timedelta) -> int:
    """Keep a finding for each renewal whose window closes while it waits: something can still be done. Return how many."""
    standing = {}
    for one in closing(connection, book, now, within):
        text = (
            f"the renewal of {one.domain} waits at {one.registrar} ({one.waiting or 'it is being worked'}), and its limit "
            f"`{one.limit}` ends at {one.closes_at:%Y-%m-%d %H:%M} UTC"
        )
        next_step = f"have it sent before that (`registrar orders show {one.order_id}`), or renew it at the registry by hand"
        standing[f"order:{one.order_id}"] = (text, next_step)
    keep_findings(connection, WINDOW_CLOSES, standing, now=now)
    return len(standing)


def overdue(connection: Connection, now: datetime) -> list[Overdue]:
    """Return the open orders past the end of their delivery time, the longest overdue first (O2)."""
    query = select(Order.__table__).where(_IS_OPEN, Order.due_by < now)
    found = []
    for order in connection.execute(query.order_by(Order.due_by)):
        due_by, cancellable_from = holds.dates(connection, order, now)
        if due_by is not None and due_by < now:
            found.append(
                Overdue(
                    order.id,
                    order.kind,
                    order.domain,
                    order.customer,
                    order.registrar,
                    order.state,
                    due_by,
                    cancellable_from,
                )
            )
    return sorted(found, key=lambda one: one.due_by)


def watch_unmoved(connection: Connection, book: RuleBook, *, now: datetime) -> int:
    """Keep a finding for each renewal that is paid for and not done although the name has expired, or it is overdue (E3).

    We find it before its customer has to; the finding says how much time is left, and for what. Return how many.
    """
    standing = {}
    for order in _open_renewals(connection):
        expired, dates = expired_at(order) or order.paid_through, dates_of(connection, order, now)
        has_expired = expired is not None and expired < now
        if not has_expired and not (dates.due_by is not None and dates.due_by < now):
            continue
        limits = _limits(order, rules_of(order, book))
        since = f" from {expired:%Y-%m-%d %H:%M} UTC" if expired else ""
        text = (
            f"the renewal of {order.domain} was paid for at {order.paid_at:%Y-%m-%d %H:%M} UTC, and its date has not moved"
            f"{since}; {_time_left(limits, now)}"
        )
        next_step = f"`registrar orders show {order.id}`; carry it out before its customer has to report it"
        standing[f"order:{order.id}"] = (text, next_step)
    keep_findings(connection, RENEWAL_UNMOVED, standing, now=now)
    return len(standing)


def tell_customers(connection: Connection, scope: str, *, since: datetime, now: datetime) -> int:
    """Owe a notice of a planned hold to each customer with an open order in its scope; return how many (O3)."""
    query = (
        select(Order.customer, func.min(Order.id))
        .where(_IS_OPEN, Order.kind.in_(list(Kind)), holds.orders_in(scope))
        .group_by(Order.customer)
    )
    waiting = connection.execute(query).all()
    for customer, first_order in waiting:
        notices.owe(
            connection,
            key=f"{NoticeKind.PLANNED_HOLD}:{scope}:{since:%Y-%m-%dT%H:%M:%S}:{first_order}",
            kind=NoticeKind.PLANNED_HOLD,
            customer=customer,
            facts={"starts_at": since.isoformat(), "ends_at": None},
            now=now,
        )
    return len(waiting)


def _open_renewals(connection: Connection) -> Sequence[Row[Any]]:
    """Return each open renewal, with the three dates of its name in our books, None if it is not there.

    They stand in for what an order of before there were promises does not say.
    """
    query = (
        select(Order.__table__, Domain.registry_expires_at, Domain.renew_by, Domain.paid_through)
        .outerjoin(Domain, and_(Domain.name == Order.domain, Domain.gone_at.is_(None)))
        .where(_IS_OPEN, Order.kind.in_(RENEWALS))
        .order_by(Order.promise_by, Order.id)
    )
    return connection.execute(query).all()


def _limits(order: Row[Any], rules: Rules) -> Mapping[str, datetime]:
    """Return the last instants of a renewal: the agreement's, the registry's and the registrar's own."""
    promise, expires, renewal = order.promise or {}, order.registry_expires_at, rules.renewal
    limits: dict[str, datetime | None] = {
        name: datetime.fromisoformat(promise[f"{name}_until"])
        for name in ("committed", "possible")
        if promise.get(f"{name}_until")
    }
    limits["renew_by"] = order.renew_by
    for name, span in (
        ("registry_normal", renewal.registry_normal),
        ("registry_penalty", renewal.registry_penalty),
    ):
        limits[name] = expires + span if expires and span else None
    return {name: at for name, at in limits.items() if at is not None}


def _time_left(limits: Mapping[str, datetime], now: datetime) -> str:
    ahead = [(at, name) for name, at in limits.items() if at >= now]
    if not ahead:
        return "no limit that is known lies ahead any more"
    at, name = min(ahead)
    left = at - now
    return f"{left.days} days {left.seconds // 3600} hours are left until `{name}` at {at:%Y-%m-%d %H:%M} UTC"


def _why(connection: Connection, order: Row[Any], now: datetime) -> str | None:
    on = holds.in_force(connection, order.registrar, order.zone, now=now)
    reason: str | None = f"on hold: {on[0].reason}" if on else order.hold_reason or order.waiting_reason
    return reason
