"""How does the core's contract read in LogicBoxes' words? Prepare, send once, settle; and looks, the deposit, auth codes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from adapters.registrars.logicboxes import actions, asking, looking, reading, settling, updating
from adapters.registrars.logicboxes.actions import Stage
from adapters.registrars.logicboxes.asking import Ask
from adapters.registrars.logicboxes.conversation import Conversation, Told, Untold
from adapters.registrars.logicboxes.outcomes import Deed
from adapters.registrars.logicboxes.preparing import HeldBackError, Preparation
from adapters.registrars.logicboxes.reading import Details, UnreadableError
from adapters.registrars.logicboxes.settings import MONTHS_OF_A_YEAR, LogicBoxesSettings
from registrar.commands import (
    AnswerTransfer,
    Command,
    Delete,
    Errand,
    Kind,
    Register,
    Renew,
    Restore,
    Transfer,
    TransferAnswer,
    Update,
)
from registrar.gateway import (
    Call,
    Capabilities,
    Deposit,
    GatewayUnavailableError,
    RegistrarMessage,
    Sighting,
    Standing,
    StatementLine,
    describe,
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
)
from registrar.secrets import Secret


class LogicBoxesGateway:
    """One reseller account at LogicBoxes, as a `Gateway`. `now` is the wall clock, in aware UTC.

    It has no message queue: what takes time is followed by looks. It reports no statement: of its lists of actions none
    tells an amount (facts §2.4), and what cannot be compared with our books is no statement.
    """

    def __init__(self, name: str, settings: LogicBoxesSettings, *, now: Callable[[], datetime]) -> None:
        self._name = name
        self._settings = settings
        self._now = now
        self._talk = Conversation(settings)
        self._prepare = Preparation(self._talk, settings)
        self._capabilities = settings.capabilities

    @property
    def name(self) -> str:
        """The registrar's name in the configuration."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """Every command of a name's life, by the year."""
        return self._capabilities

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Ask what must be asked first, then send the order or the errand once."""
        try:
            return self._carried_out(command, call)
        except HeldBackError as held:
            return held.outcome

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Read a name's state: its details, and its availability where it is not in our account."""
        seen_at, source = self._now(), f"logicboxes:{self._name}"
        told = self._talk.read(asking.details(domain), call)
        if isinstance(told, Told) and told.is_absent:
            return self._look_elsewhere(domain, kind, call, source=source, seen_at=seen_at)
        try:
            found = reading.details(_value(told), domain)
        except UnreadableError as error:
            return _unseen(domain, str(error), told, source=source, seen_at=seen_at)
        if looking.is_gone(found):
            return self._look_elsewhere(domain, kind, call, source=source, seen_at=seen_at)
        return looking.registered(
            domain,
            found,
            kind=kind,
            customer_id=self._settings.customer_id,
            source=source,
            seen_at=seen_at,
            reply=told.reply,
        )

    def next_message(self, call: Call) -> RegistrarMessage | None:  # noqa: ARG002 - the contract's
        """Return None: there is no queue; looks tell what became of an order."""
        return None

    def acknowledge(self, message_id: str, call: Call) -> None:
        """Do nothing: there is no queue."""

    def deposit(self, call: Call) -> Deposit:
        """Return our own balance; raises `GatewayUnavailableError`."""
        told = self._talk.read(asking.balance(self._settings.reseller_id), call)
        try:
            amount, currency = reading.balance(_value(told))
        except UnreadableError as error:
            raise _unavailable("the deposit cannot be read", error, told) from error
        return Deposit(amount, currency)

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...] | None:  # noqa: ARG002 - the contract's
        """Return None: the platform documents no list of what it took from our deposit."""
        return None

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:
        """Return the auth code that the details show; None for a name that is not in our account."""
        told = self._talk.read(asking.details(domain), call)
        if isinstance(told, Told) and told.is_absent:
            return None
        try:
            return reading.details(_value(told), domain).auth_code
        except UnreadableError as error:
            raise _unavailable("the auth code cannot be read", error, told) from error

    def warnings(self) -> tuple[str, ...]:
        """Return nothing: the platform warns of nothing."""
        return ()

    def inspect(self, call: Call) -> Mapping[str, str]:
        """Ask for the deposit and tell what is there and declared; spends nothing. Raises `GatewayUnavailableError`."""
        deposit = self.deposit(call)
        settings = self._settings
        return {
            "address": settings.url,
            "account": f"reseller {settings.reseller_id}{' (demo)' if settings.demo else ''}",
            "house customer": settings.customer_id,
            **describe(self._capabilities),
            "deposit": f"{deposit.balance} {deposit.unit}",
        }

    def close(self) -> None:
        """Close the kept connections."""
        self._talk.close()

    def _carried_out(  # noqa: PLR0911 - one for each command
        self, command: Command | Errand, call: Call
    ) -> Outcome:
        if isinstance(command, Register | Transfer | Update):
            most = self._capabilities.max_nameservers
            if len(command.nameservers or ()) > most:
                return Correctable(Reply(text=f"at most {most} name servers"), Correction.NAMESERVERS)
        match command:
            case Register():
                return self._register(command, call)
            case Renew(elsewhere=False):
                return self._renew(command, call)
            case Transfer():
                return self._transfer(command, call)
            case Restore():
                return self._restore(command, call)
            case Update():
                return self._update(command, call)
            case Delete():
                return self._delete(command, call)
            case AnswerTransfer(answer=TransferAnswer.CANCEL):
                return self._cancel_transfer(command, call)
            case _:
                return _not_done_here(f"{type(command).__name__} is not done here")

    def _register(self, command: Register, call: Call) -> Outcome:
        self._insist_on_years(command)
        tables = self._settings.idn_tables
        if command.domain.label.startswith("xn--") and command.idn_table not in tables:
            return _not_done_here(f"its idn_table must be one of: {', '.join(sorted(tables)) or 'none'}")
        if not command.nameservers:
            text = "the registrar registers no name without name servers: name some"
            return Correctable(Reply(text=text), Correction.NAMESERVERS)
        if glue := [
            host.host for host in command.nameservers if updating.is_inside(host.host, command.domain)
        ]:
            text = f"{', '.join(glue)}: lies in the name itself, which is not there yet"
            return Correctable(Reply(text=text), Correction.NAMESERVERS)
        premium = self._prepare.available(command, call)
        people = self._prepare.people(command.contacts, command.domain, call)
        customer = self._settings.customer_id
        ask = asking.register(command, customer_id=customer, contacts=people, premium=premium)
        return settling.settle(self._talk, command, self._talk.spend(ask, call), call)

    def _renew(self, command: Renew, call: Call) -> Outcome:
        self._insist_on_years(command)
        found, reply = self._prepare.found(command.domain, call, deed=Deed.RENEW)
        _insist_on_renewable(command, found, reply)
        self._insist_on_idle(found, Kind.RENEW)
        premium = self._prepare.affordable(command, found, call)
        ask = asking.renew(command, order_id=found.order_id, premium=premium)
        told = self._talk.spend(ask, call)
        return settling.settle(self._talk, command, told, call, order_id=found.order_id)

    def _transfer(self, command: Transfer, call: Call) -> Outcome:
        self._insist_on_years(command)
        self._prepare.available(command, call)
        people = self._prepare.people(command.contacts, command.domain, call)
        ask = asking.transfer(command, customer_id=self._settings.customer_id, contacts=people)
        return settling.settle(self._talk, command, self._talk.spend(ask, call), call)

    def _restore(self, command: Restore, call: Call) -> Outcome:
        self._insist_on_years(command)
        found, reply = self._prepare.found(command.domain, call, deed=Deed.RESTORE)
        if not looking.is_restorable(found):
            text = f"the name is not in redemption: {found.current_status}"
            return Refused(replace(reply, text=text), RefusalReason.NOT_RESTORABLE, confirm=True)
        self._insist_on_idle(found, Kind.RESTORE)
        self._prepare.affordable(command, found, call)
        told = self._talk.spend(asking.restore(found.order_id), call)
        return settling.settle(self._talk, command, told, call, order_id=found.order_id)

    def _update(self, command: Update, call: Call) -> Outcome:
        """Send what differs, step by step; a repeat finds what is done already and sends the rest."""
        if (fault := updating.fault(command)) is not None:
            return _not_done_here(fault)
        found, reply = self._prepare.found(command.domain, call, deed=Deed.UPDATE)
        people = self._prepare.ids(command.contacts, command.domain, call)
        outcome: Outcome = Done(reply)
        for ask in updating.steps(command, found, people):
            outcome = _the_slower(outcome, self._changed(ask, found, command.domain, call))
            if not isinstance(outcome, Done | Pending):
                break
        return outcome

    def _delete(self, command: Delete, call: Call) -> Outcome:
        """Give the name up. The platform's success means *accepted* (facts §2.5): what is gone is read back."""
        found, reply = self._prepare.found(command.domain, call, deed=Deed.UPDATE)
        if looking.is_leaving(found):
            return Done(reply)
        outcome = self._changed(asking.delete(found.order_id), found, command.domain, call)
        if not isinstance(outcome, Done):
            return outcome
        back = settling.read_back(self._talk, command.domain, call)
        left = back.is_absent or (back.found is not None and looking.is_leaving(back.found))
        return outcome if left else Pending(outcome.reply, found.order_id)

    def _cancel_transfer(self, command: AnswerTransfer, call: Call) -> Outcome:
        found, _ = self._prepare.found(command.domain, call, deed=Deed.UPDATE)
        return self._changed(asking.cancel_transfer(found.order_id), found, command.domain, call)

    def _changed(self, ask: Ask, found: Details, domain: DomainName, call: Call) -> Outcome:
        told = self._talk.spend(ask, call)
        return settling.settle_change(told, domain=domain, order_id=found.order_id)

    def _insist_on_years(self, command: Register | Renew | Transfer | Restore) -> None:
        if command.months not in self._capabilities.months[command.kind]:
            text = f"{command.months} months: terms are whole years of {MONTHS_OF_A_YEAR} months here"
            raise HeldBackError(_not_done_here(text))

    def _insist_on_idle(self, found: Details, kind: Kind) -> None:
        """Hold an order back while another is under way: neither end nor status has moved yet, so no guard would stop it."""
        action = found.action
        if action is None or actions.kind(action, asked=kind) is None:
            return
        if actions.stage(action) in {Stage.UNDER_WAY, Stage.LOCKED}:
            reason = f"the registrar is not done with {action.type or 'another action'} yet"
            raise HeldBackError(NotSent(reason, self._settings.look_gap_seconds))

    def _look_elsewhere(
        self, domain: DomainName, kind: Kind, call: Call, *, source: str, seen_at: datetime
    ) -> Sighting:
        told = self._talk.read(asking.availability(domain), call)
        try:
            state = reading.availability(_value(told), domain)
        except UnreadableError as error:
            return _unseen(domain, str(error), told, source=source, seen_at=seen_at)
        seen = looking.elsewhere_or_free(domain, state, source=source, seen_at=seen_at, reply=told.reply)
        if kind is not Kind.TRANSFER or seen.standing is not Standing.REGISTERED:
            return seen
        finished = self._talk.read(asking.finished_transfers(), call)
        if isinstance(finished, Untold) or finished.fault is not None:
            return seen
        return looking.after_transfer(seen, reading.latest_action(finished.value, domain))


