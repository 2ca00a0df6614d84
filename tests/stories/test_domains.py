"""Domains: what the company owes for a name, and what it gives back when a registrar says no (D1 to D9)."""

from datetime import date

import pytest

from registrar.agreement.disputing import By, Procedure, Ruling
from registrar.agreement.expiry import end_of_day
from registrar.agreement.rules import Clock, DependentLines
from registrar.commands import Kind
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.requests import RequestRefusedError
from registrar.outcomes import Correction, RefusalReason
from tests.stories.company import HOLDER, PRICE, Company, Customer, rules_with
from tests.stories.moments import instant
from tests.stories.registrar import Registrar

PROHIBITED = {"clientTransferProhibited", "clientUpdateProhibited", "clientDeleteProhibited"}
"""What a blocked name may not suffer; it resolves and can be renewed."""


def test_a_name_that_has_not_expired_is_renewed_as_a_matter_of_course(
    company: Company, sara: Customer
) -> None:
    """At the last second of what was paid for, 1 March 23:59:59, a name has not expired yet (D2)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-03-01 23:59:59")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.promise["class"] == "not_expired"
    assert order.state == "done"


def test_to_the_last_second_of_the_seventh_day_a_renewal_is_by_right(
    company: Company, sara: Customer
) -> None:
    """A domain paid through 1 March, 23:59:59, and ordered on 8 March, 23:59:59, is renewed by right (D2)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-03-08 23:59:59")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.promise["class"] == "committed"
    assert order.promise["committed_until"] == "2026-03-08T23:59:59Z"
    assert order.state == "done"


def test_a_second_later_the_company_only_tries(company: Company, sara: Customer) -> None:
    """The same domain ordered on 9 March, 00:00:00, is past the committed week: it is tried, and here it succeeds (D2)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-03-09 00:00:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.promise["class"] == "best_effort"
    assert order.state == "done"


def test_three_weeks_after_expiry_a_renewal_is_still_tried(company: Company, sara: Customer) -> None:
    """A domain paid through 1 March, 23:59:59, and ordered on 22 March, 23:59:59, is exactly 21 days late: still tried (D1)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-03-22 23:59:59")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.promise["class"] == "best_effort"
    assert order.state == "done"


