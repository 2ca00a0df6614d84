"""What do our books know that could keep a name from leaving? The facts that `registrar.agreement.departing` judges (D7)."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select

from registrar.agreement.departing import BY_STAFF, Denial, Facts, Ground, denial
from registrar.agreement.rules import Rules
from registrar.agreement.stops import DEPARTURE, Effect, is_disclosed, stop
from registrar.commands import RENEWALS, Kind
from registrar.models import Claim, CustomerHold, Departure, Order
from registrar.orders.states import State

_COURT = "court"
_SINCE = (Kind.REGISTER, Kind.TRANSFER, Kind.CHANGE_HOLDER)


class Claimed(NamedTuple):
    """What third parties' claims to a name mean for its leaving (D9)."""

    denies: int | None
    """The claim that denies it."""
    before_court: bool
    waits: bool
    """One was dismissed, and its lock is not off yet."""
    disclosed: tuple[datetime | None, ...] = ()
    """From when each of those that deny it may be known to the holder; None: not yet."""


def judge(connection: Connection, domain: Row[Any], *, asked_at: datetime, rules: Rules) -> Denial | None:
    """Return the ground on which a name, by its row in our books, may not leave; None where there is none."""
    return denial(_facts(connection, domain, asked_at), rules.departures)


def claimed(connection: Connection, domain: str) -> Claimed:
    """Read the open claims to a name; a denial comes before a wait."""
    open_claims = select(Claim.id, Claim.state, Claim.procedure, Claim.disclose_from).where(
        Claim.domain == domain, Claim.closed_at.is_(None)
    )
    found = [
        (claim, stopped.effect)
        for claim in connection.execute(open_claims.order_by(Claim.id))
        if (stopped := stop(DEPARTURE, claim.state, disclosed=False)) is not None
    ]
    denying = [claim for claim, effect in found if effect is Effect.DENIED]
    return Claimed(
        denying[0].id if denying else None,
        any(claim.procedure == _COURT for claim in denying),
        waits=not denying and bool(found),
        disclosed=tuple(claim.disclose_from for claim in denying),
    )


def _facts(connection: Connection, domain: Row[Any], asked_at: datetime) -> Facts:
    claims, since = claimed(connection, domain.name), _since(connection, domain.name)
    return Facts(
        asked_at=asked_at,
        claimed=claims.denies is not None,
        before_court=claims.before_court,
        claim_hidden=not any(is_disclosed(since, asked_at) for since in claims.disclosed),
        recorded=_recorded(connection, domain.name),
        holder_in_doubt=_holder_in_doubt(connection, domain.customer),
        registered_at=since.get(Kind.REGISTER),
        transferred_at=since.get(Kind.TRANSFER),
        holder_changed_at=since.get(Kind.CHANGE_HOLDER),
        paid_through=domain.paid_through,
        renewal_paid=_renewal_paid(connection, domain.name),
    )


def _recorded(connection: Connection, domain: str) -> frozenset[Ground]:
    """Return what staff have stated against a name's leaving, and not lifted."""
    query = select(Departure.ground).where(
        Departure.domain == domain,
        Departure.ground.in_(BY_STAFF),
        Departure.state.in_(("stopped", "barred")),
        Departure.lifted_at.is_(None),
        Departure.claim_id.is_(None),
    )
    return frozenset(Ground(str(ground)) for ground in connection.execute(query).scalars())


def _holder_in_doubt(connection: Connection, customer: str) -> bool:
    """Tell whether it is the holder's own identity that is in doubt; any other identity hold stops no departure (O6)."""
    query = select(CustomerHold.id).where(
        CustomerHold.customer == customer,
        CustomerHold.holder_in_doubt,
        CustomerHold.released_at.is_(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def _since(connection: Connection, domain: str) -> dict[Kind, datetime]:
    """Return when a name was last registered, transferred to us and given to another holder, through us."""
    query = (
        select(Order.kind, func.max(Order.state_since))
        .where(Order.domain == domain, Order.state == State.COMPLETED, Order.kind.in_(_SINCE))
        .group_by(Order.kind)
    )
    return {Kind(kind): at for kind, at in connection.execute(query)}


def _renewal_paid(connection: Connection, domain: str) -> bool:
    ended = [state for state in State if state.final]
    query = select(Order.id).where(
        Order.domain == domain, Order.kind.in_(RENEWALS), Order.state.not_in(ended)
    )
    return connection.execute(query.limit(1)).first() is not None
