"""What does a customer owe, and how is it settled (F3, F5, F7)?

    payment taken back ──▶ what is in his cash, at once; the rest is a debt, never a balance below zero
    fee, penalty ────────▶ a debt
    debt ──warned──▶ set off against his cash, in one sum ── or paid outside

Open orders that were paid by a payment that was taken back wait until the debt is settled (F7).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, insert, select, update

from registrar import events, ledger, notices
from registrar.agreement.penalties import penalty, whole_days
from registrar.agreement.rules import MoneyRules
from registrar.database import make_due, try_write
from registrar.findings import open_finding
from registrar.mails import NoticeKind
from registrar.models import Account, Debt, Movement, Order
from registrar.money import Money

PAYMENT_REVERSED, TRANSFER_OUT_FEE, PENALTY = "payment_reversed", "transfer_out_fee", "penalty"
CREDIT_UNPAID = "credit_unpaid"
"""The finding of an order whose credit does not cover the payment for it that was taken back."""


class DebtRefusedError(Exception):
    """Not possible with this debt or payment; `code` is stable, the message says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Reversal(NamedTuple):
    """What came of a payment that was taken back: taken from cash, left as debts, and the orders that it had paid."""

    taken: Money
    owed: Money
    orders: tuple[int, ...]


class _Payment(NamedTuple):
    """One thing that a payment paid: a top-up, or an order's part from outside."""

    customer: str
    amount: Money
    reference: str
    """Unique among all that is taken back: `top_up:7`, `order:12`."""
    order_id: int | None


def reverse_payment(
    connection: Connection, reference: str, *, reason: str, actor: str, ticket: str, now: datetime
) -> Reversal:
    """Take back a payment by its reference, as of a top-up or of orders paid outside, once (F7).

    What is in the customer's cash goes at once; the rest becomes a debt. Raises `DebtRefusedError`.
    """
    _lock_orders(connection, reference)
    paid = [*_top_up(connection, reference), *_orders_paid(connection, reference)]
    if not paid:
        raise DebtRefusedError("payment_unknown", f"no top-up and no order was paid under {reference!r}")
    taken = owed = Money(0, paid[0].amount.currency)
    for payment in paid:
        rest = _take_back(connection, payment, reason=reason, actor=actor, ticket=ticket, now=now)
        taken, owed = taken + (payment.amount - rest), owed + rest
    return Reversal(taken, owed, tuple(one.order_id for one in paid if one.order_id is not None))


def book_fee(
    connection: Connection,
    customer: str,
    fee: Money,
    *,
    reference: str,
    now: datetime,
    order_id: int | None = None,
    actor: str = events.WORKER,
    ticket: str | None = None,
) -> int | None:
    """Book a fee of leaving as receivable, once for each reference; it is never a gate (D7). Return the debt's number."""
    return _open(
        connection,
        customer,
        fee,
        cause=TRANSFER_OUT_FEE,
        reference=reference,
        order_id=order_id,
        actor=actor,
        ticket=ticket,
        now=now,
    )


def warn(connection: Connection, debt_id: int, *, text: str, actor: str, ticket: str, now: datetime) -> Money:
    """Record that the customer was warned: before it nothing is stopped or set off for this debt (F5).

    He is owed a notice of it, once for each debt, whatever else he was told. Return how much the debt is.
    """
    debt = _standing(connection, debt_id)
    connection.execute(update(Debt).where(Debt.id == debt_id).values(warned_at=debt.warned_at or now))
    _record(connection, "debt.warned", debt, actor=actor, ticket=ticket, now=now, text=text)
    notices.owe(
        connection,
        key=f"{NoticeKind.DEBT_WARNING}:{debt_id}",
        kind=NoticeKind.DEBT_WARNING,
        customer=debt.customer,
        facts={"amount": debt.amount, "currency": debt.currency, "pay_by": None},
        now=now,
    )
    return _amount(debt)


def set_off(connection: Connection, debt_id: int, *, actor: str, ticket: str, now: datetime) -> Money:
    """Settle a debt from the customer's cash, in one sum and a line of its own, after a warning (F3, F5).

    Return how much that was. Raises `DebtRefusedError`, or `InsufficientBalanceError` with nothing moved.
    """
    debt = _standing(connection, debt_id)
    if debt.warned_at is None:
        raise DebtRefusedError(
            "debt_not_warned", f"debt {debt_id} has no recorded warning: warn the customer first"
        )
    ledger.settle(connection, debt_id, _amount(debt), customer=debt.customer, now=now)
    _settled(connection, debt, by="set_off", actor=actor, ticket=ticket, now=now)
    return _amount(debt)


