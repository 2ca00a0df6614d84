"""What is done regularly? Rows with a due time, each claimed by a conditional update; a missed turn is caught up once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from tasks import duties, syncing, upkeep
from tasks.wiring import House


def seconds(count: float) -> timedelta:
    """Return a configured number of seconds as a span."""
    return timedelta(seconds=count)


def take_due(house: House) -> Iterator[Callable[[], object]]:
    """Yield the duties that are due and that this process has claimed."""
    flow = house.settings.flow
    for registrar, gateway in house.gateways.items():
        regular = {"read_messages": flow.messages_seconds, "read_deposit": flow.deposit_seconds}
        if gateway.capabilities.reports_statement:
            regular["read_statement"] = flow.statement_seconds
        for duty, every in regular.items():
            if duties.claim(house.database, f"{duty}:{registrar}", every=seconds(every)):
                yield partial(house.doorbell.ring, registrar, duty, registrar)
    if duties.claim(house.database, "look_over", every=seconds(flow.upkeep_seconds)):
        yield partial(upkeep.look_over, house)
    yield from syncing.take_due(house)