def test_after_three_weeks_there_is_no_ordinary_renewal(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Ordered on 23 March, 00:00:00, it is too late: nothing is sent, the price comes back in full, with what was found (D1)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-03-23 00:00:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.promise["class"] == "impossible"
    assert order.state == "refused_credited"
    assert registrar.heard == 0
    assert sara.balance() == PRICE
    assert order.ways_on["found"] == "renewable"
    assert order.ways_on["ordinary"] is False


def test_the_registrys_own_windows_are_shown_beside_the_contracts(company: Company) -> None:
    """For a .ir name of 1 March the quote of 10 March shows the contract's 22 March, and IRNIC's 31 March and 30 April (D1)."""
    company.looks_after("example.ir", until="2026-03-01 20:29:59")
    company.at("2026-03-10 12:00")
    told = company.answers(Kind.RENEW, "example.ir")
    assert told["possible_until"] == "2026-03-22T20:29:59Z"
    assert told["registry_normal_until"] == "2026-03-31T20:29:59Z"
    assert told["registry_penalty_until"] == "2026-04-30T20:29:59Z"


def test_a_quote_tells_the_class_in_both_languages(company: Company) -> None:
    """On 10 March the customer reads in Persian and English that there is no obligation any more, and until when it is tried (D2)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-03-10 12:00")
    words = company.answers(Kind.RENEW, "example.com")["words"]
    assert "there is no obligation to renew it" in words["en"]
    assert "تعهدی به تمدید آن وجود ندارد" in words["fa"]


def test_a_date_without_a_time_counts_to_the_end_of_its_day(company: Company, sara: Customer) -> None:
    """A .ir name whose source says 1 March and no hour ends in Tehran at midnight: by right to 8 March, 23:59:59 there (D2)."""
    rules = company.shop.rules.rules("ir", at=company.now).renewal
    last = end_of_day(date(2026, 3, 1), rules)
    assert last == instant("2026-03-01 20:29:59")
    company.looks_after("example.ir", until="2026-03-01 20:29:59")
    company.stops_sending()
    company.at("2026-03-08 20:29:59")
    assert sara.orders(Kind.RENEW, "example.ir").promise["class"] == "committed"
    company.at("2026-03-08 20:30:00")
    assert sara.orders(Kind.RENEW, "example.ir").promise["class"] == "best_effort"


def test_a_quote_and_an_order_decide_alike(company: Company, sara: Customer) -> None:
    """What the quote of 8 March, 23:59:59, and that of 9 March call a renewal, the orders of the same seconds are (D2, A1)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    decided = []
    for moment in ("2026-03-08 23:59:59", "2026-03-09 00:00:00", "2026-03-23 00:00:00"):
        company.at(moment)
        quoted = company.answers(Kind.RENEW, "example.com")["class"]
        decided.append((quoted, sara.orders(Kind.RENEW, "example.com").promise["class"]))
        company.stops_sending()
    assert decided == [(name, name) for name in ("committed", "best_effort", "impossible")]


def test_whoever_paid_in_time_does_not_lose_his_right_by_our_delay(company: Company, sara: Customer) -> None:
    """Paid on 8 March, within the week; the portal was down and the order came on 12 March: renewed by right (D2)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-03-12 09:00")
    order = sara.orders(Kind.RENEW, "example.com", paid="2026-03-08 20:00")
    company.works()
    assert order.promise["class"] == "committed"
    assert order.promise["counted_at"] == "2026-03-08T20:00:00Z"
    assert order.state == "done"


def test_a_company_may_count_from_when_it_sends(company: Company, sara: Customer) -> None:
    """Where the rules count by `sent`, an order paid on the seventh day and sent on the twelfth is no longer by right (D2)."""
    company.goes_by(rules_with(renewal={"clock": Clock.SENT}))
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-03-08 20:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.stands_still_until("2026-03-12 09:00")
    company.works()
    classes = [
        line["class"] for line in order.seen_by_staff["timeline"] if line["event"] == "order.classified"
    ]
    assert classes == ["best_effort"]


def test_a_refusal_inside_the_week_alarms_staff_and_admits_nothing(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """On 5 March a renewal that the company is bound to is refused: staff are alarmed, the customer gets his credit (D2, D8)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-03-05 10:00")
    registrar.refuses(words="2308 data management policy violation")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert "refused_inside_commitment" in company.alarms
    assert order.state == "refused_credited"
    assert order.told[-1] == "it could not be done; what was paid is given back as its lines say"


def test_before_and_after_the_week_a_refusal_alarms_nobody(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A refusal on 15 March, when the company only tries, is credited like any and alarms nobody (D2, D5)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-03-15 10:00")
    registrar.refuses()
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "refused_credited"
    assert company.alarms == []


@pytest.mark.parametrize(("found", "way"), [("restorable", "restore"), ("free", "register"), ("taken", None)])
def test_what_is_still_possible_is_offered_and_never_bought(
    company: Company, registrar: Registrar, sara: Customer, found: str, way: str | None
) -> None:
    """On 10 April a name is in redemption, free, or another's: the answer says which, and nothing is bought by itself (D3, E7)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-04-10 10:00")
    if found == "free":
        registrar.drops("example.com")
    elif found == "taken":
        registrar.has("example.com", until="2027-04-01", elsewhere=True)
    else:
        registrar.has("example.com", until="2026-03-01 23:59:59", in_redemption=True)
    order = sara.orders(Kind.RENEW, "example.com")
    company.at("2026-05-10")
    assert order.state == "refused_credited"
    assert (order.ways_on["found"], order.ways_on["way"]) == (found, way)
    assert registrar.heard == 0


def test_a_refused_attempt_still_says_what_is_possible(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """On 15 March the company tries a name that is in redemption already, and is refused: the restore is offered, in words (D3)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    registrar.has("example.com", until="2026-03-01 12:00", in_redemption=True)
    company.at("2026-03-15 10:00")
    registrar.refuses(RefusalReason.NOT_RENEWABLE)
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "refused_credited"
    offered = order.remains
    assert offered is not None
    assert (offered["found"], offered["way"]) == ("restorable", "restore")
    assert "redemption" in offered["words"]["en"]


def test_what_was_just_refused_is_not_offered_again(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """The look of 15 March showed a name as renewable, and yet the registrar refused: nobody is sent to order the same once more (D3)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-03-15 10:00")
    registrar.refuses(RefusalReason.NOT_RENEWABLE)
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.remains is None


def test_a_restore_is_a_new_order_at_its_own_price(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """The customer who was told so on 10 April orders the restore himself, for 40,000,000 rials, and has his name back (D3)."""
    company.looks_after("example.com", until="2026-03-01 23:59:59")
    company.at("2026-04-10 10:00")
    registrar.has("example.com", until="2026-03-01 23:59:59", in_redemption=True)
    sara.orders(Kind.RENEW, "example.com")
    company.works()
    restore = sara.orders(Kind.RESTORE, "example.com", price={"amount": 40_000_000, "currency": "IRR"})
    company.works()
    assert restore.state == "done"
    assert restore.money == [("payment", 40_000_000), ("earned", 40_000_000)]


def test_a_year_that_the_registry_added_makes_nobody_paid(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """On 1 March the registry adds a year that nobody paid; on 5 March the name counts as four days late all the same (D4)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-03-01 12:00:01")
    registrar.renews_by_itself("example.com")
    company.at("2026-03-05 10:00")
    assert registrar.shows("example.com") == "2027-03-01"
    assert company.paid_through("example.com") == "2026-03-01"
    order = sara.orders(Kind.RENEW, "example.com")
    assert order.promise["class"] == "committed"


def test_the_added_year_is_the_one_that_is_paid_for(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Whoever then pays gets that very year: nothing is sent, so that nobody pays the registrar for a second one (D4)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-03-01 12:00:01")
    registrar.renews_by_itself("example.com")
    company.at("2026-03-05 10:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "done"
    assert registrar.heard == 0
    assert company.paid_through("example.com") == "2027-03-01"


def test_an_added_year_does_not_reopen_the_three_weeks(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """On 1 May the registry shows next year, but nobody paid for 61 days: there is no ordinary renewal any more (D4, D1)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-03-01 12:00:01")
    registrar.renews_by_itself("example.com")
    company.at("2026-05-01 10:00")
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    assert order.state == "refused_credited"
    assert order.seen_by_customer["ended_reason"] == "renewal_impossible"
    assert company.paid_through("example.com") == "2026-03-01"


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


def test_an_approval_after_the_credit_is_nobodys_silent_gain(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Rejected on 6 March and credited; on 10 March the registry says yes after all: staff are told, and no money moves by itself (D5)."""
    registrar.accepts(and_then="reject", days=5)
    order = sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.at("2026-03-10 08:00")
    assert order.state == "refused_credited"
    registrar.approves_after_all(order)
    company.works()
    assert company.alarms == ["success_after_credit"]
    assert order.money == [("payment", PRICE), ("credit", PRICE)]


def test_a_temporary_date_is_no_expiry(company: Company, registrar: Registrar, sara: Customer) -> None:
    """Until IRNIC approves a name, the date that it shows is temporary: nothing of it is in the books before 4 March (D4)."""
    registrar.accepts(and_then="approve", days=3)
    order = sara.orders(Kind.REGISTER, "example.ir", contacts=HOLDER)
    company.at("2026-03-03 08:00")
    assert order.state == "waiting_third_party"
    assert company.shop.ask("SELECT name FROM domains") == []
    company.at("2026-03-05 08:00")
    assert company.paid_through("example.ir") == "2027-03-01"


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
    assert order.told[-1] == "it could not be done; what was paid is given back as its lines say"
    assert "article 5" not in str(order.seen_by_customer)
    assert order.seen_by_staff["attempts"][0]["result_text"] == "2306 holder on the list of article 5"


def test_the_customer_reads_no_word_of_the_house(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Whatever happens to an order of 5 March, each line of its timeline is a sentence for its customer, and no name of ours (D8)."""
    company.looks_after("example.com", until="2026-03-01 12:00")
    company.at("2026-03-05 10:00")
    registrar.asks_for(Correction.CONTACTS)
    order = sara.orders(Kind.RENEW, "example.com")
    company.works()
    company.proposes_breach(order, staff="staff:laleh", evidence="court order 12/1405")
    company.at("2026-03-20 10:00")
    assert order.state == "refused_credited"
    assert not [line for line in order.told if "." in line or "_" in line]
    assert "breach" not in str(order.seen_by_customer)


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


HOSTING = {
    "line": "hosting",
    "kind": "service",
    "text": "Hosting for a year",
    "amount": 9_000_000,
    "refundable": True,
    "delivered": False,
}
SETUP = {**HOSTING, "line": "setup", "text": "Set up on 1 March", "amount": 500_000, "delivered": True}
LICENCE = {**HOSTING, "line": "licence", "text": "A licence", "amount": 700_000, "refundable": False}


def test_services_stalled_by_a_failure_are_credited_for_buying_again(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """The hosting for a name that was refused comes back for buying again; what was delivered or is not refundable stays (D6)."""
    registrar.refuses()
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER, lines=[HOSTING, SETUP, LICENCE])
    company.works()
    assert order.state == "refused_credited"
    assert sara.balance() == PRICE
    assert sara.balance("repurchase") == 9_000_000
    became = {line["line"]: line["became"] for line in order.lines}
    assert became == {"domain": "credited", "hosting": "credited", "setup": "kept", "licence": "kept"}
    assert all(line["why"] for line in order.lines if line["line"] != "domain")


def test_the_portal_is_told_to_stop_what_was_credited(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A hosting whose price went back must not run on for nothing: the order says which line to stop (D6)."""
    registrar.refuses()
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER, lines=[HOSTING, LICENCE])
    company.works()
    stopped = [line["line"] for line in order.seen_by_staff["timeline"] if line["event"] == "line.stopped"]
    assert stopped == ["hosting"]


def test_a_company_may_ask_the_customer_first(company: Company, registrar: Registrar, sara: Customer) -> None:
    """Where the rules say `ask_customer`, the hosting's price waits until he has chosen: the credit, or another name (D6)."""
    company.goes_by(rules_with(money={"dependent_lines": DependentLines.ASK_CUSTOMER}))
    registrar.refuses()
    order = sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER, lines=[HOSTING])
    company.works()
    assert (sara.balance(), sara.balance("repurchase")) == (PRICE, 0)
    sara.decides(order, "hosting", "credit")
    assert sara.balance("repurchase") == 9_000_000


def test_credit_for_buying_again_buys_again(company: Company, registrar: Registrar, sara: Customer) -> None:
    """What came back for the hosting pays the next order before any cash does (D6, F1)."""
    registrar.refuses()
    sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER, lines=[HOSTING])
    company.works()
    sara.orders_from_balance(Kind.REGISTER, "example.ir", contacts=HOLDER)
    assert (sara.balance(), sara.balance("repurchase")) == (PRICE, 9_000_000 - PRICE)


def test_a_customer_takes_his_name_elsewhere(company: Company, registrar: Registrar, sara: Customer) -> None:
    """Asked by support on 1 March: our lock comes off, the code is his by 6 March, and on 10 March the name has left (D7)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    registrar.locks("example.com")
    leaving = sara.wants_to_leave_with("example.com")
    company.at("2026-03-02 12:00")
    assert registrar.locked("example.com") == set()
    assert leaving.state == "code_due"
    assert leaving.seen_by_customer["code_by"] == "2026-03-06T08:00:00Z"
    assert leaving.gives_the_code() == "open-sesame"
    company.at("2026-03-10 12:00")
    registrar.has("example.com", until="2027-09-01 12:00", elsewhere=True)
    company.at("2026-03-11 12:00")
    assert leaving.state == "left"
    assert company.gone("example.com") == "transferred_out"


def test_the_code_is_handed_out_once(company: Company, sara: Customer) -> None:
    """The code goes to the registrant one time; whoever asks a second time is sent to support (D7)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    leaving = sara.wants_to_leave_with("example.com")
    company.at("2026-03-02 12:00")
    leaving.gives_the_code()
    with pytest.raises(ActRefusedError, match="handed out, once"):
        leaving.gives_the_code()


def test_nobody_asks_for_the_code_and_staff_hear_of_it_in_time(company: Company, sara: Customer) -> None:
    """The five days for the code are half over on 4 March and nobody has fetched it: staff are told while there is time (D7)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    sara.wants_to_leave_with("example.com")
    company.at("2026-03-03 06:00")
    assert company.alarms == []
    company.at("2026-03-04 08:00")
    assert company.alarms == ["departure_code_due"]


def test_a_departure_is_denied_only_on_a_named_ground(company: Company, sara: Customer) -> None:
    """A name registered on 1 March may not leave on 10 March: the transfer policy's 60 days last to 30 April, and it says so (D7)."""
    sara.orders(Kind.REGISTER, "example.com", contacts=HOLDER)
    company.works()
    company.at("2026-03-10 12:00")
    denied = sara.wants_to_leave_with("example.com")
    assert denied.state == "denied"
    assert denied.seen_by_customer["ground"] == "waiting_time"
    assert denied.seen_by_customer["until"] == "2026-04-30T08:00:00Z"
    company.at("2026-04-30 08:00:01")
    assert sara.wants_to_leave_with("example.com").state == "unlocking"


def test_an_unpaid_term_that_is_over_is_a_ground_and_a_future_one_is_not(
    company: Company, sara: Customer
) -> None:
    """A name paid through 20 March may leave on 20 March, unpaid for the year to come; on 21 March it has to be paid first (D7)."""
    company.looks_after("example.com", until="2026-03-20 23:59:59")
    company.looks_after("example.ir", until="2026-03-20 23:59:59")
    company.at("2026-03-20 23:59:59")
    assert sara.wants_to_leave_with("example.com").state == "unlocking"
    company.at("2026-03-21 00:00:00")
    assert sara.wants_to_leave_with("example.ir").seen_by_customer["ground"] == "unpaid_past_term"


def test_an_email_does_not_let_a_name_go(company: Company, sara: Customer) -> None:
    """By support, fax or letter a customer may ask; an e-mail alone is no request (D7, C2)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    with pytest.raises(RequestRefusedError, match="not by 'email'"):
        sara.wants_to_leave_with("example.com", channel="email")


def test_where_the_registry_has_no_code_the_holder_moves_the_name_himself(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A .ir name has no auth code: the holder names another contact at IRNIC, we ask for no PIN, and only follow (D7)."""
    registrar.has_no_transfers()
    company.looks_after("example.ir", until="2026-09-01 12:00")
    leaving = sara.wants_to_leave_with("example.ir")
    assert leaving.state == "open"
    assert "no code of ours is needed" in leaving.seen_by_customer["next"]["en"]
    company.at("2026-03-10 12:00")
    assert registrar.heard == 0


def test_a_letter_alone_does_not_freeze_a_name(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """Somebody writes on 2 March that a name is his: it is recorded, and its holder can do with it what he likes (D9)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    company.at("2026-03-04 10:00")
    assert (claim.state, claim.lock) == ("asserted", "none")
    assert registrar.locked("example.com") == set()
    assert sara.wants_to_leave_with("example.com").state == "unlocking"


def test_a_claimed_name_is_locked_and_stays_locked(company: Company, registrar: Registrar) -> None:
    """The provider asks on Monday 2 March: the name is locked the same hour, shown by a look, well before 4 March (D9)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    claim.is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-02 11:00")
    assert claim.lock == "locked"
    assert registrar.locked("example.com") == PROHIBITED
    assert claim.row.lock_by.date().isoformat() == "2026-03-04"


def test_a_lock_lifted_overnight_is_put_back_and_staff_hear_of_it(
    company: Company, registrar: Registrar
) -> None:
    """In the night of 5 March somebody takes the lock off at the registrar: by morning it is back, and the alarm stays (D9)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    claim.is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-05 23:00")
    registrar.unlocks("example.com")
    company.at("2026-03-06 08:00")
    assert registrar.locked("example.com") == PROHIBITED
    assert claim.lock == "locked"
    assert "claim_lock_lost" in company.alarms


def test_a_dismissed_claim_takes_off_its_own_lock_and_no_other(
    company: Company, registrar: Registrar
) -> None:
    """Dismissed on 20 March: within a business day only what the claim had locked is free; the holder's own lock stays (D9)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    registrar.locks("example.com", "clientTransferProhibited")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    claim.is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-20 10:00")
    assert registrar.locked("example.com") == PROHIBITED
    claim.is_dismissed(company.acts(ticket="T-901"))
    company.at("2026-03-20 12:00")
    assert registrar.locked("example.com") == {"clientTransferProhibited"}
    assert claim.state == "closed"


def test_a_claim_is_upheld_only_with_both_confirmations(company: Company, registrar: Registrar) -> None:
    """Neither the company nor the authority alone takes a name away: both must have confirmed, each with its document (D9)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    act = company.acts(ticket="T-900")
    claim.is_heard(act)
    claim.is_confirmed(By.COMPANY, act)
    with pytest.raises(ActRefusedError, match="not confirmed by iranian or international"):
        claim.is_upheld(Ruling.TRANSFER, act)
    claim.is_confirmed(By.INTERNATIONAL, act, who="the panel", document="D2026-0001")
    claim.is_upheld(Ruling.TRANSFER, act)
    assert claim.state == "upheld"


def test_a_ruling_waits_ten_business_days_for_a_court(company: Company) -> None:
    """A ruling told on Monday 2 March is carried out from 16 March on, and not before: the holder may go to court (D9)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    act = company.acts(ticket="T-900")
    claim.is_heard(act)
    claim.is_confirmed(By.COMPANY, act)
    claim.is_confirmed(By.INTERNATIONAL, act)
    claim.is_upheld(Ruling.TRANSFER, act)
    company.at("2026-03-13 10:00")
    with pytest.raises(ActRefusedError, match="waits for a court filing"):
        claim.is_carried_out_by_hand(company.acts(ticket="T-902"))
    company.at("2026-03-17 10:00")
    assert "claim_ruling_due" in company.alarms
    claim.is_carried_out_by_hand(company.acts(ticket="T-902"))
    assert claim.state == "ruled"


def test_where_no_lock_exists_our_own_gate_holds(
    company: Company, registrar: Registrar, sara: Customer
) -> None:
    """A registry without locks shows none: the state says so, staff are told, and a change of holder waits all the same (D9)."""
    registrar.has_no_locks()
    company.looks_after("example.ir", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.ir", procedure=Procedure.IRDRP)
    claim.is_heard(company.acts(ticket="T-900"), lock=True)
    company.at("2026-03-02 12:00")
    assert claim.lock == "cannot"
    assert "claim_lock_impossible" in company.alarms
    order = sara.orders(Kind.CHANGE_HOLDER, "example.ir")
    company.approves(order, via="support", ticket="T-88")
    company.at("2026-03-03 10:00")
    assert order.state == "queued"


def test_the_holder_is_not_tipped_off(company: Company, sara: Customer) -> None:
    """Until the claim is disclosed, the holder's orders, denials and timeline say nothing of it; from then on they do (D9)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    claim.is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-03 10:00")
    assert sara.sees_orders == []
    denied = sara.wants_to_leave_with("example.com")
    assert denied.state == "denied"
    assert denied.seen_by_customer["ground"] is None
    assert "claim" not in str(denied.seen_by_customer).lower()
    claim.is_disclosed(company.acts(ticket="T-900"))
    assert "a third party's claim" in denied.seen_by_customer["why"]["en"]


def test_what_was_the_case_at_any_moment_can_be_proven(company: Company) -> None:
    """Years later the events alone show how the claim stood on 2, 5 and 21 March, on whose word and on which ticket (D9, C3)."""
    company.looks_after("example.com", until="2026-09-01 12:00")
    company.at("2026-03-02 10:00")
    claim = company.hears_of_a_claim("example.com")
    company.at("2026-03-04 10:00")
    claim.is_heard(company.acts(ticket="T-900"))
    company.at("2026-03-20 10:00")
    claim.is_dismissed(company.acts(ticket="T-901"))
    company.at("2026-04-20 10:00")
    stood = [
        (claim.at(instant(day))["facts"]["state"], claim.at(instant(day))["facts"]["lock"])
        for day in ("2026-03-02 12:00", "2026-03-05 12:00", "2026-03-21 12:00")
    ]
    assert stood == [("asserted", "none"), ("proceeding", "locked"), ("closed", "released")]
    by_hand = [event["ticket"] for event in claim.at(company.now)["events"] if event["ticket"]]
    assert by_hand == ["T-900", "T-900", "T-901"]
