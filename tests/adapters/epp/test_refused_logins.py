"""Questions that a registry does not answer because it refuses us: staff learn that it is ours to mend, not an outage."""

from collections.abc import Callable
from typing import Any

import pytest

from registrar.commands import Kind, Nameserver, Update
from registrar.gateway import Gateway, GatewayUnavailableError, Standing
from registrar.outcomes import BlockCause, Blocked, NotSent
from registrar.secrets import Secret
from tests.adapters.epp.calls import NAME, PASSWORD, call_with
from tests.adapters.epp.conftest import Connect
from tests.adapters.epp.house import House
from tests.adapters.epp.scripted import DOMAIN
from tests.adapters.epp.test_gateway import answers, closes, logs_in_with, seen_as

UPDATE = Update(NAME, nameservers=(Nameserver("ns1.example.net"),))

READS: dict[str, Callable[[Gateway], object]] = {
    "message": lambda gateway: gateway.next_message(call_with()),
    "acknowledgement": lambda gateway: gateway.acknowledge("77", call_with()),
    "inspection": lambda gateway: gateway.inspect(call_with()),
}


def cause_of_every_question(gateway: Gateway) -> set[BlockCause | None]:
    """Look and read in every way, of which none may succeed, and return what each is said to be due to."""
    causes = set()
    for kind in Kind:
        seen = gateway.look(NAME, kind, call_with())
        assert (seen.standing, seen.ours) == (Standing.UNKNOWN, None)
        assert seen.reason
        assert not seen.reason.startswith("the look")
        causes.add(seen.blocked)
    for read in READS.values():
        with pytest.raises(GatewayUnavailableError, match=r"\w") as refusal:
            read(gateway)
        causes.add(refusal.value.blocked)
        assert PASSWORD not in repr(refusal.value)
    return causes


@pytest.mark.parametrize("code", [2200, 2201, 2501, 2307, 2306, 2999])
def test_every_question_after_a_refused_login_is_ours_to_mend(connect: Connect, code: int) -> None:
    """When our login is refused a look, a message and an inspection say so, as an order does."""
    gateway, _registry = connect(logs_in_with(code))
    assert cause_of_every_question(gateway) == {BlockCause.CREDENTIALS}
    seen = gateway.look(NAME, Kind.RENEW, call_with())
    assert seen.reason == f"the login was refused: {code} no ***"
    assert seen.reply
    assert seen.reply.result_code == str(code)
    assert PASSWORD not in repr(seen)


@pytest.mark.parametrize(
    ("offer", "settings"),
    [
        ({"objects": (DOMAIN,)}, {}),
        ({}, {"required": ["urn:ietf:params:xml:ns:epp:fee-1.0"]}),
        ({"server_id": "Another"}, {"expected_server_id": "Example Registry"}),
        ({}, {"password": Secret("a planted password of some length")}),
    ],
)
def test_a_registry_that_is_not_as_configured_answers_no_question(
    connect: Connect, offer: dict[str, Any], settings: dict[str, object]
) -> None:
    """A server that is not the one we were told about is ours to mend, whatever we ask."""
    gateway, registry = connect(lambda peer: peer.greet(**offer), **settings)
    assert cause_of_every_question(gateway) == {BlockCause.CREDENTIALS}
    assert registry.received == []


@pytest.mark.parametrize("code", [2400, 2500, 2502])
def test_a_login_that_is_put_off_is_an_outage(connect: Connect, code: int) -> None:
    """Too many sessions, or a registry in trouble, are nothing that staff have to mend."""
    gateway, _registry = connect(logs_in_with(code))
    assert cause_of_every_question(gateway) == {None}


def test_a_registry_that_is_away_is_an_outage(connect: Connect) -> None:
    """A registry that nobody reaches is not said to refuse us."""
    gateway, registry = connect(lambda peer: peer.connection.close())
    assert cause_of_every_question(gateway) == {None}
    registry.close()
    assert cause_of_every_question(gateway) == {None}


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (2200, BlockCause.CREDENTIALS),
        (2501, BlockCause.CREDENTIALS),
        (2104, None),
        (2201, None),
        (2400, None),
        (2500, None),
    ],
)
def test_a_question_may_be_refused_after_the_login_too(
    connect: Connect, code: int, cause: BlockCause | None
) -> None:
    """A registry that takes our rights away within a session is ours to mend; one in trouble is not."""
    gateway, _registry = connect(answers(lambda peer, request: peer.answer(request, code)))
    assert gateway.look(NAME, Kind.REGISTER, call_with()).blocked is cause
    for read in ("message", "acknowledgement"):
        with pytest.raises(GatewayUnavailableError, match=str(code)) as refusal:
            READS[read](gateway)
        assert refusal.value.blocked is cause


@pytest.mark.parametrize(("code", "cause"), [(2501, BlockCause.CREDENTIALS), (2400, None)])
def test_a_refused_query_of_a_transfer_tells_why(
    connect: Connect, code: int, cause: BlockCause | None
) -> None:
    """A look for a transfer that is refused half way tells whether we are the reason."""
    gateway, _registry = connect(answers(seen_as(1000, code)))
    seen = gateway.look(NAME, Kind.TRANSFER, call_with())
    assert (seen.standing, seen.blocked) == (Standing.UNKNOWN, cause)
    assert seen.reason == f"the registry answered the transfer query with {code} words"


def test_an_update_whose_look_is_refused_waits_for_us(connect: Connect) -> None:
    """An update that cannot look first is not sent; it waits for staff only if we are the reason."""
    refuses, _ = connect(answers(lambda peer, request: peer.answer(request, 2501)))
    refused = refuses.execute(UPDATE, call_with())
    assert isinstance(refused, Blocked)
    assert refused.cause is BlockCause.CREDENTIALS
    away, _ = connect(answers(closes))
    assert isinstance(away.execute(UPDATE, call_with()), NotSent)


# Against the sandbox registrar, in both of its dialects.


def test_a_wrong_password_shows_in_every_question(house: House) -> None:
    """With a wrong password staff read everywhere that our credentials are refused, and the password nowhere."""
    house.ready_for(Kind.RENEW)
    gateway = house.gateway(password=Secret("planted-wrong"))
    assert cause_of_every_question(gateway) == {BlockCause.CREDENTIALS}
    assert "planted" not in repr(gateway.look(NAME, Kind.RENEW, call_with()))


def test_a_missing_certificate_shows_in_every_question(house: House) -> None:
    """Where the registry wants our certificate and we have none, a look and a message say so."""
    gateway = house.gateway(client_certificate=None)
    if house.dialect.client_certificate:
        assert cause_of_every_question(gateway) == {BlockCause.CREDENTIALS}
    else:
        assert gateway.look(NAME, Kind.REGISTER, call_with()).blocked is None


def test_a_stopped_registry_is_an_outage(house: House) -> None:
    """A registrar that is switched off is not said to refuse us, even if our password is wrong."""
    gateway = house.gateway(password=Secret("planted-wrong"))
    house.stop()
    assert cause_of_every_question(gateway) == {None}
