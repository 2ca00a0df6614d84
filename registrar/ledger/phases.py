"""How does money enter an order, and how does it leave? Phase 1 takes it in, in shares; phase 2 gives each share on, once.

A share is a part of one line (the name itself, a fee, a dependent service) from one of the customer's buckets. In the
books its line is the order's own for money from outside and from cash, and `<line>.<bucket>` for every other bucket, so
that "phase 2 takes exactly what phase 1 took" holds for each share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from registrar.agreement.rules import Bucket
from registrar.ledger.buckets import CASH, gift_end, is_good, kind_of
from registrar.ledger.places import (
    EARNED,
    FORFEITED,
    LAPSED,
    ORDERS,
    OUTSIDE,
    Cause,
    Place,
    move,
    of_customer,
    purses,
)
from registrar.models import Movement
from registrar.money import Money

MAIN_LINE = "domain"
"""The order's own line: the price of the name. Fees and dependent services are lines beside it."""
SPEND_FIRST = (Bucket.GIFT, Bucket.REPURCHASE, Bucket.CASH)
"""The order in which buckets are spent where no rules say another: what ends, or is good for less, goes first."""
_FROM_OUTSIDE = "outside"


class InsufficientBalanceError(Exception):
    """The customer's balance does not cover it; `balance` is what there is to be spent."""

    def __init__(self, balance: Money, *, of: str) -> None:
        super().__init__(
            f"the customer's {of} is {balance}: top it up, or pay the order from outside"
            if of == "balance"
            else f"the customer's {of} that can be spent is {balance}: ask for no more of it"
        )
        self.balance = balance


@dataclass(frozen=True, slots=True)
class Share:
    """A part of what an order took: for which of its lines, from which bucket; money from outside counts as cash (D5)."""

    line: str
    bucket: str
    amount: Money

    @property
    def entry(self) -> str:
        """Return the share's line in the books."""
        return self.line if self.bucket == CASH else f"{self.line}.{self.bucket}"


def take_from_outside(
    connection: Connection,
    order_id: int,
    customer: str,
    costs: Mapping[str, Money],
    *,
    gift: int = 0,
    now: datetime,
) -> None:
    """Phase 1 of an order that the portal says is paid, up to `gift` minor units that come from the customer's gift.

    `costs` are its lines, at least `MAIN_LINE`, in one currency. The gift that ends first goes first, for the first line
    first. Raises `InsufficientBalanceError` with nothing moved.
    """
    currency = costs[MAIN_LINE].currency
    sources: list[tuple[str, int]] = []
    if gift:
        had = purses(connection, customer, currency)
        sources = _up_to(gift, _spendable(had, (Bucket.GIFT,), now))
        _require(sources, gift, currency, of="gift")
    _take(connection, order_id, customer, costs, [*sources, (_FROM_OUTSIDE, _sum(costs) - gift)], now=now)


def take_from_balance(
    connection: Connection,
    order_id: int,
    customer: str,
    costs: Mapping[str, Money],
    *,
    spend: Sequence[Bucket] = SPEND_FIRST,
    now: datetime,
) -> None:
    """Phase 1 of an order paid from the customer's balance, bucket by bucket in the order of `spend`.

    Raises `InsufficientBalanceError` with nothing moved.
    """
    currency = costs[MAIN_LINE].currency
    sources = _spendable(purses(connection, customer, currency), spend, now)
    _require(sources, _sum(costs), currency, of="balance")
    _take(connection, order_id, customer, costs, sources, now=now)


def standing_shares(connection: Connection, order_id: int) -> list[Share]:
    """Return what an order took and phase 2 has not given on yet, as it was taken."""
    given = aliased(Movement)
    second = (
        select(given.id)
        .where(given.order_id == Movement.order_id, given.line == Movement.line, given.phase == 2)
        .exists()
    )
    query = (
        select(Movement.line, Movement.amount, Movement.currency)
        .where(Movement.order_id == order_id, Movement.phase == 1, ~second)
        .order_by(Movement.id)
    )
    return [share_of(row.line or "", Money(row.amount, row.currency)) for row in connection.execute(query)]


