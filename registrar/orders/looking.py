"""What does the look before the call decide? The guard to send with, or that nothing is sent: refused, adopted, waits, asked.

It is made under the name's slot. Before the first attempt it becomes the guard; before a repeat it must show that nothing
of the earlier one has happened.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlalchemy import Connection, Row, insert

from registrar import holds
from registrar.agreement.rules import AutoRenewed, Rules
from registrar.commands import ContactRole, Expiry, Kind, kind_of
from registrar.findings import close_finding, open_finding
from registrar.gateway import Sighting, Standing
from registrar.judging import (
    ANY_EXPIRY,
    AskStaff,
    Go,
    Stop,
    Verdict,
    Wait,
    after_attempt,
    before_first_attempt,
    moved_by_term,
    ordered_against,
)
from registrar.models import Look
from registrar.orders import ending, promising, routing
from registrar.orders.states import State, move
from registrar.orders.terms import Terms
from registrar.outcomes import BlockCause, RefusalReason

_LOOKS_FAIL = "looks_fail"

GUARDED_BY_NAME = frozenset({Kind.REGISTER, Kind.TRANSFER})
"""Kinds that a registrar refuses a second time by itself, so that they may be sent without a look."""


def record_look(
    connection: Connection,
    order: Row[Any],
    sighting: Sighting,
    verdict: str,
    *,
    counts: bool,
    looked_at: datetime,
) -> None:
    """Keep what was seen, and what it was judged to mean."""
    connection.execute(
        insert(Look).values(
            order_id=order.id,
            attempt_number=order.attempt_number,
            seen_at=looked_at,
            source=sighting.source,
            standing=sighting.standing,
            verdict=verdict,
            counts=counts,
            evidence=ending.sighting_evidence(sighting),
        )
    )


def judge_first_look(order: Row[Any], sighting: Sighting) -> Go | Stop | Wait | AskStaff:
    """Judge a look made before anything of the order was sent, by what the order asks for."""
    return before_first_attempt(
        kind_of(order.kind),
        sighting,
        expected_expiry=order.expected_expiry,
        new_holder=order.details.get("handles", {}).get(ContactRole.REGISTRANT),
        statuses=order.details.get("statuses", ()),
    )


def stop_registrar(
    connection: Connection, registrar: str, cause: BlockCause, said: str, *, terms: Terms, now: datetime
) -> str:
    """Put a registrar on hold for a cause on our side that every order would meet; return the hold's reason."""
    why = f"{cause}: {said}" if said else str(cause)
    holds.put(connection, registrar, cause, reason=why, now=now, probe_after=terms.hold_probe)
    return why


def tell_of_failing_looks(connection: Connection, registrar: str, why: str, *, now: datetime) -> None:
    """Open the one finding that a registrar is which does not answer looks."""
    open_finding(
        connection,
        _LOOKS_FAIL,
        registrar,
        text=f"looks at {registrar} fail again and again: {why}",
        next_step=f"`registrar check-registrar {registrar}`; its orders wait and go on by themselves",
        now=now,
    )


def is_saved(sighting: Sighting, verdict: Verdict, terms: Terms) -> bool:
    """Tell whether the registrar keeps this order until our deposit covers it, and takes it up when it is sent again."""
    return (
        verdict is Verdict.UNDER_WAY
        and sighting.blocked is BlockCause.DEPOSIT
        and terms.capabilities.resumes_saved
    )


def saved_words(registrar: str) -> str:
    """Say why an order waits that its registrar has saved."""
    return f"{registrar} has saved it until our deposit covers it"


