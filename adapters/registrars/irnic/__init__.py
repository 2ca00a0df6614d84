"""How is IRNIC spoken to? EPP-shaped XML in an HTTPS POST, one command a request, with a nightly closure.

The room is laid out as: `settings` (the section of configuration), `wire` (the one place that touches a socket),
`encoding` and `reading` (XML, both pure), `progress` (what IRNIC's statuses decide), `contacts` (who stands where),
`outcomes` (a result code's meaning, as a table), `limits` (what IRNIC does not take), `steps` and `updating` (what
comes before a command), `redacting`, `hours`, and `gateway`, which puts them together.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from adapters.registrars.irnic.gateway import IrnicGateway
from adapters.registrars.irnic.settings import read_settings
from registrar.gateway import Gateway

__all__ = ["make"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def make(name: str, section: Mapping[str, object], *, now: Callable[[], datetime] = _utc_now) -> Gateway:
    """Make the gateway of one configured IRNIC contract (a `GatewayFactory`).

    `now` is the wall clock in aware UTC, by which the closed hours are kept. Raises ValueError that names each key of
    `section` that is missing, unknown or unusable.
    """
    return IrnicGateway(name, read_settings(name, section), now=now)
