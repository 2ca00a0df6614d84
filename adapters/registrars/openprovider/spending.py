"""What does a command that spends come to? Prepare, ask the price, send once, judge; a renewal is read back.

Nothing at Openprovider stops a second renewal (facts §0.4). So the name is read right before: where its renewal date is
no longer the one that the order started from, nothing is sent. What is left of that gap, the core closes with the
charges of a look.
"""

from collections.abc import Callable
from datetime import timedelta

from adapters.registrars.openprovider import encoding, outcomes, reading
from adapters.registrars.openprovider.contacts import AddressBook, ContactFaultError, Handles, filled
from adapters.registrars.openprovider.conversation import (
    Conversation,
    Told,
    Untold,
    UntoldError,
    before,
    of_untold,
)
from adapters.registrars.openprovider.encoding import Question
from adapters.registrars.openprovider.envelope import UnreadableError
from adapters.registrars.openprovider.looking import Looker
from adapters.registrars.openprovider.prices import Accepted, within_ceiling
from adapters.registrars.openprovider.reading import DomainState, Ordered
from adapters.registrars.openprovider.settings import OpenproviderSettings
from registrar.commands import Expiry, Register, Renew, Restore, Transfer
from registrar.gateway import Call
from registrar.names import DomainName
from registrar.outcomes import (
    Correctable,
    Correction,
    Done,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)

SAME_DATE = timedelta(days=1)
"""Two readings of one date lie less than this apart."""

Judgement = Callable[[Ordered, Reply], Outcome]


class Spender:
    """Carries out the commands that spend, for one account."""

    def __init__(
        self, settings: OpenproviderSettings, talk: Conversation, looker: Looker, book: AddressBook
    ) -> None:
        self._settings = settings
        self._talk = talk
        self._looker = looker
        self._book = book

    def register(self, command: Register, call: Call) -> Outcome:
        """Order a free name."""
        if not command.nameservers and self._settings.ns_group is None:
            text = "Openprovider registers no name without name servers: name some, or configure ns_group"
            return Correctable(Reply(text=text), Correction.NAMESERVERS)
        prepared = self._prepared(command, call)
        if not isinstance(prepared, _Prepared):
            return prepared
        question = encoding.register(
            command,
            prepared.handles.by_role,
            ns_group=self._settings.ns_group,
            premium_price=prepared.price.premium,
        )
        return self._sent(outcomes.REGISTER, question, call, _registered, handles=prepared.handles)

    def transfer(self, command: Transfer, call: Call) -> Outcome:
        """Order a transfer to us."""
        prepared = self._prepared(command, call)
        if not isinstance(prepared, _Prepared):
            return prepared
        question = encoding.transfer(command, prepared.handles.by_role)
        return self._sent(outcomes.TRANSFER, question, call, _transferred, handles=prepared.handles)

    def renew(self, command: Renew, call: Call) -> Outcome:
        """Order a renewal from a date that is read right before, and read the new one right after."""
        encoding.years_of(command.months)
        state = self._ours(command.domain, call)
        if not isinstance(state, DomainState):
            return state
        if not _is_same(state.renew_by, command.current_expiry):
            shown = state.renew_by.text if state.renew_by else "none"
            text = f"not sent: the renewal date is {shown}, ordered against {command.current_expiry.text}"
            return Refused(Reply(text=text), RefusalReason.EXPIRY_CONFLICT, confirm=True)
        if state.autorenew not in {"", encoding.AUTORENEW}:
            self._talk.note(f"{command.domain.ascii} renews by itself at Openprovider: set its autorenew off")
        price = within_ceiling(command, self._talk, call)
        if not isinstance(price, Accepted):
            return price
        question = encoding.renew(state.number, command.domain, command.months)
        outcome = self._sent(outcomes.RENEW, question, call, _accepted)
        return self._read_back(command, outcome, call) if isinstance(outcome, Pending) else outcome

    def restore(self, command: Restore, call: Call) -> Outcome:
        """Order a deleted name back."""
        state = self._ours(command.domain, call)
        if not isinstance(state, DomainState):
            return state
        price = within_ceiling(command, self._talk, call)
        if not isinstance(price, Accepted):
            return price
        question = encoding.restore(state.number, command.domain)
        return self._sent(outcomes.RESTORE, question, call, _restored)

    def _prepared(self, command: Register | Transfer, call: Call) -> "_Prepared | Outcome":
        """Say everything once before anything is sent, then ask the price, then see to the contacts."""
        try:
            contacts = filled(command.contacts)
        except ContactFaultError as fault:
            return Correctable(Reply(text=str(fault)), Correction.CONTACTS)
        encoding.nameservers(command.nameservers)
        if isinstance(command, Register):
            encoding.years_of(command.months)
        price = within_ceiling(command, self._talk, call)
        if not isinstance(price, Accepted):
            return price
        handles = self._book.assigned(contacts, call)
        return _Prepared(price, handles) if isinstance(handles, Handles) else handles

    def _ours(self, domain: DomainName, call: Call) -> DomainState | Outcome:
        """Find the name in our account: Openprovider's id of it is what a renewal and a restore are addressed to."""
        try:
            state = self._looker.state(domain, call)
        except UntoldError as error:
            return before(error)
        if state is None or state.status == reading.GONE:
            text = "not sent: the name is not in our account at Openprovider"
            return Refused(Reply(text=text), RefusalReason.NOT_OURS, confirm=True)
        return state

    def _sent(
        self,
        command: str,
        question: Question,
        call: Call,
        judge: Judgement,
        *,
        handles: Handles | None = None,
    ) -> Outcome:
        """Send what spends, once, and judge its answer."""
        told = self._talk.spend(question if handles is None else question.hiding(handles.private), call)
        if isinstance(told, Untold):
            return of_untold(told)
        if handles is not None and outcomes.lacks_handle(told):
            return self._without_handle(told, handles)
        return settled(command, told, judge, self._settings)

    def _without_handle(self, told: Told, handles: Handles) -> Outcome:
        """Judge an order whose contact is not known: one that we made becomes known, one that was named is wrong."""
        if not handles.made_here:
            return Correctable(told.reply, Correction.CONTACTS)
        self._book.forget(handles)
        return outcomes.not_ready()

    def _read_back(self, command: Renew, accepted: Pending, call: Call) -> Outcome:
        """Read the date that an accepted renewal moved: its answer tells none, and unmoved it proves nothing."""
        try:
            state = self._looker.state(command.domain, call)
        except UntoldError:
            return accepted
        if state is None or state.renew_by is None or state.status != reading.ACTIVE:
            return accepted
        if state.renew_by.at - command.current_expiry.at < SAME_DATE:
            return accepted
        return Done(
            accepted.reply, expiry=state.expiry, renew_by=state.renew_by, registry_id=str(state.number)
        )


