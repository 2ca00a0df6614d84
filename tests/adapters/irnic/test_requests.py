"""Every request as IRNIC wants it: valid against its own schema, and shaped as other clients' are."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pytest
from lxml import etree

from adapters.registrars.irnic import encoding
from adapters.registrars.irnic.cards import Card, read_address, read_card
from registrar.commands import Contact, HolderType, Identity, Nameserver
from registrar.differences import Difference
from registrar.names import DomainName
from registrar.secrets import Secret

REFERENCE = Path(os.environ.get("REGISTRAR_REFERENCE_DATA", Path(__file__).parents[4] / "shared" / "data"))
CODE = Secret("4929000011112222")
NAME = DomainName("example.ir", "ir")
PERSIAN = DomainName.parse("مثال.ایران", zones={"xn--mgba3a4f16a"})
PEOPLE = {"holder": "ab123-irnic", "admin": "ab123-irnic", "tech": "cd456-irnic", "bill": "re1234-irnic"}
DUAL = (
    Nameserver("ns1.example.ir", ("192.0.2.1",)),
    Nameserver("ns2.example.ir", ("2001:db8::1",)),
    Nameserver("ns3.example.net"),
)

GONE = (Nameserver("NS8.example.ir.", ("192.0.2.8",)), Nameserver("ns9.example.net"))


def _create(name: DomainName = NAME, nameservers: tuple[Nameserver, ...] = DUAL) -> bytes:
    return encoding.create_domain(
        name,
        months=60,
        nameservers=nameservers,
        contacts=PEOPLE,
        deposit_code=CODE,
        transaction_id="ORDER-7-1",
    )


def _update(
    difference: Difference, name: DomainName = NAME, contacts: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    return encoding.update_domain(
        name, difference, contacts=contacts, deposit_code=CODE, transaction_id="ORDER-7-1"
    )


PERSON = Contact(
    "customer-1",
    "Sara Invented-Example",
    "sara_1@mail.example.net",
    ("No. 1, Example St.",),
    "Tehran",
    "ir",
    voice="+98.21۸۸۳۳۲۲۳۳",
    province="Tehran",
    postal_code="۱۲۳۴۵-۶۷۸۹۱",
)
OFFICE = replace(PERSON, organization="Example (Invented) Co.")
IDENTITIES = {
    "a person": (PERSON, Identity(HolderType.PERSON, number=Secret("٩٩١٢٣٤٥٦٧٨"))),
    "a foreigner": (
        replace(PERSON, country_code="DE", postal_code="10115"),
        Identity(HolderType.PERSON, number=Secret("C01X00T47"), issuer="Berlin", is_passport=True),
    ),
    "a company": (
        OFFICE,
        Identity(
            HolderType.COMPANY,
            category="sabtsherkat__privatecompany",
            number=Secret("12345"),
            second_number=Secret("10100000000"),
            issuer="Tehran",
        ),
    ),
    "an office": (OFFICE, Identity(HolderType.GOVERNMENT, category="Executive__Municipality")),
    "a medical university": (OFFICE, Identity(HolderType.EDUCATION, category="MoHMS__MedPublicUni")),
}


def _card(contact: Contact, identity: Identity) -> bytes:
    card = read_card(contact, identity)
    assert isinstance(card, Card)
    return encoding.create_contact(card, deposit_code=CODE, transaction_id="ORDER-7-1")


def _change_of_card(*, address: bool, voice: str) -> bytes:
    read = read_address(PERSON)
    assert isinstance(read, tuple)
    return encoding.update_contact(
        "ab123-irnic",
        address=read[0] if address else None,
        voice=voice,
        deposit_code=CODE,
        transaction_id="ORDER-7-1",
    )


STATEMENT = encoding.credit_statement(
    "re1234-irnic", date(2026, 11, 1), date(2026, 11, 30), deposit_code=CODE, transaction_id="ORDER-7-1"
)
"""Newer than the schema: it is not among the requests that the schema is asked about."""


REQUESTS = {
    "check": encoding.check_domain(NAME, deposit_code=CODE, transaction_id="ORDER-7-1"),
    "info": encoding.info_domain(NAME, deposit_code=CODE, transaction_id="ORDER-7-1"),
    "info of a Persian name": encoding.info_domain(PERSIAN, deposit_code=CODE, transaction_id="ORDER-7-1"),
    "create": _create(),
    "create without name servers": _create(nameservers=()),
    "create of a Persian name": _create(PERSIAN),
    "renew": encoding.renew_domain(
        NAME, current_expiry=date(2027, 3, 2), months=12, deposit_code=CODE, transaction_id="ORDER-7-1"
    ),
    "update": _update(Difference(DUAL, GONE)),
    "update that adds": _update(Difference(DUAL)),
    "update that takes away": _update(Difference(remove_nameservers=GONE)),
    "update of a Persian name": _update(Difference(DUAL, GONE), PERSIAN),
    "check of contacts": encoding.check_contacts(
        ["ab123-irnic", "cd456-irnic"], deposit_code=CODE, transaction_id="ORDER-7-1-contacts"
    ),
    "info of a contact": encoding.info_contact("re1234-irnic", deposit_code=CODE, transaction_id="ORDER-7-1"),
    "info of a contact by e-mail": encoding.info_contact(
        PERSON.email, deposit_code=CODE, transaction_id="ORDER-7-1-owner"
    ),
    **{f"create of {what}": _card(*who) for what, who in IDENTITIES.items()},
    "update of a contact": _change_of_card(address=True, voice="+98 21 1234"),
    "update of an address": _change_of_card(address=True, voice=""),
    "update of a telephone": _change_of_card(address=False, voice="+98 21 1234"),
    "update with contacts": _update(Difference(DUAL, GONE), contacts={"tech": "cd456-irnic"}),
    "update of contacts": _update(Difference(), contacts={"tech": "cd456-irnic", "bill": "re1234-irnic"}),
    "request of a PIN": encoding.request_pin(NAME, deposit_code=CODE, transaction_id="ORDER-7-1"),
    "change of holder": encoding.change_holder(
        NAME, contacts=PEOPLE, pin=Secret("123456789"), deposit_code=CODE, transaction_id="ORDER-7-1"
    ),
    "deletion": encoding.delete_domain(NAME, deposit_code=CODE, transaction_id="ORDER-7-1"),
    "poll": encoding.poll_request(transaction_id="ORDER-7-1"),
    "acknowledgement": encoding.poll_acknowledge("77001", transaction_id="ORDER-7-1"),
}


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """IRNIC's own schema, where the reference data are."""
    path = REFERENCE / "irnic_xsd" / "irnic.xsd"
    if not path.exists():
        pytest.skip(f"IRNIC's schemas are not here ({path}); set REGISTRAR_REFERENCE_DATA")
    return etree.XMLSchema(etree.parse(path))


