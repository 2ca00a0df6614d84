"""Does a promised price stand for whom and until when it was promised, and for nobody else (O4, E4, E6)?"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from registrar.agreement.pricing import Tariff
from registrar.agreement.rules import AfterGap, RuleBook, Version
from registrar.commands import Kind
from registrar.models import Domain, Event, Order, Quote
from registrar.money import Money
from registrar.orders import by_hand
from registrar.orders.asking import ask
from registrar.orders.by_hand import ByHand
from registrar.orders.placing import place, read_request
from registrar.orders.requests import RequestRefusedError
from tests.agreement.test_answers import DAY, LATE, SECOND
from tests.desks import CATALOGUE, START, Shop, an_order, opened

TARIFF: Tariff = {
    Kind.REGISTER: {12: Money(1000, "USD"), 24: Money(2000, "USD")},
    Kind.RENEW: {12: Money(1250, "USD"), 24: Money(2500, "USD")},
}


@dataclass
class House:
    """A company with a tariff, rules and a clock, over a fresh database."""

    shop: Shop
    rules: RuleBook
    tariff: Tariff = field(default_factory=lambda: TARIFF)
    keys: int = 0

    @property
    def catalogue(self) -> dict[str, Any]:
        """What is sold."""
        return {**CATALOGUE, "com": replace(CATALOGUE["com"], prices=self.tariff)}

    def at(self, instant: datetime) -> None:
        """Let the clock show an instant."""
        self.shop.registrars.now = instant

    def ask(self, **asked: Any) -> dict[str, Any]:
        """Ask what renewing mina.com costs c-42."""
        body = {"domain": "mina.com", "kind": "renew", "months": 12, "customer": "c-42"} | asked
        desk = self.shop.desk
        return ask(
            desk.database,
            {name: value for name, value in body.items() if value is not None},
            catalogue=self.catalogue,
            rules=self.rules,
            look=desk.look,
            now=desk.now(),
            actor="test",
        )

    def place(self, *, key: str | None = None, **changes: Any) -> int:
        """Place an order, under a key of its own if none is given."""
        self.keys += 1
        desk, key = self.shop.desk, key or f"k-{self.keys}"
        request = read_request(
            desk.database, an_order(**changes), key=key, channel="http", catalogue=self.catalogue
        )
        with desk.database.transaction() as connection:
            return place(connection, request, keyring=desk.keyring, rules=self.rules, now=desk.now()).order_id

    def refused(self, **changes: Any) -> RequestRefusedError:
        """Place an order that must be refused, and see that nothing of it is kept."""
        before = self.shop.rows()
        with pytest.raises(RequestRefusedError) as refused:
            self.place(**changes)
        assert self.shop.rows() == before
        return refused.value

    def look_after(self, paid_through: datetime) -> None:
        """Have mina.com in the books."""
        with self.shop.desk.database.transaction() as connection:
            connection.execute(
                insert(Domain).values(
                    name="mina.com", zone="com", customer="c-42", registrar="epp", paid_through=paid_through
                )
            )

    def change_rules(self, **changes: Any) -> None:
        """Put other rules in force."""
        common = self.rules.versions[0].common
        self.rules = RuleBook([Version(replace(common, **changes), {}, {})])


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Give a company whose tariff asks 12.50 dollars for a year's renewal; SQLite and PostgreSQL in turn."""
    with opened(database_url) as shop:
        shop.registrars.names["mina.com"] = START + 100 * DAY
        yield House(shop, shop.desk.rules)


def price(amount: int) -> dict[str, Any]:
    """Return an order's price in cents."""
    return {"amount": amount, "currency": "USD"}


def test_a_quote_is_kept_as_it_was_told(house: House) -> None:
    """A price that is promised is a row with the whole answer, and an event says who promised it (O4, A1)."""
    told = house.ask()
    assert told["price"] == price(1250)
    assert told["expires_at"] == "2026-11-25T10:00:00Z"
    with house.shop.desk.database.reading() as connection:
        row = connection.execute(select(Quote.__table__)).one()
        event = connection.execute(select(Event.kind, Event.actor, Event.evidence)).one()
    assert (row.id, row.customer, row.price_amount) == (told["id"], "c-42", 1250)
    assert row.answer | {"id": row.id} == told
    assert (event.kind, event.actor) == ("quote.issued", "test")
    assert "c-42" not in str(event.evidence)


def test_inside_its_time_the_promised_price_stands_although_the_tariff_rose(house: House) -> None:
    """A customer with a quote pays what was quoted, to the last second, whatever the tariff says by then (O4)."""
    number = house.ask()["id"]
    house.tariff = {**TARIFF, Kind.RENEW: {12: Money(1900, "USD"), 24: Money(3800, "USD")}}
    end = START + 3 * DAY
    house.at(end)
    order = house.place(
        quote=number, payment={"source": "outside", "paid_at": end.isoformat(), "reference": "i"}
    )
    with house.shop.desk.database.reading() as connection:
        row = connection.execute(select(Order.quote_id, Order.price_amount).where(Order.id == order)).one()
    assert tuple(row) == (number, 1250)


