"""Who stands where in an order, and how is a person written for LogicBoxes? All pure.

The registrant stands in wherever nobody else is named. Some zones take no contact in some roles: -1 is sent there
(facts §2.5). Contacts are of a type by zone; a search finds one again only if every field is the same, for a changed
address must not hide behind an old card.
"""

import re
from collections.abc import Iterable, Mapping

from adapters.registrars.logicboxes.reading import contact_rows
from registrar.commands import Contact, ContactRole, Handle
from registrar.names import DomainName

NO_CONTACT = "-1"
NOT_STATED = "Not Applicable"
"""What the platform takes where it insists on a field that a person need not have (facts §2.5)."""

_NO_ADMIN_OR_TECH = frozenset({"eu", "nz", "ru", "uk"})
_NO_BILLING = _NO_ADMIN_OR_TECH | {"ca", "nl"}
_TYPES = {
    "coop": "CoopContact", "uk": "UkContact", "eu": "EuContact", "cn": "CnContact", "co": "CoContact",
    "ca": "CaContact", "de": "DeContact", "es": "EsContact",
}  # fmt: skip
_COLUMNS = {
    "name": "name", "company": "company", "email": "emailaddr", "address-line-1": "address1",
    "address-line-2": "address2", "address-line-3": "address3", "city": "city", "state": "state",
    "country": "country", "zipcode": "zip", "phone-cc": "telnocc", "phone": "telno",
}  # fmt: skip
"""What we send, and the column of a search that shows it."""

_STREET_LINES = 3
_VOICE = re.compile(r"\+([0-9]{1,3})\.([0-9]{4,12})")
_ACTIVE = frozenset({"", "active"})


class ContactFaultError(Exception):
    """What the customer must put right about a contact, in words for staff that show none of its data."""


def unused_roles(domain: DomainName) -> frozenset[ContactRole]:
    """Return the roles in which this zone takes no contact."""
    top = domain.zone.rpartition(".")[2]
    unused = {ContactRole.ADMIN, ContactRole.TECH} if top in _NO_ADMIN_OR_TECH else set()
    return frozenset(unused | ({ContactRole.BILLING} if top in _NO_BILLING else set()))


def assigned(
    given: Mapping[ContactRole, Handle | Contact], domain: DomainName
) -> dict[ContactRole, Handle | Contact]:
    """Return who stands in each role; raises `ContactFaultError` where the registrant is missing."""
    registrant = given.get(ContactRole.REGISTRANT)
    if registrant is None:
        raise ContactFaultError("the registrant is missing")
    unused = unused_roles(domain)
    return {
        role: Handle(NO_CONTACT) if role in unused else given.get(role, registrant) for role in ContactRole
    }


def known_id(handle: Handle) -> str:
    """Return a contact's id at the platform; raises `ContactFaultError` if it can be none."""
    if handle.id != NO_CONTACT and not (handle.id.isascii() and handle.id.isdecimal()):
        raise ContactFaultError("a contact is not named by its number at the registrar")
    return handle.id


def type_for(domain: DomainName) -> str:
    """Return the type of contact that a zone wants."""
    return _TYPES.get(domain.zone.rpartition(".")[2], "Contact")


def card(contact: Contact) -> dict[str, str]:
    """Write a person in the API's words; raises `ContactFaultError`."""
    first, *rest = [line for line in contact.street if line] or [""]
    lines = [first, *rest[: _STREET_LINES - 2], ", ".join(rest[_STREET_LINES - 2 :])]
    written = {
        "name": contact.name,
        "company": contact.organization or NOT_STATED,
        "email": contact.email,
        **{f"address-line-{number}": line for number, line in enumerate(lines, start=1)},
        "city": contact.city,
        "state": contact.province or NOT_STATED,
        "country": contact.country_code,
        "zipcode": contact.postal_code or "",
        **_telephone(contact.voice),
    }
    return {word: text for word, text in written.items() if text}


def found_again(value: object, wanted: Mapping[str, str]) -> str | None:
    """Return the id of the contact in a search that is the same in every field; None if there is none."""
    return next((row["id"] for row in _candidates(value) if _is_same(row, wanted)), None)


def _candidates(value: object) -> Iterable[dict[str, str]]:
    for row in contact_rows(value):
        number = row.get("contactid") or row.get("entityid") or ""
        if number.isdecimal() and row.get("currentstatus", "").lower() in _ACTIVE:
            yield {**row, "id": number}


def _is_same(row: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(row.get(column, "") == wanted.get(word, "") for word, column in _COLUMNS.items())


def _telephone(voice: str | None) -> dict[str, str]:
    if voice is None:
        return {}
    parts = _VOICE.fullmatch(voice)
    if parts is None:
        raise ContactFaultError("a telephone number is not written as +98.2112345678")
    return {"phone-cc": parts[1], "phone": parts[2]}
