"""Do the books agree after workers were killed, frozen and stopped, in mid-batch and at every exact point?"""

import random
import signal
from functools import partial

from adapters.sandbox.misbehaviour import Behaviour
from tests.databases import ON_ONE_DATABASE
from tests.system import batch
from tests.system.conftest import OpenShop
from tests.system.faulty import Point
from tests.system.shop import QUIET, Shop

KILLS = 4
NEVER = 3600.0


def test_workers_killed_in_mid_batch(shop: Shop) -> None:
    """Workers are killed with SIGKILL again and again, and every order is charged once and ends as it should."""
    chance = random.Random(20261122)
    orders = batch.mixed(shop)
    shop.keep_up(2)
    orders.place(shop)
    for moment in sorted(chance.sample(range(40, 110), KILLS)):
        shop.wait_for(partial(shop.has_received, moment), f"{moment} commands")
        assert shop.states().keys() - QUIET, "it is over before the worker is killed"
        chance.choice(shop.running()).kill()
        shop.keep_up(2)
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    assert shop.ends() == orders.ends


def test_a_worker_killed_at_every_exact_point(shop: Shop) -> None:
    """Wherever a worker dies, before the sending or after it, nothing is sent twice and the money is where it belongs."""
    points = {f"{point}.com": point for point in Point}
    shop.script({name: (point, signal.SIGKILL) for name, point in points.items()})
    for name in points:
        batch.seed(shop, batch.renewal(name))
        shop.keep_up(1)
        shop.order(batch.renewal(name))
        shop.wait_for(lambda: not shop.running(), f"the worker died over {name}")
    proof = shop.wait_until_quiet(workers=1)
    assert proof.ok, proof.faults
    assert all(shop.has_stopped(name) for name in points)
    assert set(shop.ends().values()) == {"completed"}
    attempts = {point: shop.attempts(f"order-{name}") for name, point in points.items()}
    assert (attempts[Point.BEGUN][0], attempts[Point.BEGUN][-1]) == ("unknown", "done")
    assert attempts[Point.ANSWERED] == attempts[Point.SETTLING] == ["unknown"]
    assert attempts[Point.SETTLED] == ["done"]
    assert shop.row("order-claimed.com").crashes > 0


def test_a_worker_frozen_before_it_sends(open_shop: OpenShop) -> None:
    """A worker that wakes after its lease does not send, even where the registrar would renew a second time."""
    shop = open_shop(guard=False)
    _renew_through_a_freeze(shop, Point.BEGUN)
    assert shop.attempts("order-mina.com") == ["not_sent", "done"]
    proof = shop.prove()
    assert proof.ok, proof.faults


@ON_ONE_DATABASE
def test_without_the_lease_a_frozen_worker_spends_twice(open_shop: OpenShop) -> None:
    """The same freeze, with the lease not asked before the first byte: the books show the second charge."""
    shop = open_shop(guard=False, permit=False)
    _renew_through_a_freeze(shop, Point.BEGUN)
    proof = shop.prove()
    assert proof.double_spent == 1, proof.faults


@ON_ONE_DATABASE
def test_with_a_guard_the_registrar_refuses_what_is_sent_late(open_shop: OpenShop) -> None:
    """Should a worker send after its lease all the same, the expiry that it was ordered against protects the customer."""
    shop = open_shop(permit=False)
    _renew_through_a_freeze(shop, Point.BEGUN)
    assert shop.commands("domain:renew") == 2
    proof = shop.prove()
    assert proof.ok, proof.faults


def test_a_worker_frozen_with_the_answer_in_its_hands(shop: Shop) -> None:
    """An answer that comes after others have looked the order up is kept as evidence, and moves nothing."""
    _renew_through_a_freeze(shop, Point.ANSWERED)
    assert shop.attempts("order-mina.com") == ["done"]
    assert shop.commands("domain:renew") == 1
    proof = shop.prove()
    assert proof.ok, proof.faults


def test_two_sweeps_are_harmless(open_shop: OpenShop) -> None:
    """Three workers sweep over the same orders all the time, and each order is sent once."""
    shop = open_shop(flow={"sweep_seconds": 0.02, "rung_seconds": 0.05})
    orders = [batch.renewal(f"renewed-{number}.com") for number in range(30)]
    for order in orders:
        batch.seed(shop, order)
        shop.order(order)
    proof = shop.wait_until_quiet(workers=3)
    assert proof.ok, proof.faults
    assert {order["key"]: shop.attempts(order["key"]) for order in orders} == {
        order["key"]: ["done"] for order in orders
    }


def test_a_worker_asked_to_stop_finishes_its_call(shop: Shop) -> None:
    """SIGTERM in the middle of a call: the answer is waited for and written down before the worker ends."""
    order = batch.renewal("mina.com")
    batch.seed(shop, order)
    shop.epp.misbehave(Behaviour.LATE, command="domain:renew", name="mina.com", argument=1)
    shop.order(order)
    worker = shop.start_worker()
    shop.wait_for(lambda: shop.commands("domain:renew"), "the renewal is sent")
    assert shop.ends() == {order["key"]: "sending"}
    worker.ask_to_stop()
    assert worker.exit_code() == 0
    assert shop.ends() == {order["key"]: "completed"}
    assert shop.attempts(order["key"]) == ["done"]


def _renew_through_a_freeze(shop: Shop, point: Point) -> None:
    """Renew a name; its worker freezes at a point, another ends the order, and then the first one wakes and ends."""
    order = batch.renewal("mina.com")
    batch.seed(shop, order)
    shop.script({"mina.com": (point, signal.SIGSTOP)})
    frozen = shop.start_worker(sweep_seconds=NEVER)  # nothing of it may be in a transaction when it freezes
    shop.order(order)
    shop.wait_for(lambda: frozen.frozen, "the worker froze")
    shop.start_worker()
    shop.wait_for(lambda: shop.states().keys() <= QUIET, "the other worker ended it")
    assert shop.ends() == {order["key"]: "completed"}
    frozen.thaw()
    shop.wait_for(lambda: shop.events(order["key"], "order.late_answer"), "the first worker's answer is kept")
    frozen.kill()
