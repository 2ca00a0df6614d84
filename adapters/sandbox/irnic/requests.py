"""What does a posted document ask for, and is it written as IRNIC's schema wants it? One document, one command.

IRNIC's elements stand in a fixed order, in namespaces of its own; a document that breaks this is answered 2001, one
that leaves out what it must say 2003. Poll alone carries no deposit code.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from lxml import etree

from adapters.sandbox.irnic import names
from adapters.sandbox.irnic.answers import CONTACT, DOMAIN, EPP, RefusedError

ROLES = ("holder", "admin", "tech", "bill")
TERMS_SOLD = (12, 60)
LARGEST_DOCUMENT = 500_000
"""Bytes; more is no command."""

_Shape = tuple[tuple[str, int, int], ...]
_SHAPES: dict[str, _Shape] = {
    "domain:check": (("name", 1, 10), ("authInfo", 1, 1)),
    "domain:info": (("name", 1, 1), ("authInfo", 1, 1)),
    "domain:create": (
        ("name", 1, 1),
        ("period", 1, 1),
        ("ns", 0, 1),
        ("lns", 0, 1),
        ("contact", 4, 5),
        ("agreement", 1, 1),
        ("authInfo", 1, 1),
    ),
    "domain:renew": (("name", 1, 1), ("curExpDate", 1, 1), ("period", 1, 1), ("authInfo", 1, 1)),
    "domain:update": (("name", 1, 1), ("add", 0, 1), ("rem", 0, 1), ("chg", 0, 1), ("authInfo", 1, 1)),
    "domain:transfer": (("name", 1, 1), ("chg", 1, 1), ("authInfo", 1, 1)),
    "domain:delete": (("name", 1, 1), ("authInfo", 1, 1)),
    "contact:check": (("id", 1, 4), ("authInfo", 1, 1)),
    "contact:info": (("id", 1, 1), ("authInfo", 1, 1)),
    "contact:create": (
        ("postalInfo", 1, 1),
        ("voice", 1, 1),
        ("fax", 0, 1),
        ("ident", 1, 1),
        ("signature", 1, 1),
        ("email", 1, 1),
        ("authInfo", 1, 1),
    ),
    "contact:update": (("id", 1, 1), ("chg", 1, 1), ("authInfo", 1, 1)),
}
"""Each command's children in the schema's order: element, at least, at most.

An update that carries a PIN is called `domain:transfer`: it moves the name to another holder, and costs money.
"""

_TRANSACTION_ID_LENGTHS = (0, *range(3, 65))
"""It may be left out."""

_VERBS = frozenset(
    {"check", "info", "create", "renew", "update", "delete", "transfer", "poll", "login", "logout"}
)
_OBJECTS = {DOMAIN: "domain", CONTACT: "contact"}


@dataclass(frozen=True, slots=True)
class Host:
    """One name server, with its one address where the request gives it (IRNIC takes one of v4 and v6)."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One command. `command` is the journal's word for it; `body` its object's element, None for a poll."""

    command: str
    client_transaction_id: str
    body: etree._Element | None = None
    verb: etree._Element | None = None
    extension: etree._Element | None = None

    @property
    def names(self) -> list[str]:
        """The names or contact ids that the command is about, as the books keep them."""
        parsed = [(text, names.parse(text)) for text in self.texts("name") or self.texts("id")]
        return [name.ascii if name else text.lower() for text, name in parsed]

    @property
    def message_id(self) -> str:
        """Which message a poll acknowledges."""
        return "" if self.verb is None else self.verb.get("msgID", "")

    def pin(self, attribute: str) -> str:
        """Return what the `pin` of the extension says: `op` or `pinCode`; empty where it says nothing of it."""
        pin = None if self.extension is None else self.extension.find(f"{{{EPP}}}pin")
        return "" if pin is None else pin.get(attribute, "")

    def texts(self, tag: str) -> list[str]:
        """Return the texts of the object's children of this tag, in order."""
        return [_text(child) for child in self._children(tag)]

    def deposit_code(self) -> str:
        """Return the code in `authInfo/pw`; empty where there is none."""
        for auth_info in self._children("authInfo"):
            return "".join(_text(child) for child in auth_info if _local(child) == "pw")
        return ""

    def months(self) -> int:
        """Return the term; raise `RefusedError` for a term or unit that is not sold."""
        period = next(self._children("period"))
        text = _text(period)
        if period.get("unit") != "m" or not text.isdecimal():
            raise RefusedError(2001, "The period is written in months.", "domain:period")
        if int(text) not in TERMS_SOLD:
            raise RefusedError(2004, "The selected duration is not available.", "domain:period")
        return int(text)

    def current_expiry(self) -> date:
        """Return the date a renewal says it starts from; raise `RefusedError` for one that is no date."""
        try:
            return date.fromisoformat(self.texts("curExpDate")[0])
        except ValueError:
            raise RefusedError(2001, "The current expiry is not a date.", "domain:curExpDate") from None

    def contacts(self) -> dict[str, str]:
        """Return the handles by role, of a registration or of an update's `chg`."""
        handles: dict[str, str] = {}
        for element in [*self._children("contact"), *self._changed_contacts()]:
            role = element.get("type", "")
            if role not in ROLES:
                raise RefusedError(2001, "The contact type is not valid.", "domain:contact")
            handles[role] = _text(element).lower()
        return handles

    def hosts(self, part: str | None = None) -> list[Host]:
        """Return the name servers of the object itself, or of an update's `add` or `rem`."""
        parents = [self.body] if part is None else list(self._children(part))
        attributes = [
            host for parent in parents if parent is not None for host in parent.iter(f"{{{DOMAIN}}}hostAttr")
        ]
        return [_host(attribute) for attribute in attributes]

    def agrees(self) -> bool:
        """Tell whether the registration accepts the registry's agreement."""
        return self.texts("agreement") in (["true"], ["1"])

    def check_shape(self) -> None:
        """Raise `RefusedError` unless the command exists and its elements stand as the schema wants them."""
        if len(self.client_transaction_id) not in _TRANSACTION_ID_LENGTHS:
            raise RefusedError(2001, "A transaction id has 3 to 64 characters.", "clTRID")
        if self.command in ("poll", "poll:ack"):
            if self.command == "poll:ack" and not self.message_id:
                raise RefusedError(2003, "The message id is missing.", "poll")
            return
        shape = _SHAPES.get(self.command)
        if shape is None or self.body is None:
            raise RefusedError(2101, "This command is not available here.", self.command)
        _check_order(self.body, shape)
        for written in self.texts("name"):
            if not names.SCHEMA_PATTERN.fullmatch(written):
                raise RefusedError(2001, "The domain name does not match the schema.", "domain:name")

    def _children(self, tag: str) -> Iterator[etree._Element]:
        if self.body is not None:
            yield from (child for child in self.body if _local(child) == tag)

    def _changed_contacts(self) -> list[etree._Element]:
        return [
            contact for change in self._children("chg") for contact in change if _local(contact) == "contact"
        ]


