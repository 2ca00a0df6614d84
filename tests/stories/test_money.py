"""Money: double entry, and what a customer's credit account can and cannot become (F1 to F7)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from registrar import verification
from registrar.bookings import BookingRefusedError
from registrar.commands import Kind
from registrar.customers.holds import CustomerHoldRefusedError
from registrar.debts import DebtRefusedError
from registrar.ledger import InsufficientBalanceError
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.suspending import Cause
from registrar.slips import SlipRefusedError
from tests.stories.company import HOLDER, PRICE, Company, Customer
from tests.stories.registrar import Registrar


def test_every_rial_has_a_place_it_came_from(company: Company, registrar: Registrar, sara: Customer) -> None:
    """After a top-up, a renewal and a refusal the books add up, counted again from their movements (F1)."""
    sara.tops_up(3 * PRICE, reference="bank-1")
    company.looks_after("example.com", until="2026-03-20 12:00")
    sara.orders_from_balance(Kind.RENEW, "example.com")
    company.works()
    registrar.refuses()
    sara.orders_from_balance(Kind.RENEW, "example.com")
    company.works()
    assert sara.balance() == 2 * PRICE
    with company.shop.database.reading() as connection:
        assert verification.verify(connection).differences == ()


def test_a_balance_never_falls_below_zero(company: Company, sara: Customer) -> None:
    """A balance of one year's price pays one renewal; the second order is refused and leaves no trace (F1)."""
    sara.tops_up(PRICE, reference="bank-1")
    company.looks_after("example.com", until="2026-03-20 12:00")
    sara.orders_from_balance(Kind.RENEW, "example.com")
    with pytest.raises(InsufficientBalanceError):
        sara.orders_from_balance(Kind.RENEW, "example.com")
    assert sara.balance() == 0
    assert sara.statement == [("top_up", PRICE), ("payment", -PRICE)]


@pytest.mark.parametrize("tampering", ["UPDATE movements SET amount = 1", "DELETE FROM movements"])
def test_what_was_booked_is_never_changed(company: Company, sara: Customer, tampering: str) -> None:
    """A line of 1 March cannot be changed or taken out later, by anybody: the database itself refuses (F1)."""
    sara.tops_up(PRICE, reference="bank-1")
    with pytest.raises(DBAPIError), company.shop.database.transaction() as connection:
        connection.execute(text(tampering))
    assert sara.balance() == PRICE


