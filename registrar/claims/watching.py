"""Is the claimed name still here, and is it locked? Each watch is one look; what it shows is put right, or told.

     due ──▶ plan ──▶ look ──▶ conclude ──┬─ as it should be: verified, seen again after `watch_every`
                                          ├─ not locked: an order of our own, seen again soon, until it is verified
                                          ├─ a transfer away is under way: it is rejected where the registrar lets us
                                          └─ anything else: an alarm, and seen again

No transaction is open while we look. A look that was made before the claim changed decides nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from registrar.agreement.disputing import Ruling
from registrar.agreement.rules import Rules
from registrar.agreement.stops import ClaimState
from registrar.claims import keeping, locking, ruling
from registrar.claims.alarms import Alarm, quiet, sound
from registrar.claims.states import Lock, change, read_locked, subject_of
from registrar.claims.telling import HEARD, tell_in_doubt, tell_late, tell_ruling, tell_waiting
from registrar.claims.view import Seen, again
from registrar.commands import AnswerTransfer, Kind, TransferAnswer
from registrar.database import one_at_a_time
from registrar.gateway import Capabilities, Progress, Sighting, Standing
from registrar.models import Claim, Domain
from registrar.names import DomainName
from registrar.orders.terms import Terms
from registrar.statuses import Status

LOOKED_FOR = Kind.RENEW
"""The kind of look that shows a name as it is."""
BY_RULING = "ruling"
"""Why a name is gone that a ruling gave to its claimant, or cancelled."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A look that is due; `state` and `lock` are the fence of what it may decide."""

    claim_id: int
    registrar: str
    domain: DomainName
    state: str
    lock: str

    @property
    def ticket(self) -> str:
        """What stands behind an errand that a watch asks for: the claim itself."""
        return subject_of(self.claim_id)


@dataclass(frozen=True, slots=True)
class Concluded:
    """What is to be done after the transaction: orders to ring for, and whether to reject a transfer away."""

    registrar: str
    domain: DomainName
    orders: tuple[int, ...] = ()
    reject_transfer: bool = False


