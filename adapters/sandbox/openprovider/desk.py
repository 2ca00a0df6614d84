"""How is one request taken in, journalled, carried out and answered? One page for its arrival, one for its work.

The arrival is committed first, with the misbehaviour that it meets, so that a request which is never answered is in the
journal all the same. What falls due by itself (verdicts, renewals) has a page of its own before the work.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.sandbox.books import Books
from adapters.sandbox.misbehaviour import ON_THE_WIRE, Behaviour, Misbehaviour
from adapters.sandbox.openprovider import changes, customers, lifecycle, looks, requests, spending, statement
from adapters.sandbox.openprovider.answers import (
    LOGIN_FAILED,
    MAINTENANCE,
    NO_CREDIT,
    RefusedError,
    maintenance,
    not_found,
    success,
)
from adapters.sandbox.openprovider.decisions import decide_what_is_due
from adapters.sandbox.openprovider.errand import Errand, Rules
from adapters.sandbox.openprovider.register import Register
from adapters.sandbox.openprovider.requests import Call
from adapters.sandbox.openprovider.tokens import Credentials, Tokens
from adapters.sandbox.page import Page
from adapters.sandbox.web import Answer, Plain, Request
from adapters.sandbox.web import Visit as WebVisit

Work = Callable[[Errand], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """Which method and path mean which command, in the books' common words, and what carries it out."""

    method: str
    path: str
    command: str
    work: Work | None

    def match(self, request: Request) -> re.Match[str] | None:
        """Match a request; `{id}` and `{handle}` in the path give the key."""
        if request.method != self.method:
            return None
        pattern = self.path.replace("{id}", r"(?P<key>\d+)").replace("{handle}", r"(?P<key>[\w-]+)")
        return re.fullmatch(pattern, requests.path_of(request))


LOGIN = Route("POST", "auth/login", "login", None)
ROUTES = (
    LOGIN,
    Route("POST", "domains/check", "domain:check", looks.check),
    Route("GET", "domains/prices", "domain:price", looks.price_of),
    Route("GET", "domains", "domain:info", looks.listed),
    Route("POST", "domains", "domain:create", spending.register),
    Route("POST", "domains/transfer", "domain:transfer", spending.transfer),
    Route("GET", "domains/{id}", "domain:info", looks.get),
    Route("PUT", "domains/{id}", "domain:update", changes.update),
    Route("DELETE", "domains/{id}", "domain:delete", changes.delete),
    Route("POST", "domains/{id}/renew", "domain:renew", spending.renew),
    Route("POST", "domains/{id}/restore", "domain:restore", spending.restore),
    Route("POST", "domains/{id}/transfer/approve", "domain:transfer:approve", changes.answer_transfer),
    Route("GET", "domains/{id}/authcode", "domain:authcode", changes.auth_code),
    Route("POST", "domains/{id}/authcode/reset", "domain:authcode:reset", changes.reset_auth_code),
    Route("GET", "transactions", "account:statement", statement.transactions),
    Route("GET", "resellers", "account:balance", statement.reseller),
    Route("POST", "customers", "contact:create", customers.create),
    Route("GET", "customers", "contact:info", customers.listed),
    Route("GET", "customers/{handle}", "contact:info", customers.get),
    Route("PUT", "customers/{handle}", "contact:update", customers.update),
)

SPENDING = frozenset({"domain:create", "domain:renew", "domain:transfer", "domain:restore"})
LOOKS = frozenset({"domain:check", "domain:info", "account:statement"})


