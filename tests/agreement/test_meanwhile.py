"""Does an order keep to what closed, or was decided, while it was looked at or waited (D4, D9, O3, O5, O6, F7)?"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from registrar import debts, holds
from registrar.agreement.rules import AutoRenewed
from registrar.commands import Kind, OwnKind
from registrar.customers import holds as customer_holds
from registrar.holds import HoldKind
from registrar.models import Claim
from registrar.orders import by_hand, own
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.states import State
from registrar.outcomes import BlockCause, Correctable, Correction, Reply
from registrar.statuses import REGISTRAR_LOCK
from tests.agreement.books import MINA, STAFF, TICKET, hold, look_after, paid_through
from tests.agreement.conftest import EXPIRES
from tests.core.far_side import LOST_REQUEST, NEW_HOLDER, Act, FarSide
from tests.core.story import Shop, disagreements
from tests.core.test_promises import adopting

ANOTHER_HOLDER = "ef56-irnic"
"""An invented handle."""
WRONG_CONTACT = Act("never", Correctable(Reply("2306", "parameter value policy error"), Correction.CONTACTS))


def documents_are_missing(shop: Shop) -> None:
    """Put the customer on hold for his documents."""
    told: dict[str, Any] = {"reason": "passport", "actor": STAFF, "ticket": TICKET, "now": shop.clock.now}
    with shop.database.transaction() as connection:
        customer_holds.put(connection, "customer-1", "identity", **told)


def name_is_claimed(shop: Shop) -> None:
    """Have a third party's claim to the name be heard."""
    now = shop.clock.now
    claim = {
        "domain": "mina.test",
        "zone": "test",
        "registrar": "far",
        "reference": "D-1",
        "procedure": "udrp",
    }
    stands = {
        "state": "proceeding",
        "state_since": now,
        "asserted_at": now,
        "block_mode": "lock",
        "lock": "locked",
    }
    with shop.database.transaction() as connection:
        connection.execute(insert(Claim).values(claim | stands))


def payment_is_taken_back(shop: Shop) -> None:
    """Have the bank take the order's payment back."""
    told: dict[str, Any] = {"reason": "not met", "actor": STAFF, "ticket": TICKET, "now": shop.clock.now}
    with shop.database.transaction() as connection:
        debts.reverse_payment(connection, "receipt-1", **told)


CLOSES: Mapping[str, Callable[[Shop], None]] = {
    "the customer": documents_are_missing,
    "the name": name_is_claimed,
    "the payment": payment_is_taken_back,
    "the registrar": lambda shop: hold(shop, "far"),
    "the zone": lambda shop: hold(shop, "zone:test"),
    "everything": lambda shop: hold(shop, "*", HoldKind.FORCE_MAJEURE),
}


@pytest.mark.parametrize("what", CLOSES)
def test_an_order_is_not_sent_past_what_closed_while_it_was_looked_at(
    shop: Shop, far: FarSide, what: str
) -> None:
    """Nothing is sent after a gate has closed, also for an order that had passed it: it waits like any other."""
    order = shop.place(Kind.CHANGE_HOLDER)
    claimed = shop.claim(order)
    assert claimed is not None
    seen = shop.look(claimed)
    CLOSES[what](shop)
    assert shop.begin(claimed, seen) is None
    row = shop.row(order)
    assert (row.state, row.slot, far.received) == (State.PLACED, False, [])
    assert row.waiting_reason
    assert row.due_at > shop.clock.now


def test_a_year_is_not_adopted_for_a_payment_that_was_taken_back(shop: Shop, far: FarSide) -> None:
    """Also what needs no sending is not given to somebody whose payment went back while we looked (D4, F7)."""
    look_after(shop, until=EXPIRES)
    far.renew_by_itself("mina.test")
    order = shop.place()
    claimed = shop.claim(order)
    assert claimed is not None
    seen = shop.look(claimed)
    payment_is_taken_back(shop)
    assert shop.begin(claimed, seen) is None
    assert (shop.state(order), paid_through(shop)) == (State.PLACED, EXPIRES)


