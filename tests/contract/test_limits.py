"""Who decides when a request may leave? The lease before the one that spends, the rate limit before every one."""

import pytest

from registrar.commands import Kind
from registrar.gateway import GatewayUnavailableError, Standing
from registrar.outcomes import NotSent
from tests.contract.far_side import RETRY_AFTER, FarSide, Pace, bounded, call_with
from tests.contract.reads import READS

MOST_REQUESTS = 20
"""More than any adapter needs for one order."""


def test_a_lease_that_ran_out_sends_nothing(far: FarSide, kind: Kind) -> None:
    """An order whose lease has run out leaves no trace at the registrar: whoever froze does not send late."""
    trial = far.trial(kind)
    before = len(far.spending(kind))
    outcome = far.execute(trial.command, call_with(expired=True))
    assert isinstance(outcome, NotSent), outcome
    assert not outcome.unreachable
    assert len(far.spending(kind)) == before
    assert far.charges() == []


def test_every_request_of_an_order_takes_a_turn(far: FarSide, kind: Kind) -> None:
    """Each request of an order, logins and preparations too, waits for its turn under the rate limit."""
    trial = far.trial(kind)
    gateway, pace, before = far.connect(), Pace(), len(far.journal())
    far.execute(trial.command, call_with(pace=pace), by=gateway)
    assert pace.taken >= len(far.journal()) - before > 0


def test_every_request_of_a_look_or_read_takes_a_turn(far: FarSide) -> None:
    """Looks, messages, the deposit, the statement and an inspection wait for their turns too."""
    ours = far.named("ours")
    far.add(ours)
    gateway, pace = far.connect(), Pace()
    for kind in far.kinds:
        far.look(ours, kind, call_with(pace=pace), by=gateway)
    for read in READS:
        read.of(far, call_with(pace=pace), by=gateway)
    bounded(lambda: gateway.acknowledge("4711", call_with(pace=pace)))
    assert pace.taken >= len(far.journal()) > 0


def test_a_turn_that_is_not_granted_sends_nothing(far: FarSide, kind: Kind) -> None:
    """Wherever the rate limit stops an order before it spends, nothing was sent, and it says when to come again."""
    trial = far.trial(kind)
    before = len(far.spending(kind))
    gateway = far.connect()
    for granted in range(MOST_REQUESTS):
        pace, seen = Pace(granted), len(far.journal())
        outcome = far.execute(trial.command, call_with(pace=pace), by=gateway)
        assert len(far.journal()) - seen <= granted
        if len(far.spending(kind)) > before:
            break
        assert isinstance(outcome, NotSent), outcome
        assert (outcome.retry_after, outcome.unreachable) == (RETRY_AFTER, False)
        assert far.charges() == []
    assert granted > 0
    assert not isinstance(outcome, NotSent), "it was sent"
    assert len(far.spending(kind)) == before + 1
    assert len(far.charges()) == 1


def test_a_look_without_a_turn_tells_when_to_look_again(far: FarSide) -> None:
    """A look that gets no turn tells nothing of the name, and when the next turn comes."""
    seen = far.look(far.named("free"), call=call_with(pace=Pace(0)))
    assert (seen.standing, seen.retry_after) == (Standing.UNKNOWN, RETRY_AFTER), seen
    assert far.journal() == []


def test_a_read_without_a_turn_is_unavailable(far: FarSide) -> None:
    """A read that gets no turn says so, and nothing is sent."""
    for read in READS:
        if read.asks(far):
            with pytest.raises(GatewayUnavailableError):
                read.of(far, call_with(pace=Pace(0)))
    assert far.journal() == []
