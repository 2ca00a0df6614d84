"""What a face's tests are handed: a desk over a real database, a zone of each kind, and a registrar that is looked at."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.desk import Desk
from registrar.commands import ContactRole, Errand, Expiry, Kind
from registrar.database import Database
from registrar.deposits import Forecast
from registrar.gateway import (
    Capabilities,
    GatewayUnavailableError,
    Guard,
    Sighting,
    Standing,
    StatementLine,
)
from registrar.models import Base
from registrar.names import DomainName
from registrar.orders.requests import ZoneOffer
from registrar.orders.terms import Terms
from registrar.outcomes import Done, Outcome, Reply
from registrar.secrets import Keyring, Secret
from registrar.statements import Reconciliation
from registrar.sync.runs import RunView
from registrar.sync.vocabulary import Mode
from tests.agreement.rulebook import standard

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

CAN = Capabilities(
    kinds=frozenset({Kind.REGISTER, Kind.RENEW, Kind.TRANSFER}),
    guards={
        Kind.REGISTER: Guard.NAME,
        Kind.RENEW: Guard.CURRENT_EXPIRY,
        Kind.TRANSFER: Guard.PENDING_TRANSFER,
    },
    can_look=True,
    late_limit=MINUTE,
    look_gap=MINUTE,
    long_look=2 * MINUTE,
)
WITH_A_REGISTRANT = replace(CAN, contact_roles=frozenset({ContactRole.REGISTRANT}))

CATALOGUE = {
    "com": ZoneOffer(
        "com",
        "USD",
        dict.fromkeys((Kind.REGISTER, Kind.RENEW, Kind.TRANSFER), ("epp",)),
        {
            Kind.REGISTER: frozenset({12, 24}),
            Kind.RENEW: frozenset({12, 24}),
            Kind.TRANSFER: frozenset({12}),
        },
        {"epp": WITH_A_REGISTRANT},
    ),
    "ir": ZoneOffer(
        "ir",
        "IRR",
        {Kind.REGISTER: ("irnic",), Kind.RENEW: ("irnic",)},
        {Kind.REGISTER: frozenset({12, 60}), Kind.RENEW: frozenset({12, 60})},
    ),
}


@dataclass
class Registrars:
    """What can be seen at the registrars; a name that is not listed is free, and one in `silent` cannot be seen."""

    names: dict[str, datetime] = field(default_factory=dict)
    """Our names, with their expiry."""
    silent: set[str] = field(default_factory=set)
    looks: list[tuple[str, str, Kind]] = field(default_factory=list)
    rung: list[tuple[str, int]] = field(default_factory=list)
    errands: list[tuple[str, Errand]] = field(default_factory=list)
    answers: dict[type, Outcome] = field(default_factory=dict)
    """What an errand of a type comes to; all others are done."""
    forecasts: dict[str, Forecast] = field(default_factory=dict)
    statements: list[tuple[str, date, date, tuple[StatementLine, ...] | None]] = field(default_factory=list)
    reconciliations: dict[str, Reconciliation] = field(default_factory=dict)
    syncs: list[tuple[Mode, str]] = field(default_factory=list)
    run_of_sync: Callable[[Callable[[], bool]], RunView] = field(
        default=lambda _: pytest.fail("not tried here")
    )
    """How a sync ends; it is handed what tells to stop."""
    now: datetime = START

    def look(self, registrar: str, name: DomainName, kind: Kind) -> Sighting:
        """Look at a name: the contract of `Desk.look`."""
        self.looks.append((registrar, name.ascii, kind))
        if name.ascii in self.silent:
            return Sighting(name, self.now, registrar, Standing.UNKNOWN, reason="no connection")
        expires = self.names.get(name.ascii)
        if expires is None:
            return Sighting(name, self.now, registrar, Standing.FREE)
        return Sighting(
            name,
            self.now,
            registrar,
            Standing.REGISTERED,
            ours=True,
            sponsor="us",
            created_at=self.now,
            expiry=Expiry(expires, expires.isoformat()),
            statuses=frozenset({"ok"}),
        )

    def inspect(self, registrar: str) -> Mapping[str, str]:
        """Tell what is there: the contract of `Desk.inspect`."""
        if registrar in self.silent:
            raise GatewayUnavailableError(f"{registrar} does not answer: is its address right?")
        return {"greeting": "a registry of the tests", "deposit": "1,000 USD"}

    def run(self, registrar: str, errand: Errand) -> Outcome:
        """Run an errand: the contract of `Desk.run`."""
        self.errands.append((registrar, errand))
        return self.answers.get(type(errand), Done(Reply("1000")))

    def auth_info(self, registrar: str, name: DomainName) -> Secret | None:
        """Tell a name's auth code: the contract of `Desk.auth_info`."""
        if registrar in self.silent:
            raise GatewayUnavailableError(f"{registrar} does not answer: is its address right?")
        return Secret("planted-auth-code") if name.ascii in self.names else None

    def read_deposit(self, registrar: str) -> Forecast | None:
        """Tell a registrar's deposit: the contract of `Desk.read_deposit`."""
        return self.forecasts.get(registrar)

    def reconcile(
        self, registrar: str, since: date, until: date, lines: tuple[StatementLine, ...] | None
    ) -> Reconciliation | None:
        """Compare a statement: the contract of `Desk.reconcile`."""
        self.statements.append((registrar, since, until, lines))
        return self.reconciliations.get(registrar)

    def sync(
        self, mode: Mode, actor: str, watch: Callable[[RunView], object], is_stopped: Callable[[], bool]
    ) -> RunView:
        """Look at every name: the contract of `Desk.sync`; what it comes to is what a test has put here."""
        self.syncs.append((mode, actor))
        ended = self.run_of_sync(is_stopped)
        watch(ended)
        return ended

    def ring(self, registrar: str, order_id: int) -> None:
        """Note who was rung."""
        self.rung.append((registrar, order_id))


