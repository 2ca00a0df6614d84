"""How far is an order, by the platform's own words? facts §2.3, as a table; the list of words is open.

`actionstatus` tells the truth, `status` only whether the call was taken well. "Order Locked In Processing" is an order
that exists and completes by itself, mostly once our deposit is topped up, whatever its status says.
"""

from enum import StrEnum

from adapters.registrars.logicboxes.reading import Action
from registrar.commands import Kind


class Stage(StrEnum):
    """How far an action is."""

    DONE = "done"
    UNDER_WAY = "under_way"
    LOCKED = "locked"
    """It is there, and waits: for our deposit, or for the registry."""
    NOTHING_TO_DO = "nothing_to_do"
    FAILED = "failed"
    CANCELLED = "cancelled"


STAGES = {
    "success": Stage.DONE,
    "pendingexecution": Stage.UNDER_WAY,
    "executionstarted": Stage.UNDER_WAY,
    "invoicepaid": Stage.UNDER_WAY,
    "invoicenotpaid": Stage.UNDER_WAY,
    "rfasent": Stage.UNDER_WAY,
    "adminapproved": Stage.UNDER_WAY,
    "noactionrequired": Stage.NOTHING_TO_DO,
    "failed": Stage.FAILED,
    "cancelled": Stage.CANCELLED,
}
"""By `actionstatus` in lower case; a word that is not here is an order under way that we cannot follow by its name."""

LOCKED_TEXTS = ("order locked", "insufficient", "low funds")

TYPES = {
    "addnewdomain": Kind.REGISTER,
    "renewdomain": Kind.RENEW,
    "addtransferdomain": Kind.TRANSFER,
    "restoredomain": Kind.RESTORE,
}
"""By `actiontype` in lower case."""

OTHER_TYPES = frozenset({"deldomain", "modcontact", "parkdomain", "purchaseprivacyprotection"})
"""Actions that are no order of ours."""


def waits_for_money(kind: Kind, text: str) -> bool:
    """Tell whether a locked order waits for our deposit.

    A transfer or a restore that is only called *locked* may wait for the registry (facts §2.3), and that is no reason to
    stop everything else.
    """
    return kind in {Kind.REGISTER, Kind.RENEW} or "order locked" not in text.lower()


def stage(action: Action) -> Stage:
    """Return how far an action is."""
    known = STAGES.get(action.status.lower(), Stage.UNDER_WAY)
    if known in {Stage.FAILED, Stage.UNDER_WAY} and is_locked(action.text):
        return Stage.LOCKED
    return known


def is_locked(text: str) -> bool:
    """Tell whether a text is of an order that waits for our deposit."""
    return any(fragment in text.lower() for fragment in LOCKED_TEXTS)


def kind(action: Action, *, asked: Kind) -> Kind | None:
    """Return what an action carries out; None for what is no order's.

    A type that nobody listed counts as the kind that was `asked` about: what cannot be told apart from our order must
    not be sent again over it.
    """
    word = action.type.lower()
    return None if word in OTHER_TYPES else TYPES.get(word, asked)
