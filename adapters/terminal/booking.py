"""How does a person book something? It is shown first, asked about, done in one transaction, or only tried (`--dry-run`)."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer

from adapters.terminal.options import confirm
from adapters.terminal.session import session_of
from registrar.texts import is_readable, names_a_person

if TYPE_CHECKING:  # the core takes a while to load
    from sqlalchemy import Connection

    from registrar.orders.by_hand import ByHand

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would come to, and book nothing.")]
Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The portal's own name for the customer.")]
Amount = Annotated[int, typer.Argument(min=1, max=10**15, help="In minor units: whole rials, cents.")]
Currency = Annotated[str, typer.Argument(help="As IRR or USD.")]
BALANCES = ("bucket", "amount", "expires_on")
"""What is shown of each purse of a customer's credit account."""
Reason = Annotated[str, typer.Option("--reason", help="Why, for the books.")]


class By(TypedDict):
    """Who books, on which ticket, when, as every booking of the core asks for it."""

    actor: str
    ticket: str
    now: datetime


def by(act: "ByHand") -> By:
    """Return an act's words for a booking."""
    return {"actor": act.actor, "ticket": act.ticket, "now": act.now}


class _TriedError(Exception):
    """Everything is undone: it was a trial."""


def book(
    ctx: typer.Context,
    question: str,
    deed: "Callable[[Connection, ByHand], Mapping[str, Any]]",
    *,
    ticket: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Do a deed of the books with its ticket (C1), and show what it came to."""
    from adapters.terminal.acts import actor
    from adapters.terminal.showing import in_currency, show_document
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    act = ByHand(actor(), ticket, desk.now())
    if not dry_run:
        confirm(question, yes=yes)
    told: dict[str, Any] = {"dry_run": dry_run}
    with suppress(_TriedError), desk.database.transaction() as connection:
        told |= deed(connection, act)
        if dry_run:
            raise _TriedError
    tables = {"balances": BALANCES} if "balances" in told else {}
    told |= {name: in_currency(told[name], as_json=as_json) for name in tables}
    show_document(told, as_json=as_json, tables=tables)


def words(text: str, where: str, *, longest: int = 255) -> str:
    """Return a name or a number that the books can hold, or say what it must be."""
    return _fitting(text, where, longest, fits=str.isprintable)


def said(text: str, where: str, *, longest: int = 255) -> str:
    """Return what a person wrote in his own language, or say what it must be; it is kept in events (D10)."""
    if names_a_person(text):
        raise typer.BadParameter(
            "leave the e-mail address out: it stays in the ticket (D10)", param_hint=where
        )
    return _fitting(text, where, longest, fits=is_readable)


def _fitting(text: str, where: str, longest: int, *, fits: "Callable[[str], bool]") -> str:
    if not 1 <= len(text.strip()) <= longest or not fits(text):
        raise typer.BadParameter(f"must be 1-{longest} printable characters", param_hint=where)
    return text.strip()
