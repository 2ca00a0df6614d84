"""What becomes of one order under each fault of the plan? The number in a test's name is the fault's.

After each story the far side's charges and our ledger agree, order by order, and nothing has ended nowhere.
"""

from datetime import timedelta

import pytest

from registrar import ledger
from registrar.commands import Expiry, Kind
from registrar.orders.placing import KeyReusedError
from registrar.orders.states import State
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correction,
    Done,
    NotSent,
    RefusalReason,
    Reply,
    Unknown,
)
from tests.core.conftest import EXPIRES
from tests.core.far_side import (
    LATE_LIMIT,
    LONG_LOOK,
    LOST_REPLY,
    LOST_REQUEST,
    OTHERS,
    US,
    Act,
    FarSide,
    correctable,
    late,
    pend,
    refuse,
)
from tests.core.story import MAY_BE_LEFT, PRICE, KilledError, Shop, at_once, disagreements, raises_once

KINDS = pytest.mark.parametrize(
    ("kind", "name"),
    [(Kind.RENEW, "mina.test"), (Kind.REGISTER, "free.test"), (Kind.TRANSFER, "sara.test")],
    ids=["renew", "register", "transfer"],
)


def ends(shop: Shop, order: int, state: State, *, charges: int) -> None:
    """Let everything happen that is due, and see how it ended."""
    shop.run()
    assert shop.state(order) == state
    kept = [charge for charge in shop.far.charges if not charge.refunded]
    assert len(kept) == charges
    assert disagreements(shop) == []


@KINDS
def test_01_killed_before_the_attempt_is_written(shop: Shop, kind: Kind, name: str) -> None:
    """A worker that dies before it wrote anything down has sent nothing, and another one takes the order up."""
    order = shop.place(kind, name)
    claimed = shop.claim(order)
    assert claimed is not None
    shop.look(claimed)
    shop.lease_runs_out(order)
    assert shop.state(order) == State.PLACED
    ends(shop, order, State.COMPLETED, charges=1)


@KINDS
def test_02_killed_after_the_attempt_is_written_before_it_is_sent(shop: Shop, kind: Kind, name: str) -> None:
    """A worker that dies between writing and sending leaves a doubt; two looks end it, and it is sent once more."""
    order = shop.place(kind, name)
    shop.begun(order)
    shop.lease_runs_out(order)
    assert shop.state(order) == State.UNRESOLVED
    ends(shop, order, State.COMPLETED, charges=1)
    assert shop.row(order).attempt_number == 2


@KINDS
def test_03_killed_in_the_middle_of_sending(shop: Shop, far: FarSide, kind: Kind, name: str) -> None:
    """Half a request, and then silence: nobody acted on it, and after two looks it is sent whole."""
    order = shop.place(kind, name)
    far.plan.append(LOST_REQUEST)
    shop.send(shop.begun(order))
    shop.lease_runs_out(order)
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 2


@KINDS
def test_04_done_and_the_reply_is_lost(shop: Shop, far: FarSide, kind: Kind, name: str) -> None:
    """When the registrar did it and the reply is lost, we find it by looking, and never send it again."""
    order = shop.place(kind, name)
    far.plan.append(LOST_REPLY)
    shop.work(order)
    assert shop.state(order) == State.UNRESOLVED
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 1


@KINDS
def test_05_killed_between_the_answer_and_its_record(shop: Shop, far: FarSide, kind: Kind, name: str) -> None:
    """An answer that was read and died with its worker is found again by looking."""
    order = shop.place(kind, name)
    shop.send(shop.begun(order))
    shop.lease_runs_out(order)
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 1


def test_06_killed_after_the_record_before_the_message_is_acknowledged(shop: Shop, far: FarSide) -> None:
    """A message that is delivered again after its order ended does nothing."""
    order = shop.place()
    shop.work(order)
    shop.work(order)
    shop.look_after(order)
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 1


@pytest.mark.parametrize(
    ("act", "end"), [(Act(), State.COMPLETED), (refuse(), State.REFUSED)], ids=["earned", "credited"]
)
def test_07_killed_between_the_money_and_the_order(
    shop: Shop, far: FarSide, monkeypatch: pytest.MonkeyPatch, act: Act, end: State
) -> None:
    """The order's end and its money are one commit: killed between them, neither has happened."""
    order = shop.place()
    far.plan.append(act)
    raises_once(monkeypatch, ledger, "earn" if end is State.COMPLETED else "credit")
    sending = shop.begun(order)
    outcome = shop.send(sending)
    with pytest.raises(KilledError):
        shop.settle(sending, outcome)
    assert shop.state(order) == State.SENDING
    far.plan.append(act)  # a refusal is met again when it is sent again
    ends(shop, order, end, charges=int(end is State.COMPLETED))


