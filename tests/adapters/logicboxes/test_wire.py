"""What is proven when LogicBoxes stays silent: at every point where a call can break, for orders and what comes before."""

import socket
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
import trustme

from registrar.gateway import Call, CallExpiredError, Gateway, GatewayUnavailableError, Standing
from registrar.outcomes import BlockCause, Blocked, NotSent, Outcome, Pending, Unknown
from tests.adapters.logicboxes.conftest import Calls
from tests.adapters.logicboxes.scripted import (
    Request,
    Script,
    ScriptedRegistrar,
    answers,
    closes,
    drips,
    freezes,
    resets,
    says,
)
from tests.adapters.logicboxes.words import NAME, RENEWAL, details, order
from tests.adapters.scripted_https import http, server_context

ACCEPTED = http(b'{"description":"example.com","entityid":"84311819","actionstatus":"RFASent","eaqid":"1"}')
PREPARED = answers(details())
BREAKS: dict[str, Script] = {
    "closed without an answer": closes,
    "reset without an answer": resets,
    "cut in the status line": says(b"HTTP/1.1 2"),
    "cut in the body": says(ACCEPTED[:-10]),
    "cut in a body of unknown length": says(
        b"HTTP/1.1 200 OK\r\n\r\n" + ACCEPTED.partition(b"\r\n\r\n")[2][:-10]
    ),
    "malformed status line": says(b"HTTP/1.1 20018 OK\r\n\r\n{}"),
    "no HTTP at all": says(b"\x00\x00\x00\x20garbage"),
    "garbage": says(http(b"\xff\xfe\x00garbage")),
    "empty body": says(http(b"")),
    "a page": says(http(b"<html><body>maintenance</body></html>", content_type="text/html")),
    "a page with HTTP 500": says(http(b"<html/>", status="500 Internal Server Error")),
    "HTTP 500 that tells no error": answers({"status": "Success"}, status="500 Internal Server Error"),
    "HTTP 502": says(http(b"<html/>", status="502 Bad Gateway")),
    "HTTP 503": says(http(b'{"status":"ERROR","message":"Insufficient"}', status="503 Unavailable")),
    "HTTP 504": says(http(b"<html/>", status="504 Gateway Timeout")),
    "HTTP 429": says(http(b"", status="429 Too Many Requests")),
    "a redirect": says(
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://127.0.0.1/elsewhere\r\nContent-Length: 0\r\n\r\n"
    ),
    "too large": says(http(b" " * 4_100_000)),
}


