"""What is kept of a request? One line: what was asked of which address, and how it ended; no header, query or body.

The line carries the request's id, which the caller may give (`X-Request-ID`) and gets back.
"""

import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

REQUEST_ID = "X-Request-ID"
_HARMLESS = re.compile(r"[A-Za-z0-9._:-]{1,64}")


class AccessLog:
    """Writes the line when the answer is complete, or failed. The server's own access log, with its queries, stays off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and watch how it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        status = 500
        begun = perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                seconds=round(perf_counter() - begun, 4),
                request_id=request_id,
            )


def _request_id(scope: Scope) -> str:
    """Take the caller's id if it can stand in a log line; else make one."""
    given = Headers(scope=scope).get(REQUEST_ID, "")
    return given if _HARMLESS.fullmatch(given) else uuid4().hex
