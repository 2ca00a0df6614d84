"""How is a command that spends carried out? Check, ask the price, mind saved orders, send once, judge, read back.

Everything before the one request that spends changes nothing that costs, so whatever fails there is `NotSent` or a
refusal in words. **The guard of a renewal is only the year** (`currentexpirationyear`): it is right because terms are
whole years, and only if the year is that of the expiry read before the first attempt, which `Renew` carries. OpenSRS's
200 alone is believed of nothing: the name is read back, and what it does not show yet is `Pending`.
"""

from dataclasses import replace
from decimal import Decimal

from adapters.registrars.opensrs import codes, contacts, encoding, limits, outcomes
from adapters.registrars.opensrs.contacts import ContactFaultError, People
from adapters.registrars.opensrs.conversation import Conversation, Told, Untold
from adapters.registrars.opensrs.envelope import Request, UnsayableError
from adapters.registrars.opensrs.outcomes import Errands
from adapters.registrars.opensrs.questions import NotShown, Questions, Shown, UnansweredError
from adapters.registrars.opensrs.reading import is_saved, text
from adapters.registrars.opensrs.saved import Complete, Fresh, way_for
from adapters.registrars.opensrs.settings import OpenSrsSettings
from registrar.commands import ChangeHolder, Command, ContactRole, Kind, Register, Renew, Restore, Transfer
from registrar.gateway import Call
from registrar.money import MINOR_UNITS
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)

CONTACT_ROLES = frozenset(ContactRole)
"""The roles that an order names: OpenSRS wants all four."""


class Spending:
    """Carries out the commands that spend; never raises for what far side or network does."""

    def __init__(self, talk: Conversation, ask: Questions, settings: OpenSrsSettings) -> None:
        self._talk = talk
        self._ask = ask
        self._settings = settings

    def spend(self, command: Command, call: Call) -> Outcome:
        """Prepare and send a command, once."""
        if (fault := limits.fault(command, idn_tables=self._settings.idn_tables)) is not None:
            return fault
        try:
            request = self._request(command)
            prepared = self._prepared(command, request, call)
            return self._sent(command, prepared, call) if isinstance(prepared, Request) else prepared
        except ContactFaultError as error:
            return Correctable(Reply(text=str(error)), Correction.CONTACTS)
        except UnansweredError as error:
            return error.outcome()
        except UnsayableError as error:
            return Blocked(Reply(text=str(error)), BlockCause.REQUEST)

    def _request(self, command: Command) -> Request:
        """Return the command in OpenSRS's words; raises `ContactFaultError`."""
        match command:
            case Register():
                return encoding.register(command, self._settings, _people(command))
            case Transfer():
                return encoding.transfer(command, self._settings, _people(command))
            case Renew():
                return encoding.renew(command)
            case Restore() | ChangeHolder():  # `limits` has refused the latter
                return encoding.redeem(command.domain)

    def _prepared(self, command: Command, request: Request, call: Call) -> Request | Outcome:
        """Return what to send, or what the command comes to without being sent; raises `UnansweredError`."""
        if (costly := self._too_costly(command, call)) is not None:
            return costly
        months = _months(command)
        way = way_for(command.kind, months, self._ask.open_orders(command.domain, command.kind, call))
        if isinstance(way, Complete):
            return self._conflict(command, call) or encoding.complete_saved(way.order_id)
        if not isinstance(way, Fresh):
            return way
        if way.remove is not None:
            self._remove(way.remove, call)
        return request

    def _too_costly(self, command: Command, call: Call) -> Blocked | None:
        """Ask the price where the order has a ceiling; without one no premium price is ever agreed to."""
        if isinstance(command, ChangeHolder) or command.ceiling is None:
            return None
        ceiling, currency = command.ceiling, self._settings.currency
        if ceiling.currency != currency:
            return _price(f"the ceiling is in {ceiling.currency}, and OpenSRS's prices are in {currency}")
        price = self._ask.price(command.domain, command.kind, months=command.months, call=call)
        if price is None:
            return _price("OpenSRS tells no price for it")
        if price > Decimal(ceiling.amount).scaleb(-MINOR_UNITS[currency]):
            return _price(f"it costs {price} {currency} at OpenSRS, and the order's ceiling is {ceiling}")
        return None

    def _remove(self, order_id: str, call: Call) -> None:
        """Remove a saved renewal; raises `UnansweredError` where it may still be there."""
        told = self._talk.ask(encoding.cancel_pending(order_id), call)
        if isinstance(told, Untold):
            raise UnansweredError(told.reason, reply=told.reply, blocked=told.blocked, unreachable=True)
        if told.answer.code != codes.OK or not told.answer.succeeded:
            reason = f"the saved order {order_id} could not be removed ({told.answer.code})"
            raise UnansweredError(reason, reply=told.reply, retry_after=codes.PAUSE_SECONDS)

    def _conflict(self, command: Command, call: Call) -> Refused | None:
        """Compare the expiry before a saved renewal is carried out: that request names no year by which to refuse it."""
        if not isinstance(command, Renew):
            return None
        seen = self._ask.state(command.domain, call)
        if isinstance(seen, NotShown):
            return Refused(seen.reply, RefusalReason.NOT_OURS, confirm=True)
        if seen.state.renew_by is None or seen.state.renew_by.text != command.current_expiry.text:
            return Refused(seen.reply, RefusalReason.EXPIRY_CONFLICT, confirm=True)
        return None

    def _sent(self, command: Command, request: Request, call: Call) -> Outcome:
        told = self._talk.spend(request, call)
        if isinstance(told, Told) and _is_of_the_order(request, told):
            return Unknown("the saved order is not there any more", told.reply)
        outcome = settled(command.kind, told)
        believed = isinstance(told, Told) and isinstance(outcome, Pending) and _claims_success(told)
        if not believed or not isinstance(outcome, Pending) or isinstance(command, Transfer):
            return outcome
        return self._read_back(command, outcome, call)

    def _read_back(self, command: Command, pending: Pending, call: Call) -> Done | Pending:
        """Return the success if the name shows it; what it does not show yet is followed by looks."""
        try:
            seen = self._ask.state(command.domain, call)
        except UnansweredError:
            return pending
        if not isinstance(seen, Shown) or not _shows(command, seen):
            return pending
        transcript = f"{pending.reply.transcript}\n{seen.reply.transcript}"
        return Done(
            replace(pending.reply, transcript=transcript),
            expiry=seen.state.expiry,
            renew_by=seen.state.renew_by,
            created_at=seen.state.created_at,
            registry_id=pending.registry_id,
        )


