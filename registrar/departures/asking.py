"""Who asks that a name leaves, and what is answered? Its customer by a valid channel, or staff for one that is leaving already (D7)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from registrar.agreement.departing import WORDS, Denial
from registrar.agreement.rules import RuleBook, Rules
from registrar.departures import grounds, unlocking
from registrar.departures.beginning import Wish, enter, ours
from registrar.departures.codes import Way, way_of
from registrar.departures.fee import book_fee
from registrar.departures.rows import DepartureState, read, running
from registrar.findings import close_finding
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.requests import RequestRefusedError
from registrar.orders.states import MoveLostError
from registrar.orders.terms import Terms
from registrar.texts import names_a_person

UNASKED = "transfer_out_unasked"
"""The finding of a transfer out that nobody asked us for; its subject is the name."""


def request(
    connection: Connection, wish: Wish, *, terms: Mapping[str, Terms], rules: RuleBook, now: datetime
) -> tuple[int, bool]:
    """Take a customer's wish: denied on one of the only grounds, or under way. Return its number, and whether it was there.

    A name has one departure under way: asked for again it is the same one. Raises `RequestRefusedError` for a channel
    that is not valid or a request without evidence, `ActRefusedError` for a name that is not with us.
    """
    domain = ours(connection, wish.domain)
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
    domain = ours(connection, wish.domain)
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
    if not wish.evidence.strip():
        raise RequestRefusedError(
            "field_missing", "say on which evidence he asks: a letter's number, a ticket", field="evidence"
        )
    if names_a_person(wish.evidence):
        raise RequestRefusedError(
            "field_invalid",
            "say where the evidence is kept, and leave the e-mail address out (D10)",
            field="evidence",
        )
    if wish.asked_at > now:
        raise RequestRefusedError("time_invalid", "requested_at lies ahead of now", field="requested_at")


def _begin(
    connection: Connection, domain: Row[Any], wish: Wish, *, supplier: Terms, rules: Rules, now: datetime
) -> int:
    """Set a departure going, as its registrar has it."""
    if way_of(supplier.capabilities) is Way.HOLDER:
        return _open(connection, domain, wish, rules=rules, now=now)
    values = {"code_by": wish.asked_at + rules.departures.code_within, "due_at": now}
    made = enter(connection, domain, wish, DepartureState.UNLOCKING, rules=rules, now=now, **values)
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
    return enter(connection, domain, wish, DepartureState.DENIED, rules=rules, now=now, **values)


def _open(connection: Connection, domain: Row[Any], wish: Wish, *, rules: Rules, now: datetime) -> int:
    """Open a departure that needs nothing of us but to be followed."""
    until = now + rules.departures.follow_for
    made = enter(
        connection, domain, wish, DepartureState.OPEN, rules=rules, now=now, follow_until=until, due_at=now
    )
    book_fee(connection, _row(connection, made), rules=rules, now=now)
    return made


def _row(connection: Connection, departure_id: int) -> Row[Any]:
    row = read(connection, departure_id)
    assert row is not None
    return row
