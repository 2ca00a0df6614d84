"""Which mail came back, and why? Reads a delivery status notification (RFC 3464); nothing of a person's is taken from it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_MESSAGE_ID = re.compile(r"<[^\s<>]+@[^\s<>]+>")


class NoBounceError(ValueError):
    """A message that is no delivery status notification of a failure; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that could not be delivered."""

    message_id: str
    """Of the mail, with its angle brackets."""
    status: str
    """RFC 3463's enhanced status code, as `5.1.1`."""


def read_bounce(text: bytes) -> Bounce:
    """Read a whole message, headers and all; raises `NoBounceError`, also for a mere delay."""
    message = message_from_bytes(text, policy=default)
    recipients = [
        part for part in _parts(message, "message/delivery-status") if part["Action"] or part["Status"]
    ]
    if not recipients:
        raise NoBounceError(
            "this is no delivery status notification (RFC 3464): it has no message/delivery-status part"
        )
    failed = [part for part in recipients if str(part["Action"]).strip().lower() == "failed"]
    if not failed:
        raise NoBounceError("this notification tells of no failure: the mail may still be delivered")
    status = _STATUS.search(str(failed[0]["Status"]))
    return Bounce(_original_id(message), status[0] if status else "5.0.0")


def _parts(message: EmailMessage, kind: str) -> Iterator[EmailMessage]:
    """Yield what is inside the parts of a kind: a status's blocks, one for each recipient, or the returned mail."""
    for part in message.walk():
        if part.get_content_type() == kind:
            inside = part.get_payload()
            if isinstance(inside, list):
                yield from (block for block in inside if isinstance(block, EmailMessage))


def _original_id(message: EmailMessage) -> str:
    """Find the returned mail's own Message-ID, never the notification's."""
    for returned in _parts(message, "message/rfc822"):
        if found := _MESSAGE_ID.search(str(returned["Message-ID"])):
            return found[0]
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            headers = message_from_bytes(part.get_payload(decode=True) or b"", policy=default)  # type: ignore[arg-type] # decoded, it is bytes
            if found := _MESSAGE_ID.search(str(headers["Message-ID"])):
                return found[0]
    raise NoBounceError("this notification does not hold the headers of the mail that it is about")
