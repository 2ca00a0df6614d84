"""How much of a request is read, and as what? At most so many bytes, counted while they come in, and only as JSON."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.portal.problems import ProblemError

JSON = "application/json"
_READ_ON = 8
"""A body so many times too large is still read to its end, so that its sender reads our answer before the line goes."""


class BodyLimit:
    """Refuses a request whose body is larger than `most` bytes, whether or not it says so beforehand."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, then let the application have it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(scope, receive)
        except ProblemError as problem:
            await problem.response()(scope, receive, send)
            return
        if body is not None:
            await self._app(scope, _replaying(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body, or None if the client went away."""
        if _declared(scope) > self._most * _READ_ON:
            raise self._too_large()
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            part = message.get("body", b"")
            size += len(part)
            if size <= self._most:
                parts.append(part)
            if size > self._most * _READ_ON or (size > self._most and not message.get("more_body")):
                raise self._too_large()
            if not message.get("more_body"):
                return b"".join(parts)

    def _too_large(self) -> ProblemError:
        return ProblemError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body_too_large",
            f"a body has at most {self._most} bytes; place orders one by one, or many of them by file",
            headers={"Connection": "close"},
        )


def _declared(scope: Scope) -> int:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Hand on what was read, once; what comes after it is the connection's end."""
    unread = [body]

    async def replay() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return replay


async def _json_bytes(request: Request) -> bytes:
    """Return the body of a request that says it is JSON."""
    media_type, _, parameters = request.headers.get("Content-Type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != JSON or charset not in ("", "charset=utf-8"):
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "content_type_wrong",
            f"send JSON in UTF-8, with the header Content-Type: {JSON}",
        )
    return await request.body()


async def _any_bytes(request: Request) -> bytes:
    """Return the body of a request that may have none."""
    return await _json_bytes(request) if await request.body() else b""


JsonBytes = Annotated[bytes, Depends(_json_bytes)]
OptionalJsonBytes = Annotated[bytes, Depends(_any_bytes)]
