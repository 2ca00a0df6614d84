"""What we send: valid against the published schemas, and exactly what was ordered."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from adapters.registrars.epp import encoding, fees, session_documents
from adapters.registrars.epp.contacts import contact_create, contact_id
from adapters.registrars.epp.documents import NotEncodableError
from adapters.registrars.epp.encoding import ContactChange
from adapters.registrars.epp.namespaces import CONTACT, DOMAIN, FEE, HOST, IDN, LOGIN_SECURITY, RGP, SECDNS
from adapters.registrars.epp.reading import Greeting, parse, read_response
from adapters.registrars.epp.restoring import restore_report
from adapters.registrars.epp.session import Exchange
from adapters.registrars.epp.settings import EppSettings
from adapters.registrars.epp.sightings import Looker
from registrar.commands import (
    Command,
    Contact,
    ContactRole,
    Expiry,
    Kind,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
    TransferAnswer,
)
from registrar.differences import Difference
from registrar.names import DomainName
from registrar.outcomes import Correction, Reply
from registrar.secrets import Secret
from registrar.statuses import REGISTRAR_LOCK, Status
from tests.adapters.epp.calls import NAME, section
from tests.adapters.epp.scripted import greeting, response

ID = "order-7-a1"
EXPIRY = Expiry(datetime(2026, 3, 1, 0, 30, tzinfo=UTC), "2026-03-01T00:30Z")
CONTACTS = {ContactRole.REGISTRANT: "C-1001", ContactRole.ADMIN: "C-1001", ContactRole.TECH: "C-1002"}
OUTSIDE = (Nameserver("ns1.example.net"), Nameserver("ns2.example.net"))
INSIDE = (Nameserver("ns1.example.test", ("192.0.2.1", "2001:db8::1")),)
EVERYTHING = Difference(
    add_nameservers=INSIDE,
    remove_nameservers=OUTSIDE,
    add_statuses=REGISTRAR_LOCK,
    remove_statuses=frozenset({Status.CLIENT_HOLD}),
)
PERSON = Contact(
    reference="customer-1",
    name="Invented Person",
    email="person@example.net",
    street=("1 Example Street",),
    city="Tehran",
    country_code="ir",
    voice="+98.2112345678",
    organization="Example Org",
    province="Tehran",
    postal_code="1234567890",
)
PERSIAN = DomainName("xn--mgbaam.test", "test")
PEOPLE = ContactChange(
    add=((ContactRole.ADMIN, "C-2"),),
    remove=((ContactRole.ADMIN, "C-1"), (ContactRole.TECH, "C-1")),
    registrant="C-2",
)
QUOTE = fees.Quote(
    "EUR",
    Decimal("8.50"),
    premium=False,
    lines=tuple(
        etree.fromstring(
            f'<x xmlns:f="{FEE}"><f:fee description="create" refundable="1">10.00</f:fee><f:credit>-1.50</f:credit></x>'
        )
    ),
)
OFFER = Greeting(
    "Example", "", ("1.0",), ("fa", "en"), (HOST, DOMAIN), (SECDNS, RGP, "urn:example:other", LOGIN_SECURITY)
)


def settings(**changes: object) -> EppSettings:
    return EppSettings.parse("example", section(700, Path("ca.pem"), **changes))


def said(command: Command, **changes: object) -> etree._Element:
    contacts = CONTACTS if changes.get("contacts") != "none" else {}
    return encoding.spending_command(command, settings(**changes), ID, contacts)


def changed(
    difference: Difference,
    *,
    contacts: ContactChange | None = None,
    auth_info: Secret | None = None,
    **changes: object,
) -> etree._Element:
    return encoding.domain_update(
        NAME, difference, settings(**changes), ID, contacts=contacts, auth_info=auth_info
    )


def as_published(document: etree._Element) -> etree._Element:
    """Read a document back without the extensions that have no published schema at hand (fees, IDN tables)."""
    read = etree.fromstring(etree.tostring(document))
    for node in list(read.iter(f"{{{FEE}}}*", f"{{{IDN}}}*")):
        holder = node.getparent()
        if holder is not None and etree.QName(holder).localname == "extension":
            holder.remove(node)
            if not len(holder):
                holder.getparent().remove(holder)  # type: ignore[union-attr]  # an extension stands in a command
    return read


def texts(document: etree._Element, name: str, namespace: str = DOMAIN) -> list[str]:
    return [node.text or "" for node in document.iter(f"{{{namespace}}}{name}")]


def documents() -> Iterator[tuple[str, etree._Element]]:
    yield "hello", session_documents.hello()
    yield "login", session_documents.login(settings(), OFFER, ID)
    yield (
        "login-long",
        session_documents.login(settings(password=Secret("a much longer password")), OFFER, ID),
    )
    yield "logout", session_documents.logout(ID)
    yield "poll", session_documents.poll(ID)
    yield "ack", session_documents.poll(ID, acknowledged="12345")
    yield "info", encoding.domain_info(NAME, ID)
    yield "check", encoding.domain_check(NAME, ID)
    yield "query", encoding.transfer_query(NAME, ID)
    yield "host", encoding.host_create(OUTSIDE[0], ID)
    yield "contact", contact_create(PERSON, contact_id("customer-1", "reseller-1"), ID)
    persian = Contact("c-2", "شخص ساختگی", "p@example.net", (), "تهران", "IR")
    yield "contact-persian", contact_create(persian, contact_id("c-2", "reseller-1"), ID)
    yield "create", said(Register(NAME, 24, nameservers=OUTSIDE))
    yield "create-bare", said(Register(NAME, 12), contacts="none")
    yield (
        "create-attributes",
        said(Register(NAME, 1, nameservers=INSIDE), nameservers="attributes", period_unit="m"),
    )
    yield "renew", said(Renew(NAME, 12, EXPIRY))
    yield "host-inside", encoding.host_create(INSIDE[0], ID)
    yield "update", changed(EVERYTHING)
    yield "update-attributes", changed(EVERYTHING, nameservers="attributes")
    yield "update-statuses", changed(Difference(add_statuses=REGISTRAR_LOCK))
    yield "update-remove", changed(Difference(remove_nameservers=OUTSIDE))
    yield "update-people", changed(Difference(), contacts=PEOPLE, auth_info=Secret("<code> & more"))
    yield "update-registrant", changed(Difference(), contacts=ContactChange(registrant="C-2"))
    yield "update-code", changed(Difference(), auth_info=Secret("code"))
    yield "update-no-code", changed(Difference(), auth_info=Secret(""))
    yield "update-all", changed(EVERYTHING, contacts=PEOPLE, auth_info=Secret("code"))
    yield "delete", encoding.domain_delete(NAME, ID)
    for answer in TransferAnswer:
        yield f"transfer-{answer}", encoding.transfer_answer(NAME, answer, ID)
    yield "restore", said(Restore(NAME, 0))
    yield "restore-report", report()
    yield "login-change", session_documents.login(settings(new_password=Secret("planted-new")), OFFER, ID)
    both = {"password": Secret("a much longer password"), "new_password": Secret("and a longer one yet")}
    yield "login-change-long", session_documents.login(settings(**both), OFFER, ID)
    without = Greeting("Example", "", ("1.0",), ("en",), (DOMAIN,), ())
    yield "login-plain", session_documents.login(settings(), without, ID)
    yield "contact-both", contact_create(PERSON, "C-5", ID, postal="both")
    yield "contact-local", contact_create(PERSON, "C-5", ID, postal="loc")
    yield "create-idn", said(Register(PERSIAN, 12, idn_table="fa"), idn_tables=["fa"])
    spending: dict[Kind, Command] = {
        Kind.REGISTER: Register(NAME, 12),
        Kind.RENEW: Renew(NAME, 12, EXPIRY),
        Kind.TRANSFER: Transfer(NAME, 12, Secret("code")),
        Kind.RESTORE: Restore(NAME, 0),
    }
    for kind, priced in spending.items():
        document = said(priced)
        fees.state_fees(document, kind, QUOTE, FEE)
        yield f"priced-{kind}", document
        yield f"price-of-{kind}", fees.price_check(priced, settings(currency="EUR"), ID)
    yield "transfer", said(Transfer(NAME, 12, Secret("<code> & more")))
    yield "transfer-bare", said(Transfer(NAME, 0, Secret("code")), transfer_months=0)


def report() -> etree._Element:
    """Write a restore's report as the gateway does, for a name that a look showed."""
    info = (
        "<domain:infData><domain:name>example.test</domain:name><domain:roid>D-1</domain:roid>"
        '<domain:status s="pendingDelete"/><domain:clID>reseller-1</domain:clID>'
        "<domain:upDate>2026-03-01T08:00:00.5Z</domain:upDate></domain:infData>"
    )
    read = read_response(parse(response(1000, transaction_id="T", data=info).encode()))
    seen = Exchange(read, Reply(result_code="1000"))
    now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    looker = Looker(NAME, own_id="reseller-1", source="epp:example", seen_at=now)
    return restore_report(looker.info(seen), seen, settings(), now, ID)


