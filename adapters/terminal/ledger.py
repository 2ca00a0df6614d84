"""`registrar ledger`: whose money is where, and whether the books agree with themselves."""

from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terminal import bookings, debts, slips
from adapters.terminal.booking import BALANCES
from adapters.terminal.exits import ExitCode
from adapters.terminal.options import After, JsonDocument, Limit, Yes, confirm
from adapters.terminal.session import session_of

if TYPE_CHECKING:  # the core takes a while to load
    from registrar.money import Money

app = typer.Typer(
    no_args_is_help=True,
    help="Look at balances, book top-ups, gift, damages, debts and slips, and count the books again.",
)
app.add_typer(bookings.app)
app.add_typer(debts.app, name="debts")
app.add_typer(slips.app, name="slips")

_LINES = ("id", "at", "kind", "amount", "bucket", "balance", "order_id", "reference")

Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The portal's own name for the customer.")]


@app.command()
def verify(ctx: typer.Context, *, as_json: JsonDocument = False) -> None:
    """Count the books again from the movements; the exit code is 1 if anything differs."""
    from adapters.terminal.showing import show_document
    from registrar.verification import verify as count_again

    with session_of(ctx).desk.database.snapshot() as connection:
        found = count_again(connection)
    show_document(
        {
            "balanced": found.balanced,
            "orders": found.orders,
            "movements": found.movements,
            "entries": found.entries,
            "totals": [
                {"account": total.account, "balance": _money(total.balance)} for total in found.totals
            ],
            "differences": [{"subject": one.subject, "text": one.text} for one in found.differences],
        },
        as_json=as_json,
        tables={"totals": ("account", "balance"), "differences": ("subject", "text")},
    )
    if not found.balanced:
        raise typer.Exit(ExitCode.FAILED)


@app.command("top-up")
def top_up(
    ctx: typer.Context,
    customer: Customer,
    amount: Annotated[int, typer.Argument(min=1, max=10**15, help="In minor units: whole rials, cents.")],
    currency: Annotated[str, typer.Argument(help="As IRR or USD.")],
    *,
    reference: Annotated[str, typer.Option(help="Of the payment; it is booked once.")],
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Book a payment into a customer's balance."""
    from adapters.terminal.acts import actor
    from adapters.terminal.showing import in_currency, show_document
    from registrar import events, ledger
    from registrar.money import Money

    desk, money = session_of(ctx).desk, Money(amount, currency)
    for name, text in (("CUSTOMER", customer), ("--reference", reference)):
        if not 1 <= len(text.strip()) <= 255 or not text.isprintable():
            raise typer.BadParameter("must be 1-255 printable characters", param_hint=name)
    confirm(f"Book {money} into the balance of {customer}?", yes=yes)
    with desk.database.transaction() as connection:
        ledger.top_up(connection, customer, money, reference=reference, now=desk.now())
        events.record(
            connection,
            "customer.topped_up",
            at=desk.now(),
            subject=customer,
            actor=actor(),
            evidence={"amount": str(money), "reference": reference},
        )
        balances = ledger.balances(connection, customer)
    show_document(
        {
            "customer": customer,
            "booked": _money(money),
            "reference": reference,
            "balances": in_currency(balances, as_json=as_json),
        },
        as_json=as_json,
        tables={"balances": BALANCES},
    )


@app.command()
def show(
    ctx: typer.Context,
    customer: Customer,
    *,
    after: After = 0,
    limit: Limit = 100,
    as_json: JsonDocument = False,
) -> None:
    """Show a customer's balance and statement."""
    from adapters.terminal.showing import in_currency, show_document
    from registrar import ledger

    with session_of(ctx).desk.database.reading() as connection:
        balances = ledger.balances(connection, customer)
        lines = ledger.statement(connection, customer, after=after, limit=limit)
    show_document(
        {
            "customer": customer,
            "balances": in_currency(balances, as_json=as_json),
            "lines": in_currency((line._asdict() for line in lines), as_json=as_json),
        },
        as_json=as_json,
        tables={"balances": BALANCES, "lines": _LINES},
    )


def _money(money: "Money") -> dict[str, object]:
    return {"amount": money.amount, "currency": money.currency}
