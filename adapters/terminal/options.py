"""Which options do many commands share, and when is a person asked before something is done?"""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from adapters.terminal.session import session_of


def _remember(ctx: typer.Context, value: bool) -> bool:  # noqa: FBT001 - typer's signature
    """Let errors know the form, too."""
    session_of(ctx).as_json |= value
    return value


JsonDocument = Annotated[bool, typer.Option("--json", callback=_remember, help="Print one JSON document.")]
JsonLines = Annotated[
    bool, typer.Option("--json", callback=_remember, help="Print one JSON document per line.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before doing it.")]
Ticket = Annotated[str, typer.Option("--ticket", help="The support ticket behind it.")]
OrderId = Annotated[int, typer.Argument(metavar="ORDER", min=1, max=2**63 - 1, help="The order's number.")]
After = Annotated[int, typer.Option(min=0, help="Begin after this number.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="Show at most so many.")]


def confirm(question: str, *, yes: bool) -> None:
    """Ask before going on; where nobody can be asked, only `--yes` will do."""
    if yes:
        return
    if not somebody_is_there():
        raise typer.BadParameter("nobody is here to be asked: say --yes", param_hint="--yes")
    typer.confirm(question, abort=True, err=True)


def somebody_is_there() -> bool:
    """Tell whether a person sits at this terminal."""
    return sys.stdin.isatty()


def instant(text: str, option: str) -> datetime:
    """Read an option's instant; a time without its zone could be any of two dozen."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error
    if read.tzinfo is None:
        raise typer.BadParameter("a time needs its zone, as 2026-11-22T09:30:00Z", param_hint=option)
    return read.astimezone(UTC)
