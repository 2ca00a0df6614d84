"""How is a doubt ended? By looking, never by sending again: unresolved orders are resolved, pending ones followed.

Absence is proven only by two looks apart, the first after the longest time a request may still land. A refusal that
came after a silence is believed only after a longer look: it may be about ourselves, or the first may still land.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlalchemy import Connection, Row, func, select, update

from registrar import events
from registrar.commands import RENEWALS, Kind, kind_of, look_kind
from registrar.findings import open_finding
from registrar.gateway import Progress, Sighting
from registrar.judging import Verdict, after_attempt, paid_end, registry_end
from registrar.models import Attempt, Look, Message, Order
from registrar.names import DomainName
from registrar.orders import comparing, ending
from registrar.orders.looking import is_saved, record_look, saved_words, stop_registrar
from registrar.orders.states import State, move, read_locked
from registrar.orders.terms import Terms
from registrar.orders.working import domain_of
from registrar.outcomes import Correction, RefusalReason

_NEGATIVE = frozenset({Verdict.ABSENT, Verdict.REJECTED, Verdict.NOT_OURS})


@dataclass(frozen=True, slots=True)
class LookPlan:
    """A look to be made for an order in doubt. It is judged as of `planned_at`, before the question left."""

    order_id: int
    state: State
    attempt_number: int
    registrar: str
    kind: Kind
    """What the look is made for."""
    domain: DomainName
    planned_at: datetime


def plan_look(connection: Connection, order_id: int, *, now: datetime) -> LookPlan | None:
    """Return the look that is due for an order in doubt, or None."""
    order = connection.execute(select(Order.__table__).where(Order.id == order_id)).first()
    if (
        order is None
        or order.state not in (State.UNRESOLVED, State.PENDING)
        or order.due_at is None
        or order.due_at > now
    ):
        return None
    return LookPlan(
        order.id,
        State(order.state),
        order.attempt_number,
        order.registrar,
        look_kind(kind_of(order.kind)),
        domain_of(order),
        now,
    )


def conclude_look(
    connection: Connection, plan: LookPlan, sighting: Sighting, *, terms: Terms, now: datetime
) -> None:
    """Judge the look and move the order, if it still stands where the look was planned."""
    order = read_locked(connection, plan.order_id)
    if order is None or order.state != plan.state or order.attempt_number != plan.attempt_number:
        return
    verdict = after_attempt(kind_of(order.kind), sighting, guard=order.guard or {}, months=order.months)
    counts = order.absent_after is None or plan.planned_at >= order.absent_after
    seen = _Seen(sighting, verdict, counts, plan.planned_at)
    confirmed = verdict in _NEGATIVE and counts and _seen_before(connection, order, seen, terms)
    record_look(connection, order, sighting, verdict, counts=counts, looked_at=plan.planned_at)
    if plan.state is State.UNRESOLVED:
        _resolve(connection, order, seen, confirmed=confirmed, terms=terms, now=now)
    else:
        _follow(connection, order, seen, confirmed=confirmed, terms=terms, now=now)


@dataclass(frozen=True, slots=True)
class _Seen:
    sighting: Sighting
    verdict: Verdict
    counts: bool
    planned_at: datetime

    @property
    def evidence(self) -> dict[str, Any]:
        return {"verdict": str(self.verdict), **ending.sighting_evidence(self.sighting)}


def _resolve(
    connection: Connection, order: Row[Any], seen: _Seen, *, confirmed: bool, terms: Terms, now: datetime
) -> None:
    """Decide an order of which nobody knew."""
    doubtful = ending.in_doubt(connection, order)
    match seen.verdict:
        case Verdict.DID if order.refusal and not doubtful and order.kind in RENEWALS:
            why = "refused, and yet the expiry moved by the ordered term: somebody else may have renewed it"
            ending.hold_for_staff(connection, order, why, now=now, evidence=seen.evidence)
        case Verdict.DID:
            _complete(connection, order, seen, now=now)
        case Verdict.UNDER_WAY:
            _pend(connection, order, seen, terms=terms, now=now)
        case Verdict.CANNOT_TELL:
            why = "the look cannot tell whether this order did it"
            ending.hold_for_staff(connection, order, why, now=now, evidence=seen.evidence)
        case Verdict.LOOK_FAILED:
            _look_again_after_failure(connection, order, seen, terms=terms, now=now)
        case Verdict.ABSENT | Verdict.REJECTED | Verdict.NOT_OURS:
            if not confirmed:
                again = now + terms.capabilities.look_gap if seen.counts else order.absent_after
                _look_again(connection, order, at=again)
            else:
                _conclude_absence(connection, order, seen, terms=terms, now=now)
        case _:
            assert_never(seen.verdict)


def _follow(
    connection: Connection, order: Row[Any], seen: _Seen, *, confirmed: bool, terms: Terms, now: datetime
) -> None:
    """Follow an order that the registrar accepted."""
    if now - order.state_since >= terms.pending_alarm:
        _tell_staff(connection, order, now=now)
    match seen.verdict:
        case Verdict.DID:
            _complete(connection, order, seen, now=now)
        case Verdict.LOOK_FAILED:
            _look_again_after_failure(connection, order, seen, terms=terms, now=now, give_up=False)
        case Verdict.UNDER_WAY:
            _follow_on(connection, order, seen, terms=terms, now=now)
        case Verdict.CANNOT_TELL:
            if _seen_before(connection, order, seen, terms):
                why = "pending, and twice the look could not tell what became of it"
                ending.hold_for_staff(connection, order, why, now=now, evidence=seen.evidence)
            else:
                _look_again(connection, order, at=now + terms.capabilities.look_gap)
        case Verdict.ABSENT | Verdict.REJECTED | Verdict.NOT_OURS:
            _follow_negative(connection, order, seen, confirmed=confirmed, terms=terms, now=now)
        case _:
            assert_never(seen.verdict)


def _follow_on(connection: Connection, order: Row[Any], seen: _Seen, *, terms: Terms, now: datetime) -> None:
    """Look again later. Documents that the registry asks for are the customer's turn, until a day that he is told.

    That day is the end of the name's reservation, where the registry shows it (D4) and it is near. The order is not refused when that day passes: the registrar has accepted it, and it is the registrar who ends it.
    """
    if is_saved(seen.sighting, seen.verdict, terms):
        why = saved_words(order.registrar)
        ending.put_back(connection, order, why, now=now, due_at=now, evidence=seen.evidence)
        return
    if Progress.DOCUMENTS_REQUIRED not in seen.sighting.progress.values():
        _look_again(connection, order, at=now + terms.follow_every, turn=None, needs=None, correct_by=None)
        return
    asked = order.needs != Correction.DOCUMENTS
    if asked:
        evidence = {"needs": str(Correction.DOCUMENTS), **seen.evidence}
        events.record(connection, "order.documents_asked", at=now, order_id=order.id, evidence=evidence)
    _look_again(
        connection,
        order,
        at=now + terms.follow_every,
        turn="customer",
        needs=Correction.DOCUMENTS,
        correct_by=_documents_by(seen, terms, now) if asked else order.correct_by,
    )


def _documents_by(seen: _Seen, terms: Terms, now: datetime) -> datetime:
    usual, expiry = now + terms.documents_within, seen.sighting.expiry
    return min(usual, expiry.at) if expiry is not None and seen.sighting.expiry_is_temporary else usual


def _follow_negative(
    connection: Connection, order: Row[Any], seen: _Seen, *, confirmed: bool, terms: Terms, now: datetime
) -> None:
    """Refuse an accepted order only when two witnesses agree: a message and a look, or two looks apart.

    Only where messages never take anything back is one look that says *rejected* enough. An earlier silence asks for
    the longer look first.
    """
    told = latest_progress(connection, order)
    two_witnesses = confirmed or told is Progress.REJECTED
    one_is_enough = terms.capabilities.monotone and seen.verdict is Verdict.REJECTED
    proves = seen.verdict is not Verdict.ABSENT or order.kind == Kind.REGISTER or told is Progress.REJECTED
    if not (proves and (two_witnesses or one_is_enough)):
        gap = terms.capabilities.look_gap if proves else terms.follow_every
        _look_again(connection, order, at=now + gap)
    elif ending.in_doubt_before(connection, order.id, order.attempt_number) and order.refusal is None:
        look_from = now + terms.capabilities.long_look
        refusal = {"reason": str(RefusalReason.REJECTED), "text": "rejected after an earlier silence"}
        _look_again(connection, order, at=look_from, absent_after=look_from, refusal=refusal)
    elif not seen.counts:
        _look_again(connection, order, at=order.absent_after)
    else:
        _refuse(connection, order, seen, now=now)


def _conclude_absence(
    connection: Connection, order: Row[Any], seen: _Seen, *, terms: Terms, now: datetime
) -> None:
    """Looked, twice, late enough: it did not happen. Refuse what was refused; else send again, with the same guard."""
    if order.refusal or seen.verdict is not Verdict.ABSENT:
        _refuse(connection, order, seen, now=now)
    elif order.crashes >= terms.max_crashes:
        why = f"{order.crashes} workers fell silent over it"
        ending.hold_for_staff(connection, order, why, now=now, evidence=seen.evidence)
    elif _unknowns(connection, order) >= terms.max_unknowns:
        why = f"{terms.max_unknowns} attempts ended without an answer"
        ending.hold_for_staff(connection, order, why, now=now, evidence=seen.evidence)
    else:
        ending.put_back(
            connection, order, "looked twice: it did not happen", now=now, due_at=now, evidence=seen.evidence
        )


def _complete(connection: Connection, order: Row[Any], seen: _Seen, *, now: datetime) -> None:
    ending.complete(
        connection,
        order,
        expiry=paid_end(seen.sighting),
        registry_expiry=registry_end(seen.sighting),
        registry_id=seen.sighting.registry_id,
        evidence=seen.evidence,
        now=now,
        source=seen.sighting.source,
    )
    comparing.tell(connection, order, seen.sighting, now=now)


def _refuse(connection: Connection, order: Row[Any], seen: _Seen, *, now: datetime) -> None:
    if order.refusal:
        reason = RefusalReason(order.refusal["reason"])
    elif seen.verdict is Verdict.NOT_OURS:
        reason = RefusalReason.ALREADY_REGISTERED
    else:
        reason = RefusalReason.TRANSFER_REJECTED if order.kind == Kind.TRANSFER else RefusalReason.REJECTED
    ending.refuse(connection, order, reason, evidence={**seen.evidence, "refusal": order.refusal}, now=now)


def _pend(connection: Connection, order: Row[Any], seen: _Seen, *, terms: Terms, now: datetime) -> None:
    """Follow what turns out to have been accepted; that it was only saved, for want of our deposit, is told here."""
    blocked = seen.sighting.blocked
    if blocked is not None and blocked.stops_registrar:
        stop_registrar(connection, order.registrar, blocked, seen.sighting.reason, terms=terms, now=now)
    move(
        connection,
        order,
        State.PENDING,
        now=now,
        evidence=seen.evidence,
        due_at=now + terms.follow_every,
        registry_id=seen.sighting.registry_id or order.registry_id,
        refusal=None,
    )


def _look_again(connection: Connection, order: Row[Any], *, at: datetime, **values: Any) -> None:
    connection.execute(
        update(Order)
        .where(Order.id == order.id, Order.state == order.state, Order.attempt_number == order.attempt_number)
        .values(**{"due_at": at, "rung_until": None, "failed_looks": 0} | values)
    )


def _look_again_after_failure(
    connection: Connection, order: Row[Any], seen: _Seen, *, terms: Terms, now: datetime, give_up: bool = True
) -> None:
    blocked = seen.sighting.blocked
    if blocked is not None and blocked.stops_registrar:
        stop_registrar(connection, order.registrar, blocked, seen.sighting.reason, terms=terms, now=now)
        _look_again(connection, order, at=now + terms.look_retry)
        return
    if seen.sighting.retry_after:
        _look_again(connection, order, at=now + timedelta(seconds=seen.sighting.retry_after))
        return
    failed = order.failed_looks + 1
    if give_up and failed >= terms.max_failed_looks:
        why = f"{failed} looks in a row failed: {seen.sighting.reason}"
        ending.hold_for_staff(connection, order, why, now=now, evidence=seen.evidence)
        return
    _look_again(connection, order, at=now + terms.look_wait(failed), failed_looks=failed)


def _seen_before(connection: Connection, order: Row[Any], seen: _Seen, terms: Terms) -> bool:
    """Tell whether a look at least the gap earlier said the same sort of thing, and counts like this one."""
    same: Collection[Verdict] = _NEGATIVE if seen.verdict in _NEGATIVE else {seen.verdict}
    query = select(Look.id).where(
        Look.order_id == order.id,
        Look.attempt_number == order.attempt_number,
        Look.verdict.in_(same),
        Look.counts,
        Look.seen_at <= seen.planned_at - terms.capabilities.look_gap,
        Look.seen_at >= (order.absent_after or order.state_since),
    )
    return connection.execute(query.limit(1)).first() is not None


def _unknowns(connection: Connection, order: Row[Any]) -> int:
    query = (
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.order_id == order.id, Attempt.outcome == "unknown")
    )
    return connection.execute(query).scalar_one()


def latest_progress(connection: Connection, order: Row[Any]) -> Progress | None:
    """Return what the registrar's newest message about this order says; messages of another object do not count."""
    begun = select(func.min(Attempt.begun_at)).where(Attempt.order_id == order.id).scalar_subquery()
    ours = select(Attempt.client_transaction_id).where(Attempt.order_id == order.id)
    query = (
        select(Message.progress)
        .where(
            Message.registrar == order.registrar,
            Message.domain == order.domain,
            Message.received_at >= begun,
            Message.progress.is_not(None),
            Message.kind.is_(None) | (Message.kind == kind_of(order.kind).at_registrars),
            Message.client_transaction_id.is_(None) | Message.client_transaction_id.in_(ours),
        )
        .order_by(Message.id.desc())
    )
    if order.registry_id is not None:
        query = query.where(Message.registry_id.is_(None) | (Message.registry_id == order.registry_id))
    told = connection.execute(query.limit(1)).scalar()
    return Progress(told) if told else None


def _tell_staff(connection: Connection, order: Row[Any], *, now: datetime) -> None:
    open_finding(
        connection,
        ending.PENDING_LONG,
        f"order:{order.id}",
        text=f"order {order.id} ({order.kind} {order.domain}) is pending at {order.registrar} since {order.state_since:%Y-%m-%d}",
        next_step=f"ask the registrar; the order is followed on, unless you take it over: `registrar orders hold {order.id}`",
        now=now,
    )
