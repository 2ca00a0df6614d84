"""What does a look do to a name's dates? The registry's moves by its authority alone, the registrar's own beside it.

`paid_through` is no business of the sync: nothing here names it but to compare with it (D4).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from registrar.agreement.rules import AutoRenewed
from registrar.commands import Expiry
from registrar.sync.looks import Decided, Look, in_json, in_words, is_near
from registrar.sync.plausible import falls_short, is_lagging, is_same, own_date_doubt, weigh
from registrar.sync.vocabulary import DATES, REGISTRY_DATES, ChangeKind, Proposal, Source

_REGISTRARS_OWN = DATES - REGISTRY_DATES
_FITS_AT_FIRST = frozenset({ChangeKind.FIRST_DATE, ChangeKind.SHIFTED})
"""What a source's first word comes to where its date is the one that we have from elsewhere, or where we have none."""


class Dated(NamedTuple):
    """What a look decides of the registry's date, and whether what the books say, or will say, is what it told."""

    decided: Decided
    agrees: bool


def registry_date(look: Look) -> Dated:
    """Judge the registry's date, which only its authority moves.

    Where the look tells none, nothing changes: no date is not a changed date, and confirms ours only if the registrar tells
    it (some registries publish none). A date that does not show yet what an order of ours has bought confirms nothing. What
    staff pinned stands whatever is told, and is confirmed unless another date is.
    """
    if not look.is_authority:
        return Dated({}, agrees=False)
    if look.known.pinned is not None:
        return Dated(dict.fromkeys(REGISTRY_DATES), agrees=_fits_pin(look))
    if look.expiry is None:
        return Dated({}, agrees=not look.sighting.expiry_is_temporary and _is_told_by_registrar(look))
    if is_lagging(look, look.expiry):
        return Dated({}, agrees=False)
    weighed = weigh(look, look.expiry)
    decided: Decided = dict.fromkeys(REGISTRY_DATES)
    if weighed.kind is not None:
        decided[weighed.kind] = _registry_proposal(look, look.expiry, weighed.kind, weighed.why)
    fits = weighed.kind is not ChangeKind.IMPLAUSIBLE_DATE and not _is_owed(look, look.expiry, weighed.kind)
    return Dated(decided, agrees=fits)


def registrars_date(look: Look) -> Decided:
    """Judge the registrar's own date: as the registrar tells it, or the public record where the registrar tells none."""
    told = look.sighting.renew_by
    if told is None or not _may_tell_renew_by(look):
        return {}
    decided: Decided = dict.fromkeys(_REGISTRARS_OWN)
    if is_same(told.at, look.known.renew_by):
        return decided
    before = {"renew_by": in_json(look.known.renew_by)}
    after = {"renew_by": in_json(told.at)}
    if doubt := own_date_doubt(look, told.at):
        decided[ChangeKind.IMPLAUSIBLE_RENEW_BY] = Proposal(
            ChangeKind.IMPLAUSIBLE_RENEW_BY,
            before,
            after,
            f"{look.source} says that {look.name} must be renewed by {in_words(told.at)}, and {doubt}",
            _decide(look, ChangeKind.IMPLAUSIBLE_RENEW_BY),
            quarantined=True,
        )
    else:
        text = f"{look.source} says that {look.name} must be renewed at its registrar by {in_words(told.at)}"
        had = look.known.renew_by
        is_first = look.told.renew_by is None and (had is None or is_near(told.at, had, look.terms))
        decided[ChangeKind.RENEW_BY] = Proposal(
            ChangeKind.RENEW_BY, before, after, text, _see(look), is_first_word=is_first
        )
    return decided


def _may_tell_renew_by(look: Look) -> bool:
    registrar = look.known.told.get(Source.REGISTRAR)
    return look.source is Source.REGISTRAR or registrar is None or registrar.renew_by is None


def _fits_pin(look: Look) -> bool:
    """Tell whether nothing speaks against what staff pinned: the same term is told, or none by a registry that shows the name."""
    if look.expiry is None:
        return not look.sighting.expiry_is_temporary
    return is_near(look.expiry.at, look.known.pinned, look.terms)


