"""Does the registrar's own statement agree with our orders? Each difference is found, said once, and taken back when it is gone."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from registrar import statements
from registrar.commands import Kind
from registrar.findings import list_open
from registrar.gateway import StatementLine
from registrar.orders.states import State
from tests.core.far_side import LOST_REQUEST, Charge, pend
from tests.core.story import Shop

COSTS = {"test": {kind: {0: Decimal(1), 12: Decimal(1), 60: Decimal(1)} for kind in Kind}}
DAY = timedelta(days=1)


def compare(
    shop: Shop, *, lines: tuple[StatementLine, ...] | None = None, days: int = 30
) -> list[tuple[str, str]]:
    """Compare the far side's statement of the last days with our orders; return each difference's kind and subject."""
    now = shop.clock.now
    if lines is None:
        lines = shop.far.statement((now - days * DAY).date(), now.date(), shop._call("statement"))
    with shop.database.transaction() as connection:
        done = statements.reconcile(
            connection, "far", lines, COSTS, since=now - days * DAY, until=now + DAY, now=now
        )
    return [(difference["kind"], difference["subject"]) for difference in done.differences]


def findings(shop: Shop) -> set[str]:
    """Tell which differences are open."""
    with shop.database.reading() as connection:
        return {str(finding["kind"]) for finding in list_open(connection)}


def done(shop: Shop, kind: Kind = Kind.RENEW, name: str = "mina.test") -> int:
    """Have an order carried out, and let three days pass."""
    order = shop.place(kind, name)
    shop.work(order)
    assert shop.state(order) == State.COMPLETED
    shop.clock.skip(3 * DAY)
    return order


def test_a_statement_that_agrees_has_nothing_to_say(shop: Shop) -> None:
    """A renewal, a registration and a transfer that were done, billed and priced as expected are no difference."""
    done(shop)
    done(shop, Kind.REGISTER, "free.test")
    done(shop, Kind.TRANSFER, "sara.test")
    assert compare(shop) == []
    assert findings(shop) == set()


def test_a_line_is_kept_once_however_often_it_is_read(shop: Shop) -> None:
    """Statements overlap; the same line twice is one charge."""
    done(shop)
    compare(shop)
    compare(shop)
    assert shop.ask("SELECT count(*) FROM charges") == [(1,)]


def test_a_charge_that_nobody_ordered_is_found(shop: Shop) -> None:
    """A supplier's own auto-renewal left on spends our money: its line is shown with what to do."""
    shop.far.charges.append(Charge("theirs", Kind.RENEW, "mina.test", shop.clock.now))
    assert compare(shop) == [("charge_not_ordered", "far: charge-0")]
    assert findings(shop) == {"charge_not_ordered"}


def test_a_second_charge_for_one_order_is_one_too_many(shop: Shop) -> None:
    """One order explains one charge: the other one, of the same name and day, is nobody's."""
    done(shop)
    shop.far.charges.append(replace(shop.far.charges[0], transaction_id="again"))
    assert [kind for kind, _ in compare(shop)] == ["charge_not_ordered"]


def test_a_charge_of_another_time_is_not_explained_by_an_old_order(shop: Shop) -> None:
    """A renewal of last month does not explain a charge of today."""
    done(shop)
    compare(shop)
    shop.clock.skip(20 * DAY)
    shop.far.charges.append(Charge("theirs", Kind.RENEW, "mina.test", shop.clock.now))
    assert [kind for kind, _ in compare(shop)] == ["charge_not_ordered"]


def test_an_order_that_was_not_billed_is_found_and_taken_back(shop: Shop) -> None:
    """What was done and is not on their statement is owed; the line that comes later closes it."""
    order = done(shop)
    assert compare(shop, lines=()) == [("order_not_billed", f"order:{order}")]
    assert compare(shop) == []
    assert findings(shop) == set()


def test_an_order_of_today_may_be_billed_tomorrow(shop: Shop) -> None:
    """A line may come two days late before anybody is troubled."""
    order = shop.place()
    shop.work(order)
    assert compare(shop, lines=()) == []


def test_a_wrong_price_is_found(shop: Shop) -> None:
    """A charge above, or below, what our list says is shown with both amounts."""
    done(shop)
    shop.far.charges[0].amount = Decimal("1.50")
    assert [kind for kind, _ in compare(shop)] == ["charge_price_differs"]


@pytest.mark.parametrize("unit_price", ["1", "1.00"])
def test_the_same_amount_in_other_digits_is_the_same(shop: Shop, unit_price: str) -> None:
    """One unit and 1.00 units are one price."""
    done(shop)
    shop.far.charges[0].amount = Decimal(unit_price)
    assert compare(shop) == []


