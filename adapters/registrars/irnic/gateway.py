"""How does the core's contract read in IRNIC's words? One gateway over the rooms of this package; and looks, messages, money."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from adapters.registrars.irnic import (
    deleting,
    encoding,
    handles,
    holders,
    limits,
    looking,
    registering,
    renewing,
    updating,
)
from adapters.registrars.irnic.contract import Contract
from adapters.registrars.irnic.conversation import Told, Untold, UntoldError, completed
from adapters.registrars.irnic.elements import UnreadableError
from adapters.registrars.irnic.hours import TEHRAN
from adapters.registrars.irnic.messages import registrar_message
from adapters.registrars.irnic.reading import (
    availability,
    balance,
    credits_told,
    domain_state,
    queue_message,
)
from adapters.registrars.irnic.settings import IrnicSettings
from adapters.registrars.irnic.statements import UNIT, renewal_charges, statement_lines
from registrar.commands import (
    ChangeHolder,
    Command,
    ContactRole,
    CreateContact,
    Delete,
    Errand,
    Kind,
    Register,
    Renew,
    Transfer,
    Update,
    UpdateContact,
)
from registrar.gateway import (
    Call,
    Capabilities,
    Changeable,
    Deposit,
    GatewayUnavailableError,
    Guard,
    RegistrarMessage,
    Sighting,
    StatementLine,
    describe,
)
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Blocked, NotSent, Outcome, Reply
from registrar.secrets import Secret

CHARGES_SOUGHT = timedelta(days=31)
"""How far back a look reads the statement for our charge: longer than any attempt is in doubt or pending."""

_NO_TRANSFER = "IRNIC has no command for a move between resellers: the holder makes us the billing contact"


class IrnicGateway:
    """One IRNIC contract, as a `Gateway`. `now` is the wall clock, in aware UTC.

    The gateway's own closure is kept here: while IRNIC is closed, and in the margin before it closes, nothing that
    spends is sent, and the outcome is NotSent with the seconds until it opens.

    **The night page as an answer to a command that spends** is NotSent only if all of this holds: its text contains
    the configured phrase, and by our clock a closure ended within the margin: IRNIC opens late, and before it opens
    nothing passes. The same page at any other time, above all around the closing, is Unknown: a command that was just
    carried out may have been answered by the door that closed behind it. Without a configured phrase every page is
    Unknown. So is anything else that is not IRNIC's own answer.
    """

    def __init__(self, name: str, settings: IrnicSettings, *, now: Callable[[], datetime]) -> None:
        self._name = name
        self._settings = settings
        self._contract = Contract(settings, now=now)
        self._capabilities = _capabilities(settings)

    @property
    def name(self) -> str:
        """The registrar's name in the configuration."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it declares; a move between resellers has no command here."""
        return self._capabilities

    def execute(self, command: Command | Errand, call: Call) -> Outcome:  # noqa: PLR0911 - one for each command
        """Send a command that spends, or what an errand comes to, once; see the class for closed hours and pages."""
        contract = self._contract
        if (waiting := contract.until_opening(self._settings.closing_margin)) is not None:
            reason = f"IRNIC is {contract.hours}, and nothing is begun shortly before"
            return NotSent(reason, retry_after=waiting)
        match command:
            case Register():
                return registering.register(command, contract, call)
            case Renew():
                return renewing.renew(command, contract, call)
            case ChangeHolder():
                return holders.change(command, contract, call)
            case Update():
                return updating.update(command, contract, call)
            case Delete():
                return deleting.delete(command, contract, call)
            case CreateContact():
                return handles.create(command, contract, call)
            case UpdateContact():
                return handles.update(command, contract, call)
            case Transfer():
                return Blocked(Reply(text=_NO_TRANSFER), BlockCause.REQUEST)
            case _:
                return Blocked(Reply(text=f"{type(command).__name__} is not done here"), BlockCause.REQUEST)

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Read a name's state: `domain:info`, and `domain:check` where the registry does not know the name.

        For a renewal elsewhere also the statement: without it the look told nothing, for only a charge is proof.
        """
        seen_at = self._contract.now()
        if (waiting := self._contract.until_opening()) is not None:
            reason = f"IRNIC is {self._contract.hours}"
            closed = looking.unseen(domain, reason, source=self._source, seen_at=seen_at)
            return replace(closed, retry_after=waiting)
        told = self._contract.info(domain, call, part="")
        if isinstance(told, Told) and told.answer.code == 2303:
            return self._look_at_absence(domain, call, seen_at=seen_at)
        try:
            state = domain_state(completed(told), domain)
        except (UntoldError, UnreadableError) as error:
            return looking.unseen(domain, str(error), source=self._source, seen_at=seen_at, told=told)
        seen = looking.registered(
            domain,
            state,
            billing_handle=self._contract.billing_handle,
            source=self._source,
            seen_at=seen_at,
            reply=told.reply,
        )
        return self._with_charges(seen, call) if kind is Kind.RENEW_ELSEWHERE else seen

    def next_message(self, call: Call) -> RegistrarMessage | None:
        """Return the head of the message queue, or None if it is empty; raises `GatewayUnavailableError`."""
        self._insist_on_open()
        told = self._contract.ask(encoding.poll_request, call)
        if isinstance(told, Told) and told.answer.code == 1300:
            return None
        try:
            return registrar_message(
                queue_message(completed(told, code=1301)), transcript=told.reply.transcript
            )
        except (UntoldError, UnreadableError) as error:
            raise _unavailable("the message queue cannot be read", error, told) from error

    def acknowledge(self, message_id: str, call: Call) -> None:
        """Take the stored message off the queue; one that is off already (2303) is as good."""
        self._insist_on_open()
        told = self._contract.ask(partial(encoding.poll_acknowledge, message_id), call)
        if isinstance(told, Told) and told.answer.code == 2303:
            return
        try:
            completed(told)
        except UntoldError as error:
            raise _unavailable(f"message {message_id} cannot be acknowledged", error, told) from error

    def deposit(self, call: Call) -> Deposit:
        """Return the balance of our contract, in units; raises `GatewayUnavailableError`."""
        self._insist_on_open()
        contract = self._contract
        write = partial(encoding.info_contact, contract.billing_handle, deposit_code=contract.deposit_code)
        told = contract.ask(write, call)
        try:
            units = balance(completed(told))
        except (UntoldError, UnreadableError) as error:
            raise _unavailable("the deposit cannot be read", error, told) from error
        if units is None:
            raise GatewayUnavailableError(
                "IRNIC tells no balance: is billing_handle the handle that our contract belongs to?"
            )
        return Deposit(units, UNIT)

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...]:
        """Return our contract's credit statement for these days of Tehran's; raises `GatewayUnavailableError`."""
        self._insist_on_open()
        told = self._ask_statement(since, until, call)
        try:
            return _statement(told)
        except (UntoldError, UnreadableError) as error:
            raise _unavailable("the statement cannot be read", error, told) from error

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:  # noqa: ARG002 - the contract's
        """Return None: IRNIC keeps no auth codes, and a PIN goes to the holder alone."""
        return None

    def warnings(self) -> tuple[str, ...]:
        """Return nothing: IRNIC warns of nothing on the wire."""
        return ()

    def inspect(self, call: Call) -> Mapping[str, str]:
        """Ask for the deposit and tell what is there and declared; spends nothing. Raises `GatewayUnavailableError`."""
        deposit = self.deposit(call)
        return {
            "address": self._settings.url,
            "billing contact": self._settings.billing_handle,
            "hours": str(self._contract.hours),
            "locked names": "renewed, with the penalty" if self._settings.renew_locked else "not renewed",
            **describe(self._capabilities),
            "deposit": f"{deposit.balance} {deposit.unit}",
        }

    def close(self) -> None:
        """Close the kept connections."""
        self._contract.close()

    @property
    def _source(self) -> str:
        return f"irnic:{self._name}"

    def _look_at_absence(self, domain: DomainName, call: Call, *, seen_at: datetime) -> Sighting:
        """Ask `domain:check` about a name that `domain:info` does not know."""
        contract = self._contract
        write = partial(encoding.check_domain, domain, deposit_code=contract.deposit_code)
        told = contract.ask(write, call, part="check")
        try:
            found = availability(completed(told), domain)
        except (UntoldError, UnreadableError) as error:
            return looking.unseen(domain, str(error), source=self._source, seen_at=seen_at, told=told)
        return looking.absent(domain, found, source=self._source, seen_at=seen_at, reply=told.reply)

    def _with_charges(self, seen: Sighting, call: Call) -> Sighting:
        today = seen.seen_at.astimezone(TEHRAN).date()
        told = self._ask_statement(today - CHARGES_SOUGHT, today, call, part="credit")
        try:
            lines = _statement(told)
        except (UntoldError, UnreadableError) as error:
            reason = f"the statement cannot be read: {error}"
            return looking.unseen(seen.domain, reason, source=self._source, seen_at=seen.seen_at, told=told)
        return replace(seen, charges=renewal_charges(lines, seen.domain))

    def _ask_statement(self, since: date, until: date, call: Call, *, part: str = "") -> Told | Untold:
        contract = self._contract
        write = partial(
            encoding.credit_statement,
            contract.billing_handle,
            since,
            until,
            deposit_code=contract.deposit_code,
        )
        return contract.ask(write, call, part=part)

    def _insist_on_open(self) -> None:
        if self._contract.until_opening() is not None:
            raise GatewayUnavailableError(f"IRNIC is {self._contract.hours}")


def _statement(told: Told | Untold) -> tuple[StatementLine, ...]:
    """Read the statement; raises `UntoldError` or `UnreadableError`."""
    credit_lines = credits_told(completed(told))
    if credit_lines is None:
        raise UnreadableError("IRNIC tells none: is billing_handle the handle that our contract belongs to?")
    return statement_lines(credit_lines)


def _unavailable(what: str, error: Exception, told: Told | Untold) -> GatewayUnavailableError:
    return GatewayUnavailableError(f"{what}: {error}", blocked=told.blocked)


def _capabilities(settings: IrnicSettings) -> Capabilities:
    terms = dict.fromkeys((Kind.REGISTER, Kind.RENEW, Kind.RENEW_ELSEWHERE), limits.MONTHS_SOLD)
    return Capabilities(
        kinds=frozenset({Kind.REGISTER, Kind.RENEW, Kind.RENEW_ELSEWHERE, Kind.CHANGE_HOLDER}),
        guards={
            Kind.REGISTER: Guard.NAME,
            Kind.RENEW: Guard.CURRENT_EXPIRY,
            Kind.RENEW_ELSEWHERE: Guard.CURRENT_EXPIRY,
            Kind.CHANGE_HOLDER: Guard.PENDING_TRANSFER,
        },
        can_look=True,
        late_limit=timedelta(seconds=settings.late_limit_seconds),
        look_gap=timedelta(seconds=settings.look_gap_seconds),
        long_look=timedelta(seconds=settings.long_look_seconds),
        monotone=False,
        reports_deposit=True,
        contact_roles=frozenset({ContactRole.REGISTRANT}),
        updates=frozenset({Changeable.NAMESERVERS, Changeable.CONTACTS}),
        errands=frozenset({Delete, CreateContact, UpdateContact}),
        months=terms,
        reports_statement=True,
        max_nameservers=limits.MAX_NAMESERVERS,
    )
