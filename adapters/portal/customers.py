"""What does a customer have, and how did it come about? Balances and statement lines, for the portal to show (O7)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from adapters.portal import documents
from adapters.portal.callers import LEDGER_READER, TheDesk
from adapters.portal.description import problems
from adapters.portal.problems import ProblemError
from registrar import ledger

LONGEST_PAGE = 500

router = APIRouter(prefix="/v1/customers", tags=["customers"], dependencies=[Depends(LEDGER_READER)])

Customer = Annotated[str, Path(min_length=1, max_length=255, description="your own name for the customer")]


@router.get(
    "/{customer:path}/balance",
    response_model=documents.Balance,
    summary="Read a customer's balance",
    responses=problems({404: "not_found"}),
)
def read_balance(desk: TheDesk, customer: Customer) -> dict[str, Any]:
    """Return the balance by bucket and currency."""
    with desk.database.reading() as connection:
        return {"customer": customer, "balances": ledger.balances(connection, nameable(customer))}


@router.get(
    "/{customer:path}/ledger",
    response_model=documents.LedgerPage,
    summary="Read a customer's statement",
    responses=problems({400: "parameter_invalid", 404: "not_found"}),
)
def read_ledger(
    desk: TheDesk,
    customer: Customer,
    after: Annotated[int, Query(ge=0, lt=2**63, description="`next_after` of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 100,
) -> dict[str, Any]:
    """Return one page of the statement, oldest first."""
    with desk.database.reading() as connection:
        found = ledger.statement(connection, nameable(customer), after=after, limit=limit + 1)
    lines = [line._asdict() for line in found[:limit]]
    return {
        "customer": customer,
        "lines": lines,
        "next_after": lines[-1]["id"] if len(found) > limit else None,
    }


def nameable(customer: str) -> str:
    """Refuse what cannot be a customer's name before a database does."""
    if not customer.isprintable():
        raise ProblemError(HTTPStatus.NOT_FOUND, "not_found", "there is nothing at this address")
    return customer
