"""`registrar orders`: place, look over, and act by hand."""

from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terminal import bookings, exports, reports
from adapters.terminal.exits import ExitCode
from adapters.terminal.files import content, opened
from adapters.terminal.options import After, JsonDocument, JsonLines, Limit, OrderId, Ticket, Yes, confirm
from adapters.terminal.session import session_of

if TYPE_CHECKING:  # the core takes a while to load
    from adapters.terminal.acts import Deed

app = typer.Typer(no_args_is_help=True, help="Place orders, look them over, and act on them by hand.")
app.command()(bookings.breach)

app.command("report")(reports.report)
app.command("overdue")(reports.overdue)
app.command("closing")(reports.closing)
app.command("export")(exports.export_order)

_LIST_COLUMNS = ("id", "state", "kind", "domain_unicode", "customer", "price", "state_since", "needs")
_SHOW_TABLES = {
    "lines": ("line", "kind", "text", "amount", "refundable", "delivered", "became", "why"),
    "attempts": ("number", "begun_at", "ended_at", "outcome", "reason", "result_code", "result_text"),
    "looks": ("seen_at", "source", "standing", "verdict", "counts"),
    "ledger": ("at", "kind", "phase", "printed", "from", "to"),
    "timeline": ("at", "event", "actor", "ticket", "why", "outcome", "reason"),
    "reports": ("kind", "reported_at", "deadline", "in_time", "channel", "documentary", "ticket"),
}
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


@app.command()
def place(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON Lines, each an order with its key; - is stdin.")
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only read the orders.")] = False,
    as_json: JsonLines = False,
) -> None:
    """Place every order of a file.

    A line that cannot be taken is reported with its number, and stops nothing; the exit code is then 1. The same file
    may be placed again: each key stands for one order.
    """
    from adapters.terminal import progress

    with opened(file) as (lines, size):
        counted = progress.place_all(session_of(ctx).desk, lines, size=size, dry_run=dry_run, as_json=as_json)
    if counted.refused:
        raise typer.Exit(ExitCode.FAILED)


