"""How does the core's contract read in IRNIC's words? Encode, one post, decode, settle; and looks, messages, deposit."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from adapters.registrars.irnic import contacts, encoding, limits, looking, outcomes
from adapters.registrars.irnic.conversation import Conversation, Told, Untold, UntoldError, completed
from adapters.registrars.irnic.elements import UnreadableError
from adapters.registrars.irnic.hours import ClosedHours
from adapters.registrars.irnic.messages import registrar_message
from adapters.registrars.irnic.reading import (
    Response,
    availability,
    balance,
    contact_permissions,
    domain_state,
    queue_message,
)
from adapters.registrars.irnic.redacting import Redactor
from adapters.registrars.irnic.settings import IrnicSettings
from adapters.registrars.irnic.steps import PAUSE_SECONDS, answer_before, unsent
from adapters.registrars.irnic.updating import Changes, changes_from
from adapters.registrars.irnic.wire import Wire
from registrar.commands import Command, ContactRole, Errand, Kind, Register, Renew, Transfer, Update
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
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    NotSent,
    Outcome,
    Reply,
    Unknown,
)
from registrar.secrets import Secret

UNIT = "unit"
"""IRNIC's own unit of account: a registration of twelve months costs two, of sixty six; its price in rials moves."""

_DAY_FIRST = re.compile(r"(\d{4}-\d{2}-\d{2})(?!\d)")


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
        self._now = now
        self._hours = ClosedHours(settings.closed_from, settings.closed_until)
        wire = Wire(
            settings.url,
            settings.token,
            ca_file=settings.ca_file,
            connect_timeout=settings.connect_timeout_seconds,
            call_timeout=settings.call_timeout_seconds,
        )
        redactor = Redactor([settings.token, settings.deposit_code])
        self._talk = Conversation(wire, redactor, night_page_phrase=settings.night_page_phrase)
        self._capabilities = _capabilities(settings)

    @property
    def name(self) -> str:
        """The registrar's name in the configuration."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """Registrations, renewals and name servers; a move between resellers has no command here."""
        return self._capabilities

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Send a command that spends, or what an update comes to, once; see the class for closed hours and pages."""
        if (waiting := self._until_opening(self._settings.closing_margin)) is not None:
            return NotSent(
                f"IRNIC is {self._hours}, and nothing is begun shortly before", retry_after=waiting
            )
        match command:
            case Register():
                return self._register(command, call)
            case Renew():
                return self._renew(command, call)
            case Update():
                return self._update(command, call)
            case Transfer():
                text = "IRNIC has no command for a move between resellers: the holder makes us the billing contact"
                return Blocked(Reply(text=text), BlockCause.REQUEST)
            case _:
                return Blocked(Reply(text=f"{type(command).__name__} is not done here"), BlockCause.REQUEST)

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Read a name's state: `domain:info`, and `domain:check` where the registry does not know the name."""
        del kind  # one answer tells of registration and renewal alike
        seen_at = self._now()
        if (waiting := self._until_opening()) is not None:
            closed = looking.unseen(domain, f"IRNIC is {self._hours}", source=self._name, seen_at=seen_at)
            return replace(closed, retry_after=waiting)
        request = encoding.info_domain(
            domain, deposit_code=self._settings.deposit_code, transaction_id=call.client_transaction_id
        )
        told = self._talk.read(request, call, transaction_id=call.client_transaction_id)
        if isinstance(told, Told) and told.answer.code == 2303:
            return self._look_at_absence(domain, call, seen_at=seen_at)
        try:
            state = domain_state(completed(told), domain)
        except (UntoldError, UnreadableError) as error:
            return looking.unseen(domain, str(error), source=self._name, seen_at=seen_at, told=told)
        return looking.registered(
            domain,
            state,
            billing_handle=self._settings.billing_handle,
            source=self._name,
            seen_at=seen_at,
            reply=told.reply,
        )

    def next_message(self, call: Call) -> RegistrarMessage | None:
        """Return the head of the message queue, or None if it is empty; raises `GatewayUnavailableError`."""
        self._insist_on_open()
        request = encoding.poll_request(transaction_id=call.client_transaction_id)
        told = self._talk.read(request, call, transaction_id=call.client_transaction_id)
        if isinstance(told, Told) and told.answer.code == 1300:
            return None
        try:
            return registrar_message(
                queue_message(completed(told, code=1301)), transcript=told.reply.transcript
            )
        except (UntoldError, UnreadableError) as error:
            raise GatewayUnavailableError(
                f"the message queue cannot be read: {error}", blocked=told.blocked
            ) from error

    def acknowledge(self, message_id: str, call: Call) -> None:
        """Take the stored message off the queue; one that is off already (2303) is as good."""
        self._insist_on_open()
        request = encoding.poll_acknowledge(message_id, transaction_id=call.client_transaction_id)
        told = self._talk.read(request, call, transaction_id=call.client_transaction_id)
        if isinstance(told, Told) and told.answer.code == 2303:
            return
        try:
            completed(told)
        except UntoldError as error:
            raise GatewayUnavailableError(
                f"message {message_id} cannot be acknowledged: {error}", blocked=told.blocked
            ) from error

    def deposit(self, call: Call) -> Deposit:
        """Return the balance of our contract, in units; raises `GatewayUnavailableError`."""
        self._insist_on_open()
        request = encoding.info_contact(
            self._settings.billing_handle,
            deposit_code=self._settings.deposit_code,
            transaction_id=call.client_transaction_id,
        )
        told = self._talk.read(request, call, transaction_id=call.client_transaction_id)
        try:
            units = balance(completed(told))
        except (UntoldError, UnreadableError) as error:
            raise GatewayUnavailableError(
                f"the deposit cannot be read: {error}", blocked=told.blocked
            ) from error
        if units is None:
            raise GatewayUnavailableError(
                "IRNIC tells no balance: is billing_handle the handle that our contract belongs to?"
            )
        return Deposit(units, UNIT)

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...] | None:  # noqa: ARG002 - the contract's
        """Return None: no statement is read here."""
        return None

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:  # noqa: ARG002 - the contract's
        """Return None: it is not read here."""
        return None

    def warnings(self) -> tuple[str, ...]:
        """Return nothing: the registrar warns of nothing here."""
        return ()

    def inspect(self, call: Call) -> Mapping[str, str]:
        """Ask for the deposit and tell what is there and declared; spends nothing. Raises `GatewayUnavailableError`."""
        deposit = self.deposit(call)
        return {
            "address": self._settings.url,
            "billing contact": self._settings.billing_handle,
            "hours": str(self._hours),
            **describe(self._capabilities),
            "deposit": f"{deposit.balance} {deposit.unit}",
        }

    def close(self) -> None:
        """Close the kept connections."""
        self._talk.close()

    def _register(self, command: Register, call: Call) -> Outcome:
        """Check what can be checked here, ask about the handles, then create."""
        if (fault := limits.fault(command)) is not None:
            return fault
        ours = self._settings.billing_handle
        people = contacts.assigned(command.contacts, billing_handle=ours)
        if isinstance(people, contacts.ContactFault):
            return Correctable(Reply(text=people.reason), Correction.CONTACTS)
        if (refusal := self._contacts_refused(people, call)) is not None:
            return refusal
        request = encoding.create_domain(
            command.domain,
            months=command.months,
            nameservers=command.nameservers,
            contacts=people,
            deposit_code=self._settings.deposit_code,
            transaction_id=call.client_transaction_id,
        )
        return self._settled(outcomes.CREATE, self._talk.spend(request, call))

    def _contacts_refused(self, people: Mapping[str, str], call: Call) -> Outcome | None:
        """Ask whether the handles may stand where they are put; None if they may. The create is not sent yet."""
        handles = contacts.to_check(people, billing_handle=self._settings.billing_handle)
        if not handles:
            return None
        step = call.transaction_id("contacts")
        request = encoding.check_contacts(
            handles, deposit_code=self._settings.deposit_code, transaction_id=step
        )
        told = self._talk.read(request, call, transaction_id=step)
        answer = answer_before(outcomes.CHECK_CONTACTS, told)
        if not isinstance(answer, Response):
            return answer
        try:
            permissions = contact_permissions(answer)
        except UnreadableError as error:
            return unsent(str(error))
        if unanswered := set(handles) - set(permissions):
            return unsent(f"IRNIC did not tell of {', '.join(sorted(unanswered))}")
        fault = contacts.refusals(people, permissions)
        return Correctable(replace(told.reply, text=fault.reason), Correction.CONTACTS) if fault else None

    def _renew(self, command: Renew, call: Call) -> Outcome:
        if (fault := limits.fault(command)) is not None:
            return fault
        current = _written_day(command.current_expiry.text)
        if current is None:
            return Blocked(
                Reply(text="the current expiry is not a date as IRNIC writes it"), BlockCause.REQUEST
            )
        request = encoding.renew_domain(
            command.domain,
            current_expiry=current,
            months=command.months,
            deposit_code=self._settings.deposit_code,
            transaction_id=call.client_transaction_id,
        )
        told = self._talk.spend(request, call)
        if isinstance(told, Told) and told.answer.code == 2201 and not self._may_renew(command.domain, call):
            return Correctable(told.reply, Correction.CONTACTS)
        return self._settled(outcomes.RENEW, told)

    def _update(self, update: Update, call: Call) -> Outcome:
        """Look, and send the name servers that differ, if any do."""
        if (fault := limits.fault(update)) is not None:
            return fault
        step = call.transaction_id("info")
        question = encoding.info_domain(
            update.domain, deposit_code=self._settings.deposit_code, transaction_id=step
        )
        seen = self._talk.read(question, call, transaction_id=step)
        changes = changes_from(update, seen, billing_handle=self._settings.billing_handle)
        return self._change(update.domain, changes, call) if isinstance(changes, Changes) else changes

    def _change(self, domain: DomainName, changes: Changes, call: Call) -> Outcome:
        """Send an update. A 2201 on a name that may not be ours is for its holder to put right, as with a renewal."""
        request = encoding.update_domain(
            domain,
            changes.difference,
            deposit_code=self._settings.deposit_code,
            transaction_id=call.client_transaction_id,
        )
        told = self._talk.spend(request, call)
        if isinstance(told, Told) and told.answer.code == 2201 and changes.ours is None:
            return Correctable(told.reply, Correction.CONTACTS)
        return self._settled(outcomes.UPDATE, told)

    def _may_renew(self, domain: DomainName, call: Call) -> bool:
        """Tell whether the name is ours after all; without an answer, yes: then the fault is ours, not the holder's."""
        step = call.transaction_id("info")
        request = encoding.info_domain(domain, deposit_code=self._settings.deposit_code, transaction_id=step)
        try:
            state = domain_state(completed(self._talk.read(request, call, transaction_id=step)), domain)
        except (UntoldError, UnreadableError):
            return True
        return looking.is_ours(state, billing_handle=self._settings.billing_handle) is True

    def _settled(self, command: str, told: Told | Untold) -> Outcome:
        """Return what a command that spends came to."""
        if isinstance(told, Told):
            return outcomes.settle(command, told.answer, told.reply)
        if not told.sent:
            return NotSent(told.reason)
        if told.blocked is not None:
            return Blocked(told.reply, told.blocked)
        if told.night_page and self._hours.just_opened(self._now(), within=self._settings.closing_margin):
            return NotSent("IRNIC has not opened yet", retry_after=PAUSE_SECONDS)
        return Unknown(told.reason, told.reply)

    def _look_at_absence(self, domain: DomainName, call: Call, *, seen_at: datetime) -> Sighting:
        """Ask `domain:check` about a name that `domain:info` does not know."""
        step = call.transaction_id("check")
        request = encoding.check_domain(domain, deposit_code=self._settings.deposit_code, transaction_id=step)
        told = self._talk.read(request, call, transaction_id=step)
        try:
            found = availability(completed(told), domain)
        except (UntoldError, UnreadableError) as error:
            return looking.unseen(domain, str(error), source=self._name, seen_at=seen_at, told=told)
        return looking.absent(domain, found, source=self._name, seen_at=seen_at, reply=told.reply)

    def _until_opening(self, margin: timedelta = timedelta(0)) -> float | None:
        """Return the seconds until it opens, or None while it is open (and stays so for the margin)."""
        now = self._now()
        opening = self._hours.opening(now, margin=margin)
        return None if opening is None else (opening - now).total_seconds()

    def _insist_on_open(self) -> None:
        if self._until_opening() is not None:
            raise GatewayUnavailableError(f"IRNIC is {self._hours}")


def _capabilities(settings: IrnicSettings) -> Capabilities:
    return Capabilities(
        kinds=frozenset({Kind.REGISTER, Kind.RENEW}),
        guards={Kind.REGISTER: Guard.NAME, Kind.RENEW: Guard.CURRENT_EXPIRY},
        can_look=True,
        late_limit=timedelta(seconds=settings.late_limit_seconds),
        look_gap=timedelta(seconds=settings.look_gap_seconds),
        long_look=timedelta(seconds=settings.long_look_seconds),
        monotone=False,
        reports_deposit=True,
        contact_roles=frozenset({ContactRole.REGISTRANT}),
        updates=frozenset({Changeable.NAMESERVERS}),
    )


def _written_day(text: str) -> date | None:
    """Return the day as it stands in IRNIC's text of a date; it is not converted to another zone, ever."""
    found = _DAY_FIRST.match(text)
    try:
        return date.fromisoformat(found.group(1)) if found else None
    except ValueError:
        return None
