"""How is a name registered? Handles first: those that are missing are made, all are asked about; then the create.

IRNIC has one price for every name of a term, no premium names, and no command that tells a price (facts §2.13, §3.9): an
order's ceiling has nothing to be compared with here.
"""

from functools import partial

from adapters.registrars.irnic import contacts, encoding, handles, limits, outcomes
from adapters.registrars.irnic.contract import Contract
from registrar.commands import Register
from registrar.gateway import Call
from registrar.outcomes import Correctable, Correction, Outcome, Reply


def register(command: Register, contract: Contract, call: Call) -> Outcome:
    """Check what can be checked here, make and ask about the handles, then create."""
    if (fault := limits.fault(command)) is not None:
        return fault
    people = contacts.assigned(command.contacts, billing_handle=contract.billing_handle)
    if isinstance(people, contacts.ContactFault):
        return Correctable(Reply(text=people.reason), Correction.CONTACTS)
    everybody = handles.made(people, contract, call)
    if not isinstance(everybody, dict):
        return everybody
    if (refusal := handles.refused(everybody, contract, call)) is not None:
        return refusal
    write = partial(
        encoding.create_domain,
        command.domain,
        months=command.months,
        nameservers=command.nameservers,
        contacts=everybody,
        deposit_code=contract.deposit_code,
    )
    return contract.settled(outcomes.CREATE, contract.spend(write, call))
