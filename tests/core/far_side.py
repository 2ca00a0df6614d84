"""Who answers in these stories? A registrar on an injected clock, with its own book of names and charges.

It behaves: it keeps the guards a registry keeps, charges for what it does and for nothing else, and does per command what
the script says: do it, lose the reply, lose the request, do it later, refuse. Its charges are the independent witness.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from registrar.commands import (
    ChangeHolder,
    Command,
    ContactRole,
    Errand,
    Expiry,
    Handle,
    Kind,
    Register,
    Renew,
    Restore,
    Transfer,
    Update,
)
from registrar.gateway import (
    Call,
    CallExpiredError,
    Capabilities,
    Changeable,
    Deposit,
    Guard,
    Progress,
    RegistrarMessage,
    Sighting,
    Standing,
    StatementLine,
)
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)
from registrar.secrets import Secret
from registrar.statuses import REGISTRAR_LOCK, Status

US, OTHERS = "us", "another registrar"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
AUTH_CODE = "open-sesame"
PIN = "912345678"
HOLDER, NEW_HOLDER = "ab12-irnic", "cd34-irnic"
"""Invented handles."""
LATE_LIMIT = timedelta(minutes=15)
LOOK_GAP = timedelta(minutes=10)
LONG_LOOK = timedelta(hours=24)

CAPABILITIES = Capabilities(
    kinds=frozenset(Kind),
    guards={
        Kind.REGISTER: Guard.NAME,
        Kind.RENEW: Guard.CURRENT_EXPIRY,
        Kind.TRANSFER: Guard.PENDING_TRANSFER,
        Kind.RESTORE: Guard.NAME,
        Kind.RENEW_ELSEWHERE: Guard.CURRENT_EXPIRY,
        Kind.CHANGE_HOLDER: Guard.PENDING_TRANSFER,
    },
    can_look=True,
    late_limit=LATE_LIMIT,
    look_gap=LOOK_GAP,
    long_look=LONG_LOOK,
    months={Kind.RENEW: frozenset({12, 60})},
    max_nameservers=4,
    updates=frozenset({Changeable.STATUSES}),
    statuses=REGISTRAR_LOCK | {Status.CLIENT_HOLD},
)


@dataclass
class Clock:
    """The one clock of a story; nobody waits for it."""

    now: datetime = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def skip(self, span: timedelta | float) -> None:
        """Let time pass (seconds, or a span)."""
        self.now += span if isinstance(span, timedelta) else timedelta(seconds=span)

    def steady(self) -> float:
        """Return seconds, as a call's clock gives them."""
        return self.now.timestamp()


@dataclass(frozen=True)
class Act:
    """How one command is taken: whether it is done, and what is answered (None: the truth)."""

    does: Literal["now", "never", "later", "pend"] = "now"
    answer: Outcome | None = None
    after: timedelta = timedelta(0)
    decides: Literal["approve", "reject", "reject_then_approve"] = "approve"


SILENCE = Unknown("no answer within 30 s")
LOST_REPLY = Act("now", SILENCE)
LOST_REQUEST = Act("never", SILENCE)


def late(seconds: float) -> Act:
    """Do it so much later, and answer nothing."""
    return Act("later", SILENCE, timedelta(seconds=seconds))


def refuse(reason: RefusalReason = RefusalReason.POLICY, *, confirm: bool = False) -> Act:
    """Refuse it."""
    return Act("never", Refused(Reply("2306", "parameter value policy error"), reason, confirm=confirm))


def pend(decides: Literal["approve", "reject", "reject_then_approve"], *, days: float = 2) -> Act:
    """Accept it, and decide days later."""
    return Act("pend", after=timedelta(days=days), decides=decides)


@dataclass(frozen=True)
class Registration:
    """A name in the registry's book."""

    sponsor: str
    created_at: datetime
    expires_at: datetime
    progress: Mapping[Kind, Progress] = field(default_factory=dict)
    holder: str = HOLDER
    in_redemption: bool = False
    statuses: frozenset[str] = frozenset()
    renewed_by_registry: bool = False


