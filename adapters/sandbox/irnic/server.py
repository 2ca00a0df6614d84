"""Where does the IRNIC sandbox listen? HTTPS on loopback, `POST /submit` and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import pages
from adapters.sandbox.irnic.desk import Credentials, Desk, Visit
from adapters.sandbox.irnic.errand import Rules
from adapters.sandbox.irnic.requests import LARGEST_DOCUMENT
from adapters.sandbox.misbehaviour import Misbehaviour
from adapters.sandbox.tls import Certificates
from adapters.sandbox.web import Answer, Door, Pages, Request, WebSandbox, real_time

PATH = "/submit"
RESTRICTED = frozenset({"iran", "nic", "tehran"})
"""Names that the registry keeps back, under every suffix."""

PAGES = Pages(
    gateway=pages.GATEWAY,
    maintenance=pages.MAINTENANCE,
    closed=pages.NIGHT,
    garbage=b'\x00\x1f\x8b<epp><response><result code="1000"><msg>Comm\xff\xfe',
)

_XML = "text/xml; charset=utf-8"


class IrnicSandbox(WebSandbox):
    """A registrar that speaks IRNIC's wire on this machine and keeps its books.

    `decide_after_seconds`: when a registration or renewal is approved unless a misbehaviour says otherwise; None leaves
    it to `Books.approve` and `Books.reject`. `activation_lags`: an approved registration stays reserved for as long
    again. `keep_hours`: closed from 23:00 to 00:30 by Tehran's clocks. `clock` gives the registry's time, aware.
    """

    def __init__(
        self,
        books: Books,
        *,
        certificates: Certificates,
        token: str,
        deposit_code: str,
        host: str = "127.0.0.1",
        port: int = 0,
        decide_after_seconds: float | None = 2.0,
        activation_lags: bool = False,
        restricted: frozenset[str] = RESTRICTED,
        keep_hours: bool = False,
        clock: Callable[[], datetime] = real_time,
    ) -> None:
        rules = Rules(decide_after_seconds, activation_lags=activation_lags, restricted=restricted)
        self._desk = Desk(books, Credentials(token, deposit_code), rules, clock=clock, keep_hours=keep_hours)
        super().__init__(
            self._receive,
            certificates=certificates,
            door=Door(PATH, frozenset({"POST"}), LARGEST_DOCUMENT),
            pages=PAGES,
            host=host,
            port=port,
        )

    def _receive(self, request: Request) -> "_Call":
        visit = self._desk.receive(
            request.body, authorization=request.header("Authorization"), session=request.session
        )
        return _Call(self._desk, visit)


@dataclass(frozen=True, slots=True)
class _Call:
    """A visit to IRNIC's desk, as the web sees it."""

    desk: Desk
    visit: Visit

    @property
    def wire(self) -> Misbehaviour | None:
        return self.visit.wire

    def answer(self, *, heard: bool = True) -> Answer:
        return Answer(self.visit.status, _XML, self.desk.answer(self.visit, heard=heard))
