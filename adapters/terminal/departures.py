"""`registrar departures`: how a name leaves for a panel outside, seen, asked for and stopped by staff, with a ticket (D7)."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terminal.options import After, JsonDocument, JsonLines, Limit, Ticket, Yes, confirm, instant
from adapters.terminal.session import session_of

if TYPE_CHECKING:  # the core takes a while to load
    from adapters.desk import Desk
    from registrar.agreement.departing import Ground
    from registrar.departures import Wish

app = typer.Typer(
    no_args_is_help=True,
    help="""Let names leave for a panel outside, as the agreement owes it (D7).

    A request is denied on one of the only grounds, and the answer names it; else the name is unlocked, its auth code is
    handed out once, to the registrant only, and it is followed until it is gone.""",
)

_COLUMNS = ("id", "state", "domain_unicode", "customer", "ground", "requested_at", "code_by", "code_given_at")
_TABLES = {"timeline": ("at", "event", "actor", "ticket", "ground", "way", "was")}

Name = Annotated[str, typer.Argument(metavar="NAME", help="A domain name, in any script.")]
Number = Annotated[
    int, typer.Argument(metavar="DEPARTURE", min=1, max=2**63 - 1, help="The departure's number.")
]
Via = Annotated[str, typer.Option("--via", help="The channel of the request, as `support`, `fax`, `letter`.")]
Evidence = Annotated[str, typer.Option(help="What shows it: where the paper or the message is kept.")]
Requested = Annotated[
    str | None, typer.Option("--requested-at", help="When it was asked, as 2026-11-22T09:30:00Z; else now.")
]
Stated = Annotated[str, typer.Option("--ground", help="One of court_hold, fraud, holder_objects.")]


@app.command()
def request(
    ctx: typer.Context,
    name: Name,
    *,
    via: Via,
    evidence: Evidence,
    ticket: Ticket,
    requested_at: Requested = None,
    as_json: JsonDocument = False,
) -> None:
    """Take a customer's wish that his name leaves; the answer says what comes next, or on which ground it is denied."""
    from registrar import departures

    desk = session_of(ctx).desk
    wish = _wish(desk, name, via=via, evidence=evidence, ticket=ticket, requested_at=requested_at)
    with desk.database.transaction() as connection:
        departure_id, _ = departures.request(
            connection, wish, terms=desk.terms, rules=desk.rules, now=desk.now()
        )
    _show(desk, departure_id, as_json=as_json)


@app.command()
def follow(
    ctx: typer.Context,
    name: Name,
    *,
    via: Via,
    evidence: Evidence,
    ticket: Ticket,
    requested_at: Requested = None,
    as_json: JsonDocument = False,
) -> None:
    """Adopt a transfer out that is under way without our doing: the holder wants it, so it is followed to its end."""
    from registrar import departures

    desk = session_of(ctx).desk
    wish = _wish(desk, name, via=via, evidence=evidence, ticket=ticket, requested_at=requested_at)
    with desk.database.transaction() as connection:
        departure_id = departures.follow(connection, wish, rules=desk.rules, now=desk.now())
    _show(desk, departure_id, as_json=as_json)


@app.command("list")
def list_departures(
    ctx: typer.Context,
    *,
    name: Annotated[str | None, typer.Option("--domain", help="Only those of this name.")] = None,
    state: Annotated[str | None, typer.Option(help="Only those in this state, as `open`.")] = None,
    after: After = 0,
    limit: Limit = 100,
    as_json: JsonLines = False,
) -> None:
    """List departures, the oldest first."""
    from adapters.terminal.showing import show_rows
    from registrar import departures

    desk, known = session_of(ctx).desk, [str(one) for one in departures.DepartureState]
    if state is not None and state not in known:
        raise typer.BadParameter(f"known states: {', '.join(known)}", param_hint="--state")
    domain = _ascii(desk, name) if name else None
    with desk.database.reading() as connection:
        rows = departures.list_departures(connection, domain=domain, state=state, after=after, limit=limit)
        found = [departures.staff_view(connection, row) for row in rows]
    show_rows(found, _COLUMNS, as_json=as_json)


@app.command()
def show(ctx: typer.Context, departure: Number, *, as_json: JsonDocument = False) -> None:
    """Show everything about a departure; its code is not among it, for it is kept nowhere."""
    _show(session_of(ctx).desk, departure, as_json=as_json)


