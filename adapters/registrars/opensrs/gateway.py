"""How does the core's contract read in OpenSRS's words? Commands, errands, looks and reads, each by the module for it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from adapters.registrars.opensrs.conversation import Conversation
from adapters.registrars.opensrs.limits import MAX_NAMESERVERS, MONTHS_MOVED, MONTHS_SOLD
from adapters.registrars.opensrs.looking import Looker
from adapters.registrars.opensrs.questions import Questions, UnansweredError
from adapters.registrars.opensrs.settings import OpenSrsSettings
from adapters.registrars.opensrs.spending import CONTACT_ROLES, Spending
from adapters.registrars.opensrs.updating import Updating
from registrar.commands import (
    AnswerTransfer,
    ChangeHolder,
    Command,
    Delete,
    Errand,
    Kind,
    Register,
    Renew,
    Restore,
    Transfer,
    TransferAnswer,
)
from registrar.gateway import (
    Call,
    Capabilities,
    Changeable,
    Deposit,
    Guard,
    RegistrarMessage,
    Sighting,
    StatementLine,
    describe,
)
from registrar.names import DomainName
from registrar.outcomes import Outcome
from registrar.secrets import Secret
from registrar.statuses import Status


class OpenSrsGateway:
    """One OpenSRS account, as a `Gateway`. `now` is the wall clock, in aware UTC.

    **An empty deposit** does not make OpenSRS refuse an order: it saves it (`forced_pending`), and says *success*. Such
    an order is `Pending`; looks show it under way, `blocked` by the deposit. It does not go on by itself: the same
    command, executed again after the top-up, finds the saved order and has it carried out instead of placing another.
    """

    def __init__(self, name: str, settings: OpenSrsSettings, *, now: Callable[[], datetime]) -> None:
        self._name = name
        self._settings = settings
        self._capabilities = _capabilities(settings)
        self._talk = Conversation(settings)
        self._ask = Questions(self._talk, settings)
        self._spending = Spending(self._talk, self._ask, settings)
        self._updating = Updating(self._talk, self._ask, reseller=settings.username)
        self._looker = Looker(self._ask, source=f"opensrs:{name}", now=now)

    @property
    def name(self) -> str:
        """The registrar's name in the configuration."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it declares."""
        return self._capabilities

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Send a command that spends, or what an errand comes to, once; see the class for saved orders."""
        if isinstance(command, Register | Renew | Transfer | Restore | ChangeHolder):
            return self._spending.spend(command, call)
        return self._updating.run(command, call)

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Read a name's state, and our open orders of `kind` for it."""
        return self._looker.look(domain, kind, call)

    def next_message(self, call: Call) -> RegistrarMessage | None:  # noqa: ARG002 - the contract's
        """Return None: OpenSRS keeps no queue; it pushes its events, and looks find the same."""
        return None

    def acknowledge(self, message_id: str, call: Call) -> None:
        """Do nothing: there is no queue."""

    def deposit(self, call: Call) -> Deposit:
        """Return our balance less what is held of it, in the configured currency; raises `GatewayUnavailableError`."""
        try:
            return Deposit(str(self._ask.spendable(call)), self._settings.currency)
        except UnansweredError as error:
            raise error.unavailable("the deposit") from error

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...] | None:  # noqa: ARG002 - the contract's
        """Return None: OpenSRS lists orders by name and names by expiry, but no charges by day (facts §3.2)."""
        return None

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:
        """Return a name's auth code, or None where our account shows none; raises `GatewayUnavailableError`."""
        try:
            return self._ask.auth_info(domain, call)
        except UnansweredError as error:
            raise error.unavailable("the auth code") from error

    def warnings(self) -> tuple[str, ...]:
        """Return nothing: OpenSRS warns of nothing in its answers."""
        return ()

    def inspect(self, call: Call) -> Mapping[str, str]:
        """Ask for the deposit and tell what is there and declared; raises `GatewayUnavailableError`."""
        deposit = self.deposit(call)
        return {
            "address": self._settings.url,
            "user name": self._settings.username,
            "profile": self._settings.reg_username,
            "dates are read as": self._settings.timezone.key,
            "renewal guard": "the year of the expiry alone",
            **describe(self._capabilities),
            "deposit": f"{deposit.balance} {deposit.unit}",
        }

    def close(self) -> None:
        """Close the kept connections."""
        self._talk.close()


def _capabilities(settings: OpenSrsSettings) -> Capabilities:
    """Declare what the account can do. The expiry guards a renewal by its year alone, which whole years make enough."""
    return Capabilities(
        kinds=frozenset({Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE}),
        guards={
            Kind.REGISTER: Guard.NAME,
            Kind.RENEW: Guard.CURRENT_EXPIRY,
            Kind.TRANSFER: Guard.PENDING_TRANSFER,
            Kind.RESTORE: Guard.NONE,
        },
        can_look=True,
        late_limit=timedelta(seconds=settings.late_limit_seconds),
        look_gap=timedelta(seconds=settings.look_gap_seconds),
        long_look=timedelta(seconds=settings.long_look_seconds),
        reports_deposit=True,
        contact_roles=CONTACT_ROLES,
        transfer_contact_roles=CONTACT_ROLES,
        updates=frozenset({Changeable.NAMESERVERS, Changeable.STATUSES, Changeable.CONTACTS}),
        errands=frozenset({Delete, AnswerTransfer}),
        statuses=frozenset({Status.CLIENT_TRANSFER_PROHIBITED}),
        answers=frozenset({TransferAnswer.CANCEL}),
        months={Kind.REGISTER: MONTHS_SOLD, Kind.RENEW: MONTHS_SOLD, Kind.TRANSFER: MONTHS_MOVED},
        reads_auth_info=True,
        privacy=True,
        idn_tables=settings.idn_tables,
        max_nameservers=MAX_NAMESERVERS,
        resumes_saved=True,
    )
