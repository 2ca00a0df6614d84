"""What keeps a name that is to leave? A ground that staff state, with evidence and a ticket, or a third party's claim (D7, D9)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from registrar import events
from registrar.agreement.departing import BY_STAFF, Ground
from registrar.agreement.rules import RuleBook
from registrar.departures import grounds, unlocking
from registrar.departures.beginning import Wish, enter, ours
from registrar.departures.rows import RUNNING, DepartureState, move, read_locked, running, subject
from registrar.models import Departure
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.texts import names_a_person


def stop(connection: Connection, departure_id: int, ground: Ground, *, evidence: str, act: ByHand) -> None:
    """Stop a departure that is under way on a ground that staff state, with evidence; it stands until staff lift it."""
    _insist_stated(ground, evidence)
    row = _locked(connection, departure_id)
    if row.state not in RUNNING:
        raise ActRefusedError("not_now", f"departure {departure_id} is {row.state}: there is nothing to stop")
    _stop(
        connection,
        row,
        ground,
        evidence=evidence,
        claim_id=None,
        actor=act.actor,
        ticket=act.ticket,
        now=act.now,
    )


def stop_for_claim(connection: Connection, domain: str, claim_id: int, *, now: datetime) -> int | None:
    """Stop the departure of a claimed name, whatever it has come to (D9); return which, or None if none is under way.

    A transfer that its new registrar has asked for is rejected where the registrar allows, as soon as a look shows it.
    """
    row = running(connection, domain)
    if row is None:
        return None
    ground = Ground.COURT_HOLD if grounds.claimed(connection, domain).before_court else Ground.CLAIM
    _stop(
        connection,
        row,
        ground,
        evidence="",
        claim_id=claim_id,
        actor=events.WORKER,
        ticket=row.ticket,
        now=now,
    )
    return int(row.id)


def bar(
    connection: Connection, domain: str, ground: Ground, *, evidence: str, rules: RuleBook, act: ByHand
) -> int:
    """Put a ground on record before anybody asks: a court's order, the holder's objection, a fraud; stops what runs."""
    _insist_stated(ground, evidence)
    row = running(connection, domain)
    if row is not None:
        stop(connection, row.id, ground, evidence=evidence, act=act)
        return int(row.id)
    name = ours(connection, domain)
    at_zone = rules.rules(name.zone, at=act.now)
    wish = Wish(domain, at_zone.conduct.support, evidence, act.ticket, act.actor, act.now)
    return enter(connection, name, wish, DepartureState.BARRED, rules=at_zone, now=act.now, ground=ground)


def lift(connection: Connection, departure_id: int, *, act: ByHand) -> None:
    """Take a ground that staff stated off the record: what is asked from now on is judged without it."""
    row = _locked(connection, departure_id)
    lifted = connection.execute(
        update(Departure)
        .where(
            Departure.id == departure_id,
            Departure.state.in_((DepartureState.STOPPED, DepartureState.BARRED)),
            Departure.ground.in_(BY_STAFF),
            Departure.claim_id.is_(None),
            Departure.lifted_at.is_(None),
        )
        .values(lifted_at=act.now)
    )
    if lifted.rowcount != 1:
        raise ActRefusedError(
            "nothing_to_lift", f"departure {departure_id} holds no ground of staff's own that still stands"
        )
    events.record(
        connection,
        "departure.lifted",
        at=act.now,
        subject=subject(departure_id),
        actor=act.actor,
        ticket=act.ticket,
        evidence={"domain": row.domain, "ground": row.ground},
    )


def stopped_unasked(connection: Connection, domain: Row[Any], *, claim_id: int, now: datetime) -> int:
    """Record a transfer out of a claimed name that nobody asked us for, as stopped: it is rejected as soon as may be (D9)."""
    told = f"{domain.registrar} says that another registrar has asked for the name"
    wish = Wish(domain.name, "registry", told, "", events.WORKER, now)
    values = {"ground": Ground.CLAIM, "claim_id": claim_id, "due_at": now}
    return enter(connection, domain, wish, DepartureState.STOPPED, rules=None, now=now, **values)


def _insist_stated(ground: Ground, evidence: str) -> None:
    if ground not in BY_STAFF:
        raise ActRefusedError(
            "ground_not_stated",
            f"{ground} is found by the software itself; staff state {', '.join(sorted(BY_STAFF))}, and no other ground",
        )
    if not evidence.strip():
        raise ActRefusedError("evidence_missing", "a ground that staff state needs its evidence")
    if names_a_person(evidence):
        raise ActRefusedError(
            "evidence_personal", "say where the evidence is kept, and leave the e-mail address out (D10)"
        )


def _locked(connection: Connection, departure_id: int) -> Row[Any]:
    row = read_locked(connection, departure_id)
    if row is None:
        raise ActRefusedError("departure_unknown", f"there is no departure {departure_id}")
    return row


def _stop(
    connection: Connection,
    row: Row[Any],
    ground: Ground,
    *,
    evidence: str,
    claim_id: int | None,
    actor: str,
    ticket: str,
    now: datetime,
) -> None:
    unlocking.take_back(connection, row, now=now)
    told = {"ground": ground, "claim": claim_id, "evidence": evidence, "was": row.state}
    move(
        connection,
        row,
        DepartureState.STOPPED,
        now=now,
        evidence={name: value for name, value in told.items() if value},
        actor=actor,
        ticket=ticket,
        ground=ground,
        claim_id=claim_id,
        due_at=now,
    )
