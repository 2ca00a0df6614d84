"""In what do EPP registries differ? A `Dialect` says it, and nothing else in this server asks who it is.

`COM` stands for the big registries (contacts and hosts as objects, years, prices told, restores without a report);
`SMALL` for a national one that keeps no contacts, counts in months, wants a report for a restore and is strict about its
connections. Both are seen in the wild; neither copies one registry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
CONTACT = "urn:ietf:params:xml:ns:contact-1.0"
HOST = "urn:ietf:params:xml:ns:host-1.0"
SECDNS = "urn:ietf:params:xml:ns:secDNS-1.1"
RGP = "urn:ietf:params:xml:ns:rgp-1.0"
FEE = "urn:ietf:params:xml:ns:epp:fee-1.0"
LOGIN_SECURITY = "urn:ietf:params:xml:ns:epp:loginSec-1.0"
CHANGE_POLL = "urn:ietf:params:xml:ns:changePoll-1.0"
MAINTENANCE = "urn:ietf:params:xml:ns:epp:maintenance-1.0"
LOW_BALANCE = "http://www.verisign.com/epp/lowbalance-poll-1.0"

PREFIXES = {
    DOMAIN: "domain",
    CONTACT: "contact",
    HOST: "host",
    SECDNS: "secDNS",
    RGP: "rgp",
    FEE: "fee",
    LOGIN_SECURITY: "loginSec",
    CHANGE_POLL: "changePoll",
    MAINTENANCE: "maint",
    LOW_BALANCE: "lowbalance-poll",
}

PREMIUM_PREFIX = "premium-"
"""Names that begin so cost `PREMIUM_FACTOR` times as much, where the registry tells prices (RFC 8748)."""
PREMIUM_FACTOR = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What one registry offers, asks for and answers, where registries differ."""

    server_id: str
    objects: tuple[str, ...]
    extensions: tuple[str, ...] = ()
    host_objects: bool
    """Name servers are host objects (RFC 5731 §1.1); otherwise attributes of the domain."""
    period_unit: str
    """`y` or `m`; the other one is refused (2306)."""
    fraction_digits: int
    """How many digits of a second a date has."""
    client_certificate: bool
    closes_on_unknown_command: bool
    """After answering 2101."""
    closes_on_repeated_transaction: bool
    """Without any answer."""
    announces_messages: bool
    """Every answer says how many messages wait (RFC 5730 §2.6 allows it)."""
    stale_expiry_code: int
    """What a renewal with another curExpDate than the name's is answered."""
    own_transfer_code: int
    """What asking for a name that one sponsors already is answered."""
    restore_report: bool
    """A restore is done only when its report has come (RFC 3915 §4.2.5)."""

    @property
    def contacts(self) -> bool:
        """Whether names have contacts: then a registration must state them, otherwise it must not."""
        return CONTACT in self.objects

    def write_time(self, at: datetime) -> str:
        """Write a time as this registry does; digits beyond its own are cut off."""
        at = at.astimezone(UTC)
        fraction = f"{at.microsecond:06}"[: self.fraction_digits]
        return f"{at:%Y-%m-%dT%H:%M:%S}.{fraction}Z"


COM = Dialect(
    server_id="Sandbox COM registry",
    objects=(DOMAIN, CONTACT, HOST, MAINTENANCE),
    extensions=(SECDNS, RGP, FEE, LOGIN_SECURITY, CHANGE_POLL),
    host_objects=True,
    period_unit="y",
    fraction_digits=1,
    client_certificate=False,
    closes_on_unknown_command=False,
    closes_on_repeated_transaction=False,
    announces_messages=True,
    stale_expiry_code=2004,
    own_transfer_code=2002,
    restore_report=False,
)
"""Dialect A."""

SMALL = Dialect(
    server_id="Sandbox small registry",
    objects=(DOMAIN,),
    extensions=(RGP,),
    host_objects=False,
    period_unit="m",
    fraction_digits=3,
    client_certificate=True,
    closes_on_unknown_command=True,
    closes_on_repeated_transaction=True,
    announces_messages=False,
    stale_expiry_code=2306,
    own_transfer_code=2106,
    restore_report=True,
)
"""Dialect B."""

DIALECTS: Mapping[str, Dialect] = {"com": COM, "small": SMALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a registrar asks for its work, and how long it takes to decide.

    `prices` are for a year, in the books' unit, a restore's once. A transfer is charged when its request is accepted and given back when
    it is rejected or cancelled; so is what is left pending.
    """

    prices: Mapping[str, int] = field(
        default_factory=lambda: {"register": 900, "renew": 950, "transfer": 980, "restore": 4000}
    )
    transfer_seconds: float = 2.0
    """After which a transfer is approved, if nobody decides otherwise."""
    pending_seconds: float = 2.0
    """After which what was left pending on request is approved, if nobody decides otherwise."""
    redemption_seconds: float = 2_592_000.0
    """After which a deleted name cannot be restored any more (RFC 3915 §3.1: 30 days)."""
    purge_seconds: float = 432_000.0
    """After which it is free again."""
    longest_months: int = 120
    """No name's expiry may be further away (RFC 5731 §2.5)."""

    def amount(self, command: str, months: int) -> int:
        """Tell the price of a command for so many months."""
        return self.prices[command] if command == "restore" else self.prices[command] * months // 12
