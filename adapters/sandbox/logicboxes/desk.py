"""How is one call taken in, journalled, carried out and answered? One page for its arrival, one for its work.

The arrival is committed first, with the misbehaviour that it meets, so that a call which is never answered is in the
journal all the same. The journal's result code is HTTP's status; a call carries no transaction id of the client.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from adapters.sandbox.books import Books
from adapters.sandbox.logicboxes import account, actions, changes, looks, people, spending, terms
from adapters.sandbox.logicboxes.decisions import decide_what_is_due
from adapters.sandbox.logicboxes.errand import Errand, Rules
from adapters.sandbox.logicboxes.fields import Fields
from adapters.sandbox.logicboxes.names import join, parse
from adapters.sandbox.logicboxes.replies import RefusedError, error
from adapters.sandbox.misbehaviour import ON_THE_WIRE, Behaviour, Misbehaviour
from adapters.sandbox.page import Page
from adapters.sandbox.web import Answer, Request


@dataclass(frozen=True, slots=True)
class Route:
    """One call of the API: its common word, whether it reads or writes, and what carries it out."""

    command: str
    methods: tuple[str, ...]
    work: Callable[[Errand], Answer]


def _read(command: str, work: Callable[[Errand], Answer]) -> Route:
    return Route(command, ("GET",), work)


def _write(command: str, work: Callable[[Errand], Answer]) -> Route:
    return Route(command, ("POST",), work)


ROUTES: Mapping[str, Route] = {
    "domains/available": _read("domain:check", looks.available),
    "domains/idn-available": _read("domain:check", looks.idn_available),
    "domains/orderid": _read("domain:info", looks.order_number),
    "domains/details": _read("domain:info", looks.details),
    "domains/details-by-name": _read("domain:info", looks.details_by_name),
    "domains/locks": _read("domain:info", looks.locks),
    "domains/search": _read("domain:list", looks.search),
    "domains/validate-transfer": Route("domain:transfer:query", ("GET", "POST"), spending.validate_transfer),
    "domains/register": _write("domain:create", spending.register),
    "domains/renew": _write("domain:renew", spending.renew),
    "domains/transfer": _write("domain:transfer", spending.transfer),
    "domains/transfer/submit-auth-code": _write("domain:transfer:code", changes.submit_auth_code),
    "domains/cancel-transfer": _write("domain:transfer:cancel", changes.cancel_transfer),
    "domains/restore": _write("domain:restore", spending.restore),
    "domains/delete": _write("domain:delete", spending.delete),
    "domains/modify-ns": _write("domain:update", changes.nameservers),
    "domains/enable-theft-protection": _write("domain:update", changes.lock),
    "domains/disable-theft-protection": _write("domain:update", changes.unlock),
    "domains/modify-contact": _write("domain:update", changes.contacts),
    "domains/modify-auth-code": _write("domain:update", changes.auth_code),
    "orders/suspend": _write("domain:update", changes.suspend),
    "orders/unsuspend": _write("domain:update", changes.unsuspend),
    "contacts/add": _write("contact:create", people.add),
    "contacts/search": _read("contact:list", people.search),
    "contacts/details": _read("contact:info", people.look),
    "customers/details": _read("customer:info", people.customer),
    "actions/search-current": _read("account:statement", actions.search_current),
    "actions/search-archived": _read("account:statement", actions.search_archived),
    "billing/reseller-balance": _read("account:balance", account.balance),
    "products/reseller-cost-price": _read("account:prices", account.prices),
}
"""By the path below `/api/`, without `.json`."""

_LOOKS = frozenset({"domain:check", "domain:info", "domain:list", "account:statement"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whom the platform lets in: a reseller with its key, from certain addresses only."""

    reseller_id: str
    api_key: str
    addresses: frozenset[str]

    def __repr__(self) -> str:
        return "Credentials(***)"

    def refusal(self, fields: Fields, address: str) -> RefusedError | None:
        """Tell why a caller is not let in; None for one who is."""
        if address not in self.addresses:
            return RefusedError("Access Denied: Your IP address is not allowed.", status=403)
        stated = f"{fields.maybe('auth-userid')}:{fields.maybe('api-key')}"
        if not hmac.compare_digest(stated.encode(), f"{self.reseller_id}:{self.api_key}".encode()):
            return RefusedError("Access Denied: You are not authorized to perform this action.", status=401)
        return None


