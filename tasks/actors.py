"""How is an order worked? Read this and `registrar.orders.states`: they are the product.

An actor is rung with an id and looks at the row; running it twice does nothing twice. Between two short transactions it
looks, or sends: no transaction is open while we wait for anybody.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from dramatiq import Broker, actor
from sqlalchemy.exc import DBAPIError

from adapters.desk import Desk
from adapters.portal.intake import place_from_message
from registrar import departures, holds
from registrar.commands import Kind
from registrar.gateway import GatewayUnavailableError, RegistrarMessage
from registrar.orders import comparing, messages, resolving, sweeping, working
from registrar.outcomes import Done
from tasks import accounts, claims, clock, notices, syncing, upkeep
from tasks import departures as leaving
from tasks.sweep import ring_due
from tasks.wiring import House, new_token

log = structlog.get_logger()

PORTAL_QUEUE = "portal"
MOST_MESSAGES = 200
"""Messages read in one go; the rest waits for the next turn of the schedule."""
SETTLE_TRIES = 5

T = TypeVar("T")


def declare(house: House, desk: Desk) -> None:
    """Make the actors on the house's broker, and a queue for each registrar, for the mail server, for what is kept up and for the sync."""
    _declare(house.broker, "work_order", lambda order_id: work_order(house, order_id))
    _declare(house.broker, "resolve_order", lambda order_id: look_after(house, order_id))
    _declare(house.broker, "follow_order", lambda order_id: look_after(house, order_id))
    _declare(house.broker, "read_messages", lambda registrar: read_messages(house, registrar))
    _declare(house.broker, "read_deposit", lambda registrar: read_deposit(house, registrar))
    _declare(house.broker, "read_statement", lambda registrar: read_statement(house, registrar))
    _declare(house.broker, "place_order", lambda *order, **fields: take_order(desk, order, fields))
    _declare(house.broker, "watch_claim", lambda claim_id: claims.work(house, claim_id))
    _declare(house.broker, "follow_departure", lambda departure_id: leaving.work(house, departure_id))
    _declare(house.broker, notices.ACTOR, lambda notice_id: notices.work(house, notice_id))
    _declare(house.broker, syncing.ACTOR, lambda run_id: syncing.work(house, run_id))
    for queue in (*house.gateways, notices.QUEUE, upkeep.QUEUE, syncing.QUEUE):
        house.broker.declare_queue(queue)


def take_order(desk: Desk, arguments: Sequence[Any], fields: Mapping[str, Any]) -> None:
    """Place the order that a portal sent by actor name; the sender reads its key back, so nothing is returned."""
    place_from_message(desk, arguments, fields)


def work_order(house: House, order_id: int) -> None:
    """Take an order up, look, write the attempt down, send it once, and record what it came to."""
    registrar = _registrar_of(house, order_id)
    if registrar is None:
        return
    with house.flows[registrar].seat() as seated:
        if not seated:
            _leave_due(house, order_id)
            return
        taken = _take_up(house, order_id, registrar)
    if taken:
        ring_due(house, registrar, most=1)


def _take_up(house: House, order_id: int, registrar: str) -> bool:
    """Work the order or one of an earlier promise, if it can be worked now; return whether to ring for the next one."""
    terms, pauses = house.terms[registrar], house.pauses(registrar, now=clock.now())
    with house.database.transaction() as connection:
        sweeping.stand_in_line(connection, registrar)
        now = clock.now()
        first = sweeping.first_in_line(connection, order_id, registrar=registrar, now=now)
        claimed = first and working.claim(
            connection, first, terms=terms, rules=house.rules, now=now, pauses=pauses
        )
    if not claimed:
        return _go_after(house, first or order_id, registrar)
    sighting = house.look(registrar, claimed.domain, claimed.kind) if terms.capabilities.can_look else None
    send_by = clock.steady() + house.settings.flow.lease_seconds
    with house.database.transaction() as connection:
        sending = working.begin(
            connection,
            claimed,
            sighting,
            terms=terms,
            rules=house.rules,
            keyring=house.keyring,
            token=new_token(),
            now=clock.now(),
        )
    if sending is not None:
        call = house.call(registrar, sending.client_transaction_id, send_by=send_by)
        outcome = house.execute(registrar, sending.command, call)
        _insist(lambda: _settle(house, sending, outcome))
        log.info(
            "order sent",
            order=sending.order_id,
            attempt=sending.number,
            outcome=type(outcome).__name__,
            registrar=registrar,
        )
        if isinstance(outcome, Done) and claimed.kind is Kind.REGISTER and terms.capabilities.can_look:
            _compare(house, claimed)
    return True


def _compare(house: House, claimed: working.Claim) -> None:
    """Look once more at what an answer alone completed: is it what was ordered (O9)? One look that fails is not repeated."""
    sighting = house.look(claimed.registrar, claimed.domain, Kind.REGISTER)
    with house.database.transaction() as connection:
        comparing.conclude(connection, claimed.order_id, sighting, now=clock.now())


def look_after(house: House, order_id: int) -> None:
    """Look for an order in doubt, unresolved or pending, and let the look decide."""
    registrar = _registrar_of(house, order_id)
    if registrar is None:
        return
    with house.flows[registrar].seat() as seated:
        if not seated:
            _leave_due(house, order_id)
            return
        _look_after(house, order_id, registrar)


