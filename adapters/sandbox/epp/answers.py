"""How does the registry write its answers? An `Answer` is a value; here it becomes bytes (RFC 5730 §2.4, §2.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from adapters.sandbox.epp.dialect import EPP, PREFIXES, Dialect

TEXTS: Mapping[int, str] = {
    1000: "Command completed successfully",
    1001: "Command completed successfully; action pending",
    1300: "Command completed successfully; no messages",
    1301: "Command completed successfully; ack to dequeue",
    1500: "Command completed successfully; ending session",
    2000: "Unknown command",
    2001: "Command syntax error",
    2002: "Command use error",
    2003: "Required parameter missing",
    2004: "Parameter value range error",
    2005: "Parameter value syntax error",
    2100: "Unimplemented protocol version",
    2101: "Unimplemented command",
    2102: "Unimplemented option",
    2103: "Unimplemented extension",
    2104: "Billing failure",
    2105: "Object is not eligible for renewal",
    2106: "Object is not eligible for transfer",
    2200: "Authentication error",
    2201: "Authorization error",
    2202: "Invalid authorization information",
    2300: "Object pending transfer",
    2301: "Object not pending transfer",
    2302: "Object exists",
    2303: "Object does not exist",
    2304: "Object status prohibits operation",
    2305: "Object association prohibits operation",
    2306: "Parameter value policy error",
    2307: "Unimplemented object service",
    2308: "Data management policy violation",
    2400: "Command failed",
    2500: "Command failed; server closing connection",
    2501: "Authentication error; server closing connection",
    2502: "Session limit exceeded; server closing connection",
}
"""RFC 5730 §3."""

CLOSING = frozenset({1500, 2500, 2501, 2502})
"""After these the server closes the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The message at the head of the queue; `at` and `text` only in the answer to a poll."""

    count: int
    message_id: int
    at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the registry says to one command."""

    code: int
    content: etree._Element | None = None
    reason: str = ""
    queue: Queue | None = None
    extensions: tuple[etree._Element, ...] = ()


class RefusalError(Exception):
    """The command is refused with a result code and a reason; nothing of it stays in the books."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.answer = Answer(code, reason=reason)


def node(
    namespace: str, tag: str, *children: etree._Element, text: str | None = None, **attributes: str
) -> etree._Element:
    """Make an element, with the prefix that its namespace is known by."""
    nsmap: Any = {PREFIXES.get(namespace): namespace}  # the stubs do not know None, the default namespace
    element = etree.Element(f"{{{namespace}}}{tag}", nsmap=nsmap)
    for name, value in attributes.items():
        element.set(name, value)
    element.text = text
    element.extend(children)
    return element


def write_answer(
    answer: Answer, dialect: Dialect, *, client_transaction_id: str | None, server_transaction_id: str
) -> bytes:
    """Write a response."""
    parts = [_result(answer)]
    if answer.queue is not None:
        parts.append(_queue(answer.queue, dialect))
    if answer.content is not None:
        parts.append(node(EPP, "resData", answer.content))
    if answer.extensions:
        parts.append(node(EPP, "extension", *answer.extensions))
    parts.append(transaction_ids(EPP, "trID", client_transaction_id, server_transaction_id))
    return _document(node(EPP, "response", *parts))


def write_greeting(dialect: Dialect, now: datetime) -> bytes:
    """Write the greeting."""
    menu = node(EPP, "svcMenu", node(EPP, "version", text="1.0"), node(EPP, "lang", text="en"))
    menu.extend([node(EPP, "objURI", text=uri) for uri in dialect.objects])
    if dialect.extensions:
        offered = [node(EPP, "extURI", text=uri) for uri in dialect.extensions]
        menu.append(node(EPP, "svcExtension", *offered))
    return _document(
        node(
            EPP,
            "greeting",
            node(EPP, "svID", text=dialect.server_id),
            node(EPP, "svDate", text=dialect.write_time(now)),
            menu,
            _collection_policy(),
        )
    )


def transaction_ids(
    namespace: str, tag: str, client_transaction_id: str | None, server_transaction_id: str
) -> etree._Element:
    """Write a pair of transaction ids."""
    pair = node(namespace, tag)
    if client_transaction_id:
        pair.append(node(EPP, "clTRID", text=client_transaction_id))
    pair.append(node(EPP, "svTRID", text=server_transaction_id))
    return pair


def _result(answer: Answer) -> etree._Element:
    result = node(
        EPP, "result", node(EPP, "msg", text=TEXTS.get(answer.code, "Refused")), code=str(answer.code)
    )
    if answer.reason:
        # The value at fault is not repeated: it may be a secret. RFC 5730 §2.6 has <undef/> for that.
        value = node(EPP, "value", node(EPP, "undef"))
        result.append(node(EPP, "extValue", value, node(EPP, "reason", text=answer.reason)))
    return result


def _queue(queue: Queue, dialect: Dialect) -> etree._Element:
    element = node(EPP, "msgQ", count=str(queue.count), id=str(queue.message_id))
    if queue.at is not None:
        element.append(node(EPP, "qDate", text=dialect.write_time(queue.at)))
        element.append(node(EPP, "msg", text=queue.text))
    return element


def _collection_policy() -> etree._Element:
    purpose = node(EPP, "purpose", node(EPP, "admin"), node(EPP, "prov"))
    recipient = node(EPP, "recipient", node(EPP, "ours"), node(EPP, "public"))
    retention = node(EPP, "retention", node(EPP, "stated"))
    return node(
        EPP,
        "dcp",
        node(EPP, "access", node(EPP, "all")),
        node(EPP, "statement", purpose, recipient, retention),
    )


def _document(content: etree._Element) -> bytes:
    root = node(EPP, "epp", content)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=False)
