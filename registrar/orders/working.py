"""How is an order worked? Claim, look, begin, *send*, settle; and no transaction is open while we look or send.

Everything here is a short transaction of its own. The sending stands between `begin` and `settle`, in the actor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from registrar import events, holds
from registrar.agreement.rules import RuleBook
from registrar.commands import (
    RENEWALS,
    ChangeHolder,
    Command,
    Contact,
    ContactRole,
    Handle,
    Kind,
    Nameserver,
    OwnKind,
    Register,
    Renew,
    Restore,
    Transfer,
    Update,
    kind_of,
    look_kind,
)
from registrar.findings import open_finding
from registrar.gateway import Sighting
from registrar.judging import SAME_EXPIRY, guard_expiry, paid_end, registry_end
from registrar.models import Attempt, Message, Order
from registrar.money import Money
from registrar.names import DomainName
from registrar.orders import agreed, ending, gates, looking, routing
from registrar.orders.routing import NO_PAUSES, Pause
from registrar.orders.states import State, move, read_locked
from registrar.orders.terms import Terms
from registrar.outcomes import (
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Outcome,
    Pending,
    Refused,
    Reply,
    Unknown,
)
from registrar.secrets import Keyring, KeyringError, Secret
from registrar.statuses import Status

NAME_RECHECK = timedelta(minutes=1)
"""How often an order that waits for another of the same name asks again, should nobody wake it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An order taken up: look at `domain`, then begin. `number` is the fence."""

    order_id: int
    number: int
    registrar: str
    kind: Kind
    """What the look is made for."""
    domain: DomainName


@dataclass(frozen=True, slots=True)
class Sending:
    """An attempt that is written down and committed: `command` may now be sent, once, before `lease_until`."""

    order_id: int
    number: int
    registrar: str
    command: Command | Update
    client_transaction_id: str


def registrar_of(connection: Connection, order_id: int) -> str | None:
    """Return the registrar that an order goes to, or None if there is no such order."""
    return connection.execute(select(Order.registrar).where(Order.id == order_id)).scalar()


def claim(
    connection: Connection,
    order_id: int,
    *,
    terms: Terms,
    rules: RuleBook,
    now: datetime,
    pauses: Mapping[str, Pause] = NO_PAUSES,
) -> Claim | None:
    """Take an order up: its name's slot, a place in the air, a lease. None: not now, and the row says why and until when.

    `pauses` are the registrars that do not answer just now. An order that would wait for its registrar goes to the next
    of its route instead, as long as nothing was ever sent.
    """
    order = read_locked(connection, order_id)
    if order is None or order.state != State.PLACED or order.due_at is None or order.due_at > now:
        return None
    if why := gates.keeps_waiting(connection, order, rules=rules.rules(order.zone, at=now), now=now):
        _wait(connection, order, why, until=now + gates.RECHECK)
        return None
    if _in_flight(connection, order.registrar, now=now) >= terms.in_flight_cap:
        connection.execute(update(Order).where(Order.id == order.id).values(rung_until=None))
        return None  # still due: whoever settles next rings for the earliest promise
    if not order.slot and (holder := _slot_holder(connection, order)) is not None:
        _wait(connection, order, f"order {holder} for the same name is not ended", until=now + NAME_RECHECK)
        return None
    if stop := pauses.get(order.registrar) or _hold(connection, order, terms=terms, now=now):
        if not routing.go_on(connection, order, stop.reason, avoid=pauses, now=now):
            _wait(connection, order, stop.reason, until=stop.until)
        return None
    return _take(connection, order, terms=terms, now=now)


def begin(
    connection: Connection,
    claimed: Claim,
    sighting: Sighting | None,
    *,
    terms: Terms,
    rules: RuleBook,
    keyring: Keyring,
    token: str,
    now: datetime,
) -> Sending | None:
    """Decide on the look, and write the attempt down. None: the look decided, and nothing is to be sent.

    `sighting` is None only where the registrar offers no look. `token` makes the client transaction id unique for ever,
    also after a restored backup.
    """
    order = read_locked(connection, claimed.order_id)
    if order is None or order.state != State.LOOKING or order.claims != claimed.number:
        return None
    if stop := _closed_meanwhile(connection, order, terms=terms, rules=rules, now=now):
        ending.put_back(connection, order, stop.reason, now=now, due_at=stop.until)
        return None
    guard = looking.decide(
        connection, order, sighting, terms=terms, rules=agreed.rules_of(order, rules), now=now
    )
    if guard is None:
        return None
    try:
        sealed = keyring.open(order.sealed) if order.sealed else {}
    except KeyringError as error:
        ending.hold_for_staff(connection, order, str(error), now=now)
        return None
    needs_auth_info = order.kind == Kind.TRANSFER and terms.capabilities.transfer_needs_auth_info
    if needs_auth_info and not sealed.get("auth_info"):
        ending.hold_for_customer(
            connection,
            order,
            Correction.AUTH_INFO,
            "a transfer needs the auth code",
            now=now,
            within=terms.correct_within,
        )
        return None
    return _write_attempt(connection, order, guard, sealed, terms=terms, token=token, now=now)


def settle(connection: Connection, sent: Sending, outcome: Outcome, *, terms: Terms, now: datetime) -> None:
    """Record what an attempt came to, and let it move the order only if the order still waits for this attempt.

    Such a late answer beats any look. Any other answer is kept as evidence and moves nothing.
    """
    order = read_locked(connection, sent.order_id)
    if order is None:
        raise LookupError(f"order {sent.order_id} does not exist")
    outcome = _with_evidence(order, outcome)
    _record_outcome(connection, sent.order_id, sent.number, outcome, now=now)
    if isinstance(outcome, Done):
        _notice_second_success(connection, order, now=now)
    if order.state in (State.SENDING, State.UNRESOLVED) and order.attempt_number == sent.number:
        _apply(connection, order, sent, outcome, terms=terms, now=now)
    else:
        _keep_late_answer(connection, order, sent, outcome, now=now)


def expire_lease(connection: Connection, order_id: int, *, terms: Terms, now: datetime) -> None:
    """Take an order from a worker that fell silent. From *looking* nothing was sent; from *sending* nobody knows."""
    order = read_locked(connection, order_id)
    if order is None or order.lease_until is None or order.lease_until > now:
        return
    crashes = order.crashes + 1
    if order.state == State.LOOKING:
        if crashes >= terms.max_crashes:
            ending.hold_for_staff(
                connection, order, f"{crashes} workers fell silent over it", now=now, crashes=crashes
            )
        else:
            ending.put_back(
                connection,
                order,
                "the worker fell silent before sending",
                now=now,
                due_at=now,
                crashes=crashes,
            )
    elif order.state == State.SENDING:
        outcome = Unknown("no answer was recorded before the lease ran out")
        _record_outcome(connection, order.id, order.attempt_number, outcome, now=now)
        evidence = {"attempt": order.attempt_number, "outcome": "unknown", "reason": outcome.reason}
        _leave_unresolved(
            connection, order, evidence, since=order.lease_until, terms=terms, now=now, crashes=crashes
        )


def domain_of(order: Row[Any]) -> DomainName:
    """Return the order's name as the parsed type; it was parsed when the order was placed."""
    return DomainName(order.domain, order.zone)


