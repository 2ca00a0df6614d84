"""How does a customer report that something is wrong with an order? With his ticket; the answer says whether it is in time."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response

from adapters.portal import documents
from adapters.portal.bodies import JsonBytes
from adapters.portal.callers import TheDesk, Writer
from adapters.portal.description import problems
from adapters.portal.orders import OrderId, actor
from adapters.portal.problems import ORDERS
from registrar import reports
from registrar.reports import Report
from registrar.strict_json import read_json

router = APIRouter(prefix=ORDERS, tags=["orders"])


@router.post(
    "/{order_id:int}/reports",
    status_code=HTTPStatus.CREATED,
    response_model=documents.Report,
    summary="Report that something is wrong with an order",
    responses={
        200: {"model": documents.Report, "description": "this ticket had reported it before"},
        **problems(
            {
                400: "malformed_json",
                404: "order_unknown",
                409: "not_due_yet, not_delivered_yet, order_ended, report_unfitting",
                415: "content_type_wrong",
                422: "not_an_object, unknown_field, field_missing, field_invalid, kind_unknown, time_invalid, "
                "channel_unknown",
            }
        ),
    },
    openapi_extra=documents.sent(documents.ReportSent),
)
def report(
    response: Response, desk: TheDesk, caller: Writer, order_id: OrderId, body: JsonBytes
) -> dict[str, Any]:
    """Keep the report, stamped; one that comes late or by a channel that does not bind is kept as well, and said to be."""
    now = desk.now()
    given = reports.parse_report(read_json(body), now=now)
    with desk.database.transaction() as connection:
        filed = reports.file(connection, order_id, given, rules=desk.rules, actor=actor(caller.name), now=now)
    if filed.repeated:
        response.status_code = HTTPStatus.OK
    return as_document(filed)


def as_document(filed: Report) -> dict[str, Any]:
    """Return a report as it is told to its customer."""
    told = filed._asdict()
    del told["repeated"]
    return told | {"consequence": reports.consequence(filed)}
