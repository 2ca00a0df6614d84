"""What keeps an order waiting for a person, in which words for staff, and in which for its customer (D9, F7, O5, O6)?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from registrar import debts
from registrar.agreement.expiry import windows
from registrar.agreement.stops import YOUR_ORDER_WAITS, ClaimState
from registrar.agreement.waiting import DEBT, IDENTITY
from registrar.commands import Kind
from registrar.customers import holds as customer_holds
from registrar.models import Claim, Domain, Order
from registrar.orders import gates
from registrar.orders.states import State
from tests.agreement.books import STAFF, TICKET, look_after, owe
from tests.agreement.rulebook import standard
from tests.core.story import Shop

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
RULES = standard().rules("test", at=NOW)
DAY = timedelta(days=1)
TRANSFERRED = "sara.test"


def claim(
    shop: Shop,
    state: ClaimState,
    *,
    name: str = TRANSFERRED,
    disclosed: bool = False,
    closed: bool = False,
) -> int:
    """Put a third party's claim to a name into the books, as it stands."""
    row: dict[str, Any] = {
        "domain": name,
        "zone": "test",
        "registrar": "far",
        "procedure": "udrp",
        "reference": f"D2026-{name}-{state}",
        "state": str(state),
        "state_since": NOW,
        "asserted_at": NOW,
        "block_mode": "lock",
        "lock": "none",
        "disclose_from": NOW if disclosed else None,
        "closed_at": NOW if closed else None,
    }
    with shop.database.transaction() as connection:
        return connection.execute(insert(Claim).values(**row).returning(Claim.id)).scalar_one()


def hold(shop: Shop, cause: str, *, customer: str = "customer-1") -> None:
    """Put a customer on hold."""
    told: dict[str, Any] = {"now": NOW, "actor": STAFF, "ticket": TICKET}
    with shop.database.transaction() as connection:
        customer_holds.put(connection, customer, cause, reason="a document is missing", **told)


def waits(shop: Shop, order: int) -> str | None:
    """Return why an order waits, for staff."""
    with shop.database.reading() as connection:
        return gates.keeps_waiting(connection, shop.row(order, connection), rules=RULES, now=NOW)


def told(shop: Shop, order: int) -> str | None:
    """Return what the customer reads."""
    with shop.database.reading() as connection:
        return gates.told(connection, shop.row(order, connection), now=NOW)


def change(shop: Shop, order: int, **values: Any) -> None:
    """Have an order stand as a test needs it."""
    with shop.database.transaction() as connection:
        connection.execute(update(Order).where(Order.id == order).values(**values))


def test_an_order_that_nothing_stops_does_not_wait(shop: Shop) -> None:
    """No gate is closed by itself."""
    order = shop.place(Kind.TRANSFER, TRANSFERRED)
    claim(shop, ClaimState.UPHELD, name="other.test")
    claim(shop, ClaimState.UPHELD, closed=True)
    claim(shop, ClaimState.ASSERTED)
    hold(shop, IDENTITY, customer="customer-2")
    assert waits(shop, order) is None


def test_a_change_of_holder_waits_until_it_is_approved(shop: Shop) -> None:
    """Staff see why it waits, and once they have approved it, it goes on (O5)."""
    order = shop.place_only(Kind.CHANGE_HOLDER)
    assert waits(shop, order) == "it waits for staff's approval (O5)"
    shop.approve(order)
    assert shop.row(order).approval == gates.APPROVAL_GIVEN
    assert waits(shop, order) is None


def test_an_order_waits_for_a_claim_but_not_for_the_one_that_it_carries_out(shop: Shop) -> None:
    """Staff read the whole reason; the order by which a ruling is carried out is not asked (D9)."""
    order = shop.place(Kind.TRANSFER, TRANSFERRED)
    number = claim(shop, ClaimState.RULED, disclosed=True)
    assert waits(shop, order) == (
        "the ruling on a third party's claim to this name is being carried out: transfer waits (D9)"
    )
    change(shop, order, claim_id=number)
    assert waits(shop, order) is None
    claim(shop, ClaimState.PROCEEDING)
    assert waits(shop, order) == ("a third party's claim to this name is being heard: transfer waits (D9)")


