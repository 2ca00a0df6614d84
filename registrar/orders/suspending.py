"""How is a name taken out of the DNS for a while, and its customer told (O11, F5, O10)?

By an order of our own that sets `clientHold` where the registrar has it, through the same life as any. Its term runs on
meanwhile, and nothing is added to it afterwards (E5).
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from registrar import events, notices
from registrar.agreement.rules import BlockMode
from registrar.commands import OwnKind
from registrar.customers.holds import was_warned
from registrar.mails import NoticeKind
from registrar.models import Claim, Domain, Order
from registrar.names import DomainName
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.orders.own import place_lock
from registrar.orders.states import State
from registrar.statuses import Status

_STATUSES = [str(Status.CLIENT_HOLD)]
_NOT_STANDING = (State.REFUSED, State.CANCELLED)


class Cause(StrEnum):
    """Why a name is suspended; its customer reads it in his notice."""

    DEBT = "debt"
    """A recorded warning comes first (F5)."""
    IDENTITY = "identity"
    RULES = "rules"
    """A breach of law or of the rules (O10)."""
    RULING = "ruling"


def suspend(
    connection: Connection,
    domain: DomainName,
    *,
    cause: Cause,
    reason: str,
    statuses: Collection[Status],
    token: str,
    act: ByHand,
) -> int:
    """Order a name's suspension and owe its customer the notice; return the order's number.

    `statuses` are those that its registrar can set, `token` is unique for ever. Raises `ActRefusedError` for a name that
    is not ours, is suspended already, has no such status at its registrar, or whose customer owes without a warning.
    """
    known = _known(connection, domain)
    if Status.CLIENT_HOLD not in statuses:
        raise ActRefusedError(
            "suspension_not_possible",
            f"{known.registrar} has no hold for a name: nothing can be suspended there",
        )
    if _standing(connection, domain) is not None:
        raise ActRefusedError("suspended_already", f"{domain.unicode} is suspended already")
    if cause is Cause.DEBT and not was_warned(connection, known.customer):
        raise ActRefusedError(
            "debt_not_warned",
            f"no unpaid debt of {known.customer} has a recorded warning: warn him first (F5)",
        )
    told = {"cause": str(cause), "reason": reason}
    order_id = _place(connection, OwnKind.LOCK, known, token=token, evidence=told, act=act)
    notices.owe(
        connection,
        key=f"{NoticeKind.SUSPENDED}:{order_id}",
        kind=NoticeKind.SUSPENDED,
        customer=known.customer,
        facts={"cause": str(cause), "since": act.now.isoformat()},
        domain=domain.ascii,
        order_id=order_id,
        now=act.now,
    )
    return order_id


def unsuspend(connection: Connection, domain: DomainName, *, reason: str, token: str, act: ByHand) -> int:
    """Order the end of a name's suspension; return the order's number.

    Raises `ActRefusedError` for a name that we have not suspended, and for one that a claim keeps out of the DNS: each
    is released for its own reason only (D9).
    """
    known = _known(connection, domain)
    if _standing(connection, domain) is None:
        raise ActRefusedError("not_suspended", f"{domain.unicode} is not suspended by us")
    if _claimed(connection, domain):
        raise ActRefusedError(
            "claim_keeps_it",
            f"a third party's claim keeps {domain.unicode} out of the DNS: it ends with the claim",
        )
    return _place(connection, OwnKind.UNLOCK, known, token=token, evidence={"reason": reason}, act=act)


def suspended_since(connection: Connection, domain: DomainName) -> datetime | None:
    """Return since when a name is suspended by us, or ordered to be; None: it is not."""
    standing = _standing(connection, domain)
    since: datetime | None = standing.placed_at if standing else None
    return since


def _known(connection: Connection, domain: DomainName) -> Row[Any]:
    query = select(Domain.__table__).where(Domain.name == domain.ascii, Domain.gone_at.is_(None))
    known = connection.execute(query.with_for_update()).first()
    if known is None:
        raise ActRefusedError(
            "name_unknown", f"our books do not have {domain.unicode}: it is not ours to suspend"
        )
    return known


def _standing(connection: Connection, domain: DomainName) -> Row[Any] | None:
    """Return the order by which the name is suspended, if the last of them was not for its end."""
    query = select(Order.__table__).where(
        Order.domain == domain.ascii,
        Order.kind.in_((OwnKind.LOCK, OwnKind.UNLOCK)),
        Order.claim_id.is_(None),
        Order.state.not_in(_NOT_STANDING),
    )
    own = [
        order
        for order in connection.execute(query.order_by(Order.id.desc()))
        if order.details.get("statuses") == _STATUSES
    ]
    return own[0] if own and own[0].kind == OwnKind.LOCK else None


def _claimed(connection: Connection, domain: DomainName) -> bool:
    query = select(Claim.id).where(
        Claim.domain == domain.ascii, Claim.closed_at.is_(None), Claim.block_mode == BlockMode.HOLD
    )
    return connection.execute(query.limit(1)).first() is not None


def _place(
    connection: Connection,
    kind: OwnKind,
    known: Row[Any],
    *,
    token: str,
    evidence: Mapping[str, Any],
    act: ByHand,
) -> int:
    """Place the order, and write down who wanted it and why."""
    order_id = place_lock(
        connection,
        kind=kind,
        domain=DomainName(known.name, known.zone),
        registrar=known.registrar,
        customer=known.customer,
        statuses=_STATUSES,
        key=f"suspension-{token}",
        now=act.now,
        actor=act.actor,
        ticket=act.ticket,
    )
    events.record(
        connection,
        "domain.suspended" if kind is OwnKind.LOCK else "domain.unsuspended",
        at=act.now,
        order_id=order_id,
        subject=known.name,
        actor=act.actor,
        ticket=act.ticket,
        evidence=evidence,
    )
    return order_id
