"""Does what a registrar does stay at that registrar? Frozen, out of money, on hold: the others go on, and its orders wait."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from adapters.sandbox.misbehaviour import Behaviour
from registrar import deposits, holds, statements
from registrar.database import make_due
from registrar.models import Attempt, DepositReading, Event, Finding, Hold, Order
from registrar.orders import sweeping
from registrar.orders.states import State
from tasks import actors
from tests.databases import ON_ONE_DATABASE
from tests.system import batch
from tests.system.conftest import OpenShop
from tests.system.shop import MOST_SECONDS, QUIET, Shop

FIRST_PAID = datetime(2026, 11, 1, tzinfo=UTC)
WAITING = {"postgresql": 500, "sqlite": 150}
"""Orders that wait, by database: on both far more than are ever in the air, and as many as we say in one of them."""
ON_HOLD = "registrar_on_hold"


def test_an_empty_deposit_loses_no_order(open_shop: OpenShop) -> None:
    """With the deposit empty hundreds of orders wait, on one finding; after the top-up they begin in the promises' order."""
    shop = open_shop(sections={"epp": {"hold_probe_seconds": 2}})
    waiting = WAITING[shop.desk.database.url.get_backend_name()]
    shop.epp.top_up(-shop.epp.balance())
    promised(shop, waiting)
    shop.keep_up(2)
    shop.wait_for(
        lambda: outcomes(shop)["blocked"] > shop.house.terms["epp"].in_flight_cap, "it was tried again"
    )
    assert shop.states().keys() <= {State.PLACED, State.LOOKING, State.SENDING}
    assert shop.findings(ON_HOLD) == ["epp: deposit"]
    shop.epp.top_up(1_000 * waiting)
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    assert shop.states() == {State.COMPLETED: waiting}
    came_to = outcomes(shop)
    assert came_to.keys() == {"done", "blocked"}
    assert came_to["done"] == waiting
    assert came_to["blocked"] <= shop.house.terms["epp"].in_flight_cap + probes(shop)
    assert shop.findings(ON_HOLD) == []
    assert most_overtaken(shop) <= shop.house.terms["epp"].in_flight_cap


def test_a_hold_by_hand_stops_sending(open_shop: OpenShop) -> None:
    """Staff stop a registrar with a reason: nothing is sent, every order says why, and the release keeps the promises' order."""
    shop = open_shop(sections={"epp": {"hold_probe_seconds": 10}})  # enough to come to the last of them
    with shop.desk.database.transaction() as connection:
        holds.put_by_hand(
            connection,
            "epp",
            reason="the registry moves",
            now=shop.desk.now(),
            actor="staff:sara",
            ticket="T-1",
        )
    promised(shop, 40)
    shop.keep_up(2)
    shop.wait_for(lambda: all("the registry moves" in why for why in reasons(shop)), "every order says why")
    assert shop.commands("domain:%") == 0
    assert shop.findings(ON_HOLD) == ["epp: by_hand"]
    with shop.desk.database.transaction() as connection:
        holds.release(connection, "epp", now=shop.desk.now(), actor="staff:sara", ticket="T-1")
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    assert shop.states() == {State.COMPLETED: 40}
    assert most_overtaken(shop) <= shop.house.terms["epp"].in_flight_cap


def test_what_becomes_due_while_a_worker_stands_in_line_comes_first(shop: Shop) -> None:
    """A release that comes while others are taken up at the same registrar starts its orders before later promises."""
    earlier, later = (batch.renewal(f"{which}.com") for which in ("earlier", "later"))
    for order in (earlier, later):
        batch.seed(shop, order)
    shop.order_at_once([earlier, later])
    waits = select(Order.id).where(Order.key == earlier["key"])
    with shop.desk.database.transaction() as connection:
        an_hour_on = shop.desk.now() + timedelta(hours=1)
        connection.execute(update(Order).where(Order.key == earlier["key"]).values(due_at=an_hour_on))
    with ThreadPoolExecutor(1) as thread:
        with shop.desk.database.transaction() as connection:
            sweeping.stand_in_line(connection, "epp")
            worked = thread.submit(actors.work_order, shop.house, shop.row(later["key"]).id)
            wait(
                [worked], timeout=0.5
            )  # who asked what time it is before it stood in line has done so by then
            make_due(connection, waits, now=shop.desk.now())
        worked.result(MOST_SECONDS)
    assert shop.ends() == {earlier["key"]: "completed", later["key"]: "placed"}


