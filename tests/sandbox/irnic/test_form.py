"""Is a request understood, and an answer written, as IRNIC does?"""

import http.client
import json
import os
import re
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import IrnicSandbox, mailed_pin
from adapters.sandbox.tls import Certificates
from tests.sandbox.irnic.desk import (
    DEPOSIT_CODE,
    EXPIRY,
    HOLDER,
    US,
    Reply,
    Reseller,
    amounts,
    journal,
    nameservers,
    port_of,
)

ROLES = ("holder", "admin", "tech", "bill")
REFERENCE = Path(os.environ.get("REGISTRAR_REFERENCE_DATA", "../shared/data"))


def test_frames_of_real_clients_are_understood(books: Books, reseller: Reseller) -> None:
    """Every frame recorded from two published IRNIC clients is answered as what it is."""
    recorded = REFERENCE / "irnic_frames" / "frames_sent_by_real_clients.json"
    if not recorded.exists():
        pytest.skip(f"no reference data at {REFERENCE}")
    frames = [frame["body"] for frame in json.loads(recorded.read_text())]
    books.add_domain("example.ir", expires_at=datetime(2027, 3, 2, 8, 0, tzinfo=UTC))

    codes = []
    for frame in frames:
        reply = reseller.post(re.sub(r"DEPOSIT-PW|(?<=pw>)TOKEN-1", DEPOSIT_CODE, frame))
        assert reply.attribute("//epp:clTRID/text()") == re.search("<clTRID>(.*)</clTRID>", frame)[1]  # type: ignore[index]  # each frame has one
        codes.append(reply.code)

    assert codes == [1000, 1001, 1000, 2304, 1000, 2304]
    assert [charge.months for charge in books.charges()] == [12]


def test_what_the_tests_send_is_valid_by_the_registrys_schema(
    sandbox: IrnicSandbox, books: Books, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox takes the frames that IRNIC's own schema takes; it asks for no other order of its own."""
    published = REFERENCE / "irnic_xsd" / "irnic.xsd"
    if not published.exists():
        pytest.skip(f"no reference data at {REFERENCE}")
    schema = etree.XMLSchema(etree.parse(published))
    reseller = Reseller(sandbox.url, str(certificates.authority))
    for name in ("ours.ir", "moved.ir", "left.ir"):
        books.add_domain(name, expires_at=EXPIRY)
    frames: list[str] = []
    post = reseller.post

    def record(frame: str, **limits: float) -> Reply:
        frames.append(frame)
        return post(frame, **limits)

    monkeypatch.setattr(reseller, "post", record)
    change = f"<domain:add>{nameservers('ns3.example.net')}</domain:add>"
    asked = [
        reseller.check("one.ir", "two.ir"),
        reseller.info("ours.ir"),
        reseller.create("new.ir"),
        reseller.update("ours.ir", change),
        reseller.renew("ours.ir", "2026-06-01"),
        reseller.check_contacts(HOLDER, US),
        reseller.contact("holder@example.org"),
        reseller.poll(),
        reseller.request_pin("moved.ir"),
        reseller.move("moved.ir", mailed_pin(books, "moved.ir"), **dict.fromkeys(ROLES, HOLDER)),
        reseller.delete("left.ir"),
        made := reseller.make_contact(),
        reseller.change_contact(made.attribute("//contact:creData/contact:id/text()"), city="Shiraz"),
    ]
    reseller.session.close()

    codes = [reply.code for reply in asked]
    assert codes == [1000, 1000, 1000, 1000, 1001, 1000, 1000, 1300, 1000, 1000, 1000, 1000, 1000]
    for frame in frames:
        schema.assertValid(etree.fromstring(frame.encode()))


def test_every_element_of_an_answer_names_its_namespace(reseller: Reseller) -> None:
    """IRNIC declares namespaces inline at every level, and so does its sandbox."""
    reply = reseller.check("free.ir")

    opening = re.findall(r"<([a-zA-Z][^\s/>]*)([^>]*)>", reply.text)
    assert len(opening) > 8
    assert all("xmlns" in attributes for _, attributes in opening)
    assert reply.text.startswith('<?xml version="1.0" encoding="UTF-8" standalone="no"?>')


def test_an_answer_echoes_our_id_and_adds_its_own(reseller: Reseller) -> None:
    """The server's id is IRNIC's form: the time in Tehran with its offset, and three letters."""
    reply = reseller.check("free.ir")

    assert reply.attribute("//epp:clTRID/text()") == "order-1"
    assert re.fullmatch(r"IRNIC_2026-01-10T12:30:00\+03:30_[a-z]{3}", reply.attribute("//epp:svTRID/text()"))


def test_a_wrong_token_is_http_401(books: Books, sandbox: IrnicSandbox, certificates: Certificates) -> None:
    """Without the right token nothing is done, and both HTTP and EPP say so."""
    stranger = Reseller(sandbox.url, str(certificates.authority), token="another")
    reply = stranger.create("new.ir")
    stranger.session.close()

    assert (reply.status, reply.code) == (401, 2200)
    assert amounts(books) == []
    assert journal(books) == [("domain:create", 2200)]


def test_a_wrong_deposit_code_is_2202(
    books: Books, sandbox: IrnicSandbox, certificates: Certificates
) -> None:
    """The deposit code is asked for in every command about a name or a contact, but not in a poll."""
    stranger = Reseller(sandbox.url, str(certificates.authority), deposit_code="6543210987654321")
    codes = [stranger.create("new.ir").code, stranger.contact(HOLDER).code, stranger.poll().code]
    stranger.session.close()

    assert codes == [2202, 2202, 1300]
    assert amounts(books) == []


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("<not-xml", 2001),
        ("", 2001),
        ('<!DOCTYPE epp [<!ENTITY x "y">]><epp xmlns="urn:ietf:params:xml:ns:epp-1.0"/>', 2001),
        ("<epp/>", 2000),
        ('<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command><hello/></command></epp>', 2000),
        ('<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command><logout/></command></epp>', 2101),
        ('<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command><poll op="ack"/></command></epp>', 2003),
        (
            '<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command><poll op="req"/><clTRID>ab</clTRID></command></epp>',
            2001,
        ),
        (
            (
                '<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command><info>'
                '<d:info xmlns:d="urn:ietf:params:xml:ns:domain-1.0"><d:name>a.ir</d:name></d:info></info></command></epp>'
            ),
            2001,
        ),
    ],
)
def test_a_document_that_is_no_command_is_refused(reseller: Reseller, frame: str, code: int) -> None:
    """What is not one of IRNIC's commands, in IRNIC's own namespaces, is refused by its form."""
    reply = reseller.post(frame)

    assert (reply.status, reply.code) == (200, code)
    assert reply.reason


