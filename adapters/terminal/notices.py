"""`registrar notices`: what customers were told and are going to be told, seen, tried again and marked as undelivered (E2, O1)."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terminal.options import After, JsonDocument, JsonLines, Limit, Ticket
from adapters.terminal.session import session_of

if TYPE_CHECKING:  # the core takes a while to load
    from adapters.desk import Desk
    from registrar.mails import Mail

app = typer.Typer(no_args_is_help=True, help="See the notices to customers, planned, sent and undelivered.")

_COLUMNS = (
    "id", "kind", "customer", "domain", "offset_days", "scheduled_for", "state", "due_at", "tries", "said",
)  # fmt: skip
_TABLES = {"timeline": ("at", "event", "actor", "ticket", "said")}
_LARGEST_BOUNCE = 10_000_000
_READER = {"fa": "مشترک نمونه", "en": "Example Customer"}

Number = Annotated[int, typer.Argument(metavar="NOTICE", min=1, max=2**63 - 1, help="Its number.")]


@app.command("list")
def list_notices(
    ctx: typer.Context,
    *,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    domain: Annotated[str | None, typer.Option(help="Only this name's, in any script.")] = None,
    state: Annotated[
        str | None,
        typer.Option(help="planned, sending, sent, unknown, refused, bounced, needless or no_address."),
    ] = None,
    due_within: Annotated[
        int | None, typer.Option(min=0, help="Only those that are to be sent in so many days.")
    ] = None,
    after: After = 0,
    limit: Limit = 100,
    as_json: JsonLines = False,
) -> None:
    """List notices, the oldest first; no address is in them."""
    from adapters.terminal.showing import say, show_rows
    from registrar import notices

    desk = session_of(ctx).desk
    with desk.database.reading() as connection:
        found = notices.list_notices(
            connection,
            customer=customer,
            domain=_ascii(desk, domain) if domain else None,
            state=_state(state),
            due_before=None if due_within is None else desk.now() + timedelta(days=due_within),
            after=after,
            limit=limit,
        )
        away = notices.mail_is_away(connection)
    show_rows(found, _COLUMNS, as_json=as_json)
    if away:
        say("nothing can be sent just now, and what is due waits: see `registrar findings`")


@app.command()
def show(ctx: typer.Context, notice: Number, *, as_json: JsonDocument = False) -> None:
    """Show a notice, what its text is made from, and what happened to it."""
    from adapters.terminal.showing import show_document
    from registrar import notices
    from registrar.orders.by_hand import ActRefusedError

    with session_of(ctx).desk.database.reading() as connection:
        found = notices.show(connection, notice)
    if found is None:
        raise ActRefusedError("notice_unknown", f"there is no notice {notice}")
    show_document(found, as_json=as_json, tables=_TABLES)


@app.command()
def preview(
    ctx: typer.Context,
    *,
    domain: Annotated[str, typer.Option(help="A name in our books, in any script.")],
    days: Annotated[
        int, typer.Option(help="So many days from the end of its paid term; negative: before it.")
    ],
    language: Annotated[str, typer.Option(help="fa or en.")] = "fa",
    html: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write the letter as HTML into this file, too.")
    ] = None,
    as_json: JsonDocument = False,
) -> None:
    """Show the letter that a name's customer would get, by the rules in force then; nothing is sent."""
    from adapters.mail.letters import write
    from adapters.terminal.showing import print_json, say

    desk = session_of(ctx).desk
    letter = write(_expiry(desk, domain, days, language), desk.letterhead)
    if html is not None:
        html.write_text(letter.html, encoding="utf-8")
        say(f"written to {html}")
    if as_json:
        print_json({"subject": letter.subject, "text": letter.text, "html": letter.html})
    else:
        typer.echo(f"{letter.subject}\n\n{letter.text}", nl=False)


@app.command()
def retry(ctx: typer.Context, notice: Number, *, ticket: Ticket, as_json: JsonDocument = False) -> None:
    """Send a refused, bounced or doubtful notice once more; one in doubt may reach its reader twice."""
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar import notices
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    act = ByHand(acts.actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        notices.retry(connection, notice, actor=act.actor, ticket=act.ticket, now=act.now)
    show_document({"notice": notice, "state": "planned"}, as_json=as_json)


@app.command()
def bounce(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A delivery status notification as it came in; - is stdin.")
    ],
    *,
    as_json: JsonDocument = False,
) -> None:
    """Mark the notice whose mail came back. Made for a mail server's pipe; the exit code is 1 if none of ours did."""
    from adapters.mail.bounces import read_bounce
    from adapters.terminal import acts
    from adapters.terminal.showing import show_document
    from registrar import notices
    from registrar.orders.by_hand import ActRefusedError

    desk = session_of(ctx).desk
    came = read_bounce(_content(file))
    with desk.database.transaction() as connection:
        found = notices.bounced(
            connection, came.message_id, status=came.status, now=desk.now(), actor=acts.actor()
        )
    if found is None:
        raise ActRefusedError(
            "notice_unknown", "no notice that was sent and not marked yet has this Message-ID"
        )
    show_document({"notice": found, "state": "bounced", "status": came.status}, as_json=as_json)


def _content(file: Path) -> bytes:
    """Read so much of a file as a mail may have."""
    if str(file) == "-":
        return sys.stdin.buffer.read(_LARGEST_BOUNCE)
    try:
        with file.open("rb") as opened:
            return opened.read(_LARGEST_BOUNCE)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error


def _state(state: str | None) -> Any:
    from registrar.notices import NoticeState

    if state is None:
        return None
    try:
        return NoticeState(state)
    except ValueError:
        raise typer.BadParameter(f"one of {', '.join(NoticeState)}", param_hint="--state") from None


def _ascii(desk: "Desk", name: str) -> str:
    from registrar.names import DomainName

    return DomainName.parse(name, zones=desk.catalogue.keys()).ascii


def _expiry(desk: "Desk", name: str, days: int, language: str) -> "Mail":
    """Make the mail of one notice of expiry, addressed to nobody."""
    from registrar import notices
    from registrar.mails import Language, Mail, NoticeKind, Recipient
    from registrar.orders.by_hand import ActRefusedError

    if language not in set(Language):
        raise typer.BadParameter(f"one of {', '.join(Language)}", param_hint="--language")
    ascii_name = _ascii(desk, name)
    with desk.database.reading() as connection:
        facts = notices.foresee(connection, ascii_name, days=days, rules=desk.rules)
    if facts is None:
        raise ActRefusedError("domain_unknown", f"no paid term of {ascii_name} is in our books")
    reader = Recipient("customer@example.net", _READER[language], Language(language))
    return Mail(0, 1, "<preview@localhost>", NoticeKind.EXPIRY, ascii_name, facts, reader)
