"""What must never be printed: the key, auth codes and people's data, whatever the far side does with them."""

import logging
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest

from registrar.commands import ContactRole, Update
from registrar.gateway import Gateway, GatewayUnavailableError
from registrar.secrets import Secret
from tests.adapters.logicboxes.conftest import API_KEY, Calls
from tests.adapters.logicboxes.scripted import (
    Request,
    Script,
    ScriptedRegistrar,
    answers,
    closes,
    fails,
    says,
)
from tests.adapters.logicboxes.test_orders import person_found
from tests.adapters.logicboxes.words import AUTH_CODE, MOVE, NAME, PERSON, available, details, order
from tests.adapters.scripted_https import http

HIDDEN = (
    API_KEY,
    AUTH_CODE,
    PERSON.name,
    PERSON.email,
    *PERSON.street,
    "2112345678",
    "1234567890",
)


def echoes(connection: object, request: Request, _: object) -> bool:
    """Answer with everything that was asked, as a page of an error may."""
    body = f"<html>{request.head} {request.body.decode()}</html>".encode()
    connection.sendall(http(body, status="502 Bad Gateway"))  # type: ignore[attr-defined]  # a socket
    return True


def quotes(connection: object, request: Request, _: object) -> bool:
    """Answer with an error that quotes every parameter, as the platform's validation does."""
    text = " ".join(f"{{{name}={value[0]} is invalid}}" for name, value in request.words.items())
    fails(text)(connection, request, None)  # type: ignore[arg-type]  # a scripted connection
    return True


def assert_hidden(*told: object) -> None:
    """Insist that nothing of what must be hidden stands in any text."""
    for text in map(str, told):
        for secret in HIDDEN:
            for form in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}:
                assert form not in text, text


WITH_PERSON = replace(MOVE, contacts={ContactRole.REGISTRANT: PERSON})
ENDS: dict[str, Script] = {
    "accepted": answers(order("AddTransferDomain", "RFASent", f"code {AUTH_CODE} of {PERSON.email}")),
    "echoed": echoes,
    "quoted": quotes,
    "silent": closes,
    "no JSON": says(http(f"auth {AUTH_CODE} key {API_KEY} {PERSON.email}".encode())),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
@pytest.mark.parametrize("step", [1, 2, 3])
def test_nothing_of_an_order_is_told(  # noqa: PLR0917 - what pytest hands in
    step: int,
    end: Script,
    gateway: Gateway,
    registrar: ScriptedRegistrar,
    call: Calls,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither key nor code nor person appears in an outcome, its transcript or a log, at whatever step it breaks."""
    caplog.set_level(logging.DEBUG)
    usual = [available("regthroughothers"), answers({"recsonpage": "0"}), answers(3003)]
    registrar.scripts += [*usual[:step], end, *([end] * 3)]
    outcome = gateway.execute(WITH_PERSON, call())
    assert len(registrar.requests) > step
    assert_hidden(outcome, repr(outcome), caplog.text)


def test_the_key_of_a_write_is_in_its_body_alone(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """An address is written into logs along the way, a body is not: a write carries its key there."""
    registrar.scripts += [answers(details()), answers("Success")]
    gateway.execute(Update(NAME, auth_info=Secret("a new planted code")), call())
    asked, sent = registrar.requests
    assert asked.words["api-key"] == sent.words["api-key"] == [API_KEY]
    assert API_KEY not in sent.head


def test_a_look_keeps_the_evidence_and_not_the_people(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """What a look keeps for staff tells dates and states, and nothing of the holder nor the auth code."""
    registrar.scripts.append(answers(details()))
    seen = gateway.look(NAME, MOVE.kind, call())
    assert seen.reply is not None
    assert "endtime" in seen.reply.transcript
    assert '"domsecret": "***"' in seen.reply.transcript
    assert_hidden(seen, repr(seen))


def test_a_search_keeps_no_person(gateway: Gateway, registrar: ScriptedRegistrar, call: Calls) -> None:
    """A person found among the contacts leaves no trace but a number."""
    registrar.scripts += [
        available("regthroughothers"),
        answers(person_found()),
        answers(order("AddTransferDomain", "RFASent")),
    ]
    assert_hidden(repr(gateway.execute(WITH_PERSON, call())))


@pytest.mark.parametrize("read", ["deposit", "auth_info", "inspect"])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_an_exception_tells_no_key(
    end: Script, read: str, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """An exception of a read says what is wrong, without the address that was asked."""
    reads: dict[str, Callable[[], object]] = {
        "deposit": lambda: gateway.deposit(call()),
        "auth_info": lambda: gateway.auth_info(NAME, call()),
        "inspect": lambda: gateway.inspect(call()),
    }
    registrar.scripts.append(end)
    with pytest.raises(GatewayUnavailableError) as caught:
        reads[read]()
    seen: list[BaseException] = [caught.value]
    while (cause := seen[-1].__cause__ or seen[-1].__context__) is not None:
        seen.append(cause)
    told = [text for error in seen for text in (str(error), repr(error))]
    assert not any(API_KEY in text for text in told)


def test_a_gateway_shows_nothing_of_its_settings(gateway: Gateway) -> None:
    """The gateway itself prints no key."""
    assert_hidden(repr(gateway), repr(vars(gateway)))
