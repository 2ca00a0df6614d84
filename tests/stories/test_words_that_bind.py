"""Words that bind: what is recorded, by whom, and what reaches nobody (C1 to C3, A1, D10)."""

import pytest

from registrar.commands import Kind
from registrar.orders.by_hand import ActRefusedError
from registrar.outcomes import Correction
from tests.stories.company import HOLDER, PRICE, Company, Customer, Registrar


def test_no_promise_by_word_of_mouth_moves_an_order(company: Company) -> None:
    """Whoever of the staff acts by hand names the ticket in which it was agreed; without one nothing is done (C1)."""
    with pytest.raises(ActRefusedError, match="needs the reference of a support ticket"):
        company.acts(ticket=" ")


def test_an_order_ended_by_hand_shows_who_and_on_which_ticket(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """On 3 March staff refuse a held order: the books say who did it, and on which ticket (C1)."""
    registrar.asks_for(Correction.NAMESERVERS)
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    company.at("2026-03-03")
    company.ends("refuse", order, ticket="T-1042")
    assert order.acts_by_hand == [("order.refused", "staff:laleh", "T-1042")]
    assert order.state == "refused_credited"
    assert sara.balance() == PRICE


def test_staff_cannot_declare_done_what_is_not(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A ticket makes no fact: an order of which the registrar shows nothing cannot be ended as done (C1)."""
    registrar.asks_for(Correction.NAMESERVERS)
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    with pytest.raises(ActRefusedError, match="cannot be completed"):
        company.ends("complete", order, ticket="T-1042")
    assert order.state == "action_required"


def test_a_persons_data_stays_between_the_customer_and_the_registrar(
    company: Company, sara: Customer
) -> None:
    """The holder's name and address are sealed in the books: no timeline, event or finding shows them (D10)."""
    holder = {
        "reference": "holder-1",
        "name": "Mina Example",
        "email": "mina@example.net",
        "street": ["1 Example Street"],
        "city": "Tehran",
        "country_code": "IR",
    }
    order = sara.orders(Kind.REGISTER, "example.com", contacts={"registrant": holder})
    company.works()
    assert order.state == "done"
    open_books = "".join(
        str(company.shop.ask(f"SELECT * FROM {table}"))
        for table in ("orders", "attempts", "looks", "events", "findings", "movements")
    )
    assert "Mina" not in open_books
    assert "mina@example.net" not in open_books
    assert "Mina" not in str(order.seen_by_customer) + str(order.seen_by_staff)