DOCUMENTS = dict(documents())


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_every_request_is_valid(document: etree._Element, schemas: etree.XMLSchema) -> None:
    """Every request we send keeps to the published schemas."""
    schemas.assertValid(as_published(document))


def test_the_schemas_refuse_what_is_wrong(schemas: etree.XMLSchema) -> None:
    """The check itself is no formality: a login without a password does not pass it."""
    document = session_documents.login(settings(), OFFER, ID)
    body = document[0][0]
    body.remove(body[1])
    assert not schemas.validate(document)


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        (datetime(2026, 3, 1, 0, 0, tzinfo=UTC), "2026-03-01"),
        (datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), "2026-02-28"),
        (datetime(2026, 3, 1, 2, 0, tzinfo=timezone(timedelta(hours=3, minutes=30))), "2026-02-28"),
        (datetime(2026, 2, 28, 22, 0, tzinfo=timezone(timedelta(hours=-5))), "2026-03-01"),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), "2028-02-29"),
    ],
)
def test_a_renewal_names_the_expiry_as_a_date_in_utc(at: datetime, sent: str) -> None:
    """A renewal names the day on which the name ends at the registry, not the day it is then in Tehran."""
    assert texts(said(Renew(NAME, 12, Expiry(at, "…"))), "curExpDate") == [sent]


