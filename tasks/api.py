"""How is the API served? One process, plain threads, loopback unless told; SIGTERM lets requests finish."""

import structlog
import uvicorn

from adapters.portal.app import create_app
from config.settings import Settings
from tasks.desk import make_desk
from tasks.wiring import keep_rules, open_house

log = structlog.get_logger()

FINISH_SECONDS = 10


def run(settings: Settings, *, host: str | None = None, port: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT; host and port override the settings."""
    house = open_house(settings)
    keep_rules(house.database, house.rules)
    app = create_app(make_desk(house), max_body_bytes=settings.api.max_body_bytes)
    address = (host or settings.api.host, settings.api.port if port is None else port)
    log.info("api starting", host=address[0], port=address[1])
    try:
        uvicorn.run(
            app,
            host=address[0],
            port=address[1],
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=FINISH_SECONDS,
        )
    finally:
        house.close()
