"""What an order comes to at LogicBoxes: every word of its tables, over a real connection."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from registrar.commands import (
    ChangeHolder,
    Contact,
    ContactRole,
    Handle,
    Kind,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
)
from registrar.gateway import Gateway, Guard
from registrar.money import Money
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
)
from tests.adapters.logicboxes.conftest import HOUSE, RESELLER, Calls
from tests.adapters.logicboxes.scripted import Script, ScriptedRegistrar, answers, closes, fails, says
from tests.adapters.logicboxes.words import (
    AUTH_CODE,
    END,
    HOLDER,
    LATER,
    MOVE,
    NAME,
    ORDER,
    PERSON,
    REGISTRATION,
    RENEWAL,
    RESCUE,
    absent,
    available,
    details,
    expiry,
    order,
    running,
)

Order = Register | Renew | Transfer | Restore
RESTORABLE = details(currentstatus="Pending Delete Restorable")

BEFORE: dict[Kind, Script] = {
    Kind.REGISTER: available(),
    Kind.RENEW: answers(details()),
    Kind.TRANSFER: available("regthroughothers"),
    Kind.RESTORE: answers(RESTORABLE),
}
"""What is asked before each order, with nothing against it."""
ACTIONS = {
    Kind.REGISTER: "AddNewDomain",
    Kind.RENEW: "RenewDomain",
    Kind.TRANSFER: "AddTransferDomain",
    Kind.RESTORE: "RestoreDomain",
}
ORDERS: tuple[Order, ...] = (REGISTRATION, RENEWAL, MOVE, RESCUE)
EACH = pytest.mark.parametrize("command", ORDERS, ids=lambda command: command.kind.value)


@pytest.fixture
def sent(gateway: Gateway, registrar: ScriptedRegistrar, call: Calls) -> Callable[..., Outcome]:
    """Carry an order out against these answers, the usual question before it answered well."""

    def carry_out(command: Order, *scripts: Script, before: Script | None = None) -> Outcome:
        registrar.scripts += [before or BEFORE[command.kind], *scripts]
        return gateway.execute(command, call())

    return carry_out


def last(registrar: ScriptedRegistrar, command: str) -> dict[str, list[str]]:
    """Return the parameters of the last call of a command."""
    return next(asked.words for asked in reversed(registrar.requests) if asked.command == command)


def test_a_registration_is_written_as_documented(
    sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """A registration names the whole domain, years, name servers one by one, our customer and four contacts; no invoice."""
    command = replace(
        REGISTRATION,
        months=24,
        nameservers=(Nameserver("ns1.example.net"), Nameserver("ns2.example.net")),
        contacts={**HOLDER, ContactRole.TECH: Handle("1002")},
    )
    done = sent(command, answers(order("AddNewDomain", "Success")), answers(details(endtime=LATER)))
    assert isinstance(done, Done)
    assert (done.registry_id, done.expiry, done.created_at is None) == (ORDER, expiry(LATER), False)
    assert registrar.commands == [
        "GET domains/available",
        "POST domains/register",
        "GET domains/details-by-name",
    ]
    words = last(registrar, "domains/register")
    assert words.pop("api-key")
    assert words == {
        "auth-userid": [RESELLER],
        "domain-name": ["example.com"],
        "years": ["2"],
        "ns": ["ns1.example.net", "ns2.example.net"],
        "customer-id": [HOUSE],
        "reg-contact-id": ["1001"],
        "admin-contact-id": ["1001"],
        "tech-contact-id": ["1002"],
        "billing-contact-id": ["1001"],
        "purchase-privacy": ["false"],
        "protect-privacy": ["false"],
        "auto-renew": ["false"],
        "invoice-option": ["NoInvoice"],
    }


def test_a_renewal_names_the_end_it_starts_from_to_the_second(
    sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """The guard of a renewal is the end as the registrar wrote it, and not one that is read afresh."""
    done = sent(RENEWAL, answers(order("RenewDomain", "Success")), answers(details(endtime=LATER)))
    assert isinstance(done, Done)
    assert done.expiry == expiry(LATER)
    words = last(registrar, "domains/renew")
    assert (words["order-id"], words["years"], words["exp-date"]) == ([ORDER], ["1"], [END])
    assert (words["invoice-option"], words["auto-renew"]) == (["NoInvoice"], ["false"])


def test_a_transfer_carries_its_code_and_nothing_for_name_servers_that_stay(
    sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """A transfer hands over the auth code as it was given; no name servers means that those of the name stay."""
    assert isinstance(sent(MOVE, answers(order("AddTransferDomain", "PendingExecution"))), Pending)
    words = last(registrar, "domains/transfer")
    assert words["auth-code"] == [AUTH_CODE]
    assert "ns" not in words


def test_a_restore_names_the_order(sent: Callable[..., Outcome], registrar: ScriptedRegistrar) -> None:
    """A name is brought back by its order at the registrar, and is done once it is active again."""
    done = sent(RESCUE, answers(order("RestoreDomain", "Success")), answers(details()))
    assert isinstance(done, Done)
    assert last(registrar, "domains/restore")["order-id"] == [ORDER]


@EACH
@pytest.mark.parametrize(
    "status",
    [
        "PendingExecution",
        "ExecutionStarted",
        "InvoicePaid",
        "InvoiceNotPaid",
        "RFASent",
        "AdminApproved",
        "SomethingNobodyListed",
    ],
)
def test_an_order_that_is_not_done_yet_is_pending(
    status: str, command: Order, sent: Callable[..., Outcome]
) -> None:
    """An accepted order is followed, by whatever word the registrar says that it is not done yet."""
    pending = sent(command, answers(order(ACTIONS[command.kind], status)))
    assert isinstance(pending, Pending)
    assert (pending.registry_id, pending.blocked) == (ORDER, None)
    assert (pending.reply.result_code, pending.reply.server_transaction_id) == (status, "514000001")


@EACH
@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("Failed", "Order Locked In Processing"),
        ("InvoicePaid", "Order Locked for Processing"),
        ("Failed", "Insufficient funds in the Reseller account"),
        ("PendingExecution", "Low Funds"),
    ],
)
def test_a_locked_order_is_there_and_waits_for_our_deposit(
    status: str, text: str, command: Order, sent: Callable[..., Outcome]
) -> None:
    """An order that the registrar saved for want of our money is neither refused nor sent again.

    A transfer that is only called locked may wait for the registry, which is no reason to stop everything else.
    """
    said = order(ACTIONS[command.kind], status, text, status="Failed")
    pending = sent(command, answers(said, status="500 Internal Server Error"))
    assert isinstance(pending, Pending), pending
    perhaps_the_registry = command.kind in {Kind.TRANSFER, Kind.RESTORE} and "Locked" in text
    assert pending.registry_id == ORDER
    assert pending.blocked is (None if perhaps_the_registry else BlockCause.DEPOSIT)


@EACH
def test_nothing_to_do_is_for_a_look(command: Order, sent: Callable[..., Outcome]) -> None:
    """Where the registrar says that nothing had to be done, the name itself must tell what became of the order."""
    assert isinstance(sent(command, answers(order(ACTIONS[command.kind], "NoActionRequired"))), Unknown)


@EACH
def test_a_cancelled_order_is_refused_once_a_look_agrees(
    command: Order, sent: Callable[..., Outcome]
) -> None:
    """A cancelled order did not happen, but nobody is credited before a look says so too."""
    refused = sent(command, answers(order(ACTIONS[command.kind], "Cancelled")))
    assert isinstance(refused, Refused)
    assert refused.confirm


@EACH
def test_a_failure_without_a_clear_text_is_unknown(command: Order, sent: Callable[..., Outcome]) -> None:
    """An order that failed for a reason that nobody listed may still be there: a look decides."""
    said = order(ACTIONS[command.kind], "Failed", "Something went wrong", status="Failed")
    assert isinstance(sent(command, answers(said)), Unknown)


UNTOUCHED = {
    Kind.REGISTER: absent(),
    Kind.RENEW: answers(details()),
    Kind.TRANSFER: absent(),
    Kind.RESTORE: answers(RESTORABLE),
}
SOMETHING_LEFT = {
    Kind.REGISTER: answers(details(currentstatus="InActive")),
    Kind.RENEW: answers(details(endtime=LATER)),
    Kind.TRANSFER: answers(details(currentstatus="InActive")),
    Kind.RESTORE: answers(details()),
}


@EACH
def test_a_failure_is_believed_where_nothing_of_the_order_is_left(
    command: Order, sent: Callable[..., Outcome]
) -> None:
    """A failed order whose text says why, and of which the name shows nothing, did not happen."""
    said = order(ACTIONS[command.kind], "Failed", "Domain Status does not allow this operation")
    refused = sent(command, answers(said), UNTOUCHED[command.kind])
    assert isinstance(refused, Refused)
    assert refused.reason is RefusalReason.STATUS_PROHIBITS


@EACH
@pytest.mark.parametrize("readable", [True, False])
def test_a_failure_that_left_something_is_unknown(
    readable: bool, command: Order, sent: Callable[..., Outcome]
) -> None:
    """A failed order of which something is left at the registrar, or may be, is never refused."""
    said = order(ACTIONS[command.kind], "Failed", "Domain Status does not allow this operation")
    back = SOMETHING_LEFT[command.kind] if readable else says(b"")
    assert isinstance(sent(command, answers(said), back), Unknown)


UNSEEN: dict[Kind, list[Script]] = {
    Kind.REGISTER: [absent(), answers(details(currentstatus="InActive")), says(b"")],
    Kind.RENEW: [answers(details()), answers(details(endtime=None)), absent(), says(b"")],
    Kind.TRANSFER: [absent(), answers(details(currentstatus="InActive")), says(b"")],
    Kind.RESTORE: [answers(RESTORABLE), answers(details(currentstatus="QueuedForDeletion")), says(b"")],
}


@EACH
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_success_that_does_not_show_is_not_done(
    number: int, command: Order, sent: Callable[..., Outcome]
) -> None:
    """The registrar's word alone ends no order: what it says is read back, and followed where it does not show."""
    said = answers(order(ACTIONS[command.kind], "Success"))
    assert isinstance(sent(command, said, UNSEEN[command.kind][number]), Pending)


