"""How does IRNIC write its answers? Its own namespaces, said again on every element.

Each element declares its own namespace again, errors carry their text in `extValue/reason`, dates are Tehran's local
time without an offset, and the parts of a queue message (`index`, `note`) stand in no namespace at all.
"""

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "http://epp.nic.ir/ns/domain-1.0"
CONTACT = "http://epp.nic.ir/ns/contact-1.0"
TEHRAN = ZoneInfo("Asia/Tehran")

MESSAGES = {
    1000: "Command completed successfully",
    1001: "Command completed successfully; action pending",
    1300: "Command completed successfully; no messages",
    1301: "Command completed successfully; ack to dequeue",
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
"""RFC 5730 §3: the wording of the result codes."""

_PREFIXES = {EPP: "", DOMAIN: "domain:", CONTACT: "contact:", "": ""}


@dataclass(frozen=True, slots=True)
class Element:
    """One XML element as IRNIC writes it: its namespace is declared on it, whatever its parent declares."""

    namespace: str
    tag: str
    children: "Sequence[Element]" = ()
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    def serialise(self) -> str:
        """Return the element and all below it as XML."""
        prefix = _PREFIXES[self.namespace]
        declaration = "xmlns" if prefix == "" else f"xmlns:{prefix[:-1]}"
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        content = escape(self.text) + "".join(child.serialise() for child in self.children)
        return (
            f'<{prefix}{self.tag} {declaration}="{self.namespace}"{attributes}>{content}</{prefix}{self.tag}>'
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to: its result code, the reason of an error, and the parts that follow the result."""

    code: int
    reason: str = ""
    value: str = ""
    queue: Element | None = None
    result: Sequence[Element] = ()
    extension: Sequence[Element] = ()


class RefusedError(Exception):
    """A command that the registry does not carry out: nothing of it stays in the books."""

    def __init__(self, code: int, reason: str = "", value: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.answer = Answer(code, reason=reason, value=value)


def document(answer: Answer, *, client_transaction_id: str, server_transaction_id: str) -> bytes:
    """Return the whole EPP document of an answer."""
    parts = [_result(answer)]
    if answer.queue is not None:
        parts.append(answer.queue)
    if answer.result:
        parts.append(epp("resData", children=answer.result))
    if answer.extension:
        parts.append(epp("extension", children=answer.extension))
    parts.append(_transaction_ids(client_transaction_id, server_transaction_id))
    root = epp("epp", children=[epp("response", children=parts)])
    return f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n{root.serialise()}\n'.encode()


def epp(tag: str, *, text: str = "", children: Sequence[Element] = (), **attributes: str) -> Element:
    """Return an element of EPP's own namespace."""
    return Element(EPP, tag, children, text, attributes)


def domain(tag: str, *, text: str = "", children: Sequence[Element] = (), **attributes: str) -> Element:
    """Return an element of IRNIC's domain namespace."""
    return Element(DOMAIN, tag, children, text, attributes)


def contact(tag: str, *, text: str = "", children: Sequence[Element] = (), **attributes: str) -> Element:
    """Return an element of IRNIC's contact namespace."""
    return Element(CONTACT, tag, children, text, attributes)


def bare(tag: str, *, text: str = "") -> Element:
    """Return an element in no namespace, as in a queue message."""
    return Element("", tag, (), text)


def local_time(moment: datetime) -> str:
    """Write an aware moment as IRNIC does: Tehran's local time to the second, no offset."""
    return moment.astimezone(TEHRAN).replace(tzinfo=None).isoformat(timespec="seconds")


def new_transaction_id(now: datetime) -> str:
    """Return the server's own id for a command: `IRNIC_<Tehran's time with its offset>_<three letters>`."""
    mark = "".join(secrets.choice(string.ascii_lowercase) for _ in range(3))
    return f"IRNIC_{now.astimezone(TEHRAN).isoformat(timespec='seconds')}_{mark}"


def _result(answer: Answer) -> Element:
    parts = [epp("msg", text=MESSAGES.get(answer.code, "Command failed"))]
    if answer.reason:
        offending = epp("value", text=answer.value)
        parts.append(epp("extValue", children=[offending, epp("reason", text=answer.reason)]))
    return epp("result", children=parts, code=str(answer.code))


def _transaction_ids(client_transaction_id: str, server_transaction_id: str) -> Element:
    client = [epp("clTRID", text=client_transaction_id)] if client_transaction_id else []
    return epp("trID", children=[*client, epp("svTRID", text=server_transaction_id)])
