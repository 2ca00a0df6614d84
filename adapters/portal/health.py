"""Is this process alive, and can it do its work? For supervisors and load balancers; no API key is asked for."""

from typing import Literal

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError

from adapters.portal import documents
from adapters.portal.callers import TheDesk
from adapters.portal.description import problems
from adapters.portal.problems import unavailable

router = APIRouter(tags=["health"])

_OK: dict[Literal["status"], Literal["ok"]] = {"status": "ok"}


@router.get("/healthz", response_model=documents.Health, summary="Alive", responses=problems(public=True))
async def healthz() -> dict[Literal["status"], Literal["ok"]]:
    """Answer, and ask nobody."""
    return _OK


@router.get(
    "/readyz",
    response_model=documents.Health,
    summary="Ready for orders",
    responses=problems({503: "unavailable"}, public=True),
)
def readyz(desk: TheDesk) -> dict[Literal["status"], Literal["ok"]]:
    """Ask the database, and whether its schema is the one this version needs."""
    try:
        current = desk.database.is_current()
    except SQLAlchemyError as error:
        raise unavailable("the database does not answer") from error
    if not current:
        raise unavailable("the database's schema is not of this version: run `registrar db upgrade`")
    return _OK
