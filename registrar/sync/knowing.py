"""What do we know of the names of a batch? A few queries for all of them, however many there are.

The names' rows are locked, in their order: two writers of one name follow each other, and neither waits in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, or_, select
from sqlalchemy import text as sql

from registrar.commands import RENEWALS, Kind, OwnKind
from registrar.events import CLOCK_RAN_AHEAD
from registrar.gateway import Standing
from registrar.judging import guard_end
from registrar.mails import NoticeKind
from registrar.models import Claim, Departure, Domain, Notice, Order, Pin, Reading
from registrar.names import DomainName
from registrar.notices.states import NoticeState
from registrar.orders.states import State
from registrar.statuses import Status
from registrar.sync.vocabulary import Known, Missing, Source, Suspicion, SyncTerms, Told

_FINAL = frozenset(state for state in State if state.final)
_CAME_TO_NOTHING = frozenset({State.REFUSED, State.CANCELLED})
_KINDS, _OWN = frozenset(Kind), frozenset(OwnKind)
_BUYS_A_TERM = _KINDS - {Kind.CHANGE_HOLDER}
_IS_DEPARTING = sql("departures.state IN ('unlocking', 'code_due', 'open')")
"""As the partial index of departures has it, so that the database uses that."""
_LOCKED = "locked"
"""Of a claim: its lock is on, by a look."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What is under way around the names of a batch, beside their own rows."""

    told: Mapping[str, Mapping[Source, Told]]
    busy: frozenset[str]
    dateless: Mapping[str, Sequence[Row[Any]]]
    """The completed orders that told no date."""
    suspended: frozenset[str]
    done: Mapping[int, datetime]
    """When each completed order was."""
    elsewhere: frozenset[int]
    """The orders that renewed a name which is with another agent."""
    claimed: frozenset[str]
    departing: frozenset[str]
    pinned: Mapping[str, datetime]
    unnoticed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is known of each name that is with us, and what its sources told of each name, gone ones too."""

    known: Mapping[str, Known]
    told: Mapping[str, Mapping[Source, Told]] = field(default_factory=dict)


def load(connection: Connection, names: Sequence[str], *, terms: SyncTerms, now: datetime) -> Batch:
    """Return what is known of these names, and keep others from changing them until this transaction ends."""
    rows = lock(connection, names)
    around = _around(connection, [row.name for row in rows], names, now=now)
    return Batch({row.name: _known(row, around, terms, now=now) for row in rows}, around.told)


def lock(connection: Connection, names: Iterable[str]) -> Sequence[Row[Any]]:
    """Return the rows of those names that are with us, locked; rows that only name them are written beside."""
    query = select(Domain.__table__).where(Domain.name.in_(list(names)), Domain.gone_at.is_(None))
    return connection.execute(query.order_by(Domain.name).with_for_update(key_share=True)).all()


def busy(connection: Connection, names: Sequence[str]) -> frozenset[str]:
    """Return those names that an open order may change; a lock of our own changes no date and no standing."""
    return _busy(_orders(connection, names))


def pinned(connection: Connection, names: Sequence[str], *, now: datetime) -> dict[str, datetime]:
    """Return the dates that staff hold fast."""
    query = select(Pin.domain, Pin.expires_at).where(
        Pin.domain.in_(names), Pin.ended_at.is_(None), Pin.until > now
    )
    return dict(connection.execute(query).all())


def _around(connection: Connection, here: Sequence[str], names: Sequence[str], *, now: datetime) -> _Around:
    orders = _orders(connection, here)
    return _Around(
        told=_told(connection, names),
        busy=_busy(orders),
        dateless=_dateless(connection, orders),
        suspended=_suspended(connection, orders),
        done={order.id: order.state_since for order in orders if order.state == State.COMPLETED},
        elsewhere=frozenset(order.id for order in orders if order.kind == Kind.RENEW_ELSEWHERE),
        claimed=_names(
            connection,
            select(Claim.domain).where(
                Claim.domain.in_(here), Claim.closed_at.is_(None), Claim.lock == _LOCKED
            ),
        ),
        departing=_names(
            connection,
            select(Departure.domain).where(Departure.domain.in_(here), _IS_DEPARTING),
        ),
        pinned=pinned(connection, here, now=now),
        unnoticed=_unnoticed(connection, here, now=now),
    )


def _known(row: Row[Any], around: _Around, terms: SyncTerms, *, now: datetime) -> Known:
    name, ordered_at, confirmed_at = row.name, around.done.get(row.order_id), row.confirmed_at
    is_past = confirmed_at is not None and confirmed_at <= now + CLOCK_RAN_AHEAD
    told = around.told.get(name, {})
    return Known(
        domain=DomainName(name, row.zone),
        registrar=row.registrar,
        registry_expires_at=row.registry_expires_at,
        registry_expires_text=row.registry_expires_text,
        paid_through=row.paid_through,
        renew_by=row.renew_by,
        confirmed_at=confirmed_at if is_past else None,
        doubted_at=row.doubted_at,
        doubted_why=row.doubted_why,
        pinned=around.pinned.get(name),
        months_without_date=_months(row, around.dateless.get(name, ()), terms),
        busy=name in around.busy,
        departing=name in around.departing,
        claimed=name in around.claimed,
        suspended=name in around.suspended,
        elsewhere=row.order_id in around.elsewhere,
        reminded=row.doubted_at is not None or name not in around.unnoticed,
        told={source: _countable(its, ordered_at, now=now) for source, its in told.items()},
    )


def _countable(told: Told, ordered_at: datetime | None, *, now: datetime) -> Told:
    """Count anew what a source said before an order of ours was done for the name: then it was with us.

    And no night waits for the time to come that a clock which ran ahead has written.
    """
    suspicion = told.suspicion
    if suspicion is None:
        return told
    if suspicion.seen_at > now + CLOCK_RAN_AHEAD:
        suspicion = replace(suspicion, since=min(suspicion.since, now), seen_at=now)
    if ordered_at is not None and suspicion.seen_at <= ordered_at:
        suspicion = replace(suspicion, since=ordered_at, times=0)
    return replace(told, suspicion=suspicion)


def _told(connection: Connection, names: Sequence[str]) -> dict[str, dict[Source, Told]]:
    found: dict[str, dict[Source, Told]] = {}
    for row in connection.execute(select(Reading.__table__).where(Reading.domain.in_(names))):
        found.setdefault(row.domain, {})[Source(row.source)] = told_by(row)
    return found


def told_by(row: Row[Any]) -> Told:
    """Return what a reading holds, as plain values."""
    return Told(
        told_at=row.told_at,
        asked_at=row.asked_at,
        tries=row.tries,
        standing=Standing(row.standing) if row.standing else None,
        reason=row.reason or "",
        ours=row.ours,
        sponsor=row.sponsor,
        expires_at=row.expires_at,
        expires_text=row.expires_text,
        expiry_is_temporary=row.expiry_is_temporary,
        renewed_by_registry=row.renewed_by_registry,
        renew_by=row.renew_by,
        auto_renews=row.auto_renews,
        created_at=row.created_at,
        statuses=frozenset(row.statuses or ()),
        nameservers=tuple(row.nameservers or ()),
        suspicion=_suspicion(row),
    )


def _suspicion(row: Row[Any]) -> Suspicion | None:
    if row.suspect is None:
        return None
    what, since = Missing(row.suspect), row.suspect_since
    return Suspicion(what, since, row.suspect_seen_at, row.suspect_times, row.suspect_sponsor)


def _names(connection: Connection, query: Any) -> frozenset[str]:
    return frozenset(connection.execute(query).scalars())


def _orders(connection: Connection, names: Sequence[str]) -> list[Row[Any]]:
    """Return all orders of these names by the index of that, without what is long; a name has few."""
    columns = (
        Order.id,
        Order.domain,
        Order.kind,
        Order.state,
        Order.state_since,
        Order.expires_at,
        Order.claim_id,
    )
    query = select(*columns).where(Order.domain.in_(names)).order_by(Order.domain, Order.id)
    return [*connection.execute(query)]


def _busy(orders: Iterable[Row[Any]]) -> frozenset[str]:
    return frozenset(order.domain for order in orders if order.state not in _FINAL and order.kind in _KINDS)


def _dateless(connection: Connection, orders: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    ids = [
        order.id
        for order in orders
        if order.state == State.COMPLETED and order.expires_at is None and order.kind in _BUYS_A_TERM
    ]
    if not ids:
        return {}
    query = select(Order.domain, Order.kind, Order.months, Order.guard).where(Order.id.in_(ids))
    found: dict[str, list[Row[Any]]] = {}
    for order in connection.execute(query):
        found.setdefault(order.domain, []).append(order)
    return found


def _months(row: Row[Any], orders: Iterable[Row[Any]], terms: SyncTerms) -> int:
    """Add up what was bought and shows nowhere yet: a renewal counts while the books have the date it began from."""
    return sum(order.months for order in orders if _is_unexplained(row.registry_expires_at, order, terms))


def _is_unexplained(in_books: datetime | None, order: Row[Any], terms: SyncTerms) -> bool:
    if in_books is None:
        return True
    began_from = guard_end(order.guard or {}) if order.kind in RENEWALS else None
    return began_from is not None and abs(began_from - in_books) <= terms.shift


def _suspended(connection: Connection, orders: Iterable[Row[Any]]) -> frozenset[str]:
    """Return those names whose last order about their hold, but for a claim's, put it on (O11)."""
    own = {
        order.id: order
        for order in orders
        if order.kind in _OWN and order.claim_id is None and order.state not in _CAME_TO_NOTHING
    }
    if not own:
        return frozenset()
    query = select(Order.id, Order.details).where(Order.id.in_(own)).order_by(Order.id)
    last = {
        own[row.id].domain: own[row.id].kind
        for row in connection.execute(query)
        if Status.CLIENT_HOLD in row.details.get("statuses", ())
    }
    return frozenset(name for name, kind in last.items() if kind == OwnKind.LOCK)


def _unnoticed(connection: Connection, names: Sequence[str], *, now: datetime) -> frozenset[str]:
    """Return those names of which a notice of expiry was owed by now and none was sent, of the term that is over (E2)."""
    sent = func.max(case((Notice.state == NoticeState.SENT, 1), else_=0))
    query = (
        select(Notice.domain)
        .join(Domain, and_(Domain.name == Notice.domain, Domain.paid_through == Notice.paid_through))
        .where(
            Domain.name.in_(names),
            Domain.paid_through <= now,
            Notice.kind == NoticeKind.EXPIRY,
            or_(Notice.scheduled_for <= now, Notice.state == NoticeState.SENT),
        )
        .group_by(Notice.domain)
        .having(sent == 0)
    )
    return _names(connection, query)
