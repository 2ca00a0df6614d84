"""What may be kept of what went over the wire? The envelopes without passwords, auth codes and people (D10, RFC 9154 §4.3).

Masked by key, wherever it stands; then once more by value: what the request held in secret is masked wherever the answer
echoes it. The signature and the user name travel in headers, which are never part of a transcript.
"""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from lxml import etree
from lxml.etree import _Element as Element

from adapters.registrars.opensrs.envelope import UnreadableError, parsed
from registrar.secrets import Secret

MASK = "***"
LONGEST_TRANSCRIPT = 16_384
LONGEST_PAGE = 2_000
SHORTEST_ECHO = 4
"""A masked value shorter than this (a country's code) is not searched for elsewhere: it would blot out the evidence."""

_MASKED_KEYS = frozenset(
    {
        "auth_info",
        "domain_auth_info",
        "reg_username",
        "reg_password",
        "password",
        "cookie",
        "contact_set",
        "owner",
        "admin",
        "billing",
        "tech",
        "first_name",
        "last_name",
        "org_name",
        "address1",
        "address2",
        "address3",
        "city",
        "state",
        "postal_code",
        "phone",
        "fax",
        "email",
        "request_address",
    }
)
_MASKED_PARTS = ("_email", "owner_", "admin_", "billing_", "tech_")
_MAIL_ADDRESS = re.compile(r"[^\s<>\"'@]{1,64}@[^\s<>\"'@]{1,255}")
"""Both parts have the lengths of RFC 5321 §4.5.3.1: without a bound, a page of one long word would take minutes."""


class Redactor:
    """Makes transcripts of envelopes; knows the account's secrets, which must not be in them."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._secrets = tuple(secrets)

    def exchange(self, request: bytes, answer: bytes | None) -> str:
        """Return a request and what came back, as one text; `answer` is None if nothing whole came."""
        echoes = secrets_in(request)
        came = "(no whole answer)" if answer is None else self._document(answer, echoes)
        return f"> {self._document(request, echoes)}\n< {came}"

    def text(self, text: str, request: bytes) -> str:
        """Return a text of the answer with the account's secrets, the request's, and mail addresses struck out."""
        return self._without(text, secrets_in(request))

    def _document(self, document: bytes, echoes: frozenset[str]) -> str:
        try:
            root = parsed(document)
        except UnreadableError:
            return self._page(document, echoes)
        for item in _masked_items(root):
            _mask(item)
        for node in root.iter():
            node.text = self._without(node.text, echoes) if node.text else None
            node.tail = None
        return self._without(etree.tostring(root, encoding="unicode"), echoes)[:LONGEST_TRANSCRIPT]

    def _page(self, document: bytes, echoes: frozenset[str]) -> str:
        """Return the beginning of what is no envelope; of one that was cut nothing, for what stands in it cannot be told."""
        if b"<item" in document:
            return f"(an envelope that cannot be read, {len(document)} bytes)"
        return self._without(document.decode("utf-8", "replace"), echoes)[:LONGEST_PAGE]

    def _without(self, text: str, echoes: frozenset[str]) -> str:
        known = {secret.reveal() for secret in self._secrets} | echoes
        for secret in sorted(known, key=len, reverse=True):  # the longest first: one may be part of another
            text = text.replace(secret, MASK).replace(escape(secret), MASK)
        return _MAIL_ADDRESS.sub(MASK, text)


def secrets_in(request: bytes) -> frozenset[str]:
    """Return the texts of a request of ours that must appear in nothing that is kept."""
    texts = (
        node.text.strip() for item in _masked_items(parsed(request)) for node in item.iter() if node.text
    )
    return frozenset(text for text in texts if len(text) >= SHORTEST_ECHO)


def _masked_items(root: Element) -> Iterator[Element]:
    for item in list(root.iter("item")):
        key = item.get("key", "")
        if key in _MASKED_KEYS or any(part in key for part in _MASKED_PARTS):
            yield item


def _mask(item: Element) -> None:
    for child in list(item):
        item.remove(child)
    item.text = MASK
