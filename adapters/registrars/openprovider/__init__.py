"""How is Openprovider spoken to? JSON over HTTPS, under a bearer token that a login gives (facts §4).

The room is laid out as: `settings` (the section of configuration), `encoding` (each question as a request), `envelope`
(what every answer is wrapped in), `reading` (what stands inside), `dates`, `redacting`, `conversation` (the token, and
one question at a time), `outcomes` (a code's meaning, as a table), `contacts` (handles), `statements` (transactions),
`prices` (the order's ceiling), `looking`, `spending`, `updating`, and `gateway`, which puts them together.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from adapters.registrars.openprovider.gateway import OpenproviderGateway
from adapters.registrars.openprovider.settings import read_settings
from registrar.gateway import Gateway

__all__ = ["make"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def make(name: str, section: Mapping[str, object], *, now: Callable[[], datetime] = _utc_now) -> Gateway:
    """Make the gateway of one configured Openprovider account (a `GatewayFactory`).

    `now` is the wall clock in aware UTC, for a sighting's date and for whether a deleted name can still be restored.
    Raises ValueError that names each key of `section` that is missing, unknown or unusable.
    """
    return OpenproviderGateway(name, read_settings(name, section), now=now)
