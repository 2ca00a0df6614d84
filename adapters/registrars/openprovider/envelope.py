"""Is this an answer of Openprovider's own? Every one is wrapped in an envelope, and its `code` is the judge (facts §4.1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

JsonObject = Mapping[str, Any]


class UnreadableError(Exception):
    """What came is not what Openprovider answers; the message says what is wrong with it and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One answer. `code` 0 is accepted, whatever the HTTP status was; what stands in `data` is for `reading` to say."""

    code: int
    text: str = field(repr=False)
    content: Any = field(repr=False)
    maintenance: bool
    warnings: tuple[str, ...] = field(repr=False)


def opened(body: bytes) -> Envelope:
    """Read an answer's body; raises `UnreadableError` for a page, a part of an answer, or JSON of another kind."""
    document = _document(body)
    code = document.get("code")
    if type(code) is not int:
        raise UnreadableError("no answer of Openprovider's: it carries no code")
    text = document.get("desc")
    return Envelope(
        code=code,
        text=text if isinstance(text, str) else "",
        content=document.get("data"),
        maintenance=document.get("maintenance") is True,
        warnings=tuple(_warnings(document.get("warnings"))),
    )


def _document(body: bytes) -> JsonObject:
    try:
        document = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("no answer of Openprovider's: it is not JSON") from error
    if not isinstance(document, dict):
        raise UnreadableError("no answer of Openprovider's: it is not a JSON object")
    return document


def _warnings(warnings: object) -> list[str]:
    """Return each warning as one line; they are objects of a code, a description and more words."""
    if not isinstance(warnings, list):
        return []
    lines = [
        " ".join(str(part) for key in ("code", "desc", "data") if (part := warning.get(key)))
        if isinstance(warning, dict)
        else str(warning)
        for warning in warnings
    ]
    return [line for line in lines if line]
