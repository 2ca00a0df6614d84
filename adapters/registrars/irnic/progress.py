"""What do IRNIC's statuses decide? Each message and each look carries the whole set, from which all is read.

Statuses are compared without regard to case (clients saw `Inactive`), and unknown ones decide nothing.

| in the set                                            | registration | renewal   | change of holder |
| irnicRegistration…, irnicRenewal…, irnicHolderChange… |              |           |                  |
|   …PendingHolderCheck, …PendingDomainCheck            | under way    | under way | under way        |
|   …DocRequired                                        | documents    | documents | documents        |
|   …Approved                                           | approved     | approved  | approved         |
|   …Rejected, …IsWithdrawn                             | rejected     | rejected  | rejected         |
| {inactive, irnicSuspended}                            | rejected     | -         | -                |
| irnicReserved, or serverHold on a name not registered | under way    | -         | -                |
| pendingRenew                                          | -            | under way | -                |
| pendingUpdate, in a look                              | -            | -         | under way        |
| two of these that disagree                            | under way    | under way | under way        |

`pendingUpdate` may be any change's: a look takes it for a change of holder, because another must wait for it anyhow; a
message with no more than that decides nothing.
"""

from collections.abc import Collection, Mapping

from registrar.commands import Kind
from registrar.gateway import Progress

_DECISIONS = {
    "pendingholdercheck": Progress.UNDER_WAY,
    "pendingdomaincheck": Progress.UNDER_WAY,
    "docrequired": Progress.DOCUMENTS_REQUIRED,
    "approved": Progress.APPROVED,
    "rejected": Progress.REJECTED,
    "iswithdrawn": Progress.REJECTED,
}
_SUBJECTS = {
    Kind.REGISTER: "irnicregistration",
    Kind.RENEW: "irnicrenewal",
    Kind.CHANGE_HOLDER: "irnicholderchange",
}
_DELETION = "irnicdeletion"
_NOT_RENEWABLE = frozenset(
    {"serverrenewprohibited", "pendingdelete", "irnicregistrationrejected", "irnicsuspended"}
)
_REGISTERED = frozenset({"ok", "irnicregistered"})
_SUSPENDED = frozenset({"inactive", "irnicsuspended"})


def awaits_approval(statuses: Collection[str]) -> bool:
    """Tell whether the name is only reserved for its applicant: its expiry date is not yet its term's end."""
    words = _folded(statuses)
    held = "serverhold" in words and not words & _REGISTERED
    return "irnicreserved" in words or held


def progress_in_look(statuses: Collection[str]) -> dict[Kind, Progress]:
    """Return what a look's statuses say of each kind.

    A name that is registered and no longer reserved has nothing of its registration under way or just decided, even
    if *Approved* is still written on it.
    """
    found = progress_in_message(statuses)
    if not awaits_approval(statuses) and found.get(Kind.REGISTER) is Progress.APPROVED:
        del found[Kind.REGISTER]
    if "pendingupdate" in _folded(statuses) and found.get(Kind.CHANGE_HOLDER) in (None, Progress.REJECTED):
        found[Kind.CHANGE_HOLDER] = Progress.UNDER_WAY
    return found


def progress_in_message(statuses: Collection[str]) -> dict[Kind, Progress]:
    """Return what a message's statuses say of each kind."""
    words = _folded(statuses)
    told = {
        Kind.REGISTER: _of_registration(words),
        Kind.RENEW: _of_renewal(words),
        Kind.CHANGE_HOLDER: _of_change_of_holder(words),
    }
    return {kind: progress for kind, progress in told.items() if progress is not None}


def subject(found: Mapping[Kind, Progress], statuses: Collection[str]) -> Kind | None:
    """Return the one kind that a message is about; None if it is about none, or names two in so many words."""
    named = [kind for kind, prefix in _SUBJECTS.items() if _decisions(_folded(statuses), prefix)]
    candidates = named or list(found)
    return candidates[0] if len(candidates) == 1 else None


def is_being_deleted(statuses: Collection[str]) -> bool:
    """Tell whether the name is on its way out: IRNIC, or its holder, has yet to confirm."""
    words = _folded(statuses)
    asked = _decisions(words, _DELETION)
    return "pendingdelete" in words or (bool(asked) and _agreed(asked) is not Progress.REJECTED)


def is_deleted(statuses: Collection[str]) -> bool:
    """Tell whether a message says that the name's deletion was approved."""
    return _decisions(_folded(statuses), _DELETION) == {Progress.APPROVED}


def is_locked(statuses: Collection[str]) -> bool:
    """Tell whether the name is in the second month after its expiry, when a renewal costs a penalty (facts §5.1).

    This lock has nothing to do with transfers.
    """
    return "irniclocked" in _folded(statuses)


def is_beyond_renewal(statuses: Collection[str]) -> bool:
    """Tell whether the name's statuses forbid a renewal for good (facts §3.11)."""
    return bool(_folded(statuses) & _NOT_RENEWABLE)


def _of_registration(words: frozenset[str]) -> Progress | None:
    decisions = _decisions(words, _SUBJECTS[Kind.REGISTER])
    if decisions:
        return _agreed(decisions)
    if words >= _SUSPENDED:
        return Progress.REJECTED
    return Progress.UNDER_WAY if awaits_approval(words) else None


def _of_renewal(words: frozenset[str]) -> Progress | None:
    """Read a renewal. Rejected with `pendingRenew` beside it: the rejection is an earlier one's, another is under way."""
    decisions = _decisions(words, _SUBJECTS[Kind.RENEW])
    if "pendingrenew" in words and (not decisions or Progress.REJECTED in decisions):
        return Progress.UNDER_WAY
    return _agreed(decisions) if decisions else None


def _of_change_of_holder(words: frozenset[str]) -> Progress | None:
    decisions = _decisions(words, _SUBJECTS[Kind.CHANGE_HOLDER])
    return _agreed(decisions) if decisions else None


def _decisions(words: frozenset[str], prefix: str) -> set[Progress]:
    return {
        _DECISIONS[rest]
        for word in words
        if (rest := word.removeprefix(prefix)) != word and rest in _DECISIONS
    }


def _agreed(decisions: set[Progress]) -> Progress:
    """Return the one decision; two that disagree decide nothing yet."""
    return next(iter(decisions)) if len(decisions) == 1 else Progress.UNDER_WAY


def _folded(statuses: Collection[str]) -> frozenset[str]:
    return frozenset(status.lower() for status in statuses)
