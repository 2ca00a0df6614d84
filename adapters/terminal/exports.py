"""`registrar orders export`, `claims export` and `export verify`: everything about a dispute in one file, and its proof (C3)."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.terminal.exits import ExitCode
from adapters.terminal.files import content
from adapters.terminal.options import JsonDocument, OrderId, Ticket
from adapters.terminal.session import session_of

app = typer.Typer(no_args_is_help=True, help="Prove that an export is what was made.")

_FAULTS = {"faults": ("text",)}

To = Annotated[
    Path,
    typer.Option(
        "--to", metavar="FILE", dir_okay=False, help="Where it is written; never over another file."
    ),
]
ClaimId = Annotated[int, typer.Argument(metavar="CLAIM", min=1, max=2**63 - 1, help="The claim's number.")]


def export_order(
    ctx: typer.Context, order_id: OrderId, *, to: To, ticket: Ticket, as_json: JsonDocument = False
) -> None:
    """Write everything about an order into one file: timeline, redacted messages, ledger lines, rules, hashes. No secret."""
    from adapters.terminal import acts
    from registrar import exports
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    act = ByHand(acts.actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        document = exports.export_order(connection, order_id, book=desk.rules, keyring=desk.keyring, act=act)
    _write(document, to, as_json=as_json)


def export_claim(
    ctx: typer.Context, claim_id: ClaimId, *, to: To, ticket: Ticket, as_json: JsonDocument = False
) -> None:
    """Write everything about a claim, and the orders that it led to, into one file."""
    from adapters.terminal import acts
    from registrar import exports
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    act = ByHand(acts.actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        document = exports.export_claim(connection, claim_id, book=desk.rules, keyring=desk.keyring, act=act)
    _write(document, to, as_json=as_json)


@app.command()
def verify(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An export; - is stdin.")],
    *,
    as_json: JsonDocument = False,
) -> None:
    """Count an export's hashes again; the exit code is 1 if it is not what was made.

    That it is the one we made, its `sha256` tells: it stands in our events as `export.made`.
    """
    from adapters.terminal.showing import show_document
    from registrar import exports
    from registrar.strict_json import read_json

    document = read_json(content(file))
    found = exports.faults(document)
    whole = document.get("sha256") if isinstance(document, dict) else None
    told = {
        "file": file,
        "unchanged": not found,
        "sha256": whole,
        "faults": [{"text": text} for text in found],
    }
    show_document(told, as_json=as_json, tables=_FAULTS)
    if found:
        raise typer.Exit(ExitCode.FAILED)


def _write(document: Mapping[str, Any], to: Path, *, as_json: bool) -> None:
    """Write the file for its owner's eyes alone, and tell its hash."""
    from adapters.terminal.showing import show_document

    text = json.dumps(document, ensure_ascii=False, indent=1)
    try:
        with os.fdopen(
            os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text + "\n")
    except OSError as error:
        raise typer.BadParameter(f"{to}: {error.strerror}", param_hint="--to") from error
    told = {"file": str(to), "about": document["about"], "sha256": document["sha256"]}
    show_document(told | {"parts": len(document["parts"])}, as_json=as_json)
