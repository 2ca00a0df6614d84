"""What is a face handed? The wiring fills it in: faces hold no rule, read no settings and reach no registrar themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from adapters.mail.letterhead import Letterhead
from registrar.agreement.rules import RuleBook
from registrar.commands import Errand, Kind
from registrar.database import Database
from registrar.deposits import Forecast
from registrar.gateway import Sighting, StatementLine
from registrar.names import DomainName
from registrar.orders.requests import Catalogue
from registrar.orders.terms import Terms
from registrar.outcomes import Outcome
from registrar.secrets import Keyring, Secret
from registrar.statements import Reconciliation
from registrar.sync.runs import RunView
from registrar.sync.vocabulary import Mode


@dataclass(frozen=True, slots=True)
class Desk:
    """The core, and what lies behind it, as plain callables."""

    database: Database
    keyring: Keyring
    catalogue: Catalogue
    terms: Mapping[str, Terms]
    """By registrar."""
    rules: RuleBook
    """The agreement's, by date of effect and zone."""
    look: Callable[[str, DomainName, Kind], Sighting]
    """Look at a name at a registrar, now; a failed look is a Sighting too."""
    inspect: Callable[[str], Mapping[str, str]]
    """Connect to a registrar, log in and say what is there; raises `GatewayUnavailableError`."""
    run: Callable[[str, Errand], Outcome]
    """Run an errand at a registrar, now; it costs nothing."""
    auth_info: Callable[[str, DomainName], Secret | None]
    """Ask a registrar for a name's auth code; raises `GatewayUnavailableError`."""
    read_deposit: Callable[[str], Forecast | None]
    """Read a registrar's deposit and keep it; None where it reports none; raises `GatewayUnavailableError`."""
    reconcile: Callable[[str, date, date, tuple[StatementLine, ...] | None], Reconciliation | None]
    """Compare a registrar's statement of these days, both included, or the lines of a file, with our orders; None where
    it reports none; raises `GatewayUnavailableError`."""
    ring: Callable[[str, int], object]
    """Nudge the workers about a registrar's order; never raises, and a nudge that is lost costs delay only."""
    now: Callable[[], datetime]
    sync: Callable[[Mode, str, Callable[[RunView], object], Callable[[], bool]], RunView]
    """Look at every name that is due, in this process: how, who asks for it, what is shown the run as it gets on, and what
    tells to stop; returns the run as it then stands. Raises `RunUnderWayError` and `NobodyCountsError`."""
    sync_coverage: timedelta = timedelta(hours=48)
    """Within how long a name should have been confirmed."""
    letterhead: Letterhead = field(default_factory=Letterhead)
    """Who writes to customers."""
