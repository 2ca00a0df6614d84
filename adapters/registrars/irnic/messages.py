"""What does a message of IRNIC's queue decide? It carries the whole status set after a change, and no id of ours.

Messages are not monotone (Rejected may be followed by Approved), so one is never more than a reason to look. Staff are
told of what no order waits for: a name that was given up, a handle that IRNIC does not accept, a notice to everybody.
"""

from adapters.registrars.irnic.progress import is_deleted, progress_in_message, subject
from adapters.registrars.irnic.reading import QueueMessage
from registrar.gateway import RegistrarMessage

_REFUSED_HANDLES = frozenset({"irnicrejected", "irnicunapproved"})
"""Of a contact: rejected, or its postal address was not approved (facts §3.12)."""


def registrar_message(message: QueueMessage, *, transcript: str) -> RegistrarMessage:
    """Return the message as data; about a contact, a pure notice or unknown statuses it decides nothing."""
    found = {} if message.domain is None else progress_in_message(message.statuses)
    kind = subject(found, message.statuses)
    return RegistrarMessage(
        message_id=message.message_id,
        queued_at_text=message.queued_at,
        text=_text(message),
        domain=message.domain,
        registry_id=message.roid if message.domain else None,
        kind=kind,
        progress=None if kind is None else found[kind],
        attention=_attention(message),
        transcript=transcript,
    )


def _attention(message: QueueMessage) -> str | None:
    statuses = {status.lower() for status in message.statuses}
    if message.domain:
        return f"IRNIC has deleted {message.domain}" if is_deleted(statuses) else None
    if message.contact:
        refused = statuses & _REFUSED_HANDLES
        return f"IRNIC does not accept the handle {message.contact} as it is" if refused else None
    return message.note or None


def _text(message: QueueMessage) -> str:
    """Say in one line what came: the note if there is one, what it is about, and the statuses."""
    about = message.domain or (f"contact {message.contact}" if message.contact else "")
    parts = (message.index, about, " ".join(sorted(message.statuses)), message.note)
    return ": ".join(part for part in parts if part)
