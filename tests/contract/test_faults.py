"""What does the wire do to an order? Whatever is lost, late, cut or nonsense, money is never spent twice nor thought unspent."""

import pytest

from registrar.commands import Kind
from registrar.gateway import GatewayUnavailableError, Standing
from registrar.judging import Verdict
from registrar.outcomes import Done, NotSent, Pending, Unknown
from tests.contract.far_side import FarSide, call_with, until
from tests.contract.faults import (
    CLOSED,
    CUT,
    DRIP,
    DROP_REPLY,
    DROP_REQUEST,
    FAIL_AFTER,
    FREEZE,
    GARBAGE,
    HTML,
    LATE,
    UNREACHABLE,
    Fault,
    faults,
)
from tests.contract.reads import READS

AFTER_THE_WORK = (DROP_REPLY, GARBAGE, CUT, FAIL_AFTER)
INSTEAD_OF_THE_WORK = (DROP_REQUEST, HTML, CLOSED)
UNANSWERED = (DROP_REPLY, DROP_REQUEST, GARBAGE, HTML, CLOSED, CUT, UNREACHABLE)


@faults(AFTER_THE_WORK)
def test_work_that_was_done_is_in_doubt_then_found(far: FarSide, kind: Kind, fault: Fault) -> None:
    """When the registrar did it and we did not hear so, the order is in doubt, a look finds it, and it is paid once."""
    trial = far.trial(kind)
    far.misbehave(fault.word, kind)
    outcome = far.execute(trial.command)
    assert isinstance(outcome, Unknown), outcome
    assert far.verdict(trial) in {Verdict.DID, Verdict.UNDER_WAY}
    assert [charge.command for charge in far.charges()] == [far.charge_word(kind)]
    assert len(far.spending(kind)) == 1


@faults(INSTEAD_OF_THE_WORK)
def test_work_that_was_not_done_is_in_doubt_then_absent(far: FarSide, kind: Kind, fault: Fault) -> None:
    """When the registrar never worked on it, the order is in doubt, a look shows its absence, and sent again it is paid once."""
    trial = far.trial(kind)
    far.misbehave(fault.word, kind)
    outcome = far.execute(trial.command)
    assert isinstance(outcome, Unknown | NotSent), outcome
    assert len(far.spending(kind)) == 1
    assert far.verdict(trial) is Verdict.ABSENT
    assert far.charges() == []
    again = far.execute(trial.command)
    assert isinstance(again, Done | Pending), again
    assert len(far.charges()) == 1


@faults((DRIP, LATE, FREEZE))
def test_no_answer_outlasts_the_deadline(far: FarSide, fault: Fault) -> None:
    """A registrar that drips, dawdles or freezes holds an order up no longer than its deadline, and a look tells the rest."""
    trial = far.trial(Kind.RENEW)
    far.misbehave(fault.word, Kind.RENEW, argument=3)
    outcome = far.execute(trial.command, call_with(seconds=1))
    assert isinstance(outcome, Unknown), outcome
    assert outcome.reply is None or outcome.reply.result_code is None, "nothing of the protocol was answered"
    expected = {Verdict.ABSENT} if fault is FREEZE else {Verdict.DID, Verdict.UNDER_WAY}
    assert far.verdict(trial) in expected
    assert len(far.charges()) == (fault is not FREEZE)


def test_work_that_lands_late_is_seen_by_a_later_look(far: FarSide) -> None:
    """What a registrar carries out after we gave up is absent at first and there later; it is paid once."""
    trial = far.trial(Kind.RENEW)
    far.misbehave("late_work", Kind.RENEW, argument=0.5)
    outcome = far.execute(trial.command)
    assert isinstance(outcome, Unknown), outcome
    until(lambda: far.verdict(trial) in {Verdict.DID, Verdict.UNDER_WAY})
    assert len(far.charges()) == 1


def test_a_registrar_that_cannot_be_reached_was_sent_nothing(far: FarSide, kind: Kind) -> None:
    """When no connection comes about, nothing was sent, and the network is told as the reason."""
    trial = far.trial(kind)
    far.stop()
    away = far.connect()
    outcome = far.execute(trial.command, by=away)
    assert isinstance(outcome, NotSent), outcome
    assert outcome.unreachable


def test_a_connection_that_died_in_between_costs_no_order(far: FarSide) -> None:
    """A registrar that restarts between two orders leaves no doubt about the second."""
    first, second = far.trial(Kind.RENEW, "one"), far.trial(Kind.RENEW, "two")
    assert isinstance(far.execute(first.command), Done | Pending)
    far.stop()
    far.start()
    outcome = far.execute(second.command)
    assert isinstance(outcome, Done | Pending), outcome
    assert len(far.charges()) == 2


@faults((DROP_REPLY, GARBAGE, HTML, CUT))
def test_a_step_before_the_order_that_fails_leaves_no_doubt(far: FarSide, fault: Fault) -> None:
    """When only a step before the registration is lost, nothing was ordered, and the next try carries it out once."""
    far.needs(far.first_step, "first step")
    trial = far.trial(Kind.REGISTER)
    far.books.misbehave(fault.word, command=far.first_step)
    outcome = far.execute(trial.command)
    assert isinstance(outcome, NotSent), outcome
    assert far.spending(Kind.REGISTER) == []
    assert isinstance(far.execute(trial.command), Done | Pending)
    assert len(far.charges()) == 1


@faults(UNANSWERED)
def test_a_look_that_fails_tells_nothing(far: FarSide, fault: Fault) -> None:
    """A name is never thought free, nor gone, because a look failed."""
    free, ours = far.named("free"), far.named("ours")
    far.add(ours)
    far.look(free)
    if fault is UNREACHABLE:
        far.stop()
    else:
        far.books.misbehave(fault.word, times=1000)
    for name in (free, ours):
        for kind in far.kinds:
            seen = far.look(name, kind)
            assert (seen.standing, bool(seen.reason)) == (Standing.UNKNOWN, True), seen


@faults((FREEZE, DRIP))
def test_a_look_does_not_outlast_its_deadline(far: FarSide, fault: Fault) -> None:
    """A look at a registrar that does not finish its answer ends with the call, and tells nothing."""
    far.books.misbehave(fault.word, times=1000)
    seen = far.look(far.named("free"), call=call_with(seconds=0.5))
    assert (seen.standing, bool(seen.reason)) == (Standing.UNKNOWN, True), seen


@faults((DROP_REQUEST, HTML, FREEZE, UNREACHABLE))
def test_a_read_that_fails_says_so(far: FarSide, fault: Fault) -> None:
    """Messages, deposit, statement and inspection that cannot be had are unavailable: none of them is thought empty."""
    if fault is UNREACHABLE:
        far.stop()
    else:
        far.books.misbehave(fault.word, times=1000)
    for read in READS:
        if read.asks(far):
            with pytest.raises(GatewayUnavailableError):
                read.of(far, call_with(seconds=0.5))
