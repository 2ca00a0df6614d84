"""How is a refusal said over HTTP? As a problem document (RFC 9457) with a stable code and words that say what to do.

The codes of the core pass through unchanged: an order is refused with the same code by HTTP, by file and by message.
"""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from adapters.portal.documents import Price
from registrar.customers.contacts import ContactRefusedError
from registrar.ledger import InsufficientBalanceError
from registrar.money import Money, MoneyError
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.lines import LineRefusedError
from registrar.orders.placing import KeyReusedError
from registrar.orders.requests import RequestRefusedError
from registrar.orders.states import MoveLostError
from registrar.secrets import KeyringError
from registrar.slips import SlipRefusedError
from registrar.strict_json import MalformedJsonError

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "5"
ORDERS = "/v1/orders"
"""Where orders are."""

_REQUEST_STATUSES: Mapping[str, HTTPStatus] = {
    "key_missing": HTTPStatus.BAD_REQUEST,
    "key_invalid": HTTPStatus.BAD_REQUEST,
}
"""What is wrong with the request as such; everything else is wrong with the order in it, 422."""

_ACT_STATUSES: Mapping[str, HTTPStatus] = {
    "order_unknown": HTTPStatus.NOT_FOUND,
    "domain_unknown": HTTPStatus.NOT_FOUND,
    "departure_unknown": HTTPStatus.NOT_FOUND,
    "look_failed": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Everything else is a conflict with what the order has become, 409."""


class Problem(BaseModel):
    """An answer that is not what was asked for (RFC 9457)."""

    type: str = Field(
        description="always about:blank: `code` tells the problems apart", default="about:blank"
    )
    title: str = Field(description="the status in words")
    status: int
    code: str = Field(description="stable, for programs")
    detail: str = Field(description="for people: what is wrong and what to do")
    field: str | None = Field(description="where in the request, as `price.amount`", default=None)
    price: Price | None = Field(
        default=None, description="of an order that is refused for its price: the one that would stand"
    )
    order: int | None = Field(
        description="with key_reused: the order that the key stands for, also at Location", default=None
    )


class ProblemError(Exception):
    """A request that is answered with a problem."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        order: int | None = None,
        price: Money | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.field = field
        self.order = order
        self.price = price
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Return the answer."""
        document = Problem(
            title=self.status.phrase,
            status=self.status,
            code=self.code,
            detail=str(self),
            field=self.field,
            order=self.order,
            price=Price(amount=self.price.amount, currency=self.price.currency) if self.price else None,
        )
        return JSONResponse(
            document.model_dump(exclude_none=True),
            status_code=self.status,
            headers=self.headers,
            media_type=MEDIA_TYPE,
        )


def install(app: FastAPI) -> None:
    """Answer every error of the core and of the framework with a problem."""
    for error, told in _TOLD.items():
        app.add_exception_handler(error, _answering(told))


def unavailable(detail: str) -> ProblemError:
    """Return the problem of something behind us that does not answer now."""
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", detail, headers={"Retry-After": RETRY_AFTER_SECONDS}
    )


def order_address(order_id: int) -> str:
    """Return where an order is read."""
    return f"{ORDERS}/{order_id}"


def _answering(
    told: Callable[[Exception], ProblemError],
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(_request: Request, error: Exception) -> Response:
        return told(error).response()

    return answer


def _itself(error: Exception) -> ProblemError:
    assert isinstance(error, ProblemError)
    return error


def _malformed(error: Exception) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, MalformedJsonError.code, str(error))


def _request_refused(error: Exception) -> ProblemError:
    assert isinstance(error, RequestRefusedError)
    status = _REQUEST_STATUSES.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY)
    return ProblemError(status, error.code, str(error), field=error.field, price=error.price)


def _contact_refused(error: Exception) -> ProblemError:
    assert isinstance(error, ContactRefusedError)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, error.code, str(error), field=error.field)


def _key_reused(error: Exception) -> ProblemError:
    assert isinstance(error, KeyReusedError)
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "key_reused",
        str(error),
        field="key",
        order=error.order_id,
        headers={"Location": order_address(error.order_id)},
    )


def _insufficient(error: Exception) -> ProblemError:
    return ProblemError(HTTPStatus.PAYMENT_REQUIRED, "insufficient_balance", str(error), field="payment")


def _act_refused(error: Exception) -> ProblemError:
    assert isinstance(error, ActRefusedError)
    return ProblemError(_ACT_STATUSES.get(error.code, HTTPStatus.CONFLICT), error.code, str(error))


def _not_now(error: Exception) -> ProblemError:
    assert isinstance(error, LineRefusedError | SlipRefusedError)
    return ProblemError(HTTPStatus.CONFLICT, error.code, str(error))


def _money_invalid(error: Exception) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "currency_wrong", str(error), field="currency")


def _moved_meanwhile(error: Exception) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, "moved_meanwhile", f"{error}: read it again")


def _database_away(error: Exception) -> ProblemError:
    log.warning("database unavailable", error=type(error).__name__)
    return unavailable("the books cannot be reached now: send it again, an order with the same key")


def _sealed_lost(error: Exception) -> ProblemError:
    log.error("sealed value cannot be opened", error=str(error))
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "sealed_lost",
        f"{error}: our staff must put that key back into REGISTRAR_SECRET_KEYS, or refuse and credit the order",
    )


def _parameter(error: Exception) -> ProblemError:
    """Say which parameter is wrong; a path that cannot name anything names nothing."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place, name = first["loc"][0], ".".join(str(part) for part in first["loc"][1:])
    if place == "path":
        return ProblemError(HTTPStatus.NOT_FOUND, "not_found", "there is nothing at this address")
    return ProblemError(HTTPStatus.BAD_REQUEST, "parameter_invalid", f"{name}: {first['msg']}", field=name)


def _of_framework(error: Exception) -> ProblemError:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code, detail = {
        HTTPStatus.NOT_FOUND: (
            "not_found",
            "there is nothing at this address; /openapi.json lists what there is",
        ),
        HTTPStatus.METHOD_NOT_ALLOWED: (
            "method_not_allowed",
            "this address does not take this method; see Allow",
        ),
    }.get(status, (status.phrase.lower().replace(" ", "_"), str(error.detail)))
    return ProblemError(status, code, detail, headers=error.headers)


def _unforeseen(error: Exception) -> ProblemError:
    log.error("request failed", error=type(error).__name__)
    return ProblemError(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "the fault is on our side; an order may be sent again with the same key",
    )


_TOLD: Mapping[type[Exception], Callable[[Exception], ProblemError]] = {
    ProblemError: _itself,
    MalformedJsonError: _malformed,
    RequestRefusedError: _request_refused,
    ContactRefusedError: _contact_refused,
    KeyReusedError: _key_reused,
    InsufficientBalanceError: _insufficient,
    ActRefusedError: _act_refused,
    LineRefusedError: _not_now,
    SlipRefusedError: _not_now,
    MoneyError: _money_invalid,
    MoveLostError: _moved_meanwhile,
    KeyringError: _sealed_lost,
    OperationalError: _database_away,
    InterfaceError: _database_away,
    PoolTimeoutError: _database_away,
    RequestValidationError: _parameter,
    HTTPException: _of_framework,
    Exception: _unforeseen,
}
