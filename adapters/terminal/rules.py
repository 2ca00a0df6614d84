"""`registrar rules`: the agreement's numbers in force, a file of them checked, and what changed ones would do."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terminal.options import JsonDocument, JsonLines, instant
from adapters.terminal.session import session_of

if TYPE_CHECKING:
    from registrar.agreement.rules import RuleBook, Version
    from registrar.database import Database
    from registrar.simulation import Change, Tally

app = typer.Typer(no_args_is_help=True, help="See the agreement's rules, and what changed ones would do.")

File = Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="A file like rules.toml.")]
Zone = Annotated[str | None, typer.Option(metavar="ZONE", help="Of one zone, as ir or ایران.")]


@app.command()
def show(
    ctx: typer.Context,
    *,
    version: Annotated[
        str | None, typer.Option(metavar="NAME", help="Another one than that in force, also an old one.")
    ] = None,
    zone: Zone = None,
    as_json: JsonDocument = False,
) -> None:
    """Show the rules in force, or those of a version, as they are written; with --zone as they apply there."""
    from adapters.terminal.showing import show_document
    from registrar import rule_versions
    from registrar.agreement.rules import overlaid
    from registrar.orders.by_hand import ActRefusedError

    desk = session_of(ctx).desk
    in_force = desk.rules.at(desk.now())
    wanted = version or in_force.name
    with desk.database.reading() as connection:
        kept = rule_versions.shown(connection, wanted)
        known = list(rule_versions.names(connection))
    read = desk.rules.named(wanted)
    if read is None and kept is None:
        raise ActRefusedError(
            "version_unknown", f"there is no version {wanted!r} of the rules; known: {', '.join(known)}"
        )
    written: Mapping[str, Any] = read.source if read else kept["text"] if kept else {}
    if zone is not None:
        common = {key: value for key, value in written.items() if key != "zones"}
        written = overlaid(common, written.get("zones", {}).get(_a_label(zone), {}))
    document: dict[str, Any] = {
        "version": wanted,
        "in_force": wanted == in_force.name,
        "recorded_at": kept and kept["recorded_at"],
        "digest": kept and kept["digest"],
        "versions": known,
    }
    if as_json:
        show_document({**document, "rules": written}, as_json=True)
    else:
        rows = [{"key": key, "value": value} for key, value in rule_versions.leaves(written)]
        show_document({**document, "rules": rows}, as_json=False, tables={"rules": ("key", "value")})


@app.command()
def check(ctx: typer.Context, file: File, *, as_json: JsonDocument = False) -> None:
    """Read a file of rules and tell every fault in it, with its line; the exit code is 78 if there is one.

    It needs no database. What a version of it would do, `registrar rules simulate` tells.
    """
    from adapters.terminal.showing import show_document

    session = session_of(ctx)
    book = session.starters.read_rules(session.config, file)
    versions = [_described(version) for version in book.versions]
    show_document(
        {"file": str(file), "versions": versions},
        as_json=as_json,
        tables={"versions": ("name", "effective_from", "agreement", "zones")},
    )


@app.command()
def simulate(
    ctx: typer.Context,
    *,
    rules: Annotated[
        Path, typer.Option("--rules", metavar="FILE", dir_okay=False, help="The changed rules.")
    ],
    at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="As 2027-01-01T00:00:00Z; if left out, when the changed rules take effect.",
        ),
    ] = None,
    zone: Zone = None,
    limit: Annotated[
        int, typer.Option(min=0, help="Show at most so many names and orders in the tables.")
    ] = 50,
    as_json: JsonLines = False,
) -> None:
    """Say what changed rules would do to today's names and open orders; changes nothing.

    Only what changes is listed, all is counted. With --json each change is a line, and the last line is the summary.
    An order keeps the rules that it was placed under: what is shown is what an order like it would get.
    """
    from registrar.simulation import Simulation, Tally, first_new

    session = session_of(ctx)
    desk, book = session.desk, session.starters.read_rules(session.config, rules)
    moment = instant(at, "--at") if at is not None else first_new(desk.rules, book, desk.now())
    simulation = Simulation(desk.database, desk.rules, book, moment, zone=_a_label(zone) if zone else None)
    names, orders = Tally(), Tally()
    show_changes = _print_lines if as_json else _print_table
    show_changes("domain", simulation.domains(names), limit)
    show_changes("order", simulation.orders(orders), limit)
    _summarise(
        {
            "at": moment,
            "version_before": desk.rules.at(moment).name,
            "version_after": book.at(moment).name,
            "refused_at_start": _refused_at_start(desk.database, book),
        },
        names,
        orders,
        as_json=as_json,
    )


def _refused_at_start(database: "Database", book: "RuleBook") -> str | None:
    """Return why the product would not start with these rules, or None."""
    from registrar import rule_versions

    try:
        with database.reading() as connection:
            rule_versions.is_recorded(connection, book)
    except rule_versions.RuleChangedError as error:
        return str(error)
    return None


def _print_lines(subject: str, changes: Iterable["Change"], _limit: int) -> None:
    from adapters.terminal.showing import print_json

    for change in changes:
        print_json(
            {
                subject: change.subject if subject == "domain" else int(change.subject),
                "zone": change.zone,
                **change.about,
                "before": change.before,
                "after": change.after,
            }
        )


def _print_table(subject: str, changes: Iterator["Change"], limit: int) -> None:
    """Show the first changes in a table, and read the rest so that they are counted."""
    from adapters.terminal.showing import say, show_rows

    shown = [
        {subject: change.subject, "zone": change.zone, **_told(change)} for change in islice(changes, limit)
    ]
    if shown:
        show_rows(shown, (subject, *(key for key in shown[0] if key != subject)), as_json=False)
    if more := sum(1 for _ in changes):
        say(f"and {more} more: --limit shows more of them, --json all")


def _told(change: "Change") -> dict[str, str]:
    """Return what changes, as words for a table: `class: committed → best_effort`."""
    about = change.about.get("paid_through") or change.about.get("keeps")
    return {
        "paid through" if "paid_through" in change.about else "keeps": _word(about),
        "changes": "; ".join(
            f"{key}: {_word(change.before[key])} → {_word(change.after[key])}" for key in change.before
        ),
    }


def _word(value: object) -> str:
    match value:
        case None | []:
            return "none"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case list():
            return ", ".join(f"{fee['line']} {fee['amount']} {fee['currency']}" for fee in value)
        case _:
            return str(value)


def _summarise(about: Mapping[str, Any], names: "Tally", orders: "Tally", *, as_json: bool) -> None:
    from adapters.terminal.showing import print_json, show_document

    counts = {
        "domains": names.seen,
        "domains_changed": names.changed,
        "domains_without_a_date": names.undated,
        "orders": orders.seen,
        "orders_changed": orders.changed,
    }
    classes = [
        {"before": before, "after": after, "domains": times}
        for (before, after), times in sorted(names.classes.items())
    ]
    by_key = [
        {"what": what, "domains": names.by_key[what], "orders": orders.by_key[what]}
        for what in sorted(names.by_key.keys() | orders.by_key.keys())
    ]
    summary = {**about, **counts, "classes": classes, "changes": by_key}
    if as_json:
        print_json({"summary": summary})
    else:
        tables = {"classes": ("before", "after", "domains"), "changes": ("what", "domains", "orders")}
        show_document(summary, as_json=False, tables=tables)


def _described(version: "Version") -> dict[str, Any]:
    return {
        "name": version.name,
        "effective_from": version.common.effective_from,
        "agreement": version.common.agreement,
        "zones": sorted(version.zones),
    }


def _a_label(zone: str) -> str:
    from registrar.names import zone_of

    return zone_of(zone)
