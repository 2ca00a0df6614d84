"""`registrar domains`: what staff do to one name at its registrar, with a ticket? It costs nothing, and each act is an event."""

from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terminal import importing, suspending
from adapters.terminal.options import JsonDocument, Ticket, Yes, confirm
from adapters.terminal.session import Session, session_of

if TYPE_CHECKING:  # the core takes a while to load
    from adapters.terminal.errands import AtRegistrar
    from registrar.commands import Nameserver, TransferAnswer
    from registrar.orders.by_hand import ByHand
    from registrar.secrets import Secret

app = typer.Typer(
    no_args_is_help=True,
    help="""Act on one name at its registrar, with a ticket.

    A name is at the registrar that our books say; one that they do not know is where --registrar says, else where its
    zone is sold first. Exit codes: 0 done, or accepted and carried out later; 1 refused; 75 no clear answer: look, then
    try again, it is harmless to repeat.""",
)

app.command("suspend")(suspending.suspend)
app.command("unsuspend")(suspending.unsuspend)
app.command("import")(importing.import_names)
app.command("export")(importing.export_names)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A domain name, in any script.")]
Named = Annotated[
    str | None, typer.Option("--registrar", help="Where it is, if our books do not know the name.")
]


@app.command()
def lock(
    ctx: typer.Context, name: Name, *, ticket: Ticket, registrar: Named = None, as_json: JsonDocument = False
) -> None:
    """Forbid transfers, changes and deletion: as much of that as the registrar can. The name keeps resolving."""
    _set_lock(ctx, name, registrar, ticket=ticket, locked=True, as_json=as_json)


@app.command()
def unlock(
    ctx: typer.Context, name: Name, *, ticket: Ticket, registrar: Named = None, as_json: JsonDocument = False
) -> None:
    """Allow transfers, changes and deletion again. What the registry itself has locked stays locked."""
    _set_lock(ctx, name, registrar, ticket=ticket, locked=False, as_json=as_json)


@app.command()
def nameservers(
    ctx: typer.Context,
    name: Name,
    hosts: Annotated[
        list[str],
        typer.Argument(
            metavar="HOST...",
            help="The whole set that the name should have; a host inside the name itself with its addresses: "
            "ns1.example.com=192.0.2.1,2001:db8::1",
        ),
    ],
    *,
    ticket: Ticket,
    registrar: Named = None,
    as_json: JsonDocument = False,
) -> None:
    """Set a name's name servers; those that are not listed are taken away."""
    from adapters.terminal.errands import finish, runner
    from registrar import errands
    from registrar.commands import Update

    session, at, act = _begin(ctx, name, registrar, ticket)
    update = Update(at.domain, nameservers=_servers(hosts))
    errands.insist_possible(update, at.registrar, at.can)
    outcome = runner(session.desk, at.registrar, act=act)(update)
    hosts = [server.host for server in update.nameservers or ()]
    finish({**at.told, "asked": "name servers", "nameservers": hosts}, outcome, as_json=as_json)