def share_of(entry: str, amount: Money) -> Share:
    """Read a share from its line in the books."""
    line, _, bucket = entry.partition(".")
    return Share(line, bucket or CASH, amount)


def earn(connection: Connection, order_id: int, share: Share, *, now: datetime) -> None:
    """Phase 2 of what was delivered: its money is ours."""
    _give_on(connection, order_id, share, EARNED, kind="earned", now=now)


def keep(connection: Connection, order_id: int, share: Share, *, now: datetime) -> None:
    """Phase 2 of a line that is not credited although its order failed: delivered, or not refundable (D6, E4)."""
    _give_on(connection, order_id, share, EARNED, kind="kept", now=now)


def credit(
    connection: Connection, order_id: int, customer: str, share: Share, *, bucket: str, now: datetime
) -> None:
    """Phase 2 of what failed: the whole share goes to the customer's `bucket`, once (D5, D6)."""
    _give_on(connection, order_id, share, of_customer(customer, bucket), kind="credit", now=now)


def let_lapse(connection: Connection, order_id: int, share: Share, *, now: datetime) -> None:
    """Phase 2 of gift that does not come back (F2)."""
    _give_on(connection, order_id, share, LAPSED, kind="lapsed", now=now)


def forfeit(connection: Connection, order_id: int, share: Share, *, now: datetime) -> None:
    """Phase 2 of an order that was ended for breach: the one named exception to crediting (O10)."""
    _give_on(connection, order_id, share, FORFEITED, kind="forfeited", now=now)


def _give_on(
    connection: Connection, order_id: int, share: Share, target: Place, *, kind: str, now: datetime
) -> None:
    cause = Cause(kind, order_id=order_id, line=share.entry, phase=2)
    move(connection, ORDERS, target, share.amount, cause, now=now)


def _take(
    connection: Connection,
    order_id: int,
    customer: str,
    costs: Mapping[str, Money],
    sources: Sequence[tuple[str, int]],
    *,
    now: datetime,
) -> None:
    for line, source, amount in _split(costs, sources):
        outside = source == _FROM_OUTSIDE
        share = Share(line, CASH if outside else source, Money(amount, costs[line].currency))
        cause = Cause("payment", order_id=order_id, line=share.entry, phase=1)
        place = OUTSIDE if outside else of_customer(customer, source)
        move(connection, place, ORDERS, share.amount, cause, now=now)


def _split(costs: Mapping[str, Money], sources: Sequence[tuple[str, int]]) -> list[tuple[str, str, int]]:
    """Fill the lines, first to last, from the sources, first to last; they cover them."""
    parts: list[tuple[str, str, int]] = []
    left = dict(sources)
    for line, cost in costs.items():
        missing = cost.amount
        for source, there in left.items():
            part = min(missing, there)
            if part > 0:
                parts.append((line, source, part))
                left[source] -= part
                missing -= part
    return parts


def _spendable(had: Mapping[str, int], spend: Sequence[Bucket], now: datetime) -> list[tuple[str, int]]:
    """Return the buckets that may be spent now, in the order of the rules; of gift that which ends first."""
    good = [bucket for bucket, amount in had.items() if amount > 0 and is_good(bucket, now)]
    wanted = [bucket for bucket in good if kind_of(bucket) in spend]
    wanted.sort(key=lambda bucket: (spend.index(kind_of(bucket)), gift_end(bucket) or date.max))
    return [(bucket, had[bucket]) for bucket in wanted]


def _up_to(amount: int, sources: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return as much of the sources as comes to an amount, or all of them."""
    taken: list[tuple[str, int]] = []
    for bucket, there in sources:
        part = min(there, amount - sum(part for _, part in taken))
        taken.append((bucket, part))
    return taken


def _require(sources: Sequence[tuple[str, int]], amount: int, currency: str, *, of: str) -> None:
    there = sum(part for _, part in sources)
    if there < amount:
        raise InsufficientBalanceError(Money(there, currency), of=of)


def _sum(costs: Mapping[str, Money]) -> int:
    return sum(cost.amount for cost in costs.values())