@ON_ONE_DATABASE
def test_a_registrar_that_freezes_in_mid_batch(open_shop: OpenShop) -> None:
    """One registrar accepts and never answers: it is left alone, the others end theirs, and after a thaw everything ends."""
    shop = open_shop(sections={"epp": {"breaker_faults": 3, "breaker_seconds": 12}})
    orders = [batch.renewal(f"renewed-{number}.{zone}") for number in range(20) for zone in ("com", "ir")]
    for order in orders:
        batch.seed(shop, order)
    # A few are sent and never answered; then nothing is answered any more, looks neither.
    shop.epp.misbehave(Behaviour.FREEZE, command="domain:renew", times=2)
    shop.keep_up(2)
    shop.order_at_once(orders)
    shop.wait_for(lambda: State.UNRESOLVED in shop.states(), "an order is in doubt")
    shop.epp.misbehave(Behaviour.FREEZE, times=100_000)
    shop.order_at_once([late := batch.renewal("late.com")])
    batch.seed(shop, late)
    silence = Silence(shop)
    shop.wait_for(silence.is_kept, "the breaker opened, and nothing is in the air")
    shop.wait_for(lambda: doubts_wait(shop), "the orders in doubt wait for it to close")
    shop.wait_for(
        lambda: any("does not answer" in why for why in reasons(shop)), "an order says why it waits"
    )
    assert shop.commands(registrars=["epp"]) == silence.asked
    assert shop.house.flows["epp"].breaker.wait(may_try=False) > 0
    shop.wait_for(lambda: ended(shop, "irnic"), "the other registrar's orders have ended")
    shop.epp.behave()
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    assert shop.states() == {State.COMPLETED: len(orders) + 1}


def test_the_second_supplier_takes_what_the_first_cannot(open_shop: OpenShop) -> None:
    """Names are registered at the second supplier while the first is on hold, at the first again after it, and once each."""
    shop = open_shop(also=["logicboxes", "opensrs"])
    with shop.desk.database.transaction() as connection:
        holds.put_by_hand(
            connection,
            "logicboxes",
            reason="no contract",
            now=shop.desk.now(),
            actor="staff:sara",
            ticket="T-1",
        )
    holder = batch.HOLDER | {"postal_code": "1111111111"}
    everything: dict[str, Any] = {
        "contacts": dict.fromkeys(("registrant", "admin", "tech", "billing"), holder),
        "nameservers": ["ns1.example.net", "ns2.example.net"],
    }
    elsewhere = [batch.registration(f"new-{number}.net", **everything) for number in range(6)]
    for order in elsewhere:
        shop.order(order)
    shop.keep_up(2)
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    assert {shop.row(order["key"]).registrar for order in elsewhere} == {"opensrs"}
    assert shop.commands("domain:create", registrars=["logicboxes"]) == 0
    with shop.desk.database.transaction() as connection:
        holds.release(connection, "logicboxes", now=shop.desk.now(), actor="staff:sara", ticket="T-1")
    shop.order(batch.registration("after.net", **everything))
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    assert shop.row("order-after.net").registrar == "logicboxes"
    assert set(shop.ends().values()) == {"completed"}


def test_deposits_and_statements_are_read_by_the_schedule(open_shop: OpenShop) -> None:
    """A deposit that runs low and a charge that nobody ordered are each told once, without anybody asking."""
    shop = open_shop(
        sections={"irnic": {"deposit_floor": 1_000_000}},
        flow={"deposit_seconds": 0.3, "statement_seconds": 0.3},
    )
    with shop.irnic.page() as page:
        page.charge("renew", "nobodys.ir", months=12, amount=200, client_transaction_id="another-system-1")
    order = batch.renewal("renewed-1.ir")
    batch.seed(shop, order)
    shop.order(order)
    shop.keep_up(1)
    shop.wait_for(lambda: readings(shop, "irnic") > 3, "the deposit is read again and again")
    shop.wait_for(lambda: shop.findings(statements.NOT_ORDERED), "the charge is found")
    assert shop.wait_until_quiet(workers=1).double_spent == 1
    shop.wait_for(lambda: times_seen(shop, statements.NOT_ORDERED) > 2, "the statement is read again")
    assert len(shop.findings(statements.NOT_ORDERED)) == 1
    assert shop.findings(deposits.LOW) == ["irnic"]
    assert shop.ends() == {order["key"]: "completed"}


