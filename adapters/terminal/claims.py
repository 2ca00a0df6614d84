"""`registrar claims`: third parties' claims to names, recorded by staff with a ticket, kept by the watchdog (D9)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terminal import exports
from adapters.terminal.options import After, JsonDocument, JsonLines, Limit, Ticket, Yes, confirm, instant
from adapters.terminal.session import session_of
from registrar.agreement.disputing import By, Procedure, Ruling
from registrar.agreement.stops import ClaimState

if TYPE_CHECKING:  # the core takes a while to load
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from adapters.desk import Desk
    from registrar.agreement.rules import Rules
    from registrar.orders.by_hand import ByHand

app = typer.Typer(
    no_args_is_help=True,
    help="""Keep what third parties claim, and the names locked that they claim (D9).

    assert, proceed, confirm, uphold or dismiss, rule, close: each with a ticket. Offices, case and document numbers are
    recorded, never people. The name is locked and watched by the workers; what is wrong is among the findings.""",
)
app.command("export")(exports.export_claim)

_COLUMNS = (
    "id",
    "state",
    "domain_unicode",
    "procedure",
    "reference",
    "lock",
    "lock_by",
    "verified_at",
    "next_step",
)
_TABLES = {
    "confirmations": ("by", "who", "at", "evidence"),
    "orders": ("id", "kind", "state", "statuses", "state_since"),
    "findings": ("id", "kind", "opened_at", "text", "next_step"),
    "timeline": ("at", "event", "actor", "ticket"),
}

Number = Annotated[int, typer.Argument(metavar="CLAIM", min=1, max=2**63 - 1, help="The claim's number.")]
Document = Annotated[str, typer.Option("--document", help="The number of the paper that says so.")]


@app.command("assert")
def assert_claim(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A domain name, in any script.")],
    *,
    procedure: Annotated[Procedure, typer.Option(help="How it is heard.")],
    reference: Annotated[str, typer.Option(help="The claim's case or document number; no person's name.")],
    ticket: Ticket,
    registrar: Annotated[
        str | None, typer.Option("--registrar", help="Where the name is, if our books do not know it.")
    ] = None,
    as_json: JsonDocument = False,
) -> None:
    """Record that somebody claims a name. It stops nothing yet."""
    from adapters.terminal.errands import find
    from registrar.claims import acts

    session = session_of(ctx)
    at, act = find(session, name, named=registrar), _act(session.desk, ticket)
    with session.desk.database.transaction() as connection:
        claim_id = acts.assert_claim(
            connection,
            at.domain,
            registrar=at.registrar,
            procedure=procedure,
            reference=reference,
            rules=_rules(session.desk, at.domain.zone),
            act=act,
        )
    _show(session.desk, claim_id, as_json=as_json)


@app.command()
def proceed(
    ctx: typer.Context,
    claim: Number,
    *,
    ticket: Ticket,
    requested_at: Annotated[
        str | None,
        typer.Option(help="When the provider asked for the lock, as 2026-11-22T09:30:00Z; else now."),
    ] = None,
    lock: Annotated[
        bool, typer.Option("--lock", help="Lock it although the procedure alone does not ask for it.")
    ] = False,
    as_json: JsonDocument = False,
) -> None:
    """Record that the claim is heard; UDRP and URS lock the name from here on."""
    from registrar.claims import acts

    since = _instant(requested_at, "--requested-at")

    def deed(connection: "Connection", rules: "Rules", act: "ByHand") -> object:
        return acts.proceed(connection, claim, rules=rules, act=act, requested_at=since, lock=lock)

    _do(ctx, claim, deed, ticket=ticket, as_json=as_json)


@app.command("confirm")
def record_confirmation(
    ctx: typer.Context,
    claim: Number,
    *,
    by: Annotated[By, typer.Option(help="Who confirms it.")],
    who: Annotated[str, typer.Option(help="The office; no person's name.")],
    document: Document,
    ticket: Ticket,
    as_json: JsonDocument = False,
) -> None:
    """Record the company's or an authority's confirmation."""
    from registrar.agreement.disputing import Evidence
    from registrar.claims import acts

    def deed(connection: "Connection", _: "Rules", act: "ByHand") -> object:
        return acts.confirm(connection, claim, by=by, evidence=Evidence(who, document), act=act)

    _do(ctx, claim, deed, ticket=ticket, as_json=as_json)


@app.command()
def uphold(
    ctx: typer.Context,
    claim: Number,
    *,
    ruling: Annotated[Ruling, typer.Option(help="What becomes of the name.")],
    ticket: Ticket,
    decided_at: Annotated[
        str | None, typer.Option(help="When we were told, as 2026-11-22T09:30:00Z; else now.")
    ] = None,
    hold: Annotated[
        bool, typer.Option("--hold", help="The ruling takes the name out of the DNS as well.")
    ] = False,
    as_json: JsonDocument = False,
) -> None:
    """Record that the claim was upheld: the name is locked now at the latest, and the ruling waits for a court filing."""
    from registrar.agreement.rules import BlockMode
    from registrar.claims import acts

    since, mode = _instant(decided_at, "--decided-at"), BlockMode.HOLD if hold else None

    def deed(connection: "Connection", rules: "Rules", act: "ByHand") -> object:
        return acts.uphold(
            connection, claim, ruling=ruling, rules=rules, act=act, decided_at=since, block_mode=mode
        )

    _do(ctx, claim, deed, ticket=ticket, as_json=as_json)


@app.command()
def dismiss(
    ctx: typer.Context,
    claim: Number,
    *,
    document: Document,
    ticket: Ticket,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Record that the claim was dismissed, withdrawn or overturned: its lock comes off, and only its own."""
    from registrar.claims import acts

    def deed(connection: "Connection", rules: "Rules", act: "ByHand") -> object:
        return acts.dismiss(connection, claim, rules=rules, act=act, document=document)

    confirm(f"Dismiss claim {claim} and release its name?", yes=yes)
    _do(ctx, claim, deed, ticket=ticket, as_json=as_json)


