"""What does a look come to? A name as LogicBoxes shows it to us becomes a Sighting.

| currentstatus             | what it is |
| InActive                  | ordered, not executed: a registration that is not there yet, or a transfer that is on its way |
| Active                    | as it says |
| Suspended                 | out of the zone; nothing is renewed or deleted meanwhile (facts §2.7) |
| Pending Delete Restorable | redemption |
| QueuedForDeletion         | about to go |
| Deleted, Archived         | gone from our account; whether it is free is for the availability to say |
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.registrars.logicboxes import actions, outcomes
from adapters.registrars.logicboxes.actions import Stage
from adapters.registrars.logicboxes.reading import Action, Availability, Details
from registrar.commands import Kind
from registrar.gateway import Progress, Sighting, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Correctable, Refused, Reply
from registrar.statuses import GraceStatus, Status

_INACTIVE = "inactive"
_SUSPENDED = "suspended"
_RESTORABLE = "pending delete restorable"
_QUEUED = "queuedfordeletion"
_GONE = frozenset({"deleted", "archived"})

_ORDER_STATUSES = {
    "transferlock": Status.CLIENT_TRANSFER_PROHIBITED,
    "resellersuspend": Status.CLIENT_HOLD,
}
_CURRENT_STATUSES: Mapping[str, frozenset[str]] = {
    _SUSPENDED: frozenset({Status.CLIENT_HOLD}),
    _RESTORABLE: frozenset({Status.PENDING_DELETE, GraceStatus.REDEMPTION}),
    _QUEUED: frozenset({Status.PENDING_DELETE}),
}
_ORDERED_UNEXECUTED = frozenset({Kind.REGISTER, Kind.TRANSFER})


def is_gone(found: Details) -> bool:
    """Tell whether the order is over: the name is not in our account any more."""
    return found.current_status.lower() in _GONE


def is_leaving(found: Details) -> bool:
    """Tell whether the name is deleted, or on its way."""
    return is_gone(found) or is_restorable(found) or found.current_status.lower() == _QUEUED


def is_restorable(found: Details) -> bool:
    """Tell whether the name is in redemption."""
    return found.current_status.lower() == _RESTORABLE


def is_inactive(found: Details) -> bool:
    """Tell whether the name is ordered and not executed yet."""
    return found.current_status.lower() == _INACTIVE


def is_suspended(found: Details) -> bool:
    """Tell whether the reseller's suspension is on."""
    return found.current_status.lower() == _SUSPENDED or Status.CLIENT_HOLD in statuses(found)


def statuses(found: Details) -> frozenset[str]:
    """Return the name's statuses, in EPP's words where they have them and in the platform's elsewhere."""
    told = (_ORDER_STATUSES.get(word.lower(), word) for word in found.order_statuses)
    current = _CURRENT_STATUSES.get(found.current_status.lower(), frozenset())
    return frozenset(map(str, told)) | found.domain_statuses | frozenset(map(str, current))


def registered(
    domain: DomainName,
    found: Details,
    *,
    kind: Kind,
    customer_id: str,
    source: str,
    seen_at: datetime,
    reply: Reply,
) -> Sighting:
    """Return the sighting of a name in our account. A transfer that is on its way has not made it ours yet."""
    order = _order(found, kind)
    on_its_way = is_inactive(found) and order.kind is Kind.TRANSFER
    return Sighting(
        domain=domain,
        seen_at=seen_at,
        source=source,
        standing=Standing.REGISTERED,
        reason=order.reason,
        ours=found.customer_id == customer_id and not on_its_way,
        sponsor=f"customer {found.customer_id}",
        registry_id=found.order_id,
        created_at=found.created_at,
        expiry=found.expiry,
        auto_renews=found.auto_renews,
        statuses=statuses(found),
        nameservers=found.nameservers,
        contacts=found.contacts,
        restorable=is_restorable(found),
        progress={order.kind: order.progress} if order.kind and order.progress else {},
        blocked=order.blocked,
        reply=reply,
    )


