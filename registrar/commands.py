"""What can be asked of a registrar? Commands that spend, and an update; an adapter turns each into its wire's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from registrar.money import Money
from registrar.names import DomainName
from registrar.secrets import Secret
from registrar.statuses import CLIENT_STATUSES, Status


class Kind(StrEnum):
    """The commands that spend."""

    REGISTER = "register"
    RENEW = "renew"
    TRANSFER = "transfer"
    RESTORE = "restore"
    """Out of redemption (RFC 3915), at a price of its own."""
    RENEW_ELSEWHERE = "renew_elsewhere"
    """A renewal of a name that is with another agent (IRNIC): its holder lets us pay, the name may stay there."""
    CHANGE_HOLDER = "change_holder"
    """A .ir name's move to another holder, by the PIN that IRNIC mails to the present one."""

    @property
    def at_registrars(self) -> "Kind":
        """What registrars call it: to them a renewal is a renewal, whoever's the name is."""
        return Kind.RENEW if self is Kind.RENEW_ELSEWHERE else self


class OwnKind(StrEnum):
    """Orders of our own, about the state that a name should be in. They cost nothing and no customer places them."""

    LOCK = "lock"
    """Statuses that should be there (D9, O11)."""
    UNLOCK = "unlock"
    """Statuses that should not."""

    @property
    def at_registrars(self) -> Kind:
        """Return the kind that a look is made for: one that reads the name as it is."""
        return Kind.RENEW


OrderKind = Kind | OwnKind


def kind_of(text: str) -> OrderKind:
    """Return the kind that an order's row names; raises `ValueError` for one that there is not."""
    return OwnKind(text) if text in set(OwnKind) else Kind(text)


def look_kind(kind: OrderKind) -> Kind:
    """Return the kind that a registrar is asked for when it is looked at a name for an order."""
    return kind.at_registrars if isinstance(kind, OwnKind) else kind


RENEWALS = frozenset({Kind.RENEW, Kind.RENEW_ELSEWHERE})
"""Those that move an expiry from a date that is known."""


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
    `national_id` is kept sealed for registries that ask for it: IRNIC does, where a person's handle is made.
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


ADDED_BY_REGISTRY = timedelta(days=270)
"""A registry's date so far after the registrar's own has been moved by the registry itself: no term is shorter than a year,
and no registrar wants a renewal more than three months before the registry does."""


class TwoDates:
    """What tells the registry's date and the registrar's own: a look, or an answer to an order (D4)."""

    __slots__ = ()

    expiry: Expiry | None
    renew_by: Expiry | None

    @property
    def renews_from(self) -> Expiry | None:
        """The date that a renewal at this registrar starts from, and moves: its own where it has one, else the registry's."""
        return self.renew_by or self.expiry

    @property
    def term_end(self) -> Expiry | None:
        """When the term ends that somebody has paid for.

        That is the registry's date; but not a year that the registry has added by itself and the registrar has not renewed.
        """
        registrys, own = self.expiry, self.renew_by
        is_added = registrys is not None and own is not None and registrys.at - own.at >= ADDED_BY_REGISTRY
        return own if is_added else registrys


@dataclass(frozen=True, slots=True)
class Register:
    """Register a free name for `months`. Guard: the registry refuses a name that exists.

    `ceiling` is the most that the order may cost at the registrar (O4): an adapter that can ask the price does so first
    and answers `Blocked` with `BlockCause.PRICE` where it is higher; without a ceiling no premium price is ever paid.
    `idn_table` names the registrar's table for an internationalized name.
    """

    domain: DomainName
    months: int
    contacts: Mapping[ContactRole, Handle | Contact] = field(default_factory=dict)
    nameservers: tuple[Nameserver, ...] = ()
    privacy: bool = False
    idn_table: str | None = None
    ceiling: Money | None = None

    @property
    def kind(self) -> Kind:
        """REGISTER."""
        return Kind.REGISTER


@dataclass(frozen=True, slots=True)
class Renew:
    """Renew for `months` from `current_expiry`. Guard: a registry refuses an expiry that is no longer the current one.

    It is the date that the registrar itself counts from (`Sighting.renews_from`), and the value read once, before the order's first attempt (rule 9 of the house): reading it afresh
    before a repeat would disarm the guard. `elsewhere`: the name is with another agent, and that is no ground to refuse.
    """

    domain: DomainName
    months: int
    current_expiry: Expiry
    elsewhere: bool = False
    ceiling: Money | None = None

    @property
    def kind(self) -> Kind:
        """RENEW, or RENEW_ELSEWHERE."""
        return Kind.RENEW_ELSEWHERE if self.elsewhere else Kind.RENEW


