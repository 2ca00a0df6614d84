"""What may one look change? Pure: what is known, what was seen and the rules go in, proposals come out; nothing is written here.

                    ┌─ unknown, a name with an open order, older than what is confirmed ──▶ it is stored, and decides nothing
  one look ─────────┤
                    └─ anything else ──┬─ the dates      (the authority's alone, if they can be true)
                                       ├─ the standing   (a doubt after two nights; gone after both sides agree)
                                       └─ conditions     (findings, by the sources that can tell)

`paid_through` is in no proposal: what a customer paid for is moved by his orders alone (D4).
"""

from datetime import datetime

from registrar.agreement.rules import Rules
from registrar.gateway import Sighting, Standing
from registrar.statuses import REGISTRAR_LOCK, Status
from registrar.sync.conditions import conditions
from registrar.sync.dating import registrars_date, registry_date
from registrar.sync.looks import Decided, Look
from registrar.sync.standing import TWICE, standing, suspicions
from registrar.sync.suspicion import Shown, counted, shown
from registrar.sync.vocabulary import Judged, Known, Source, SyncTerms

_LOCK = REGISTRAR_LOCK | {Status.CLIENT_HOLD}
"""What a claim can have put on a name (D9)."""


def judge(
    known: Known,
    source: Source,
    sighting: Sighting,
    *,
    rules: Rules,
    terms: SyncTerms,
    authority: Source,
    now: datetime,
) -> Judged:
    """Judge one look of one source; `known.told` is what the sources told before it.

    `authority` is whose date the books follow for this zone (D4): another's is never written, only compared.
    """
    look = Look(known, source, sighting, rules, terms, authority, now)
    if sighting.standing is Standing.UNKNOWN or known.busy or _is_old(look):
        return Judged(suspicion=look.told.suspicion)
    where = shown(look)
    suspicion = counted(look, where)
    found = suspicions(look, suspicion)
    is_here = where is Shown.HERE and not any(one.times >= TWICE for one in found.values())
    decided: Decided = {}
    agrees = False
    if where is Shown.HERE:
        decided, agrees = registry_date(look)
        decided |= registrars_date(look)
    decided |= standing(look, where, found)
    decided |= conditions(look, where)
    return Judged(
        decides=True,
        confirms=is_here and agrees,
        proposals=tuple(proposal for proposal in decided.values() if proposal is not None),
        clears=frozenset(kind for kind, proposal in decided.items() if proposal is None),
        suspicion=suspicion,
        wakes_claim=known.claimed and (_lost_lock(look) or _is_leaving(look, where)),
        wakes_departure=known.departing and _is_leaving(look, where),
    )


def _is_old(look: Look) -> bool:
    """Tell whether a look is no younger than a confirmation, or than what this source has told already (D4).

    A confirmation that was itself a reading of tonight, the authority's, outranks only what that source said before.
    """
    at, confirmed, told = look.sighting.seen_at, look.known.confirmed_at, look.told.told_at
    if told is not None and at <= told:
        return True
    decisive = look.known.told.get(look.authority)
    is_by_reading = decisive is not None and decisive.told_at == confirmed
    return confirmed is not None and at <= confirmed and not is_by_reading


def _lost_lock(look: Look) -> bool:
    """Tell whether a locked name shows no lock of ours, or less than this source showed before.

    A look without any status shows nothing. Which locks the registrar has at all, the claim's own watch knows.
    """
    statuses = look.sighting.statuses
    return bool(statuses) and (not statuses & REGISTRAR_LOCK or bool(look.told.statuses & _LOCK - statuses))


def _is_leaving(look: Look, where: Shown) -> bool:
    return where in (Shown.LEFT, Shown.GONE) or Status.PENDING_TRANSFER in look.sighting.statuses
