"""The wire's form: what is signed, what is read, and what is refused to be read."""

import hashlib
from dataclasses import replace

import pytest
from lxml import etree

from adapters.registrars.opensrs import encoding, envelope
from adapters.registrars.opensrs.envelope import Request, UnreadableError, UnsayableError, Value
from adapters.registrars.opensrs.settings import read_settings
from adapters.registrars.opensrs.signing import headers, signature
from registrar.commands import ContactRole
from registrar.gateway import Gateway
from registrar.outcomes import BlockCause, Blocked
from registrar.secrets import Secret
from tests.adapters.opensrs.conftest import KEY, USERNAME, Calls
from tests.adapters.opensrs.house import INVENTED, REGISTER
from tests.adapters.opensrs.scripted import ScriptedRegistrar, answers, reply

PERSIAN = replace(INVENTED, name="فلان فلانی", city="تهران", street=("خیابان نمونه",))


def test_the_digest_is_the_one_that_opensrs_gives_to_check_with() -> None:
    """Our digest agrees with the value that OpenSRS publishes for checking one's own client."""
    assert hashlib.md5(b"ConnecttoOpenSRSviaSSL").hexdigest() == "e787cc1d1951dfec4827cede7b1a0933"
    assert signature(b"", Secret("ConnecttoOpenSRSviaSSL")) == (
        hashlib.md5(b"e787cc1d1951dfec4827cede7b1a0933ConnecttoOpenSRSviaSSL").hexdigest()
    )


def test_a_signature_depends_on_every_byte() -> None:
    """The same XML in another encoding is another request."""
    key = Secret(KEY)
    assert signature("تهران".encode(), key) != signature("تهران".encode("utf-16"), key)
    assert headers(b"x", username="who", key=key)["X-Username"] == "who"


