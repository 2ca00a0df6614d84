"""What did a customer report, and was it in time (E3, O8, O9)?

A report is kept as it came: in time or late, by a channel that binds or not, and staff hear of it in each case. What it
entitles to follows from the stamp, not from whether somebody liked it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.own import is_own
from registrar.orders.placing import insist_on_known_channel
from registrar.orders.requests import RequestRefusedError, parse_channel
from registrar.orders.states import State, read_locked
from registrar.texts import is_readable

REPORTED = "customer_reports"
_FIELDS = frozenset({"kind", "ticket", "channel", "reported_at", "text"})
_LONGEST_TEXT = 4000
_LINE_BREAKS = str.maketrans("\n\r\t", "   ")


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


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What is reported, as it was read at a door."""

    kind: ReportKind
    ticket: str
    channel: str
    reported_at: datetime
    text: str


def parse_report(body: object, *, now: datetime) -> ReportRequest:
    """Read a report: `kind`, `ticket`, `channel`, `text`, and `reported_at` if it was made before now.

    Raises `RequestRefusedError`.
    """
    if not isinstance(body, Mapping):
        raise RequestRefusedError("not_an_object", "the report must be a JSON object")
    if unknown := sorted(set(body) - _FIELDS):
        known = ", ".join(sorted(_FIELDS))
        raise RequestRefusedError(
            "unknown_field", f"a report has {known}, nothing else", field=str(unknown[0])
        )
    for name in sorted(_FIELDS - {"reported_at"}):
        _insist_text(body, name)
    if body["kind"] not in set(ReportKind):
        raise RequestRefusedError("kind_unknown", f"kind is one of {', '.join(ReportKind)}", field="kind")
    return ReportRequest(
        ReportKind(body["kind"]),
        body["ticket"].strip(),
        str(parse_channel(body["channel"], field="channel")),
        _reported_at(body.get("reported_at"), now),
        body["text"].strip(),
    )


def file(
    connection: Connection,
    order_id: int,
    given: ReportRequest,
    *,
    rules: RuleBook,
    actor: str,
    now: datetime,
) -> Report:
    """Keep a report, stamped in time or late, and tell staff. The same ticket reports a thing once.

    Raises `ActRefusedError` for what cannot be reported of this order, or not yet, and `RequestRefusedError` for a
    channel that its rules do not know. One of our own is no order to report: the lock of a claim would tell its
    respondent of it (D9). An order that waits becomes due at once; its place in line stays, for others were
    promised earlier.
    """
    order = read_locked(connection, order_id)
    if order is None or is_own(order):
        raise ActRefusedError("order_unknown", f"there is no order {order_id}")
    agreement, dates = rules_of(order, rules), dates_of(connection, order, now)
    insist_on_known_channel(given.channel, agreement, field="channel")
    _insist_reportable(order, given, due_by=dates.due_by)
    until = deadline(given.kind, dates, agreement.delivery)
    new = insert(ReportRow).values(
        order_id=order_id,
        kind=given.kind,
        ticket=given.ticket,
        channel=given.channel,
        documentary=is_documentary(given.kind, given.channel, agreement.conduct),
        reported_at=given.reported_at,
        deadline=until,
        in_time=until is None or given.reported_at.replace(microsecond=0) <= until,
        text=given.text,
    )
    if not try_write(connection, new):
        return _same(connection, order_id, given)._replace(repeated=True)
    report = _same(connection, order_id, given)
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


def _insist_text(body: Mapping[str, Any], name: str) -> None:
    value = body.get(name)
    longest = _LONGEST_TEXT if name == "text" else 255
    if value is None:
        raise RequestRefusedError("field_missing", f"{name} is missing", field=name)
    if (
        not isinstance(value, str)
        or not 1 <= len(value.strip()) <= longest
        or not is_readable(value.translate(_LINE_BREAKS))
    ):
        raise RequestRefusedError(
            "field_invalid", f"{name} must be 1-{longest} printable characters of text", field=name
        )


def _reported_at(given: object, now: datetime) -> datetime:
    if given is None:
        return now
    try:
        at = datetime.fromisoformat(str(given))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise RequestRefusedError(
            "time_invalid",
            "reported_at must be a time with its zone, as 2026-11-22T10:00:00Z",
            field="reported_at",
        )
    if at > now:
        raise RequestRefusedError(
            "time_invalid", "a report has been made already: reported_at lies ahead", field="reported_at"
        )
    return at.astimezone(UTC)


def _insist_reportable(order: Row[Any], given: ReportRequest, *, due_by: datetime | None) -> None:
    """Refuse what cannot be reported of this order, or not yet."""
    if order.state in (State.REFUSED, State.CANCELLED):
        raise ActRefusedError("order_ended", "the order was not carried out, and its price was credited")
    if given.kind is ReportKind.RENEWAL_NOT_DONE and order.kind not in RENEWALS:
        raise ActRefusedError(
            "report_unfitting", f"a {order.kind} renews nothing: report not_delivered or differs"
        )
    if given.kind is ReportKind.DIFFERS and order.state != State.COMPLETED:
        raise ActRefusedError("not_delivered_yet", "nothing was delivered yet that could differ")
    if given.kind is ReportKind.NOT_DELIVERED and due_by is not None and given.reported_at <= due_by:
        raise ActRefusedError(
            "not_due_yet", f"its delivery time lasts until {due_by:%Y-%m-%d %H:%M:%S} UTC (O8)"
        )


def _same(connection: Connection, order_id: int, given: ReportRequest) -> Report:
    [report] = _read(
        connection,
        ReportRow.order_id == order_id,
        ReportRow.kind == given.kind,
        ReportRow.ticket == given.ticket,
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