FREEZES = pytest.mark.parametrize("seconds", [10, 119, 121, 400])


@FREEZES
def test_08_frozen_before_the_attempt_is_written(shop: Shop, far: FarSide, seconds: int) -> None:
    """A worker that was frozen before it wrote anything finds that its claim is another's now."""
    order = shop.place()
    stale = shop.claim(order)
    assert stale is not None
    sighting = shop.look(stale)
    shop.clock.skip(seconds)
    shop.end_waiting(order)
    shop.work(order)
    sending = shop.begin(stale, sighting)
    if sending is not None:
        shop.settle(sending, shop.send(sending))
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 1


def test_08_frozen_while_another_looks(shop: Shop) -> None:
    """A claim that was lost is not begun on, even while its successor still looks."""
    order = shop.place()
    stale = shop.claim(order)
    assert stale is not None
    sighting = shop.look(stale)
    shop.lease_runs_out(order)
    successor = shop.claim(order)
    assert successor is not None
    assert shop.begin(stale, sighting) is None
    assert shop.state(order) == State.LOOKING
    assert shop.begin(successor, shop.look(successor)) is not None


@FREEZES
def test_08_frozen_before_sending(shop: Shop, far: FarSide, seconds: int) -> None:
    """A worker that was frozen before the first byte sends nothing once its lease is over."""
    order = shop.place()
    frozen = shop.begun(order)
    shop.clock.skip(seconds)
    shop.end_waiting(order)
    shop.settle(frozen, shop.send(frozen))
    assert len(far.received) == (1 if seconds < 120 else 0)
    ends(shop, order, State.COMPLETED, charges=1)


@pytest.mark.parametrize("hours", [0.2, 1, 30])
@pytest.mark.parametrize("kind", [Kind.RENEW, Kind.REGISTER])
def test_08_frozen_between_the_last_check_and_the_first_byte(
    shop: Shop, far: FarSide, kind: Kind, hours: float
) -> None:
    """The hole that is left: a request that leaves hours late meets the registry's own guard."""
    name = "mina.test" if kind is Kind.RENEW else "free.test"
    order = shop.place(kind, name)
    frozen = shop.begun(order)
    far.at(shop.clock.now + timedelta(hours=hours), lambda: shop.settle(frozen, shop.send_too_late(frozen)))
    shop.lease_runs_out(order)
    ends(shop, order, State.COMPLETED, charges=1)


@FREEZES
def test_08_frozen_before_the_answer_is_recorded(shop: Shop, far: FarSide, seconds: int) -> None:
    """An answer that is recorded late still counts, and is not sent again."""
    order = shop.place()
    frozen = shop.begun(order)
    outcome = shop.send(frozen)
    shop.clock.skip(seconds)
    shop.end_waiting(order)
    shop.settle(frozen, outcome)
    assert shop.state(order) == State.COMPLETED
    ends(shop, order, State.COMPLETED, charges=1)


def test_08_frozen_until_another_attempt_is_in_the_air(shop: Shop, far: FarSide) -> None:
    """An answer to an earlier attempt is kept as evidence and moves nothing of the later one."""
    order = shop.place()
    far.plan.append(refuse())
    frozen = shop.begun(order)
    refusal = shop.send(frozen)
    shop.lease_runs_out(order)
    while shop.state(order) != State.PLACED:
        shop.clock.skip(LATE_LIMIT)
        shop.look_after(order)
    second = shop.begun(order)
    done = shop.send(second)
    shop.settle(frozen, refusal)
    assert shop.state(order) == State.SENDING
    shop.settle(second, done)
    ends(shop, order, State.COMPLETED, charges=1)


def test_08_frozen_while_looking(shop: Shop, far: FarSide) -> None:
    """A look that is judged late moves nothing once the order stands elsewhere."""
    order = shop.place()
    far.plan.append(LOST_REPLY)
    shop.work(order)
    shop.clock.skip(LATE_LIMIT)
    plan = shop.plan_look(order)
    assert plan is not None
    sighting = shop.look(plan)
    shop.look_after(order)
    shop.conclude(plan, sighting)
    ends(shop, order, State.COMPLETED, charges=1)


