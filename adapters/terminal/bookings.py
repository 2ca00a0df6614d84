"""`registrar ledger gift | compensate | reverse | take-back | decide`: what staff book by hand (F1, F2, F4, F7, D6)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terminal.booking import Amount, Currency, Customer, DryRun, Reason, book, by, said, words
from adapters.terminal.options import JsonDocument, OrderId, Ticket, Yes

if TYPE_CHECKING:  # the core takes a while to load
    from sqlalchemy import Connection

    from registrar.orders.by_hand import ByHand

app = typer.Typer()


@app.command()
def gift(
    ctx: typer.Context,
    customer: Customer,
    amount: Amount,
    currency: Currency,
    *,
    reference: Annotated[str, typer.Option(help="Of the gift; it is given once.")],
    ticket: Ticket,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it can be spent.")
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Give a customer gift: his to use, not money, with an end."""
    from registrar import bookings, ledger
    from registrar.money import Money

    money, name = Money(amount, currency), words(customer, "CUSTOMER")
    end = until.date() if until else None

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        bookings.give_gift(
            connection, name, money, end=end, reference=words(reference, "--reference"), **by(act)
        )
        return {"customer": name, "gift": str(money), "balances": ledger.balances(connection, name)}

    book(ctx, f"Give {name} {money} as gift?", deed, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


@app.command()
def compensate(
    ctx: typer.Context,
    order_id: OrderId,
    amount: Amount,
    *,
    ticket: Ticket,
    work: Annotated[int, typer.Option(min=0, help="Your own work beside its fees, in minor units.")] = 0,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Pay damages for an ended order, up to its ceiling: cost less what was delivered, time used and work."""
    from registrar import bookings
    from registrar.money import Money

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        currency = bookings.compensation_ceiling(connection, order_id, now=act.now).paid.currency
        ceiling = bookings.compensate(
            connection,
            order_id,
            Money(amount, currency),
            work=work,
            **by(act),
        )
        parts = ("paid", "delivered", "used", "work", "returned", "most")
        return {"order": order_id, "damages": amount} | {part: str(getattr(ceiling, part)) for part in parts}

    question = f"Pay {amount} minor units as damages for order {order_id}?"
    book(ctx, question, deed, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


@app.command()
def reverse(
    ctx: typer.Context,
    movement_id: Annotated[int, typer.Argument(metavar="LINE", min=1, help="The statement line's number.")],
    *,
    reason: Reason,
    ticket: Ticket,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Put a mistaken booking right by the opposite entry, once."""
    from registrar import bookings

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        written = bookings.reverse(connection, movement_id, reason=said(reason, "--reason"), **by(act))
        return {"reversed": movement_id, "by": written}

    question = f"Write the opposite of line {movement_id}?"
    book(ctx, question, deed, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


@app.command("take-back")
def take_back(
    ctx: typer.Context,
    reference: Annotated[str, typer.Argument(help="Of the payment: a top-up's, or that of orders.")],
    *,
    reason: Reason,
    ticket: Ticket,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Take back a payment that was not met: what is in cash at once, the rest as a debt; open orders of it wait."""
    from registrar import debts

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        done = debts.reverse_payment(connection, reference, reason=said(reason, "--reason"), **by(act))
        return {"taken": str(done.taken), "owed": str(done.owed), "orders": list(done.orders)}

    question = f"Take back the payment {reference}?"
    book(ctx, question, deed, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


@app.command()
def decide(
    ctx: typer.Context,
    order_id: OrderId,
    line: Annotated[str, typer.Argument(help="The line's name; `domain` is the order's own.")],
    *,
    credit: Annotated[bool, typer.Option("--credit/--keep", help="Give it back, or keep it.")],
    ticket: Ticket,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Decide about a line of a failed order that waits for staff."""
    from registrar.orders import lines
    from registrar.orders.by_hand import ActRefusedError
    from registrar.orders.states import read_locked

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        order = read_locked(connection, order_id)
        if order is None:
            raise ActRefusedError("order_unknown", f"there is no order {order_id}")
        lines.decide(
            connection,
            order,
            line,
            "credit" if credit else "keep",
            by_customer=False,
            **by(act),
        )
        return {"order": order_id, "lines": lines.view(connection, order)}

    question = f"{'Credit' if credit else 'Keep'} the line {line} of order {order_id}?"
    book(ctx, question, deed, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


def breach(
    ctx: typer.Context,
    order_id: OrderId,
    *,
    confirmed: Annotated[
        bool, typer.Option("--confirm/--propose", help="One proposes, with evidence; another confirms.")
    ],
    ticket: Ticket,
    evidence: Annotated[
        str, typer.Option(help="With --propose: what proves the breach, and where it is.")
    ] = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """End a held order for breach, by two persons: nothing of it is paid back."""
    from registrar.orders import breach as ending

    proof = said(evidence, "--evidence", longest=1000) if evidence else ""

    def deed(connection: "Connection", act: "ByHand") -> dict[str, Any]:
        if confirmed:
            ending.confirm(connection, order_id, act=act)
        else:
            ending.propose(connection, order_id, evidence=proof, act=act)
        return {"order": order_id, "breach": "confirmed" if confirmed else "proposed"}

    what = "End" if confirmed else "Propose to end"
    question = f"{what} order {order_id} for breach, with nothing paid back?"
    book(ctx, question, deed, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)