def paid(
    connection: Connection, debt_id: int, *, reference: str, actor: str, ticket: str, now: datetime
) -> Money:
    """Settle a debt that the customer paid outside, in one sum, and return it; `reference` is that payment's own."""
    debt = _standing(connection, debt_id)
    ledger.settle(connection, debt_id, _amount(debt), customer=None, now=now)
    _settled(connection, debt, by="paid", actor=actor, ticket=ticket, now=now, reference=reference)
    return _amount(debt)


def penalty_due(connection: Connection, debt_id: int, rules: MoneyRules, *, now: datetime) -> Money:
    """Return what the debt has grown by and was not posted yet; a settled debt grows no more (F3)."""
    debt = _read(connection, debt_id)
    if debt.cause == PENALTY:
        raise DebtRefusedError("no_penalty_on_penalty", f"debt {debt_id} is a penalty itself")
    days = whole_days(debt.since, min(now, debt.settled_at or now))
    posted = select(func.coalesce(func.sum(Debt.amount), 0)).where(
        Debt.customer == debt.customer, Debt.cause == PENALTY, Debt.reference.startswith(f"debt:{debt_id}:")
    )
    grown = penalty(_amount(debt), days, rules)
    already = min(grown.amount, int(connection.execute(posted).scalar_one()))
    return grown - Money(already, grown.currency)


def post_penalty(
    connection: Connection, debt_id: int, rules: MoneyRules, *, actor: str, ticket: str, now: datetime
) -> Money:
    """Post what the debt has grown by as a debt of its own, on request (F3). Return how much that was."""
    debt = _locked(connection, debt_id)
    due = penalty_due(connection, debt_id, rules, now=now)
    if due.amount == 0:
        raise DebtRefusedError("nothing_due", f"debt {debt_id} has no whole day that was not posted yet")
    days = whole_days(debt.since, min(now, debt.settled_at or now))
    posted = _open(
        connection,
        debt.customer,
        due,
        cause=PENALTY,
        reference=f"debt:{debt_id}:{days}",
        order_id=None,
        actor=actor,
        ticket=ticket,
        now=now,
    )
    if posted is None:
        raise DebtRefusedError(
            "nothing_due", f"a penalty for debt {debt_id} was posted today, by other rules"
        )
    return due


def stops(connection: Connection, order: Row[Any]) -> str | None:
    """Say why an open order waits for a payment that was taken back, or None (F7)."""
    for debt in _of_payment(connection, order):
        return f"the payment for it was taken back (debt {debt.id}): it goes on when the debt is settled"
    return None


def locked_of_payment(connection: Connection, order: Row[Any]) -> Sequence[Row[Any]]:
    """Return the open debts of an order's payment, and let nobody else settle them until the transaction ends.

    Asked before any of the customer's money is touched, as whoever settles a debt does: two never wait for each other.
    """
    return _of_payment(connection, order, lock=True)


def settle_from_credit(
    connection: Connection, order: Row[Any], owed: Sequence[Row[Any]], *, now: datetime
) -> None:
    """Settle a payment that was taken back from what its order gives back: nobody is credited what he never paid (F7, D5).

    `owed` are its debts, locked before the credit. It is the same money on its way back, so it needs no warning, and no
    other money of his is touched. Where what is left of the credit does not cover a debt in one sum, staff are told.
    """
    credited = _credited_in_cash(connection, order.id) if owed else 0
    left = min(credited, ledger.cash_of(connection, order.customer, order.price_currency)) if credited else 0
    for debt in owed if left else ():
        if debt.amount <= left:
            ledger.settle(connection, debt.id, _amount(debt), customer=debt.customer, now=now)
            _settled(connection, debt, by="set_off", actor=events.WORKER, ticket=None, now=now)
            left -= debt.amount
        else:
            _tell_of_unpaid_credit(connection, order, debt, now=now)


