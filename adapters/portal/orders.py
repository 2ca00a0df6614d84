"""How does a portal order, follow, correct and cancel? Everything here is the core's; this says it in HTTP."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import Connection, Row

from adapters.desk import Desk
from adapters.portal import documents
from adapters.portal.bodies import JsonBytes, OptionalJsonBytes
from adapters.portal.callers import ORDER_READER, WRITER, TheDesk, Writer
from adapters.portal.description import problems
from adapters.portal.problems import ORDERS, ProblemError, order_address
from registrar.commands import Kind
from registrar.orders import by_hand, gates, reading
from registrar.orders.agreed import agreed
from registrar.orders.own import is_own
from registrar.orders.placing import place, read_request
from registrar.orders.remaining import remaining
from registrar.orders.requests import RequestRefusedError, parse_corrections, parse_key
from registrar.orders.states import State
from registrar.orders.working import domain_of
from registrar.strict_json import read_json

CHANNEL = "http"

router = APIRouter(prefix=ORDERS, tags=["orders"])

OrderId = Annotated[int, Path(ge=1, lt=2**63)]
_BODY = "malformed_json"
_ORDER = (
    "key_reused: the key stands for the order at Location, with other contents; or what is wrong with the order: field_missing, field_invalid, "
    "field_unexpected, unknown_field, not_an_object, kind_unknown, kind_not_offered, zone_not_sold, name_invalid, "
    "name_is_url, name_is_zone, name_not_registrable, name_too_long, term_not_sold, price_invalid, currency_wrong, "
    "payment_invalid, time_invalid, expected_expiry_missing, contact_missing, host_invalid, channel_unknown; and with "
    "the price that would stand price_changed, quote_unknown, quote_mismatch, quote_used, quote_expired"
)
_ACT = "not_held, not_now, not_yet, not_customers_turn, in_doubt, look_disagrees, moved_meanwhile"
_CORRECTION = f"correction_missing: done is not an answer to what the order needs; {_ACT}"


async def _key(request: Request) -> str:
    """Read the one Idempotency-Key; a header's bytes are UTF-8, which the framework reads as Latin-1."""
    given = request.headers.getlist("Idempotency-Key")
    try:
        [key] = given or [""]
        return parse_key(key.encode("latin-1").decode())
    except ValueError as error:
        if isinstance(error, RequestRefusedError):
            raise
        raise RequestRefusedError("key_invalid", "send one Idempotency-Key, in UTF-8", field="key") from error


Key = Annotated[str, Depends(_key)]


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=documents.Order,
    summary="Place an order",
    responses={
        202: {
            "description": "the order is in the books; the same key and contents give the same order again",
            "headers": {
                "Location": {"description": "the order's address", "schema": {"type": "string"}},
                "Idempotent-Replayed": {
                    "description": "true if the key had been used",
                    "schema": {"type": "string"},
                },
            },
        },
        **problems(
            {
                400: f"{_BODY}, key_missing, key_invalid",
                402: "insufficient_balance",
                415: "content_type_wrong",
                422: _ORDER,
            }
        ),
    },
    openapi_extra=documents.sent(documents.OrderSent) | {"parameters": [documents.IDEMPOTENCY_KEY]},
    dependencies=[Depends(WRITER)],
)
def place_order(response: Response, desk: TheDesk, body: JsonBytes, key: Key) -> dict[str, Any]:
    """Put an order into the books, paid; what becomes of it is told under its Location."""
    order = read_request(desk.database, read_json(body), key=key, channel=CHANNEL, catalogue=desk.catalogue)
    with desk.database.transaction() as connection:
        placed = place(connection, order, keyring=desk.keyring, rules=desk.rules, now=desk.now())
        answer = reading.summary(_order(connection, placed.order_id))
    if placed.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    else:
        desk.ring(placed.registrar, placed.order_id)
    response.headers["Location"] = order_address(placed.order_id)
    return answer


@router.get(
    "",
    response_model=documents.FoundOrder | documents.Rejected,
    summary="Find what became of a key",
    responses=problems({400: "key_missing, key_invalid, parameter_invalid", 404: "key_unknown"}),
    dependencies=[Depends(ORDER_READER)],
)
def find_order(desk: TheDesk, key: Annotated[str, Query(description="the order's key")]) -> dict[str, Any]:
    """Return the order that a key stands for, however it came in, or why a message under it was rejected.

    An order has a `rejection` too where a later message under its key asked for something else.
    """
    key = parse_key(key)
    with desk.database.reading() as connection:
        order = reading.read_by_key(connection, key)
        rejection = reading.rejection_by_key(connection, key)
        if order is not None and not is_own(order):
            return _view(connection, desk, order) | {"rejection": rejection}
    if rejection is not None:
        return {"key": key, "state": "rejected", "rejection": rejection}
    raise ProblemError(
        HTTPStatus.NOT_FOUND, "key_unknown", "no order stands under this key: it may be sent", field="key"
    )


