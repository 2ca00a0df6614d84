"""How much, and of what? An integer of a named currency's minor units (rule F1); never a float."""

from dataclasses import dataclass

MINOR_UNITS = {"IRR": 0, "USD": 2, "EUR": 2, "AED": 2, "TRY": 2, "GBP": 2}
"""Decimal places of each currency we keep books in.

ISO 4217 gives the rial two; nobody uses them, so the books count whole rials. A toman is ten rials, on paper only.
"""


class MoneyError(ValueError):
    """An amount or a currency that the books cannot hold; the message says what is accepted."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (rials, cents) of one currency; it may be zero, and negative only in a difference."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise MoneyError(f"an amount is a whole number of minor units, not {self.amount!r}")
        if self.currency not in MINOR_UNITS:
            raise MoneyError(
                f"unknown currency {self.currency!r}; the books know {', '.join(sorted(MINOR_UNITS))}"
            )

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __str__(self) -> str:
        """Print the amount for people: grouped, with the currency's decimal places."""
        places = MINOR_UNITS[self.currency]
        whole, part = divmod(abs(self.amount), 10**places)
        sign = "-" if self.amount < 0 else ""
        return f"{sign}{whole:,}{f'.{part:0{places}d}' if places else ''} {self.currency}"

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise MoneyError(f"cannot add {other.currency} to {self.currency}: convert first")
        return other.amount
