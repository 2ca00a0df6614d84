"""Does each booking write exactly the movement that it says, and each question answer from exactly the right ones (F1)?"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Select, event, select
from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from registrar import ledger
from registrar.agreement.rules import Bucket
from registrar.ledger import (
    MAIN_LINE,
    InsufficientBalanceError,
    NotReversibleError,
    Share,
    TopUpRepeatedError,
)
from registrar.ledger.phases import share_of
from registrar.ledger.places import OUTSIDE, Cause, account_of, house, lock_purses, move, of_customer, purses
from registrar.models import Account, Movement
from registrar.money import Money
from tests.core.story import Shop, unbalanced

CUSTOMER, OTHER = "customer-1", "customer-2"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
POSTGRESQL: Dialect = registry.load("postgresql")()
SOON, LATER = date(2026, 6, 1), date(2026, 9, 1)
GIFT_SOON, GIFT_LATER = "gift-20260601", "gift-20260901"


def rials(amount: int) -> Money:
    return Money(amount, "IRR")


@pytest.fixture
def orders(shop: Shop) -> tuple[int, int]:
    """Give two orders that cost nothing, so that a test says what they take."""
    nothing = {"amount": 0, "currency": "IRR"}
    return shop.place(price=nothing), shop.place(price=nothing)


@pytest.fixture
def order(orders: tuple[int, int]) -> int:
    """Give the order that a test is about."""
    return orders[0]


@pytest.fixture
def another(orders: tuple[int, int]) -> int:
    """Give an order beside it."""
    return orders[1]


@pytest.fixture
def connection(shop: Shop, orders: tuple[int, int]) -> Iterator[Connection]:
    """Give one transaction on fresh books; what it wrote must add up."""
    with shop.database.transaction() as connection:
        yield connection
    assert unbalanced(shop) == []


def movements(connection: Connection, *, after: int = 0) -> list[tuple[Any, ...]]:
    """Return every movement with its two sides, the oldest first."""
    source, target = aliased(Account), aliased(Account)
    query = (
        select(Movement.kind, source.name, source.bucket, target.name, target.bucket, Movement.amount)
        .add_columns(Movement.order_id, Movement.line, Movement.phase, Movement.reference)
        .add_columns(Movement.about_order_id)
        .join(source, source.id == Movement.from_account)
        .join(target, target.id == Movement.to_account)
        .where(Movement.id > after)
        .order_by(Movement.id)
    )
    return [tuple(row) for row in connection.execute(query)]


def newest(connection: Connection) -> int:
    return connection.execute(select(Movement.id).order_by(Movement.id.desc())).scalars().first() or 0


def beside(kind: str, source: str, target: str, amount: int, **told: Any) -> tuple[Any, ...]:
    """Return a movement outside an order's phases; a side is `name/bucket`."""
    sides = (*source.split("/"), *target.split("/"))
    return (kind, *sides, amount, None, None, None, told.get("reference"), told.get("about"))


def within(  # noqa: PLR0917 - read as a row of the books
    kind: str, source: str, target: str, amount: int, order: int, line: str, phase: int
) -> tuple[Any, ...]:
    """Return a movement of an order's line."""
    return (kind, *source.split("/"), *target.split("/"), amount, order, line, phase, None, None)


def top_up(connection: Connection, amount: int, *, customer: str = CUSTOMER, reference: str = "bank") -> None:
    ledger.top_up(connection, customer, rials(amount), reference=reference, now=NOW)


def give(connection: Connection, amount: int, end: date | None, *, reference: str = "g") -> None:
    ledger.give_gift(connection, CUSTOMER, rials(amount), end=end, reference=reference, now=NOW)


def paid_in(connection: Connection, order: int, **costs: int) -> None:
    """Have an order take the cost of its lines from outside."""
    lines = {line: rials(amount) for line, amount in costs.items()}
    ledger.take_from_outside(connection, order, CUSTOMER, lines, now=NOW)


