"""Will the money at a registrar last? Told in time, once, and taken back when it does."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from registrar import deposits
from registrar.commands import Kind
from registrar.findings import list_open
from registrar.gateway import Deposit
from registrar.models import Domain
from registrar.orders.states import State
from tests.core.story import Shop

COSTS = {
    "test": {
        Kind.RENEW: {12: Decimal("9.15"), 60: Decimal(45)},
        Kind.REGISTER: {12: Decimal("8.50")},
    }
}
NAMES = 10


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    """Give a shop that looks after ten names, one of which expires on each of the next ten days."""
    with shop.database.transaction() as connection:
        for day in range(NAMES):
            connection.execute(
                insert(Domain).values(
                    name=f"name-{day}.test",
                    zone="test",
                    customer="customer-1",
                    registrar="far",
                    paid_through=shop.clock.now + timedelta(days=day, hours=1),
                )
            )
    return shop


def foresee(shop: Shop, balance: str, *, days: int = 5, floor: int = 0) -> deposits.Forecast:
    """Read a balance, compare it, and warn."""
    now = shop.clock.now
    with shop.database.transaction() as connection:
        deposits.record(connection, "far", Deposit(balance, "USD"), now=now)
        foreseen = deposits.forecast(connection, "far", COSTS, days=days, now=now)
        assert foreseen is not None
        deposits.warn(connection, foreseen, floor=Decimal(floor), now=now)
    return foreseen


def found(shop: Shop) -> list[str]:
    """Tell what staff are shown."""
    with shop.database.reading() as connection:
        return [f"{finding['text']}; {finding['next_step']}" for finding in list_open(connection)]


def test_the_next_days_renewals_are_counted(stocked: Shop) -> None:
    """Five names fall due in five days, each at a year's price; the sixth is not counted yet."""
    foreseen = foresee(stocked, "100")
    assert (foreseen.due_renewals, foreseen.renewals_cost) == (5, Decimal("45.75"))
    assert (foreseen.needed, foreseen.missing, foreseen.uncosted) == (Decimal("45.75"), Decimal(0), 0)
    assert found(stocked) == []


def test_orders_that_wait_are_counted_once(stocked: Shop) -> None:
    """An order that is paid and not sent yet needs its price too, and its name is not counted a second time."""
    stocked.place(Kind.RENEW, "name-0.test", months=60)
    stocked.place(Kind.REGISTER, "free.test")
    foreseen = foresee(stocked, "100")
    assert (foreseen.waiting_orders, foreseen.waiting_cost) == (2, Decimal("53.50"))
    assert (foreseen.due_renewals, foreseen.renewals_cost) == (4, Decimal("36.60"))


def test_orders_that_ended_need_nothing_more(stocked: Shop) -> None:
    """What is done has been paid for."""
    order = stocked.place(Kind.REGISTER, "free.test")
    stocked.work(order)
    assert stocked.state(order) == State.COMPLETED
    assert foresee(stocked, "100").waiting_orders == 0


def test_a_deposit_that_will_not_last_is_said_in_time_and_once(stocked: Shop) -> None:
    """Staff are told how much is missing while it still lasts; a second reading is the same finding."""
    for _ in range(2):
        foreseen = foresee(stocked, "40.10")
    assert foreseen.missing == Decimal("5.65")
    (told,) = found(stocked)
    assert "40.10 USD" in told
    assert "5 renewals" in told
    assert "at least 5.65 USD" in told


def test_a_top_up_closes_the_warning(stocked: Shop) -> None:
    """Once enough lies there, nobody is asked to look at it any more."""
    foresee(stocked, "1")
    foresee(stocked, "500")
    assert found(stocked) == []


def test_the_floor_is_kept_whatever_is_due(stocked: Shop) -> None:
    """A balance below the company's own floor is told although nothing is due."""
    foresee(stocked, "60", days=1, floor=100)
    assert "at least 40 USD" in found(stocked)[0]


def test_what_has_no_price_is_said(stocked: Shop) -> None:
    """A forecast that lacks prices says how many, and does not pretend that they cost nothing."""
    stocked.place(Kind.TRANSFER, "sara.test")
    assert foresee(stocked, "100").uncosted == 1


@pytest.mark.parametrize("balance", ["plenty", "NaN", "Infinity", ""])
def test_a_balance_that_is_no_number_is_not_kept(shop: Shop, balance: str) -> None:
    """What cannot be counted is not a balance."""
    with shop.database.transaction() as connection, pytest.raises(ValueError, match="no number"):
        deposits.record(connection, "far", Deposit(balance, "USD"), now=shop.clock.now)


def test_a_deposit_that_was_never_read_is_not_foreseen(shop: Shop) -> None:
    """Without a reading nothing is said about it."""
    with shop.database.reading() as connection:
        assert deposits.forecast(connection, "far", COSTS, days=5, now=shop.clock.now) is None
