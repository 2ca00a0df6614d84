"""What must an adapter keep? Two verbs, `execute` and `look`, messages, and its declarations as data.

An adapter sees only this vocabulary: it cannot move money, and it never repeats a call by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from registrar.commands import Command, ContactRole, Errand, Expiry, Kind, TransferAnswer, TwoDates
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Outcome, Reply
from registrar.secrets import Secret
from registrar.statuses import Status


class Guard(StrEnum):
    """What stops a repeated command at the registrar's own side."""

    NAME = "name"
    """A name can be registered once."""
    CURRENT_EXPIRY = "current_expiry"
    """A renewal names the expiry it starts from."""
    PENDING_TRANSFER = "pending_transfer"
    """A second request is refused while one is under way."""
    REDEMPTION = "redemption"
    """Only a name in redemption can be restored."""
    NONE = "none"


class Changeable(StrEnum):
    """What an update may change."""

    NAMESERVERS = "nameservers"
    STATUSES = "statuses"
    """The client statuses: the registrar's lock and the hold."""
    CONTACTS = "contacts"
    AUTH_INFO = "auth_info"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a registrar can do, read by the core before an order is taken.

    `late_limit`: the longest time a request may still take effect after we stopped waiting. `look_gap`: how far apart
    two looks must be to prove an absence. `long_look`: the wait before a refusal that follows an Unknown is believed.
    `monotone`: its messages never take back what an earlier one said (IRNIC's do).
    """

    kinds: frozenset[Kind]
    guards: Mapping[Kind, Guard]
    can_look: bool
    late_limit: timedelta
    look_gap: timedelta
    long_look: timedelta
    monotone: bool = True
    reports_deposit: bool = False
    contact_roles: frozenset[ContactRole] = frozenset()
    """The roles a registration must name here; empty where the registry keeps no contacts."""
    transfer_contact_roles: frozenset[ContactRole] = frozenset()
    """The roles a transfer must name here; empty where it keeps the contacts, or makes none."""
    updates: frozenset[Changeable] = frozenset()
    """What of a name can be changed here, by an `Update`."""
    errands: frozenset[type] = frozenset()
    """Which other errands it can run: `Delete`, `AnswerTransfer`, `CreateContact`, `UpdateContact`."""
    statuses: frozenset[Status] = frozenset()
    """The client statuses that can be set and taken away here; of the registrar's lock at least one, where there is any."""
    answers: frozenset[TransferAnswer] = frozenset()
    """What can be said of a transfer under way, where `AnswerTransfer` is among the errands."""
    months: Mapping[Kind, frozenset[int]] = field(default_factory=dict)
    """The terms it can carry out, by kind; a kind that is not listed is not limited here."""
    transfer_needs_auth_info: bool = True
    reads_auth_info: bool = False
    privacy: bool = False
    """Whether a name can be registered with its holder's data hidden."""
    idn_tables: frozenset[str] = frozenset()
    """The tables that an internationalized name must name one of; empty where the registrar asks for none."""
    reports_statement: bool = False
    resumes_saved: bool = False
    """Whether the same command again carries out an order that was saved for want of our deposit, instead of ordering a
    second one. Where not, the registrar carries it out by itself once we have paid in."""
    max_nameservers: int = 13


def describe(capabilities: Capabilities) -> dict[str, str]:
    """Say what is declared in words for staff; every adapter's `inspect` tells at least this.

    The `deposit` says only whether the registrar reports one: an adapter of one that does puts the balance there.
    """
    guarded = (
        f"{kind} (guard: {_spoken(capabilities.guards.get(kind, Guard.NONE))})"
        for kind in Kind
        if kind in capabilities.kinds
    )
    roles = (role for role in ContactRole if role in capabilities.contact_roles)
    return {
        "commands": ", ".join(guarded) or "none",
        "updates": ", ".join(part for part in Changeable if part in capabilities.updates) or "nothing",
        "contact roles": ", ".join(roles) or "none",
        "late limit": _seconds(capabilities.late_limit),
        "look gap": _seconds(capabilities.look_gap),
        "long look": _seconds(capabilities.long_look),
        "deposit": "reported" if capabilities.reports_deposit else "not reported by this registrar",
        "statement": "reported" if capabilities.reports_statement else "not reported by this registrar",
    }


def _spoken(guard: Guard) -> str:
    return guard.replace("_", " ")


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():g} seconds"


