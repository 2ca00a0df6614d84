"""`registrar look`: what one source says of a name, now, or in an answer that was kept."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terminal.exits import ExitCode
from adapters.terminal.options import JsonDocument
from adapters.terminal.session import Session, session_of

if TYPE_CHECKING:  # the core takes a while to load
    from registrar.gateway import Sighting
    from registrar.names import DomainName

_LONGEST_TEXT = 1_048_576
"""Bytes of a kept answer that are read; whoever hands in more hands in something else."""


class Source(StrEnum):
    """Who is asked."""

    REGISTRAR = "registrar"
    RDAP = "rdap"
    WHOIS = "whois"


def look(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A domain name, in any script.")],
    *,
    source: Annotated[
        Source | None,
        typer.Option(help="Whom to ask: our registrar (if left out), or the public record by RDAP or WHOIS."),
    ] = None,
    registrar: Annotated[
        str | None,
        typer.Option(help="Look there, instead of where our books say, or the zone is sold first."),
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option(help="Read an answer that was kept (a file, or - for standard input); asks nobody."),
    ] = None,
    server: Annotated[
        str | None, typer.Option(help="The server that the kept answer came from; else the zone's own.")
    ] = None,
    as_json: JsonDocument = False,
) -> None:
    """Look at a name, or read a kept answer; spends nothing. The exit code is 75 if it is not known how it stands."""
    from adapters.terminal.showing import show_document
    from registrar.gateway import Standing
    from registrar.names import DomainName

    session = session_of(ctx)
    if registrar is not None and source not in (None, Source.REGISTRAR):
        raise typer.BadParameter("only a look at a registrar names one", param_hint="--registrar")
    if server is not None and text is None:
        raise typer.BadParameter("say from which file with --text", param_hint="--server")
    if text is not None:
        sighting = _read(DomainName.anywhere(name), text, source=source, server=server)
    elif source in (Source.RDAP, Source.WHOIS):
        sighting = session.starters.look_up(session.config, source.value, DomainName.anywhere(name))
    else:
        sighting = _ask_registrar(session, name, registrar)
    show_document(seen(sighting), as_json=as_json)
    if sighting.standing is Standing.UNKNOWN:
        raise typer.Exit(ExitCode.TRY_AGAIN)


def seen(sighting: "Sighting") -> dict[str, Any]:
    """Return a sighting as people and scripts read it; `expires_at` and `renew_by` have the source's own offset."""
    expiry, renew_by = sighting.expiry, sighting.renew_by
    return {
        "domain": sighting.domain.ascii,
        "domain_unicode": sighting.domain.unicode,
        "state": str(sighting.standing),
        "expires_at": _at_source(expiry.at, expiry.text, sighting).isoformat() if expiry else None,
        "expires_text": expiry.text if expiry else sighting.unread_expiry,
        "renew_by": _at_source(renew_by.at, renew_by.text, sighting).isoformat() if renew_by else None,
        "auto_renews": sighting.auto_renews,
        "registrar": sighting.sponsor,
        "statuses": sorted(sighting.statuses),
        "nameservers": list(sighting.nameservers),
        "source": sighting.source,
        "reason": sighting.reason or None,
        "seen_at": sighting.seen_at.isoformat(),
        "created_at": sighting.created_at.isoformat() if sighting.created_at else None,
        "ours": sighting.ours,
        "registry_id": sighting.registry_id,
        "progress": {str(kind): str(progress) for kind, progress in sighting.progress.items()},
    }


def _at_source(instant: datetime, text: str, sighting: "Sighting") -> datetime:
    """Return an instant with the offset that its source gave it, where its text shows the same one."""
    from registrar.dates import read_moment

    written = read_moment(text, zone=_zone_of(sighting))
    # Compared as instants: Python never calls a time that comes twice, when a clock is put back, equal to another zone's.
    return written if written and written.timestamp() == instant.timestamp() else instant


def _zone_of(sighting: "Sighting") -> tzinfo:
    """Return where the source's bare dates end: at a WHOIS server as it is known to write, else by the name's zone."""
    from zoneinfo import ZoneInfo

    from adapters.lookups.whois.dialects import dialect_of
    from registrar.names import IRNIC_ZONES

    protocol, _, host = sighting.source.partition(":")
    if protocol == Source.WHOIS:
        return dialect_of(host).zone
    top = sighting.domain.zone.rpartition(".")[2]
    return ZoneInfo("Asia/Tehran") if top in IRNIC_ZONES else UTC


def _ask_registrar(session: Session, name: str, registrar: str | None) -> "Sighting":
    from registrar.commands import Kind
    from registrar.errands import domain_registrar
    from registrar.names import DomainName

    parsed = DomainName.parse(name, zones=session.desk.catalogue.keys())
    routes = session.desk.catalogue[parsed.zone].routes
    kind = next(kind for kind in (Kind.RENEW, *Kind) if kind in routes)
    if registrar is not None and registrar not in session.desk.terms:
        raise typer.BadParameter(_unknown(registrar, sorted(session.desk.terms)), param_hint="--registrar")
    with session.desk.database.reading() as connection:
        known_at = domain_registrar(connection, parsed)
    return session.desk.look(registrar or known_at or routes[kind][0], parsed, kind)


def _unknown(registrar: str, known: Sequence[str]) -> str:
    return f"there is no registrar {registrar!r} here; known: {', '.join(known) or 'none is enabled'}"


def _read(domain: "DomainName", file: Path, *, source: Source | None, server: str | None) -> "Sighting":
    """Read a kept answer as its server's; which protocol it is of shows in its first character."""
    from adapters.lookups.rdap import read_kept
    from adapters.lookups.whois.reading import read_text
    from adapters.lookups.whois.settings import WhoisSettings

    body = _bytes(file)
    protocol = source or (Source.RDAP if body.lstrip()[:1] == b"{" else Source.WHOIS)
    if protocol is Source.REGISTRAR:
        raise typer.BadParameter("a kept answer is of rdap or whois", param_hint="--source")
    now = datetime.now(UTC)
    if protocol is Source.RDAP:
        return read_kept(body, domain=domain, server=server, seen_at=now)
    host = server or WhoisSettings().server_of(domain.zone)
    if host is None:
        raise typer.BadParameter(
            f"no WHOIS server of {domain.zone} is known: name the one that wrote it", param_hint="--server"
        )
    # On the wire a last line without its end was cut off; a file was kept whole, and editors leave that end away.
    return read_text(body + b"\n", domain=domain, server=host, seen_at=now)


def _bytes(file: Path) -> bytes:
    try:
        body = sys.stdin.buffer.read(_LONGEST_TEXT + 1) if str(file) == "-" else _first_bytes(file)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="--text") from error
    if len(body) > _LONGEST_TEXT:
        raise typer.BadParameter(f"{file} is longer than {_LONGEST_TEXT} bytes", param_hint="--text")
    return body


def _first_bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_LONGEST_TEXT + 1)
