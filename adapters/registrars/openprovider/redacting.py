"""What may be kept of what went over the wire? Everything but secrets and people's data (D10).

Masked by name, wherever they stand in the JSON: passwords, tokens, auth codes, and whatever tells of a person. Then the
texts that we know to be secret or somebody's are struck out, in case the far side repeats one somewhere else. The
Authorization header is never part of a transcript.
"""

import json
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

MASK = "***"
LONGEST_TRANSCRIPT = 20_000
LONGEST_PAGE = 2_000
LONGEST_TEXT = 2_000
SHORTEST_STRUCK = 4
"""Shorter texts (a city of three letters) would be struck out of the middle of words; they are masked by name alone."""

_MASKED = frozenset(
    {
        "password",
        "token",
        "auth_code",
        "internal_auth_code",
        "email",
        "phone",
        "fax",
        "address",
        "company_name",
        "owner_company_name",
        "owner",
        "full_name",
        "first_name",
        "last_name",
        "vat",
        "additional_data",
        "api_history",
        "history",
        "verification_email_name",
    }
)
_MAIL_ADDRESS = re.compile(r"[^\s<>\"'@]{1,64}@[^\s<>\"'@]{1,255}")
"""Both parts have the lengths of RFC 5321 §4.5.3.1: without a bound, a page of one long word would take minutes."""


class Redactor:
    """Makes transcripts; `lasting` are the secrets that are ours, read anew each time as tokens come and go."""

    def __init__(self, lasting: Callable[[], Iterable[str]]) -> None:
        self._lasting = lasting

    def exchange(self, line: str, request: bytes | None, answer: bytes | None, private: Iterable[str]) -> str:
        """Return a request and what came back as one text; `answer` is None if nothing whole came."""
        texts = tuple(private)
        sent = f"{self.text(line, texts)} {self.document(request, texts) if request else ''}".rstrip()
        came = "(no whole answer)" if answer is None else self.document(answer, texts)
        return f"> {sent}\n< {came}"

    def document(self, document: bytes, private: Iterable[str] = ()) -> str:
        """Return a JSON document masked, or the beginning of what is none (a page) with mail addresses masked."""
        struck = self._struck(private)
        try:
            content = json.loads(document, parse_float=Decimal)
            masked = json.dumps(_masked(content, struck), ensure_ascii=False, default=str)
        except (ValueError, RecursionError):
            return _without(document.decode("utf-8", "replace"), struck)[:LONGEST_PAGE]
        return masked[:LONGEST_TRANSCRIPT]

    def text(self, text: str, private: Iterable[str] = ()) -> str:
        """Return the beginning of a text with what is known struck out, and mail addresses masked."""
        return _without(text, self._struck(private))[:LONGEST_TEXT]

    def _struck(self, private: Iterable[str]) -> tuple[str, ...]:
        """Return what to strike out, the longest first: one may be a part of another."""
        texts = {text for text in (*self._lasting(), *private) if len(text) >= SHORTEST_STRUCK}
        return tuple(sorted(texts, key=len, reverse=True))


def _masked(value: Any, struck: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {_without(key, struck): _member(key, member, struck) for key, member in value.items()}
    if isinstance(value, list):
        return [_masked(member, struck) for member in value]
    return _without(value, struck) if isinstance(value, str) else value


def _member(key: str, value: Any, struck: tuple[str, ...]) -> Any:
    """Mask by name; `name` is a person's where it has parts, and a domain's or a host's where it is a text."""
    if value and (key in _MASKED or (key == "name" and isinstance(value, dict))):
        return MASK
    return _masked(value, struck)


def _without(text: str, struck: tuple[str, ...]) -> str:
    for known in struck:
        text = text.replace(known, MASK)
    return _MAIL_ADDRESS.sub(MASK, text) if "@" in text else text
