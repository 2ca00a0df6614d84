"""What waits for the reseller in the queue? The oldest message, the same until it is acknowledged."""

from adapters.sandbox.irnic.answers import (
    Answer,
    Element,
    RefusedError,
    bare,
    contact,
    domain,
    epp,
    local_time,
)
from adapters.sandbox.irnic.errand import Errand
from adapters.sandbox.records import Message


def poll(errand: Errand) -> Answer:
    """Answer a poll request: 1300 for an empty queue, else 1301 with the message at its head."""
    message = errand.page.first_message()
    if message is None:
        return Answer(1300)
    heading = epp(
        "msg",
        children=[
            bare("index", text=message.body.get("index", "SystemNotice")),
            bare("note", text=message.text),
        ],
    )
    queue = epp(
        "msgQ",
        children=[epp("qDate", text=local_time(message.queued_at)), heading],
        count=str(errand.page.messages_waiting()),
        id=str(message.id),
    )
    return Answer(1301, queue=queue, result=[_subject(message)] if "statuses" in message.body else [])


def acknowledge(errand: Errand) -> Answer:
    """Answer an acknowledgement: the message leaves the queue."""
    sought = errand.request.message_id
    if not sought.isdecimal() or not errand.page.acknowledge(int(sought)):
        raise RefusedError(2303, "The message does not exist.", "msgID")
    return Answer(1000)


def _subject(message: Message) -> Element:
    written, name = (contact, "id") if message.kind == "contact" else (domain, "name")
    return written(
        "polData",
        children=[
            written(name, text=message.name or ""),
            written("roid", text=message.body["roid"]),
            *(written("status", s=status) for status in message.body["statuses"]),
        ],
    )
