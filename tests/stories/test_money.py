"""Money: double entry, and what a customer's credit account can and cannot become (F1 to F7)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from registrar import verification
from registrar.commands import Kind
from registrar.ledger import InsufficientBalanceError
from tests.stories.company import PRICE, Company, Customer, Registrar


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
