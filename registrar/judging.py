"""What does a look mean for an order? Pure reading of evidence: it decides nothing about money.

Before the first attempt a look becomes the *guard*: what the name was like, and so what will prove the order done.
After an attempt the same guard tells *did it* from *did not*.
"""

import re
from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never

from registrar.commands import ContactRole, Expiry, Kind, OrderKind, OwnKind
from registrar.gateway import Progress, Sighting, Standing
from registrar.outcomes import Done, RefusalReason
from registrar.statuses import Status

TERM_TOLERANCE = timedelta(days=5)
"""How far a new expiry may lie from old expiry + term: 29 February, the Persian calendar's anniversaries (E1)."""
SAME_EXPIRY = timedelta(days=1)
"""Two sources' texts of one date (a bare date, an instant) lie less than this apart."""
CREATED_BEFORE = timedelta(days=1)
"""A name created longer than this before we looked and found it free was not created by this order."""

CLOCKS_APART = timedelta(minutes=5)
"""How far a registry's clock may be from ours. A transfer asked for longer before our guard is an earlier order's."""

ANY_EXPIRY = "any"
_DAY_FIRST = re.compile(r"\d{4}-\d{2}-\d{2}")


class Verdict(StrEnum):
    """What a look says of an order that has been sent."""

    DID = "did"
    UNDER_WAY = "under_way"
    ABSENT = "absent"
    """It has not happened, as far as this look sees."""
    REJECTED = "rejected"
    NOT_OURS = "not_ours"
    """Somebody else has the name now."""
    CANNOT_TELL = "cannot_tell"
    LOOK_FAILED = "look_failed"


@dataclass(frozen=True, slots=True)
class Go:
    """Nothing speaks against sending; `guard` is what the look showed, as JSON."""

    guard: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stop:
    """The look alone refuses the order: nothing was sent, nothing will be."""

    reason: RefusalReason
    text: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again later: the look failed, or somebody else's operation is under way."""

    text: str


@dataclass(frozen=True, slots=True)
class AskStaff:
    """The look shows what only a person can judge."""

    text: str


def before_first_attempt(  # noqa: PLR0911 - one for each kind
    kind: OrderKind,
    sighting: Sighting,
    *,
    expected_expiry: str | None,
    new_holder: str | None = None,
    statuses: Collection[str] = (),
) -> Go | Stop | Wait | AskStaff:
    """Judge the look made under the slot, before anything of this order was sent.

    `new_holder` is the handle that a change of holder moves the name to; `statuses` are those that a lock or an unlock
    is about.
    """
    if sighting.standing is Standing.UNKNOWN:
        return Wait(f"the look failed: {sighting.reason}")
    match kind:
        case Kind.REGISTER:
            return _before_register(sighting)
        case Kind.RENEW:
            return _before_renew(sighting, expected_expiry)
        case Kind.RENEW_ELSEWHERE:
            return _before_renew(sighting, expected_expiry, elsewhere=True)
        case Kind.TRANSFER:
            return _before_transfer(sighting)
        case Kind.RESTORE:
            return _before_restore(sighting)
        case Kind.CHANGE_HOLDER:
            return _before_change_of_holder(sighting, new_holder)
        case OwnKind.LOCK | OwnKind.UNLOCK:
            return _before_own(sighting, statuses)
        case _:
            assert_never(kind)


def after_attempt(  # noqa: PLR0911 - one for each kind
    kind: OrderKind, sighting: Sighting, *, guard: Mapping[str, Any], months: int
) -> Verdict:
    """Judge a look made after something of this order was, or may have been, sent."""
    if sighting.standing is Standing.UNKNOWN:
        return Verdict.LOOK_FAILED
    match kind:
        case Kind.REGISTER:
            return _after_register(sighting, guard)
        case Kind.RENEW:
            return _after_renew(sighting, guard, months)
        case Kind.RENEW_ELSEWHERE:
            return _after_renew_elsewhere(sighting, guard, months)
        case Kind.TRANSFER:
            return _after_transfer(sighting, guard)
        case Kind.RESTORE:
            return _after_restore(sighting)
        case Kind.CHANGE_HOLDER:
            return _after_change_of_holder(sighting, guard)
        case OwnKind.LOCK | OwnKind.UNLOCK:
            return _after_own(sighting, guard, locked=kind is OwnKind.LOCK)
        case _:
            assert_never(kind)


