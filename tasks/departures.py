"""What is done for a name that leaves, when it is due? It is looked at; what the look asks for is done; nothing is kept open.

The core decides (`registrar.departures`); here is what must be asked of the registrar between its transactions.
"""

import secrets
from datetime import datetime

import structlog

from registrar import departures, holds
from registrar.commands import Errand, Kind, Update
from registrar.departures import CloseUp, Plan, Reject
from registrar.errands import fresh_auth_code
from registrar.outcomes import Done, NotSent, Outcome, Pending, Unknown
from tasks import clock, errands
from tasks.wiring import House

log = structlog.get_logger()


def work(house: House, departure_id: int) -> None:
    """Look after one departure that is due; rung twice, it does nothing twice."""
    with house.database.transaction() as connection:
        plan = departures.plan_look(connection, departure_id, terms=house.terms, now=clock.now())
    if plan is None or _is_left_alone(house, plan):
        return
    looked_at = clock.now()
    sighting = house.look(
        plan.registrar, plan.domain, Kind.RENEW
    )  # never for a change of holder: it asks for no PIN
    with house.database.transaction() as connection:
        wanted = departures.conclude(
            connection, plan, sighting, terms=house.terms[plan.registrar], now=clock.now()
        )
    log.info(
        "departure looked after", departure=departure_id, state=plan.state, standing=str(sighting.standing)
    )
    match wanted:
        case Reject(errand=errand):
            _run(house, plan, errand, looked_at)
        case CloseUp(void_code=void_code):
            _close_up(house, plan, looked_at, void_code=void_code)
        case None:
            pass


def _is_left_alone(house: House, plan: Plan) -> bool:
    """Tell whether the registrar is not to be asked just now: it does not answer, or it refuses our credentials."""
    with house.database.reading() as connection:
        if holds.forbids_login(connection, plan.registrar):
            return True
    pause = house.pause(plan.registrar, may_try=True, now=clock.now())
    if pause is None:
        return False
    with house.database.transaction() as connection:
        departures.put_off(connection, plan.departure_id, until=pause.until)
    return True


def _close_up(house: House, plan: Plan, looked_at: datetime, *, void_code: bool) -> None:
    """Make the code that was given out void, then put the lock back: under the lock nothing of the name can be changed.

    A code that stays is harmless behind a lock; without an answer it is tried again at the next turn.
    """
    if void_code:
        void = Update(plan.domain, auth_info=fresh_auth_code(secrets.choice))
        outcome = _run(house, plan, void, looked_at)
        if isinstance(outcome, NotSent | Unknown):
            return
        if not isinstance(outcome, Done | Pending):
            log.warning("auth code not made void", departure=plan.departure_id, registrar=plan.registrar)
    with house.database.transaction() as connection:
        can = house.terms[plan.registrar].capabilities
        order_id = departures.close_up(connection, plan, can=can, now=clock.now())
    if order_id is not None:
        house.doorbell.ring(plan.registrar, "work_order", order_id)


def _run(house: House, plan: Plan, errand: Errand, looked_at: datetime) -> Outcome | None:
    ticket = plan.ticket or f"departure:{plan.departure_id}"
    return errands.run(house, plan.registrar, errand, ticket=ticket, looked_at=looked_at)
