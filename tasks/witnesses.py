"""What do the two witnesses of an order's money say? Each is read with plain SQL, whole, and nothing is changed.

One is the book file of a registrar (table `charges`), the other our database (`orders`, `attempts`, `looks`, `movements`,
`accounts`, `entries`, `order_lines`, `debts`). Nothing of ours is imported here: the tables' names and columns are all that is known.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, NullPool, Row, create_engine, text

_ORDERS = """
    SELECT id, key, customer, kind, domain, registrar, state, price_amount, price_currency, turn, ended_reason,
           due_at IS NULL AS nothing_due,
           attempt_number = 0
               AND EXISTS (SELECT 1 FROM looks WHERE order_id = orders.id AND verdict = 'adopt') AS adopted
    FROM orders ORDER BY id"""
_LINES = "SELECT order_id, line, amount, ended FROM order_lines ORDER BY order_id, line"
_DEBTS = "SELECT id, customer, amount, currency, settled_at IS NULL AS is_open FROM debts ORDER BY id"
_ATTEMPTS = "SELECT order_id, client_transaction_id, server_transaction_id FROM attempts ORDER BY id"
_MOVEMENTS = """
    SELECT m.id, m.kind, m.order_id, m.about_order_id, m.line, m.phase, m.amount, m.currency, m.from_account, m.to_account,
           source.currency AS from_currency, source.owner AS from_owner, source.name AS from_name,
           source.bucket AS from_bucket,
           target.currency AS to_currency, target.owner AS to_owner, target.name AS to_name,
           target.bucket AS to_bucket
    FROM movements m
    LEFT JOIN accounts source ON source.id = m.from_account
    LEFT JOIN accounts target ON target.id = m.to_account
    ORDER BY m.id"""
_ENTRIES = (
    "SELECT account_id, sequence, movement_id, amount, balance FROM entries ORDER BY account_id, sequence"
)
_CHARGES = "SELECT id, client_transaction_id, command, name, amount, refund_of FROM charges ORDER BY id"


class Ledger(NamedTuple):
    """The database's tables at one instant."""

    orders: Sequence[Row[Any]]
    attempts: Sequence[Row[Any]]
    movements: Sequence[Row[Any]]
    entries: Sequence[Row[Any]]
    lines: Sequence[Row[Any]]
    """Beside the name: fees and services, and what became of each."""
    debts: Sequence[Row[Any]]


class Charge(NamedTuple):
    """A line of a registrar's books; `standing` is false for a refund and for what one gave back."""

    registrar: str
    id: int
    client_transaction_id: str
    command: str
    name: str
    is_refund: bool
    standing: bool
    stray: bool
    """A refund of a charge that the books do not show."""


def read_ledger(url: str) -> Ledger:
    """Read the database at a SQLAlchemy URL, all tables at one instant."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        _freeze(connection)
        queries = (_ORDERS, _ATTEMPTS, _MOVEMENTS, _ENTRIES, _LINES, _DEBTS)
        return Ledger(*(connection.execute(text(query)).all() for query in queries))


def _freeze(connection: Connection) -> None:
    """Let all that is read in this transaction be of one instant."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")  # Python's driver begins none for reading
    else:
        connection.execution_options(isolation_level="REPEATABLE READ")


def read_book(registrar: str, path: Path) -> list[Charge]:
    """Read a registrar's statement from its book file, oldest line first."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        lines = connection.execute(_CHARGES).fetchall()
    known = {line[0] for line in lines}
    given_back: Counter[int] = Counter()
    for _, _, _, _, amount, refund_of in lines:
        if refund_of is not None:
            given_back[refund_of] -= amount
    return [_charge(registrar, line, known, given_back) for line in lines]


def _charge(registrar: str, line: tuple[Any, ...], known: set[int], given_back: Mapping[int, int]) -> Charge:
    number, transaction_id, command, name, amount, refund_of = line
    is_refund = amount < 0 or refund_of is not None
    refunded = number in given_back and given_back[number] >= amount
    return Charge(
        registrar,
        number,
        transaction_id,
        command,
        name,
        is_refund=is_refund,
        standing=not is_refund and not refunded,
        stray=is_refund and refund_of not in known,
    )