def test_after_its_end_the_current_price_is_told(house: House) -> None:
    """A second after its end a quote promises nothing, and the refusal names the current price (O4)."""
    number = house.ask()["id"]
    house.tariff = {**TARIFF, Kind.RENEW: {12: Money(1900, "USD"), 24: Money(3800, "USD")}}
    late = START + 3 * DAY + SECOND
    house.at(late)
    paid = {"source": "outside", "paid_at": late.isoformat(), "reference": "i"}
    refused = house.refused(quote=number, payment=paid)
    assert (refused.code, refused.field, refused.price) == ("quote_expired", "quote", Money(1900, "USD"))
    assert "19.00 USD" in str(refused)


def test_who_paid_in_time_keeps_his_price_when_the_order_comes_late(house: House) -> None:
    """A portal's outage between payment and order takes no promised price away, as it takes no class (D2, O4)."""
    number = house.ask()["id"]
    house.at(START + 9 * DAY)
    in_time = {"source": "outside", "paid_at": (START + 3 * DAY).isoformat(), "reference": "i"}
    house.place(quote=number, payment=in_time)
    assert house.refused(quote=number, payment={"source": "balance"}).code == "quote_expired"


def test_a_payment_ahead_of_our_clock_counts_as_now(house: House) -> None:
    """A portal whose clock is ahead loses its customer no promised price, and wins him none."""
    number = house.ask()["id"]
    ahead = {"source": "outside", "paid_at": (START + 4 * DAY).isoformat(), "reference": "i"}
    house.place(quote=number, payment=ahead)
    house.at(START + 5 * DAY)
    assert house.refused(quote=number, payment=ahead).code == "quote_expired"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"customer": "c-43"}, "customer"),
        ({"domain": "other.com"}, "domain"),
        ({"months": 24, "price": price(2500)}, "months"),
    ],
)
def test_a_quote_is_for_one_customer_and_one_order(house: House, changes: dict[str, Any], what: str) -> None:
    """Somebody else's quote, or one for another name or term, gives no price: the current one is told (O4)."""
    number = house.ask()["id"]
    refused = house.refused(quote=number, **changes)
    assert (refused.code, refused.field) == ("quote_mismatch", "quote")
    assert f"another {what};" in str(refused)
    assert refused.price == Money(2500 if what == "months" else 1250, "USD")


def test_a_quote_is_used_once(house: House) -> None:
    """A promised year is one year: a second order at that price is refused, unless the first came to nothing (O4)."""
    number = house.ask()["id"]
    first = house.place(quote=number)
    house.tariff = {**TARIFF, Kind.RENEW: {12: Money(1900, "USD")}}
    refused = house.refused(quote=number)
    assert (refused.code, refused.field, refused.price) == ("quote_used", "quote", Money(1900, "USD"))
    with house.shop.desk.database.transaction() as connection:
        act = ByHand("staff:sara", "T-1", house.shop.desk.now())
        by_hand.cancel(connection, first, None, act=act)
    assert house.place(quote=number) != first


def test_another_kind_of_order_has_no_part_in_a_quote(house: House) -> None:
    """A promised renewal is no promised transfer (O4)."""
    number = house.ask()["id"]
    refused = house.refused(
        quote=number, kind="transfer", expected_expiry=None, auth_info="planted-auth-code"
    )
    assert (refused.code, refused.price) == ("quote_mismatch", None)


def test_with_a_quote_the_price_is_the_promised_one(house: House) -> None:
    """An order that names a quote has its price, not a lower and not a higher one."""
    number = house.ask()["id"]
    for amount in (1249, 1251):
        refused = house.refused(quote=number, price=price(amount))
        assert (refused.code, refused.field, refused.price) == (
            "quote_mismatch",
            "price",
            Money(1250, "USD"),
        )


def test_a_quote_that_is_none_gives_no_price(house: House) -> None:
    """A number that was never given out is refused."""
    assert house.refused(quote=7).code == "quote_unknown"


def test_without_a_quote_the_tariff_stands(house: House) -> None:
    """Where the company has a tariff, an order at another price is refused with the current one (O4)."""
    house.place()
    refused = house.refused(price=price(1200))
    assert (refused.code, refused.field, refused.price) == ("price_changed", "price", Money(1250, "USD"))


def test_without_a_tariff_the_portals_price_stands(house: House) -> None:
    """A company that keeps its prices in its portal alone has them taken as they come, and may promise them."""
    house.tariff = {}
    house.place(price=price(1))
    assert house.ask(customer="c-42")["not_promised"] == "price_unknown"
    number = house.ask(price=price(990))["id"]
    house.place(quote=number, price=price(990))
    assert house.refused(quote=number, price=price(991)).price == Money(990, "USD")


def test_an_order_sent_again_keeps_its_price(house: House) -> None:
    """An order that was taken is told again under its key, although its price has changed and its quote has ended."""
    number = house.ask()["id"]
    first = house.place(key="again", quote=number)
    plain = house.place(key="plain")
    house.tariff = {**TARIFF, Kind.RENEW: {12: Money(1900, "USD"), 24: Money(3800, "USD")}}
    house.at(START + 30 * DAY)
    assert house.place(key="again", quote=number) == first
    assert house.place(key="plain") == plain


