"""How is IRNIC spoken to? EPP-shaped XML in an HTTPS POST, one command a request, with a nightly closure.

The rooms: `settings` (the section of configuration); `contract` and `conversation` (one document sent over the HTTPS
that all web registrars share, and what came of it), with `hours` and `redacting`; `encoding` and `reading` (XML, both
pure); `progress` (what IRNIC's statuses decide), `outcomes` (a result code's meaning, as a table), `limits` and `cards`
(what IRNIC does not take), `contacts` (who stands where), `steps` (a question before a command that fails).

One module for each thing that is asked of it: `registering`, `renewing`, `holders`, `updating`, `deleting`, `handles`;
`looking`, `messages` and `statements` for what is read. `gateway` puts them together.
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
