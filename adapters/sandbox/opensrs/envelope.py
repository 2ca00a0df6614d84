"""How is an XCP document written? `OPS_envelope`, a header with a version, a body with one block of nested items.

Facts §3.1: `dt_assoc` is a mapping, `dt_array` a list whose items carry their index as `key`, all else is text. Items of a
list are numbered, not ordered: they are written here in the reverse order of their keys as texts (9, 8, … 2, 11, 10, 1, 0),
so that a reader which trusts the order of the elements, or sorts the keys as texts, is found out.

Answers have the document type that OpenSRS puts there; a reader must take it, and load nothing for it.
"""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from adapters.sandbox.opensrs.answers import RefusedError

_HEAD = (
    '<?xml version=\'1.0\' encoding="UTF-8" standalone="no" ?>\n<!DOCTYPE OPS_envelope SYSTEM "ops.dtd">\n'
)
_DEEPEST = 12


def read(posted: bytes) -> dict[str, Any]:
    """Read a document's outermost items: texts, dictionaries and lists; raise `RefusedError` for anything else."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(posted, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise RefusedError(430, "The document is not well-formed XML") from None
    block = root.find("body/data_block/dt_assoc")
    if root.tag != "OPS_envelope" or block is None:
        raise RefusedError(430, "The document is no OPS envelope with a block of items")
    found = _read(block, 0)
    return dict(found) if isinstance(found, dict) else {}


def write(block: Mapping[str, Any]) -> bytes:
    """Write a document with these outermost items; a value may be text, a mapping or a list of such."""
    body = f"<body><data_block>{_write(block)}</data_block></body>"
    return f"{_HEAD}<OPS_envelope><header><version>0.9</version></header>{body}</OPS_envelope>\n".encode()


def _read(element: etree._Element, depth: int) -> Any:
    if depth > _DEEPEST:
        raise RefusedError(430, "The document's items are nested too deeply")
    items = [(item.get("key", ""), _content(item, depth)) for item in element.iterfind("item")]
    if element.tag == "dt_assoc":
        return dict(items)
    if not all(key.isdecimal() for key, _ in items):
        raise RefusedError(430, "An item of a list has no number")
    return [value for _, value in sorted(items, key=lambda item: int(item[0]))]


def _content(item: etree._Element, depth: int) -> Any:
    for child in item.iterchildren("dt_assoc", "dt_array"):
        return _read(child, depth + 1)
    return "".join(str(part) for part in item.itertext()).strip()


def _write(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<dt_assoc>{''.join(_item(key, part) for key, part in value.items())}</dt_assoc>"
    if isinstance(value, list | tuple):
        numbered = sorted(((str(index), part) for index, part in enumerate(value)), key=_key, reverse=True)
        return f"<dt_array>{''.join(_item(key, part) for key, part in numbered)}</dt_array>"
    return escape(str(value))


def _item(key: str, value: Any) -> str:
    return f"<item key={quoteattr(key)}>{_write(value)}</item>"


def _key(item: tuple[str, Any]) -> str:
    return item[0]
