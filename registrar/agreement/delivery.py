"""By when must an order be delivered, and from when may its customer cancel it (O2)? Counted from payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from registrar.agreement.rules import DeliveryRules
from registrar.commands import Kind


@dataclass(frozen=True, slots=True)
class Delivery:
    """An order's dates."""

    due_by: datetime
    cancellable_from: datetime
    report_by: datetime
    """O8: the last day to report that nothing came."""


def delivery(kind: Kind, paid_at: datetime, rules: DeliveryRules) -> Delivery:
    """Return an order's dates, in UTC; a kind that the rules do not list has no time of its own and takes the longest."""
    paid_at = paid_at.astimezone(UTC)
    maximum = rules.maximum.get(kind, max(rules.maximum.values()))
    due_by = paid_at + maximum
    return Delivery(due_by, paid_at + rules.factor * maximum, due_by + rules.report_within)


def stopped_for(
    since: datetime, until: datetime, stops: Sequence[tuple[datetime, datetime | None]]
) -> timedelta:
    """Return for how long of a span the clocks stood still; `stops` may overlap, an open one lasts to the span's end (O3)."""
    total, counted_to = timedelta(0), since
    for begin, end in sorted(stops, key=lambda stop: stop[0]):
        start, stop = max(begin, counted_to), min(end or until, until)
        if stop > start:
            total += stop - start
            counted_to = stop
    return total


def moved(
    deadline: datetime, since: datetime, now: datetime, stops: Sequence[tuple[datetime, datetime | None]]
) -> datetime:
    """Return a deadline counted from `since` as it stands `now`: later by each stop that began before it was reached (O3).

    While a stop is open the deadline still moves, and what is returned is the earliest that it can be.
    """
    counted: list[tuple[datetime, datetime | None]] = []
    for stop in sorted(stops, key=lambda stop: stop[0]):
        if stop[0] >= deadline + stopped_for(since, now, counted):
            break
        counted.append(stop)
    return deadline + stopped_for(since, now, counted)
