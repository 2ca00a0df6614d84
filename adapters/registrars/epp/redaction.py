"""What of an exchange may be kept? The documents without passwords, auth codes and people's data (D10, RFC 9154 §4.3).

Masking goes by element on the parsed tree, never by pattern on text, and then once more by value: what the request
held in secret is masked wherever the answer echoes it (in a message, a reason, an attribute).
"""

import copy
from collections.abc import Iterable, Iterator

from lxml import etree
from lxml.etree import _Element as Element

from adapters.registrars.epp.namespaces import CONTACT

MASK = "***"
LONGEST_TRANSCRIPT = 16_384
"""Characters kept of one document; evidence for staff, not an archive."""

SHORTEST_ECHO = 3
"""A masked value shorter than this (a country code) is not searched for elsewhere: it would blot out the evidence."""

_SECRET_ELEMENTS = frozenset({"pw", "newPW", "authInfo"})
_SHOWN_CONTACT_ELEMENTS = frozenset(
    {
        "id",
        "roid",
        "status",
        "clID",
        "crID",
        "crDate",
        "upID",
        "upDate",
        "trDate",
        "create",
        "creData",
        "check",
        "chkData",
    }
)
"""Of a contact everything is masked but these, so that an element nobody thought of is masked too."""


def secrets_in(document: Element) -> frozenset[str]:
    """Return the texts of a request that must appear in nothing that is kept."""
    return frozenset(
        text for node in _secret_nodes(document) for text in _texts(node) if len(text) >= SHORTEST_ECHO
    )


def transcript(document: Element, echoes: Iterable[str] = ()) -> str:
    """Return a document as it may be kept; `echoes` are further texts to mask wherever they stand."""
    shown = copy.deepcopy(document)
    for node in _secret_nodes(shown):
        _mask(node)
    for node in shown.iter():
        _mask_echoes(node, echoes)
    text = etree.tostring(shown, encoding="unicode")
    return (
        text if len(text) <= LONGEST_TRANSCRIPT else f"{text[:LONGEST_TRANSCRIPT]} … {len(text)} characters"
    )


def without(text: str, echoes: Iterable[str]) -> str:
    """Return a text with every one of `echoes` masked, the longest first: one may be part of another."""
    for echo in sorted(echoes, key=len, reverse=True):
        text = text.replace(echo, MASK)
    return text


def _secret_nodes(document: Element) -> Iterator[Element]:
    for node in document.iter(etree.Element):
        name = etree.QName(node)
        if name.localname in _SECRET_ELEMENTS:
            yield from node.iter(etree.Element)
        elif name.namespace == CONTACT and name.localname not in _SHOWN_CONTACT_ELEMENTS:
            yield node


def _texts(node: Element) -> Iterator[str]:
    if node.text and node.text.strip():
        yield node.text.strip()
    if etree.QName(node).namespace == CONTACT and "x" in node.attrib:
        yield str(node.attrib["x"])


def _mask(node: Element) -> None:
    if node.text and node.text.strip():
        node.text = MASK
    if "x" in node.attrib:  # a telephone's extension (RFC 5733 §2.5)
        node.attrib["x"] = MASK


def _mask_echoes(node: Element, echoes: Iterable[str]) -> None:
    if node.text:
        node.text = without(node.text, echoes)
    if node.tail:
        node.tail = without(node.tail, echoes)
    for key, value in node.attrib.items():
        node.attrib[key] = without(str(value), echoes)