@pytest.mark.parametrize("request_sent", REQUESTS.values(), ids=REQUESTS.keys())
def test_every_request_is_valid(request_sent: bytes, schema: etree.XMLSchema) -> None:
    """IRNIC's own schema accepts every request that we send."""
    schema.assertValid(etree.fromstring(request_sent))


def test_the_schema_would_notice(schema: etree.XMLSchema) -> None:
    """The schema is the right one: it refuses a request of RFC 5731, and one with five name servers."""
    rfc = _create().replace(b"http://epp.nic.ir/ns/domain-1.0", b"urn:ietf:params:xml:ns:domain-1.0")
    five = _create(nameservers=tuple(Nameserver(f"ns{number}.example.net") for number in range(5)))
    assert not schema.validate(etree.fromstring(rfc))
    assert not schema.validate(etree.fromstring(five))


@pytest.mark.parametrize("request_sent", REQUESTS.values(), ids=REQUESTS.keys())
def test_the_declaration_comes_first(request_sent: bytes) -> None:
    """The declaration stands in the very first bytes, as IRNIC's samples have it."""
    assert request_sent.startswith(
        b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<epp xmlns="urn:ietf:'
    )


def test_a_poll_carries_no_deposit_code() -> None:
    """A poll is identified by the token alone."""
    assert b"authInfo" not in REQUESTS["poll"] + REQUESTS["acknowledgement"]


