"""What may staff and the customer do to an order that waits for them? Only from *held*, after a fresh look, with a ticket.

Each act re-judges the look it is handed: what the look contradicts is not done, whoever asks (C1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Connection, Row

from registrar import holds
from registrar.agreement.changing_holder import needs_approval
from registrar.commands import RENEWALS, ContactRole, Kind, OrderKind, kind_of
from registrar.gateway import Sighting
from registrar.judging import AskStaff, Go, Stop, Verdict, Wait, after_attempt, paid_end, registry_end
from registrar.orders import comparing, ending, promising, reading
from registrar.orders.gates import APPROVAL_NEEDED
from registrar.orders.looking import judge_first_look, record_look
from registrar.orders.requests import Corrections, Sealable
from registrar.orders.states import State, move, read_locked
from registrar.orders.terms import Terms
from registrar.outcomes import Correction, RefusalReason
from registrar.secrets import Keyring, KeyringError

_CARRIED: Mapping[OrderKind, frozenset[Correction]] = {
    Kind.REGISTER: frozenset({Correction.CONTACTS, Correction.NAMESERVERS}),
    Kind.RENEW: frozenset(),
    Kind.TRANSFER: frozenset({Correction.AUTH_INFO, Correction.CONTACTS, Correction.NAMESERVERS}),
    Kind.RENEW_ELSEWHERE: frozenset(),
    Kind.RESTORE: frozenset(),
    Kind.CHANGE_HOLDER: frozenset({Correction.CONTACTS, Correction.PIN}),
}
"""What is put right by sending it anew. Everything else (a lock, documents, the contacts of a name that is only renewed)
is put right elsewhere, and the customer can but say that it is done."""


class ActRefusedError(Exception):
    """The act is not possible now; `code` is stable, the message says why and what else to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ByHand:
    """Who of the staff acts, on which ticket (C1), when."""

    actor: str
    ticket: str
    now: datetime

    def __post_init__(self) -> None:
        if not self.ticket.strip():
            raise ActRefusedError("ticket_missing", "an act by hand needs the reference of a support ticket")


@dataclass(frozen=True, slots=True)
class ByCustomer:
    """The customer acts, through the portal: no support ticket is behind it, at most a reference of the portal's."""

    actor: str
    ticket: str | None
    now: datetime


_ANSWERED = "the registrar once answered that it has, or will have, happened: look again later, or ask it and refuse by hand"


def foresee(connection: Connection, order_id: int, sighting: Sighting, *, now: datetime) -> dict[str, Any]:
    """Say what a retry would do, and whether it may spend, by the look that was just made; changes nothing."""
    order = _held(connection, order_id)
    verdict = _verdict(order, sighting)
    if verdict is Verdict.DID and _perhaps_others(connection, order):
        does, spends = "nothing: it was refused, and yet its date moved; complete or refuse it by hand", False
    elif verdict not in (None, Verdict.ABSENT):
        does, spends = _does_unsent(verdict, sighting), False
    elif verdict is Verdict.ABSENT and ending.was_accepted(connection, order):
        does, spends = f"nothing: {_ANSWERED}", False
    elif _too_early(order, now):
        does, spends = f"nothing yet: what was sent may still land; {_not_before(order)}", False
    elif verdict is Verdict.ABSENT:
        does, spends = "sends it again, with the same guard", True
    else:
        does, spends = _does_first(connection, order, sighting)
    return {
        "order": order_id,
        "verdict": verdict,
        "does": does,
        "spends": spends,
        **ending.sighting_evidence(sighting),
    }


def _does_unsent(verdict: Verdict, sighting: Sighting) -> str:
    return {
        Verdict.DID: "completes it without sending: the look shows that it happened",
        Verdict.UNDER_WAY: "follows it without sending: the registrar is at work on it",
        Verdict.LOOK_FAILED: f"nothing: the look failed ({sighting.reason}), and nothing is decided blindly; look again",
    }.get(verdict, f"nothing: the look says {verdict}; complete or refuse it by hand")


def _does_first(connection: Connection, order: Row[Any], sighting: Sighting) -> tuple[str, bool]:
    """Say what the claim makes of an order of which nothing can have happened, and whether that may come to sending."""
    decision = judge_first_look(order, sighting)
    match decision:
        case Go():
            return "sends it; nothing of it can have happened", True
        case Stop(RefusalReason.EXPIRY_CONFLICT) if promising.moved_unpaid(connection, order, sighting):
            return f"holds it again without sending: {decision.text}", False
        case Stop():
            return f"refuses and credits it without sending: {decision.text}", False
        case Wait():
            return f"queues it, and looks again before anything is sent: {decision.text}", True
        case AskStaff():
            return f"holds it again without sending: {decision.text}", False
        case _:
            assert_never(decision)


