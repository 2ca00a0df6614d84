"""Where clauses meet: what holds when one says yes and the other no."""

import pytest

from registrar.agreement.disputing import By, Ruling
from registrar.agreement.reporting import ReportKind
from registrar.agreement.rules import BlockMode
from registrar.commands import Kind
from registrar.ledger import InsufficientBalanceError
from registrar.money import Money
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.suspending import Cause
from registrar.outcomes import Correction
from tests.stories.company import HOLDER, PRICE, Company, Customer, rules_with
from tests.stories.registrar import Registrar


def test_an_identity_in_doubt_does_not_cost_a_name_its_right(company: Company, sara: Customer) -> None:
    """In doubt since 1 March; on 6 March, two days before his committed week ends, a customer's renewal goes through (O6, D2)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.doubts(sara)
    company.at("2026-03-06 12:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "done"


def test_far_from_any_limit_the_doubt_holds(company: Company, sara: Customer) -> None:
    """The same customer's renewal of a name that runs to September waits until his documents have come (O6, D2)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.doubts(sara)
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-03 12:00")
    assert order.state == "queued"


def test_a_doubt_that_began_early_lets_a_waiting_renewal_go_in_time(company: Company, sara: Customer) -> None:
    """Placed on 1 March and held by a doubt, a renewal goes by itself on 7 March, three days before its name ends (O6, D1)."""
    company.looks_after("example.com", until="2026-03-10 12:00")
    company.doubts(sara)
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-07 11:00")
    assert order.state == "queued"
    company.at("2026-03-07 13:00")
    assert order.state == "done"


def test_a_doubted_identity_does_not_keep_a_name_here(company: Company, sara: Customer) -> None:
    """Documents are missing, but nobody doubts who the holder is: he may take his name away all the same (O6, D7)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.doubts(sara)
    assert sara.wants_to_leave_with("example.com").state == "unlocking"


def test_a_doubted_holder_does(company: Company, sara: Customer) -> None:
    """Where the holder's own identity is what is in doubt, the departure is denied on that ground, by name (O6, D7)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.doubts(sara, holder=True)
    assert sara.wants_to_leave_with("example.com").seen_by_customer["ground"] == "holder_in_doubt"


