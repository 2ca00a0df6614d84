"""Is what is due done once, however many clocks there are, and what one process does alone done by one?"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from registrar.database import Database
from registrar.models import Duty
from tasks import clock, duties

MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give a fresh database of each kind."""
    made = Database(database_url)
    yield made
    made.close()


def test_a_duty_is_claimed_once(database: Database) -> None:
    """Of two workers that see it due at once one does it; the next time comes after its interval."""
    assert duties.claim(database, "read_deposit:epp", every=MINUTE)
    assert not duties.claim(database, "read_deposit:epp", every=MINUTE)
    assert duties.claim(database, "read_deposit:irnic", every=MINUTE)


def test_a_planned_duty_waits_for_its_time(database: Database) -> None:
    """What has a set time is not done when it is first heard of, but then; missed, it is caught up once."""
    now = clock.now()
    assert not duties.claim_planned(database, "start_sync", following=now - MINUTE)
    assert duties.claim_planned(database, "start_sync", following=now + MINUTE)
    assert not duties.claim_planned(database, "start_sync", following=now + MINUTE)
    assert duties.due(database, "start_sync") == now + MINUTE


def test_a_clock_that_ran_ahead_puts_a_duty_off_no_longer_than_usual(database: Database) -> None:
    """What a worker did whose clock was a month ahead is done again now, not in a month."""
    _put_off(database, "read_deposit:epp", timedelta(days=30))
    assert duties.claim(database, "read_deposit:epp", every=MINUTE)
    assert not duties.claim(database, "read_deposit:epp", every=MINUTE)


def test_a_planned_duty_is_due_at_its_next_time_whoever_planned_it(database: Database) -> None:
    """When the set times are others, or a clock ran ahead, it waits for the next time there is now."""
    now = clock.now()
    _put_off(database, "start_sync", timedelta(days=30))
    assert not duties.claim_planned(database, "start_sync", following=now + 60 * MINUTE)
    assert duties.due(database, "start_sync") == now + 60 * MINUTE


def test_what_a_clock_a_little_ahead_has_done_is_not_done_again(database: Database) -> None:
    """When one worker has done at half past one what is still some seconds ahead for another, that one lets it be."""
    now = clock.now()
    _put_off(database, "start_sync", timedelta(hours=6))
    assert not duties.claim_planned(database, "start_sync", following=now + timedelta(seconds=2))
    due = duties.due(database, "start_sync")
    assert due is not None
    assert due > now + timedelta(hours=5)


def test_a_lease_is_held_by_one(database: Database) -> None:
    """While one process holds it no other does; when it lets go another may at once."""
    with duties.lease(database, "sync", lasts=MINUTE) as held:
        assert held is not None
        assert held.renew()
        with duties.lease(database, "sync", lasts=MINUTE) as other:
            assert other is None
    with duties.lease(database, "sync", lasts=MINUTE) as next_one:
        assert next_one is not None


def test_a_lease_that_ran_out_is_lost(database: Database) -> None:
    """A process that was frozen for longer finds that another one has taken over, and does not take it back."""
    with duties.lease(database, "sync", lasts=timedelta(0)) as frozen:
        assert frozen is not None
        with duties.lease(database, "sync", lasts=MINUTE) as taken_over:
            assert taken_over is not None
            assert not frozen.renew()
            frozen.let_go()
            assert taken_over.renew()


def test_threads_that_share_a_lease_renew_it_one_after_the_other(database: Database) -> None:
    """None of them takes another's renewal for a loss."""
    with duties.lease(database, "sync", lasts=MINUTE) as held, ThreadPoolExecutor(8) as threads:
        assert held is not None
        assert all(threads.map(lambda _: held.renew(), range(80)))


def _put_off(database: Database, name: str, so_long: timedelta) -> None:
    """Have a duty done, and due so long from now."""
    assert duties.claim(database, name, every=MINUTE)
    with database.transaction() as connection:
        connection.execute(update(Duty).where(Duty.name == name).values(due_at=clock.now() + so_long))
