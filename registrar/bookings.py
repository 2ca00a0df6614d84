"""What do staff book by hand, and what lapses by itself? Gift, damages, the opposite of a mistake (F1, F2, F4; C1).

Each is one event with its ticket beside its movement.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy import text as sql

from registrar import events, ledger
from registrar.agreement.compensation import Ceiling, time_used
from registrar.agreement.failure import Became, LineKind
from registrar.ledger import NotReversibleError
from registrar.models import Account, Debt, Entry, Movement, Order, OrderLine
from registrar.models.money import IS_ENDING_GIFT
from registrar.money import Money
from registrar.outcomes import RefusalReason

_ENDED = ("completed", "refused", "cancelled")
_LAPSES_WITHIN = timedelta(days=366)
"""So long an outage is caught up with: an older gift account is never read again."""


class BookingRefusedError(Exception):
    """It is not booked; `code` is stable, the message says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def give_gift(
    connection: Connection,
    customer: str,
    amount: Money,
    *,
    end: date | None,
    reference: str,
    actor: str,
    ticket: str,
    now: datetime,
) -> None:
    """Give a customer gift, good to the end of a day; once for each reference (F2)."""
    if end is not None and not ledger.is_good(ledger.gift_bucket(end), now):
        raise BookingRefusedError("gift_ended", f"gift that ends on {end} has ended")
    used = select(Movement.id).where(Movement.kind == "gift", Movement.reference == reference)
    if connection.execute(used).first() is not None:
        raise BookingRefusedError("reference_used", f"a gift was given under {reference!r} before")
    ledger.give_gift(connection, customer, amount, end=end, reference=reference, now=now)
    evidence = {
        "amount": str(amount),
        "until": end.isoformat() if end else None,
        "reference": reference,
    }
    _record(connection, "customer.gifted", customer, evidence, actor=actor, ticket=ticket, now=now)


def lapse_gifts(connection: Connection, *, now: datetime, limit: int) -> int:
    """Book gift whose last day is over as lapsed, so many accounts at most; return how many (F2)."""
    today = now.astimezone(UTC).date()
    newest = select(func.max(Entry.sequence)).where(Entry.account_id == Account.id)
    last = newest.correlate(Account).scalar_subquery()
    ended = (
        select(Account.name, Account.bucket, Account.currency)
        .join(Entry, (Entry.account_id == Account.id) & (Entry.sequence == last))
        .where(
            sql(IS_ENDING_GIFT),
            Account.bucket < ledger.gift_bucket(today),
            Account.bucket >= ledger.gift_bucket(today - _LAPSES_WITHIN),
            Account.owner == "customer",
            Entry.balance > 0,
        )
        .order_by(Account.bucket, Account.id)
        .limit(limit)
    )
    rows = connection.execute(ended).all()
    for row in rows:
        _lapse(connection, row.name, row.bucket, row.currency, now=now)
    return len(rows)


def compensation_ceiling(connection: Connection, order_id: int, *, now: datetime, work: int = 0) -> Ceiling:
    """Reckon how much damages for an order can come to (F4); `work` is staff's own beside its fees, in minor units.

    Raises `BookingRefusedError` for an order that has not ended (its money is not ours yet), or was ended for breach.
    """
    order = connection.execute(select(Order.__table__).where(Order.id == order_id)).first()
    if order is None:
        raise BookingRefusedError("order_unknown", f"there is no order {order_id}")
    if order.state not in _ENDED:
        raise BookingRefusedError(
            "order_open", f"order {order_id} has not ended: end it first, with its credit"
        )
    if order.ended_reason == RefusalReason.FOR_BREACH:
        raise BookingRefusedError(
            "for_breach", f"order {order_id} was ended for breach: nothing is paid back (O10)"
        )
    lines = connection.execute(select(OrderLine.__table__).where(OrderLine.order_id == order_id)).all()
    paid = _paid_in_money(connection, order_id)
    of = {
        kind: sum(
            paid.get(line.line, 0)
            for line in lines
            if line.kind == kind and line.ended in (Became.EARNED, Became.KEPT)
        )
        for kind in (LineKind.FEE, LineKind.SERVICE)
    }
    undecided = sum(paid.get(line.line, 0) for line in lines if line.ended == Became.UNDECIDED)
    currency = order.price_currency
    return Ceiling(
        paid=Money(sum(paid.values()), currency),
        delivered=Money(of[LineKind.SERVICE], currency),
        used=_used(order, Money(paid.get(ledger.MAIN_LINE, 0), currency), now),
        work=Money(of[LineKind.FEE] + work, currency),
        returned=Money(
            ledger.credited_for(connection, order_id) + undecided + _unpaid(connection, order_id), currency
        ),
    )


