"""What does a client ask for? One frame becomes one `Request`, or `unreadable`.

The parser takes what comes from outside for hostile: no DTD, no entities, no network. Elements are known by their
namespace, never by a prefix (RFC 5730 §5).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from adapters.sandbox.epp.dialect import CONTACT, DOMAIN, EPP, HOST, PREFIXES, RGP

UNREADABLE = "unreadable"
UNKNOWN = "unknown"

_OBJECT_VERBS = frozenset({"check", "info", "create", "renew", "transfer", "update", "delete"})
_KEYS = {DOMAIN: "name", HOST: "name", CONTACT: "id"}
_LONGEST_TRANSACTION_ID = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command as it was sent. `command` is its name in the journal (`misbehaviour.py`)."""

    command: str
    element: etree._Element | None = field(default=None, repr=False)
    object_uri: str | None = None
    names: tuple[str, ...] = ()
    client_transaction_id: str | None = None
    extension_parts: tuple[etree._Element, ...] = field(default=(), repr=False)

    @property
    def extensions(self) -> tuple[str, ...]:
        """The namespaces of the command's extensions."""
        return tuple(etree.QName(part).namespace or "" for part in self.extension_parts)

    def extension(self, namespace: str) -> etree._Element | None:
        """Find the command's extension of a namespace."""
        return next((part for part in self.extension_parts if etree.QName(part).namespace == namespace), None)

    def text(self, path: str) -> str | None:
        """Read the text at a path of the object's own elements, such as `authInfo/pw`; None where there is none."""
        found = self.find(path)
        return None if found is None else (found.text or "").strip()

    def find(self, path: str) -> etree._Element | None:
        """Find the first element at a path."""
        return next(self.find_all(path), None)

    def find_all(self, path: str) -> Iterator[etree._Element]:
        """Find all elements at a path."""
        if self.element is None:
            return iter(())
        return find_all(self.element, path)


def find_all(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """Find the elements at a path whose steps are all of `element`'s own namespace."""
    namespace = etree.QName(element).namespace
    return iter(element.findall("/".join(f"{{{namespace}}}{step}" for step in path.split("/"))))


def read_request(body: bytes) -> Request:
    """Parse one frame."""
    root = _parse(body)
    if root is None or root.tag != f"{{{EPP}}}epp" or len(root) != 1:
        return Request(command=UNREADABLE)
    if root[0].tag == f"{{{EPP}}}hello":
        return Request(command="hello")
    if root[0].tag != f"{{{EPP}}}command" or len(root[0]) == 0:
        return Request(command=UNREADABLE)
    return _read_command(root[0])


def _parse(body: bytes) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    docinfo: Any = root.getroottree().docinfo  # the stubs do not know doctype
    return None if docinfo.doctype else root


def _read_command(command: etree._Element) -> Request:
    verb = etree.QName(command[0])
    transaction_id = command.findtext(f"{{{EPP}}}clTRID")
    if transaction_id is not None and not 3 <= len(transaction_id) <= _LONGEST_TRANSACTION_ID:
        return Request(command=UNREADABLE)
    parts = tuple(command.iterfind(f"{{{EPP}}}extension/*"))
    if verb.namespace == EPP and verb.localname in {"login", "logout", "poll"}:
        name = _poll_name(command[0]) if verb.localname == "poll" else verb.localname
        return Request(
            command=name,
            element=command[0],
            client_transaction_id=transaction_id,
            extension_parts=parts,
        )
    if verb.namespace != EPP or verb.localname not in _OBJECT_VERBS or len(command[0]) != 1:
        return Request(command=UNKNOWN, client_transaction_id=transaction_id)
    return _read_object(command[0], transaction_id, parts)


def _poll_name(element: etree._Element) -> str:
    return {"req": "poll", "ack": "poll:ack"}.get(element.get("op", ""), UNREADABLE)


def _read_object(
    verb: etree._Element, transaction_id: str | None, parts: tuple[etree._Element, ...]
) -> Request:
    element = verb[0]
    uri = etree.QName(element).namespace or ""
    name = f"{PREFIXES.get(uri, 'other')}:{etree.QName(verb).localname}"
    operation = verb.get("op")
    if operation is not None and operation != "request":
        name = f"{name}:{operation}"
    return Request(
        command=_restore_name(parts) or name if name == "domain:update" else name,
        element=element,
        object_uri=uri,
        names=tuple((key.text or "").strip() for key in find_all(element, _KEYS.get(uri, "name"))),
        client_transaction_id=transaction_id,
        extension_parts=parts,
    )


def _restore_name(parts: tuple[etree._Element, ...]) -> str | None:
    """Name an update that is a restore, or a restore's report (RFC 3915 §4.2.5)."""
    for part in parts:
        restore = part.find(f"{{{RGP}}}restore")
        if restore is not None:
            return "domain:restore:report" if restore.get("op") == "report" else "domain:restore"
    return None
