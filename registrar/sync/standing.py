"""Is the name still with us? Harmless things first: a doubt lets its reminders wait, and only agreement takes it off the books.

  suspicion of one source, twice, nights apart ──▶ doubted ──┬─ shown as ours again ─────────────────────────▶ back
                                                            ├─ registrar and public record agree ───────────▶ gone
                                                            └─ one of them goes on alone, a third time ─────▶ gone, if staff say so

What the registrar calls ours no public record makes doubtful: then the sources disagree, and staff are told that.
"""

from collections.abc import Mapping
from datetime import datetime

from registrar.agreement.expiry import RenewalClass, classify
from registrar.sync.looks import Decided, Look, in_json, in_words
from registrar.sync.suspicion import Shown, is_ours_at_registrar
from registrar.sync.vocabulary import ChangeKind, GoneWhy, Missing, Proposal, Source, Suspicion

TWICE = 2
"""Agreeing looks, nights apart, of one source: enough for a doubt, and for its half of an agreement."""
ALONE = 3
"""Agreeing looks of a source that no other agrees with: staff are asked."""


def suspicions(look: Look, latest: Suspicion | None) -> Mapping[Source, Suspicion]:
    """Return the sources' suspicions from now on, without the public record's where the registrar says *ours*."""
    found = {source: told.suspicion for source, told in look.others().items()} | {look.source: latest}
    return {
        source: suspicion
        for source, suspicion in found.items()
        if suspicion is not None
        and suspicion.times
        and not (source.is_public and is_ours_at_registrar(look, suspicion))
    }


def standing(look: Look, where: Shown, found: Mapping[Source, Suspicion]) -> Decided:
    """Judge whether the name is here; `found` are the suspicions that nothing contradicts."""
    convinced = {source: one for source, one in found.items() if one.times >= TWICE}
    if where is Shown.UNCLEAR:
        return {}
    if where is Shown.HERE:
        return {} if convinced else _here(look, found)
    decided: Decided = {ChangeKind.BACK: None}
    if look.source in convinced:
        decided |= _missing(look, convinced)
    return decided


def _here(look: Look, found: Mapping[Source, Suspicion]) -> Decided:
    """Nothing convincing is left: what was proposed falls, and a doubt ends if there is not even a suspicion."""
    decided: Decided = dict.fromkeys((ChangeKind.DOUBTED, ChangeKind.GONE, ChangeKind.LEFT_WITHOUT_ORDER))
    decided[ChangeKind.BACK] = None
    if look.known.doubted_at is not None and not found:
        decided[ChangeKind.BACK] = Proposal(
            ChangeKind.BACK,
            {"doubted_at": in_json(look.known.doubted_at), "doubted_why": look.known.doubted_why},
            {"doubted_at": None, "doubted_why": None},
            f"{look.source} shows {look.name} where it was: its reminders go on",
            f"none, unless it looks wrong: `registrar sync diff {look.name}`",
        )
    return decided


def _missing(look: Look, convinced: Mapping[Source, Suspicion]) -> Decided:
    agreeing = _agreeing(look, convinced)
    decided: Decided = {ChangeKind.LEFT_WITHOUT_ORDER: _without_order(look, agreeing)}
    doubted_at = look.known.doubted_at
    if doubted_at is None:
        decided[ChangeKind.DOUBTED] = _doubted(look, agreeing)
    elif not look.known.departing and look.sighting.seen_at - doubted_at >= look.terms.nights_apart:
        decided |= _gone(look, agreeing)
    return decided


def _doubted(look: Look, agreeing: Mapping[Source, Suspicion]) -> Proposal:
    suspicion = agreeing[look.source]
    return Proposal(
        ChangeKind.DOUBTED,
        {"doubted_at": None, "doubted_why": None},
        {
            "doubted_at": in_json(look.sighting.seen_at),
            "doubted_why": _agreed(agreeing, suspicion.what),
        },
        f"{_says(look, look.source, suspicion)}: its reminders wait until that is clear",
        f"`registrar look {look.name} --source registrar` shows how it stands; a run that sees it as ours again ends the doubt",
    )


