"""How is a name's delegation, or a contact of it, made what it should be? A look first, then only what differs.

An update of IRNIC's has no "replace" (facts §2.5). Of the contacts, tech and bill alone are ours to change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from adapters.registrars.irnic import contacts, encoding, handles, limits, looking, outcomes
from adapters.registrars.irnic.contract import Contract
from adapters.registrars.irnic.conversation import Told, Untold
from adapters.registrars.irnic.elements import UnreadableError
from adapters.registrars.irnic.reading import DomainState, Response, domain_state
from adapters.registrars.irnic.steps import answer_before, unsent
from registrar.commands import Update
from registrar.differences import AddressConflictError, Difference, difference
from registrar.gateway import Call
from registrar.outcomes import Correctable, Correction, Done, Outcome, Reply


@dataclass(frozen=True, slots=True)
class Changes:
    """What to send. `ours` is None where the look does not tell whether we may change the name."""

    difference: Difference
    contacts: Mapping[str, str]
    ours: bool | None


def update(command: Update, contract: Contract, call: Call) -> Outcome:
    """Look, and send the name servers and contacts that differ, if any do."""
    if (fault := limits.fault(command)) is not None:
        return fault
    people = contacts.named(command.contacts)
    if isinstance(people, contacts.ContactFault):
        return Correctable(Reply(text=people.reason), Correction.CONTACTS)
    changes = _changes(command, people, contract.info(command.domain, call), contract)
    if not isinstance(changes, Changes):
        return changes
    if (refusal := handles.refused(changes.contacts, contract, call)) is not None:
        return refusal
    return _change(command, changes, contract, call)


def _changes(
    command: Update, people: Mapping[str, str], seen: Told | Untold, contract: Contract
) -> Changes | Outcome:
    """Judge the look before an update. Where nothing differs the update is `Done`, with the look as its evidence."""
    answer = answer_before(outcomes.INFO, seen)
    if not isinstance(answer, Response):
        return answer
    try:
        state = domain_state(answer, command.domain)
    except UnreadableError as error:
        return unsent(str(error))
    ours = looking.is_ours(state, billing_handle=contract.billing_handle)
    return _compared(command, people, state, seen.reply, ours=ours)


def _compared(
    command: Update, people: Mapping[str, str], state: DomainState, reply: Reply, *, ours: bool | None
) -> Changes | Outcome:
    if ours is False:
        text = "another reseller holds the name; its holder makes us the billing contact first"
        return Correctable(replace(reply, text=text), Correction.CONTACTS)
    try:
        found = difference(command, nameservers=state.nameservers, statuses=state.statuses)
    except AddressConflictError as error:
        return Correctable(replace(reply, text=str(error)), Correction.NAMESERVERS)
    others = {
        word: handle for word, handle in people.items() if state.contacts.get(word, "").lower() != handle
    }
    return Done(reply) if found.is_empty and not others else Changes(found, others, ours)


def _change(command: Update, changes: Changes, contract: Contract, call: Call) -> Outcome:
    """Send an update. A 2201 on a name that may not be ours is for its holder to put right, as with a renewal."""
    write = partial(
        encoding.update_domain,
        command.domain,
        changes.difference,
        contacts=changes.contacts,
        deposit_code=contract.deposit_code,
    )
    told = contract.spend(write, call)
    if isinstance(told, Told) and told.answer.code == 2201 and changes.ours is None:
        return Correctable(told.reply, Correction.CONTACTS)
    return contract.settled(outcomes.UPDATE, told)
