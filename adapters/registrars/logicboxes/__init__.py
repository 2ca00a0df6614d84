"""How is a ResellerClub / LogicBoxes reseller account spoken to? Form posts and JSON; facts §2.

The room is laid out as: `settings` (the section of configuration), `asking` (each question and command as parameters,
pure), `reading` (what an answer says, pure), `actions` (how far the platform says an order is), `outcomes` (what an
error text means), `conversation` (one exchange, with its transcript), `redacting`, `looking` (a look becomes a
sighting), `contacts` and `preparing` (what comes before a command: people, prices), `updating` (the errands), and
`gateway`, which puts them together.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from adapters.registrars.logicboxes.gateway import LogicBoxesGateway
from adapters.registrars.logicboxes.settings import read_settings
from registrar.gateway import Gateway

__all__ = ["make"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def make(name: str, section: Mapping[str, object], *, now: Callable[[], datetime] = _utc_now) -> Gateway:
    """Make the gateway of one configured reseller account (a `GatewayFactory`).

    `now` is the wall clock in aware UTC, for the time of a look. Raises ValueError that names each key of `section`
    that is missing, unknown or unusable.
    """
    return LogicBoxesGateway(name, read_settings(name, section), now=now)
