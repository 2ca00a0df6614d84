"""Which of a customer's orders go on although he is on hold? Renewals near a limit, and what is not his order at all (O6)."""

from datetime import datetime, timedelta

from registrar.agreement.expiry import Windows
from registrar.agreement.rules import Rules
from registrar.commands import RENEWALS, OrderKind, OwnKind

IDENTITY, DEBT = "identity", "debt"
"""Why a customer is on hold: documents that he owes (O6), or a debt that he was warned of (F5)."""


def lets_through(
    kind: OrderKind, hold_cause: str, renewal: Windows | None, rules: Rules, now: datetime
) -> bool:
    """Tell whether an order is sent although its customer is on hold for `hold_cause`.

    Our own orders (a claim's lock, a suspension) are not the customer's. A renewal whose class would change within
    `identity_lets_through` goes through an identity hold: a name lost to a missing document could not be given back.
    A debt lets nothing through. `renewal` holds the name's limits, None where they are not known.
    """
    if isinstance(kind, OwnKind):
        return True
    if hold_cause != IDENTITY or kind not in RENEWALS or renewal is None:
        return False
    return next_limit_within(renewal, rules.conduct.identity_lets_through, now) is not None


def next_limit_within(limits: Windows, within: timedelta, now: datetime) -> datetime | None:
    """Return the next of a name's limits if it comes within a time, both ends included; None if none does."""
    ahead = [
        limit
        for limit in (limits.paid_through, limits.committed_until, limits.possible_until)
        if now <= limit <= now + within
    ]
    return min(ahead, default=None)
