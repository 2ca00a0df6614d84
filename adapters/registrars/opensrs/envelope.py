"""What is on the wire? An XCP envelope: nested `dt_assoc` and `dt_array` of `item`s, all of it text (facts §3.1)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree
from lxml.etree import _Element as Element

MAX_ANSWER_BYTES = 2_000_000
"""A name's orders over many years fit into a tenth of it."""

Value = str | Mapping[str, "Value"] | Sequence["Value"]
"""What an item holds: a text, items by key (`dt_assoc`), or items in order (`dt_array`)."""

_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!DOCTYPE OPS_envelope SYSTEM "ops.dtd">\n'
_BLOCK = "body/data_block/dt_assoc"


class UnreadableError(Exception):
    """Not an envelope of OpenSRS's, or one that lacks what it must have; the message says what, without contents."""


class UnsayableError(Exception):
    """A text that cannot stand in XML (a control character)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: what to do, to what, and with what; `domain` is put beside the attributes where OpenSRS wants it."""

    action: str
    object: str
    attributes: Mapping[str, Value] = field(repr=False)
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `code` is OpenSRS's own; `succeeded` is its `is_success`, which says nothing by itself."""

    code: int
    succeeded: bool
    text: str = field(repr=False)
    attributes: Mapping[str, Value] = field(repr=False)
    transaction_id: str | None = None


def written(request: Request) -> bytes:
    """Return a request as the bytes to sign and to send. Raises `UnsayableError`."""
    envelope = etree.Element("OPS_envelope")
    etree.SubElement(etree.SubElement(envelope, "header"), "version").text = "0.9"
    block = etree.SubElement(etree.SubElement(envelope, "body"), "data_block")
    beside = {} if request.domain is None else {"domain": request.domain}
    said: Mapping[str, Value] = {
        "protocol": "XCP",
        "action": request.action,
        "object": request.object,
        **beside,
        "attributes": request.attributes,
    }
    try:
        _write(block, said)
    except ValueError as error:
        raise UnsayableError("a text holds a character that XML has no place for") from error
    return _HEAD + etree.tostring(envelope, encoding="UTF-8")


def read(body: bytes) -> Answer:
    """Read an answer; raises `UnreadableError` for everything that is none."""
    said = _value(_data_block(body))
    if not isinstance(said, Mapping) or said.get("protocol") != "XCP":
        raise UnreadableError("the answer is not in OpenSRS's protocol")
    code, success = said.get("response_code"), said.get("is_success")
    if not isinstance(code, str) or not code.isascii() or not code.isdigit() or success not in {"0", "1"}:
        raise UnreadableError("the answer has no result code")
    attributes, text, transaction = (
        said.get("attributes"),
        said.get("response_text"),
        said.get("transaction_id"),
    )
    return Answer(
        code=int(code),
        succeeded=success == "1",
        text=text if isinstance(text, str) else "",
        attributes=attributes if isinstance(attributes, Mapping) else {},
        transaction_id=transaction if isinstance(transaction, str) and transaction else None,
    )


def parsed(body: bytes) -> Element:
    """Parse without reading a DTD, resolving an entity or reaching a network; raises `UnreadableError`.

    OpenSRS names a DTD in its documents, which is not read; a document that declares entities of its own is refused.
    """
    if len(body) > MAX_ANSWER_BYTES:
        raise UnreadableError("the document is too large")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("the answer is not well-formed XML") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(declared.iterentities()):  # type: ignore[union-attr]  # its stubs lack it
        raise UnreadableError("the document declares entities")
    return root


def _data_block(body: bytes) -> Element:
    root = parsed(body)
    block = root.find(_BLOCK) if root.tag == "OPS_envelope" else None
    if block is None:
        raise UnreadableError("the answer is no OPS envelope")
    return block


def _value(element: Element) -> Value:
    items = [(child.get("key"), child) for child in _elements(element)]
    if any(key is None or child.tag != "item" for key, child in items):
        raise UnreadableError("an envelope holds something else than items with keys")
    keys = [str(key) for key, _ in items]
    if len(set(keys)) < len(keys):
        raise UnreadableError("a key stands twice in one place")
    contents = [(str(key), _item(child)) for key, child in items]
    return dict(contents) if element.tag == "dt_assoc" else _in_order(contents)


def _in_order(contents: list[tuple[str, Value]]) -> list[Value]:
    """Return an array's items by their numbers: as texts, "10" would stand before "2"."""
    if not all(key.isascii() and key.isdigit() for key, _ in contents):
        raise UnreadableError("an array has an item without a number")
    return [content for _, content in sorted(contents, key=lambda content: int(content[0]))]


def _item(item: Element) -> Value:
    inside = list(_elements(item))
    if not inside:
        return (item.text or "").strip()
    if len(inside) > 1 or inside[0].tag not in {"dt_assoc", "dt_array"}:
        raise UnreadableError("an item holds something else than a text, items by key or items in order")
    return _value(inside[0])


def _elements(parent: Element) -> Iterator[Element]:
    for child in parent:
        if not isinstance(child.tag, str):
            raise UnreadableError("an entity stands where a text should be")
        yield child


def _write(parent: Element, value: Value) -> None:
    if isinstance(value, str):
        parent.text = value
        return
    named = isinstance(value, Mapping)
    block = etree.SubElement(parent, "dt_assoc" if named else "dt_array")
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, content in pairs:
        _write(etree.SubElement(block, "item", key=str(key)), content)
