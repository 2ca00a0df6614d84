"""Where does the LogicBoxes sandbox listen? HTTPS on loopback, everything below `/api/`."""

from collections.abc import Callable
from datetime import datetime

from adapters.sandbox.books import Books
from adapters.sandbox.logicboxes.desk import Credentials, Desk
from adapters.sandbox.logicboxes.errand import Rules
from adapters.sandbox.logicboxes.replies import error
from adapters.sandbox.tls import Certificates
from adapters.sandbox.web import Door, Pages, WebSandbox, real_time

ROOT = "/api/"
PAGES = Pages(failure=error("An unexpected error occurred. Please try again."))
"""A call that was carried out and is said to have failed is answered as any business error is: 500, and a message."""


class LogicBoxesSandbox(WebSandbox):
    """A reseller platform that speaks the LogicBoxes HTTP API on this machine and keeps its books.

    `decide_after_seconds`: when a transfer or a deletion, or what `pending` was ordered for, is approved unless a
    misbehaviour says otherwise; None leaves it to `Books.approve` and `Books.reject`. `addresses` are those that the
    platform takes calls from. `clock` gives its time, aware. The books' balance and prices are cents of `currency`.
    """

    def __init__(
        self,
        books: Books,
        *,
        certificates: Certificates,
        reseller_id: str,
        api_key: str,
        host: str = "127.0.0.1",
        port: int = 0,
        decide_after_seconds: float | None = 2.0,
        currency: str = "USD",
        addresses: frozenset[str] = frozenset({"127.0.0.1", "::1"}),
        clock: Callable[[], datetime] = real_time,
    ) -> None:
        desk = Desk(
            books,
            Credentials(reseller_id, api_key, addresses),
            Rules(reseller_id, currency, decide_after_seconds),
            clock=clock,
        )
        super().__init__(
            desk.receive,
            certificates=certificates,
            door=Door(ROOT, frozenset({"GET", "POST"})),
            pages=PAGES,
            host=host,
            port=port,
        )