def _gone(look: Look, agreeing: Mapping[Source, Suspicion]) -> Decided:
    """Propose that it is gone: by itself where both sides agree, by staff where one goes on alone or a claim holds it.

    Until then it is not decided: what the other side has proposed stands.
    """
    both = any(source.is_public for source in agreeing) and Source.REGISTRAR in agreeing
    if not both and agreeing[look.source].times < ALONE:
        return {}
    public = [one for source, one in agreeing.items() if source.is_public]
    what = (public or list(agreeing.values()))[0].what
    why = GoneWhy.DELETED if what is Missing.GONE else GoneWhy.TRANSFERRED_OUT
    says = "; ".join(_says(look, source, one) for source, one in agreeing.items())
    proposal = Proposal(
        ChangeKind.GONE,
        {"gone_at": None, "gone_why": None},
        {
            "gone_at": in_json(_gone_at(look, agreeing)),
            "gone_why": str(why),
            "doubted_why": _agreed(agreeing, what),
        },
        says
        + ("" if both else ", and no other source agrees")
        + (": a claim holds it" if look.known.claimed else ""),
        f"`registrar look {look.name} --source registrar`; if it is gone, `registrar sync approve {look.name} --kind "
        f"{ChangeKind.GONE} --ticket T`, else `registrar sync reject {look.name} --kind {ChangeKind.GONE} --ticket T`",
        quarantined=look.known.claimed or not both,
    )
    return {ChangeKind.GONE: proposal}


def _agreed(agreeing: Mapping[Source, Suspicion], what: Missing) -> str:
    """Write who says what, as the books keep it."""
    return f"{'+'.join(sorted(agreeing))}:{what}"


def _gone_at(look: Look, agreeing: Mapping[Source, Suspicion]) -> datetime:
    """Say since when it is gone: since it was first missed, but not from before it was last confirmed to be ours."""
    missed_at = min(one.since for one in agreeing.values())
    return missed_at if look.known.confirmed_at is None else max(missed_at, look.known.confirmed_at)


def _agreeing(look: Look, convinced: Mapping[Source, Suspicion]) -> dict[Source, Suspicion]:
    """Return the suspicions that stand tonight: this look's, and those whose source was asked lately."""
    others = look.others()
    return {
        source: one
        for source, one in convinced.items()
        if source is look.source or (source in others and look.is_fresh(others[source]))
    }


def _without_order(look: Look, agreeing: Mapping[Source, Suspicion]) -> Proposal | None:
    """Tell that it leaves though nobody asked us; a name that lapsed for good goes its way."""
    paid = look.paid
    is_over = paid is not None and (classify(paid, look.now, look.rules.renewal) is RenewalClass.IMPOSSIBLE)
    if look.known.departing or is_over:
        return None
    suspicion = agreeing[look.source]
    seen = {
        "source": "+".join(sorted(agreeing)),
        "what": str(suspicion.what),
        "since": in_json(suspicion.since),
    }
    if look.sponsor is not None:
        seen["sponsor"] = look.sponsor
    return Proposal(
        ChangeKind.LEFT_WITHOUT_ORDER,
        {},
        seen,
        f"{_says(look, look.source, suspicion)}, and no departure was asked of us",
        f"`registrar look {look.name} --source registrar` and `registrar orders list --domain {look.name}`; ask its customer; if he "
        f"did not give it away, have {look.known.registrar} ask for it back; else `registrar sync diff {look.name}`",
    )


def _says(look: Look, source: Source, suspicion: Suspicion) -> str:
    sponsor = look.sponsor if source is look.source else look.known.told[source].sponsor
    elsewhere = f"is with {sponsor or 'another registrar'}, not with us"
    where = "is not registered any more" if suspicion.what is Missing.GONE else elsewhere
    return (
        f"{source} says since {in_words(suspicion.since)} ({suspicion.times} nights) that {look.name} {where}"
    )
