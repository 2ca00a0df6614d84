"""Would a wrong line about gift, damages or debts be seen? Each is made on purpose, past the database's own rules."""

from typing import Any

import pytest
from sqlalchemy import text

from registrar import bookings, debts, ledger, verification
from registrar.commands import Kind
from registrar.money import Money
from tasks.recount import forfeits, imbalances, money_of_orders
from tasks.witnesses import read_ledger
from tests.core.story import PRICE, Shop

CUSTOMER = "customer-1"


@pytest.fixture
def lived(shop: Shop) -> Shop:
    """Give books with gift that was spent, damages that were paid, and a debt."""
    told: dict[str, Any] = {"actor": "staff:sara", "ticket": "T-1", "now": shop.clock.now}
    with shop.database.transaction() as connection:
        ledger.top_up(connection, CUSTOMER, Money(100, "IRR"), reference="bank-1", now=shop.clock.now)
        bookings.give_gift(connection, CUSTOMER, Money(500, "IRR"), end=None, reference="g-1", **told)
    order = shop.place(Kind.RENEW)
    shop.work(order)
    with shop.database.transaction() as connection:
        bookings.compensate(connection, order, Money(10, "IRR"), **told)
        debts.reverse_payment(connection, "receipt-1", reason="not met", **told)
    assert counted(shop) == []
    return shop


def counted(shop: Shop) -> list[str]:
    """Return what the count that knows no rule of ours finds."""
    books = read_ledger(shop.database.url.render_as_string(hide_password=False))
    assert list(forfeits(books)) == []
    return list(imbalances(books, money_of_orders(books)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("UPDATE accounts SET bucket = 'gift-20300101' WHERE bucket = 'cash'", "into gift"),
        ("UPDATE accounts SET bucket = 'repurchase' WHERE bucket = 'gift'", "turns gift into something else"),
        (f"UPDATE movements SET amount = {PRICE + 1} WHERE kind = 'compensation'", "came back for order 1"),
        ("UPDATE debts SET amount = amount + 1", "booked as owed"),
        ("UPDATE debts SET settled_at = since", "booked as owed"),
    ],
)
def test_a_spoilt_book_is_seen(lived: Shop, wrong: str, said: str) -> None:
    """Gift that became something else, damages above what was paid, and a debt that is not booked are each named."""
    with lived.database.transaction() as connection:
        for name in (
            connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        ):
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(wrong))
    assert any(said in fault for fault in counted(lived))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_debt_that_is_not_booked_is_a_difference(lived: Shop) -> None:
    """The books' own count sees a debt whose side in the account is missing (F7)."""
    with lived.database.transaction() as connection:
        connection.execute(text("UPDATE debts SET amount = amount + 1"))
    with lived.database.snapshot() as connection:
        assert [one.subject for one in verification.verify(connection).differences] == ["account:owed"]
