"""What may be set of the look-ups by RDAP? One section of configuration, checked as a whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from adapters.lookups.pace import Budget
from registrar.names import zone_of

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Zone = Annotated[str, BeforeValidator(lambda text: zone_of(str(text)))]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Override(_Section):
    """The server of one zone, instead of IANA's.

    `url` is its base, without one nobody is asked for the zone. `authoritative`: it is the registry's own, so that what it
    does not know is not registered; say so only of one that IANA's list leaves out. `allow_http` is for this machine only.
    """

    url: str | None = None
    authoritative: bool = False
    allow_http: bool = False


class RdapSettings(_Section):
    """How RDAP servers are found and asked.

    `bootstrap_file` is IANA's list (data.iana.org/rdap/dns.json), kept by the operators; nothing is fetched. `overrides`
    are by zone. `redirect_hosts` may be redirected to from anywhere (`rdap.example.net`, or with `:port`): what they do not
    know proves nothing. `budgets` are by server, written alike; `budget` is for all others, `most_in_flight` for all
    together. A server that asks to be left alone without saying how long, or was silent `silences_before_pause` times in a row,
    is left alone for `pause_seconds`, and none for more than `longest_pause_seconds`. `ca_file` replaces the public certificate authorities.
    """

    bootstrap_file: Path | None = None
    overrides: Mapping[Zone, Override] = Field(default_factory=dict)
    redirect_hosts: frozenset[str] = frozenset()
    budget: Budget = Budget()
    budgets: Mapping[str, Budget] = Field(default_factory=dict)
    most_in_flight: int = Field(default=512, ge=1)
    ca_file: Path | None = None
    connect_timeout_seconds: Seconds = 5
    call_timeout_seconds: Seconds = 20
    max_answer_bytes: int = Field(default=262_144, ge=1)
    silences_before_pause: int = Field(default=10, ge=1)
    pause_seconds: Seconds = 60
    longest_pause_seconds: Seconds = 3600
