"""Whose money is where? Double entry in whole minor units, append-only, enforced by the database itself (F1).

    outside ──phase 1──▶ orders ──phase 2──▶ earned             paid from outside, delivered
    customer ─phase 1──▶ orders ──phase 2──▶ customer           paid from the balance, refused: credited (D5)

One row is one movement from an account to another, so it balances by construction. `UNIQUE (order, line, phase)` makes
*earned* and *credited* exclude each other, each at most once: both are phase 2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from registrar.database import try_write
from registrar.models import Account, Entry, Movement
from registrar.money import Money

CASH = "cash"
"""The customer's credit account with the company (حساب بستانکار)."""
MAIN_LINE = "domain"
"""The order's own line: the price of the name. Fees and dependent services are lines beside it."""

_OUTSIDE, _ORDERS, _EARNED = "outside", "orders", "earned"


class InsufficientBalanceError(Exception):
    """The customer's balance does not cover the order; `balance` is what there is."""

    def __init__(self, balance: Money) -> None:
        super().__init__(f"the customer's balance is {balance}: top it up, or pay the order from outside")
        self.balance = balance


class TopUpRepeatedError(Exception):
    """A top-up with this reference was booked before, this one or another; nothing was booked now."""


class StatementLine(NamedTuple):
    """One line of a customer's statement; `amount` is signed, `balance` is after it."""

    id: int
    at: datetime
    kind: str
    amount: int
    currency: str
    bucket: str
    balance: int
    order_id: int | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """An account by its natural key."""

    owner: str
    name: str
    bucket: str


def _house(name: str) -> _Place:
    return _Place("house", name, "main")


def _bucket(customer: str, bucket: str = CASH) -> _Place:
    return _Place("customer", customer, bucket)


def take_from_outside(connection: Connection, order_id: int, price: Money, *, now: datetime) -> None:
    """Phase 1 of an order that the portal says is paid."""
    _move(
        connection,
        _house(_OUTSIDE),
        _house(_ORDERS),
        price,
        kind="payment",
        now=now,
        order_id=order_id,
        phase=1,
    )


def take_from_balance(
    connection: Connection, order_id: int, customer: str, price: Money, *, now: datetime
) -> None:
    """Phase 1 of an order paid from the customer's balance; raises `InsufficientBalanceError` with nothing moved."""
    account = _account(connection, _bucket(customer), price.currency)
    _lock_customers(connection, [account])
    balance = _balance(connection, account)
    if balance < price.amount:
        raise InsufficientBalanceError(Money(balance, price.currency))
    _move(
        connection,
        _bucket(customer),
        _house(_ORDERS),
        price,
        kind="payment",
        now=now,
        order_id=order_id,
        phase=1,
    )


def earn(connection: Connection, order_id: int, price: Money, *, now: datetime) -> None:
    """Phase 2 of a delivered order: its money is ours."""
    _move(
        connection,
        _house(_ORDERS),
        _house(_EARNED),
        price,
        kind="earned",
        now=now,
        order_id=order_id,
        phase=2,
    )


def credit(connection: Connection, order_id: int, customer: str, price: Money, *, now: datetime) -> None:
    """Phase 2 of a refused order: the whole price goes to the customer's credit account, once (D5)."""
    _move(
        connection,
        _house(_ORDERS),
        _bucket(customer),
        price,
        kind="credit",
        now=now,
        order_id=order_id,
        phase=2,
    )


def top_up(connection: Connection, customer: str, amount: Money, *, reference: str, now: datetime) -> None:
    """Book a payment into a customer's balance; `reference` is used once, else `TopUpRepeatedError`."""
    _refuse_repeated(connection, customer, amount, reference)
    try:
        with connection.begin_nested():
            _move(
                connection,
                _house(_OUTSIDE),
                _bucket(customer),
                amount,
                kind="top_up",
                now=now,
                reference=reference,
            )
    except IntegrityError as error:  # perhaps booked by another transaction at this moment
        _refuse_repeated(connection, customer, amount, reference, cause=error)
        raise


