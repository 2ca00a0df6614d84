"""When does IRNIC not answer? Every night, by the clock in Tehran, over midnight."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

TEHRAN = ZoneInfo("Asia/Tehran")
"""With its history: summer time until 2022 (+04:30), none since."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClosedHours:
    """The nightly closure, `closed_from` until `closed_until` on Tehran's clock; equal times mean none."""

    closed_from: time
    closed_until: time

    def opening(self, at: datetime, *, margin: timedelta = timedelta(0)) -> datetime | None:
        """Return when it opens again (aware UTC) if it is closed at `at`, or will be within `margin`; else None.

        The first instant of the closure is closed, the first after it is open.
        """
        for start, end in self._closures_around(at):
            if start - margin <= at < end:
                return end
        return None

    def just_opened(self, at: datetime, *, within: timedelta) -> bool:
        """Tell whether a closure ended at most `within` before `at`."""
        return any(end <= at <= end + within for _, end in self._closures_around(at))

    def __str__(self) -> str:
        if self.closed_from == self.closed_until:
            return "never closed"
        return f"closed {self.closed_from:%H:%M} to {self.closed_until:%H:%M} Asia/Tehran"

    def _closures_around(self, at: datetime) -> list[tuple[datetime, datetime]]:
        """Return the closures (aware UTC) that begin yesterday, today and tomorrow: one may cross midnight."""
        if self.closed_from == self.closed_until:
            return []
        today = at.astimezone(TEHRAN).date()
        closures = []
        for day in (today - _DAY, today, today + _DAY):
            last_day = day if self.closed_until > self.closed_from else day + _DAY
            start = datetime.combine(day, self.closed_from, TEHRAN)
            end = datetime.combine(last_day, self.closed_until, TEHRAN)
            closures.append((start.astimezone(UTC), end.astimezone(UTC)))
        return closures
