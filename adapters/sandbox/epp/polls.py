"""What waits in a client's queue? Poll of RFC 5730 §2.9.2.3: the same message until it is acknowledged.

The registry leaves `trnData` and `panData` itself. Others can be ordered, with `Page.queue_message` and a `body` of texts:
`changePoll` (RFC 8590: operation, who, and if wanted reason, case, case_type), `maintenance` (RFC 9167: start, end) and
`lowBalance` (Verisign's: credit, limit). A kind that is none of these is a bare text.
"""

from lxml import etree

from adapters.sandbox.epp.answers import Answer, Queue, RefusalError, node, transaction_ids
from adapters.sandbox.epp.call import Call
from adapters.sandbox.epp.dialect import CHANGE_POLL, DOMAIN, LOW_BALANCE, MAINTENANCE
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
    return Answer(1301, _content(message), queue=queue, extensions=_extensions(call, message))


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
        case "changePoll":
            return node(DOMAIN, "infData", node(DOMAIN, "name", text=message.name), *_holder(message))
        case "maintenance":
            return _maintenance(message)
        case "lowBalance":
            return _low_balance(message)
        case _:
            return None


def _holder(message: Message) -> list[etree._Element]:
    return [
        node(DOMAIN, "roid", text=str(message.body.get("roid", "D1-SANDBOX"))),
        node(DOMAIN, "clID", text=message.client_id),
    ]


def _extensions(call: Call, message: Message) -> tuple[etree._Element, ...]:
    """Say what the registry changed by itself, who did it and why (RFC 8590 §2)."""
    if message.kind != "changePoll" or CHANGE_POLL not in call.services:
        return ()
    body = message.body
    change = node(
        CHANGE_POLL,
        "changeData",
        node(CHANGE_POLL, "operation", text=body["operation"]),
        node(CHANGE_POLL, "date", text=call.dialect.write_time(message.queued_at)),
        node(CHANGE_POLL, "svTRID", text=f"SANDBOX-CHANGE-{message.id}"),
        node(CHANGE_POLL, "who", text=body["who"]),
        state="after",
    )
    if "case" in body:
        change.append(node(CHANGE_POLL, "caseId", text=body["case"], type=body.get("case_type", "udrp")))
    if "reason" in body:
        change.append(node(CHANGE_POLL, "reason", text=body["reason"]))
    return (change,)


def _maintenance(message: Message) -> etree._Element:
    system = node(MAINTENANCE, "system", node(MAINTENANCE, "name", text="EPP"))
    system.append(node(MAINTENANCE, "impact", text="full"))
    item = node(
        MAINTENANCE,
        "item",
        node(MAINTENANCE, "id", text=f"maintenance-{message.id}"),
        node(MAINTENANCE, "pollType", text="create"),
        node(MAINTENANCE, "systems", system),
        node(MAINTENANCE, "environment", type="production"),
        node(MAINTENANCE, "start", text=message.body["start"]),
        node(MAINTENANCE, "end", text=message.body["end"]),
        node(MAINTENANCE, "reason", text="planned"),
    )
    return node(MAINTENANCE, "infData", item)


def _low_balance(message: Message) -> etree._Element:
    body = message.body
    return node(
        LOW_BALANCE,
        "pollData",
        node(LOW_BALANCE, "registrarName", text=message.client_id),
        node(LOW_BALANCE, "creditLimit", text=body["limit"]),
        node(LOW_BALANCE, "creditThreshold", text=body["limit"], type="FIXED"),
        node(LOW_BALANCE, "availableCredit", text=body["credit"]),
    )


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
