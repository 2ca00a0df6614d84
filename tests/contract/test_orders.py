"""What does an order come to? Done with evidence and charged once, or refused for the reason that there is."""

from registrar.commands import Kind, Transfer
from registrar.gateway import Guard, Progress
from registrar.judging import Verdict, guard_expiry, moved_by_term
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
)
from registrar.secrets import Secret
from tests.contract.far_side import FarSide, until


def test_an_order_is_carried_out_and_charged_once(far: FarSide, kind: Kind) -> None:
    """An order that meets no trouble is carried out, a look shows it, and it is charged once."""
    trial = far.trial(kind)
    outcome = far.execute(trial.command)
    assert isinstance(outcome, Done | Pending), outcome
    if isinstance(outcome, Pending):
        assert outcome.blocked is None
        assert far.verdict(trial) is Verdict.UNDER_WAY
        far.decide(trial.name)
    until(lambda: far.verdict(trial) is Verdict.DID)
    assert [charge.command for charge in far.charges()] == [far.charge_word(kind)]
    assert len(far.spending(kind)) == 1


def test_a_renewal_that_is_done_tells_the_new_expiry(far: FarSide) -> None:
    """A renewal counts as done only with the date that the registrar has moved; it is the one that a look shows."""
    trial = far.trial(Kind.RENEW)
    outcome = far.execute(trial.command)
    if isinstance(outcome, Pending):
        far.decide(trial.name)
        until(lambda: far.verdict(trial) is Verdict.DID)
    seen = far.look(trial.command.domain, Kind.RENEW).expiry
    assert seen is not None
    assert moved_by_term(guard_expiry(trial.guard).at, seen.at, 12)
    if isinstance(outcome, Done):
        assert outcome.expiry == seen


def test_a_name_that_is_taken_is_refused(far: FarSide) -> None:
    """A name that somebody else has is refused, for nothing."""
    trial = far.trial(Kind.REGISTER)
    far.add_of_another(trial.command.domain)
    outcome = far.execute(trial.command)
    assert isinstance(outcome, Refused), outcome
    assert outcome.reason is RefusalReason.ALREADY_REGISTERED
    assert far.charges() == []


def test_a_name_that_is_not_there_cannot_be_renewed(far: FarSide) -> None:
    """A renewal of a name that does not exist, or is not ours, is refused, for nothing."""
    trial = far.trial(Kind.RENEW)
    with far.books.page() as page:
        page.remove(trial.name)
    outcome = far.execute(trial.command)
    assert isinstance(outcome, Refused), outcome
    clear = {RefusalReason.NOT_REGISTERED, RefusalReason.NOT_OURS}
    assert outcome.reason in clear or (outcome.reason is RefusalReason.NOT_RENEWABLE and outcome.confirm)
    assert far.charges() == []


def test_a_name_that_is_not_there_cannot_be_transferred(far: FarSide) -> None:
    """A transfer of a name that does not exist is refused, for nothing."""
    far.needs(Kind.TRANSFER in far.kinds, "transfer")
    trial = far.trial(Kind.TRANSFER)
    with far.books.page() as page:
        page.remove(trial.name)
    outcome = far.execute(trial.command)
    assert isinstance(outcome, Refused), outcome
    clear = {RefusalReason.NOT_REGISTERED}
    assert outcome.reason in clear or (outcome.reason is RefusalReason.NOT_TRANSFERABLE and outcome.confirm)
    assert far.charges() == []


def test_a_wrong_auth_code_is_the_customers_to_correct(far: FarSide) -> None:
    """A wrong auth code costs nothing and moves nothing; with the right one the name moves."""
    far.needs(Kind.TRANSFER in far.kinds, "transfer")
    far.needs("wrong auth code" not in far.why_not, "wrong auth code")
    trial = far.trial(Kind.TRANSFER)
    right = trial.command
    assert isinstance(right, Transfer)
    wrong = Transfer(right.domain, right.months, Secret("Planted-wrong-c0de"), contacts=right.contacts)
    outcome = far.execute(wrong)
    assert isinstance(outcome, Correctable), outcome
    assert outcome.needs is Correction.AUTH_INFO
    assert far.charges() == []
    assert isinstance(far.execute(right), Done | Pending)
    assert len(far.charges()) == 1