@dataclass
class Charge:
    """A line of the registrar's own book."""

    transaction_id: str
    kind: Kind
    name: str
    at: datetime
    refunded: bool = False
    months: int = 12
    amount: Decimal = Decimal(1)

    def lines(self, line_id: str) -> tuple[StatementLine, ...]:
        """Return it as its registrar's statement has it."""
        line = StatementLine(
            line_id,
            self.at,
            self.at.isoformat(),
            self.amount,
            "units",
            kind=self.kind,
            domain=self.name,
            months=self.months,
        )
        refund = replace(line, line_id=f"{line_id}-refund", amount=-self.amount, is_refund=True)
        return (line, refund) if self.refunded else (line,)


class FarSide:
    """A scripted registrar in this process; its `plan` is taken command by command, and when it is empty it behaves."""

    name = "far"

    def __init__(
        self, clock: Clock, *, guarded: bool = True, capabilities: Capabilities = CAPABILITIES
    ) -> None:
        self.clock = clock
        self.capabilities = capabilities
        self.guarded = guarded
        self.plan: deque[Act] = deque()
        self.received: list[str] = []
        self.charges: list[Charge] = []
        self.messages: deque[RegistrarMessage] = deque()
        self.funds = 1_000
        self.failing_looks = 0
        self.saved: set[str] = set()
        """Names of which an order is kept until there are funds."""
        self.stale_for = timedelta(0)
        self.registrys: dict[str, datetime] = {}
        """What the registry shows for a name, where the registrar keeps a date of its own beside it."""
        self._book: dict[str, list[tuple[datetime, Registration | None]]] = {}
        self._later: list[tuple[datetime, Callable[[], object]]] = []
        self._lock = threading.RLock()

    def own(self, name: str, expires_at: datetime, *, sponsor: str = US, in_redemption: bool = False) -> None:
        """Put a name into the book, as it has been for a year."""
        created_at = expires_at - timedelta(days=365)
        entry = Registration(sponsor, created_at, expires_at, in_redemption=in_redemption)
        self._write(name, entry, at=LONG_AGO)

    def renew_by_itself(self, name: str) -> None:
        """Add a year that nobody asked for, as registries do at expiry."""
        known = self.registration(name)
        assert known is not None
        expires_at = _plus(known.expires_at, 12)
        self._write(name, replace(known, expires_at=expires_at, renewed_by_registry=True))

    def set_statuses(self, name: str, *statuses: str) -> None:
        """Have the name in just these statuses, whoever set them."""
        known = self.registration(name)
        assert known is not None
        self._write(name, replace(known, statuses=frozenset(statuses)))

    def statuses(self, name: str) -> frozenset[str]:
        """Return the statuses that a name is in."""
        known = self.registration(name)
        return known.statuses if known else frozenset()

    def own_progress(self, name: str, progress: Mapping[Kind, Progress]) -> None:
        """Have the registry say something else of an operation under way."""
        known = self.registration(name)
        assert known is not None
        self._write(name, replace(known, progress=progress))

    def registration(self, name: str, *, ago: timedelta = timedelta(0)) -> Registration | None:
        """Return what the book says of a name, now or a while ago."""
        seen = [entry for at, entry in self._book.get(name, []) if at <= self.clock.now - ago]
        return seen[-1] if seen else None

    def at(self, instant: datetime, deed: Callable[[], object]) -> None:
        """Have something done at an instant."""
        self._later.append((instant, deed))

    def next_event(self) -> datetime | None:
        """Return when something happens here by itself."""
        return min((at for at, _ in self._later), default=None)

    def catch_up(self) -> None:
        """Do what has become due."""
        with self._lock:
            for entry in sorted(self._later, key=lambda entry: entry[0]):
                if entry[0] <= self.clock.now:
                    self._later.remove(entry)
                    entry[1]()

    def say(
        self,
        name: str,
        kind: Kind,
        progress: Progress,
        *,
        transaction_id: str | None = None,
        attention: str | None = None,
    ) -> None:
        """Put a message into our queue."""
        self.messages.append(
            RegistrarMessage(
                message_id=f"{transaction_id}-{progress}",
                queued_at_text=self.clock.now.isoformat(),
                text=f"{kind} {progress}",
                domain=name,
                kind=kind,
                progress=progress,
                client_transaction_id=transaction_id,
                attention=attention,
            )
        )

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Take a command as the script says."""
        if not isinstance(command, Command | Update):
            return Blocked(Reply(text="no other errands are run in these stories"), BlockCause.REQUEST)
        with self._lock:
            try:
                call.permit()
            except CallExpiredError as error:
                return NotSent(str(error))
            self.catch_up()
            self.received.append(call.client_transaction_id)
            return self._take(self.plan.popleft() if self.plan else Act(), command, call)

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:  # noqa: ARG002 - the contract's signature
        """Show a name as the book has it, or had it a while ago, or not at all."""
        with self._lock:
            self.catch_up()
            seen = self.registration(domain.ascii, ago=self.stale_for)
            if self.failing_looks:
                self.failing_looks -= 1
                return Sighting(domain, self.clock.now, self.name, Standing.UNKNOWN, reason="no answer")
            if domain.ascii in self.saved:
                return self._show_saved(domain, seen, kind)
            if seen is None:
                return Sighting(domain, self.clock.now, self.name, Standing.FREE)
            return self._show(domain, seen, kind)

    def next_message(self, call: Call) -> RegistrarMessage | None:  # noqa: ARG002 - the contract's signature
        """Return the head of the queue."""
        self.catch_up()
        return self.messages[0] if self.messages else None

    def acknowledge(self, message_id: str, call: Call) -> None:  # noqa: ARG002 - the contract's signature
        """Take it off the queue."""
        if self.messages and self.messages[0].message_id == message_id:
            self.messages.popleft()

    def deposit(self, call: Call) -> Deposit | None:  # noqa: ARG002 - the contract's signature
        """Return what is left."""
        return Deposit(str(self.funds), "units")

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...]:  # noqa: ARG002 - the contract's signature
        """Return what was charged and given back on these days."""
        return tuple(
            line
            for number, charge in enumerate(self.charges)
            if since <= charge.at.date() <= until
            for line in charge.lines(f"charge-{number}")
        )

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:  # noqa: ARG002 - the contract's signature
        """Return the code that every name has here."""
        return Secret(AUTH_CODE)

    def warnings(self) -> tuple[str, ...]:
        """Warn of nothing."""
        return ()

    def inspect(self, call: Call) -> Mapping[str, str]:  # noqa: ARG002 - the contract's signature
        """Say who this is."""
        return {"name": self.name}

    def close(self) -> None:
        """Nothing is open."""

    def _take(self, act: Act, command: Command | Update, call: Call) -> Outcome:
        transaction_id = call.client_transaction_id
        match act.does:
            case "never":
                return act.answer or SILENCE
            case "later":
                self.at(self.clock.now + act.after, lambda: self._do(command, transaction_id))
                return act.answer or SILENCE
            case "now":
                truth = self._do(command, transaction_id)
            case "pend":
                assert not isinstance(command, Update), "an update is done at once, or not at all"
                truth = self._accept(act, command, transaction_id)
        return act.answer or truth

    def _do(self, command: Command | Update, transaction_id: str) -> Outcome:
        """Do a command by the registry's rules, and charge for it; an update costs nothing."""
        name = command.domain.ascii
        known = self.registration(name)
        if isinstance(command, Update):
            return self._update(command, known)
        objection = self._objection(command, known)
        if objection is not None:
            return objection
        self._charge(command, transaction_id)
        made = _carried_out(command, known, self.clock.now)
        self._write(name, made)
        return Done(Reply("1000"), created_at=made.created_at, **self._dates(name, made))

    def _update(self, command: Update, known: Registration | None) -> Outcome:
        if known is None or known.sponsor != US:
            return _refused("2303", RefusalReason.NOT_OURS)
        statuses = (known.statuses | command.add_statuses) - command.remove_statuses
        self._write(command.domain.ascii, replace(known, statuses=frozenset(map(str, statuses))))
        return Done(Reply("1000"))

    def _objection(self, command: Command, known: Registration | None) -> Outcome | None:
        self.saved.discard(command.domain.ascii)
        if self.funds <= 0:
            return self._without_funds(command)
        match command:
            case Register():
                return _refused("2302", RefusalReason.ALREADY_REGISTERED) if known else None
            case Renew():
                return _renewal_objection(command, known, guarded=self.guarded)
            case Transfer():
                return _transfer_objection(command, known)
            case Restore():
                restorable = known is not None and known.in_redemption
                return None if restorable else _refused("2304", RefusalReason.NOT_RESTORABLE)
            case ChangeHolder():
                told = command.pin.reveal() if command.pin else None
                return None if told == PIN else Correctable(Reply("2202", "no such PIN"), Correction.PIN)

    def _without_funds(self, command: Command) -> Outcome:
        if not self.capabilities.resumes_saved:
            return Blocked(Reply("2104", "billing failure"), BlockCause.DEPOSIT)
        self.saved.add(command.domain.ascii)
        return Pending(Reply("200", "saved: insufficient funds"), blocked=BlockCause.DEPOSIT)

    def _accept(self, act: Act, command: Command, transaction_id: str) -> Outcome:
        """Charge, and decide later; a rejection gives the charge back."""
        name, now = command.domain.ascii, self.clock.now
        before = self.registration(name)
        objection = self._objection(command, before)
        if objection is not None:
            return objection
        charge = self._charge(command, transaction_id)
        under_way = before or _carried_out(command, None, now)
        self._write(name, replace(under_way, progress={command.kind.at_registrars: Progress.UNDER_WAY}))

        def approve() -> None:
            self._write(name, _carried_out(command, before, now))
            self._tell(command, transaction_id, Progress.APPROVED)

        def reject() -> None:
            charge.refunded = True
            self._write(name, before)
            self._tell(command, transaction_id, Progress.REJECTED)

        if act.decides == "reject_then_approve":
            self.at(now + act.after, lambda: self._tell(command, transaction_id, Progress.REJECTED))
            self.at(now + 2 * act.after, approve)
        else:
            self.at(now + act.after, approve if act.decides == "approve" else reject)
        return Pending(Reply("1001"))

    def _tell(self, command: Command, transaction_id: str, progress: Progress) -> None:
        self.say(command.domain.ascii, command.kind.at_registrars, progress, transaction_id=transaction_id)

    def _charge(self, command: Command, transaction_id: str) -> Charge:
        self.funds -= 1
        months = _months(command)
        charge = Charge(transaction_id, command.kind, command.domain.ascii, self.clock.now, months=months)
        self.charges.append(charge)
        return charge

    def _write(self, name: str, entry: Registration | None, *, at: datetime | None = None) -> None:
        self._book.setdefault(name, []).append((at or self.clock.now, entry))

    def _show(self, domain: DomainName, seen: Registration, kind: Kind) -> Sighting:
        return Sighting(
            domain,
            self.clock.now,
            self.name,
            Standing.REGISTERED,
            ours=seen.sponsor == US,
            sponsor=seen.sponsor,
            created_at=seen.created_at,
            **self._dates(domain.ascii, seen),
            expiry_is_temporary=Kind.REGISTER in seen.progress,
            renewed_by_registry=seen.renewed_by_registry,
            progress=seen.progress,
            statuses=seen.statuses,
            contacts={ContactRole.REGISTRANT: seen.holder},
            restorable=seen.in_redemption,
            charges=self._charges(domain.ascii, kind) if kind is Kind.RENEW_ELSEWHERE else None,
        )

    def _dates(self, name: str, seen: Registration) -> dict[str, Any]:
        """Return a name's date, or the registry's and the registrar's own."""
        apart = self.registrys.get(name)
        if apart is None:
            return {"expiry": _expiry(seen)}
        return {"expiry": Expiry(apart, apart.isoformat()), "renew_by": _expiry(seen)}

    def _show_saved(self, domain: DomainName, seen: Registration | None, kind: Kind) -> Sighting:
        """Show an order that is kept for want of funds."""
        shown = seen or Registration(US, self.clock.now, self.clock.now)
        under_way = {kind.at_registrars: Progress.UNDER_WAY}
        return replace(self._show(domain, shown, kind), progress=under_way, blocked=BlockCause.DEPOSIT)

    def _charges(self, name: str, kind: Kind) -> frozenset[str]:
        return frozenset(
            charge.transaction_id
            for charge in self.charges
            if charge.name == name and charge.kind is kind and not charge.refunded
        )


