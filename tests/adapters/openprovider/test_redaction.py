"""Is anything secret, or anybody's, kept of what went over the wire? Planted texts are searched for in all that is shown."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from registrar.commands import ContactRole, Kind
from registrar.gateway import Gateway, GatewayUnavailableError
from registrar.secrets import Secret
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import Script, ScriptedApi, answers, refuses, says, sends
from tests.adapters.scripted_https import http

TOKEN = "planted-token-beef"
PLANTED = (
    house.PASSWORD,
    house.AUTH_CODE,
    TOKEN,
    "Planted",
    "planted.person",
    "234567",
    "1234 AB",
)
ECHO = f"{house.PASSWORD} {house.AUTH_CODE} {TOKEN} Planted Person planted.person@example.org"


def assert_clean(*shown: Any, known: str = "") -> None:
    """Insist that nothing planted stands in anything of this, but for what this order was never told."""
    text = json.dumps([str(part) + repr(part) for part in shown], ensure_ascii=False)
    assert [planted for planted in PLANTED if planted != known and planted in text] == []


@pytest.fixture
def careless(api: ScriptedApi) -> ScriptedApi:
    """A platform that repeats whatever it was told."""
    api.on("POST /auth/login", answers({"token": TOKEN}))
    api.on(
        "GET /customers",
        answers({"results": [{"handle": "A", "name": {"last_name": "Planted"}}], "total": 1}),
    )
    api.on("POST /customers", answers({"handle": "XX000009-XX", "address": {"street": "Planted Street 12"}}))
    return api


@pytest.mark.parametrize(
    "answer",
    [
        answers(
            {"id": 4711, "status": "ACT", "auth_code": house.AUTH_CODE, "owner": {"full_name": "Planted"}}
        ),
        refuses(311, ECHO),
        refuses(311, "no", warnings=[{"code": 1, "desc": ECHO}]),
        sends(http(f"<html>{ECHO}</html>".encode(), status="502 Bad Gateway", content_type="text/html")),
        says(f"HTTP/1.1 {ECHO}\r\n\r\n".encode()),
        says(ECHO.encode()),
        refuses(311, "no", extra={"comments": ECHO, "history": [ECHO], "deep": [{"phone": "234567"}]}),
    ],
)
def test_an_orders_outcome_shows_no_secret_and_nobody(
    gateway: Gateway,
    careless: ScriptedApi,
    call: Calls,
    caplog: pytest.LogCaptureFixture,
    answer: Script,
) -> None:
    """Whatever comes back, nothing that is kept shows a secret, or the person that the order is for."""
    caplog.set_level(logging.DEBUG)
    careless.on("POST /domains", answer)
    careless.on("POST /domains/transfer", answer)
    contacts = {ContactRole.REGISTRANT: house.PERSON}
    registered = gateway.execute(house.register(contacts=contacts), call())
    transferred = gateway.execute(house.transfer(contacts=contacts), call())
    assert_clean(registered, gateway.warnings(), caplog.text, known=house.AUTH_CODE)
    assert_clean(transferred)


def test_the_transcript_keeps_what_staff_need(gateway: Gateway, careless: ScriptedApi, call: Calls) -> None:
    """What is masked is what is secret: the name, the codes and the servers can be read."""
    careless.on("POST /domains/transfer", refuses(317, "no code"))
    outcome: Any = gateway.execute(house.transfer(nameservers=house.SERVERS), call())
    for part in (
        "POST /domains/transfer",
        '"name": "example"',
        "ns1.example.net",
        '"auth_code": "***"',
        "317",
    ):
        assert part in outcome.reply.transcript


def test_looks_and_reads_show_no_secret(gateway: Gateway, careless: ScriptedApi, call: Calls) -> None:
    """What a look or a read keeps of a failed question is as clean."""
    careless.on("GET /domains", refuses(999, ECHO.replace(house.AUTH_CODE, "")))
    sighting = gateway.look(house.NAME, Kind.REGISTER, call())
    careless.on("GET /resellers", refuses(999, ECHO.replace(house.AUTH_CODE, "")))
    with pytest.raises(GatewayUnavailableError) as caught:
        gateway.deposit(call())
    for planted in (house.PASSWORD, TOKEN, "planted.person"):
        assert planted not in f"{sighting!r} {caught.value!r}"


def test_an_auth_code_stands_in_no_kept_answer(gateway: Gateway, careless: ScriptedApi, call: Calls) -> None:
    """A name's code that Openprovider shows unasked with every look is kept nowhere."""
    house.has(careless, house.details(auth_code=house.AUTH_CODE, internal_auth_code=house.AUTH_CODE))
    careless.on("POST /domains/#/renew", refuses(325, "renewed"))
    assert house.AUTH_CODE not in repr(gateway.execute(house.renew(), call()))
    assert house.AUTH_CODE not in repr(gateway.look(house.NAME, Kind.REGISTER, call()))


def test_a_refused_login_shows_no_password(
    connect: Callable[..., Gateway], api: ScriptedApi, call: Calls
) -> None:
    """A password with marks that JSON writes in its own way is found in every form."""
    odd = 'plan"ted\\pässwörd'
    api.on("POST /auth/login", refuses(196, f"user with {odd} unknown"))
    outcome = connect(api.url, password=Secret(odd)).execute(house.register(), call())
    assert odd not in repr(outcome)
    assert json.dumps(odd)[1:-1] not in repr(outcome)
    assert api.requests[0].content["password"] == odd


def test_a_transcript_has_an_end(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """An answer of megabytes does not fill the database."""
    api.on("POST /domains", refuses(311, "x" * 3_000_000), sends(http(b"y" * 3_000_000)))
    for _ in range(2):
        outcome: Any = gateway.execute(house.register(), call())
        assert len(outcome.reply.transcript) < 50_000
        assert len(outcome.reply.text) <= 2_000