def read(document: bytes) -> Request:
    """Read a posted document; raise `RefusedError` for one that is no EPP command.

    It is read without entities, network or DOCTYPE.
    """
    root = _root(document)
    command = root.find(f"{{{EPP}}}command")
    if root.tag != f"{{{EPP}}}epp" or command is None:
        raise RefusedError(2000, "An EPP command is expected.")
    verb = next((child for child in command if _local(child) in _VERBS and _namespace(child) == EPP), None)
    if verb is None:
        raise RefusedError(2000, "The command is not known.")
    transaction_id = (command.findtext(f"{{{EPP}}}clTRID") or "").strip()
    body = next(iter(verb), None)
    request = Request(
        command=_word(verb, body),
        client_transaction_id=transaction_id,
        body=body,
        verb=verb,
        extension=command.find(f"{{{EPP}}}extension"),
    )
    moves = request.command == "domain:update" and request.pin("pinCode")
    return replace(request, command="domain:transfer") if moves else request


def _root(document: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise RefusedError(2001, "The document is not well-formed XML.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise RefusedError(2001, "A document type is not accepted.")
    return root


def _word(verb: etree._Element, body: etree._Element | None) -> str:
    """Return the journal's word for a command: `domain:renew`, `poll`, `poll:ack`."""
    name = _local(verb)
    if name == "poll":
        return "poll:ack" if verb.get("op") == "ack" else "poll"
    if body is None:
        return name
    kind = _OBJECTS.get(_namespace(body))
    if kind is None:
        raise RefusedError(2001, "The object's namespace is not IRNIC's.", _local(body))
    if _local(body) != name:
        raise RefusedError(2001, "The object's element is not the command's.", _local(body))
    return f"{kind}:{name}"


def _check_order(body: etree._Element, shape: _Shape) -> None:
    """Raise `RefusedError` unless the children are those of `shape`, in its order and as often as it says."""
    found = [_local(child) if _namespace(child) == _namespace(body) else "" for child in body]
    expected = [tag for tag, _, most in shape for _ in range(min(found.count(tag), most))]
    for tag, least, _ in shape:
        if found.count(tag) < least:
            raise RefusedError(2003, f"The element {tag} is missing.", tag)
    if found != expected:
        raise RefusedError(2001, "The elements do not stand in the schema's order.", _local(body))


def _host(attribute: etree._Element) -> Host:
    name = attribute.findtext(f"{{{DOMAIN}}}hostName") or ""
    address = attribute.findtext(f"{{{DOMAIN}}}hostAddr") or ""
    return Host(name.strip().lower(), address.strip())


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _namespace(element: etree._Element) -> str:
    return etree.QName(element).namespace or ""


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()
