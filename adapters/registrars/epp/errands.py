"""How is a name given up, and a transfer answered? Look where that saves a question, send once, let the state decide.

Both are harmless to repeat: a name on its way out is given up already, and an answered transfer shows its answer.
"""

from collections.abc import Mapping

from adapters.registrars.epp import encoding
from adapters.registrars.epp.conversation import Conversation
from adapters.registrars.epp.namespaces import DOMAIN
from adapters.registrars.epp.outcomes import (
    APPROVED_TRANSFER,
    ENDED_TRANSFER,
    cause_of,
    outcome_of_errand,
)
from adapters.registrars.epp.reading import text_of
from adapters.registrars.epp.session import Exchange, Prepared
from adapters.registrars.epp.sightings import NO_TRANSFER, Looker
from registrar.commands import AnswerTransfer, Delete, TransferAnswer
from registrar.gateway import Call, Sighting, Standing
from registrar.outcomes import (
    Blocked,
    Done,
    NotSent,
    Outcome,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)
from registrar.statuses import Status

_GONE = 2303
_NOT_PENDING = 2301

_WANTED = {
    TransferAnswer.APPROVE: APPROVED_TRANSFER,
    TransferAnswer.REJECT: ENDED_TRANSFER,
    TransferAnswer.CANCEL: ENDED_TRANSFER,
}
_TOO_LATE: Mapping[TransferAnswer, RefusalReason] = {
    TransferAnswer.APPROVE: RefusalReason.TRANSFER_REJECTED,
    TransferAnswer.REJECT: RefusalReason.NOT_OURS,
    TransferAnswer.CANCEL: RefusalReason.ALREADY_OURS,
}
"""What a transfer that ended the other way means for the answer that came too late."""


def delete(errand: Delete, talk: Conversation, looker: Looker, call: Call) -> Outcome:
    """Give a name up; raises what went wrong before the command was sent."""
    seen = talk.ask("info", lambda identifier: encoding.domain_info(errand.domain, identifier))
    if needless := _needless(looker.info(seen), seen.reply):
        return needless
    transaction_id = call.client_transaction_id
    answer = talk.send_once(Prepared(encoding.domain_delete(errand.domain, transaction_id), transaction_id))
    if isinstance(answer, Unknown):
        return answer
    if answer.response.code == _GONE:
        return Done(answer.reply)
    return outcome_of_errand(answer.response, answer.reply, what="deletion")


def _needless(sighting: Sighting, reply: Reply) -> Outcome | None:
    """Say what a deletion comes to without being sent; None where it must be."""
    if sighting.blocked is not None:
        return Blocked(reply, sighting.blocked)
    if sighting.standing is Standing.UNKNOWN:
        return NotSent(f"the deletion was not sent: {sighting.reason}")
    if sighting.standing is Standing.FREE or (sighting.ours and Status.PENDING_DELETE in sighting.statuses):
        return Done(reply)
    return Refused(reply, RefusalReason.NOT_OURS, confirm=True) if sighting.ours is False else None


def answer_transfer(errand: AnswerTransfer, talk: Conversation, call: Call) -> Outcome:
    """Approve, reject or cancel a transfer; where none is pending its state says what became of it."""
    transaction_id = call.client_transaction_id
    document = encoding.transfer_answer(errand.domain, errand.answer, transaction_id)
    answer = talk.send_once(Prepared(document, transaction_id))
    if isinstance(answer, Unknown):
        return answer
    if answer.response.code != _NOT_PENDING:
        return outcome_of_errand(answer.response, answer.reply, what="transfer's answer")
    seen = talk.ask("query", lambda identifier: encoding.transfer_query(errand.domain, identifier))
    return _by_state(errand, answer, seen)


def _by_state(errand: AnswerTransfer, answer: Exchange, seen: Exchange) -> Outcome:
    """Judge an answer that found nothing pending by how the latest transfer ended."""
    if cause := cause_of(seen.response):
        return Blocked(seen.reply, cause)
    part = seen.response.object_part(DOMAIN, "trnData")
    status = None if part is None else text_of(part, f"{{{DOMAIN}}}trStatus")
    if seen.response.code in NO_TRANSFER:
        return Refused(answer.reply, RefusalReason.NOT_TRANSFERABLE, confirm=True)
    if status in _WANTED[errand.answer]:
        return Done(seen.reply)
    if status in APPROVED_TRANSFER | ENDED_TRANSFER:
        return Refused(seen.reply, _TOO_LATE[errand.answer], confirm=True)
    return Unknown(
        "the registry says that nothing is pending, and does not show what became of it", seen.reply
    )
