"""`registrar up`, `worker`, `api`, `sandbox`, `demo` and `db`: the parts that run, started by the wiring."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.terminal.options import JsonDocument
from adapters.terminal.session import session_of

MOST_PORT = 65535

database = typer.Typer(no_args_is_help=True, help="Look after the database.")


def up(
    ctx: typer.Context,
    *,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many worker processes.")] = 2,
    as_json: JsonDocument = False,
) -> None:
    """Start everything that one machine needs, until stopped."""
    session = session_of(ctx)
    _end("up", session.starters.up(session.config, workers), as_json=as_json)


def worker(ctx: typer.Context, *, as_json: JsonDocument = False) -> None:
    """Start one worker, until stopped; a stopped worker finishes what it is at."""
    session = session_of(ctx)
    _end("worker", session.starters.worker(session.config), as_json=as_json)


def api(
    ctx: typer.Context,
    *,
    host: Annotated[str | None, typer.Option(help="Instead of the settings' address.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Instead of the settings' port.")] = None,
    as_json: JsonDocument = False,
) -> None:
    """Start the HTTP API, until stopped."""
    session = session_of(ctx)
    _end("api", session.starters.api(session.config, host, port), as_json=as_json)


def sandbox(
    ctx: typer.Context,
    *,
    folder: Annotated[
        Path,
        typer.Option(file_okay=False, help="Where the registrars keep their books and write the settings."),
    ] = Path("sandbox"),
    dialect: Annotated[str, typer.Option(help="Of the EPP registrar.")] = "com",
    port: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REGISTRAR=PORT", help="As epp=7700; may be repeated. The others take free ones."
        ),
    ] = None,
    decide_after_seconds: Annotated[
        float, typer.Option(min=0, help="How long a registrar takes to decide what is pending.")
    ] = 5.0,
    as_json: JsonDocument = False,
) -> None:
    """Serve registrars that speak the real protocols and spend no money, until stopped; FOLDER/config is for --config."""
    ended = session_of(ctx).starters.sandbox(
        folder=folder,
        dialect=dialect,
        ports=dict(map(_port, port or [])),
        decide_after_seconds=decide_after_seconds,
    )
    _end("sandbox", ended, as_json=as_json)


def _port(text: str) -> tuple[str, int]:
    registrar, _, number = text.partition("=")
    if not (number.isdecimal() and int(number) <= MOST_PORT):
        raise typer.BadParameter(f"{text!r} is not like epp=7700", param_hint="--port")
    return registrar, int(number)


def demo(
    ctx: typer.Context,
    *,
    stay: Annotated[bool, typer.Option("--stay", envvar="STAY", help="Stay up afterwards.")] = False,
    orders: Annotated[int, typer.Option(min=1, max=100_000, help="How many orders.")] = 220,
    seed: Annotated[int, typer.Option(help="Of what is left to chance.")] = 1,
    folder: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Keep its books, database and logs in this new folder."),
    ] = None,
    prove_only: Annotated[
        bool, typer.Option("--prove-only", help="Only compare again what an earlier demo left in --folder.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with one JSON object on one line of stdout.")
    ] = False,
) -> None:
    """Watch real orders go out over real sockets, fail, be credited and be found again; then the proof."""
    started = session_of(ctx).starters.demo
    if prove_only and folder is None:
        raise typer.BadParameter("--prove-only needs the --folder of an earlier demo")
    ended = started(
        as_json=as_json, stay=stay, orders=orders, seed=seed, folder=folder, prove_only=prove_only
    )
    raise typer.Exit(ended)


@database.command()
def upgrade(ctx: typer.Context, *, as_json: JsonDocument = False) -> None:
    """Bring the database's schema to this version."""
    session = session_of(ctx)
    _end("db upgrade", session.starters.upgrade(session.config), as_json=as_json)


def _end(part: str, exit_code: int, *, as_json: bool) -> None:
    """End with the part's exit code; what it did meanwhile is in its log, JSON lines on stderr."""
    if as_json:
        from adapters.terminal.showing import print_json

        print_json({"part": part, "exit_code": exit_code})
    raise typer.Exit(exit_code)
