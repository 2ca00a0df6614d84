"""The EPP sandbox against published schemas and the recorded requests of another project."""

import contextlib
import os
from pathlib import Path

import pytest
from lxml import etree

from adapters.sandbox.epp import COM, LoginEvent
from adapters.sandbox.epp.answers import Answer, write_answer
from adapters.sandbox.epp.logins import Logins
from tests.sandbox.epp import client as epp
from tests.sandbox.epp.client import NS, Said
from tests.sandbox.epp.stage import CONTACTS, EXPIRY, Stage
from tests.sandbox.epp.test_redemption import LOGIN_SECURITY, NAME, NOTHING, REPORT, REQUEST, logged_in

REFERENCE = Path(os.environ.get("REGISTRAR_REFERENCE_DATA", Path(__file__).parents[4] / "shared" / "data"))


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    path = REFERENCE / "epp_xsd" / "epp.xsd"
    if not path.exists():
        pytest.skip("the published EPP schemas are not here: set REGISTRAR_REFERENCE_DATA to their folder")
    return etree.XMLSchema(etree.parse(path))


def test_all_answers_keep_to_the_published_schemas(stage: Stage, schema: etree.XMLSchema) -> None:
    """Every kind of answer is valid against the schemas of RFC 5730 to 5733."""
    stage.books.misbehave("pending", command="domain:renew", name="example.com")
    client, other = stage.client(), stage.client("other")
    said = [client.greeting]
    commands = [
        epp.check("example.com", "free.com", "Not A Name"),
        epp.create("new.com", CONTACTS, period=stage.period),
        epp.contact_create("zz-1"),
        f'<info><c:info xmlns:c="{NS["c"]}"><c:id>zz-1</c:id></c:info></info>',
        f'<check><c:check xmlns:c="{NS["c"]}"><c:id>zz-1</c:id><c:id>zz-2</c:id></c:check></check>',
        epp.host_create("ns1.example.net", "192.0.2.1"),
        f'<info><h:info xmlns:h="{NS["h"]}"><h:name>ns1.example.net</h:name></h:info></info>',
        f'<check><h:check xmlns:h="{NS["h"]}"><h:name>ns1.example.net</h:name></h:check></check>',
        epp.create("with.com", CONTACTS, period=stage.period),
        epp.create(
            "hosted.com",
            "<d:ns><d:hostObj>ns1.example.net</d:hostObj></d:ns>" + CONTACTS
            if stage.dialect.host_objects
            else "<d:ns><d:hostAttr><d:hostName>ns1.example.net</d:hostName></d:hostAttr></d:ns>",
            period=stage.period,
        ),
        epp.info("hosted.com"),
        epp.info("moving.com"),
        epp.info("moving.com", "2fooBAR"),
        epp.renew("example.com", "2027-01-31", stage.period),
        epp.info("example.com"),
        epp.transfer("moving.com", "wrong"),
        epp.transfer("moving.com", "2fooBAR"),
        epp.transfer("moving.com", op="query"),
        epp.transfer("example.com"),
        epp.domain("info", ""),
        epp.poll(),
    ]
    said += [client.ask(command) for command in commands]
    stage.clock.pass_by(3600)
    while (message := client.ask(epp.poll())).code == 1301:
        said += [message, client.ask(epp.acknowledge(message.one("//e:msgQ/@id")))]
    said += [message, other.ask(epp.poll()), other.ask("<frobnicate/>"), client.ask("<logout/>")]
    codes = {each.code for each in said[1:]}
    assert {1000, 1001, 1300, 1301, 1500, 2003, 2101, 2202} <= codes
    for each in said:
        schema.assertValid(each.root)


def test_what_extensions_add_keeps_to_the_published_schemas(stage: Stage, schema: etree.XMLSchema) -> None:
    """Grace periods, signers and login warnings are valid against the schemas of RFC 3915, 5910 and 8807."""
    stage.books.add_domain("signed.com", expires_at=EXPIRY, detail={"ds": [["12345", "13", "2", "A1B2C3D4"]]})
    client = logged_in(stage)
    said = [client.ask(epp.info("signed.com")), client.ask(epp.domain("delete", NAME))]
    said += [client.ask(epp.info("example.com")), client.ask(NOTHING, extension=REQUEST)]
    said += [client.ask(epp.info("example.com")), client.ask(NOTHING, extension=REPORT)]
    events = [
        LoginEvent("certificate", "soon", expires="2026-12-01T00:00:00Z"),
        LoginEvent("stat", "3", level="error"),
    ]
    logins = Logins({}, dialect=stage.dialect, session_cap=1, events=events)
    written = write_answer(
        Answer(1000, extensions=logins.warnings(frozenset({LOGIN_SECURITY}))),
        stage.dialect,
        client_transaction_id="test-1",
        server_transaction_id="SANDBOX-1",
    )
    for each in (*said, Said(written)):
        schema.assertValid(each.root)
    assert len(said[0].all("//*[local-name()='keyTag']")) == (stage.dialect is COM)


def _recorded_requests() -> list[Path]:
    folder = REFERENCE / "epp_frames"
    asked = [path for path in sorted(folder.glob("*.xml")) if b"<command>" in path.read_bytes()]
    return [path for path in asked if b"<login>" not in path.read_bytes()]


def test_recorded_requests_of_another_project_are_all_answered(com: Stage) -> None:
    """Whatever a stranger's client sends, each command gets an answer and the registrar stays up."""
    requests = _recorded_requests()
    if not requests:
        pytest.skip("the recorded frames are not here: set REGISTRAR_REFERENCE_DATA to their folder")
    codes = {}
    for path in requests:
        with contextlib.closing(com.client()) as client:
            client.write(path.read_text(encoding="utf-8"))
            codes[path.stem] = client.read().code
    assert 2400 not in codes.values()
    assert (codes["logout"], codes["poll"]) == (1500, 1300)
    assert (codes["host_create_fakesite"], codes["contact_create_jd1234"]) == (1000, 1000)
    assert com.client().ask(epp.check("example.com")).code == 1000
