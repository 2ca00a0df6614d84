"""Do gift, damages, debts and slips keep the agreement, and the databases with them (D6, F2 to F7, O10)?"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from registrar import bookings, debts, ledger, slips, verification
from registrar.agreement.business_days import last_second
from registrar.agreement.compensation import time_used
from registrar.agreement.penalties import penalty, whole_days
from registrar.agreement.rules import Interest, MoneyRules, Rounding
from registrar.bookings import BookingRefusedError
from registrar.commands import Kind
from registrar.debts import DebtRefusedError
from registrar.ledger import InsufficientBalanceError
from registrar.models import Order
from registrar.money import Money
from registrar.orders import breach
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.slips import SlipRefusedError
from tasks.recount import imbalances, money_of_orders
from tasks.witnesses import read_ledger
from tests.agreement.rulebook import standard
from tests.core.far_side import FarSide, refuse
from tests.core.story import PRICE, Shop, at_once

CUSTOMER = "customer-1"
RULES = standard().at(datetime(2026, 11, 1, tzinfo=UTC)).common


def rials(amount: int) -> Money:
    return Money(amount, "IRR")


def book(shop: Shop, deed: Any, *values: Any, **named: Any) -> Any:
    """Book something, by Sara, on a ticket."""
    with shop.database.transaction() as connection:
        told = {"actor": "staff:sara", "ticket": "T-1", "now": shop.clock.now}
        return deed(connection, *values, **told | named)


def has(shop: Shop) -> dict[str, int]:
    """Return what the customer has, by bucket."""
    with shop.database.reading() as connection:
        return {
            row["bucket"]: row["amount"] for row in ledger.balances(connection, CUSTOMER) if row["amount"]
        }


def agree(shop: Shop) -> None:
    """Have both counts find nothing."""
    with shop.database.snapshot() as connection:
        assert verification.verify(connection).differences == ()
    books = read_ledger(shop.database.url.render_as_string(hide_password=False))
    assert list(imbalances(books, money_of_orders(books))) == []


def line(
    name: str, kind: str, amount: int, *, refundable: bool = True, delivered: bool = False
) -> dict[str, Any]:
    return {
        "line": name,
        "kind": kind,
        "text": name,
        "amount": amount,
        "refundable": refundable,
        "delivered": delivered,
    }


def test_each_line_of_a_failed_order_goes_where_it_belongs(shop: Shop, far: FarSide) -> None:
    """The name's price is cash again, the hosting is for buying again, and what was delivered is kept (D5, D6, E4)."""
    beside = [
        line("hosting", "service", 700),
        line("mail", "service", 300, delivered=True),
        line("late", "fee", 50, refundable=False),
    ]
    order = shop.place(lines=beside)
    far.plan.append(refuse())
    shop.work(order)
    assert has(shop) == {"cash": PRICE, "repurchase": 700}
    assert shop.ask("SELECT line, ended FROM order_lines ORDER BY line") == [
        ("hosting", "credited"),
        ("late", "kept"),
        ("mail", "kept"),
    ]
    assert shop.ask("SELECT count(*) FROM events WHERE kind = 'line.stopped'") == [(1,)]
    agree(shop)


def test_gift_of_a_failed_order_comes_back_with_its_old_end(shop: Shop, far: FarSide) -> None:
    """An order that was paid partly with gift gives the gift back as gift, to its old end, and the rest as cash (F2)."""
    book(shop, bookings.give_gift, CUSTOMER, rials(1000), end=date(2026, 12, 1), reference="g-1")
    payment = {"source": "outside", "paid_at": "2026-03-01T08:00:00Z", "reference": "r-1", "gift": 600}
    order = shop.place(payment=payment)
    assert has(shop) == {"gift": 400}
    far.plan.append(refuse())
    shop.work(order)
    assert has(shop) == {"gift": 1000, "cash": PRICE - 600}
    agree(shop)


