"""What must happen now? The sweep takes due rows in promise order, rings for them, and runs the schedule's duties.

It is the net under the fast path: whatever Redis loses is rung again. Two sweeps are harmless: rows are marked rung, and
a duty is claimed by a conditional update.
"""

import threading

import structlog
from sqlalchemy.exc import DBAPIError

from registrar.orders import sweeping, working
from registrar.orders.states import State
from tasks import clock, schedule, upkeep
from tasks.wiring import House

log = structlog.get_logger()

_ACTORS = {State.PLACED: "work_order", State.UNRESOLVED: "resolve_order", State.PENDING: "follow_order"}


def run(house: House, stop: threading.Event) -> None:
    """Sweep until told to stop; whatever goes wrong ends one round, not the sweep: the next one sees the same rows."""
    while not stop.wait(house.settings.flow.sweep_seconds):
        try:
            sweep(house)
        except DBAPIError as error:
            log.warning("sweep failed", error=type(error).__name__)
        except Exception:
            log.exception("sweep failed")


def sweep(house: House) -> None:
    """Make one round over all registrars, and what customers are owed to be told."""
    pauses = house.pauses("", now=clock.now())
    for registrar, terms in house.terms.items():
        ring_due(house, registrar, most=1 if registrar in pauses else 2 * terms.in_flight_cap)
    for duty in schedule.take_due(house):
        duty()
    upkeep.ring_due(house)


def ring_due(house: House, registrar: str, *, most: int) -> None:
    """Ring for a registrar's due orders, the earliest promise first, and never for more than twice its cap at once."""
    now, rung_for = clock.now(), schedule.seconds(house.settings.flow.rung_seconds)
    with house.database.reading() as connection:
        if not sweeping.anything_due(connection, registrar, now=now):
            return
    with house.database.transaction() as connection:
        due = sweeping.take_due(
            connection,
            registrar,
            limit=most,
            outstanding=2 * house.terms[registrar].in_flight_cap,
            now=now,
            rung_for=rung_for,
        )
    for order_id, state in due:
        if state in _ACTORS:
            house.doorbell.ring(registrar, _ACTORS[state], order_id)
        else:
            _end_waiting(house, order_id, state, registrar)


def _end_waiting(house: House, order_id: int, state: State, registrar: str) -> None:
    """Do what needs no call: end a lease that ran out, or refuse what was not corrected in time."""
    with house.database.transaction() as connection:
        if state is State.HELD:
            sweeping.refuse_uncorrected(connection, order_id, now=clock.now())
        else:
            working.expire_lease(connection, order_id, terms=house.terms[registrar], now=clock.now())
    log.info("waiting ended", order=order_id, state=state)