def decide(
    connection: Connection,
    order: Row[Any],
    sighting: Sighting | None,
    *,
    terms: Terms,
    rules: Rules,
    now: datetime,
) -> Mapping[str, Any] | None:
    """Return the guard to send with, or None once the look has decided otherwise.

    The guard is read once, under the slot; it stays the same while any earlier attempt may still land.
    """
    if sighting is None and order.guard is None and order.kind not in GUARDED_BY_NAME:
        why = f"this registrar offers no look, so a {order.kind} cannot be guarded"
        ending.hold_for_staff(connection, order, why, now=now)
        return None
    if sighting is None:
        return order.guard or {"seen_at": now.isoformat(), "standing": "unknown"}
    if order.guard is not None:
        return _decide_again(connection, order, sighting, terms=terms, now=now)
    if sighting.standing is not Standing.UNKNOWN:
        close_finding(connection, _LOOKS_FAIL, order.registrar, now=now)
    if (paid_through := promising.registry_year(connection, order, sighting)) is not None:
        return _after_registry_renewal(connection, order, sighting, paid_through, rules=rules, now=now)
    return _decide_first(connection, order, sighting, terms=terms, rules=rules, now=now)


def _decide_first(
    connection: Connection, order: Row[Any], sighting: Sighting, *, terms: Terms, rules: Rules, now: datetime
) -> Mapping[str, Any] | None:
    """Decide on the look before the first attempt, by what the order asks for."""
    evidence = ending.sighting_evidence(sighting)
    decision = judge_first_look(order, sighting)
    record_look(connection, order, sighting, type(decision).__name__.lower(), counts=False, looked_at=now)
    match decision:
        case Go() | Stop(RefusalReason.EXPIRY_CONFLICT) if promising.moved_unpaid(
            connection, order, sighting
        ):
            why = "the registry shows a later date than the name is paid through, and nobody paid us for it (D4)"
            ending.hold_for_staff(connection, order, why, now=now, evidence=evidence)
        case Go():
            return _unless_impossible(connection, order, sighting, decision, rules=rules, now=now)
        case Stop() if decision.reason is RefusalReason.NOT_OURS and routing.look_elsewhere(
            connection, order, decision.text, now=now
        ):
            pass
        case Stop():
            remains = promising.inquiry(order, sighting, rules=rules, now=now)
            evidence = {"why": decision.text, **evidence, **remains}
            ending.refuse(connection, order, decision.reason, evidence=evidence, now=now)
        case Wait():
            _wait_for_look(connection, order, sighting, decision.text, terms=terms, now=now)
        case AskStaff():
            ending.hold_for_staff(connection, order, decision.text, now=now, evidence=evidence)
        case _:
            assert_never(decision)
    return None


def _unless_impossible(
    connection: Connection, order: Row[Any], sighting: Sighting, decision: Go, *, rules: Rules, now: datetime
) -> Mapping[str, Any] | None:
    """Return the guard, or refuse a renewal that comes too late: credited, with what is possible instead (D1, D3)."""
    impossible = promising.decide_before_sending(connection, order, sighting, rules=rules, now=now)
    if impossible is None:
        return decision.guard
    reason, told = impossible
    ending.refuse(connection, order, reason, evidence={**ending.sighting_evidence(sighting), **told}, now=now)
    return None


def _after_registry_renewal(
    connection: Connection,
    order: Row[Any],
    sighting: Sighting,
    paid_through: datetime,
    *,
    rules: Rules,
    now: datetime,
) -> Mapping[str, Any] | None:
    """Order a renewal of a name whose registry has added a year by itself: adopt that year, or renew (D4).

    Adopted is only what was ordered: the very term that was added, to a name that was paid through the date, or the
    instant, that the order was made against. Anything else is for staff.
    """
    evidence = ending.sighting_evidence(sighting)
    added = sighting.expiry is not None and moved_by_term(paid_through, sighting.expiry.at, order.months)
    ordered = ordered_against(Expiry(paid_through, paid_through.isoformat()), order.expected_expiry)
    fits = added and ordered
    adopts = rules.auto_renewed_at(order.registrar) is AutoRenewed.ADOPT
    verdict = "adopt" if adopts and fits else "ask_staff"
    record_look(connection, order, sighting, verdict, counts=False, looked_at=now)
    impossible = promising.decide_before_sending(connection, order, sighting, rules=rules, now=now)
    if impossible is not None:
        reason, told = impossible
        ending.refuse(connection, order, reason, evidence={**evidence, **told}, now=now)
    elif not adopts and (guard := _unrenewed(order, sighting, ordered=ordered)) is not None:
        return guard
    elif adopts and fits and sighting.ours is not False:
        ending.complete(
            connection,
            order,
            expiry=sighting.expiry,
            registry_expiry=sighting.expiry,
            registry_id=sighting.registry_id,
            evidence={"adopted": True, "paid_through": paid_through.isoformat(), **evidence},
            now=now,
            source=sighting.source,
        )
    else:
        why = "the registry has renewed the name by itself, and not by what this order buys (D4)"
        ending.hold_for_staff(connection, order, why, now=now, evidence=evidence)
    return None