@pytest.mark.parametrize(
    ("to_the_end", "goes_on"), [(4 * DAY, False), (3 * DAY, True), (-DAY, False), (-5 * DAY, True)]
)
def test_a_renewal_near_its_limit_passes_an_identity_hold(
    shop: Shop, to_the_end: timedelta, *, goes_on: bool
) -> None:
    """By the dates of our own books, a renewal whose class would change within three days goes on (O6)."""
    look_after(shop, "other.test", until=NOW + DAY)
    look_after(shop, until=NOW + to_the_end)
    order = shop.place()
    hold(shop, IDENTITY)
    said = "customer customer-1 is on hold (identity): a document is missing"
    assert waits(shop, order) == (None if goes_on else said)


def test_the_limits_of_a_name_are_counted_from_our_books(shop: Shop) -> None:
    """A name that is not ours, or is gone, has no limits that we know (D4)."""
    order = shop.place()
    with shop.database.reading() as connection:
        assert gates._limits(connection, shop.row(order, connection), RULES) is None
    until = NOW + DAY
    look_after(shop, until=until)
    with shop.database.reading() as connection:
        limits = gates._limits(connection, shop.row(order, connection), RULES)
    assert limits == windows(until, RULES.renewal)
    with shop.database.transaction() as connection:
        connection.execute(update(Domain).values(gone_at=NOW))
    with shop.database.reading() as connection:
        assert gates._limits(connection, shop.row(order, connection), RULES) is None
    hold(shop, IDENTITY)
    assert waits(shop, order) is not None


def test_of_two_holds_the_one_that_stops_the_order_is_told(shop: Shop) -> None:
    """A debt lets nothing through, also where an identity hold would let a renewal go on (F5, O6)."""
    look_after(shop, until=NOW + DAY)
    order = shop.place()
    owe(shop, warned=True)
    hold(shop, IDENTITY)
    assert waits(shop, order) is None
    hold(shop, DEBT)
    assert waits(shop, order) == "customer customer-1 is on hold (debt): a document is missing"


def test_an_order_whose_payment_was_taken_back_waits_for_it(shop: Shop) -> None:
    """It goes on when the debt is settled (F7)."""
    order = shop.place()
    done: dict[str, Any] = {"actor": STAFF, "ticket": TICKET, "now": NOW}
    with shop.database.transaction() as connection:
        debts.reverse_payment(connection, "receipt-1", reason="cheque not met", **done)
    assert waits(shop, order) == (
        "the payment for it was taken back (debt 1): it goes on when the debt is settled"
    )


@pytest.mark.parametrize(
    ("state", "disclosed", "words"),
    [
        (None, False, YOUR_ORDER_WAITS),
        (ClaimState.PROCEEDING, False, YOUR_ORDER_WAITS),
        (
            ClaimState.PROCEEDING,
            True,
            f"{YOUR_ORDER_WAITS}: a third party's claim to this name is being heard",
        ),
    ],
)
def test_a_customer_reads_of_a_claim_only_once_it_is_disclosed(
    shop: Shop, state: ClaimState | None, words: str, *, disclosed: bool
) -> None:
    """Until then the words are those of any other waiting (D9)."""
    order = shop.place(Kind.TRANSFER, TRANSFERRED)
    if state is not None:
        claim(shop, state, disclosed=disclosed)
    assert told(shop, order) is None
    change(shop, order, waiting_reason="staff's own words")
    assert told(shop, order) == words
    change(shop, order, state=str(State.HELD), turn="staff")
    assert told(shop, order) is None


def test_the_order_that_carries_out_a_ruling_is_told_as_any_other(shop: Shop) -> None:
    """What it waits for is not its own claim, so nothing is said of that (D9)."""
    order = shop.place(Kind.TRANSFER, TRANSFERRED)
    number = claim(shop, ClaimState.RULED, disclosed=True)
    change(shop, order, waiting_reason="staff's own words", claim_id=number)
    assert told(shop, order) == YOUR_ORDER_WAITS
