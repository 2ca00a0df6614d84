"""What does an answer of IRNIC's say? Pure functions from bytes to values; nothing here decides what to do about it.

Real answers do not validate against IRNIC's own schema, so each value is looked for by namespace and name, one or many
alike, and what is missing is missing rather than an error, except where an answer would be taken for another one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation

import idna

from adapters.registrars.irnic.cards import Address
from adapters.registrars.irnic.elements import (
    Element,
    UnreadableError,
    contact,
    domain,
    epp,
    is_true,
    local_name,
    parse,
    text_of,
)
from adapters.registrars.irnic.hours import TEHRAN
from registrar.commands import Expiry, Nameserver
from registrar.names import DomainName

_BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Response:
    """An EPP response: its result, its transaction ids and the element it was read from.

    `message` is the registry's text, `reason` IRNIC's own detail of an error, `about` the names and texts of the
    elements that it found at fault (all in lower case), and `element` the `response` for what follows the result.
    """

    code: int
    message: str
    reason: str
    about: frozenset[str]
    client_transaction_id: str
    server_transaction_id: str
    element: Element


@dataclass(frozen=True, slots=True)
class DomainState:
    """What `domain:info` tells. A stranger sees neither `roid` nor `created_at`, and not always the bill contact."""

    roid: str | None
    statuses: frozenset[str]
    contacts: Mapping[str, str]
    nameservers: tuple[Nameserver, ...]
    created_at: datetime | None
    expiry: Expiry | None


@dataclass(frozen=True, slots=True)
class Availability:
    """What `domain:check` tells of a name; `reason` is empty where it is merely taken."""

    available: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ContactPermission:
    """What `contact:check` tells of a handle: whether it exists, and in which roles we may use it."""

    exists: bool
    allowed: frozenset[str]


@dataclass(frozen=True, slots=True)
class ShownContact:
    """What `contact:info` tells of a handle; of a stranger's no more than e-mail and kind. Empty: not shown.

    `handle` is the real one, also where it was asked for by e-mail. `idents` are the names of the identity's elements.
    """

    handle: str
    email: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    organization: str = field(repr=False)
    address: Address = field(repr=False)
    voice: str = field(repr=False)
    idents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Credit:
    """One line of the credit statement. `amount` is as IRNIC writes it: negative for an expense."""

    roid: str
    at: datetime
    at_text: str
    domain: str | None
    description: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """The head of the queue. `subject` is a domain's name or a contact's id; a pure notice has none."""

    message_id: str
    queued_at: str
    index: str
    note: str
    domain: str | None
    contact: str | None
    roid: str | None
    statuses: frozenset[str]


def response(body: bytes) -> Response:
    """Read an answer; raises `UnreadableError` if it is not one whole EPP response with one meaning."""
    root = parse(body)
    answer = root.find(epp("response")) if root.tag == epp("epp") else None
    if answer is None:
        raise UnreadableError("the answer is no EPP response")
    results = answer.findall(epp("result"))
    codes = {result.get("code", "") for result in results}
    code = codes.pop() if len(codes) == 1 else ""
    if not (code.isascii() and code.isdigit()):
        raise UnreadableError("the answer has not one result code")
    return Response(
        code=int(code),
        message=text_of(results[0].find(epp("msg"))),
        reason="; ".join(_texts(results, "reason")),
        about=frozenset(_about(results)),
        client_transaction_id=text_of(answer.find(f"{epp('trID')}/{epp('clTRID')}")),
        server_transaction_id=text_of(answer.find(f"{epp('trID')}/{epp('svTRID')}")),
        element=answer,
    )


def domain_state(answer: Response, name: DomainName) -> DomainState:
    """Read `infData`; raises `UnreadableError` if there is none, if it is about another name, or for a broken date."""
    found = _result_part(answer, domain("infData"))
    _same_name(found.find(domain("name")), name)
    return DomainState(
        roid=text_of(found.find(domain("roid"))) or None,
        statuses=_statuses(found, domain("status")),
        contacts={
            (each.get("type") or "").lower(): text_of(each) for each in found.iterfind(domain("contact"))
        },
        nameservers=_nameservers(found),
        created_at=_moment(text_of(found.find(domain("crDate")))),
        expiry=expiry(text_of(found.find(domain("exDate")))),
    )


def availability(answer: Response, name: DomainName) -> Availability:
    """Read the one name of `chkData`; raises `UnreadableError` if it is not there."""
    for checked in _result_part(answer, domain("chkData")).iterfind(domain("cd")):
        element = checked.find(domain("name"))
        if element is not None and _is_name(element, name):
            return Availability(is_true(element.get("avail")), text_of(checked.find(domain("reason"))))
    raise UnreadableError("the answer does not tell of the name that was asked for")


def contact_permissions(answer: Response) -> dict[str, ContactPermission]:
    """Read `contact:chkData` by handle in lower case. At IRNIC `avail="1"` means that the handle exists."""
    found = {}
    for checked in _result_part(answer, contact("chkData")).iterfind(contact("cd")):
        identifier = checked.find(contact("id"))
        if identifier is not None:
            allowed = {
                (position.get("type") or "").lower()
                for position in checked.iterfind(contact("position"))
                if is_true(position.get("allowed"))
            }
            found[text_of(identifier).lower()] = ContactPermission(
                is_true(identifier.get("avail")), frozenset(allowed)
            )
    return found


def created_roid(answer: Response) -> str | None:
    """Return the new object's id, in case `creData` tells it; the schema does not promise it."""
    return text_of(answer.element.find(f"{epp('resData')}/{domain('creData')}/{domain('roid')}")) or None


