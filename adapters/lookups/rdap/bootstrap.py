"""Which server is a name's registry's? IANA's list says (RFC 9224), or an override; who is in neither is not guessed at."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from adapters.lookups.rdap.settings import Override
from registrar.names import DomainName
from registrar.strict_json import MalformedJsonError, read_json

_PORTS = {"https": 443, "http": 80}


class BootstrapError(ValueError):
    """A list or an override that cannot be used; the message says what is wrong with it."""


class NoServerError(Exception):
    """There is nobody to ask for a name; the message says it."""


@dataclass(frozen=True, slots=True)
class Server:
    """Whom to ask for the names of a zone.

    `base` is put before `domain/<name>`. `origins` (`host:port`) are those named for the zone, `base`'s the first.
    `authoritative`: the registry's own, as IANA names it, or staff.
    """

    base: str
    origins: tuple[str, ...]
    authoritative: bool


class Directory:
    """The servers of all zones that have one; made once, and never changed."""

    def __init__(self, listed: Mapping[str, Server], *, silent: Mapping[str, str]) -> None:
        self._listed = dict(listed)
        self._silent = dict(silent)

    @classmethod
    def read(cls, bootstrap_file: Path | None, overrides: Mapping[str, Override]) -> "Directory":
        """Read IANA's list and put the overrides over it; raises `BootstrapError`, `OSError` for a file that is not there."""
        listed: dict[str, Server] = {}
        silent: dict[str, str] = {}
        for zone, urls in _services(bootstrap_file.read_bytes()) if bootstrap_file else ():
            safe = [url for url in urls if url.lower().startswith("https:")]
            if safe:
                listed[zone] = _server(safe, authoritative=True)
            else:
                silent[zone] = f"the RDAP server for {zone} speaks no HTTPS"
        for zone, override in overrides.items():
            listed.pop(zone, None)
            silent.pop(zone, None)
            if override.url is None:
                silent[zone] = f"no RDAP server for {zone}: it is switched off here"
            else:
                _insist_safe(zone, override)
                listed[zone] = _server([override.url], authoritative=override.authoritative)
        return cls(listed, silent=silent)

    def server_for(self, domain: DomainName) -> Server:
        """Return the server of the longest zone listed that the name lies in (RFC 9224 §4); raises `NoServerError`."""
        labels = domain.ascii.split(".")
        for start in range(1, len(labels)):
            zone = ".".join(labels[start:])
            if zone in self._silent:
                raise NoServerError(self._silent[zone])
            if zone in self._listed:
                return self._listed[zone]
        raise NoServerError(f"no RDAP server for {labels[-1]}")


def origin_of(url: str) -> str:
    """Return `host:port` of an address; raises `BootstrapError` for one that is no plain address of a server."""
    parts = _split(url)
    return f"{(parts.hostname or '').rstrip('.')}:{parts.port or _PORTS[parts.scheme]}"


def origin_named(text: str) -> str:
    """Return `host:port` for what an operator wrote: a host alone means HTTPS's own port. Raises `BootstrapError`."""
    if "/" in text:
        raise BootstrapError(f"{text!r} is no host; write it as rdap.example.net, or with :port")
    return origin_of(f"https://{text}")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = parts.scheme in _PORTS and parts.hostname and parts.port != 0
    except ValueError as error:
        raise BootstrapError(f"{url!r} is no address of a server") from error
    if not known or parts.username is not None or not url.isascii() or not url.isprintable() or " " in url:
        raise BootstrapError(f"{url!r} is no address of a server")
    return parts


def _server(urls: list[str], *, authoritative: bool) -> Server:
    for url in urls:
        if "?" in url or "#" in url:
            raise BootstrapError(f"{url!r} is no base: a name is to be put behind it")
    base = urls[0] if urls[0].endswith("/") else f"{urls[0]}/"
    return Server(base, tuple(dict.fromkeys(map(origin_of, urls))), authoritative)


def _insist_safe(zone: str, override: Override) -> None:
    """Refuse plain HTTP but to this machine itself: what a stranger on the way can write is no evidence."""
    parts = _split(override.url or "")
    if parts.scheme == "https":
        return
    if not override.allow_http or not _is_this_machine(parts.hostname or ""):
        raise BootstrapError(
            f"the RDAP server for {zone} must be asked by https (http only on this machine, allowed)"
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _services(body: bytes) -> Iterator[tuple[str, list[str]]]:
    """Yield each zone of IANA's list with its servers. A list that is damaged anywhere is not used at all."""
    try:
        listed = read_json(body)
    except MalformedJsonError as error:
        raise BootstrapError(f"the RDAP bootstrap file is damaged: {error}") from error
    services = listed.get("services") if isinstance(listed, dict) and listed.get("version") == "1.0" else None
    if not isinstance(services, list) or not services:
        raise BootstrapError('the RDAP bootstrap file has no "services" of version "1.0" (RFC 9224 §3)')
    for service in services:
        zones, urls = _service(service)
        yield from ((zone.lower(), urls) for zone in zones)


def _service(service: Any) -> tuple[list[str], list[str]]:
    """Read one pair of zones and addresses."""
    match service:
        case [[*zones], [*urls]] if urls and all(isinstance(text, str) for text in (*zones, *urls)):
            return zones, urls
        case _:
            raise BootstrapError(
                "the RDAP bootstrap file has a service that is no pair of zones and addresses"
            )
