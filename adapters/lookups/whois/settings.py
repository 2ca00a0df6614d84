"""What may be set of the look-ups by WHOIS? One section of configuration, checked as a whole; it works as it stands."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from adapters.lookups.pace import Budget
from registrar.names import host_name, zone_of

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Zone = Annotated[str, BeforeValidator(lambda text: zone_of(str(text)))]
Host = Annotated[str, BeforeValidator(lambda text: host_name(str(text)))]

SERVERS: Mapping[str, str] = {
    "ir": "whois.nic.ir",
    "xn--mgba3a4f16a": "whois.nic.ir",
    "com": "whois.verisign-grs.com",
    "net": "whois.verisign-grs.com",
    "org": "whois.publicinterestregistry.org",
    "info": "whois.nic.info",
    "biz": "whois.nic.biz",
    "io": "whois.nic.io",
    "me": "whois.nic.me",
    "us": "whois.nic.us",
    "xyz": "whois.nic.xyz",
    "de": "whois.denic.de",
    "eu": "whois.eu",
    "nl": "whois.domain-registry.nl",
    "uk": "whois.nic.uk",
}
"""The registries' own servers. A zone below one of these (`co.ir`) is asked for at the same place."""


def split_place(place: str) -> tuple[str, int]:
    """Return the host and the port of `host:port`; raises `ValueError` for what is none."""
    host, _, port = place.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{place!r} is no place of a server; write it as 127.0.0.1:4343")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _place(place: str) -> str:
    split_place(place)
    return place


class WhoisSettings(BaseModel):
    """How WHOIS servers are found and asked.

    `servers` names the registry's server by zone, over the ones in `SERVERS`. `addresses` says where one stands in another
    place than the DNS says, as `host:port`: a proxy, a test. `directory` is asked, once, which server an unlisted zone has;
    without one such names are not asked for. `budgets` are by server, `budget` is for all others, `most_in_flight` for all
    together. A server that says that its limit is reached is left alone for `pause_seconds`, and so is one that says nothing
    `silences_before_pause` times in a row. The `parser_` limits are for one text in one child process.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    servers: Mapping[Zone, Host] = Field(default_factory=dict)
    addresses: Mapping[Host, Annotated[str, AfterValidator(_place)]] = Field(default_factory=dict)
    directory: Host | None = "whois.iana.org"
    port: int = Field(default=43, ge=1, le=65535)
    budget: Budget = Budget()
    budgets: Mapping[Host, Budget] = Field(default_factory=dict)
    most_in_flight: int = Field(default=512, ge=1)
    connect_timeout_seconds: Seconds = 5
    call_timeout_seconds: Seconds = 15
    max_answer_bytes: int = Field(default=262_144, ge=1)
    pause_seconds: Seconds = 60
    silences_before_pause: int = Field(default=5, ge=1)
    parser_processes: int = Field(default=2, ge=1)
    parser_seconds: Seconds = 3
    parser_memory_bytes: int = Field(default=268_435_456, ge=67_108_864)

    def server_of(self, zone: str) -> str | None:
        """Return the server of a zone, or of the zone that it lies in; None where neither is listed."""
        known = {**SERVERS, **self.servers}
        labels = zone.split(".")
        zones = (".".join(labels[start:]) for start in range(len(labels)))
        return next((known[one] for one in zones if one in known), None)

    def knows(self, host: str) -> bool:
        """Tell whether staff named a host; any other must stand at a public address."""
        named = {*SERVERS.values(), *self.servers.values(), *self.addresses, self.directory}
        return host in named

    def budget_of(self, host: str) -> Budget:
        """Return how much a server may be asked for."""
        return self.budgets.get(host, self.budget)
