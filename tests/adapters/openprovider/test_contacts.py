"""How does a customer become a handle? Once, even where the answer that told it was lost."""

from dataclasses import replace

import pytest

from registrar.commands import Contact, ContactRole, Handle, Register
from registrar.gateway import Gateway
from registrar.outcomes import BlockCause, Blocked, Correctable, Correction, NotSent, Pending
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import Script, ScriptedApi, answers, page, refuses, says

FIND, MAKE, ORDER = "GET /customers", "POST /customers", "POST /domains"
NONE_FOUND = answers({"results": [], "total": 0})


def order(contact: Contact = house.PERSON) -> Register:
    """Return an order whose registrant is told by data."""
    return house.register(contacts={ContactRole.REGISTRANT: contact})


@pytest.fixture
def ready(api: ScriptedApi) -> ScriptedApi:
    """A platform that knows no customers yet, and makes and takes everything."""
    api.on(FIND, NONE_FOUND)
    api.on(MAKE, answers({"handle": "XX000009-XX"}))
    api.on(ORDER, answers({"id": 4711, "status": "REQ"}))
    return api


def test_a_contact_is_made_and_used_in_every_role(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """The customer's data become one contact, which stands in each role that nobody else was named for."""
    assert isinstance(gateway.execute(order(), call()), Pending)
    (made,) = ready.asked(MAKE)
    content = made.content
    comments = content.pop("comments")
    assert content == {
        "name": {"first_name": "Planted", "last_name": "Person"},
        "phone": {"country_code": "+31", "area_code": "201", "subscriber_number": "234567"},
        "address": {
            "street": "Planted Street",
            "number": "12",
            "zipcode": "1234 AB",
            "city": "Example City",
            "country": "NL",
        },
        "email": "planted.person@example.org",
    }
    assert comments.startswith("customer-7 ")
    sent = ready.asked(ORDER)[0].content
    assert {sent[key] for key in ("owner_handle", "admin_handle", "tech_handle")} == {"XX000009-XX"}
    assert ready.told() == [FIND, MAKE, ORDER]


def test_a_contact_that_a_lost_answer_left_behind_is_found(
    gateway: Gateway, ready: ScriptedApi, call: Calls
) -> None:
    """A retry after a lost answer uses the contact that was made, and makes no second one."""
    ready.on(MAKE, says(b""))
    assert isinstance(gateway.execute(order(), call()), NotSent)
    comments = ready.asked(MAKE)[0].content["comments"]
    results = [{"handle": "A", "comments": f"{comments}x"}, {"handle": "XX000009-XX", "comments": comments}]
    ready.on(FIND, answers({"results": results, "total": 2}))
    assert isinstance(gateway.execute(order(), call()), Pending)
    assert len(ready.asked(MAKE)) == 1
    assert ready.asked(FIND)[-1].query["comment_pattern"] == comments
    assert ready.asked(ORDER)[0].content["owner_handle"] == "XX000009-XX"


def test_a_contact_is_remembered(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """A second order of the same customer asks for nothing again."""
    for _ in range(2):
        gateway.execute(order(), call())
    assert ready.told() == [FIND, MAKE, ORDER, ORDER]


def test_corrected_data_make_another_contact(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """What a customer has put right is not lost to an old contact of his."""
    gateway.execute(order(), call())
    gateway.execute(order(replace(house.PERSON, city="Other City")), call())
    first, second = (asked.content["comments"] for asked in ready.asked(MAKE))
    assert first != second


def test_where_no_search_is_to_be_had_the_contact_is_made(
    gateway: Gateway, ready: ScriptedApi, call: Calls
) -> None:
    """A platform that refuses the search still gets the order."""
    ready.on(FIND, refuses(7777, "no such search"))
    assert isinstance(gateway.execute(order(), call()), Pending)


@pytest.mark.parametrize(
    ("broken", "route"),
    [
        (page(), FIND),
        (refuses(4005, "down"), FIND),
        (page(), MAKE),
        (refuses(999, "failed"), MAKE),
        (answers({}), MAKE),
    ],
)
def test_a_contact_that_cannot_be_had_leaves_the_order_unsent(
    gateway: Gateway, ready: ScriptedApi, call: Calls, broken: Script, route: str
) -> None:
    """An outage before the order costs nothing."""
    ready.on(route, broken)
    assert isinstance(gateway.execute(order(), call()), NotSent)
    assert ready.asked(ORDER) == []


def test_data_that_openprovider_refuses_are_the_customers_to_correct(
    gateway: Gateway, ready: ScriptedApi, call: Calls
) -> None:
    """A refused contact asks the customer for better data, with nothing ordered."""
    ready.on(MAKE, refuses(142, "zipcode"))
    outcome = gateway.execute(order(), call())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is Correction.CONTACTS
    assert ready.asked(ORDER) == []


def test_a_refused_permission_for_contacts_is_ours(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """An account that may not make contacts is staff's matter."""
    ready.on(MAKE, refuses(4003, "no permission"))
    outcome = gateway.execute(order(), call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS


@pytest.mark.parametrize(
    "text", ["Unknown handle: XX000009-XX", "The customer does not exist", "Handle not found"]
)
@pytest.mark.parametrize("code", [145, 7777])
def test_a_handle_that_is_not_known_everywhere_yet_is_waited_for(
    gateway: Gateway, ready: ScriptedApi, call: Calls, text: str, code: int
) -> None:
    """A contact made a moment ago may be unknown to the domains still: the order goes out again soon, and once."""
    ready.on(ORDER, refuses(code, text), answers({"id": 4711, "status": "REQ"}))
    outcome = gateway.execute(order(), call())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after == 5
    assert not outcome.unreachable
    assert isinstance(gateway.execute(order(), call()), Pending)


def test_a_handle_that_the_customer_named_wrongly_is_his_to_correct(
    gateway: Gateway, ready: ScriptedApi, call: Calls
) -> None:
    """A handle that does not exist is no matter of waiting where we did not make it."""
    ready.on(ORDER, refuses(7777, "Unknown handle: XX000001-XX"))
    outcome = gateway.execute(house.register(), call())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is Correction.CONTACTS


def test_an_unclear_failure_that_speaks_of_a_handle_stays_unclear(
    gateway: Gateway, ready: ScriptedApi, call: Calls
) -> None:
    """A code that does not say how far it got is not explained away by its words."""
    ready.on(ORDER, refuses(999, "unknown handle"))
    outcome = gateway.execute(order(), call())
    assert type(outcome).__name__ == "Unknown"


@pytest.mark.parametrize("voice", [None, "", "0201234567", "+31201234567", "+31.12", "+31.20 123"])
def test_a_telephone_that_cannot_be_split_is_the_customers_to_correct(
    gateway: Gateway, ready: ScriptedApi, call: Calls, voice: str | None
) -> None:
    """A number in another form is asked for again before anything is sent."""
    outcome = gateway.execute(order(replace(house.PERSON, voice=voice)), call())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is Correction.CONTACTS
    assert ready.requests == []


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Cher", "Cher", "Cher"),
        ("Anna Maria  Example", "Anna Maria", "Example"),
        ("نام خانوادگی", "نام", "خانوادگی"),
    ],
)
def test_a_name_is_given_in_two_parts(  # noqa: PLR0917 - fixtures and a table
    gateway: Gateway, ready: ScriptedApi, call: Calls, name: str, first: str, last: str
) -> None:
    """Openprovider wants a first and a last name; one word is both."""
    company = replace(
        house.PERSON, name=name, organization="Example Org", street=("Long Road",), province="Utrecht"
    )
    gateway.execute(order(company), call())
    content = ready.asked(MAKE)[0].content
    assert content["name"] == {"first_name": first, "last_name": last}
    assert content["company_name"] == "Example Org"
    assert (content["address"]["street"], content["address"]["state"]) == ("Long Road", "Utrecht")
    assert "number" not in content["address"]


def test_an_empty_name_is_the_customers_to_correct(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """A contact without a name is not sent."""
    outcome = gateway.execute(order(replace(house.PERSON, name=" ")), call())
    assert isinstance(outcome, Correctable)


def test_handles_and_data_may_stand_side_by_side(gateway: Gateway, ready: ScriptedApi, call: Calls) -> None:
    """One role by handle and another by data is one order."""
    contacts = {ContactRole.REGISTRANT: house.PERSON, ContactRole.TECH: Handle("OURS")}
    gateway.execute(house.register(contacts=contacts), call())
    sent = ready.asked(ORDER)[0].content
    assert (sent["owner_handle"], sent["tech_handle"]) == ("XX000009-XX", "OURS")
