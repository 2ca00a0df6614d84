"""How does the core's contract read in Openprovider's words? One account, as a `Gateway`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from adapters.registrars.openprovider import encoding, reading
from adapters.registrars.openprovider.contacts import AddressBook
from adapters.registrars.openprovider.conversation import Conversation, UntoldError
from adapters.registrars.openprovider.encoding import NotSayableError
from adapters.registrars.openprovider.looking import Looker
from adapters.registrars.openprovider.settings import OpenproviderSettings
from adapters.registrars.openprovider.spending import Spender
from adapters.registrars.openprovider.statements import Statements
from adapters.registrars.openprovider.updating import Errands
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
    Update,
)
from registrar.gateway import (
    Call,
    Capabilities,
    Deposit,
    GatewayUnavailableError,
    RegistrarMessage,
    Sighting,
    StatementLine,
    describe,
)
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Blocked, Correctable, Correction, Outcome, Reply
from registrar.secrets import Secret


class OpenproviderGateway:
    """One Openprovider account; safe to use from several threads. `now` is the wall clock, in aware UTC."""

    def __init__(self, name: str, settings: OpenproviderSettings, *, now: Callable[[], datetime]) -> None:
        self._name = name
        self._settings = settings
        self._capabilities = settings.capabilities()
        self._talk = Conversation(settings)
        self._statements = Statements(self._talk, settings.zone)
        self._looker = Looker(self._talk, self._statements, settings.zone, f"openprovider:{name}", now)
        book = AddressBook(self._talk)
        self._spender = Spender(settings, self._talk, self._looker, book)
        self._errands = Errands(settings, self._talk, self._looker, book)

    @property
    def name(self) -> str:
        """The registrar's name in the configuration."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it declares: above all that a renewal has no guard here."""
        return self._capabilities

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Prepare, and send what spends or changes once; never raises for what the far side or the network does."""
        try:
            return self._execute(command, self._limited(call))
        except NotSayableError as error:
            return Blocked(Reply(text=str(error)), BlockCause.REQUEST)

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Read a name's state, and for a renewal the charges for it too; without those the look is `UNKNOWN`."""
        return self._looker.look(domain, kind, self._limited(call))

    def next_message(self, call: Call) -> RegistrarMessage | None:  # noqa: ARG002 - the contract's
        """Return None: Openprovider keeps no queue; what becomes of an order is looked at (facts §4.3)."""
        return None

    def acknowledge(self, message_id: str, call: Call) -> None:
        """Do nothing: there is no queue."""

    def deposit(self, call: Call) -> Deposit:
        """Return the balance less what is reserved for orders under way; raises `GatewayUnavailableError`."""
        try:
            balance, currency = self._talk.read(
                encoding.reseller(), self._limited(call), reading.available_balance
            )
        except UntoldError as error:
            raise _unavailable("the balance cannot be read", error) from error
        return Deposit(f"{balance:f}", currency or self._settings.currency)

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...]:
        """Return the transactions of these days, all of them; raises `GatewayUnavailableError`."""
        try:
            return self._statements.of_days(since, until, self._limited(call))
        except UntoldError as error:
            raise _unavailable("the transactions cannot be read", error) from error

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:
        """Return a name's auth code, or None where it has none; raises `GatewayUnavailableError`."""
        limited = self._limited(call)
        try:
            state = self._looker.state(domain, limited)
            if state is None:
                raise GatewayUnavailableError(f"{domain.ascii} is not in our account at Openprovider")
            return self._talk.read(encoding.auth_code(state.number), limited, reading.auth_code)
        except UntoldError as error:
            raise _unavailable("the auth code cannot be read", error) from error

    def warnings(self) -> tuple[str, ...]:
        """Return what Openprovider's answers have warned of, and names that it renews by itself."""
        return self._talk.warnings()

    def inspect(self, call: Call) -> Mapping[str, str]:
        """Log in, read the balance, and tell what is there and declared; spends nothing."""
        deposit = self.deposit(call)
        return {
            "protocol": "Openprovider REST v1beta, JSON over HTTPS",
            "address": self._settings.url,
            "logged in as": self._settings.username,
            "dates without a zone": self._settings.timezone,
            "name server group": self._settings.ns_group or "not configured",
            "warnings": "; ".join(self.warnings()) or "none",
            **describe(self._capabilities),
            "deposit": f"{deposit.balance} {deposit.unit}",
        }

    def close(self) -> None:
        """Close the kept connections."""
        self._talk.close()

    def _execute(self, command: Command | Errand, call: Call) -> Outcome:  # noqa: PLR0911 - one for each command
        if isinstance(command, Register | Transfer | Update):
            most = self._capabilities.max_nameservers
            if len(command.nameservers or ()) > most:
                return Correctable(Reply(text=f"at most {most} name servers"), Correction.NAMESERVERS)
        match command:
            case Register():
                return self._spender.register(command, call)
            case Renew(elsewhere=False):
                return self._spender.renew(command, call)
            case Transfer():
                return self._spender.transfer(command, call)
            case Restore():
                return self._spender.restore(command, call)
            case Update():
                return self._errands.update(command, call)
            case Delete():
                return self._errands.delete(command, call)
            case AnswerTransfer():
                return self._errands.answer_transfer(command, call)
            case _:
                raise NotSayableError(f"{type(command).__name__} is not done here")

    def _limited(self, call: Call) -> Call:
        """Hold all questions of one call together to our own limit: each alone would be given the whole of it."""
        ends = call.clock() + self._settings.call_timeout_seconds
        return replace(call, finish_by=min(call.finish_by, ends))


def _unavailable(what: str, error: UntoldError) -> GatewayUnavailableError:
    return GatewayUnavailableError(f"{what}: {error}", blocked=error.told.blocked)