def meanwhile(connection: Connection, deed: Callable[[], object]) -> None:
    """Let something be booked between a booking's own look and its write."""
    event.listen(connection, "savepoint", lambda *_: deed(), once=True)


def test_a_top_up_comes_from_outside_into_cash(connection: Connection) -> None:
    """The movement has its moment, its reference and its two sides (F1)."""
    top_up(connection, 70)
    assert movements(connection) == [
        beside("top_up", "outside/main", "customer-1/cash", 70, reference="bank")
    ]
    assert connection.execute(select(Movement.at)).scalar_one() == NOW
    assert {tuple(row) for row in connection.execute(select(Account.owner, Account.name))} == {
        ("house", "outside"),
        ("customer", CUSTOMER),
    }


@pytest.mark.parametrize(
    ("customer", "amount", "said"),
    [
        (CUSTOMER, 70, "the top-up 'bank' is booked already: 70 IRR for customer 'customer-1'; nothing"),
        (CUSTOMER, 71, "the reference 'bank' was used for something else: 70 IRR for customer 'customer-1'"),
        (OTHER, 70, "the reference 'bank' was used for something else: 70 IRR for customer 'customer-1'"),
    ],
)
@pytest.mark.parametrize("at_this_moment", [False, True])
def test_a_reference_is_used_once(
    connection: Connection, customer: str, amount: int, said: str, *, at_this_moment: bool
) -> None:
    """A payment is booked once; whoever repeats it, even at the same moment, reads whether it was this very one."""
    top_up(connection, 1, customer="customer-9", reference="another")
    give(connection, 3, None, reference="bank")
    if at_this_moment:
        meanwhile(connection, lambda: top_up(connection, 70))
    else:
        top_up(connection, 70)
    with pytest.raises(TopUpRepeatedError) as refused:
        top_up(connection, amount, customer=customer)
    assert str(refused.value).startswith(said)
    assert isinstance(refused.value.__cause__, IntegrityError) is at_this_moment
    assert [row[5] for row in movements(connection)] == [1, 3, 70]


def test_what_the_books_refuse_is_no_repetition(connection: Connection) -> None:
    """A payment below nothing is refused as what it is."""
    with pytest.raises(IntegrityError):
        top_up(connection, -5)
    assert movements(connection) == []


def test_gift_has_a_bucket_of_its_own_for_each_end(connection: Connection) -> None:
    """Gift comes from the house's gifts, and lapses out of the bucket whose end has passed, as much as there is (F2)."""
    give(connection, 50, SOON, reference="g-1")
    give(connection, 20, None, reference="g-2")
    assert ledger.lapse(connection, CUSTOMER, GIFT_SOON, "IRR", now=NOW) == rials(50)
    assert ledger.lapse(connection, CUSTOMER, GIFT_SOON, "IRR", now=NOW) == rials(0)
    assert ledger.lapse(connection, CUSTOMER, GIFT_LATER, "IRR", now=NOW) == rials(0)
    assert movements(connection) == [
        beside("gift", "gifts/main", f"customer-1/{GIFT_SOON}", 50, reference="g-1"),
        beside("gift", "gifts/main", "customer-1/gift", 20, reference="g-2"),
        beside("gift_lapsed", f"customer-1/{GIFT_SOON}", "lapsed/main", 50),
    ]


