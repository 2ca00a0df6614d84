"""`registrar ledger slips`: bank slips that customers hand in for a top-up (F6)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terminal.booking import Amount, Currency, Customer, DryRun, Reason, book, by, said, words
from adapters.terminal.options import After, JsonDocument, Limit, Ticket, Yes
from adapters.terminal.session import session_of

if TYPE_CHECKING:  # the core takes a while to load
    from sqlalchemy import Connection

    from registrar.orders.by_hand import ByHand

app = typer.Typer(no_args_is_help=True, help="Bank slips that customers hand in for a top-up.")

SlipId = Annotated[int, typer.Argument(metavar="SLIP", min=1, help="The slip's id, as `list` shows it.")]
_SLIPS = ("id", "number", "customer", "amount", "paid_on", "state", "reason")


@app.command("list")
def list_slips(
    ctx: typer.Context,
    *,
    customer: Annotated[str | None, typer.Option(help="Of one customer only.")] = None,
    after: After = 0,
    limit: Limit = 100,
    as_json: JsonDocument = False,
) -> None:
    """List slips, the oldest first."""
    from adapters.terminal.showing import in_currency, show_document
    from registrar import slips

    with session_of(ctx).desk.database.reading() as connection:
        found = slips.list_slips(connection, customer, after=after, limit=limit)
    show_document({"slips": in_currency(found, as_json=as_json)}, as_json=as_json, tables={"slips": _SLIPS})


@app.command("hand-in")
def hand_in(
    ctx: typer.Context,
    customer: Customer,
    amount: Amount,
    currency: Currency,
    *,
    number: Annotated[str, typer.Option(help="The slip's own number; it is used once.")],
    paid_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The date on it.")],
    ticket: Ticket,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Take a slip: booked by itself while it is young, then with its original, then refused."""
    from registrar import slips
    from registrar.money import Money

    rules = session_of(ctx).desk.rules
    money, name = Money(amount, currency), words(customer, "CUSTOMER")

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        return slips.hand_in(
            connection,
            name,
            money,
            number=words(number, "--number", longest=64),
            paid_on=paid_on.date(),
            rules=rules.at(act.now).common,
            actor=act.actor,
            ticket=act.ticket,
            now=act.now,
        )

    question = f"Take the slip {number} of {money} for {name}?"
    book(ctx, question, deed, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


@app.command()
def accept(
    ctx: typer.Context,
    slip_id: SlipId,
    *,
    ticket: Ticket,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Book a slip whose original is in your hands."""
    from registrar import slips

    rules = session_of(ctx).desk.rules

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        slips.accept(connection, slip_id, rules=rules.at(act.now).common, **by(act))
        return {"slip": slip_id, "state": "booked"}

    question = f"Book slip {slip_id}?"
    book(ctx, question, deed, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


@app.command()
def refuse(
    ctx: typer.Context,
    slip_id: SlipId,
    *,
    reason: Reason,
    ticket: Ticket,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Refuse a slip that waits for its original."""
    from registrar import slips

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        slips.refuse(connection, slip_id, reason=said(reason, "--reason", longest=1000), **by(act))
        return {"slip": slip_id, "state": "refused"}

    book(ctx, f"Refuse slip {slip_id}?", deed, ticket=ticket, dry_run=False, yes=yes, as_json=as_json)
