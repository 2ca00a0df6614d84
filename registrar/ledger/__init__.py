"""Whose money is where? Double entry in whole minor units, append-only, enforced by the database itself (F1).

    outside ──phase 1──▶ orders ──phase 2──▶ earned             paid from outside, delivered
    customer ─phase 1──▶ orders ──phase 2──▶ customer           paid from the balance, refused: credited (D5, D6)
                                ├──phase 2──▶ lapsed             gift whose end has passed (F2)
                                └──phase 2──▶ forfeited          ended for breach (O10)
    gifts ──▶ customer's gift ──▶ lapsed                         given, and not used in time (F2)
    owed ──▶ outside, earned         customer, outside ──▶ owed  a debt, and how it is settled (F5, F7)

One row is one movement from an account to another, so it balances by construction. An order's money is taken in shares:
a part of one of its lines from one of the customer's buckets. `UNIQUE (order, line, phase)` makes *earned* and *credited*
exclude each other for each share, each at most once: both are phase 2.
"""

from registrar.ledger.bookings import (
    COMPENSATION,
    NotReversibleError,
    TopUpRepeatedError,
    cash_of,
    compensate,
    credited_for,
    give_gift,
    lapse,
    owe,
    pay_back,
    reverse,
    settle,
    top_up,
)
from registrar.ledger.buckets import CASH, REPURCHASE, gift_bucket, gift_end, is_gift, is_good
from registrar.ledger.phases import (
    MAIN_LINE,
    SPEND_FIRST,
    InsufficientBalanceError,
    Share,
    credit,
    earn,
    forfeit,
    keep,
    let_lapse,
    standing_shares,
    take_from_balance,
    take_from_outside,
)
from registrar.ledger.places import lock_purses
from registrar.ledger.reading import StatementLine, balances, order_lines, statement

__all__ = [
    "CASH",
    "COMPENSATION",
    "MAIN_LINE",
    "REPURCHASE",
    "SPEND_FIRST",
    "InsufficientBalanceError",
    "NotReversibleError",
    "Share",
    "StatementLine",
    "TopUpRepeatedError",
    "balances",
    "cash_of",
    "compensate",
    "credit",
    "credited_for",
    "earn",
    "forfeit",
    "gift_bucket",
    "gift_end",
    "give_gift",
    "is_gift",
    "is_good",
    "keep",
    "lapse",
    "let_lapse",
    "lock_purses",
    "order_lines",
    "owe",
    "pay_back",
    "reverse",
    "settle",
    "standing_shares",
    "statement",
    "take_from_balance",
    "take_from_outside",
    "top_up",
]