@app.command("court-filing")
def court_filing(
    ctx: typer.Context,
    claim: Number,
    *,
    document: Document,
    ticket: Ticket,
    ended: Annotated[
        bool, typer.Option("--ended", help="The court lets the ruling stand: it is to be carried out.")
    ] = False,
    as_json: JsonDocument = False,
) -> None:
    """Record a court filing: it stops the ruling."""
    from registrar.claims import acts

    act_of = acts.end_court if ended else acts.file_in_court

    def deed(connection: "Connection", _: "Rules", act: "ByHand") -> object:
        return act_of(connection, claim, act=act, document=document)

    _do(ctx, claim, deed, ticket=ticket, as_json=as_json)


@app.command()
def rule(
    ctx: typer.Context,
    claim: Number,
    *,
    document: Document,
    ticket: Ticket,
    order: Annotated[
        int | None,
        typer.Option(
            min=1, help="By this order of the name, which waits for the claim: it is let through our gate."
        ),
    ] = None,
    by_hand: Annotated[bool, typer.Option("--by-hand", help="By errands of ours at the registrar.")] = False,
    by_registry: Annotated[
        bool, typer.Option("--by-registry", help="By the registry itself; we record and follow.")
    ] = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Have the ruling carried out. Where we do it our lock comes off first."""
    from registrar.claims import acts
    from registrar.claims.states import CarriedBy

    ways = [
        way
        for way, said in (
            (CarriedBy.ORDER, order is not None),
            (CarriedBy.HAND, by_hand),
            (CarriedBy.REGISTRY, by_registry),
        )
        if said
    ]
    if len(ways) != 1:
        raise typer.BadParameter("say one of --order, --by-hand and --by-registry", param_hint="--order")

    def deed(connection: "Connection", _: "Rules", act: "ByHand") -> object:
        return acts.rule(connection, claim, by=ways[0], act=act, document=document, order_id=order)

    confirm(f"Have the ruling of claim {claim} carried out?", yes=yes)
    _do(ctx, claim, deed, ticket=ticket, as_json=as_json)


@app.command()
def close(
    ctx: typer.Context, claim: Number, *, document: Document, ticket: Ticket, as_json: JsonDocument = False
) -> None:
    """Record that the ruling has been carried out; the claim closes once nothing of its lock is left."""
    from registrar.claims import acts

    def deed(connection: "Connection", _: "Rules", act: "ByHand") -> object:
        return acts.close(connection, claim, act=act, document=document)

    _do(ctx, claim, deed, ticket=ticket, as_json=as_json)


@app.command()
def disclose(
    ctx: typer.Context,
    claim: Number,
    *,
    ticket: Ticket,
    since: Annotated[
        str | None, typer.Option("--from", help="From when, as 2026-11-22T09:30:00Z; else now.")
    ] = None,
    as_json: JsonDocument = False,
) -> None:
    """Let the respondent read of the claim, from now or from a time on."""
    from registrar.claims import acts

    start = _instant(since, "--from")

    def deed(connection: "Connection", _: "Rules", act: "ByHand") -> object:
        return acts.disclose(connection, claim, act=act, since=start)

    _do(ctx, claim, deed, ticket=ticket, as_json=as_json)


@app.command()
def watch(ctx: typer.Context, claim: Number, *, as_json: JsonDocument = False) -> None:
    """Have the name looked at now, and not only when it is due: a worker does so within seconds."""
    from registrar.claims import reading
    from registrar.orders.by_hand import ActRefusedError

    desk = session_of(ctx).desk
    found = _find(desk, claim)
    with desk.database.transaction() as connection:
        asked = reading.hasten(connection, claim, now=desk.now())
    if not asked:
        raise ActRefusedError("not_now", f"claim {claim} is {found.state}: its name is not watched")
    _show(desk, claim, as_json=as_json)


@app.command()
def show(
    ctx: typer.Context,
    claim: Number,
    *,
    at: Annotated[
        str | None,
        typer.Option("--at", help="As it stood then, proven from its events: 2026-11-22T09:30:00Z."),
    ] = None,
    as_json: JsonDocument = False,
) -> None:
    """Show a claim with all that belongs to it, or what its events prove for an instant."""
    from adapters.terminal.showing import show_document
    from registrar.claims import history
    from registrar.orders.by_hand import ActRefusedError

    desk, instant_ = session_of(ctx).desk, _instant(at, "--at")
    if instant_ is None:
        _show(desk, claim, as_json=as_json)
        return
    with desk.database.reading() as connection:
        proven = history(connection, claim, instant_)
    if proven is None:
        raise ActRefusedError("claim_unknown", f"there was no claim {claim} at that time")
    told: dict[str, Any] = {"id": claim, "at": instant_, **proven["facts"]}
    document = told | {"confirmations": proven["confirmations"], "timeline": proven["events"]}
    show_document(
        document, as_json=as_json, tables={name: _TABLES[name] for name in ("confirmations", "timeline")}
    )


@app.command("list")
def list_claims(
    ctx: typer.Context,
    *,
    state: Annotated[ClaimState | None, typer.Option(help="Only those in this state.")] = None,
    domain: Annotated[str | None, typer.Option(help="Only those to this name.")] = None,
    closed: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    after: After = 0,
    limit: Limit = 100,
    as_json: JsonLines = False,
) -> None:
    """List the claims that are open, with the next step of each."""
    from adapters.terminal.showing import show_rows
    from registrar.claims import reading
    from registrar.names import DomainName

    desk = session_of(ctx).desk
    name = DomainName.parse(domain, zones=desk.catalogue.keys()).ascii if domain else None
    with desk.database.reading() as connection:
        found = reading.list_claims(
            connection, domain=name, state=state, open_only=not closed, after=after, limit=limit
        )
    show_rows((reading.summary(claim, now=desk.now()) for claim in found), _COLUMNS, as_json=as_json)


def _do(
    ctx: typer.Context,
    claim_id: int,
    deed: "Callable[[Connection, Rules, ByHand], object]",
    *,
    ticket: str,
    as_json: bool,
) -> None:
    """Do something to a claim by the rules of its zone, and show it as it is then."""
    desk = session_of(ctx).desk
    found = _find(desk, claim_id)
    with desk.database.transaction() as connection:
        deed(connection, _rules(desk, found.zone), _act(desk, ticket))
    _show(desk, claim_id, as_json=as_json)


def _act(desk: "Desk", ticket: str) -> "ByHand":
    from adapters.terminal.acts import actor
    from registrar.orders.by_hand import ByHand

    return ByHand(actor(), ticket, desk.now())


def _rules(desk: "Desk", zone: str) -> "Rules":
    return desk.rules.rules(zone, at=desk.now())


def _find(desk: "Desk", claim_id: int) -> "Row[Any]":
    from registrar.claims.states import read
    from registrar.orders.by_hand import ActRefusedError

    with desk.database.reading() as connection:
        found = read(connection, claim_id)
    if found is None:
        raise ActRefusedError("claim_unknown", f"there is no claim {claim_id}")
    return found


def _show(desk: "Desk", claim_id: int, *, as_json: bool) -> None:
    from adapters.terminal.showing import show_document
    from registrar.claims import reading

    found = _find(desk, claim_id)
    with desk.database.reading() as connection:
        document = reading.staff_view(connection, found, rules=_rules(desk, found.zone), now=desk.now())
    show_document(document, as_json=as_json, tables=_TABLES)


def _instant(text: str | None, option: str) -> "datetime | None":
    return None if text is None else instant(text, option)