def _is_owed(look: Look, told: Expiry, kind: ChangeKind | None) -> bool:
    """Tell whether something that was bought through us is not in the date that is told."""
    unmoved = kind in (None, ChangeKind.SHIFTED)
    return (unmoved and look.known.months_without_date > 0) or falls_short(look, told)


def _is_told_by_registrar(look: Look) -> bool:
    """Tell whether the registrar lately told the date that we have, in place of an authority without one; or we have none."""
    if look.known.registry_expires_at is None:
        return True
    registrar = look.others().get(Source.REGISTRAR)
    return (
        registrar is not None
        and look.is_fresh(registrar)
        and registrar.ours is True
        and is_near(registrar.expires_at, look.known.registry_expires_at, look.terms)
    )


def _registry_proposal(look: Look, new: Expiry, kind: ChangeKind, why: str) -> Proposal:
    known = look.known
    before: Mapping[str, Any] = {
        "registry_expires_at": in_json(known.registry_expires_at),
        "registry_expires_text": known.registry_expires_text,
    }
    after: Mapping[str, Any] = {
        "registry_expires_at": in_json(new.at),
        "registry_expires_text": new.text,
        "registry_expiry_source": look.sighting.source,
    }
    had = (
        "" if known.registry_expires_at is None else f", where we have {in_words(known.registry_expires_at)}"
    )
    text = f"{look.source} says that {look.name} expires {in_words(new.at)} ({new.text}){had}: {why}"
    quarantined = kind is ChangeKind.IMPLAUSIBLE_DATE
    is_first = kind in _FITS_AT_FIRST and look.dated_before is None
    return Proposal(
        kind, before, after, text, _next_step(look, kind), quarantined=quarantined, is_first_word=is_first
    )


def _next_step(look: Look, kind: ChangeKind) -> str:
    match kind:
        case ChangeKind.IMPLAUSIBLE_DATE:
            return (
                f"{_decide(look, kind)}; to keep our date for a while: `registrar sync pin {look.name} --expires DATE "
                "--until DATE --reason TEXT --ticket T`"
            )
        case ChangeKind.REGISTRY_RENEWED:
            return _after_auto_renewal(look)
        case _:
            return _see(look)


def _after_auto_renewal(look: Look) -> str:
    """Say what the year means at this registrar: nobody has paid it here, and its customer's term is over as before (D4)."""
    if not look.shows_registrys_year:
        return f"none, unless its customer paid elsewhere: ask him; what was paid for here stands (`registrar sync diff {look.name}`)"
    registrar = look.known.registrar
    if look.rules.auto_renewed_at(registrar) is not AutoRenewed.ADOPT:
        means = f"{registrar} takes this year back unless its customer orders the renewal"
    elif _registrar_shows_grace(look):
        means = "a renewal that its customer orders adopts this year, and none is sent"
    else:
        means = f"a renewal that its customer orders is sent to {registrar}, unless it shows this year as the registry's by then"
    return f"none: {means}; what was paid for stands (`registrar sync diff {look.name}`)"


def _registrar_shows_grace(look: Look) -> bool:
    """Tell whether the registrar itself calls the year the registry's: by that alone an order adopts it. Some never say so."""
    if look.source is Source.REGISTRAR:
        return look.sighting.renewed_by_registry
    registrar = look.known.told.get(Source.REGISTRAR)
    return registrar is not None and registrar.renewed_by_registry


def _decide(look: Look, kind: ChangeKind) -> str:
    return (
        f"`registrar look {look.name} --source {look.source}` and `registrar orders list --domain {look.name}`; if the date is "
        f"right, `registrar sync approve {look.name} --kind {kind} --ticket T`, else `registrar sync reject {look.name} "
        f"--kind {kind} --ticket T`"
    )


def _see(look: Look) -> str:
    return f"none, unless it looks wrong: `registrar sync diff {look.name}`"
