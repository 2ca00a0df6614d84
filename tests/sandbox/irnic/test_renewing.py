"""What becomes of a renewal or a change, and what does it cost?"""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.irnic.desk import (
    ACTIVE,
    EXPIRY,
    HOLDER,
    US,
    Clock,
    Reseller,
    amounts,
    nameservers,
    statuses,
)


def test_a_renewal_is_accepted_and_the_expiry_stays(books: Books, reseller: Reseller, clock: Clock) -> None:
    """1001 without a new date: the expiry moves when the renewal is approved, by the Persian calendar."""
    books.add_domain("ours.ir", expires_at=EXPIRY)

    reply = reseller.renew("ours.ir", "2026-06-01")
    meanwhile = reseller.info("ours.ir")
    clock.forward(seconds=61)
    [message] = reseller.messages()

    assert reply.code == 1001
    assert reply.attribute("//domain:renData/domain:name/text()") == "ours.ir"
    assert reply.all("//domain:exDate") == []
    assert statuses(meanwhile) == {"irnicRegistered", "pendingRenew", "irnicRenewalPendingDomainCheck"}
    assert meanwhile.attribute("//domain:exDate/text()") == "2026-06-01T12:00:00"
    assert statuses(message) == ACTIVE | {"irnicRenewalApproved"}
    assert reseller.info("ours.ir").attribute("//domain:exDate/text()") == "2027-06-01T12:00:00"
    assert [(charge.command, charge.amount) for charge in books.charges()] == [("renew", 200)]


def test_a_renewal_over_a_persian_leap_year_adds_366_days(
    books: Books, reseller: Reseller, clock: Clock
) -> None:
    """12 Ordibehesht 1408 to 12 Ordibehesht 1409 is a day longer than from the first to the second of May."""
    books.add_domain("ours.ir", expires_at=datetime(2029, 5, 1, 8, 30, tzinfo=UTC))
    reseller.renew("ours.ir", "2029-05-01")
    clock.forward(seconds=61)

    assert reseller.info("ours.ir").attribute("//domain:exDate/text()") == "2030-05-02T12:00:00"


def test_a_second_renewal_meanwhile_is_refused(books: Books, reseller: Reseller) -> None:
    """While one renewal is pending, another is 2304 and costs nothing."""
    books.add_domain("ours.ir", expires_at=EXPIRY)

    assert reseller.renew("ours.ir", "2026-06-01").code == 1001
    assert reseller.renew("ours.ir", "2026-06-01").code == 2304
    assert amounts(books) == [200]


def test_a_renewal_from_an_expiry_that_is_past_is_refused(
    books: Books, reseller: Reseller, clock: Clock
) -> None:
    """The guard: a renewal that names an expiry which is no longer the current one is refused."""
    books.add_domain("ours.ir", expires_at=EXPIRY)
    reseller.renew("ours.ir", "2026-06-01")
    clock.forward(seconds=61)

    assert reseller.renew("ours.ir", "2026-06-01").code == 2306
    assert amounts(books) == [200]


def test_the_expiry_of_a_renewal_is_tehrans_date(books: Books, reseller: Reseller) -> None:
    """Twenty past midnight in Tehran is the evening before in UTC: the date to name is Tehran's."""
    books.add_domain("ours.ir", expires_at=datetime(2026, 5, 31, 20, 50, tzinfo=UTC))

    assert reseller.info("ours.ir").attribute("//domain:exDate/text()") == "2026-06-01T00:20:00"
    assert reseller.renew("ours.ir", "2026-05-31").code == 2306
    assert reseller.renew("ours.ir", "2026-06-01").code == 1001