def take_due(connection: Connection, *, limit: int, now: datetime, rung_for: timedelta) -> list[int]:
    """Return claims whose name is to be looked at, the longest due first, marked as rung."""
    query = (
        select(Claim.id)
        .where(Claim.due_at <= now, or_(Claim.rung_until.is_(None), Claim.rung_until <= now))
        .order_by(Claim.due_at, Claim.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(connection.execute(query).scalars())
    if due:
        connection.execute(update(Claim).where(Claim.id.in_(due)).values(rung_until=now + rung_for))
    return due


def blind(watch: Watch, *, now: datetime) -> Sighting:
    """Return what is seen of a name at a registrar that offers no look."""
    return Sighting(watch.domain, now, watch.registrar, Standing.UNKNOWN, reason="no look is offered")


def plan(connection: Connection, claim_id: int, *, now: datetime) -> Watch | None:
    """Return the watch that is due for a claim, or None."""
    claim = connection.execute(select(Claim.__table__).where(Claim.id == claim_id)).first()
    if claim is None or claim.due_at is None or claim.due_at > now:
        return None
    return Watch(claim.id, claim.registrar, DomainName(claim.domain, claim.zone), claim.state, claim.lock)


def put_off(
    connection: Connection, watch: Watch, why: str, *, until: datetime, rules: Rules, now: datetime
) -> None:
    """Watch later: the registrar cannot be asked now. While the lock is not verified that is an alarm by itself."""
    claim = read_locked(connection, watch.claim_id)
    if claim is None or claim.closed_at is not None:
        return
    tell_waiting(connection, claim, why, now=now)
    tell_late(connection, claim, rules=rules, now=now)
    again(connection, claim, until)


def conclude(
    connection: Connection, watch: Watch, sighting: Sighting, *, terms: Terms, rules: Rules, now: datetime
) -> Concluded:
    """Let a look decide, if the claim still stands where the watch was planned.

    It begins its transaction: two claims to one name are judged one after the other, for each may leave the other a lock.
    """
    one_at_a_time(connection, f"claims to {watch.domain.ascii}")
    nothing = Concluded(watch.registrar, watch.domain)
    claim = read_locked(connection, watch.claim_id)
    if claim is None or claim.due_at is None or claim.closed_at is not None:
        return nothing
    if (claim.state, claim.lock) != (watch.state, watch.lock):
        again(connection, claim, now)
        return nothing
    seen = Seen(connection, sighting, terms, rules, now)
    tell_in_doubt(seen, claim)
    tell_ruling(seen, claim)
    if sighting.standing is Standing.UNKNOWN and seen.can.can_look:
        why = f"the look failed: {sighting.reason}"
        put_off(connection, watch, why, until=seen.soon, rules=rules, now=now)
        return nothing
    if sighting.standing is Standing.FREE or sighting.ours is False:
        _gone(seen, claim)
        return nothing
    quiet(connection, claim, Alarm.NAME_LEFT, now=now)
    if _is_leaving(sighting) and claim.state in HEARD:
        return _leaving(seen, claim, nothing)
    orders = keeping.lock(seen, claim) if locking.wants_lock(claim) else keeping.free(seen, claim)
    current = read_locked(connection, claim.id)
    if current is not None:
        tell_late(connection, current, rules=rules, now=now)
    return Concluded(watch.registrar, watch.domain, tuple(orders))


def rejection(domain: DomainName, can: Capabilities) -> AnswerTransfer | None:
    """Return the errand that stops a transfer away, or None where the registrar takes none."""
    if AnswerTransfer not in can.errands or TransferAnswer.REJECT not in can.answers:
        return None
    return AnswerTransfer(domain, TransferAnswer.REJECT)


def _gone(seen: Seen, claim: Row[Any]) -> None:
    """The name is not with us: that may be the ruling; else it got away. Nothing of our lock is left on it."""
    free = seen.sighting.standing is Standing.FREE
    as_ruled = claim.state == ClaimState.RULED and claim.ruling == (
        Ruling.CANCEL if free else Ruling.TRANSFER
    )
    shown = {"standing": str(seen.sighting.standing), "sponsor": seen.sighting.sponsor}
    if as_ruled and claim.carried_out_at is None:
        claim = change(
            seen.connection,
            claim,
            "carried_out",
            {"carried_out_at": seen.now},
            now=seen.now,
            evidence=shown,
        )
    if as_ruled:
        _take_off_the_books(seen, claim)
    if claim.state == ClaimState.DISMISSED or claim.carried_out_at is not None:
        ruling.close(seen, claim)
        return
    where = (
        "is not registered any more" if free else f"is with {seen.sighting.sponsor or 'another registrar'}"
    )
    if claim.lock == Lock.LOCKED:
        claim = change(seen.connection, claim, "lock_lost", {"lock": Lock.LOST}, now=seen.now, evidence=shown)
    sound(seen.connection, claim, Alarm.NAME_LEFT, f"the name {where}", now=seen.now)
    again(seen.connection, claim, seen.later)


def _take_off_the_books(seen: Seen, claim: Row[Any]) -> None:
    """The ruling took the name from its customer: nothing more is promised about it, and he is reminded of nothing (E2)."""
    seen.connection.execute(
        update(Domain)
        .where(Domain.name == claim.domain, Domain.registrar == claim.registrar, Domain.gone_at.is_(None))
        .values(gone_at=seen.now, gone_why=BY_RULING)
    )


def _is_leaving(sighting: Sighting) -> bool:
    """Tell whether a transfer of a name that is ours is under way: then it is one away from us."""
    under_way = sighting.progress.get(Kind.TRANSFER) is Progress.UNDER_WAY
    return Status.PENDING_TRANSFER in sighting.statuses or under_way


def _leaving(seen: Seen, claim: Row[Any], nothing: Concluded) -> Concluded:
    """Stop a transfer away where the registrar allows it; a name under transfer takes no lock (RFC 5731 §3.2.4)."""
    stops = rejection(nothing.domain, seen.can) is not None
    what = (
        "it is rejected"
        if stops
        else f"{claim.registrar} takes no rejection from us: stop it there by hand, now"
    )
    sound(
        seen.connection,
        claim,
        Alarm.NAME_LEAVING,
        f"a transfer away from us is under way; {what}",
        now=seen.now,
    )
    if locking.wants_lock(claim) and claim.lock not in (Lock.LOCKED, Lock.CANNOT):
        tell_waiting(seen.connection, claim, "a transfer away is under way", now=seen.now)
        tell_late(seen.connection, claim, rules=seen.rules, now=seen.now)
    again(seen.connection, claim, seen.soon if stops else seen.patient(claim.state_since))
    return Concluded(nothing.registrar, nothing.domain, reject_transfer=stops)
