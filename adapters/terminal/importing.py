"""`registrar domains import` and `export`: names that a company has elsewhere come in from a file, checked whole, and go out."""

import csv
import hashlib
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from adapters.terminal.booking import DryRun
from adapters.terminal.exits import ExitCode
from adapters.terminal.files import opened
from adapters.terminal.options import JsonDocument, JsonLines, Ticket, Yes, confirm
from adapters.terminal.session import session_of

if TYPE_CHECKING:  # the core takes a while to load
    from adapters.desk import Desk
    from registrar.importing import Check, Fate, Fault, Sold, Staging, Taken
    from registrar.orders.by_hand import ByHand


def import_names(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="CSV in UTF-8 with a header: domain, customer, registrar, paid_through, registry_expires_at, "
            "registry_id, renew_by; - is stdin.",
        ),
    ],
    *,
    registrar: Annotated[str | None, typer.Option(help="Where names are whose line does not say it.")] = None,
    ticket: Ticket,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Write over names that the books know otherwise; an event keeps what was."
        ),
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonLines = False,
) -> None:
    """Take names into the books that were bought elsewhere; nothing is written unless the whole file is good.

    Every fault is told with its line. Run again after a crash it goes on where it was. A name that the books know
    otherwise is listed and left, and so is one with an open order. Exit codes: 0 all are in the books; 1 some were left;
    2 the file has faults, and nothing was written.
    """
    from adapters.terminal.acts import actor
    from registrar.importing import Check, Staging
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    act = ByHand(actor(), ticket, desk.now())
    sold = _sold(desk, registrar, act)
    with Staging() as staging:
        with opened(file) as (stream, _):
            check = Check(stream, staging, sold)
            _tell_faults(check.faults(), as_json=as_json)
        if check.faulty:
            _sum_up({"faults": check.faulty, "good_lines": check.names}, file, check, as_json=as_json)
            raise typer.Exit(ExitCode.USAGE)
        if not dry_run:
            confirm(f"Take in {check.names} names of {file}?", yes=yes)
        fates = _take_in(desk, staging, check, act, replace=replace, dry_run=dry_run, as_json=as_json)
    told = {"dry_run": dry_run, "names": check.names, "without_paid_through": check.undated}
    _sum_up(told | {str(fate): count for fate, count in fates.items()}, file, check, as_json=as_json)
    if any(fate.is_left for fate in fates):
        raise typer.Exit(ExitCode.FAILED)


def export_names(
    ctx: typer.Context,
    *,
    customer: Annotated[str | None, typer.Option(help="Of one customer only.")] = None,
    zone: Annotated[str | None, typer.Option(help="Of one zone only, in any script.")] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="FILE", dir_okay=False, help="Never over another file; stdout, if left out."
        ),
    ] = None,
    as_json: JsonDocument = False,
) -> None:
    """Write the names in the books as the CSV that `import` reads. Names that left are not among them."""
    from adapters.terminal.showing import show_document
    from registrar.importing import export
    from registrar.names import zone_of

    if as_json and to is None:
        raise typer.BadParameter("the names are CSV: say with --to where they go", param_hint="--json")
    desk = session_of(ctx).desk
    of_zone = zone_of(zone) if zone is not None else None
    with desk.database.snapshot() as connection:
        lines = export(connection, customer=customer, zone=of_zone)
        if to is None:
            _write(lines, sys.stdout)
            return
        with _new_file(to) as file:
            names = _write(lines, file)
    show_document({"file": str(to), "names": names, "sha256": _digest(to)}, as_json=as_json)


def _sold(desk: "Desk", registrar: str | None, act: "ByHand") -> "Sold":
    from registrar.importing import Sold

    try:
        return Sold.by(desk.catalogue, desk.rules, registrar=registrar, now=act.now)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--registrar") from error


def _tell_faults(faults: "Iterable[Fault]", *, as_json: bool) -> None:
    from adapters.terminal.showing import print_json, say

    for fault in faults:
        if as_json:
            print_json({"line": fault.line, "result": "fault", "column": fault.column, "text": fault.text})
        else:
            place = f"line {fault.line}: {fault.column}" if fault.column else f"line {fault.line}"
            say(f"{place}: {_shown(fault.text)}")


def _take_in(
    desk: "Desk",
    staging: "Staging",
    check: "Check",
    act: "ByHand",
    *,
    replace: bool,
    dry_run: bool,
    as_json: bool,
) -> "Counter[Fate]":
    """Write the names, tell those that were left, and count."""
    from rich.progress import Progress

    from adapters.terminal.showing import stderr
    from registrar.importing import take_in

    fates: Counter[Fate] = Counter()
    console = stderr()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("comparing" if dry_run else "taking in", total=check.names)
        taking = take_in(
            desk.database, staging, digest=check.digest, act=act, replace=replace, dry_run=dry_run
        )
        for taken in taking:
            fates[taken.fate] += 1
            bar.advance(task)
            _tell_taken(taken, as_json=as_json)
    return fates


def _tell_taken(taken: "Taken", *, as_json: bool) -> None:
    """Tell what the file and the books do not agree about; of the others there may be a million."""
    from adapters.terminal.showing import print_json, say
    from registrar.importing import Fate

    if taken.fate in (Fate.IMPORTED, Fate.ALREADY):
        return
    text = _NEXT_STEPS[taken.fate]
    differs = {column: {"books": books, "file": told} for column, (books, told) in taken.differences.items()}
    if as_json:
        print_json(
            {
                "line": taken.line.number,
                "result": taken.fate,
                "domain": taken.line.name,
                "text": text,
                "differs": differs,
            }
        )
    else:
        where = "; ".join(f"{column}: {one['books']}, not {one['file']}" for column, one in differs.items())
        say(f"line {taken.line.number}: {taken.line.name}: {text}{f' ({_shown(where)})' if where else ''}")


_NEXT_STEPS = {
    "replaced": "it is now what the file says",
    "changed_since": "this file brought it in before, and it has changed since: nothing is to be done",
    "conflict": "the books know it otherwise, and it was left: see which is right; --replace writes the file's",
    "open_order": "it has an open order, and was left: import it again when the order has ended",
    "open_claim": "somebody claims it, and it was left: import it again when the claim is closed",
    "meanwhile": "it came into the books at this moment, and was left: import the file again",
}


def _sum_up(counts: dict[str, Any], file: str, check: "Check", *, as_json: bool) -> None:
    from adapters.terminal.showing import print_json, show_document

    told = {"file": file, "sha256": check.digest} | counts
    if as_json:
        print_json({"result": "summary"} | told)
    else:
        show_document(told, as_json=False)


def _shown(text: str) -> str:
    """Return a text of somebody's file as one that a terminal only shows."""
    from registrar.texts import is_readable

    return "".join(letter if is_readable(letter) else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _write(lines: Iterable[tuple[str, ...]], file: TextIO) -> int:
    """Write the lines, the header first, and return how many names there are."""
    writer = csv.writer(file, lineterminator="\n")
    count = -1
    for line in lines:
        writer.writerow(line)
        count += 1
    return count


@contextmanager
def _new_file(to: Path) -> Iterator[TextIO]:
    """Open a file for its owner's eyes alone, that has its name only when it is whole."""
    if to.exists():
        raise typer.BadParameter(f"{to} is there already", param_hint="--to")
    part = None
    try:
        descriptor, part = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
        os.link(part, to)  # unlike a rename it never replaces a file
    except OSError as error:
        raise typer.BadParameter(f"{to}: {error.strerror}", param_hint="--to") from error
    finally:
        if part is not None:
            Path(part).unlink(missing_ok=True)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
