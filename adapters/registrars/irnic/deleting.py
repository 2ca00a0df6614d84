"""How is a name given up? IRNIC asks its holder first, so a deletion is only ever accepted here (facts §2.7)."""

from functools import partial

from adapters.registrars.irnic import encoding, looking, outcomes
from adapters.registrars.irnic.contract import Contract
from adapters.registrars.irnic.conversation import Told
from adapters.registrars.irnic.elements import UnreadableError
from adapters.registrars.irnic.progress import is_being_deleted
from adapters.registrars.irnic.reading import Response, domain_state
from adapters.registrars.irnic.steps import answer_before, unsent
from registrar.commands import Delete
from registrar.gateway import Call
from registrar.outcomes import Done, Outcome, Pending, RefusalReason, Refused


def delete(command: Delete, contract: Contract, call: Call) -> Outcome:
    """Look, and ask for the deletion; a name that is gone, or on its way, is not asked for again."""
    told = contract.info(command.domain, call)
    if isinstance(told, Told) and told.answer.code == 2303:
        return Done(told.reply)
    answer = answer_before(outcomes.INFO, told)
    if not isinstance(answer, Response):
        return answer
    try:
        state = domain_state(answer, command.domain)
    except UnreadableError as error:
        return unsent(str(error))
    if looking.is_ours(state, billing_handle=contract.billing_handle) is False:
        return Refused(told.reply, RefusalReason.NOT_OURS)
    if is_being_deleted(state.statuses):
        return Pending(told.reply, registry_id=state.roid)
    write = partial(encoding.delete_domain, command.domain, deposit_code=contract.deposit_code)
    return contract.settled(outcomes.DELETE, contract.spend(write, call))
