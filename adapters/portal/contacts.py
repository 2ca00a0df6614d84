"""How does a portal say how its customers are written to? Whole, at one address, sealed as it arrives (E2, C2, D10)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from adapters.portal import documents
from adapters.portal.bodies import JsonBytes
from adapters.portal.callers import CONTACTS_HOLDER, ContactsHolder, TheDesk
from adapters.portal.description import problems
from adapters.portal.problems import ProblemError
from registrar.customers import contacts
from registrar.strict_json import read_json

router = APIRouter(prefix="/v1/customers", tags=["customers"], dependencies=[Depends(CONTACTS_HOLDER)])

Customer = Annotated[str, Path(min_length=1, max_length=255, description="your own name for the customer")]
_REFUSED = (
    "email_invalid, language_unknown, addressed_as_invalid, customer_invalid, field_missing, field_invalid, "
    "unknown_field, not_an_object"
)


@router.put(
    "/{customer:path}/contact",
    response_model=documents.CustomerContact,
    summary="Say how a customer is written to",
    responses=problems({400: "malformed_json", 404: "not_found", 415: "content_type_wrong", 422: _REFUSED}),
    openapi_extra=documents.sent(documents.ContactSent),
)
def put_contact(desk: TheDesk, caller: ContactsHolder, customer: Customer, body: JsonBytes) -> dict[str, Any]:
    """Keep it in place of what was kept; what he was not told for want of an address goes out then."""
    wanted = contacts.parse_contact(read_json(body))
    with desk.database.transaction() as connection:
        kept = contacts.put(
            connection,
            customer,
            **wanted._asdict(),
            keyring=desk.keyring,
            now=desk.now(),
            actor=f"portal ({caller.name})",
        )
    return kept._asdict()


@router.get(
    "/{customer:path}/contact",
    response_model=documents.CustomerContact,
    summary="Read how a customer is written to",
    responses=problems({404: "customer_unknown", 503: "unavailable, sealed_lost"}),
)
def read_contact(desk: TheDesk, customer: Customer) -> dict[str, Any]:
    """Return what you have sent last."""
    with desk.database.reading() as connection:
        found = contacts.read(connection, customer, desk.keyring) if customer.isprintable() else None
    if found is None:
        raise ProblemError(
            HTTPStatus.NOT_FOUND, "customer_unknown", "we do not know how this customer is written to"
        )
    return found._asdict()
