"""How does a portal ask that a name leaves, follow it, and get its code? Everything here is the core's; this says it in HTTP (D7)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from sqlalchemy import Connection, Row

from adapters.codes import hand_out
from adapters.desk import Desk
from adapters.portal import documents
from adapters.portal.bodies import JsonBytes
from adapters.portal.callers import DEPARTURES_HOLDER, DeparturesHolder, TheDesk
from adapters.portal.description import problems
from adapters.portal.problems import ProblemError, unavailable
from registrar import departures
from registrar.errands import ErrandRefusedError
from registrar.gateway import GatewayUnavailableError
from registrar.names import DomainName, NameRefusedError
from registrar.orders.by_hand import ActRefusedError
from registrar.strict_json import read_json

router = APIRouter(prefix="/v1", tags=["departures"], dependencies=[Depends(DEPARTURES_HOLDER)])

Name = Annotated[str, Path(min_length=1, max_length=255, description="the name, in any script")]
DepartureId = Annotated[int, Path(ge=1, lt=2**63)]
_WISH = (
    "channel_not_valid: ask by one of the channels that it names; field_missing, field_invalid, unknown_field, "
    "not_an_object, time_invalid"
)
_CODE = (
    "not_unlocked: ask again in a few minutes; code_given: it was handed out, once; no_code: none is needed here; "
    "departure_denied: a ground has come up; not_now, moved_meanwhile, auth_code_not_shown, auth_code_not_set, "
    "credentials_refused: our staff must act first"
)


@router.post(
    "/domains/{name}/departures",
    status_code=HTTPStatus.CREATED,
    response_model=documents.Departure,
    summary="Ask that a name leaves for a panel outside",
    responses={
        201: {"description": "it is in the books: under way, or `denied` with its ground"},
        200: {"model": documents.Departure, "description": "one is under way already: this is it"},
        **problems(
            {
                400: "malformed_json",
                404: "domain_unknown",
                409: "registrar_disabled",
                415: "content_type_wrong",
                422: _WISH,
            }
        ),
    },
    openapi_extra=documents.sent(documents.DepartureSent),
)
def request_departure(
    response: Response, desk: TheDesk, caller: DeparturesHolder, name: Name, body: JsonBytes
) -> dict[str, Any]:
    """Take the customer's wish. The company has no right to prevent it: it is denied on one of the named grounds only."""
    now = desk.now()
    wish = departures.parse_wish(
        read_json(body), domain=_ascii(desk, name), actor=f"customer, by portal ({caller.name})", now=now
    )
    with desk.database.transaction() as connection:
        departure_id, repeated = departures.request(
            connection, wish, terms=desk.terms, rules=desk.rules, now=now
        )
        answer = departures.customer_view(connection, _row(connection, departure_id), now=now)
    if repeated:
        response.status_code = HTTPStatus.OK
    response.headers["Location"] = f"/v1/departures/{departure_id}"
    return answer


@router.get(
    "/domains/{name}/departures",
    response_model=documents.Departures,
    summary="List a name's departures",
    responses=problems({404: "domain_unknown"}),
)
def list_departures(desk: TheDesk, name: Name) -> dict[str, Any]:
    """Return them, the oldest first."""
    with desk.database.reading() as connection:
        found = departures.list_departures(connection, domain=_ascii(desk, name))
        return {
            "departures": [
                departures.customer_view(connection, row, now=desk.now())
                for row in found
                if row.state != "barred"
            ]
        }


@router.get(
    "/departures/{departure_id:int}",
    response_model=documents.Departure,
    summary="Read a departure",
    responses=problems({404: "departure_unknown"}),
)
def read_departure(desk: TheDesk, departure_id: DepartureId) -> dict[str, Any]:
    """Return the departure as it stands."""
    with desk.database.reading() as connection:
        return departures.customer_view(connection, _row(connection, departure_id), now=desk.now())


@router.post(
    "/departures/{departure_id:int}/code",
    response_model=documents.AuthCode,
    summary="Be handed the auth code, once",
    responses=problems(
        {404: "departure_unknown", 409: _CODE, 503: "unavailable: ask again after Retry-After"}
    ),
)
def give_code(
    response: Response, desk: TheDesk, caller: DeparturesHolder, departure_id: DepartureId
) -> dict[str, Any]:
    """Hand the code out for the registrant, and for nobody else. It is kept nowhere: show it to him, and forget it."""
    try:
        code = hand_out(desk, departure_id, actor=f"customer, by portal ({caller.name})", ticket=None)
    except ErrandRefusedError as refused:
        raise ProblemError(
            HTTPStatus.CONFLICT, refused.code, "our staff must act first: ask through support"
        ) from refused
    except GatewayUnavailableError as error:
        raise unavailable("the registrar did not give the code: ask again") from error
    response.headers["Cache-Control"] = "no-store"
    return {
        "departure": departure_id,
        "way": code.way,
        "auth_code": code.value.reveal() if code.value else None,
        "recipient": "registrant",
    }


def _ascii(desk: Desk, name: str) -> str:
    try:
        return DomainName.parse(name, zones=desk.catalogue.keys()).ascii
    except NameRefusedError as error:
        raise ActRefusedError("domain_unknown", str(error)) from error


def _row(connection: Connection, departure_id: int) -> Row[Any]:
    row = departures.read(connection, departure_id)
    if row is None or row.state == "barred":
        raise ActRefusedError("departure_unknown", f"there is no departure {departure_id}")
    return row
