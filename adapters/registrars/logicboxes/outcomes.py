"""What does an error text of LogicBoxes mean for an order? facts §2.9, as a table of fragments; in doubt, `Unknown`.

The platform gives no error codes: stable fragments of its texts decide, in lower case, the first that is found. An
error object without an order's action says that nothing was begun; what a fragment does not make clear is for a look.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from registrar.commands import Kind
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)

Verdict = Callable[[Reply], Outcome]


class Deed(StrEnum):
    """What was asked for when the text came."""

    REGISTER = "register"
    RENEW = "renew"
    TRANSFER = "transfer"
    RESTORE = "restore"
    UPDATE = "update"
    """Also a deletion, and the end of a transfer."""


DEEDS = {kind: Deed(kind.value) for kind in (Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE)}

ABSENT = ("website doesn't exist", "no entity found")
"""Only these prove that a name is not in our account (facts §2.6)."""

CREDENTIALS = ("access denied", "not authorized", "auth-userid")

_OUR_ID = re.compile(r"(?:customer|contact)-id[^}]*\bis invalid")


def settle(deed: Deed, text: str, reply: Reply) -> Outcome:
    """Return what an error text comes to."""
    lowered = text.lower()
    if _OUR_ID.search(lowered):
        return Blocked(reply, BlockCause.REQUEST)
    found = next((verdicts for fragment, verdicts in TEXTS.items() if fragment in lowered), {})
    return found.get(deed, _unclear)(reply)


def is_absent(text: str) -> bool:
    """Tell whether a text says that the name is not in our account."""
    return any(fragment in text.lower() for fragment in ABSENT)


def refuses_credentials(text: str) -> bool:
    """Tell whether a text refuses our key or address, to whatever was asked."""
    return any(fragment in text.lower() for fragment in CREDENTIALS)


def _unclear(reply: Reply) -> Outcome:
    return Unknown("the registrar's text does not say whether it was done", reply)


def _refused(reason: RefusalReason, *, confirm: bool = False) -> Verdict:
    return lambda reply: Refused(reply, reason, confirm=confirm)


def _correctable(needs: Correction) -> Verdict:
    return lambda reply: Correctable(reply, needs)


def _blocked(cause: BlockCause) -> Verdict:
    return lambda reply: Blocked(reply, cause)


def _saved(reply: Reply) -> Outcome:
    return Pending(reply, blocked=BlockCause.DEPOSIT)


def _for_all(verdict: Verdict) -> Mapping[Deed, Verdict]:
    return dict.fromkeys(Deed, verdict)


_STATE_CHANGED = _refused(RefusalReason.STATUS_PROHIBITS, confirm=True)
_NOT_HERE = _refused(RefusalReason.NOT_REGISTERED, confirm=True)

TEXTS: Mapping[str, Mapping[Deed, Verdict]] = {
    **dict.fromkeys(CREDENTIALS, _for_all(_blocked(BlockCause.CREDENTIALS))),
    "order locked": {
        Deed.REGISTER: _saved,
        Deed.RENEW: _saved,
        Deed.TRANSFER: Pending,
        Deed.RESTORE: Pending,
        Deed.UPDATE: _unclear,
    },
    "insufficient": _for_all(_blocked(BlockCause.DEPOSIT)),
    "low funds": _for_all(_blocked(BlockCause.DEPOSIT)),
    "domain already renewed": {Deed.RENEW: _refused(RefusalReason.EXPIRY_CONFLICT, confirm=True)},
    "already an action pending": _for_all(_unclear),
    **{fragment: dict.fromkeys((Deed.RENEW, Deed.RESTORE, Deed.UPDATE), _NOT_HERE) for fragment in ABSENT},
    "is currently available for registration": {Deed.TRANSFER: _refused(RefusalReason.NOT_REGISTERED)},
    "cannot be extended beyond": {
        Deed.REGISTER: _refused(RefusalReason.POLICY),
        Deed.RENEW: _refused(RefusalReason.POLICY, confirm=True),
        Deed.TRANSFER: _refused(RefusalReason.POLICY),
    },
    "same value for new and old nameservers": {Deed.UPDATE: Done},
    "is not a valid nameserver": _for_all(_correctable(Correction.NAMESERVERS)),
    "you are not allowed to perform this action": _for_all(_STATE_CHANGED),
    "invalid action status/action type": _for_all(_STATE_CHANGED),
    "does not allow this operation": _for_all(_STATE_CHANGED),
    "privacy protection not purchased": _for_all(_refused(RefusalReason.POLICY)),
}
"""Fragment → what was asked for → outcome; what is not listed is `Unknown`, and a look decides.

`confirm` stands where the text may be about our own earlier, lost attempt: an end that our renewal moved, an order that
our deletion took away, a state that our restore changed. A bare word about money does not say whether the order was
saved (facts §2.9 count it as pending), so `settling` reads the name back before it believes it; "order locked" is of an order that is there, and of a
transfer or a restore it may mean no more than that the registry has not answered yet (facts §2.3).
"""