@dataclass(frozen=True)
class Case:
    """A text of the registrar's, to which order, and what it comes to."""

    text: str
    command: Order
    outcome: type[Outcome]
    why: object


TEXTS: list[tuple[str, Order, type[Outcome], object]] = [
    ("Domain already renewed.", RENEWAL, Refused, RefusalReason.EXPIRY_CONFLICT),
    ("There is already an action pending on this Order.", RENEWAL, Unknown, None),
    ("There is already an action pending on this Order.", RESCUE, Unknown, None),
    ("No Entity found for Entityid: 84311819", RENEWAL, Refused, RefusalReason.NOT_REGISTERED),
    ("Website doesn't exist for example.com", RESCUE, Refused, RefusalReason.NOT_REGISTERED),
    ("Website doesn't exist for example.com", REGISTRATION, Unknown, None),
    (
        "example.com is currently available for Registration",
        MOVE,
        Refused,
        RefusalReason.NOT_REGISTERED,
    ),
    ("A Domain Name cannot be extended beyond 10 years", RENEWAL, Refused, RefusalReason.POLICY),
    ("ns1.example.net is not a valid Nameserver", REGISTRATION, Correctable, Correction.NAMESERVERS),
    ("{reg-contact-id=1001 is invalid}", REGISTRATION, Blocked, BlockCause.REQUEST),
    ("{customer-id=1 is invalid}", MOVE, Blocked, BlockCause.REQUEST),
    ("{domain-name=example.com is invalid}", REGISTRATION, Unknown, None),
    ("You are not allowed to perform this action", RENEWAL, Refused, RefusalReason.STATUS_PROHIBITS),
    (
        "Invalid action status/action type for this operation",
        RESCUE,
        Refused,
        RefusalReason.STATUS_PROHIBITS,
    ),
    ("Domain Status does not allow this operation", RENEWAL, Refused, RefusalReason.STATUS_PROHIBITS),
    ("Privacy Protection not Purchased", REGISTRATION, Refused, RefusalReason.POLICY),
    ("Order Locked In Processing", MOVE, Pending, None),
    ("Order Locked In Processing", REGISTRATION, Pending, BlockCause.DEPOSIT),
    ("Access Denied: You are not authorized", REGISTRATION, Blocked, BlockCause.CREDENTIALS),
    ("Invalid auth-userid", RENEWAL, Blocked, BlockCause.CREDENTIALS),
    ("Something that nobody listed", MOVE, Unknown, None),
    ("", RENEWAL, Unknown, None),
]