def _look_after(house: House, order_id: int, registrar: str) -> None:
    with house.database.reading() as connection:
        plan = resolving.plan_look(connection, order_id, now=clock.now())
        if plan is None or plan.registrar != registrar or holds.forbids_login(connection, registrar):
            return
    if pause := house.pause(registrar, may_try=True, now=clock.now()):
        with house.database.transaction() as connection:
            sweeping.put_off(connection, order_id, until=pause.until)
        return
    sighting = house.look(registrar, plan.domain, plan.kind)
    with house.database.transaction() as connection:
        terms = house.terms[registrar]
        resolving.conclude_look(connection, plan, sighting, terms=terms, now=clock.now())
    log.info(
        "order looked after",
        order=order_id,
        state=plan.state,
        standing=sighting.standing,
        registrar=registrar,
    )


def _registrar_of(house: House, order_id: int) -> str | None:
    """Return the registrar that an order goes to, or None if there is none in this house."""
    with house.database.reading() as connection:
        registrar = working.registrar_of(connection, order_id)
    return registrar if registrar in house.gateways else None


def _leave_due(house: House, order_id: int) -> None:
    """Let a rung order be rung again: its registrar has taken all the threads here that it may."""
    with house.database.transaction() as connection:
        sweeping.leave_due(connection, order_id)


def _go_after(house: House, order_id: int, registrar: str) -> bool:
    """Ring where an order went that left its registrar; the next one there may want to go too."""
    now_at = _registrar_of(house, order_id)
    if now_at is None or now_at == registrar:
        return False
    ring_due(house, now_at, most=1)
    return True


def read_messages(house: House, registrar: str) -> None:
    """Empty a registrar's message queue: each is stored and committed, then acknowledged."""
    with house.database.reading() as connection:
        if holds.forbids_login(connection, registrar):
            return
    with house.flows[registrar].seat() as seated:
        if not seated or house.pause(registrar, may_try=False, now=clock.now()):
            return
        try:
            _empty_queue(house, registrar)
        except GatewayUnavailableError as error:
            log.warning("messages not read", registrar=registrar, why=str(error))
            _hold(house, registrar, error)
    ring_due(house, registrar, most=2)


def _empty_queue(house: House, registrar: str) -> None:
    gateway = house.gateways[registrar]
    for _ in range(MOST_MESSAGES):
        message = gateway.next_message(house.call(registrar, f"RM-{new_token()}"))
        if message is None:
            return
        _store(house, registrar, message)
        gateway.acknowledge(message.message_id, house.call(registrar, f"RA-{new_token()}"))
        with house.database.transaction() as connection:
            messages.acknowledged(connection, registrar, message, now=clock.now())


def read_deposit(house: House, registrar: str) -> None:
    """Read a registrar's deposit and warnings, and say in time what they will come to."""
    with house.database.reading() as connection:
        if holds.forbids_login(connection, registrar):
            return
    with house.flows[registrar].seat() as seated:
        if not seated:
            return
        try:
            accounts.read_deposit(house, registrar)
        except GatewayUnavailableError as error:
            log.warning("deposit not read", registrar=registrar, why=str(error))
            _hold(house, registrar, error)


def read_statement(house: House, registrar: str) -> None:
    """Compare a registrar's own statement of the last days with our orders."""
    with house.database.reading() as connection:
        if holds.forbids_login(connection, registrar):
            return
    with house.flows[registrar].seat() as seated:
        if not seated:
            return
        until = clock.now().date()
        since = until - timedelta(days=house.settings.flow.statement_days)
        try:
            accounts.reconcile(house, registrar, since, until)
        except GatewayUnavailableError as error:
            log.warning("statement not read", registrar=registrar, why=str(error))
            _hold(house, registrar, error)


def _hold(house: House, registrar: str, error: GatewayUnavailableError) -> None:
    """Put the registrar on hold, if the reason is one that every order would meet."""
    if error.blocked is None or not error.blocked.stops_registrar:
        return
    with house.database.transaction() as connection:
        holds.put(
            connection,
            registrar,
            str(error.blocked),
            reason=str(error),
            now=clock.now(),
            probe_after=house.terms[registrar].hold_probe,
        )


def _declare(broker: Broker, name: str, work: Callable[..., object]) -> None:
    actor(broker=broker, actor_name=name, queue_name=PORTAL_QUEUE)(work)


def _settle(house: House, sending: working.Sending, outcome: Any) -> None:
    with house.database.transaction() as connection:
        working.settle(connection, sending, outcome, terms=house.terms[sending.registrar], now=clock.now())


def _store(house: House, registrar: str, message: RegistrarMessage) -> None:
    with house.database.transaction() as connection:
        if messages.store(connection, registrar, message, now=clock.now()):
            departures.hear(connection, registrar, message, now=clock.now())


def _insist(write: Callable[[], T]) -> T:
    """Write what the registrar said, even if the database is away for a moment: the answer comes only once.

    If it stays away, the lease runs out and the order is looked after as if no answer had come.
    """
    for tries_left in range(SETTLE_TRIES - 1, -1, -1):
        try:
            return write()
        except DBAPIError as error:
            if not tries_left:
                raise
            log.warning("answer not recorded yet", error=type(error).__name__, tries_left=tries_left)
            time.sleep(0.5)
    raise AssertionError("unreachable: the last try returns or raises")
