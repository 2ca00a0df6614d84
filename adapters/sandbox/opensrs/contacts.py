"""Who stands behind a name? The contact set of an order: checked, kept in the books as cards, and shown again."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.sandbox.opensrs.answers import RefusedError
from adapters.sandbox.page import Page
from adapters.sandbox.records import Contact

ROLES = ("owner", "admin", "billing", "tech")

_REQUIRED = ("first_name", "last_name", "email", "phone", "address1", "city", "country")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+\d{1,3}\.\d{4,14}(?:x\d+)?")
_COUNTRY = re.compile(r"[A-Z]{2}")

Pairs = tuple[tuple[str, str], ...]
"""Roles and the ids of the cards that stand there, as a domain's record has them."""


def check(contact_set: Mapping[str, Any], roles: Sequence[str]) -> None:
    """Refuse a contact set that lacks one of these roles, or whose cards are not filled in as OpenSRS wants them."""
    for role in roles:
        card = contact_set.get(role)
        if not isinstance(card, dict):
            raise RefusedError(460, f"Missing required attribute: contact_set.{role}")
        _check_card(role, card)


def keep(page: Page, contact_set: Mapping[str, Any]) -> Pairs:
    """Write each role's card into the books and return which stands where."""
    kept = []
    for role in ROLES:
        card = contact_set.get(role)
        if isinstance(card, dict):
            contact_id = page.new_roid("C")
            page.save_contact(
                Contact(
                    id=contact_id, roid=contact_id, sponsor=page.client_id, created_at=page.now, card=card
                )
            )
            kept.append((role, contact_id))
    return tuple(kept)


def shown(page: Page, pairs: Sequence[Sequence[str]]) -> dict[str, Mapping[str, Any]]:
    """Return the cards by role."""
    found = ((role, page.contact(contact_id)) for role, contact_id in pairs)
    return {role: contact.card for role, contact in found if contact is not None}


def admin_email(page: Page, pairs: Sequence[Sequence[str]]) -> str:
    """Return where OpenSRS would write to about an order."""
    return str(shown(page, pairs).get("admin", {}).get("email", ""))


def _check_card(role: str, card: Mapping[str, Any]) -> None:
    missing = [key for key in _REQUIRED if not isinstance(card.get(key), str) or not card[key]]
    if missing:
        raise RefusedError(465, f"Invalid data: {role} {missing[0]} is missing")
    for key, pattern in (("email", _EMAIL), ("phone", _PHONE), ("country", _COUNTRY)):
        if not pattern.fullmatch(card[key]):
            raise RefusedError(465, f"Invalid data: {role} {key} has an invalid syntax")
