"""What is booked outside an order's two phases? Top-ups, gift, compensation, debts, and the opposite entry of a mistake.

Nothing here decides: whoever books says why in an event of his own, with a ticket where a person does it (C1).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from registrar.ledger.buckets import CASH, gift_bucket
from registrar.ledger.phases import InsufficientBalanceError
from registrar.ledger.places import (
    EARNED,
    GIFTS,
    LAPSED,
    OUTSIDE,
    OWED,
    Cause,
    Place,
    move,
    of_customer,
    purses,
)
from registrar.models import Account, Movement
from registrar.money import Money

COMPENSATION = "compensation"
_REVERSED = "_reversed"


class TopUpRepeatedError(Exception):
    """A top-up with this reference was booked before, this one or another; nothing was booked now."""


class NotReversibleError(Exception):
    """This movement is not put right by an opposite entry; the message says why, and what is."""


def top_up(connection: Connection, customer: str, amount: Money, *, reference: str, now: datetime) -> None:
    """Book a payment into a customer's balance; `reference` is used once, else `TopUpRepeatedError`."""
    _refuse_repeated(connection, customer, amount, reference)
    cause = Cause("top_up", reference=reference)
    try:
        with connection.begin_nested():
            move(connection, OUTSIDE, of_customer(customer), amount, cause, now=now)
    except IntegrityError as error:  # perhaps booked by another transaction at this moment
        _refuse_repeated(connection, customer, amount, reference, cause=error)
        raise


def give_gift(
    connection: Connection, customer: str, amount: Money, *, end: date | None, reference: str, now: datetime
) -> None:
    """Give a customer gift that is good to the end of a day (F2); `reference` is used once, else an IntegrityError."""
    cause = Cause("gift", reference=reference)
    move(connection, GIFTS, of_customer(customer, gift_bucket(end)), amount, cause, now=now)


def lapse(connection: Connection, customer: str, bucket: str, currency: str, *, now: datetime) -> Money:
    """Book gift whose end has passed as lapsed, as much as there is of it; return how much (F2)."""
    there = Money(purses(connection, customer, currency).get(bucket, 0), currency)
    move(connection, of_customer(customer, bucket), LAPSED, there, Cause("gift_lapsed"), now=now)
    return there


def compensate(
    connection: Connection, order_id: int, customer: str, amount: Money, *, reference: str, now: datetime
) -> None:
    """Pay damages for an order into the customer's balance, apart from any credit (F4).

    The database refuses what would lift all that came back for the order above what was paid for it in money.
    """
    cause = Cause(COMPENSATION, about_order_id=order_id, reference=reference)
    move(connection, EARNED, of_customer(customer), amount, cause, now=now)


def credited_for(connection: Connection, order_id: int) -> int:
    """Return what came back to the customer for an order in money, in minor units: credits and compensation, no gift."""
    query = (
        select(Movement.kind, Movement.amount)
        .join(Account, Account.id == Movement.to_account)
        .where(Movement.order_id == order_id, Movement.phase == 2)
        .where(Account.owner == "customer", ~Account.bucket.like("gift%"))
    )
    about = select(Movement.kind, Movement.amount).where(
        Movement.about_order_id == order_id,
        Movement.kind.in_((COMPENSATION, COMPENSATION + _REVERSED)),
    )
    signs = {COMPENSATION + _REVERSED: -1}
    rows = [*connection.execute(query), *connection.execute(about)]
    return sum(signs.get(kind, 1) * amount for kind, amount in rows)


def owe(
    connection: Connection,
    debt_id: int,
    amount: Money,
    *,
    paid_back: bool,
    order_id: int | None,
    now: datetime,
) -> None:
    """Book what a customer owes (F7): money that was taken back outside, else a fee or a penalty that we have earned."""
    cause = Cause("debt", reference=str(debt_id), about_order_id=order_id)
    move(connection, OWED, OUTSIDE if paid_back else EARNED, amount, cause, now=now)


