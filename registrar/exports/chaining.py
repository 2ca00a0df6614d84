"""Is an export what was made, and all of it? Each part has its hash, and the hashes are chained (C3).

    chain 0 = SHA-256 of the head · chain n = SHA-256 of (chain n-1, the part's name, the part's SHA-256)

The last link is the hash of the whole: a part that was changed, left out, added or moved gives another. It is written
into our events when the export is made, so that a file can be held against it years later. Hashes are over JSON with
sorted keys, no blanks, in UTF-8.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

FORMAT = "registrar-export/1"


def chained(head: Mapping[str, Any], parts: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return the export's document: the head, the parts in order, each with its hash and link, and the whole's hash."""
    head = _plain({"format": FORMAT, **head})
    link = _digest(head)
    made = []
    for name, given in parts:
        content = _plain(given)
        digest = _digest(content)
        link = _link(link, name, digest)
        made.append({"name": name, "sha256": digest, "chain": link, "content": content})
    return {**head, "parts": made, "sha256": link}


def faults(document: object) -> list[str]:
    """Return what is wrong with an export, in words; empty: it is as it was made, if the whole's hash is the one we keep."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return [f"this is no {FORMAT}"]
    parts = document.get("parts")
    if not isinstance(parts, list) or not all(_is_part(part) for part in parts):
        return ["its parts cannot be read"]
    found = []
    link = _digest({name: value for name, value in document.items() if name not in ("parts", "sha256")})
    for part in parts:
        digest = _digest(part["content"])
        if digest != part["sha256"]:
            found.append(f"part {part['name']!r} is not what it was: its hash is another")
        link = _link(link, part["name"], part["sha256"])
        if link != part["chain"]:
            found.append(
                f"at part {part['name']!r} the chain is broken: something was changed, left out, added or moved"
            )
    if document.get("sha256") != link:
        found.append("the hash of the whole is another")
    return found


def canonical(content: object) -> bytes:
    """Return the one way in which a value is written for its hash."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _digest(content: object) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


def _link(before: str, name: str, digest: str) -> str:
    return _digest([before, name, digest])


def _is_part(part: object) -> bool:
    return isinstance(part, dict) and set(part) == {"name", "sha256", "chain", "content"}


def _plain(value: Any) -> Any:
    """Make a value JSON: instants as RFC 3339, members of enumerations as their words."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value