@pytest.mark.parametrize(("unit", "sent"), [("y", ["2"]), ("m", ["24"])])
def test_a_term_is_said_in_the_registrys_unit(unit: str, sent: list[str]) -> None:
    """Two years are two years, whether the registry counts years or months."""
    document = said(Register(NAME, 24), period_unit=unit)
    assert texts(document, "period") == sent
    assert [node.get("unit") for node in document.iter(f"{{{DOMAIN}}}period")] == [unit]


def test_a_term_that_is_no_whole_year_is_not_rounded() -> None:
    """Eighteen months are never sold as one year or two."""
    with pytest.raises(NotEncodableError, match="whole number"):
        said(Renew(NAME, 18, EXPIRY))


def test_a_transfer_of_another_term_is_not_sent() -> None:
    """A transfer that was sold with a year is not sent to a registry that adds none."""
    with pytest.raises(NotEncodableError, match="transfer_months"):
        said(Transfer(NAME, 12, Secret("code")), transfer_months=0)


def test_hosts_inside_the_name_need_the_customer_where_hosts_are_objects() -> None:
    """A name server inside the new name itself is sent back to the customer, not silently left out."""
    with pytest.raises(NotEncodableError) as refusal:
        said(Register(NAME, 12, nameservers=INSIDE))
    assert refusal.value.needs is Correction.NAMESERVERS


def test_a_host_that_only_ends_alike_is_outside() -> None:
    """`ns1.myexample.test` does not lie inside `example.test`."""
    document = said(Register(NAME, 12, nameservers=(Nameserver("ns1.myexample.test"),)))
    assert texts(document, "hostObj") == ["ns1.myexample.test"]


def test_host_attributes_carry_their_addresses() -> None:
    """Where the registry keeps no host objects, a name server comes with its addresses."""
    document = said(Register(NAME, 12, nameservers=INSIDE), nameservers="attributes")
    addresses = [(node.get("ip"), node.text) for node in document.iter(f"{{{DOMAIN}}}hostAddr")]
    assert (texts(document, "hostName"), addresses) == (
        ["ns1.example.test"],
        [("v4", "192.0.2.1"), ("v6", "2001:db8::1")],
    )


def test_the_contacts_of_a_registration_stand_in_their_roles() -> None:
    """The registrant is the registrant, and the others are who they are."""
    document = said(Register(NAME, 12))
    contacts = {node.get("type"): node.text for node in document.iter(f"{{{DOMAIN}}}contact")}
    assert (texts(document, "registrant"), contacts) == (["C-1001"], {"admin": "C-1001", "tech": "C-1002"})


def test_each_registration_has_an_auth_code_of_its_own() -> None:
    """A new name's auth code cannot be guessed from another's."""
    codes = {texts(said(Register(NAME, 12)), "pw")[0] for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) >= 24 for code in codes)


