"""What must exist before a name is registered or changed? Its contacts and its hosts, where the registry keeps them as objects.

These steps cost nothing and may be repeated: an object that exists (2302) is as good as one just created. Whatever goes
wrong here, the command that spends has not left, so the outcome is never `Unknown`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.registrars.epp.contacts import contact_create, contact_id
from adapters.registrars.epp.encoding import host_create
from adapters.registrars.epp.outcomes import CREDENTIALS_REFUSED
from adapters.registrars.epp.session import Exchange, Prepared
from adapters.registrars.epp.settings import EppSettings
from registrar.commands import Contact, ContactRole, Handle, Nameserver, Register
from registrar.gateway import Call
from registrar.outcomes import BlockCause, Blocked, Correctable, Correction, NotSent, Refused

_READY = frozenset({1000, 1001, 2302})
_LATER = frozenset({2400, 2500, 2502})
_CUSTOMERS_FAULT = frozenset({2004, 2005, 2303, 2304, 2306, 2308})
_CAUSES = {
    2104: BlockCause.DEPOSIT,
    **dict.fromkeys(CREDENTIALS_REFUSED, BlockCause.CREDENTIALS),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One object to create; `needs` is what the customer corrects if the registry finds fault with it."""

    prepared: Prepared
    needs: Correction


class PreparationFailedError(Exception):
    """A step before the command failed; `outcome` is what the attempt came to."""

    def __init__(self, outcome: NotSent | Correctable | Blocked | Refused) -> None:
        super().__init__(type(outcome).__name__)
        self.outcome = outcome


def contact_ids(
    contacts: Mapping[ContactRole, Handle | Contact], settings: EppSettings
) -> dict[ContactRole, str]:
    """Return the registry's contact ids by role: a handle's own, or the one that a contact is created under."""
    if settings.contacts == "none":
        return {}
    return {
        role: contact.id if isinstance(contact, Handle) else contact_id(contact.reference, settings.own_id)
        for role, contact in contacts.items()
    }


def steps_before(command: Register, settings: EppSettings, call: Call) -> list[Step]:
    """Return the steps that create contacts and hosts as the registry wants them, each object once.

    Raises `NotEncodableError` for a contact that the schemas forbid.
    """
    outside = [Nameserver(nameserver.host) for nameserver in command.nameservers]
    return contact_steps(command.contacts, settings, call) + host_steps(outside, settings, call)


def contact_steps(
    contacts: Mapping[ContactRole, Handle | Contact], settings: EppSettings, call: Call
) -> list[Step]:
    """Return the steps that create contacts, each once; none where the registry keeps none.

    Raises `NotEncodableError` for a contact that the schemas forbid.
    """
    steps = []
    created = _new_contacts(contacts, settings) if settings.contacts == "ids" else {}
    for number, (identifier, contact) in enumerate(created.items(), start=1):
        transaction_id = call.transaction_id(f"c{number}")
        document = contact_create(contact, identifier, transaction_id, postal=settings.postal)
        steps.append(Step(Prepared(document, transaction_id), Correction.CONTACTS))
    return steps


def host_steps(hosts: Iterable[Nameserver], settings: EppSettings, call: Call) -> list[Step]:
    """Return the steps that create hosts with their addresses; none where hosts are no objects."""
    if settings.nameservers != "objects":
        return []
    steps = []
    for number, host in enumerate(hosts, start=1):
        transaction_id = call.transaction_id(f"h{number}")
        document = host_create(host, transaction_id)
        steps.append(Step(Prepared(document, transaction_id), Correction.NAMESERVERS))
    return steps


def judge(step: Step, exchange: Exchange) -> None:
    """Let a step pass whose object exists now; raise `PreparationFailedError` for any other answer."""
    code, reply = exchange.response.code, exchange.reply
    if code in _READY:
        return
    if code in _LATER:
        reason = f"a step before the command was answered with {code} {reply.text}"
        raise PreparationFailedError(NotSent(reason))
    if code in _CUSTOMERS_FAULT:
        raise PreparationFailedError(Correctable(reply, step.needs))
    raise PreparationFailedError(Blocked(reply, _CAUSES.get(code, BlockCause.REQUEST)))


def _new_contacts(
    contacts: Mapping[ContactRole, Handle | Contact], settings: EppSettings
) -> dict[str, Contact]:
    """Return the contacts to create by the registry's id; one contact may stand in several roles."""
    return {
        contact_id(contact.reference, settings.own_id): contact
        for contact in contacts.values()
        if isinstance(contact, Contact)
    }
