"""What becomes of a registration, and what does it cost?"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import IrnicSandbox, add_handle
from adapters.sandbox.tls import Certificates
from tests.sandbox.irnic.desk import (
    ACTIVE,
    DEPOSIT_CODE,
    EXPIRY,
    HOLDER,
    TOKEN,
    UNDER_CHECK,
    Clock,
    Reseller,
    amounts,
    statuses,
)


@pytest.mark.parametrize(("months", "price"), [(12, 200), (60, 600)])
def test_a_registration_is_accepted_charged_and_not_yet_approved(
    books: Books, reseller: Reseller, months: int, price: int
) -> None:
    """1000 means accepted: the name is reserved, its expiry is some ten days ahead, and the units are gone."""
    reply = reseller.create("new.ir", months=months)

    assert reply.code == 1000
    assert reply.attribute("//domain:creData/domain:crDate/text()") == "2026-01-10T12:30:00"
    assert reply.attribute("//domain:creData/domain:exDate/text()") == "2026-01-20T12:30:00"
    assert statuses(reseller.info("new.ir")) == UNDER_CHECK | {"irnicRegistrationPendingDomainCheck"}
    [charge] = books.charges()
    assert (charge.command, charge.name, charge.months, charge.amount) == (
        "register",
        "new.ir",
        months,
        price,
    )
    assert charge.client_transaction_id == "order-1"
    assert books.balance() == 10_000 - price
    assert reseller.check("new.ir").attribute("//domain:name/@avail") == "0"


def test_an_approved_registration_gets_the_persian_anniversary(
    books: Books, reseller: Reseller, clock: Clock
) -> None:
    """Approval brings a message that still shows the name under check, and the true expiry in the name's entry."""
    reseller.create("new.ir")
    clock.forward(seconds=61)

    [message] = reseller.messages()

    assert statuses(message) == UNDER_CHECK | {"irnicRegistrationApproved"}
    assert message.attribute("//index/text()") == "DomainUpdateStatus"
    assert message.attribute("//domain:polData/domain:name/text()") == "new.ir"
    entry = reseller.info("new.ir")
    assert statuses(entry) == ACTIVE
    assert message.attribute("//domain:roid/text()") == entry.attribute("//domain:roid/text()")
    # 20 Dey 1404 and 20 Dey 1405; 1403 was the leap year.
    assert entry.attribute("//domain:exDate/text()") == "2027-01-10T12:30:00"
    assert amounts(books) == [200]


def test_an_approval_may_be_told_before_the_name_shows_it(
    books: Books, clock: Clock, certificates: Certificates
) -> None:
    """Until the next change of the zone an approved name is still reserved."""
    with IrnicSandbox(
        books,
        certificates=certificates,
        token=TOKEN,
        deposit_code=DEPOSIT_CODE,
        decide_after_seconds=60,
        activation_lags=True,
        clock=clock,
    ) as sandbox:
        reseller = Reseller(sandbox.url, str(certificates.authority))
        reseller.create("new.ir")
        clock.forward(seconds=61)
        [message] = reseller.messages()
        meanwhile = reseller.info("new.ir")
        clock.forward(seconds=61)
        afterwards = reseller.info("new.ir")
        reseller.session.close()

    assert "irnicRegistrationApproved" in statuses(message)
    assert statuses(meanwhile) == UNDER_CHECK | {"irnicRegistrationApproved"}
    assert meanwhile.attribute("//domain:exDate/text()") == "2026-01-20T12:30:00"
    assert statuses(afterwards) == ACTIVE


def test_a_rejected_registration_is_refunded_and_frees_the_name(
    books: Books, reseller: Reseller, clock: Clock
) -> None:
    """A rejection gives the units back, in a line that points at the charge, and the name is free."""
    books.misbehave("reject", name="new.ir", argument=5)
    reseller.create("new.ir")
    clock.forward(seconds=6)

    [message] = reseller.messages()

    assert "irnicRegistrationRejected" in statuses(message)
    assert reseller.info("new.ir").code == 2303
    assert reseller.check("new.ir").attribute("//domain:name/@avail") == "1"
    charge, refund = books.charges()
    assert (refund.amount, refund.refund_of) == (-charge.amount, charge.id)
    assert books.balance() == 10_000


