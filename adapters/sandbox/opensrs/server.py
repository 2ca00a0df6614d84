"""Where does the OpenSRS sandbox listen? HTTPS on loopback; every request is a POST to the root."""

from collections.abc import Callable
from datetime import datetime

from adapters.sandbox import web
from adapters.sandbox.books import Books
from adapters.sandbox.opensrs.answers import Reply
from adapters.sandbox.opensrs.desk import Desk, document
from adapters.sandbox.opensrs.signature import Credentials
from adapters.sandbox.tls import Certificates

TIMED_OUT = Reply(705, "The command timed out: please resubmit it")
"""What a request is answered that was carried out and is said to have failed."""

_GARBAGE = b'\x00\x1f\x8b<OPS_envelope><body><data_block><dt_assoc><item key="is_success">1\xff\xfe'


class OpenSrsSandbox(web.WebSandbox):
    """A registrar that speaks XCP on this machine and keeps its books, in cents.

    `username` and `key` are what the reseller signs with. `decide_after_seconds`: when a transfer, or an order that is
    ordered to be `pending`, is approved unless a misbehaviour says otherwise; None leaves it to `Books.approve` and
    `Books.reject`. `clock` gives the registrar's time, aware.
    """

    def __init__(
        self,
        books: Books,
        *,
        certificates: Certificates,
        username: str,
        key: str,
        host: str = "127.0.0.1",
        port: int = 0,
        decide_after_seconds: float | None = 2.0,
        clock: Callable[[], datetime] = web.real_time,
    ) -> None:
        desk = Desk(books, Credentials(username, key), decide_after_seconds=decide_after_seconds, clock=clock)
        super().__init__(
            desk.receive,
            certificates=certificates,
            door=web.Door("/", frozenset({"POST"})),
            pages=web.Pages(garbage=_GARBAGE, failure=document(TIMED_OUT, "DOMAIN")),
            host=host,
            port=port,
        )
