"""What must be known before an order leaves? The name as it stands, its price, and the people's ids. None of it spends.

Whatever fails here, the order was not sent: the network's failures are `NotSent`, the platform's refusals are the
customer's to correct or ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from adapters.registrars.logicboxes import asking, contacts, looking, outcomes, reading
from adapters.registrars.logicboxes.contacts import ContactFaultError
from adapters.registrars.logicboxes.conversation import Conversation, Told, Untold, before
from adapters.registrars.logicboxes.reading import Availability, Details, UnreadableError
from adapters.registrars.logicboxes.settings import MONTHS_OF_A_YEAR, LogicBoxesSettings
from registrar.commands import Contact, ContactRole, Handle, Register, Renew, Restore, Transfer
from registrar.gateway import Call
from registrar.money import MINOR_UNITS, Money
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    NotSent,
    Outcome,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)

Read = TypeVar("Read")

_LISTED_AS = {
    Register: "addnewdomain",
    Renew: "renewdomain",
    Transfer: "addtransferdomain",
    Restore: "restoredomain",
}
_PREMIUM_AS = {Register: "create", Renew: "renew", Transfer: "transfer"}


class HeldBackError(Exception):
    """The order was not sent; `outcome` says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(type(outcome).__name__)
        self.outcome = outcome