def settle(
    connection: Connection, debt_id: int, amount: Money, *, customer: str | None, now: datetime
) -> None:
    """Book a debt as settled, in one sum: set off against the customer's cash, else paid outside (F5).

    Raises `InsufficientBalanceError` when his cash does not cover it.
    """
    if customer is not None:
        _require_cash(connection, customer, amount)
    source = OUTSIDE if customer is None else of_customer(customer)
    cause = Cause("debt_paid" if customer is None else "set_off", reference=str(debt_id))
    move(connection, source, OWED, amount, cause, now=now)


def cash_of(connection: Connection, customer: str, currency: str) -> int:
    """Return what a customer has in cash, in minor units, and let nobody else at it until the transaction ends."""
    return purses(connection, customer, currency).get(CASH, 0)


def pay_back(
    connection: Connection,
    customer: str,
    most: Money,
    *,
    kind: str,
    reference: str,
    order_id: int | None,
    now: datetime,
) -> Money:
    """Take a payment that was taken back outside from the customer's cash, as far as there is any; return the rest (F7)."""
    there = cash_of(connection, customer, most.currency)
    taken = Money(min(there, most.amount), most.currency)
    cause = Cause(kind, reference=reference, about_order_id=order_id)
    move(connection, of_customer(customer), OUTSIDE, taken, cause, now=now)
    return most - taken


def reverse(connection: Connection, movement_id: int, *, now: datetime) -> int:
    """Write the opposite of a movement that was a mistake, once, and return its number.

    Raises `NotReversibleError` for a movement of an order's two phases (an order is ended, never undone here), for one
    that is itself an opposite, and for a second time; `InsufficientBalanceError` when the money is no longer there.
    """
    row = connection.execute(select(Movement.__table__).where(Movement.id == movement_id)).first()
    _refuse_irreversible(connection, row, movement_id)
    assert row is not None
    amount = Money(row.amount, row.currency)
    source, target = _place(connection, row.to_account), _place(connection, row.from_account)
    if source.owner == "customer":
        there = purses(connection, source.name, row.currency)[source.bucket]
        if there < row.amount:
            raise InsufficientBalanceError(Money(there, row.currency), of=f"{source.bucket} balance")
    cause = Cause(row.kind + _REVERSED, reference=str(movement_id), about_order_id=row.about_order_id)
    try:
        with connection.begin_nested():
            written = move(connection, source, target, amount, cause, now=now)
    except IntegrityError as error:
        raise NotReversibleError(f"movement {movement_id} was reversed already") from error
    assert written is not None
    return written


_REVERSIBLE = ("top_up", "gift", "gift_lapsed", COMPENSATION)


def _refuse_irreversible(connection: Connection, row: Row[Any] | None, movement_id: int) -> None:
    if row is None:
        raise NotReversibleError(f"there is no movement {movement_id}")
    if row.order_id is not None:
        raise NotReversibleError(
            f"movement {movement_id} is of order {row.order_id}: what an order took is earned or credited by its end"
        )
    if row.kind not in _REVERSIBLE:
        raise NotReversibleError(
            f"a {row.kind} is not reversed: {', '.join(_REVERSIBLE)} are; a debt is settled, or paid back as compensation"
        )
    again = select(Movement.id).where(
        Movement.kind == row.kind + _REVERSED, Movement.reference == str(movement_id)
    )
    if connection.execute(again).first() is not None:
        raise NotReversibleError(f"movement {movement_id} was reversed already")


def _place(connection: Connection, account: int) -> Place:
    row = connection.execute(
        select(Account.owner, Account.name, Account.bucket).where(Account.id == account)
    ).one()
    return Place(*row)


def _require_cash(connection: Connection, customer: str, amount: Money) -> None:
    there = cash_of(connection, customer, amount.currency)
    if there < amount.amount:
        raise InsufficientBalanceError(Money(there, amount.currency), of="cash balance")


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
