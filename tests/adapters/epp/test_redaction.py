"""What is kept of an exchange: everything that helps staff, and nothing that is secret or somebody's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from adapters.registrars.epp import encoding, session_documents
from adapters.registrars.epp.contacts import contact_create
from adapters.registrars.epp.reading import parse, read_greeting
from adapters.registrars.epp.redaction import LONGEST_TRANSCRIPT, secrets_in, transcript, without
from adapters.registrars.epp.settings import EppSettings
from registrar.commands import Contact, Expiry, Renew, Transfer
from registrar.secrets import Secret
from tests.adapters.epp.calls import NAME, PASSWORD, section
from tests.adapters.epp.scripted import CONTACT, DOMAIN, greeting, response

AUTH_CODE = "planted-<auth>&code"
PERSON = Contact(
    reference="customer-1",
    name="Planted Name",
    email="planted@example.net",
    street=("1 Planted Street", "Floor 2"),
    city="Plantedtown",
    country_code="IR",
    voice="+98.2112345678",
    organization="Planted Org",
    province="Plantedshire",
    postal_code="1234554321",
)
PERSONAL = [
    "Planted Name", "planted@example.net", "1 Planted Street", "Floor 2", "Plantedtown", "+98.2112345678", "Planted Org",
    "Plantedshire", "1234554321", ">IR<",
]  # fmt: skip


def settings(password: str = PASSWORD) -> EppSettings:
    return EppSettings.parse("example", section(700, Path("ca.pem"), password=Secret(password)))


@pytest.mark.parametrize("password", [PASSWORD, "a planted password of some length"])
def test_a_password_is_never_kept(password: str) -> None:
    """Our password at a registry appears in no record of a login."""
    offer = read_greeting(parse(greeting(extensions=("urn:ietf:params:xml:ns:epp:loginSec-1.0",)).encode()))
    login = session_documents.login(settings(password), offer, "T-1")
    assert password in etree.tostring(login, encoding="unicode")
    assert password not in transcript(login)
    assert password in secrets_in(login)
    assert "reseller-1" in transcript(login)


def test_an_auth_code_is_never_kept() -> None:
    """A customer's auth code appears in no record of a transfer."""
    document = encoding.spending_command(Transfer(NAME, 12, Secret(AUTH_CODE)), settings(), "T-1", {})
    kept = transcript(document)
    assert "planted" not in kept
    assert "example.test" in kept
    assert "T-1" in kept
    assert secrets_in(document) == {AUTH_CODE}


def test_a_persons_data_are_never_kept() -> None:
    """Of a contact only its id is kept: who they are and where they live is not."""
    document = contact_create(PERSON, "C-PLANTED", "T-1")
    raw, kept = etree.tostring(document, encoding="unicode"), transcript(document)
    assert [text for text in PERSONAL if text not in raw] == []
    assert [text for text in PERSONAL if text in kept] == []
    assert "C-PLANTED" in kept


def test_what_a_registry_shows_of_secrets_is_not_kept() -> None:
    """A registry shows a sponsor the auth code of a name and the data of a contact; we keep neither."""
    shown = response(
        1000,
        transaction_id="T-1",
        data="<domain:infData><domain:name>example.test</domain:name><domain:authInfo><domain:pw>planted-1</domain:pw>"
        "</domain:authInfo></domain:infData>"
        f'<c:infData xmlns:c="{CONTACT}"><c:id>C-1</c:id><c:voice x="planted-2">planted-3</c:voice>'
        "<c:unheard>planted-4</c:unheard></c:infData>",
    )
    kept = transcript(parse(shown.encode()))
    assert "planted" not in kept
    assert "example.test" in kept
    assert "C-1" in kept


def test_an_echo_of_a_secret_is_masked_wherever_it_stands() -> None:
    """A registry that repeats a secret in its words, its reasons or an attribute does not make us keep it."""
    document = encoding.spending_command(Transfer(NAME, 12, Secret(AUTH_CODE)), settings(), "T-1", {})
    code = AUTH_CODE.replace("&", "&amp;").replace("<", "&lt;")
    answer = response(
        2202,
        transaction_id="T-1",
        message=f"wrong code {code} given",
        inside=f'<value><o:echo xmlns:o="urn:example:o" was="{code}">it was <o:b/>{code}</o:echo></value>'
        f"<extValue><value><domain:pw>{code}</domain:pw></value><reason>{code}</reason></extValue>",
    )
    kept = transcript(parse(answer.encode()), secrets_in(document))
    assert "planted" not in kept
    assert "wrong code *** given" in kept
    assert without(f"bad {AUTH_CODE}", secrets_in(document)) == "bad ***"


def test_a_longer_secret_is_masked_before_a_part_of_it() -> None:
    """No half of a secret is left over because the other half was a secret too."""
    assert without("planted-long and planted", {"planted", "planted-long"}) == "*** and ***"


def test_what_is_sent_is_not_changed_by_keeping_it() -> None:
    """Masking the record of a request does not mask the request."""
    document = encoding.spending_command(Transfer(NAME, 12, Secret(AUTH_CODE)), settings(), "T-1", {})
    before = etree.tostring(document)
    transcript(document, ["example"])
    assert etree.tostring(document) == before


def test_a_command_without_secrets_is_kept_whole() -> None:
    """A renewal's record is the renewal, word for word."""
    document = encoding.spending_command(
        Renew(NAME, 12, Expiry(datetime(2026, 3, 1, tzinfo=UTC), "")), settings(), "T-1", {}
    )
    assert transcript(document) == etree.tostring(document, encoding="unicode")


def test_an_endless_answer_is_kept_in_part() -> None:
    """An answer of any size leaves a record of a bounded one."""
    kept = transcript(
        parse(
            f'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><x xmlns="{DOMAIN}">{"y" * 100_000}</x></epp>'.encode()
        )
    )
    assert LONGEST_TRANSCRIPT < len(kept) < LONGEST_TRANSCRIPT + 50