def test_what_came_back_for_an_order_is_counted_in_money(connection: Connection, order: int) -> None:
    """Credits and damages count, less damages that were a mistake; gift, debts and other orders do not (F2, F4)."""
    give(connection, 10, None)
    costs = {"domain": rials(100), "mail": rials(40), "hosting": rials(20)}
    ledger.take_from_outside(connection, order, CUSTOMER, costs, gift=10, now=NOW)
    ledger.credit(connection, order, CUSTOMER, Share("domain", "gift", rials(10)), bucket="gift", now=NOW)
    ledger.earn(connection, order, Share("domain", "cash", rials(90)), now=NOW)
    assert ledger.credited_for(connection, order) == 0
    ledger.credit(connection, order, CUSTOMER, Share("mail", "cash", rials(40)), bucket="cash", now=NOW)
    repurchased = Share("hosting", "cash", rials(20))
    ledger.credit(connection, order, CUSTOMER, repurchased, bucket="repurchase", now=NOW)
    ledger.compensate(connection, order, CUSTOMER, rials(5), reference="c-1", now=NOW)
    ledger.compensate(connection, order, CUSTOMER, rials(7), reference="c-2", now=NOW)
    assert movements(connection)[-1] == beside(
        "compensation", "earned/main", "customer-1/cash", 7, reference="c-2", about=order
    )
    assert ledger.credited_for(connection, order) == 72
    ledger.reverse(connection, newest(connection), now=NOW)
    ledger.owe(connection, 9, rials(3), paid_back=False, order_id=order, now=NOW)
    assert ledger.credited_for(connection, order) == 65
    assert ledger.credited_for(connection, 999) == 0


@pytest.mark.parametrize(("paid_back", "target"), [(True, "outside/main"), (False, "earned/main")])
def test_a_debt_is_owed_to_us(connection: Connection, order: int, *, paid_back: bool, target: str) -> None:
    """What the bank took back went outside; a fee or a penalty is earned (F7)."""
    ledger.owe(connection, 9, rials(30), paid_back=paid_back, order_id=order, now=NOW)
    assert movements(connection) == [beside("debt", "owed/main", target, 30, reference="9", about=order)]


def test_a_debt_is_settled_from_outside_or_from_his_cash(connection: Connection) -> None:
    """It is settled in one sum, to the last rial of his cash if need be (F5)."""
    ledger.settle(connection, 9, rials(30), customer=None, now=NOW)
    top_up(connection, 40)
    assert ledger.cash_of(connection, CUSTOMER, "IRR") == 40
    ledger.settle(connection, 10, rials(40), customer=CUSTOMER, now=NOW)
    assert movements(connection) == [
        beside("debt_paid", "outside/main", "owed/main", 30, reference="9"),
        beside("top_up", "outside/main", "customer-1/cash", 40, reference="bank"),
        beside("set_off", "customer-1/cash", "owed/main", 40, reference="10"),
    ]


@pytest.mark.parametrize("there", [0, 39])
def test_a_debt_is_not_settled_in_part(connection: Connection, there: int) -> None:
    """Where his cash does not cover it nothing is taken, and what there is is said; gift is no cash (F2, F5)."""
    give(connection, 100, None)
    if there:
        top_up(connection, there)
    before = movements(connection)
    with pytest.raises(InsufficientBalanceError) as refused:
        ledger.settle(connection, 10, rials(40), customer=CUSTOMER, now=NOW)
    assert refused.value.balance == rials(there)
    assert str(refused.value) == (
        f"the customer's cash balance that can be spent is {there} IRR: ask for no more of it"
    )
    assert movements(connection) == before


@pytest.mark.parametrize(("there", "taken"), [(0, 0), (30, 30), (50, 50), (70, 50)])
def test_a_payment_that_was_taken_back_leaves_his_cash_first(
    connection: Connection, order: int, there: int, taken: int
) -> None:
    """As much of it as there is in cash goes outside again; the rest is told, to be owed (F7)."""
    give(connection, 100, None)
    if there:
        top_up(connection, there)
    before = newest(connection)
    rest = ledger.pay_back(
        connection, CUSTOMER, rials(50), kind="taken_back", reference="bank", order_id=order, now=NOW
    )
    assert rest == rials(50 - taken)
    expected = beside("taken_back", "customer-1/cash", "outside/main", taken, reference="bank", about=order)
    assert movements(connection, after=before) == ([expected] if taken else [])


