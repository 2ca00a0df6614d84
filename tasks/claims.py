"""How is a claimed name watched? A look outside any transaction, what it decides inside one, then what it asks for (D9)."""

from datetime import datetime

import structlog

from registrar import departures, holds
from registrar.claims import watching
from registrar.claims.telling import HEARD
from registrar.gateway import Sighting
from registrar.outcomes import Done
from tasks import clock, errands
from tasks.wiring import House

log = structlog.get_logger()


def work(house: House, claim_id: int) -> None:
    """Look at a claim's name, if that is due, and bring about what it should be."""
    now = clock.now()
    with house.database.reading() as connection:
        watch = watching.plan(connection, claim_id, now=now)
    if watch is None or watch.registrar not in house.gateways:
        return
    with house.flows[watch.registrar].seat() as seated:
        if not seated or _leave_alone(house, watch):
            return
        looked_at = clock.now()
        concluded = _conclude(house, watch, _look(house, watch))
        if concluded.reject_transfer:
            _reject(house, watch, looked_at)
    for order_id in concluded.orders:
        house.doorbell.ring(watch.registrar, "work_order", order_id)


def _leave_alone(house: House, watch: watching.Watch) -> bool:
    """Put a watch off whose registrar refuses our credentials, or does not answer just now; tell whether it was."""
    now, terms = clock.now(), house.terms[watch.registrar]
    with house.database.reading() as connection:
        refused = holds.forbids_login(connection, watch.registrar)
    pause = None if refused else house.pause(watch.registrar, may_try=True, now=now)
    if pause is None and not refused:
        return False
    why = pause.reason if pause else f"{watch.registrar} is on hold: it refuses our credentials"
    until = pause.until if pause else now + terms.look_retry
    with house.database.transaction() as connection:
        rules = house.rules.rules(watch.domain.zone, at=now)
        watching.put_off(connection, watch, why, until=until, rules=rules, now=now)
    return True


def _look(house: House, watch: watching.Watch) -> Sighting:
    if not house.terms[watch.registrar].capabilities.can_look:
        return watching.blind(watch, now=clock.now())
    return house.look(watch.registrar, watch.domain, watching.LOOKED_FOR)


def _conclude(house: House, watch: watching.Watch, sighting: Sighting) -> watching.Concluded:
    now = clock.now()
    with house.database.transaction() as connection:
        concluded = watching.conclude(
            connection,
            watch,
            sighting,
            terms=house.terms[watch.registrar],
            rules=house.rules.rules(watch.domain.zone, at=now),
            now=now,
        )
        if watch.state in HEARD:
            departures.stop_for_claim(connection, watch.domain.ascii, watch.claim_id, now=now)
    log.info(
        "claim watched",
        claim=watch.claim_id,
        standing=sighting.standing,
        orders=list(concluded.orders),
        registrar=watch.registrar,
    )
    return concluded


def _reject(house: House, watch: watching.Watch, looked_at: datetime) -> None:
    """Reject the transfer away; the next look shows what came of it."""
    errand = watching.rejection(watch.domain, house.terms[watch.registrar].capabilities)
    assert errand is not None
    outcome = errands.run(house, watch.registrar, errand, ticket=watch.ticket, looked_at=looked_at)
    log.info("transfer rejected", claim=watch.claim_id, done=isinstance(outcome, Done))
