"""What does an errand come to? The name is read first, and only what differs is sent; each is harmless to repeat."""

from collections.abc import Mapping
from typing import Any

from adapters.registrars.openprovider import encoding, looking, outcomes, reading
from adapters.registrars.openprovider.contacts import AddressBook, Handles
from adapters.registrars.openprovider.conversation import (
    Conversation,
    Untold,
    UntoldError,
    before,
    of_untold,
)
from adapters.registrars.openprovider.encoding import NotSayableError, Question
from adapters.registrars.openprovider.envelope import UnreadableError
from adapters.registrars.openprovider.looking import Looker
from adapters.registrars.openprovider.reading import DomainState
from adapters.registrars.openprovider.settings import OpenproviderSettings
from registrar.commands import AnswerTransfer, Delete, Nameserver, TransferAnswer, Update
from registrar.differences import AddressConflictError, Difference, difference
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
from registrar.statuses import Status

_SETTABLE = frozenset({Status.CLIENT_TRANSFER_PROHIBITED})


class Errands:
    """Runs errands for one account."""

    def __init__(
        self, settings: OpenproviderSettings, talk: Conversation, looker: Looker, book: AddressBook
    ) -> None:
        self._settings = settings
        self._talk = talk
        self._looker = looker
        self._book = book

    def update(self, update: Update, call: Call) -> Outcome:
        """Make a name what it should be; `Done` without sending where it is already."""
        _insist_on_sayable(update)
        state = self._ours(update.domain, call)
        if not isinstance(state, DomainState):
            return state
        shown = looking.statuses(state)
        try:
            found = difference(update, nameservers=state.nameservers, statuses=shown)
        except AddressConflictError as error:
            return Correctable(Reply(text=str(error)), Correction.NAMESERVERS)
        if found.add_statuses and not state.is_lockable:
            text = "names of this zone cannot be locked against transfers at Openprovider"
            return Refused(Reply(text=text), RefusalReason.POLICY)
        handles = self._book.assigned(update.contacts, call)
        if not isinstance(handles, Handles):
            return handles
        changes = _changes(update, state, found, handles)
        if not changes:
            return Done(Reply(text="the name is what it should be"))
        return self._run(outcomes.UPDATE, encoding.change(state.number, changes), call, handles=handles)

    def delete(self, errand: Delete, call: Call) -> Outcome:
        """Give a name up; one that is deleted already is as good."""
        state = self._ours(errand.domain, call)
        if not isinstance(state, DomainState):
            return state
        if state.status == reading.DELETED:
            return Done(Reply(text="the name is deleted already"))
        return self._run(outcomes.DELETE, encoding.delete(state.number), call)

    def answer_transfer(self, errand: AnswerTransfer, call: Call) -> Outcome:
        """Approve a transfer; Openprovider has no words to reject or cancel one."""
        if errand.answer is not TransferAnswer.APPROVE:
            raise NotSayableError(f"a transfer cannot be answered with {errand.answer} here")
        state = self._ours(errand.domain, call)
        if not isinstance(state, DomainState):
            return state
        return self._run(outcomes.APPROVE, encoding.approve_transfer(state.number, errand.domain), call)

    def _ours(self, domain: DomainName, call: Call) -> DomainState | Outcome:
        try:
            state = self._looker.state(domain, call)
        except UntoldError as error:
            return before(error)
        if state is None or state.status == reading.GONE:
            text = "not sent: the name is not in our account at Openprovider"
            return Refused(Reply(text=text), RefusalReason.NOT_OURS, confirm=True)
        return state

    def _run(
        self, command: str, question: Question, call: Call, *, handles: Handles | None = None
    ) -> Outcome:
        """Send it once, under the permit, and judge its answer."""
        told = self._talk.spend(question if handles is None else question.hiding(handles.private), call)
        if isinstance(told, Untold):
            return of_untold(told)
        if told.answer.code != 0:
            if handles is not None and handles.made_here and outcomes.lacks_handle(told):
                self._book.forget(handles)
                return outcomes.not_ready()
            return outcomes.settle(command, told)
        return _settled(told.answer.content, told.reply, self._settings)


def _settled(content: Any, reply: Reply, settings: OpenproviderSettings) -> Outcome:
    """Judge an accepted errand by the status it left the name in; an approval answers `success` instead."""
    if isinstance(content, dict) and content.get("success") is True:
        return Done(reply)
    try:
        return _done_unless_pending(reading.ordered(content, settings.zone).status, reply)
    except UnreadableError as error:
        return Unknown(f"accepted, but {error}", reply)


def _done_unless_pending(status: str, reply: Reply) -> Outcome:
    match status:
        case reading.REQUESTED | reading.WANTS_MORE | reading.SCHEDULED | reading.RESTORING:
            return Pending(reply)
        case reading.ACTIVE | reading.DELETED | reading.GONE:
            return Done(reply)
        case other:
            return Unknown(f"accepted, and left the name in the status {other}", reply)


def _insist_on_sayable(update: Update) -> None:
    """Raise `NotSayableError` for what Openprovider has no words for; nothing is sent then."""
    if others := (update.add_statuses | update.remove_statuses) - _SETTABLE:
        raise NotSayableError(f"{', '.join(sorted(others))} cannot be set or removed at Openprovider")
    if update.auth_info is not None:
        raise NotSayableError("an auth code cannot be chosen at Openprovider")
    if update.nameservers == ():
        raise NotSayableError("a name cannot be taken out of its zone at Openprovider: name its servers")
    if update.nameservers is not None:
        encoding.nameservers(update.nameservers)


def _changes(update: Update, state: DomainState, found: Difference, handles: Handles) -> dict[str, Any]:
    """Return what to send: name servers as a whole set, the lock, and the roles that change."""
    changes: dict[str, Any] = {}
    if update.nameservers is not None and (found.add_nameservers or found.remove_nameservers):
        changes["name_servers"] = encoding.nameservers(_whole(update.nameservers, state.nameservers))
    if found.add_statuses:
        changes["is_locked"] = True
    if found.remove_statuses:
        changes["is_locked"] = False
    for role, handle in handles.by_role.items():
        if state.contacts.get(role) != handle:
            changes[encoding.ROLE_KEYS[role]] = handle
    return changes


def _whole(wanted: tuple[Nameserver, ...], shown: tuple[Nameserver, ...]) -> tuple[Nameserver, ...]:
    """Return the wanted set, each that stays with the addresses it has."""
    kept: Mapping[str, Nameserver] = {server.host: server for server in shown}
    return tuple(
        server if server.addresses else kept.get(server.host.lower().removesuffix("."), server)
        for server in wanted
    )
