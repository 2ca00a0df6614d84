"""Do the sources contradict each other? What is fresh of each is compared with the authority's, and never written (D4).

A registry's own year is no contradiction: the registry shows it, and a registrar that was not paid for it does not.
"""

from datetime import datetime

from registrar.gateway import Standing
from registrar.sync.looks import Decided, Look, has_registrys_year, in_json, in_words, is_near
from registrar.sync.plausible import YEAR, is_term
from registrar.sync.vocabulary import ChangeKind, Proposal, Source, Told


def sources_disagree(look: Look) -> Decided:
    """Judge whether what the sources told lately can be true together.

    Not decided while a source that told a date long ago has not been heard again: it may still say so.
    """
    if look.known.pinned is not None:
        return {ChangeKind.SOURCES_DISAGREE: None}
    latest = _latest(look)
    dates = {source: at for source, told in latest.items() if (at := _date(told)) is not None}
    against = [*_other_dates(look, latest, dates), *_other_standing(latest)]
    if against:
        return {ChangeKind.SOURCES_DISAGREE: _proposal(look, latest, against)}
    unheard = any(_date(told) is not None and not look.is_fresh(told) for told in look.others().values())
    silent = look.authority not in dates and bool(dates)
    return {} if unheard or silent else {ChangeKind.SOURCES_DISAGREE: None}


def _latest(look: Look) -> dict[Source, Told]:
    """Return what each source says now, this look among them, as far as it is fresh."""
    seen = look.sighting
    this = Told(
        told_at=seen.seen_at,
        standing=seen.standing,
        ours=seen.ours,
        expires_at=seen.expiry.at if seen.expiry else None,
        expiry_is_temporary=seen.expiry_is_temporary,
        renewed_by_registry=seen.renewed_by_registry,
        renew_by=seen.renew_by.at if seen.renew_by else None,
    )
    return {source: told for source, told in look.others().items() if look.is_fresh(told)} | {
        look.source: this
    }


def _date(told: Told) -> datetime | None:
    return None if told.expiry_is_temporary or told.standing is not Standing.REGISTERED else told.expires_at


def _other_dates(look: Look, latest: dict[Source, Told], dates: dict[Source, datetime]) -> list[str]:
    """Return what others say in dates, where it is not what the authority says."""
    if look.authority not in dates:
        return []
    decisive = dates[look.authority]
    has_grace = has_registrys_year(latest[look.authority])
    return [
        f"{source} says that it expires {in_words(at)}"
        for source, at in sorted(dates.items())
        if not is_near(at, decisive, look.terms)
        and not _is_registrys_year(look, decisive, at, has_grace=has_grace)
    ]


def _is_registrys_year(look: Look, decisive: datetime, other: datetime, *, has_grace: bool) -> bool:
    is_unpaid = has_grace or is_near(other, look.paid, look.terms)
    return is_unpaid and is_term(other, decisive, YEAR, look.rules.renewal.term_tolerance)


def _other_standing(latest: dict[Source, Told]) -> list[str]:
    """Return which public records call a name free that the registrar calls ours."""
    registrar = latest.get(Source.REGISTRAR)
    if registrar is None or registrar.standing is not Standing.REGISTERED or registrar.ours is not True:
        return []
    return [
        f"{source} says that it is not registered, {Source.REGISTRAR} that it is ours"
        for source, told in sorted(latest.items())
        if source.is_public and told.standing is Standing.FREE
    ]


def _proposal(look: Look, latest: dict[Source, Told], against: list[str]) -> Proposal:
    decisive = _date(latest[look.authority]) if look.authority in latest else None
    seen = {
        str(source): in_json(_date(told)) or str(told.standing) for source, told in sorted(latest.items())
    }
    ours = f" {look.authority}, which decides, says {in_words(decisive)};" if decisive is not None else ""
    return Proposal(
        ChangeKind.SOURCES_DISAGREE,
        {},
        seen,
        f"the sources disagree about {look.name}:{ours} {'; '.join(against)}",
        f"`registrar look {look.name} --source {look.source}` and the others; if {look.authority} is wrong, "
        f"`registrar sync pin {look.name} --expires DATE --until DATE --reason TEXT --ticket T`, and tell its operator",
    )