def _apply(
    connection: Connection, order: Row[Any], sent: Sending, outcome: Outcome, *, terms: Terms, now: datetime
) -> None:
    """Move the order by its attempt's outcome; all seven are matched, and only a refusal moves money back."""
    evidence = {"attempt": sent.number, "outcome": _name(outcome), **_reply_evidence(outcome)}
    match outcome:
        case Done():
            ending.complete(
                connection,
                order,
                expiry=paid_end(outcome),
                registry_expiry=registry_end(outcome),
                registry_id=outcome.registry_id,
                evidence=evidence,
                now=now,
                source=f"{order.registrar} answer",
            )
        case Pending():
            _settle_acceptance(connection, order, outcome, evidence, terms=terms, now=now)
        case Refused():
            _settle_refusal(connection, order, outcome, evidence, terms=terms, now=now)
        case Correctable():
            ending.hold_for_customer(
                connection,
                order,
                outcome.needs,
                outcome.reply.text,
                now=now,
                within=terms.correct_within,
                evidence=evidence,
            )
        case Blocked():
            _settle_block(connection, order, outcome, evidence, terms=terms, now=now)
        case NotSent():
            wait = _not_sent_wait(connection, order, outcome, terms)
            ending.put_back(connection, order, outcome.reason, now=now, due_at=now + wait, evidence=evidence)
        case Unknown():
            _leave_unresolved(connection, order, evidence, since=now, terms=terms, now=now)
        case _:
            assert_never(outcome)
    costs = order.kind not in set(OwnKind)
    if costs and (isinstance(outcome, Done) or (isinstance(outcome, Pending) and outcome.blocked is None)):
        _release_probed_hold(connection, order.registrar, sent, now=now)