def test_08_frozen_while_looking_until_another_attempt_is_in_doubt(shop: Shop, far: FarSide) -> None:
    """A look that was planned for an earlier attempt says nothing of the later one."""
    order = shop.place()
    far.plan.extend([LOST_REQUEST, LOST_REQUEST])
    shop.work(order)
    shop.clock.skip(LATE_LIMIT)
    plan = shop.plan_look(order)
    assert plan is not None
    sighting = shop.look(plan)
    while shop.row(order).attempt_number == 1:
        shop.clock.skip(LATE_LIMIT)
        shop.ring(order)
    before = shop.ask("SELECT count(*) FROM looks")
    shop.conclude(plan, sighting)
    assert shop.ask("SELECT count(*) FROM looks") == before
    ends(shop, order, State.COMPLETED, charges=1)


@KINDS
def test_09_timeout_and_not_done(shop: Shop, far: FarSide, kind: Kind, name: str) -> None:
    """A timeout behind which nothing happened is sent again, only after two looks."""
    order = shop.place(kind, name)
    far.plan.append(LOST_REQUEST)
    shop.work(order)
    ends(shop, order, State.COMPLETED, charges=1)
    assert shop.ask("SELECT count(*) FROM looks WHERE verdict = 'absent' AND counts") >= [(2,)]


@KINDS
def test_10_timeout_and_done(shop: Shop, far: FarSide, kind: Kind, name: str) -> None:
    """A timeout behind which it happened is not sent again."""
    order = shop.place(kind, name)
    far.plan.append(Act("now", Unknown("read timeout after 30 s")))
    shop.work(order)
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 1


@KINDS
@pytest.mark.parametrize("seconds", [1, 60, 600, 899])
def test_11_timeout_and_done_later(shop: Shop, far: FarSide, kind: Kind, name: str, seconds: int) -> None:
    """What lands within the registrar's declared time is found by the first look, and is not sent again."""
    order = shop.place(kind, name)
    far.plan.append(late(seconds))
    shop.work(order)
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 1


@KINDS
@pytest.mark.parametrize("hours", [0.3, 0.42, 1, 24, 72])
def test_11_done_later_than_declared(shop: Shop, far: FarSide, kind: Kind, name: str, hours: float) -> None:
    """What lands even later than the registrar declared meets the guard, or is found: one charge either way."""
    order = shop.place(kind, name)
    far.plan.append(late(hours * 3600))
    shop.work(order)
    ends(shop, order, State.COMPLETED, charges=1)


def test_12_server_error_after_it_was_done(shop: Shop, far: FarSide) -> None:
    """HTTP 500 proves nothing: it had happened, and a look finds it."""
    order = shop.place()
    far.plan.append(Act("now", Unknown("HTTP 500", Reply("500"))))
    shop.work(order)
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 1


@pytest.mark.parametrize("answer", ["HTTP 502", "an HTML page", "truncated JSON"])
@pytest.mark.parametrize("does", ["now", "never"])
def test_13_an_answer_that_is_none(shop: Shop, far: FarSide, answer: str, does: str) -> None:
    """What cannot be read says neither yes nor no: we look."""
    order = shop.place()
    far.plan.append(Act("now" if does == "now" else "never", Unknown(answer)))
    shop.work(order)
    assert shop.state(order) == State.UNRESOLVED
    ends(shop, order, State.COMPLETED, charges=1)


@pytest.mark.parametrize("retry_after", [None, 90.0])
def test_14_too_many_requests(shop: Shop, far: FarSide, retry_after: float | None) -> None:
    """Turned away at the door: the order waits as long as it is told, and no attempt is in doubt."""
    order = shop.place()
    far.plan.append(Act("never", NotSent("HTTP 429", retry_after)))
    shop.work(order)
    waits = shop.row(order).due_at - shop.clock.now
    assert waits == timedelta(seconds=retry_after or 60)
    shop.clock.skip(waits - timedelta(seconds=1))
    assert shop.claim(order) is None
    shop.clock.skip(1)
    ends(shop, order, State.COMPLETED, charges=1)


