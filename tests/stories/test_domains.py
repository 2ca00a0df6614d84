"""Domains: what the company owes for a name, and what it gives back when a registrar says no (D1 to D9)."""

import pytest

from registrar.commands import Kind
from registrar.outcomes import RefusalReason
from tests.stories.company import PRICE, Company, Customer, Registrar

HOLDER = {"registrant": {"handle": "ex01-irnic"}}
"""An invented handle."""


def test_a_refused_registration_is_credited_in_full_and_once(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """On 1 March the registrar will not register a name: its whole price is in the customer's credit account, once (D5)."""
    registrar.refuses(RefusalReason.POLICY)
    order = sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.works()
    company.at("2026-06-01")
    assert order.state == "refused_credited"
    assert order.money == [("payment", PRICE), ("credit", PRICE)]
    assert sara.balance() == PRICE


def test_a_name_that_somebody_else_took_meanwhile_is_credited(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A name that another person registers while ours is under way is credited, and nothing is sent for it (D5)."""
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    registrar.has("example.com", until="2027-03-01", elsewhere=True)
    company.works()
    assert order.state == "refused_credited"
    assert registrar.heard == 0
    assert sara.balance() == PRICE


def test_a_name_registered_meanwhile_by_ourselves_is_no_failure(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A name found registered meanwhile is looked into first: it was us, so the order is done and not credited (D5)."""
    registrar.does_it_and_says_nothing()
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    assert order.state == "in_doubt"
    company.at("2026-03-02")
    assert order.state == "done"
    assert order.money == [("payment", PRICE), ("earned", PRICE)]
    assert registrar.was_paid == 1
    assert sara.balance() == 0


def test_a_transfer_that_does_not_happen_is_credited(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A transfer accepted on 1 March and rejected by the other registrar on 6 March is credited then (D5)."""
    registrar.has("example.com", until="2026-09-01", elsewhere=True)
    registrar.accepts(and_then="reject", days=5)
    order = sara.orders(Kind.TRANSFER, "example.com", auth_info="open-sesame")
    company.works()
    assert order.state == "waiting_third_party"
    assert sara.balance() == 0
    company.at("2026-03-08")
    assert order.state == "refused_credited"
    assert sara.balance() == PRICE


def test_a_delivered_order_is_never_credited(company: Company, sara: Customer) -> None:
    """What was delivered stays paid: its price is earned, and the credit account does not move (D5)."""
    order = sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.at("2026-12-31")
    assert order.state == "done"
    assert order.money == [("payment", PRICE), ("earned", PRICE)]
    assert sara.statement == []


def test_the_customer_reads_our_words_and_staff_the_registrars(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A refusal's code and words are kept for staff; the customer reads what it means, in our words (D8)."""
    registrar.refuses(words="2306 holder on the list of article 5")
    order = sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.works()
    assert order.told[-1] == "it could not be done; the price is in your credit account"
    assert "article 5" not in str(order.seen_by_customer)
    assert order.seen_by_staff["attempts"][0]["result_text"] == "2306 holder on the list of article 5"


@pytest.mark.parametrize("reason", [RefusalReason.POLICY, RefusalReason.NOT_RENEWABLE])
def test_whatever_the_reason_a_refusal_is_never_silent(
    company: Company, registrar: Registrar, sara: Customer, reason: RefusalReason
) -> None:
    """Whatever reason a registrar gives, the order ends with the credit and with words that say so (D8)."""
    company.looks_after("example.com", until="2026-03-20")
    registrar.refuses(reason)
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "refused_credited"
    assert order.seen_by_customer["ended_reason"] == reason
    assert sara.balance() == PRICE
