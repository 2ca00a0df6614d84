"""How does an answer look? As a table for people, or as JSON for programs: results on stdout, everything else on stderr."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from registrar.money import Money
from registrar.texts import is_readable

Row = Mapping[str, Any]

_WIDTH_OF_A_PIPE = 200


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON document on a line of stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def show_document(document: Row, *, as_json: bool, tables: Mapping[str, Sequence[str]] | None = None) -> None:
    """Print one thing. `tables` names the fields that are lists of rows, with the columns to show of each."""
    if as_json:
        print_json(document)
        return
    tables = tables or {}
    facts = Table(show_header=False, box=None)
    for name, value in document.items():
        if name not in tables and value not in (None, {}, []):
            facts.add_row(_cell(name), _cell(value))
    shown: list[RenderableType] = [facts]
    shown += [
        _table(document[name], columns, title=name) for name, columns in tables.items() if document[name]
    ]
    stdout().print(Group(*shown))


def show_rows(rows: Iterable[Row], columns: Sequence[str], *, as_json: bool) -> None:
    """Print many things: one JSON document per line, with all that is known; or a table with these columns."""
    if as_json:
        for row in rows:
            print_json(row)
        return
    stdout().print(_table(list(rows), columns))


def in_currency(rows: Iterable[Row], *, as_json: bool) -> list[dict[str, Any]]:
    """Return rows of the books: with minor units for programs, with amounts in their currency for people."""
    if as_json:
        return [dict(row) for row in rows]
    return [
        {
            name: Money(value, row["currency"]) if name in ("amount", "balance") else value
            for name, value in row.items()
        }
        for row in rows
    ]


def say(text: str) -> None:
    """Say something beside the result, on stderr."""
    typer.echo(text, err=True)


def stdout() -> Console:
    """Return where results are printed; a pipe gets long lines, so that programs can cut them."""
    console = Console(markup=False, highlight=False, emoji=False)
    return console if console.is_terminal else Console(width=_WIDTH_OF_A_PIPE, markup=False, highlight=False)


def stderr() -> Console:
    """Return where progress is shown."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def _table(rows: Sequence[Row], columns: Sequence[str], *, title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    return table


def _cell(value: Any) -> Text:
    """Return a value as text that a terminal only shows: what others wrote may hold escape sequences."""
    match value:
        case None:
            text = ""
        case {"amount": int(), "currency": str()} if len(value) == 2:
            text = str(Money(value["amount"], value["currency"]))
        case dict():
            text = json.dumps(value, ensure_ascii=False, default=_plain)
        case list() | tuple() | set() | frozenset():
            text = ", ".join(str(_cell(part)) for part in value)
        case bool():
            text = "yes" if value else "no"
        case datetime() | Decimal():
            text = _plain(value)
        case _:
            text = str(value)
    return Text("".join(letter if is_readable(letter) else "\N{REPLACEMENT CHARACTER}" for letter in text))


def _plain(value: object) -> Any:
    """Return what JSON has no form for: an instant and a day as RFC 3339, an amount exactly."""
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Money():
            return {"amount": value.amount, "currency": value.currency}
        case Decimal():
            return f"{value:f}"
        case _:
            raise TypeError(f"{type(value).__name__} has no form in JSON")
