"""What must be known of a registrar to try its adapter's promises? One description each; the promises are the same.

A `FarSide` runs a sandbox and its books, makes the gateway from a section of configuration as the product does, and puts
the books into the states from which orders start. Nothing in it knows how the adapter works.
"""

import itertools
import queue
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.records import Charge
from adapters.sandbox.tls import Certificates
from registrar.commands import (
    AnswerTransfer,
    Command,
    Contact,
    ContactRole,
    Delete,
    Errand,
    Handle,
    Kind,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
    TransferAnswer,
)
from registrar.gateway import Call, CallExpiredError, Capabilities, Gateway, Sighting
from registrar.judging import Go, Verdict, after_attempt, before_first_attempt, guard_expiry
from registrar.names import DomainName
from registrar.outcomes import Outcome
from registrar.secrets import Secret

AUTH_CODE = "Planted-Auth-c0de9"
ENDS = datetime.now(UTC).replace(microsecond=0) + timedelta(days=200)
"""When the names end that the books hold at first: whole seconds, for some registrars write no parts of one."""
SERVERS = (Nameserver("ns1.example.net"), Nameserver("ns2.example.net"))
OTHER_SERVERS = (Nameserver("ns1.example.net"), Nameserver("ns3.example.net"))
PERSON = Contact(
    reference="planted-1",
    name="Planted Person",
    email="planted.person@example.org",
    street=("Planted Street 12",),
    city="Plantedville",
    province="Plantedshire",
    country_code="NL",
    voice="+31.201234567",
    postal_code="1234AB",
    national_id=Secret("0060606060"),
)
"""An invented person."""
PERSONAL = frozenset(
    {"Planted Person", "planted.person@example.org", "Planted Street", "201234567", "0060606060"}
)
"""What of that person may stand nowhere."""
RETRY_AFTER = 7.5
"""What a rate limit says that grants no turn."""
PATIENCE_SECONDS = 20.0
"""How long anything may take before a promise counts as broken: far longer than any takes."""

T = TypeVar("T")

_numbers = itertools.count(1)


@dataclass
class Pace:
    """A rate limit that counts its turns and grants so many."""

    granted: float = inf
    taken: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, _: float) -> None:
        """Grant a turn, or say when one will come."""
        with self._lock:
            if self.taken >= self.granted:
                raise CallExpiredError("no turn came in time", retry_after=RETRY_AFTER)
            self.taken += 1


def call_with(*, seconds: float = 10.0, expired: bool = False, pace: Pace | None = None) -> Call:
    """Make a call's limits, with a transaction id that was never used; `expired`: the lease is over already."""
    now = time.monotonic()
    return Call(
        client_transaction_id=f"CT-{time.time_ns():x}-{next(_numbers)}",
        send_by=now - 1 if expired else now + seconds,
        finish_by=now + seconds,
        clock=time.monotonic,
        wait_for_turn=pace or Pace(),
    )


class Entry(NamedTuple):
    """One line of a registrar's journal: what arrived, and the result code if one was answered."""

    command: str
    name: str | None
    transaction_id: str | None
    code: int | None


@dataclass(frozen=True)
class Trial:
    """An order that can be carried out now, and the guard that the look before it gave."""

    command: Command
    guard: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name's A-label."""
        return self.command.domain.ascii

    @property
    def months(self) -> int:
        """Return the order's term."""
        return getattr(self.command, "months", 0)


