"""Is anything lost or done twice when Redis is flushed, killed or frozen in mid-batch? It only rings doorbells."""

import signal
from functools import partial
from threading import Timer

from redis import Redis

from tests.databases import ON_ONE_DATABASE
from tests.system import batch
from tests.system.shop import QUIET, Shop
from tests.system.test_workers import NEVER

FROZEN_SECONDS = 7.0
"""Longer than any client of ours waits for an answer of Redis."""
MID_BATCH = 60
"""Commands that the registrars have received when Redis fails: a good third of the batch."""


def test_redis_flushed_in_mid_batch(shop: Shop) -> None:
    """Every nudge is lost in the middle of a batch, twice, and every order is charged once and ends as it should."""
    orders = _half_way(shop)
    _flush(shop)
    shop.wait_for(lambda: shop.commands() >= MID_BATCH + 30, "it goes on")
    _flush(shop)
    _prove(shop, orders)


def test_redis_killed_in_mid_batch(shop: Shop) -> None:
    """Redis dies and comes back empty, and every order is charged once and ends as it should."""
    orders = _half_way(shop)
    shop.restart_redis()
    _prove(shop, orders)


def test_redis_frozen_in_mid_batch(shop: Shop) -> None:
    """Redis answers nobody for seven seconds, and every order is charged once and ends as it should."""
    orders = _half_way(shop)
    shop.redis.process.send_signal(signal.SIGSTOP)
    thaw = Timer(FROZEN_SECONDS, partial(shop.redis.process.send_signal, signal.SIGCONT))
    thaw.start()
    try:
        _prove(shop, orders)
    finally:
        thaw.join()


@ON_ONE_DATABASE
def test_without_the_sweep_a_flush_loses_orders(shop: Shop) -> None:
    """With the sweep switched off the flushed orders stay where they are; with it they are found and done."""
    flushed = [batch.renewal(f"renewed-{number}.com") for number in range(10)]
    for order in flushed:
        batch.seed(shop, order)
        shop.order(order)
    _flush(shop)
    worker = shop.start_worker(sweep_seconds=NEVER)
    taken = batch.registration("taken.ir")
    shop.irnic.add_domain("taken.ir", expires_at=batch.EXPIRES, sponsor="res02-irnic")
    shop.order(taken)
    shop.wait_for(lambda: shop.ends()[taken["key"]] == "refused", "the worker works on what it is rung for")
    assert shop.prove().lost == len(flushed)
    worker.kill()
    proof = shop.wait_until_quiet(workers=1)
    assert proof.ok, proof.faults
    assert shop.ends() == {taken["key"]: "refused"} | {order["key"]: "completed" for order in flushed}


def _half_way(shop: Shop) -> batch.Batch:
    """Let two workers do a good third of a batch."""
    orders = batch.mixed(shop)
    shop.keep_up(2)
    orders.place(shop)
    shop.wait_for(lambda: shop.commands() >= MID_BATCH, "the batch is on its way")
    assert shop.states().keys() - QUIET, "it is over before anything happens"
    return orders


def _flush(shop: Shop) -> None:
    with Redis.from_url(shop.redis.url) as client:
        client.flushall()


def _prove(shop: Shop, orders: batch.Batch) -> None:
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    assert shop.ends() == orders.ends
    assert len(shop.workers) == 2, "a worker died"