def test_15_refused_for_lack_of_funds(shop: Shop, far: FarSide) -> None:
    """An empty deposit puts the registrar on hold; topped up, the order goes on, and the customer lost nothing."""
    order, next_order = shop.place(), shop.place(Kind.REGISTER, "free.test")
    far.funds = 0
    shop.work(order)
    shop.work(next_order)
    assert len(far.received) == 1
    assert shop.ask("SELECT kind, times FROM findings WHERE closed_at IS NULL") == [("registrar_on_hold", 1)]
    far.at(shop.clock.now + timedelta(hours=3), lambda: setattr(far, "funds", 10))
    ends(shop, order, State.COMPLETED, charges=2)
    assert shop.ask("SELECT count(*) FROM findings WHERE closed_at IS NULL") == [(0,)]


def test_15_refused_as_premium(shop: Shop, far: FarSide) -> None:
    """A refusal of a first attempt is final: the whole price is credited in the same commit."""
    order = shop.place()
    far.plan.append(refuse(RefusalReason.POLICY))
    shop.work(order)
    assert shop.state(order) == State.REFUSED
    ends(shop, order, State.REFUSED, charges=0)
    assert shop.ask("SELECT balance FROM entries") == [(PRICE,)]


def test_15_refused_for_a_contact_and_corrected(shop: Shop, far: FarSide) -> None:
    """What the customer can put right waits for him, and is sent again."""
    order = shop.place(Kind.REGISTER, "free.test")
    far.plan.append(correctable(Correction.CONTACTS))
    shop.work(order)
    assert shop.row(order).turn == "customer"
    shop.correct(order, contacts={"registrant": {"handle": "ab123-test"}})
    ends(shop, order, State.COMPLETED, charges=1)


def test_15_refused_for_a_contact_and_not_corrected(shop: Shop, far: FarSide) -> None:
    """What the customer does not put right in time is refused and credited."""
    order = shop.place(Kind.REGISTER, "free.test")
    far.plan.append(correctable(Correction.CONTACTS))
    shop.work(order)
    ends(shop, order, State.REFUSED, charges=0)
    assert shop.row(order).ended_reason == RefusalReason.NOT_CORRECTED


def test_15_our_own_request_is_at_fault(shop: Shop, far: FarSide) -> None:
    """A fault of this order's own request stops this order only, and waits for staff."""
    order, next_order = shop.place(), shop.place(Kind.REGISTER, "free.test")
    far.plan.append(Act("never", Blocked(Reply("2001", "command syntax error"), BlockCause.REQUEST)))
    shop.work(order)
    ends(shop, next_order, State.COMPLETED, charges=1)
    assert (shop.state(order), shop.row(order).turn) == (State.HELD, "staff")


@pytest.mark.parametrize(("sponsor", "end"), [(US, State.COMPLETED), (OTHERS, State.REFUSED)])
def test_16_already_registered_at_the_second_call(shop: Shop, far: FarSide, sponsor: str, end: State) -> None:
    """`Already registered` after a silence may be about ourselves: a longer look says whose it is."""
    order = shop.place(Kind.REGISTER, "free.test")
    lands = late(LATE_LIMIT.total_seconds() + 1_000)
    far.plan.extend([lands if sponsor == US else LOST_REQUEST, refuse(RefusalReason.ALREADY_REGISTERED)])
    if sponsor == OTHERS:
        in_a_year = shop.clock.now + timedelta(days=365)
        far.at(shop.clock.now + timedelta(hours=1), lambda: far.own("free.test", in_a_year, sponsor=OTHERS))
    shop.work(order)
    ends(shop, order, end, charges=1 if sponsor == US else 0)


def test_17_ordered_against_another_expiry(shop: Shop, far: FarSide) -> None:
    """A renewal ordered against an expiry that is no longer true buys nothing, and is credited."""
    order = shop.place(expected_expiry="2025-04-10")
    shop.work(order)
    ends(shop, order, State.REFUSED, charges=0)
    assert (shop.row(order).ended_reason, far.received) == (RefusalReason.EXPIRY_CONFLICT, [])


@pytest.mark.parametrize("confirm", [True, False])
def test_17_renewed_by_somebody_between_look_and_sending(shop: Shop, far: FarSide, confirm: bool) -> None:
    """The registry refuses the expiry that was true a moment ago: one renewal was bought, not by us, and none by us."""
    order = shop.place()
    sending = shop.begun(order)
    far.own("mina.test", EXPIRES.replace(year=2027))
    far.plan.append(refuse(RefusalReason.EXPIRY_CONFLICT, confirm=confirm))
    shop.settle(sending, shop.send(sending))
    ends(shop, order, State.HELD if confirm else State.REFUSED, charges=0)


