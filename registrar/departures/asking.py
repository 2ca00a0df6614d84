"""Who asks for a departure, and what is answered? The customer by a valid channel; staff for what they find, with a ticket (D7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from registrar import events
from registrar.agreement.departing import BY_STAFF, WORDS, Denial, Ground
from registrar.agreement.rules import RuleBook, Rules
from registrar.departures import grounds, unlocking
from registrar.departures.codes import Way, way_of
from registrar.departures.fee import book_fee
from registrar.departures.rows import DepartureState, move, read, read_locked, running, subject
from registrar.findings import close_finding
from registrar.models import Departure, Domain
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.orders.requests import RequestRefusedError
from registrar.orders.states import MoveLostError
from registrar.orders.terms import Terms

UNASKED = "transfer_out_unasked"
"""The finding of a transfer out that nobody asked us for; its subject is the name."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody's wish that a name leaves: by which channel, on what evidence, under which ticket (C1, C2)."""

    domain: str
    """Its A-label."""
    channel: str
    evidence: str
    ticket: str
    actor: str
    asked_at: datetime
    """When he asked: the time in which he gets the code counts from here, and so does what depends on time."""


def request(
    connection: Connection, wish: Wish, *, terms: Mapping[str, Terms], rules: RuleBook, now: datetime
) -> tuple[int, bool]:
    """Take a customer's wish: denied on one of the only grounds, or under way. Return its number, and whether it was there.

    A name has one departure under way: asked for again it is the same one. Raises `RequestRefusedError` for a channel
    that is not valid, `ActRefusedError` for a name that is not with us.
    """
    domain = _ours(connection, wish.domain)
    at_zone = rules.rules(domain.zone, at=now)
    _insist_valid(wish, at_zone, now=now)
    if (under_way := running(connection, wish.domain)) is not None:
        return int(under_way.id), True
    supplier = _terms(terms, domain.registrar)
    denied = grounds.judge(connection, domain, asked_at=wish.asked_at, rules=at_zone)
    if denied is not None:
        return _deny(connection, domain, wish, denied, rules=at_zone, now=now), False
    try:
        with connection.begin_nested():
            return _begin(connection, domain, wish, supplier=supplier, rules=at_zone, now=now), False
    except IntegrityError:  # the index of what runs: somebody asked at the same moment, and was quicker
        return _runs_already(connection, wish.domain), True


def follow(connection: Connection, wish: Wish, *, rules: RuleBook, now: datetime) -> int:
    """Let staff adopt a transfer out that is under way without our doing: it is followed like any other.

    Raises `ActRefusedError` where a ground stands against it: then it is to be rejected, not followed.
    """
    domain = _ours(connection, wish.domain)
    at_zone = rules.rules(domain.zone, at=now)
    _insist_valid(wish, at_zone, now=now)
    if (under_way := running(connection, wish.domain)) is not None:
        raise _runs(under_way.id)
    denied = grounds.judge(connection, domain, asked_at=wish.asked_at, rules=at_zone)
    if denied is not None:
        raise ActRefusedError(
            "departure_denied",
            f"{WORDS[denied.ground]['en']}: reject it (`registrar domains reject-transfer {wish.domain}`)",
        )
    close_finding(connection, UNASKED, wish.domain, now=now)
    try:
        with connection.begin_nested():
            return _open(connection, domain, wish, rules=at_zone, now=now)
    except IntegrityError as error:
        raise _runs(_runs_already(connection, wish.domain)) from error


def stop(connection: Connection, departure_id: int, ground: Ground, *, evidence: str, act: ByHand) -> None:
    """Stop a departure that is under way on a ground that staff state, with evidence; it stands until staff lift it."""
    _insist_stated(ground, evidence)
    row = _locked(connection, departure_id)
    if row.state not in (DepartureState.UNLOCKING, DepartureState.CODE_DUE, DepartureState.OPEN):
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
    name = _ours(connection, domain)
    at_zone = rules.rules(name.zone, at=act.now)
    wish = Wish(domain, at_zone.conduct.support, evidence, act.ticket, act.actor, act.now)
    return _insert(connection, name, wish, DepartureState.BARRED, rules=at_zone, now=act.now, ground=ground)


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
    return _insert(connection, domain, wish, DepartureState.STOPPED, rules=None, now=now, **values)


def _ours(connection: Connection, domain: str) -> Row[Any]:
    row = connection.execute(select(Domain.__table__).where(Domain.name == domain)).first()
    if row is None or row.gone_at is not None:
        told = "is not in our books" if row is None else f"has left us ({row.gone_why})"
        raise ActRefusedError("domain_unknown", f"{domain} {told}")
    return row


