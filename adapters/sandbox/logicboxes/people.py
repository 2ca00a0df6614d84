"""Which customers and contacts does the platform know, and by which codes do names change registrars?

A customer is a row of `contacts` too, as `customer:<id>`. Adding the same contact twice makes two (facts §2.10).
"""

import hmac
import re
import secrets
from typing import Any

from adapters.sandbox.books import Books
from adapters.sandbox.logicboxes.actions import paged
from adapters.sandbox.logicboxes.errand import Errand
from adapters.sandbox.logicboxes.fields import Fields, invalid
from adapters.sandbox.logicboxes.names import Name
from adapters.sandbox.logicboxes.replies import RefusedError, reply
from adapters.sandbox.records import Contact, Domain
from adapters.sandbox.web import Answer

ROLES = {
    "registrant": "reg-contact-id",
    "admin": "admin-contact-id",
    "tech": "tech-contact-id",
    "billing": "billing-contact-id",
}
"""The four roles, with the parameter that each is stated by."""

TYPES = (
    "Contact",
    "CoopContact",
    "UkContact",
    "EuContact",
    "CnContact",
    "CoContact",
    "CaContact",
    "DeContact",
    "EsContact",
)

_FIRST_CONTACT = 80_000_000
_NOBODY = "-1"
_NOBODY_ALLOWED = {
    "admin": ("eu", "nz", "ru", "uk"),
    "tech": ("eu", "nz", "ru", "uk"),
    "billing": ("eu", "nz", "ru", "uk", "ca", "nl"),
}
"""Registries that know no such role (facts §2.5)."""

_FORMS = {
    "name": re.compile(r".{1,255}"),
    "company": re.compile(r".{1,255}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "address-line-1": re.compile(r".{1,64}"),
    "city": re.compile(r".{1,64}"),
    "country": re.compile(r"[A-Z]{2}"),
    "zipcode": re.compile(r".{1,16}"),
    "phone-cc": re.compile(r"\d{1,3}"),
    "phone": re.compile(r"\d{4,12}"),
}
_COLUMNS = {
    "name": "name",
    "company": "company",
    "email": "emailaddr",
    "address-line-1": "address1",
    "address-line-2": "address2",
    "address-line-3": "address3",
    "city": "city",
    "state": "state",
    "country": "country",
    "zipcode": "zip",
    "phone-cc": "telnocc",
    "phone": "telno",
    "customer-id": "customerid",
    "type": "type",
}


def add_customer(books: Books, customer_id: str, *, email: str = "customer@example.org") -> None:
    """Put a customer into the books, whom orders and contacts can be made for."""
    with books.page() as page:
        page.save_contact(
            Contact(
                id=f"customer:{customer_id}",
                roid=page.new_roid("C"),
                sponsor=page.client_id,
                created_at=page.now,
                card={"customerid": customer_id, "username": email, "useremail": email},
            )
        )


def new_auth_code() -> str:
    """Make a code by which a name may be transferred away."""
    return secrets.token_urlsafe(9)


def fits_code(row: Domain, stated: str) -> bool:
    """Tell whether a stated code is the name's."""
    return bool(row.auth_info) and hmac.compare_digest(row.auth_info.encode(), stated.encode())


def stated_customer(errand: Errand) -> str:
    """Return the customer that a call is for; raise `RefusedError` if the platform has none such."""
    customer_id = errand.fields.text("customer-id")
    if errand.page.contact(f"customer:{customer_id}") is None:
        raise invalid("customer-id", customer_id)
    return customer_id


def stated_contacts(errand: Errand, name: Name) -> tuple[tuple[str, str], ...]:
    """Return the contact of each role; raise `RefusedError` for one that is not there, or may not be left out."""
    return tuple((role, _stated_contact(errand, role, name)) for role in ROLES)


def add(errand: Errand) -> Answer:
    """Answer contacts/add with the bare number of a new contact."""
    fields = errand.fields
    stated_customer(errand)
    fields.choice("type", TYPES)
    for parameter, form in _FORMS.items():
        if not form.fullmatch(fields.text(parameter)):
            raise invalid(parameter, fields.text(parameter))
    number = _FIRST_CONTACT + int(errand.page.new_roid("").removesuffix("-SANDBOX"))
    errand.page.save_contact(
        Contact(
            id=str(number),
            roid=errand.page.new_roid("C"),
            sponsor=errand.page.client_id,
            created_at=errand.page.now,
            card=_card(fields),
        )
    )
    return reply(number)


def search(errand: Errand) -> Answer:
    """Answer contacts/search: a customer's contacts, by name, company, e-mail address, type or number."""
    customer_id, fields = stated_customer(errand), errand.fields
    wanted = {"customerid": customer_id}
    for parameter in ("name", "company", "email", "type"):
        if fields.maybe(parameter):
            wanted[_COLUMNS[parameter]] = fields.maybe(parameter)
    numbers = fields.many("contact-id")
    found = [
        _row(contact)
        for contact in errand.page.contacts()
        if contact.id.isdecimal()
        and (not numbers or contact.id in numbers)
        and all(contact.card.get(column) == value for column, value in wanted.items())
    ]
    page = paged(fields, found, most=500)
    counts = {name: page.pop(name) for name in ("recsonpage", "recsindb")}
    return reply({**counts, "result": list(page.values())})


def look(errand: Errand) -> Answer:
    """Answer contacts/details."""
    contact_id = errand.fields.text("contact-id")
    shown = card(errand, contact_id)
    if shown is None:
        raise RefusedError(f"No Entity found for Entityid: {contact_id}")
    return reply(shown)


def customer(errand: Errand) -> Answer:
    """Answer customers/details, by the customer's e-mail address."""
    username = errand.fields.text("username")
    for contact in errand.page.contacts():
        if contact.id.startswith("customer:") and contact.card["username"] == username:
            return reply(
                {
                    **contact.card,
                    "resellerid": errand.rules.reseller_id,
                    "customerstatus": "Active",
                    "creationdt": int(contact.created_at.timestamp()),
                }
            )
    raise RefusedError(f"No Entity found for Username: {username}")


def card(errand: Errand, contact_id: str) -> dict[str, Any] | None:
    """Return what is shown of a contact; None if there is none."""
    contact = errand.page.contact(contact_id) if contact_id.isdecimal() else None
    if contact is None:
        return None
    return {
        "contactid": contact.id,
        "contactstatus": "Active",
        "contacttype": [],
        "parentkey": f"999999999_999999998_{errand.rules.reseller_id}",
        "faxnocc": "",
        "faxno": "",
        **contact.card,
    }


def _stated_contact(errand: Errand, role: str, name: Name) -> str:
    parameter = ROLES[role]
    contact_id = errand.fields.text(parameter)
    if contact_id == _NOBODY and name.tld.rpartition(".")[2] in _NOBODY_ALLOWED.get(role, ()):
        return contact_id
    if not contact_id.isdecimal() or errand.page.contact(contact_id) is None:
        raise invalid(parameter, contact_id)
    return contact_id


def _card(fields: Fields) -> dict[str, str]:
    stated = {column: fields.maybe(parameter) for parameter, column in _COLUMNS.items()}
    return {column: value for column, value in stated.items() if value}


def _row(contact: Contact) -> dict[str, Any]:
    columns = {f"contact.{column}": value for column, value in contact.card.items() if column != "customerid"}
    return {
        "entity.entityid": contact.id,
        "entity.customerid": contact.card["customerid"],
        "entity.currentstatus": "Active",
        **columns,
    }
