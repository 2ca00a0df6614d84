"""Who holds a name? Customers, by handles such as `XX000007-XX`, which the domains may not know at once (facts §4.5)."""

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

_NO_SUCH_CUSTOMER = 160
_USUAL_LIST = 100


def create(errand: Errand) -> Any:
    """Answer `POST customers`."""
    card = dict(errand.call.body)
    for path, code in _NEEDED.items():
        if not _found(card, path):
            raise RefusedError(code, f"{'.'.join(path)} is missing", ".".join(path))
    return {"handle": keep(errand.page, card).id}


def get(errand: Errand) -> Any:
    """Answer `GET customers/{handle}`."""
    return _shown(_known(errand))


def listed(errand: Errand) -> Any:
    """Answer `GET customers`: those whose handle and e-mail have the parts that are asked for, a page of them."""
    query = errand.call.query
    handle, email = query.get("handle_pattern", ""), query.get("email_pattern", "")
    fitting = [
        customer
        for customer in errand.page.contacts()
        if handle.strip("*") in customer.id and email.strip("*") in str(customer.card.get("email", ""))
    ]
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


def _known(errand: Errand) -> Contact:
    customer = errand.page.contact(errand.call.key)
    if customer is None:
        raise RefusedError(_NO_SUCH_CUSTOMER, "The customer does not exist")
    return customer


def _shown(customer: Contact) -> dict[str, Any]:
    return {"id": number_in(customer.roid), "handle": customer.id, **customer.card}


def _found(card: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    value: Any = card
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return isinstance(value, str) and bool(value.strip())