def guard_expiry(guard: Mapping[str, Any]) -> Expiry:
    """Return the expiry that a renewal's guard holds: the one that the registrar counts from."""
    return Expiry(datetime.fromisoformat(guard["expires_at"]), guard["expires_text"])


def guard_end(guard: Mapping[str, Any]) -> datetime | None:
    """Return when the term ended that the guard's look showed, by the registry's date (D4); None where it showed none."""
    told = guard.get("term_ends_at") or guard.get("expires_at")
    return datetime.fromisoformat(told) if told else None


def registry_end(told: Sighting | Done) -> Expiry | None:
    """Return the registry's date of an order that is done, for the books; None where it is not told yet.

    A registrar's own date may have moved before the registry's does: then the old one is no news (D4).
    """
    return None if _is_behind(told) or _is_temporary(told) else told.expiry


def paid_end(told: Sighting | Done) -> Expiry | None:
    """Return until when an order that is done has paid for the name: by the registrar's own date while that is ahead."""
    if _is_temporary(told):
        return None
    return told.renew_by if _is_behind(told) else told.term_end


def _is_temporary(told: Sighting | Done) -> bool:
    return isinstance(told, Sighting) and told.expiry_is_temporary


def _is_behind(told: Sighting | Done) -> bool:
    end, own = told.term_end, told.renew_by
    return end is not None and own is not None and end.at < own.at - TERM_TOLERANCE


def moved_by_term(old: datetime, new: datetime, months: int) -> bool:
    """Tell whether `new` is `old` and `months` more, as registries count them (E1)."""
    return abs(new - add_months(old, months)) <= TERM_TOLERANCE


def ordered_against(found: Expiry, expected: str | None) -> bool:
    """Compare with what the order was made against: a bare date with the expiry's day, an instant with the instant."""
    if expected is None or expected == ANY_EXPIRY:
        return True
    if len(expected) == len("2026-11-22"):
        return _day(found) == expected
    return datetime.fromisoformat(expected) == found.at


def add_months(instant: datetime, months: int) -> datetime:
    """Return about the same day `months` later; for comparing only, never for storing (E1)."""
    year, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    return instant.replace(year=year, month=month + 1, day=min(instant.day, monthrange(year, month + 1)[1]))


def _before_register(sighting: Sighting) -> Go | Stop:
    if sighting.standing is Standing.FREE:
        return Go(_guard(sighting))
    return Stop(
        RefusalReason.ALREADY_REGISTERED, "the name was registered already when we looked, before sending"
    )


def _before_renew(  # noqa: PLR0911 - a list of grounds
    sighting: Sighting, expected_expiry: str | None, *, elsewhere: bool = False
) -> Go | Stop | Wait | AskStaff:
    if sighting.standing is Standing.FREE:
        return Stop(RefusalReason.NOT_REGISTERED, "the name is not registered")
    if sighting.ours is False and not elsewhere:
        return Stop(RefusalReason.NOT_OURS, f"the name is with {sighting.sponsor or 'another registrar'}")
    if sighting.expiry_is_temporary:
        return Wait("the registration is not approved yet: its date is temporary")
    if sighting.renewed_by_registry:
        return AskStaff(
            "the registry has renewed the name by itself: a renewal now would buy a year more (D4)"
        )
    if sighting.progress.get(Kind.RENEW) is Progress.UNDER_WAY:
        return Wait("another renewal of this name is under way at the registry")
    ends = _orderable_ends(sighting)
    if not ends:
        return AskStaff("the registrar does not show this name's expiry, so a renewal cannot be guarded")
    if not any(ordered_against(end, expected_expiry) for end in ends):
        said = ", to be renewed by ".join(dict.fromkeys(end.text for end in ends))
        return Stop(
            RefusalReason.EXPIRY_CONFLICT,
            f"ordered against the expiry {expected_expiry}, but the registrar says {said}",
        )
    return Go(_guard(sighting))


def _orderable_ends(sighting: Sighting) -> list[Expiry]:
    """Return the dates against which a renewal may be ordered: the registry's and the registrar's own of the same term.

    Where the registrar's alone has moved, the registry's is that of a term which has been renewed already.
    """
    dates = (None if _is_behind(sighting) else sighting.term_end, sighting.renews_from)
    return [date for date in dates if date is not None]