NAME = "<domain:name>ours.ir</domain:name>"
FROM = "<domain:curExpDate>2026-06-01</domain:curExpDate>"
YEAR = '<domain:period unit="m">12</domain:period>'


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        pytest.param(f"{FROM}{NAME}{YEAR}", 2001, id="out of order"),
        pytest.param(f"{NAME}{FROM}{YEAR}{YEAR}", 2001, id="a period too many"),
        pytest.param(f"{NAME}{FROM}{YEAR}<domain:why/>", 2001, id="an unknown element"),
        pytest.param(f"{NAME}{FROM}", 2003, id="no period"),
        pytest.param(f"{NAME}<domain:curExpDate>soon</domain:curExpDate>{YEAR}", 2001, id="no date"),
        pytest.param(f'{NAME}{FROM}<domain:period unit="y">1</domain:period>', 2001, id="years"),
        pytest.param(f'{NAME}{FROM}<domain:period unit="m">24</domain:period>', 2004, id="two years"),
        pytest.param(f"<domain:name>ours.IR</domain:name>{FROM}{YEAR}", 2001, id="suffix in upper case"),
    ],
)
def test_a_renewal_must_be_written_as_the_schema_says(
    books: Books, reseller: Reseller, parts: str, code: int
) -> None:
    """Elements out of order, left out or of another form cost nothing."""
    books.add_domain("ours.ir", expires_at=EXPIRY)

    assert reseller.ask("domain", "renew", parts).code == code
    assert amounts(books) == []


@pytest.mark.parametrize(
    ("method", "path", "length", "status"),
    [
        ("POST", "/", "6", 404),
        ("POST", "/submit", "", 411),
        ("POST", "/submit", "40000000", 413),
        ("GET", "/submit", "0", 501),
    ],
)
def test_other_paths_and_lengths_are_refused_by_http(
    *, sandbox: IrnicSandbox, certificates: Certificates, method: str, path: str, length: str, status: int
) -> None:
    """Only POST /submit with a bearable length is served."""
    trusting = ssl.create_default_context(cafile=certificates.authority)
    connection = http.client.HTTPSConnection("127.0.0.1", port_of(sandbox), context=trusting, timeout=5)
    connection.putrequest(method, path)
    if length:
        connection.putheader("Content-Length", length)
    connection.endheaders()
    with connection.getresponse() as response:
        assert response.status == status
    connection.close()