@pytest.mark.parametrize("script", BREAKS.values(), ids=BREAKS.keys())
def test_what_breaks_after_the_first_byte_is_unknown(
    script: Script, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """Once a byte of the order has left, anything but the registrar's own answer means that it may have happened."""
    registrar.scripts += [PREPARED, script]
    outcome = gateway.execute(RENEWAL, call())
    assert isinstance(outcome, Unknown), outcome
    assert outcome.reply is not None
    assert outcome.reply.result_code is None
    assert registrar.commands == ["GET domains/details-by-name", "POST domains/renew"]


@pytest.mark.parametrize("script", BREAKS.values(), ids=BREAKS.keys())
def test_what_breaks_before_the_order_sends_nothing(
    script: Script, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """Where the question before an order gets no answer, the order itself was provably not sent."""
    registrar.scripts.append(script)
    outcome = gateway.execute(RENEWAL, call())
    assert isinstance(outcome, NotSent), outcome
    assert outcome.unreachable
    assert registrar.commands == ["GET domains/details-by-name"]


@pytest.mark.parametrize("script", BREAKS.values(), ids=BREAKS.keys())
def test_a_read_that_breaks_says_so(
    script: Script, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """A deposit that is not told is not guessed."""
    registrar.scripts.append(script)
    with pytest.raises(GatewayUnavailableError):
        gateway.deposit(call())


def test_how_long_to_wait_is_passed_on(gateway: Gateway, registrar: ScriptedRegistrar, call: Calls) -> None:
    """Where the registrar says that it is too much, and for how long, nobody asks again before."""
    registrar.scripts.append(
        says(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n")
    )
    outcome = gateway.execute(RENEWAL, call())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after == 120.0


def test_a_refused_connection_is_not_sent(connect: Callable[..., Gateway], call: Calls) -> None:
    """When nobody listens, the order was not sent and may be sent again."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    outcome = connect(f"https://127.0.0.1:{port}/api").execute(RENEWAL, call())
    assert isinstance(outcome, NotSent)
    assert outcome.unreachable


def test_an_unknown_authority_is_not_sent(connect: Callable[..., Gateway], call: Calls) -> None:
    """When the far side cannot prove who it is, neither the order nor our key reaches it."""
    impostor = ScriptedRegistrar(server_context(trustme.CA()), scripts=[PREPARED])
    try:
        outcome = connect(impostor.url).execute(RENEWAL, call())
    finally:
        impostor.close()
    assert isinstance(outcome, NotSent)
    assert impostor.requests == []


def test_a_lease_that_ran_out_sends_no_order(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """A worker that was frozen past its lease may ask, and sends no order when it wakes."""
    registrar.scripts.append(PREPARED)
    outcome = gateway.execute(RENEWAL, call(send_within=-1.0))
    assert isinstance(outcome, NotSent)
    assert not outcome.unreachable
    assert registrar.commands == ["GET domains/details-by-name"]


def test_every_request_waits_for_its_turn(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """The rate limit counts the questions before an order and the reading after it, too."""
    turns: list[float] = []
    registrar.scripts += [PREPARED, answers(order("RenewDomain", "Success")), PREPARED]
    gateway.execute(RENEWAL, replace(call(), wait_for_turn=turns.append))
    assert len(turns) == len(registrar.requests) == 3


@pytest.mark.parametrize("turns", [0, 1])
def test_no_turn_sends_no_order(
    turns: int, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """Where the rate limit lets an order wait too long, it is not sent, and it is known when to come again."""
    left = [None] * turns

    def limited(_: float) -> None:
        if not left:
            raise CallExpiredError("no turn within the call", retry_after=30.0)
        left.pop()

    registrar.scripts.append(PREPARED)
    outcome = gateway.execute(RENEWAL, replace(call(), wait_for_turn=limited))
    assert isinstance(outcome, NotSent)
    assert (outcome.retry_after, outcome.unreachable) == (30.0, False)
    assert len(registrar.requests) == turns


def test_a_look_without_a_turn_tells_when_to_come_again(gateway: Gateway, call: Calls) -> None:
    """A look that gets no turn tells nothing of the name, and when one will come."""

    def full(_: float) -> None:
        raise CallExpiredError("no turn within the call", retry_after=30.0)

    seen = gateway.look(NAME, RENEWAL.kind, replace(call(), wait_for_turn=full))
    assert (seen.standing, seen.retry_after) == (Standing.UNKNOWN, 30.0)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_refused_key_is_our_fault(
    status: str, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """When our key or address is refused, no customer's order is: it waits until we have put it right."""
    registrar.scripts += [PREPARED, says(http(b"<html/>", status=status))]
    outcome = gateway.execute(RENEWAL, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS


@pytest.mark.parametrize("script", [freezes, drips(ACCEPTED), drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)])
def test_the_deadline_holds_for_the_whole_call(
    script: Script, gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """An answer that never comes, or comes byte by byte, is given up when the call's time is over."""
    registrar.scripts += [PREPARED, script]
    limits = call(seconds=1.0)
    assert isinstance(gateway.execute(RENEWAL, limits), Unknown)
    assert limits.remaining() == 0.0


def test_a_success_whose_reading_back_has_no_time_left_is_followed(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """A success that could not be read back any more is neither done nor in doubt: it is followed."""
    registrar.scripts += [PREPARED, answers(order("RenewDomain", "Success")), freezes]
    assert isinstance(gateway.execute(RENEWAL, call(seconds=1.0)), Pending)


def test_two_threads_do_not_mix_their_answers(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """Two orders worked at the same time get each its own answer."""
    both_there = threading.Barrier(2, timeout=5)

    def by_name(connection: object, request: Request, ended: threading.Event) -> bool:
        both_there.wait()
        name = request.words["domain-name"][0]
        script = answers(details(domainname=name, endtime=str(1_803_945_000 + len(name))))
        return script(connection, request, ended)  # type: ignore[arg-type]  # the server's own connection

    registrar.scripts += [by_name, by_name]
    ends: dict[str, str] = {}

    def look(name: str) -> None:
        seen = gateway.look(replace(NAME, ascii=name), RENEWAL.kind, call())
        ends[name] = seen.expiry.text if seen.expiry else seen.reason

    threads = [threading.Thread(target=look, args=(name,)) for name in ("example.com", "another-name.com")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert ends == {"example.com": "1803945011", "another-name.com": "1803945016"}
    assert registrar.connections == 2


def test_the_order_is_under_the_permit_alone(
    gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """The lease is asked for once, right before the order, and for no question."""
    asked_after: list[int] = []
    limits = call()

    class Watched(Call):
        """A call that notes how many requests had arrived when its permit was asked."""

        def permit(self) -> None:
            asked_after.append(len(registrar.requests))
            Call.permit(self)

    registrar.scripts += [PREPARED, answers(order("RenewDomain", "RFASent"))]
    watched = Watched(limits.client_transaction_id, limits.send_by, limits.finish_by, limits.clock)
    outcome: Outcome = gateway.execute(RENEWAL, watched)
    assert isinstance(outcome, Pending)
    assert asked_after == [1]