def test_the_deposits_probe_is_not_stopped_by_the_hold_that_it_probes(shop: Shop, far: FarSide) -> None:
    """The one order that is sent to see whether the deposit is there again is sent (O3)."""
    with shop.database.transaction() as connection:
        holds.put(
            connection,
            "far",
            BlockCause.DEPOSIT,
            reason="empty",
            now=shop.clock.now,
            probe_after=timedelta(minutes=1),
        )
    shop.clock.skip(timedelta(minutes=2))
    order = shop.place()
    shop.work(order)
    assert (shop.state(order), len(far.received)) == (State.COMPLETED, 1)


def test_what_costs_nothing_proves_no_deposit(shop: Shop) -> None:
    """A lock that goes through under an empty deposit's hold leaves the hold on: it shows nothing of the deposit (O3)."""
    now = shop.clock.now
    with shop.database.transaction() as connection:
        holds.put(
            connection, "far", BlockCause.DEPOSIT, reason="empty", now=now, probe_after=timedelta(hours=1)
        )
        lock = own.place_lock(
            connection,
            kind=OwnKind.LOCK,
            domain=MINA,
            registrar="far",
            customer="customer-1",
            statuses=REGISTRAR_LOCK,
            key="lock-1",
            now=now,
        )
    shop.clock.skip(timedelta(minutes=1))
    shop.work(lock)
    assert shop.state(lock) is State.COMPLETED
    with shop.database.reading() as connection:
        assert [hold.cause for hold in holds.in_force(connection, "far", now=shop.clock.now)] == ["deposit"]


def test_another_new_holder_needs_another_approval(shop: Shop, far: FarSide) -> None:
    """Staff approved one new holder: the customer's correction to another one waits for them again (O5)."""
    far.plan.append(WRONG_CONTACT)
    order = shop.place(Kind.CHANGE_HOLDER)
    shop.work(order)
    shop.correct(order, contacts={"registrant": {"handle": ANOTHER_HOLDER}})
    shop.work(order)
    assert (shop.state(order), shop.row(order).approval, len(far.received)) == (State.PLACED, "needed", 1)
    assert shop.ask("SELECT kind FROM findings WHERE closed_at IS NULL") == [("approval_needed",)]
    shop.approve(order)
    shop.work(order)
    registration = far.registration("mina.test")
    assert registration is not None
    assert (shop.state(order), registration.holder) == (State.COMPLETED, ANOTHER_HOLDER)


def test_the_same_new_holder_needs_no_other_approval(shop: Shop, far: FarSide) -> None:
    """A correction of anything else goes on under the approval that was given (O5)."""
    far.plan.append(WRONG_CONTACT)
    order = shop.place(Kind.CHANGE_HOLDER)
    shop.work(order)
    shop.correct(order, contacts={"registrant": {"handle": NEW_HOLDER}})
    shop.work(order)
    assert shop.state(order) is State.COMPLETED


def test_no_other_holder_while_the_first_may_have_the_name(shop: Shop, far: FarSide) -> None:
    """Where an earlier attempt ended in silence the new holder stays who he is: what becomes of it is found out first."""
    far.plan.extend([LOST_REQUEST, WRONG_CONTACT])
    order = shop.place(Kind.CHANGE_HOLDER)
    shop.work(order)
    while shop.state(order) is not State.HELD:
        shop.clock.skip(timedelta(hours=1))
        shop.sweep()
    with pytest.raises(ActRefusedError) as refused:
        shop.correct(order, contacts={"registrant": {"handle": ANOTHER_HOLDER}})
    assert refused.value.code == "in_doubt"


def test_a_change_of_holder_pays_for_no_year(shop: Shop, far: FarSide) -> None:
    """The year that its registry added is as unpaid after a change of holder as before it (D4)."""
    look_after(shop, until=EXPIRES)
    far.renew_by_itself("mina.test")
    order = shop.place(Kind.CHANGE_HOLDER)
    shop.work(order)
    assert (shop.state(order), paid_through(shop)) == (State.COMPLETED, EXPIRES)


@pytest.mark.parametrize("mode", AutoRenewed)
@pytest.mark.parametrize("expected", [EXPIRES.date().isoformat(), EXPIRES.isoformat(), "any"])
def test_a_renewal_against_the_date_that_was_paid_for_meets_the_registrys_year(
    shop: Shop, far: FarSide, mode: AutoRenewed, expected: str
) -> None:
    """The customer orders against the date that he paid for, as a day or to the second: adopted, or renewed (D4)."""
    adopting(shop, mode)
    look_after(shop, until=EXPIRES)
    far.renew_by_itself("mina.test")
    order = shop.place(expected_expiry=expected)
    shop.work(order)
    assert shop.state(order) is State.COMPLETED
    assert len(far.received) == (mode is AutoRenewed.RENEW)


