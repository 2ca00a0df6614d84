"""What does an RDAP domain object say? (RFC 9083 §5.3) Its members, each read apart, from a text that a stranger wrote.

A member that is not of the kind that RFC 9083 names (a text for an array, an array for an object) makes the document
malformed: whoever wrote it did not follow the form, and what else it means is anybody's guess. A member that is absent,
null or of no known name is nothing. Of contacts only the registrar's name is read: the others' are people's (D10).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.lookups.rdap.statuses import epp_word
from registrar.names import NameRefusedError, host_name
from registrar.strict_json import MalformedJsonError, read_json

Document = Mapping[str, Any]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_NAME = 255
_PLAIN = re.compile(r"([a-z0-9_-]{1,63}\.){1,126}[a-z][a-z0-9-]{1,62}", re.ASCII)


class MalformedAnswerError(Exception):
    """An answer that is no RDAP as RFC 9083 has it; the message says in what, and quotes nothing of it."""


def document(body: bytes) -> Document:
    """Read an answer's body as one JSON object."""
    try:
        value = read_json(body.removeprefix(_BYTE_ORDER_MARK))
    except MalformedJsonError as error:
        raise MalformedAnswerError(str(error)) from error
    if not isinstance(value, dict):
        raise MalformedAnswerError("the answer is JSON, but no object")
    return value


def name_in(domain: Document) -> str | None:
    """Return which name an object is of, as an A-label; None where it does not say, or says what is no name."""
    return _a_label(domain.get("ldhName") or domain.get("unicodeName"))


def dates(domain: Document) -> Mapping[str, frozenset[str]]:
    """Return the texts of the dates that an object gives (§4.5), by action: one, or several that differ."""
    found: dict[str, frozenset[str]] = {}
    for event in _objects(domain, "events"):
        action, date = _word(event.get("eventAction")), event.get("eventDate")
        if isinstance(date, str):
            found[action] = found.get(action, frozenset()) | {date.strip()}
    return found


def statuses(domain: Document) -> frozenset[str]:
    """Return an object's states in EPP's words."""
    words = _array(domain, "status")
    if not all(isinstance(word, str) for word in words):
        raise MalformedAnswerError("status is no array of texts")
    return frozenset(epp_word(word.strip()) for word in words)


def nameservers(domain: Document) -> tuple[str, ...]:
    """Return the name servers' A-labels, sorted; all of them or, by `MalformedAnswerError`, none."""
    return tuple(sorted({_host(server) for server in _objects(domain, "nameservers")}))


def ds_records(domain: Document) -> tuple[str, ...]:
    """Return the delegation's signers in a zone file's form, sorted."""
    signed = domain.get("secureDNS") or {}
    if not isinstance(signed, dict):
        raise MalformedAnswerError("secureDNS is no object")
    fields = ("keyTag", "algorithm", "digestType", "digest")
    records = ([record.get(field) for field in fields] for record in _objects(signed, "dsData"))
    return tuple(sorted(" ".join(map(str, record)).upper() for record in records if None not in record))


def sponsor(domain: Document) -> str | None:
    """Return the registrar's name as the registry tells it: its card's, else the handle it has there."""
    for entity in _objects(domain, "entities"):
        roles = entity.get("roles")
        if isinstance(roles, list) and "registrar" in map(_word, roles):
            card = list(_card(entity.get("vcardArray")))
            named = _value(card, "fn") or _value(card, "org") or entity.get("handle")
            if told := _line(named):
                return told
    return None


def _array(holder: Document, member: str) -> list[Any]:
    value = holder.get(member)
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedAnswerError(f"{member} is no array")
    return value


def _objects(holder: Document, member: str) -> list[Document]:
    found = _array(holder, member)
    if not all(isinstance(value, dict) for value in found):
        raise MalformedAnswerError(f"{member} is no array of objects")
    return found


def _host(server: Document) -> str:
    name = _a_label(server.get("ldhName") or server.get("unicodeName"))
    if name is None:
        raise MalformedAnswerError("a name server has no name")
    return name


def _a_label(text: object) -> str | None:
    """Return a name in lower case without a trailing dot; None for what is none.

    An underscore, which no host name has, is in use all the same.
    """
    plain = text.strip().lower().removesuffix(".") if isinstance(text, str) else ""
    if _PLAIN.fullmatch(plain):
        return plain
    try:
        return host_name(plain)
    except NameRefusedError:
        return None


def _word(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _card(value: object) -> Iterator[list[Any]]:
    """Yield a jCard's properties (RFC 7095 §3.3); some servers forget the array around them."""
    for part in value if isinstance(value, list) else []:
        if isinstance(part, list):
            yield from (line for line in (part, *part) if isinstance(line, list) and len(line) > 3)


def _value(card: list[list[Any]], name: str) -> str | None:
    """Return a property's first value that is a text and says something."""
    texts = (_line(line[3]) for line in card if _word(line[0]) == name)
    return next((text for text in texts if text), None)


def _line(value: object) -> str | None:
    """Return a text on one line, and no longer than a name is."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text[:_LONGEST_NAME] or None
