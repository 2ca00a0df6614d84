"""Questions that IRNIC does not answer because it refuses our token or deposit code: ours to mend, not an outage."""

from collections.abc import Callable

import pytest

from adapters.sandbox.irnic import IrnicSandbox
from adapters.sandbox.tls import Certificates
from registrar.commands import Kind
from registrar.gateway import Call, Gateway, GatewayUnavailableError, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause
from registrar.secrets import Secret
from tests.adapters.irnic.conftest import DEPOSIT_CODE, TOKEN, Calls, WallClock
from tests.adapters.irnic.scripted import Script, ScriptedRegistry, http, refuses, says, wire

NAME = DomainName("example.ir", "ir")
QUESTIONS = ("look", "message", "acknowledgement", "deposit", "inspection")

REFUSALS: dict[str, Script] = {
    "HTTP 401": says(http(b"", status="401 Unauthorized")),
    "HTTP 403": says(http(b"<html/>", status="403 Forbidden")),
    "2200": refuses(2200),
    "2202": refuses(2202, "Invalid deposit code"),
    "2501": refuses(2501),
}
OUTAGES: dict[str, Script] = {
    "2104": refuses(2104, "Not enough credit"),
    "2201": refuses(2201),
    "2400": refuses(2400),
    "2500": refuses(2500),
    "2502": refuses(2502),
    "HTTP 429": says(http(b"", status="429 Too Many Requests")),
    "HTTP 500": says(http(b"", status="500 Internal Server Error")),
    "the night page": says(http(wire("night_page.html"))),
    "silence": says(b""),
}


def cause(question: str, gateway: Gateway, limits: Call) -> BlockCause | None:
    """Ask something that must not succeed, and return what its failure is said to be due to."""
    if question == "look":
        seen = gateway.look(NAME, Kind.RENEW, limits)
        assert (seen.standing, seen.ours) == (Standing.UNKNOWN, None)
        assert seen.reason
        assert not seen.reason.startswith("the look")
        return seen.blocked
    reads: dict[str, Callable[[Call], object]] = {
        "message": gateway.next_message,
        "acknowledgement": lambda limits: gateway.acknowledge("77001", limits),
        "deposit": gateway.deposit,
        "inspection": gateway.inspect,
    }
    with pytest.raises(GatewayUnavailableError, match=r"\w") as refusal:
        reads[question](limits)
    return refusal.value.blocked


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("script", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_of_our_credentials_is_ours_to_mend(
    script: Script, question: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """When our token or deposit code is refused, a look and every read say so, as an order does."""
    registry.scripts.append(script)
    assert cause(question, gateway, call()) is BlockCause.CREDENTIALS


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("script", OUTAGES.values(), ids=OUTAGES.keys())
def test_any_other_failure_is_an_outage(
    script: Script, question: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A gateway in trouble, and an empty deposit in answer to a question, are nothing to hold the registrar for."""
    registry.scripts.append(script)
    assert cause(question, gateway, call()) is None


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_gateway_that_is_away_or_closed_is_an_outage(
    question: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls, clock: WallClock
) -> None:
    """Neither a gateway that nobody reaches nor the nightly closure is said to refuse us."""
    registry.close()
    assert cause(question, gateway, call()) is None
    clock.at = clock.at.replace(hour=20)
    assert cause(question, gateway, call()) is None


def test_the_second_question_of_a_look_may_be_refused(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A look whose question about availability is refused says so too."""
    registry.scripts.extend([refuses(2303), refuses(2501)])
    assert cause("look", gateway, call()) is BlockCause.CREDENTIALS


# Against the sandbox registry.


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_wrong_token_shows_in_every_question(
    question: str,
    connect: Callable[..., Gateway],
    sandbox: IrnicSandbox,
    certificates: Certificates,
    call: Calls,
) -> None:
    """With a wrong token staff read everywhere that our credentials are refused."""
    gateway = connect(sandbox.url, ca_file=str(certificates.authority), token=Secret(f"{TOKEN}-wrong"))
    assert cause(question, gateway, call()) is BlockCause.CREDENTIALS


@pytest.mark.parametrize("question", ["look", "deposit", "inspection"])
def test_a_wrong_deposit_code_shows_in_the_questions_that_carry_it(
    question: str,
    connect: Callable[..., Gateway],
    sandbox: IrnicSandbox,
    certificates: Certificates,
    call: Calls,
) -> None:
    """With a wrong deposit code staff read that our credentials are refused; the queue is read without it."""
    wrong = Secret(DEPOSIT_CODE[::-1])
    gateway = connect(sandbox.url, ca_file=str(certificates.authority), deposit_code=wrong)
    assert cause(question, gateway, call()) is BlockCause.CREDENTIALS
    assert gateway.next_message(call()) is None


def test_a_stopped_sandbox_is_an_outage(
    connect: Callable[..., Gateway], sandbox: IrnicSandbox, certificates: Certificates, call: Calls
) -> None:
    """A registry that is switched off is not said to refuse us, even if our token is wrong."""
    gateway = connect(sandbox.url, ca_file=str(certificates.authority), token=Secret(f"{TOKEN}-wrong"))
    sandbox.stop()
    assert {cause(question, gateway, call()) for question in QUESTIONS} == {None}
