"""`registrar look`, `check-registrar`, `findings` and `registrars`: what is outside, and what a person should see to."""

from typing import Annotated

import typer

from adapters.terminal.exits import ExitCode
from adapters.terminal.options import JsonDocument, JsonLines, Ticket, Yes, confirm
from adapters.terminal.session import Session, session_of

app = typer.Typer(no_args_is_help=True, help="See and release the holds of registrars.")

_FINDINGS = ("kind", "subject", "opened_at", "times", "text", "next_step")
_HOLDS = ("registrar", "on_hold", "cause", "reason", "since", "probe_at")

RegistrarName = Annotated[str, typer.Argument(metavar="REGISTRAR", help="Its name in the settings.")]


def look(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A domain name, in any script.")],
    *,
    registrar: Annotated[
        str | None, typer.Option(help="Look there, instead of where the zone is sold.")
    ] = None,
    as_json: JsonDocument = False,
) -> None:
    """Look at a name at its zone's registrar; spends nothing. The exit code is 75 if the look failed."""
    from adapters.terminal.showing import show_document
    from registrar.commands import Kind
    from registrar.gateway import Standing
    from registrar.names import DomainName
    from registrar.orders.ending import sighting_evidence

    session = session_of(ctx)
    parsed = DomainName.parse(name, zones=session.desk.catalogue.keys())
    sold_at = session.desk.catalogue[parsed.zone].registrars
    kind = next(kind for kind in (Kind.RENEW, Kind.REGISTER, Kind.TRANSFER) if kind in sold_at)
    if registrar is not None:
        _known(session, registrar)
    sighting = session.desk.look(registrar or sold_at[kind], parsed, kind)
    told = {"domain": parsed.ascii, "domain_unicode": parsed.unicode, **sighting_evidence(sighting)}
    show_document(told, as_json=as_json)
    if sighting.standing is Standing.UNKNOWN:
        raise typer.Exit(ExitCode.TRY_AGAIN)


def check_registrar(ctx: typer.Context, name: RegistrarName, *, as_json: JsonDocument = False) -> None:
    """Connect to a registrar, log in, and show what is there; spends nothing."""
    from adapters.terminal.showing import show_document

    session = session_of(ctx)
    _known(session, name)
    show_document({"registrar": name, **session.desk.inspect(name)}, as_json=as_json)


def findings(ctx: typer.Context, *, as_json: JsonLines = False) -> None:
    """List what a person should look at, with the next step."""
    from adapters.terminal.showing import show_rows
    from registrar.findings import list_open

    with session_of(ctx).desk.database.reading() as connection:
        found = list_open(connection)
    show_rows(found, _FINDINGS, as_json=as_json)


@app.command("list")
def list_registrars(ctx: typer.Context, *, as_json: JsonLines = False) -> None:
    """List the registrars, and which of them is on hold and why."""
    from adapters.terminal.showing import show_rows
    from registrar import holds

    desk = session_of(ctx).desk
    with desk.database.reading() as connection:
        on = [{"on_hold": True, **hold._asdict()} for hold in holds.list_open(connection)]
    free = desk.terms.keys() - {hold["registrar"] for hold in on}
    show_rows(
        [*({"registrar": name, "on_hold": False} for name in sorted(free)), *on], _HOLDS, as_json=as_json
    )


@app.command()
def release(
    ctx: typer.Context,
    name: RegistrarName,
    *,
    ticket: Ticket,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Release a registrar from its holds: its waiting orders go out, the earliest promise first."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar import holds
    from registrar.orders.by_hand import ByHand

    session = session_of(ctx)
    _known(session, name)
    confirm(f"Release {name}, and send its waiting orders?", yes=yes)
    act = ByHand(acts.actor(), ticket, session.desk.now())
    with session.desk.database.transaction() as connection:
        released = holds.release(connection, name, now=act.now, actor=act.actor, ticket=act.ticket)
    show_document({"registrar": name, "released": released}, as_json=as_json)


def _known(session: Session, registrar: str) -> None:
    if registrar not in session.desk.terms:
        known = ", ".join(sorted(session.desk.terms)) or "none"
        raise typer.BadParameter(f"no registrar {registrar!r} is enabled; enabled: {known}")
