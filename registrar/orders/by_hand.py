"""What may staff and the customer do to an order that waits for them? Only from *held*, after a fresh look, with a ticket.

Each act re-judges the look it is handed: what the look contradicts is not done, whoever asks (C1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from registrar.commands import Kind, Nameserver
from registrar.gateway import Sighting
from registrar.judging import Verdict, after_attempt
from registrar.orders import ending
from registrar.orders.requests import Sealable
from registrar.orders.states import State, move, read_locked
from registrar.orders.terms import Terms
from registrar.orders.working import record_look
from registrar.outcomes import RefusalReason
from registrar.secrets import Keyring


class ActRefusedError(Exception):
    """The act is not possible now; `code` is stable, the message says why and what else to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ByHand:
    """Who acts, on which ticket (C1), when."""

    actor: str
    ticket: str
    now: datetime

    def __post_init__(self) -> None:
        if not self.ticket.strip():
            raise ActRefusedError("ticket_missing", "an act by hand needs the reference of a support ticket")


def foresee(connection: Connection, order_id: int, sighting: Sighting) -> dict[str, Any]:
    """Say what a retry would do and spend, by the look that was just made; changes nothing."""
    order = _held(connection, order_id)
    verdict = _verdict(order, sighting)
    if verdict is Verdict.DID and _perhaps_others(connection, order):
        does = "nothing: it was refused, and yet its date moved; complete or refuse it by hand"
    else:
        does = _does(order, verdict)
    spends = verdict in (None, Verdict.ABSENT)
    return {
        "order": order_id,
        "verdict": verdict,
        "does": does,
        "spends": spends,
        **ending.sighting_evidence(sighting),
    }


def _does(order: Row[Any], verdict: Verdict | None) -> str:
    return {
        None: "sends it; nothing of it was ever sent",
        Verdict.ABSENT: "sends it again, with the same guard"
        if order.guard
        else "sends it again, after a fresh look",
        Verdict.DID: "completes it without sending: the look shows that it happened",
        Verdict.UNDER_WAY: "follows it without sending: the registrar is at work on it",
    }.get(verdict, f"nothing: the look says {verdict}; complete or refuse it by hand")


def retry(connection: Connection, order_id: int, sighting: Sighting, *, terms: Terms, act: ByHand) -> State:
    """Take a held order up again, or record what the look shows to have happened. Return its new state."""
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


def correct(
    connection: Connection,
    order_id: int,
    corrections: tuple[Mapping[str, str], tuple[Nameserver, ...], Sealable],
    *,
    keyring: Keyring,
    actor: str,
    ticket: str | None,
    now: datetime,
) -> None:
    """Put right what the customer got wrong, and take the order up again; the next claim makes its own look.

    Without a ticket it is the customer who corrects, and only what waits for the customer.
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
    handles, nameservers, secrets = corrections
    details = dict(order.details)
    if handles:
        details["handles"] = {**details.get("handles", {}), **handles}
    if nameservers:
        details["nameservers"] = [
            {"host": host.host, "addresses": list(host.addresses)} for host in nameservers
        ]
    sealed = keyring.open(order.sealed) if order.sealed else {"auth_info": None, "contacts": {}}
    new = secrets.reveal()
    sealed["auth_info"] = new["auth_info"] or sealed["auth_info"]
    kept = {role: person for role, person in sealed["contacts"].items() if role not in handles}
    sealed["contacts"] = {**kept, **new["contacts"]}
    details["handles"] = {
        role: id_ for role, id_ in details.get("handles", {}).items() if role not in new["contacts"]
    }
    ending.end_of_hold(connection, order, now=now)
    move(
        connection,
        order,
        State.PLACED,
        now=now,
        evidence={
            "corrected": sorted(
                [
                    *handles,
                    *new["contacts"],
                    *(["nameservers"] if nameservers else []),
                    *(["auth_info"] if new["auth_info"] else []),
                ]
            )
        },
        actor=actor,
        ticket=ticket,
        due_at=now,
        refusal=None,
        details=details,
        sealed=keyring.seal(sealed),
    )


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
    if verdict is not None and _in_doubt(connection, order) and order.absent_after is not None:
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


def cancel(connection: Connection, order_id: int, sighting: Sighting | None, *, act: ByHand) -> None:
    """Cancel for the customer: from *placed* at once, from *held* after a fresh look; never while it may happen (O2)."""
    order = _read(connection, order_id)
    if order.state not in (State.PLACED, State.HELD):
        raise ActRefusedError(
            "not_now", f"order {order_id} is {order.state}: it can be cancelled while placed or held"
        )
    if ending.may_have_happened(connection, order):
        raise ActRefusedError(
            "not_now",
            "an earlier attempt may have happened: this order can only be resolved, or refused by staff",
        )
    if order.state == State.HELD:
        if sighting is None:
            raise ActRefusedError("look_missing", "a held order is cancelled after a fresh look")
        if _looked(connection, order, sighting, act) in (Verdict.DID, Verdict.UNDER_WAY):
            raise ActRefusedError("look_disagrees", "the look shows that it happened: it cannot be cancelled")
    ending.cancel(connection, order, evidence={}, now=act.now, actor=act.actor, ticket=act.ticket)


def _read(connection: Connection, order_id: int) -> Row[Any]:
    order = read_locked(connection, order_id)
    if order is None:
        raise ActRefusedError("order_unknown", f"there is no order {order_id}")
    return order


def _held(connection: Connection, order_id: int) -> Row[Any]:
    order = _read(connection, order_id)
    if order.state != State.HELD:
        raise ActRefusedError("not_held", f"order {order_id} is {order.state}: only a held order takes this")
    return order


def _verdict(order: Row[Any], sighting: Sighting) -> Verdict | None:
    """Judge the look; None: nothing of the order can have happened, so the look has nothing to prove."""
    if order.guard is None:
        return None
    return after_attempt(Kind(order.kind), sighting, guard=order.guard, months=order.months)


def _looked(
    connection: Connection, order: Row[Any], sighting: Sighting, act: ByHand, terms: Terms | None = None
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


def _in_doubt(connection: Connection, order: Row[Any]) -> bool:
    return ending.in_doubt_before(connection, order.id, order.attempt_number + 1)


def _perhaps_others(connection: Connection, order: Row[Any]) -> bool:
    """Tell whether a date that moved may be somebody else's renewal: ours was refused, and nothing of ours is open."""
    return order.kind == Kind.RENEW and order.refusal is not None and not _in_doubt(connection, order)


def _refuse_too_early(order: Row[Any], act: ByHand) -> None:
    if order.absent_after is not None and act.now < order.absent_after:
        raise ActRefusedError(
            "too_early",
            f"what was sent may still land: try again after {order.absent_after:%Y-%m-%d %H:%M:%S} UTC",
        )


def _complete(
    connection: Connection, order: Row[Any], sighting: Sighting, evidence: Mapping[str, Any], act: ByHand
) -> None:
    ending.complete(
        connection,
        order,
        expiry=None if sighting.expiry_is_temporary else sighting.expiry,
        registry_id=sighting.registry_id,
        evidence=evidence,
        now=act.now,
        source=sighting.source,
        actor=act.actor,
        ticket=act.ticket,
    )