def test_17_the_registrar_says_done_and_the_date_stands_still(shop: Shop, far: FarSide) -> None:
    """`1000` with the old date proves nothing: it counts as silence until a look shows the new one."""
    order = shop.place()
    sending = shop.begun(order)
    shop.send(sending)
    shop.settle(sending, Done(Reply("1000"), Expiry(EXPIRES, EXPIRES.isoformat())))
    assert shop.state(order) == State.UNRESOLVED
    ends(shop, order, State.COMPLETED, charges=1)


@KINDS
def test_18_looks_show_the_past(shop: Shop, far: FarSide, kind: Kind, name: str) -> None:
    """A look that is 60 s behind does not prove an absence alone: the second one shows it."""
    far.stale_for = timedelta(seconds=60)
    order = shop.place(kind, name)
    far.plan.append(late(LATE_LIMIT.total_seconds() - 10))
    shop.work(order)
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 1


def test_19_a_look_gets_no_answer(shop: Shop, far: FarSide) -> None:
    """A look that fails says nothing; it is repeated, with longer and longer waits."""
    order = shop.place()
    far.plan.append(LOST_REPLY)
    shop.work(order)
    far.failing_looks = 5
    ends(shop, order, State.COMPLETED, charges=1)
    assert shop.ask("SELECT count(*) FROM looks WHERE verdict = 'look_failed'") == [(5,)]


def test_19_no_look_ever_gets_an_answer(shop: Shop, far: FarSide) -> None:
    """Where looking never succeeds staff are asked; nothing is sent and nothing is credited meanwhile."""
    order = shop.place()
    far.plan.append(LOST_REPLY)
    shop.work(order)
    far.failing_looks = 1_000
    ends(shop, order, State.HELD, charges=1)
    assert shop.ask("SELECT count(*) FROM findings WHERE closed_at IS NULL") == [(1,)]


def test_19_the_look_before_the_first_attempt_gets_no_answer(shop: Shop, far: FarSide) -> None:
    """Nothing is sent before a look has succeeded; the order waits and says why."""
    order = shop.place()
    far.failing_looks = 3
    shop.work(order)
    assert (shop.state(order), far.received) == (State.PLACED, [])
    ends(shop, order, State.COMPLETED, charges=1)


@pytest.mark.parametrize("kind", [Kind.REGISTER, Kind.RENEW])
def test_20_rejected_by_message_then_approved(shop: Shop, far: FarSide, kind: Kind) -> None:
    """A registrar that takes its rejection back is believed only when a look agrees."""
    order = shop.place(kind, "free.test" if kind is Kind.REGISTER else "mina.test")
    far.plan.append(pend("reject_then_approve"))
    shop.work(order)
    ends(shop, order, State.COMPLETED, charges=1)


def test_20_refused_and_yet_done(shop: Shop, far: FarSide) -> None:
    """A refusal that asks to be confirmed, of something that happened, credits nobody."""
    order = shop.place(Kind.REGISTER, "free.test")
    far.plan.append(Act("now", refuse(confirm=True).answer))
    shop.work(order)
    ends(shop, order, State.COMPLETED, charges=1)


@KINDS
@pytest.mark.parametrize("decides", ["approve", "reject"])
def test_20_accepted_and_decided_later(shop: Shop, far: FarSide, kind: Kind, name: str, decides: str) -> None:
    """What is accepted first and decided later is earned or credited by that decision."""
    order = shop.place(kind, name)
    far.plan.append(pend("approve" if decides == "approve" else "reject"))
    shop.work(order)
    assert shop.state(order) == State.PENDING
    approved = decides == "approve"
    ends(shop, order, State.COMPLETED if approved else State.REFUSED, charges=int(approved))


def test_20_rejected_after_an_earlier_silence(shop: Shop, far: FarSide) -> None:
    """Accepted, then rejected, after a first attempt of which nobody heard: the longer look comes before the credit."""
    order = shop.place(Kind.REGISTER, "free.test")
    far.plan.extend([LOST_REQUEST, pend("reject", days=1)])
    shop.run(days=1.5)
    assert shop.state(order) == State.PENDING
    ends(shop, order, State.REFUSED, charges=0)
    assert shop.row(order).state_since - shop.row(order).placed_at >= timedelta(days=1) + LONG_LOOK


def test_28_the_same_message_five_times(shop: Shop, far: FarSide) -> None:
    """A message that is delivered five times works its order once."""
    order = shop.place()
    for _ in range(5):
        shop.ring(order)
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 1


