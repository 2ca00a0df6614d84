"""IRNIC's answers, and what only looks like one."""

import pytest
from lxml import etree

from adapters.registrars.irnic.elements import UnreadableError, domain, is_true
from adapters.registrars.irnic.reading import contact_permissions, domain_state, response
from registrar.names import DomainName
from tests.adapters.irnic.scripted import wire

NAME = DomainName("example.ir", "ir")


def test_prefixes_do_not_matter() -> None:
    """An answer is read by what its namespaces are, not by what they are called in it."""
    renamed = wire("info_ours.xml").replace(b"domain:", b"d:").replace(b"xmlns:domain", b"xmlns:d")
    assert domain_state(response(renamed), NAME).roid == "3863345"


def test_the_namespaces_of_the_rfc_are_others() -> None:
    """An answer in another registry's namespace tells nothing."""
    foreign = wire("info_ours.xml").replace(
        b"http://epp.nic.ir/ns/domain-1.0", b"urn:ietf:params:xml:ns:domain-1.0"
    )
    with pytest.raises(UnreadableError):
        domain_state(response(foreign), NAME)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_none_one_or_many(count: int) -> None:
    """One status is read like many, and none like one."""
    statuses = "".join(f'<domain:status s="status{number}"/>' for number in range(count))
    state = domain_state(response(wire("info_statuses.xml", statuses=statuses)), NAME)
    assert state.statuses == {f"status{number}" for number in range(count)}


@pytest.mark.parametrize("text", ["1", "true", " 1 "])
def test_true(text: str) -> None:
    """A true is written in two ways."""
    assert is_true(text)


@pytest.mark.parametrize("text", ["0", "false"])
def test_false(text: str) -> None:
    """The text 0 is a false."""
    assert not is_true(text)


@pytest.mark.parametrize("text", ["", None, "yes", "TRUE", "2"])
def test_neither(text: str | None) -> None:
    """What is neither true nor false is not guessed at."""
    with pytest.raises(UnreadableError):
        is_true(text)


def test_existing_means_available_at_irnic() -> None:
    """At IRNIC a handle that is *available* is one that exists."""
    checked = '<contact:cd><contact:id avail="1">AB123-irnic</contact:id></contact:cd>'
    assert contact_permissions(response(wire("contacts.xml", checked=checked)))["ab123-irnic"].exists


@pytest.mark.parametrize(
    "attack",
    [
        b'<!DOCTYPE epp SYSTEM "http://127.0.0.1:9/x.dtd">',
        b'<!DOCTYPE epp [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        b'<!DOCTYPE epp [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_a_document_type_is_refused(attack: bytes) -> None:
    """An answer that brings entities or a document type of its own is refused as a whole."""
    declaration, rest = wire("renew.xml").split(b"\n", 1)
    with pytest.raises(UnreadableError):
        response(declaration + attack + rest)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<epp/>",
        b"not xml",
        wire("renew.xml")[:-20],
        wire("renew.xml").replace(b'code="1001"', b""),
        wire("renew.xml").replace(b'code="1001"', b'code="1e3"'),
        wire("renew.xml").replace(b'code="1001"', "code='\u06f1\u06f0\u06f0\u06f1'".encode()),
        wire("renew.xml").replace(b"<result", b"<other", 1).replace(b"</result>", b"</other>", 1),
    ],
)
def test_what_is_no_answer(body: bytes) -> None:
    """What is not one whole EPP answer with one code is no answer."""
    with pytest.raises(UnreadableError):
        response(body)


def test_a_persian_name_is_recognised_in_either_form() -> None:
    """A Persian name is the same name as a U-label and as an A-label."""
    name = DomainName.parse("مثال.ایران", zones={"xn--mgba3a4f16a"})
    for spelling in (name.ascii, name.unicode, name.ascii.upper()):
        body = wire("info_ours.xml").replace(b">example.ir<", f">{spelling}<".encode())
        assert domain_state(response(body), name).roid == "3863345"


def test_index_and_note_have_no_namespace() -> None:
    """A queue message's own elements stand in no namespace, and our wire file keeps that."""
    root = etree.fromstring(wire("poll_notice.xml"))
    assert [element.tag for element in root.iter("index", "note")] == ["index", "note"]
    assert root.find(f".//{domain('index')}") is None