@pytest.mark.parametrize("case", [Case(*row) for row in TEXTS], ids=lambda case: case.text[:30])
@pytest.mark.parametrize(("word", "key"), [("ERROR", "message"), ("error", "error"), ("Error", "message")])
def test_every_listed_text_has_its_meaning(
    word: str, key: str, case: Case, sent: Callable[..., Outcome]
) -> None:
    """An error comes with HTTP 500, in any case of its words, and its text decides; what is not listed is for a look."""
    said = sent(case.command, fails(case.text, word=word, key=key))
    assert type(said) is case.outcome, said
    assert why(said) is case.why


@pytest.mark.parametrize("text", ["Insufficient balance", "You have low funds"])
@EACH
def test_a_word_about_money_is_believed_where_nothing_was_saved(
    command: Order, text: str, sent: Callable[..., Outcome]
) -> None:
    """An order that was not even saved for want of our deposit is ours to send again."""
    said = sent(command, fails(text), UNTOUCHED[command.kind])
    assert isinstance(said, Blocked)
    assert said.cause is BlockCause.DEPOSIT


@EACH
def test_an_order_that_was_saved_beside_a_word_about_money_is_followed(
    command: Order, sent: Callable[..., Outcome]
) -> None:
    """An order that stands there locked is carried out after the top-up by itself: sending it again would buy twice."""
    status = "InActive" if isinstance(command, Register | Transfer) else "Active"
    locked = running(ACTIONS[command.kind], "InvoicePaid", "Order Locked In Processing")
    said = sent(command, fails("Insufficient balance"), answers(details(currentstatus=status, **locked)))
    assert isinstance(said, Pending)
    assert (said.registry_id, said.blocked) == (ORDER, BlockCause.DEPOSIT)