def test_an_update_says_what_to_add_and_what_to_take_away() -> None:
    """A host is added with its one address and taken away by its name; a side with nothing on it is left out."""
    both = REQUESTS["update"].decode()
    assert '<domain:hostName>ns1.example.ir</domain:hostName><domain:hostAddr ip="v4">192.0.2.1<' in both
    assert '<domain:hostName>ns2.example.ir</domain:hostName><domain:hostAddr ip="v6">2001:db8::1<' in both
    assert (
        "<domain:rem><domain:ns><domain:hostAttr><domain:hostName>NS8.example.ir.</domain:hostName></" in both
    )
    assert both.index("<domain:add>") < both.index("<domain:rem>") < both.index("<domain:authInfo>")
    assert b"<domain:rem>" not in REQUESTS["update that adds"]
    assert b"<domain:add>" not in REQUESTS["update that takes away"]


def test_a_card_is_sent_in_irnics_own_spelling() -> None:
    """Persian digits arrive as ASCII, the first word of a name is the first name, and IRNIC's odd word stays odd."""
    person, company = (REQUESTS[f"create of {what}"].decode() for what in ("a person", "a company"))
    assert "<contact:firstname>Sara</contact:firstname>" in person
    assert "<contact:lastname>Invented-Example</contact:lastname>" in person
    assert "<contact:pc>1234567891</contact:pc>" in person
    assert "<contact:voice>+98-2188332233</contact:voice>" in person
    assert '<contact:idcard cc="IR" number="9912345678"/>' in person
    assert "<contact:signature>Sara Invented-Example</contact:signature>" in person
    assert "contact:org" not in person
    assert "<contact:org>Example (Invented) Co.</contact:org>" in company
    assert 'category="SabtSherkat__PrivateCompany" number="12345" number2="10100000000"/>' in company
    assert b'category="MOHMS__MedPublicUni"' in REQUESTS["create of a medical university"]


def test_the_statement_is_asked_for_by_days(schema: etree.XMLSchema) -> None:
    """The credit statement is asked for as in IRNIC's own sample, which is newer than its schema."""
    assert (
        b'<extension><creditLog op="req" startDate="2026-11-01" endDate="2026-11-30"/></extension>'
    ) in STATEMENT
    without = STATEMENT.replace(
        b'<extension><creditLog op="req" startDate="2026-11-01" endDate="2026-11-30"/></extension>', b""
    )
    assert not schema.validate(etree.fromstring(STATEMENT))
    schema.assertValid(etree.fromstring(without))


def test_texts_are_escaped() -> None:
    """A text with XML's own characters in it arrives as that text."""
    acknowledged = etree.fromstring(encoding.poll_acknowledge('7"<&>', transaction_id="ORDER-7-1"))
    polls = [element.get("msgID") for element in acknowledged.iter("{urn:ietf:params:xml:ns:epp-1.0}poll")]
    assert polls == ['7"<&>']


def _recorded() -> list[etree._Element]:
    path = REFERENCE / "irnic_frames" / "frames_sent_by_real_clients.json"
    if not path.exists():
        pytest.skip(f"the recorded frames are not here ({path}); set REGISTRAR_REFERENCE_DATA")
    return [etree.fromstring(frame["body"].encode()) for frame in json.loads(path.read_text())]


def _shape(element: etree._Element) -> object:
    """Names, attributes' names and order: everything but the values."""
    return (element.tag, sorted(element.attrib), [_shape(child) for child in element])


def test_real_clients_send_the_same_shape(schema: etree.XMLSchema) -> None:
    """Our info and renew are built exactly as those that two other clients send to IRNIC."""
    ours = {"info": REQUESTS["info"], "renew": REQUESTS["renew"]}
    compared = []
    for frame in _recorded():
        assert schema.validate(frame)
        verb = etree.QName(frame[0][0]).localname
        compared.append(verb)
        assert _shape(etree.fromstring(ours[verb])) == _shape(frame)
    assert sorted(set(compared)) == ["info", "renew"]
