"""What does a customer have with us: which orders, which names? Pages for the portal to show him (O7)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from adapters.portal import documents
from adapters.portal.callers import ORDER_READER, TheDesk
from adapters.portal.customers import LONGEST_PAGE, Customer, nameable
from adapters.portal.description import problems
from registrar.customers.holdings import list_domains
from registrar.orders import reading

router = APIRouter(prefix="/v1/customers", tags=["customers"], dependencies=[Depends(ORDER_READER)])

Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE)]


@router.get(
    "/{customer:path}/orders",
    response_model=documents.OrdersPage,
    summary="Read a customer's orders",
    responses=problems({400: "parameter_invalid", 404: "not_found"}),
)
def read_orders(
    desk: TheDesk,
    customer: Customer,
    after: Annotated[int, Query(ge=0, lt=2**63, description="`next_after` of the page before")] = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Return one page of the orders, oldest first; the timeline of each is at its own address."""
    with desk.database.reading() as connection:
        found = reading.list_for_customer(connection, nameable(customer), after=after, limit=limit + 1)
    orders = [reading.summary(order) for order in found[:limit]]
    return {
        "customer": customer,
        "orders": orders,
        "next_after": orders[-1]["id"] if len(found) > limit else None,
    }


@router.get(
    "/{customer:path}/domains",
    response_model=documents.DomainsPage,
    summary="Read a customer's names",
    responses=problems({400: "parameter_invalid", 404: "not_found"}),
)
def read_domains(
    desk: TheDesk,
    customer: Customer,
    after: Annotated[str, Query(max_length=255, description="`next_after` of the page before")] = "",
    limit: Limit = 100,
) -> dict[str, Any]:
    """Return one page of the names that are with us, in their order."""
    with desk.database.reading() as connection:
        found = list_domains(connection, nameable(customer), after=nameable(after), limit=limit + 1)
    return {
        "customer": customer,
        "domains": found[:limit],
        "next_after": found[limit - 1]["domain"] if len(found) > limit else None,
    }