class Desk:
    """The platform's counter. Safe to use from several threads."""

    def __init__(
        self,
        books: Books,
        credentials: Credentials,
        tokens: Tokens,
        rules: Rules,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._books = books
        self._credentials = credentials
        self._tokens = tokens
        self._rules = rules
        self._clock = clock
        self._register = Register(books.path)
        self._currency = self._register.currency()

    def receive(self, request: Request) -> WebVisit:
        """Journal what arrived, and find out what goes wrong with it."""
        route, match = _route(request)
        if route is None or match is None:
            return Plain(not_found())
        call, refusal = self._read(request, route, match)
        with self._books.page(self._clock()) as page:
            number = page.receive(route.command, session=request.session, name=next(iter(call.names), None))
            is_known = self._tokens.accept(request.header("Authorization"), page.now)
            if route is not LOGIN and not is_known:
                page.answered(number, LOGIN_FAILED)
                return Plain(RefusedError(LOGIN_FAILED).answer(self._rules.unauthorised_status))
            return _met(page, Visit(self, number, route, call, refusal=refusal))

    def answer(self, visit: "Visit", *, heard: bool) -> Answer:
        """Carry the request out and answer it; `heard` says whether that will be sent."""
        now = self._clock()
        try:
            answer, code = success(self._work(visit, now)), 0
        except RefusedError as refused:
            answer, code = refused.answer(self._rules.refusal_status), refused.code
        if heard:
            with self._books.page(now) as page:
                page.answered(visit.number, code)
        return answer

    def _read(self, request: Request, route: Route, match: re.Match[str]) -> tuple[Call, RefusedError | None]:
        """Return the request as its route reads it, and the refusal that its form alone earns."""
        try:
            return self._named(requests.read(request, route.command, match)), None
        except RefusedError as refused:
            return Call(route.command), refused

    def _named(self, call: Call) -> Call:
        """Put the name to a domain's number."""
        if not call.key.isdecimal():
            return call
        return replace(call, name=self._register.name(int(call.key)))

    def _work(self, visit: "Visit", now: datetime) -> Any:
        with self._books.page(now) as page:
            # Apart from the request: its refusal must not take back what fell due by itself.
            decide_what_is_due(page)
            lifecycle.renew_what_is_due(page, self._register.renewed_by_themselves(), self._rules.extensions)
        if visit.refusal is not None:
            raise visit.refusal
        if visit.route.work is None:
            return self._logged_in(visit.call, now)
        with self._books.page(now) as page:
            return visit.route.work(
                Errand(page, visit.call, self._rules, self._register, self._currency, visit.stale)
            )

    def _logged_in(self, call: Call, now: datetime) -> Any:
        if not self._credentials.fit(call.text("username"), call.text("password")):
            raise RefusedError(LOGIN_FAILED)
        return {"token": self._tokens.issue(now), "reseller_id": 1}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that has arrived: its journal number, what it asks, and what goes wrong with it."""

    desk: Desk
    number: int
    route: Route
    call: Call
    wire: Misbehaviour | None = None
    refusal: RefusedError | None = None
    stale: Misbehaviour | None = None

    def answer(self, *, heard: bool = True) -> Answer:
        """Carry the request out and answer it."""
        return self.desk.answer(self, heard=heard)


def _route(request: Request) -> tuple[Route | None, re.Match[str] | None]:
    for route in ROUTES:
        match = route.match(request)
        if match is not None:
            return route, match
    return None, None


def _met(page: Page, visit: Visit) -> WebVisit:
    """Return the visit with the misbehaviours that it meets in the books."""
    call = visit.call

    def take(*among: Behaviour) -> Misbehaviour | None:
        return page.take_misbehaviour(among, command=call.command, names=call.names, number=visit.number)

    wire = take(*ON_THE_WIRE)
    if wire is not None and wire.behaviour is Behaviour.CLOSED:
        page.answered(visit.number, MAINTENANCE)
        return Plain(maintenance())
    return replace(
        visit,
        wire=wire,
        refusal=visit.refusal or _ordered(call, take),
        stale=take(Behaviour.STALE) if call.command in LOOKS else None,
    )


def _ordered(call: Call, take: Callable[..., Misbehaviour | None]) -> RefusedError | None:
    """Return the refusal that the books order."""
    if call.command in SPENDING and take(Behaviour.NO_DEPOSIT) is not None:
        return RefusedError(NO_CREDIT)
    ordered = take(Behaviour.REFUSE)
    return None if ordered is None else RefusedError(*ordered.refusal())