@router.get(
    "/{order_id:int}",
    response_model=documents.OrderWithTimeline,
    summary="Read an order with its timeline",
    responses=problems({404: "order_unknown"}),
    dependencies=[Depends(ORDER_READER)],
)
def read_order(desk: TheDesk, order_id: OrderId) -> dict[str, Any]:
    """Return the order as it stands, and how it came there."""
    with desk.database.reading() as connection:
        return _view(connection, desk, _order(connection, order_id))


@router.post(
    "/{order_id:int}/correction",
    status_code=HTTPStatus.ACCEPTED,
    response_model=documents.Order,
    summary="Put right what the customer got wrong",
    responses=problems(
        {
            400: _BODY,
            404: "order_unknown",
            409: _CORRECTION,
            415: "content_type_wrong",
            422: "as of an order",
            503: "unavailable: send it again after Retry-After; sealed_lost: our staff must act first",
        }
    ),
    openapi_extra=documents.sent(documents.CorrectionSent),
)
def correct_order(desk: TheDesk, caller: Writer, order_id: OrderId, body: JsonBytes) -> dict[str, Any]:
    """Correct an order in `action_required`, and let it go on."""
    given = read_json(body)
    with desk.database.reading() as connection:
        order = _order(connection, order_id)
    corrections = parse_corrections(given, kind=Kind(order.kind))
    with desk.database.transaction() as connection:
        by_hand.correct(
            connection,
            order_id,
            corrections,
            keyring=desk.keyring,
            actor=actor(caller.name),
            ticket=None,
            now=desk.now(),
        )
        answer = reading.summary(_order(connection, order_id))
    desk.ring(order.registrar, order_id)
    return answer


@router.post(
    "/{order_id:int}/cancellation",
    response_model=documents.Order,
    summary="Cancel an order of which nothing was spent",
    responses=problems(
        {
            400: _BODY,
            404: "order_unknown",
            409: _ACT,
            415: "content_type_wrong",
            422: "unknown_field, field_invalid, not_an_object",
            503: "unavailable, look_failed: send it again after Retry-After",
        }
    ),
    openapi_extra=documents.sent(documents.CancellationSent, required=False),
)
def cancel_order(desk: TheDesk, caller: Writer, order_id: OrderId, body: OptionalJsonBytes) -> dict[str, Any]:
    """Cancel and credit an order that is placed, or held and looked at afresh; never one that may have happened."""
    reference = _reference(read_json(body) if body else {})
    with desk.database.reading() as connection:
        order = _order(connection, order_id)
    sighting = (
        desk.look(order.registrar, domain_of(order), Kind(order.kind)) if order.state == State.HELD else None
    )
    with desk.database.transaction() as connection:
        act = by_hand.ByCustomer(actor(caller.name), reference, desk.now())
        by_hand.cancel(connection, order_id, sighting, act=act)
        return reading.summary(_order(connection, order_id))


def _view(connection: Connection, desk: Desk, order: Row[Any]) -> dict[str, Any]:
    """Return the order with its timeline, what was agreed about it (A1, C2, O2), and what remains possible (D3)."""
    agreed_on = agreed(connection, order, book=desk.rules, now=desk.now())
    waits = gates.told(connection, order, now=desk.now())
    offer = desk.catalogue.get(order.zone)
    remains = remaining(
        connection,
        order,
        tariff=offer.prices if offer else {},
        rules=desk.rules.rules(order.zone, at=desk.now()),
        now=desk.now(),
    )
    return reading.portal_view(connection, order) | {
        "agreed": agreed_on,
        "waits": waits,
        "remains": remains,
    }


def _order(connection: Connection, order_id: int) -> Row[Any]:
    """Return a customer's order; one of our own (a lock that a claim asks for) is not the portal's to see (D9)."""
    order = reading.read(connection, order_id)
    if order is None or is_own(order):
        raise ProblemError(HTTPStatus.NOT_FOUND, "order_unknown", f"there is no order {order_id}")
    return order


def _reference(given: object) -> str | None:
    if not isinstance(given, dict):
        raise RequestRefusedError("not_an_object", "the cancellation must be a JSON object, or nothing")
    unknown = sorted(given.keys() - {"reference"})
    if unknown:
        raise RequestRefusedError("unknown_field", "a cancellation has a reference only", field=unknown[0])
    reference = given.get("reference")
    if reference is None:
        return None
    if (
        not isinstance(reference, str)
        or not 1 <= len(reference.strip()) <= 255
        or not reference.isprintable()
    ):
        raise RequestRefusedError(
            "field_invalid", "reference must be 1-255 printable characters of text", field="reference"
        )
    return reference.strip()


def actor(name: str) -> str:
    """Name who acts: it is the customer's wish, told by the holder of this API key."""
    return f"customer, by portal ({name})"