def test_a_rejected_renewal_is_refunded(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A rejection leaves the expiry as it was and gives the units back."""
    books.add_domain("ours.ir", expires_at=EXPIRY)
    books.misbehave("reject", name="ours.ir", argument=5)
    reseller.renew("ours.ir", "2026-06-01")
    clock.forward(seconds=6)

    [message] = reseller.messages()

    assert statuses(message) == ACTIVE | {"irnicRenewalRejected"}
    entry = reseller.info("ours.ir")
    assert statuses(entry) == ACTIVE
    assert entry.attribute("//domain:exDate/text()") == "2026-06-01T12:00:00"
    assert amounts(books) == [200, -200]


def test_a_rejected_renewal_may_be_approved_after_all(books: Books, reseller: Reseller, clock: Clock) -> None:
    """As with a registration: the first message says rejected, the name still waits, then it is approved."""
    books.add_domain("ours.ir", expires_at=EXPIRY)
    books.misbehave("reject_then_approve", name="ours.ir", argument=5)
    reseller.renew("ours.ir", "2026-06-01")
    clock.forward(seconds=6)
    [rejected] = reseller.messages()
    meanwhile = statuses(reseller.info("ours.ir"))
    clock.forward(seconds=6)

    assert "irnicRenewalRejected" in statuses(rejected)
    assert "pendingRenew" in meanwhile
    assert reseller.info("ours.ir").attribute("//domain:exDate/text()") == "2027-06-01T12:00:00"
    assert amounts(books) == [200]


def test_six_years_ahead_is_too_far(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A term that ends six years from today or later is 2105, in IRNIC's own words; a shorter one is taken."""
    books.add_domain("ours.ir", expires_at=clock.now + timedelta(days=400))
    expiry = reseller.info("ours.ir").attribute("//domain:exDate/text()")[:10]

    too_long = reseller.renew("ours.ir", expiry, months=60)
    shorter = reseller.renew("ours.ir", expiry, months=12)

    assert (too_long.code, shorter.code) == (2105, 1001)
    assert too_long.reason.startswith("This domain cannot be renewed for selected durtion.")
    assert amounts(books) == [200]


@pytest.mark.parametrize(("months", "price"), [(12, 400), (60, 800)])
def test_a_locked_name_costs_a_years_fee_more(
    books: Books, reseller: Reseller, clock: Clock, months: int, price: int
) -> None:
    """From the thirty-first day after expiry a renewal carries a penalty of one year's fee, whatever its term."""
    books.add_domain("ours.ir", expires_at=clock.now - timedelta(days=45))
    expiry = reseller.info("ours.ir").attribute("//domain:exDate/text()")[:10]

    assert reseller.renew("ours.ir", expiry, months=months).code == 1001
    assert amounts(books) == [price]


def test_who_may_renew(books: Books, reseller: Reseller) -> None:
    """The reseller may, and so may the bill contact; a stranger may not, and a free name cannot be renewed."""
    books.add_domain("billed.ir", expires_at=EXPIRY, sponsor="nobody", contacts=[("bill", US)])
    books.add_domain("theirs.ir", expires_at=EXPIRY, sponsor="nobody", contacts=[("bill", HOLDER)])

    codes = [reseller.renew(name, "2026-06-01").code for name in ("billed.ir", "theirs.ir", "free.ir")]

    assert codes == [1001, 2201, 2303]
    assert amounts(books) == [200]


def test_name_servers_change_by_difference(books: Books, reseller: Reseller) -> None:
    """Hosts are added and removed in one update; the rest stay."""
    books.add_domain(
        "ours.ir", expires_at=EXPIRY, nameservers=[("ns1.example.net", ()), ("ns2.example.net", ())]
    )

    changes = f"<domain:add>{nameservers('ns3.example.net')}</domain:add><domain:rem>{nameservers('ns1.example.net')}</domain:rem>"
    assert reseller.update("ours.ir", changes).code == 1000

    entry = reseller.info("ours.ir")
    assert entry.all("//domain:hostName/text()") == ["ns2.example.net", "ns3.example.net"]
    assert entry.attribute("//domain:upDate/text()") == "2026-01-10T12:30:00"
    assert reseller.update("ours.ir", changes).code == 2303


@pytest.mark.parametrize(
    ("role", "code"), [("tech", 1000), ("bill", 1000), ("admin", 2306), ("holder", 2306)]
)
def test_only_tech_and_bill_are_ours_to_change(
    books: Books, reseller: Reseller, role: str, code: int
) -> None:
    """A reseller may not change whose name it is."""
    books.add_domain(
        "ours.ir", expires_at=EXPIRY, contacts=[("holder", "xy999-irnic"), ("admin", "xy999-irnic")]
    )

    change = f'<domain:chg><domain:contact type="{role}">{HOLDER}</domain:contact></domain:chg>'

    assert reseller.update("ours.ir", change).code == code
    assert (HOLDER in reseller.info("ours.ir").all("//domain:contact/text()")) == (code == 1000)


def test_what_cannot_be_updated(books: Books, reseller: Reseller) -> None:
    """Somebody else's name, a name under check, and too many hosts, each with its code."""
    books.add_domain("theirs.ir", expires_at=EXPIRY, sponsor="nobody")
    books.add_domain("ours.ir", expires_at=EXPIRY)
    reseller.create("new.ir")
    one = f"<domain:add>{nameservers('ns9.example.net')}</domain:add>"
    five = f"<domain:add>{nameservers(*(f'ns{n}.example.net' for n in range(5)))}</domain:add>"

    assert reseller.update("theirs.ir", one).code == 2201
    assert reseller.update("new.ir", one).code == 2304
    assert reseller.update("ours.ir", five).code == 2306