@pytest.mark.parametrize("back", [closes, answers(details(endtime=LATER))], ids=["silence", "a later end"])
def test_a_word_about_money_over_a_name_that_moved_is_for_a_look(
    back: Script, sent: Callable[..., Outcome]
) -> None:
    """Where the name cannot be read, or is not as it was, nobody knows what was saved."""
    assert isinstance(sent(RENEWAL, fails("Insufficient balance"), back), Unknown)


def why(outcome: Outcome) -> object:
    """Return what an outcome names as its reason."""
    match outcome:
        case Refused(reason=reason):
            return reason
        case Correctable(needs=needs):
            return needs
        case Blocked(cause=cause) | Pending(blocked=cause):
            return cause
        case Done() | NotSent() | Unknown():
            return None


def test_an_unlisted_text_is_kept_for_staff(sent: Callable[..., Outcome]) -> None:
    """What the registrar said is kept with the unknown ending, and counts as an answer."""
    unknown = sent(RENEWAL, fails("Something that nobody listed"))
    assert isinstance(unknown, Unknown)
    assert unknown.reply is not None
    assert (unknown.reply.result_code, unknown.reply.text) == ("error", "Something that nobody listed")


@pytest.mark.parametrize("text", ["Domain already renewed.", "No Entity found for Entityid: 1"])
def test_a_refusal_that_may_be_about_ourselves_is_confirmed(text: str, sent: Callable[..., Outcome]) -> None:
    """What our own lost attempt would be answered with credits nobody before a look agrees."""
    refused = sent(RENEWAL, fails(text))
    assert isinstance(refused, Refused)
    assert refused.confirm


def test_privacy_that_failed_does_not_undo_a_registration(sent: Callable[..., Outcome]) -> None:
    """A name that was registered well is ours, even if its privacy could not be bought; staff can read that."""
    said = order(
        "AddNewDomain",
        "Success",
        privacydetails={"status": "error", "message": "Privacy Protection not allowed for this TLD"},
    )
    done = sent(replace(REGISTRATION, privacy=True), answers(said), answers(details()))
    assert isinstance(done, Done)
    assert "Privacy Protection not allowed" in done.reply.text


@pytest.mark.parametrize(
    "other",
    [
        {"description": "example.net"},
        {"entityid": "99999999"},
        {"description": "", "entityid": ""},
        {"actionstatus": "", "status": ""},
    ],
)
def test_an_answer_about_something_else_proves_nothing(
    other: dict[str, Any], sent: Callable[..., Outcome]
) -> None:
    """An answer for another name or order, or one that does not say, is no answer to ours."""
    unknown = sent(RENEWAL, answers(order("RenewDomain", "Success", **other)))
    assert isinstance(unknown, Unknown)
    assert unknown.reply is not None
    assert unknown.reply.result_code is None


