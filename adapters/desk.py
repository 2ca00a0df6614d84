"""What is a face handed? The wiring fills it in: faces hold no rule, read no settings and reach no registrar themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from registrar.commands import Kind
from registrar.database import Database
from registrar.gateway import Sighting
from registrar.names import DomainName
from registrar.orders.requests import Catalogue
from registrar.orders.terms import Terms
from registrar.secrets import Keyring


@dataclass(frozen=True, slots=True)
class Desk:
    """The core, and what lies behind it, as plain callables."""

    database: Database
    keyring: Keyring
    catalogue: Catalogue
    terms: Mapping[str, Terms]
    """By registrar."""
    look: Callable[[str, DomainName, Kind], Sighting]
    """Look at a name at a registrar, now; a failed look is a Sighting too."""
    inspect: Callable[[str], Mapping[str, str]]
    """Connect to a registrar, log in and say what is there; raises `GatewayUnavailableError`."""
    ring: Callable[[str, int], object]
    """Nudge the workers about a registrar's order; never raises, and a nudge that is lost costs delay only."""
    now: Callable[[], datetime]
