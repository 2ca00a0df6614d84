"""`registrar registrars hold`, `release` and `holds`: what is nothing sent to for now, and from when (O3)?"""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from adapters.terminal.booking import said
from adapters.terminal.options import JsonDocument, JsonLines, Ticket, Yes, confirm, instant
from adapters.terminal.session import Session, session_of

if TYPE_CHECKING:  # the core takes a while to load
    from datetime import datetime

    from registrar.holds import HoldKind
    from registrar.orders.by_hand import ByHand

_COLUMNS = ("registrar", "kind", "cause", "on_hold", "reason", "since", "announced_at", "probe_at")
_LONGEST = 1000

Scope = Annotated[
    str,
    typer.Argument(
        metavar="SCOPE", help="A registrar's name in the settings, zone:ir for a zone, or * for everything."
    ),
]


def hold(
    ctx: typer.Context,
    scope: Scope,
    *,
    reason: Annotated[str, typer.Option(help="Why: staff read it wherever an order waits for it.")],
    ticket: Ticket,
    kind: Annotated[
        str, typer.Option(help="operational: the clocks of delivery run on; force_majeure: they stop.")
    ] = "operational",
    evidence: Annotated[
        str | None, typer.Option(help="Of force majeure: the paper, the order, the publication.")
    ] = None,
    begins: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="TIME", help="Announce it for then, as 2026-11-22T09:30:00Z; else now."
        ),
    ] = None,
    urgent: Annotated[
        bool, typer.Option("--urgent", help="It cannot be announced as early as the agreement asks.")
    ] = False,
    as_json: JsonDocument = False,
) -> None:
    """Put a registrar, a zone or everything on hold: nothing more is sent, orders wait; what is under way is followed.

    With --from it is announced, and whoever has an open order there is told by mail.
    """
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar.holds import HoldKind
    from registrar.orders.by_hand import ByHand

    session = session_of(ctx)
    scope = known_scope(session, scope)
    if kind not in set(HoldKind):
        raise typer.BadParameter(f"one of {', '.join(HoldKind)}", param_hint="--kind")
    why = said(reason, "--reason", longest=_LONGEST)
    proof = said(evidence, "--evidence", longest=_LONGEST) if evidence is not None else None
    wish = _Wish(scope, HoldKind(kind), why, proof, ByHand(acts.actor(), ticket, session.desk.now()))
    told = {"registrar": scope, "on_hold": begins is None, "reason": why}
    if begins is not None:
        since = instant(begins, "--from")
        told |= {"since": since, "customers_told": _announce(session, wish, since, urgent=urgent)}
    elif urgent:
        raise typer.BadParameter("a hold that begins now needs no announcement", param_hint="--urgent")
    else:
        _put(session, wish)
    show_document(told | ({"kind": kind} if kind != HoldKind.OPERATIONAL else {}), as_json=as_json)


def release(
    ctx: typer.Context,
    scope: Scope,
    *,
    ticket: Ticket,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Release a registrar, a zone or everything from its holds, announced ones too: waiting orders go out in promise order."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar import holds
    from registrar.orders.by_hand import ByHand

    session = session_of(ctx)
    scope = known_scope(session, scope)
    confirm(f"Release {holds.in_words(scope)}, and send its waiting orders?", yes=yes)
    act = ByHand(acts.actor(), ticket, session.desk.now())
    with session.desk.database.transaction() as connection:
        released = holds.release(connection, scope, now=act.now, actor=act.actor, ticket=act.ticket)
    show_document({"registrar": scope, "released": released}, as_json=as_json)


def list_holds(ctx: typer.Context, *, as_json: JsonLines = False) -> None:
    """List the holds that are on, and those that are announced."""
    from adapters.terminal.showing import show_rows
    from registrar import holds

    desk = session_of(ctx).desk
    with desk.database.reading() as connection:
        found = holds.list_open(connection)
    now = desk.now()
    show_rows(({**one._asdict(), "on_hold": one.since <= now} for one in found), _COLUMNS, as_json=as_json)


def known_scope(session: Session, scope: str) -> str:
    """Return the scope as it is kept, or say that there is none such."""
    from registrar.holds import EVERYTHING, zone_of, zone_scope
    from registrar.names import DomainName

    zone = zone_of(scope)
    if zone is None:
        if scope != EVERYTHING and scope not in session.desk.terms:
            enabled = ", ".join(sorted(session.desk.terms)) or "none"
            raise typer.BadParameter(f"no registrar {scope!r} is enabled; enabled: {enabled}")
        return scope
    sold = {DomainName(f"a.{name}", name).unicode.partition(".")[2]: name for name in session.desk.catalogue}
    ascii_zone = zone if zone in session.desk.catalogue else sold.get(zone)
    if ascii_zone is None:
        raise typer.BadParameter(
            f"no zone {zone!r} is sold; sold: {', '.join(sorted(session.desk.catalogue))}"
        )
    return zone_scope(ascii_zone)


class _Wish(NamedTuple):
    """A hold as staff ask for it."""

    scope: str
    kind: "HoldKind"
    reason: str
    evidence: str | None
    act: "ByHand"


def _put(session: Session, wish: _Wish) -> None:
    from registrar import holds

    with session.desk.database.transaction() as connection:
        holds.put_by_hand(
            connection,
            wish.scope,
            reason=wish.reason,
            now=wish.act.now,
            actor=wish.act.actor,
            ticket=wish.act.ticket,
            kind=wish.kind,
            evidence=wish.evidence,
        )


def _announce(session: Session, wish: _Wish, since: "datetime", *, urgent: bool) -> int:
    """Announce it, and owe a notice to each customer with an open order there; return how many are told."""
    from registrar import holds
    from registrar.orders.deadlines import tell_customers

    desk, act = session.desk, wish.act
    zone = holds.zone_of(wish.scope)
    rules = desk.rules.at(act.now).common if zone is None else desk.rules.rules(zone, at=act.now)
    with desk.database.transaction() as connection:
        holds.announce(
            connection,
            wish.scope,
            since=since,
            urgent=urgent,
            rules=rules.conduct,
            reason=wish.reason,
            now=act.now,
            actor=act.actor,
            ticket=act.ticket,
            kind=wish.kind,
            evidence=wish.evidence,
        )
        return tell_customers(connection, wish.scope, since=since, now=act.now)
