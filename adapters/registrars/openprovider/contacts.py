"""Which handles stand in an order? Those the customer named, as they are; of his data we make one, and find it again.

Making a contact (`POST /customers`) is not idempotent. Ours carry their reference and a digest of their data as
comments, so that a retry finds the one that a lost answer left behind, and corrected data make another one.
"""

import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from adapters.registrars.openprovider import encoding, outcomes, reading
from adapters.registrars.openprovider.conversation import Conversation, Told, UntoldError, before
from adapters.registrars.openprovider.encoding import Question
from registrar.commands import Contact, ContactRole, Handle
from registrar.gateway import Call
from registrar.outcomes import Correctable, Correction, NotSent, Outcome, Reply, Unknown

MOST_REMEMBERED = 10_000
_DIGEST_CHARACTERS = 16

_TELEPHONE = re.compile(r"\+(\d{1,3})\.(\d{4,14})")
"""`+CCC.NNN…` (RFC 5733 §2.5), as other registries take it too."""
_AREA_DIGITS = 3
_HOUSE_NUMBER = re.compile(r"(.*\S)[\s,]+(\d\S*)")

Contacts = Mapping[ContactRole, Handle | Contact]


@dataclass(frozen=True, slots=True)
class Handles:
    """The handle for each role. `made_here` tells that some are of contacts that we made, perhaps a moment ago.

    `private` are those people's texts, which the answer to an order may repeat and no transcript may keep.
    """

    by_role: Mapping[ContactRole, str]
    made_here: bool
    private: tuple[str, ...] = field(default=(), repr=False)


class ContactFaultError(Exception):
    """What the customer must put right about the contacts; the message names fields and shows no value."""


class AddressBook:
    """Turns contacts into handles; remembers those it made, so that a retry in this process asks nothing."""

    def __init__(self, conversation: Conversation) -> None:
        self._talk = conversation
        self._known: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def assigned(self, contacts: Contacts, call: Call) -> Handles | Outcome:
        """Return the handles, or what it came to that one could not be had; nothing of the order was sent then."""
        try:
            cards = {contact: card(contact) for contact in contacts.values() if isinstance(contact, Contact)}
        except ContactFaultError as fault:
            return Correctable(Reply(text=str(fault)), Correction.CONTACTS)
        by_role: dict[ContactRole, str] = {}
        for role, contact in contacts.items():
            got = contact.id if isinstance(contact, Handle) else self._handle(contact, cards[contact], call)
            if not isinstance(got, str):
                return got
            by_role[role] = got
        private = tuple(text for contact in cards for text in _personal(contact))
        return Handles(by_role, made_here=bool(cards), private=private)

    def forget(self, handles: Handles) -> None:
        """Ask Openprovider again next time: it does not know one of these."""
        with self._lock:
            for comments in [
                known for known, kept in self._known.items() if kept in handles.by_role.values()
            ]:
                del self._known[comments]

    def _handle(self, contact: Contact, content: Mapping[str, Any], call: Call) -> str | Outcome:
        comments = content["comments"]
        with self._lock:
            if (kept := self._known.get(comments)) is not None:
                return kept
        got = self._found(comments, call)
        if got is None:
            got = self._made(contact, content, call)
        if isinstance(got, str):
            self._remember(comments, got)
        return got

    def _found(self, comments: str, call: Call) -> str | Outcome | None:
        """Look for a contact that an earlier attempt has made; where the search is refused, there is none to be had."""
        question = encoding.find_customers(comments)
        try:
            return self._talk.read(
                question, call, lambda content: reading.customer_with_comments(content, comments)
            )
        except UntoldError as error:
            if isinstance(error.told, Told) and error.told.blocked is None and error.told.retry_after is None:
                return None
            return before(error)

    def _made(self, contact: Contact, content: Mapping[str, Any], call: Call) -> str | Outcome:
        question = Question("POST", "/customers", content=content, private=_personal(contact))
        try:
            return self._talk.read(question, call, reading.handle)
        except UntoldError as error:
            if not isinstance(error.told, Told):
                return before(error)
            outcome = outcomes.settle(outcomes.CONTACT, error.told)
            if isinstance(outcome, Unknown):
                return NotSent(f"the contact could not be made: {outcome.reason}", error.told.retry_after)
            return outcome

    def _remember(self, comments: str, handle: str) -> None:
        with self._lock:
            self._known[comments] = handle
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)


def filled(contacts: Contacts) -> Contacts:
    """Let the registrant administer, and look after the technical side, where nobody else is named.

    Raises `ContactFaultError` where the registrant is missing: Openprovider takes no order without.
    """
    registrant = contacts.get(ContactRole.REGISTRANT)
    if registrant is None:
        raise ContactFaultError("the registrant is missing: name one")
    return {ContactRole.ADMIN: registrant, ContactRole.TECH: registrant, **contacts}


def card(contact: Contact) -> dict[str, Any]:
    """Return a contact as Openprovider takes it; raises `ContactFaultError` for what it has no words for."""
    first, last = _names(contact.name)
    written: dict[str, Any] = {
        "name": {"first_name": first, "last_name": last},
        "phone": _phone(contact.voice),
        "address": _address(contact),
        "email": contact.email,
        "comments": _comments(contact),
    }
    if contact.organization:
        written["company_name"] = contact.organization
    return written


def _comments(contact: Contact) -> str:
    """Return our mark on a contact: whose it is, and of which data."""
    told = asdict(replace(contact, national_id=None))
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return f"{contact.reference} {digest[:_DIGEST_CHARACTERS]}"


def _names(name: str) -> tuple[str, str]:
    """Split a person's name where Openprovider wants two parts; one word is both."""
    words = name.split()
    if not words:
        raise ContactFaultError("the contact's name is empty")
    return " ".join(words[:-1]) or words[0], words[-1]


def _phone(voice: str | None) -> dict[str, str]:
    found = _TELEPHONE.fullmatch(voice or "")
    if found is None:
        raise ContactFaultError("the contact's voice must be a telephone number as +31.201234567")
    country, number = found.groups()
    return {
        "country_code": f"+{country}",
        "area_code": number[:_AREA_DIGITS],
        "subscriber_number": number[_AREA_DIGITS:],
    }


def _address(contact: Contact) -> dict[str, str]:
    """Write the address; the house number has a field of its own, and stays in the street where none can be told."""
    lines = " ".join(contact.street)
    found = _HOUSE_NUMBER.fullmatch(lines)
    street, number = found.groups() if found else (lines, "")
    parts = {
        "street": street,
        "number": number,
        "zipcode": contact.postal_code or "",
        "city": contact.city,
        "state": contact.province or "",
        "country": contact.country_code.upper(),
    }
    return {key: part for key, part in parts.items() if part}


def _personal(contact: Contact) -> tuple[str, ...]:
    """Return what of a contact an answer may repeat and no transcript may keep."""
    parts = (
        contact.name,
        contact.email,
        contact.voice,
        contact.organization,
        contact.postal_code,
        *contact.street,
    )
    return tuple(part for part in parts if part)