def test_gift_that_has_ended_is_not_spent(shop: Shop) -> None:
    """Gift is not spent after its last day, booked as lapsed or not (F2)."""
    book(shop, bookings.give_gift, CUSTOMER, rials(PRICE), end=shop.clock.now.date(), reference="g-1")
    shop.clock.skip(timedelta(days=1))
    with pytest.raises(InsufficientBalanceError):
        shop.place(payment={"source": "balance"})
    with shop.database.transaction() as connection:
        assert bookings.lapse_gifts(connection, now=shop.clock.now, limit=10) == 1
        assert bookings.lapse_gifts(connection, now=shop.clock.now, limit=10) == 0
    assert has(shop) == {}
    agree(shop)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("gift", "cash"),
        ("gift", "outside"),
        ("gift", "other gift"),
        ("lapsed", "cash"),
        ("gifts", "cash"),
        ("cash", "gift"),
        ("outside", "gift"),
        ("orders", "cash"),
    ],
)
def test_the_database_keeps_gift_gift(shop: Shop, source: str, target: str) -> None:
    """Plain SQL cannot turn gift into cash, cash into gift, or give it to somebody else (F2)."""
    shop.top_up(100)
    book(shop, bookings.give_gift, CUSTOMER, rials(100), end=None, reference="g-1")
    book(shop, bookings.give_gift, "customer-2", rials(100), end=None, reference="g-2")
    shop.place()
    with shop.database.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO accounts (owner, name, bucket, currency) VALUES ('house', 'lapsed', 'main', 'IRR')"
            )
        )
    where = {
        "gift": f"owner = 'customer' AND name = '{CUSTOMER}' AND bucket = 'gift'",
        "other gift": "name = 'customer-2' AND bucket = 'gift'",
        "cash": f"name = '{CUSTOMER}' AND bucket = 'cash'",
    }
    ids = [
        shop.ask(
            f"SELECT id FROM accounts WHERE {where.get(side, f'''owner = 'house' AND name = '{side}' ''')}"
        )[0][0]
        for side in (source, target)
    ]
    statement = text(
        "INSERT INTO movements (at, from_account, to_account, amount, currency, kind, reference)"
        " VALUES ('2026-03-01 08:00:00', :source, :target, 5, 'IRR', 'odd', 'odd-1')"
    )
    with pytest.raises(DBAPIError), shop.database.transaction() as connection:
        connection.execute(statement, {"source": ids[0], "target": ids[1]})
    agree(shop)


def test_damages_stay_below_what_was_paid(shop: Shop) -> None:
    """Damages have a ceiling that is shown; above it nothing is booked, by the code or past it (F4)."""
    order = shop.place(Kind.RENEW)
    shop.work(order)
    with shop.database.reading() as connection:
        ceiling = bookings.compensation_ceiling(connection, order, now=shop.clock.now)
    assert ceiling.paid == rials(PRICE)
    with pytest.raises(BookingRefusedError):
        book(shop, bookings.compensate, order, rials(ceiling.most.amount + 1))
    book(shop, bookings.compensate, order, ceiling.most)
    with pytest.raises(DBAPIError), shop.database.transaction() as connection:
        ledger.compensate(connection, order, CUSTOMER, rials(PRICE), reference="past", now=shop.clock.now)
    assert has(shop) == {"cash": ceiling.most.amount}
    agree(shop)


def test_a_payment_that_is_taken_back_is_never_a_balance_below_zero(shop: Shop) -> None:
    """What is in cash goes at once, the rest is a debt, and the order that it paid waits (F7)."""
    order = shop.place()
    shop.top_up(1000)
    done = book(shop, debts.reverse_payment, "receipt-1", reason="cheque not met")
    assert (done.taken, done.owed, done.orders) == (rials(1000), rials(PRICE - 1000), (order,))
    with shop.database.reading() as connection:
        assert debts.stops(connection, shop.row(order)) is not None
    with pytest.raises(DebtRefusedError, match="already"):
        book(shop, debts.reverse_payment, "receipt-1", reason="again")
    agree(shop)
    shop.top_up(PRICE, reference="bank-2")
    with pytest.raises(DebtRefusedError, match="warning"):
        book(shop, debts.set_off, 1)
    book(shop, debts.warn, 1, text="by e-mail")
    book(shop, debts.set_off, 1)
    with shop.database.reading() as connection:
        assert debts.stops(connection, shop.row(order)) is None
    assert has(shop) == {"cash": 1000}
    agree(shop)


@pytest.mark.parametrize(
    ("interest", "rounding", "days", "grown"),
    [
        (Interest.SIMPLE, Rounding.DOWN, 1, 3),
        (Interest.SIMPLE, Rounding.HALF_UP, 1, 4),
        (Interest.SIMPLE, Rounding.UP, 1, 4),
        (Interest.SIMPLE, Rounding.DOWN, 0, 0),
        (Interest.COMPOUND, Rounding.DOWN, 2, 7),
        (Interest.SIMPLE, Rounding.DOWN, 365, 1277),
        (Interest.COMPOUND, Rounding.DOWN, 365, 1878),
    ],
)
def test_a_penalty_is_exact(interest: Interest, rounding: Rounding, days: int, grown: int) -> None:
    """Two per mille of 1,750 rials a day, to the last fraction, simple and compound (F3)."""
    from dataclasses import replace

    rules: MoneyRules = replace(
        RULES.money, penalty_per_mille=2, penalty_interest=interest, penalty_rounding=rounding
    )
    assert penalty(rials(1750), days, rules) == rials(grown)