def test_a_claimed_name_can_be_renewed(company: Company, registrar: Registrar, sara: Customer) -> None:
    """Locked for a claim since 2 March, a name that ends on 10 March is renewed: whoever wins it wins a name that lives (D9, D1)."""
    company.looks_after("example.com", until="2026-03-10 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    claim.is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-03 10:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "done"
    assert registrar.shows("example.com") == "2027-03-10"
    assert claim.lock == "locked"


def test_a_claim_gives_no_more_time_to_renew(company: Company, sara: Customer) -> None:
    """A name that lapsed on 1 March is past its three weeks on 23 March, claim or no claim: the renewal is credited (D9, D1, E5)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-03-02 10:00")
    company.hears_of_a_claim("example.com").is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-23 10:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "refused_credited"
    assert sara.balance() == PRICE


def test_a_claim_stops_a_departure_that_is_under_way(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Unlocked to leave on 1 March, claimed on 2 March: the name is locked again, and the departure ends, named or not (D9, D7)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    registrar.locks("example.com")
    leaving = sara.wants_to_leave_with("example.com")
    company.at("2026-03-02 10:00")
    assert registrar.locked("example.com") == set()
    company.hears_of_a_claim("example.com").is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-03 10:00")
    assert len(registrar.locked("example.com")) == 3
    assert leaving.state == "stopped"
    assert leaving.seen_by_customer["ground"] is None


def test_a_claim_waits_for_no_order_in_doubt(company: Company, registrar: Registrar, sara: Customer) -> None:
    """A renewal's answer was lost on 2 March, minutes before the claim: the lock does not wait for it, and both end well (D9, D5)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    registrar.does_it_and_says_nothing()
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    claim = company.hears_of_a_claim("example.com")
    claim.is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-02 10:05")
    assert (order.state, claim.lock) == ("in_doubt", "locked")
    company.at("2026-03-03 10:00")
    assert order.state == "done"


def test_a_lock_does_not_hide_an_approval_after_the_credit(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Another holder was refused and credited on 3 March, the name locked on 5 March; on 10 March the first is approved: staff hear (D5, D9)."""
    company.looks_after("example.ir", until="2026-09-01 12:00")
    registrar.accepts(and_then="reject", days=2)
    order = sara.orders(Kind.CHANGE_HOLDER, "example.ir")
    company.approves(order, via="support", ticket="T-88")
    company.at("2026-03-05 10:00")
    assert order.state == "refused_credited"
    company.hears_of_a_claim("example.ir").is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-10 10:00")
    registrar.approves_after_all(order)
    company.works()
    assert "success_after_credit" in company.alarms


def test_a_registrar_on_hold_excuses_no_lock(company: Company, registrar: Registrar) -> None:
    """Under force majeure since 1 March, a lock is due by 4 March all the same: what it waits for is an alarm, and then it is late (D9, O3)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.stops_sending(force_majeure=True, evidence="circular 1405/12 of the internet commission")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    claim.is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-05 10:00")
    assert "claim_lock_late" in company.alarms
    company.sends_again()
    company.at("2026-03-06 10:00")
    assert claim.lock == "locked"
    assert "claim_lock_late" not in company.alarms


def test_a_block_in_the_dns_is_told_when_the_claim_may_be(company: Company, registrar: Registrar) -> None:
    """Out of the DNS for a claim since 2 March, disclosed on 5 March: only then its customer has the e-mail, and one (D9, O11)."""
    company.goes_by(rules_with(claims={"block_mode": BlockMode.HOLD}))
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    claim.is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-05 10:00")
    assert "clientHold" in registrar.locked("example.com")
    assert company.post.letters == []
    claim.is_disclosed(company.acts(ticket="T-900"))
    company.at("2026-03-09 10:00")
    assert [(letter.kind, letter.on) for letter in company.post.letters] == [("suspended", "2026-03-05")]


def test_a_debt_lets_nothing_through_and_staff_see_what_it_will_cost(
    company: Company, sara: Customer
) -> None:
    """Held for a warned debt, a renewal waits although its week ends on 8 March: on 6 March staff are shown that it does (F5, O3, D2)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    sara.tops_up(PRICE, reference="cheque-1042")
    sara.orders_from_balance(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.works()
    company.counter.takes_back("cheque-1042")
    (debt,) = company.counter.debts_of("sara")
    company.counter.warns(debt["id"])
    company.holds_for_debt(sara)
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-06 12:00")
    company.looks_over()
    assert order.state == "queued"
    assert "window_closes" in company.alarms


def test_staff_may_waive_the_time_of_cancelling_on_a_ticket(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A day after payment the customer may not cancel yet; staff may waive that for him, and the books say on which ticket (O2, C1)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-02 08:00")
    company.ends("cancel", order, ticket="T-77")
    assert order.state == "cancelled"
    assert order.acts_by_hand == [("order.cancelled", "staff:laleh", "T-77")]


def test_a_debt_does_not_keep_a_name_here(company: Company, sara: Customer) -> None:
    """He owes, he was warned, his orders wait: but a debt is no ground to keep his name from leaving (F5, D7)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    sara.tops_up(PRICE, reference="cheque-1042")
    sara.orders_from_balance(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.works()
    company.counter.takes_back("cheque-1042")
    (debt,) = company.counter.debts_of("sara")
    company.counter.warns(debt["id"])
    company.holds_for_debt(sara)
    assert sara.wants_to_leave_with("example.com").state == "unlocking"


def test_the_fee_of_leaving_is_owed_and_is_no_gate(company: Company, sara: Customer) -> None:
    """The company charges 500,000 rials for the steps: the code is handed out unpaid, and the fee stands as a debt (D7, F7)."""
    company.goes_by(rules_with(departures={"fee": Money(500_000, "IRR")}))
    company.looks_after("example.com", until="2026-09-01 12:00")
    leaving = sara.wants_to_leave_with("example.com")
    company.at("2026-03-02 12:00")
    assert leaving.gives_the_code() == "open-sesame"
    assert [(owed["cause"], owed["amount"]) for owed in company.counter.debts_of("sara")] == [
        ("transfer_out_fee", 500_000)
    ]


def test_force_majeure_costs_nobody_his_class(company: Company, sara: Customer) -> None:
    """Paid on the sixth day, held by force majeure for three weeks: it is sent as of right, for the clock is when he paid (O3, D2)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-03-07 12:00")
    company.stops_sending(force_majeure=True, evidence="circular 1405/12 of the internet commission")
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-28 12:00")
    assert order.state == "queued"
    company.sends_again()
    company.works()
    assert order.state == "done"
    assert order.promise["class"] == "committed"


def test_a_registrys_own_window_waits_for_no_force_majeure(company: Company, sara: Customer) -> None:
    """A .ir name's sixty days at IRNIC end on 30 April, whatever stops us: on 28 April staff are told while there is time (O3, D2)."""
    company.looks_after("example.ir", until="2026-03-01 12:00")
    company.at("2026-03-07 12:00")
    company.stops_sending(force_majeure=True, evidence="circular 1405/12 of the internet commission")
    sara.orders(Kind.RENEW, "example.ir")
    company.at("2026-04-20 12:00")
    company.looks_over()
    assert "window_closes" not in company.alarms
    company.at("2026-04-28 12:00")
    company.looks_over()
    assert "window_closes" in company.alarms


def test_force_majeure_moves_the_day_of_cancelling_too(company: Company, sara: Customer) -> None:
    """Under force majeure since 2 March, an order that could be cancelled from 5 March cannot be on 10 March (O3, O2)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.stands_still_until("2026-03-02 08:00")
    company.stops_sending(force_majeure=True, evidence="circular 1405/12 of the internet commission")
    company.at("2026-03-10 08:00")
    with pytest.raises(ActRefusedError, match="can be cancelled from"):
        sara.cancels(order)


def test_a_suspended_name_is_still_renewed_and_noticed(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Cut off for a breach of the rules on 2 March, a name that ends on 10 April is still written about, and can be renewed (O11, E2, E5)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.at("2026-03-02 10:00")
    company.suspends("example.com", cause=Cause.RULES)
    company.at("2026-03-11 10:00")
    assert "expiry" in [letter.kind for letter in company.post.letters]
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "done"
    assert registrar.locked("example.com") == {"clientHold"}


def test_a_suspension_ends_for_its_own_reason_and_a_claim_for_its_own(
    company: Company, registrar: Registrar
) -> None:
    """Cut off on 2 March and claimed on 3 March: when the claim is dismissed its lock goes, and the suspension stays (O11, D9)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    company.suspends("example.com", cause=Cause.RULES)
    company.at("2026-03-03 10:00")
    claim = company.hears_of_a_claim("example.com")
    claim.is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-04 10:00")
    assert len(registrar.locked("example.com")) == 4
    claim.is_dismissed(company.acts(ticket="T-901"))
    company.at("2026-03-05 10:00")
    assert registrar.locked("example.com") == {"clientHold"}


def test_gift_is_not_credited_as_cash_by_a_failure(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """The failure credit is full, and gift is no money: what was paid by gift alone comes back as gift, and pays out nothing (D5, F2)."""
    company.counter.gives_gift("sara", PRICE, until="2026-06-30")
    registrar.refuses()
    order = sara.orders_from_balance(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    assert order.state == "refused_credited"
    assert (sara.balance(), sara.balance("gift")) == (0, PRICE)
    assert company.counter.most_damages(order.number).most.amount == 0


def test_a_breach_does_not_take_what_was_credited_before(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """An order that was refused and credited on 1 March has ended: no breach that is found later takes its credit back (O10, D5)."""
    registrar.refuses()
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    with pytest.raises(ActRefusedError, match="only a held order"):
        company.proposes_breach(order, staff="staff:laleh", evidence="court order 12/1405")
    assert sara.balance() == PRICE


def test_a_doubtful_order_is_not_ended_for_breach(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """An order of which nobody knows whether it happened is not ended for breach: first it is found out (O10, O1)."""
    registrar.does_it_and_says_nothing()
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    with pytest.raises(ActRefusedError, match="not held"):
        company.proposes_breach(order, staff="staff:laleh", evidence="court order 12/1405")


def test_a_correction_that_never_comes_ends_with_the_credit(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Asked on 1 March to put his name servers right, a customer never answers: the order ends with its credit, not in silence (D8, D5)."""
    registrar.asks_for(Correction.NAMESERVERS)
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    company.at("2026-04-01")
    assert order.state == "refused_credited"
    assert sara.balance() == PRICE


def test_a_payment_taken_back_after_the_credit_leaves_nothing_won(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """His order failed and was credited on 1 March; on 4 March his bank takes the payment back: the credit goes with it (F7, D5)."""
    registrar.refuses()
    sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    assert sara.balance() == PRICE
    company.at("2026-03-04 10:00")
    company.counter.takes_back("receipt-1")
    assert sara.balance() == 0
    assert company.counter.debts_of("sara") == []


def test_nobody_is_credited_what_he_never_paid(company: Company, sara: Customer) -> None:
    """His cheque for a waiting order is not met, and on 6 March he cancels: the credit settles that debt, and leaves nothing (F7, D5, O2)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.counter.takes_back("receipt-1")
    company.at("2026-03-06 08:00")
    sara.cancels(order)
    assert order.money == [("payment", PRICE), ("credit", PRICE)]
    assert sara.balance() == 0
    assert company.counter.debts_of("sara") == []


def test_nor_what_a_top_up_never_brought(company: Company, registrar: Registrar, sara: Customer) -> None:
    """A cheque topped up his balance, paid an order, and is not met; cancelled on 6 March, the order settles that debt and no more (F7, D5)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.stops_sending()
    sara.tops_up(PRICE, reference="cheque-1042")
    order = sara.orders_from_balance(Kind.RENEW, "example.com")
    company.counter.takes_back("cheque-1042")
    company.at("2026-03-06 08:00")
    sara.cancels(order)
    assert sara.balance() == 0
    assert company.counter.debts_of("sara") == []


def test_other_money_of_his_is_not_touched_without_a_warning(company: Company, sara: Customer) -> None:
    """His cheque of twice the price is not met; the order gives back one: the rest is owed, and staff are told to warn him (F7, F5)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.stops_sending()
    sara.tops_up(2 * PRICE, reference="cheque-1042")
    order = sara.orders_from_balance(Kind.RENEW, "example.com")
    sara.orders_from_balance(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.counter.takes_back("cheque-1042")
    company.at("2026-03-06 08:00")
    sara.cancels(order)
    assert sara.balance() == PRICE
    assert [owed["amount"] for owed in company.counter.debts_of("sara")] == [2 * PRICE]
    assert "credit_unpaid" in company.alarms


def test_a_debt_makes_no_gift_into_money(company: Company, sara: Customer) -> None:
    """A debt is set off against cash alone: gift is no money, not even for what is owed (F2, F5)."""
    sara.tops_up(PRICE, reference="cheque-1042")
    sara.orders_from_balance(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.works()
    company.counter.takes_back("cheque-1042")
    company.counter.gives_gift("sara", 2 * PRICE, until="2026-06-30")
    (debt,) = company.counter.debts_of("sara")
    company.counter.warns(debt["id"])
    with pytest.raises(InsufficientBalanceError):
        company.counter.sets_off(debt["id"])
    assert sara.balance("gift") == 2 * PRICE


def test_a_late_report_loses_no_right_to_the_credit(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Reported late on 10 March, refused by the registrar on 11 March: the credit is owed by the failure, not by the report (E3, D5)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.stops_sending()
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-03-10 10:00")
    report = sara.reports(order, ReportKind.RENEWAL_NOT_DONE)
    assert not report.in_time
    registrar.refuses()
    company.sends_again()
    company.works()
    assert order.state == "refused_credited"
    assert sara.balance() == PRICE


def test_an_added_year_does_not_silence_the_notices(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """The registry added a year on 10 April by itself: the customer is still written to after it, for nobody paid (D4, E2)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.at("2026-04-10 12:00:01")
    registrar.renews_by_itself("example.com")
    company.at("2026-05-10")
    assert [letter.days for letter in company.post.letters][-3:] == [1, 5, 20]


def test_a_name_that_a_ruling_took_is_not_written_about(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Carried out on 17 March, the ruling gave the name to its claimant: its former customer is reminded of nothing more (D9, E2)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    act = company.acts(ticket="T-900")
    claim.is_heard(act)
    claim.is_confirmed(By.COMPANY, act)
    claim.is_confirmed(By.INTERNATIONAL, act)
    claim.is_upheld(Ruling.TRANSFER, act)
    company.at("2026-03-17 10:00")
    claim.is_carried_out_by_hand(company.acts(ticket="T-902"))
    company.at("2026-03-18 10:00")
    registrar.has("example.com", until="2027-04-10 12:00", elsewhere=True)
    company.at("2026-05-10")
    assert claim.state == "closed"
    assert company.gone("example.com") == "ruling"
    assert [letter.days for letter in company.post.letters if letter.kind == "expiry"] == [-31]


def test_a_name_that_left_is_not_written_about(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Gone to another panel on 20 March, a name that ends on 10 April brings no further notice to its former customer (D7, E2)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    company.at("2026-03-18 12:00")
    leaving = sara.wants_to_leave_with("example.com")
    company.at("2026-03-19 12:00")
    leaving.gives_the_code()
    company.at("2026-03-20 12:00")
    registrar.has("example.com", until="2027-04-10 12:00", elsewhere=True)
    company.at("2026-05-10")
    assert [letter.days for letter in company.post.letters if letter.kind == "expiry"] == [-31]


def test_whoever_pays_for_anothers_renewal_does_not_get_his_name(company: Company, sara: Customer) -> None:
    """A friend renews her name for her on 1 March: she is its customer as before, and the notices go to her, not to him (O5, E2)."""
    company.looks_after("example.com", until="2026-04-10 12:00")
    order = company.customer("reza").orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "done"
    assert sara.has == ["example.com"]
    assert company.customer("reza").has == []
    company.at("2027-03-15")
    assert {letter.customer for letter in company.post.letters if letter.kind == "expiry"} == {"sara"}


def test_a_change_of_holder_starts_the_transfer_policys_time_and_says_so(
    company: Company, sara: Customer
) -> None:
    """Another holder since 1 March: the order says beforehand that the name cannot leave before 30 April, and then it cannot (O5, D7)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    order = sara.orders(Kind.CHANGE_HOLDER, "example.com")
    assert order.agreed["transferable_from"] == "2026-04-30T08:00:00Z"
    company.approves(order, via="support", ticket="T-88")
    company.works()
    assert order.state == "done"
    company.at("2026-04-01 08:00")
    denied = sara.wants_to_leave_with("example.com")
    assert denied.seen_by_customer["ground"] == "waiting_time"
    assert denied.seen_by_customer["until"] == "2026-04-30T08:00:00Z"