def mistakes(connection: Connection, order: int) -> dict[str, int]:
    """Book one of each that can be put right, and return their numbers."""
    paid_in(connection, order, domain=100)
    ledger.earn(connection, order, Share(MAIN_LINE, "cash", rials(100)), now=NOW)
    numbers = {}
    top_up(connection, 70)
    numbers["top_up"] = newest(connection)
    give(connection, 50, SOON)
    numbers["gift"] = newest(connection)
    ledger.compensate(connection, order, CUSTOMER, rials(5), reference="c-1", now=NOW)
    return numbers | {"compensation": newest(connection)}


def test_a_mistake_is_put_right_by_its_opposite(connection: Connection, order: int) -> None:
    """The opposite goes back where the mistake came from, names it, and is about the same order (C1)."""
    numbers = mistakes(connection, order)
    last = newest(connection)
    written = [ledger.reverse(connection, number, now=NOW) for number in numbers.values()]
    assert written == [last + 1, last + 2, last + 3]
    assert movements(connection, after=last) == [
        beside("top_up_reversed", "customer-1/cash", "outside/main", 70, reference=str(numbers["top_up"])),
        beside("gift_reversed", f"customer-1/{GIFT_SOON}", "gifts/main", 50, reference=str(numbers["gift"])),
        beside(
            "compensation_reversed",
            "customer-1/cash",
            "earned/main",
            5,
            reference=str(numbers["compensation"]),
            about=order,
        ),
    ]


def test_gift_that_was_booked_as_lapsed_by_mistake_comes_back(connection: Connection) -> None:
    """What the house takes back needs nobody's balance (F2)."""
    give(connection, 50, SOON)
    ledger.lapse(connection, CUSTOMER, GIFT_SOON, "IRR", now=NOW)
    lapsed = newest(connection)
    ledger.reverse(connection, lapsed, now=NOW)
    assert movements(connection)[-1] == beside(
        "gift_lapsed_reversed", "lapsed/main", f"customer-1/{GIFT_SOON}", 50, reference=str(lapsed)
    )


@pytest.mark.parametrize("at_this_moment", [False, True])
def test_a_mistake_is_put_right_once(connection: Connection, order: int, *, at_this_moment: bool) -> None:
    """Whoever comes another, even at the same moment, is told; and the opposite itself is no mistake."""
    number = mistakes(connection, order)["top_up"]
    top_up(connection, 500, reference="bank-2")
    if at_this_moment:
        meanwhile(connection, lambda: ledger.reverse(connection, number, now=NOW))
    else:
        ledger.reverse(connection, number, now=NOW)
    with pytest.raises(NotReversibleError) as refused:
        ledger.reverse(connection, number, now=NOW)
    assert str(refused.value) == f"movement {number} was reversed already"
    assert isinstance(refused.value.__cause__, IntegrityError) is at_this_moment
    with pytest.raises(NotReversibleError, match=r"^a top_up_reversed is not reversed: top_up, gift, "):
        ledger.reverse(connection, newest(connection), now=NOW)


def test_another_mistake_does_not_stand_in_the_way(connection: Connection, order: int) -> None:
    """That a movement like it was put right, or that a payment is called by its number, says nothing of this one."""
    number = mistakes(connection, order)["top_up"]
    top_up(connection, 70, reference=str(number))
    ledger.reverse(connection, newest(connection), now=NOW)
    assert ledger.reverse(connection, number, now=NOW) == newest(connection)


def test_what_is_no_mistake_is_not_put_right(connection: Connection, order: int) -> None:
    """An order is ended and a debt settled; neither is undone in the books, and what is not there neither."""
    mistakes(connection, order)
    ledger.owe(connection, 9, rials(3), paid_back=False, order_id=order, now=NOW)
    for number, said in (
        (1, f"movement 1 is of order {order}: what an order took is earned or credited by its end"),
        (2, f"movement 2 is of order {order}: what an order took is earned or credited by its end"),
        (newest(connection), "a debt is not reversed: top_up, gift, gift_lapsed, compensation are; a debt"),
        (999, "there is no movement 999"),
    ):
        with pytest.raises(NotReversibleError) as refused:
            ledger.reverse(connection, number, now=NOW)
        assert str(refused.value).startswith(said)


