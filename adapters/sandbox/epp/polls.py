"""What waits in a client's queue? Poll of RFC 5730 §2.9.2.3: the same message until it is acknowledged."""

from lxml import etree

from adapters.sandbox.epp.answers import Answer, Queue, RefusalError, node, transaction_ids
from adapters.sandbox.epp.call import Call
from adapters.sandbox.epp.dialect import DOMAIN
from adapters.sandbox.epp.transfers import transfer_data
from adapters.sandbox.page import Page
from adapters.sandbox.records import Message


def read(call: Call) -> Answer:
    """Show the oldest message."""
    message = call.page.first_message(call.client_id)
    if message is None:
        return Answer(1300)
    count = call.page.messages_waiting(call.client_id)
    queue = Queue(count=count, message_id=message.id, at=message.queued_at, text=message.text)
    return Answer(1301, _content(message), queue=queue)


def acknowledge(call: Call) -> Answer:
    """Take a message out of the queue, and say which is next."""
    message_id = "" if call.request.element is None else call.request.element.get("msgID", "")
    if not message_id:
        raise RefusalError(2003, "msgID is missing")
    if not message_id.isdecimal() or not call.page.acknowledge(int(message_id), call.client_id):
        raise RefusalError(2303, "no such message waits")
    return Answer(1000, queue=announcement(call.page, call.client_id))


def announcement(page: Page, client_id: str) -> Queue | None:
    """Say how many messages wait, where any does."""
    message = page.first_message(client_id)
    if message is None:
        return None
    return Queue(count=page.messages_waiting(client_id), message_id=message.id)


def _content(message: Message) -> etree._Element | None:
    match message.kind:
        case "trnData":
            return transfer_data(message.body)
        case "panData":
            return _decision(message)
        case _:
            return None


def _decision(message: Message) -> etree._Element:
    body = message.body
    ids = transaction_ids(DOMAIN, "paTRID", body["client_transaction_id"], body["server_transaction_id"])
    return node(
        DOMAIN,
        "panData",
        node(DOMAIN, "name", text=message.name, paResult=body["result"]),
        ids,
        node(DOMAIN, "paDate", text=body["at"]),
    )