def after_transfer(seen: Sighting, action: Action | None) -> Sighting:
    """Return the sighting of a name that is elsewhere, with what became of the latest transfer to us.

    A transfer that failed leaves no order behind: only the list of what is over tells of it (facts §2.4). It may be an
    earlier order's, so it comes with its time, and never without.
    """
    if action is None or action.asked_at is None:
        return seen
    over = {Stage.FAILED: Progress.REJECTED, Stage.CANCELLED: Progress.REJECTED}
    progress = over.get(actions.stage(action))
    if progress is None:
        return seen
    return replace(
        seen, progress={Kind.TRANSFER: progress}, transfer_asked_at=action.asked_at, reason=action.text
    )


def elsewhere_or_free(
    domain: DomainName, told: Availability, *, source: str, seen_at: datetime, reply: Reply
) -> Sighting:
    """Return the sighting of a name that is not in our account, by what the availability says of it.

    `regthroughus` is a name at this platform: another reseller's, or one of ours that the details do not show yet.
    """
    match told.status:
        case "available":
            standing, ours, reason = Standing.FREE, None, ""
        case "regthroughothers":
            standing, ours, reason = Standing.REGISTERED, False, ""
        case "regthroughus":
            standing, ours = Standing.REGISTERED, None
            reason = "registered at this platform, and not in our account as far as its details show"
        case _:
            standing, ours, reason = Standing.UNKNOWN, None, "the platform could not ask the registry"
    return Sighting(domain, seen_at, source, standing, reason=reason, ours=ours, reply=reply)


def unseen(
    domain: DomainName,
    reason: str,
    *,
    source: str,
    seen_at: datetime,
    reply: Reply,
    blocked: BlockCause | None = None,
    retry_after: float | None = None,
) -> Sighting:
    """Return the sighting of a look that told nothing."""
    return Sighting(
        domain,
        seen_at,
        source,
        Standing.UNKNOWN,
        reason=reason,
        blocked=blocked,
        retry_after=retry_after,
        reply=reply,
    )


@dataclass(frozen=True, slots=True)
class _Order:
    """What is under way for a name."""

    kind: Kind | None = None
    progress: Progress | None = None
    reason: str = ""
    blocked: BlockCause | None = None


def _order(found: Details, asked: Kind) -> _Order:
    """Read what is under way; a name that is InActive has always something under way."""
    order = _by_action(found, asked)
    if order.progress is None and is_inactive(found):
        kind = order.kind or (asked if asked in _ORDERED_UNEXECUTED else None)
        return _Order(kind, Progress.UNDER_WAY, "ordered at the registrar, and not executed yet")
    return order


def _by_action(found: Details, asked: Kind) -> _Order:  # noqa: PLR0911 - one for each stage
    action = found.action
    kind = actions.kind(action, asked=asked) if action else None
    if action is None or kind is None:
        return _Order()
    match actions.stage(action):
        case Stage.UNDER_WAY:
            return _Order(kind, Progress.UNDER_WAY, action.text)
        case Stage.LOCKED:
            reason = "the registrar has saved the order and waits, mostly for our deposit"
            cause = BlockCause.DEPOSIT if actions.waits_for_money(kind, action.text) else None
            return _Order(kind, Progress.UNDER_WAY, f"{reason}: {action.text}", cause)
        case Stage.CANCELLED:
            return _Order(kind, Progress.REJECTED, action.text)
        case Stage.FAILED:
            return _failed(kind, action.text)
        case Stage.DONE if kind is Kind.RESTORE and is_restorable(found):
            return _Order(kind, Progress.APPROVED)
        case Stage.DONE | Stage.NOTHING_TO_DO:
            return _Order(kind)


def _failed(kind: Kind, text: str) -> _Order:
    """Believe a failure whose text says why; another may still be put right by the platform's people."""
    deed = outcomes.DEEDS.get(kind, outcomes.Deed.UPDATE)
    if isinstance(outcomes.settle(deed, text, Reply()), Refused | Correctable):
        return _Order(kind, Progress.REJECTED, text)
    return _Order(kind, Progress.UNDER_WAY, f"the registrar's action failed, and it is not clear why: {text}")