def _unrenewed(order: Row[Any], sighting: Sighting, *, ordered: bool) -> Mapping[str, Any] | None:
    """Return the guard of a renewal at a registrar where the year that the registry added is not bought yet (D4).

    `ordered` says that the order was made against the date that the name was paid through, which the registry's hides.
    """
    decision = before_first_attempt(
        kind_of(order.kind),
        replace(sighting, renewed_by_registry=False),
        expected_expiry=ANY_EXPIRY if ordered else order.expected_expiry,
    )
    return decision.guard if isinstance(decision, Go) else None


def _wait_for_look(
    connection: Connection, order: Row[Any], sighting: Sighting, why: str, *, terms: Terms, now: datetime
) -> None:
    """Put the order back until a look can tell more; each time for longer, so that an outage writes little.

    An order for the name that the registrar saved, and that is none of ours, says nothing of the deposit now: it stands
    there until somebody carries it out or cancels it.
    """
    evidence = ending.sighting_evidence(sighting)
    failed_look = sighting.standing is Standing.UNKNOWN
    if sighting.blocked is not None and not (failed_look and sighting.blocked.stops_registrar):
        ending.hold_for_staff(connection, order, why, now=now, evidence=evidence)
        return
    failed = order.failed_looks + 1
    wait = timedelta(seconds=sighting.retry_after) if sighting.retry_after else terms.look_wait(failed)
    if sighting.blocked is not None:
        stop_registrar(connection, order.registrar, sighting.blocked, sighting.reason, terms=terms, now=now)
    elif failed_look and failed >= terms.max_failed_looks:
        tell_of_failing_looks(connection, order.registrar, sighting.reason, now=now)
    ending.put_back(
        connection, order, why, now=now, due_at=now + wait, evidence=evidence, failed_looks=failed
    )


def _decide_again(
    connection: Connection, order: Row[Any], sighting: Sighting, *, terms: Terms, now: datetime
) -> Mapping[str, Any] | None:
    """Before a repeat: send only if the earlier attempt still shows no effect; anything else is for the resolver."""
    verdict = after_attempt(kind_of(order.kind), sighting, guard=order.guard, months=order.months)
    record_look(connection, order, sighting, verdict, counts=True, looked_at=now)
    if is_saved(sighting, verdict, terms):
        saved: Mapping[str, Any] = order.guard
        return saved
    if verdict is Verdict.ABSENT and ending.was_accepted(connection, order):
        why = "an earlier attempt was answered, late, that it happened; the look does not show it"
        ending.hold_for_staff(connection, order, why, now=now, evidence=ending.sighting_evidence(sighting))
        return None
    if verdict is Verdict.ABSENT:
        guard: Mapping[str, Any] = order.guard
        return guard
    move(
        connection,
        order,
        State.UNRESOLVED,
        now=now,
        evidence={"why": f"the look before a repeat says {verdict}", **ending.sighting_evidence(sighting)},
        due_at=now + (terms.look_retry if verdict is Verdict.LOOK_FAILED else timedelta(0)),
    )
    return None
