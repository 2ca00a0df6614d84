"""Which clocks are there? The wall's, in UTC, and one that runs on while a process is frozen or the machine sleeps."""

import time
from datetime import UTC, datetime

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> datetime:
    """Return the wall's time, aware UTC."""
    return datetime.now(UTC)


def steady() -> float:
    """Return seconds on the clock that leases are checked against right before the first byte leaves."""
    return time.clock_gettime(_STEADY)
