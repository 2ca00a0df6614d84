"""Does it speak XCP: signed bytes in, an envelope out, lists by number, and nobody's secret kept?"""

import hashlib
import socket

import pytest
from lxml import etree

from adapters.sandbox.books import Books
from adapters.sandbox.opensrs import OpenSrsSandbox
from adapters.sandbox.opensrs.signature import Credentials, sign
from adapters.sandbox.tls import Certificates
from tests.sandbox.opensrs import shop as wire
from tests.sandbox.opensrs.shop import CODE, ELSEWHERE, EXPIRY, KEY, OLD, PASSWORD, USERNAME, Shop


def test_the_signature_is_the_one_that_opensrs_describes() -> None:
    """The digest agrees with the check value that OpenSRS gives out, and a signature is two of them."""
    phrase = "ConnecttoOpenSRSviaSSL"
    assert hashlib.md5(phrase.encode()).hexdigest() == "e787cc1d1951dfec4827cede7b1a0933"
    inner = hashlib.md5(b"<xml/>key").hexdigest()
    assert sign(b"<xml/>", "key") == hashlib.md5(f"{inner}key".encode()).hexdigest()
    assert (
        sign(b"ConnecttoOpenSRS", "viaSSL")
        == hashlib.md5(b"e787cc1d1951dfec4827cede7b1a0933viaSSL").hexdigest()
    )


def test_a_request_in_persian_is_signed_over_its_bytes(books: Books, shop: Shop) -> None:
    """Names of people go through as they were written, whatever their alphabet."""
    assert shop.register("new.example").code == 200

    owner = shop.info("new.example", "owner").attributes["contact_set"]["owner"]
    assert owner["first_name"] == "آزیتا"
    assert owner["org_name"] == "Example & Sons"


@pytest.mark.parametrize(
    ("username", "key", "signature"),
    [
        ("somebody-else", KEY, None),
        (USERNAME, "another key", None),
        (USERNAME, KEY, ""),
        (USERNAME, KEY, "0" * 32),
    ],
)
def test_what_is_not_signed_by_us_is_refused(
    *,
    books: Books,
    sandbox: OpenSrsSandbox,
    certificates: Certificates,
    username: str,
    key: str,
    signature: str | None,
) -> None:
    """Another name, another key or no signature is answered 401, and nothing is done."""
    shop = Shop(sandbox.url, str(certificates.authority), username=username, key=key)

    reply = shop.post(wire.document("SW_REGISTER", "DOMAIN", wire.order("new.example")), signature=signature)
    shop.session.close()

    assert (reply.status, reply.code, reply.succeeded) == (401, 401, False)
    assert books.domain("new.example") is None
    assert wire.journal(books) == [("domain:create", 401)]


def test_the_signature_is_over_the_exact_bytes(books: Books, shop: Shop) -> None:
    """One space more than was signed, and the request is somebody else's."""
    document = wire.document("LOOKUP", "DOMAIN", {"domain": "new.example"})

    assert shop.post(document, signature=wire.signed(document, KEY)).code == 210
    assert shop.post(document + b" ", signature=wire.signed(document, KEY)).status == 401


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<OPS_envelope>",
        b"<OPS_envelope/>",
        b"<html><body/></html>",
        wire.document("LOOKUP", "DOMAIN", {"domain": "new.example"}, protocol="TPP"),
        wire.document("EVERYTHING", "DOMAIN", {}),
        wire.document("LOOKUP", "BALANCE", {}),
        wire.document("LOOKUP", "DOMAIN", {"domain": "x"}).replace(
            b">x<", b"><dt_array><item>y</item></dt_array><"
        ),
    ],
)
def test_what_is_no_request_is_a_bad_command(books: Books, shop: Shop, document: bytes) -> None:
    """A document that asks for nothing known is answered 430, in an envelope."""
    reply = shop.post(document)

    assert (reply.status, reply.code, reply.succeeded) == (200, 430, False)
    assert wire.journal(books) == [("unreadable", 430)]


