"""How is the API put together? The core's functions behind it, at the `Desk`; the limits and the log around it."""

from importlib.metadata import version

from fastapi import FastAPI

from adapters.desk import Desk
from adapters.portal import (
    contacts,
    customers,
    departures,
    health,
    holdings,
    orders,
    owing,
    problems,
    quotes,
    reports,
)
from adapters.portal.access_log import AccessLog
from adapters.portal.bodies import BodyLimit
from adapters.portal.description import describe

_DESCRIPTION = """\
Orders to register, renew and transfer domain names. An order is answered with 202 once it is in the books; read its
Location, or ask by its key, to see what becomes of it. Refusals are problem documents (RFC 9457) with a stable `code`."""


def create_app(desk: Desk, *, max_body_bytes: int) -> FastAPI:
    """Return the application; serve it with the server's own access log off, ours has no queries in it."""
    app = FastAPI(
        title="registrar",
        version=version("registrar"),
        description=_DESCRIPTION,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.desk = desk
    problems.install(app)
    for router in (
        orders.router,
        quotes.router,
        reports.router,
        customers.router,
        owing.router,
        holdings.router,
        contacts.router,
        departures.router,
        health.router,
    ):
        app.include_router(router)
    app.add_middleware(BodyLimit, most=max_body_bytes)
    app.add_middleware(AccessLog)
    describe(app)
    return app
