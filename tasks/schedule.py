"""What is done regularly? Rows with a due time, each claimed by a conditional update; a missed turn is caught up once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from sqlalchemy import insert, select, update

from registrar.database import try_write
from registrar.models import Duty
from tasks import clock, upkeep
from tasks.wiring import House


def seconds(count: float) -> timedelta:
    """Return a configured number of seconds as a span."""
    return timedelta(seconds=count)


def take_due(house: House) -> Iterator[Callable[[], object]]:
    """Yield the duties that are due and that this process has claimed."""
    flow = house.settings.flow
    for registrar, gateway in house.gateways.items():
        duties = {"read_messages": flow.messages_seconds, "read_deposit": flow.deposit_seconds}
        if gateway.capabilities.reports_statement:
            duties["read_statement"] = flow.statement_seconds
        for duty, every in duties.items():
            if _claim(house, f"{duty}:{registrar}", every=seconds(every)):
                yield partial(house.doorbell.ring, registrar, duty, registrar)
    if _claim(house, "look_over", every=seconds(flow.upkeep_seconds)):
        yield partial(upkeep.look_over, house)


def _claim(house: House, name: str, *, every: timedelta) -> bool:
    now = clock.now()
    with house.database.reading() as connection:
        due_at = connection.execute(select(Duty.due_at).where(Duty.name == name)).scalar()
    if due_at is not None and due_at > now:
        return False
    with house.database.transaction() as connection:
        if due_at is None:
            return try_write(connection, insert(Duty).values(name=name, due_at=now + every, last_run_at=now))
        claimed = connection.execute(
            update(Duty)
            .where(Duty.name == name, Duty.due_at == due_at)
            .values(due_at=now + every, last_run_at=now)
        )
        return claimed.rowcount == 1