def test_an_auth_code_that_xml_cannot_carry_is_the_customers_to_correct() -> None:
    """A damaged auth code goes back to the customer, and is not quoted."""
    with pytest.raises(NotEncodableError) as refusal:
        said(Transfer(NAME, 12, Secret("secret\x00code")))
    assert refusal.value.needs is Correction.AUTH_INFO
    assert "secret" not in str(refusal.value)


def test_login_asks_for_what_is_offered_of_what_we_want() -> None:
    """We ask a registry for nothing that it did not offer, and for nothing that we do not use."""
    document = session_documents.login(settings(), OFFER, ID)
    services = [node.text for node in document.iter("{*}objURI", "{*}extURI")]
    assert services == [HOST, DOMAIN, SECDNS, RGP, LOGIN_SECURITY]


@pytest.mark.parametrize(("wanted", "said_in"), [("fa", "fa"), ("de", "fa"), ("en", "en")])
def test_login_speaks_a_language_that_is_offered(wanted: str, said_in: str) -> None:
    """A registry that does not know our language is not asked for it."""
    document = session_documents.login(settings(language=wanted), OFFER, ID)
    assert [node.text for node in document.iter("{*}lang")] == [said_in]


def test_a_long_password_travels_in_its_extension() -> None:
    """A password longer than the old protocol allows is sent where it fits (RFC 8807)."""
    password = "a much longer password"
    document = session_documents.login(settings(password=Secret(password)), OFFER, ID)
    namespaces = {etree.QName(node).namespace: node.text for node in document.iter("{*}pw")}
    assert namespaces[LOGIN_SECURITY] == password
    assert password not in [text for namespace, text in namespaces.items() if namespace != LOGIN_SECURITY]


def test_a_contact_has_the_same_id_each_time_and_no_other_registrars() -> None:
    """A contact that was created once is found again, and is never mistaken for somebody else's."""
    ids = {
        contact_id("customer-1", "reseller-1"),
        contact_id("customer-2", "reseller-1"),
        contact_id("customer-1", "other"),
    }
    assert contact_id("customer-1", "reseller-1") in ids
    assert len(ids) == 3
    assert all(len(identifier) == 16 for identifier in ids)


@pytest.mark.parametrize(("name", "kind"), [("Invented Person", "int"), ("شخص ساختگی", "loc")])
def test_a_persian_address_is_marked_as_local(name: str, kind: str) -> None:
    """A Persian name is sent as it is, and marked so that the registry can take it."""
    contact = Contact("c-3", name, "p@example.net", ("1 Example Street",), "Tehran", "IR")
    document = contact_create(contact, "C-3", ID)
    assert [node.get("type") for node in document.iter(f"{{{CONTACT}}}postalInfo")] == [kind]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"voice": "02112345678"}, "voice"),
        ({"country_code": "IRN"}, "country_code"),
        ({"street": ("a", "b", "c", "d")}, "street"),
        ({"postal_code": "1" * 17}, "postal_code"),
        ({"name": ""}, "name"),
        ({"city": "x" * 256}, "city"),
        ({"organization": "x" * 256}, "organization"),
    ],
)
def test_a_contact_that_no_registry_takes_goes_back_to_the_customer(
    fault: dict[str, object], field: str
) -> None:
    """The customer hears which part of a contact is wrong, and the part itself is not repeated in any log."""
    values: dict[str, object] = {
        "reference": "c-4", "name": "Invented", "email": "p@example.net", "street": (), "city": "T", "country_code": "IR"
    }  # fmt: skip
    with pytest.raises(NotEncodableError, match=field) as refusal:
        contact_create(Contact(**{**values, **fault}), "C-4", ID)  # type: ignore[arg-type]  # faults are the point
    assert refusal.value.needs is Correction.CONTACTS


def test_an_address_in_latin_letters_goes_back_to_the_customer_where_it_must_be_one() -> None:
    """Where a registry takes Latin letters alone, the customer hears which parts are not, and no part is repeated."""
    persian = Contact("c-2", "شخص ساختگی", "p@example.net", ("خیابان",), "Tehran", "IR")
    for postal in ("int", "both"):
        with pytest.raises(NotEncodableError, match=r"name must .* Latin letters; street must") as refusal:
            contact_create(persian, "C-2", ID, postal=postal)
        assert refusal.value.needs is Correction.CONTACTS
        assert "ساختگی" not in str(refusal.value)
    forms = [
        node.get("type") for node in contact_create(PERSON, "C-2", ID, postal="both").iter("{*}postalInfo")
    ]
    assert forms == ["int", "loc"]


