"""How are orders placed from a file? Line by line, each in a transaction of its own, each under its own key.

A line that cannot be taken is reported with its number and stops nothing; a file that was cut short in the middle is
simply placed again: what is in the books stays there once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from adapters.desk import Desk
from registrar.ledger import InsufficientBalanceError
from registrar.orders.placing import KeyReusedError, place, read_request
from registrar.orders.requests import OrderRequest, RequestRefusedError
from registrar.strict_json import MalformedJsonError, read_json

CHANNEL = "file"
LONGEST_LINE = 1_000_000
"""Bytes of one order, as over HTTP."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line that is in the books now (`order` is its number), or that would be (`order` is None, on a dry run)."""

    line: int
    key: str
    order: int | None
    repeated: bool

    def told(self) -> dict[str, Any]:
        """Return it for the terminal."""
        return {"line": self.line, "key": self.key, "order": self.order, "repeated": self.repeated}


@dataclass(frozen=True, slots=True)
class LineRefused:
    """A line that was not taken, and why."""

    line: int
    code: str
    field: str | None
    text: str

    def told(self) -> dict[str, Any]:
        """Return it for the terminal."""
        return {
            "line": self.line,
            "error": {"code": self.code, "field": self.field, "text": self.text},
        }


def place_lines(desk: Desk, lines: BinaryIO, *, dry_run: bool) -> Iterator[Placed | LineRefused]:
    """Place each line's order and ring for it; or, on a dry run, only read it."""
    for number, line in _numbered(lines):
        try:
            request = _request(desk, line)
            yield _read(request, number) if dry_run else _placed(desk, request, number)
        except MalformedJsonError as error:
            yield LineRefused(number, error.code, None, str(error))
        except RequestRefusedError as error:
            yield LineRefused(number, error.code, error.field, str(error))
        except KeyReusedError as error:
            yield LineRefused(number, "key_reused", "key", str(error))
        except InsufficientBalanceError as error:
            yield LineRefused(number, "insufficient_balance", "payment", str(error))


def _numbered(lines: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Return the lines that hold something; of a line that is too long, only so much that it is seen."""
    number = 0
    while line := lines.readline(LONGEST_LINE + 1):
        number += 1
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = lines.readline(LONGEST_LINE + 1)
        if line.strip():
            yield number, line


def _request(desk: Desk, line: bytes) -> OrderRequest:
    if len(line) > LONGEST_LINE:
        raise RequestRefusedError("line_too_large", f"a line has at most {LONGEST_LINE} bytes")
    order = read_json(line)
    if not isinstance(order, dict):
        raise RequestRefusedError(
            "not_an_object", "a line must be a JSON object: the order's fields and its key"
        )
    body = {name: value for name, value in order.items() if name != "key"}
    return read_request(desk.database, body, key=order.get("key"), channel=CHANNEL, catalogue=desk.catalogue)


def _read(request: OrderRequest, number: int) -> Placed:
    return Placed(number, request.key, None, repeated=False)


def _placed(desk: Desk, request: OrderRequest, number: int) -> Placed:
    with desk.database.transaction() as connection:
        placed = place(connection, request, keyring=desk.keyring, rules=desk.rules, now=desk.now())
    if not placed.repeated:
        desk.ring(placed.registrar, placed.order_id)
    return Placed(number, request.key, placed.order_id, repeated=placed.repeated)
