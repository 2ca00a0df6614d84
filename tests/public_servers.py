"""Where do very many looks go? To the public record's servers in a process of their own, so that the CPU measured is ours alone."""

import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from adapters.sandbox.public import Limit, Manners, Record, Summary
from adapters.sandbox.rdap import RdapSandbox
from adapters.sandbox.tls import make_certificates
from adapters.sandbox.whois import WhoisSandbox

_START_SECONDS = 60.0
_SPAWNED = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class PublicServer:
    """One server: its record and manners are named functions or values, which another process can be handed.

    `tls`: the folder of its certificates, for RDAP; without one it speaks plain HTTP.
    """

    record: Record
    manners: Manners | None = None
    limit: Limit | None = None
    latency: float = 0.0
    tls: Path | None = None


class PublicServers:
    """Several of them, by name; `rdap…` speak RDAP, all others WHOIS."""

    def __init__(self, places: Mapping[str, str], line: "Connection[Any, Any]") -> None:
        self.places = places
        self._line = line

    def summary(self, name: str) -> Summary:
        """Return what one of them has seen until now."""
        self._line.send(name)
        told = self._line.recv()
        assert isinstance(told, Summary)
        return told


@contextmanager
def public_servers(servers: Mapping[str, PublicServer]) -> Iterator[PublicServers]:
    """Serve them until the block ends."""
    ours, theirs = _SPAWNED.Pipe()
    process = _SPAWNED.Process(target=_serve, args=(dict(servers), theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(_START_SECONDS):
            raise TimeoutError("the public servers did not start")
        yield PublicServers(ours.recv(), ours)
    finally:
        process.terminate()
        process.join()
        process.close()
        ours.close()
        theirs.close()


def rdap_settings(servers: PublicServers, zones: Mapping[str, str], **more: object) -> dict[str, Any]:
    """Return the settings that lead each zone to one of them by RDAP."""
    overrides = {
        zone: {
            "url": servers.places[name],
            "authoritative": True,
            "allow_http": servers.places[name].startswith("http:"),
        }
        for zone, name in zones.items()
    }
    return {"overrides": overrides, **more}


def _serve(wanted: Mapping[str, PublicServer], line: "Connection[Any, Any]") -> None:
    servers: dict[str, RdapSandbox | WhoisSandbox] = {
        name: _server(name, server) for name, server in wanted.items()
    }
    with ExitStack() as stack:
        for server in servers.values():
            stack.enter_context(server)
        line.send({name: _place(server) for name, server in servers.items()})
        while True:
            line.send(servers[line.recv()].arrivals.summary())


def _server(name: str, server: PublicServer) -> RdapSandbox | WhoisSandbox:
    if not name.startswith("rdap"):
        return WhoisSandbox(server.record, manners=server.manners, limit=server.limit, latency=server.latency)
    certificates = make_certificates(server.tls) if server.tls else None
    return RdapSandbox(
        server.record,
        manners=server.manners,
        limit=server.limit,
        latency=server.latency,
        certificates=certificates,
    )


def _place(server: RdapSandbox | WhoisSandbox) -> str:
    return server.url if isinstance(server, RdapSandbox) else server.place
