"""Which words does the nightly sync speak? Its sources, its kinds of change, what is known of a name, and what a look comes to.

Three dates stay apart (D4): `registry_expires_at` (the authority's), `renew_by` (the registrar's own) and `paid_through`, which
the sync compares with and never writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from registrar.gateway import Standing
from registrar.names import DomainName


class Source(StrEnum):
    """Who tells what a name is."""

    REGISTRAR = "registrar"
    """The inquiry at the registrar that has the name: it alone can say that a name is ours."""
    RDAP = "rdap"
    WHOIS = "whois"

    @property
    def is_public(self) -> bool:
        """Tell whether anybody can ask it; what it tells of a sponsor is a name, never that it is us."""
        return self is not Source.REGISTRAR


class Mode(StrEnum):
    """What becomes of what a run found."""

    WRITE = "write"
    DRY = "dry"
    """It is proposed, and applied only by staff."""


class ChangeKind(StrEnum):
    """What a look can come to: a date, a standing, or a condition that stands while looks show it."""

    FIRST_DATE = "first_date"
    """The books had no date of the registry."""
    SHIFTED = "shifted"
    """The same term in another writing: a bare date, a time zone, 29 February."""
    EXPLAINED = "explained"
    """A completed order of ours paid for it, and told no date."""
    REGISTRY_RENEWED = "registry_renewed"
    """The registry added a year by itself: its date alone moves, what was paid for stays (D4)."""
    REGISTRY_UNDID = "registry_undid"
    """The registry took such a year back: its date returns to what was paid for."""
    RENEW_BY = "renew_by"
    """The registrar's own date."""
    IMPLAUSIBLE_DATE = "implausible_date"
    """A date of the registry that does not fit what is known: the old one is kept, and staff decide."""
    IMPLAUSIBLE_RENEW_BY = "implausible_renew_by"
    """The same of the registrar's own date."""

    DOUBTED = "doubted"
    """Two agreeing looks, nights apart, do not show the name as ours. Harmless: its reminders wait."""
    GONE = "gone"
    """After the doubt the registrar and the public record have both agreed, nights apart: it left us, or was deleted."""
    BACK = "back"
    """It is seen as ours again: the doubt ends."""

    SOURCES_DISAGREE = "sources_disagree"
    AUTO_RENEW_ON = "auto_renew_on"
    DATE_MISSING = "date_missing"
    """The authority told a date, and tells none any more: the old one stands, and grows old."""
    PAID_TERM_MISSING = "paid_term_missing"
    """What was paid for reaches further than the registry's date (E3)."""
    EXPIRED_UNNOTICED = "expired_unnoticed"
    """The paid term is over, and its customer was not told (E2)."""
    NAMESERVERS_OFF = "nameservers_off"
    LEFT_WITHOUT_ORDER = "left_without_order"


DATES = frozenset(
    {
        ChangeKind.FIRST_DATE,
        ChangeKind.SHIFTED,
        ChangeKind.EXPLAINED,
        ChangeKind.REGISTRY_RENEWED,
        ChangeKind.REGISTRY_UNDID,
        ChangeKind.IMPLAUSIBLE_DATE,
        ChangeKind.RENEW_BY,
        ChangeKind.IMPLAUSIBLE_RENEW_BY,
    }
)
"""Applied, they write a date of the books: the columns that `Proposal.after` names."""
REGISTRY_DATES = DATES - {ChangeKind.RENEW_BY, ChangeKind.IMPLAUSIBLE_RENEW_BY}
"""Those about the registry's date: a pin keeps them off."""
STANDINGS = frozenset({ChangeKind.DOUBTED, ChangeKind.GONE, ChangeKind.BACK})
"""Applied, they write whether the name is here: the columns that `Proposal.after` names."""
CONDITIONS = frozenset(ChangeKind) - DATES - STANDINGS
"""Findings: they write nothing of the books, and are closed by the look that no longer shows them."""


@dataclass(frozen=True, slots=True)
class SyncTerms:
    """How often names are asked, what two looks must keep to agree, and what a run may change by itself."""

    near: timedelta = timedelta(hours=6)
    """Asked again so soon where a boundary is within `near_window`."""
    soon: timedelta = timedelta(hours=20)
    """Each night: a boundary is within `soon_window`."""
    far: timedelta = timedelta(hours=44)
    """Every other night: nothing is near."""
    near_window: timedelta = timedelta(days=3)
    """Before and after a boundary."""
    soon_window: timedelta = timedelta(days=45)
    """Before and after a boundary."""
    unknown_retry: timedelta = timedelta(hours=1)
    """After a look that told nothing; doubled with each one that follows, up to `soon`."""
    nights_apart: timedelta = timedelta(hours=20)
    """Two looks count as two only if they lie so far apart."""
    shift: timedelta = timedelta(days=3)
    """Two dates no farther apart are one term in two writings."""
    fresh: timedelta = timedelta(hours=48)
    """What a source told longer ago is compared with nothing."""
    breaker_share: float = 0.02
    """A run with more changes of one kind than this share of the names that told something stops and asks."""
    breaker_least: int = 20
    """So many changes of one kind never stop a run."""
    longest_run: timedelta = timedelta(hours=20)
    """A run that is not done by then ends unfinished."""
    lease: timedelta = timedelta(minutes=15)
    """So long a name that was taken to be asked is nobody else's."""

    @property
    def longest_wait(self) -> timedelta:
        """Return after how long at the latest any name is due again."""
        return max(self.far, self.nights_apart, self.unknown_retry)