@dataclass(frozen=True, slots=True)
class Visit:
    """One call that has arrived: its journal number, what it asks, and what goes wrong with it.

    `refusal` is an answer that stands before any work; `wire` is how its answer travels.
    """

    desk: "Desk"
    number: int
    route: Route | None
    fields: Fields
    refusal: RefusedError | None = None
    wire: Misbehaviour | None = None
    stale: Misbehaviour | None = None

    def answer(self, *, heard: bool = True) -> Answer:
        """Carry the call out and say what it came to."""
        return self.desk.answer(self, heard=heard)


class Desk:
    """The platform's counter. Safe to use from several threads."""

    def __init__(
        self, books: Books, credentials: Credentials, rules: Rules, *, clock: Callable[[], datetime]
    ) -> None:
        self._books = books
        self._credentials = credentials
        self._rules = rules
        self._clock = clock

    def receive(self, request: Request) -> Visit:
        """Journal what was asked, and find out what goes wrong with it."""
        route = ROUTES.get(request.path.removeprefix("/api/").removesuffix(".json"))
        fields = Fields.of(request)
        with self._books.page(self._clock()) as page:
            command, names = route.command if route else "unknown", _names(page, fields)
            number = page.receive(command, session=request.session, name=next(iter(names), None))
            refusal = self._credentials.refusal(fields, request.session.rpartition(":")[0])
            refusal = refusal or _not_served(route, request)
            if refusal is not None:
                return Visit(self, number, route, fields, refusal)

            def take(*among: Behaviour) -> Misbehaviour | None:
                return page.take_misbehaviour(among, command=command, names=names, number=number)

            return Visit(
                self,
                number,
                route,
                fields,
                refusal=_ordered_refusal(take(Behaviour.REFUSE)),
                wire=take(*ON_THE_WIRE),
                stale=take(Behaviour.STALE) if command in _LOOKS else None,
            )

    def answer(self, visit: Visit, *, heard: bool) -> Answer:
        """Carry a visit's call out; `heard` says whether its answer will be sent, and so is journalled."""
        now = self._clock()
        try:
            answer = self._work(visit, now)
        except RefusedError as refused:
            answer = refused.answer()
        if heard:
            with self._books.page(now) as page:
                page.answered(visit.number, answer.status)
        return answer

    def _work(self, visit: Visit, now: datetime) -> Answer:
        with self._books.page(now) as page:
            # Apart from the call: its refusal must not take a verdict back.
            decide_what_is_due(page)
        if visit.refusal is not None:
            raise visit.refusal
        if visit.route is None:
            return error("Unknown call.", status=HTTPStatus.NOT_FOUND)
        with self._books.page(now) as page:
            errand = Errand(page, visit.fields, self._rules, visit.route.command, visit.stale)
            return visit.route.work(errand)


def _not_served(route: Route | None, request: Request) -> RefusedError | None:
    if route is None:
        return RefusedError("Unknown call.", status=HTTPStatus.NOT_FOUND)
    if request.method not in route.methods:
        return RefusedError("The HTTP method is not allowed.", status=HTTPStatus.METHOD_NOT_ALLOWED)
    return None


def _ordered_refusal(ordered: Misbehaviour | None) -> RefusedError | None:
    """Return what `refuse` asks for: the platform's message in the argument, after an HTTP status if one is stated."""
    if ordered is None:
        return None
    word, _, rest = ordered.argument.partition(" ")
    if word.isdecimal():
        return RefusedError(rest, status=int(word))
    return RefusedError(ordered.argument)


def _names(page: Page, fields: Fields) -> list[str]:
    """Return the names that a call is about, as the books have them: stated, or behind an order's number."""
    try:
        tlds = fields.many("tlds") or fields.many("tld")
        stated = fields.many("domain-name")
        if tlds:
            return [join(label, tld).ascii for tld in tlds for label in stated]
        if stated:
            return [parse(name).ascii for name in stated]
    except RefusedError:
        return []
    numbers = set(fields.many("order-id"))
    return [row.name for row in page.domains() if numbers & terms.order_numbers(row)]