class FarSide(ABC):
    """One registrar: its sandbox, its books, our gateway to it. Use it as a context manager."""

    name: ClassVar[str]
    """The column of the matrix."""
    adapter: ClassVar[str]
    """The adapter's name, as sightings tell it."""
    zone: ClassVar[str]
    kinds: ClassVar[tuple[Kind, ...]]
    """What can be ordered; a promise holds them against the adapter's own declaration."""
    why_not: ClassVar[Mapping[str, str]] = {}
    """By subject: why a promise does not apply here. Printed below the matrix."""
    wire: ClassVar[Mapping[Kind, str]] = {
        Kind.REGISTER: "domain:create",
        Kind.RENEW: "domain:renew",
        Kind.TRANSFER: "domain:transfer",
        Kind.RESTORE: "domain:restore",
    }
    """What spends, in the journal's words."""
    charged_as: ClassVar[Mapping[Kind, str]] = {}
    """What the books call a charge, where it is not the kind's own name."""
    first_step: ClassVar[str | None] = None
    """A request that a registration sends before the one that spends, in the journal's words."""
    at_fault: ClassVar[str]
    """A refusal (the argument of `refuse`) that says that our renewal is written wrong."""
    throttled: ClassVar[str]
    """A refusal (the argument of `refuse`) that says that it cannot be done just now."""
    wrong_credentials: ClassVar[Mapping[str, object]]
    """What of the section is spoilt so that the registrar refuses us."""
    secrets: ClassVar[frozenset[str]]
    """What of the section may stand nowhere."""
    idn_tables: ClassVar[frozenset[str]] = frozenset()
    """Tables that the section may list, where a registrar can be configured to ask for one."""
    renewing: ClassVar[Mapping[str, object]] = {}
    """What a name has in the books (its `detail`) that the registrar renews by itself; empty where it does not tell."""
    not_renewing: ClassVar[Mapping[str, object]] = {}
    """The same of a name that it lets expire."""
    balance: ClassVar[int] = 1_000_000
    unit: ClassVar[str] = "EUR"
    client_id: ClassVar[str] = "reseller"

    def __init__(self, folder: Path, certificates: Certificates) -> None:
        self.folder = folder
        self.certificates = certificates
        self.port = 0
        self._stack = ExitStack()
        self._gateway: Gateway | None = None

    # What each registrar says for itself.

    @abstractmethod
    def start(self) -> None:
        """Start the sandbox at `self.port`, and keep the port it got."""

    @abstractmethod
    def stop(self) -> None:
        """Stop the sandbox; twice is harmless."""

    @abstractmethod
    def section(self) -> dict[str, object]:
        """Return the adapter's section of configuration for the sandbox."""

    @abstractmethod
    def make(self, section: Mapping[str, object]) -> Gateway:
        """Make the adapter's gateway as the wiring does."""

    @abstractmethod
    def people(self) -> Mapping[ContactRole, Handle | Contact]:
        """Return the contacts that a registration here must name."""

    def new_contacts(self) -> Mapping[ContactRole, Handle | Contact]:
        """Return contacts that an update can give to a name of ours."""
        return {ContactRole.TECH: PERSON}

    def prepare(self) -> None:  # noqa: B027 - most registrars need nothing before
        """Put into the books what must be there before any order (handles, customers)."""

    def add(self, name: DomainName, **more: Any) -> None:
        """Put a registered name into the books, ours unless another sponsor is named."""
        self.books.add_domain(
            name.ascii, **{"expires_at": ENDS, "nameservers": [(one.host, ()) for one in SERVERS], **more}
        )

    def with_detail(self, **detail: object) -> Mapping[str, Any]:
        """Return what `add` needs besides for a name that has this in the books."""
        return {"detail": detail}

    def delete(self, name: DomainName) -> None:
        """Put a name of ours into the books that can be restored."""
        raise NotImplementedError(name)

    def add_of_another(self, name: DomainName) -> None:
        """Put a name into the books that another registrar has, and that leaves it with `AUTH_CODE`."""
        self.add(name, sponsor="other", auth_info=AUTH_CODE)

    def command(self, kind: Kind, name: DomainName, guard: Mapping[str, Any]) -> Command:
        """Write an order for a name that is in the state from which such an order starts."""
        match kind:
            case Kind.REGISTER:
                return Register(name, 12, contacts=self.people(), nameservers=SERVERS)
            case Kind.RENEW:
                return Renew(name, 12, guard_expiry(guard))
            case Kind.TRANSFER:
                people = self.people() if self.capabilities.transfer_contact_roles else {}
                return Transfer(name, 12, Secret(AUTH_CODE), contacts=people)
            case Kind.RESTORE:
                return Restore(name, 0)
            case _:
                raise NotImplementedError(kind)

    def ready_for(self, kind: Kind, name: DomainName) -> None:
        """Bring a name into the state from which such an order starts."""
        match kind:
            case Kind.RENEW:
                self.add(name)
            case Kind.TRANSFER:
                self.add_of_another(name)
            case Kind.RESTORE:
                self.delete(name)
            case _:
                return

    def decide(self, name: str) -> None:
        """Let what is pending on a name be approved."""
        self.books.approve(name)

    def pay_what_was_saved(self, trial: Trial) -> None:  # noqa: B027 - most pay by themselves
        """After a top-up, let an order go on that was saved while the deposit was empty; most registrars do it by themselves."""

    def errand(self, kind: type) -> Errand:
        """Write an errand that can be run now; of those alone that the adapter declares."""
        if kind is Delete:
            name = self.named("given-up")
            self.add(name)
            return Delete(name)
        if kind is AnswerTransfer:
            trial = self.trial(Kind.TRANSFER, "on-its-way")
            self.execute(trial.command)
            return AnswerTransfer(trial.command.domain, TransferAnswer.CANCEL)
        raise NotImplementedError(kind)

    def queue_messages(self) -> None:
        """Leave two messages in our queue: one that nobody knows to read, and after it one that decides an order."""
        raise NotImplementedError

    # What is the same for all.

    def __enter__(self) -> Self:
        self.books = self._stack.enter_context(
            Books.create(
                self.folder / f"{self.name}.sqlite",
                registrar_name=self.name,
                unit=self.unit,
                balance=self.balance,
                client_id=self.client_id,
            )
        )
        self.prepare()
        self.start()
        self._stack.callback(self.stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def connect(self, **changes: object) -> Gateway:
        """Make one more gateway, with changes to the section; it is closed at the end."""
        made = self.make({**self.section(), **changes})
        self._stack.callback(made.close)
        return made

    @property
    def gateway(self) -> Gateway:
        """Our gateway, made when it is first asked for."""
        if self._gateway is None:
            self._gateway = self.connect()
        return self._gateway

    def begin_anew(self) -> None:
        """Forget our gateway, as a process that ends does; the next one is made anew."""
        self._gateway = None

    @property
    def capabilities(self) -> Capabilities:
        """What the adapter declares."""
        return self.gateway.capabilities

    def needs(self, applies: object, subject: str) -> None:
        """Skip the promise, with the description's reason, where its subject does not exist here."""
        if not applies:
            pytest.skip(self.why_not[subject])

    def named(self, label: str) -> DomainName:
        """Return a name in the zone that is tried."""
        return DomainName(f"{label}.{self.zone}", self.zone)

    def trial(self, kind: Kind, label: str = "example") -> Trial:
        """Bring a name into the state from which such an order starts, look as the core does, and write the order."""
        name = self.named(label)
        self.ready_for(kind, name)
        go = before_first_attempt(
            kind, self.look(name, kind), expected_expiry="any", new_holder=self.new_holder
        )
        assert isinstance(go, Go), go
        return Trial(self.command(kind, name, go.guard), go.guard)

    new_holder: ClassVar[str | None] = None
    """The handle that a change of holder moves a name to, where there is such a thing."""

    def execute(
        self, command: Command | Errand, call: Call | None = None, *, by: Gateway | None = None
    ) -> Outcome:
        """Send it, once, by our gateway or another; fails if that takes for ever."""
        gateway = by or self.gateway
        return bounded(lambda: gateway.execute(command, call or call_with()))

    def look(
        self,
        name: DomainName,
        kind: Kind = Kind.REGISTER,
        call: Call | None = None,
        *,
        by: Gateway | None = None,
    ) -> Sighting:
        """Look at a name, by our gateway or another; fails if that takes for ever."""
        gateway = by or self.gateway
        return bounded(lambda: gateway.look(name, kind, call or call_with()))

    def verdict(self, trial: Trial) -> Verdict:
        """Look, and judge as the core does whether the order was carried out."""
        kind = trial.command.kind
        seen = self.look(trial.command.domain, kind)
        return after_attempt(kind, seen, guard=trial.guard, months=trial.months)

    def misbehave(self, behaviour: str, kind: Kind, **more: Any) -> None:
        """Let the next request that spends on such an order meet a misbehaviour."""
        self.books.misbehave(behaviour, command=self.wire[kind], **more)

    def empty_deposit(self) -> None:
        """Leave nothing of our money."""
        self.books.top_up(-self.books.balance())

    def charges(self, name: str | None = None) -> list[Charge]:
        """Read what was charged, and given back."""
        return list(self.books.charges(name))

    def charge_word(self, kind: Kind) -> str:
        """Return the books' word for a charge."""
        return self.charged_as.get(kind, kind.value)

    def journal(self, *commands: str) -> list[Entry]:
        """Read with plain SQL what arrived, of some commands or of all."""
        with closing(sqlite3.connect(self.books.path)) as connection:
            rows = connection.execute(
                "SELECT command, name, client_transaction_id, result_code FROM journal ORDER BY number"
            ).fetchall()
        entries = [Entry(*row) for row in rows]
        return [entry for entry in entries if not commands or entry.command in commands]

    def spending(self, kind: Kind) -> list[Entry]:
        """Read what arrived of the request that spends on such an order."""
        return self.journal(self.wire[kind])


class _Hand:
    """One thread that does what it is given, one after the other: a gateway keeps a connection for each thread."""

    def __init__(self) -> None:
        self._given: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def do(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, or raise what it raises; raises `queue.Empty` if it does not end."""
        ended: queue.SimpleQueue[Future[T]] = queue.SimpleQueue()
        self._given.put(lambda: ended.put(_ended(work)))
        return ended.get(timeout=PATIENCE_SECONDS).result()

    def _work(self) -> None:
        while True:
            self._given.get()()


_hands = [_Hand()]


def _ended(work: Callable[[], T]) -> "Future[T]":
    future: Future[T] = Future()
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001 - raised again where it is waited for
        future.set_exception(error)
    return future


def bounded(work: Callable[[], T]) -> T:
    """Return what `work` returns, or raise what it raises; fails where it does not end, so that it hangs no run."""
    try:
        return _hands[-1].do(work)
    except queue.Empty:
        _hands.append(_Hand())
    pytest.fail(f"it did not end within {PATIENCE_SECONDS} seconds")


def until(condition: Callable[[], object]) -> None:
    """Wait until something is so; fails if it never is."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, "it never came to be so"
        time.sleep(0.02)