@pytest.mark.parametrize(("left", "possible"), [(70, True), (69, False), (0, False)])
def test_a_mistake_that_was_spent_is_not_put_right(
    connection: Connection, order: int, left: int, *, possible: bool
) -> None:
    """Money that is no longer there is not taken a second time, and what there is is said."""
    top_up(connection, 70)
    number = newest(connection)
    if left < 70:
        cost = {MAIN_LINE: rials(70 - left)}
        ledger.take_from_balance(connection, order, CUSTOMER, cost, now=NOW)
    if possible:
        ledger.reverse(connection, number, now=NOW)
        return
    with pytest.raises(InsufficientBalanceError, match="the customer's cash balance that can be") as refused:
        ledger.reverse(connection, number, now=NOW)
    assert refused.value.balance == rials(left)


def test_an_order_paid_outside_takes_each_line(connection: Connection, order: int) -> None:
    """Each line is a movement of its own, in its order's first phase."""
    top_up(connection, 500)
    paid_in(connection, order, domain=100, hosting=20)
    assert movements(connection)[1:] == [
        within("payment", "outside/main", "orders/main", 100, order, "domain", 1),
        within("payment", "outside/main", "orders/main", 20, order, "hosting", 1),
    ]


def test_gift_that_ends_first_goes_first_for_the_first_line(connection: Connection, order: int) -> None:
    """As much gift as the portal says, that which ends first, for the name before what is beside it; the rest is outside's (F2)."""
    give(connection, 50, None, reference="g-1")
    give(connection, 30, LATER, reference="g-2")
    give(connection, 25, SOON, reference="g-3")
    give(connection, 90, date(2026, 2, 28), reference="ended")
    top_up(connection, 500)
    before = newest(connection)
    costs = {"domain": rials(40), "hosting": rials(60)}
    ledger.take_from_outside(connection, order, CUSTOMER, costs, gift=60, now=NOW)
    assert movements(connection, after=before) == [
        within("payment", f"customer-1/{GIFT_SOON}", "orders/main", 25, order, f"domain.{GIFT_SOON}", 1),
        within("payment", f"customer-1/{GIFT_LATER}", "orders/main", 15, order, f"domain.{GIFT_LATER}", 1),
        within("payment", f"customer-1/{GIFT_LATER}", "orders/main", 15, order, f"hosting.{GIFT_LATER}", 1),
        within("payment", "customer-1/gift", "orders/main", 5, order, "hosting.gift", 1),
        within("payment", "outside/main", "orders/main", 40, order, "hosting", 1),
    ]


@pytest.mark.parametrize("there", [0, 59])
def test_more_gift_than_there_is_is_refused(connection: Connection, order: int, there: int) -> None:
    """Nothing is moved, and what there is of gift is said; cash is not taken in its place (F2)."""
    top_up(connection, 500)
    if there:
        give(connection, there, None)
    before = newest(connection)
    with pytest.raises(InsufficientBalanceError) as refused:
        ledger.take_from_outside(connection, order, CUSTOMER, {MAIN_LINE: rials(100)}, gift=60, now=NOW)
    assert refused.value.balance == rials(there)
    assert str(refused.value) == (
        f"the customer's gift that can be spent is {there} IRR: ask for no more of it"
    )
    assert movements(connection, after=before) == []


