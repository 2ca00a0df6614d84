"""With how much patience is a registrar dealt with? Plain numbers, from its declaration and the configuration."""

from dataclasses import dataclass
from datetime import timedelta

from registrar.gateway import Capabilities


@dataclass(frozen=True, slots=True)
class Terms:
    """One registrar's terms of work. The limits in order: connect < whole call < lease."""

    capabilities: Capabilities
    lease: timedelta
    """How long a worker may hold an order; it must outlast the longest call."""
    in_flight_cap: int
    """Orders of this registrar in the air at once, over all workers; below the number of threads."""
    max_unknowns: int
    """Attempts that ended unknown before staff are asked."""
    max_crashes: int
    """Leases that ran out before staff are asked: the order itself may be what kills the worker."""
    correct_within: timedelta
    """How long the customer has to correct; then the order is refused and credited."""
    follow_every: timedelta
    """How often a pending order is looked at when no message comes."""
    pending_alarm: timedelta
    """How long it may be pending before staff are told."""
    look_retry: timedelta
    """The wait after a look that failed; it doubles each time."""
    max_failed_looks: int
    not_sent_retry: timedelta
    """The wait after a command that provably did not leave."""
    documents_within: timedelta
    """How long the customer has to hand in documents that a registry asks for (irnic facts §5.1)."""
    hold_probe: timedelta
    """How often a registrar on hold for its deposit is tried with one order."""

    def look_wait(self, failed: int) -> timedelta:
        """Return how long to wait after so many looks in a row that failed: twice as long each time, up to 64 times."""
        return self.look_retry * (1 << min(max(failed - 1, 0), 6))