def correctable(needs: Correction) -> Act:
    """Refuse it until the customer puts something right."""
    return Act("never", Correctable(Reply("2005", "parameter value syntax error"), needs))


def _refused(code: str, reason: RefusalReason) -> Refused:
    return Refused(Reply(code, str(reason)), reason)


def _renewal_objection(command: Renew, known: Registration | None, *, guarded: bool) -> Outcome | None:
    if known is None:
        return _refused("2303", RefusalReason.NOT_REGISTERED)
    if known.sponsor != US and not command.elsewhere:
        return _refused("2201", RefusalReason.NOT_OURS)
    if guarded and command.current_expiry.at != known.expires_at:
        return _refused("2306", RefusalReason.EXPIRY_CONFLICT)
    return None


def _transfer_objection(command: Transfer, known: Registration | None) -> Outcome | None:
    if known is None:
        return _refused("2303", RefusalReason.NOT_REGISTERED)
    if known.sponsor == US:
        return _refused("2106", RefusalReason.ALREADY_OURS)
    if known.progress:
        return Refused(Reply("2300", "pending transfer"), RefusalReason.NOT_TRANSFERABLE, confirm=True)
    if command.auth_info.reveal() != AUTH_CODE:
        return Correctable(Reply("2202", "invalid authorization information"), Correction.AUTH_INFO)
    return None


def _carried_out(command: Command, known: Registration | None, now: datetime) -> Registration:
    """Return a name as it is once a command was carried out."""
    if known is None:
        return Registration(US, now, _plus(now, _months(command)))
    extended = replace(known, expires_at=_plus(known.expires_at, _months(command)), progress={})
    match command:
        case Restore():
            return replace(extended, in_redemption=False)
        case ChangeHolder():
            holder = command.contacts[ContactRole.REGISTRANT]
            assert isinstance(holder, Handle)
            return replace(extended, holder=holder.id)
        case Transfer():
            return replace(extended, sponsor=US)
        case _:
            return extended


def _months(command: Command) -> int:
    return 0 if isinstance(command, ChangeHolder) else command.months


def _expiry(seen: Registration) -> Expiry:
    return Expiry(seen.expires_at, seen.expires_at.isoformat())


def _plus(instant: datetime, months: int) -> datetime:
    """Return the same day some years on; 29 February becomes 1 March, as many registries have it."""
    year = instant.year + months // 12
    if (instant.month, instant.day) == (2, 29) and (year % 4 or (year % 100 == 0 and year % 400)):
        return instant.replace(year=year, month=3, day=1)
    return instant.replace(year=year)
