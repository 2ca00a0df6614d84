"""Who may use a gateway? Several threads at once, each with an order of its own; and after a close it works again."""

from concurrent.futures import ThreadPoolExecutor

from registrar.commands import Kind
from registrar.judging import Verdict
from registrar.outcomes import BlockCause, Blocked, Done, NotSent, Pending
from tests.contract.far_side import PATIENCE_SECONDS, FarSide, call_with

THREADS = 4


def test_threads_share_a_gateway(far: FarSide) -> None:
    """Orders of several threads at once are each carried out and charged once, and none gets another's answer."""
    trials = [far.trial(Kind.RENEW, f"name-{number}") for number in range(2 * THREADS)]
    far.gateway.inspect(call_with())
    with ThreadPoolExecutor(THREADS) as pool:
        sent = [pool.submit(far.gateway.execute, trial.command, call_with()) for trial in trials]
        outcomes = [future.result(PATIENCE_SECONDS) for future in sent]
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, Done | Pending)] == []
    assert sorted(charge.name for charge in far.charges()) == sorted(trial.name for trial in trials)


def test_a_closed_gateway_works_again_or_says_no(far: FarSide) -> None:
    """After a close the gateway opens anew, or refuses without having sent anything; twice is harmless."""
    first, second = far.trial(Kind.RENEW, "one"), far.trial(Kind.RENEW, "two")
    assert isinstance(far.execute(first.command), Done | Pending)
    far.gateway.close()
    far.gateway.close()
    outcome = far.execute(second.command)
    assert isinstance(outcome, Done | Pending | NotSent | Blocked), outcome
    if isinstance(outcome, NotSent | Blocked):
        assert far.charges(second.name) == []
        assert not isinstance(outcome, Blocked) or outcome.cause is BlockCause.REQUEST


def test_a_restart_of_ours_finds_everything(far: FarSide) -> None:
    """A new gateway knows nothing of the old one and needs nothing of it: a look finds what that one did."""
    trial = far.trial(Kind.RENEW)
    far.misbehave("drop_reply", Kind.RENEW)
    far.execute(trial.command)
    far.gateway.close()
    far.begin_anew()
    assert far.verdict(trial) in {Verdict.DID, Verdict.UNDER_WAY}


def test_no_transaction_id_is_used_twice(far: FarSide) -> None:
    """Each request that carries an id of ours carries one that was never used: a registry may hang up on a repeated one."""
    trial = far.trial(Kind.RENEW)
    call = call_with()
    far.execute(far.trial(Kind.REGISTER, "new").command, call)
    again = call_with()
    far.execute(trial.command, again)
    for kind in far.kinds:
        far.look(trial.command.domain, kind, call_with())
    used = [entry.transaction_id for entry in far.journal() if entry.transaction_id]
    assert len(used) == len(set(used))
    assert len(far.journal()) > 3
