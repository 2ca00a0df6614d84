"""Can staff ask what an order would cost and be promised, and promise it on a ticket (O4, C1)?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from registrar.commands import Kind
from registrar.money import Money
from tests.databases import ON_ONE_DATABASE
from tests.desks import CATALOGUE, START, opened
from tests.terminal.conftest import Started, Terminal, unboxed

PRICES = {
    Kind.REGISTER: {12: Money(1000, "USD"), 24: Money(2000, "USD")},
    Kind.RENEW: {12: Money(1250, "USD"), 24: Money(2500, "USD")},
}
PROMISE = ("--customer", "c-42", "--ticket", "T-1")


@pytest.fixture
def terminal(database_url: str) -> Iterator[Terminal]:
    """Give the command over a desk with a tariff for .com, where mina.com is ours for a hundred days."""
    with opened(database_url) as shop:
        shop.registrars.names["mina.com"] = START + timedelta(days=100)
        catalogue = {**CATALOGUE, "com": replace(CATALOGUE["com"], prices=PRICES)}
        yield Terminal(replace(shop, desk=replace(shop.desk, catalogue=catalogue)), Started([]))


def test_a_quote_tells_class_dates_and_price(terminal: Terminal) -> None:
    """Of a name that our books do not know, the registrar is asked, and its date is the one that counts."""
    told = terminal.json("quote", "MINA.com", "--kind", "renew")
    assert (told["class"], told["paid_through_source"], told["price"]["amount"]) == (
        "not_expired",
        "look",
        1250,
    )
    assert terminal.shop.registrars.looks == [("epp", "mina.com", Kind.RENEW)]
    assert terminal.shop.rows()["quotes"] == 0


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-08T23:59:59Z", "committed"),
        ("2026-11-09T00:00:00Z", "best_effort"),
        ("2026-11-22T23:59:59Z", "best_effort"),
        ("2026-11-23T00:00:00Z", "impossible"),
    ],
)
def test_a_date_that_is_given_counts_to_the_end_of_its_day(
    terminal: Terminal, at: str, expected: str
) -> None:
    """`--expires-at 2026-11-01` is the last second of that day, and the classes are counted from it (D2)."""
    told = terminal.json(
        *("quote", "mina.com", "--kind", "renew", "--expires-at", "2026-11-01", "--at", at, "--no-look")
    )
    assert (told["paid_through"], told["class"]) == ("2026-11-01T23:59:59Z", expected)
    assert (told["inquiry"], terminal.shop.registrars.looks) == (None, [])


def test_a_table_ends_with_the_words_for_the_customer(terminal: Terminal) -> None:
    """People read the facts, and under them what the customer may be told in both languages."""
    result = terminal.call("quote", "mina.com", "--kind", "renew", "--months", "24")
    assert result.exit_code == 0
    assert "25.00 USD" in result.stdout
    *_, persian, english = result.stdout.splitlines()
    assert "is paid for until" in english + persian
    assert "پرداخت شده است" in english + persian


def test_a_promise_has_a_ticket(terminal: Terminal) -> None:
    """A price is promised to a customer on a ticket, and the event says by whom (C1)."""
    told = terminal.json("quote", "mina.com", "--kind", "renew", *PROMISE)
    assert (told["customer"], told["expires_at"]) == ("c-42", "2026-11-25T10:00:00Z")
    assert terminal.shop.rows()["quotes"] == 1
    for words in (PROMISE[:2], PROMISE[2:]):
        assert terminal.call("quote", "mina.com", "--kind", "renew", *words).exit_code == 2
    blank = terminal.call("quote", "mina.com", "--kind", "renew", "--customer", "c-42", "--ticket", " ")
    assert (blank.exit_code, "ticket_missing" in blank.stderr) == (1, True)
    assert terminal.shop.rows()["quotes"] == 1


def test_what_has_no_tariff_is_promised_at_the_price_that_is_said(terminal: Terminal) -> None:
    """Where no tariff has a price, staff say it; without one nothing is promised, and the exit code tells."""
    ask = ("quote", "mina.ir", "--kind", "register", *PROMISE)
    nothing = terminal.call(*ask)
    assert (nothing.exit_code, "price_unknown" in nothing.stdout) == (1, True)
    told = terminal.json(*ask, "--price", 450_000, "IRR")
    assert (told["price"], told["price_source"]) == ({"amount": 450_000, "currency": "IRR"}, "given")


def test_a_registrar_that_is_silent_is_said(terminal: Terminal) -> None:
    """If the answer hung on the registrar and it said nothing, the exit code is 75: ask again."""
    terminal.shop.registrars.silent.add("mina.com")
    result = terminal.call("quote", "mina.com", "--kind", "renew", "--json")
    assert result.exit_code == 75
    assert '"class": null' in result.stdout


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("mina.org", "--kind", "renew"), "zone_not_sold"),
        (("mina.com", "--kind", "buy"), "kind_unknown"),
        (("mina.com", "--kind", "renew", "--months", "7"), "term_not_sold"),
        (("mina.com", "--kind", "renew", "--expires-at", "yesterday"), "time_invalid"),
        (("mina.com", "--kind", "renew", "--price", "1", "USD"), "price_changed"),
        (("mina.com", "--kind", "renew", "--at", "2026-12-01", *PROMISE), "field_unexpected"),
    ],
)
def test_what_is_asked_wrongly_ends_with_2(terminal: Terminal, words: tuple[str, ...], code: str) -> None:
    """A question that cannot be answered says why, and scripts see that it was asked wrongly."""
    result = terminal.call("quote", *words)
    assert result.exit_code == 2
    assert code in unboxed(result.stderr)
