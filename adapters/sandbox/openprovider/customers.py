"""Who holds a name? Customers, by handles such as `XX000007-XX`, which the domains may not know at once (facts §4.5)."""

import fnmatch
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from adapters.sandbox.openprovider.answers import UNKNOWN_HANDLE, RefusedError
from adapters.sandbox.openprovider.errand import Errand
from adapters.sandbox.openprovider.register import number_in
from adapters.sandbox.page import Page
from adapters.sandbox.records import Contact

_NEEDED: Mapping[tuple[str, ...], int] = {
    ("name", "first_name"): 101,
    ("name", "last_name"): 102,
    ("phone", "country_code"): 110,
    ("phone", "subscriber_number"): 112,
    ("address", "street"): 120,
    ("address", "city"): 122,
    ("address", "country"): 124,
    ("email",): 130,
}
"""What a customer must have, and the code said where it is missing: the sandbox's own choice among 100 to 195."""

_PATTERNS: Mapping[str, tuple[str, ...]] = {
    "comment": ("comments",),
    "company_name": ("company_name",),
    "email": ("email",),
    "first_name": ("name", "first_name"),
    "handle": ("handle",),
    "last_name": ("name", "last_name"),
}
"""The fields that customers are listed by."""

_NO_SUCH_CUSTOMER = 160
_USUAL_LIST = 100


def create(errand: Errand) -> Any:
    """Answer `POST customers`."""
    card = dict(errand.call.body)
    for path, code in _NEEDED.items():
        if not _text(card, path):
            raise RefusedError(code, f"{'.'.join(path)} is missing", ".".join(path))
    return {"handle": keep(errand.page, card).id}


def get(errand: Errand) -> Any:
    """Answer `GET customers/{handle}`."""
    return _shown(_known(errand))


def listed(errand: Errand) -> Any:
    """Answer `GET customers`: those that fit every pattern that is stated, a page of them."""
    fitting = [customer for customer in errand.page.contacts() if _fits(errand, customer)]
    offset, limit = errand.call.number("offset", 0), errand.call.number("limit", _USUAL_LIST)
    return {
        "results": [_shown(customer) for customer in fitting[offset : offset + limit]],
        "total": len(fitting),
    }


def update(errand: Errand) -> Any:
    """Answer `PUT customers/{handle}`: what is stated replaces what was there."""
    customer = _known(errand)
    errand.page.save_contact(
        Contact(
            id=customer.id,
            roid=customer.roid,
            sponsor=customer.sponsor,
            created_at=customer.created_at,
            card={**customer.card, **errand.call.body},
        )
    )
    return {"handle": customer.id}


def require(errand: Errand, handle: str, role: str) -> None:
    """Raise `RefusedError` unless the handle exists and is older than the lag of new ones."""
    customer = errand.page.contact(handle)
    lag = timedelta(seconds=errand.rules.handle_lag_seconds)
    if customer is None or errand.page.now < customer.created_at + lag:
        raise RefusedError(UNKNOWN_HANDLE, f"Unknown handle: {handle}", role)


def keep(page: Page, card: Mapping[str, Any], handle: str = "") -> Contact:
    """Write a customer into the books, under a new handle unless one is told."""
    roid = page.new_roid("C")
    customer = Contact(
        id=handle or f"XX{number_in(roid):06}-XX",
        roid=roid,
        sponsor=page.client_id,
        created_at=page.now,
        card=card,
    )
    page.save_contact(customer)
    return customer


def _fits(errand: Errand, customer: Contact) -> bool:
    """Tell whether every pattern fits: a part of the field, or the whole of it where the pattern has a `*`."""
    shown = _shown(customer)
    asked = {key: errand.call.query.get(f"{key}_pattern", "").lower() for key in _PATTERNS}
    return all(
        fnmatch.fnmatchcase(
            _text(shown, path).lower(), asked[key] if "*" in asked[key] else f"*{asked[key]}*"
        )
        for key, path in _PATTERNS.items()
    )


def _known(errand: Errand) -> Contact:
    customer = errand.page.contact(errand.call.key)
    if customer is None:
        raise RefusedError(_NO_SUCH_CUSTOMER, "The customer does not exist")
    return customer


def _shown(customer: Contact) -> dict[str, Any]:
    return {"id": number_in(customer.roid), "handle": customer.id, **customer.card}


def _text(card: Mapping[str, Any], path: tuple[str, ...]) -> str:
    """Return a text in a card; empty where there is none."""
    value: Any = card
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value.strip() if isinstance(value, str) else ""
