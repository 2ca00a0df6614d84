"""When does the gateway log in? Once for all threads, again once when the token has run out, and never in a loop."""

import threading

import pytest

from registrar.commands import Kind
from registrar.gateway import Gateway, GatewayUnavailableError, Standing
from registrar.outcomes import BlockCause, Blocked, Done, NotSent, Unknown
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import (
    Script,
    ScriptedApi,
    answers,
    freezes,
    page,
    refuses,
    says,
)

LOGIN = "POST /auth/login"
RAN_OUT = [
    refuses(196, "authentication failed"),
    refuses(196, "authentication failed", status="200 OK"),
    refuses(1, "unauthorized", status="401 Unauthorized"),
    page("401 Unauthorized"),
]
RAN_OUT_IDS = ["196 under 500", "196 under 200", "401 with an envelope", "401 with a page"]
ACCEPTED = answers({"id": 4711, "status": "ACT"})


def test_one_login_serves_many_calls(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A token is fetched once and used until it is refused."""
    house.has_not(api)
    gateway.look(house.NAME, Kind.REGISTER, call())
    gateway.look(house.NAME, Kind.REGISTER, call())
    assert len(api.asked(LOGIN)) == 1
    assert {request.token for request in api.asked("GET /domains")} == {"token-1"}


@pytest.mark.parametrize("ran_out", RAN_OUT, ids=RAN_OUT_IDS)
def test_an_order_whose_token_ran_out_is_sent_again_in_the_same_attempt(
    gateway: Gateway, api: ScriptedApi, call: Calls, ran_out: Script
) -> None:
    """A token that ran out in the middle of a batch costs an order nothing: it was not carried out, and is sent again."""
    api.on("POST /domains", ran_out, ACCEPTED)
    assert isinstance(gateway.execute(house.register(), call()), Done)
    assert [request.token for request in api.asked("POST /domains")] == ["token-1", "token-2"]


def test_the_order_that_is_sent_again_asks_for_its_permit_again(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """After a login that took long, an order whose time is over is not sent a second time."""
    api.on(LOGIN, answers({"token": "token-1"}), freezes)
    api.on("POST /domains", RAN_OUT[0], ACCEPTED)
    outcome = gateway.execute(house.register(), call(seconds=0.6))
    assert isinstance(outcome, NotSent)
    assert len(api.asked("POST /domains")) == 1


@pytest.mark.parametrize("ran_out", RAN_OUT, ids=RAN_OUT_IDS)
def test_a_token_refused_as_soon_as_given_stops_the_registrar(
    gateway: Gateway, api: ScriptedApi, call: Calls, ran_out: Script
) -> None:
    """An account that is shut out is asked twice, never in a loop, and is then staff's."""
    api.on("POST /domains", ran_out)
    outcome = gateway.execute(house.register(), call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
    assert len(api.asked("POST /domains")) == 2


@pytest.mark.parametrize("code", [196, 308, 309, 900, 901, 902, 4002, 4003])
def test_a_refused_login_stops_the_registrar(
    gateway: Gateway, api: ScriptedApi, call: Calls, code: int
) -> None:
    """A wrong password is told at once, with no order sent."""
    api.on(LOGIN, refuses(code, "Authentication/Authorization Failed"))
    outcome = gateway.execute(house.register(), call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
    assert api.told() == []


def test_a_refused_login_is_told_by_a_look_and_by_a_read(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """Whoever asks learns that the credentials are the reason."""
    api.on(LOGIN, refuses(196, "no"))
    sighting = gateway.look(house.NAME, Kind.REGISTER, call())
    assert (sighting.standing, sighting.blocked) == (Standing.UNKNOWN, BlockCause.CREDENTIALS)
    with pytest.raises(GatewayUnavailableError) as caught:
        gateway.deposit(call())
    assert caught.value.blocked is BlockCause.CREDENTIALS


@pytest.mark.parametrize(
    "failing",
    [
        page(),
        says(b""),
        refuses(999, "failed"),
        answers({"no": "token"}),
        answers({"token": 7}),
        refuses(4005),
    ],
    ids=["page", "hangs up", "unclear", "no token", "no text", "maintenance"],
)
def test_a_login_that_fails_leaves_the_order_unsent(
    gateway: Gateway, api: ScriptedApi, call: Calls, failing: Script
) -> None:
    """Where no token is to be had, nothing of the order has left."""
    api.on(LOGIN, failing)
    assert isinstance(gateway.execute(house.register(), call()), NotSent)
    assert api.told() == []


def test_two_threads_whose_token_ran_out_log_in_once(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """When a token runs out under two orders at once, one logs in for both."""
    met = threading.Barrier(2, timeout=8)

    def ran_out_for_both(connection: object, request: object, ended: object) -> bool:
        met.wait()
        return RAN_OUT[0](connection, request, ended)  # type: ignore[arg-type]  # handed on as it came

    api.on("POST /domains", ran_out_for_both, ran_out_for_both, ACCEPTED)
    assert (
        gateway.look(house.NAME, Kind.REGISTER, call()).standing is Standing.UNKNOWN
    )  # fetches the first token
    outcomes: list[object] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(gateway.execute(house.register(), call())))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [type(outcome) for outcome in outcomes] == [Done, Done]
    assert len(api.asked(LOGIN)) == 2
    assert sorted(request.token for request in api.asked("POST /domains")) == [
        "token-1",
        "token-1",
        "token-2",
        "token-2",
    ]


def test_many_threads_without_a_token_log_in_once(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """Workers that start together share one login."""
    house.has_not(api)
    threads = [
        threading.Thread(target=lambda: gateway.look(house.NAME, Kind.REGISTER, call())) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(api.asked(LOGIN)) == 1
    assert len(api.asked("GET /domains")) == 6


def test_waiting_for_another_threads_login_ends_with_the_call(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """An order does not wait for a login longer than it may take itself."""
    api.on(LOGIN, freezes)
    first = threading.Thread(target=lambda: gateway.execute(house.register(), call(seconds=2)))
    first.start()
    outcome = gateway.execute(house.register(), call(seconds=0.3))
    first.join(10)
    assert isinstance(outcome, NotSent)
    assert api.told() == []


def test_each_request_takes_a_turn_logins_too(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """Openprovider's rate limit counts every request, and so do we."""
    house.has_not(api)
    gateway.look(house.NAME, Kind.REGISTER, call())
    assert call.turns == len(api.requests) == 3


def test_an_unclear_answer_is_not_sent_again(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """Only a refused token is a reason to send an order again; anything else is looked into."""
    api.on("POST /domains", page("503 Service Unavailable"), ACCEPTED)
    assert isinstance(gateway.execute(house.register(), call()), Unknown)
    assert len(api.asked("POST /domains")) == 1
