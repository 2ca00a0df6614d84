"""By when must a customer report that something is wrong with an order? E3, O8, O9, each from a date of its own.

A report by a channel that does not bind, or in E3 by any but support, is kept and answered, and said to be no more (C2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from registrar.agreement.rules import ConductRules, DeliveryRules


class ReportKind(StrEnum):
    """What a customer says is wrong."""

    RENEWAL_NOT_DONE = "renewal_not_done"
    """A renewal that he paid for was not carried out (E3)."""
    NOT_DELIVERED = "not_delivered"
    """Nothing came by the end of the delivery time (O8)."""
    DIFFERS = "differs"
    """What came is not what was ordered (O9)."""


@dataclass(frozen=True, slots=True)
class OrderDates:
    """What the deadlines of one order are counted from; None: not known, or not yet."""

    paid_at: datetime
    expired_at: datetime | None
    """Of a renewal: until when the name was paid for before it."""
    due_by: datetime | None
    """The end of its delivery time, as force majeure has moved it (O3)."""
    completed_at: datetime | None


def deadline(kind: ReportKind, dates: OrderDates, rules: DeliveryRules) -> datetime | None:
    """Return the last instant, inclusive, at which a report is in time; None where nothing starts its clock.

    The week of E3 runs from expiry; for a name that had lapsed already when its renewal was paid for, from payment,
    or nobody who renews late could ever report in time.
    """
    begin = _begin(kind, dates)
    return None if begin is None else begin + _within(kind, rules)


def is_documentary(kind: ReportKind, channel: str, rules: ConductRules) -> bool:
    """Tell whether what is said by a channel binds; E3 asks for support itself (C2). The channel must be a known one."""
    return channel == rules.support if kind is ReportKind.RENEWAL_NOT_DONE else rules.channels[channel]


def _begin(kind: ReportKind, dates: OrderDates) -> datetime | None:
    if kind is ReportKind.RENEWAL_NOT_DONE:
        return max(dates.expired_at, dates.paid_at) if dates.expired_at else None
    return dates.due_by if kind is ReportKind.NOT_DELIVERED else dates.completed_at


def _within(kind: ReportKind, rules: DeliveryRules) -> timedelta:
    limits: Mapping[ReportKind, timedelta] = {
        ReportKind.RENEWAL_NOT_DONE: rules.renewal_report_within,
        ReportKind.NOT_DELIVERED: rules.report_within,
        ReportKind.DIFFERS: rules.mismatch_within,
    }
    return limits[kind]