def _before_transfer(sighting: Sighting) -> Go | Stop | AskStaff:
    if sighting.standing is Standing.FREE:
        return Stop(RefusalReason.NOT_REGISTERED, "the name is not registered, so it cannot be transferred")
    if sighting.ours:
        return Stop(RefusalReason.ALREADY_OURS, "the name is with us already")
    if sighting.progress.get(Kind.TRANSFER) is Progress.UNDER_WAY:
        return AskStaff("a transfer to us that this order did not ask for is under way")
    return Go(_guard(sighting))


def _before_restore(sighting: Sighting) -> Go | Stop | Wait:
    if sighting.standing is Standing.FREE:
        return Stop(RefusalReason.NOT_REGISTERED, "the name is not registered any more")
    if sighting.ours is False:
        return Stop(RefusalReason.NOT_OURS, f"the name is with {sighting.sponsor or 'another registrar'}")
    if sighting.progress.get(Kind.RESTORE) is Progress.UNDER_WAY:
        return Wait("another restore of this name is under way at the registry")
    if not sighting.restorable:
        return Stop(
            RefusalReason.NOT_RESTORABLE, "the name is not in redemption, so there is nothing to restore"
        )
    return Go(_guard(sighting))


def _before_change_of_holder(sighting: Sighting, new_holder: str | None) -> Go | Stop | Wait | AskStaff:
    if sighting.standing is Standing.FREE:
        return Stop(RefusalReason.NOT_REGISTERED, "the name is not registered")
    if sighting.ours is False:
        return Stop(RefusalReason.NOT_OURS, f"the name is with {sighting.sponsor or 'another agent'}")
    if sighting.progress.get(Kind.CHANGE_HOLDER) is Progress.UNDER_WAY:
        return Wait("another change of holder is under way at the registry")
    holder = sighting.contacts.get(ContactRole.REGISTRANT)
    if holder is None:
        return AskStaff("the registrar does not show this name's holder, so a change could not be proven")
    if _same_handle(holder, new_holder):
        return Stop(RefusalReason.POLICY, "the name is with this holder already")
    return Go({**_guard(sighting), "holder": holder, "new_holder": new_holder})


def _before_own(sighting: Sighting, statuses: Collection[str]) -> Go | Stop:
    """Let a lock or an unlock go; what the name had before is kept, so that a release goes back to it exactly (D9)."""
    if sighting.standing is Standing.FREE:
        return Stop(RefusalReason.NOT_REGISTERED, "the name is not registered")
    if sighting.ours is False:
        return Stop(RefusalReason.NOT_OURS, f"the name is with {sighting.sponsor or 'another registrar'}")
    return Go({**_guard(sighting), "statuses": sorted(sighting.statuses), "wanted": sorted(statuses)})


def _after_own(sighting: Sighting, guard: Mapping[str, Any], *, locked: bool) -> Verdict:
    if sighting.standing is Standing.FREE or sighting.ours is False:
        return Verdict.NOT_OURS
    wanted = set(guard["wanted"])
    done = wanted <= sighting.statuses if locked else not wanted & sighting.statuses
    return Verdict.DID if done else Verdict.ABSENT


def _after_register(sighting: Sighting, guard: Mapping[str, Any]) -> Verdict:
    if sighting.standing is Standing.FREE:
        rejected = sighting.progress.get(Kind.REGISTER) is Progress.REJECTED
        return Verdict.REJECTED if rejected else Verdict.ABSENT
    if sighting.ours is False:
        return Verdict.NOT_OURS
    if sighting.ours is None:
        return Verdict.CANNOT_TELL
    if (
        sighting.created_at
        and sighting.created_at < datetime.fromisoformat(guard["seen_at"]) - CREATED_BEFORE
    ):
        return Verdict.CANNOT_TELL
    return _by_progress(sighting, Kind.REGISTER) or Verdict.DID


def _after_renew(sighting: Sighting, guard: Mapping[str, Any], months: int) -> Verdict:
    if sighting.standing is Standing.FREE or sighting.ours is False:
        return Verdict.CANNOT_TELL
    if sighting.renews_from is None:
        return Verdict.LOOK_FAILED
    old, new = guard_expiry(guard).at, sighting.renews_from.at
    if abs(new - old) < SAME_EXPIRY:
        return _by_progress(sighting, Kind.RENEW) or (
            Verdict.UNDER_WAY if _new_charges(sighting, guard) else Verdict.ABSENT
        )
    if moved_by_term(old, new, months) and not sighting.renewed_by_registry:
        return Verdict.CANNOT_TELL if _new_charges(sighting, guard) is False else Verdict.DID
    return Verdict.CANNOT_TELL


