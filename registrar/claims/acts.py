"""What may staff record of a claim? Each act with a ticket, each move from where it may start, each with its evidence (D9).

Offices, case numbers and document numbers are kept, people never (D10).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from registrar import events
from registrar.agreement import business_days
from registrar.agreement.disputing import By, Evidence, Procedure, Ruling
from registrar.agreement.rules import BlockMode, Rules
from registrar.agreement.stops import ClaimState
from registrar.claims import locking
from registrar.claims.alarms import Alarm, quiet
from registrar.claims.conditions import (
    insist_confirmed,
    insist_order,
    insist_ruling_due,
    number_of,
    office_or_number,
)
from registrar.claims.states import (
    MOVES,
    NOT_FACTS,
    CarriedBy,
    Lock,
    change,
    facts_of,
    read_locked,
    subject_of,
)
from registrar.database import try_write
from registrar.models import Claim, Confirmation
from registrar.names import DomainName
from registrar.orders.by_hand import ActRefusedError, ByHand


def assert_claim(
    connection: Connection,
    domain: DomainName,
    *,
    registrar: str,
    procedure: Procedure,
    reference: str,
    rules: Rules,
    act: ByHand,
) -> int:
    """Record that somebody claims a name, under the claim's own reference; return the claim's number.

    It stops nothing yet. Raises `ActRefusedError` where it is recorded already.
    """
    reference = office_or_number(reference, "the claim's reference")
    known = select(Claim.id).where(
        Claim.domain == domain.ascii,
        Claim.procedure == procedure,
        Claim.reference == reference,
        Claim.closed_at.is_(None),
    )
    if (claim_id := connection.execute(known).scalar()) is not None:
        raise ActRefusedError("claim_known", f"it is recorded already, as claim {claim_id}")
    after = rules.claims.disclose_after
    values = {
        "domain": domain.ascii,
        "zone": domain.zone,
        "registrar": registrar,
        "procedure": procedure,
        "reference": reference,
        "state": ClaimState.ASSERTED,
        "state_since": act.now,
        "asserted_at": act.now,
        "block_mode": rules.claims.block_mode,
        "lock": Lock.NONE,
        "disclose_from": None if after is None else act.now + after,
    }
    claim_id = connection.execute(insert(Claim).values(values).returning(Claim.id)).scalar_one()
    columns = (column.name for column in Claim.__table__.columns if column.name not in NOT_FACTS)
    whole = dict.fromkeys(columns) | values
    events.record(
        connection,
        "claim.asserted",
        at=act.now,
        subject=subject_of(claim_id),
        actor=act.actor,
        ticket=act.ticket,
        evidence={"changed": facts_of(whole), "rules": rules.version},
    )
    return claim_id


def proceed(
    connection: Connection,
    claim_id: int,
    *,
    rules: Rules,
    act: ByHand,
    requested_at: datetime | None = None,
    lock: bool = False,
) -> Row[Any]:
    """Record that the claim is being heard. The procedure may demand the lock from here on, or `lock` does.

    `requested_at` is when the provider asked for the lock (or told us): the business days count from it.
    """
    claim = _claim(connection, claim_id, ClaimState.PROCEEDING)
    since = requested_at or act.now
    if since > act.now:
        raise ActRefusedError("time_invalid", "the provider's request lies in the future")
    values: dict[str, Any] = {"state": ClaimState.PROCEEDING, "due_at": act.now, "rung_until": None}
    if lock or Procedure(claim.procedure).locks_at_once:
        values |= {"lock": Lock.WANTED, "lock_by": _lock_by(since, rules)}
    return _record(connection, claim, "proceeding", values, act, rules=rules, requested_at=since.isoformat())


def confirm(connection: Connection, claim_id: int, *, by: By, evidence: Evidence, act: ByHand) -> Row[Any]:
    """Record a confirmation: who, when, on which document. The same one twice is refused."""
    claim = _read(connection, claim_id)
    if claim.state not in (ClaimState.ASSERTED, ClaimState.PROCEEDING, ClaimState.UPHELD):
        raise _not_from(claim, "confirmed")
    told = {
        "by": str(by),
        "who": office_or_number(evidence.who, "the office"),
        "at": act.now.isoformat(),
        "evidence": office_or_number(evidence.document, "the document's number"),
    }
    row = {**told, "claim_id": claim_id, "at": act.now}
    if not try_write(connection, insert(Confirmation).values(row)):
        raise ActRefusedError("confirmation_known", f"{told['who']} has confirmed claim {claim_id} already")
    return change(
        connection,
        claim,
        "confirmed",
        {"rung_until": None},
        now=act.now,
        actor=act.actor,
        ticket=act.ticket,
        evidence={"confirmation": told},
    )


def uphold(
    connection: Connection,
    claim_id: int,
    *,
    ruling: Ruling,
    rules: Rules,
    act: ByHand,
    decided_at: datetime | None = None,
    block_mode: BlockMode | None = None,
) -> Row[Any]:
    """Record that the claim was upheld, and what the ruling is; the name is locked now at the latest.

    Refused without the company's confirmation and the authority's. A ruling to transfer or cancel waits for a court
    filing, counted in business days from `decided_at`, when we were told. `block_mode`: what the ruling says of the DNS.
    """
    claim = _claim(connection, claim_id, ClaimState.UPHELD)
    insist_confirmed(connection, claim, rules)
    since = decided_at or act.now
    if since > act.now:
        raise ActRefusedError("time_invalid", "the decision lies in the future")
    mode = block_mode or BlockMode(claim.block_mode)
    values: dict[str, Any] = {
        "state": ClaimState.UPHELD,
        "ruling": ruling,
        "ruling_due_at": None if ruling is Ruling.NONE else _ruling_due(since, rules),
        "block_mode": mode,
        "due_at": act.now,
        "rung_until": None,
    }
    if claim.lock in (Lock.NONE, Lock.RELEASED) or mode != claim.block_mode:
        values |= {"lock": Lock.WANTED, "lock_by": claim.lock_by or _lock_by(act.now, rules)}
    return _record(connection, claim, "upheld", values, act, rules=rules, decided_at=since.isoformat())


def dismiss(connection: Connection, claim_id: int, *, rules: Rules, act: ByHand, document: str) -> Row[Any]:
    """Record that the claim was dismissed, withdrawn or overturned; its own lock comes off within the agreed days."""
    claim = _claim(connection, claim_id, ClaimState.DISMISSED)
    locking.withdraw(connection, claim, actor=act.actor, ticket=act.ticket, now=act.now)
    release_by = business_days.add(act.now, rules.claims.release_within, rules.calendar)
    values = {
        "state": ClaimState.DISMISSED,
        "ruling_due_at": None,
        "lock_by": None if claim.lock == Lock.NONE else release_by,
        "due_at": act.now,
        "rung_until": None,
    }
    quiet(
        connection,
        claim,
        Alarm.RULING_DUE,
        Alarm.LOCK_LATE,
        Alarm.LOCK_WAITS,
        Alarm.LOCK_IMPOSSIBLE,
        now=act.now,
    )
    return _record(connection, claim, "dismissed", values, act, rules=rules, document=number_of(document))


def file_in_court(connection: Connection, claim_id: int, *, act: ByHand, document: str) -> Row[Any]:
    """Record a court filing: it stops the ruling until the court has spoken."""
    claim = _read(connection, claim_id)
    if claim.state != ClaimState.UPHELD or claim.ruling_due_at is None:
        raise _not_from(claim, "stopped by a court filing")
    quiet(connection, claim, Alarm.RULING_DUE, now=act.now)
    return _record(
        connection,
        claim,
        "court_filing",
        {"ruling_due_at": None},
        act,
        document=number_of(document),
    )


def end_court(connection: Connection, claim_id: int, *, act: ByHand, document: str) -> Row[Any]:
    """Record that the court lets the ruling stand: it is to be carried out."""
    claim = _read(connection, claim_id)
    if (
        claim.state != ClaimState.UPHELD
        or claim.ruling_due_at is not None
        or claim.ruling in (None, Ruling.NONE)
    ):
        raise _not_from(claim, "freed from a court filing")
    values = {"ruling_due_at": act.now, "due_at": act.now, "rung_until": None}
    return _record(connection, claim, "court_ended", values, act, document=number_of(document))


def rule(
    connection: Connection,
    claim_id: int,
    *,
    by: CarriedBy,
    act: ByHand,
    document: str,
    order_id: int | None = None,
) -> Row[Any]:
    """Have the ruling carried out: by an order of this name, by staff's errands, or by the registry itself.

    Refused while it waits for a court filing, or is stopped by one; what the registry does itself is only recorded, so
    it waits for nobody. Where we carry it out our lock comes off first. Once more while it is not carried out: another way.
    """
    claim = _read(connection, claim_id)
    again = claim.state == ClaimState.RULED and claim.carried_out_at is None
    if claim.state != ClaimState.UPHELD and not again:
        raise _not_from(claim, "carried out")
    if by is not CarriedBy.REGISTRY and not again:
        insist_ruling_due(claim, act.now)
    if (order_id is None) is (by is CarriedBy.ORDER):
        raise ActRefusedError("order_missing", "a ruling is carried out by an order: name it, and only then")
    if order_id is not None:
        insist_order(connection, claim, order_id)
    values = {
        "state": ClaimState.RULED,
        "carried_by": by,
        "ruling_order_id": order_id,
        "due_at": act.now,
        "rung_until": None,
    }
    quiet(connection, claim, Alarm.RULING_DUE, Alarm.RULING_FAILED, now=act.now)
    return _record(connection, claim, "ruled", values, act, document=number_of(document))


def close(connection: Connection, claim_id: int, *, act: ByHand, document: str) -> Row[Any]:
    """Record that the ruling has been carried out; the claim closes once nothing of its lock is left at the registrar."""
    claim = _read(connection, claim_id)
    if claim.state != ClaimState.RULED or claim.carried_out_at is not None:
        raise _not_from(claim, "closed by hand: it closes by itself once its lock is off")
    values = {"carried_out_at": act.now, "due_at": act.now, "rung_until": None}
    quiet(connection, claim, Alarm.RULING_FAILED, now=act.now)
    return _record(connection, claim, "carried_out", values, act, document=number_of(document))


def disclose(
    connection: Connection, claim_id: int, *, act: ByHand, since: datetime | None = None
) -> Row[Any]:
    """Set from when the respondent may read of the claim: now, or later; never back once he may."""
    claim = _read(connection, claim_id)
    if claim.state == ClaimState.CLOSED:
        raise _not_from(claim, "disclosed")
    if claim.disclose_from is not None and claim.disclose_from <= act.now:
        raise ActRefusedError("claim_disclosed", f"claim {claim_id} is disclosed already")
    return _record(connection, claim, "disclosed", {"disclose_from": since or act.now}, act)


def _claim(connection: Connection, claim_id: int, target: ClaimState) -> Row[Any]:
    """Return the claim, if it may move to `target`."""
    claim = _read(connection, claim_id)
    if target not in MOVES[ClaimState(claim.state)]:
        raise _not_from(claim, target)
    return claim


def _read(connection: Connection, claim_id: int) -> Row[Any]:
    claim = read_locked(connection, claim_id)
    if claim is None:
        raise ActRefusedError("claim_unknown", f"there is no claim {claim_id}")
    return claim


def _not_from(claim: Row[Any], what: str) -> ActRefusedError:
    return ActRefusedError("not_now", f"claim {claim.id} is {claim.state}: it cannot be {what} now")


def _record(
    connection: Connection,
    claim: Row[Any],
    what: str,
    values: Mapping[str, Any],
    act: ByHand,
    *,
    rules: Rules | None = None,
    **evidence: Any,
) -> Row[Any]:
    by_which = {"rules": rules.version} if rules else {}
    return change(
        connection,
        claim,
        what,
        values,
        now=act.now,
        actor=act.actor,
        ticket=act.ticket,
        evidence={**by_which, **evidence},
    )


def _lock_by(since: datetime, rules: Rules) -> datetime:
    return business_days.add(since, rules.claims.lock_within, rules.calendar)


def _ruling_due(since: datetime, rules: Rules) -> datetime:
    return business_days.add(since, rules.claims.ruling_wait, rules.calendar)
