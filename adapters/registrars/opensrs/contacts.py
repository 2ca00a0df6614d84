"""How are people told to OpenSRS? Whole cards by role, inside the order: it keeps no contacts of their own here."""

from collections.abc import Mapping

from adapters.registrars.opensrs.envelope import Value
from registrar.commands import Contact, ContactRole, Handle

People = Mapping[ContactRole, Contact]

ROLES = {
    ContactRole.REGISTRANT: "owner",
    ContactRole.ADMIN: "admin",
    ContactRole.BILLING: "billing",
    ContactRole.TECH: "tech",
}
"""OpenSRS's words for the roles."""

_STREET_LINES = 3


class ContactFaultError(Exception):
    """Contacts that OpenSRS would not take, said before anything is sent; the message names roles and no people."""


def people(contacts: Mapping[ContactRole, Handle | Contact], *, needed: frozenset[ContactRole]) -> People:
    """Return the cards by role; raises `ContactFaultError` for a missing one, a handle, or one that says too little."""
    if missing := [role for role in ContactRole if role in needed - contacts.keys()]:
        raise ContactFaultError(f"OpenSRS needs contacts for {', '.join(missing)}")
    cards = {role: card for role, card in contacts.items() if isinstance(card, Contact)}
    if handles := [role for role in contacts if role not in cards]:
        raise ContactFaultError(
            f"{', '.join(handles)}: OpenSRS keeps no handles; give the contact's name and address"
        )
    for role, card in cards.items():
        if card.voice is None:
            raise ContactFaultError(f"{role}: OpenSRS needs a telephone number")
        if not 1 <= len(card.street) <= _STREET_LINES:
            raise ContactFaultError(f"{role}: OpenSRS takes one to three lines of street")
    return cards


def contact_set(cards: People) -> dict[str, Value]:
    """Return the cards in OpenSRS's words."""
    return {ROLES[role]: _card(card) for role, card in cards.items()}


def _card(card: Contact) -> dict[str, Value]:
    first, _, last = card.name.strip().rpartition(" ")
    lines = {f"address{place}": line for place, line in enumerate(card.street, start=1)}
    return {
        "first_name": first or last,  # a single name stands in both places: neither may be empty
        "last_name": last,
        "org_name": card.organization or card.name,
        **lines,
        "city": card.city,
        "state": card.province or "",
        "postal_code": card.postal_code or "",
        "country": card.country_code.upper(),
        "phone": card.voice or "",
        "email": card.email,
    }