def test_a_rejection_may_be_taken_back(books: Books, reseller: Reseller, clock: Clock) -> None:
    """The first message says rejected while the name is still under check; the second says approved."""
    books.misbehave("reject_then_approve", name="new.ir", argument=5)
    reseller.create("new.ir")
    clock.forward(seconds=6)
    [rejected] = reseller.messages()
    meanwhile = reseller.info("new.ir")
    clock.forward(seconds=6)
    [approved] = reseller.messages()

    assert "irnicRegistrationRejected" in statuses(rejected)
    assert statuses(meanwhile) == UNDER_CHECK | {"irnicRegistrationPendingDomainCheck"}
    assert "irnicRegistrationApproved" in statuses(approved)
    assert statuses(reseller.info("new.ir")) == ACTIVE
    assert amounts(books) == [200]


def test_documents_may_be_asked_for_first(books: Books, reseller: Reseller, clock: Clock) -> None:
    """The message that asks for documents carries a note for people, and the name waits on."""
    books.misbehave("document_then_approve", command="domain:create", argument=5)
    reseller.create("new.ir")
    clock.forward(seconds=6)
    [wanted] = reseller.messages()
    meanwhile = reseller.info("new.ir")
    clock.forward(seconds=6)
    [approved] = reseller.messages()

    assert wanted.attribute("//index/text()").split() == ["DomainUpdateStatus", "DomainNotice"]
    assert "مدارک" in wanted.attribute("//note/text()")
    assert statuses(meanwhile) == UNDER_CHECK | {"irnicRegistrationDocRequired"}
    assert "irnicRegistrationApproved" in statuses(approved)
    assert amounts(books) == [200]


def test_staff_decide_by_hand(books: Books, certificates: Certificates, clock: Clock) -> None:
    """With no time set for it, a registration waits until somebody approves or rejects it in the books."""
    with IrnicSandbox(
        books,
        certificates=certificates,
        token=TOKEN,
        deposit_code=DEPOSIT_CODE,
        decide_after_seconds=None,
        clock=clock,
    ) as sandbox:
        reseller = Reseller(sandbox.url, str(certificates.authority))
        reseller.create("new.ir")
        clock.forward(days=2)
        assert reseller.messages() == []
        with Books(books.path) as staff:
            staff.approve("new.ir")
            assert statuses(reseller.info("new.ir")) == ACTIVE
            staff.reject("new.ir")
            assert reseller.info("new.ir").code == 2303
            staff.approve("new.ir")
            assert statuses(reseller.info("new.ir")) == ACTIVE
        reseller.session.close()

    assert amounts(books) == [200, -200, 200]


