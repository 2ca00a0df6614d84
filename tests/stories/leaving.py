"""How does a customer take his name elsewhere in these stories? He asks through support, gets the code, and it is followed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from registrar import departures
from registrar.commands import Kind
from registrar.models import Departure
from registrar.secrets import Secret
from tests.core.far_side import AUTH_CODE
from tests.core.story import RUNG_FOR, Shop


def ask(shop: Shop, name: str, *, customer: str, channel: str) -> int:
    """Ask that a name may leave."""
    now = shop.clock.now
    wish = departures.Wish(name, channel, "letter No. 7", "T-77", f"customer:{customer}", now)
    with shop.database.transaction() as connection:
        made, _ = departures.request(
            connection, wish, terms={shop.far.name: shop.terms}, rules=shop.rules, now=now
        )
    return made


def next_due(connection: Connection) -> datetime | None:
    """Return when a departure is looked after next."""
    rows = connection.execute(
        select(Departure.due_at, Departure.rung_until).where(Departure.due_at.is_not(None))
    ).all()
    return min((max(row.due_at, row.rung_until or row.due_at) for row in rows), default=None)


def follow(shop: Shop) -> None:
    """Take the departures for which it is time a step further, as the worker does."""
    now, terms = shop.clock.now, {shop.far.name: shop.terms}
    with shop.database.transaction() as connection:
        due = departures.take_due(connection, limit=50, now=now, rung_for=RUNG_FOR)
    for departure_id in due:
        with shop.database.transaction() as connection:
            planned = departures.plan_look(connection, departure_id, terms=terms, now=now)
        if planned is None:
            continue
        sighting = shop.far.look(planned.domain, Kind.RENEW, shop._call("follow"))
        with shop.database.transaction() as connection:
            looked = departures.conclude(connection, planned, sighting, terms=shop.terms, now=now)
            if isinstance(looked, departures.CloseUp):
                departures.close_up(connection, planned, can=shop.terms.capabilities, now=now)


@dataclass(frozen=True)
class Leaving:
    """A name on its way out."""

    shop: Shop
    number: int

    @property
    def row(self) -> Any:
        """Give what the books say."""
        with self.shop.database.reading() as connection:
            return departures.read(connection, self.number)

    @property
    def state(self) -> str:
        """Tell where it stands."""
        return str(self.row.state)

    @property
    def seen_by_customer(self) -> dict[str, Any]:
        """Give what its customer reads of it."""
        with self.shop.database.reading() as connection:
            return departures.customer_view(connection, self.row, now=self.shop.clock.now)

    def gives_the_code(self) -> str:
        """Hand the code out to the registrant, once, and return it."""
        shop, terms = self.shop, {self.shop.far.name: self.shop.terms}
        with shop.database.transaction() as connection:
            plan = departures.plan_code(
                connection, self.number, terms=terms, rules=shop.rules, now=shop.clock.now
            )
        code = Secret(AUTH_CODE)
        with shop.database.transaction() as connection:
            departures.code_given(
                connection,
                plan,
                departures.Code(plan.way, code),
                actor="portal",
                ticket=None,
                rules=shop.rules,
                now=shop.clock.now,
            )
        return code.reveal()