def retry(connection: Connection, order_id: int, sighting: Sighting, *, terms: Terms, act: ByHand) -> State:
    """Take a held order up again, or record what the look shows to have happened. Return its new state.

    A look that failed is enough only where nothing of the order can have happened: it goes back to the queue, and the
    claim looks again before anything is sent.
    """
    order = _held(connection, order_id)
    verdict = _looked(connection, order, sighting, act)
    evidence = ending.sighting_evidence(sighting)
    if verdict is Verdict.DID and not _perhaps_others(connection, order):
        _complete(connection, order, sighting, evidence, act)
        return State.COMPLETED
    if verdict is Verdict.UNDER_WAY:
        ending.end_of_hold(connection, order, now=act.now)
        due_at = act.now + terms.follow_every
        move(
            connection,
            order,
            State.PENDING,
            now=act.now,
            evidence=evidence,
            actor=act.actor,
            ticket=act.ticket,
            due_at=due_at,
            refusal=None,
        )
        return State.PENDING
    if verdict not in (None, Verdict.ABSENT):
        raise ActRefusedError(
            "look_disagrees",
            f"the look says {verdict}: sending again is not safe; complete or refuse it by hand",
        )
    if verdict is Verdict.ABSENT and ending.was_accepted(connection, order):
        raise ActRefusedError("answered", _ANSWERED)
    _refuse_too_early(order, act)
    ending.end_of_hold(connection, order, now=act.now)
    move(
        connection,
        order,
        State.PLACED,
        now=act.now,
        evidence=evidence,
        actor=act.actor,
        ticket=act.ticket,
        due_at=act.now,
        crashes=0,
        refusal=None,
    )
    return State.PLACED


def hold(connection: Connection, order_id: int, *, act: ByHand) -> None:
    """Take a pending order that hangs out of the registrar's hands and into staff's: then it can be ended.

    The registrar has accepted it, so it is refused only after a longer look that shows that it did not happen.
    """
    order = _read(connection, order_id)
    if order.state != State.PENDING:
        raise ActRefusedError(
            "not_pending",
            f"order {order_id} is {_told(order)}: only an order that waits for its registrar is taken over",
        )
    why = "taken over by staff: the registrar accepted it, and has not said what became of it"
    ending.hold_for_staff(connection, order, why, now=act.now, actor=act.actor, ticket=act.ticket)


def correct(
    connection: Connection,
    order_id: int,
    corrections: Corrections,
    *,
    keyring: Keyring,
    actor: str,
    ticket: str | None,
    now: datetime,
) -> None:
    """Put right what the customer got wrong, and take the order up again; the next claim makes its own look.

    Without a ticket it is the customer who corrects, and only what waits for the customer. Another new holder than the
    one who was approved waits for staff's approval like the first (O5). Raises `KeyringError` if what
    was sealed is needed and no configured key opens it.
    """
    order = _held(connection, order_id)
    if ticket is None and order.turn != "customer":
        raise ActRefusedError(
            "not_customers_turn",
            f"order {order_id} waits for staff: there is nothing for the customer to correct",
        )
    if order.needs is None and ending.may_have_happened(connection, order):
        raise ActRefusedError(
            "in_doubt",
            "an attempt may have happened, and no correction was asked for: retry it, or end it by hand",
        )
    corrected = _corrected(order, corrections)
    details, sealed = _put_right(order, corrections, keyring)
    other_holder = needs_approval(kind_of(order.kind)) and _holder(details) != _holder(order.details)
    if other_holder and ending.may_have_happened(connection, order):
        raise ActRefusedError(
            "in_doubt", "the name may have gone to the first new holder: retry it, or end it by hand"
        )
    ending.end_of_hold(connection, order, now=now)
    move(
        connection,
        order,
        State.PLACED,
        now=now,
        evidence={"corrected": corrected},
        actor=actor,
        ticket=ticket,
        due_at=now,
        refusal=None,
        details=details,
        sealed=keyring.seal(sealed),
        approval=APPROVAL_NEEDED if other_holder else order.approval,
    )
    if other_holder:  # staff approved another one
        ending.ask_for_approval(connection, order.id, order.kind, order.domain, now=now)


def _holder(details: Mapping[str, Any]) -> str | None:
    handle: str | None = details.get("handles", {}).get(ContactRole.REGISTRANT)
    return handle


