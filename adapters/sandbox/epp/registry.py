"""What happens between a request and its answer? The part that all sessions share: the journal, the flows, the books."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.sandbox.books import Books
from adapters.sandbox.epp import contacts, domains, looks, polls, restores, transfers
from adapters.sandbox.epp.answers import Answer, RefusalError
from adapters.sandbox.epp.call import Call, Flow
from adapters.sandbox.epp.dialect import FEE, RGP, Dialect, Terms
from adapters.sandbox.epp.requests import UNKNOWN, UNREADABLE, Request
from adapters.sandbox.epp.verdicts import settle
from adapters.sandbox.misbehaviour import ON_THE_WIRE, Behaviour, Misbehaviour
from adapters.sandbox.page import DepositEmptyError, Page

FLOWS: Mapping[str, Flow] = {
    "domain:check": looks.check,
    "domain:info": looks.info,
    "domain:create": domains.create,
    "domain:renew": domains.renew,
    "domain:update": domains.update,
    "domain:delete": domains.delete,
    "domain:restore": restores.request,
    "domain:restore:report": restores.report,
    "domain:transfer": transfers.request,
    "domain:transfer:query": transfers.query,
    "domain:transfer:cancel": transfers.cancel,
    "domain:transfer:approve": transfers.approve,
    "domain:transfer:reject": transfers.reject,
    "contact:check": contacts.check_contacts,
    "contact:info": contacts.show_contact,
    "contact:create": contacts.create_contact,
    "host:check": contacts.check_hosts,
    "host:info": contacts.show_host,
    "host:create": contacts.create_host,
    "poll": polls.read,
    "poll:ack": polls.acknowledge,
}
SPENDING = frozenset({"domain:create", "domain:renew", "domain:transfer", "domain:restore"})
TAKEN: Mapping[str, frozenset[str]] = {
    "domain:check": frozenset({FEE}),
    **dict.fromkeys(SPENDING, frozenset({FEE})),
    "domain:restore": frozenset({FEE, RGP}),
    "domain:restore:report": frozenset({RGP}),
}
"""The extensions that a command may have. secDNS is offered for looks; to change it is an option that is lacking here."""
LOOKS = frozenset({"domain:info"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A command that was journaled, and what was ordered to go wrong with it."""

    request: Request
    number: int
    repeated: bool
    """An earlier command had the same client transaction id."""
    wire: Misbehaviour | None
    refusal: Answer | None
    stale: Misbehaviour | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """One registrar's EPP service, whatever the number of its sessions."""

    books: Books
    dialect: Dialect
    terms: Terms
    clock: Callable[[], datetime]

    def closed(self) -> bool:
        """Tell whether a connection is to be closed before the greeting."""
        with self.books.page(self.clock()) as page:
            return page.take_misbehaviour({Behaviour.CLOSED}, command="connect") is not None

    def settle(self) -> None:
        """Carry out what falls due without anybody asking."""
        with self.books.page(self.clock()) as page:
            settle(page, self.dialect, self.terms)

    def receive(self, request: Request, *, session: str) -> Received:
        """Journal a command and take what was ordered to go wrong with it, in one transaction."""
        with self.books.page(self.clock()) as page:
            settle(page, self.dialect, self.terms)
            transaction_id = request.client_transaction_id
            number = page.receive(
                request.command,
                session=session,
                name=request.names[0] if request.names else None,
                client_transaction_id=transaction_id,
            )
            return Received(
                request=request,
                number=number,
                repeated=bool(transaction_id) and page.seen_before(str(transaction_id), number=number),
                wire=_take(page, request, number, *ON_THE_WIRE),
                refusal=_ordered_refusal(page, request, number),
                stale=_take(page, request, number, Behaviour.STALE) if request.command in LOOKS else None,
            )

    def perform(self, received: Received, *, client_id: str, services: frozenset[str]) -> Answer:
        """Carry a command out for a client that logged in with these services; all of it or nothing."""
        if received.refusal is not None:
            return received.refusal
        try:
            flow = self._flow(received.request, services)
            with self.books.page(self.clock()) as page:
                answer = flow(self._call(page, received, client_id, services))
                return self._announced(answer, page, client_id)
        except RefusalError as refusal:
            return refusal.answer
        except DepositEmptyError:
            return Answer(2104, reason="the deposit does not cover it")

    def answered(self, received: Received, code: int) -> None:
        """Journal what a command is answered with."""
        with self.books.page(self.clock()) as page:
            page.answered(received.number, code)

    def server_transaction_id(self, received: Received) -> str:
        """Name the transaction as the server does: by its journal number."""
        return f"SANDBOX-{received.number}"

    def _flow(self, request: Request, services: frozenset[str]) -> Flow:
        if request.command == UNREADABLE:
            raise RefusalError(2001)
        if request.object_uri is not None and request.object_uri not in self.dialect.objects:
            raise RefusalError(2307)
        if request.object_uri is not None and request.object_uri not in services:
            raise RefusalError(2002, "this login did not ask for these objects")
        if request.command == UNKNOWN or request.command not in FLOWS:
            raise RefusalError(2101)
        for uri in request.extensions:
            if uri not in self.dialect.extensions:
                raise RefusalError(2103)
            if uri not in TAKEN.get(request.command, frozenset()):
                raise RefusalError(2102)
            if uri not in services:
                raise RefusalError(2002, "this login did not ask for this extension")
        return FLOWS[request.command]

    def _call(self, page: Page, received: Received, client_id: str, services: frozenset[str]) -> Call:
        return Call(
            page=page,
            request=received.request,
            client_id=client_id,
            number=received.number,
            server_transaction_id=self.server_transaction_id(received),
            dialect=self.dialect,
            terms=self.terms,
            services=services,
            stale=received.stale,
        )

    def _announced(self, answer: Answer, page: Page, client_id: str) -> Answer:
        if answer.queue is not None or not self.dialect.announces_messages:
            return answer
        return replace(answer, queue=polls.announcement(page, client_id))


def _take(page: Page, request: Request, number: int, *among: Behaviour) -> Misbehaviour | None:
    return page.take_misbehaviour(among, command=request.command, names=request.names, number=number)


def _ordered_refusal(page: Page, request: Request, number: int) -> Answer | None:
    if request.command in SPENDING and _take(page, request, number, Behaviour.NO_DEPOSIT):
        return Answer(2104, reason="the deposit does not cover it")
    ordered = _take(page, request, number, Behaviour.REFUSE)
    if ordered is None:
        return None
    code, reason = ordered.refusal()
    return Answer(code, reason=reason)
