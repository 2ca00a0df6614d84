"""Are registrations and renewals sold as LogicBoxes sells them, each once?"""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.logicboxes.reseller import EXPIRY, HOSTS, Clock, Reseller, amounts, epoch, order_of


def test_a_registration_is_done_at_once_and_charged_once(books: Books, reseller: Reseller) -> None:
    """The order has a number, its action succeeded, and the charge carries the action's number."""
    reply = reseller.register("new.com", years=2)

    assert reply.progress == ("Success", "Success")
    assert reply.body["actiontype"] == "AddNewDomain"
    assert "invoiceid" not in reply.body
    (charge,) = books.charges()
    assert (charge.command, charge.name, charge.months, charge.amount) == ("register", "new.com", 24, 2998)
    assert charge.client_transaction_id == reply.body["eaqid"]
    assert reseller.shown("new.com")["endtime"] == epoch(datetime(2028, 3, 1, 12, 0, tzinfo=UTC))


def test_every_value_of_an_answer_is_text(reseller: Reseller) -> None:
    """Numbers and booleans come as strings, at every depth."""
    reseller.register("new.com")

    assert _kinds(reseller.shown("new.com")) == {str}


def test_a_taken_name_is_not_registered_again(books: Books, reseller: Reseller) -> None:
    """Whoever has it, the second registration is refused and costs nothing."""
    books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="other")
    reseller.register("new.com")

    for name in ("new.com", "theirs.com"):
        assert "already registered" in reseller.register(name).message
    assert amounts(books) == [1499]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ns": None}, "Required parameter missing: ns"),
        ({"ns": None, "ns[0]": HOSTS[0], "ns[1]": HOSTS[1]}, "Required parameter missing: ns"),
        ({"ns": ",".join(HOSTS)}, "is not a valid Nameserver"),
        ({"auto_renew": None}, "Required parameter missing: auto-renew"),
        ({"invoice_option": "Gratis"}, "{invoice-option=Gratis is invalid}"),
        ({"years": 11}, "{years=11 is invalid}"),
        ({"customer_id": "1"}, "{customer-id=1 is invalid}"),
        ({"reg_contact_id": "7"}, "{reg-contact-id=7 is invalid}"),
        ({"admin_contact_id": "-1"}, "{admin-contact-id=-1 is invalid}"),
        ({"domain_name": "nodot"}, "{domain-name=nodot is invalid}"),
        ({"domain_name": "short.ai"}, "{years=1 is invalid}"),
        ({"domain_name": "premium-new.com"}, "premium is required"),
        ({"domain_name": "bücher.com"}, "idnLanguageCode"),
    ],
)
def test_a_registration_that_is_not_as_it_must_be_costs_nothing(
    books: Books, reseller: Reseller, changes: dict[str, Any], said: str
) -> None:
    """Missing, malformed or foreign parameters are refused with HTTP 500 and the parameter's name."""
    reply = reseller.register("new.com", **changes)

    assert reply.status == 500
    assert said in reply.message
    assert amounts(books) == []
    assert books.domain("new.com") is None


def test_names_that_ask_for_more_can_be_registered(books: Books, reseller: Reseller) -> None:
    """Premium names at their price, IDNs by their A-label, and registries that know no admin contact."""
    premium = {"attr-name1": "premium", "attr-value1": "true"}
    idn = {"attr-name1": "idnLanguageCode", "attr-value1": "de"}

    assert reseller.register("premium-new.com", **premium).progress == ("Success", "Success")
    assert reseller.register("bücher.com", **idn).body["description"] == "xn--bcher-kva.com"
    assert reseller.register("new.eu", admin_contact_id="-1").progress == ("Success", "Success")
    assert amounts(books) == [29_980, 1499, 1499]


def test_a_renewal_is_guarded_by_the_exact_expiry(books: Books, reseller: Reseller) -> None:
    """The same renewal sent twice is done once; an expiry one second off is no guard that fits."""
    order_of(books, "ours.com")
    order_id, end = reseller.shown("ours.com")["orderid"], epoch(EXPIRY)

    assert reseller.renew(order_id, str(int(end) + 1)).message == "Domain already renewed."
    assert reseller.renew(order_id, end, years=2).progress == ("Success", "Success")
    assert reseller.renew(order_id, end, years=2).message == "Domain already renewed."
    assert amounts(books) == [3198]
    assert reseller.shown("ours.com")["endtime"] == epoch(EXPIRY.replace(year=2028))


def test_a_renewal_of_a_leap_day_ends_on_the_twenty_eighth(
    books: Books, reseller: Reseller, clock: Clock
) -> None:
    """There is no 29th of February the next year."""
    clock.now = datetime(2028, 1, 1, tzinfo=UTC)
    leap = datetime(2028, 2, 29, 9, 0, tzinfo=UTC)
    order_of(books, "ours.com", expires_at=leap)

    reseller.renew(reseller.shown("ours.com")["orderid"], epoch(leap))

    assert reseller.shown("ours.com")["endtime"] == epoch(datetime(2029, 2, 28, 9, 0, tzinfo=UTC))


def test_nothing_is_renewed_beyond_ten_years_or_for_others(books: Books, reseller: Reseller) -> None:
    """Ten years ahead is the most, and an order that is not ours is none."""
    order_of(books, "ours.com")
    order_id = reseller.shown("ours.com")["orderid"]

    assert "cannot be extended beyond" in reseller.renew(order_id, epoch(EXPIRY), years=10).message
    assert reseller.renew("1", epoch(EXPIRY)).message == "No Entity found for Entityid: 1"
    assert amounts(books) == []


