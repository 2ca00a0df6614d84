"""What does one registrar's silence cost the others? Renewals at two registrars, with a third frozen and without.

The third accepts connections, completes TLS and never answers, and 5,000 orders wait for it in the same database, for the
same worker processes. Alone and beside it take turns, each time from the beginning: the breaker has forgotten everything.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from statistics import median

from sqlalchemy import ColumnElement, func, select, update

from adapters.sandbox.misbehaviour import Behaviour
from registrar.models import Order
from registrar.orders.states import State
from tests.benchmarks.measuring import Finding, a_database, a_folder, say, spread
from tests.system import batch
from tests.system import nursery as nurseries
from tests.system.shop import ROOT, Shop, opened

FROZEN, ZONE = "opensrs", "org"
WAITING = 5_000
TURNS = 4
ORDERS = 400
"""Renewals in each turn, half of them at each registrar."""
WORKERS = 2
LEAST = 0.90
MOST_SECONDS = 600.0
POLL_SECONDS = 0.5
"""How often the database is asked whether a turn is over: seldom, so that the asking costs nothing."""
FLOW = {"call_seconds": 20, "lease_seconds": 30, "sweep_seconds": 1, "rung_seconds": 30}
"""The product's own pace, but for calls that are given up sooner."""


def measure(database: str) -> list[Finding]:
    """Return the ratio of the throughputs, beside the frozen registrar to alone."""
    with ExitStack() as stack:
        url = stack.enter_context(a_database(database))
        folder, redis = stack.enter_context(a_folder()), stack.enter_context(a_folder())
        nursery = stack.enter_context(nurseries.opened(ROOT))
        shop = opened(folder / "shop", url, redis, nursery, also=[FROZEN], stoppable=False, flow=FLOW)
        return _measure(stack.enter_context(shop), database)


def _measure(shop: Shop, database: str) -> list[Finding]:
    for registrar in ("epp", "irnic"):
        shop.books[registrar].top_up(1_000_000_000)
    shop.order_at_once(_for_the_frozen())
    _let_wait(shop)
    for _ in range(WORKERS):
        shop.start_worker()
    _renew(shop, "warm", ORDERS // 4)
    alone, beside = [], []
    for turn in range(TURNS):
        alone.append(_renew(shop, f"alone-{turn}", ORDERS))
        with _frozen(shop):
            beside.append(_renew(shop, f"beside-{turn}", ORDERS))
        say(f"  turn {turn + 1}: alone {alone[-1]:.0f}/s, beside the frozen one {beside[-1]:.0f}/s")
    ratios = [two / one for one, two in zip(alone, beside, strict=True)]
    what = f"frozen ({database}): {WAITING} orders wait for a registrar that never answers; the others keep"
    return [Finding(f"{what} {spread(ratios)} of their throughput", median(ratios) >= LEAST)]


def _renew(shop: Shop, name: str, count: int) -> float:
    """Let names be renewed at both registrars, and return how many a second were."""
    orders = [
        batch.renewal(f"{name}-{number}.{zone}") for number in range(count // 2) for zone in ("com", "ir")
    ]
    for order in orders:
        batch.seed(shop, order)
    shop.order_at_once(orders)
    begun = datetime.now(UTC)
    with shop.desk.database.reading() as connection:
        for registrar in ("epp", "irnic"):
            due = select(Order.id).where(Order.registrar == registrar, Order.state == State.PLACED)
            for order_id in connection.execute(due.order_by(Order.id).limit(12)).scalars():
                shop.desk.ring(registrar, order_id)
    of_this = Order.key.like(f"order-{name}-%")
    give_up = time.monotonic() + MOST_SECONDS
    while _count(shop, of_this, Order.state == State.COMPLETED) < count:
        assert time.monotonic() < give_up, f"{name} is not renewed: {shop.states()}"
        time.sleep(POLL_SECONDS)
    with shop.desk.database.reading() as connection:
        ended = connection.execute(select(func.max(Order.state_since)).where(of_this)).scalar_one()
    return count / (ended - begun).total_seconds()


@contextmanager
def _frozen(shop: Shop) -> Iterator[None]:
    """Have the third registrar freeze, and its orders due, for as long as the block lasts."""
    shop.books[FROZEN].misbehave(Behaviour.FREEZE, times=1_000_000)
    shop.house.flows[FROZEN].breaker.tell(answered=True)
    before = shop.commands()
    _let_wait(shop, due_at=datetime.now(UTC))
    shop.wait_for(lambda: shop.commands() > before, "the frozen registrar is asked")
    yield
    shop.books[FROZEN].behave()
    of_it = Order.registrar == FROZEN
    while _count(shop, of_it, Order.due_at.is_not(None)):
        _let_wait(shop)


def _let_wait(shop: Shop, *, due_at: datetime | None = None) -> None:
    """Make the waiting orders due at an instant, or at none; one that is in the air is left."""
    with shop.desk.database.transaction() as connection:
        connection.execute(
            update(Order)
            .where(Order.registrar == FROZEN, Order.state == State.PLACED)
            .values(due_at=due_at, rung_until=None)
        )


def _for_the_frozen() -> list[dict[str, object]]:
    return [batch.renewal(f"waiting-{number}.{ZONE}") for number in range(WAITING)]


def _count(shop: Shop, *conditions: ColumnElement[bool]) -> int:
    with shop.desk.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(Order).where(*conditions)).scalar_one()
