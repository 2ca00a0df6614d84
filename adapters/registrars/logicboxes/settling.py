"""What did an order come to? The platform's answer, and for a success the evidence that is read back in the same call.

A success whose effect is not seen is `Pending`, never `Done`: a renewal's answer carries no new end date (facts §11).
"""

from dataclasses import dataclass, replace

from adapters.registrars.logicboxes import actions, asking, looking, outcomes, reading
from adapters.registrars.logicboxes.actions import Stage
from adapters.registrars.logicboxes.conversation import Conversation, Told, Untold, after
from adapters.registrars.logicboxes.reading import Action, Details, UnreadableError
from registrar.commands import Register, Renew, Restore, Transfer
from registrar.gateway import Call
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Done,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)

Order = Register | Renew | Transfer | Restore


@dataclass(frozen=True, slots=True)
class Back:
    """What was read back: the name, or that it is not in our account; neither where the reading failed."""

    found: Details | None
    is_absent: bool
    reply: Reply


def settle(  # noqa: PLR0911 - one for each stage, and what comes before
    talk: Conversation, command: Order, told: Told | Untold, call: Call, *, order_id: str | None = None
) -> Outcome:
    """Return what the answer to an order comes to."""
    if isinstance(told, Untold):
        return after(told)
    deed = outcomes.DEEDS[command.kind]
    if told.fault is not None:
        settled = outcomes.settle(deed, told.fault, told.reply)
        unpaid = isinstance(settled, Blocked) and settled.cause is BlockCause.DEPOSIT
        return _unpaid(talk, command, settled, told.reply, call) if unpaid else settled
    try:
        action = reading.action(told.value, domain=command.domain, order_id=order_id)
    except UnreadableError as error:
        return Unknown(str(error), Reply(transcript=told.reply.transcript))
    match actions.stage(action):
        case Stage.DONE:
            return _evidenced(talk, command, told, action, call)
        case Stage.UNDER_WAY:
            return Pending(told.reply, action.order_id or None)
        case Stage.LOCKED:
            waits = actions.waits_for_money(command.kind, action.text)
            return Pending(told.reply, action.order_id or None, BlockCause.DEPOSIT if waits else None)
        case Stage.NOTHING_TO_DO:
            return Unknown("the registrar says that nothing had to be done", told.reply)
        case Stage.CANCELLED:
            return Refused(told.reply, RefusalReason.REJECTED, confirm=True)
        case Stage.FAILED:
            return _failed(talk, command, told, action, call)


def settle_change(  # noqa: PLR0911 - as for an order
    told: Told | Untold, *, domain: DomainName, order_id: str
) -> Outcome:
    """Return what the answer to a change that costs nothing comes to."""
    if isinstance(told, Untold):
        return after(told)
    if told.fault is not None:
        return outcomes.settle(outcomes.Deed.UPDATE, told.fault, told.reply)
    try:
        action = reading.change(told.value, domain=domain, order_id=order_id)
    except UnreadableError as error:
        return Unknown(str(error), Reply(transcript=told.reply.transcript))
    if action is None:
        return Done(told.reply)
    match actions.stage(action):
        case Stage.DONE | Stage.NOTHING_TO_DO:
            return Done(told.reply)
        case Stage.UNDER_WAY | Stage.LOCKED:
            return Pending(told.reply, action.order_id or None)
        case Stage.FAILED | Stage.CANCELLED:
            return outcomes.settle(outcomes.Deed.UPDATE, action.text, told.reply)


def read_back(talk: Conversation, domain: DomainName, call: Call) -> Back:
    """Read the name after an order; never raises."""
    told = talk.read(asking.details(domain), call)
    if isinstance(told, Untold) or told.fault is not None:
        return Back(None, isinstance(told, Told) and told.is_absent, told.reply)
    try:
        found = reading.details(told.value, domain)
    except UnreadableError:
        return Back(None, is_absent=False, reply=told.reply)
    return Back(found, looking.is_gone(found), told.reply)


def _evidenced(talk: Conversation, command: Order, told: Told, action: Action, call: Call) -> Outcome:
    back = read_back(talk, command.domain, call)
    reply = _together(told.reply, back.reply)
    if (failed := reading.failed_privacy(told.value)) is not None:
        reply = replace(reply, text=f"{reply.text}; done, but its privacy was not bought: {failed}")
    if back.found is None or not _shows(command, back.found):
        return Pending(reply, action.order_id or None)
    found = back.found
    return Done(reply, expiry=found.expiry, created_at=found.created_at, registry_id=found.order_id)


def _unpaid(talk: Conversation, command: Order, blocked: Outcome, said: Reply, call: Call) -> Outcome:
    """Judge a bare word about money: believed if nothing was saved, for what was saved is carried out by itself."""
    back = read_back(talk, command.domain, call)
    if _is_untouched(command, back):
        return blocked
    reply, found = _together(said, back.reply), back.found
    if found is not None and (looking.is_inactive(found) or not _is_idle(back)):
        return Pending(reply, found.order_id, BlockCause.DEPOSIT)
    return Unknown("the deposit is empty, and it is not clear whether the order was saved", reply)


def _failed(talk: Conversation, command: Order, told: Told, action: Action, call: Call) -> Outcome:
    """Believe a failure only where its text says why and the name shows that nothing of it is left."""
    settled = outcomes.settle(outcomes.DEEDS[command.kind], action.text, told.reply)
    if isinstance(settled, Unknown):
        return settled
    back = read_back(talk, command.domain, call)
    if _is_untouched(command, back):
        return settled
    return Unknown(
        "the order failed, and it is not clear what is left of it", _together(told.reply, back.reply)
    )


def _shows(command: Order, found: Details) -> bool:
    """Tell whether the name shows what the order was to do."""
    if looking.is_gone(found) or looking.is_inactive(found):
        return False
    match command:
        case Renew():
            return found.expiry is not None and found.expiry.at > command.current_expiry.at
        case Restore():
            return not looking.is_leaving(found)
        case Register() | Transfer():
            return True


def _is_untouched(command: Order, back: Back) -> bool:
    """Tell whether nothing of a failed order is left: no order for the name, or the name just as it was."""
    match command:
        case Register() | Transfer():
            return back.is_absent
        case Renew():
            expiry = back.found.expiry if back.found else None
            return expiry is not None and expiry.text == command.current_expiry.text and _is_idle(back)
        case Restore():
            return back.found is not None and looking.is_restorable(back.found) and _is_idle(back)


def _is_idle(back: Back) -> bool:
    action = back.found.action if back.found else None
    return action is None or actions.stage(action) in {Stage.FAILED, Stage.CANCELLED}


def _together(first: Reply, second: Reply) -> Reply:
    return replace(first, transcript=f"{first.transcript}\n{second.transcript}")
