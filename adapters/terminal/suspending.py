"""`registrar domains suspend` and `unsuspend`: a name out of the DNS for a while, with a notice to its customer (O11)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terminal.booking import said
from adapters.terminal.options import JsonDocument, Ticket, Yes, confirm
from adapters.terminal.session import Session, session_of

if TYPE_CHECKING:  # the core takes a while to load
    from sqlalchemy import Connection

    from registrar.names import DomainName
    from registrar.orders.by_hand import ByHand

_LONGEST = 1000

Name = Annotated[str, typer.Argument(metavar="NAME", help="A domain name, in any script.")]


def suspend(
    ctx: typer.Context,
    name: Name,
    *,
    cause: Annotated[str, typer.Option(help="debt, identity, rules or ruling; its customer reads it.")],
    reason: Annotated[str, typer.Option(help="Why, for staff.")],
    ticket: Ticket,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Take a name out of the DNS, where its registrar can; its term runs on. For a debt a recorded warning comes first."""
    from registrar.errands import domain_registrar
    from registrar.orders.suspending import Cause
    from registrar.orders.suspending import suspend as order

    session, domain = session_of(ctx), _parsed(session_of(ctx), name)
    if cause not in set(Cause):
        raise typer.BadParameter(f"one of {', '.join(Cause)}", param_hint="--cause")
    why = said(reason, "--reason", longest=_LONGEST)

    def place(connection: "Connection", token: str, act: "ByHand") -> int:
        at = session.desk.terms.get(domain_registrar(connection, domain) or "")
        can = at.capabilities.statuses if at else frozenset()
        return order(connection, domain, cause=Cause(cause), reason=why, statuses=can, token=token, act=act)

    confirm(f"Suspend {domain.unicode}? It does not resolve any more.", yes=yes)
    _order(session, domain, place, ticket=ticket, as_json=as_json)


def unsuspend(
    ctx: typer.Context,
    name: Name,
    *,
    reason: Annotated[str, typer.Option(help="Why, for staff.")],
    ticket: Ticket,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Put a suspended name back into the DNS; nothing is added to its term (E5)."""
    from registrar.orders.suspending import unsuspend as order

    session, domain = session_of(ctx), _parsed(session_of(ctx), name)
    why = said(reason, "--reason", longest=_LONGEST)

    def place(connection: "Connection", token: str, act: "ByHand") -> int:
        return order(connection, domain, reason=why, token=token, act=act)

    confirm(f"End the suspension of {domain.unicode}?", yes=yes)
    _order(session, domain, place, ticket=ticket, as_json=as_json)


def _order(
    session: Session,
    domain: "DomainName",
    place: "Callable[[Connection, str, ByHand], int]",
    *,
    ticket: str,
    as_json: bool,
) -> None:
    """Place the order, ring for it, and show it as it stands."""
    import secrets

    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar.orders import reading
    from registrar.orders.by_hand import ByHand

    desk = session.desk
    act = ByHand(acts.actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        order_id = place(connection, secrets.token_hex(8), act)
    order = acts.find(desk, order_id)
    desk.ring(order.registrar, order_id)
    show_document(
        {
            "domain": domain.ascii,
            "domain_unicode": domain.unicode,
            "order": order_id,
            "state": reading.portal_state(order),
        },
        as_json=as_json,
    )


def _parsed(session: Session, name: str) -> "DomainName":
    from registrar.names import DomainName

    return DomainName.parse(name, zones=session.desk.catalogue.keys())
