"""What is one look judged to be? A name with its history in a few words, and the look that is made of it.

All happens around `NIGHT`, in the company's books under the shipped rules.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from registrar.agreement.rules import AutoRenewed, Rules
from registrar.commands import Expiry
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from registrar.sync.judging import judge
from registrar.sync.vocabulary import (
    ChangeKind,
    Judged,
    Known,
    Missing,
    Proposal,
    Source,
    Suspicion,
    SyncTerms,
    Told,
)
from tests.agreement.rulebook import standard

COM = DomainName("example.com", "com")
IR = DomainName("example.ir", "ir")
NIGHT = datetime(2026, 11, 22, 22, tzinfo=UTC)
"""When tonight's look is made: half past one in Tehran."""
DAY = timedelta(days=1)
TERMS = SyncTerms()
AUTHORITY = {"com": Source.RDAP, "ir": Source.REGISTRAR}
SPONSOR, ANOTHER = "Example Registrar, Inc.", "Another Registrar Ltd"


def at(text: str) -> datetime:
    """Read an instant as it stands in the tables: a day, or a day and a time, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rules(zone: str = "com", *, auto_renewed: AutoRenewed = AutoRenewed.ADOPT) -> Rules:
    """Return the shipped rules of a zone; `auto_renewed` is what a registry's own year means at the registrar `epp`."""
    return replace(standard().rules(zone, at=NIGHT), auto_renewed={"epp": auto_renewed})


def known(name: DomainName = COM, *, expires: str | None = "2027-03-01", **facts: Any) -> Known:
    """Return a name of ours: paid for until the registry's date unless told otherwise, and confirmed last week."""
    expires_at = at(expires) if expires else None
    facts = {"paid_through": expires_at, "confirmed_at": NIGHT - 7 * DAY} | facts
    return Known(name, "epp", expires_at, expires, **facts)


def told(when: datetime = NIGHT - DAY, **what: Any) -> Told:
    """Return what a source told: that the name is registered, with us as far as it says."""
    usual: dict[str, Any] = {"told_at": when, "asked_at": when, "standing": Standing.REGISTERED}
    return Told(**(usual | what))


def suspicion(
    nights: int, *, what: Missing = Missing.LEFT, sponsor_before: str | None = SPONSOR
) -> Suspicion:
    """Return the suspicion of a source that has not shown the name as ours for so many nights, last night the last."""
    return Suspicion(what, NIGHT - nights * DAY, NIGHT - DAY, nights, sponsor_before)


def look(
    name: DomainName = COM,
    *,
    expires: str | datetime | None = None,
    seen: datetime = NIGHT,
    standing: Standing = Standing.REGISTERED,
    **facts: Any,
) -> Sighting:
    """Return one look, with nothing in it but what is told here."""
    moment = at(expires) if isinstance(expires, str) else expires
    expiry = Expiry(moment, str(expires)) if moment else None
    return Sighting(name, seen, "far side", standing, expiry=expiry, **facts)


def judged(
    name: Known,
    sighting: Sighting,
    source: Source | None = None,
    *,
    by: Rules | None = None,
    authority: Source | None = None,
) -> Judged:
    """Judge a look of a source, its zone's authority unless told otherwise."""
    zone = name.domain.zone
    decisive = authority or AUTHORITY[zone]
    return judge(
        name,
        source or decisive,
        sighting,
        rules=by or rules(zone),
        terms=TERMS,
        authority=decisive,
        now=sighting.seen_at + timedelta(minutes=5),
    )


def kinds(result: Judged) -> set[ChangeKind]:
    """Return what a look comes to."""
    return {proposal.kind for proposal in result.proposals}


def proposed(result: Judged, kind: ChangeKind) -> Proposal:
    """Return the proposal of a kind; there must be one."""
    (found,) = (proposal for proposal in result.proposals if proposal.kind is kind)
    return found