def _take(connection: Connection, order: Row[Any], *, terms: Terms, now: datetime) -> Claim | None:
    lease_until = now + terms.lease
    try:
        with connection.begin_nested():
            move(
                connection,
                order,
                State.LOOKING,
                now=now,
                slot=True,
                failed_looks=order.failed_looks,
                claims=order.claims + 1,
                lease_until=lease_until,
                due_at=lease_until,
            )
    except IntegrityError:  # the slot's unique index: another order of this name was quicker
        _wait(connection, order, "another order for the same name is not ended", until=now + NAME_RECHECK)
        return None
    return Claim(
        order.id, order.claims + 1, order.registrar, look_kind(kind_of(order.kind)), domain_of(order)
    )


def _in_flight(connection: Connection, registrar: str, *, now: datetime) -> int:
    query = (
        select(func.count()).select_from(Order).where(Order.registrar == registrar, Order.lease_until > now)
    )
    return connection.execute(query).scalar_one()


def _hold(connection: Connection, order: Row[Any], *, terms: Terms, now: datetime) -> Pause | None:
    """Return the hold that an order waits for; an order of our own costs nothing, so an empty deposit does not stop it."""
    if order.kind in set(OwnKind) and not holds.stops_what_is_free(
        connection, order.registrar, order.zone, now=now
    ):
        return None
    may_send, why, again = holds.may_send(
        connection, order.registrar, zone=order.zone, now=now, probe_after=terms.hold_probe
    )
    return None if may_send else Pause(str(why), again or now + terms.hold_probe)


def _closed_meanwhile(
    connection: Connection, order: Row[Any], *, terms: Terms, rules: RuleBook, now: datetime
) -> Pause | None:
    """Return what closed in front of an order while it was looked at: a gate, or a hold that only staff release.

    An empty deposit's hold is left out: this order may be its probe, and one more only meets it again.
    """
    if why := gates.keeps_waiting(connection, order, rules=rules.rules(order.zone, at=now), now=now):
        return Pause(why, now + gates.RECHECK)
    on = holds.in_force(connection, order.registrar, order.zone, now=now)
    for hold in (hold for hold in on if hold.probe_at is None):
        return Pause(f"{holds.in_words(hold.registrar)} is on hold: {hold.reason}", now + terms.hold_probe)
    return None


def _slot_holder(connection: Connection, order: Row[Any]) -> int | None:
    return connection.execute(
        select(Order.id).where(Order.domain == order.domain, Order.lane == order.lane, Order.slot)
    ).scalar()


def _wait(connection: Connection, order: Row[Any], why: str, *, until: datetime) -> None:
    """Leave it placed, saying why and until when; no attempt is used up."""
    connection.execute(
        update(Order)
        .where(Order.id == order.id, Order.state == State.PLACED)
        .values(waiting_reason=why, due_at=until, rung_until=None)
    )