@dataclass(frozen=True)
class Shop:
    """A desk, and the far side that its tests arrange."""

    desk: Desk
    registrars: Registrars

    def rows(self) -> dict[str, int]:
        """Count every table's rows: what is stored shows here."""
        with self.desk.database.reading() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in Base.metadata.sorted_tables
            }


@contextmanager
def opened(database_url: str) -> Iterator[Shop]:
    """Open a desk over a database."""
    registrars = Registrars()
    database = Database(database_url)
    try:
        yield Shop(
            Desk(
                database=database,
                keyring=Keyring([Keyring.new_key()]),
                catalogue=CATALOGUE,
                terms={"epp": TERMS, "irnic": TERMS},
                rules=standard(),
                look=registrars.look,
                inspect=registrars.inspect,
                run=registrars.run,
                auth_info=registrars.auth_info,
                read_deposit=registrars.read_deposit,
                reconcile=registrars.reconcile,
                ring=registrars.ring,
                now=lambda: registrars.now,
                sync=registrars.sync,
            ),
            registrars,
        )
    finally:
        database.close()


TERMS = Terms(
    capabilities=CAN,
    lease=2 * MINUTE,
    in_flight_cap=6,
    max_unknowns=5,
    max_crashes=3,
    correct_within=timedelta(days=14),
    follow_every=MINUTE,
    pending_alarm=timedelta(days=3),
    look_retry=MINUTE,
    max_failed_looks=12,
    not_sent_retry=MINUTE,
    documents_within=timedelta(days=10),
    hold_probe=MINUTE,
)

REGISTRANT = {
    "reference": "c-1",
    "name": "Mina Example",
    "email": "mina@example.net",
    "street": "1 Invented Street",
    "city": "Tehran",
    "country_code": "IR",
}
"""An invented person."""


def an_order(**changes: Any) -> dict[str, Any]:
    """Return a valid order's fields, with changes; a change to None leaves the field out."""
    order: dict[str, Any] = {
        "customer": "c-42",
        "kind": "renew",
        "domain": "mina.com",
        "months": 12,
        "price": {"amount": 1250, "currency": "USD"},
        "payment": {"source": "outside", "paid_at": "2026-11-22T09:59:00Z", "reference": "invoice-7"},
        "expected_expiry": "2027-03-01",
    }
    return {name: value for name, value in (order | changes).items() if value is not None}


def a_transfer(**changes: Any) -> dict[str, Any]:
    """Return a valid transfer's fields, with changes."""
    return an_order(
        **({"kind": "transfer", "expected_expiry": None, "auth_info": "planted-auth-code"} | changes)
    )


def a_registration(**changes: Any) -> dict[str, Any]:
    """Return a valid registration's fields, with changes."""
    return an_order(
        **({"kind": "register", "expected_expiry": None, "contacts": {"registrant": REGISTRANT}} | changes)
    )