def _after_renew_elsewhere(sighting: Sighting, guard: Mapping[str, Any], months: int) -> Verdict:
    """Judge as any renewal; but somebody else may have paid for a date that moved, so only a charge of ours proves it."""
    if sighting.standing is Standing.FREE:
        return Verdict.CANNOT_TELL
    verdict = _after_renew(replace(sighting, ours=None), guard, months)
    if verdict is Verdict.DID and not _new_charges(sighting, guard):
        return Verdict.CANNOT_TELL
    return verdict


def _after_restore(sighting: Sighting) -> Verdict:
    if sighting.standing is Standing.FREE or sighting.ours is False:
        return Verdict.CANNOT_TELL
    under_way = _by_progress(sighting, Kind.RESTORE)
    if under_way is not None or sighting.restorable:
        return under_way or Verdict.ABSENT
    leaves_for_good = (
        Status.PENDING_DELETE in sighting.statuses
    )  # redemption is over, and so is what could be restored
    return Verdict.CANNOT_TELL if leaves_for_good else Verdict.DID


def _after_change_of_holder(sighting: Sighting, guard: Mapping[str, Any]) -> Verdict:
    holder = sighting.contacts.get(ContactRole.REGISTRANT)
    if sighting.standing is Standing.FREE or holder is None:
        return Verdict.CANNOT_TELL
    if _same_handle(holder, guard["new_holder"]):
        return Verdict.DID
    if not _same_handle(holder, guard["holder"]):
        return Verdict.CANNOT_TELL
    return _by_progress(sighting, Kind.CHANGE_HOLDER) or Verdict.ABSENT


def _same_handle(one: str, other: str | None) -> bool:
    """Compare handles as IRNIC does, whatever their case (irnic facts §4)."""
    return other is not None and one.lower() == other.lower()


def _new_charges(sighting: Sighting, guard: Mapping[str, Any]) -> bool | None:
    """Tell whether the registrar's statement shows a charge that the guard does not know; None where nobody read it."""
    if sighting.charges is None or "charges" not in guard:
        return None
    return not sighting.charges <= set(guard["charges"])


def _after_transfer(sighting: Sighting, guard: Mapping[str, Any]) -> Verdict:
    if sighting.ours:
        return Verdict.DID
    if sighting.standing is Standing.FREE:
        return Verdict.CANNOT_TELL
    asked_at, looked_at = sighting.transfer_asked_at, datetime.fromisoformat(guard["seen_at"])
    is_another = asked_at is not None and asked_at < looked_at - CLOCKS_APART
    by_progress = None if is_another else _by_progress(sighting, Kind.TRANSFER)
    if by_progress is not None:
        return by_progress
    return Verdict.CANNOT_TELL if sighting.ours is None else Verdict.ABSENT


def _by_progress(sighting: Sighting, kind: Kind) -> Verdict | None:
    """Read what the registrar says of the operation; *approved* that does not show in the name yet is under way."""
    progress = sighting.progress.get(kind)
    if progress is None:
        return None
    return Verdict.REJECTED if progress is Progress.REJECTED else Verdict.UNDER_WAY


def _day(expiry: Expiry) -> str:
    """Return the day as the registrar writes it; of one that writes no dates (LogicBoxes counts seconds) the day in UTC."""
    written = _DAY_FIRST.match(expiry.text)
    return written.group() if written else expiry.at.date().isoformat()


def _guard(sighting: Sighting) -> dict[str, Any]:
    guard: dict[str, Any] = {
        "seen_at": sighting.seen_at.isoformat(),
        "standing": str(sighting.standing),
        "sponsor": sighting.sponsor,
    }
    if (begins := sighting.renews_from) is not None:
        guard |= {"expires_at": begins.at.isoformat(), "expires_text": begins.text}
    if sighting.renew_by is not None and sighting.term_end is not None:
        guard["term_ends_at"] = sighting.term_end.at.isoformat()
    if sighting.charges is not None:
        guard["charges"] = sorted(sighting.charges)
    return guard
