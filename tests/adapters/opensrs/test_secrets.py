"""Nothing that must stay secret is in anything that the adapter hands back."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape

import pytest

from adapters.registrars.opensrs.redacting import MASK, Redactor
from registrar.commands import ContactRole, Kind
from registrar.gateway import Call, Gateway, GatewayUnavailableError
from registrar.outcomes import Pending
from registrar.secrets import Secret
from tests.adapters.opensrs.conftest import KEY, REG_PASSWORD, Calls
from tests.adapters.opensrs.house import AUTH_CODE, COMMANDS, INVENTED, NAME, REGISTER, TRANSFER, all_info
from tests.adapters.opensrs.scripted import Script, ScriptedRegistrar, answers, http, reply, says

MARKED = "planted<&>code"
"""A secret that looks different once it stands in XML."""
ALWAYS = (KEY, REG_PASSWORD, "invented@example.net")
TOLD = ("Inventedtown", "Invented Street", "+98.2155500000")
PEOPLE: dict[str, Any] = {
    "contact_set": {"owner": {"first_name": "Invented", "address1": "1 Invented Street"}}
}
WAYS = {
    "in a text": lambda echo: answers(465, echo),
    "in an attribute": lambda echo: answers(400, "x", echo=echo, domain_auth_info=AUTH_CODE, **PEOPLE),
    "in a transaction id": lambda echo: says(http(reply(400).replace(b"2026-22-11", escape(echo).encode()))),
    "in a page": lambda echo: says(http(f"<html><br>{echo}".encode())),
    "in a cut envelope": lambda echo: says(http(reply(200, echo, **PEOPLE)[:-30])),
    "in an error page": lambda echo: says(http(f"<html>{echo}</html>".encode(), status="401 No")),
    "in a status line": lambda echo: says(f"HTTP/1.1 {echo}\r\n\r\n".encode()),
    "in a success": lambda echo: answers(200, echo, id="3500001"),
}
"""How OpenSRS may repeat to us what it was told."""


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("code", [AUTH_CODE, MARKED])
def test_what_an_order_told_in_confidence_is_not_handed_back(
    *,
    way: Callable[[str], Script],
    code: str,
    gateway: Gateway,
    opensrs: ScriptedRegistrar,
    call: Calls,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Even if OpenSRS repeats an auth code, our key or a person to us, no outcome and no log shows them."""
    caplog.set_level(logging.DEBUG)
    opensrs.on("SW_REGISTER", way(" ".join([code, *ALWAYS, *TOLD])))
    transfer = replace(TRANSFER, auth_info=Secret(code))
    shown = f"{gateway.execute(transfer, call())!r} {caplog.text}"
    for secret in (code, escape(code), *ALWAYS, *TOLD):
        assert secret not in shown


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_our_own_secrets_are_in_nothing_that_is_handed_back(
    way: Callable[[str], Script],
    gateway: Gateway,
    opensrs: ScriptedRegistrar,
    call: Calls,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever is asked and however OpenSRS answers, our key and password stay ours."""
    caplog.set_level(logging.DEBUG)
    for asked in ("SW_REGISTER", "RENEW", "REDEEM", "GET all_info", "GET_BALANCE", "GET domain_auth_info"):
        opensrs.on(asked, way(" ".join(ALWAYS)))
    handed_back = [repr(gateway.execute(command, call())) for command in COMMANDS.values()]
    handed_back.append(repr(gateway.look(NAME, Kind.RENEW, call())))
    reads: tuple[Callable[[Call], object], ...] = (
        gateway.deposit,
        lambda call: gateway.auth_info(NAME, call),
    )
    for read in reads:
        try:
            handed_back.append(repr(read(call())))
        except GatewayUnavailableError as error:
            handed_back.append(f"{error!r} {error.__cause__!r}")
    shown = " ".join([*handed_back, caplog.text, repr(gateway), repr(vars(gateway))])
    for secret in (*ALWAYS, AUTH_CODE):
        assert secret not in shown


def test_the_secrets_were_on_the_wire(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """What is hidden from us was told to OpenSRS, except the key itself."""
    opensrs.on("SW_REGISTER", answers(250, id="3500001"))
    outcome = gateway.execute(TRANSFER, call())
    sent = opensrs.requests[-1]
    assert AUTH_CODE.encode() in sent.body
    assert REG_PASSWORD.encode() in sent.body
    assert KEY not in sent.head
    assert KEY.encode() not in sent.body
    assert isinstance(outcome, Pending)
    transcript = outcome.reply.transcript
    assert "SW_REGISTER" in transcript
    assert "3500001" in transcript
    assert f'"auth_info">{MASK}<' in transcript
    assert "X-Signature" not in transcript


def test_a_national_id_stays_with_us(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """OpenSRS asks for no national id, so it is not sent."""
    opensrs.on("SW_REGISTER", answers(250, id="3500001"))
    person = replace(INVENTED, national_id=Secret("0013542419"))
    gateway.execute(replace(REGISTER, contacts=dict.fromkeys(ContactRole, person)), call())
    assert all(b"0013542419" not in request.body for request in opensrs.requests)


def test_people_of_a_look_are_masked(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A look's transcript keeps the dates and none of the people."""
    opensrs.on("GET all_info", all_info(**PEOPLE))
    sighting = gateway.look(NAME, Kind.REGISTER, call())
    assert sighting.reply is not None
    assert "2027-03-01" in sighting.reply.transcript
    assert "Invented" not in sighting.reply.transcript


@pytest.mark.parametrize("make", [lambda text: text.encode(), lambda text: f"<a>{text}</a>".encode()])
def test_transcripts_are_bounded(make: Callable[[str], bytes]) -> None:
    """A huge answer does not become a huge transcript."""
    request = reply(200)
    shown = Redactor([Secret("planted")]).exchange(request, make("planted " * 50_000))
    assert len(shown) <= 40_000
    assert "planted" not in shown
