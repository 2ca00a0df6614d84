"""Expiry and renewal: from when a renewed name runs, and what is not done by itself (E1 to E7)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from registrar import notices
from registrar.agreement.reporting import ReportKind
from registrar.agreement.rules import AfterGap, FeeRule
from registrar.commands import Kind
from registrar.mails import Refused
from registrar.money import Money
from registrar.orders.requests import RequestRefusedError
from registrar.orders.suspending import Cause
from tests.stories.company import PRICE, Company, Customer, rules_with
from tests.stories.registrar import Registrar


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


def test_notices_of_expiry_go_out_once_each(company: Company) -> None:
    """A name paid through 10 April: its customer is written to 31, 15, 7, 3 and 1 days before, and 1, 5 and 20 after (E2)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.at("2026-06-01")
    assert [(letter.days, letter.on) for letter in company.post.letters] == [
        (-31, "2026-03-10"),
        (-15, "2026-03-26"),
        (-7, "2026-04-03"),
        (-3, "2026-04-07"),
        (-1, "2026-04-09"),
        (1, "2026-04-11"),
        (5, "2026-04-15"),
        (20, "2026-04-30"),
    ]
    assert {letter.customer for letter in company.post.letters} == {"sara"}


def test_what_will_be_said_can_be_seen_beforehand(company: Company) -> None:
    """On 1 March all eight notices of a name that is paid through 10 April stand in the books with their days (E2)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.works()
    with company.shop.database.reading() as connection:
        planned = notices.list_notices(connection, domain="example.com")
    assert [(notice["state"], notice["offset_days"]) for notice in planned] == [
        ("planned", days) for days in (-31, -15, -7, -3, -1, 1, 5, 20)
    ]


def test_whoever_has_renewed_is_not_reminded(company: Company, sara: Customer) -> None:
    """Renewed on 5 April, the notices of 7 April and later are not sent: the next one comes a month before next year's end (E2)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.at("2026-04-05 12:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-06-01")
    assert order.state == "done"
    assert [letter.days for letter in company.post.letters if letter.kind == "expiry"] == [-31, -15, -7]
    company.at("2027-03-15")
    assert [letter.on for letter in company.post.letters if letter.kind == "expiry"][-1] == "2027-03-10"


def test_after_an_outage_a_customer_gets_the_newest_word_and_no_flood(company: Company) -> None:
    """No mail left from 1 to 8 April: on 8 April the customer gets the notice of three days before, and not that of seven (E2)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.at("2026-04-01 12:00")
    company.stands_still_until("2026-04-08 09:00")
    company.works()
    assert [letter.days for letter in company.post.letters] == [-31, -15, -3]


def test_a_mail_that_did_not_arrive_changes_nothing_and_is_known(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """The customer's mailbox refuses on 10 March: that is on record, staff hear of it once, and his name is as it was (E2)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.post.answers.append(Refused("550 no such mailbox"))
    company.at("2026-03-11")
    with company.shop.database.reading() as connection:
        first, *later = notices.list_notices(connection, domain="example.com")
    assert (first["state"], first["said"]) == ("refused", "550 no such mailbox")
    assert {notice["state"] for notice in later} == {"planned"}
    assert len(company.alarms) == 1
    assert registrar.shows("example.com") == "2026-04-10"