@app.command("give-code")
def give_code(
    ctx: typer.Context,
    departure: Number,
    *,
    ticket: Ticket,
    again: Annotated[
        bool, typer.Option("--again", help="Once more, after it was lost; that too is written down.")
    ] = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Print the auth code on stdout, once; give it to the registrant and to nobody else. It is written down nowhere."""
    from adapters.codes import hand_out
    from adapters.terminal import acts
    from adapters.terminal.showing import print_json, say
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    act = ByHand(acts.actor(), ticket, desk.now())
    confirm(f"Hand out the code of departure {departure}, for the registrant only?", yes=yes)
    code = hand_out(desk, departure, actor=act.actor, ticket=act.ticket, again=again)
    value = code.value.reveal() if code.value else None
    if value is None:
        say("the registrar mails the code to the holder by itself: tell him so")
    if as_json:
        print_json({"departure": departure, "way": code.way, "auth_code": value})
    elif value is not None:
        typer.echo(value)


@app.command()
def stop(
    ctx: typer.Context,
    departure: Number,
    *,
    ground: Stated,
    evidence: Evidence,
    ticket: Ticket,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Stop a departure on one of the grounds that staff state: a transfer under way is rejected, the lock is put back."""
    from adapters.terminal import acts
    from registrar import departures
    from registrar.orders.by_hand import ByHand

    desk, stated = session_of(ctx).desk, _ground(ground)
    act = ByHand(acts.actor(), ticket, desk.now())
    confirm(f"Stop departure {departure} ({stated}), and reject a transfer that is under way?", yes=yes)
    with desk.database.transaction() as connection:
        departures.stop(connection, departure, stated, evidence=evidence, act=act)
    _show(desk, departure, as_json=as_json)


@app.command()
def bar(
    ctx: typer.Context,
    name: Name,
    *,
    ground: Stated,
    evidence: Evidence,
    ticket: Ticket,
    as_json: JsonDocument = False,
) -> None:
    """Put a ground on record before anybody asks: requests are denied on it until it is lifted."""
    from adapters.terminal import acts
    from registrar import departures
    from registrar.orders.by_hand import ByHand

    desk, stated = session_of(ctx).desk, _ground(ground)
    act = ByHand(acts.actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        departure_id = departures.bar(
            connection, _ascii(desk, name), stated, evidence=evidence, rules=desk.rules, act=act
        )
    _show(desk, departure_id, as_json=as_json)


@app.command()
def lift(ctx: typer.Context, departure: Number, *, ticket: Ticket, as_json: JsonDocument = False) -> None:
    """Take a ground that staff stated off the record."""
    from adapters.terminal import acts
    from registrar import departures
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    act = ByHand(acts.actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        departures.lift(connection, departure, act=act)
    _show(desk, departure, as_json=as_json)


def _wish(
    desk: "Desk", name: str, *, via: str, evidence: str, ticket: str, requested_at: str | None
) -> "Wish":
    from adapters.terminal import acts
    from registrar.departures import Wish
    from registrar.orders.by_hand import ByHand

    act = ByHand(acts.actor(), ticket, desk.now())
    asked_at = instant(requested_at, "--requested-at") if requested_at else act.now
    return Wish(_ascii(desk, name), via, evidence, act.ticket, act.actor, asked_at)


def _ascii(desk: "Desk", name: str) -> str:
    from registrar.names import DomainName

    return DomainName.parse(name, zones=desk.catalogue.keys()).ascii


def _ground(text: str) -> "Ground":
    from registrar.agreement.departing import Ground

    try:
        return Ground(text)
    except ValueError as error:
        raise typer.BadParameter(f"known grounds: {', '.join(Ground)}", param_hint="--ground") from error


def _show(desk: "Desk", departure_id: int, *, as_json: bool) -> None:
    from adapters.terminal.showing import show_document
    from registrar import departures
    from registrar.orders.by_hand import ActRefusedError

    with desk.database.reading() as connection:
        row = departures.read(connection, departure_id)
        if row is None:
            raise ActRefusedError("departure_unknown", f"there is no departure {departure_id}")
        view: dict[str, Any] = departures.staff_view(connection, row)
        view["next"] = (departures.customer_view(connection, row, now=desk.now())["next"] or {}).get("en")
    show_document(view, as_json=as_json, tables=_TABLES)
