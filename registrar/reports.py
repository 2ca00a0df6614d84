"""What did a customer report, and was it in time (E3, O8, O9)?

A report is kept as it came: in time or late, by a channel that binds or not, and staff hear of it in each case. What it
entitles to follows from the stamp, not from whether somebody liked it.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from registrar import events
from registrar.agreement.reporting import ReportKind, deadline, is_documentary
from registrar.agreement.rules import RuleBook
from registrar.commands import RENEWALS
from registrar.database import make_due, try_write
from registrar.findings import open_finding
from registrar.models import Order
from registrar.models import Report as ReportRow
from registrar.orders.agreed import dates_of, rules_of
from registrar.orders.states import State, read_locked

REPORTED = "customer_reports"


class ReportRefusedError(Exception):
    """A report that is not one of this order's, or not one yet; `code` is stable, the message says what to do instead."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Report(NamedTuple):
    """A report as it is kept."""

    id: int
    order_id: int
    kind: str
    ticket: str
    channel: str
    documentary: bool
    """Whether the channel binds for what is reported (C2)."""
    reported_at: datetime
    deadline: datetime | None
    in_time: bool
    text: str
    repeated: bool = False
    """Whether this ticket had reported it before; nothing was stored then."""


def file(
    connection: Connection,
    order_id: int,
    kind: ReportKind,
    *,
    ticket: str,
    channel: str,
    reported_at: datetime,
    text: str,
    rules: RuleBook,
    actor: str,
    now: datetime,
) -> Report:
    """Keep a report, stamped in time or late, and tell staff. The same ticket reports a thing once.

    Raises `ReportRefusedError`, also for a channel that the rules do not know. An order that waits becomes due at once;
    its place in line stays, for others were promised earlier.
    """
    order = read_locked(connection, order_id)
    if order is None:
        raise ReportRefusedError("order_unknown", f"there is no order {order_id}")
    agreement, dates = rules_of(order, rules), dates_of(connection, order, now)
    if channel not in agreement.conduct.channels:
        known = ", ".join(sorted(agreement.conduct.channels))
        raise ReportRefusedError("channel_unknown", f"channels are {known}, not {channel!r}")
    _insist_reportable(order, kind, due_by=dates.due_by, reported_at=reported_at, now=now)
    until = deadline(kind, dates, agreement.delivery)
    documentary = is_documentary(kind, channel, agreement.conduct)
    in_time = until is None or reported_at.replace(microsecond=0) <= until
    new = insert(ReportRow).values(
        order_id=order_id,
        kind=kind,
        ticket=ticket,
        channel=channel,
        documentary=documentary,
        reported_at=reported_at,
        deadline=until,
        in_time=in_time,
        text=text,
    )
    if not try_write(connection, new):
        return _same(connection, order_id, kind, ticket)._replace(repeated=True)
    report = _same(connection, order_id, kind, ticket)
    _record(connection, report, actor=actor, now=now)
    _tell_staff(connection, order, report, now=now)
    waiting = select(Order.id).where(Order.id == order_id, Order.state == State.PLACED, Order.due_at > now)
    make_due(connection, waiting, now=now)
    return report


def list_of(connection: Connection, order_id: int) -> list[Report]:
    """Return an order's reports, the oldest first."""
    return _read(connection, ReportRow.order_id == order_id)


def consequence(report: Report) -> str:
    """Say in words what a report's stamp means for its customer, without a promise beyond the agreement."""
    if not report.documentary:
        return "it is kept and looked into; to bind it must come by the channel that the agreement names (C2)"
    if report.in_time:
        return "it is in time"
    if report.kind == ReportKind.DIFFERS:
        return "it is late: what differs is put right for the remaining term only (O9)"
    return "it is late; it is looked into all the same"


def _insist_reportable(
    order: Row[Any],
    kind: ReportKind,
    *,
    due_by: datetime | None,
    reported_at: datetime,
    now: datetime,
) -> None:
    """Refuse what cannot be reported of this order, or not yet."""
    if reported_at > now:
        raise ReportRefusedError(
            "reported_in_future", "a report has been made already: reported_at lies ahead"
        )
    if order.state in (State.REFUSED, State.CANCELLED):
        raise ReportRefusedError("order_ended", "the order was not carried out, and its price was credited")
    if kind is ReportKind.RENEWAL_NOT_DONE and order.kind not in RENEWALS:
        raise ReportRefusedError(
            "report_unfitting", f"a {order.kind} renews nothing: report not_delivered or differs"
        )
    if kind is ReportKind.DIFFERS and order.state != State.COMPLETED:
        raise ReportRefusedError("not_delivered_yet", "nothing was delivered yet that could differ")
    if kind is ReportKind.NOT_DELIVERED and due_by is not None and reported_at <= due_by:
        raise ReportRefusedError(
            "not_due_yet", f"its delivery time lasts until {due_by:%Y-%m-%d %H:%M:%S} UTC (O8)"
        )


def _same(connection: Connection, order_id: int, kind: ReportKind, ticket: str) -> Report:
    [report] = _read(
        connection, ReportRow.order_id == order_id, ReportRow.kind == kind, ReportRow.ticket == ticket
    )
    return report


def _read(connection: Connection, *conditions: ColumnElement[bool]) -> list[Report]:
    query = select(
        ReportRow.id,
        ReportRow.order_id,
        ReportRow.kind,
        ReportRow.ticket,
        ReportRow.channel,
        ReportRow.documentary,
        ReportRow.reported_at,
        ReportRow.deadline,
        ReportRow.in_time,
        ReportRow.text,
    ).where(*conditions)
    return [Report(*row) for row in connection.execute(query.order_by(ReportRow.id))]


def _record(connection: Connection, report: Report, *, actor: str, now: datetime) -> None:
    """Write the event; the customer's own words stay in the report."""
    events.record(
        connection,
        "report.filed",
        at=now,
        order_id=report.order_id,
        actor=actor,
        ticket=report.ticket,
        evidence={
            "report": report.id,
            "kind": report.kind,
            "channel": report.channel,
            "documentary": report.documentary,
            "reported_at": report.reported_at.isoformat(),
            "deadline": report.deadline.isoformat() if report.deadline else None,
            "in_time": report.in_time,
        },
    )


def _tell_staff(connection: Connection, order: Row[Any], report: Report, *, now: datetime) -> None:
    stamp = "in time" if report.in_time else "late"
    open_finding(
        connection,
        REPORTED,
        f"order:{report.order_id}",
        text=f"the customer reports of order {report.order_id} ({order.kind} {order.domain}), {stamp}: "
        f"{report.kind.replace('_', ' ')} (ticket {report.ticket}); {consequence(report)}",
        next_step=f"`registrar orders show {report.order_id}`, answer in the ticket, then `registrar findings close ID`",
        now=now,
    )
