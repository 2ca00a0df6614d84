"""Does it show names, prices and money as Openprovider does?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.openprovider.client import EXPIRY, HOLDER, PERSON, Clock, Reseller


def test_a_check_tells_each_name_apart(books: Books, reseller: Reseller) -> None:
    """Free, taken, reserved, premium and not offered, in the order that was asked for."""
    books.add_domain("taken.com", expires_at=EXPIRY, sponsor="another")

    results = reseller.check(
        "new.com", "taken.com", "whois.com", "premium.com", "new.unknown", with_price=True
    ).data["results"]

    assert [(one["domain"], one["status"]) for one in results] == [
        ("new.com", "free"),
        ("taken.com", "active"),
        ("whois.com", "reserved"),
        ("premium.com", "free"),
        ("new.unknown", "error"),
    ]
    assert results[0]["price"]["reseller"] == {"currency": "EUR", "price": 9.0}
    assert results[3]["is_premium"] is True
    assert results[3]["premium"] == {"currency": "EUR", "price": {"create": 2500.0}}


def test_a_check_tells_no_price_unless_asked(reseller: Reseller) -> None:
    """Without with_price there is no price, and a name that is none is refused."""
    assert "price" not in reseller.check("new.com").data["results"][0]
    assert reseller.ask("POST", "domains/check", body={"domains": [{"name": "new"}]}).code == 399


def test_a_pattern_finds_several_names(books: Books, reseller: Reseller) -> None:
    """Only the full name is exact: a pattern also finds names that have more to them."""
    for name in ("shop.com", "shop.net", "myshop.com", "other.com"):
        books.add_domain(name, expires_at=EXPIRY)
    books.add_domain("shop.org", expires_at=EXPIRY, sponsor="another")

    def found(**query: Any) -> list[str]:
        results = reseller.ask("GET", "domains", **query).data["results"]
        return [f"{one['domain']['name']}.{one['domain']['extension']}" for one in results]

    assert found(full_name="shop.com") == ["shop.com"]
    assert found(full_name="shop.org") == []
    assert found(domain_name_pattern="shop") == ["shop.com", "shop.net", "myshop.com"]
    assert found(domain_name_pattern="shop*", extension="net") == ["shop.net"]
    assert found(status="DEL") == []
    assert found(limit=2, offset=1) == ["shop.net", "myshop.com"]
    assert reseller.ask("GET", "domains", limit=1).data["total"] == 4


@pytest.mark.parametrize(
    ("operation", "name", "period", "price"),
    [
        ("create", "new.com", 2, 18.0),
        ("renew", "new.com", 1, 11.0),
        ("transfer", "new.com", 1, 9.5),
        ("restore", "new.com", 1, 80.0),
        ("renew", "premium.com", 1, 2500.0),
        ("restore", "premium.com", 1, 80.0),
    ],
)
def test_every_operation_has_its_price(
    reseller: Reseller, operation: str, name: str, period: int, price: float
) -> None:
    """A price is told for an operation, a name and a period; of a premium name it is the fee."""
    label, extension = name.split(".")
    query: dict[str, Any] = {
        "domain.name": label,
        "domain.extension": extension,
        "operation": operation,
        "period": period,
    }

    shown = reseller.ask("GET", "domains/prices", **query).data

    assert shown["price"]["reseller"] == {"currency": "EUR", "price": price}
    assert shown["is_premium"] == (label == "premium")


def test_a_price_needs_an_operation_and_a_name(reseller: Reseller) -> None:
    """Without one of them there is no price, and without an offer neither."""
    name: dict[str, Any] = {"domain.name": "new", "domain.extension": "com"}
    assert reseller.ask("GET", "domains/prices", operation="trade", **name).code == 399
    assert reseller.ask("GET", "domains/prices", operation="renew").code == 399
    name["domain.extension"] = "unknown"
    assert reseller.ask("GET", "domains/prices", operation="renew", **name).code == 307


def test_the_statement_tells_every_charge(books: Books, reseller: Reseller, clock: Clock) -> None:
    """Each charge has a number, which is that of the books, a local time, an action, a subject and a total."""
    reseller.create("new.com", years=2)
    clock.forward(days=90)
    reseller.renew(reseller.number("new.com"), "new.com")

    lines = reseller.transactions()

    assert [line["action"] for line in lines] == ["NEW", "RENEW"]
    assert [line["creation_date"] for line in lines] == ["2026-01-10 10:00:00", "2026-04-10 11:00:00"]
    assert [line["quantity"] for line in lines] == [2, 1]
    assert lines[0]["total"]["product"] == {"currency": "EUR", "price": 18.0}
    assert [str(line["reference_id"]) for line in lines] == [
        charge.client_transaction_id for charge in books.charges()
    ]
    assert lines[0]["reference_id"] != lines[1]["reference_id"]


def test_the_statement_is_asked_in_parts(reseller: Reseller, clock: Clock) -> None:
    """A span of local time, a part of the subject, an action, and a page each narrow what is listed."""
    for name in ("new.com", "new.net", "other.com"):
        reseller.create(name)
        clock.forward(hours=1)

    def subjects(**query: Any) -> list[str]:
        return [line["subject"] for line in reseller.transactions(**query)]

    assert subjects(filter_for_subject="new.") == ["new.com", "new.net"]
    assert subjects(start_creation_date="2026-01-10 11:00:00") == ["new.net", "other.com"]
    assert subjects(end_creation_date="2026-01-10 10:00:00") == ["new.com"]
    assert subjects(start_creation_date="2026-01-11") == []
    assert subjects(end_creation_date="2026-01-10") == ["new.com", "new.net", "other.com"]
    assert subjects(action="RENEW") == []
    assert subjects(order="desc", limit=1) == ["other.com"]
    assert subjects(limit=1, offset=1) == ["new.net"]
    assert reseller.ask("GET", "transactions", limit=1).data["total"] == 3
    assert reseller.ask("GET", "transactions", start_creation_date="tomorrow").code == 399


def test_the_credit_is_told_without_what_is_pending(books: Books, reseller: Reseller, clock: Clock) -> None:
    """What pending orders have taken is not available any more, and shown apart until they are decided."""
    books.add_domain("theirs.com", expires_at=EXPIRY, sponsor="another", auth_info="code-1")
    reseller.transfer("theirs.com", "code-1")

    shown = reseller.ask("GET", "resellers").data
    assert (shown["balance"], shown["reserved_balance"]) == (990.5, 9.5)
    clock.forward(seconds=61)
    shown = reseller.ask("GET", "resellers").data
    assert (shown["balance"], shown["reserved_balance"]) == (990.5, 0)


def test_the_hour_that_comes_twice_looks_alike(reseller: Reseller, clock: Clock) -> None:
    """When summer time ends, two charges an hour apart have the same local time."""
    clock.now = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    reseller.create("one.com")
    clock.forward(hours=1)
    reseller.create("two.com")

    assert {line["creation_date"] for line in reseller.transactions()} == {"2026-10-25 02:30:00"}


def test_a_leap_day_ends_on_the_day_before(reseller: Reseller, clock: Clock) -> None:
    """What is bought on 29 February ends on the 28th where there is no 29th."""
    clock.now = datetime(2028, 2, 29, 12, 0, tzinfo=UTC)
    reseller.log_in()

    assert reseller.create("new.com").data["expiration_date"] == "2029-02-28 13:00:00"


def test_statuses_and_history_are_shown_on_request(books: Books, reseller: Reseller) -> None:
    """The registry's statuses and what the last operation came to are told to whom asks."""
    books.misbehave("reject", command="domain:create", argument=0)
    reseller.create("new.com")
    number = reseller.number("new.com")

    plain = reseller.get(number).data
    asked = reseller.get(number, with_registry_statuses="true", with_api_history="true").data

    assert "api_history" not in plain
    assert asked["registry_statuses"]["client_hold"] == {"is_changeable": True, "value": 0}
    assert [line["out"] for line in asked["api_history"]] == ["The registry refused the registration"]
    books.add_domain("ours.com", expires_at=EXPIRY)
    assert reseller.get(reseller.number("ours.com"), with_api_history="true").data["api_history"] == []


