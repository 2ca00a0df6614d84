"""`registrar check-registrar` and `registrars`: what is outside, and what we have there."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terminal import holds
from adapters.terminal.exits import ExitCode
from adapters.terminal.options import JsonDocument, JsonLines
from adapters.terminal.session import Session, session_of

if TYPE_CHECKING:  # the core takes a while to load
    from registrar.gateway import StatementLine

app = typer.Typer(no_args_is_help=True, help="See registrars, their holds, deposits and statements.")
app.command("hold")(holds.hold)
app.command("release")(holds.release)
app.command("holds")(holds.list_holds)

_HOLDS = ("registrar", "on_hold", "cause", "reason", "since", "probe_at")
_DIFFERENCES = ("kind", "subject", "text", "next_step")
_OF_ONE = {
    "orders": ("state", "orders"),
    "last_deposit": ("balance", "unit", "read_at"),
    "holds": ("cause", "reason", "since", "probe_at"),
    "findings": ("id", "kind", "subject", "opened_at", "text", "next_step"),
}
_USUAL_SPAN = timedelta(days=30)

RegistrarName = Annotated[str, typer.Argument(metavar="REGISTRAR", help="Its name in the settings.")]


def check_registrar(ctx: typer.Context, name: RegistrarName, *, as_json: JsonDocument = False) -> None:
    """Connect to a registrar, log in, and show what is there; spends nothing."""
    from adapters.terminal.showing import show_document

    session = session_of(ctx)
    _known(session, name)
    show_document({"registrar": name, **session.desk.inspect(name)}, as_json=as_json)


@app.command("list")
def list_registrars(ctx: typer.Context, *, as_json: JsonLines = False) -> None:
    """List the registrars, and which of them is on hold and why."""
    from adapters.terminal.showing import show_rows
    from registrar.holds import list_open

    desk = session_of(ctx).desk
    now = desk.now()
    with desk.database.reading() as connection:
        on = [{"on_hold": True, **hold._asdict()} for hold in list_open(connection) if hold.since <= now]
    free = desk.terms.keys() - {hold["registrar"] for hold in on}
    show_rows(
        [*({"registrar": name, "on_hold": False} for name in sorted(free)), *on], _HOLDS, as_json=as_json
    )


@app.command()
def show(ctx: typer.Context, name: RegistrarName, *, as_json: JsonDocument = False) -> None:
    """Show what a registrar can do, what of ours is there, and what lies there; nothing is asked of it."""
    from adapters.terminal.abilities import in_words
    from adapters.terminal.showing import show_document
    from registrar import holds as kept
    from registrar.deposits import last_reading
    from registrar.findings import list_open
    from registrar.orders.reading import count_at

    session = session_of(ctx)
    _known(session, name)
    terms = session.desk.terms[name]
    with session.desk.database.reading() as connection:
        counted = count_at(connection, name)
        reading = last_reading(connection, name)
        told = {
            "registrar": name,
            **in_words(terms.capabilities),
            "orders under way at once": terms.in_flight_cap,
            "orders": [{"state": str(state), "orders": count} for state, count in counted.items()],
            "last_deposit": [reading] if reading else [],
            "holds": [hold._asdict() for hold in kept.list_open(connection, name)],
            "findings": [one for one in list_open(connection) if _is_about(str(one["subject"]), name)],
        }
    show_document(told, as_json=as_json, tables=_OF_ONE)


@app.command()
def deposit(ctx: typer.Context, name: RegistrarName, *, as_json: JsonDocument = False) -> None:
    """Read a registrar's deposit now, and compare it with what is going to be spent there."""
    from dataclasses import asdict

    from adapters.terminal.showing import show_document
    from registrar.orders.by_hand import ActRefusedError

    session = session_of(ctx)
    _known(session, name)
    foreseen = session.desk.read_deposit(name)
    if foreseen is None:
        raise ActRefusedError(
            "deposit_not_reported", f"{name} reports no deposit: look it up at the registrar's own site"
        )
    told = {**asdict(foreseen), "needed": foreseen.needed, "missing": foreseen.missing}
    show_document(told, as_json=as_json)


@app.command()
def reconcile(
    ctx: typer.Context,
    name: RegistrarName,
    *,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day; 30 days ago if left out.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; today if left out.")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The registrar's statement as a file, where it tells none over the wire: columns id, at, amount, unit, "
            "kind, domain, months, refund, text.",
        ),
    ] = None,
    as_json: JsonDocument = False,
) -> None:
    """Compare a registrar's own list of charges with our orders, both ways. The exit code is 1 if they differ."""
    from adapters.terminal.showing import show_document
    from registrar.orders.by_hand import ActRefusedError

    session = session_of(ctx)
    _known(session, name)
    last = until.date() if until else session.desk.now().date()
    first = since.date() if since else last - _USUAL_SPAN
    if first > last:
        raise typer.BadParameter(f"the first day, {first}, is after the last, {last}", param_hint="--since")
    lines = _from_file(csv, first, last) if csv else None
    found = session.desk.reconcile(name, first, last, lines)
    if found is None:
        raise ActRefusedError("statement_not_reported", f"{name} reports no statement: hand it in with --csv")
    told = {
        "registrar": name,
        "since": first.isoformat(),
        "until": last.isoformat(),
        "lines": found.lines,
        "new": found.new,
        "explained": found.explained,
        "differences": found.differences,
    }
    show_document(told, as_json=as_json, tables={"differences": _DIFFERENCES})
    if found.differences:
        raise typer.Exit(ExitCode.FAILED)


def _from_file(file: Path, first: date, last: date) -> "tuple[StatementLine, ...]":
    """Read the file's lines of these days, and say how many others it has."""
    from adapters.terminal.showing import say
    from adapters.terminal.statement_file import read_statement

    lines = read_statement(file)
    within = tuple(line for line in lines if first <= line.at.date() <= last)
    if left_out := len(lines) - len(within):
        say(f"{left_out} of {len(lines)} lines are not of {first} to {last}, and were left out")
    return within


def _is_about(subject: str, registrar: str) -> bool:
    """Tell whether a finding is about a registrar itself, its deposit, its messages or its statement."""
    return subject == registrar or subject.startswith(f"{registrar}: ")


def _known(session: Session, registrar: str) -> None:
    if registrar not in session.desk.terms:
        known = ", ".join(sorted(session.desk.terms)) or "none"
        raise typer.BadParameter(f"no registrar {registrar!r} is enabled; enabled: {known}")