@dataclass(frozen=True, slots=True)
class Transfer:
    """Ask for a name's move to us. `months` is what the move adds (0 where it adds none).

    `contacts` and `nameservers` are for registrars that ask for them with the transfer (`transfer_contact_roles`); no
    name servers means that those of the name stay.
    """

    domain: DomainName
    months: int
    auth_info: Secret
    contacts: Mapping[ContactRole, Handle | Contact] = field(default_factory=dict)
    nameservers: tuple[Nameserver, ...] = ()
    ceiling: Money | None = None

    @property
    def kind(self) -> Kind:
        """TRANSFER."""
        return Kind.TRANSFER


@dataclass(frozen=True, slots=True)
class Restore:
    """Take a deleted name out of redemption (RFC 3915 §4.2.5). Guard: only a name in redemption can be restored.

    `months` is what the registry adds to its term with it (0 where it adds none).
    """

    domain: DomainName
    months: int
    ceiling: Money | None = None

    @property
    def kind(self) -> Kind:
        """RESTORE."""
        return Kind.RESTORE


@dataclass(frozen=True, slots=True)
class ChangeHolder:
    """Move a .ir name to another holder: without a PIN, ask IRNIC to mail one to the present holder; with it, move.

    `contacts` are the new handles by role. Guard: a second request is refused while one is under way.
    """

    domain: DomainName
    contacts: Mapping[ContactRole, Handle | Contact]
    pin: Secret | None = None

    @property
    def kind(self) -> Kind:
        """CHANGE_HOLDER."""
        return Kind.CHANGE_HOLDER


Command = Register | Renew | Transfer | Restore | ChangeHolder
"""What an order sends."""


@dataclass(frozen=True, slots=True)
class Update:
    """Make a name what it should be. It costs nothing, and a repeat is harmless by nature.

    It states the end and not the steps: `nameservers` is the whole set that the name should have (None leaves it as it
    is, an empty one takes it out of the zone), `add_statuses` are those that should be there and `remove_statuses`
    those that should not, `contacts` are the roles that change. The adapter looks first, in the same call, and sends
    only the difference; where there is none it sends nothing. A host is known by its name: one that stays keeps the
    addresses it has. `auth_info` is set without looking; an empty one clears it (RFC 9154 §4.4).

    Raises `ValueError` for a status that is not ours to set, or that should be there and not be there.
    """

    domain: DomainName
    nameservers: tuple[Nameserver, ...] | None = None
    add_statuses: frozenset[Status] = frozenset()
    remove_statuses: frozenset[Status] = frozenset()
    contacts: Mapping[ContactRole, Handle | Contact] = field(default_factory=dict)
    auth_info: Secret | None = None

    def __post_init__(self) -> None:
        if theirs := (self.add_statuses | self.remove_statuses) - CLIENT_STATUSES:
            raise ValueError(
                f"{', '.join(sorted(theirs))}: only the registry sets that; state a client status"
            )
        if both := self.add_statuses & self.remove_statuses:
            raise ValueError(f"{', '.join(sorted(both))}: to be added and to be removed; state one of them")


@dataclass(frozen=True, slots=True)
class Delete:
    """Give a name up. It costs nothing by itself; a repeat finds it deleted, or on its way (RFC 5731 §3.2.2)."""

    domain: DomainName


class TransferAnswer(StrEnum):
    """What can be said of a transfer under way (RFC 5731 §3.2.4)."""

    APPROVE = "approve"
    """As the losing registrar."""
    REJECT = "reject"
    """As the losing registrar."""
    CANCEL = "cancel"
    """As the one who asked for it."""


@dataclass(frozen=True, slots=True)
class AnswerTransfer:
    """Approve or reject a transfer away from us, or cancel one that we asked for. Costs nothing; a repeat is harmless."""

    domain: DomainName
    answer: TransferAnswer


class HolderType(StrEnum):
    """What a .ir handle's owner is (irnic facts §4)."""

    PERSON = "person"
    COMPANY = "company"
    GOVERNMENT = "government"
    EDUCATION = "education"


@dataclass(frozen=True, slots=True)
class Identity:
    """How the owner of a new .ir handle is known; people's data, shown by no `repr` (D10).

    A person: `number` is the national code, or the passport's with `is_passport` and `issuer`. A company: `category`,
    `number` of registration, `second_number` (the national company id), `issuer`. Government, education: `category`.
    """

    type: HolderType
    category: str | None = None
    number: Secret | None = None
    second_number: Secret | None = None
    issuer: str | None = field(default=None, repr=False)
    is_passport: bool = False


@dataclass(frozen=True, slots=True)
class CreateContact:
    """Create a contact at a registry where handles have a life of their own; `Done.registry_id` is the new handle.

    Costs nothing. Guard: the registry knows one handle for each e-mail address.
    """

    contact: Contact
    identity: Identity


@dataclass(frozen=True, slots=True)
class UpdateContact:
    """Change what may change of a contact: address, phone (irnic facts §2.11). `contact` is the whole new card."""

    handle: Handle
    contact: Contact


Errand = Update | Delete | AnswerTransfer | CreateContact | UpdateContact
"""What is asked of a registrar without spending: harmless to repeat, so never in doubt for long."""