def _write_attempt(
    connection: Connection,
    order: Row[Any],
    guard: Mapping[str, Any],
    sealed: Mapping[str, Any],
    *,
    terms: Terms,
    token: str,
    now: datetime,
) -> Sending:
    number = order.attempt_number + 1
    transaction_id = f"RG-{order.id}-{number}-{token}"
    connection.execute(
        insert(Attempt).values(
            order_id=order.id,
            number=number,
            client_transaction_id=transaction_id,
            guard=dict(guard),
            begun_at=now,
        )
    )
    lease_until = now + terms.lease
    move(
        connection,
        order,
        State.SENDING,
        now=now,
        evidence={"attempt": number, "client_transaction_id": transaction_id, "guard": dict(guard)},
        attempt_number=number,
        guard=dict(guard),
        lease_until=lease_until,
        due_at=lease_until,
    )
    command = _command(order, guard, sealed)
    return Sending(order.id, number, order.registrar, command, transaction_id)


def _command(  # noqa: PLR0911 - one for each kind
    order: Row[Any], guard: Mapping[str, Any], sealed: Mapping[str, Any]
) -> Command | Update:
    """Build the command from the row alone."""
    domain, details, kind = domain_of(order), order.details, kind_of(order.kind)
    contacts = _contacts(details.get("handles", {}), sealed.get("contacts", {}))
    hosts = tuple(
        Nameserver(host["host"], tuple(host["addresses"])) for host in details.get("nameservers", [])
    )
    ceiling = Money(**details["price_ceiling"]) if details.get("price_ceiling") else None
    match kind:
        case Kind.REGISTER:
            return Register(
                domain,
                order.months,
                contacts=contacts,
                nameservers=hosts,
                privacy=details.get("privacy", False),
                idn_table=details.get("idn_table"),
                ceiling=ceiling,
            )
        case Kind.RENEW | Kind.RENEW_ELSEWHERE:
            elsewhere = kind is Kind.RENEW_ELSEWHERE
            return Renew(domain, order.months, guard_expiry(guard), elsewhere=elsewhere, ceiling=ceiling)
        case Kind.TRANSFER:
            auth_info = Secret(sealed.get("auth_info") or "")
            return Transfer(
                domain, order.months, auth_info, contacts=contacts, nameservers=hosts, ceiling=ceiling
            )
        case Kind.RESTORE:
            return Restore(domain, order.months, ceiling=ceiling)
        case Kind.CHANGE_HOLDER:
            pin = sealed.get("pin")
            return ChangeHolder(domain, contacts=contacts, pin=Secret(pin) if pin else None)
        case OwnKind.LOCK:
            return Update(domain, add_statuses=frozenset(map(Status, details["statuses"])))
        case OwnKind.UNLOCK:
            return Update(domain, remove_statuses=frozenset(map(Status, details["statuses"])))
        case _:
            assert_never(kind)


def _contacts(
    handles: Mapping[str, str], people: Mapping[str, Mapping[str, Any]]
) -> dict[ContactRole, Handle | Contact]:
    contacts: dict[ContactRole, Handle | Contact] = {
        ContactRole(role): Handle(id_) for role, id_ in handles.items()
    }
    for role, person in people.items():
        national_id = person.get("national_id")
        contacts[ContactRole(role)] = Contact(
            **{
                **person,
                "street": tuple(person["street"]),
                "national_id": Secret(national_id) if national_id else None,
            }
        )
    return contacts


def _told_already(connection: Connection, order: Row[Any]) -> bool:
    """Tell whether a message about the name came in while its command was on the way: a quick registry decides first."""
    query = select(Message.id).where(
        Message.registrar == order.registrar,
        Message.domain == order.domain,
        Message.received_at >= order.state_since,
    )
    return connection.execute(query.limit(1)).first() is not None


def _not_sent_wait(connection: Connection, order: Row[Any], outcome: NotSent, terms: Terms) -> timedelta:
    """Wait as long as the registrar said; else longer each time, so that a long outage writes few attempts."""
    if outcome.retry_after:
        return timedelta(seconds=outcome.retry_after)
    query = (
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.order_id == order.id, Attempt.outcome == "not_sent")
    )
    doublings = min(max(connection.execute(query).scalar_one() - 1, 0), 6)
    return terms.not_sent_retry * (1 << doublings)