class _Prepared:
    """What an order needs before it can be sent."""

    def __init__(self, price: Accepted, handles: Handles) -> None:
        self.price = price
        self.handles = handles


def settled(command: str, told: Told, judge: Judgement, settings: OpenproviderSettings) -> Outcome:
    """Judge an answer: by the table if it is refused, by its status if it is accepted."""
    if told.answer.code != 0:
        return outcomes.settle(command, told)
    if told.answer.maintenance:
        return Unknown("accepted, and under maintenance: it does not say whether it was done", told.reply)
    try:
        return judge(reading.ordered(told.answer.content, settings.zone), told.reply)
    except UnreadableError as error:
        return Unknown(f"accepted, but {error}", told.reply)


def _registered(ordered: Ordered, reply: Reply) -> Outcome:
    number = None if ordered.number is None else str(ordered.number)
    match ordered.status:
        case reading.ACTIVE:
            return Done(
                reply,
                expiry=ordered.expiry,
                renew_by=ordered.renew_by,
                created_at=ordered.created_at,
                registry_id=number,
            )
        case reading.REQUESTED | reading.WANTS_MORE | reading.SCHEDULED:
            return Pending(reply, registry_id=number)
        case reading.FAILED:
            return Refused(reply, RefusalReason.REJECTED, confirm=True)
        case other:
            return _strange(other, reply)


def _transferred(ordered: Ordered, reply: Reply) -> Outcome:
    if ordered.status == reading.FAILED:
        return Refused(reply, RefusalReason.TRANSFER_REJECTED, confirm=True)
    return _registered(ordered, reply)


def _accepted(ordered: Ordered, reply: Reply) -> Outcome:
    if ordered.status in {reading.ACTIVE, *reading.PENDING}:
        return Pending(reply, registry_id=None if ordered.number is None else str(ordered.number))
    return _strange(ordered.status, reply)


def _restored(ordered: Ordered, reply: Reply) -> Outcome:
    if ordered.status == reading.ACTIVE:
        return Done(reply, expiry=ordered.expiry, renew_by=ordered.renew_by)
    return _accepted(ordered, reply)


def _strange(status: str, reply: Reply) -> Outcome:
    return Unknown(f"accepted, with the status {status}, which does not say what became of it", reply)


def _is_same(shown: Expiry | None, ordered_against: Expiry) -> bool:
    return shown is not None and abs(shown.at - ordered_against.at) < SAME_DATE
