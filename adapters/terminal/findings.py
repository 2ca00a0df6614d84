"""`registrar findings`: what a person should look at, and closing what only a person can judge."""

from typing import Annotated

import typer

from adapters.terminal.options import JsonDocument, JsonLines, Ticket
from adapters.terminal.session import session_of

app = typer.Typer(help="See what a person should look at, with the next step.", invoke_without_command=True)

_COLUMNS = ("id", "kind", "subject", "opened_at", "times", "text", "next_step")


@app.callback()
def findings(ctx: typer.Context, *, as_json: JsonLines = False) -> None:
    """List what a person should look at, with the next step."""
    if ctx.invoked_subcommand is not None:
        return
    from adapters.terminal.showing import show_rows
    from registrar.findings import list_open

    with session_of(ctx).desk.database.reading() as connection:
        found = list_open(connection)
    show_rows(found, _COLUMNS, as_json=as_json)


@app.command()
def close(
    ctx: typer.Context,
    finding: Annotated[int, typer.Argument(metavar="FINDING", min=1, max=2**63 - 1, help="Its number.")],
    *,
    ticket: Ticket,
    as_json: JsonDocument = False,
) -> None:
    """Close a finding that was seen to; one that says how something stands closes by itself, with its cause."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar.findings import FindingStandsError, close_by_hand
    from registrar.orders.by_hand import ActRefusedError, ByHand

    desk = session_of(ctx).desk
    act = ByHand(acts.actor(), ticket, desk.now())
    try:
        with desk.database.transaction() as connection:
            was_open = close_by_hand(connection, finding, actor=act.actor, ticket=act.ticket, now=act.now)
    except FindingStandsError as error:
        raise ActRefusedError("finding_stands", str(error)) from error
    if not was_open:
        raise ActRefusedError("finding_not_open", f"there is no open finding {finding}")
    show_document({"finding": finding, "closed": True}, as_json=as_json)
