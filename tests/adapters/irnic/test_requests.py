"""Every request as IRNIC wants it: valid against its own schema, and shaped as other clients' are."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from adapters.registrars.irnic import encoding
from registrar.commands import Nameserver
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


def _update(difference: Difference, name: DomainName = NAME) -> bytes:
    return encoding.update_domain(name, difference, deposit_code=CODE, transaction_id="ORDER-7-1")


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
