"""Does a claimed name end locked, verified and with the right alarm, whatever else is going on (D9)?"""

from collections.abc import Iterator

import pytest

from registrar.agreement.disputing import Procedure
from registrar.claims.states import Lock
from registrar.commands import Kind
from registrar.orders.states import State
from registrar.statuses import REGISTRAR_LOCK, Status
from tests.agreement.claims_story import Dispute, opened_dispute
from tests.agreement.departures_story import Leaving
from tests.core.far_side import LATE_LIMIT, LOST_REPLY, US
from tests.core.story import opened


@pytest.fixture
def dispute(database_url: str) -> Iterator[Dispute]:
    """Give a name that somebody may claim."""
    with opened_dispute(database_url) as made:
        yield made


@pytest.fixture
def leaving(database_url: str) -> Iterator[Leaving]:
    """Give a name that its holder wants to take elsewhere; it is locked, as he had it."""
    with opened(database_url) as database:
        yield Leaving(database)


def is_safe(dispute: Dispute) -> bool:
    """Tell whether the name is with us, locked, and a look has shown it since the decision."""
    known = dispute.far.registration("mina.test")
    row = dispute.row
    verified = row.verified_at is not None and row.verified_at >= row.state_since
    return (
        known is not None and known.sponsor == US and dispute.locked and row.lock == Lock.LOCKED and verified
    )


def test_upheld_while_a_transfer_out_is_running(leaving: Leaving) -> None:
    """The code was given and another registrar has asked: the transfer is rejected, the departure stopped, the name locked.

    When the decision is overturned, the name has the lock again that its holder had on it before he wanted to leave.
    """
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    leaving.far.ask_away("mina.test")
    dispute = Dispute(leaving.database, leaving.far)
    dispute.proceeding(Procedure.COURT)
    dispute.upheld()
    run_both(dispute, leaving, hours=24)
    assert is_safe(dispute)
    assert dispute.alarms() == {"claimed_name_leaving"}
    assert (str(leaving.state()), leaving.row().claim_id) == ("stopped", dispute.claim_id)
    run_both(dispute, leaving, hours=24 * 6)
    assert is_safe(dispute)
    dispute.dismissed()
    run_both(dispute, leaving, hours=12)
    assert dispute.row.state == "closed"
    assert set(leaving.far.statuses("mina.test")) == REGISTRAR_LOCK


def test_upheld_while_an_order_is_unresolved(dispute: Dispute) -> None:
    """A change of holder of which nobody knows: the name is locked at once, and staff hear that it may still land."""
    dispute.far.plan.append(LOST_REPLY)
    order = dispute.shop.place(Kind.CHANGE_HOLDER)
    dispute.shop.work(order)
    dispute.proceeding(Procedure.COURT)
    dispute.upheld()
    dispute.run(days=0.005)
    assert (dispute.shop.state(order), is_safe(dispute)) == (State.UNRESOLVED, True)
    assert dispute.alarms() == {"claimed_name_in_doubt"}
    dispute.run(days=1)
    assert dispute.shop.state(order) is State.COMPLETED
    assert (is_safe(dispute), dispute.alarms()) == (True, set())


def test_upheld_while_the_lock_itself_is_unresolved(dispute: Dispute) -> None:
    """The answer to the lock is lost: that is an alarm until a look shows it; it is not ordered a second time."""
    dispute.far.plan.append(LOST_REPLY)
    dispute.far.stale_for = LATE_LIMIT
    dispute.proceeding()
    dispute.upheld()
    dispute.run(days=0.005)
    assert dispute.alarms() == {"claim_lock_waits"}
    dispute.run(days=1)
    assert (is_safe(dispute), dispute.alarms()) == (True, set())
    assert dispute.own_orders() == [("lock", "completed")]


def test_upheld_while_the_registrar_is_on_hold(dispute: Dispute) -> None:
    """Nothing is sent to a registrar on hold: staff hear why the lock waits, and in time that its deadline nears."""
    dispute.hold()
    dispute.proceeding()
    dispute.upheld()
    dispute.run(days=0.1)
    assert (dispute.row.lock, dispute.locked, dispute.alarms()) == (Lock.WANTED, False, {"claim_lock_waits"})
    dispute.clock.now = dispute.row.lock_by
    dispute.run(days=0.1)
    assert dispute.alarms() == {"claim_lock_waits", "claim_lock_late"}
    dispute.hold(on=False)
    dispute.run(days=1)
    assert (is_safe(dispute), dispute.alarms()) == (True, set())


def test_lifted_overnight_by_somebody_at_the_registrar(dispute: Dispute) -> None:
    """In the morning it is on again and verified, and staff read who must be asked."""
    dispute.proceeding()
    dispute.upheld()
    dispute.run(days=1)
    dispute.far.set_statuses("mina.test")
    dispute.run(days=0.5)
    assert (is_safe(dispute), dispute.alarms()) == (True, {"claim_lock_lost"})


def test_all_of_it_in_one_night(leaving: Leaving) -> None:
    """On hold, an order in doubt, a departure running, and then the lock lifted: it ends locked, with all that was wrong told."""
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    dispute = Dispute(leaving.database, leaving.far)
    leaving.far.plan.append(LOST_REPLY)
    order = leaving.shop.place(Kind.RENEW)
    leaving.shop.work(order)
    leaving.far.ask_away("mina.test")
    dispute.hold()
    dispute.proceeding()
    dispute.upheld()
    dispute.run(days=0.005)
    assert {"claimed_name_leaving", "claim_lock_waits", "claimed_name_in_doubt"} <= dispute.alarms()
    dispute.hold(on=False)
    run_both(dispute, leaving, hours=4)
    assert is_safe(dispute)
    leaving.far.set_statuses("mina.test", Status.CLIENT_UPDATE_PROHIBITED)
    run_both(dispute, leaving, hours=24)
    assert is_safe(dispute)
    assert dispute.alarms() == {"claimed_name_leaving", "claim_lock_lost"}
    dispute.agrees()


def run_both(dispute: Dispute, leaving: Leaving, *, hours: int) -> None:
    """Let hours pass in which the watchdog and the departure's follower both do what is due."""
    for _ in range(hours):
        dispute.run(days=1 / 48)
        leaving.run(days=1 / 48)