class CallExpiredError(Exception):
    """The lease, the call's deadline or the wait for a turn ran out before the first byte left: nothing was sent.

    `retry_after` is in seconds, where it is known when a turn would have come.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def _no_limit(_: float) -> None:
    """Let everything pass: a registrar without a rate limit."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call's limits. Limits in order: connect < `finish_by` < the order's lease.

    `clock` is seconds on a clock that also runs while the process is frozen or the machine sleeps. `send_by` and
    `finish_by` are on that clock. `client_transaction_id` is for the command that spends, or for the update; an adapter
    that must send others before it (contacts, hosts, a look) makes theirs with `transaction_id`. `wait_for_turn` is the
    registrar's rate limit: it waits at most as many seconds as it is given, or raises `CallExpiredError`.
    """

    client_transaction_id: str
    send_by: float
    finish_by: float
    clock: Callable[[], float]
    wait_for_turn: Callable[[float], None] = _no_limit

    def remaining(self) -> float:
        """Return the seconds left for the whole call; never negative."""
        return max(0.0, self.finish_by - self.clock())

    def take_turn(self) -> None:
        """Wait for a turn under the registrar's rate limit; asked before each request, reads and logins too.

        Raises `CallExpiredError` if none comes within the call: nothing was sent. For a command or an update it is
        asked before `permit`, which must stay the last thing before the first byte.
        """
        self.wait_for_turn(self.remaining())

    def permit(self) -> None:
        """Be asked right before the first byte of a command or an update; raises `CallExpiredError` if it is too late."""
        if self.clock() >= min(self.send_by, self.finish_by):
            raise CallExpiredError("the lease ran out before the command was sent")

    def transaction_id(self, part: str) -> str:
        """Return a client transaction id for a step before the command (RFC 5730 §2.5 allows 3-64 characters)."""
        return f"{self.client_transaction_id[: 63 - len(part)]}-{part}"


class Standing(StrEnum):
    """Whether a name is registered, judged apart from when it expires; silence is `UNKNOWN`, never `FREE`."""

    REGISTERED = "registered"
    FREE = "free"
    UNKNOWN = "unknown"


class Progress(StrEnum):
    """What a registrar says of an operation that takes time."""

    UNDER_WAY = "under_way"
    APPROVED = "approved"
    """Decided yes. The name need not show it yet: a look that still says so is not completion."""
    REJECTED = "rejected"
    DOCUMENTS_REQUIRED = "documents_required"


@dataclass(frozen=True, slots=True)
class Sighting(TwoDates):
    """What one look told us, when and from where.

    `ours` says whether we sponsor the name, `None` when the answer hides it. `progress` holds the operations under way
    or just decided, by kind (`Kind.at_registrars`); for a transfer only one that *we* asked for. `renewed_by_registry` is the auto-renew
    grace: the last move of the expiry proves nothing. `expiry_is_temporary` marks .ir's date before approval (D4).
    `expiry` is the registry's date, and the registrar's own is `renew_by` (D4); one that tells a single date tells it as
    `expiry`.
    """

    domain: DomainName
    seen_at: datetime
    source: str
    standing: Standing
    reason: str = ""
    ours: bool | None = None
    sponsor: str | None = None
    registry_id: str | None = None
    created_at: datetime | None = None
    expiry: Expiry | None = None
    unread_expiry: str | None = None
    """What stood where the expiry stands, as far as it can be no date: `0000-00-00`, `1969-12-31`."""
    expiry_is_temporary: bool = False
    renewed_by_registry: bool = False
    renew_by: Expiry | None = None
    """The registrar's own date by which the name must be renewed there, apart from the registry's expiry."""
    auto_renews: bool | None = None
    """Whether the registrar's own automatic renewal of this name is on; None where it is not told."""
    statuses: frozenset[str] = frozenset()
    nameservers: tuple[str, ...] = ()
    contacts: Mapping[ContactRole, str] = field(default_factory=dict)
    """The contacts' ids at the registrar by role, as far as it shows them."""
    ds_records: tuple[str, ...] = ()
    """The delegation's signers, each as `key tag, algorithm, digest type, digest` in a zone file's form (RFC 4034 §5.3)."""
    restorable: bool = False
    """In redemption: a `Restore` can bring it back (RFC 3915 §3.1)."""
    charges: frozenset[str] | None = None
    """Of a look for a kind without a guard: the ids of the charges for that kind and name on the registrar's own
    statement (`StatementLine.line_id`); None where no statement was read. A charge that was not there before the first
    attempt shows that it was carried out."""
    progress: Mapping[Kind, Progress] = field(default_factory=dict)
    transfer_asked_at: datetime | None = None
    """When the transfer in `progress` was asked for: a registry shows the latest one, which may be an old order's."""
    blocked: BlockCause | None = None
    """Of an operation that is `UNDER_WAY`: it was saved for want of our deposit (DEPOSIT). Of a look that failed: what on our side stops it. Refused credentials put the registrar on hold; a question that
    the registrar refuses for its contents (`REQUEST`: it calls the name invalid) leaves the order to staff."""
    retry_after: float | None = None
    """Of a look that failed: the seconds until one can succeed, where that is known (closed hours)."""
    reply: Reply | None = None