@pytest.mark.parametrize("scalar", [12345, True, "Success", [], None])
def test_a_bare_word_is_no_answer_to_an_order(scalar: object, sent: Callable[..., Outcome]) -> None:
    """A bare word or number, good for other calls, does not say what became of an order."""
    assert isinstance(sent(REGISTRATION, answers(scalar)), Unknown)


def test_an_answer_that_contradicts_itself_proves_nothing(sent: Callable[..., Outcome]) -> None:
    """An answer that says one thing twice, differently, is not guessed at."""
    body = json.dumps(order("RenewDomain", "Success"))[:-1] + ', "actionstatus": "Failed"}'
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
    assert isinstance(sent(RENEWAL, says((head + body).encode())), Unknown)


@pytest.mark.parametrize("status", ["Suspended", "Active"])
def test_a_suspended_name_is_not_renewed(
    status: str, sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """While a name is suspended nothing renews it: staff are told to lift that first, and nothing is sent."""
    state = details(currentstatus=status, orderstatus=["resellersuspend"])
    blocked = sent(RENEWAL, before=answers(state))
    assert isinstance(blocked, Blocked)
    assert blocked.cause is BlockCause.REQUEST
    assert "unsuspend" in blocked.reply.text
    assert registrar.commands == ["GET domains/details-by-name"]


HOLDS_BACK: list[tuple[Order, dict[str, Any], RefusalReason]] = [
    (RENEWAL, {"endtime": LATER}, RefusalReason.EXPIRY_CONFLICT),
    (RENEWAL, {"currentstatus": "Pending Delete Restorable"}, RefusalReason.NOT_RENEWABLE),
    (RENEWAL, {"customerid": "1"}, RefusalReason.NOT_OURS),
    (RENEWAL, {"currentstatus": "Deleted"}, RefusalReason.NOT_REGISTERED),
    (RESCUE, {"currentstatus": "Active"}, RefusalReason.NOT_RESTORABLE),
    (RESCUE, {"currentstatus": "Archived"}, RefusalReason.NOT_REGISTERED),
]


@pytest.mark.parametrize(("command", "state", "reason"), HOLDS_BACK)
def test_what_the_name_itself_refuses_is_not_sent(
    command: Order,
    state: dict[str, Any],
    reason: RefusalReason,
    sent: Callable[..., Outcome],
    registrar: ScriptedRegistrar,
) -> None:
    """An order that the name as it stands speaks against is not sent, and refused once a look agrees."""
    refused = sent(command, before=answers(details(**state)))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.confirm) == (reason, True)
    assert registrar.commands == ["GET domains/details-by-name"]