def _with_evidence(order: Row[Any], outcome: Outcome) -> Outcome:
    """Call a renewal done if its date moved: `1000` with the old date, or none, proves nothing."""
    if order.kind not in RENEWALS or not isinstance(outcome, Done):
        return outcome
    new = outcome.renews_from
    if new is not None and new.at - guard_expiry(order.guard).at >= SAME_EXPIRY:
        return outcome
    return Unknown("the registrar says done, but shows no later expiry", outcome.reply)


def _settle_acceptance(
    connection: Connection,
    order: Row[Any],
    outcome: Pending,
    evidence: Mapping[str, Any],
    *,
    terms: Terms,
    now: datetime,
) -> None:
    """Follow what was accepted. What was only saved, for want of our deposit, stops the registrar for the others too."""
    if outcome.blocked is not None:
        said = f"an order was accepted and only saved ({outcome.reply.text})"
        looking.stop_registrar(connection, order.registrar, outcome.blocked, said, terms=terms, now=now)
        if terms.capabilities.resumes_saved:
            why = looking.saved_words(order.registrar)
            ending.put_back(connection, order, why, now=now, due_at=now + terms.hold_probe, evidence=evidence)
            return
    move(
        connection,
        order,
        State.PENDING,
        now=now,
        evidence=evidence,
        due_at=now if _told_already(connection, order) else now + terms.follow_every,
        registry_id=outcome.registry_id or order.registry_id,
        absent_after=now,
    )


def _settle_refusal(
    connection: Connection,
    order: Row[Any],
    outcome: Refused,
    evidence: Mapping[str, Any],
    *,
    terms: Terms,
    now: datetime,
) -> None:
    """Believe a refusal at once only if nothing earlier of this order can still turn out to have happened."""
    in_doubt = ending.in_doubt_before(connection, order.id, order.attempt_number)
    if not in_doubt and not outcome.confirm:
        ending.refuse(connection, order, outcome.reason, evidence=evidence, now=now)
        return
    look_from = now + terms.capabilities.long_look if in_doubt else now
    _to_unresolved(
        connection,
        order,
        evidence,
        now=now,
        due_at=look_from,
        absent_after=look_from,
        refusal={"reason": str(outcome.reason), "text": outcome.reply.text},
    )


def _settle_block(
    connection: Connection,
    order: Row[Any],
    outcome: Blocked,
    evidence: Mapping[str, Any],
    *,
    terms: Terms,
    now: datetime,
) -> None:
    if not outcome.cause.stops_registrar:
        ending.hold_for_staff(
            connection, order, f"our request was refused: {outcome.reply.text}", now=now, evidence=evidence
        )
        return
    said = outcome.reply.text
    why = looking.stop_registrar(connection, order.registrar, outcome.cause, said, terms=terms, now=now)
    ending.put_back(
        connection,
        order,
        f"{order.registrar} is on hold: {why}",
        now=now,
        due_at=now + terms.hold_probe,
        evidence=evidence,
    )


def _leave_unresolved(
    connection: Connection,
    order: Row[Any],
    evidence: Mapping[str, Any],
    *,
    since: datetime,
    terms: Terms,
    now: datetime,
    **values: Any,
) -> None:
    """Nobody knows. No look right after silence: the first one that can prove absence comes after the late limit."""
    if not terms.capabilities.can_look:
        why = "nobody knows whether it happened, and this registrar offers no look"
        ending.hold_for_staff(connection, order, why, now=now, evidence=evidence, **values)
        return
    absent_after = max(since, now) + terms.capabilities.late_limit
    _to_unresolved(
        connection, order, evidence, now=now, due_at=absent_after, absent_after=absent_after, **values
    )