def test_an_empty_deposit_is_ours_to_fill(far: FarSide, kind: Kind) -> None:
    """With an empty deposit nothing is charged and nothing refused; after a top-up the order is carried out, once."""
    trial = far.trial(kind)
    far.empty_deposit()
    outcome = far.execute(trial.command)
    assert isinstance(outcome, Blocked | Pending), outcome
    assert far.charges() == []
    silent = f"empty deposit: {kind}"
    if isinstance(outcome, Pending):
        blamed = None if silent in far.why_not else BlockCause.DEPOSIT
        seen = far.look(trial.command.domain, kind)
        assert (outcome.blocked, seen.blocked) == (blamed, blamed), (outcome, seen)
        assert seen.progress.get(kind) is Progress.UNDER_WAY, seen
        far.books.top_up(far.balance)
        far.pay_what_was_saved(trial)
    else:
        assert outcome.cause is BlockCause.DEPOSIT
        far.books.top_up(far.balance)
        again = far.execute(trial.command)
        assert isinstance(again, Done | Pending), again
    until(lambda: far.verdict(trial) in {Verdict.DID, Verdict.UNDER_WAY} and len(far.charges()) == 1)
    far.needs(silent not in far.why_not, silent)


def test_refused_credentials_are_ours_to_mend(far: FarSide) -> None:
    """A registrar that refuses our credentials is asked once and not again and again; nobody is told of a refusal."""
    trial = far.trial(Kind.RENEW)
    before = len(far.journal())
    wrong = far.connect(**far.wrong_credentials)
    outcome = far.execute(trial.command, by=wrong)
    assert isinstance(outcome, Blocked), outcome
    assert outcome.cause is BlockCause.CREDENTIALS
    assert len(far.journal()) - before <= 1
    assert far.charges() == []


def test_a_request_at_fault_is_ours_to_mend(far: FarSide) -> None:
    """A request that the registrar calls wrong is held for staff; the customer is not told of a refusal."""
    trial = far.trial(Kind.RENEW)
    far.misbehave("refuse", Kind.RENEW, argument=far.at_fault)
    outcome = far.execute(trial.command)
    assert isinstance(outcome, Blocked), outcome
    assert outcome.cause is BlockCause.REQUEST
    assert far.charges() == []


def test_a_registrar_that_cannot_just_now_refuses_nothing(far: FarSide, kind: Kind) -> None:
    """Throttling and other failures that pass are never told to a customer as a refusal."""
    trial = far.trial(kind)
    far.misbehave("refuse", kind, argument=far.throttled)
    outcome = far.execute(trial.command)
    assert isinstance(outcome, Unknown | NotSent | Blocked), outcome
    assert far.charges() == []


def test_a_second_send_meets_the_guard(far: FarSide, kind: Kind) -> None:
    """Should an order go out twice, what guards it at the registrar stops the second; without a guard it is paid twice."""
    trial = far.trial(kind)
    far.misbehave("drop_reply", kind)
    assert isinstance(far.execute(trial.command), Unknown)
    if far.capabilities.guards[kind] is Guard.NONE:
        far.needs(f"second {kind}" not in far.why_not, f"second {kind}")
        far.books.misbehave("stale", times=1000)  # or a look of the adapter's own might save us
        assert isinstance(far.execute(trial.command), Done | Pending)
        assert len(far.charges()) == 2, "then there is a guard: declare it"
        return
    second = far.execute(trial.command)
    assert len(far.charges()) == 1
    assert isinstance(second, Refused | Unknown | Pending | NotSent), second
    assert not isinstance(second, Refused) or second.confirm, (
        "only a look may tell that it was not our own first one"
    )