def test_persian_text_is_signed_as_it_is_sent(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A customer's Persian name and address arrive whole, under a signature that fits the very bytes received."""
    opensrs.on("SW_REGISTER", answers(250, id="3500001"))
    gateway.execute(replace(REGISTER, contacts=dict.fromkeys(ContactRole, PERSIAN)), call())
    sent = opensrs.requests[-1]
    inner = hashlib.md5(sent.body + KEY.encode()).hexdigest()
    assert sent.header("X-Signature") == hashlib.md5((inner + KEY).encode()).hexdigest()
    assert sent.header("X-Username") == USERNAME
    assert sent.header("Content-Type") == "text/xml"
    assert sent.items["attributes/contact_set/owner/first_name"] == "فلان"
    assert sent.items["attributes/contact_set/tech/city"] == "تهران"


def test_a_registration_in_opensrs_words(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A registration is carried out at once, without auto-renewal, and names everybody and every host."""
    opensrs.on("SW_REGISTER", answers(250, id="3500001"))
    gateway.execute(replace(REGISTER, months=24, privacy=True), call())
    sent = opensrs.last("SW_REGISTER")
    assert sent["protocol"] == "XCP"
    expected = {
        "domain": "example.com",
        "reg_type": "new",
        "period": "2",
        "handle": "process",
        "auto_renew": "0",
        "f_lock_domain": "1",
        "f_whois_privacy": "1",
        "custom_tech_contact": "1",
        "custom_nameservers": "1",
        "nameserver_list/0/name": "ns1.example.net",
        "nameserver_list/1/sortorder": "2",
        "contact_set/owner/first_name": "Invented",
        "contact_set/admin/last_name": "Person",
        "contact_set/billing/country": "IR",
        "contact_set/tech/phone": "+98.2155500000",
    }
    assert {key: sent[f"attributes/{key}"] for key in expected} == expected


def test_a_long_list_is_read_in_the_order_of_its_numbers() -> None:
    """The eleventh item of a list stands after the second, however the list is written."""
    keys = ["10", "2", "0", "1", "11", "9", "3", "4", "5", "6", "7", "8"]
    items = "".join(f'<item key="{key}">{key}</item>' for key in keys)
    listed = f'<item key="list"><dt_array>{items}</dt_array></item>'.encode()
    body = reply(200, mark="").replace(b'<item key="mark"></item>', listed)
    assert envelope.read(body).attributes["list"] == [str(number) for number in range(12)]


def test_what_is_written_can_be_read() -> None:
    """Texts, cards and lists come back as they were put."""
    attributes: dict[str, Value] = {"a": "1 < 2 & 3", "b": {"c": "ß"}, "d": ["x", {"e": "y"}]}
    written = envelope.written(Request("REPLY", "DOMAIN", attributes, domain="example.com"))
    block = written.replace(
        b'<item key="protocol">XCP</item>',
        b'<item key="protocol">XCP</item><item key="is_success">1</item><item key="response_code">200</item>',
    )
    assert envelope.read(block).attributes == attributes


GOOD = reply(200, "ok", a="b")
UNREADABLE = {
    "nothing": b"",
    "text": b"OK",
    "a page": b"<html><body>Service unavailable<br></body></html>",
    "a tidy page": b"<html><body>Service unavailable</body></html>",
    "cut": GOOD[:-20],
    "no code": GOOD.replace(b"response_code", b"response_cod"),
    "a code that is none": GOOD.replace(b">200<", b">2OO<"),
    "no success": GOOD.replace(b"is_success", b"is_successful"),
    "another protocol": GOOD.replace(b">XCP<", b">SPX<"),
    "a key twice": GOOD.replace(b'key="response_text"', b'key="response_code"'),
    "an array without numbers": reply(200, a=["b"]).replace(b'<item key="0">b', b'<item key="x">b'),
    "an item without a key": GOOD.replace(b'<item key="a">', b"<item>"),
    "two blocks in one item": GOOD.replace(b">b<", b"><dt_assoc/><dt_assoc/><"),
    "something else in an item": GOOD.replace(b">b<", b"><b/><"),
    "an entity from a file": GOOD.replace(
        b'SYSTEM "ops.dtd"', b'[<!ENTITY x SYSTEM "file:///etc/hostname">]'
    ).replace(b">b<", b">&x;<"),
    "an entity that grows": GOOD.replace(b'SYSTEM "ops.dtd"', b'[<!ENTITY x "xxxx">]'),
    "an undeclared entity": GOOD.replace(b">b<", b">&x;<"),
    "too much": GOOD.replace(b">b<", b">" + b"b" * envelope.MAX_ANSWER_BYTES + b"<"),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_envelope_is_not_read(body: bytes) -> None:
    """A page, a cut answer or a trap in XML is told from an answer."""
    with pytest.raises(UnreadableError):
        envelope.read(body)


def test_the_document_type_is_named_and_not_fetched() -> None:
    """OpenSRS names a document type in its answers; reading one needs neither file nor network."""
    assert b'SYSTEM "ops.dtd"' in GOOD
    assert envelope.read(GOOD).attributes == {"a": "b"}


def test_a_text_that_xml_has_no_place_for_is_not_sent(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A control character in an address stops the order here, in words, before anything is sent."""
    odd = dict.fromkeys(ContactRole, replace(INVENTED, city="In\x00vented"))
    outcome = gateway.execute(replace(REGISTER, contacts=odd), call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.REQUEST
    assert "SW_REGISTER" not in opensrs.asked
    with pytest.raises(UnsayableError):
        envelope.written(Request("GET", "DOMAIN", {"a": "\x0b"}))


def test_requests_are_well_formed() -> None:
    """What we send is a document that any reader of XML takes."""
    settings = read_settings(
        "opensrs",
        {"username": "u", "api_key": Secret("k"), "reg_username": "profile", "reg_password": Secret("p")},
    )
    people = dict.fromkeys(ContactRole, PERSIAN)
    root = etree.fromstring(envelope.written(encoding.register(REGISTER, settings, people)))
    assert root.tag == "OPS_envelope"
    assert root.findtext("header/version") == "0.9"