def settled(asked: Kind | Errands, told: Told | Untold) -> Outcome:
    """Return what a request that spends or changes came to."""
    if isinstance(told, Told):
        return outcomes.settle(asked, told.answer, told.reply)
    if not told.sent:
        return NotSent(told.reason, retry_after=told.retry_after, unreachable=told.unreachable)
    if told.blocked is not None:
        return Blocked(told.reply, told.blocked)
    return Unknown(told.reason, told.reply)


def _people(command: Register | Transfer) -> People:
    return contacts.people(command.contacts, needed=CONTACT_ROLES)


def _months(command: Command) -> int:
    return 0 if isinstance(command, ChangeHolder) else command.months


def _is_of_the_order(request: Request, told: Told) -> bool:
    """Tell whether *not found* is said of a saved order, and not of the name: somebody may have carried it out."""
    return request.action == encoding.PROCESS_PENDING and told.answer.code == codes.NOT_FOUND


def _claims_success(told: Told) -> bool:
    """Tell whether the answer says that it is done, and not that a registry will decide (facts §3.2, async_reason)."""
    answer = told.answer
    return (
        answer.code == codes.OK and not is_saved(answer) and text(answer.attributes, "async_reason") is None
    )


def _shows(command: Command, seen: Shown) -> bool:
    """Tell whether the name, read back, is what the command was to make of it."""
    state = seen.state
    match command:
        case Renew():
            return state.renew_by is not None and state.renew_by.at > command.current_expiry.at
        case Restore():
            return not state.restorable
        case _:
            return state.sponsored


def _price(words: str) -> Blocked:
    return Blocked(Reply(text=words), BlockCause.PRICE)
