"""How is a name renewed? Once for each year of its expiry that is stated: that is the only guard."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.opensrs import OpenSrsSandbox
from adapters.sandbox.tls import Certificates
from tests.sandbox.opensrs.shop import ELSEWHERE, EXPIRY, Clock, Shop, amounts


def test_a_renewal_adds_whole_years(books: Books, shop: Shop) -> None:
    """The new date is in the answer and in the look, and the price of two years is charged."""
    books.add_domain("ours.example", expires_at=EXPIRY)

    reply = shop.renew("ours.example", 2026, period="2", auto_renew="1")

    assert (reply.succeeded, reply.code) == (True, 200)
    assert reply.attributes["registration expiration date"] == "2028-11-05 08:30:00"
    assert reply.attributes["auto_renew"] == "1"
    assert shop.info("ours.example").attributes["expiredate"] == "2028-11-05 08:30:00"
    [charge] = books.charges()
    assert (charge.command, charge.months, charge.amount) == ("renew", 24, 2_750)
    assert charge.client_transaction_id == reply.attributes["order_id"]


def test_a_repeat_with_the_old_year_renews_nothing(books: Books, shop: Shop) -> None:
    """The same request again is told that the name is renewed already."""
    books.add_domain("ours.example", expires_at=EXPIRY)

    replies = [shop.renew("ours.example", 2026) for _ in range(2)]

    assert [(reply.succeeded, reply.code) for reply in replies] == [(True, 200), (False, 555)]
    assert replies[1].text == "Domain already renewed"
    assert amounts(books) == [1_375]


def test_a_repeat_with_the_new_year_renews_again(books: Books, shop: Shop) -> None:
    """Who reads the year anew before a repeat has lost the guard: the name is renewed and charged twice."""
    books.add_domain("ours.example", expires_at=EXPIRY)

    assert [shop.renew("ours.example", year).code for year in (2026, 2027)] == [200, 200]
    assert amounts(books) == [1_375, 1_375]


def test_of_many_renewals_at_once_one_is_done(
    books: Books, sandbox: OpenSrsSandbox, certificates: Certificates
) -> None:
    """Eight requests that state the same year, sent together: one year is added and charged."""
    books.add_domain("ours.example", expires_at=EXPIRY)

    def renew(_: int) -> int:
        shop = Shop(sandbox.url, str(certificates.authority))
        try:
            return shop.renew("ours.example", 2026).code
        finally:
            shop.session.close()

    with ThreadPoolExecutor(8) as together:
        codes = list(together.map(renew, range(8)))

    assert sorted(codes) == [200, *[555] * 7]
    assert amounts(books) == [1_375]


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("ours.example", {"currentexpirationyear": "2027"}, 465),
        ("ours.example", {"currentexpirationyear": "26"}, 465),
        ("ours.example", {"currentexpirationyear": ""}, 460),
        ("ours.example", {"period": "11"}, 465),
        ("ours.example", {"period": "10"}, 465),
        ("ours.example", {"handle": ""}, 460),
        ("theirs.example", {}, 480),
        ("nobodys.example", {}, 480),
        ("ours.de", {}, 480),
    ],
)
def test_what_cannot_be_renewed_is_refused(
    *, books: Books, shop: Shop, name: str, changes: dict[str, Any], code: int
) -> None:
    """A wrong year or term, another reseller's name, or a zone that renews by itself: nothing is charged."""
    books.add_domain("ours.example", expires_at=EXPIRY)
    books.add_domain("ours.de", expires_at=EXPIRY)
    books.add_domain("theirs.example", expires_at=EXPIRY, sponsor=ELSEWHERE)

    reply = shop.renew(name, **changes)

    assert (reply.succeeded, reply.code) == (False, code)
    assert amounts(books) == []


def test_the_last_day_of_february_becomes_the_day_before(books: Books, shop: Shop) -> None:
    """From a leap year's last February day to a year that has none."""
    books.add_domain("leap.example", expires_at=datetime(2028, 2, 29, 12, 0, tzinfo=UTC))

    reply = shop.renew("leap.example", 2028)

    assert reply.attributes["registration expiration date"] == "2029-02-28 12:00:00"


def test_a_renewal_may_wait_for_its_registry(books: Books, shop: Shop, clock: Clock) -> None:
    """250, no new date, and everything else about the name waits as well."""
    books.add_domain("ours.example", expires_at=EXPIRY)
    books.misbehave("pending", command="domain:renew")

    reply = shop.renew("ours.example")

    assert (reply.succeeded, reply.code) == (True, 250)
    assert "registration expiration date" not in reply.attributes
    assert shop.status_of(reply.attributes["order_id"]) == "waiting"
    assert shop.renew("ours.example").code == 437
    change = shop.ask("MODIFY", domain="ours.example", data="status", lock_state="1", affect_domains="0")
    assert change.code == 437
    assert shop.info("ours.example").attributes["expiredate"] == "2026-11-05 08:30:00"

    clock.forward(seconds=61)
    assert shop.info("ours.example").attributes["expiredate"] == "2027-11-05 08:30:00"
    assert amounts(books) == [1_375]


def test_a_declined_renewal_is_paid_back(books: Books, shop: Shop) -> None:
    """The date stays where it was."""
    books.add_domain("ours.example", expires_at=EXPIRY)
    books.misbehave("pending", command="domain:renew")
    number = shop.renew("ours.example").attributes["order_id"]

    books.reject("ours.example")

    assert shop.status_of(number) == "declined"
    assert shop.info("ours.example").attributes["expiredate"] == "2026-11-05 08:30:00"
    assert amounts(books) == [1_375, -1_375]
