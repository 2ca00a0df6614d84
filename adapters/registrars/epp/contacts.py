"""How does a registry that keeps contacts learn of one? By a create under an id that is the same each time (RFC 5733)."""

import hashlib
import re
from base64 import b32encode
from collections.abc import Iterator

from lxml.etree import _Element as Element

from adapters.registrars.epp.documents import NotEncodableError, child, finished, new_auth_info, verb
from adapters.registrars.epp.namespaces import CONTACT
from registrar.commands import Contact
from registrar.outcomes import Correction

LONGEST_ID = 16
LONGEST_LINE = 255
LONGEST_POSTAL_CODE = 16
MOST_STREET_LINES = 3
TELEPHONE = re.compile(r"\+[0-9]{1,3}\.[0-9]{1,14}")
"""`+CCC.NNN…`, at most 17 characters (RFC 5733 §2.5)."""


def contact_id(reference: str, sponsor: str) -> str:
    """Make the registry's id from our own reference, so that creating it again answers 2302 and nothing doubles.

    The id space is the registry's, shared by all registrars: the digest (75 bits) covers who we are.
    """
    digest = hashlib.sha256(f"{sponsor}\n{reference}".encode()).digest()
    return f"C{b32encode(digest).decode()[: LONGEST_ID - 1]}"


def contact_create(
    contact: Contact, identifier: str, transaction_id: str, *, postal: str = "auto"
) -> Element:
    """Say `contact:create`; raises `NotEncodableError` naming every field that the schema forbids, and no value.

    `postal` is the registry's form of address (`EppSettings.postal`).
    """
    if faults := [*_faults(contact), *_foreign(contact, postal)]:
        raise NotEncodableError("; ".join(faults), Correction.CONTACTS)
    document, create = verb("create", CONTACT)
    child(create, "id", identifier)
    for form in _forms(contact, postal):
        _postal_info(create, contact, form)
    if contact.voice:
        child(create, "voice", contact.voice)
    child(create, "email", contact.email)
    new_auth_info(create)
    return finished(document, transaction_id)


def _forms(contact: Contact, postal: str) -> tuple[str, ...]:
    """Return the forms to write: `auto` is `int` if it is plain ASCII, else `loc`, which alone may hold Persian."""
    if postal == "both":
        return "int", "loc"
    if postal == "auto":
        return ("loc",) if any(_not_ascii(contact)) else ("int",)
    return (postal,)


def _foreign(contact: Contact, postal: str) -> Iterator[str]:
    """Name what `int` cannot hold where the registry asks for it (RFC 5733 §2.3)."""
    if postal in {"int", "both"}:
        for field in _not_ascii(contact):
            yield f"{field} must be written in Latin letters"


def _not_ascii(contact: Contact) -> Iterator[str]:
    lines = (
        ("name", contact.name),
        ("organization", contact.organization),
        *(("street", line) for line in contact.street),
        ("city", contact.city),
        ("province", contact.province),
        ("postal_code", contact.postal_code),
    )
    yield from dict.fromkeys(field for field, line in lines if line and not line.isascii())


def _postal_info(create: Element, contact: Contact, form: str) -> None:
    postal = child(create, "postalInfo", type=form)
    child(postal, "name", contact.name)
    if contact.organization:
        child(postal, "org", contact.organization)
    address = child(postal, "addr")
    for line in contact.street:
        child(address, "street", line)
    child(address, "city", contact.city)
    if contact.province:
        child(address, "sp", contact.province)
    if contact.postal_code:
        child(address, "pc", contact.postal_code)
    child(address, "cc", contact.country_code.upper())


def _faults(contact: Contact) -> Iterator[str]:
    for field, line in (("name", contact.name), ("city", contact.city), ("email", contact.email)):
        if not 1 <= len(line.strip()) <= LONGEST_LINE:
            yield f"{field} must have 1 to {LONGEST_LINE} characters"
    for field, optional in (("organization", contact.organization), ("province", contact.province)):
        if optional and len(optional) > LONGEST_LINE:
            yield f"{field} must have at most {LONGEST_LINE} characters"
    if len(contact.street) > MOST_STREET_LINES or any(len(line) > LONGEST_LINE for line in contact.street):
        yield f"street must have at most {MOST_STREET_LINES} lines of {LONGEST_LINE} characters"
    if contact.postal_code and len(contact.postal_code) > LONGEST_POSTAL_CODE:
        yield f"postal_code must have at most {LONGEST_POSTAL_CODE} characters"
    if len(contact.country_code) != 2:
        yield "country_code must be the two letters of a country"
    if contact.voice and not (TELEPHONE.fullmatch(contact.voice) and len(contact.voice) <= 17):
        yield "voice must be written as +98.2112345678"