def test_a_renewal_that_was_paid_and_not_done_is_found_by_us_first(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Paid on 18 March for a name that expired on 20 March, and stuck: on 21 March staff are told how much time is left (E3)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.at("2026-03-18 10:00")
    company.stops_sending()
    sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-21 12:00")
    company.looks_over()
    assert "renewal_unmoved" in company.alarms


def test_a_renewal_that_was_paid_and_not_done_is_reported_within_a_week(
    company: Company, sara: Customer
) -> None:
    """The name expired on 20 March, 12:00: a report by support is in time to 27 March, 12:00:00, and late a second after (E3)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.at("2026-03-18 10:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-28 10:00")
    assert order.agreed["renewal_report_by"] == "2026-03-27T12:00:00Z"
    in_time = sara.reports(order, ReportKind.RENEWAL_NOT_DONE, said="2026-03-27 12:00:00", ticket="T-1")
    late = sara.reports(order, ReportKind.RENEWAL_NOT_DONE, said="2026-03-27 12:00:01", ticket="T-2")
    assert (in_time.in_time, late.in_time) == (True, False)


def test_time_on_hold_is_not_added_to_the_term(company: Company, sara: Customer) -> None:
    """Two weeks of doubt about a customer's identity: his name runs on to 10 April all the same, and then one year from there (E5)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.doubts(sara)
    company.at("2026-03-15")
    company.trusts_again(sara)
    assert company.paid_through("example.com") == "2026-04-10"
    sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert company.paid_through("example.com") == "2027-04-10"


def test_a_suspension_is_not_added_to_the_term(company: Company, registrar: Registrar) -> None:
    """A name that was cut off from 1 to 20 March for a breach of the rules still ends on 10 April (E5, O11)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.suspends("example.com", cause=Cause.RULES)
    company.at("2026-03-20")
    company.unsuspends("example.com")
    company.at("2026-03-21")
    assert registrar.locked("example.com") == set()
    assert company.paid_through("example.com") == "2026-04-10"


LATE = FeeRule(
    line="late",
    kinds=frozenset({Kind.RENEW}),
    after=timedelta(days=7),
    until=timedelta(days=21),
    amount=Money(800_000, "IRR"),
    credited_on_refusal=True,
    text={"fa": "هزینه تمدید دیرهنگام", "en": "Late renewal"},
)
"""A company's fee for the second and third week."""
LATE_LINE = {
    "line": "late",
    "kind": "fee",
    "text": "Late renewal",
    "amount": 800_000,
    "refundable": True,
    "delivered": False,
}


def test_a_late_renewal_costs_its_quoted_fee(company: Company, sara: Customer) -> None:
    """On 8 March, 12:00:00, the seventh day is not over and there is no fee; a second later the quote names 800,000 rials (E4)."""
    company.goes_by(rules_with(fees=(LATE,)))
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.prices(Kind.RENEW, PRICE)
    company.at("2026-03-08 12:00:00")
    assert company.answers(Kind.RENEW, "example.com")["fees"] == []
    company.at("2026-03-08 12:00:01")
    (fee,) = company.answers(Kind.RENEW, "example.com")["fees"]
    assert (fee["line"], fee["amount"], fee["text"]["en"]) == ("late", 800_000, "Late renewal")


def test_a_fee_is_a_line_of_its_own(company: Company, sara: Customer) -> None:
    """Ordered on 10 March on that quote: the statement of the order shows the name and the fee apart (E4)."""
    company.goes_by(rules_with(fees=(LATE,)))
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.prices(Kind.RENEW, PRICE)
    company.at("2026-03-10 12:00")
    quote = company.quotes(sara, Kind.RENEW, "example.com")
    order = sara.orders(Kind.RENEW, "example.com", quote=quote["id"], lines=[LATE_LINE])
    company.works()
    assert [(line["line"], line["amount"], line["became"]) for line in order.lines] == [
        ("domain", PRICE, "earned"),
        ("late", 800_000, "earned"),
    ]


def test_a_fee_that_nobody_quoted_is_not_taken(company: Company, sara: Customer) -> None:
    """On a quote without a fee no fee can be put into the order (E4, O4)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.prices(Kind.RENEW, PRICE)
    company.at("2026-03-10 12:00")
    quote = company.quotes(sara, Kind.RENEW, "example.com")
    with pytest.raises(RequestRefusedError, match="these fees"):
        sara.orders(Kind.RENEW, "example.com", quote=quote["id"], lines=[LATE_LINE])


@pytest.mark.parametrize(("credited", "kept"), [(True, 0), (False, 800_000)])
def test_what_becomes_of_a_fee_is_said_by_its_own_rule(
    company: Company, registrar: Registrar, sara: Customer, credited: bool, kept: int
) -> None:
    """A renewal with a fee is refused on 10 March: the fee comes back, or stays, as the rule that names it says (E4, D5)."""
    company.goes_by(rules_with(fees=(replace(LATE, credited_on_refusal=credited),)))
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.prices(Kind.RENEW, PRICE)
    company.at("2026-03-10 12:00")
    quote = company.quotes(sara, Kind.RENEW, "example.com")
    registrar.refuses()
    sara.orders(Kind.RENEW, "example.com", quote=quote["id"], lines=[{**LATE_LINE, "refundable": credited}])
    company.works()
    assert sara.balance() == PRICE + 800_000 - kept


def test_after_an_interruption_the_price_may_be_the_first_one(company: Company) -> None:
    """Interrupted since 1 March: on 5 March a renewal costs as a renewal, or, if the rules say so, as a first purchase (E6)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.prices(Kind.RENEW, PRICE)
    company.prices(Kind.REGISTER, 3_000_000)
    company.at("2026-03-05 12:00")
    assert company.answers(Kind.RENEW, "example.com")["price"]["amount"] == PRICE
    company.goes_by(rules_with(renewal={"after_gap_price": AfterGap.FIRST_PURCHASE}))
    assert company.answers(Kind.RENEW, "example.com")["price"]["amount"] == 3_000_000


def test_an_interruption_changes_the_price_and_not_the_dates(company: Company, sara: Customer) -> None:
    """Even as a first purchase, a name that lapsed on 1 March runs on from 1 March (E6, E1)."""
    company.goes_by(rules_with(renewal={"after_gap_price": AfterGap.FIRST_PURCHASE}))
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-03-05 12:00")
    sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert company.paid_through("example.com") == "2027-03-01"


def test_a_date_that_is_not_a_term_later_is_shown_to_staff(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A year was bought on 5 March, and the registry shows two: the date is taken as it is, and staff are told (E1)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    registrar.answers_with_expiry("example.com", "2028-03-20 12:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "done"
    assert company.paid_through("example.com") == "2028-03-20"
    assert len(company.alarms) == 1