def test_a_name_registered_again_has_another_number(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A message about an old registration cannot be taken for one about the new."""
    books.misbehave("reject", name="new.ir", argument=5)
    reseller.create("new.ir")
    first = reseller.info("new.ir").attribute("//domain:roid/text()")
    clock.forward(seconds=6)
    reseller.create("new.ir")

    assert reseller.info("new.ir").attribute("//domain:roid/text()") != first
    assert amounts(books) == [200, -200, 200]


@pytest.mark.parametrize(
    ("name", "changes", "code", "reason"),
    [
        ("taken.ir", {}, 2302, "Domain is already registered."),
        ("tehran.ir", {}, 2306, "Domain name is restricted"),
        ("-bad.ir", {}, 2005, "Domain name is not valid"),
        ("new.ir", {"months": 24}, 2004, "The selected duration is not available."),
        ("new.ir", {"agreement": "false"}, 2306, "The agreement must be accepted."),
        ("new.ir", {"holder": "no000-irnic"}, 2303, "Contact does not exist."),
        (
            "new.ir",
            {"holder": "my777-irnic"},
            2306,
            "You are not allowed to use this contact. this contact should authorize you for this relation.",
        ),
        (
            "new.ir",
            {"hosts": ("a.net", "b.net", "c.net", "d.net", "e.net")},
            2001,
            "At most four name servers are accepted.",
        ),
    ],
)
def test_a_refused_registration_costs_nothing(
    *, books: Books, reseller: Reseller, name: str, changes: dict[str, str], code: int, reason: str
) -> None:
    """Each refusal has its code and its reason, and the books stay as they were."""
    books.add_domain("taken.ir", expires_at=EXPIRY)
    add_handle(books, "my777-irnic", allowed=["tech"])

    reply = reseller.create(name, **changes)  # type: ignore[arg-type]  # each row changes one argument

    assert (reply.code, reply.reason) == (code, reason)
    assert amounts(books) == []
    assert books.domain("new.ir") is None


def test_a_role_left_out_is_a_missing_parameter(books: Books, reseller: Reseller) -> None:
    """All four roles must be named, one handle each."""
    contacts = "".join(
        f'<domain:contact type="{role}">{HOLDER}</domain:contact>' for role in ("holder", "admin", "tech")
    )
    parts = '<domain:name>new.ir</domain:name><domain:period unit="m">12</domain:period>{}<domain:agreement>1</domain:agreement>'
    twice = f'{contacts}<domain:contact type="tech">{HOLDER}</domain:contact>'

    assert reseller.ask("domain", "create", parts.format(contacts)).code == 2003
    assert reseller.ask("domain", "create", parts.format(twice)).reason == "The bill contact is missing."
    assert amounts(books) == []


def test_an_empty_deposit_refuses_until_it_is_topped_up(books: Books, reseller: Reseller) -> None:
    """2104 says that the credit is not enough; after a top-up the same order is taken."""
    with books.page() as page:
        page.charge("restore", "example.ir", months=0, amount=9_900, client_transaction_id="earlier")

    refused = reseller.create("new.ir")
    books.top_up(100)
    taken = reseller.create("new.ir")

    assert (refused.code, refused.reason) == (2104, "Not enough credit for your request.")
    assert taken.code == 1000
    assert books.balance() == 0


def test_ten_at_once_register_a_name_once(
    books: Books, sandbox: IrnicSandbox, certificates: Certificates
) -> None:
    """Of ten registrations that come at the same moment one is taken and charged, nine are refused."""

    def register(_: int) -> int:
        reseller = Reseller(sandbox.url, str(certificates.authority))
        with reseller.session:
            return reseller.create("new.ir").code

    with ThreadPoolExecutor(max_workers=10) as pool:
        codes = sorted(pool.map(register, range(10)))

    assert codes == [1000] + [2302] * 9
    assert amounts(books) == [200]


def test_an_approval_after_a_refund_needs_a_free_name_and_units(
    books: Books, reseller: Reseller, clock: Clock
) -> None:
    """What was rejected and given back cannot be approved where the name is somebody else's, or the deposit empty."""
    books.misbehave("reject", argument=5, times=2)
    reseller.create("one.ir")
    reseller.create("two.ir")
    clock.forward(seconds=6)
    assert len(reseller.messages()) == 2
    books.add_domain("one.ir", expires_at=EXPIRY, sponsor="nobody")
    with books.page() as page:
        page.charge("restore", "example.ir", months=0, amount=9_900, client_transaction_id="earlier")

    books.approve("one.ir")
    books.approve("two.ir")

    assert reseller.messages() == []
    assert reseller.info("one.ir").all("//domain:contact[@type='reseller']") == []
    assert reseller.info("two.ir").code == 2303
    assert amounts(books) == [200, 200, -200, -200, 9_900]
