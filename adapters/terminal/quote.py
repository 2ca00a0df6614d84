"""`registrar quote`: what would an order cost and be promised, and what is still possible? With a customer it is promised."""

from typing import Annotated, Any

import typer

from adapters.terminal.exits import ExitCode
from adapters.terminal.options import JsonDocument
from adapters.terminal.session import session_of


def quote(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A domain name, in any script.")],
    *,
    kind: Annotated[
        str, typer.Option(help="Of the order: renew, register, transfer, restore, renew_elsewhere …")
    ],
    months: Annotated[int | None, typer.Option(min=0, help="The shortest term, if left out.")] = None,
    expires_at: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="The end of the paid term, where our books do not know it: a date, which counts to its end, or an instant.",
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="DATE", help="When it would be paid, likewise; now, if left out.")
    ] = None,
    look: Annotated[
        bool | None,
        typer.Option(
            "--look/--no-look", help="Ask the registrar; if left out, only where the answer depends on it."
        ),
    ] = None,
    customer: Annotated[str | None, typer.Option(help="Promise the price to this customer.")] = None,
    price: Annotated[
        tuple[int, str] | None,
        typer.Option(
            metavar="AMOUNT CURRENCY", help="To be promised, in minor units, where no tariff has a price."
        ),
    ] = None,
    ticket: Annotated[str | None, typer.Option(help="The support ticket behind a promise.")] = None,
    as_json: JsonDocument = False,
) -> None:
    """Say what an order would cost and be promised; spends nothing.

    With --customer and --ticket the price is that customer's until the quote's end. The exit code is 1 if nothing could
    be promised to him, 2 if it was asked wrongly, 75 if the registrar was asked and did not answer.
    """
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar.agreement.quoting import Unknown
    from registrar.orders.asking import ask
    from registrar.orders.by_hand import ByHand
    from registrar.orders.requests import RequestRefusedError

    if (customer is None) != (ticket is None):
        raise typer.BadParameter("a promise has a --customer and a --ticket, or neither")
    question = {
        "domain": name,
        "kind": kind,
        "months": months,
        "customer": customer,
        "price": {"amount": price[0], "currency": price[1]} if price else None,
        "expires_at": expires_at,
        "at": at,
        "look": look,
    }
    desk = session_of(ctx).desk
    now = desk.now()
    if ticket is not None:
        ByHand(acts.actor(), ticket, now)  # a promise without a real ticket is refused before anybody looks
    try:
        told = ask(
            desk.database,
            {name: value for name, value in question.items() if value is not None},
            catalogue=desk.catalogue,
            rules=desk.rules,
            look=desk.look,
            now=now,
            actor=acts.actor(),
            ticket=ticket,
        )
    except RequestRefusedError as refused:
        raise typer.BadParameter(f"{refused.code}: {refused}") from refused
    if as_json:
        show_document(told, as_json=True)
    else:
        _show(told)
    if told["not_promised"]:
        raise typer.Exit(ExitCode.FAILED)
    if told["inquiry"] and told["inquiry"]["why_unknown"] == Unknown.LOOK_FAILED:
        raise typer.Exit(ExitCode.TRY_AGAIN)


_FEES = {"fees": ("line", "amount", "currency", "credited_on_refusal")}


def _show(told: dict[str, Any]) -> None:
    """Print the facts as a table, and under it the words for the customer, each language on its line."""
    from adapters.terminal.showing import show_document, stdout

    show_document(
        {name: value for name, value in told.items() if name not in ("words", "inputs")},
        as_json=False,
        tables=_FEES,
    )
    for text in told["words"].values():
        stdout().print(text, soft_wrap=True)