class GoneWhy(StrEnum):
    """Why a name is gone, as the books write it."""

    TRANSFERRED_OUT = "transferred_out"
    DELETED = "deleted"


class Missing(StrEnum):
    """In which way a look does not show a name as ours."""

    LEFT = "left"
    """It is registered, and not with us."""
    GONE = "gone"
    """It is not registered."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What one source has been saying, look after look, of a name that it does not show as ours.

    `times` counts agreeing looks, each at least `nights_apart` after the one counted before; `seen_at` is the one counted
    last. None counts that was made before an order of ours was done: then it is since that order. `sponsor_before` is the
    sponsor that a public source named before it named another one: the name is back when it is named again.
    """

    what: Missing
    since: datetime
    seen_at: datetime
    times: int
    sponsor_before: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The latest that one source told of a name, as it is stored, with what came of asking since.

    A look that told nothing changes only `asked_at`, `tries` (looks in a row that told nothing) and `reason`. `told_at` and
    `standing` are None until the first answer. `expires_text` and `nameservers` are the last that it told of them: without
    an `expires_at` beside it the text is of a date that it tells no more.
    """

    told_at: datetime | None = None
    asked_at: datetime | None = None
    tries: int = 0
    standing: Standing | None = None
    reason: str = ""
    ours: bool | None = None
    sponsor: str | None = None
    expires_at: datetime | None = None
    expires_text: str | None = None
    expiry_is_temporary: bool = False
    renewed_by_registry: bool = False
    renew_by: datetime | None = None
    auto_renews: bool | None = None
    created_at: datetime | None = None
    statuses: frozenset[str] = frozenset()
    nameservers: tuple[str, ...] = ()
    suspicion: Suspicion | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What our books say of a name at the moment of judging, and what each source told before the look that is judged.

    `months_without_date` was bought by a completed order that told no date and is not in `registry_expires_at` yet. `busy`:
    an open order may change the name. `departing`: a departure of ours is under way. `claimed`: a claim keeps it locked.
    `suspended`: a suspension of ours is in force (O11). `elsewhere`: it is with another agent, where our last order renewed it.
    `pinned` is the date that staff pinned, while the pin lasts.
    `reminded`: a notice of expiry for this `paid_through` was sent, or nobody owes one yet (E2).
    """

    domain: DomainName
    registrar: str
    registry_expires_at: datetime | None = None
    registry_expires_text: str | None = None
    paid_through: datetime | None = None
    renew_by: datetime | None = None
    confirmed_at: datetime | None = None
    doubted_at: datetime | None = None
    doubted_why: str | None = None
    pinned: datetime | None = None
    months_without_date: int = 0
    busy: bool = False
    departing: bool = False
    claimed: bool = False
    suspended: bool = False
    elsewhere: bool = False
    reminded: bool = True
    told: Mapping[Source, Told] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One change that a look proposes, in words for staff, with the next step to take.

    `before` and `after` are JSON: for a date or a standing, columns of the name in the books with their values (instants in
    ISO 8601, UTC) as they are and as they would be; for a condition `before` is empty and `after` is what was seen.
    `quarantined`: it is never applied by itself, only by staff; a later look may propose the same kind unquarantined.
    """

    kind: ChangeKind
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    text: str
    next_step: str
    quarantined: bool = False
    is_first_word: bool = False
    """Of a date that fits: its source has told none before, so nothing has changed there; the breaker does not count it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one look comes to, beside its being stored.

    `decides`: it was compared with what is known; else it is stored only. `confirms`: the authority has confirmed what the
    books say, or what is proposed to them. `clears` are the kinds that this look decides and that do not stand: an open
    change of such a kind is overtaken, a finding of it closed. `suspicion` is the source's from now on, None where there is
    none. `wakes_claim`, `wakes_departure`: their own looks are due now.
    """

    decides: bool = False
    confirms: bool = False
    proposals: tuple[Proposal, ...] = ()
    clears: frozenset[ChangeKind] = frozenset()
    suspicion: Suspicion | None = None
    wakes_claim: bool = False
    wakes_departure: bool = False