def _corrected(order: Row[Any], corrections: Corrections) -> list[str]:
    """Name what is put right; where nothing is sent, it must be something that is put right elsewhere."""
    new = corrections.secrets.reveal()
    given = {
        "nameservers": corrections.nameservers,
        "auth_info": new["auth_info"],
        "pin": new.get("pin"),
        "price_ceiling": corrections.ceiling,
    }
    sent = [*corrections.handles, *new["contacts"], *(name for name, value in given.items() if value)]
    if not sent and (order.needs is None or order.needs in _CARRIED.get(kind_of(order.kind), ())):
        raise ActRefusedError(
            "correction_missing",
            f"order {order.id} needs {order.needs}: send it, being done elsewhere is not enough"
            if order.needs
            else f"nothing was asked of order {order.id} that could be done elsewhere: retry it",
        )
    return sorted(sent) or [order.needs]


def _put_right(
    order: Row[Any], corrections: Corrections, keyring: Keyring
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the order's details, and what is to be sealed, with the corrections in them."""
    handles, new, ceiling = corrections.handles, corrections.secrets.reveal(), corrections.ceiling
    sealed = _opened(order, new, keyring)
    details = dict(order.details)
    if corrections.nameservers:
        details["nameservers"] = [
            {"host": host.host, "addresses": list(host.addresses)} for host in corrections.nameservers
        ]
    if ceiling:
        details["price_ceiling"] = {"amount": ceiling.amount, "currency": ceiling.currency}
    all_handles = {**details.get("handles", {}), **handles}
    details["handles"] = {role: id_ for role, id_ in all_handles.items() if role not in new["contacts"]}
    kept = {role: person for role, person in sealed["contacts"].items() if role not in handles}
    return details, {
        "auth_info": new["auth_info"] or sealed["auth_info"],
        "contacts": {**kept, **new["contacts"]},
        "pin": new.get("pin") or sealed.get("pin"),
    }


def _opened(order: Row[Any], new: Mapping[str, Any], keyring: Keyring) -> Mapping[str, Any]:
    """Return what is sealed. Of a transfer a new auth code makes up for a seal nobody opens.

    Contacts that were sealed with it are lost then; where the registrar needs them, the customer is asked for them next.
    """
    empty = Sealable(auth_info=None, contacts={}).reveal()
    try:
        return keyring.open(order.sealed) if order.sealed else empty
    except KeyringError:
        if order.kind == Kind.TRANSFER and new["auth_info"]:
            return empty
        raise


def complete(connection: Connection, order_id: int, sighting: Sighting, *, terms: Terms, act: ByHand) -> None:
    """End a held order as done, on staff's word; not against a look that shows that it is not."""
    order = _held(connection, order_id)
    verdict = _looked(connection, order, sighting, act, terms)
    if verdict in (None, Verdict.ABSENT, Verdict.NOT_OURS, Verdict.REJECTED):
        raise ActRefusedError(
            "look_disagrees", f"the look says {verdict or 'nothing was sent'}: it cannot be completed"
        )
    _complete(connection, order, sighting, ending.sighting_evidence(sighting), act)


def refuse(connection: Connection, order_id: int, sighting: Sighting, *, terms: Terms, act: ByHand) -> None:
    """End a held order as refused, and credit it; not against a look that shows that it happened, nor too early."""
    order = _held(connection, order_id)
    verdict = _looked(connection, order, sighting, act, terms)
    happened = verdict is Verdict.DID and not _perhaps_others(connection, order)
    if happened or verdict is Verdict.UNDER_WAY:
        raise ActRefusedError(
            "look_disagrees", f"the look says {verdict}: it cannot be refused; retry or complete it"
        )
    if verdict is not None and ending.in_doubt(connection, order) and order.absent_after is not None:
        possible = order.absent_after + terms.capabilities.long_look
        if act.now < possible:
            raise ActRefusedError(
                "too_early",
                f"an attempt ended in silence and may still land: refuse it after {possible:%Y-%m-%d %H:%M} UTC",
            )
    _refuse_too_early(order, act)
    evidence = ending.sighting_evidence(sighting)
    ending.refuse(
        connection,
        order,
        RefusalReason.BY_HAND,
        evidence=evidence,
        now=act.now,
        actor=act.actor,
        ticket=act.ticket,
    )


def cancel(
    connection: Connection, order_id: int, sighting: Sighting | None, *, act: ByHand | ByCustomer
) -> None:
    """Cancel for the customer: from *placed* at once, from *held* after a fresh look; never while it may happen.

    The customer himself cancels not before twice the delivery time (O2); staff may waive that, with a ticket (C1).
    """
    order = _read(connection, order_id)
    if order.state not in (State.PLACED, State.HELD):
        raise ActRefusedError(
            "not_now",
            f"order {order_id} is {_told(order)}: it can be cancelled while it waits in the queue, or is held",
        )
    if ending.may_have_happened(connection, order):
        raise ActRefusedError(
            "not_now",
            "an earlier attempt may have happened: this order can only be resolved, or refused by staff",
        )
    if isinstance(act, ByCustomer):
        _refuse_before_its_time(connection, order, act)
    if order.state == State.HELD:
        if sighting is None:
            raise ActRefusedError("look_missing", "a held order is cancelled after a fresh look")
        if _looked(connection, order, sighting, act) in (Verdict.DID, Verdict.UNDER_WAY):
            raise ActRefusedError("look_disagrees", "the look shows that it happened: it cannot be cancelled")
    ending.cancel(connection, order, evidence={}, now=act.now, actor=act.actor, ticket=act.ticket)


def _refuse_before_its_time(connection: Connection, order: Row[Any], act: ByCustomer) -> None:
    """Refuse a customer's cancellation before its date, which force majeure moves (O2, O3)."""
    _, possible = holds.dates(connection, order, act.now)
    if possible is not None and act.now < possible:
        raise ActRefusedError(
            "not_yet",
            f"order {order.id} can be cancelled from {possible:%Y-%m-%d %H:%M} UTC on: until then it may still be delivered",
        )


def _read(connection: Connection, order_id: int) -> Row[Any]:
    order = read_locked(connection, order_id)
    if order is None:
        raise ActRefusedError("order_unknown", f"there is no order {order_id}")
    return order


def _held(connection: Connection, order_id: int) -> Row[Any]:
    order = _read(connection, order_id)
    if order.state != State.HELD:
        raise ActRefusedError("not_held", f"order {order_id} is {_told(order)}: only a held order takes this")
    return order


def _told(order: Row[Any]) -> str:
    """Say the order's state in the words that its reader knows: the portal's, never the inner ones."""
    told = reading.portal_state(order)
    return f"{told}, and just being taken up" if order.state == State.LOOKING else told


def _verdict(order: Row[Any], sighting: Sighting) -> Verdict | None:
    """Judge the look; None: nothing of the order can have happened, so the look has nothing to prove."""
    if order.guard is None:
        return None
    return after_attempt(kind_of(order.kind), sighting, guard=order.guard, months=order.months)


def _looked(
    connection: Connection,
    order: Row[Any],
    sighting: Sighting,
    act: ByHand | ByCustomer,
    terms: Terms | None = None,
) -> Verdict | None:
    """Judge a fresh look and keep it. Where a registrar offers none at all, it is staff's own evidence that tells."""
    if sighting.seen_at < order.state_since:
        raise ActRefusedError("look_stale", "the look is older than the order's present state: look again")
    verdict = _verdict(order, sighting)
    if verdict is Verdict.LOOK_FAILED and terms is not None and not terms.capabilities.can_look:
        verdict = Verdict.CANNOT_TELL
    if verdict is Verdict.LOOK_FAILED:
        raise ActRefusedError(
            "look_failed", f"the look failed ({sighting.reason}): nothing is decided blindly, look again"
        )
    counts = order.absent_after is None or act.now >= order.absent_after
    record_look(connection, order, sighting, verdict or "unsent", counts=counts, looked_at=act.now)
    return verdict


def _perhaps_others(connection: Connection, order: Row[Any]) -> bool:
    """Tell whether a date that moved may be somebody else's renewal: ours was refused, and nothing of ours is open."""
    return order.kind in RENEWALS and order.refusal is not None and not ending.in_doubt(connection, order)


def _refuse_too_early(order: Row[Any], act: ByHand) -> None:
    if _too_early(order, act.now):
        raise ActRefusedError("too_early", f"what was sent may still land: {_not_before(order)}")


def _too_early(order: Row[Any], now: datetime) -> bool:
    return order.absent_after is not None and now < order.absent_after


def _not_before(order: Row[Any]) -> str:
    return f"try again after {order.absent_after:%Y-%m-%d %H:%M:%S} UTC"


def _complete(
    connection: Connection, order: Row[Any], sighting: Sighting, evidence: Mapping[str, Any], act: ByHand
) -> None:
    ending.complete(
        connection,
        order,
        expiry=paid_end(sighting),
        registry_expiry=registry_end(sighting),
        registry_id=sighting.registry_id,
        evidence=evidence,
        now=act.now,
        source=sighting.source,
        actor=act.actor,
        ticket=act.ticket,
    )
    comparing.tell(connection, order, sighting, now=act.now)
