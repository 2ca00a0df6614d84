"""What does a registrar's statement say that came as a file? CSV with a header, one line for each charge.

    id,at,amount,unit,kind,domain,months,refund,text
    88123,2026-11-20,9.15,USD,renew,mina.example,12,,Renewal

`id` is the registrar's own and unique; `at` a day or a time with its zone; `amount` positive for a charge, negative for
what was given back or paid in. `kind` is one of ours, or empty for what is no order's; `months` and `text` may be empty;
`refund` is `yes` where a charge is given back.
"""

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import typer

from registrar.commands import Kind
from registrar.gateway import StatementLine

_REQUIRED = frozenset({"id", "at", "amount", "unit"})
_KNOWN = _REQUIRED | {"kind", "domain", "months", "refund", "text"}


def read_statement(file: Path, *, since: date, until: date) -> tuple[StatementLine, ...]:
    """Read the lines of these days; raises `typer.BadParameter` that names the line and what is wrong with it."""
    with file.open(newline="", encoding="utf-8-sig") as text:
        rows = csv.DictReader(text)
        columns = set(rows.fieldnames or ())
        if missing := sorted(_REQUIRED - columns):
            raise typer.BadParameter(f"{file.name}: the column {missing[0]!r} is missing", param_hint="--csv")
        if unknown := sorted(columns - _KNOWN):
            known = ", ".join(sorted(_KNOWN))
            raise typer.BadParameter(
                f"{file.name}: nobody reads the column {unknown[0]!r}; known: {known}", param_hint="--csv"
            )
        lines = [_line(row, f"{file.name}, line {rows.line_num}") for row in rows]
    ids = [line.line_id for line in lines]
    if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        raise typer.BadParameter(f"{file.name}: the id {twice[0]!r} stands there twice", param_hint="--csv")
    return tuple(line for line in lines if since <= line.at.date() <= until)


def _line(row: Mapping[str, str | None], where: str) -> StatementLine:
    try:
        return StatementLine(
            line_id=_given(row, "id"),
            at=_instant(_given(row, "at")),
            at_text=_given(row, "at"),
            amount=Decimal(_given(row, "amount")),
            unit=_given(row, "unit"),
            kind=Kind(kind) if (kind := (row.get("kind") or "").strip()) else None,
            domain=(row.get("domain") or "").strip().lower() or None,
            months=int(months) if (months := (row.get("months") or "").strip()) else None,
            is_refund=(row.get("refund") or "").strip().lower() in ("yes", "true", "1"),
            text=row.get("text") or "",
        )
    except InvalidOperation as error:
        raise typer.BadParameter(f"{where}: amount is no number", param_hint="--csv") from error
    except ValueError as error:
        raise typer.BadParameter(f"{where}: {error}", param_hint="--csv") from error


def _given(row: Mapping[str, str | None], column: str) -> str:
    value = (row.get(column) or "").strip()
    if not value:
        raise ValueError(f"{column} is empty")
    return value


def _instant(text: str) -> datetime:
    """Read a time with its zone, or a day, of which the middle stands for it."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is not None:
        return instant.astimezone(UTC)
    if len(text) != len("2026-11-20"):
        raise ValueError(f"{text!r} has no zone: write 2026-11-20, or 2026-11-20T10:00:00Z")
    return instant.replace(hour=12, tzinfo=UTC)
