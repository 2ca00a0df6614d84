"""Who gets the code that lets a name leave, and how often? The registrant, once, within the time; it is kept nowhere (D7).

plan_code ── committed ──▶ the registrar is asked ──▶ code_given ── committed ──▶ the code is handed out
                                   └── no answer ──▶ release_code: it can be asked for again
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from registrar import events
from registrar.agreement.rules import RuleBook
from registrar.commands import Kind
from registrar.departures import grounds, unlocking
from registrar.departures.fee import book_fee
from registrar.departures.rows import DepartureState, move, name_of, read, read_locked, subject
from registrar.departures.telling import told_ground, words
from registrar.gateway import Capabilities, Changeable
from registrar.models import Departure, Domain
from registrar.names import DomainName
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.states import MoveLostError
from registrar.orders.terms import Terms
from registrar.secrets import Secret

BEING_ASKED = timedelta(minutes=2)
"""How long one call may take to get the code before another may try: longer than any call to a registrar."""


class Way(StrEnum):
    """How the holder of a name gets what its move needs."""

    SHOWN = "shown"
    """The registrar shows us the code."""
    FRESH = "fresh"
    """We set a fresh one (RFC 9154)."""
    MAILED = "mailed"
    """The registrar mails it to the holder; we never see it."""
    HOLDER = "holder"
    """There is none, and no transfer: the holder names another contact at the registry himself (.ir)."""


def way_of(can: Capabilities) -> Way:
    """Return how it is at a registrar. One that carries out no transfer knows no code: a PIN of its own is for holders."""
    if Kind.TRANSFER not in can.kinds:
        return Way.HOLDER
    if can.reads_auth_info:
        return Way.SHOWN
    return Way.FRESH if Changeable.AUTH_INFO in can.updates else Way.MAILED


@dataclass(frozen=True, slots=True)
class CodePlan:
    """A code that may be handed out now, to whoever planned it and nobody else."""

    departure_id: int
    registrar: str
    domain: DomainName
    way: Way
    may_set: bool
    """A fresh one can be set where none is shown: a registry that keeps none shows none (RFC 9154 §4.3)."""
    ticket: str
    again: bool


@dataclass(frozen=True, slots=True)
class Code:
    """What is handed out: the code, or None where the registrar mails it."""

    way: Way
    value: Secret | None


def plan_code(
    connection: Connection,
    departure_id: int,
    *,
    terms: Mapping[str, Terms],
    rules: RuleBook,
    now: datetime,
    again: bool = False,
) -> CodePlan:
    """Tell how the code is got, and let nobody else get it meanwhile; `again`: staff hand it out once more, with a ticket.

    Raises `ActRefusedError` while the name is not unlocked, once the code was given, and where a ground has come up.
    """
    row = _ready(connection, departure_id, terms=terms, now=now, again=again)
    _insist_no_ground(connection, row, rules=rules, now=now)
    taken = connection.execute(
        update(Departure)
        .where(
            Departure.id == row.id,
            Departure.state == row.state,
            Departure.code_asked_until.is_(None) | (Departure.code_asked_until <= now),
        )
        .values(code_asked_until=now + BEING_ASKED)
    )
    if taken.rowcount != 1:
        raise MoveLostError(f"the code of departure {departure_id} is being handed out at this moment")
    can = terms[row.registrar].capabilities
    may_set = Changeable.AUTH_INFO in can.updates
    return CodePlan(row.id, row.registrar, name_of(row), way_of(can), may_set, row.ticket, again)


def release_code(connection: Connection, plan: CodePlan) -> None:
    """Let the code be asked for again: it was not got."""
    connection.execute(
        update(Departure).where(Departure.id == plan.departure_id).values(code_asked_until=None)
    )


def code_given(
    connection: Connection,
    plan: CodePlan,
    code: Code,
    *,
    actor: str,
    ticket: str | None,
    rules: RuleBook,
    now: datetime,
) -> None:
    """Write down that the code is handed out, before it is; raises `MoveLostError` if the departure was stopped meanwhile."""
    row = read_locked(connection, plan.departure_id)
    assert row is not None
    told = {"domain": row.domain, "way": code.way}
    if plan.again and row.state == DepartureState.OPEN:
        release_code(connection, plan)
        events.record(
            connection,
            "departure.code_given_again",
            at=now,
            subject=subject(row.id),
            actor=actor,
            ticket=ticket,
            evidence=told,
        )
        return
    if row.state != DepartureState.CODE_DUE:
        raise MoveLostError(f"departure {row.id} is {row.state} now: the code is not handed out")
    at_zone = rules.rules(row.zone, at=now)
    until = now + at_zone.departures.follow_for
    move(
        connection,
        row,
        DepartureState.OPEN,
        now=now,
        evidence={"way": code.way, "in_time": now <= row.code_by, "rules": at_zone.version},
        actor=actor,
        ticket=ticket,
        code_given_at=now,
        code_asked_until=None,
        follow_until=until,
        due_at=now,
    )
    book_fee(connection, row, rules=at_zone, now=now)


def _ready(
    connection: Connection, departure_id: int, *, terms: Mapping[str, Terms], now: datetime, again: bool
) -> Row[Any]:
    """Return the departure if its code may be given, taking it on first as far as its unlocking has come."""
    row = read_locked(connection, departure_id)
    if row is None:
        raise ActRefusedError("departure_unknown", f"there is no departure {departure_id}")
    if row.registrar not in terms:
        raise ActRefusedError(
            "registrar_disabled", f"registrar {row.registrar!r} of this name is not enabled"
        )
    if row.state == DepartureState.UNLOCKING:
        unlocking.advance(connection, row, terms=terms[row.registrar], now=now)
        row = read(connection, departure_id)
        assert row is not None
    if row.state == DepartureState.CODE_DUE or (
        row.state == DepartureState.OPEN and again and row.code_given_at
    ):
        return row
    raise ActRefusedError(*_not_ready(row))


def _not_ready(row: Row[Any]) -> tuple[str, str]:
    match row.state:
        case DepartureState.UNLOCKING:
            return "not_unlocked", "the name is still being unlocked: ask again in a few minutes"
        case DepartureState.OPEN if row.code_given_at:
            return "code_given", "the code was handed out, once: if it was lost, ask us through support"
        case DepartureState.OPEN:
            return (
                "no_code",
                "no code of ours is needed: the holder's own change at the registry, or a transfer that is under way there",
            )
        case _:
            return "not_now", f"departure {row.id} is {row.state}: there is no code to give"


def _insist_no_ground(connection: Connection, row: Row[Any], *, rules: RuleBook, now: datetime) -> None:
    """Judge once more: not what time brought since the request, which is ours to answer for, but what came up."""
    domain = connection.execute(select(Domain.__table__).where(Domain.name == row.domain)).one()
    denied = grounds.judge(connection, domain, asked_at=row.requested_at, rules=rules.rules(row.zone, at=now))
    if denied is not None:
        claim_id = grounds.claimed(connection, row.domain).denies
        told = told_ground(connection, denied.ground, claim_id, now=now)
        raise ActRefusedError("departure_denied", words(told)["en"])
