"""Words that bind: what is recorded, by whom, and what reaches nobody (C1 to C3, A1, D10)."""

import pytest

from registrar import exports, reports
from registrar.agreement.reporting import ReportKind
from registrar.commands import Kind
from registrar.mails import Refused
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.suspending import Cause
from registrar.outcomes import Correction
from tests.stories.company import HOLDER, PRICE, Company, Customer, rules_with
from tests.stories.registrar import Registrar

MINA = {
    "reference": "holder-1",
    "name": "Mina Example",
    "email": "mina@example.net",
    "street": ["1 Example Street"],
    "city": "Tehran",
    "country_code": "IR",
}
"""Somebody who does not exist."""


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
    order = sara.orders(Kind.REGISTER, "example.com", contacts={"registrant": MINA})
    company.works()
    assert order.state == "done"
    open_books = "".join(
        str(company.shop.ask(f"SELECT * FROM {table}"))
        for table in ("orders", "attempts", "looks", "events", "findings", "movements")
    )
    assert "Mina" not in open_books
    assert "mina@example.net" not in open_books
    assert "Mina" not in str(order.seen_by_customer) + str(order.seen_by_staff)


def test_each_act_by_hand_has_its_ticket_in_the_books(company: Company, sara: Customer) -> None:
    """Of a hold, a doubted identity, a gift, a debt's warning and a suspension the books say who, when and on which ticket (C1)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.stops_sending()
    company.sends_again()
    company.doubts(sara)
    company.trusts_again(sara)
    company.counter.gives_gift("sara", PRICE, until="2026-06-30")
    company.suspends("example.com", cause=Cause.RULES)
    unsigned = company.shop.ask("SELECT kind FROM events WHERE actor LIKE 'staff:%' AND ticket IS NULL")
    signed = company.shop.ask("SELECT DISTINCT kind FROM events WHERE ticket IS NOT NULL ORDER BY kind")
    assert unsigned == []
    assert [kind for (kind,) in signed] == [
        "customer.gifted",
        "customer.held",
        "customer.released",
        "domain.suspended",
        "order.placed",
        "registrar.held_by_hand",
        "registrar.released",
    ]


def test_each_request_keeps_its_channel_and_whether_it_binds(company: Company, sara: Customer) -> None:
    """A renewal that was asked for by telephone is taken, and the books say that the channel does not bind (C2)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    by_phone = sara.orders(Kind.RENEW, "example.com", requested_via="phone")
    by_support = sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER, requested_via="support")
    assert [
        (order.agreed["requested_via"], order.agreed["documentary"]) for order in (by_phone, by_support)
    ] == [
        ("phone", False),
        ("support", True),
    ]


def test_an_email_alone_is_not_enough_where_support_is_asked_for(company: Company, sara: Customer) -> None:
    """A renewal that was not done is reported by e-mail on 21 March: it is kept and looked into, and does not bind (C2, E3)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.at("2026-03-18 10:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-21 10:00")
    report = sara.reports(order, ReportKind.RENEWAL_NOT_DONE, channel="email")
    assert (report.in_time, report.documentary) == (True, False)
    assert "to bind it must come by the channel that the agreement names" in reports.consequence(report)


def test_a_dispute_is_one_file_with_its_proof(company: Company, registrar: Registrar, sara: Customer) -> None:
    """The whole of a refused order in one file: timeline, money, the rules' text, and hashes that show it unchanged (C3)."""
    registrar.refuses(words="2306 holder on the list of article 5")
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    company.at("2026-04-01 10:00")
    file = company.exports(order, ticket="T-300")
    parts = {part["name"]: part["content"] for part in file["parts"]}
    assert [line["kind"] for line in parts["ledger"]] == ["payment", "credit"]
    assert parts["rules"]["name"] == "2026-01"
    assert exports.faults(file) == []


def test_a_file_that_was_changed_afterwards_shows_it(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Whoever takes a line out of the file, or changes an amount in it, breaks the chain of its hashes (C3)."""
    registrar.refuses()
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    file = company.exports(order, ticket="T-300")
    (ledger_part,) = [part for part in file["parts"] if part["name"] == "ledger"]
    ledger_part["content"][-1]["amount"] = 1
    assert exports.faults(file) != []


def test_a_dispute_s_file_shows_no_persons_data(company: Company, sara: Customer) -> None:
    """What goes to the guild's council holds no name, address or e-mail of the holder (C3, D10)."""
    order = sara.orders(Kind.REGISTER, "example.com", contacts={"registrant": MINA})
    company.works()
    file = str(company.exports(order, ticket="T-300"))
    assert not any(datum in file for datum in ("Mina", "mina@example.net", "1 Example Street"))


def test_an_order_keeps_the_version_of_the_agreement(company: Company, sara: Customer) -> None:
    """Whoever paid on 1 March accepted the text of that day: the order says which, and under which rules (A1)."""
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    assert (order.agreed["agreement"], order.agreed["rules"]) == ("sepidman-1", "2026-01")


def test_a_later_version_does_not_change_an_order(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """From 3 March on failed renewals are no longer credited by itself: an order of 2 March still is, one of 4 March waits for staff (A1)."""
    company.goes_by(
        rules_with(),
        rules_with(name="2026-02", since="2026-03-03", renewal={"credit_failed": False}),
    )
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.looks_after("example.ir", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    company.stops_sending()
    old = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-04 10:00")
    new = sara.orders(Kind.RENEW, "example.ir")
    company.sends_again()
    registrar.refuses()
    registrar.refuses()
    company.works()
    assert [order.agreed["rules"] for order in (old, new)] == ["2026-01", "2026-02"]
    assert [order.lines[0]["became"] for order in (old, new)] == ["credited", "undecided"]
    assert sara.balance() == PRICE


def test_the_customer_declares_that_he_looked_into_the_rights(company: Company, sara: Customer) -> None:
    """With his registration of 1 March a customer declares that he looked into the rights to the name: the order keeps it (D9)."""
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER, rights_declared=True)
    assert order.row.details["rights_declared"] is True


def test_an_address_is_known_to_the_post_alone(company: Company, sara: Customer) -> None:
    """The customer's e-mail address is sealed: no event, notice or finding shows it, whatever the mail server says (D10)."""
    company.post.answers.append(Refused("550 no such mailbox"))
    sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    open_books = "".join(
        str(company.shop.ask(f"SELECT * FROM {table}"))
        for table in ("customers", "notices", "events", "findings")
    )
    assert "sara@example.net" not in open_books
