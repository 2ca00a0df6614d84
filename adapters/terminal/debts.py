"""`registrar ledger debts`: what customers owe, the warning, and how it is settled (F3, F5, F7)."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from adapters.terminal.booking import DryRun, book, by, said, words
from adapters.terminal.options import After, JsonDocument, Limit, Ticket, Yes
from adapters.terminal.session import session_of

if TYPE_CHECKING:  # the core takes a while to load
    from sqlalchemy import Connection

    from registrar.orders.by_hand import ByHand

app = typer.Typer(no_args_is_help=True, help="What customers owe, and how it is settled.")

DebtId = Annotated[int, typer.Argument(metavar="DEBT", min=1, help="The debt's number.")]
_DEBTS = ("id", "customer", "amount", "cause", "order_id", "since", "warned_at", "settled_by")


@app.command("list")
def list_debts(
    ctx: typer.Context,
    *,
    customer: Annotated[str | None, typer.Option(help="Of one customer only.")] = None,
    settled: Annotated[bool, typer.Option("--settled", help="Those that are settled as well.")] = False,
    after: After = 0,
    limit: Limit = 100,
    as_json: JsonDocument = False,
) -> None:
    """List debts, the oldest first."""
    from adapters.terminal.showing import in_currency, show_document
    from registrar import debts

    with session_of(ctx).desk.database.reading() as connection:
        found = debts.list_debts(connection, customer, settled=settled, after=after, limit=limit)
    show_document({"debts": in_currency(found, as_json=as_json)}, as_json=as_json, tables={"debts": _DEBTS})


@app.command()
def warn(
    ctx: typer.Context,
    debt_id: DebtId,
    *,
    text: Annotated[str, typer.Option(help="What the customer was told, and where.")],
    ticket: Ticket,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Record that the customer was warned: nothing is stopped or set off before it."""
    _act(
        ctx,
        debt_id,
        "warn",
        ticket=ticket,
        yes=yes,
        as_json=as_json,
        text=said(text, "--text", longest=1000),
    )


@app.command("set-off")
def set_off(
    ctx: typer.Context,
    debt_id: DebtId,
    *,
    ticket: Ticket,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Settle a debt from the customer's cash, in one sum, after a warning."""
    _act(ctx, debt_id, "set_off", ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


@app.command()
def paid(
    ctx: typer.Context,
    debt_id: DebtId,
    *,
    reference: Annotated[str, typer.Option(help="Of the payment.")],
    ticket: Ticket,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Settle a debt that was paid outside, in one sum."""
    told = words(reference, "--reference")
    _act(ctx, debt_id, "paid", ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json, reference=told)


@app.command()
def penalty(
    ctx: typer.Context,
    debt_id: DebtId,
    *,
    ticket: Ticket,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Post what a late debt has grown by, as a debt of its own; with --dry-run only say how much."""
    from registrar import debts

    rules = session_of(ctx).desk.rules

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        money = rules.at(act.now).common.money
        return {"debt": debt_id, "penalty": str(debts.post_penalty(connection, debt_id, money, **by(act)))}

    question = f"Post the penalty of debt {debt_id}?"
    book(ctx, question, deed, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


def _act(
    ctx: typer.Context,
    debt_id: int,
    what: Literal["warn", "set_off", "paid"],
    *,
    ticket: str,
    yes: bool,
    as_json: bool,
    dry_run: bool = False,
    **named: str,
) -> None:
    from registrar import debts

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        amount = getattr(debts, what)(connection, debt_id, **by(act), **named)
        return {"debt": debt_id, "done": what, "amount": str(amount)}

    question = f"{what.replace('_', ' ').capitalize()}: debt {debt_id}?"
    book(ctx, question, deed, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)
