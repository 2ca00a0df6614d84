"""`registrar keys`: the API's keys, and the secret key that seals what the database must not show."""

from typing import Annotated

import typer

from adapters.terminal.options import JsonDocument, JsonLines, Yes, confirm
from adapters.terminal.session import session_of

app = typer.Typer(no_args_is_help=True, help="Issue and revoke API keys; make a secret key.")

KeyName = Annotated[str, typer.Argument(metavar="NAME", help="Who holds the key, as `portal`; used once.")]


@app.command()
def issue(
    ctx: typer.Context,
    name: KeyName,
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What it may do: orders:write, orders:read, ledger:read, slips:write, departures:write or "
            "contacts:write; may be repeated. Without it, everything."
        ),
    ] = None,
    as_json: JsonDocument = False,
) -> None:
    """Issue an API key. It is printed once, and cannot be read again."""
    import secrets

    from adapters.terminal.acts import actor
    from adapters.terminal.showing import print_json, say
    from registrar import access

    wanted = set(scope or access.Scope)
    unknown = sorted(wanted - set(access.Scope))
    if unknown:
        raise typer.BadParameter(
            f"unknown {unknown[0]!r}; known: {', '.join(access.Scope)}", param_hint="--scope"
        )
    desk = session_of(ctx).desk
    scopes = sorted(access.Scope(one) for one in wanted)
    with desk.database.transaction() as connection:
        token = access.issue(
            connection,
            name,
            scopes,
            chance=secrets.token_bytes(access.CHANCE_BYTES),
            now=desk.now(),
            actor=actor(),
        )
    if as_json:
        print_json({"name": name, "scopes": scopes, "key": token.reveal()})
        return
    typer.echo(token.reveal())
    say("keep it now: it cannot be shown again")


@app.command()
def revoke(ctx: typer.Context, name: KeyName, *, yes: Yes = False, as_json: JsonDocument = False) -> None:
    """Revoke an API key, from now on."""
    from adapters.terminal.acts import actor
    from adapters.terminal.showing import show_document
    from registrar import access

    desk = session_of(ctx).desk
    confirm(f"Revoke the key {name}?", yes=yes)
    with desk.database.transaction() as connection:
        access.revoke(connection, name, now=desk.now(), actor=actor())
    show_document({"name": name, "revoked": True}, as_json=as_json)


@app.command("list")
def list_keys(ctx: typer.Context, *, as_json: JsonLines = False) -> None:
    """List every API key that was ever issued; not the keys themselves."""
    from adapters.terminal.showing import show_rows
    from registrar import access

    with session_of(ctx).desk.database.reading() as connection:
        keys = [key._asdict() for key in access.list_keys(connection)]
    show_rows(keys, ("name", "scopes", "created_at", "revoked_at"), as_json=as_json)


@app.command("new-secret")
def new_secret(*, as_json: JsonDocument = False) -> None:
    """Make a secret key for REGISTRAR_SECRET_KEYS, and print it; it is kept nowhere."""
    from adapters.terminal.showing import print_json
    from registrar.secrets import Keyring

    key = Keyring.new_key().reveal()
    if as_json:
        print_json({"secret_key": key})
    else:
        typer.echo(key)
