"""Do a customer's orders wait for his documents or his debt, and is a name suspended with a word to him (O6, F5, O11, E5)?"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from registrar.agreement.expiry import windows
from registrar.agreement.waiting import DEBT, IDENTITY, lets_through
from registrar.commands import Kind, OwnKind
from registrar.customers import holds as customer_holds
from registrar.customers.holds import CustomerHoldRefusedError
from registrar.models import Notice
from registrar.orders import suspending
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.orders.states import State
from registrar.orders.suspending import Cause
from registrar.statuses import CLIENT_STATUSES, REGISTRAR_LOCK, Status
from tests.agreement.books import MINA, events, findings, look_after, owe, paid_through
from tests.agreement.conftest import EXPIRES
from tests.agreement.rulebook import standard
from tests.core.far_side import FarSide
from tests.core.story import Shop

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
RULES = standard().at(EXPIRES).rules("test")
THROUGH = RULES.conduct.identity_lets_through
LIMITS = windows(EXPIRES, RULES.renewal)


@pytest.mark.parametrize("at", [LIMITS.paid_through, LIMITS.committed_until, LIMITS.possible_until])
def test_a_renewal_near_a_limit_goes_through_an_identity_hold(at: datetime) -> None:
    """Within three days of each limit, both ends included, a renewal is sent although documents are missing (O6)."""
    for now, goes in ((at - THROUGH - SECOND, False), (at - THROUGH, True), (at, True), (at + SECOND, False)):
        assert lets_through(Kind.RENEW, IDENTITY, LIMITS, RULES, now) is goes
        assert lets_through(Kind.RENEW_ELSEWHERE, IDENTITY, LIMITS, RULES, now) is goes
        assert not lets_through(Kind.RENEW, DEBT, LIMITS, RULES, now)
        assert not lets_through(Kind.RENEW, IDENTITY, None, RULES, now)
        assert not lets_through(Kind.TRANSFER, IDENTITY, LIMITS, RULES, now)


@pytest.mark.parametrize("kind", list(OwnKind))
@pytest.mark.parametrize("cause", [IDENTITY, DEBT])
def test_a_claims_lock_is_no_order_of_the_customers(kind: OwnKind, cause: str) -> None:
    """No hold on a customer keeps his name from being locked for a third party, or released (D9)."""
    assert lets_through(kind, cause, None, RULES, EXPIRES)


def test_a_customers_orders_wait_for_his_documents(shop: Shop, far: FarSide) -> None:
    """While documents are asked for his orders wait, another's go on, and the release lets them go; no term moves (O6, E5)."""
    look_after(shop, until=EXPIRES)
    far.own("sara.test", EXPIRES)
    hold(shop, documents_due_by=shop.clock.now + 10 * DAY)
    his, anothers = shop.place(), shop.place(name="sara.test", customer="customer-2")
    shop.work(his)
    shop.work(anothers)
    assert (shop.state(his), shop.state(anothers)) == (State.PLACED, State.COMPLETED)
    assert "identity" in shop.row(his).waiting_reason
    before = paid_through(shop)
    release(shop, IDENTITY)
    assert shop.row(his).due_at == shop.clock.now
    assert paid_through(shop) == before == EXPIRES
    shop.work(his)
    assert shop.state(his) is State.COMPLETED


def test_late_documents_alert_staff_and_do_nothing_else(shop: Shop) -> None:
    """The day after the documents were due there is one finding, the hold stands as it did, and a release closes it (O6)."""
    hold(shop, documents_due_by=shop.clock.now + DAY)
    for passed, found in ((DAY, []), (SECOND, ["customer-1"]), (DAY, ["customer-1"])):
        shop.clock.skip(passed)
        with shop.database.transaction() as connection:
            customer_holds.tell_of_late_documents(connection, now=shop.clock.now)
        assert findings(shop, customer_holds.LATE_DOCUMENTS) == found
    assert [on.cause for on in on_hold(shop)] == [IDENTITY]
    release(shop, IDENTITY)
    assert findings(shop, customer_holds.LATE_DOCUMENTS) == []


def test_more_time_for_the_documents_is_the_same_hold(shop: Shop) -> None:
    """Asked for again with a later day it is still one hold, and both askings can be told."""
    hold(shop, documents_due_by=shop.clock.now + DAY)
    hold(shop, documents_due_by=shop.clock.now + 9 * DAY, holder_in_doubt=True)
    [on] = on_hold(shop)
    assert (on.documents_due_by, on.holder_in_doubt) == (shop.clock.now + 9 * DAY, True)
    assert [told["ticket"] for told in events(shop, "customer.held")] == ["T-1", "T-1"]


@pytest.mark.parametrize("owes", [False, True])
def test_no_service_stops_for_a_debt_before_a_recorded_warning(shop: Shop, owes: bool) -> None:
    """A hold for a debt is refused while there is no debt, or one that its customer was not warned of (F5)."""
    look_after(shop, until=EXPIRES)
    if owes:
        owe(shop, warned=False)
    with pytest.raises(CustomerHoldRefusedError, match="warn"):
        hold(shop, DEBT)
    with pytest.raises(ActRefusedError, match="warn"):
        suspend(shop, Cause.DEBT)
    assert (on_hold(shop), shop.ask("SELECT count(*) FROM orders")) == ([], [(0,)])