class Preparation:
    """Asks what must be asked before an order; every method raises `HeldBackError` where the order must not be sent."""

    def __init__(self, talk: Conversation, settings: LogicBoxesSettings) -> None:
        self._talk = talk
        self._settings = settings

    def found(self, domain: DomainName, call: Call, *, deed: outcomes.Deed) -> tuple[Details, Reply]:
        """Return a name of ours as it stands."""
        told = _answered(self._talk.read(asking.details(domain), call))
        if told.fault is not None:
            raise HeldBackError(unsent(outcomes.settle(deed, told.fault, told.reply)))
        found = _readable(lambda: reading.details(told.value, domain))
        if looking.is_gone(found):
            text = f"the name is not in our account any more: {found.current_status}"
            raise HeldBackError(
                Refused(replace(told.reply, text=text), RefusalReason.NOT_REGISTERED, confirm=True)
            )
        if found.customer_id != self._settings.customer_id:
            text = f"the name belongs to customer {found.customer_id}, and not to our house customer"
            raise HeldBackError(Refused(replace(told.reply, text=text), RefusalReason.NOT_OURS, confirm=True))
        return found, told.reply

    def available(self, command: Register | Transfer, call: Call) -> bool:
        """Insist that a name can be had at a price within the ceiling; return whether that price is a premium one."""
        told, state = self._availability(command.domain, call)
        is_free = state.status == "available"
        if state.status not in {"available", "regthroughus", "regthroughothers"}:
            raise HeldBackError(
                NotSent("the platform could not ask the registry about the name", unreachable=True)
            )
        if isinstance(command, Register) and not is_free:
            text = f"the name is registered: {state.status}"
            raise HeldBackError(
                Refused(replace(told.reply, text=text), RefusalReason.ALREADY_REGISTERED, confirm=True)
            )
        if isinstance(command, Transfer) and is_free:
            text = "the name is registered nowhere"
            raise HeldBackError(Refused(replace(told.reply, text=text), RefusalReason.NOT_REGISTERED))
        return self._within_ceiling(command, state, call)

    def affordable(self, command: Renew | Restore, found: Details, call: Call) -> bool:
        """Insist that a name of ours costs no more than its order's ceiling; return whether its price is a premium one.

        Without a ceiling nothing is asked: a premium name is not renewed without a word that we do not send then.
        """
        if command.ceiling is None:
            return False
        state = Availability("", found.product)
        if isinstance(command, Renew):
            _, told = self._availability(command.domain, call)
            state = replace(state, premium_prices=told.premium_prices)
        return self._within_ceiling(command, state, call)

    def people(
        self, given: Mapping[ContactRole, Handle | Contact], domain: DomainName, call: Call
    ) -> dict[ContactRole, str]:
        """Return the contact's id in every role, created where it is not there yet."""
        try:
            standing = contacts.assigned(given, domain)
            return self.ids(standing, domain, call)
        except ContactFaultError as error:
            raise HeldBackError(Correctable(Reply(text=str(error)), Correction.CONTACTS)) from error

    def ids(
        self, given: Mapping[ContactRole, Handle | Contact], domain: DomainName, call: Call
    ) -> dict[ContactRole, str]:
        """Return the ids of those that are given; a person in several roles is one contact."""
        known: dict[Contact, str] = {}
        try:
            for contact in given.values():
                if isinstance(contact, Contact) and contact not in known:
                    known[contact] = self._contact(contact, domain, call)
            return {
                role: contacts.known_id(who) if isinstance(who, Handle) else known[who]
                for role, who in given.items()
            }
        except ContactFaultError as error:
            raise HeldBackError(Correctable(Reply(text=str(error)), Correction.CONTACTS)) from error

    def _contact(self, contact: Contact, domain: DomainName, call: Call) -> str:
        """Find the person's contact, or make it. Making is not idempotent: a lost answer leaves a spare card, harmless."""
        kind, card = contacts.type_for(domain), contacts.card(contact)
        customer = self._settings.customer_id
        search = asking.search_contacts(customer, name=contact.name, email=contact.email, kind=kind)
        told = _answered(self._talk.read(search, call))
        if told.fault is None and (number := contacts.found_again(told.value, card)):
            return number
        made = _answered(self._talk.read(asking.add_contact(customer, kind=kind, card=card), call))
        if made.fault is not None:
            settled = outcomes.settle(outcomes.Deed.UPDATE, made.fault, made.reply)
            refused = Correctable(made.reply, Correction.CONTACTS)
            raise HeldBackError(settled if isinstance(settled, Blocked) else refused)
        return _readable(lambda: reading.number(made.value))

    def _availability(self, domain: DomainName, call: Call) -> tuple[Told, Availability]:
        told = _answered(self._talk.read(asking.availability(domain), call))
        if told.fault is not None:
            raise HeldBackError(NotSent(f"the order was not sent: {told.reply.text}", unreachable=True))
        return told, _readable(lambda: reading.availability(told.value, domain))

    def _within_ceiling(
        self, command: Register | Renew | Transfer | Restore, state: Availability, call: Call
    ) -> bool:
        premium = state.premium_prices.get(_PREMIUM_AS.get(type(command), ""))
        if command.ceiling is None:
            if premium is not None:
                raise HeldBackError(_too_dear("a premium name, and the order has no ceiling"))
            return False
        years = max(command.months // MONTHS_OF_A_YEAR, 1)
        if premium is not None:
            each = reading.decimal(premium)
            cost = None if each is None else each * years
        else:
            told = _answered(self._talk.read(asking.cost_prices(), call))
            cost = reading.cost(
                told.value, product=state.product, command=_LISTED_AS[type(command)], years=years
            )
        self._insist_on_ceiling(cost, command.ceiling)
        return premium is not None

    def _insist_on_ceiling(self, cost: Decimal | None, ceiling: Money) -> None:
        currency = self._settings.currency
        if cost is None:
            raise HeldBackError(_too_dear("the registrar tells no price"))
        if ceiling.currency != currency:
            raise HeldBackError(
                _too_dear(f"the ceiling is {ceiling}, and the registrar is paid in {currency}")
            )
        if cost > Decimal(ceiling.amount).scaleb(-MINOR_UNITS[ceiling.currency]):
            raise HeldBackError(_too_dear(f"it costs {cost} {currency}, and the ceiling is {ceiling}"))


def _answered(told: Told | Untold) -> Told:
    """Return the answer to a question, or hold the order back where there is none."""
    failure = before(told)
    if failure is not None:
        raise HeldBackError(failure)
    assert isinstance(told, Told)  # what is untold has failed
    return told


def unsent(settled: Outcome) -> Outcome:
    """Return what the answer to a question before the order comes to; it is never `Unknown`, for nothing was sent."""
    if isinstance(settled, Unknown):
        text = settled.reply.text if settled.reply else ""
        return NotSent(f"the order was not sent: {text or settled.reason}", unreachable=True)
    return settled


def _too_dear(text: str) -> Blocked:
    return Blocked(Reply(text=text), BlockCause.PRICE)


def _readable(read: Callable[[], Read]) -> Read:
    """Return what `read` returns, or hold the order back where the answer is none to what was asked."""
    try:
        return read()
    except UnreadableError as error:
        raise HeldBackError(NotSent(f"the order was not sent: {error}", unreachable=True)) from error
