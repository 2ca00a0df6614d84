"""`registrar sync pin`, `unpin` and `pins`: which dates do staff hold fast against what the sources say, and until when (C1)?"""

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terminal.booking import by, said
from adapters.terminal.options import JsonDocument, JsonLines, Ticket, instant
from adapters.terminal.session import session_of

if TYPE_CHECKING:  # the core takes a while to load
    from adapters.desk import Desk
    from registrar.commands import Expiry
    from registrar.names import DomainName

_COLUMNS = ("domain", "expires_at", "until", "reason", "actor", "ticket", "pinned_at")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONGEST = 1000

Name = Annotated[str, typer.Argument(metavar="NAME", help="A domain name, in any script.")]


def pin(
    ctx: typer.Context,
    name: Name,
    *,
    expires: Annotated[
        str, typer.Option(metavar="DATE", help="When it expires: 2027-03-20, or 2027-03-20T23:59:59Z.")
    ],
    until: Annotated[str, typer.Option(metavar="DATE", help="Until when no source changes that.")],
    reason: Annotated[str, typer.Option(help="Why staff know better.")],
    ticket: Ticket,
    as_json: JsonDocument = False,
) -> None:
    """Write a name's expiry into the books and hold it fast; a bare date is the end of that day, where the registry is."""
    from adapters.terminal.acts import actor
    from adapters.terminal.showing import show_document
    from registrar.names import DomainName
    from registrar.orders.by_hand import ByHand
    from registrar.sync import pins as core

    desk = session_of(ctx).desk
    act = ByHand(actor(), ticket, desk.now())
    domain = DomainName.anywhere(name)
    date, end = _date(desk, domain, expires, "--expires"), _date(desk, domain, until, "--until")
    why = said(reason, "--reason", longest=_LONGEST)
    with desk.database.transaction() as connection:
        core.pin(
            connection,
            domain.ascii,
            expires=date,
            until=end.at,
            reason=why,
            **by(act),
        )
    show_document({"domain": domain.ascii, "expires_at": date.at, "pinned_until": end.at}, as_json=as_json)


def unpin(ctx: typer.Context, name: Name, *, ticket: Ticket, as_json: JsonDocument = False) -> None:
    """Let the sources speak again: the next look is judged against the date that was pinned."""
    from adapters.terminal.acts import actor
    from adapters.terminal.showing import show_document
    from registrar.names import DomainName
    from registrar.orders.by_hand import ByHand
    from registrar.sync import pins as core

    desk = session_of(ctx).desk
    act = ByHand(actor(), ticket, desk.now())
    domain = DomainName.anywhere(name)
    with desk.database.transaction() as connection:
        core.unpin(connection, domain.ascii, **by(act))
    show_document({"domain": domain.ascii, "pinned": False}, as_json=as_json)


def pins(ctx: typer.Context, *, as_json: JsonLines = False) -> None:
    """List the dates that are pinned, the next to end first."""
    from adapters.terminal.showing import show_rows
    from registrar.sync import pins as core

    desk = session_of(ctx).desk
    with desk.database.reading() as connection:
        found = core.list_pins(connection, now=desk.now())
    show_rows((asdict(one) for one in found), _COLUMNS, as_json=as_json)


def _date(desk: "Desk", domain: "DomainName", text: str, option: str) -> "Expiry":
    """Read a day, which ends where the zone's registry is, or an instant."""
    from zoneinfo import ZoneInfo

    from registrar.commands import Expiry
    from registrar.dates import read_date

    if not _DAY.fullmatch(text):
        return Expiry(instant(text, option), text)
    clock = desk.rules.rules(domain.zone, at=desk.now()).renewal.bare_date_zone
    read = read_date(text, zone=ZoneInfo(clock))
    if read is None:
        raise typer.BadParameter(f"{text} is no day of this age", param_hint=option)
    return read
