"""Does one source go on not showing a name as ours? One look proves nothing; looks count that are nights apart.

  a look shows it as ours, or where it was ──▶ no suspicion
  with somebody else, or not registered ──┬── the first: suspicion, once
                                          └── again, nights later: twice, three times …  (a second look in one night: as it was)
  it cannot tell ──▶ as it was

The registrar says whether a name is ours. The public record names a sponsor, and its change is what shows that a name left.
"""

from dataclasses import replace
from enum import StrEnum

from registrar.gateway import Standing
from registrar.sync.looks import Look
from registrar.sync.vocabulary import Missing, Source, Suspicion, Told


class Shown(StrEnum):
    """Where a look shows a name."""

    HERE = "here"
    """As ours; in the public record: registered, and with the sponsor that it was with."""
    LEFT = "left"
    GONE = "gone"
    UNCLEAR = "unclear"
    """The answer does not say whose it is."""


def shown(look: Look) -> Shown:
    """Say where a look that told something shows the name."""
    if look.sighting.standing is Standing.FREE:
        return Shown.GONE
    return _sponsored(look) if look.source.is_public else _at_registrar(look)


def counted(look: Look, where: Shown) -> Suspicion | None:
    """Return this source's suspicion from now on."""
    before, seen_at = look.told.suspicion, look.sighting.seen_at
    match where:
        case Shown.HERE:
            return None
        case Shown.UNCLEAR:
            return before
        case Shown.LEFT | Shown.GONE:
            what = Missing.LEFT if where is Shown.LEFT else Missing.GONE
    if before is None:
        return Suspicion(what, seen_at, seen_at, 1, look.told.sponsor)
    if seen_at - before.seen_at < look.terms.nights_apart:
        return replace(before, what=what)
    since = before.since if before.times else seen_at
    return replace(before, what=what, since=since, seen_at=seen_at, times=before.times + 1)


def is_ours_at_registrar(look: Look, since: Suspicion) -> bool:
    """Tell whether the registrar, asked after a suspicion arose, said and still says that the name is ours."""
    if look.source is Source.REGISTRAR:
        return look.sighting.ours is True and look.sighting.standing is Standing.REGISTERED
    told = look.known.told.get(Source.REGISTRAR)
    return told is not None and look.is_fresh(told) and _says_ours(told) and _is_after(told, since)


def _at_registrar(look: Look) -> Shown:
    """A name that we renewed where another agent looks after it was never ours there, and has not left."""
    if look.sighting.ours or look.known.elsewhere:
        return Shown.HERE
    return Shown.UNCLEAR if look.sighting.ours is None else Shown.LEFT


def _sponsored(look: Look) -> Shown:
    """Compare the sponsor with the one before, by letters and digits; and whether it is the same registration still.

    A sponsor's new name is no departure: the registrar says *ours*. Registered after it was missed, it is another's.
    """
    before, sighting = look.told.suspicion, look.sighting
    home = look.told.sponsor if before is None else before.sponsor_before
    if before is not None and is_ours_at_registrar(look, before):
        return Shown.HERE
    if before is not None and sighting.created_at is not None and sighting.created_at >= before.since:
        return Shown.LEFT
    if look.sponsor is not None and home is not None:
        return Shown.HERE if _letters(home) == _letters(look.sponsor) else Shown.LEFT
    is_same = before is None or (before.what is Missing.GONE and sighting.created_at is not None)
    return Shown.HERE if is_same else Shown.UNCLEAR


def _letters(sponsor: str) -> str:
    return "".join(letter for letter in sponsor.casefold() if letter.isalnum())


def _says_ours(told: Told) -> bool:
    return told.ours is True and told.standing is Standing.REGISTERED


def _is_after(told: Told, since: Suspicion) -> bool:
    return told.told_at is not None and told.told_at >= since.since
