"""Would IRNIC take this card? Said before anything is sent, field by field, and without repeating what stood there."""

from dataclasses import replace

import pytest

from adapters.registrars.irnic.cards import Card, CardFault, as_person, read_address, read_card, split_name
from registrar.commands import Contact, HolderType, Identity
from registrar.secrets import Secret

SARA = Contact(
    "customer-1",
    "Sara Invented",
    "sara@example.net",
    ("No. 1, Example St.", "Unit 2"),
    "Tehran",
    "IR",
    voice="+98 21 88000000",
    province="Tehran",
    postal_code="1234567890",
)
CODE = Identity(HolderType.PERSON, number=Secret("0012345678"))
PASSPORT = Identity(HolderType.PERSON, number=Secret("C01X00T47"), issuer="Berlin", is_passport=True)
FIRM = replace(SARA, organization="Example Co.")
COMPANY = Identity(
    HolderType.COMPANY,
    category="SabtSherkat__PrivateCompany",
    number=Secret("12345"),
    second_number=Secret("10100000000"),
    issuer="Tehran",
)
OFFICE = Identity(HolderType.GOVERNMENT, category="Executive__Ministry")
SCHOOL = Identity(HolderType.EDUCATION, category="MoEdu__HighSch")

WRONG: list[tuple[Contact, Identity, str]] = [
    (replace(SARA, name="Sara2 Invented"), CODE, "name"),
    (replace(SARA, name="Sara O'Neil"), CODE, "name"),
    (replace(SARA, name="S Invented"), CODE, "name"),
    (replace(SARA, name="Sara"), CODE, "name"),
    (replace(SARA, name="سارا نمونه"), CODE, "name"),
    (replace(SARA, name=f"Sara {'I' * 101}"), CODE, "name"),
    (replace(SARA, email="sara+ir@example.net"), CODE, "email"),
    (replace(SARA, email="sara@example"), CODE, "email"),
    (replace(SARA, voice="+98 21 88000000 00"), CODE, "voice"),
    (replace(SARA, voice=None), CODE, "voice"),
    (replace(SARA, voice="call me"), CODE, "voice"),
    (replace(SARA, street=()), CODE, "street"),
    (replace(SARA, street=("x" * 256,)), CODE, "street"),
    (replace(SARA, street=("خیابان نمونه",)), CODE, "street"),
    (replace(SARA, city=""), CODE, "city"),
    (replace(SARA, city="x" * 51), CODE, "city"),
    (replace(SARA, province=None), CODE, "province"),
    (replace(SARA, postal_code="12345"), CODE, "postal_code"),
    (replace(SARA, postal_code=None), CODE, "postal_code"),
    (replace(SARA, country_code="DE", postal_code="1" * 17), PASSPORT, "postal_code"),
    (replace(SARA, country_code="Iran"), CODE, "country_code"),
    (SARA, replace(CODE, number=None), "identity.number"),
    (SARA, replace(CODE, number=Secret("123456789")), "identity.number"),
    (SARA, replace(CODE, number=Secret("00123456789")), "identity.number"),
    (SARA, replace(PASSPORT, number=Secret("C01X00T47C01X")), "identity.number"),
    (SARA, replace(PASSPORT, number=Secret("C01/X")), "identity.number"),
    (SARA, replace(PASSPORT, issuer=None), "identity.issuer"),
    (FIRM, CODE, "organization"),
    (SARA, COMPANY, "organization"),
    (replace(FIRM, organization="Example & Co."), COMPANY, "organization"),
    (replace(FIRM, organization="Example 24"), COMPANY, "organization"),
    (FIRM, replace(COMPANY, category=None), "identity.category"),
    (FIRM, replace(COMPANY, category="Executive__Ministry"), "identity.category"),
    (FIRM, replace(COMPANY, number=None), "identity.number"),
    (FIRM, replace(COMPANY, second_number=Secret("123")), "identity.second_number"),
    (FIRM, replace(COMPANY, issuer=""), "identity.issuer"),
    (FIRM, replace(OFFICE, category="MoEdu__HighSch"), "identity.category"),
    (FIRM, replace(SCHOOL, category="MoSRT__MedPublicUni"), "identity.category"),
]


@pytest.mark.parametrize(
    ("contact", "identity", "where"), WRONG, ids=[f"{number}-{row[2]}" for number, row in enumerate(WRONG)]
)
def test_a_card_that_irnic_would_not_take(contact: Contact, identity: Identity, where: str) -> None:
    """Each wrong field is named with what to write there, and is the only one that is named."""
    fault = read_card(contact, identity)
    assert isinstance(fault, CardFault)
    assert {part.split(":")[0] for part in fault.reason.split("; ") if ":" in part} == {where}


def test_every_fault_is_told_at_once() -> None:
    """Who has three things to put right is told so once, and none of what they wrote is repeated."""
    wrong = replace(SARA, name="Sara2 Invented", email="sara+ir@example.net", postal_code="12345")
    fault = read_card(wrong, CODE)
    assert isinstance(fault, CardFault)
    assert all(where in fault.reason for where in ("name:", "email:", "postal_code:"))
    assert not any(word in fault.reason for word in ("Sara2", "sara+ir", "12345"))


@pytest.mark.parametrize(
    ("contact", "identity"),
    [
        (SARA, CODE),
        (replace(SARA, country_code="de", postal_code="10115"), PASSPORT),
        (FIRM, COMPANY),
        (FIRM, replace(COMPANY, second_number=None)),
        (FIRM, OFFICE),
        (FIRM, SCHOOL),
        (replace(SARA, voice="021-88000000x12"), CODE),
    ],
)
def test_a_card_that_irnic_takes(contact: Contact, identity: Identity) -> None:
    """People, foreigners, companies, offices and schools each have a card; it shows itself to nobody."""
    card = read_card(contact, identity)
    assert isinstance(card, Card)
    for word in ("Sara", "sara@", "Tehran", "88000000", "0012345678", "Example"):
        assert word not in repr(card)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Sara Invented", ("Sara", "Invented")),
        ("  Sara   Invented  Example ", ("Sara", "Invented Example")),
        ("Invented Example, Sara Lee", ("Sara Lee", "Invented Example")),
        ("Sara", ("Sara", "")),
        ("", ("", "")),
    ],
)
def test_a_name_is_split(name: str, parts: tuple[str, str]) -> None:
    """The first word is the first name, unless a comma puts the family name in front."""
    assert split_name(name) == parts


def test_only_a_person_can_be_made_by_a_registration() -> None:
    """A registration states a national code at most: companies and people without one need a handle first."""
    stated = replace(SARA, national_id=Secret("0012345678"))
    assert as_person(stated) == Identity(HolderType.PERSON, number=Secret("0012345678"))
    assert isinstance(as_person(SARA), CardFault)
    assert isinstance(as_person(replace(stated, organization="Example Co.")), CardFault)


def test_an_address_may_come_without_a_telephone() -> None:
    """Who changes an address alone need not repeat the telephone."""
    read = read_address(replace(SARA, voice=None))
    assert isinstance(read, tuple)
    assert read[1] == ""
    assert read[0].street == "No. 1, Example St., Unit 2"
    assert isinstance(read_address(replace(SARA, voice="call me")), CardFault)
