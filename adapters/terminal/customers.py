"""`registrar customers`: whose orders wait because of himself, and until when his documents are asked for (O6, F5)?"""

from typing import Annotated

import typer

from adapters.terminal.booking import said, words
from adapters.terminal.options import JsonDocument, JsonLines, Ticket, Yes, confirm, instant
from adapters.terminal.session import session_of

app = typer.Typer(
    no_args_is_help=True, help="See customers, and let their orders wait for documents or debts."
)

_HOLDS = ("customer", "cause", "reason", "since", "holder_in_doubt", "documents_due_by")
_OF_ONE = {"holds": _HOLDS[1:]}
_LONGEST = 1000

Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The portal's own name for the customer.")]
Cause = Annotated[str, typer.Option(help="identity, or debt.")]
Reason = Annotated[str, typer.Option(help="Why: staff read it wherever an order waits for it.")]


@app.command()
def hold(
    ctx: typer.Context,
    customer: Customer,
    *,
    cause: Cause,
    reason: Reason,
    ticket: Ticket,
    documents_by: Annotated[
        str | None,
        typer.Option(
            "--documents-by", metavar="TIME", help="By when his documents are asked for; alerts staff."
        ),
    ] = None,
    holder_in_doubt: Annotated[
        bool, typer.Option("--holder-in-doubt", help="The holder's own identity: a name may not leave then.")
    ] = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Let a customer's orders wait; a renewal near a limit still goes. For a debt a recorded warning comes first."""
    from adapters.terminal import acts
    from registrar.customers import holds
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    due_by = instant(documents_by, "--documents-by") if documents_by else None
    name, why = words(customer, "CUSTOMER"), said(reason, "--reason", longest=_LONGEST)
    confirm(f"Let the orders of {name} wait?", yes=yes)
    act = ByHand(acts.actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        holds.put(
            connection,
            name,
            cause,
            reason=why,
            now=act.now,
            actor=act.actor,
            ticket=act.ticket,
            holder_in_doubt=holder_in_doubt,
            documents_due_by=due_by,
        )
    _show(ctx, name, as_json=as_json)


@app.command()
def release(
    ctx: typer.Context,
    customer: Customer,
    *,
    cause: Cause,
    reason: Annotated[str, typer.Option(help="What came, or was settled.")],
    ticket: Ticket,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Let a customer's orders go on; no term is longer for the time that has passed (E5)."""
    from adapters.terminal import acts
    from registrar.customers import holds
    from registrar.orders.by_hand import ActRefusedError, ByHand

    desk = session_of(ctx).desk
    why = said(reason, "--reason", longest=_LONGEST)
    confirm(f"Release {customer}, and send his waiting orders?", yes=yes)
    act = ByHand(acts.actor(), ticket, desk.now())
    by = {"actor": act.actor, "ticket": act.ticket}
    with desk.database.transaction() as connection:
        if not holds.release(connection, customer, cause, reason=why, now=act.now, **by):
            raise ActRefusedError("not_on_hold", f"{customer} is not on hold for {cause!r}")
    _show(ctx, customer, as_json=as_json)


@app.command("list")
def list_customers(ctx: typer.Context, *, as_json: JsonLines = False) -> None:
    """List the customers whose orders wait because of themselves."""
    from adapters.terminal.showing import show_rows
    from registrar.customers import holds

    with session_of(ctx).desk.database.reading() as connection:
        found = holds.list_open(connection)
    show_rows((one._asdict() for one in found), _HOLDS, as_json=as_json)


@app.command()
def show(ctx: typer.Context, customer: Customer, *, as_json: JsonDocument = False) -> None:
    """Show what a customer is on hold for."""
    _show(ctx, customer, as_json=as_json)


def _show(ctx: typer.Context, customer: str, *, as_json: bool) -> None:
    from adapters.terminal.showing import show_document
    from registrar.customers import holds

    with session_of(ctx).desk.database.reading() as connection:
        found = [one._asdict() for one in holds.open_for(connection, customer)]
    show_document(
        {"customer": customer, "on_hold": bool(found), "holds": found}, as_json=as_json, tables=_OF_ONE
    )