def promised(shop: Shop, count: int) -> None:
    """Place renewals whose promises lie in another order than they are placed in."""
    orders: list[dict[str, Any]] = [batch.renewal(f"waiting-{number}.com") for number in range(count)]
    for minutes, order in enumerate(random.Random(20261122).sample(orders, count)):
        paid_at = FIRST_PAID + timedelta(minutes=minutes)
        order["payment"] = {"source": "outside", "paid_at": paid_at.isoformat(), "reference": "invoice-7"}
    for order in orders:
        batch.seed(shop, order)
    shop.order_at_once(orders)


def outcomes(shop: Shop) -> Counter[str | None]:
    """Count what all attempts came to."""
    with shop.desk.database.reading() as connection:
        return Counter(connection.execute(select(Attempt.outcome)).scalars())


def probes(shop: Shop) -> int:
    """Return how many orders a deposit's hold may have let through to try, at most."""
    with shop.desk.database.reading() as connection:
        hold = connection.execute(select(Hold.since, Hold.released_at)).one()
    assert hold.released_at is not None
    return 1 + int((hold.released_at - hold.since) / shop.house.terms["epp"].hold_probe)


def most_overtaken(shop: Shop) -> int:
    """Return how many orders with a later promise were taken up, for the attempt that was done, before an order was."""
    last = select(func.max(Event.id)).where(Event.kind == "order.looking").group_by(Event.order_id)
    query = select(Order.promise_by).join(Event, Event.order_id == Order.id).where(Event.id.in_(last))
    with shop.desk.database.reading() as connection:
        taken_up = connection.execute(query.order_by(Event.id)).scalars().all()
    return max(sum(other > promise for other in taken_up[:place]) for place, promise in enumerate(taken_up))


def reasons(shop: Shop) -> list[str]:
    """Return why each placed order waits."""
    query = select(Order.waiting_reason).where(Order.state == State.PLACED)
    with shop.desk.database.reading() as connection:
        return [why or "" for why in connection.execute(query).scalars()]


class Silence:
    """Whether nothing comes to the EPP registrar any more while its breaker is open: what was under way has given up."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.asked, self._since = 0, time.monotonic()

    def is_kept(self) -> bool:
        """Tell whether nothing has come for longer than a call may last."""
        asked, now = self._shop.commands(registrars=["epp"]), time.monotonic()
        is_open = self._shop.house.flows["epp"].breaker.wait(may_try=False) > 0
        if asked > self.asked or not is_open:
            self.asked, self._since = asked, now
        return now - self._since > self._shop.settings.flow.call_seconds + 1


def doubts_wait(shop: Shop) -> bool:
    """Tell whether every order in doubt has been put off until the breaker may close."""
    soon = shop.desk.now() + timedelta(seconds=1)
    query = select(Order.due_at).where(Order.registrar == "epp", Order.state == State.UNRESOLVED)
    with shop.desk.database.reading() as connection:
        due = connection.execute(query).scalars().all()
    return bool(due) and all(at is not None and at > soon for at in due)


def ended(shop: Shop, registrar: str) -> bool:
    """Tell whether all orders at a registrar have ended."""
    query = select(Order.id).where(Order.registrar == registrar, Order.state.not_in(QUIET))
    with shop.desk.database.reading() as connection:
        return connection.execute(query.limit(1)).first() is None


def times_seen(shop: Shop, kind: str) -> int:
    """Return how often what findings of a kind tell of was seen."""
    with shop.desk.database.reading() as connection:
        return sum(connection.execute(select(Finding.times).where(Finding.kind == kind)).scalars())


def readings(shop: Shop, registrar: str) -> int:
    """Count how often a registrar's deposit was read."""
    query = select(DepositReading.id).where(DepositReading.registrar == registrar)
    with shop.desk.database.reading() as connection:
        return len(connection.execute(query).all())
