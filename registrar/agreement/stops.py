"""What does a third party's claim to a name stop, and in which words is it told (D9)?

A row for each thing that can be done to a name, a column for each state of the claim: `.` goes on, `waits` until the
claim has moved on, `denied` is answered no.

    kind               asserted  proceeding  upheld  ruled   dismissed  closed
    register           .         waits       waits   waits   .          .
    transfer           .         waits       waits   waits   .          .
    change_holder      .         waits       waits   waits   waits      .
    renew, restore …   .         .           .       .       .          .
    lock, unlock       .         .           .       .       .          .
    departure          .         denied      denied  denied  waits      .
    update, auth_code  .         denied      denied  .       waits      .
    delete             .         denied      denied  .       .          .

An assertion alone stops nothing: a letter must not be able to freeze a name. From the dismissal on, only what our own
lock would have refused waits until it is off. An order by which a ruling is carried out is not asked (`orders.claim_id`),
and while one is carried out staff's own errands, each on a ticket, go on: they may be what carries it out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ClaimState(StrEnum):
    """Where a claim stands; `registrar.claims` moves it."""

    ASSERTED = "asserted"
    PROCEEDING = "proceeding"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    RULED = "ruled"
    """The ruling is being carried out, or has been."""
    CLOSED = "closed"


class Effect(StrEnum):
    """What a claim does to something that is asked for."""

    WAITS = "waits"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Stop:
    """Something does not go on because of a claim."""

    effect: Effect
    staff: str
    """Why, in full; never for the customer."""
    customer: str
    """What the respondent may read: neutral words until the claim is disclosed to him."""


DEPARTURE = "departure"
"""A customer's wish to take the name to a panel outside (D7)."""
UPDATE = "update"
"""Staff's errand: other name servers, contacts or statuses."""
DELETE = "delete"
AUTH_CODE = "auth_code"
"""Showing or setting the code that lets the name leave."""

_Row = Mapping[ClaimState, Effect]
_HEARD = (ClaimState.PROCEEDING, ClaimState.UPHELD, ClaimState.RULED)
_GOES_ON: _Row = {}
_WAITS: _Row = dict.fromkeys(_HEARD, Effect.WAITS)
_WAITS_FOR_RELEASE: _Row = {**_WAITS, ClaimState.DISMISSED: Effect.WAITS}
_DENIED: _Row = dict.fromkeys(_HEARD, Effect.DENIED)
_DENIED_UNTIL_RELEASE: _Row = {**_DENIED, ClaimState.DISMISSED: Effect.WAITS}
_DENIED_UNTIL_RULED: _Row = dict.fromkeys((ClaimState.PROCEEDING, ClaimState.UPHELD), Effect.DENIED)
_ERRAND_ON_LOCKED: _Row = {**_DENIED_UNTIL_RULED, ClaimState.DISMISSED: Effect.WAITS}

STOPPED: Mapping[str, _Row] = {
    # A claimed name that fell free must not get into new hands while its dispute is heard (UDRP 8(a)).
    "register": _WAITS,
    # It may not change its registrar meanwhile either (UDRP 8(b)). Our lock is not on it, so its release is no matter.
    "transfer": _WAITS,
    # A new holder is what a claim is meant to prevent; after a dismissal the lock would still refuse it.
    "change_holder": _WAITS_FOR_RELEASE,
    # A claimed name must be kept alive for whoever wins it, by either side (ICANN's Expired Domain Deletion Policy 3.7.5.7).
    "renew": _GOES_ON,
    "renew_elsewhere": _GOES_ON,
    "restore": _GOES_ON,
    # The claim's own means.
    "lock": _GOES_ON,
    "unlock": _GOES_ON,
    # A claim under way is one of the only grounds on which the company may prevent a departure (D7).
    DEPARTURE: _DENIED_UNTIL_RELEASE,
    # Staff's own errands must not undo the lock before there is a ruling.
    UPDATE: _ERRAND_ON_LOCKED,
    AUTH_CODE: _ERRAND_ON_LOCKED,
    # A name that is deleted escapes its claim; the holder of one whose claim was dismissed may give it up.
    DELETE: _DENIED_UNTIL_RULED,
}

_WHY: Mapping[ClaimState, str] = {
    ClaimState.PROCEEDING: "a third party's claim to this name is being heard",
    ClaimState.UPHELD: "a third party's claim to this name was upheld",
    ClaimState.RULED: "the ruling on a third party's claim to this name is being carried out",
    ClaimState.DISMISSED: "a third party's claim to this name was dismissed, and our lock is being taken off",
}
YOUR_ORDER_WAITS = "your order waits"
"""What the customer reads of any order that waits for the company."""
_NEUTRAL: Mapping[Effect, str] = {
    Effect.WAITS: YOUR_ORDER_WAITS,
    Effect.DENIED: "this cannot be done now; ask us through support",
}
_TOLD: Mapping[Effect, str] = {Effect.WAITS: YOUR_ORDER_WAITS, Effect.DENIED: "this cannot be done now"}


def stop(kind: str, claim_state: str, *, disclosed: bool) -> Stop | None:
    """Return what a claim in a state does to `kind`, or None where it goes on.

    `kind` is a `Kind`, or one of this module's own words; raises `KeyError` for another: nothing passes unlisted.
    """
    state = ClaimState(claim_state)
    effect = STOPPED[kind].get(state)
    if effect is None:
        return None
    why = _WHY[state]
    told = f"{_TOLD[effect]}: {why}" if disclosed else _NEUTRAL[effect]
    return Stop(effect, f"{why}: {kind} {'waits' if effect is Effect.WAITS else 'is denied'} (D9)", told)


def strictest(stops: Iterable[Stop | None]) -> Stop | None:
    """Return what several claims to one name come to: a denial before a wait, a wait before none."""
    found = [one for one in stops if one is not None]
    return min(found, key=lambda one: one.effect is not Effect.DENIED, default=None)


def is_disclosed(disclose_from: datetime | None, at: datetime) -> bool:
    """Tell whether the respondent may read of a claim; without a date it was not disclosed yet."""
    return disclose_from is not None and at >= disclose_from
