"""`registrar orders report`, `overdue` and `closing`: what customers say is wrong, and what we see first (E3, O2, O3, O8, O9)."""

from datetime import timedelta
from typing import Annotated

import typer

from adapters.terminal.options import JsonDocument, JsonLines, OrderId, Ticket
from adapters.terminal.session import session_of

_OVERDUE = ("order_id", "kind", "domain", "customer", "registrar", "state", "due_by", "cancellable_from")
_CLOSING = ("order_id", "domain", "registrar", "limit", "closes_at", "waiting")
_USUAL_DAYS = 3


def report(
    ctx: typer.Context,
    order_id: OrderId,
    *,
    kind: Annotated[str, typer.Option(help="renewal_not_done, not_delivered or differs.")],
    channel: Annotated[str, typer.Option(help="How it was said: support, email … (as the rules list them).")],
    text: Annotated[str, typer.Option(help="What the customer says.")],
    ticket: Ticket,
    reported_at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When he said it; now if left out.")
    ] = None,
    as_json: JsonDocument = False,
) -> None:
    """Keep a customer's report, stamped in time or late; what does not bind is kept too, and said not to."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar import reports
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    act = ByHand(acts.actor(), ticket, desk.now())
    body = {"kind": kind, "ticket": ticket, "channel": channel, "text": text, "reported_at": reported_at}
    given = reports.parse_report(body, now=act.now)
    with desk.database.transaction() as connection:
        filed = reports.file(connection, order_id, given, rules=desk.rules, actor=act.actor, now=act.now)
    show_document(filed._asdict() | {"consequence": reports.consequence(filed)}, as_json=as_json)


def overdue(ctx: typer.Context, *, as_json: JsonLines = False) -> None:
    """List the open orders past the end of their delivery time, the longest overdue first."""
    from adapters.terminal.showing import show_rows
    from registrar.orders import deadlines

    desk = session_of(ctx).desk
    with desk.database.reading() as connection:
        found = deadlines.overdue(connection, desk.now())
    show_rows((one._asdict() for one in found), _OVERDUE, as_json=as_json)


def closing(
    ctx: typer.Context,
    *,
    days: Annotated[int, typer.Option(min=0, max=90, help="How far ahead to look.")] = _USUAL_DAYS,
    as_json: JsonLines = False,
) -> None:
    """List the renewals that wait while one of their limits comes near, the next to close first."""
    from adapters.terminal.showing import show_rows
    from registrar.orders import deadlines

    desk = session_of(ctx).desk
    with desk.database.reading() as connection:
        found = deadlines.closing(connection, desk.rules, desk.now(), timedelta(days=days))
    show_rows((one._asdict() for one in found), _CLOSING, as_json=as_json)