def _to_unresolved(
    connection: Connection, order: Row[Any], evidence: Mapping[str, Any], *, now: datetime, **values: Any
) -> None:
    """Move to *unresolved*, or stay there: a late answer may say no more than the lease's end did."""
    if order.state == State.UNRESOLVED:
        connection.execute(update(Order).where(Order.id == order.id).values(**values, rung_until=None))
        events.record(connection, "order.still_unresolved", at=now, order_id=order.id, evidence=evidence)
    else:
        move(connection, order, State.UNRESOLVED, now=now, evidence=evidence, **values)


def _record_outcome(
    connection: Connection, order_id: int, number: int, outcome: Outcome, *, now: datetime
) -> None:
    """Write the attempt's outcome; a real answer replaces the *unknown* that the lease's end wrote."""
    reply = getattr(outcome, "reply", None) or Reply()
    connection.execute(
        update(Attempt)
        .where(Attempt.order_id == order_id, Attempt.number == number)
        .values(
            ended_at=now,
            outcome=_name(outcome),
            reason=_reason(outcome),
            result_code=reply.result_code,
            result_text=reply.text or None,
            server_transaction_id=reply.server_transaction_id,
            transcript=reply.transcript or None,
        )
    )


def _keep_late_answer(
    connection: Connection, order: Row[Any], sent: Sending, outcome: Outcome, *, now: datetime
) -> None:
    evidence = {"attempt": sent.number, "outcome": _name(outcome), **_reply_evidence(outcome)}
    events.record(connection, "order.late_answer", at=now, order_id=order.id, evidence=evidence)
    if isinstance(outcome, Done | Pending) and order.state == State.HELD:
        ending.ask_staff(connection, order, "a late answer says that it happened: retry looks first", now=now)
    if isinstance(outcome, Done | Pending) and order.state in (State.REFUSED, State.CANCELLED):
        open_finding(
            connection,
            "success_after_credit",
            f"order:{order.id}",
            text=f"{order.kind} {order.domain} was credited, and then the registrar answered that it happened",
            next_step="look at the name; keep it for the customer against a new charge, or have the registrar undo it",
            now=now,
        )


def _notice_second_success(connection: Connection, order: Row[Any], *, now: datetime) -> None:
    """Two attempts that both happened cost twice: staff have the registrar undo one, at once and by name."""
    done = select(func.count()).where(Attempt.order_id == order.id, Attempt.outcome == "done")
    if connection.execute(done).scalar_one() < 2:
        return
    open_finding(
        connection,
        "charged_twice",
        f"order:{order.id}",
        text=f"two attempts of order {order.id} ({order.kind} {order.domain}) were both answered as done",
        next_step=f"compare {order.registrar}'s statement, and have it undo the second within its grace period",
        now=now,
    )


def _release_probed_hold(connection: Connection, registrar: str, sent: Sending, *, now: datetime) -> None:
    """Release a deposit's hold once an order that began after it was paid for: the deposit is there again."""
    begun_at = connection.execute(
        select(Attempt.begun_at).filter_by(order_id=sent.order_id, number=sent.number)
    ).scalar_one()
    holds.release_probed(connection, registrar, begun_at=begun_at, now=now)


def _name(outcome: Outcome) -> str:
    return _NAMES[type(outcome)]


_NAMES: Mapping[type, str] = {
    Done: "done",
    Pending: "pending",
    Refused: "refused",
    Correctable: "correctable",
    Blocked: "blocked",
    NotSent: "not_sent",
    Unknown: "unknown",
}


def _reason(outcome: Outcome) -> str | None:
    match outcome:
        case Refused():
            return str(outcome.reason)
        case Correctable():
            return str(outcome.needs)
        case Blocked():
            return str(outcome.cause)
        case NotSent() | Unknown():
            return outcome.reason
        case Done() | Pending():
            return None
        case _:
            assert_never(outcome)


def _reply_evidence(outcome: Outcome) -> dict[str, Any]:
    """Return what staff should read in the timeline."""
    reply = getattr(outcome, "reply", None) or Reply()
    told = {
        "reason": _reason(outcome),
        "result_code": reply.result_code,
        "text": reply.text,
        "server_transaction_id": reply.server_transaction_id,
    }
    return {name: value for name, value in told.items() if value}
