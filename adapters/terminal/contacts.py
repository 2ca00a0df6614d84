"""`registrar contacts`: how are contacts made and changed at a registry where they have a life of their own?"""

from typing import Annotated

import typer

from adapters.terminal.files import content
from adapters.terminal.options import JsonDocument, Ticket
from adapters.terminal.registrars import RegistrarName
from adapters.terminal.session import session_of

app = typer.Typer(
    no_args_is_help=True,
    help="Create and change contacts at a registry that keeps them by themselves, as IRNIC does its handles.",
)

ContactFile = Annotated[str, typer.Option("--file", metavar="FILE", help="JSON; - is stdin.")]


@app.command()
def create(
    ctx: typer.Context,
    registrar: RegistrarName,
    *,
    file: ContactFile,
    ticket: Ticket,
    as_json: JsonDocument = False,
) -> None:
    """Create a contact, and print its handle; of one and the same person the registry keeps one.

    The file is one JSON object: reference (your own stable name for the contact), name, email, street (one to three
    lines), city, country_code; optionally voice, organization, province, postal_code; and identity, an object: type
    (person, company, government, education), number, category, second_number, issuer, is_passport.
    """
    from adapters.terminal.acts import actor
    from adapters.terminal.contact_file import read_new_contact
    from adapters.terminal.errands import finish, runner, terms_of
    from registrar import errands
    from registrar.commands import CreateContact
    from registrar.orders.by_hand import ByHand
    from registrar.outcomes import Done

    desk = session_of(ctx).desk
    act = ByHand(actor(), ticket, desk.now())
    can = terms_of(desk, registrar)
    errand = CreateContact(*read_new_contact(content(file)))
    errands.insist_possible(errand, registrar, can)
    outcome = runner(desk, registrar, act=act)(errand)
    handle = outcome.registry_id if isinstance(outcome, Done) else None
    told = {"registrar": registrar, "reference": errand.contact.reference, "handle": handle}
    finish(told, outcome, as_json=as_json)


@app.command()
def update(
    ctx: typer.Context,
    registrar: RegistrarName,
    handle: Annotated[
        str, typer.Argument(metavar="HANDLE", help="The contact's id at the registry, as ab123-irnic.")
    ],
    *,
    file: ContactFile,
    ticket: Ticket,
    as_json: JsonDocument = False,
) -> None:
    """Change a contact to what the file says.

    The file is the whole new card, as for `create` but without identity, which cannot change: reference, name, email,
    street, city, country_code; optionally voice, organization, province, postal_code.
    """
    from adapters.terminal.acts import actor
    from adapters.terminal.contact_file import read_contact
    from adapters.terminal.errands import finish, runner, terms_of
    from registrar import errands
    from registrar.commands import Handle, UpdateContact
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    act = ByHand(actor(), ticket, desk.now())
    can = terms_of(desk, registrar)
    errand = UpdateContact(Handle(handle), read_contact(content(file)))
    errands.insist_possible(errand, registrar, can)
    outcome = runner(desk, registrar, act=act)(errand)
    finish({"registrar": registrar, "handle": handle}, outcome, as_json=as_json)