def test_a_restores_report_tells_when_and_why() -> None:
    """A report names the deletion's time, the restore's time, the reason, and makes both statements."""
    said_in = {etree.QName(node).localname: node.text or "" for node in report().iter(f"{{{RGP}}}*")}
    assert (said_in["delTime"], said_in["resTime"]) == ("2026-03-01T08:00:00Z", "2026-03-02T09:30:00Z")
    assert said_in["resReason"] == settings().restore_reason
    assert (
        said_in["preData"]
        == said_in["postData"]
        == "Domain: example.test; Registry id: D-1; Sponsor: reseller-1"
    )
    assert len(texts(report(), "statement", RGP)) == 2


def test_a_price_is_stated_as_it_was_quoted() -> None:
    """What a registry asked is stated line by line, and not as a sum of our own."""
    document = DOCUMENTS["priced-restore"]
    stated = [(node.text, dict(node.attrib)) for node in document.iter(f"{{{FEE}}}fee", f"{{{FEE}}}credit")]
    assert stated == [("10.00", {"description": "create"}), ("-1.50", {})]
    assert document.find(f".//{{{FEE}}}update/{{{FEE}}}currency") is not None


def test_a_name_in_letters_of_its_own_names_its_table() -> None:
    """An internationalized name tells the registry which table it was made from, and how it is written."""
    document = DOCUMENTS["create-idn"]
    assert texts(document, "table", IDN) == ["fa"]
    assert texts(document, "uname", IDN) == [PERSIAN.unicode]


def test_an_auth_code_is_set_or_cleared() -> None:
    """A name's auth code is replaced by the one given, and taken away by an empty one."""
    assert texts(DOCUMENTS["update-code"], "pw") == ["code"]
    cleared = DOCUMENTS["update-no-code"]
    assert (texts(cleared, "pw"), len(texts(cleared, "null"))) == ([], 1)
    with pytest.raises(NotEncodableError) as refusal:
        changed(Difference(), auth_info=Secret("secret\x00code"))
    assert (refusal.value.needs, "secret" in str(refusal.value)) == (Correction.AUTH_INFO, False)


def test_the_name_is_sent_as_its_a_label() -> None:
    """A Persian name reaches the registry in the form that the registry keeps."""
    name = DomainName("xn--mgbaam.test", "test")
    assert texts(said(Renew(name, 12, EXPIRY)), "name") == ["xn--mgbaam.test"]


def test_the_test_registrys_greeting_is_valid(schemas: etree.XMLSchema) -> None:
    """The registry that these tests script speaks EPP itself."""
    schemas.assertValid(etree.fromstring(greeting()))


def test_a_host_with_addresses_is_created_with_both_versions() -> None:
    """A name server inside the name brings its addresses, each with its version."""
    document = encoding.host_create(INSIDE[0], ID)
    addresses = [(node.get("ip"), node.text) for node in document.iter(f"{{{HOST}}}addr")]
    assert addresses == [("v4", "192.0.2.1"), ("v6", "2001:db8::1")]


def test_an_update_says_what_to_add_and_what_to_take_away() -> None:
    """Each value of a change stands on its own side, and a side with nothing on it is left out."""
    add, rem = (changed(EVERYTHING).find(f".//{{{DOMAIN}}}{part}") for part in ("add", "rem"))
    assert add is not None
    assert rem is not None
    assert texts(add, "hostObj") == ["ns1.example.test"]
    assert [node.get("s") for node in add.iter(f"{{{DOMAIN}}}status")] == sorted(REGISTRAR_LOCK)
    assert texts(rem, "hostObj") == ["ns1.example.net", "ns2.example.net"]
    assert [node.get("s") for node in rem.iter(f"{{{DOMAIN}}}status")] == ["clientHold"]
    assert texts(changed(Difference(remove_nameservers=OUTSIDE)), "add") == []


def test_an_update_names_servers_as_the_registry_keeps_them() -> None:
    """Where name servers are attributes they are added and removed with the addresses they have."""
    as_attributes = changed(EVERYTHING, nameservers="attributes")
    assert texts(as_attributes, "hostName") == ["ns1.example.test", "ns1.example.net", "ns2.example.net"]
    assert texts(as_attributes, "hostAddr") == ["192.0.2.1", "2001:db8::1"]
    assert texts(as_attributes, "hostObj") == []
