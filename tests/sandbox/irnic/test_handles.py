"""How are handles made and changed, and what does the statement say of payments?"""

from datetime import datetime

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import pay_in
from tests.sandbox.irnic.desk import WINTER, Clock, Reseller


def test_a_handle_is_made_and_may_be_used(reseller: Reseller) -> None:
    """A new handle lets its maker use it in every role, shows its card, and is told of."""
    made = reseller.make_contact()
    handle = made.attribute("//contact:creData/contact:id/text()")

    assert made.code == 1000
    assert handle.endswith("-irnic")
    assert reseller.check_contacts(handle).all("//contact:position/@allowed") == ["1"] * 4
    shown = reseller.contact("NEW@example.org")
    assert shown.attribute("//contact:roid/text()") == handle
    assert shown.attribute("//contact:firstname/text()") == "Sara"
    assert shown.all("//contact:idcard/@number") == []
    [told] = reseller.messages()
    assert told.attribute("//contact:polData/contact:id/text()") == handle
    assert told.all("//contact:status/@s") == ["ok", "irnicApproved"]


def test_an_address_has_one_handle(reseller: Reseller) -> None:
    """A second handle for one e-mail address is refused."""
    assert reseller.make_contact().code == 1000
    assert reseller.make_contact().code == 2302
    assert reseller.make_contact(email="holder@example.org").code == 2302


COMPANY = (
    '<contact:privatereg cc="IR" sp="Tehran" issuer="Tehran" category="{}" number="1" number2="10100000000"/>'
)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"firstname": "Ali2"}, 2001),
        ({"lastname": "O'Neil"}, 2001),
        ({"email": "new+tag@example.org"}, 2001),
        ({"voice": "+98 21 88000000 00"}, 2001),
        ({"city": ""}, 2001),
        ({"ident": '<contact:idcard cc="IR" number="12345"/>'}, 2005),
        ({"ident": '<contact:idcard cc="IR"/>'}, 2001),
        ({"ident": COMPANY.format("PrivateCompany")}, 2001),
        ({"ident": ""}, 2003),
    ],
)
def test_a_card_that_is_not_taken(wrong: dict[str, str], code: int, reseller: Reseller) -> None:
    """What the schema does not take is refused, and a national code that is none."""
    assert reseller.make_contact(**wrong).code == code
    assert reseller.contact("new@example.org").code == 2303


def test_a_company_has_a_handle_too(reseller: Reseller) -> None:
    """The category is one of the registry's own words."""
    assert reseller.make_contact(ident=COMPANY.format("SabtSherkat__PrivateCompany")).code == 1000


def test_an_address_is_changed(reseller: Reseller) -> None:
    """The maker of a handle changes its address; of another's nothing."""
    handle = reseller.make_contact().attribute("//contact:creData/contact:id/text()")

    assert reseller.change_contact(handle, city="Shiraz").code == 1000
    assert reseller.contact(handle).attribute("//contact:city/text()") == "Shiraz"
    assert reseller.change_contact("cd456-irnic", city="Shiraz").code == 2201
    assert reseller.change_contact("no000-irnic", city="Shiraz").code == 2303


def test_payments_stand_in_the_statement(books: Books, reseller: Reseller, clock: Clock) -> None:
    """A payment has a line among the charges, and every balance follows from the one before it."""
    pay_in(books, 250, now=WINTER)
    clock.forward(minutes=1)
    reseller.create("new.ir")
    clock.forward(minutes=1)
    pay_in(books, 100, now=clock.now)

    reply = reseller.statement("2026-01-10", "2026-01-10")

    assert reply.all("//epp:credit/epp:amount/text()") == ["2.5", "-2", "1"]
    assert reply.all("//epp:credit/epp:balance/text()") == ["102.5", "100.5", "101.5"]
    assert reply.all("//epp:credit/epp:description/text()")[0] == (
        "Deposit amount 125000 Rials (unit rate: 50000 Rials )"
    )
    assert reseller.statement("2026-01-11", "2026-01-12").all("//epp:credit") == []


def test_the_statement_goes_by_tehrans_days(books: Books, reseller: Reseller) -> None:
    """What was paid at half past midnight in Tehran stands on the new day."""
    pay_in(books, 100, now=datetime.fromisoformat("2026-01-10T21:00:00+00:00"))

    assert reseller.statement("2026-01-10", "2026-01-10").all("//epp:credit") == []
    assert len(reseller.statement("2026-01-11", "2026-01-11").all("//epp:credit/@roid")) == 1
