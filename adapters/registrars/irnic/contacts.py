"""Who stands where in a registration, and may we put them there? IRNIC knows contacts by handle only.

A handle's owner decides which resellers may use it in which role, so handles are asked about before the money moves.
Who is not named is filled in: the registrant administers and looks after the technical side, and we are the billing
contact, without which we could not renew the name later.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.registrars.irnic.reading import ContactPermission
from registrar.commands import Contact, ContactRole, Handle

ROLE_WORDS = {
    ContactRole.REGISTRANT: "holder",
    ContactRole.ADMIN: "admin",
    ContactRole.TECH: "tech",
    ContactRole.BILLING: "bill",
}
"""IRNIC's word for each role, in the order of its own samples."""

_HANDLE = re.compile(r"[a-z0-9_]{1,80}-[a-z0-9_]{1,8}")
_HANDLE_LENGTHS = range(8, 17)


@dataclass(frozen=True, slots=True)
class ContactFault:
    """What the customer must put right about the contacts, in words for staff."""

    reason: str


def assigned(
    contacts: Mapping[ContactRole, Handle | Contact], *, billing_handle: str
) -> dict[str, str] | ContactFault:
    """Return the handle for each of IRNIC's four roles, or what is missing or no handle."""
    handles: dict[ContactRole, str] = {ContactRole.BILLING: billing_handle.lower()}
    for role, contact in contacts.items():
        handle = contact.id.strip().lower() if isinstance(contact, Handle) else ""
        if len(handle) not in _HANDLE_LENGTHS or not _HANDLE.fullmatch(handle):
            return ContactFault(f"the {role.value} is not named by a NIC handle, as ab123-irnic")
        handles[role] = handle
    registrant = handles.get(ContactRole.REGISTRANT)
    if registrant is None:
        return ContactFault("the registrant is missing: name it by a NIC handle, as ab123-irnic")
    return {word: handles.get(role, registrant) for role, word in ROLE_WORDS.items()}


def to_check(contacts: Mapping[str, str], *, billing_handle: str) -> list[str]:
    """Return the handles to ask about, each once, at most four; our own needs no permission."""
    return sorted(set(contacts.values()) - {billing_handle.lower()})


def refusals(contacts: Mapping[str, str], told: Mapping[str, ContactPermission]) -> ContactFault | None:
    """Return what `contact:check` says against the contacts; handles that it does not tell of pass."""
    faults = [
        f"{handle} does not exist"
        if not told[handle].exists
        else f"{handle} does not let us use it as {word}"
        for word, handle in contacts.items()
        if handle in told and not (told[handle].exists and word in told[handle].allowed)
    ]
    return ContactFault("; ".join(dict.fromkeys(faults))) if faults else None
