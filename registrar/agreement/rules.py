"""Which numbers, modes and readings of the agreement are in force? Versions with a date of effect, overlays per zone.

Each version is complete: nothing is inherited from an earlier one. A decision stores the version's name and its inputs,
so that "why" has an answer years later. How a version is written stands in `config/rules.toml`; it is read by
`config.rules`, which says for each fault where it stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from registrar.commands import Kind
from registrar.money import Money


class Clock(StrEnum):
    """By which instant a renewal's class is counted (D2)."""

    PAID = "paid"
    """When the customer paid: neither a portal's outage nor a slow queue costs him a class."""
    ACCEPTED = "accepted"
    """When we took the order."""
    SENT = "sent"
    """When the command is about to leave."""


class AutoRenewed(StrEnum):
    """What an order to renew means for a name that its registry has renewed by itself (D4)."""

    ADOPT = "adopt"
    """The year that the registry added is the one that the customer pays for: nothing is sent."""
    RENEW = "renew"
    """That year is taken back, or not charged, unless we renew: the renewal is sent."""


class AfterGap(StrEnum):
    """Which price a renewal after an interruption has (E6)."""

    RENEWAL = "renewal"
    FIRST_PURCHASE = "first_purchase"


class DependentLines(StrEnum):
    """What becomes of the refundable lines of an order that failed (D6)."""

    AUTO = "auto"
    ASK_CUSTOMER = "ask_customer"
    STAFF = "staff"


class Late(StrEnum):
    """What becomes of gift whose time ran out while its order was open (F2)."""

    EXTEND = "extend"
    LAPSE = "lapse"


class Interest(StrEnum):
    """How a penalty grows (F3)."""

    SIMPLE = "simple"
    COMPOUND = "compound"


class Rounding(StrEnum):
    """What becomes of a fraction of a minor unit."""

    DOWN = "down"
    HALF_UP = "half_up"
    UP = "up"


class Bucket(StrEnum):
    """A customer's kinds of money (F1)."""

    CASH = "cash"
    REPURCHASE = "repurchase"
    """Given back for services stalled by a failure, for buying again (D6)."""
    GIFT = "gift"
    """His to use and nothing else: not money, not movable, with an end (F2)."""


class Authorities(StrEnum):
    """How many authorities must confirm a claim beside the company (D9)."""

    ANY = "any"
    BOTH = "both"


class BlockMode(StrEnum):
    """How a name is blocked (D9)."""

    LOCK = "lock"
    """Transfer, update and delete are prohibited; the name resolves and can be renewed."""
    HOLD = "hold"
    """Out of the DNS as well, where a ruling says so."""


@dataclass(frozen=True, slots=True)
class RenewalRules:
    """When a lapsed name can be renewed: D1, D2, D4, E6."""

    committed: timedelta
    """After the end of what was paid for; inclusive (D2)."""
    possible: timedelta
    """The same for the best effort (D1)."""
    clock: Clock
    credit_failed: bool
    """Whether a failed renewal is credited (D5, policy: the text names registration and transfer only)."""
    alarm_inside_commitment: bool
    """Whether a refusal inside the committed week raises a finding (D2, policy)."""
    after_gap_price: AfterGap
    registry_normal: timedelta | None
    """How long after expiry the registry itself still renews at the normal price; None: until it deletes the name."""
    registry_penalty: timedelta | None
    """How long it renews at all, with a penalty; None: there is no such time."""
    restorable: bool
    """Whether the registry has a redemption after it (RFC 3915)."""
    bare_date_zone: str
    """The time zone in which a date without a time ends (`Asia/Tehran` for .ir)."""
    term_tolerance: timedelta
    """How far a new expiry may lie from old expiry + term before it is drift (E1)."""


@dataclass(frozen=True, slots=True)
class FeeRule:
    """One fee, quoted before the order and a ledger line of its own (E4)."""

    line: str
    kinds: frozenset[Kind]
    after: timedelta
    """It applies to names that lapsed more than this ago …"""
    until: timedelta | None
    """… and at most this; None: no end."""
    amount: Money
    credited_on_refusal: bool
    text: Mapping[str, str]
    """By language, `fa` and `en`."""


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """How long things may take, from payment: O2, O8, O9, E3."""

    maximum: Mapping[Kind, timedelta]
    factor: int
    """No cancelling before so many times the maximum (O2)."""
    report_within: timedelta
    """O8."""
    mismatch_within: timedelta
    """O9."""
    renewal_report_within: timedelta
    """E3, after expiry."""


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """What is said to customers of their names' expiry, and when (E2)."""

    days: tuple[int, ...]
    """Before (negative) and after the end of what was paid for."""
    at_hour: int
    """The hour of the day at which they are due, in `time_zone`."""
    time_zone: str
    per_minute: int
    """So many at most leave in a minute: after an outage they are caught up without a flood."""
    tries: int
    retry_after: timedelta


