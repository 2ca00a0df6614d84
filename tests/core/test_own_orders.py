"""Does a lock of ours go through the same life as any order, cost nothing, and wait for nobody else's?"""

import pytest

from registrar.commands import OwnKind
from registrar.names import DomainName
from registrar.orders import own
from registrar.orders.requests import RequestRefusedError
from registrar.orders.states import State
from registrar.statuses import REGISTRAR_LOCK, Status
from tests.core.far_side import LATE_LIMIT, LOST_REPLY, LOST_REQUEST, FarSide
from tests.core.story import Shop, disagreements

LOCK = sorted(REGISTRAR_LOCK)


def place(shop: Shop, kind: OwnKind = OwnKind.LOCK, *, key: str = "lock-1") -> int:
    """Place a lock, or its release."""
    with shop.database.transaction() as connection:
        return own.place_lock(
            connection,
            kind=kind,
            domain=DomainName("mina.test", "test"),
            registrar="far",
            customer="customer-1",
            statuses=LOCK,
            key=key,
            now=shop.clock.now,
        )


def test_a_lock_is_set_and_costs_nothing(shop: Shop, far: FarSide) -> None:
    """The name has the lock afterwards, beside what it had; nothing was charged, and its dates stay as they were."""
    far.set_statuses("mina.test", Status.CLIENT_HOLD)
    lock = place(shop)
    shop.work(lock)
    assert (shop.state(lock), far.charges) == (State.COMPLETED, [])
    assert far.statuses("mina.test") == {*LOCK, Status.CLIENT_HOLD}
    assert shop.row(lock).guard["statuses"] == [Status.CLIENT_HOLD]
    assert shop.ask("SELECT count(*) FROM domains") == [(0,)]
    assert disagreements(shop) == []


def test_a_release_takes_away_what_it_names(shop: Shop, far: FarSide) -> None:
    """A release leaves every other status alone."""
    far.set_statuses("mina.test", *LOCK, Status.CLIENT_HOLD)
    release = place(shop, OwnKind.UNLOCK)
    shop.work(release)
    assert shop.state(release) is State.COMPLETED
    assert set(far.statuses("mina.test")) == {Status.CLIENT_HOLD}


def test_a_lock_whose_answer_was_lost_is_looked_for(shop: Shop, far: FarSide) -> None:
    """Silence is no refusal for a lock either: a look finds it done."""
    far.plan.append(LOST_REPLY)
    lock = place(shop)
    shop.work(lock)
    assert shop.state(lock) is State.UNRESOLVED
    shop.clock.skip(LATE_LIMIT)
    shop.look_after(lock)
    assert shop.state(lock) is State.COMPLETED


def test_a_lock_whose_request_was_lost_is_sent_again(shop: Shop, far: FarSide) -> None:
    """Two looks show that it did not happen, and then it is sent once more."""
    far.plan.append(LOST_REQUEST)
    lock = place(shop)
    shop.work(lock)
    shop.run(days=1)
    assert shop.state(lock) is State.COMPLETED
    assert set(far.statuses("mina.test")) == set(LOCK)


def test_a_lock_waits_for_no_renewal_in_doubt(shop: Shop, far: FarSide) -> None:
    """A name whose renewal is in doubt can be locked at once: the two are in lanes of their own."""
    far.plan.append(LOST_REPLY)
    renewal = shop.place()
    shop.work(renewal)
    lock = place(shop)
    shop.work(lock)
    assert (shop.state(renewal), shop.state(lock)) == (State.UNRESOLVED, State.COMPLETED)
    shop.run()
    assert disagreements(shop) == []


def test_no_portals_key_is_in_the_way_of_a_lock(shop: Shop) -> None:
    """A portal that uses the very key of a lock has an order of its own, and cannot use keys kept for ours."""
    theirs = shop.place(key="lock-1")
    ours = place(shop)
    assert (shop.row(theirs).kind, shop.row(ours).kind) == ("renew", "lock")
    with pytest.raises(RequestRefusedError, match="our own orders"):
        shop.place(key="own:lock-2")


def test_the_same_key_is_the_same_lock(shop: Shop) -> None:
    """Asked for twice under one key, a lock is placed once."""
    assert place(shop) == place(shop)
    assert shop.ask("SELECT count(*) FROM orders") == [(1,)]