def test_40_the_portal_posts_the_same_order_ten_times_at_once(shop: Shop) -> None:
    """The same key posted ten times at once is one order, paid once."""
    orders = at_once(10, lambda _: shop.place(key="the-same"))
    assert len(set(orders)) == 1
    ends(shop, orders[0], State.COMPLETED, charges=1)
    assert shop.ask("SELECT count(*) FROM movements WHERE phase = 1") == [(1,)]


def test_41_the_same_key_with_another_body(shop: Shop) -> None:
    """A key that stands for another order is refused, and nothing is stored."""
    order = shop.place(key="the-same")
    with pytest.raises(KeyReusedError):
        shop.place(key="the-same", months=60)
    assert shop.ask("SELECT count(*) FROM orders") == [(1,)]
    ends(shop, order, State.COMPLETED, charges=1)


@pytest.mark.parametrize(
    ("act", "ended"),
    [
        (Act(), [State.COMPLETED, State.COMPLETED]),
        (LOST_REPLY, [State.COMPLETED, State.COMPLETED]),
        (LOST_REQUEST, [State.COMPLETED, State.COMPLETED]),
        (late(800), [State.COMPLETED, State.COMPLETED]),
        (refuse(), [State.COMPLETED, State.REFUSED]),
        (pend("approve", days=0.2), [State.COMPLETED, State.COMPLETED]),
        (pend("reject", days=0.2), [State.COMPLETED, State.REFUSED]),
    ],
    ids=["done", "reply lost", "request lost", "done late", "refused", "approved", "rejected"],
)
def test_42_two_orders_for_one_name(shop: Shop, far: FarSide, act: Act, ended: list[State]) -> None:
    """The second order for a name waits until the first has ended, whatever becomes of it."""
    orders = [shop.place(), shop.place(customer="customer-2")]
    far.plan.append(act)
    at_once(2, lambda number: shop.work(orders[number]))
    shop.run()
    assert sorted(map(shop.state, orders)) == ended
    assert disagreements(shop) == []


def test_42_two_registrations_of_one_name(shop: Shop) -> None:
    """Of two registrations of one name one is done, and the other is credited."""
    orders = [shop.place(Kind.REGISTER, "free.test", customer=f"customer-{number}") for number in range(2)]
    at_once(2, lambda number: shop.work(orders[number]))
    shop.run()
    assert sorted(map(shop.state, orders)) == [State.COMPLETED, State.REFUSED]
    assert disagreements(shop) == []


def test_43_the_balance_is_enough_for_one_of_two_orders(shop: Shop) -> None:
    """Two orders at once and money for one: one is placed, the other is refused and leaves no trace."""
    shop.top_up(PRICE + PRICE // 2)

    def try_to_place(number: int) -> int | None:
        try:
            return shop.place(Kind.REGISTER, f"name-{number}.test", payment={"source": "balance"})
        except ledger.InsufficientBalanceError:
            return None

    placed = [order for order in at_once(2, try_to_place) if order is not None]
    assert len(placed) == 1
    ends(shop, placed[0], State.COMPLETED, charges=1)
    assert shop.ask("SELECT count(*) FROM orders") == [(1,)]


@pytest.mark.parametrize("reason", ["name resolution failed", "TLS: certificate not trusted"])
def test_48_certainly_not_sent(shop: Shop, far: FarSide, reason: str) -> None:
    """When provably no byte left, the order is simply tried again; such outages use up no patience."""
    order = shop.place()
    far.plan.extend([Act("never", NotSent(reason))] * 20)
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 21


@KINDS
def test_49_eight_workers_on_one_order(shop: Shop, far: FarSide, kind: Kind, name: str) -> None:
    """Eight workers rung for the same order at the same instant send it once."""
    order = shop.place(kind, name)
    at_once(8, lambda _: shop.work(order))
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 1


def test_49_eight_workers_look_after_one_order(shop: Shop, far: FarSide) -> None:
    """Eight workers that resolve the same order at the same instants end it once."""
    order = shop.place()
    far.plan.append(LOST_REQUEST)
    shop.work(order)
    while shop.state(order) not in MAY_BE_LEFT:
        shop.clock.skip(LATE_LIMIT)
        at_once(8, lambda _: shop.ring(order))
    ends(shop, order, State.COMPLETED, charges=1)
    assert len(far.received) == 2
