"""What does a customer have, how did it come about, and what became of an order's money (O7)?"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, func, select
from sqlalchemy.orm import aliased

from registrar.ledger.buckets import gift_end, kind_of
from registrar.models import Account, Entry, Movement


class StatementLine(NamedTuple):
    """One line of a customer's statement; `amount` is signed, `balance` is after it, of the bucket and its end."""

    id: int
    at: datetime
    kind: str
    amount: int
    currency: str
    bucket: str
    balance: int
    order_id: int | None
    reference: str | None
    expires_on: date | None
    """Of gift: the last day on which it is good."""


def balances(connection: Connection, customer: str) -> list[dict[str, Any]]:
    """Return the customer's balance by bucket and currency, gift by its end; gift that is used up is left out (O7)."""
    newest = select(func.max(Entry.sequence)).where(Entry.account_id == Account.id)
    last = newest.correlate(Account).scalar_subquery()
    rows = connection.execute(
        select(Account.bucket, Account.currency, Entry.balance.label("amount"))
        .join(Entry, (Entry.account_id == Account.id) & (Entry.sequence == last))
        .where(Account.owner == "customer", Account.name == customer)
        .order_by(Account.bucket, Account.currency)
    )
    return list(_told(rows.mappings()))


def _told(rows: Iterable[RowMapping]) -> Iterator[dict[str, Any]]:
    for row in rows:
        end = gift_end(row["bucket"])
        if row["amount"] or end is None:
            yield dict(row) | _bucket(row)


def _bucket(row: RowMapping) -> dict[str, Any]:
    return {"bucket": str(kind_of(row["bucket"])), "expires_on": gift_end(row["bucket"])}


def statement(
    connection: Connection, customer: str, *, after: int = 0, limit: int = 100
) -> list[StatementLine]:
    """Return the customer's ledger lines with an id above `after`, oldest first (O7)."""
    rows = connection.execute(
        select(
            Movement.id,
            Movement.at,
            Movement.kind,
            Entry.amount,
            Movement.currency,
            Account.bucket,
            Entry.balance,
            func.coalesce(Movement.order_id, Movement.about_order_id).label("order_id"),
            Movement.reference,
        )
        .join(Entry, Entry.movement_id == Movement.id)
        .join(Account, Account.id == Entry.account_id)
        .where(Account.owner == "customer", Account.name == customer, Movement.id > after)
        .order_by(Movement.id)
        .limit(limit)
    )
    return [StatementLine(**dict(row) | _bucket(row)) for row in rows.mappings()]


def order_lines(connection: Connection, order_id: int) -> list[dict[str, Any]]:
    """Return an order's movements with the names of both accounts, oldest first."""
    source, target = aliased(Account), aliased(Account)
    rows = connection.execute(
        select(
            Movement.at,
            Movement.kind,
            Movement.line,
            Movement.phase,
            Movement.amount,
            Movement.currency,
            source.name.label("from"),
            target.name.label("to"),
            target.bucket.label("bucket"),
        )
        .join(source, source.id == Movement.from_account)
        .join(target, target.id == Movement.to_account)
        .where(Movement.order_id == order_id)
        .order_by(Movement.id)
    )
    return [dict(row) for row in rows.mappings()]
