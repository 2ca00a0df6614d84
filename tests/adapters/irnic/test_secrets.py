"""Nothing that must stay secret is in anything that an adapter hands back."""

import logging
from collections.abc import Callable

import pytest

from adapters.registrars.irnic.redacting import MASK, Redactor
from registrar.commands import Kind
from registrar.gateway import Gateway, GatewayUnavailableError
from registrar.secrets import Secret
from tests.adapters.irnic.conftest import DEPOSIT_CODE, TOKEN, Calls
from tests.adapters.irnic.scripted import Script, ScriptedRegistry, answers, http, refuses, says, wire
from tests.adapters.irnic.test_outcomes import ALLOWED, CREATE, NAME, RENEW

ECHO = f"{DEPOSIT_CODE} {TOKEN} Bearer {TOKEN}"
ECHOES: dict[str, Script] = {
    "in a reason": refuses(2202, ECHO),
    "in a value": refuses(2306, "x", f"<pw>{DEPOSIT_CODE}</pw><x>{ECHO}</x>"),
    "in a page": says(http(f"<html><br>{ECHO} invented@example.net".encode())),
    "in a status line": says(f"HTTP/1.1 {ECHO}\r\n\r\n".encode()),
    "in an error page": says(http(f"<html>{ECHO}</html>".encode(), status="401 Unauthorized")),
    "nowhere": answers("renew.xml"),
}


@pytest.mark.parametrize("script", ECHOES.values(), ids=ECHOES.keys())
def test_secrets_are_in_nothing_that_is_handed_back(
    script: Script,
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Even if IRNIC repeats our token and deposit code to us, no outcome, look, error or log shows them."""
    caplog.set_level(logging.DEBUG)
    registry.scripts.extend([script, ALLOWED, script, script, script])
    handed_back = [
        repr(gateway.execute(RENEW, call())),
        repr(gateway.execute(CREATE, call())),
        repr(gateway.look(NAME, Kind.RENEW, call())),
    ]
    try:
        handed_back.append(repr(gateway.next_message(call())))
    except GatewayUnavailableError as error:
        handed_back.append(f"{error!r}")
    shown = " ".join([*handed_back, caplog.text, repr(gateway), repr(vars(gateway))])
    for secret in (TOKEN, DEPOSIT_CODE, "invented@example.net"):
        assert secret not in shown
    assert DEPOSIT_CODE.encode() in registry.requests[0].body
    assert f"Bearer {TOKEN}" in registry.requests[0].head


def test_people_are_masked_in_transcripts() -> None:
    """A contact's name, address, telephone and e-mail do not stay in a transcript."""
    shown = Redactor([]).document(wire("own_contact.xml", balance="1"))
    for part in ("Invented", "+98 21", "invented@example.net", "1000<"):
        assert part not in shown
    assert "re1234-irnic" in shown


@pytest.mark.parametrize(
    "make_document", [lambda text: text.encode(), lambda text: f"<a>{text}</a>".encode()]
)
def test_transcripts_are_bounded(make_document: Callable[[str], bytes]) -> None:
    """A huge answer does not become a huge transcript."""
    shown = Redactor([Secret("planted")]).document(make_document("planted " * 50_000))
    assert len(shown) <= 20_000
    assert "planted" not in shown
    assert MASK in shown