class Away(StrEnum):
    """What a registry says of a transfer away from us, that another registrar asked for."""

    ASKED = "asked"
    """It is under way: approved or rejected by us, or by the registry itself after some days."""
    LEFT = "left"
    STAYS = "stays"
    """It was rejected or withdrawn."""


@dataclass(frozen=True, slots=True)
class RegistrarMessage:
    """One message of a registrar's queue, as data. It is stored before it is acknowledged.

    `message_id` is the queue's own; ids may come again after a long time, so `queued_at_text` belongs to its key.
    `kind` and `progress` say what it decides, both `None` for a message that decides nothing we know.
    `client_transaction_id` is that of the command it answers, where the registrar says it (RFC 5731 §3.3 paTRID).
    """

    message_id: str
    queued_at_text: str
    text: str
    domain: str | None = None
    registry_id: str | None = None
    kind: Kind | None = None
    progress: Progress | None = None
    client_transaction_id: str | None = None
    attention: str | None = None
    """What staff must be told of it, in our words: a claim at the registry, a name that left, an outage announced."""
    away: Away | None = None
    """Of a message about a transfer away from us: how it stands (D7)."""
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of the registrar's own list of what it took from our deposit, or gave back.

    `line_id` is unique at the registrar; where it has no id of its own, the adapter makes one of the line's contents.
    `amount` is positive for a charge, negative for what was given back or paid in, in `unit` (a currency's code, or
    IRNIC's `unit`). `kind` is None for what is no order's: a top-up, a fee. `is_refund`: gives an order's charge back.
    """

    line_id: str
    at: datetime
    at_text: str
    amount: Decimal
    unit: str
    kind: Kind | None = None
    domain: str | None = None
    months: int | None = None
    is_refund: bool = False
    client_transaction_id: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Deposit:
    """Our prepaid balance at the registrar, as it writes it; `unit` is a currency or IRNIC's own *unit*."""

    balance: str
    unit: str


class GatewayUnavailableError(Exception):
    """A read (messages, deposit, inspection) got no usable answer; the message says why. Reads may be repeated.

    `blocked` names what on our side stops it, where that is the reason: then repeating is no use.
    """

    def __init__(self, message: str, *, blocked: BlockCause | None = None) -> None:
        super().__init__(message)
        self.blocked = blocked


@runtime_checkable
class Gateway(Protocol):
    """One configured registrar. Safe to use from several threads at once."""

    @property
    def name(self) -> str:
        """The registrar's name in the configuration."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it declares."""
        ...

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Send a command that spends, or what an errand comes to, once.

        Never raises for what the far side or the network does. An update is `Done` without being sent where a look
        shows that the name is already what it should be; a failed look is `NotSent`. What is not among its
        capabilities is `Blocked` with `BlockCause.REQUEST`, and nothing is sent.
        """
        ...

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Read a name's state, with what matters for `kind`. A failed look is a Sighting that is `UNKNOWN`."""
        ...

    def next_message(self, call: Call) -> RegistrarMessage | None:
        """Return the head of the message queue, or None if it is empty; raise `GatewayUnavailableError`."""
        ...

    def acknowledge(self, message_id: str, call: Call) -> None:
        """Take the stored message off the queue; raise `GatewayUnavailableError`. Twice is harmless."""
        ...

    def deposit(self, call: Call) -> Deposit | None:
        """Return the balance, or None where the registrar does not report one; raise `GatewayUnavailableError`."""
        ...

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...] | None:
        """Return what was charged and given back on these days, both included, in the registrar's own days.

        None where the registrar reports no statement; raises `GatewayUnavailableError`. The whole span or nothing.
        """
        ...

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:
        """Return a name's auth code, or None where the registrar keeps none or does not show it.

        Raises `GatewayUnavailableError`.
        """
        ...

    def warnings(self) -> tuple[str, ...]:
        """Tell what the registrar has warned of since the start (a certificate or a password that runs out); sends nothing."""
        ...

    def inspect(self, call: Call) -> Mapping[str, str]:
        """Connect, log in and tell in words what is there and, with `describe`, what is declared; spends nothing.

        Raises `GatewayUnavailableError` with what to do.
        """
        ...

    def close(self) -> None:
        """End sessions politely."""
        ...


GatewayFactory = Callable[[str, Mapping[str, object]], Gateway]
"""How an adapter is made: its name and its section of configuration (plain values; secrets as `Secret`)."""
