"""What is done at the company's counter in these stories? Gift, slips, payments that are taken back, debts, damages."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from registrar import bookings, debts, slips
from registrar.agreement.compensation import Ceiling
from registrar.agreement.rules import Rules
from registrar.money import Money
from tests.core.story import Shop

STAFF = "staff:laleh"


def rials(amount: int) -> Money:
    """Return an amount in the currency of these stories."""
    return Money(amount, "IRR")


@dataclass(frozen=True)
class Counter:
    """Staff who book, each act on a ticket."""

    shop: Shop

    @property
    def now(self) -> datetime:
        """Tell the time."""
        return self.shop.clock.now

    @property
    def rules(self) -> Rules:
        """Give the rules in force."""
        return self.shop.rules.rules("com", at=self.now)

    def gives_gift(self, customer: str, amount: int, *, until: str | None, ticket: str = "T-2") -> None:
        """Give gift credit that is good to the end of a day."""
        end = date.fromisoformat(until) if until else None
        with self.shop.database.transaction() as connection:
            bookings.give_gift(
                connection,
                customer,
                rials(amount),
                end=end,
                reference=f"campaign-{until}",
                actor=STAFF,
                ticket=ticket,
                now=self.now,
            )

    def takes_back(self, reference: str) -> debts.Reversal:
        """Record that the bank took a payment back."""
        with self.shop.database.transaction() as connection:
            return debts.reverse_payment(
                connection,
                reference,
                reason="cheque 1042 was not met",
                actor=STAFF,
                ticket="T-3",
                now=self.now,
            )

    def debts_of(self, customer: str) -> list[dict[str, Any]]:
        """List what a customer owes."""
        with self.shop.database.reading() as connection:
            return debts.list_debts(connection, customer)

    def warns(self, debt_id: int) -> None:
        """Warn a customer of a debt, on record."""
        with self.shop.database.transaction() as connection:
            debts.warn(
                connection,
                debt_id,
                text="pay by 20 March",
                actor=STAFF,
                ticket="T-3",
                now=self.now,
            )

    def sets_off(self, debt_id: int) -> None:
        """Settle a debt from the customer's cash."""
        with self.shop.database.transaction() as connection:
            debts.set_off(connection, debt_id, actor=STAFF, ticket="T-3", now=self.now)

    def is_paid(self, debt_id: int) -> None:
        """Settle a debt that the customer has paid."""
        with self.shop.database.transaction() as connection:
            debts.paid(connection, debt_id, reference="bank-9", actor=STAFF, ticket="T-3", now=self.now)

    def penalty_of(self, debt_id: int) -> int:
        """Tell what a late debt has grown by."""
        with self.shop.database.reading() as connection:
            return debts.penalty_due(connection, debt_id, self.rules.money, now=self.now).amount

    def posts_penalty(self, debt_id: int) -> int:
        """Post it, on request."""
        with self.shop.database.transaction() as connection:
            return debts.post_penalty(
                connection, debt_id, self.rules.money, actor=STAFF, ticket="T-3", now=self.now
            ).amount

    def takes_slip(self, customer: str, amount: int, *, number: str, paid_on: str) -> dict[str, Any]:
        """Take a bank slip for a top-up."""
        with self.shop.database.transaction() as connection:
            return slips.hand_in(
                connection,
                customer,
                rials(amount),
                number=number,
                paid_on=date.fromisoformat(paid_on),
                rules=self.rules,
                actor="portal",
                now=self.now,
            )

    def has_the_original(self, slip_id: int) -> None:
        """Book a slip whose original lies on the counter."""
        with self.shop.database.transaction() as connection:
            slips.accept(connection, slip_id, rules=self.rules, actor=STAFF, ticket="T-5", now=self.now)

    def most_damages(self, order: int) -> Ceiling:
        """Reckon how much damages for an order can come to."""
        with self.shop.database.reading() as connection:
            return bookings.compensation_ceiling(connection, order, now=self.now)

    def pays_damages(self, order: int, amount: int) -> None:
        """Pay damages for an order."""
        with self.shop.database.transaction() as connection:
            bookings.compensate(connection, order, rials(amount), actor=STAFF, ticket="T-8", now=self.now)