@pytest.mark.parametrize(
    ("spend", "taken"),
    [
        (None, {GIFT_SOON: 25, "gift": 10, "repurchase": 20, "cash": 45}),
        ((Bucket.CASH, Bucket.REPURCHASE, Bucket.GIFT), {"cash": 80, "repurchase": 20}),
        ((Bucket.REPURCHASE, Bucket.CASH), {"repurchase": 20, "cash": 80}),
    ],
)
def test_a_balance_is_spent_bucket_by_bucket(
    connection: Connection, order: int, another: int, spend: tuple[Bucket, ...] | None, taken: dict[str, int]
) -> None:
    """Gift, repurchase, cash, or as the rules say; a bucket that they leave out is not touched (F1)."""
    paid_in(connection, order, domain=20)
    to_buy_again = Share(MAIN_LINE, "cash", rials(20))
    ledger.credit(connection, order, CUSTOMER, to_buy_again, bucket="repurchase", now=NOW)
    top_up(connection, 80)
    give(connection, 10, None, reference="g-1")
    give(connection, 25, SOON, reference="g-2")
    before = newest(connection)
    named = {} if spend is None else {"spend": spend}
    ledger.take_from_balance(connection, another, CUSTOMER, {MAIN_LINE: rials(100)}, now=NOW, **named)
    assert movements(connection, after=before) == [
        within(
            "payment",
            f"customer-1/{bucket}",
            "orders/main",
            amount,
            another,
            "domain" if bucket == "cash" else f"domain.{bucket}",
            1,
        )
        for bucket, amount in taken.items()
    ]


@pytest.mark.parametrize("there", [0, 99])
def test_an_order_that_the_balance_does_not_cover_takes_nothing(
    connection: Connection, order: int, there: int
) -> None:
    """He reads what there is, and what he can do; another's money and another currency's is not his (F1)."""
    top_up(connection, 500, customer=OTHER, reference="bank-2")
    ledger.top_up(connection, CUSTOMER, Money(500, "USD"), reference="bank-3", now=NOW)
    if there:
        top_up(connection, there)
    before = newest(connection)
    with pytest.raises(InsufficientBalanceError) as refused:
        ledger.take_from_balance(connection, order, CUSTOMER, {MAIN_LINE: rials(100)}, now=NOW)
    assert refused.value.balance == rials(there)
    assert str(refused.value) == (
        f"the customer's balance is {there} IRR: top it up, or pay the order from outside"
    )
    assert movements(connection, after=before) == []


def test_the_last_rial_pays(connection: Connection, order: int) -> None:
    """A balance that is exactly enough is enough, to the one rial that is in a bucket of its own."""
    top_up(connection, 99)
    give(connection, 1, None)
    ledger.take_from_balance(connection, order, CUSTOMER, {MAIN_LINE: rials(100)}, now=NOW)
    assert purses(connection, CUSTOMER, "IRR") == {"cash": 0, "gift": 0}
    give(connection, 1, None, reference="g-2")
    assert purses(connection, CUSTOMER, "IRR") == {"cash": 0, "gift": 1}


def test_each_way_out_of_an_order_is_its_own(connection: Connection, order: int, another: int) -> None:
    """Earned, kept, credited, lapsed, forfeited: each gives on what its share took, and stands no more (D5, D6, F2, O10)."""
    give(connection, 30, None)
    lines = ("domain", "mail", "late", "hosting")
    costs = {line: rials(10 + number) for number, line in enumerate(lines)}
    ledger.take_from_outside(connection, order, CUSTOMER, costs, gift=5, now=NOW)
    shares = ledger.standing_shares(connection, order)
    assert shares == [
        Share("domain", "gift", rials(5)),
        Share("domain", "cash", rials(5)),
        Share("mail", "cash", rials(11)),
        Share("late", "cash", rials(12)),
        Share("hosting", "cash", rials(13)),
    ]
    paid_in(connection, another, domain=77)
    before = newest(connection)
    ledger.let_lapse(connection, order, shares[0], now=NOW)
    ledger.earn(connection, order, shares[1], now=NOW)
    ledger.keep(connection, order, shares[2], now=NOW)
    assert ledger.standing_shares(connection, order) == shares[3:]
    ledger.forfeit(connection, order, shares[3], now=NOW)
    ledger.credit(connection, order, CUSTOMER, shares[4], bucket="repurchase", now=NOW)
    assert movements(connection, after=before) == [
        within("lapsed", "orders/main", "lapsed/main", 5, order, "domain.gift", 2),
        within("earned", "orders/main", "earned/main", 5, order, "domain", 2),
        within("kept", "orders/main", "earned/main", 11, order, "mail", 2),
        within("forfeited", "orders/main", "forfeited/main", 12, order, "late", 2),
        within("credit", "orders/main", "customer-1/repurchase", 13, order, "hosting", 2),
    ]
    assert ledger.standing_shares(connection, order) == []
    assert ledger.standing_shares(connection, another) == [Share("domain", "cash", rials(77))]


