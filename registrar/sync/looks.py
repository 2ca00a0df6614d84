"""What is a look judged by? The look itself, beside what our books and the other sources say: one view for all judgements."""

from dataclasses import dataclass
from datetime import UTC, datetime

from registrar.agreement.rules import Rules
from registrar.commands import ADDED_BY_REGISTRY, Expiry
from registrar.dates import EARLIEST_YEAR, LATEST_YEAR
from registrar.gateway import Sighting
from registrar.sync.vocabulary import ChangeKind, Known, Proposal, Source, SyncTerms, Told

Decided = dict[ChangeKind, Proposal | None]
"""The kinds that a look decides: each stands, with its proposal, or does not. What a look cannot tell is not in it."""

LONGEST_SPONSOR = 255
"""Characters of a sponsor's name that are compared and told: as many as are kept of what it was before."""
LONGEST_REASON = 200
"""Characters of what a far side gives as its reason that staff are told."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look that told something, and all that it is compared with. `authority` is whose date the books follow (D4)."""

    known: Known
    source: Source
    sighting: Sighting
    rules: Rules
    terms: SyncTerms
    authority: Source
    now: datetime

    @property
    def told(self) -> Told:
        """What this source told before."""
        return self.known.told.get(self.source, Told())

    @property
    def is_authority(self) -> bool:
        """Tell whether the books follow this source's date."""
        return self.source is self.authority

    @property
    def expiry(self) -> Expiry | None:
        """The registry's date, where the look tells one: .ir's before its approval is none (D4)."""
        return None if self.sighting.expiry_is_temporary else self.sighting.expiry

    @property
    def dated_before(self) -> str | None:
        """The last date that this source told before, as it wrote it, though it may have told none since."""
        return self.told.expires_text or in_json(self.told.expires_at)

    @property
    def shows_registrys_year(self) -> bool:
        """Tell whether the look shows a year that the registry added itself: it says so, or the registrar's own date stayed."""
        seen = self.sighting
        return seen.renewed_by_registry or seen.term_end != seen.expiry

    @property
    def sponsor(self) -> str | None:
        """With whom the look shows the name, as far as that is compared and told."""
        return self.sighting.sponsor and self.sighting.sponsor[:LONGEST_SPONSOR]

    @property
    def reason(self) -> str:
        """Why the look tells less than it might, as far as staff are told that."""
        return self.sighting.reason[:LONGEST_REASON]

    @property
    def paid(self) -> datetime | None:
        """Until when the name is paid for, if that is a date to reckon with."""
        return reckonable(self.known.paid_through)

    @property
    def name(self) -> str:
        """The name as commands and findings write it."""
        return self.known.domain.ascii

    @property
    def has_lapsed(self) -> bool:
        """Tell whether what was paid for is over."""
        return self.paid is not None and self.paid < self.now

    def others(self) -> dict[Source, Told]:
        """Return what the other sources told, as far as they ever did."""
        return {
            source: told
            for source, told in self.known.told.items()
            if source is not self.source and told.told_at is not None
        }

    def is_fresh(self, told: Told) -> bool:
        """Tell whether what another source told is young enough to be compared with."""
        return told.told_at is not None and self.now - told.told_at <= self.terms.fresh


def reckonable(at: datetime | None) -> datetime | None:
    """Return a date of the books if terms and windows can be counted from it: a registrar may have told an order any year."""
    return at if at is not None and EARLIEST_YEAR <= at.year <= LATEST_YEAR else None


def has_registrys_year(told: Told) -> bool:
    """Tell the same of what a source told."""
    apart = told.expires_at - told.renew_by if told.expires_at and told.renew_by else None
    return told.renewed_by_registry or (apart is not None and apart >= ADDED_BY_REGISTRY)


def is_near(one: datetime | None, other: datetime | None, terms: SyncTerms) -> bool:
    """Tell whether two dates are one term in two writings."""
    return one is not None and other is not None and abs(one - other) <= terms.shift


def in_json(at: datetime | None) -> str | None:
    """Write an instant for a change's columns."""
    return None if at is None else at.astimezone(UTC).isoformat()


def in_words(at: datetime) -> str:
    """Write an instant for staff."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
