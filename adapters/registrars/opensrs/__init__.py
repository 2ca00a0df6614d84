"""How is OpenSRS (Tucows) spoken to? Signed XML in an HTTPS POST, one command a request (facts §3).

The room is laid out as: `settings` (the section of configuration), `envelope` and `signing` (the wire's form, both
pure), `requests` and `contacts` (what is asked, in OpenSRS's words), `reading` (what an answer's attributes say),
`codes` and `outcomes` (what an answer means, as tables), `conversation` (one request, one answer, a redacted transcript
of both), `questions` (what can be asked without changing anything), `looking` (questions become a sighting), `saved`
(orders that OpenSRS keeps unpaid), `spending` and `updating` (commands and errands), `redacting`, and `gateway`, which
puts them together.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from adapters.registrars.opensrs.gateway import OpenSrsGateway
from adapters.registrars.opensrs.settings import read_settings
from registrar.gateway import Gateway

__all__ = ["make"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def make(name: str, section: Mapping[str, object], *, now: Callable[[], datetime] = _utc_now) -> Gateway:
    """Make the gateway of one configured OpenSRS account (a `GatewayFactory`).

    `now` is the wall clock in aware UTC, for the time of a look. Raises ValueError that names each key of `section`
    that is missing, unknown or unusable.
    """
    return OpenSrsGateway(name, read_settings(name, section), now=now)
