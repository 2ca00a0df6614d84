"""Does a customer whose renewal was refused hear what is still possible, and does nothing happen by itself (D1, D3, E7)?"""

from datetime import timedelta
from typing import Any

import pytest

from registrar.commands import Kind
from registrar.money import Money
from registrar.orders.remaining import remaining
from tests.agreement.books import look_after
from tests.agreement.conftest import EXPIRES
from tests.core.far_side import FarSide
from tests.core.story import Shop

PRICES = {Kind.REGISTER: {12: Money(1000, "IRR")}, Kind.RESTORE: {0: Money(9000, "IRR")}}


def told(shop: Shop, order: int) -> dict[str, Any] | None:
    """Return what remains, as the portal is told."""
    with shop.database.reading() as connection:
        return remaining(
            connection,
            shop.row(order, connection),
            tariff=PRICES,
            rules=shop.rules.rules("test", at=shop.clock.now),
            now=shop.clock.now,
        )


@pytest.mark.parametrize(
    ("in_redemption", "expected", "words"),
    [
        (True, ("restorable", "restore", 0, {"amount": 9000, "currency": "IRR"}), "a restore can be ordered"),
        (False, ("renewable", "renew", 12, None), "a request through support"),
    ],
)
def test_a_refused_renewal_tells_what_remains(
    shop: Shop, far: FarSide, *, in_redemption: bool, expected: tuple[Any, ...], words: str
) -> None:
    """The customer's view of a renewal that came too late has what the inquiry found, its price now, and words for it."""
    look_after(shop, until=EXPIRES)
    far.own("mina.test", EXPIRES, in_redemption=in_redemption)
    shop.clock.now = EXPIRES + timedelta(days=40)
    order = shop.place(
        payment={"source": "outside", "paid_at": shop.clock.now.isoformat(), "reference": "receipt-1"}
    )
    assert told(shop, order) is None
    shop.work(order)
    remains = told(shop, order)
    assert remains is not None
    assert tuple(remains[name] for name in ("found", "way", "months", "price")) == expected
    assert words in remains["words"]["en"]
    assert far.charges == []
    assert shop.ask("SELECT count(*) FROM orders") == [(1,)]


def test_of_an_order_that_was_carried_out_nothing_remains(shop: Shop) -> None:
    """Only a refused renewal has ways on."""
    look_after(shop, until=EXPIRES)
    order = shop.place()
    shop.work(order)
    assert told(shop, order) is None