@pytest.mark.parametrize(
    ("status", "text"), [("InvoicePaid", "Order Locked In Processing"), ("PendingExecution", "")]
)
@pytest.mark.parametrize("command", [RENEWAL, RESCUE], ids=["renew", "restore"])
def test_an_order_waits_while_another_is_under_way(
    command: Order, status: str, text: str, sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """A renewal over one that the registrar has saved would pass its guard: it waits until that one is over."""
    state = RESTORABLE if command is RESCUE else details()
    waiting = sent(command, before=answers({**state, **running(ACTIONS[command.kind], status, text)}))
    assert isinstance(waiting, NotSent)
    assert waiting.retry_after is not None
    assert not waiting.unreachable
    assert registrar.commands == ["GET domains/details-by-name"]


def test_a_renewal_does_not_wait_for_what_is_no_order(sent: Callable[..., Outcome]) -> None:
    """A change of contacts that is under way does not stop a renewal."""
    state = answers({**details(), **running("ModContact", "PendingExecution")})
    assert isinstance(sent(RENEWAL, answers(order("RenewDomain", "PendingExecution")), before=state), Pending)


@pytest.mark.parametrize("status", ["regthroughus", "regthroughothers"])
def test_a_taken_name_is_not_sent(
    status: str, sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """A name that is registered is not ordered, and refused once a look agrees: it may be our own lost attempt's."""
    refused = sent(REGISTRATION, before=available(status))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.confirm) == (RefusalReason.ALREADY_REGISTERED, True)
    assert registrar.commands == ["GET domains/available"]


def test_a_free_name_is_not_transferred(sent: Callable[..., Outcome], registrar: ScriptedRegistrar) -> None:
    """A name that is registered nowhere cannot be moved to us, and nothing is sent."""
    refused = sent(MOVE, before=available())
    assert isinstance(refused, Refused)
    assert refused.reason is RefusalReason.NOT_REGISTERED
    assert registrar.commands == ["GET domains/available"]


NO_AVAILABILITY: list[Script] = [
    available("unknown"),
    available("a word that nobody listed"),
    answers({}),
    answers({"errors": {"com": "too many names"}}),
    answers({"example.net": {"status": "available"}}),
    fails("The registry is not reachable"),
    answers("available"),
]


@pytest.mark.parametrize("said", NO_AVAILABILITY)
@pytest.mark.parametrize("command", [REGISTRATION, MOVE], ids=["register", "transfer"])
def test_an_availability_that_is_not_told_is_not_guessed(
    command: Order, said: Script, sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """`unknown` and a missing name are neither free nor taken: the order is not sent, and tried again later."""
    assert isinstance(sent(command, before=said), NotSent)
    assert registrar.commands == ["GET domains/available"]


def test_a_registration_without_name_servers_is_the_customers_turn(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """Nothing is registered here without name servers, and the customer is asked for them before anything is sent."""
    outcome = gateway.execute(replace(REGISTRATION, nameservers=()), call())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is Correction.NAMESERVERS
    assert registrar.commands == []


def test_an_internationalized_name_is_found_by_its_a_label(
    connect: Callable[..., Gateway], registrar: ScriptedRegistrar, call: Calls
) -> None:
    """The registrar keys its answer by the A-label, and takes the table's name with the order."""
    gateway = connect(registrar.url, idn_tables=["per"])
    name = DomainName("xn--mgbcd4a2b0d2b.com", "com")
    registrar.scripts += [
        answers({name.ascii: {"status": "available", "classkey": "domcno"}}),
        answers({**order("AddNewDomain", "PendingExecution"), "description": name.unicode}),
    ]
    command = replace(REGISTRATION, domain=name, idn_table="per")
    assert isinstance(gateway.execute(command, call()), Pending)
    words = last(registrar, "domains/register")
    assert (words["attr-name1"], words["attr-value1"]) == (["idnLanguageCode"], ["per"])


CEILING = Money(2000, "USD")
COSTS = {
    "domcno": {
        action: {"1": "14.99"}
        for action in ("addnewdomain", "renewdomain", "addtransferdomain", "restoredomain")
    }
}


@EACH
def test_a_price_within_the_ceiling_is_paid(
    command: Order, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """With a ceiling the price is asked first, and the order goes out if it is not higher."""
    more = [available("regthroughus")] if isinstance(command, Renew) else []
    pending = answers(order(ACTIONS[command.kind], "PendingExecution"))
    registrar.scripts += [BEFORE[command.kind], *more, answers(COSTS), pending]
    assert isinstance(gateway.execute(replace(command, ceiling=CEILING), call()), Pending)


@EACH
@pytest.mark.parametrize(
    "told",
    [
        (COSTS, Money(1498, "USD")),
        (COSTS, Money(2000, "EUR")),
        ({}, CEILING),
        ({"domcno": {}}, CEILING),
        ({"domcno": {"addnewdomain": {"1": "cheap"}}}, CEILING),
    ],
)
def test_a_price_over_the_ceiling_or_untold_sends_nothing(
    told: tuple[object, Money],
    command: Order,
    gateway: Gateway,
    registrar: ScriptedRegistrar,
    call: Calls,
) -> None:
    """An order that is too dear, or whose price nobody tells, is held for staff and not sent."""
    costs, ceiling = told
    more = [available("regthroughus")] if isinstance(command, Renew) else []
    registrar.scripts += [BEFORE[command.kind], *more, answers(costs)]
    blocked = gateway.execute(replace(command, ceiling=ceiling), call())
    assert isinstance(blocked, Blocked)
    assert blocked.cause is BlockCause.PRICE
    assert all(asked.method == "GET" for asked in registrar.requests)


def test_a_longer_term_costs_more(gateway: Gateway, registrar: ScriptedRegistrar, call: Calls) -> None:
    """The ceiling is for the whole term, and the registrar's list is by the year."""
    registrar.scripts += [available(), answers(COSTS)]
    command = replace(REGISTRATION, months=24, ceiling=CEILING)
    blocked = gateway.execute(command, call())
    assert isinstance(blocked, Blocked)
    assert blocked.cause is BlockCause.PRICE


PREMIUM = {"create": "250.00", "renew": "250.00", "transfer": "250.00"}


@pytest.mark.parametrize("ceiling", [None, CEILING])
@pytest.mark.parametrize("command", [REGISTRATION, MOVE], ids=["register", "transfer"])
def test_a_premium_price_is_not_paid_by_surprise(
    command: Register | Transfer, ceiling: Money | None, sent: Callable[..., Outcome]
) -> None:
    """Without a ceiling, or above it, a premium name is not bought."""
    status = "available" if isinstance(command, Register) else "regthroughothers"
    blocked = sent(replace(command, ceiling=ceiling), before=available(status, costHash=PREMIUM))
    assert isinstance(blocked, Blocked)
    assert blocked.cause is BlockCause.PRICE


def test_a_premium_name_within_its_ceiling_is_bought_by_name(
    sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """A premium name that its order allows for is ordered with the word that the registrar asks for."""
    command = replace(REGISTRATION, ceiling=Money(25000, "USD"))
    said = sent(command, answers(order("AddNewDomain", "RFASent")), before=available(costHash=PREMIUM))
    assert isinstance(said, Pending)
    words = last(registrar, "domains/register")
    assert (words["attr-name1"], words["attr-value1"]) == (["premium"], ["true"])


def test_a_premium_renewal_is_within_its_ceiling_too(
    sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """A premium name's renewal is asked for its price, and said to be one."""
    command = replace(RENEWAL, ceiling=Money(25000, "USD"))
    said = sent(
        command, available("regthroughus", costHash=PREMIUM), answers(order("RenewDomain", "RFASent"))
    )
    assert isinstance(said, Pending)
    assert last(registrar, "domains/renew")["attr-name1"] == ["premium"]


def person_found(**more: str) -> dict[str, Any]:
    """Return a search that finds the invented person."""
    row = {
        "entity.entityid": "2002",
        "entity.currentstatus": "Active",
        "contact.name": "Invented Person",
        "contact.company": "Not Applicable",
        "contact.emailaddr": "invented.person@example.net",
        "contact.address1": "12 Made Up Street",
        "contact.address2": "Second Floor",
        "contact.city": "Tehran",
        "contact.state": "Not Applicable",
        "contact.country": "IR",
        "contact.zip": "1234567890",
        "contact.telnocc": "98",
        "contact.telno": "2112345678",
        **more,
    }
    return {"recsonpage": "1", "recsindb": "1", "1": row}


WITH_PERSON = replace(REGISTRATION, contacts={ContactRole.REGISTRANT: PERSON, ContactRole.TECH: PERSON})
ACCEPTED = answers(order("AddNewDomain", "PendingExecution"))


@pytest.mark.parametrize("listed", [True, False])
def test_a_person_who_is_there_is_used_again(
    listed: bool, sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """Making a contact twice makes two: one that is the same in every field is found again, and used for every role."""
    found = person_found()
    said = {"result": [found["1"]]} if listed else found
    assert isinstance(sent(WITH_PERSON, answers(said), ACCEPTED), Pending)
    assert registrar.commands == [
        "GET domains/available",
        "GET contacts/search",
        "POST domains/register",
    ]
    words = last(registrar, "domains/register")
    assert words["reg-contact-id"] == words["tech-contact-id"] == words["admin-contact-id"] == ["2002"]


@pytest.mark.parametrize(
    "said",
    [
        answers({"recsonpage": "0", "recsindb": "0"}),
        answers(person_found(**{"contact.address1": "1 Older Street"})),
        answers(person_found(**{"contact.address3": "A Floor That Is No More"})),
        answers(person_found(**{"entity.currentstatus": "Deleted"})),
        fails("No records found"),
    ],
)
def test_a_person_who_is_not_there_is_made(
    said: Script, sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """A person who is not there, or with another address, gets a contact of their own under our house customer."""
    assert isinstance(sent(WITH_PERSON, said, answers(3003), ACCEPTED), Pending)
    words = last(registrar, "contacts/add")
    assert words.pop("api-key")
    assert words == {
        "auth-userid": [RESELLER],
        "customer-id": [HOUSE],
        "type": ["Contact"],
        "name": ["Invented Person"],
        "company": ["Not Applicable"],
        "email": ["invented.person@example.net"],
        "address-line-1": ["12 Made Up Street"],
        "address-line-2": ["Second Floor"],
        "city": ["Tehran"],
        "state": ["Not Applicable"],
        "country": ["IR"],
        "zipcode": ["1234567890"],
        "phone-cc": ["98"],
        "phone": ["2112345678"],
    }
    assert last(registrar, "domains/register")["reg-contact-id"] == ["3003"]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (fails("{zipcode=1234567890 is invalid}"), Correctable),
        (fails("{customer-id=1 is invalid}"), Blocked),
        (fails("Access Denied"), Blocked),
        (answers("Success"), NotSent),
        (answers(0), NotSent),
        (says(b""), NotSent),
    ],
)
def test_a_contact_that_cannot_be_made_sends_no_order(
    said: Script, outcome: type[Outcome], sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """Where the person's contact cannot be made, the order that needs it is not sent."""
    assert isinstance(sent(WITH_PERSON, answers({"recsonpage": "0"}), said), outcome)
    assert registrar.commands[-1] == "POST contacts/add"


CONTACT_FAULTS: list[dict[ContactRole, Handle | Contact]] = [
    {},
    {ContactRole.TECH: Handle("1001")},
    {ContactRole.REGISTRANT: Handle("ab123-irnic")},
    {ContactRole.REGISTRANT: replace(PERSON, voice="+982112345678")},
]


@pytest.mark.parametrize("people", CONTACT_FAULTS)
def test_people_who_cannot_be_written_are_for_the_customer_to_correct(
    people: dict[ContactRole, Handle | Contact], sent: Callable[..., Outcome], registrar: ScriptedRegistrar
) -> None:
    """A missing registrant, a handle of another registry, a telephone number without its parts: nothing is sent."""
    said = sent(replace(REGISTRATION, contacts=people))
    assert isinstance(said, Correctable)
    assert said.needs is Correction.CONTACTS
    assert registrar.commands == ["GET domains/available"]


@pytest.mark.parametrize(
    ("zone", "unused"),
    [
        ("eu", ["admin", "tech", "billing"]),
        ("co.uk", ["admin", "tech", "billing"]),
        ("ca", ["billing"]),
        ("nl", ["billing"]),
        ("com", []),
    ],
)
def test_a_zone_gets_no_contact_where_it_takes_none(
    zone: str, unused: list[str], gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """Some zones want -1 in place of some contacts."""
    name = DomainName(f"example.{zone}", zone)
    registrar.scripts += [
        answers({name.ascii: {"status": "available"}}),
        answers({**order("AddNewDomain", "RFASent"), "description": name.ascii}),
    ]
    assert isinstance(gateway.execute(replace(REGISTRATION, domain=name), call()), Pending)
    words = last(registrar, "domains/register")
    found = [role for role in ("admin", "tech", "billing") if words[f"{role}-contact-id"] == ["-1"]]
    assert found == unused
    assert words["reg-contact-id"] == ["1001"]


NOT_HERE: list[Any] = [
    replace(REGISTRATION, months=18),
    replace(RENEWAL, months=1),
    replace(RENEWAL, months=132),
    replace(MOVE, months=24),
    replace(RENEWAL, elsewhere=True),
    replace(REGISTRATION, domain=DomainName("xn--mgbcd4a2b0d2b.com", "com")),
    ChangeHolder(NAME, HOLDER),
]


@pytest.mark.parametrize("command", NOT_HERE)
def test_what_is_not_done_here_is_not_sent(
    command: Any, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """A term in months, or a command that this registrar does not know, is our fault and reaches nobody."""
    blocked = gateway.execute(command, call())
    assert isinstance(blocked, Blocked)
    assert blocked.cause is BlockCause.REQUEST
    assert registrar.connections == 0


def test_a_host_inside_a_new_name_must_wait(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """A name server inside a name that is not there yet cannot be named with its registration."""
    command = replace(REGISTRATION, nameservers=(Nameserver("ns1.example.com", ("192.0.2.1",)),))
    said = gateway.execute(command, call())
    assert isinstance(said, Correctable)
    assert said.needs is Correction.NAMESERVERS
    assert registrar.connections == 0


def test_every_kind_has_a_guard(gateway: Gateway) -> None:
    """Each order that spends is guarded at the registrar's own side."""
    declared = gateway.capabilities
    assert set(declared.guards) == declared.kinds
    assert Guard.NONE not in declared.guards.values()
