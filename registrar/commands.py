"""What can be asked of a registrar? Commands that spend, and an update; an adapter turns each into its wire's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from registrar.names import DomainName
from registrar.secrets import Secret
from registrar.statuses import CLIENT_STATUSES, Status


class Kind(StrEnum):
    """The commands that spend."""

    REGISTER = "register"
    RENEW = "renew"
    TRANSFER = "transfer"


class ContactRole(StrEnum):
    """A contact's part in a domain. IRNIC calls the registrant *holder* and billing *bill*."""

    REGISTRANT = "registrant"
    ADMIN = "admin"
    TECH = "tech"
    BILLING = "billing"


@dataclass(frozen=True, slots=True)
class Handle:
    """A contact that exists at the registry already (`ab123-irnic`, `C-1001`)."""

    id: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact's data, to be created at registries that keep contacts.

    `reference` is our own stable name for it (from the customer), of which an adapter makes the registry's contact id,
    so that a repeated creation is recognised. The data are people's: `repr` shows none of them (D10).
    `national_id` is kept sealed for registries that ask for it; neither adapter here, EPP nor IRNIC, does.
    """

    reference: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    street: tuple[str, ...] = field(repr=False)
    city: str = field(repr=False)
    country_code: str = field(repr=False)
    voice: str | None = field(default=None, repr=False)
    organization: str | None = field(default=None, repr=False)
    province: str | None = field(default=None, repr=False)
    postal_code: str | None = field(default=None, repr=False)
    national_id: Secret | None = None


@dataclass(frozen=True, slots=True)
class Nameserver:
    """A delegation: the host's A-label name, and its addresses where it lies inside the name itself (glue)."""

    host: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a term ends: `at` in aware UTC, `text` as the registrar wrote it (a renewal's guard is cut from it)."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Register:
    """Register a free name for `months`. Guard: the registry refuses a name that exists."""

    domain: DomainName
    months: int
    contacts: Mapping[ContactRole, Handle | Contact] = field(default_factory=dict)
    nameservers: tuple[Nameserver, ...] = ()

    kind = Kind.REGISTER


@dataclass(frozen=True, slots=True)
class Renew:
    """Renew for `months` from `current_expiry`. Guard: a registry refuses an expiry that is no longer the current one.

    `current_expiry` is the value read once, before the order's first attempt (rule 9 of the house): reading it afresh
    before a repeat would disarm the guard.
    """

    domain: DomainName
    months: int
    current_expiry: Expiry

    kind = Kind.RENEW


@dataclass(frozen=True, slots=True)
class Transfer:
    """Ask for a name's move to us. `months` is what the move adds (0 where it adds none)."""

    domain: DomainName
    months: int
    auth_info: Secret

    kind = Kind.TRANSFER


Command = Register | Renew | Transfer
"""What an order sends."""


@dataclass(frozen=True, slots=True)
class Update:
    """Make a name what it should be. It costs nothing, and a repeat is harmless by nature.

    It states the end and not the steps: `nameservers` is the whole set that the name should have (None leaves it as it
    is, an empty one takes it out of the zone), `add_statuses` are those that should be there and `remove_statuses`
    those that should not. The adapter looks first, in the same call, and sends only the difference; where there is none
    it sends nothing. A host is known by its name: one that stays keeps the addresses it has.

    Raises `ValueError` for a status that is not ours to set, or that should be there and not be there.
    """

    domain: DomainName
    nameservers: tuple[Nameserver, ...] | None = None
    add_statuses: frozenset[Status] = frozenset()
    remove_statuses: frozenset[Status] = frozenset()

    def __post_init__(self) -> None:
        if theirs := (self.add_statuses | self.remove_statuses) - CLIENT_STATUSES:
            raise ValueError(
                f"{', '.join(sorted(theirs))}: only the registry sets that; state a client status"
            )
        if both := self.add_statuses & self.remove_statuses:
            raise ValueError(f"{', '.join(sorted(both))}: to be added and to be removed; state one of them")
