"""Orders and delivery: when an order is delivered, what may stop it, and what its customer may do (O1 to O11)."""

import pytest

from registrar import reports, verification
from registrar.agreement.reporting import ReportKind
from registrar.commands import Kind
from registrar.holds import HoldRefusedError
from registrar.mails import Refused
from registrar.money import Money
from registrar.orders import reading
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.requests import RequestRefusedError
from registrar.orders.suspending import Cause
from registrar.outcomes import Correction
from tests.stories.company import HOLDER, PRICE, Company, Customer
from tests.stories.registrar import Registrar


def test_an_accepted_order_is_not_a_delivered_one(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A registry that answers 1001 on 1 March has not registered the name; it is delivered on 4 March, when it shows (O1)."""
    registrar.accepts(and_then="approve", days=3)
    order = sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.works()
    company.at("2026-03-03")
    assert order.state == "waiting_third_party"
    assert order.money == [("payment", PRICE)]
    company.at("2026-03-05")
    assert order.state == "done"
    assert order.money == [("payment", PRICE), ("earned", PRICE)]


def test_silence_is_not_delivery_either(company: Company, registrar: Registrar, sara: Customer) -> None:
    """An order whose answer was lost is neither delivered nor failed until a look has told which (O1)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    registrar.does_it_and_says_nothing()
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "in_doubt"
    assert order.money == [("payment", PRICE)]
    company.at("2026-03-02")
    assert order.state == "done"


def test_the_customer_is_told_when_it_is_ready(company: Company, sara: Customer) -> None:
    """The registration of 1 March is done at once: its customer has an e-mail about it the same day (O1)."""
    sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.works()
    company.at("2026-03-01 08:10")
    assert [(letter.kind, letter.on) for letter in company.post.letters] == [("delivered", "2026-03-01")]


def test_a_mail_that_nobody_reads_does_not_undo_the_delivery(company: Company, sara: Customer) -> None:
    """The mailbox refuses the word of it: the order is done all the same, and its price earned (O1)."""
    company.post.answers.append(Refused("550 no such mailbox"))
    order = sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.works()
    company.at("2026-03-02")
    assert order.state == "done"
    assert order.money == [("payment", PRICE), ("earned", PRICE)]


def test_an_order_has_its_dates_from_payment(company: Company, sara: Customer) -> None:
    """A renewal paid on 1 March, 08:00, and placed a day later is due by 3 March, 08:00, and can be cancelled from 5 March (O2)."""
    company.at("2026-03-02 08:00")
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com", paid="2026-03-01 08:00")
    assert order.agreed["due_by"] == "2026-03-03T08:00:00Z"
    assert order.agreed["cancellable_from"] == "2026-03-05T08:00:00Z"


def test_an_order_cannot_be_cancelled_before_twice_its_delivery_time(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """On 5 March, 07:59:59, the customer is refused, and told the date; at 08:00:00 he may, and has his money back (O2)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-05 07:59:59")
    with pytest.raises(ActRefusedError, match="from 2026-03-05 08:00 UTC on"):
        sara.cancels(order)
    company.at("2026-03-05 08:00:00")
    sara.cancels(order)
    assert order.state == "cancelled"
    assert sara.balance() == PRICE
    assert registrar.heard == 0


def test_whatever_may_have_happened_is_looked_at_before_it_is_cancelled(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A renewal that was done and whose answer was lost is not cancelled on the way: first it is found out, and then it is done (O2)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    registrar.does_it_and_says_nothing()
    order = sara.orders(Kind.RENEW, "example.com", paid="2026-02-01 08:00")
    company.works()
    with pytest.raises(ActRefusedError):
        sara.cancels(order)
    company.at("2026-03-02")
    assert order.state == "done"
    assert sara.balance() == 0


def test_what_is_late_is_listed(company: Company, sara: Customer) -> None:
    """A renewal of 1 March that still waits on 3 March, a second past its time, stands on the list of what is late (O2)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-03 08:00:00")
    assert company.overdue == []
    company.at("2026-03-03 08:00:01")
    assert company.overdue == [order.number]


def test_force_majeure_stops_the_clocks(company: Company, sara: Customer) -> None:
    """Ten days without foreign currency, from 2 to 12 March: what was due on 3 March is due on 13 March, with its evidence (O3)."""
    company.looks_after("example.com", until="2026-04-20 12:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.stands_still_until("2026-03-02 08:00")
    company.stops_sending(force_majeure=True, evidence="circular 1405/12 of the internet commission")
    company.at("2026-03-12 08:00")
    company.sends_again()
    assert order.agreed["due_by"] == "2026-03-13T08:00:00Z"
    assert order.agreed["cancellable_from"] == "2026-03-15T08:00:00Z"


def test_our_own_trouble_stops_no_clock(company: Company, sara: Customer) -> None:
    """An outage at the registrar from 2 to 12 March is the company's own trouble: what was due on 3 March stays due (O3)."""
    company.looks_after("example.com", until="2026-04-20 12:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.stands_still_until("2026-03-02 08:00")
    company.stops_sending()
    company.at("2026-03-12 08:00")
    assert order.agreed["due_by"] == "2026-03-03T08:00:00Z"


def test_force_majeure_is_not_declared_without_evidence(company: Company) -> None:
    """Nobody stops the clocks of what was promised by his word alone (O3, C1)."""
    with pytest.raises(HoldRefusedError, match="on which evidence"):
        company.stops_sending(force_majeure=True)


def test_a_planned_hold_is_announced_a_day_before_at_least(company: Company) -> None:
    """On 1 March, 08:00, a hold from 2 March, 07:59 on is announced too late; from 08:00 on it is announced in time (O3)."""
    with pytest.raises(HoldRefusedError, match="at least"):
        company.announces_hold(since="2026-03-02 07:59")
    company.announces_hold(since="2026-03-02 08:00")


def test_a_planned_hold_is_announced_a_month_before_at_most(company: Company) -> None:
    """One that begins on 2 April is announced too early on 1 March: until then everybody has forgotten it (O3)."""
    with pytest.raises(HoldRefusedError, match="at most"):
        company.announces_hold(since="2026-04-02 08:00")


def test_an_urgent_hold_needs_no_day(company: Company) -> None:
    """What cannot wait is announced an hour before, and said to be urgent (O3)."""
    company.announces_hold(since="2026-03-01 09:00", urgent=True)


def test_whoever_waits_is_told_of_a_planned_hold(company: Company, sara: Customer) -> None:
    """A customer with an open order has an e-mail on the day on which the hold of 3 March is announced; it begins by itself (O3)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.stands_still_until("2026-03-01 09:00")
    sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.announces_hold(since="2026-03-03 08:00")
    company.at("2026-03-03 08:00")
    assert "planned_hold" in [letter.kind for letter in company.post.letters]
    late = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-04 08:00")
    assert late.state == "queued"


def test_what_costs_more_than_its_ceiling_is_not_bought_at_a_loss(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """The registrar asks more on 1 March than the order's ceiling: it is held for staff, and neither bought nor refused (O4)."""
    registrar.costs_more_than_the_ceiling()
    order = sara.orders(
        Kind.REGISTER,
        "example.com",
        contacts=HOLDER,
        price_ceiling={"amount": 1_200, "currency": "USD"},
    )
    company.works()
    assert order.state == "held"
    assert registrar.was_paid == 0
    assert order.money == [("payment", PRICE)]


def test_the_earliest_promise_goes_out_first_when_sending_resumes(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Two renewals waited for a week: first goes the one whose own week ends first, whichever was placed first (O3, D2)."""
    company.looks_after("example.ir", until="2026-04-20 12:00")
    company.looks_after("example.com", until="2026-02-23 18:00")
    company.stops_sending("*")
    sara.orders(Kind.RENEW, "example.ir")
    sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-02 12:00")
    company.sends_again("*")
    company.works()
    assert [charge.name for charge in registrar.far.charges] == ["example.com", "example.ir"]


def test_a_proforma_holds_its_price_until_its_deadline(company: Company, sara: Customer) -> None:
    """Promised 4,500,000 on 1 March for three days; on 2 March the tariff rises: on 4 March, 08:00:00, the old price still holds (O4)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.prices(Kind.RENEW, PRICE)
    quote = company.quotes(sara, Kind.RENEW, "example.com")
    company.at("2026-03-02 08:00")
    company.prices(Kind.RENEW, 6_000_000)
    company.at("2026-03-04 08:00:00")
    order = sara.orders(Kind.RENEW, "example.com", quote=quote["id"])
    assert order.money == [("payment", PRICE)]


def test_outside_the_deadline_the_current_tariff_applies(company: Company, sara: Customer) -> None:
    """A second later the order is refused, with the price of today; and so is one without any proforma (O4)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.prices(Kind.RENEW, PRICE)
    quote = company.quotes(sara, Kind.RENEW, "example.com")
    company.at("2026-03-02 08:00")
    company.prices(Kind.RENEW, 6_000_000)
    company.at("2026-03-04 08:00:01")
    with pytest.raises(RequestRefusedError) as late:
        sara.orders(Kind.RENEW, "example.com", quote=quote["id"])
    with pytest.raises(RequestRefusedError) as without:
        sara.orders(Kind.RENEW, "example.com")
    assert [refused.value.code for refused in (late, without)] == ["quote_expired", "price_changed"]
    assert late.value.price == without.value.price == Money(6_000_000, "IRR")


def test_a_proforma_is_for_whom_it_was_issued_to(company: Company, sara: Customer) -> None:
    """Another customer cannot order at the price that was promised to this one (O4)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.prices(Kind.RENEW, PRICE)
    quote = company.quotes(sara, Kind.RENEW, "example.com")
    company.prices(Kind.RENEW, 6_000_000)
    with pytest.raises(RequestRefusedError, match="another customer"):
        company.customer("reza").orders(Kind.RENEW, "example.com", quote=quote["id"])


def test_an_identity_in_doubt_keeps_orders_waiting(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """From 2 to 4 March a customer's documents are missing: his registration waits, is not refused, and goes out then (O6)."""
    company.at("2026-03-02 08:00")
    company.doubts(sara, documents_by="2026-03-12")
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.at("2026-03-04 08:00")
    assert order.state == "queued"
    assert registrar.heard == 0
    company.trusts_again(sara)
    company.works()
    assert order.state == "done"


def test_late_documents_alert_staff_and_do_nothing_by_themselves(company: Company, sara: Customer) -> None:
    """The documents were due by 2 March: on 3 March staff hear of it, and the order waits as before (O6)."""
    company.doubts(sara, documents_by="2026-03-02")
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.at("2026-03-02")
    company.looks_over()
    assert company.alarms == []
    company.at("2026-03-03")
    company.looks_over()
    assert company.alarms == ["documents_late"]
    assert order.state == "queued"


def test_a_change_of_holder_waits_for_a_ticket(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Ordered on 1 March: it waits until staff have the written request through support, with its ticket, and then goes (O5)."""
    company.looks_after("example.ir", until="2026-09-01 12:00")
    order = sara.orders(Kind.CHANGE_HOLDER, "example.ir")
    company.at("2026-03-04 08:00")
    assert order.state == "queued"
    assert company.alarms == ["approval_needed"]
    company.approves(order, via="support", ticket="T-88")
    company.works()
    assert order.state == "done"
    assert ("order.approved", "staff:laleh", "T-88") in order.acts_by_hand


def test_a_change_of_holder_is_not_approved_on_an_email(company: Company, sara: Customer) -> None:
    """Somebody writes an e-mail that the name is to be another's: that alone approves nothing (O5, C2)."""
    company.looks_after("example.ir", until="2026-09-01 12:00")
    order = sara.orders(Kind.CHANGE_HOLDER, "example.ir")
    with pytest.raises(ActRefusedError, match="not by 'email'"):
        company.approves(order, via="email", ticket="T-88")
    company.works()
    assert order.state == "queued"


def test_a_doubtful_change_of_holder_is_declined_and_credited(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """The doubt is not removed by 3 March: staff decline it on a ticket, and the price comes back; nothing was sent (O5, D5)."""
    company.looks_after("example.ir", until="2026-09-01 12:00")
    order = sara.orders(Kind.CHANGE_HOLDER, "example.ir")
    company.at("2026-03-03 08:00")
    company.declines(order, ticket="T-89")
    assert order.state == "refused_credited"
    assert sara.balance() == PRICE
    assert registrar.heard == 0


def test_what_was_ordered_and_what_came_are_compared(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Ordered for one holder on 1 March and set up for another on 3 March: the software sees it before the customer does (O9)."""
    registrar.accepts(and_then="approve", days=2)
    order = sara.orders(Kind.REGISTER, "example.ir", contacts={"registrant": {"handle": "ex01-irnic"}})
    company.works()
    company.at("2026-03-04 08:00")
    assert order.state == "done"
    assert company.alarms == ["delivered_differs"]


def test_a_breach_is_the_only_end_without_a_credit(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """One of the staff proposes it with evidence, another confirms it on 4 March: nothing is paid back, and every proof lists it (O10)."""
    registrar.asks_for(Correction.NAMESERVERS)
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    company.at("2026-03-04 10:00")
    company.proposes_breach(order, staff="staff:laleh", evidence="court order 12/1405")
    company.confirms_breach(order, staff="staff:omid")
    assert order.money == [("payment", PRICE), ("forfeited", PRICE)]
    assert sara.balance() == 0
    assert order.told[-1] == "ended for breach of the agreement; nothing is paid back"
    with company.shop.database.reading() as connection:
        proof = verification.verify(connection)
    assert proof.differences == ()


def test_nobody_ends_an_order_for_breach_alone(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Whoever proposed it cannot confirm it, and without evidence it cannot even be proposed (O10)."""
    registrar.asks_for(Correction.NAMESERVERS)
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    with pytest.raises(ActRefusedError, match="needs the evidence"):
        company.proposes_breach(order, staff="staff:laleh", evidence=" ")
    company.proposes_breach(order, staff="staff:laleh", evidence="court order 12/1405")
    with pytest.raises(ActRefusedError, match="another person"):
        company.confirms_breach(order, staff="staff:laleh")
    assert order.money == [("payment", PRICE)]


def test_nothing_came_is_reported_within_two_days(company: Company, sara: Customer) -> None:
    """A renewal due by 3 March, 08:00: a report that nothing came is in time to 5 March, 08:00:00, and late a second after (O8)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-06 08:00")
    assert order.agreed["report_by"] == "2026-03-05T08:00:00Z"
    in_time = sara.reports(order, ReportKind.NOT_DELIVERED, said="2026-03-05 08:00:00", ticket="T-1")
    late = sara.reports(order, ReportKind.NOT_DELIVERED, said="2026-03-05 08:00:01", ticket="T-2")
    assert (in_time.in_time, late.in_time) == (True, False)
    assert "customer_reports" in company.alarms


def test_before_the_delivery_time_is_over_there_is_nothing_to_report(
    company: Company, sara: Customer
) -> None:
    """On 2 March nothing can be missing yet that is due by 3 March: the customer is told until when to wait (O8)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-02 08:00")
    with pytest.raises(ActRefusedError, match="lasts until 2026-03-03 08:00:00"):
        sara.reports(order, ReportKind.NOT_DELIVERED)


def test_what_differs_is_reported_within_a_week(company: Company, sara: Customer) -> None:
    """Set up on 1 March, 08:00: what differs is reported in time to 8 March, 08:00:00; later it is put right for the rest only (O9)."""
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    company.at("2026-03-09 08:00")
    assert order.agreed["mismatch_by"] == "2026-03-08T08:00:00Z"
    in_time = sara.reports(order, ReportKind.DIFFERS, said="2026-03-08 08:00:00", ticket="T-1")
    late = sara.reports(order, ReportKind.DIFFERS, said="2026-03-08 08:00:01", ticket="T-2")
    assert (in_time.in_time, late.in_time) == (True, False)
    assert "for the remaining term only" in reports.consequence(late)


def test_a_suspension_is_told(company: Company, registrar: Registrar) -> None:
    """On 2 March a name is cut off for a breach of the rules, without prior notice: its customer has an e-mail the same day (O11)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    company.suspends("example.com", cause=Cause.RULES)
    company.at("2026-03-02 11:00")
    assert registrar.locked("example.com") == {"clientHold"}
    assert [(letter.kind, letter.on) for letter in company.post.letters] == [("suspended", "2026-03-02")]


def test_an_order_waits_for_its_registrar_and_is_not_lost(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """From 1 to 4 March nothing can be sent to the registrar: the order waits, is not refused, and is then done (O3)."""
    company.looks_after("example.com", until="2026-03-20 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    company.at("2026-03-04")
    assert order.state == "queued"
    assert registrar.heard == 0
    company.sends_again()
    company.works()
    assert order.state == "done"


def test_the_customer_sees_balance_lines_and_orders_at_any_time(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """What was paid, bought and credited is always there for its customer to see, and for nobody else's account (O7)."""
    sara.tops_up(2 * PRICE, reference="bank-1")
    company.looks_after("example.com", until="2026-03-20 12:00")
    registrar.refuses()
    order = sara.orders_from_balance(Kind.RENEW, "example.com")
    company.works()
    assert sara.balance() == 2 * PRICE
    assert sara.statement == [("top_up", 2 * PRICE), ("payment", -PRICE), ("credit", PRICE)]
    with company.shop.database.reading() as connection:
        assert [found.id for found in reading.list_for_customer(connection, "sara")] == [order.number]
        assert reading.list_for_customer(connection, "reza") == []
    assert company.customer("reza").statement == []