def _insist_on_renewable(command: Renew, found: Details, reply: Reply) -> None:
    """Hold a renewal back that the platform would refuse, or that its guard would."""
    if looking.is_suspended(found):
        text = "the name is suspended at the registrar, which renews nothing meanwhile: unsuspend it first"
        raise HeldBackError(Blocked(replace(reply, text=text), BlockCause.REQUEST))
    if looking.is_restorable(found):
        text = "the name is in redemption: only a restore brings it back"
        raise HeldBackError(Refused(replace(reply, text=text), RefusalReason.NOT_RENEWABLE, confirm=True))
    if found.expiry is not None and found.expiry.text != command.current_expiry.text:
        text = f"the end is {found.expiry.text}, and the order is against {command.current_expiry.text}"
        raise HeldBackError(Refused(replace(reply, text=text), RefusalReason.EXPIRY_CONFLICT, confirm=True))


def _the_slower(first: Outcome, second: Outcome) -> Outcome:
    """Return which of two steps' outcomes the whole comes to."""
    return first if isinstance(first, Pending) and isinstance(second, Done) else second


def _not_done_here(text: str) -> Blocked:
    return Blocked(Reply(text=text), BlockCause.REQUEST)


def _value(told: Told | Untold) -> object:
    """Return what was told; raises `UnreadableError` with the registrar's own words for an error."""
    if isinstance(told, Untold):
        raise UnreadableError(told.reason)
    if told.fault is not None:
        raise UnreadableError(f"the registrar answered: {told.reply.text}")
    return told.value


def _blocked(told: Told | Untold) -> BlockCause | None:
    if isinstance(told, Untold):
        return told.blocked
    return BlockCause.CREDENTIALS if told.refuses_credentials else None


def _unseen(
    domain: DomainName, reason: str, told: Told | Untold, *, source: str, seen_at: datetime
) -> Sighting:
    return looking.unseen(
        domain,
        reason,
        source=source,
        seen_at=seen_at,
        reply=told.reply,
        blocked=_blocked(told),
        retry_after=told.retry_after if isinstance(told, Untold) else None,
    )


def _unavailable(what: str, error: UnreadableError, told: Told | Untold) -> GatewayUnavailableError:
    return GatewayUnavailableError(f"{what}: {error}", blocked=_blocked(told))