def test_gift_comes_back_as_gift_and_never_as_cash(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A gift of 1,000,000 rials paid a part of a registration that failed on 2 March: it is gift again, to the same end (F2)."""
    company.counter.gives_gift("sara", 1_000_000, until="2026-06-30")
    company.at("2026-03-02 10:00")
    registrar.refuses()
    sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER, gift=1_000_000)
    company.works()
    assert (sara.balance("gift"), sara.gift_ends) == (1_000_000, ["2026-06-30"])
    assert sara.balance() == PRICE - 1_000_000


def test_gift_that_was_not_used_lapses_after_its_last_day(company: Company, sara: Customer) -> None:
    """A gift to 31 March can be spent on 31 March, 23:59:59, and on 1 April there is none (F2)."""
    company.counter.gives_gift("sara", PRICE, until="2026-03-31")
    company.looks_after("example.com", until="2026-06-01 12:00")
    company.at("2026-04-01 00:00:00")
    with pytest.raises(InsufficientBalanceError):
        sara.orders_from_balance(Kind.RENEW, "example.com")
    company.looks_over()
    assert sara.balance("gift") == 0


def test_gift_is_spent_to_the_last_second_of_its_day(company: Company, sara: Customer) -> None:
    """On 31 March, 23:59:59, it pays a renewal still (F2)."""
    company.counter.gives_gift("sara", PRICE, until="2026-03-31")
    company.looks_after("example.com", until="2026-06-01 12:00")
    company.at("2026-03-31 23:59:59")
    order = sara.orders_from_balance(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "done"


def test_whoever_cancels_does_not_get_gift_back(company: Company, sara: Customer) -> None:
    """A customer's own cancellation follows the text: gift is not counted in what is given back (F2, O2)."""
    company.counter.gives_gift("sara", 1_000_000, until="2026-06-30")
    company.looks_after("example.com", until="2026-06-01 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com", gift=1_000_000)
    company.at("2026-03-06 08:00")
    sara.cancels(order)
    assert (sara.balance(), sara.balance("gift")) == (PRICE - 1_000_000, 0)


def test_gift_that_ended_while_its_order_was_open_comes_back_with_more_time(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Spent on 1 March, good to 2 March; the registry said no on 9 March: it is good for 30 days more, as the rules say (F2)."""
    company.counter.gives_gift("sara", PRICE, until="2026-03-02")
    registrar.accepts(and_then="reject", days=8)
    order = sara.orders_from_balance(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.at("2026-03-10 08:00")
    assert order.state == "refused_credited"
    assert sara.balance("gift") == PRICE
    assert sara.gift_ends == ["2026-04-08"]


def test_a_late_debt_grows_by_two_per_mille_a_day(company: Company, sara: Customer) -> None:
    """Owed from 1 March: 10,000,000 rials grow by 20,000 a day, so by 200,000 to 11 March, for whole days only (F3)."""
    debt = owing(company, sara, 10_000_000)
    company.at("2026-03-02 07:59:59")
    assert company.counter.penalty_of(debt) == 0
    company.at("2026-03-11 12:00")
    assert company.counter.penalty_of(debt) == 200_000


def test_a_penalty_is_posted_only_on_request_and_once(company: Company, sara: Customer) -> None:
    """Nothing is added by itself: on 11 March staff ask for it on a ticket, and a second time there is nothing left (F3, C1)."""
    debt = owing(company, sara, 10_000_000)
    company.at("2026-03-11 12:00")
    assert [owed["cause"] for owed in company.counter.debts_of("sara")] == ["payment_reversed"]
    assert company.counter.posts_penalty(debt) == 200_000
    with pytest.raises(DebtRefusedError, match="no whole day"):
        company.counter.posts_penalty(debt)


def test_compensation_is_apart_and_has_a_ceiling(company: Company, sara: Customer) -> None:
    """Half a year into a year's term, damages come to the other half at most, however long somebody argues (F4)."""
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    company.at("2026-08-30 20:00")
    ceiling = company.counter.most_damages(order.number)
    assert ceiling.most.amount == PRICE // 2
    with pytest.raises(BookingRefusedError, match="at most"):
        company.counter.pays_damages(order.number, PRICE // 2 + 1)
    company.counter.pays_damages(order.number, 1_000_000)
    assert sara.statement == [("compensation", 1_000_000)]
    assert company.counter.most_damages(order.number).most.amount == PRICE // 2 - 1_000_000


def test_what_was_credited_in_full_leaves_no_damages(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A failed order came back in full, and that is the whole remedy: nothing can be paid on top of what it cost (F4, D5)."""
    registrar.refuses()
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    assert sara.balance() == PRICE
    assert company.counter.most_damages(order.number).most.amount == 0


def test_nothing_stops_for_a_debt_that_nobody_warned_of(company: Company, sara: Customer) -> None:
    """Before a recorded warning neither orders wait, nor is a name cut off, nor anything set off (F5, O11)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    debt = owing(company, sara, 1_000_000)
    with pytest.raises(CustomerHoldRefusedError, match="warn him first"):
        company.holds_for_debt(sara)
    with pytest.raises(ActRefusedError, match="warn him first"):
        company.suspends("example.com", cause=Cause.DEBT)
    with pytest.raises(DebtRefusedError, match="warn the customer first"):
        company.counter.sets_off(debt)


def test_after_a_warning_a_debt_may_stop_other_orders(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Warned on 5 March and unpaid on 21 March: from then on his orders wait, and go out when the debt is paid (F5)."""
    debt = owing(company, sara, 1_000_000)
    company.at("2026-03-05 10:00")
    company.counter.warns(debt)
    company.at("2026-03-21 10:00")
    company.holds_for_debt(sara)
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.at("2026-03-22 10:00")
    assert order.state == "queued"
    company.counter.is_paid(debt)
    company.releases_debt(sara)
    company.works()
    assert order.state == "done"


def test_credit_is_set_off_against_a_debt_in_one_sum(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """After the warning a credit of 4,500,000 rials settles a debt of 1,000,000, as a line of its own (F5, F3)."""
    debt = owing(company, sara, 1_000_000)
    company.counter.warns(debt)
    registrar.refuses()
    sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    company.counter.sets_off(debt)
    assert sara.balance() == PRICE - 1_000_000
    assert sara.statement[-1] == ("set_off", -1_000_000)


@pytest.mark.parametrize(
    ("handed_in", "state"),
    [
        ("2026-03-11 23:59:59", "booked"),
        ("2026-03-12 00:00:00", "waits_for_original"),
        ("2026-09-03 23:59:59", "waits_for_original"),
        ("2026-09-04 00:00:00", "refused"),
    ],
)
def test_a_slip_is_good_for_ten_days_by_itself(
    company: Company, sara: Customer, handed_in: str, state: str
) -> None:
    """A slip of 1 March is booked by itself for ten days, then with its original, and after six months not at all (F6)."""
    company.at(handed_in)
    slip = company.counter.takes_slip("sara", PRICE, number="S-1042", paid_on="2026-03-01")
    assert slip["state"] == state
    assert sara.balance() == (PRICE if state == "booked" else 0)


def test_a_slip_counts_once(company: Company, sara: Customer) -> None:
    """The same slip handed in a second time, by anybody, is refused: it was booked on 3 March (F6)."""
    company.at("2026-03-03 10:00")
    company.counter.takes_slip("sara", PRICE, number="S-1042", paid_on="2026-03-01")
    with pytest.raises(SlipRefusedError, match="handed in before"):
        company.counter.takes_slip("reza", PRICE, number="S-1042", paid_on="2026-03-01")
    assert (sara.balance(), company.customer("reza").balance()) == (PRICE, 0)


def test_with_the_original_staff_book_an_older_slip(company: Company, sara: Customer) -> None:
    """A slip of 1 March comes on 20 March; on 25 March its original lies on the counter, and it is booked on a ticket (F6, C1)."""
    company.at("2026-03-20 10:00")
    slip = company.counter.takes_slip("sara", PRICE, number="S-1042", paid_on="2026-03-01")
    assert company.alarms == ["slip_waits"]
    company.at("2026-03-25 10:00")
    company.counter.has_the_original(slip["id"])
    assert sara.balance() == PRICE
    assert company.alarms == []


def test_a_payment_taken_back_becomes_a_debt(company: Company, sara: Customer) -> None:
    """A top-up by cheque, spent on 1 March, is not met on 4 March: what is left goes, the rest is owed, none falls below zero (F7)."""
    sara.tops_up(PRICE + 500_000, reference="cheque-1042")
    company.looks_after("example.com", until="2026-09-01 12:00")
    sara.orders_from_balance(Kind.RENEW, "example.com")
    company.at("2026-03-04 10:00")
    company.counter.takes_back("cheque-1042")
    assert sara.balance() == 0
    assert [(owed["cause"], owed["amount"]) for owed in company.counter.debts_of("sara")] == [
        ("payment_reversed", PRICE)
    ]


def test_an_open_order_waits_for_the_payment_that_was_taken_back(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """The cheque that paid an open order is not met: the order waits, is not lost, and goes out when the debt is settled (F7)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.counter.takes_back("receipt-1")
    company.sends_again()
    company.at("2026-03-03 08:00")
    assert order.state == "queued"
    assert registrar.heard == 0
    (debt,) = company.counter.debts_of("sara")
    company.counter.is_paid(debt["id"])
    company.at("2026-03-03 10:00")
    assert order.state == "done"


def owing(company: Company, customer: Customer, amount: int) -> int:
    """Have a customer owe something: a top-up that was spent, and taken back by his bank."""
    customer.tops_up(amount, reference="cheque-1042")
    customer.orders_from_balance(
        Kind.REGISTER, "example.ir", contacts=HOLDER, price={"amount": amount, "currency": "IRR"}
    )
    company.works()
    company.counter.takes_back("cheque-1042")
    (debt,) = company.counter.debts_of(customer.name)
    return int(debt["id"])
