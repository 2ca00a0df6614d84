"""`registrar quote`: what would an order cost and be promised, and what is still possible? With a customer it is promised."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from adapters.terminal.exits import ExitCode
from adapters.terminal.options import JsonDocument
from adapters.terminal.session import Session, session_of


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

    Where there is no database yet it is answered from the settings and the rules alone, and no registrar is asked.
    With --customer and --ticket the price is that customer's until the quote's end. The exit code is 1 if nothing could
    be promised to him, 2 if it was asked wrongly, 75 if the registrar was asked and did not answer.
    """
    from adapters.terminal.showing import show_document
    from registrar.agreement.quoting import Unknown
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
    asked = {name: value for name, value in question.items() if value is not None}
    try:
        told = _without_books(ctx, asked) or _answer(session_of(ctx), asked, ticket)
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


def _without_books(ctx: typer.Context, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """Answer where there are no books yet, and say so; None where there are, or where they are needed."""
    from adapters.terminal.showing import say

    if "customer" in asked or asked.get("look"):
        return None
    session = session_of(ctx)
    told = session.starters.ask_without_books(session.config, asked)
    if told is None:
        return None
    say(
        "there is no database here: answered from the settings and the rules alone, and no registrar was asked"
    )
    return {"without_books": True} | told


def _answer(session: Session, asked: Mapping[str, Any], ticket: str | None) -> dict[str, Any]:
    from adapters.terminal import acts
    from registrar.orders.asking import ask
    from registrar.orders.by_hand import ByHand

    desk = session.desk
    now = desk.now()
    if ticket is not None:
        ByHand(acts.actor(), ticket, now)  # a promise without a real ticket is refused before anybody looks
    return ask(
        desk.database,
        asked,
        catalogue=desk.catalogue,
        rules=desk.rules,
        look=desk.look,
        now=now,
        actor=acts.actor(),
        ticket=ticket,
    )


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
