"""What may be kept of what went over the wire? Everything but secrets and people's data.

Masked by name, wherever they stand: the deposit code, a transfer PIN, and whatever a contact's answer tells of a
person. Then the secrets that we know are struck out as texts, in case the far side repeats one somewhere else. The
Authorization header is never part of a transcript.
"""

import re
from collections.abc import Iterable
from typing import Self

from lxml import etree

from adapters.registrars.irnic.elements import Element, UnreadableError, local_name, parse
from registrar.secrets import Secret

MASK = "***"
LONGEST_TRANSCRIPT = 20_000
LONGEST_PAGE = 2_000

_MASKED_ELEMENTS = frozenset(
    {"pw", "pinCode", "postalInfo", "voice", "fax", "ident", "signature", "email", "authInfo"}
)
_MASKED_ATTRIBUTES = frozenset({"pinCode", "number", "number2"})
_MAIL_ADDRESS = re.compile(r"(?<![^\s<>\"'])[^\s<>\"'@]+@[^\s<>\"']+")
"""Looked for from the beginning of each word on, so that a long page is read in one go."""


class Redactor:
    """Makes transcripts of documents; knows the secrets that must not be in them."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret.reveal())

    def knowing(self, secrets: Iterable[Secret]) -> Self:
        """Return a redactor that knows these secrets too."""
        return type(self)((*self._secrets, *secrets))

    def exchange(self, request: bytes, answer: bytes | None) -> str:
        """Return a request and what came back, as one text; `answer` is None if nothing whole came."""
        came = "(no whole answer)" if answer is None else self.document(answer)
        return f"> {self.document(request)}\n< {came}"

    def document(self, document: bytes) -> str:
        """Return an XML document masked, or the beginning of what is none (a page) with mail addresses masked."""
        try:
            root = parse(document)
        except UnreadableError:
            return self.text(document.decode("utf-8", "replace"))[:LONGEST_PAGE]
        _mask(root)
        return self.text(etree.tostring(root, encoding="unicode"))[:LONGEST_TRANSCRIPT]

    def text(self, text: str) -> str:
        """Return a text with the known secrets and every mail address struck out."""
        for secret in self._secrets:
            text = text.replace(secret.reveal(), MASK)
        return _MAIL_ADDRESS.sub(MASK, text)


def _mask(root: Element) -> None:
    for element in list(root.iter()):
        for attribute in _MASKED_ATTRIBUTES & set(element.attrib):
            element.set(attribute, MASK)
        if local_name(element) in _MASKED_ELEMENTS:
            for child in list(element):
                element.remove(child)
            element.attrib.clear()
            element.text = MASK
