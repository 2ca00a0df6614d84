"""What does a look come to? A name's place in our account, or the registry's availability, becomes a Sighting.

| in our account      | tells                                                                            |
| ACT                 | registered, ours                                                                 |
| REQ, PEN            | under way, or the customer's documents; ours, unless it is a transfer to us      |
| SCH                 | a transfer to us that begins later                                               |
| RRQ                 | registered, ours, a restore under way                                            |
| DEL                 | ours to restore until a day; after it, the check decides                         |
| FAI                 | what was asked for was refused; whose the name is now, the check decides         |
| TRAN, or no record  | the check decides                                                                |
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from adapters.registrars.openprovider import encoding, reading
from adapters.registrars.openprovider.conversation import Conversation, Told, UntoldError
from adapters.registrars.openprovider.reading import DomainState, Record
from adapters.registrars.openprovider.statements import Statements
from registrar.commands import Kind
from registrar.gateway import Call, Progress, Sighting, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause
from registrar.statuses import Status

NAME_REFUSED = frozenset({16, 307, 501, 512, 513})
"""Answers that refuse the question for the name itself: asking again will not help, staff must look at the order."""

_ASKED_FOR = frozenset({Kind.REGISTER, Kind.TRANSFER})
"""What a record begins with."""
_AUTORENEW = {"on": True, "off": False}
"""The third word, `default`, means what is set for the whole account, which a name does not tell."""


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks at names of one account. `now` is the wall clock."""

    talk: Conversation
    statements: Statements
    zone: ZoneInfo
    source: str
    now: Callable[[], datetime]

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Read a name's state, and for a renewal the charges for it; never raises, never takes silence for absence."""
        seen = Sighting(domain, self.now(), self.source, Standing.UNKNOWN)
        try:
            sighting = self._seen(seen, kind, call)
            if kind is not Kind.RENEW:
                return sighting
            return replace(sighting, charges=self.statements.charges(domain, kind, call))
        except UntoldError as error:
            return _unseen(seen, error)

    def state(self, domain: DomainName, call: Call) -> DomainState | None:
        """Return a name's state in our account, or None if it is not there; raises `UntoldError`."""
        record = self.talk.read(encoding.find_domain(domain), call, partial(reading.record_of, domain=domain))
        return None if record is None else self.state_of(record, domain, call)

    def state_of(self, record: Record, domain: DomainName, call: Call) -> DomainState:
        """Return the state that a record stands for; raises `UntoldError`."""
        question = encoding.read_domain(record.number, with_history=record.status == reading.FAILED)
        return self.talk.read(
            question, call, partial(reading.domain_state, record=record, domain=domain, zone=self.zone)
        )

    def _seen(self, seen: Sighting, kind: Kind, call: Call) -> Sighting:
        state = self.state(seen.domain, call)
        if state is None:
            return self._checked(seen, call)
        if state.status == reading.FAILED:
            return self._failed(seen, state, kind, call)
        if state.status == reading.GONE:
            return self._checked(seen, call)
        if state.status == reading.DELETED:
            return self._deleted(seen, state, call)
        return _present(seen, state, kind)

    def _checked(self, seen: Sighting, call: Call) -> Sighting:
        """Ask whether a name that is not with us is free; a reserved one has no holder either, and an order for it is refused."""
        found = self.talk.read(
            encoding.check_domain(seen.domain), call, partial(reading.availability, domain=seen.domain)
        )
        match found.status:
            case "free":
                return replace(seen, standing=Standing.FREE)
            case "reserved":
                reason = found.reason or "reserved by the registry"
                return replace(seen, standing=Standing.FREE, reason=reason)
            case "active":
                return replace(seen, standing=Standing.REGISTERED, ours=False, reason=found.reason)
            case other:
                return replace(seen, reason=f"the check calls it {other or 'nothing'}: {found.reason}")

    def _failed(self, seen: Sighting, state: DomainState, kind: Kind, call: Call) -> Sighting:
        """Say that what was asked for was refused, by its record, which stays; and whose the name is now, by the check."""
        asked = kind if kind in _ASKED_FOR else Kind.REGISTER
        checked = self._checked(seen, call)
        failure = self.talk.redactor.text(state.failure) or "it gives no reason"
        reason = f"Openprovider says that the request failed: {failure}"
        return replace(
            checked,
            registry_id=str(state.number),
            reason=reason,
            progress={asked: Progress.REJECTED},
            transfer_asked_at=state.ordered_at if asked is Kind.TRANSFER else None,
        )

    def _deleted(self, seen: Sighting, state: DomainState, call: Call) -> Sighting:
        restorable = state.restorable_until is not None and state.restorable_until > seen.seen_at
        if restorable:
            return replace(_with_details(seen, state), ours=True, restorable=True)
        return self._checked(seen, call)


def _present(seen: Sighting, state: DomainState, kind: Kind) -> Sighting:
    """Return the sighting of a name that is with us, or on its way."""
    sighting = _with_details(seen, state)
    match state.status:
        case reading.ACTIVE:
            return replace(sighting, ours=True)
        case reading.RESTORING:
            return replace(sighting, ours=True, progress={Kind.RESTORE: Progress.UNDER_WAY})
        case reading.REQUESTED | reading.WANTS_MORE | reading.SCHEDULED:
            return _asked_for(sighting, state, kind)
        case other:
            return replace(seen, reason=f"Openprovider's status {other} is not known here")


def _asked_for(sighting: Sighting, state: DomainState, kind: Kind) -> Sighting:
    """Return the sighting of a request under way. It does not say what was requested; the order that looks does.

    A name that is being transferred to us is not ours yet. One that has a date can only be asked for a renewal.
    """
    if kind is Kind.RENEW and state.expiry is not None and state.status == reading.REQUESTED:
        return replace(sighting, ours=True, progress={Kind.RENEW: Progress.UNDER_WAY})
    scheduled = state.status == reading.SCHEDULED
    asked = Kind.TRANSFER if scheduled or kind is Kind.TRANSFER else Kind.REGISTER
    documents = state.status == reading.WANTS_MORE
    transferred = asked is Kind.TRANSFER
    return replace(
        sighting,
        ours=None if transferred else True,
        reason="Openprovider waits for documents or a confirmed e-mail address" if documents else "",
        progress={asked: Progress.DOCUMENTS_REQUIRED if documents else Progress.UNDER_WAY},
        transfer_asked_at=state.ordered_at if transferred else None,
    )


def _with_details(seen: Sighting, state: DomainState) -> Sighting:
    return replace(
        seen,
        standing=Standing.REGISTERED,
        registry_id=str(state.number),
        created_at=state.created_at or state.ordered_at,
        expiry=state.expiry,
        renew_by=state.renew_by,
        auto_renews=_AUTORENEW.get(state.autorenew),
        statuses=statuses(state) | {state.status},
        nameservers=tuple(server.host for server in state.nameservers),
        contacts=state.contacts,
    )


def statuses(state: DomainState) -> frozenset[str]:
    """Return a name's statuses in EPP's words: the lock is the only one that Openprovider lets us set (facts §6)."""
    return frozenset({Status.CLIENT_TRANSFER_PROHIBITED}) if state.is_locked else frozenset()


def _unseen(seen: Sighting, error: UntoldError) -> Sighting:
    """Return the sighting of a look that told nothing."""
    told = error.told
    invalid = isinstance(told, Told) and told.answer.code in NAME_REFUSED
    return replace(
        seen,
        reason=str(error),
        reply=told.reply,
        blocked=BlockCause.REQUEST if invalid else told.blocked,
        retry_after=told.retry_after,
    )