def test_money_for_a_failed_order_must_come_back(shop: Shop) -> None:
    """A registration that was refused and credited: its charge is waited for two weeks, then asked for, until it is back."""
    shop.far.plan.append(pend("reject"))
    order = shop.place(Kind.REGISTER, "free.test")
    shop.run(days=10)
    assert shop.state(order) == State.REFUSED
    assert compare(shop) == []
    shop.far.charges[0].refunded = False
    shop.ask("SELECT 1")
    charge_alone = shop.far.charges[0].lines("other-0")
    with shop.database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM charges")
    shop.clock.skip(15 * DAY)
    assert compare(shop, lines=charge_alone, days=60) == [("charge_not_returned", f"order:{order}")]
    shop.far.charges[0].refunded = True
    assert compare(shop, lines=shop.far.charges[0].lines("other-0"), days=60) == []
    assert findings(shop) == set()


def test_a_statement_of_the_last_days_finds_what_stays_away(shop: Shop) -> None:
    """Read each day for a week back, it finds two weeks after a refusal what was not given back, until it is back."""
    shop.far.plan.append(pend("reject"))
    order = shop.place(Kind.REGISTER, "free.test")
    shop.run(days=10)
    charge = shop.far.charges[0]
    charge.refunded = False
    assert compare(shop, days=7) == []
    found = []
    for _ in range(30):
        shop.clock.skip(DAY)
        found += compare(shop, lines=(), days=7)
    assert set(found) == {("charge_not_returned", f"order:{order}")}
    charge.refunded = True
    (_, refund) = charge.lines("charge-0")
    compare(shop, lines=(replace(refund, at=shop.clock.now),), days=7)
    assert findings(shop) == set()


def test_money_that_comes_back_for_a_completed_order_is_looked_into(shop: Shop) -> None:
    """A refund of something we were paid for may mean that the registry undid it."""
    done(shop)
    shop.far.charges[0].refunded = True
    assert [kind for kind, _ in compare(shop)] == ["charge_returned"]


def test_a_top_up_is_no_charge(shop: Shop) -> None:
    """What we paid in belongs to no order and is no difference."""
    now = shop.clock.now
    line = StatementLine("t-1", now, now.isoformat(), Decimal(-500), "units", text="Deposit")
    assert compare(shop, lines=(line,)) == []


def test_a_renewal_elsewhere_is_a_renewal_to_them(shop: Shop) -> None:
    """Their statement calls the renewal of another agent's name a renewal, and it is explained by our order for it."""
    done(shop, Kind.RENEW_ELSEWHERE, "sara.test")
    shop.far.charges[0].kind = Kind.RENEW
    assert compare(shop) == []


def test_our_own_transaction_id_explains_a_line_for_certain(shop: Shop) -> None:
    """Where their line names our transaction, it is that order's, whatever else it says."""
    order = done(shop)
    (line,) = shop.far.charges[0].lines("x-1")
    transaction_id = shop.far.charges[0].transaction_id
    strange = replace(line, at=line.at - 10 * DAY, months=24, client_transaction_id=transaction_id)
    assert compare(shop, lines=(strange,)) == []
    assert shop.ask("SELECT order_id FROM charges") == [(order,)]


def test_two_attempts_that_were_both_charged_are_one_too_many(shop: Shop) -> None:
    """An order whose two attempts both cost explains one charge, although the other names its transaction as well."""
    shop.far.plan.append(LOST_REQUEST)
    order = shop.place()
    shop.work(order)
    shop.run(days=3)
    assert shop.state(order) == State.COMPLETED
    (line,) = shop.far.charges[0].lines("charge-0")
    lines = tuple(
        replace(line, line_id=f"charge-{transaction}", client_transaction_id=transaction)
        for (transaction,) in shop.ask("SELECT client_transaction_id FROM attempts ORDER BY number")
    )
    assert [kind for kind, _ in compare(shop, lines=lines)] == ["charge_not_ordered"]


def test_a_charge_that_was_given_back_makes_room_for_the_next(shop: Shop) -> None:
    """A first attempt's charge that came back, and the second attempt's: both are this order's, in one statement."""
    shop.far.plan.append(LOST_REQUEST)
    order = shop.place()
    shop.work(order)
    shop.run(days=3)
    (line,) = shop.far.charges[0].lines("charge-0")
    first, second = shop.ask("SELECT client_transaction_id FROM attempts ORDER BY number")
    lines = (
        replace(line, line_id="a", client_transaction_id=first[0]),
        replace(line, line_id="b", client_transaction_id=second[0], at=line.at + timedelta(hours=1)),
        replace(line, line_id="c", amount=-line.amount, is_refund=True, at=line.at + timedelta(minutes=1)),
    )
    assert compare(shop, lines=lines) == []
    assert shop.ask("SELECT DISTINCT order_id FROM charges") == [(order,)]


def test_an_unexplained_refund_is_not_called_a_charge(shop: Shop) -> None:
    """Money that came back for nothing we know is told as such, with its amount and what to ask."""
    now = shop.clock.now
    line = StatementLine(
        "r-1",
        now,
        now.isoformat(),
        Decimal("-9.15"),
        "USD",
        kind=Kind.RENEW,
        domain="mina.test",
        is_refund=True,
    )
    assert compare(shop, lines=(line,)) == [("charge_not_ordered", "far: r-1")]
    with shop.database.reading() as connection:
        (told,) = list_open(connection)
    assert "gave back 9.15 USD" in str(told["text"])
    assert "ask the registrar what it was for" in str(told["next_step"])