def test_a_stale_look_shows_what_was(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A look may lag behind the last change, and so may the statement."""
    books.add_domain("ours.com", expires_at=EXPIRY)
    number = reseller.number("ours.com")
    reseller.renew(number, "ours.com")
    books.misbehave("stale", command="domain:info", argument=60, times=2)
    books.misbehave("stale", command="account:statement", argument=60, times=2)

    assert reseller.get(number).data["expiration_date"] == "2026-06-01 12:30:00"
    assert reseller.transactions() == []
    clock.forward(seconds=61)
    assert reseller.get(number).data["expiration_date"] == "2027-06-01 12:30:00"
    assert len(reseller.transactions()) == 1


def test_a_new_name_may_be_unseen_for_a_while(books: Books, reseller: Reseller) -> None:
    """A look that lags, whatever the age of the change, does not see a name that is registered already."""
    books.misbehave("stale", command="domain:info")
    books.misbehave("stale", command="domain:check")
    books.misbehave("stale", command="account:statement")
    reseller.create("new.com")

    assert reseller.find("new.com") is None
    assert reseller.check("new.com").data["results"][0]["status"] == "free"
    assert reseller.transactions() == []
    assert reseller.find("new.com")["status"] == "ACT"


def test_customers_are_created_shown_and_changed(books: Books, reseller: Reseller) -> None:
    """A customer has a handle, is found by it and by e-mail, and can be changed."""
    assert reseller.ask("POST", "customers", body={**PERSON, "email": " "}).code == 130
    assert reseller.ask("POST", "customers", body={**PERSON, "name": "Nobody"}).code == 101

    handle = reseller.ask("POST", "customers", body=PERSON).data["handle"]
    reseller.ask("PUT", f"customers/{handle}", body={"email": "changed@example.org"})

    assert reseller.ask("GET", f"customers/{handle}").data["email"] == "changed@example.org"
    assert reseller.ask("GET", "customers/XX999999-XX").code == 160
    listed = reseller.ask("GET", "customers").data
    assert ([one["handle"] for one in listed["results"]], listed["total"]) == ([handle, HOLDER], 2)
    patterns: list[dict[str, Any]] = [
        {"email_pattern": "changed"},
        {"last_name_pattern": "exam*"},
        {"handle_pattern": handle},
    ]
    for pattern in patterns:
        found = reseller.ask("GET", "customers", **pattern).data["results"]
        assert [one["handle"] for one in found] == [handle]
    assert reseller.ask("GET", "customers", comment_pattern="order").data["total"] == 0
    assert reseller.create("new.com", owner_handle=handle).code == 0


def test_expiry_is_to_the_second(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A name is active until the moment of its expiry, and from then on in the quarantine."""
    books.add_domain("ours.com", expires_at=EXPIRY)
    clock.now = EXPIRY - timedelta(seconds=1)
    assert reseller.find("ours.com")["status"] == "ACT"
    clock.now = EXPIRY
    assert reseller.find("ours.com")["status"] == "DEL"
