"""What do we know of the names of a batch? A few queries for all of them, however many there are.

The names' rows are locked, in their order: two writers of one name follow each other, and neither waits in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, or_, select

from registrar.commands import RENEWALS, Kind, OwnKind
from registrar.gateway import Standing
from registrar.judging import guard_expiry
from registrar.mails import NoticeKind
from registrar.models import Claim, Departure, Domain, Notice, Order, Pin, Reading
from registrar.names import DomainName
from registrar.notices.states import NoticeState
from registrar.orders.states import State
from registrar.statuses import Status
from registrar.sync.vocabulary import Known, Missing, Source, Suspicion, SyncTerms, Told

_FINAL = [state for state in State if state.final]
_BUYS_A_TERM = (Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE, Kind.RENEW_ELSEWHERE)
_DEPARTING = ("unlocking", "code_due", "open")
"""As the partial index of departures has it."""
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
    return Batch({row.name: _known(row, around, terms) for row in rows}, around.told)


def lock(connection: Connection, names: Iterable[str]) -> Sequence[Row[Any]]:
    """Return the rows of those names that are with us, locked; rows that only name them are written beside."""
    query = select(Domain.__table__).where(Domain.name.in_(list(names)), Domain.gone_at.is_(None))
    return connection.execute(query.order_by(Domain.name).with_for_update(key_share=True)).all()


def busy(connection: Connection, names: Sequence[str]) -> frozenset[str]:
    """Return those names that an open order may change; a lock of our own changes no date and no standing."""
    query = select(Order.domain).where(
        Order.domain.in_(names), Order.state.not_in(_FINAL), Order.kind.in_(list(Kind))
    )
    return frozenset(connection.execute(query).scalars())


def pinned(connection: Connection, names: Sequence[str], *, now: datetime) -> dict[str, datetime]:
    """Return the dates that staff hold fast."""
    query = select(Pin.domain, Pin.expires_at).where(
        Pin.domain.in_(names), Pin.ended_at.is_(None), Pin.until > now
    )
    return dict(connection.execute(query).all())


def _around(connection: Connection, here: Sequence[str], names: Sequence[str], *, now: datetime) -> _Around:
    return _Around(
        told=_told(connection, names),
        busy=busy(connection, here),
        dateless=_dateless(connection, here),
        suspended=_suspended(connection, here),
        claimed=_names(
            connection,
            select(Claim.domain).where(
                Claim.domain.in_(here), Claim.closed_at.is_(None), Claim.lock == _LOCKED
            ),
        ),
        departing=_names(
            connection,
            select(Departure.domain).where(Departure.domain.in_(here), Departure.state.in_(_DEPARTING)),
        ),
        pinned=pinned(connection, here, now=now),
        unnoticed=_unnoticed(connection, here, now=now),
    )


def _known(row: Row[Any], around: _Around, terms: SyncTerms) -> Known:
    name = row.name
    return Known(
        domain=DomainName(name, row.zone),
        registrar=row.registrar,
        registry_expires_at=row.registry_expires_at,
        registry_expires_text=row.registry_expires_text,
        paid_through=row.paid_through,
        renew_by=row.renew_by,
        confirmed_at=row.confirmed_at,
        doubted_at=row.doubted_at,
        doubted_why=row.doubted_why,
        pinned=around.pinned.get(name),
        months_without_date=_months(row, around.dateless.get(name, ()), terms),
        busy=name in around.busy,
        departing=name in around.departing,
        claimed=name in around.claimed,
        suspended=name in around.suspended,
        reminded=row.doubted_at is not None or name not in around.unnoticed,
        told=around.told.get(name, {}),
    )


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


def _dateless(connection: Connection, names: Sequence[str]) -> dict[str, list[Row[Any]]]:
    query = select(Order.domain, Order.kind, Order.months, Order.guard).where(
        Order.domain.in_(names),
        Order.state == State.COMPLETED,
        Order.expires_at.is_(None),
        Order.kind.in_(_BUYS_A_TERM),
    )
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
    if order.kind not in RENEWALS or not (order.guard or {}).get("expires_at"):
        return False
    return abs(guard_expiry(order.guard).at - in_books) <= terms.shift


def _suspended(connection: Connection, names: Sequence[str]) -> frozenset[str]:
    """Return those names whose last order about their hold, but for a claim's, put it on (O11)."""
    query = (
        select(Order.domain, Order.kind, Order.details)
        .where(
            Order.domain.in_(names),
            Order.kind.in_(list(OwnKind)),
            Order.claim_id.is_(None),
            Order.state.not_in((State.REFUSED, State.CANCELLED)),
        )
        .order_by(Order.id)
    )
    last = {
        order.domain: order.kind
        for order in connection.execute(query)
        if Status.CLIENT_HOLD in order.details.get("statuses", ())
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
