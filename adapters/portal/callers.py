"""Who calls, and may they? An API key as a bearer token (RFC 6750), with the scope that the endpoint asks for."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from adapters.desk import Desk
from adapters.portal.problems import ProblemError
from registrar.access import Caller, Scope, check
from registrar.secrets import Secret

_CHALLENGE = 'Bearer realm="registrar"'

_bearer = HTTPBearer(
    auto_error=False, scheme_name="ApiKey", description="an API key; `registrar keys issue` makes one"
)


async def the_desk(request: Request) -> Desk:
    """Return what the wiring handed us."""
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(the_desk)]


class Holder:
    """Asks for an API key that has a scope."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __call__(
        self, desk: TheDesk, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Caller:
        """Return the caller, or refuse."""
        if credentials is None:
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "unauthenticated",
                "send an API key, as Authorization: Bearer rgk_…",
                headers={"WWW-Authenticate": _CHALLENGE},
            )
        with desk.database.reading() as connection:
            caller = check(connection, Secret(credentials.credentials))
        if caller is None:
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "unauthenticated",
                "this API key is not known, or was revoked",
                headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'},
            )
        if not caller.may(self._scope):
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "scope_missing",
                f"this API key does not have the scope {self._scope}",
                headers={
                    "WWW-Authenticate": f'{_CHALLENGE}, error="insufficient_scope", scope="{self._scope}"'
                },
            )
        return caller


WRITER, ORDER_READER, LEDGER_READER = (
    Holder(Scope.ORDERS_WRITE),
    Holder(Scope.ORDERS_READ),
    Holder(Scope.LEDGER_READ),
)
"""Who an endpoint is for."""

SLIPS_HOLDER = Holder(Scope.SLIPS)
SlipsHolder = Annotated[Caller, Depends(SLIPS_HOLDER)]

DEPARTURES_HOLDER = Holder(Scope.DEPARTURES)
DeparturesHolder = Annotated[Caller, Depends(DEPARTURES_HOLDER)]

CONTACTS_HOLDER = Holder(Scope.CONTACTS)
ContactsHolder = Annotated[Caller, Depends(CONTACTS_HOLDER)]

Writer = Annotated[Caller, Depends(WRITER)]
"""The caller, where it matters who it is."""