@app.command("list")
def list_orders(
    ctx: typer.Context,
    *,
    state: Annotated[str | None, typer.Option(help="Only those in this state, as `held`.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    domain: Annotated[str | None, typer.Option(help="Only those for this name.")] = None,
    after: After = 0,
    limit: Limit = 100,
    as_json: JsonLines = False,
) -> None:
    """List orders, the oldest first."""
    from adapters.terminal.showing import show_rows
    from registrar.names import DomainName
    from registrar.orders import reading

    desk = session_of(ctx).desk
    known = reading.KNOWN_STATES
    if state is not None and state not in known:
        raise typer.BadParameter(f"known states: {', '.join(known)}", param_hint="--state")
    name = DomainName.parse(domain, zones=desk.catalogue.keys()).ascii if domain else None
    with desk.database.reading() as connection:
        found = reading.list_orders(
            connection,
            state=state,
            customer=customer,
            domain=name,
            after=after,
            limit=limit,
        )
    show_rows((reading.summary(order) for order in found), _LIST_COLUMNS, as_json=as_json)


@app.command()
def show(ctx: typer.Context, order_id: OrderId, *, as_json: JsonDocument = False) -> None:
    """Show everything about an order: attempts, looks, ledger lines, timeline."""
    from adapters.terminal import acts
    from adapters.terminal.showing import in_currency, show_document
    from registrar import reports as kept
    from registrar.orders import reading
    from registrar.orders.agreed import agreed

    desk = session_of(ctx).desk
    order = acts.find(desk, order_id)
    with desk.database.reading() as connection:
        view = reading.staff_view(connection, order)
        view |= {
            "lines": in_currency(view["lines"], as_json=as_json),
            "agreed": agreed(connection, order, book=desk.rules, now=desk.now()),
            "reports": [one._asdict() for one in kept.list_of(connection, order.id)],
        }
    show_document(view, as_json=as_json, tables=_SHOW_TABLES)


@app.command()
def retry(
    ctx: typer.Context,
    order_id: OrderId,
    *,
    ticket: Annotated[str | None, typer.Option("--ticket", help="The support ticket behind it.")] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Take a held order up again, after a look that says what this will do and spend."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar.orders import by_hand

    desk = session_of(ctx).desk
    order = acts.find(desk, order_id)
    if dry_run:
        show_document(acts.foresee(desk, order), as_json=as_json)
        return
    if ticket is None:
        raise typer.BadParameter("an act by hand needs a ticket", param_hint="--ticket")
    if not yes:
        confirm(f"Retry {acts.describe(order)}? The look says: {acts.foresee(desk, order)['does']}.", yes=yes)
    show_document(acts.perform(desk, order, by_hand.retry, ticket=ticket), as_json=as_json)


@app.command()
def correct(
    ctx: typer.Context,
    order_id: OrderId,
    *,
    ticket: Ticket,
    auth_code_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Holds the new auth code and nothing else; - is stdin.")
    ] = None,
    document: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="JSON: auth_info, contacts, nameservers, pin, price_ceiling, done; - is stdin.",
        ),
    ] = None,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Put right what the customer got wrong. Secrets come from a file: a command line can be read by others."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document

    if (auth_code_file is None) == (document is None):
        raise typer.BadParameter("give one of --auth-code-file and --from", param_hint="--from")
    desk = session_of(ctx).desk
    order = acts.find(desk, order_id)
    corrections = acts.read_corrections(
        auth_code=None if auth_code_file is None else content(auth_code_file),
        document=None if document is None else content(document),
    )
    confirm(f"Correct {acts.describe(order)} and take it up again?", yes=yes)
    show_document(acts.correct(desk, order, corrections, ticket=ticket), as_json=as_json)


@app.command()
def complete(
    ctx: typer.Context, order_id: OrderId, *, ticket: Ticket, yes: Yes = False, as_json: JsonDocument = False
) -> None:
    """End a held order as done, unless a fresh look contradicts it."""
    from registrar.orders import by_hand

    question = "Complete {} and keep its price?"
    _end(ctx, order_id, question, by_hand.complete, ticket=ticket, yes=yes, as_json=as_json)


@app.command()
def hold(
    ctx: typer.Context, order_id: OrderId, *, ticket: Ticket, yes: Yes = False, as_json: JsonDocument = False
) -> None:
    """Take over an order that hangs at its registrar; then retry, complete or refuse it, after a fresh look."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar.orders import by_hand, reading

    desk = session_of(ctx).desk
    order = acts.find(desk, order_id)
    confirm(f"Stop following {acts.describe(order)}, and judge it yourself?", yes=yes)
    act = by_hand.ByHand(acts.actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        by_hand.hold(connection, order_id, act=act)
    show_document(reading.summary(acts.find(desk, order_id)), as_json=as_json)


@app.command()
def refuse(
    ctx: typer.Context, order_id: OrderId, *, ticket: Ticket, yes: Yes = False, as_json: JsonDocument = False
) -> None:
    """End a held order as refused and credit it, unless a fresh look contradicts it."""
    from registrar.orders import by_hand

    question = "Refuse {} and credit its price?"
    _end(ctx, order_id, question, by_hand.refuse, ticket=ticket, yes=yes, as_json=as_json)


@app.command()
def approve(
    ctx: typer.Context,
    order_id: OrderId,
    *,
    ticket: Ticket,
    via: Annotated[
        str, typer.Option("--via", help="The channel by which the holder asked in writing, as `support`.")
    ],
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Let an order go that waits for approval: its holder has asked for it in writing through support."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document

    desk = session_of(ctx).desk
    order = acts.find(desk, order_id)
    confirm(f"Approve {acts.describe(order)}, asked for by {via}?", yes=yes)
    show_document(acts.approve(desk, order, via=via, ticket=ticket), as_json=as_json)


@app.command()
def decline(
    ctx: typer.Context, order_id: OrderId, *, ticket: Ticket, yes: Yes = False, as_json: JsonDocument = False
) -> None:
    """Refuse an order that waits for approval, and credit it."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document

    desk = session_of(ctx).desk
    order = acts.find(desk, order_id)
    confirm(f"Decline {acts.describe(order)} and credit its price?", yes=yes)
    show_document(acts.decline(desk, order, ticket=ticket), as_json=as_json)


@app.command()
def cancel(
    ctx: typer.Context, order_id: OrderId, *, ticket: Ticket, yes: Yes = False, as_json: JsonDocument = False
) -> None:
    """Cancel an order of which nothing was spent, and credit it."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document

    desk = session_of(ctx).desk
    order = acts.find(desk, order_id)
    confirm(f"Cancel {acts.describe(order)} and credit its price?", yes=yes)
    show_document(acts.cancel(desk, order, ticket=ticket), as_json=as_json)


def _end(
    ctx: typer.Context,
    order_id: int,
    question: str,
    deed: "Deed",
    *,
    ticket: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Ask, then end the order by hand."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document

    desk = session_of(ctx).desk
    order = acts.find(desk, order_id)
    confirm(question.format(acts.describe(order)), yes=yes)
    show_document(acts.perform(desk, order, deed, ticket=ticket), as_json=as_json)