def test_a_share_is_read_as_it_was_written() -> None:
    """A line of the books names the order's line, and the bucket unless it is cash."""
    for share in (Share("domain", "cash", rials(1)), Share("late", GIFT_SOON, rials(2))):
        assert share_of(share.entry, share.amount) == share
    assert share_of("domain.x.y", rials(3)) == Share("domain", "x.y", rials(3))


def test_a_customer_s_balance_is_told_by_bucket(connection: Connection) -> None:
    """Each bucket and currency with what is in it, gift with its end; gift that is used up is left out (O7)."""
    give(connection, 9, LATER, reference="g-3")
    give(connection, 50, SOON, reference="g-1")
    give(connection, 20, None, reference="g-2")
    ledger.lapse(connection, CUSTOMER, GIFT_SOON, "IRR", now=NOW)
    ledger.top_up(connection, CUSTOMER, Money(500, "USD"), reference="bank-2", now=NOW)
    top_up(connection, 70)
    ledger.settle(connection, 9, rials(70), customer=CUSTOMER, now=NOW)
    top_up(connection, 1, customer=OTHER, reference="bank-3")
    assert ledger.balances(connection, CUSTOMER) == [
        {"bucket": "cash", "currency": "IRR", "amount": 0, "expires_on": None},
        {"bucket": "cash", "currency": "USD", "amount": 500, "expires_on": None},
        {"bucket": "gift", "currency": "IRR", "amount": 20, "expires_on": None},
        {"bucket": "gift", "currency": "IRR", "amount": 9, "expires_on": LATER},
    ]
    assert ledger.balances(connection, "outside") == []


def test_a_statement_is_paged_by_its_lines_numbers(connection: Connection, order: int) -> None:
    """Each line is signed, with the balance after it, what it is about, and the end of gift; the oldest first (O7)."""
    top_up(connection, 70)
    give(connection, 50, SOON)
    costs = {MAIN_LINE: rials(100)}
    ledger.take_from_balance(connection, order, CUSTOMER, costs, now=NOW + timedelta(hours=1))
    ledger.earn(connection, order, Share(MAIN_LINE, "cash", rials(50)), now=NOW)
    ledger.compensate(connection, order, CUSTOMER, rials(5), reference="c-1", now=NOW)
    top_up(connection, 1, customer=OTHER, reference="bank-2")
    lines = ledger.statement(connection, CUSTOMER)
    assert [line[1:] for line in lines] == [
        (NOW, "top_up", 70, "IRR", "cash", 70, None, "bank", None),
        (NOW, "gift", 50, "IRR", "gift", 50, None, "g", SOON),
        (NOW + timedelta(hours=1), "payment", -50, "IRR", "gift", 0, order, None, SOON),
        (NOW + timedelta(hours=1), "payment", -50, "IRR", "cash", 20, order, None, None),
        (NOW, "compensation", 5, "IRR", "cash", 25, order, "c-1", None),
    ]
    assert [line.id for line in lines] == sorted(line.id for line in lines)
    assert ledger.statement(connection, CUSTOMER, limit=2) == lines[:2]
    assert ledger.statement(connection, CUSTOMER, after=lines[1].id, limit=2) == lines[2:4]
    assert ledger.statement(connection, "outside") == []


def test_a_statement_has_a_hundred_lines_unless_more_are_asked_for(connection: Connection) -> None:
    """A page has an end, also for a customer with a long history (O7)."""
    for number in range(101):
        top_up(connection, 1, reference=f"bank-{number}")
    assert len(ledger.statement(connection, CUSTOMER)) == 100


