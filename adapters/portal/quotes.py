"""How does a portal ask what an order would cost and be promised? Everything here is the core's; this says it in HTTP (O4)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from adapters.portal import documents
from adapters.portal.bodies import JsonBytes
from adapters.portal.callers import ORDER_READER, TheDesk, Writer
from adapters.portal.description import problems
from adapters.portal.problems import ProblemError
from registrar import quotes
from registrar.orders.asking import ask
from registrar.strict_json import read_json

QUOTES = "/v1/quotes"

router = APIRouter(prefix=QUOTES, tags=["quotes"])

QuoteId = Annotated[int, Path(ge=1, lt=2**63)]
_QUESTION = (
    "field_missing, field_invalid, field_unexpected, unknown_field, not_an_object, kind_unknown, kind_not_offered, "
    "zone_not_sold, name_invalid, name_is_url, name_is_zone, name_not_registrable, name_too_long, term_not_sold, "
    "price_invalid, currency_wrong, time_invalid; price_changed: the tariff has another price, leave yours out"
)


@router.post(
    "",
    response_model=documents.Quote,
    summary="Ask what an order would cost and be promised",
    responses={
        200: {"description": "the answer; nothing is promised"},
        201: {
            "model": documents.Quote,
            "description": "the answer, and its price is promised to the customer",
            "headers": {"Location": {"description": "the quote's address", "schema": {"type": "string"}}},
        },
        **problems({400: "malformed_json", 415: "content_type_wrong", 422: _QUESTION}),
    },
    openapi_extra=documents.sent(documents.QuestionSent),
)
def ask_for_quote(response: Response, desk: TheDesk, caller: Writer, body: JsonBytes) -> dict[str, Any]:
    """Answer with class, dates, fees, price and words; with a customer the price is his until `expires_at`.

    An order that names the quote has its price, and its fees as lines. Whether the order can be carried out is decided
    when it is placed, and before it is sent, by the same rules.
    """
    told = ask(
        desk.database,
        read_json(body),
        catalogue=desk.catalogue,
        rules=desk.rules,
        look=desk.look,
        now=desk.now(),
        actor=f"portal ({caller.name})",
    )
    if told["id"] is not None:
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"{QUOTES}/{told['id']}"
    return told


@router.get(
    "/{quote_id:int}",
    response_model=documents.Quote,
    summary="Read a quote as it was told",
    responses=problems({404: "quote_unknown"}),
    dependencies=[Depends(ORDER_READER)],
)
def read_quote(desk: TheDesk, quote_id: QuoteId) -> dict[str, Any]:
    """Return what was told and promised; past its end it promises nothing more."""
    with desk.database.reading() as connection:
        told = quotes.read(connection, quote_id)
    if told is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "quote_unknown", f"there is no quote {quote_id}")
    return told