def created_handle(answer: Response) -> str | None:
    """Return the new handle of `contact:creData`, in lower case; None where the answer tells none."""
    made = answer.element.find(f"{epp('resData')}/{contact('creData')}/{contact('id')}")
    return text_of(made).lower() or None


def shown_contact(answer: Response) -> ShownContact:
    """Read `contact:infData`; raises `UnreadableError` if there is none, or no handle in it."""
    found = _result_part(answer, contact("infData"))
    handle = text_of(found.find(contact("roid"))) or text_of(found.find(contact("id")))
    if not handle or "@" in handle:
        raise UnreadableError("the answer does not tell the handle")

    def text(*path: str) -> str:
        return text_of(found.find("/".join(map(contact, path))))

    ident = found.find(contact("ident"))
    return ShownContact(
        handle=handle.lower(),
        email=text("email"),
        first_name=text("postalInfo", "firstname"),
        last_name=text("postalInfo", "lastname"),
        organization=text("postalInfo", "org"),
        address=Address(*(text("postalInfo", "addr", part) for part in ("street", "city", "sp", "pc", "cc"))),
        voice=text("voice"),
        idents=frozenset(local_name(child) for child in ident) if ident is not None else frozenset(),
    )


def credits_told(answer: Response) -> tuple[Credit, ...] | None:
    """Read the credit statement, each line once; None where the answer brings none.

    Its namespace is not known (one client's sample), so it is found by its name alone. Lines are told apart by number,
    date, amount and description: IRNIC repeats numbers. Raises `UnreadableError` for a line without date or amount.
    """
    logs = [
        log
        for extension in answer.element.iterfind(epp("extension"))
        for log in extension
        if local_name(log) == "creditLog"
    ]
    if not logs:
        return None
    lines = (_credit(line) for log in logs for line in log if local_name(line) == "credit")
    return tuple(dict.fromkeys(lines))


def queue_message(answer: Response) -> QueueMessage:
    """Read a 1301; raises `UnreadableError` if it has no id, without which it cannot be acknowledged."""
    queue = answer.element.find(epp("msgQ"))
    if queue is None or not queue.get("id"):
        raise UnreadableError("the queue's message has no id")
    about_domain = answer.element.find(f"{epp('resData')}/{domain('polData')}")
    about_contact = answer.element.find(f"{epp('resData')}/{contact('polData')}")
    return QueueMessage(
        message_id=queue.get("id") or "",
        queued_at=text_of(queue.find(epp("qDate"))),
        index=" ".join(" ".join(_texts([queue], "index")).split()),
        note=" ".join(_texts([queue], "note")),
        domain=_child_text(about_domain, domain("name")),
        contact=_child_text(about_contact, contact("id")),
        roid=_child_text(about_domain, domain("roid")),
        statuses=_statuses(about_domain, domain("status")) | _statuses(about_contact, contact("status")),
    )


