"""What does a reseller see of names and contacts?"""

from datetime import timedelta

import idna
import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import add_handle
from tests.sandbox.irnic.desk import ACTIVE, EXPIRY, HOLDER, US, Clock, Reseller, statuses


def test_check_keeps_order_and_spelling(books: Books, reseller: Reseller) -> None:
    """A check answers each name as it was written: free, taken, restricted or not valid."""
    books.add_domain("taken.ir", expires_at=EXPIRY)
    asked = ["Free.ir", "taken.ir", "tehran.ir", "tehran.gov.ir", "-bad.ir", "سلام.ir", "نمونه.ایران"]

    reply = reseller.check(*asked)

    assert reply.all("//domain:cd/domain:name/text()") == asked
    assert reply.all("//domain:cd/domain:name/@avail") == ["1", "0", "0", "0", "0", "0", "1"]
    assert reply.all("//domain:reason/text()") == [
        "Domain name is restricted",
        "Domain name is not valid",
        "Domain name is not valid",
    ]
    assert reply.all("//domain:cd/domain:name/@tld") == ["ir", "ir", "ir", "gov.ir", "ایران"]
    assert reply.all("//domain:cd/domain:name/@normalized_name")[0] == "free.ir"
    assert reply.all("//domain:cd/domain:name/@canonized_name")[-1] == idna.encode(asked[-1]).decode()


def test_a_free_name_has_no_entry(reseller: Reseller) -> None:
    """Asking for a name that nobody has is answered 2303."""
    assert reseller.info("free.ir").code == 2303


def test_the_reseller_sees_all_of_a_name(books: Books, reseller: Reseller) -> None:
    """To its reseller a name shows number, contacts, dates in Tehran's time, and the reseller itself."""
    roles = tuple((role, HOLDER) for role in ("holder", "admin", "tech", "bill"))
    books.add_domain(
        "ours.ir", expires_at=EXPIRY, contacts=roles, nameservers=[("ns1.ours.ir", ("192.0.2.1",))]
    )

    reply = reseller.info("ours.ir")

    assert statuses(reply) == ACTIVE
    assert reply.attribute("//domain:roid/text()").isdecimal()
    assert reply.all("//domain:contact/@type") == ["holder", "admin", "tech", "bill", "reseller"]
    assert reply.attribute("//domain:contact[@type='reseller']/text()") == US
    assert reply.attribute("//domain:hostAddr[@ip='v4']/text()") == "192.0.2.1"
    assert reply.attribute("//domain:exDate/text()") == "2026-06-01T12:00:00"
    assert reply.attribute("//domain:crDate/text()")


def test_a_stranger_sees_less(books: Books, reseller: Reseller) -> None:
    """Somebody else's name shows its expiry, but neither number nor creation date nor bill contact."""
    roles = tuple((role, "xy999-irnic") for role in ("holder", "admin", "tech", "bill"))
    books.add_domain("theirs.ir", expires_at=EXPIRY, sponsor="zz111-irnic", contacts=roles)

    reply = reseller.info("theirs.ir")

    assert reply.all("//domain:contact/@type") == ["holder", "admin", "tech"]
    assert reply.all("//domain:roid") == reply.all("//domain:crDate") == []
    assert reply.attribute("//domain:exDate/text()") == "2026-06-01T12:00:00"


def test_a_contact_without_being_reseller_sees_the_name_too(books: Books, reseller: Reseller) -> None:
    """Where we are the bill contact of a name without a reseller, we see its number and dates."""
    books.add_domain(
        "theirs.ir", expires_at=EXPIRY, sponsor="nobody", contacts=[("holder", HOLDER), ("bill", US)]
    )

    reply = reseller.info("theirs.ir")

    assert reply.all("//domain:contact/@type") == ["holder", "bill"]
    assert reply.attribute("//domain:roid/text()")


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        (0, ACTIVE),
        (1, {"inactive", "irnicExpired"}),
        (30, {"inactive", "irnicExpired"}),
        (31, {"inactive", "irnicLocked"}),
        (60, {"inactive", "irnicLocked"}),
        (61, {"inactive", "irnicSuspended"}),
    ],
)
def test_an_expired_name_goes_through_its_phases(
    books: Books, reseller: Reseller, clock: Clock, days: int, shown: set[str]
) -> None:
    """Thirty days expired, thirty days locked, then suspended."""
    books.add_domain("ours.ir", expires_at=clock.now - timedelta(days=days))

    assert statuses(reseller.info("ours.ir")) == shown


def test_a_handle_that_exists_is_available(books: Books, reseller: Reseller) -> None:
    """IRNIC's avail="1" means that the handle exists; its positions say what this reseller may use it for."""
    add_handle(books, "my777-irnic", allowed=["tech", "bill"])

    reply = reseller.check_contacts("my777-irnic", "no000-irnic", US)

    assert reply.all("//contact:id/@avail") == ["1", "0", "1"]
    assert reply.all("//contact:cd[1]/contact:position/@type") == ["holder", "admin", "tech", "bill"]
    assert reply.all("//contact:cd[1]/contact:position/@allowed") == ["0", "0", "1", "1"]
    assert reply.all("//contact:cd[2]/contact:position") == []


def test_a_contact_is_found_by_handle_or_address(reseller: Reseller) -> None:
    """An e-mail address leads to its handle."""
    by_address = reseller.contact("holder@example.org")

    assert by_address.attribute("//contact:roid/text()") == HOLDER
    assert by_address.all("//epp:contractInfo") == []
    assert reseller.contact("nobody@example.org").code == 2303


def test_our_own_handle_shows_the_contract(books: Books, reseller: Reseller) -> None:
    """The contract says in units what was paid in, what was spent, and what is left."""
    reseller.create("new.ir", months=60)

    reply = reseller.contact(US)

    figures = [
        reply.attribute(f"//epp:contractInfo/epp:{name}/text()") for name in ("recieved", "spent", "balance")
    ]
    assert figures == ["100", "6", "94"]


def test_the_statement_is_the_proof_of_a_refund(books: Books, reseller: Reseller, clock: Clock) -> None:
    """The credit statement lists charges and refunds of the days asked for, with a running balance."""
    books.misbehave("reject", name="new.ir", argument=5)
    reseller.create("new.ir")
    clock.forward(seconds=6)
    ask = '<extension><creditLog op="req" startDate="{0}" endDate="{0}"/></extension>'

    reply = reseller.contact(US, extension=ask.format("2026-01-10"))

    assert reply.all("//epp:credit/epp:amount/text()") == ["-2", "2"]
    assert reply.all("//epp:credit/epp:balance/text()") == ["98", "100"]
    assert reply.all("//epp:credit/epp:description/text()")[1] == (
        "Refund for expense 2 units for purchase service registration 12 months domain new.ir"
    )
    assert reseller.contact(US, extension=ask.format("2026-01-09")).all("//epp:credit") == []
    assert reseller.contact(HOLDER, extension=ask.format("2026-01-10")).code == 2201
    assert reseller.contact(US, extension=ask.format("today")).code == 2005