def test_a_warned_debt_lets_the_orders_wait(shop: Shop) -> None:
    """After the warning his orders wait, a renewal near its limit too (F5)."""
    look_after(shop, until=EXPIRES)
    owe(shop, warned=True)
    hold(shop, DEBT)
    shop.clock.now = EXPIRES - SECOND
    order = shop.place()
    shop.work(order)
    assert shop.state(order) is State.PLACED


@pytest.mark.parametrize(("in_doubt", "due_by"), [(True, None), (False, EXPIRES)])
def test_a_debt_asks_for_no_documents(shop: Shop, in_doubt: bool, due_by: datetime | None) -> None:
    """Documents belong to an identity hold; a cause that there is not is refused."""
    owe(shop, warned=True)
    with pytest.raises(CustomerHoldRefusedError):
        hold(shop, DEBT, holder_in_doubt=in_doubt, documents_due_by=due_by)
    with pytest.raises(CustomerHoldRefusedError, match="one of"):
        hold(shop, "mood")


def test_a_suspended_name_leaves_the_dns_and_its_customer_is_told(shop: Shop, far: FarSide) -> None:
    """The name gets clientHold through an order, one notice is owed, and its term is not a day longer afterwards (O11, E5)."""
    look_after(shop, until=EXPIRES)
    order = suspend(shop)
    shop.work(order)
    assert (shop.state(order), set(far.statuses("mina.test"))) == (State.COMPLETED, {Status.CLIENT_HOLD})
    assert notices(shop) == [
        ("suspended", "customer-1", "mina.test", {"cause": "rules", "since": shop.clock.now.isoformat()})
    ]
    [told] = events(shop, "domain.suspended")
    assert (told["actor"], told["ticket"]) == ("staff:sara", "T-1")
    shop.clock.skip(10 * DAY)
    end = unsuspend(shop)
    shop.work(end)
    assert set(far.statuses("mina.test")) == set()
    assert paid_through(shop) == EXPIRES
    assert len(notices(shop)) == 1
    again = suspend(shop)
    assert again not in (order, end)


def test_a_suspension_touches_no_other_status(shop: Shop, far: FarSide) -> None:
    """What was locked before stays locked while the name is suspended, and after it."""
    look_after(shop, until=EXPIRES)
    far.set_statuses("mina.test", *REGISTRAR_LOCK)
    shop.work(suspend(shop))
    assert set(far.statuses("mina.test")) == {*REGISTRAR_LOCK, Status.CLIENT_HOLD}
    shop.work(unsuspend(shop))
    assert set(far.statuses("mina.test")) == set(REGISTRAR_LOCK)


def test_what_cannot_be_suspended_is_refused_with_words(shop: Shop) -> None:
    """A name that is not ours, one that is suspended already, one without such a status: each is told, nothing is ordered."""
    with pytest.raises(ActRefusedError, match="not ours to suspend"):
        suspend(shop)
    look_after(shop, until=EXPIRES)
    with pytest.raises(ActRefusedError, match="has no hold for a name"):
        suspend(shop, statuses=REGISTRAR_LOCK)
    with pytest.raises(ActRefusedError, match="not suspended by us"):
        unsuspend(shop)
    suspend(shop)
    with pytest.raises(ActRefusedError, match="already"):
        suspend(shop)
    assert len(notices(shop)) == 1


def hold(
    shop: Shop,
    cause: str = IDENTITY,
    *,
    holder_in_doubt: bool = False,
    documents_due_by: datetime | None = None,
) -> None:
    """Put the customer on hold."""
    with shop.database.transaction() as connection:
        customer_holds.put(
            connection,
            "customer-1",
            cause,
            reason="a copy of his card is missing",
            now=shop.clock.now,
            actor="staff:sara",
            ticket="T-1",
            holder_in_doubt=holder_in_doubt,
            documents_due_by=documents_due_by,
        )


def release(shop: Shop, cause: str) -> None:
    """Release the customer."""
    with shop.database.transaction() as connection:
        by = {"actor": "staff:sara", "ticket": "T-2"}
        assert customer_holds.release(
            connection, "customer-1", cause, reason="it came", now=shop.clock.now, **by
        )
        assert not customer_holds.release(
            connection, "customer-1", cause, reason="it came", now=shop.clock.now, **by
        )


def on_hold(shop: Shop) -> list[customer_holds.OpenCustomerHold]:
    """Return what the customer is on hold for."""
    with shop.database.reading() as connection:
        return customer_holds.open_for(connection, "customer-1")


def suspend(shop: Shop, cause: Cause = Cause.RULES, *, statuses: frozenset[Status] = CLIENT_STATUSES) -> int:
    """Suspend mina.test."""
    with shop.database.transaction() as connection:
        return suspending.suspend(
            connection,
            MINA,
            cause=cause,
            reason="a court's letter",
            statuses=statuses,
            token=token(shop),
            act=ByHand("staff:sara", "T-1", shop.clock.now),
        )


def unsuspend(shop: Shop) -> int:
    """End the suspension of mina.test."""
    with shop.database.transaction() as connection:
        act = ByHand("staff:sara", "T-2", shop.clock.now)
        return suspending.unsuspend(connection, MINA, reason="it is settled", token=token(shop), act=act)


def token(shop: Shop) -> str:
    """Make what an order's key is unique by."""
    return str(shop.ask("SELECT count(*) FROM orders")[0][0])


def notices(shop: Shop) -> list[tuple[object, ...]]:
    """Return the notices that are owed."""
    query = select(Notice.kind, Notice.customer, Notice.domain, Notice.facts).order_by(Notice.id)
    with shop.database.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]