def test_an_empty_deposit_locks_the_order_until_a_top_up(books: Books, reseller: Reseller) -> None:
    """The order is kept and shown as waiting; it completes by itself, once, when there is money."""
    order_of(books, "ours.com")
    with books.page() as page:
        page.top_up(-99_000)
    order_id = reseller.shown("ours.com")["orderid"]

    reply = reseller.renew(order_id, epoch(EXPIRY))

    assert reply.progress == ("Failed", "InvoicePaid")
    assert "Order Locked In Processing" in reply.body["actionstatusdesc"]
    waiting = reseller.shown("ours.com")
    assert (waiting["endtime"], waiting["actionstatus"]) == (epoch(EXPIRY), "InvoicePaid")
    assert waiting["eaqid"] == reply.body["eaqid"]
    assert reseller.get("billing/reseller-balance", reseller_id="123456").body == {
        "sellingcurrencysymbol": "USD",
        "sellingcurrencybalance": "10.000",
        "sellingcurrencylockedbalance": "15.990",
    }
    assert amounts(books) == []

    books.top_up(10_000)

    assert reseller.shown("ours.com")["endtime"] == epoch(EXPIRY.replace(year=2027))
    assert reseller.shown("ours.com")["eaqid"] == "0"
    assert amounts(books) == [1599]
    assert books.charges()[0].client_transaction_id == reply.body["eaqid"]


def test_a_locked_registration_is_inactive_until_it_is_paid(books: Books, reseller: Reseller) -> None:
    """The name is ordered and not registered; after a top-up it is."""
    books.misbehave("no_deposit", command="domain:create")

    assert reseller.register("new.com").progress == ("Failed", "InvoicePaid")
    assert reseller.shown("new.com")["currentstatus"] == "InActive"
    assert reseller.shown("new.com")["currentstatus"] == "InActive"
    books.top_up(1)
    assert reseller.shown("new.com")["currentstatus"] == "Active"
    assert amounts(books) == [1499]


def test_an_order_for_the_customers_money_waits_for_it(books: Books, reseller: Reseller) -> None:
    """With OnlyAdd or PayInvoice nothing is charged: the invoice waits for the customer, who has no money there."""
    reply = reseller.register("new.com", invoice_option="OnlyAdd")

    assert reply.body["actionstatus"] == "InvoiceNotPaid"
    assert amounts(books) == []
    books.approve("new.com")
    assert reseller.shown("new.com")["currentstatus"] == "Active"
    assert amounts(books) == [1499]


def test_a_second_order_waits_for_the_running_one(books: Books, reseller: Reseller) -> None:
    """While an action runs on an order, every other is refused, whatever its guard."""
    order_of(books, "ours.com")
    books.misbehave("pending", command="domain:renew", argument=30)
    order_id, end = reseller.shown("ours.com")["orderid"], epoch(EXPIRY)
    reseller.renew(order_id, end)

    for reply in (
        reseller.renew(order_id, end),
        reseller.post("domains/modify-ns", order_id=order_id, ns=["ns3.example.net"]),
        reseller.post("domains/delete", order_id=order_id),
    ):
        assert reply.message == "There is already an action pending on this Order."
    assert amounts(books) == [1599]


def test_a_pending_order_is_executed_later(books: Books, reseller: Reseller, clock: Clock) -> None:
    """It is among the current actions until it is executed, and among the archived ones after."""
    books.misbehave("pending", command="domain:create", argument=30)
    reply = reseller.register("new.com")
    number = reply.body["eaqid"]

    assert reply.progress == ("Success", "PendingExecution")
    assert reseller.shown("new.com")["actiontype"] == "AddNewDomain"
    (row,) = reseller.actions("current", eaq_id=number)
    assert (row["actionstatus"], row["actioncompleted"]) == ("PendingExecution", "0")

    clock.forward(seconds=31)

    assert reseller.shown("new.com")["currentstatus"] == "Active"
    assert reseller.actions("current") == []
    (row,) = reseller.actions("archived", order_id=reply.body["entityid"], action_status="Success")
    assert row["actioncompleted"] == epoch(clock.now)
    assert reseller.actions("archived", action_type="RenewDomain") == []


@pytest.mark.parametrize("command", ["register", "renew"])
def test_a_rejected_order_is_given_back(books: Books, reseller: Reseller, command: str) -> None:
    """What fails after all costs nothing, and leaves no order or the old expiry; approved after that, it is charged again."""
    name = {"register": "new.com", "renew": "ours.com"}[command]
    order_of(books, "ours.com")
    books.misbehave("pending", argument=30)
    if command == "register":
        reseller.register(name)
    else:
        reseller.renew(reseller.shown(name)["orderid"], epoch(EXPIRY))

    books.reject(name)

    row = reseller.actions("archived")[0]
    assert row["actionstatus"] == "Failed"
    taken = amounts(books)
    assert sum(taken) == 0
    assert len(taken) == 2
    assert books.domain("new.com") is None
    assert reseller.shown("ours.com")["endtime"] == epoch(EXPIRY)

    books.approve(name)

    assert reseller.actions("archived")[0]["actionstatus"] == "Success"
    assert sum(amounts(books)) == taken[0]


def test_an_approval_of_what_is_done_changes_nothing(books: Books, reseller: Reseller) -> None:
    """A verdict that comes twice charges once."""
    reseller.register("new.com")
    books.approve("new.com")
    books_end = reseller.shown("new.com")["endtime"]
    books.reject("new.com")

    assert reseller.shown("new.com")["endtime"] == books_end
    assert amounts(books) == [1499]


def _kinds(value: Any) -> set[type]:
    """The types of all that is no object or list."""
    if isinstance(value, dict):
        return set().union(*map(_kinds, value.values()))
    if isinstance(value, list):
        return set().union(*map(_kinds, value))
    return {type(value)}
