"""What can be read of a registrar besides a name? Each read, and whether it asks anything there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from registrar.gateway import Call, Gateway
from tests.contract.far_side import FarSide, bounded, call_with


@dataclass(frozen=True)
class Read:
    """A read: its name, how it is asked, and whether it sends anything at a registrar."""

    name: str
    ask: Callable[[Gateway, Call], object]
    asks: Callable[[FarSide], bool]

    def of(self, far: FarSide, call: Call | None = None, *, by: Gateway | None = None) -> object:
        """Read, by our gateway or another; fails if that takes for ever."""
        gateway = by or far.gateway
        return bounded(lambda: self.ask(gateway, call or call_with()))


def _statement(gateway: Gateway, call: Call) -> object:
    today = datetime.now(UTC).date()
    return gateway.statement(today - timedelta(days=1), today + timedelta(days=1), call)


READS = (
    Read(
        "next_message",
        lambda gateway, call: gateway.next_message(call),
        lambda far: "messages" not in far.why_not,
    ),
    Read(
        "deposit", lambda gateway, call: gateway.deposit(call), lambda far: far.capabilities.reports_deposit
    ),
    Read("statement", _statement, lambda far: far.capabilities.reports_statement),
    Read("inspect", lambda gateway, call: gateway.inspect(call), lambda _: True),
)