def _refuse_repeated(
    connection: Connection,
    customer: str,
    amount: Money,
    reference: str,
    *,
    cause: IntegrityError | None = None,
) -> None:
    """Raise `TopUpRepeatedError` if the reference was used, and say whether it was for this very payment."""
    query = (
        select(Account.name, Movement.amount, Movement.currency)
        .join(Account, Account.id == Movement.to_account)
        .where(Movement.kind == "top_up", Movement.reference == reference)
    )
    booked = connection.execute(query).first()
    if booked is None:
        return
    before = Money(booked.amount, booked.currency)
    told = f"{before} for customer {booked.name!r}; nothing was booked now"
    if (booked.name, before) == (customer, amount):
        raise TopUpRepeatedError(f"the top-up {reference!r} is booked already: {told}") from cause
    raise TopUpRepeatedError(
        f"the reference {reference!r} was used for something else: {told}. Look for the payment's own reference"
    ) from cause


def balances(connection: Connection, customer: str) -> list[dict[str, Any]]:
    """Return the customer's balance by bucket and currency (O7)."""
    newest = select(func.max(Entry.sequence)).where(Entry.account_id == Account.id)
    last = newest.correlate(Account).scalar_subquery()
    rows = connection.execute(
        select(Account.bucket, Account.currency, Entry.balance.label("amount"))
        .join(Entry, (Entry.account_id == Account.id) & (Entry.sequence == last))
        .where(Account.owner == "customer", Account.name == customer)
        .order_by(Account.bucket, Account.currency)
    )
    return [dict(row) for row in rows.mappings()]


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
            Movement.order_id,
            Movement.reference,
        )
        .join(Entry, Entry.movement_id == Movement.id)
        .join(Account, Account.id == Entry.account_id)
        .where(Account.owner == "customer", Account.name == customer, Movement.id > after)
        .order_by(Movement.id)
        .limit(limit)
    )
    return [StatementLine(*row) for row in rows]


def order_lines(connection: Connection, order_id: int) -> list[dict[str, Any]]:
    """Return an order's movements with the names of both accounts, oldest first."""
    source, target = Account.__table__.alias("source"), Account.__table__.alias("target")
    rows = connection.execute(
        select(
            Movement.at,
            Movement.kind,
            Movement.line,
            Movement.phase,
            Movement.amount,
            Movement.currency,
            source.c.name.label("from"),
            target.c.name.label("to"),
        )
        .join(source, source.c.id == Movement.from_account)
        .join(target, target.c.id == Movement.to_account)
        .where(Movement.order_id == order_id)
        .order_by(Movement.id)
    )
    return [dict(row) for row in rows.mappings()]


def _move(
    connection: Connection,
    source: _Place,
    target: _Place,
    amount: Money,
    *,
    kind: str,
    now: datetime,
    order_id: int | None = None,
    phase: int | None = None,
    reference: str | None = None,
) -> None:
    """Write one movement; an order that costs nothing moves nothing."""
    if amount.amount == 0:
        return
    accounts = [_account(connection, place, amount.currency) for place in (source, target)]
    _lock_customers(connection, accounts)
    connection.execute(
        insert(Movement).values(
            at=now,
            from_account=accounts[0],
            to_account=accounts[1],
            amount=amount.amount,
            currency=amount.currency,
            kind=kind,
            order_id=order_id,
            line=None if order_id is None else MAIN_LINE,
            phase=phase,
            reference=reference,
        )
    )


def _account(connection: Connection, place: _Place, currency: str) -> int:
    """Return the account's id, making the account at its first use."""
    wanted: Mapping[str, str] = {
        "owner": place.owner,
        "name": place.name,
        "bucket": place.bucket,
        "currency": currency,
    }
    query = select(Account.id).filter_by(**wanted)
    found = connection.execute(query).scalar()
    if found is not None:
        return found
    try_write(
        connection, insert(Account).values(**wanted)
    )  # refused if another transaction made it first: its row will do
    return connection.execute(query).scalar_one()


def _lock_customers(connection: Connection, accounts: Sequence[int]) -> None:
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
