"""How is a name brought to be locked, kept so, and freed again? By orders of our own; only a look says that it is so."""

from typing import Any

from sqlalchemy import Row, select

from registrar import notices
from registrar.agreement.stops import ClaimState, is_disclosed
from registrar.claims import locking, ruling
from registrar.claims.alarms import Alarm, quiet, sound
from registrar.claims.states import Lock, change, subject_of
from registrar.claims.telling import tell_hold, tell_impossible, tell_order, tell_waiting
from registrar.claims.view import Seen, again, no_later_than
from registrar.mails import NoticeKind
from registrar.models import Domain
from registrar.orders.states import State
from registrar.statuses import CLIENT_STATUSES, Status


def lock(seen: Seen, claim: Row[Any]) -> list[int]:
    """Have the name locked, and see that it stays so."""
    wanted = locking.settable(claim.block_mode, seen.can)
    lacking = locking.demanded(claim.block_mode) - wanted
    if not wanted:
        return _cannot(seen, claim)
    if Status.CLIENT_HOLD in lacking:
        tell_impossible(seen, claim, "the registrar has no hold of its own: the name stays in the DNS")
    missing = wanted - seen.sighting.statuses
    if not missing:
        _verified(seen, claim, wanted)
        return []
    if claim.lock == Lock.LOCKED:
        told = {"missing": sorted(missing), "shown": sorted(seen.sighting.statuses)}
        claim = change(seen.connection, claim, "lock_lost", {"lock": Lock.LOST}, now=seen.now, evidence=told)
        sound(
            seen.connection,
            claim,
            Alarm.LOCK_LOST,
            f"{', '.join(sorted(missing))} was taken off at {claim.registrar}, and is put back",
            now=seen.now,
        )
    if _waits(seen, claim) is not None:
        return []
    return _place(seen, claim, add=wanted, remove=frozenset())


def _verified(seen: Seen, claim: Row[Any], wanted: frozenset[Status]) -> None:
    """Write down that a look shows the lock."""
    shown = frozenset(seen.sighting.statuses)
    values: dict[str, Any] = {
        "lock": Lock.LOCKED,
        "verified_at": seen.now,
        "due_at": no_later_than(claim.ruling_due_at, seen),
        "rung_until": None,
    }
    if claim.prior_statuses is None:
        prior = locking.before(seen.connection, claim)
        values["prior_statuses"] = sorted((shown & CLIENT_STATUSES) if prior is None else prior)
    change(
        seen.connection,
        claim,
        "lock_seen",
        values,
        now=seen.now,
        evidence={"statuses": sorted(shown & wanted), "source": seen.sighting.source},
    )
    quiet(seen.connection, claim, Alarm.LOCK_LATE, Alarm.LOCK_WAITS, now=seen.now)
    if Status.CLIENT_HOLD in wanted and is_disclosed(claim.disclose_from, seen.now):
        _tell_customer(seen, claim)


def _tell_customer(seen: Seen, claim: Row[Any]) -> None:
    """Owe the word that his name was cut off, once: as soon as the claim is disclosed to him, and not before (O11, D9)."""
    query = select(Domain.customer).where(Domain.name == claim.domain, Domain.gone_at.is_(None))
    customer = seen.connection.execute(query).scalar()
    if customer is None:
        return
    notices.owe(
        seen.connection,
        key=f"{NoticeKind.SUSPENDED}:{subject_of(claim.id)}",
        kind=NoticeKind.SUSPENDED,
        customer=customer,
        facts={"cause": "claim", "since": seen.now.isoformat()},
        domain=claim.domain,
        now=seen.now,
    )


def _cannot(seen: Seen, claim: Row[Any]) -> list[int]:
    """Say that there is no lock here, or none that a look shows; our own gate holds all the same."""
    if claim.lock != Lock.CANNOT:
        claim = change(seen.connection, claim, "lock_cannot", {"lock": Lock.CANNOT}, now=seen.now)
    tell_impossible(seen, claim, f"{claim.registrar} has no lock, or shows none: our own gate alone holds")
    again(seen.connection, claim, no_later_than(claim.ruling_due_at, seen))
    return []


def free(seen: Seen, claim: Row[Any]) -> list[int]:
    """Take off what is there for this claim alone, then go on to its end."""
    if claim.state not in (ClaimState.DISMISSED, ClaimState.RULED):
        again(seen.connection, claim, seen.later)
        return []
    if _waits(seen, claim) is not None:
        return []
    ours = locking.removable(seen.connection, claim, seen.can)
    if ours & seen.sighting.statuses:
        return _place(seen, claim, add=frozenset(), remove=ours)
    return _released(seen, claim)


def _released(seen: Seen, claim: Row[Any]) -> list[int]:
    """A look shows that nothing of ours is left; the claim ends, or its ruling's order goes on."""
    if claim.lock not in (Lock.NONE, Lock.CANNOT, Lock.RELEASED):
        locking.bequeath(seen.connection, claim, seen.can, now=seen.now)
        shown = {"statuses": sorted(seen.sighting.statuses), "source": seen.sighting.source}
        values = {"lock": Lock.RELEASED, "verified_at": seen.now, "lock_by": None}
        claim = change(seen.connection, claim, "lock_released", values, now=seen.now, evidence=shown)
        quiet(seen.connection, claim, Alarm.RELEASE_LATE, Alarm.LOCK_WAITS, now=seen.now)
    if claim.state == ClaimState.DISMISSED or claim.carried_out_at is not None:
        ruling.close(seen, claim)
        return []
    return ruling.follow(seen, claim)


def _place(seen: Seen, claim: Row[Any], *, add: frozenset[Status], remove: frozenset[Status]) -> list[int]:
    wanted = locking.steps(frozenset(seen.sighting.statuses), add=add, remove=remove)
    orders = locking.place(seen.connection, claim, wanted, now=seen.now)
    change(
        seen.connection,
        claim,
        "lock_ordered" if add else "release_ordered",
        {"due_at": seen.soon, "rung_until": None},
        now=seen.now,
        evidence={"orders": orders, "shown": sorted(seen.sighting.statuses)},
    )
    tell_hold(seen, claim)
    return orders


def _waits(seen: Seen, claim: Row[Any]) -> str | None:
    """Say why no further order is placed now: one is under way, just done, or was refused a while ago."""
    orders = locking.own_orders(seen.connection, claim.id)
    if not orders:
        return None
    last, still = orders[0], [order for order in orders if not State(order.state).final]
    until = seen.soon
    why: str | None = None
    if still:
        until = seen.patient(still[-1].placed_at)
        why = f"order {still[-1].id} ({still[-1].kind}) is {still[-1].state}"
        tell_order(seen, claim, still[-1])
    elif last.state == State.COMPLETED and seen.now - last.state_since < seen.can.late_limit:
        why = f"order {last.id} has just ended: what a look shows may be older"
    elif last.state == State.REFUSED and seen.now - last.state_since < seen.rules.claims.watch_every:
        why, until = f"order {last.id} ({last.kind}) was refused: {last.ended_reason}", seen.later
        tell_waiting(seen.connection, claim, why, now=seen.now)
    if why is not None:
        again(seen.connection, claim, until)
    return why