def test_an_order_against_another_date_does_not_meet_the_registrys_year(shop: Shop, far: FarSide) -> None:
    """Somebody who saw a third date ordered something else: staff look at it (D4)."""
    look_after(shop, until=EXPIRES)
    far.renew_by_itself("mina.test")
    order = shop.place(expected_expiry="2026-01-01")
    shop.work(order)
    assert (shop.state(order), far.received) == (State.HELD, [])
    assert disagreements(shop) == []


def test_a_date_that_moved_unpaid_costs_nobody_his_renewal(shop: Shop, far: FarSide) -> None:
    """A registrar that does not say who moved the date: an order against the date of our books is for staff, not refused (D4)."""
    look_after(shop, until=EXPIRES)
    far.own("mina.test", EXPIRES.replace(year=2027))
    shop.clock.now = EXPIRES + timedelta(days=2)
    order = shop.place(expected_expiry=EXPIRES.date().isoformat())
    shop.work(order)
    assert (shop.state(order), shop.row(order).turn, far.received) == (State.HELD, "staff", [])
    with shop.database.reading() as connection:
        foreseen = by_hand.foresee(connection, order, shop.see(order), now=shop.clock.now)
    assert foreseen["does"].startswith("holds it again")
    assert (shop.retry(order), paid_through(shop)) == (State.PLACED, EXPIRES)
    shop.work(order)
    assert shop.state(order) is State.HELD


def test_a_year_that_the_registry_added_is_bought_where_the_registrar_keeps_its_own_date(
    shop: Shop, far: FarSide
) -> None:
    """At a registrar whose own date stands still the year is not paid: the renewal goes out, and pays for that year (D4)."""
    look_after(shop, until=EXPIRES)
    far.registrys["mina.test"] = EXPIRES.replace(year=2027)
    order = shop.place(expected_expiry=EXPIRES.date().isoformat())
    shop.work(order)
    assert (shop.state(order), len(far.received)) == (State.COMPLETED, 1)
    assert paid_through(shop) == EXPIRES.replace(year=2027)
    assert shop.ask("SELECT kind FROM findings WHERE closed_at IS NULL") == []


def test_an_order_against_the_year_that_the_registry_added_is_a_conflict(shop: Shop, far: FarSide) -> None:
    """Who orders from the registry's added year would get it alone: he is told which date is paid (D4)."""
    look_after(shop, until=EXPIRES)
    far.registrys["mina.test"] = EXPIRES.replace(year=2027)
    order = shop.place(expected_expiry=EXPIRES.replace(year=2027).date().isoformat())
    shop.work(order)
    assert (shop.state(order), shop.row(order).ended_reason) == (State.REFUSED, "expiry_conflict")
    assert far.received == []


def test_a_registry_that_does_not_show_the_renewal_yet_moves_no_date_back(shop: Shop, far: FarSide) -> None:
    """The registrar's date proves the renewal, and is what is paid for; the registry's old one stays what it is (D4, E2)."""
    look_after(shop, until=EXPIRES)
    far.registrys["mina.test"] = EXPIRES
    order = shop.place(expected_expiry=EXPIRES.date().isoformat())
    shop.work(order)
    assert (shop.state(order), len(far.received)) == (State.COMPLETED, 1)
    assert paid_through(shop) == EXPIRES.replace(year=2027)
    (shown,) = shop.ask("SELECT registry_expires_at FROM domains")
    assert str(EXPIRES.year) in str(shown[0])
    assert shop.ask("SELECT kind FROM findings WHERE closed_at IS NULL") == []


def test_a_date_that_our_books_know_is_a_conflict(shop: Shop, far: FarSide) -> None:
    """An order against a date that a renewal of ours has moved since is refused: two orders never buy two years (D4)."""
    look_after(shop, until=EXPIRES)
    first, second = (shop.place(expected_expiry=EXPIRES.date().isoformat()) for _ in range(2))
    shop.work(first)
    shop.work(second)
    assert (shop.state(second), shop.row(second).ended_reason) == (State.REFUSED, "expiry_conflict")
    assert len(far.received) == 1
