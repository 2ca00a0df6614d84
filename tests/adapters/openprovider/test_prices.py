"""May an order cost what Openprovider asks? Asked before sending, and only where the order carries a ceiling."""

from typing import Any

import pytest

from registrar.gateway import Gateway
from registrar.money import Money
from registrar.outcomes import BlockCause, Blocked, NotSent, Pending
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import Script, ScriptedApi, answers, page, refuses

PRICES = "GET /domains/prices"


def priced(amount: Any, *, currency: str = "EUR", is_premium: bool = False) -> Script:
    """Tell a price in the account's currency and another in the product's."""
    return answers(
        {
            "is_premium": is_premium,
            "price": {
                "product": {"currency": "USD", "price": 99},
                "reseller": {"currency": currency, "price": amount},
            },
        }
    )


@pytest.fixture
def ready(api: ScriptedApi) -> ScriptedApi:
    """A platform that would take every order."""
    house.has(api, house.details())
    for route in ("/domains", "/domains/transfer", "/domains/#/renew", "/domains/#/restore"):
        api.on(f"POST {route}", answers({"id": 4711, "status": "REQ"}))
    return api


def test_without_a_ceiling_no_price_is_asked_and_no_premium_accepted(
    gateway: Gateway, ready: ScriptedApi, call: Calls
) -> None:
    """An order without a ceiling never pays a premium price."""
    gateway.execute(house.register(), call())
    assert ready.asked(PRICES) == []
    assert "accept_premium_fee" not in ready.asked("POST /domains")[0].content


@pytest.mark.parametrize(
    ("order", "operation", "years"),
    [
        (house.register(months=24, ceiling=house.euros(1000)), "create", "2"),
        (house.renew(ceiling=house.euros(1000)), "renew", "1"),
        (house.transfer(ceiling=house.euros(1000)), "transfer", "1"),
        (house.restore(ceiling=house.euros(1000)), "restore", "1"),
    ],
)
def test_the_price_is_asked_for_the_very_operation(  # noqa: PLR0917 - fixtures and a table
    gateway: Gateway, ready: ScriptedApi, call: Calls, order: Any, operation: str, years: str
) -> None:
    """Each order asks what it would cost itself, and goes out at its ceiling exactly."""
    ready.on(PRICES, priced(10))
    assert isinstance(gateway.execute(order, call()), Pending)
    (asked,) = ready.asked(PRICES)
    assert asked.query == {
        "domain.name": "example",
        "domain.extension": "com",
        "operation": operation,
        "period": years,
    }


@pytest.mark.parametrize("amount", [10.01, "10.01", 11, 10.000001])
def test_a_price_over_the_ceiling_sends_nothing(
    gateway: Gateway, ready: ScriptedApi, call: Calls, amount: Any
) -> None:
    """One cent too much, or a part of one, leaves the order to staff."""
    ready.on(PRICES, priced(amount))
    for order in (house.register, house.renew, house.transfer, house.restore):
        outcome = gateway.execute(order(ceiling=house.euros(1000)), call())
        assert isinstance(outcome, Blocked)
        assert outcome.cause is BlockCause.PRICE
    assert [route for route in ready.told() if route.startswith("POST")] == []


def test_a_premium_name_within_the_ceiling_is_paid_for(
    gateway: Gateway, ready: ScriptedApi, call: Calls
) -> None:
    """A premium price that the customer has agreed to is accepted, to the cent."""
    ready.on(PRICES, priced(2500.1, is_premium=True), priced(2500, is_premium=True), priced(10))
    for expected in (2500.1, 2500, None):
        gateway.execute(house.register(ceiling=house.euros(300_000)), call())
        assert ready.asked("POST /domains")[-1].content.get("accept_premium_fee") == expected


def test_a_price_in_the_ceilings_currency_is_found(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """Where the price is told in two currencies, the one of the ceiling counts."""
    ready.on(PRICES, priced(10))
    assert isinstance(gateway.execute(house.register(ceiling=Money(9900, "USD")), call()), Pending)
    assert isinstance(gateway.execute(house.register(ceiling=Money(9899, "USD")), call()), Blocked)


@pytest.mark.parametrize(
    "told",
    [
        answers({}),
        answers({"price": {}}),
        answers({"price": {"reseller": {"currency": "EUR"}}}),
        answers({"price": {"reseller": {"currency": "EUR", "price": "NaN"}}}),
        answers({"price": {"reseller": {"currency": "EUR", "price": "1e400"}}}),
        refuses(7777, "no idea"),
        page(),
    ],
)
def test_a_price_that_cannot_be_had_sends_nothing(
    gateway: Gateway, ready: ScriptedApi, call: Calls, told: Script
) -> None:
    """An order with a ceiling is never sent without knowing its price."""
    ready.on(PRICES, told)
    outcome = gateway.execute(house.register(ceiling=house.euros(1000)), call())
    assert isinstance(outcome, Blocked | NotSent)
    assert ready.asked("POST /domains") == []


def test_a_price_in_another_currency_is_staffs(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """A ceiling in a currency that no price is told in cannot be kept, so nothing is sent."""
    ready.on(PRICES, priced(1))
    outcome = gateway.execute(house.register(ceiling=Money(1_000_000, "IRR")), call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.PRICE
    assert outcome.reply.text == "the price is told in EUR, USD, the ceiling is in IRR"


@pytest.mark.parametrize(
    ("code", "cause"), [(307, BlockCause.REQUEST), (920, BlockCause.DEPOSIT), (7777, BlockCause.PRICE)]
)
def test_a_refused_price_says_why(
    gateway: Gateway, ready: ScriptedApi, call: Calls, code: int, cause: BlockCause
) -> None:
    """A price that is refused for a reason that the table knows is blocked for that one."""
    ready.on(PRICES, refuses(code, "no"))
    outcome = gateway.execute(house.register(ceiling=house.euros(1000)), call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is cause
