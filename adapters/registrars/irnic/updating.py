"""What does an update come to, now that a look has shown the name? Changes to send, or an outcome without sending."""

from dataclasses import dataclass, replace

from adapters.registrars.irnic import looking, outcomes
from adapters.registrars.irnic.conversation import Told, Untold
from adapters.registrars.irnic.elements import UnreadableError
from adapters.registrars.irnic.reading import DomainState, Response, domain_state
from adapters.registrars.irnic.steps import answer_before, unsent
from registrar.commands import Update
from registrar.differences import AddressConflictError, Difference, difference
from registrar.outcomes import Correctable, Correction, Done, Outcome, Reply


@dataclass(frozen=True, slots=True)
class Changes:
    """What to send. `ours` is None where the look does not tell whether we may change the name."""

    difference: Difference
    ours: bool | None


def changes_from(update: Update, seen: Told | Untold, *, billing_handle: str) -> Changes | Outcome:
    """Judge the look before an update. Where nothing differs the update is `Done`, with the look as its evidence."""
    answer = answer_before(outcomes.INFO, seen)
    if not isinstance(answer, Response):
        return answer
    try:
        state = domain_state(answer, update.domain)
    except UnreadableError as error:
        return unsent(str(error))
    return _compared(update, state, seen.reply, ours=looking.is_ours(state, billing_handle=billing_handle))


def _compared(update: Update, state: DomainState, reply: Reply, *, ours: bool | None) -> Changes | Outcome:
    if ours is False:
        text = "another reseller holds the name; its holder makes us the billing contact first"
        return Correctable(replace(reply, text=text), Correction.CONTACTS)
    try:
        found = difference(update, nameservers=state.nameservers, statuses=state.statuses)
    except AddressConflictError as error:
        return Correctable(replace(reply, text=str(error)), Correction.NAMESERVERS)
    return Done(reply) if found.is_empty else Changes(found, ours)
