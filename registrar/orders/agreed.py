"""What was agreed about an order, and which of its dates are still to come? Read from its row, for every face.

The rules are those of the version that the order was placed under, whatever is in force now (A1).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from registrar import holds
from registrar.agreement.changing_holder import transferable_from
from registrar.agreement.reporting import OrderDates, ReportKind, deadline
from registrar.agreement.rules import RuleBook, Rules
from registrar.commands import RENEWALS, Kind
from registrar.judging import guard_end
from registrar.orders.states import State


def rules_of(order: Row[Any], book: RuleBook) -> Rules:
    """Return the rules that an order was placed under; of one of before there were any, those in force at that time."""
    named = book.named((order.promise or {}).get("rules", ""))
    return (named or book.at(order.placed_at)).rules(order.zone)


def dates_of(connection: Connection, order: Row[Any], now: datetime) -> OrderDates:
    """Return what an order's report deadlines are counted from, as force majeure has moved them."""
    due_by, _ = holds.dates(connection, order, now)
    return OrderDates(
        paid_at=min(order.paid_at, order.placed_at),
        expired_at=expired_at(order),
        due_by=due_by,
        completed_at=order.state_since if order.state == State.COMPLETED else None,
    )


def expired_at(order: Row[Any]) -> datetime | None:
    """Return until when the name was paid for before a renewal: as promised, else as the registrar said; None if unknown."""
    if order.kind not in RENEWALS:
        return None
    promised = (order.promise or {}).get("paid_through")
    return datetime.fromisoformat(promised) if promised else guard_end(order.guard or {})


def agreed(connection: Connection, order: Row[Any], *, book: RuleBook, now: datetime) -> dict[str, Any]:
    """Return an order's part of the agreement as JSON: versions, channel, and the dates that its customer should know.

    `due_by` and `cancellable_from` as they stand now (O2, O3); `report_by` while nothing came (O8), `mismatch_by` once it
    did (O9), `renewal_report_by` of a renewal that is not done (E3); of a change of holder whether it is approved, and from
    when the name can be transferred after it (O5).
    """
    rules, promise = rules_of(order, book), order.promise or {}
    dates = dates_of(connection, order, now)
    now_possible = _OPEN if not State(order.state).final else frozenset({ReportKind.DIFFERS})
    _, cancellable_from = holds.dates(connection, order, now)
    return {
        "agreement": promise.get("agreement"),
        "rules": promise.get("rules"),
        "class": promise.get("class"),
        "requested_via": order.requested_via,
        "documentary": rules.conduct.channels.get(order.requested_via) if order.requested_via else None,
        "due_by": _text(dates.due_by),
        "cancellable_from": _text(cancellable_from),
        "approval": order.approval,
        "transferable_from": _text(_transferable_from(order, rules)),
        **{
            name: _text(deadline(kind, dates, rules.delivery) if kind in now_possible else None)
            for kind, name in _DEADLINES.items()
        },
    }


def _transferable_from(order: Row[Any], rules: Rules) -> datetime | None:
    """Return from when the name could be transferred after its change of holder: at the earliest, until that is done (O5)."""
    if order.kind != Kind.CHANGE_HOLDER or order.state in (State.REFUSED, State.CANCELLED):
        return None
    done = order.state == State.COMPLETED
    return transferable_from(order.state_since if done else order.placed_at, rules.conduct)


_OPEN = frozenset({ReportKind.NOT_DELIVERED, ReportKind.RENEWAL_NOT_DONE})
_DEADLINES = {
    ReportKind.NOT_DELIVERED: "report_by",
    ReportKind.DIFFERS: "mismatch_by",
    ReportKind.RENEWAL_NOT_DONE: "renewal_report_by",
}


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