@dataclass(frozen=True, slots=True)
class MoneyRules:
    """D6, F2, F3, F5, F6."""

    dependent_lines: DependentLines
    spend: tuple[Bucket, ...]
    """Which bucket is spent first."""
    gift_on_failure: bool
    """Whether gift spent on an order that failed on our side comes back as gift (F2, policy)."""
    gift_expired_while_pending: Late
    gift_extension: timedelta
    penalty_per_mille: int
    """A day, of the debt; 2 is the text's 0.2 % (F3)."""
    penalty_interest: Interest
    penalty_rounding: Rounding
    slip_by_itself: timedelta
    """Until when a slip is booked by itself, from its own date (F6)."""
    slip_with_original: timedelta
    """Until when staff may book it with the original; later it is refused."""


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """D9."""

    authorities: Authorities
    block_mode: BlockMode
    lock_within: int
    """Business days after the provider's request."""
    release_within: int
    """Business days after a dismissal."""
    ruling_wait: int
    """Business days after a ruling in which a court filing stops it."""
    watch_every: timedelta
    disclose_after: timedelta | None
    """From the assertion; None: only when it is disclosed by hand."""


@dataclass(frozen=True, slots=True)
class DepartureRules:
    """D7."""

    valid_channels: frozenset[str]
    code_within: timedelta
    wait_after_registration: timedelta
    wait_after_transfer: timedelta
    wait_after_holder_change: timedelta
    unpaid_past_term: timedelta
    """So long after the end of the term an unpaid renewal is a ground to deny."""
    fee: Money | None
    follow_for: timedelta
    """How long it is followed after the code was given."""


@dataclass(frozen=True, slots=True)
class ConductRules:
    """C1, C2, C3, O3, O4, O6, O9."""

    channels: Mapping[str, bool]
    """Every channel that is known, and whether it binds (C2)."""
    support: str
    """The channel that the clauses mean by *support* (E3, O5)."""
    announce_at_least: timedelta
    """Before a planned hold; urgent ones are exempt (O3)."""
    announce_at_most: timedelta
    identity_lets_through: timedelta
    """A renewal whose class would change within this goes through an identity hold (O6)."""
    quote_valid_for: timedelta
    """How long a quote holds by default (O4)."""
    holder_change_lock: timedelta
    """How long a name cannot be transferred after its holder changed; shown beforehand (O5)."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are business days; holidays are the company's to list."""

    weekend: frozenset[int]
    """Days of the week, Monday = 0."""
    holidays: frozenset[date]
    time_zone: str


@dataclass(frozen=True, slots=True)
class Rules:
    """One version, as it applies to one zone."""

    version: str
    effective_from: datetime
    agreement: str
    """The version of the agreement's text that these rules carry out (A1)."""
    renewal: RenewalRules
    fees: tuple[FeeRule, ...]
    delivery: DeliveryRules
    notices: NoticeRules
    money: MoneyRules
    claims: ClaimRules
    departures: DepartureRules
    conduct: ConductRules
    calendar: Calendar
    auto_renewed: Mapping[str, AutoRenewed] = field(default_factory=dict)
    """By registrar; one that is not listed adopts (D4)."""

    def auto_renewed_at(self, registrar: str) -> AutoRenewed:
        """Return what a registry's own renewal means at a registrar."""
        return self.auto_renewed.get(registrar, AutoRenewed.ADOPT)


def overlaid(common: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Put what a zone says over what is said for all, as it is written: key by key, a list in place of a list."""
    merged = dict(common)
    for key, value in overlay.items():
        below = merged.get(key)
        merged[key] = overlaid(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the rules for all zones: the common part, and the zones that differ."""

    common: Rules
    zones: Mapping[str, Rules]
    source: Mapping[str, Any]
    """What was read, as JSON, with zones by their A-labels: stored, so that the version can be shown years later."""

    @property
    def name(self) -> str:
        """The version's name."""
        return self.common.version

    def rules(self, zone: str) -> Rules:
        """Return the rules for names under a zone (its A-label)."""
        return self.zones.get(zone, self.common)


@dataclass(frozen=True)
class RuleBook:
    """All versions, each in force from its date until the next one's; at least one.

    Raises `ValueError` for none, and for two of one name or one date.
    """

    versions: Sequence[Version]
    """The oldest first."""

    def __post_init__(self) -> None:
        if not self.versions:
            raise ValueError("there must be at least one version of the rules")
        ordered = sorted(self.versions, key=lambda version: version.common.effective_from)
        object.__setattr__(self, "versions", tuple(ordered))
        for what in (
            [version.name for version in ordered],
            [version.common.effective_from for version in ordered],
        ):
            if len(set(what)) != len(what):
                raise ValueError("two versions of the rules share a name or a date of effect")

    def at(self, instant: datetime) -> Version:
        """Return the version in force; before the first one took effect, the first."""
        in_force = [version for version in self.versions if version.common.effective_from <= instant]
        return in_force[-1] if in_force else self.versions[0]

    def named(self, name: str) -> Version | None:
        """Return the version with this name, or None."""
        return next((version for version in self.versions if version.name == name), None)

    def rules(self, zone: str, *, at: datetime) -> Rules:
        """Return the rules in force for a zone."""
        return self.at(at).rules(zone)