def _terms(terms: Mapping[str, Terms], registrar: str) -> Terms:
    if registrar not in terms:
        raise ActRefusedError("registrar_disabled", f"registrar {registrar!r} of this name is not enabled")
    return terms[registrar]


def _insist_valid(wish: Wish, rules: Rules, *, now: datetime) -> None:
    valid = rules.departures.valid_channels
    if wish.channel not in valid:
        raise RequestRefusedError(
            "channel_not_valid",
            f"a name is let go on a request by {', '.join(sorted(valid))}; not by {wish.channel!r}",
            field="channel",
        )
    if wish.asked_at > now:
        raise RequestRefusedError("time_invalid", "requested_at lies ahead of now", field="requested_at")


def _insist_stated(ground: Ground, evidence: str) -> None:
    if ground not in BY_STAFF:
        raise ActRefusedError(
            "ground_not_stated",
            f"{ground} is found by the software itself; staff state {', '.join(sorted(BY_STAFF))}, and no other ground",
        )
    if not evidence.strip():
        raise ActRefusedError("evidence_missing", "a ground that staff state needs its evidence")


def _begin(
    connection: Connection, domain: Row[Any], wish: Wish, *, supplier: Terms, rules: Rules, now: datetime
) -> int:
    """Set a departure going, as its registrar has it."""
    if way_of(supplier.capabilities) is Way.HOLDER:
        return _open(connection, domain, wish, rules=rules, now=now)
    values = {"code_by": wish.asked_at + rules.departures.code_within, "due_at": now}
    made = _insert(connection, domain, wish, DepartureState.UNLOCKING, rules=rules, now=now, **values)
    unlocking.advance(connection, _row(connection, made), terms=supplier, now=now)
    return made


def _runs_already(connection: Connection, domain: str) -> int:
    row = running(connection, domain)
    if row is None:
        raise MoveLostError(f"a departure of {domain} began and ended at this moment")
    return int(row.id)


def _runs(departure_id: int) -> ActRefusedError:
    return ActRefusedError("departure_runs", f"departure {departure_id} of this name is under way already")


def _deny(
    connection: Connection, domain: Row[Any], wish: Wish, denied: Denial, *, rules: Rules, now: datetime
) -> int:
    claim_id = grounds.claimed(connection, domain.name).denies
    values = {"ground": denied.ground, "until": denied.until, "claim_id": claim_id}
    return _insert(connection, domain, wish, DepartureState.DENIED, rules=rules, now=now, **values)


def _open(connection: Connection, domain: Row[Any], wish: Wish, *, rules: Rules, now: datetime) -> int:
    """Open a departure that needs nothing of us but to be followed."""
    until = now + rules.departures.follow_for
    made = _insert(
        connection, domain, wish, DepartureState.OPEN, rules=rules, now=now, follow_until=until, due_at=now
    )
    book_fee(connection, _row(connection, made), rules=rules, now=now)
    return made


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


def _insert(
    connection: Connection,
    domain: Row[Any],
    wish: Wish,
    state: DepartureState,
    *,
    rules: Rules | None,
    now: datetime,
    **values: Any,
) -> int:
    made = connection.execute(
        insert(Departure)
        .values(
            domain=domain.name,
            zone=domain.zone,
            customer=domain.customer,
            registrar=domain.registrar,
            channel=wish.channel,
            evidence=wish.evidence,
            ticket=wish.ticket,
            requested_at=wish.asked_at,
            state=state,
            state_since=now,
            **values,
        )
        .returning(Departure.id)
    ).scalar_one()
    told = {
        "domain": domain.name,
        "channel": wish.channel,
        "requested_at": wish.asked_at.isoformat(),
        "ground": values.get("ground"),
        "rules": rules.version if rules else None,
    }
    events.record(
        connection,
        f"departure.{state}",
        at=now,
        subject=subject(made),
        actor=wish.actor,
        ticket=wish.ticket or None,
        evidence={name: value for name, value in told.items() if value},
    )
    return int(made)


def _row(connection: Connection, departure_id: int) -> Row[Any]:
    row = read(connection, departure_id)
    assert row is not None
    return row


def _locked(connection: Connection, departure_id: int) -> Row[Any]:
    row = read_locked(connection, departure_id)
    if row is None:
        raise ActRefusedError("departure_unknown", f"there is no departure {departure_id}")
    return row