def balance(answer: Response) -> str | None:
    """Return the balance of our own handle's `contractInfo`, as written; None where the answer tells none.

    It is in units, a decimal; raises `UnreadableError` if it is no number. The namespace of `contractInfo` is not
    known (one client's word), so it is found by its name alone.
    """
    for extension in answer.element.iterfind(epp("extension")):
        for text in _texts([extension], "balance"):
            return _number(text)
    return None


def expiry(text: str) -> Expiry | None:
    """Read a date beside its text: Tehran's clock unless it says otherwise; a bare date is the end of that day."""
    at = _moment(text)
    return None if at is None else Expiry(at, text)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableError("a date of the answer is none") from None
    if _BARE_DATE.fullmatch(text):
        moment = datetime.combine(moment.date(), _END_OF_DAY)
    return (moment if moment.tzinfo else moment.replace(tzinfo=TEHRAN)).astimezone(UTC)


def _number(text: str) -> str:
    _decimal(text)
    return text


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise UnreadableError("an amount of the answer is no number")
    return number


def _credit(line: Element) -> Credit:
    date, domain_name, description, amount = (
        next(iter(_texts([line], name)), "") for name in ("date", "domain", "description", "amount")
    )
    at = _moment(date)
    if at is None:
        raise UnreadableError("a line of the statement has no date")
    name = _a_label(domain_name) if domain_name else None
    return Credit(line.get("roid") or "", at, date, name, description, _decimal(amount))


def _result_part(answer: Response, name: str) -> Element:
    part = answer.element.find(f"{epp('resData')}/{name}")
    if part is None:
        raise UnreadableError(f"the answer has no {name.rpartition('}')[2]}")
    return part


def _same_name(element: Element | None, name: DomainName) -> None:
    if element is None or not _is_name(element, name):
        raise UnreadableError("the answer is about another name")


def _is_name(element: Element, name: DomainName) -> bool:
    """Tell whether an element names the domain, in any of the spellings that IRNIC gives with it."""
    spellings = (text_of(element), element.get("normalized_name"), element.get("canonized_name"))
    return any(_a_label(spelling) == name.ascii for spelling in spellings if spelling)


def _a_label(text: str) -> str:
    plain = text.strip().lower().removesuffix(".")
    try:
        return idna.encode(plain, uts46=True).decode()
    except idna.IDNAError:
        return plain


def _nameservers(found: Element) -> tuple[Nameserver, ...]:
    """Return the delegation as IRNIC writes it; a host without a name is none."""
    shown = [
        Nameserver(text_of(host.find(domain("hostName"))), tuple(_texts([host], "hostAddr")))
        for host in found.iterfind(f"{domain('ns')}/{domain('hostAttr')}")
    ]
    return tuple(server for server in shown if server.host)


def _statuses(found: Element | None, name: str) -> frozenset[str]:
    elements = [] if found is None else found.findall(name)
    return frozenset(status for each in elements if (status := (each.get("s") or "").strip()))


def _child_text(parent: Element | None, name: str) -> str | None:
    return None if parent is None else text_of(parent.find(name)) or None


def _texts(parents: list[Element], name: str) -> list[str]:
    """Return the texts of all elements of that name below the parents, in any namespace or none."""
    found = [element for parent in parents for element in parent.iter() if local_name(element) == name]
    return [text for element in found if (text := text_of(element))]


def _about(results: list[Element]) -> set[str]:
    """Return what `value` elements show: IRNIC puts the offending element or its text there."""
    values = [value for result in results for value in result.iter(epp("value"))]
    inside = [element for value in values for element in value.iter() if element is not value]
    return {local_name(element).lower() for element in inside} | {
        text_of(value).lower() for value in values
    } - {""}
