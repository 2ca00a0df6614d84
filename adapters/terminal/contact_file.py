"""What does a contact's file say? One JSON object: the card, and for a new contact how its owner is known.

    {"reference": "c-1001", "name": "Sara Invented", "email": "sara@example.net", "voice": "+98.2100000000",
     "street": ["1 Invented Street"], "city": "Tehran", "province": "Tehran", "postal_code": "1234567890",
     "country_code": "IR", "identity": {"type": "person", "number": "…"}}

No message shows what a field holds: these are people's data.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import typer

from registrar.commands import Contact, HolderType, Identity
from registrar.secrets import Secret
from registrar.strict_json import read_json
from registrar.texts import is_readable

REQUIRED = ("reference", "name", "email", "street", "city", "country_code")
OPTIONAL = ("voice", "organization", "province", "postal_code")
IDENTITY = ("type", "category", "number", "second_number", "issuer", "is_passport")

_LONGEST = 255
_LINES = 3


def read_new_contact(text: bytes) -> tuple[Contact, Identity]:
    """Read a card with its `identity`; raises `typer.BadParameter`, or `MalformedJsonError`."""
    fields = _fields(read_json(text), {*REQUIRED, *OPTIONAL, "identity"}, "the file")
    if "identity" not in fields:
        raise _fault(f"identity is missing: an object with {', '.join(IDENTITY)}")
    return _contact(fields), _identity(fields["identity"])


def read_contact(text: bytes) -> Contact:
    """Read a card to change a contact by; raises `typer.BadParameter`, or `MalformedJsonError`."""
    return _contact(_fields(read_json(text), {*REQUIRED, *OPTIONAL}, "the file"))


def _contact(fields: Mapping[str, Any]) -> Contact:
    return Contact(
        reference=_text(fields, "reference"),
        name=_text(fields, "name"),
        email=_text(fields, "email"),
        street=_street(fields),
        city=_text(fields, "city"),
        country_code=_text(fields, "country_code"),
        voice=_optional(fields, "voice"),
        organization=_optional(fields, "organization"),
        province=_optional(fields, "province"),
        postal_code=_optional(fields, "postal_code"),
    )


def _identity(given: object) -> Identity:
    fields = _fields(given, set(IDENTITY), "identity")
    kind = _text(fields, "type", where="identity.")
    if kind not in set(HolderType):
        raise _fault(f"identity.type is one of {', '.join(HolderType)}")
    is_passport = fields.get("is_passport", False)
    if type(is_passport) is not bool:
        raise _fault("identity.is_passport is true or false")
    return Identity(
        type=HolderType(kind),
        category=_optional(fields, "category", where="identity."),
        number=_secret(fields, "number"),
        second_number=_secret(fields, "second_number"),
        issuer=_optional(fields, "issuer", where="identity."),
        is_passport=is_passport,
    )


def _fields(given: object, known: AbstractSet[str], what: str) -> Mapping[str, Any]:
    """Return an object's fields, if each of them is read by somebody."""
    if not isinstance(given, Mapping):
        raise _fault(f"{what} must be a JSON object")
    if unknown := sorted(set(given) - known):
        raise _fault(f"nobody reads {unknown[0]!r} of {what}; known: {', '.join(sorted(known))}")
    return given


def _text(fields: Mapping[str, Any], name: str, *, where: str = "") -> str:
    value = fields.get(name)
    if value is None:
        raise _fault(f"{where}{name} is missing")
    return _checked(value, f"{where}{name}")


def _optional(fields: Mapping[str, Any], name: str, *, where: str = "") -> str | None:
    value = fields.get(name)
    return None if value is None else _checked(value, f"{where}{name}")


def _secret(fields: Mapping[str, Any], name: str) -> Secret | None:
    number = _optional(fields, name, where="identity.")
    return None if number is None else Secret(number)


def _street(fields: Mapping[str, Any]) -> tuple[str, ...]:
    given = fields.get("street")
    lines = [given] if isinstance(given, str) else given
    if not isinstance(lines, list) or not 1 <= len(lines) <= _LINES:
        raise _fault(f"street is one to {_LINES} lines of text")
    return tuple(_checked(line, "street") for line in lines)


def _checked(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST or not is_readable(value):
        raise _fault(f"{where} must be 1-{_LONGEST} printable characters of text")
    return value.strip()


def _fault(text: str) -> typer.BadParameter:
    return typer.BadParameter(text, param_hint="--file")
