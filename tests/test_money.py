"""Is money a whole number of one currency, whatever is done with it? It is, or it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrar.money import MINOR_UNITS, Money, MoneyError

AMOUNTS = st.integers(min_value=-(10**15), max_value=10**15)
CURRENCIES = st.sampled_from(sorted(MINOR_UNITS))


@pytest.mark.parametrize(
    ("money", "printed"),
    [
        (Money(4_500_000, "IRR"), "4,500,000 IRR"),
        (Money(1_205, "USD"), "12.05 USD"),
        (Money(-5, "EUR"), "-0.05 EUR"),
        (Money(0, "IRR"), "0 IRR"),
    ],
)
def test_money_prints_as_people_write_it(money: Money, printed: str) -> None:
    """An amount is shown in its currency's own units, never rounded."""
    assert str(money) == printed


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_what_is_added_can_be_taken_away_again(first: int, second: int, currency: str) -> None:
    """No sum loses or gains a unit."""
    assert Money(first, currency) + Money(second, currency) - Money(second, currency) == Money(
        first, currency
    )


@given(AMOUNTS, CURRENCIES)
def test_the_printed_amount_holds_every_unit(amount: int, currency: str) -> None:
    """What is printed is the whole amount: read back without its marks it is the same number."""
    number, _, unit = str(Money(amount, currency)).rpartition(" ")
    assert (int(number.replace(",", "").replace(".", "")), unit) == (amount, currency)


@pytest.mark.parametrize("amount", [1.0, True, "1", None])
def test_only_whole_numbers_are_money(amount: object) -> None:
    """An amount that is not a whole number of units is refused."""
    with pytest.raises(MoneyError, match="whole number"):
        Money(amount, "IRR")  # type: ignore[arg-type] # the point of the test


def test_a_currency_we_keep_no_books_in_is_refused() -> None:
    """A currency that we keep no books in is refused, and those that we do are named."""
    with pytest.raises(MoneyError, match="AED, EUR, GBP, IRR, TRY, USD"):
        Money(1, "XXX")


@pytest.mark.parametrize("combine", [Money.__add__, Money.__sub__])
def test_two_currencies_are_never_mixed(combine: object) -> None:
    """Rials and dollars are not added up."""
    assert callable(combine)
    with pytest.raises(MoneyError, match="convert first"):
        combine(Money(1, "IRR"), Money(1, "USD"))
