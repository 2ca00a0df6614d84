"""What does a message of the registry's queue decide? What is not recognised is stored as it came and decides nothing.

No message may stand in the way of those behind it: a damaged one is read as far as its id goes, and kept whole.
"""

from lxml.etree import _Element as Element

from adapters.registrars.epp.attention import attention_in, away_in
from adapters.registrars.epp.namespaces import DOMAIN
from adapters.registrars.epp.outcomes import cause_of
from adapters.registrars.epp.reading import Response, text_of
from adapters.registrars.epp.session import Exchange
from adapters.registrars.epp.sightings import own_transfer
from registrar.commands import Kind
from registrar.gateway import GatewayUnavailableError, Progress, RegistrarMessage

QUEUE_EMPTY = 1300
ACKNOWLEDGED = frozenset({1000, 1300, 1301, 2303})
"""2303 is a message that is gone already: it was acknowledged before."""


def head_of_queue(exchange: Exchange, own_id: str) -> RegistrarMessage | None:
    """Read the answer to `poll op="req"`; raises `GatewayUnavailableError` if it is neither a message nor *empty*."""
    response = exchange.response
    if response.code == QUEUE_EMPTY:
        return None
    message = response.message
    if response.code != 1301 or message is None or not message.message_id:
        raise GatewayUnavailableError(
            f"the message queue answered {exchange.reply.result_code} {exchange.reply.text}",
            blocked=cause_of(response),
        )
    kind, progress = (None, None) if response.damaged else _decided(response, own_id)
    return RegistrarMessage(
        message_id=message.message_id,
        queued_at_text=message.queued_at_text,
        text=message.text,
        domain=_named(response),
        kind=kind,
        progress=progress,
        client_transaction_id=None if response.damaged else _answered(response),
        attention=attention_in(response, own_id),
        away=away_in(response, own_id),
        transcript=exchange.reply.transcript,
    )


def _decided(response: Response, own_id: str) -> tuple[Kind | None, Progress | None]:
    """Tell what is decided. `panData` decides the command it names, of whatever kind (RFC 5731 §3.3)."""
    transfer = response.object_part(DOMAIN, "trnData")
    progress = own_transfer(transfer, own_id) if transfer is not None else None
    if progress is not None:
        return Kind.TRANSFER, progress
    pending = _pending_name(response)
    if pending is None:
        return None, None
    return None, Progress.APPROVED if pending.get("paResult") in {"1", "true"} else Progress.REJECTED


def _answered(response: Response) -> str | None:
    pending = response.object_part(DOMAIN, "panData")
    return None if pending is None else text_of(pending, "./{*}paTRID/{*}clTRID")


def _pending_name(response: Response) -> Element | None:
    pending = response.object_part(DOMAIN, "panData")
    return None if pending is None else pending.find(f"{{{DOMAIN}}}name")


def _named(response: Response) -> str | None:
    """Return the domain that any part of the message speaks of, known to us or not."""
    for part in response.object_parts():
        if name := text_of(part, f"{{{DOMAIN}}}name"):
            return name.lower()
    return None