@app.command("auth-code")
def auth_code(
    ctx: typer.Context,
    name: Name,
    *,
    ticket: Ticket,
    new: Annotated[
        bool, typer.Option("--new", help="Set a fresh one at the registrar; the present one is void then.")
    ] = False,
    registrar: Named = None,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Print a name's auth code on stdout; it is written down nowhere else, only that it was shown to you."""
    from adapters.terminal.showing import print_json

    session, at, act = _begin(ctx, name, registrar, ticket)
    code = _fresh(session, at, act, yes=yes, as_json=as_json) if new else _read(session, at, act)
    if as_json:
        print_json({**at.told, "auth_code": code.reveal()})
    else:
        typer.echo(code.reveal())


@app.command()
def delete(
    ctx: typer.Context,
    name: Name,
    *,
    ticket: Ticket,
    registrar: Named = None,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Give a name up. It cannot be undone: at most it can be restored for a while, at a price."""
    from adapters.terminal.errands import finish, runner
    from registrar import errands
    from registrar.commands import Delete

    session, at, act = _begin(ctx, name, registrar, ticket)
    errand = Delete(at.domain)
    errands.insist_possible(errand, at.registrar, at.can)
    confirm(f"Delete {at.domain.unicode} at {at.registrar}? It cannot be undone.", yes=yes)
    outcome = runner(session.desk, at.registrar, act=act)(errand)
    finish({**at.told, "asked": "delete"}, outcome, as_json=as_json)


@app.command("approve-transfer")
def approve_transfer(
    ctx: typer.Context,
    name: Name,
    *,
    ticket: Ticket,
    registrar: Named = None,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Let a name go to the registrar that has asked for it."""
    from registrar.commands import TransferAnswer

    _answer(ctx, name, registrar, TransferAnswer.APPROVE, ticket=ticket, yes=yes, as_json=as_json)


@app.command("reject-transfer")
def reject_transfer(
    ctx: typer.Context,
    name: Name,
    *,
    ticket: Ticket,
    registrar: Named = None,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Refuse to let a name go to the registrar that has asked for it."""
    from registrar.commands import TransferAnswer

    _answer(ctx, name, registrar, TransferAnswer.REJECT, ticket=ticket, yes=yes, as_json=as_json)


@app.command("cancel-transfer")
def cancel_transfer(
    ctx: typer.Context,
    name: Name,
    *,
    ticket: Ticket,
    registrar: Named = None,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Withdraw a transfer that we have asked for; the order behind it is then refused and credited by itself."""
    from registrar.commands import TransferAnswer

    _answer(ctx, name, registrar, TransferAnswer.CANCEL, ticket=ticket, yes=yes, as_json=as_json)


def _begin(
    ctx: typer.Context, name: str, registrar: str | None, ticket: str, *, of_transfer: bool = False
) -> "tuple[Session, AtRegistrar, ByHand]":
    """Say who acts, and on what; an act without a ticket is refused before anything else."""
    from adapters.terminal.acts import actor
    from adapters.terminal.errands import find
    from registrar.commands import Kind
    from registrar.orders.by_hand import ByHand

    session = session_of(ctx)
    act = ByHand(actor(), ticket, session.desk.now())
    kind = Kind.TRANSFER if of_transfer else Kind.RENEW
    return session, find(session, name, named=registrar, kind=kind), act


def _set_lock(
    ctx: typer.Context, name: str, registrar: str | None, *, ticket: str, locked: bool, as_json: bool
) -> None:
    from adapters.terminal.errands import finish, runner
    from registrar import errands

    session, at, act = _begin(ctx, name, registrar, ticket)
    errands.insist_lockable(at.registrar, at.can)
    update = errands.lock(at.domain, at.can) if locked else errands.unlock(at.domain, at.can)
    outcome = runner(session.desk, at.registrar, act=act)(update)
    statuses = sorted(update.add_statuses | update.remove_statuses)
    asked = {"asked": "lock" if locked else "unlock", "statuses": statuses}
    finish({**at.told, **asked}, outcome, as_json=as_json)


def _answer(
    ctx: typer.Context,
    name: str,
    registrar: str | None,
    answer: "TransferAnswer",
    *,
    ticket: str,
    yes: bool,
    as_json: bool,
) -> None:
    from adapters.terminal.errands import finish, runner
    from registrar import errands
    from registrar.commands import AnswerTransfer, TransferAnswer

    of_ours = answer is TransferAnswer.CANCEL
    session, at, act = _begin(ctx, name, registrar, ticket, of_transfer=of_ours)
    errand = AnswerTransfer(at.domain, answer)
    errands.insist_possible(errand, at.registrar, at.can)
    which = "to us" if of_ours else "away from us"
    question = f"{answer.capitalize()} the transfer of {at.domain.unicode} {which}, at {at.registrar}?"
    confirm(f"{question} It cannot be undone.", yes=yes)
    outcome = runner(session.desk, at.registrar, act=act)(errand)
    finish({**at.told, "asked": f"{answer} transfer"}, outcome, as_json=as_json)


def _read(session: Session, at: "AtRegistrar", act: "ByHand") -> "Secret":
    """Ask for the auth code; that it is shown is written down first."""
    from registrar import errands
    from registrar.agreement.stops import AUTH_CODE

    desk, by = session.desk, {"actor": act.actor, "ticket": act.ticket}
    errands.insist_shown(at.registrar, at.can)
    with desk.database.reading() as connection:
        errands.insist_on_credentials(connection, at.registrar)
        errands.insist_unclaimed(connection, at.domain, AUTH_CODE, now=act.now)
    code = errands.shown(desk.auth_info(at.registrar, at.domain), at.registrar, at.can)
    with desk.database.transaction() as connection:
        errands.record_auth_code_read(connection, at.domain, at.registrar, **by, now=desk.now())
    return code


def _fresh(session: Session, at: "AtRegistrar", act: "ByHand", *, yes: bool, as_json: bool) -> "Secret":
    """Set a fresh auth code; one that is not known to be set is not shown."""
    import secrets

    from adapters.terminal.errands import judge, runner, tell
    from adapters.terminal.showing import say
    from registrar import errands
    from registrar.commands import Update
    from registrar.outcomes import Done, Pending

    code = errands.fresh_auth_code(secrets.choice)
    update = Update(at.domain, auth_info=code)
    errands.insist_possible(update, at.registrar, at.can)
    confirm(
        f"Set a fresh auth code for {at.domain.unicode} at {at.registrar}? The present one is void then.",
        yes=yes,
    )
    outcome = runner(session.desk, at.registrar, act=act)(update)
    if not isinstance(outcome, Done | Pending):
        raise typer.Exit(tell({**at.told, "asked": "auth code"}, outcome, as_json=as_json))
    if isinstance(outcome, Pending):
        say(judge(outcome)[1])
    return code


def _servers(hosts: list[str]) -> "tuple[Nameserver, ...]":
    """Read the hosts; each at most once."""
    servers = tuple(_server(host) for host in hosts)
    names = [server.host for server in servers]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise typer.BadParameter(f"{twice[0]} is listed twice", param_hint="HOST")
    return servers


def _server(text: str) -> "Nameserver":
    from ipaddress import ip_address

    from registrar.commands import Nameserver
    from registrar.names import host_name

    host, _, addresses = text.partition("=")
    listed = addresses.split(",") if addresses else []
    try:
        return Nameserver(host_name(host), tuple(str(ip_address(address.strip())) for address in listed))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="HOST") from error
