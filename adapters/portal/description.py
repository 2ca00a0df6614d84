"""What does the API say of itself? OpenAPI 3.1, with the problems each endpoint answers and the bodies the core reads."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from adapters.portal.documents import SENT
from adapters.portal.problems import MEDIA_TYPE, Problem

_REF = "#/components/schemas/{model}"
_UNDECLARED: tuple[type[BaseModel], ...] = (*SENT, Problem)
_ALWAYS = {413: "body_too_large", 500: "internal_error"}
_OF_CALLERS = {401: "unauthenticated", 403: "scope_missing"}
_OF_THE_DATABASE = {503: "unavailable: send it again after Retry-After"}


def problems(
    answers: dict[int, str] | None = None, *, public: bool = False
) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's words for an endpoint's problems: by status, which codes it may have.

    Those that every endpoint has are added; `public` are those that ask for no API key.
    """
    told = _ALWAYS | ({} if public else _OF_CALLERS | _OF_THE_DATABASE) | (answers or {})
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model=Problem.__name__)}}}
    return {status: {"description": codes, "content": content} for status, codes in sorted(told.items())}


def describe(app: FastAPI) -> None:
    """Let the application describe itself with everything that it really takes and answers."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            _, defined = models_json_schema(
                [(model, "validation") for model in _UNDECLARED], ref_template=_REF
            )
            schemas = described.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(defined["$defs"])
            _take_out_what_is_never_answered(described)
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the description


def _take_out_what_is_never_answered(described: dict[str, Any]) -> None:
    """Take out the framework's own form of a wrong parameter: ours are problems like all others."""
    for operation in (one for methods in described["paths"].values() for one in methods.values()):
        answers = operation["responses"]
        if MEDIA_TYPE not in answers.get("422", {}).get("content", {MEDIA_TYPE: None}):
            del answers["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)
