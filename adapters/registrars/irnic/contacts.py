"""Who stands where, and may we put them there? IRNIC knows contacts by handle only.

A handle's owner decides which resellers may use it in which role, so handles are asked about before the money moves.
Who is not named is filled in: the registrant administers and looks after the technical side, and we are the billing
contact, without which we could not renew the name later.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from adapters.registrars.irnic.cards import Card, CardFault, as_person, read_card
from adapters.registrars.irnic.reading import ContactPermission
from registrar.commands import Contact, ContactRole, Handle

ROLE_WORDS = {
    ContactRole.REGISTRANT: "holder",
    ContactRole.ADMIN: "admin",
    ContactRole.TECH: "tech",
    ContactRole.BILLING: "bill",
}
"""IRNIC's word for each role, in the order of its own samples."""

HOLDER = ROLE_WORDS[ContactRole.REGISTRANT]

Person = TypeVar("Person")

_HANDLE = re.compile(r"[a-z0-9_]{1,80}-[a-z0-9_]{1,8}")
_HANDLE_LENGTHS = range(8, 17)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody whose handle is still to be made, under the customer's own `reference` for them."""

    reference: str
    card: Card


@dataclass(frozen=True, slots=True)
class ContactFault:
    """What the customer must put right about the contacts, in words for staff."""

    reason: str


def normal_handle(contact: Handle | Contact) -> str | None:
    """Return a handle in IRNIC's own form; None for what is no NIC handle."""
    handle = contact.id.strip().lower() if isinstance(contact, Handle) else ""
    return handle if len(handle) in _HANDLE_LENGTHS and _HANDLE.fullmatch(handle) else None


def named(contacts: Mapping[ContactRole, Handle | Contact]) -> dict[str, str] | ContactFault:
    """Return the handles of the roles that are stated, by IRNIC's words, or what is no handle."""
    handles = {}
    for role, contact in contacts.items():
        handle = normal_handle(contact)
        if handle is None:
            return ContactFault(f"the {role.value} is not named by a NIC handle, as ab123-irnic")
        handles[ROLE_WORDS[role]] = handle
    return handles


def assigned(
    contacts: Mapping[ContactRole, Handle | Contact], *, billing_handle: str
) -> dict[str, str | NewPerson] | ContactFault:
    """Return who stands in each of IRNIC's four roles, or what is missing, no handle, or no card that IRNIC takes."""
    people: dict[str, str | NewPerson] = {}
    for role, contact in contacts.items():
        person = _new_person(contact) if isinstance(contact, Contact) else normal_handle(contact)
        if isinstance(person, CardFault):
            return ContactFault(f"the {role.value}'s card: {person.reason}")
        if person is None:
            return ContactFault(f"the {role.value} is not named by a NIC handle, as ab123-irnic")
        people[ROLE_WORDS[role]] = person
    if HOLDER not in people:
        return ContactFault("the registrant is missing: name it by a NIC handle, as ab123-irnic")
    return filled_in(people, billing=billing_handle)


def filled_in(people: Mapping[str, Person], *, billing: Person) -> dict[str, Person]:
    """Return who stands in all four roles, where at least the holder is stated."""
    stated = {ROLE_WORDS[ContactRole.BILLING]: billing, **people}
    return {word: stated.get(word, people[HOLDER]) for word in ROLE_WORDS.values()}


def to_check(contacts: Mapping[str, str], *, billing_handle: str) -> list[str]:
    """Return the handles to ask about, each once, at most four; our own needs no permission."""
    return sorted(set(contacts.values()) - {billing_handle})


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


def _new_person(contact: Contact) -> NewPerson | CardFault:
    identity = as_person(contact)
    if isinstance(identity, CardFault):
        return identity
    card = read_card(contact, identity)
    return card if isinstance(card, CardFault) else NewPerson(contact.reference, card)
