"""What does the agreement ask of a change of holder, and what follows from it for the name (O5)?

It is made on the holder's written request through support only, so every one waits until staff have seen that request and
approve it with its ticket. That an order names a channel proves nothing: it is the portal's word, not the ticket. An
e-mail alone never is enough (C2).
"""

from datetime import datetime

from registrar.agreement.rules import ConductRules
from registrar.commands import Kind, OrderKind


def needs_approval(kind: OrderKind) -> bool:
    """Tell whether an order waits for staff's approval."""
    return kind is Kind.CHANGE_HOLDER


def is_support(channel: str, rules: ConductRules) -> bool:
    """Tell whether a request came by the channel that the agreement means by support."""
    return channel == rules.support


def transferable_from(changed_at: datetime, rules: ConductRules) -> datetime | None:
    """Return from when a name can be transferred again after its holder changed; None where the change locks nothing."""
    return changed_at + rules.holder_change_lock if rules.holder_change_lock else None