def test_fees_that_were_quoted_are_lines_of_the_order(house: House) -> None:
    """With a quote the order carries its fees as they were told: all of them, no other, refundable or not as said (E4)."""
    house.change_rules(fees=(LATE,))
    house.look_after(START - 8 * DAY)
    told = house.ask()
    assert (told["sum"], told["fees"][0]["line"]) == (price(1750), "late_renewal")
    line = {
        "line": "late_renewal",
        "kind": "fee",
        "text": "Late renewal",
        "amount": 500,
        "refundable": True,
        "delivered": False,
    }
    for wrong in (
        [],
        [line | {"amount": 400}],
        [line | {"refundable": False}],
        [line, line | {"line": "more"}],
    ):
        refused = house.refused(quote=told["id"], lines=wrong)
        assert (refused.code, refused.field) == ("quote_mismatch", "lines")
        assert "late_renewal (5.00 USD, refundable)" in str(refused)
    house.place(quote=told["id"], lines=[line, line | {"line": "mail", "kind": "service"}])


def test_a_renewal_after_a_gap_has_the_price_of_the_rules(house: House) -> None:
    """What a renewal after an interruption costs is insisted on as it is quoted (E6)."""
    house.change_rules(
        renewal=replace(house.rules.versions[0].common.renewal, after_gap_price=AfterGap.FIRST_PURCHASE)
    )
    house.look_after(START - DAY)
    assert house.ask()["price"] == price(1000)
    assert house.refused().price == Money(1000, "USD")
    house.place(price=price(1000))
    before = {"source": "outside", "paid_at": (START - DAY).isoformat(), "reference": "i"}
    house.place(payment=before)


def test_nothing_is_promised_for_what_is_not_possible(house: House) -> None:
    """Past three weeks no price is promised, but the answer tells what is still possible (D1, D3)."""
    house.look_after(START - 22 * DAY)
    del house.shop.registrars.names["mina.com"]
    told = house.ask()
    assert (told["id"], told["not_promised"], told["class"]) == (None, "not_possible", "impossible")
    assert (told["inquiry"]["way"], told["inquiry"]["price"]) == ("register", price(1000))
    assert house.shop.rows()["quotes"] == 0


def test_a_name_that_left_is_not_reckoned_by_our_old_date(house: House) -> None:
    """What is gone from us has no paid term in our books (D4)."""
    house.look_after(START + 50 * DAY)
    with house.shop.desk.database.transaction() as connection:
        connection.execute(update(Domain).values(gone_at=START - DAY, gone_why="transferred"))
    assert house.ask(customer=None)["paid_through_source"] == "look"


def test_a_question_without_a_customer_leaves_no_trace(house: House) -> None:
    """Asking costs nothing and stores nothing."""
    before = house.shop.rows()
    told = house.ask(customer=None, at="2026-12-24")
    assert (told["id"], told["at"]) == (None, "2026-12-24T23:59:59Z")
    assert house.shop.rows() == before


@pytest.mark.parametrize(
    ("asked", "code", "where"),
    [
        ({"surprise": 1}, "unknown_field", "surprise"),
        ({"kind": "buy"}, "kind_unknown", "kind"),
        ({"kind": "restore"}, "kind_not_offered", "kind"),
        ({"domain": "mina.org"}, "zone_not_sold", "domain"),
        ({"months": 7}, "term_not_sold", "months"),
        ({"months": True}, "term_not_sold", "months"),
        ({"at": "2026-12-24"}, "field_unexpected", "at"),
        ({"expires_at": "soon"}, "time_invalid", "expires_at"),
        ({"expires_at": "2026-12-24T10:00:00"}, "time_invalid", "expires_at"),
        ({"expires_at": "9999-12-31"}, "time_invalid", "expires_at"),
        ({"expires_at": "2200-01-01"}, "time_invalid", "expires_at"),
        ({"expires_at": "1405-09-01"}, "time_invalid", "expires_at"),
        ({"look": "yes"}, "field_invalid", "look"),
        ({"price": {"amount": 1250, "currency": "EUR"}}, "currency_wrong", "price.currency"),
        ({"price": {"amount": 1200, "currency": "USD"}}, "price_changed", "price"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_in_words(
    house: House, asked: dict[str, Any], code: str, where: str
) -> None:
    """What is asked wrongly is refused with a code, a place and words that say what to do."""
    with pytest.raises(RequestRefusedError) as refused:
        house.ask(**asked)
    assert (refused.value.code, refused.value.field) == (code, where)
    assert len(str(refused.value)) > 20


def test_a_quote_lasts_as_long_as_the_rules_say(house: House) -> None:
    """How long a price is promised is a number of the rules, not of the code."""
    conduct = house.rules.versions[0].common.conduct
    house.change_rules(conduct=replace(conduct, quote_valid_for=timedelta(hours=5)))
    assert house.ask()["expires_at"] == "2026-11-22T15:00:00Z"