def test_an_order_s_money_is_told_line_by_line(connection: Connection, order: int, another: int) -> None:
    """Where each line's money came from and where it went, by the accounts' names, the oldest first (O7)."""
    paid_in(connection, order, domain=100, certificate=20)
    share = Share(MAIN_LINE, "cash", rials(100))
    ledger.credit(connection, order, CUSTOMER, share, bucket="cash", now=NOW + timedelta(hours=1))
    paid_in(connection, another, domain=77)
    domain = {"line": "domain", "amount": 100, "currency": "IRR"}
    beside_it = {"line": "certificate", "amount": 20, "currency": "IRR"}
    paid = {"at": NOW, "kind": "payment", "phase": 1, "from": "outside", "to": "orders", "bucket": "main"}
    later = {"at": NOW + timedelta(hours=1), "kind": "credit", "phase": 2, "from": "orders"}
    credited = later | {"to": CUSTOMER, "bucket": "cash"}
    assert ledger.order_lines(connection, order) == [domain | paid, beside_it | paid, domain | credited]


def test_an_account_is_made_once_and_nothing_moves_nothing(connection: Connection) -> None:
    """The house has one account of each name, a customer one of each bucket; a sum of nothing makes none."""
    assert house("outside") == OUTSIDE == ("house", "outside", "main")
    assert of_customer(CUSTOMER) == ("customer", CUSTOMER, "cash")
    assert move(connection, OUTSIDE, of_customer(CUSTOMER), rials(0), Cause("odd"), now=NOW) is None
    assert connection.execute(select(Account.id)).all() == []
    first = account_of(connection, of_customer(CUSTOMER), "IRR")
    assert account_of(connection, of_customer(CUSTOMER), "IRR") == first
    assert account_of(connection, of_customer(CUSTOMER), "USD") != first
    assert move(connection, OUTSIDE, of_customer(CUSTOMER), rials(5), Cause("odd"), now=NOW) == newest(
        connection
    )


def test_only_his_own_purses_are_his(connection: Connection) -> None:
    """A customer may be called as one of our accounts is: his money is still his, in its currency."""
    top_up(connection, 70, customer="earned")
    ledger.owe(connection, 9, rials(30), paid_back=False, order_id=None, now=NOW)
    ledger.top_up(connection, "earned", Money(500, "USD"), reference="bank-2", now=NOW)
    top_up(connection, 5, customer=OTHER, reference="bank-3")
    assert purses(connection, "earned", "IRR") == {"cash": 70}
    assert [bucket for _, bucket in lock_purses(connection, "earned", "IRR")] == ["cash"]
    assert ledger.cash_of(connection, "earned", "USD") == 500


def test_a_customer_s_accounts_are_locked_in_one_order(connection: Connection) -> None:
    """Whoever moves his money locks his accounts by their numbers, and nobody else's: two never wait for each other (F1)."""
    top_up(connection, 70)
    numbers = {name: number for number, name in connection.execute(select(Account.id, Account.name))}
    asked: list[str] = []

    def listen(_: Connection, statement: object, *_rest: object) -> None:
        if isinstance(statement, Select):
            named = statement.compile(dialect=POSTGRESQL, compile_kwargs={"literal_binds": True})
            asked.append(" ".join(str(named).split()))

    event.listen(connection, "before_execute", listen)
    purses(connection, CUSTOMER, "IRR")
    top_up(connection, 5, reference="bank-2")
    his = "accounts.owner = 'customer' AND accounts.name = 'customer-1' AND accounts.currency = 'IRR'"
    both = f"accounts.id IN ({numbers['outside']}, {numbers[CUSTOMER]}) AND accounts.owner = 'customer'"
    in_order = "ORDER BY accounts.id FOR NO KEY UPDATE"
    assert [statement for statement in asked if " FOR " in statement] == [
        f"SELECT accounts.id, accounts.bucket FROM accounts WHERE {his} {in_order}",
        f"SELECT accounts.id FROM accounts WHERE {both} {in_order}",
    ]
