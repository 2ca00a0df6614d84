"""How is one posted document taken in, journalled, carried out and answered? One page for its arrival, one for its work.

The arrival is committed first, with the misbehaviour that it meets, so that a request which is never answered is in the
journal all the same. All that the request changes is on the second page, and none of it if the request is refused.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.sandbox import web
from adapters.sandbox.books import Books
from adapters.sandbox.misbehaviour import ON_THE_WIRE, Behaviour, Misbehaviour
from adapters.sandbox.opensrs import changes, envelope, history, looks, pending, requests, spending
from adapters.sandbox.opensrs.answers import RefusedError, Reply
from adapters.sandbox.opensrs.archive import Archive
from adapters.sandbox.opensrs.decisions import decide_what_is_due, release_if_lapsed
from adapters.sandbox.opensrs.errand import Errand
from adapters.sandbox.opensrs.requests import Request
from adapters.sandbox.opensrs.signature import Credentials
from adapters.sandbox.page import Page

XML = "text/xml; charset=utf-8"

ACTIONS: Mapping[str, Callable[[Errand], Reply]] = {
    "LOOKUP": looks.check,
    "GET_PRICE": looks.price,
    "GET": looks.look,
    "GET_BALANCE": looks.balance,
    "GET_DOMAINS_BY_EXPIREDATE": looks.by_expiry,
    "RENEW": spending.renew,
    "REDEEM": spending.redeem,
    "PROCESS_PENDING": pending.complete,
    "CANCEL_PENDING_ORDERS": pending.cancel_all,
    "GET_ORDER_INFO": history.order,
    "GET_ORDERS_BY_DOMAIN": history.orders_of_a_name,
    "CHECK_TRANSFER": history.check_transfer,
    "GET_TRANSFERS_IN": history.transfers,
    "CANCEL_TRANSFER": history.cancel_transfer,
    "MODIFY": changes.modify,
    "ADVANCED_UPDATE_NAMESERVERS": changes.set_nameservers,
    "REVOKE": changes.revoke,
}
"""What answers each action, but SW_REGISTER, which is two."""

_LOOKS = frozenset({"domain:check", "domain:info", "domain:transfer:query"})


class Desk:
    """The registrar's counter. Safe to use from several threads."""

    def __init__(
        self,
        books: Books,
        credentials: Credentials,
        *,
        decide_after_seconds: float | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._books = books
        self._archive = Archive(books.path)
        self._credentials = credentials
        self._decide_after_seconds = decide_after_seconds
        self._clock = clock

    def receive(self, arrived: web.Request) -> web.Visit:
        """Journal what was posted, and find out what goes wrong with it."""
        request, refusal = _read(arrived.body)
        request = self._with_its_name(request)
        with self._books.page(self._clock()) as page:
            number = page.receive(
                request.command, session=arrived.session, name=next(iter(request.names), None)
            )
            if not self._is_signed(arrived):
                return _Visit(self, number, request, status=401, refusal=Reply(401, "Authentication Error"))
            wire = page.take_misbehaviour(
                ON_THE_WIRE, command=request.command, names=request.names, number=number
            )
            ordered = _ordered_refusal(page, request, number)
            return _Visit(
                self,
                number,
                request,
                refusal=refusal or ordered,
                wire=wire,
                stale=_ordered_lag(page, request, number),
            )

    def carry_out(self, visit: "_Visit", *, heard: bool) -> Reply:
        """Do what a visit asks for, or refuse it; journal the answer if it will be heard."""
        now = self._clock()
        self._decide(now, visit.request)
        try:
            return self._work(visit, now, heard=heard)
        except RefusedError as refused:
            if heard:
                with self._books.page(now) as page:
                    page.answered(visit.number, refused.reply.code)
            return refused.reply

    def _work(self, visit: "_Visit", now: datetime, *, heard: bool) -> Reply:
        with self._books.page(now) as page:
            reply = visit.refusal or _answer(
                Errand(page, visit.request, self._archive, self._decide_after_seconds, visit.stale)
            )
            if heard:
                page.answered(visit.number, reply.code)
            return reply

    def _decide(self, now: datetime, request: Request) -> None:
        """Decide what has fallen due, apart from the request: its refusal must not take a verdict back."""
        with self._books.page(now) as page:
            decide_what_is_due(page)
            for name in request.names:
                release_if_lapsed(page, name)

    def _with_its_name(self, request: Request) -> Request:
        """Find the name of a request that states an order's number alone, for the journal and the misbehaviours."""
        number = request.text("order_id")
        order = self._archive.order(number) if number and not request.name else None
        return request if order is None else replace(request, about=order.name)

    def _is_signed(self, arrived: web.Request) -> bool:
        return self._credentials.fit(
            arrived.body, username=arrived.header("X-Username"), signature=arrived.header("X-Signature")
        )


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request that has arrived.

    `refusal` is an answer that stands before any work; `wire` is how its answer travels; `status` is HTTP's.
    """

    desk: Desk
    number: int
    request: Request
    status: int = 200
    refusal: Reply | None = None
    wire: Misbehaviour | None = None
    stale: Misbehaviour | None = None

    def answer(self, *, heard: bool = True) -> web.Answer:
        """Carry the request out and return the document that answers it."""
        return document(self.desk.carry_out(self, heard=heard), self.request.subject, self.status)


def document(reply: Reply, subject: str, status: int = 200) -> web.Answer:
    """Return the whole document of a reply, with a transaction id that nobody else has."""
    return web.Answer(status, XML, envelope.write(reply.block(subject, secrets.token_hex(8))))


def _answer(errand: Errand) -> Reply:
    if errand.request.action == "SW_REGISTER":
        return (
            spending.transfer(errand)
            if errand.request.command == "domain:transfer"
            else spending.register(errand)
        )
    return ACTIONS[errand.request.action](errand)


def _read(posted: bytes) -> tuple[Request, Reply | None]:
    """Return the request, and the refusal it earns by its form alone."""
    try:
        return requests.read(posted), None
    except RefusedError as refused:
        return Request(command="unreadable"), refused.reply


def _ordered_refusal(page: Page, request: Request, number: int) -> Reply | None:
    ordered = page.take_misbehaviour(
        {Behaviour.REFUSE}, command=request.command, names=request.names, number=number
    )
    return None if ordered is None else Reply(*ordered.refusal())


def _ordered_lag(page: Page, request: Request, number: int) -> Misbehaviour | None:
    if request.command not in _LOOKS:
        return None
    return page.take_misbehaviour(
        {Behaviour.STALE}, command=request.command, names=request.names, number=number
    )
