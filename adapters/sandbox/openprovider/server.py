"""Where does the Openprovider sandbox listen? HTTPS on loopback, everything below `/v1beta/`."""

from collections.abc import Callable, Mapping
from datetime import datetime

from adapters.sandbox.books import Books
from adapters.sandbox.openprovider import answers, catalogue
from adapters.sandbox.openprovider.catalogue import Extension
from adapters.sandbox.openprovider.desk import Desk
from adapters.sandbox.openprovider.errand import Rules
from adapters.sandbox.openprovider.requests import ROOT
from adapters.sandbox.openprovider.tokens import Credentials, Tokens
from adapters.sandbox.tls import Certificates
from adapters.sandbox.web import Door, Pages, WebSandbox, real_time

TWO_DAYS = 48 * 3600.0


class OpenproviderSandbox(WebSandbox):
    """A registrar that speaks Openprovider's REST wire (v1beta, facts §4) on this machine and keeps its books.

    `token_seconds`: how long a login is good for. `decide_after_seconds`: when what was left pending is approved unless a
    misbehaviour says otherwise; None leaves it to `Books.approve` and `Books.reject`. `handle_lag_seconds`: how long a new
    handle is unknown to the domains. `refusal_status`, `unauthorised_status`: the HTTP statuses of a refusal and of a
    token that is not good, which differ in the field. `extensions`, `premium` and `reserved` are what is offered.
    `clock` gives the platform's time, aware.

    A domain seeded with `detail={"autorenew": "on"}` is renewed from the credit, unasked, when its renewal date comes; one
    with `detail={"gaining": "…"}` waits for us to approve its transfer away.
    """

    def __init__(
        self,
        books: Books,
        *,
        certificates: Certificates,
        username: str,
        password: str,
        token_seconds: float = TWO_DAYS,
        host: str = "127.0.0.1",
        port: int = 0,
        decide_after_seconds: float | None = 2.0,
        handle_lag_seconds: float = 0.0,
        refusal_status: int = 500,
        unauthorised_status: int = 401,
        extensions: Mapping[str, Extension] = catalogue.EXTENSIONS,
        premium: Mapping[str, int] = catalogue.PREMIUM,
        reserved: frozenset[str] = catalogue.RESERVED,
        clock: Callable[[], datetime] = real_time,
    ) -> None:
        rules = Rules(
            decide_after_seconds=decide_after_seconds,
            handle_lag_seconds=handle_lag_seconds,
            refusal_status=refusal_status,
            unauthorised_status=unauthorised_status,
            extensions=extensions,
            premium=premium,
            reserved=reserved,
        )
        desk = Desk(books, Credentials(username, password), Tokens(token_seconds), rules, clock=clock)
        super().__init__(
            desk.receive,
            certificates=certificates,
            door=Door(ROOT),
            pages=Pages(failure=answers.failure()),
            host=host,
            port=port,
        )

    @property
    def url(self) -> str:
        """The API's root while it listens, written as the real one is published: no slash at its end."""
        return super().url.removesuffix("/")
