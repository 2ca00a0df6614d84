"""What does a customer owe, what does he decide about an order that failed, and which slips does he hand in (F6, F7, D6)?"""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from adapters.portal import documents
from adapters.portal.bodies import JsonBytes
from adapters.portal.callers import LEDGER_READER, SlipsHolder, TheDesk, Writer
from adapters.portal.customers import LONGEST_PAGE, Customer, nameable
from adapters.portal.description import problems
from adapters.portal.orders import OrderId, actor
from adapters.portal.problems import ProblemError
from registrar import debts, slips
from registrar.money import Money
from registrar.orders import lines
from registrar.orders.requests import RequestRefusedError
from registrar.orders.states import read_locked
from registrar.strict_json import read_json

router = APIRouter(prefix="/v1/customers", tags=["customers"])

_BODY = "not_an_object, unknown_field, field_invalid"


@router.get(
    "/{customer:path}/debts",
    response_model=documents.DebtPage,
    summary="Read what a customer owes",
    responses=problems({400: "parameter_invalid", 404: "not_found"}),
    dependencies=[Depends(LEDGER_READER)],
)
def read_debts(
    desk: TheDesk,
    customer: Customer,
    settled: Annotated[bool, Query(description="those that are settled as well")] = False,  # noqa: FBT002 - a query's field
    after: Annotated[int, Query(ge=0, lt=2**63, description="`next_after` of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 100,
) -> dict[str, Any]:
    """Return one page of the customer's debts, oldest first."""
    with desk.database.reading() as connection:
        found = debts.list_debts(
            connection, nameable(customer), settled=settled, after=after, limit=limit + 1
        )
    page = found[:limit]
    return {
        "customer": customer,
        "debts": page,
        "next_after": page[-1]["id"] if len(found) > limit else None,
    }


@router.post(
    "/{customer:path}/orders/{order_id:int}/lines/{line}/decision",
    response_model=documents.Lines,
    summary="Decide about a service that depended on an order that failed",
    responses=problems(
        {
            400: "malformed_json",
            404: "order_unknown",
            409: "line_not_undecided, not_customers_turn",
            415: "content_type_wrong",
            422: _BODY,
        }
    ),
    openapi_extra=documents.sent(documents.DecisionSent),
)
def decide(  # noqa: PLR0917 - the framework names them
    desk: TheDesk, caller: Writer, customer: Customer, order_id: OrderId, line: str, body: JsonBytes
) -> dict[str, Any]:
    """Give the line's money back for buying again, or let the service go on; once."""
    given = _fields(read_json(body), {"decision"})
    if given.get("decision") not in ("credit", "keep"):
        raise RequestRefusedError("field_invalid", "decision is credit or keep", field="decision")
    with desk.database.transaction() as connection:
        order = read_locked(connection, order_id)
        if order is None or order.customer != customer:
            raise ProblemError(HTTPStatus.NOT_FOUND, "order_unknown", f"there is no order {order_id} of his")
        lines.decide(
            connection,
            order,
            line,
            given["decision"],
            by_customer=True,
            actor=actor(caller.name),
            ticket=None,
            now=desk.now(),
        )
        return {"order_id": order_id, "lines": lines.view(connection, order)}


@router.post(
    "/{customer:path}/orders/{order_id:int}/lines/{line}/delivery",
    response_model=documents.Lines,
    summary="Say that a service that depends on an order was delivered",
    responses=problems({404: "order_unknown", 409: "line_ended"}),
)
def deliver(
    desk: TheDesk, caller: Writer, customer: Customer, order_id: OrderId, line: str
) -> dict[str, Any]:
    """Record the delivery: from then on the line's money is kept when the order fails."""
    with desk.database.transaction() as connection:
        order = read_locked(connection, order_id)
        if order is None or order.customer != customer:
            raise ProblemError(HTTPStatus.NOT_FOUND, "order_unknown", f"there is no order {order_id} of his")
        lines.deliver(connection, order, line, actor=actor(caller.name), now=desk.now())
        return {"order_id": order_id, "lines": lines.view(connection, order)}


@router.post(
    "/{customer:path}/slips",
    status_code=HTTPStatus.CREATED,
    response_model=documents.Slip,
    summary="Hand in a bank slip for a top-up",
    responses=problems(
        {
            400: "malformed_json",
            404: "not_found",
            409: "slip_used, slip_from_future, slip_calendar",
            415: "content_type_wrong",
            422: f"{_BODY}, currency_wrong",
        }
    ),
    openapi_extra=documents.sent(documents.SlipSent),
)
def hand_in(desk: TheDesk, caller: SlipsHolder, customer: Customer, body: JsonBytes) -> dict[str, Any]:
    """Book a young slip at once; keep an older one until staff hold its original; refuse one that is too old."""
    given = _fields(read_json(body), {"number", "amount", "currency", "paid_on"})
    number, amount, paid_on = given.get("number"), given.get("amount"), given.get("paid_on")
    if not isinstance(number, str) or not 1 <= len(number.strip()) <= 64 or not number.isprintable():
        raise RequestRefusedError(
            "field_invalid", "number is 1-64 printable characters of text", field="number"
        )
    if type(amount) is not int or not 0 < amount <= 10**15:
        raise RequestRefusedError("field_invalid", "amount is a whole number of minor units", field="amount")
    now = desk.now()
    with desk.database.transaction() as connection:
        return slips.hand_in(
            connection,
            nameable(customer),
            Money(amount, str(given.get("currency"))),
            number=number.strip(),
            paid_on=_day(paid_on),
            rules=desk.rules.at(now).common,
            actor=actor(caller.name),
            now=now,
        )


def _fields(given: object, known: set[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise RequestRefusedError("not_an_object", "the body must be a JSON object")
    unknown = sorted(given.keys() - known)
    if unknown:
        raise RequestRefusedError("unknown_field", f"unknown field {unknown[0]!r}", field=unknown[0])
    return given


def _day(given: object) -> date:
    try:
        return date.fromisoformat(str(given))
    except ValueError as error:
        raise RequestRefusedError(
            "field_invalid", "paid_on is a date, as 2026-11-22", field="paid_on"
        ) from error