def list_debts(
    connection: Connection,
    customer: str | None = None,
    *,
    settled: bool = False,
    after: int = 0,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Return debts with a number above `after`, oldest first; those that are settled only if asked for."""
    query = select(Debt.__table__).where(Debt.id > after)
    if customer is not None:
        query = query.where(Debt.customer == customer)
    if not settled:
        query = query.where(Debt.settled_at.is_(None))
    return [dict(row) for row in connection.execute(query.order_by(Debt.id).limit(limit)).mappings()]


def _of_payment(connection: Connection, order: Row[Any], *, lock: bool = False) -> Sequence[Row[Any]]:
    """Return the open debts of the payment for an order: its own, or, after a top-up, that of the balance that paid it."""
    query = select(Debt.__table__).where(
        Debt.customer == order.customer,
        Debt.settled_at.is_(None),
        Debt.cause == PAYMENT_REVERSED,
        Debt.currency == order.price_currency,
    )
    query = query.order_by(Debt.id)
    return [
        debt
        for debt in connection.execute(query.with_for_update() if lock else query)
        if debt.order_id == order.id
        or (debt.order_id is None and order.payment == "balance" and order.placed_at <= debt.since)
    ]


def _credited_in_cash(connection: Connection, order_id: int) -> int:
    """Return what an order has given back into its customer's cash, in minor units."""
    query = (
        select(func.coalesce(func.sum(Movement.amount), 0))
        .join(Account, Account.id == Movement.to_account)
        .where(Movement.order_id == order_id, Movement.phase == 2, Movement.kind == "credit")
        .where(Account.owner == "customer", Account.bucket == ledger.CASH)
    )
    return int(connection.execute(query).scalar_one())


def _tell_of_unpaid_credit(connection: Connection, order: Row[Any], debt: Row[Any], *, now: datetime) -> None:
    open_finding(
        connection,
        CREDIT_UNPAID,
        f"order:{order.id}",
        text=f"order {order.id} was credited, and the payment for it was taken back: debt {debt.id} of {_amount(debt)} stands",
        next_step=f"`registrar ledger debts warn {debt.id} --ticket …`, then set it off against what was credited",
        now=now,
    )


def _lock_orders(connection: Connection, reference: str) -> None:
    """Let nobody end an order that was paid by it meanwhile: what it credits would not know of the debt."""
    mine = select(Order.id).where(Order.payment_reference == reference).order_by(Order.id)
    connection.execute(mine.with_for_update(key_share=True))


def _top_up(connection: Connection, reference: str) -> Sequence[_Payment]:
    """Return the top-up that was booked by it; nobody puts it right as a mistake meanwhile."""
    query = (
        select(Movement.id, Account.name, Movement.amount, Movement.currency)
        .join(Account, Account.id == Movement.to_account)
        .where(Movement.kind == "top_up", Movement.reference == reference)
    )
    row = connection.execute(query.with_for_update(of=Movement)).first()
    if row is None:
        return ()
    opposite = select(Movement.id).where(
        Movement.kind == "top_up_reversed", Movement.reference == str(row.id)
    )
    if connection.execute(opposite).first() is not None:
        raise DebtRefusedError("reversed_already", f"the top-up {reference!r} was put right as a mistake")
    return (_Payment(row.name, Money(row.amount, row.currency), f"top_up:{row.id}", None),)


def _orders_paid(connection: Connection, reference: str) -> Sequence[_Payment]:
    query = (
        select(Order.id, Order.customer, Movement.currency, func.sum(Movement.amount).label("amount"))
        .join(Movement, Movement.order_id == Order.id)
        .join(Account, Account.id == Movement.from_account)
        .where(Order.payment_reference == reference, Movement.phase == 1, Account.owner == "house")
        .group_by(Order.id, Order.customer, Movement.currency)
        .order_by(Order.id)
    )
    return [
        _Payment(row.customer, Money(int(row.amount), row.currency), f"order:{row.id}", row.id)
        for row in connection.execute(query)
    ]


def _take_back(
    connection: Connection, payment: _Payment, *, reason: str, actor: str, ticket: str, now: datetime
) -> Money:
    """Take one payment back; return what is left of it as a debt."""
    if is_taken_back(connection, payment.reference):
        raise DebtRefusedError(
            "reversed_already", f"the payment of {payment.reference} was taken back already"
        )
    rest = ledger.pay_back(
        connection,
        payment.customer,
        payment.amount,
        kind=PAYMENT_REVERSED,
        reference=payment.reference,
        order_id=payment.order_id,
        now=now,
    )
    events.record(
        connection,
        "payment.reversed",
        at=now,
        order_id=payment.order_id,
        subject=payment.customer,
        actor=actor,
        ticket=ticket,
        evidence={
            "reason": reason,
            "amount": str(payment.amount),
            "owed": str(rest),
            "of": payment.reference,
        },
    )
    if rest.amount:
        _open(
            connection,
            payment.customer,
            rest,
            cause=PAYMENT_REVERSED,
            reference=payment.reference,
            order_id=payment.order_id,
            actor=actor,
            ticket=ticket,
            now=now,
        )
    return rest


def is_taken_back(connection: Connection, reference: str) -> bool:
    """Tell whether a payment (`top_up:7`, `order:12`) was taken back, from cash or as a debt."""
    moved = select(Movement.id).where(Movement.kind == PAYMENT_REVERSED, Movement.reference == reference)
    owed = select(Debt.id).where(Debt.cause == PAYMENT_REVERSED, Debt.reference == reference)
    return any(connection.execute(query).first() is not None for query in (moved, owed))


def _open(
    connection: Connection,
    customer: str,
    amount: Money,
    *,
    cause: str,
    reference: str,
    order_id: int | None,
    actor: str,
    ticket: str | None,
    now: datetime,
) -> int | None:
    """Write a debt and its side in the books; one that is there already, or comes to nothing, is not written again."""
    new = insert(Debt).values(
        customer=customer,
        amount=amount.amount,
        currency=amount.currency,
        cause=cause,
        reference=reference,
        order_id=order_id,
        since=now,
    )
    if amount.amount == 0 or not try_write(connection, new):
        return None
    mine = select(Debt.__table__).where(Debt.cause == cause, Debt.reference == reference)
    debt = connection.execute(mine).one()
    ledger.owe(connection, debt.id, amount, paid_back=cause == PAYMENT_REVERSED, order_id=order_id, now=now)
    _record(connection, "debt.opened", debt, actor=actor, ticket=ticket, now=now)
    return int(debt.id)


def _read(connection: Connection, debt_id: int) -> Row[Any]:
    return _found(connection.execute(select(Debt.__table__).where(Debt.id == debt_id)).first(), debt_id)


def _locked(connection: Connection, debt_id: int) -> Row[Any]:
    query = select(Debt.__table__).where(Debt.id == debt_id).with_for_update()
    return _found(connection.execute(query).first(), debt_id)


def _found(debt: Row[Any] | None, debt_id: int) -> Row[Any]:
    if debt is None:
        raise DebtRefusedError("debt_unknown", f"there is no debt {debt_id}")
    return debt


def _standing(connection: Connection, debt_id: int) -> Row[Any]:
    debt = _locked(connection, debt_id)
    if debt.settled_at is not None:
        raise DebtRefusedError("debt_settled", f"debt {debt_id} is settled ({debt.settled_by})")
    return debt


def _settled(
    connection: Connection,
    debt: Row[Any],
    *,
    by: str,
    actor: str,
    ticket: str | None,
    now: datetime,
    **evidence: str,
) -> None:
    """Close the debt, and let what waited for it go on."""
    connection.execute(update(Debt).where(Debt.id == debt.id).values(settled_at=now, settled_by=by))
    _record(connection, "debt.settled", debt, actor=actor, ticket=ticket, now=now, by=by, **evidence)
    if debt.cause == PAYMENT_REVERSED:
        mine = Order.id == debt.order_id if debt.order_id is not None else Order.customer == debt.customer
        make_due(connection, select(Order.id).where(mine, Order.state == "placed"), now=now)


def _record(
    connection: Connection,
    kind: str,
    debt: Row[Any],
    *,
    actor: str,
    ticket: str | None,
    now: datetime,
    **evidence: str,
) -> None:
    events.record(
        connection,
        kind,
        at=now,
        order_id=debt.order_id,
        subject=debt.customer,
        actor=actor,
        ticket=ticket,
        evidence={"debt": debt.id, "amount": str(_amount(debt)), "cause": debt.cause, **evidence},
    )


def _amount(debt: Row[Any]) -> Money:
    return Money(debt.amount, debt.currency)