def test_a_day_that_is_not_over_does_not_count() -> None:
    """A debt of 23 hours and 59 minutes has no whole day (F3)."""
    since = datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert whole_days(since, since + timedelta(hours=24) - timedelta(seconds=1)) == 0
    assert whole_days(since, since + timedelta(hours=24)) == 1


def test_time_is_used_up_to_the_second() -> None:
    """Half a term uses up half the price, and a started unit is used (F4)."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    end = start + timedelta(seconds=10)
    used = [
        time_used(rials(101), start, end, start + timedelta(seconds=at)).amount for at in (-1, 0, 5, 10, 11)
    ]
    assert used == [0, 0, 51, 101, 101]


@pytest.mark.parametrize(
    ("days", "seconds", "state"),
    [
        (RULES.money.slip_by_itself.days, 0, "booked"),
        (RULES.money.slip_by_itself.days, 1, "waits_for_original"),
        (RULES.money.slip_with_original.days, 0, "waits_for_original"),
        (RULES.money.slip_with_original.days, 1, "refused"),
    ],
)
def test_a_slip_is_good_to_the_second(shop: Shop, days: int, seconds: int, state: str) -> None:
    """A slip is good by itself to the end of its tenth day, then with its original, then not at all (F6)."""
    written = last_second(date(2026, 3, 1), RULES.calendar.time_zone)
    shop.clock.now = written + timedelta(days=days, seconds=seconds)
    with shop.database.transaction() as connection:
        told = slips.hand_in(
            connection,
            CUSTOMER,
            rials(500),
            number="s-1",
            paid_on=date(2026, 3, 1),
            rules=RULES,
            actor="portal",
            now=shop.clock.now,
        )
    assert told["state"] == state
    assert has(shop) == ({"cash": 500} if state == "booked" else {})


def test_a_slip_is_taken_once(shop: Shop) -> None:
    """The same number again is refused, for whomever it is (F6)."""

    def hand_in(customer: str) -> None:
        with shop.database.transaction() as connection:
            slips.hand_in(
                connection,
                customer,
                rials(500),
                number="s-1",
                paid_on=shop.clock.now.date(),
                rules=RULES,
                actor="portal",
                now=shop.clock.now,
            )

    hand_in(CUSTOMER)
    with pytest.raises(SlipRefusedError, match="before"):
        hand_in("customer-2")
    assert has(shop) == {"cash": 500}


def test_a_slip_with_a_persian_date_is_not_too_old(shop: Shop) -> None:
    """A slip whose date was written in the Persian calendar is asked for again, and not refused as too old (F6)."""
    with pytest.raises(SlipRefusedError, match="another calendar"), shop.database.transaction() as connection:
        slips.hand_in(
            connection,
            CUSTOMER,
            rials(500),
            number="s-1",
            paid_on=date(1405, 9, 1),
            rules=RULES,
            actor="portal",
            now=shop.clock.now,
        )


def test_ending_for_breach_takes_two(shop: Shop) -> None:
    """One proposes with evidence, another confirms, and nothing is paid back; it is named in every count (O10)."""
    order = shop.place()
    with shop.database.transaction() as connection:
        connection.execute(update(Order).where(Order.id == order).values(state="held", turn="staff"))
    sara, omid = (ByHand(f"staff:{name}", "T-1", shop.clock.now) for name in ("sara", "omid"))
    with shop.database.transaction() as connection:
        breach.propose(connection, order, evidence="ruling 12", act=sara)
    with pytest.raises(ActRefusedError, match="another"), shop.database.transaction() as connection:
        breach.confirm(connection, order, act=sara)
    with shop.database.transaction() as connection:
        breach.confirm(connection, order, act=omid)
    assert (has(shop), shop.row(order).ended_reason) == ({}, "for_breach")
    agree(shop)


def test_twenty_orders_for_one_name_and_money_for_one(shop: Shop, far: FarSide) -> None:
    """Of twenty orders at once with money for one, one is taken and spends; nineteen are refused for lack of balance (F1)."""
    shop.top_up(PRICE)

    def place(number: int) -> int | None:
        try:
            return shop.place(key=f"at-once-{number}", payment={"source": "balance"})
        except InsufficientBalanceError:
            return None

    placed = [order for order in at_once(20, place) if order is not None]
    shop.run(days=3)
    assert (len(placed), len(far.charges), has(shop)) == (1, 1, {})
    agree(shop)


def test_twenty_paid_orders_for_one_name(shop: Shop, far: FarSide) -> None:
    """Of twenty paid registrations of one name one is done, and nineteen prices are back in the credit account (D5)."""
    orders = at_once(20, lambda number: shop.place("register", "new.test", key=f"at-once-{number}"))
    shop.run(days=3)
    states = sorted(shop.state(order) for order in orders)
    assert states == ["completed"] + ["refused"] * 19
    assert (len(far.charges), has(shop)) == (1, {"cash": 19 * PRICE})
    agree(shop)
