"""Expiry and renewal: from when a renewed name runs, and what is not done by itself (E1 to E7)."""

from registrar.commands import Kind
from tests.stories.company import Company, Customer, Registrar

ANY = {"expected_expiry": "any"}


def test_a_lapsed_name_runs_on_from_its_previous_expiry(company: Company, sara: Customer) -> None:
    """A name that expired on 1 March and is renewed on 5 March runs until 1 March of the next year, not 5 March (E1)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-03-05 10:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "done"
    assert company.paid_through("example.com") == "2027-03-01"


def test_the_new_date_is_read_back_and_not_computed(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A name that expires on 29 February runs to the day that the registry gives: 1 March, and not a day of ours (E1)."""
    company.at("2028-02-01 08:00")
    company.looks_after("example.com", until="2028-02-29 12:00")
    sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert registrar.shows("example.com") == "2029-03-01"
    assert company.paid_through("example.com") == "2029-03-01"


def test_two_clicks_do_not_buy_two_years(company: Company, registrar: Registrar, sara: Customer) -> None:
    """Two orders made against the expiry of 20 March buy one year: the second is refused and credited (E1, D5)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    orders = [sara.orders(Kind.RENEW, "example.com", expected_expiry="2026-03-20") for _ in range(2)]
    company.at("2026-03-02")
    assert [order.state for order in orders] == ["done", "refused_credited"]
    assert registrar.shows("example.com") == "2027-03-20"
    assert registrar.was_paid == 1


def test_a_lost_name_is_not_bought_again_by_itself(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A name that was dropped and is free on 1 June is not registered again for its renewal: that is credited (E7)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-06-01")
    registrar.drops("example.com")
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-07-01")
    assert order.state == "refused_credited"
    assert registrar.heard == 0
    assert registrar.shows("example.com") is None


def test_nothing_happens_to_a_name_that_nobody_renews(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A name that lapses on 1 March and is nobody's order: a year later nothing was sent, bought or charged (E7)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2027-03-01")
    assert registrar.heard == 0
    assert sara.statement == []
