"""How is one posted document taken in, journalled, carried out and answered? One page for its arrival, one for its work.

The arrival is committed first, with the misbehaviour that it meets, so that a command which is never answered is in the
journal all the same. All that the command changes is on the second page, and none of it if the command is refused.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import (
    changes,
    contacts,
    deletions,
    handles,
    holders,
    hours,
    looks,
    messages,
    requests,
    spending,
)
from adapters.sandbox.irnic.answers import Answer, RefusedError, document, new_transaction_id
from adapters.sandbox.irnic.decisions import decide_what_is_due
from adapters.sandbox.irnic.errand import Errand, Rules
from adapters.sandbox.irnic.requests import Request
from adapters.sandbox.misbehaviour import ON_THE_WIRE, Behaviour, Misbehaviour

COMMANDS: Mapping[str, Callable[[Errand], Answer]] = {
    "domain:check": looks.check,
    "domain:info": looks.look,
    "domain:create": spending.register,
    "domain:renew": spending.renew,
    "domain:update": changes.update,
    "domain:transfer": holders.move,
    "domain:delete": deletions.delete,
    "contact:check": contacts.check,
    "contact:info": contacts.look,
    "contact:create": handles.create,
    "contact:update": handles.update,
    "poll": messages.poll,
    "poll:ack": messages.acknowledge,
}

_SPENDING = frozenset({"domain:create", "domain:renew", "domain:transfer"})
_DEPOSIT_CODE_DIGITS = 16
_LOOKS = frozenset({"domain:check", "domain:info"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the reseller proves itself with: the token in the HTTP header, the deposit code in each object's command."""

    token: str
    deposit_code: str

    def __post_init__(self) -> None:
        if len(self.deposit_code) != _DEPOSIT_CODE_DIGITS or not self.deposit_code.isdecimal():
            raise ValueError(f"a deposit code is {_DEPOSIT_CODE_DIGITS} digits")

    def __repr__(self) -> str:
        return "Credentials(***)"

    def fits_header(self, authorization: str) -> bool:
        """Tell whether an Authorization header carries the token."""
        return hmac.compare_digest(authorization.encode(), f"Bearer {self.token}".encode())

    def fits_command(self, request: Request) -> bool:
        """Tell whether a command carries the deposit code; a poll carries none."""
        if request.body is None:
            return True
        return hmac.compare_digest(request.deposit_code().encode(), self.deposit_code.encode())


@dataclass(frozen=True, slots=True)
class Visit:
    """One command that has arrived: its journal number, what it asks, and what goes wrong with it.

    `refusal` is an answer that stands before any work; `wire` is how its answer travels; `status` is HTTP's.
    """

    number: int
    request: Request
    status: int = 200
    refusal: Answer | None = None
    wire: Misbehaviour | None = None
    stale: Misbehaviour | None = None


class Desk:
    """The registry's counter. Safe to use from several threads."""

    def __init__(
        self,
        books: Books,
        credentials: Credentials,
        rules: Rules,
        *,
        clock: Callable[[], datetime],
        keep_hours: bool,
    ) -> None:
        self._books = books
        self._credentials = credentials
        self._rules = rules
        self._clock = clock
        self._keep_hours = keep_hours

    def receive(self, posted: bytes, *, authorization: str, session: str) -> Visit:
        """Journal what was posted, and find out what goes wrong with it."""
        request, refusal = _read(posted)
        with self._books.page(self._clock()) as page:
            number = page.receive(
                request.command,
                session=session,
                name=next(iter(request.names), None),
                client_transaction_id=request.client_transaction_id or None,
            )
            if self._keep_hours and hours.is_closed(page.now):
                return Visit(number, request, wire=Misbehaviour(Behaviour.CLOSED))
            if not self._credentials.fits_header(authorization):
                return Visit(number, request, status=401, refusal=Answer(2200, "The token is not valid."))

            def take(*among: Behaviour) -> Misbehaviour | None:
                return page.take_misbehaviour(
                    among, command=request.command, names=request.names, number=number
                )

            return Visit(
                number,
                request,
                refusal=refusal or _ordered_refusal(request, take),
                wire=take(*ON_THE_WIRE),
                stale=take(Behaviour.STALE) if request.command in _LOOKS else None,
            )

    def answer(self, visit: Visit, *, heard: bool = True) -> bytes:
        """Carry the command out and return the document that answers it; `heard` says whether it will be sent."""
        now = self._clock()
        server_transaction_id = new_transaction_id(now)
        try:
            answer = self._work(visit, now, server_transaction_id, heard=heard)
        except RefusedError as refused:
            answer = refused.answer
            if heard:
                with self._books.page(now) as page:
                    page.answered(visit.number, answer.code)
        return document(
            answer,
            client_transaction_id=visit.request.client_transaction_id,
            server_transaction_id=server_transaction_id,
        )

    def _work(self, visit: Visit, now: datetime, server_transaction_id: str, *, heard: bool) -> Answer:
        self._decide(now)
        if visit.refusal is not None:
            refusal = visit.refusal
            raise RefusedError(refusal.code, refusal.reason, refusal.value)
        if not self._credentials.fits_command(visit.request):
            raise RefusedError(2202, "The deposit code is not valid.", "authInfo")
        with self._books.page(now) as page:
            errand = Errand(page, visit.request, self._rules, server_transaction_id, visit.stale)
            answer = COMMANDS[visit.request.command](errand)
            if heard:
                page.answered(visit.number, answer.code)
        return answer

    def _decide(self, now: datetime) -> None:
        """Decide what has fallen due, apart from the command: its refusal must not take a verdict back."""
        with self._books.page(now) as page:
            decide_what_is_due(page)


def _ordered_refusal(request: Request, take: Callable[..., Misbehaviour | None]) -> Answer | None:
    if request.command in _SPENDING and take(Behaviour.NO_DEPOSIT) is not None:
        return Answer(2104, spending.NOT_ENOUGH_CREDIT)
    ordered = take(Behaviour.REFUSE)
    return None if ordered is None else Answer(*ordered.refusal())


def _read(posted: bytes) -> tuple[Request, Answer | None]:
    """Return the request, and the refusal it earns by its form alone."""
    request = Request(command="unreadable", client_transaction_id="")
    try:
        request = requests.read(posted)
        request.check_shape()
    except RefusedError as refused:
        return request, refused.answer
    return request, None
