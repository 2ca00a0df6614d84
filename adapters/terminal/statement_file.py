"""What does a registrar's statement say that came as a file? CSV with a header, one line for each charge.

    id,at,amount,unit,kind,domain,months,refund,text
    88123,2026-11-20,9.15,USD,renew,mina.example,12,,Renewal

`id` is the registrar's own and unique; `at` a day or a time with its zone; `amount` positive for a charge, negative for
what was given back or paid in. `kind` is one of ours, or empty for what is no order's; with it stands the `domain`.
`months` and `text` may be empty; `refund` is `yes` where a charge is given back.
"""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import typer

from registrar.commands import Kind
from registrar.gateway import StatementLine
from registrar.names import host_name

_REQUIRED = frozenset({"id", "at", "amount", "unit"})
_KNOWN = _REQUIRED | {"kind", "domain", "months", "refund", "text"}
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,8})?")
_MONTHS = re.compile(r"[0-9]{1,3}")
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0", ""})
_LONGEST: Mapping[str, int] = {"id": 128, "at": 64, "unit": 16, "text": 10_000}
"""Characters that the books have room for."""
_MOST_FAULTS = 20
"""Faults that are told one by one: a file in another form would have as many as lines."""

Row = Mapping[str | None, str | list[str] | None]


class _Numbered(NamedTuple):
    number: int
    row: Row


def read_statement(file: Path) -> tuple[StatementLine, ...]:
    """Read a file's lines; raises `typer.BadParameter` that names each line with a fault and what is wrong there."""
    lines: dict[str, StatementLine] = {}
    faults: list[str] = []
    for number, row in _rows(file):
        try:
            line = _line(row, known=lines.keys())
            lines[line.line_id] = line
        except ValueError as error:
            faults.append(f"line {number}: {error}")
    if faults:
        raise _refused(file, faults)
    return tuple(lines.values())


def _rows(file: Path) -> Iterator[_Numbered]:
    """Yield each row with the number of the line where it begins: a text in quotes may go over several."""
    number = 1
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            rows = csv.DictReader(text, strict=True)
            _check_columns(file, rows.fieldnames or ())
            for row in rows:
                number = rows.line_num - sum(str(value).count("\n") for value in row.values())
                yield _Numbered(number, row)
    except UnicodeDecodeError as error:
        raise _refused(file, ["it is not UTF-8 text: save it as CSV in UTF-8"]) from error
    except csv.Error as error:
        raise _refused(file, [f"after line {number}: it is not CSV ({error})"]) from error


def _check_columns(file: Path, columns: Sequence[str]) -> None:
    known = ", ".join(sorted(_KNOWN))
    faults = [f"line 1: the column {name!r} is missing" for name in sorted(_REQUIRED - set(columns))]
    faults += [f"line 1: nobody reads the column {name!r}" for name in sorted(set(columns) - _KNOWN)]
    if len(set(columns)) < len(columns):
        faults.append("line 1: a column stands there twice")
    if faults:
        raise _refused(file, [*faults, f"known columns: {known}"])


def _line(row: Row, *, known: Collection[str]) -> StatementLine:
    if None in row or None in row.values():
        raise ValueError("it has not as many fields as the header")
    fields = {str(name): str(value).strip() for name, value in row.items()}
    kind, domain = _kind(fields), _domain(fields)
    if kind is not None and domain is None:
        raise ValueError("it has a kind and no domain")
    line_id = _given(fields, "id")
    if line_id in known:
        raise ValueError(f"the id {line_id!r} stands in the file already")
    amount = _amount(fields)
    is_refund = _is_refund(fields)
    if is_refund and amount > 0:
        raise ValueError("the amount of a refund is negative: it was given back")
    return StatementLine(
        line_id=line_id,
        at=_instant(_given(fields, "at")),
        at_text=_given(fields, "at"),
        amount=amount,
        unit=_given(fields, "unit"),
        kind=kind,
        domain=domain,
        months=_months(fields),
        is_refund=is_refund,
        text=_fitting(fields, "text"),
    )


def _given(fields: Mapping[str, str], column: str) -> str:
    value = _fitting(fields, column)
    if not value:
        raise ValueError(f"{column} is empty")
    return value


def _fitting(fields: Mapping[str, str], column: str) -> str:
    value = fields.get(column, "")
    if len(value) > _LONGEST[column] or "\0" in value:
        raise ValueError(f"{column} has more than {_LONGEST[column]} characters, or one that is none")
    return value


def _amount(fields: Mapping[str, str]) -> Decimal:
    if not _AMOUNT.fullmatch(fields["amount"]):
        raise ValueError("amount is no number: write it as 9.15 or -9.15, without grouping or currency")
    return Decimal(fields["amount"])


def _kind(fields: Mapping[str, str]) -> Kind | None:
    text = fields.get("kind", "")
    if text and text not in set(Kind):
        raise ValueError(f"kind is empty or one of {', '.join(Kind)}")
    return Kind(text) if text else None


def _domain(fields: Mapping[str, str]) -> str | None:
    """Read the name in any script; raises `NameRefusedError`, a `ValueError`."""
    text = fields.get("domain", "")
    return host_name(text) if text else None


def _months(fields: Mapping[str, str]) -> int | None:
    text = fields.get("months", "")
    if text and not _MONTHS.fullmatch(text):
        raise ValueError("months is empty or a whole number")
    return int(text) if text else None


def _is_refund(fields: Mapping[str, str]) -> bool:
    text = fields.get("refund", "").lower()
    if text not in _YES | _NO:
        raise ValueError("refund is empty, yes or no")
    return text in _YES


def _instant(text: str) -> datetime:
    """Read a time with its zone, or a day, of which the middle stands for it."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        instant = None
    if instant is None or text != instant.date().isoformat():
        raise ValueError("at is a day, as 2026-11-20, or a time with its zone, as 2026-11-20T10:00:00Z")
    return instant.replace(hour=12, tzinfo=UTC)


def _refused(file: Path, faults: Sequence[str]) -> typer.BadParameter:
    told = list(faults[:_MOST_FAULTS])
    if more := len(faults) - len(told):
        told.append(f"and {more} more")
    text = "\n  ".join([f"{file.name} was not read:", *told])
    return typer.BadParameter(text, param_hint="--csv")
