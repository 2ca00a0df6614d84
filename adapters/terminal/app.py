"""Which commands are there? All that staff and scripts do; each loads what it needs when it is called, so `--help` is quick."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terminal import (
    claims,
    contacts,
    customers,
    departures,
    domains,
    exports,
    findings,
    keys,
    ledger,
    looking,
    notices,
    orders,
    parts,
    quote,
    registrars,
    rules,
    sync,
)
from adapters.terminal.exits import Commands
from adapters.terminal.session import Session

if TYPE_CHECKING:  # the core takes a while to load
    from adapters.desk import Desk
    from adapters.terminal.starters import Starters

_HELP = """\
Spends a reseller's money at domain registrars: never twice, never lost.

Results are on stdout, everything else on stderr. With --json one thing is one JSON document, and a list is one JSON
document per line.

Exit codes: 0 done, 1 refused or failed, 2 asked wrongly, 69 something behind us does not answer, 75 not now, try again,
78 the settings cannot be used."""


def make_app(open_desk: "Callable[[Path | None], Desk]", starters: "Starters") -> typer.Typer:
    """Return the command. `open_desk` is handed the folder of `--config`, and called by the commands that need it.

    Both it and the starters raise `MisconfiguredError` for settings that cannot be used.
    """
    app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_show_locals=False, help=_HELP)

    @app.callback()
    def begin(
        ctx: typer.Context,
        *,
        config: Annotated[
            Path | None,
            typer.Option(
                exists=True,
                file_okay=False,
                help="A folder with what you set yourself; else REGISTRAR_CONFIG.",
            ),
        ] = None,
        version: Annotated[  # noqa: ARG001 - its callback shows it
            bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
        ] = False,
    ) -> None:
        ctx.obj = Session(open_desk, starters, config)

    for command in (
        looking.look,
        registrars.check_registrar,
        quote.quote,
        parts.up,
        parts.worker,
        parts.api,
        parts.sandbox,
        parts.demo,
    ):
        app.command()(command)
    for name, group in (
        ("orders", orders.app),
        ("ledger", ledger.app),
        ("domains", domains.app),
        ("claims", claims.app),
        ("contacts", contacts.app),
        ("customers", customers.app),
        ("notices", notices.app),
        ("departures", departures.app),
        ("registrars", registrars.app),
        ("export", exports.app),
        ("findings", findings.app),
        ("sync", sync.app),
        ("keys", keys.app),
        ("rules", rules.app),
        ("db", parts.database),
    ):
        app.add_typer(group, name=name)
    return app


def _show_version(value: bool) -> None:  # noqa: FBT001 - typer's signature
    if value:
        from importlib.metadata import version

        typer.echo(version("registrar"))
        raise typer.Exit