def compensate(
    connection: Connection,
    order_id: int,
    amount: Money,
    *,
    actor: str,
    ticket: str,
    now: datetime,
    work: int = 0,
) -> Ceiling:
    """Pay damages for an order into its customer's cash, up to the ceiling; return the ceiling as it was before (F4)."""
    mine = select(Order.customer).where(Order.id == order_id)
    order = connection.execute(mine.with_for_update(key_share=True)).first()
    ceiling = compensation_ceiling(connection, order_id, now=now, work=work)
    assert order is not None
    if amount.amount > ceiling.most.amount or amount.currency != ceiling.most.currency:
        raise BookingRefusedError(
            "above_ceiling", f"damages for order {order_id} come to {ceiling.most} at most, not {amount}"
        )
    reference = f"{ticket} order:{order_id} {now.isoformat()}"
    ledger.compensate(connection, order_id, order.customer, amount, reference=reference, now=now)
    evidence = {"amount": str(amount), "ceiling": str(ceiling.most)}
    _record(
        connection,
        "order.compensated",
        order.customer,
        evidence,
        actor=actor,
        ticket=ticket,
        now=now,
        order_id=order_id,
    )
    return ceiling


def reverse(
    connection: Connection, movement_id: int, *, reason: str, actor: str, ticket: str, now: datetime
) -> int:
    """Put a mistaken booking right by the opposite entry, once; return its number (F1).

    Raises `NotReversibleError`, also for a top-up that was taken back as a payment (F7), and `InsufficientBalanceError`.
    """
    connection.execute(select(Movement.id).where(Movement.id == movement_id).with_for_update())
    taken_back = [
        select(Debt.id).where(Debt.cause == "payment_reversed", Debt.reference == f"top_up:{movement_id}"),
        select(Movement.id).where(
            Movement.kind == "payment_reversed", Movement.reference == f"top_up:{movement_id}"
        ),
    ]
    if any(connection.execute(query).first() is not None for query in taken_back):
        raise NotReversibleError(f"movement {movement_id} is a payment that was taken back already")
    written = ledger.reverse(connection, movement_id, now=now)
    evidence = {"movement": movement_id, "opposite": written, "reason": reason}
    _record(
        connection,
        "movement.reversed",
        f"movement:{movement_id}",
        evidence,
        actor=actor,
        ticket=ticket,
        now=now,
    )
    return written


def _lapse(connection: Connection, customer: str, bucket: str, currency: str, *, now: datetime) -> None:
    amount = ledger.lapse(connection, customer, bucket, currency, now=now)
    evidence = {"amount": str(amount), "until": str(ledger.gift_end(bucket))}
    _record(connection, "customer.gift_lapsed", customer, evidence, actor=events.WORKER, ticket=None, now=now)


def _paid_in_money(connection: Connection, order_id: int) -> dict[str, int]:
    """Return what was paid for each line in anything but gift, in minor units."""
    query = (
        select(Movement.line, Movement.amount, Account.owner, Account.bucket)
        .join(Account, Account.id == Movement.from_account)
        .where(Movement.order_id == order_id, Movement.phase == 1)
    )
    paid: dict[str, int] = {}
    for row in connection.execute(query):
        if row.owner == "customer" and ledger.is_gift(row.bucket):
            continue
        line = row.line.partition(".")[0]
        paid[line] = paid.get(line, 0) + row.amount
    return paid


def _unpaid(connection: Connection, order_id: int) -> int:
    """Return what is owed for an order since its payment was taken back, in minor units (F7)."""
    owed = select(func.coalesce(func.sum(Debt.amount), 0)).where(
        Debt.customer == select(Order.customer).where(Order.id == order_id).scalar_subquery(),
        Debt.order_id == order_id,
        Debt.cause == "payment_reversed",
        Debt.settled_at.is_(None),
    )
    return int(connection.execute(owed).scalar_one())


def _used(order: Row[Any], price: Money, now: datetime) -> Money:
    """Return the part of the name's price that its term has used up; a name that was not delivered used nothing."""
    if order.state != "completed":
        return Money(0, price.currency)
    if order.expires_at is None or order.months == 0:
        return price
    start = max(order.state_since, _months_before(order.expires_at, order.months))
    return time_used(price, start, order.expires_at, now)


def _months_before(instant: datetime, months: int) -> datetime:
    """Return the same day so many months earlier; 29 February is the 28th in a common year."""
    years, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
    day = min(instant.day, 28) if month == 1 else min(instant.day, 30 if month in (3, 5, 8, 10) else 31)
    return instant.replace(year=years, month=month + 1, day=day)


def _record(
    connection: Connection,
    kind: str,
    subject: str,
    evidence: dict[str, Any],
    *,
    actor: str,
    ticket: str | None,
    now: datetime,
    order_id: int | None = None,
) -> None:
    events.record(
        connection,
        kind,
        at=now,
        order_id=order_id,
        subject=subject,
        actor=actor,
        ticket=ticket,
        evidence=evidence,
    )
