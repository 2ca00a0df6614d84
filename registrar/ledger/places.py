"""How does money get from one account to another? One row, under the lock of the customer whom it touches."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from registrar.database import try_write
from registrar.ledger.buckets import CASH
from registrar.models import Account, Entry, Movement
from registrar.money import Money


class Place(NamedTuple):
    """An account by its natural key."""

    owner: str
    name: str
    bucket: str


class Cause(NamedTuple):
    """What a movement is for: an order's line in one of its two phases, a reference of its own, or an order it is about."""

    kind: str
    order_id: int | None = None
    line: str | None = None
    phase: int | None = None
    reference: str | None = None
    about_order_id: int | None = None


def house(name: str) -> Place:
    """Return one of the house's own accounts."""
    return Place("house", name, "main")


OUTSIDE, ORDERS, EARNED, FORFEITED = house("outside"), house("orders"), house("earned"), house("forfeited")
GIFTS, LAPSED, OWED = house("gifts"), house("lapsed"), house("owed")


def of_customer(customer: str, bucket: str = CASH) -> Place:
    """Return a customer's bucket."""
    return Place("customer", customer, bucket)


def move(
    connection: Connection, source: Place, target: Place, amount: Money, cause: Cause, *, now: datetime
) -> int | None:
    """Write one movement and return its number; what costs nothing moves nothing, and has none."""
    if amount.amount == 0:
        return None
    accounts = [account_of(connection, place, amount.currency) for place in (source, target)]
    _lock(connection, accounts)
    written = insert(Movement).values(
        at=now,
        from_account=accounts[0],
        to_account=accounts[1],
        amount=amount.amount,
        currency=amount.currency,
        **cause._asdict(),
    )
    return connection.execute(written.returning(Movement.id)).scalar_one()


def account_of(connection: Connection, place: Place, currency: str) -> int:
    """Return the account's id, making the account at its first use."""
    wanted = place._asdict() | {"currency": currency}
    query = select(Account.id).filter_by(**wanted)
    found = connection.execute(query).scalar()
    if found is not None:
        return found
    try_write(
        connection, insert(Account).values(**wanted)
    )  # refused if another transaction made it first: its row will do
    return connection.execute(query).scalar_one()


def purses(connection: Connection, customer: str, currency: str) -> dict[str, int]:
    """Return what a customer has in each bucket, and let nobody else at any of them until the transaction ends."""
    return {
        bucket: _balance(connection, account)
        for account, bucket in lock_purses(connection, customer, currency)
    }


def lock_purses(connection: Connection, customer: str, currency: str) -> Sequence[tuple[int, str]]:
    """Let nobody else at any of a customer's buckets until the transaction ends; return their accounts.

    Whoever touches several asks here first: all are locked in one order, so two transactions never wait for each other.
    """
    mine = select(Account.id, Account.bucket).where(
        Account.owner == "customer", Account.name == customer, Account.currency == currency
    )
    locked = connection.execute(mine.order_by(Account.id).with_for_update(key_share=True))
    return [(account, bucket) for account, bucket in locked]


def _lock(connection: Connection, accounts: Sequence[int]) -> None:
    """Let one writer at a time at a customer's account, before a movement takes its id.

    So a customer's movements become visible in the order of their ids, and a reader that pages by id misses none.
    """
    customers = (
        select(Account.id).where(Account.id.in_(accounts), Account.owner == "customer").order_by(Account.id)
    )
    connection.execute(customers.with_for_update(key_share=True))


def _balance(connection: Connection, account: int) -> int:
    last = select(Entry.balance).where(Entry.account_id == account).order_by(Entry.sequence.desc()).limit(1)
    return connection.execute(last).scalar() or 0
