"""What do we owe a customer to say, and was it said, once (E2, O1, O11)?

    planned ──due──▶ sending ──┬─ Accepted ───────────▶ sent ──delivery failed──▶ bounced
     ▲  │               │      ├─ Refused, given up ──▶ refused
     │  │               │      ├─ Unknown ────────────▶ unknown     never sent again by itself
     │  │               │      └─ Delayed ──┐
     │  │               └─ worker died ──────┼────────▶ unknown
     │  │                                    │
     ├──┼───────────── later ────────────────┘
     │  ├─ renewed, gone, overtaken, too late ────────▶ needless
     │  └─ nowhere to write to ───────────────────────▶ no_address ──an address is known──▶ planned
     └── by hand, with a ticket ── refused, bounced, unknown, no_address

The row is the truth, and its key makes it one: whoever plans the same notice again plans nothing. *Sending* is committed
before a byte leaves, and which try an answer belongs to is checked, as for an order.
"""

from registrar.notices.by_hand import NoticeStandsError, bounced, retry
from registrar.notices.planning import anything_unplanned, owe, replan
from registrar.notices.reading import foresee, list_notices, show
from registrar.notices.sending import (
    Needless,
    anything_due,
    begin,
    close_overtaken,
    leave_due,
    mail_is_away,
    say_mail_away,
    settle,
    take_due,
)
from registrar.notices.states import NoticeState

__all__ = [
    "Needless",
    "NoticeStandsError",
    "NoticeState",
    "anything_due",
    "anything_unplanned",
    "begin",
    "bounced",
    "close_overtaken",
    "foresee",
    "leave_due",
    "list_notices",
    "mail_is_away",
    "owe",
    "replan",
    "retry",
    "say_mail_away",
    "settle",
    "show",
    "take_due",
]