def test_no_entity_is_loaded_or_expanded(shop: Shop, books: Books) -> None:
    """A document that names a file gets nothing of it."""
    document = wire.document("LOOKUP", "DOMAIN", {"domain": "ENTITY"})
    document = document.replace(b'SYSTEM "ops.dtd"', b'[<!ENTITY e SYSTEM "file:///etc/hostname">]')

    reply = shop.post(document.replace(b"ENTITY</item>", b"&e;</item>"))

    assert reply.code == 465
    assert books.charges() == ()


def test_an_answer_is_an_envelope_with_a_document_type(shop: Shop) -> None:
    """Answers name OpenSRS's document type, say REPLY, and carry a transaction id that differs each time."""
    first, second = shop.lookup("new.example"), shop.lookup("new.example")

    tree = etree.fromstring(first.body)
    assert b'<!DOCTYPE OPS_envelope SYSTEM "ops.dtd">' in first.body
    assert tree.findtext("header/version") == "0.9"
    assert {key: first.block[key] for key in ("protocol", "action", "object")} == {
        "protocol": "XCP",
        "action": "REPLY",
        "object": "DOMAIN",
    }
    assert first.block["transaction_id"] != second.block["transaction_id"]


def test_a_long_list_is_numbered_and_not_in_order(books: Books, shop: Shop) -> None:
    """Twelve name servers come out of order; only by their numbers are they the list that was set."""
    books.add_domain("ours.example", expires_at=EXPIRY)
    hosts = [f"ns{number}.example.net" for number in range(12)]
    assert (
        shop.ask("ADVANCED_UPDATE_NAMESERVERS", domain="ours.example", op_type="assign", assign_ns=hosts).code
        == 200
    )

    reply = shop.info("ours.example", "nameservers")

    listed = etree.fromstring(reply.body).findall(".//dt_array/item")
    keys = [item.get("key", "") for item in listed]
    assert keys == ["9", "8", "7", "6", "5", "4", "3", "2", "11", "10", "1", "0"]
    assert [line["name"] for line in reply.attributes["nameserver_list"]] == hosts


def test_only_posts_are_served(sandbox: OpenSrsSandbox, shop: Shop) -> None:
    """A look in a browser gets no envelope."""
    assert shop.session.get(sandbox.url, timeout=5).status_code == 501


def test_the_name_may_stand_outside_the_attributes(shop: Shop) -> None:
    """Some clients name the domain beside the action; that is read too."""
    document = wire.document("LOOKUP", "DOMAIN", {})
    document = document.replace(
        b'<item key="object">', b'<item key="domain">New.Example</item><item key="object">'
    )

    assert shop.post(document).code == 210


def test_no_secret_is_kept_in_the_books(books: Books, shop: Shop) -> None:
    """Neither the key nor the registrant's password is written down, nor the code of a transfer before its time."""
    books.add_domain("theirs.example", expires_at=EXPIRY, created_at=OLD, sponsor=ELSEWHERE, auth_info=CODE)
    shop.register("new.example", handle="save")
    shop.transfer("theirs.example")

    with books.page() as page:
        order = page.last_operation("theirs.example")
        assert order is not None
        assert CODE not in str(dict(order.detail))
    kept = b"".join(path.read_bytes() for path in books.path.parent.glob("opensrs.sqlite*"))
    assert b"new.example" in kept
    assert KEY.encode() not in kept
    assert PASSWORD.encode() not in kept
    assert KEY not in repr(Credentials(USERNAME, KEY))


def test_a_client_that_does_not_shake_hands_stops_nobody(sandbox: OpenSrsSandbox, shop: Shop) -> None:
    """An open connection that says nothing keeps nobody waiting."""
    with socket.create_connection(("127.0.0.1", wire.port_of(sandbox))):
        assert shop.lookup("new.example").code == 210
