"""How are errands run? A look first, then only what differs; every repeat is harmless, because it looks first too."""

from collections.abc import Iterator

from adapters.registrars.opensrs import contacts, encoding, limits
from adapters.registrars.opensrs.contacts import ContactFaultError, People
from adapters.registrars.opensrs.conversation import Conversation
from adapters.registrars.opensrs.envelope import Request, UnsayableError
from adapters.registrars.opensrs.outcomes import Errands
from adapters.registrars.opensrs.questions import NotShown, Questions, Shown, UnansweredError
from adapters.registrars.opensrs.spending import settled
from registrar.commands import AnswerTransfer, Delete, Errand, Kind, Nameserver, TransferAnswer, Update
from registrar.differences import AddressConflictError, Difference, difference
from registrar.gateway import Call
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
)
from registrar.statuses import Status

_LOCK = Status.CLIENT_TRANSFER_PROHIBITED

Step = tuple[Errands, Request]


class Updating:
    """Runs the errands; never raises for what far side or network does."""

    def __init__(self, talk: Conversation, ask: Questions, *, reseller: str) -> None:
        self._talk = talk
        self._ask = ask
        self._reseller = reseller

    def run(self, errand: Errand, call: Call) -> Outcome:
        """Run an errand; what OpenSRS has no request for is `Blocked`, and nothing is sent."""
        try:
            return self._run(errand, call)
        except ContactFaultError as error:
            return Correctable(Reply(text=str(error)), Correction.CONTACTS)
        except AddressConflictError as error:
            return Correctable(Reply(text=str(error)), Correction.NAMESERVERS)
        except UnansweredError as error:
            return error.outcome()
        except UnsayableError as error:
            return Blocked(Reply(text=str(error)), BlockCause.REQUEST)

    def _run(self, errand: Errand, call: Call) -> Outcome:
        match errand:
            case Update():
                return self._update(errand, call)
            case Delete():
                return self._delete(errand.domain, call)
            case AnswerTransfer(answer=TransferAnswer.CANCEL):
                return self._cancel(errand.domain, call)
            case AnswerTransfer():
                return limits.blocked("OpenSRS answers transfers away from us by itself")
            case _:
                return limits.blocked(f"{type(errand).__name__} is not done here: OpenSRS keeps no handles")

    def _update(self, update: Update, call: Call) -> Outcome:
        """Look, and send what differs, each thing by its own request: OpenSRS has none for all of them."""
        if (fault := limits.update_fault(update)) is not None:
            return fault
        people = contacts.people(update.contacts, needed=frozenset())
        seen = self._ask.state(update.domain, call)
        if isinstance(seen, NotShown):
            return Refused(seen.reply, RefusalReason.NOT_OURS, confirm=True)
        found = difference(
            update,
            nameservers=map(Nameserver, seen.state.nameservers),
            statuses=_statuses(update, seen),
        )
        if (misplaced := limits.nameserver_fault(found.add_nameservers)) is not None:
            return misplaced
        return self._taken(_steps(update, found, people), Done(seen.reply), call)

    def _taken(self, steps: Iterator[Step], nothing: Done, call: Call) -> Outcome:
        """Take the steps until one is not carried out; one that is accepted for later stops no other."""
        result: Done | Pending = nothing
        for asked, request in steps:
            outcome = settled(asked, self._talk.spend(request, call))
            if not isinstance(outcome, Done | Pending):
                return outcome
            result = result if isinstance(result, Pending) else outcome
        return result

    def _delete(self, domain: DomainName, call: Call) -> Outcome:
        """Revoke a name; one that is free is given up already."""
        if isinstance(self._ask.state(domain, call), NotShown):
            available = self._ask.availability(domain, call)
            if available.free:
                return Done(available.reply)
            return Refused(available.reply, RefusalReason.NOT_OURS, confirm=True)
        request = encoding.revoke(domain, reseller=self._reseller)
        return settled(Errands.REVOKE, self._talk.spend(request, call))

    def _cancel(self, domain: DomainName, call: Call) -> Outcome:
        """Withdraw our request for a name's move: one under way, or one that OpenSRS has only saved."""
        latest = next(iter(self._ask.transfers(domain, call)), None)
        if latest is not None and latest.is_open:
            request = encoding.cancel_transfer(domain, latest.order_id)
            return settled(Errands.CANCEL_TRANSFER, self._talk.spend(request, call))
        saved = next(
            (order for order in self._ask.open_orders(domain, Kind.TRANSFER, call) if order.is_saved), None
        )
        if saved is not None:
            cancelled = self._talk.spend(encoding.cancel_pending(saved.order_id), call)
            return settled(Errands.CANCEL_TRANSFER, cancelled)
        if latest is not None and latest.status in {"cancelled", "canceled"}:
            return Done(Reply(text=f"transfer {latest.order_id or ''} is cancelled already"))
        return Refused(Reply(text="no transfer to us is under way"), RefusalReason.STATUS_PROHIBITS)


def _statuses(update: Update, seen: Shown) -> set[str]:
    """Return what is set; a lock that cannot be seen is not taken to be as it should be, whichever that is."""
    locked = _LOCK in update.remove_statuses if seen.state.locked is None else seen.state.locked
    return {_LOCK} if locked else set()


def _steps(update: Update, found: Difference, people: People) -> Iterator[Step]:
    """Yield the requests: unlocked first, locked last, so that a lock stops none of the changes between."""
    if found.remove_statuses:
        yield Errands.LOCK, encoding.set_lock(update.domain, on=False)
    if found.add_nameservers or found.remove_nameservers:
        hosts = tuple(dict.fromkeys(server.host for server in update.nameservers or ()))
        yield Errands.NAMESERVERS, encoding.assign_nameservers(update.domain, hosts)
    if people:
        yield Errands.CONTACTS, encoding.set_contacts(update.domain, people)
    if found.add_statuses:
        yield Errands.LOCK, encoding.set_lock(update.domain, on=True)
