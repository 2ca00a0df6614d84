"""How does a name leave for a panel outside, and on which grounds may it not (D7)?

     asked ──▶ denied            one of the only grounds (registrar.agreement.departing), named in the answer
       │
       ├─▶ unlocking ──▶ code_due ──▶ open ──▶ left      a look shows that the name is no longer ours
       │      our lock is taken off,    the code was given, │
       │      by an order of our own    once                └──▶ ended   nothing came of it: what we had locked is locked again
       ├─▶ open      the registry has no auth code (.ir): the holder moves his name there, and we look
       │
       └── any of the three ──▶ stopped   a ground arose: a transfer under way is rejected, the lock put back

    barred        a ground that staff put on record before anybody asked

One departure runs for a name at a time, by a partial unique index. A row that something is to be done for has a due time.
The code is in no row, event or log: it is read from the registrar, or set there, by the call that hands it out.
"""

from registrar.departures.asking import follow, request
from registrar.departures.beginning import Wish
from registrar.departures.codes import Code, CodePlan, Way, code_given, plan_code, release_code
from registrar.departures.following import (
    CloseUp,
    Looked,
    Plan,
    Reject,
    close_up,
    conclude,
    plan_look,
    put_off,
    take_due,
)
from registrar.departures.hearing import hear
from registrar.departures.reading import customer_view, list_departures, staff_view
from registrar.departures.requests import parse_wish
from registrar.departures.rows import DepartureState, read, running
from registrar.departures.stopping import bar, lift, stop, stop_for_claim

__all__ = [
    "CloseUp",
    "Code",
    "CodePlan",
    "DepartureState",
    "Looked",
    "Plan",
    "Reject",
    "Way",
    "Wish",
    "bar",
    "close_up",
    "code_given",
    "conclude",
    "customer_view",
    "follow",
    "hear",
    "lift",
    "list_departures",
    "parse_wish",
    "plan_code",
    "plan_look",
    "put_off",
    "read",
    "release_code",
    "request",
    "running",
    "staff_view",
    "stop",
    "stop_for_claim",
    "take_due",
]
