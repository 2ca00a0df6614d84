"""Does each money mechanism carry its weight? A story in which only it stands between the fault and the money.

With the mechanism the far side's charges and our ledger agree; the same story without it, and they do not.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from registrar import ledger
from registrar.commands import Expiry
from registrar.gateway import Call
from registrar.migrations.ledger_rules import STATEMENTS
from registrar.money import Money
from registrar.orders import ending, resolving, working
from registrar.orders.states import State, read_locked
from registrar.orders.terms import Terms
from registrar.outcomes import Done, Outcome, Reply
from tests.core.conftest import EXPIRES
from tests.core.far_side import LATE_LIMIT, LOOK_GAP, LOST_REQUEST, Act, FarSide, late, refuse
from tests.core.story import PRICE, Shop, disagreements

WHOLE = ledger.Share(ledger.MAIN_LINE, ledger.CASH, Money(PRICE, "IRR"))


@dataclass(frozen=True)
class Mechanism:
    """A story, and how its mechanism is taken out."""

    name: str
    story: Callable[[Shop, FarSide], None]
    take_out: Callable[[Shop, pytest.MonkeyPatch], None]


def two_renewals_of_one_name(shop: Shop, far: FarSide) -> None:
    """The first is lost on the way; the second, if it may go ahead, is taken for the first."""
    orders = [shop.place(), shop.place()]
    far.plan.append(LOST_REQUEST)
    for order in orders:
        shop.work(order)


def without_slot(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two orders hold one name."""
    change(shop, "DROP INDEX uq_orders_slot")
    monkeypatch.setattr(working, "_slot_holder", lambda *_: None)


def two_workers_take_up_one_name(shop: Shop, far: FarSide) -> None:
    """Both asked who holds the name before either had it: what is left is the index."""
    with pytest.MonkeyPatch.context() as both_asked:
        both_asked.setattr(working, "_slot_holder", lambda *_: None)
        two_renewals_of_one_name(shop, far)


def without_index(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the question and take the index away."""
    change(shop, "DROP INDEX uq_orders_slot")


def landed_before_the_next_look(shop: Shop, far: FarSide) -> None:
    """The first attempt lands after two looks missed it, while the order waits for a worker."""
    far.plan.append(late(LATE_LIMIT.total_seconds() + LOOK_GAP.total_seconds() + 60))
    order = shop.place()
    shop.work(order)
    until_placed(shop, order)
    shop.clock.skip(120)
    shop.work(order)


def without_kept_guard(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the guard anew before each attempt, as the naive do."""
    monkeypatch.setattr(ending, "free_name_unless_in_doubt", lambda *_: {"slot": False, "guard": None})


def landed_unseen(shop: Shop, far: FarSide) -> None:
    """The first attempt has landed, and every look shows the past: what is left is the expiry that we send."""
    far.stale_for = timedelta(hours=2)
    far.plan.append(late(LATE_LIMIT.total_seconds() - 10))
    shop.place()


def without_guard_on_the_wire(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send whatever expiry is current right before renewing, which the registry cannot refuse."""

    def current(_: object) -> Expiry:
        known = shop.far.registration("mina.test")
        assert known is not None
        return Expiry(known.expires_at, known.expires_at.isoformat())

    monkeypatch.setattr(working, "guard_expiry", current)


def an_old_refusal_comes_late(shop: Shop, far: FarSide) -> None:
    """A worker wakes with the refusal of attempt 1 while attempt 2 is in the air, and done."""
    far.plan.append(refuse())
    frozen = shop.begun(shop.place())
    refusal = shop.send(frozen)
    shop.lease_runs_out(frozen.order_id)
    until_placed(shop, frozen.order_id)
    second = shop.begun(frozen.order_id)
    done = shop.send(second)
    shop.settle(frozen, refusal)
    shop.settle(second, done)


def without_attempt_number(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settle whichever attempt an answer belongs to."""

    def settle(
        connection: Connection, sent: working.Sending, outcome: Outcome, *, terms: Terms, now: Any
    ) -> None:
        order = read_locked(connection, sent.order_id)
        assert order is not None
        working._record_outcome(connection, sent.order_id, sent.number, outcome, now=now)
        if order.state in (State.SENDING, State.UNRESOLVED):
            working._apply(connection, order, sent, outcome, terms=terms, now=now)

    monkeypatch.setattr(working, "settle", settle)


def credited_twice(shop: Shop, far: FarSide) -> None:
    """Somebody credits a refused order again, past everything in the code."""
    order = shop.place()
    far.plan.append(refuse())
    shop.work(order)
    with suppress(DBAPIError), shop.database.transaction() as connection:
        ledger.credit(connection, order, "customer-1", WHOLE, bucket=ledger.CASH, now=shop.clock.now)


def earned_and_credited(shop: Shop, far: FarSide) -> None:
    """Somebody earns what was credited."""
    order = shop.place()
    far.plan.append(refuse())
    shop.work(order)
    with suppress(DBAPIError), shop.database.transaction() as connection:
        ledger.earn(connection, order, WHOLE, now=shop.clock.now)


def without_phase(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an order have several second phases."""
    if not shop.database.is_sqlite:
        change(shop, "ALTER TABLE movements DROP CONSTRAINT uq_movements_order_id_line_phase")
        return
    [(table,)] = shop.ask("SELECT sql FROM sqlite_master WHERE name = 'movements'")
    [trigger] = [rule for rule in STATEMENTS["sqlite"] if "TRIGGER movements_entries" in rule]
    lax = table.replace("UNIQUE (order_id, line, phase)", "CHECK (true)")
    assert lax != table
    with closing(sqlite3.connect(str(shop.database.url.database), isolation_level=None)) as connection:
        connection.execute(
            "PRAGMA legacy_alter_table = ON"
        )  # what points at the table goes on pointing at its name
        connection.execute("ALTER TABLE movements RENAME TO strict")
        connection.execute(lax)
        connection.execute("INSERT INTO movements SELECT * FROM strict")
        connection.execute("DROP TABLE strict")
        connection.execute(trigger)


def a_look_shows_the_past(shop: Shop, far: FarSide) -> None:
    """The first look is a minute behind, and this registry has no guard: what is left is the second look."""
    far.guarded = False
    far.stale_for = timedelta(seconds=60)
    far.plan.append(late(LATE_LIMIT.total_seconds() - 10))
    shop.place()


def without_second_look(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe the first look that shows nothing."""
    monkeypatch.setattr(resolving, "_seen_before", lambda *_: True)


def landed_before_the_first_look(shop: Shop, far: FarSide) -> None:
    """A registry without a guard is slow, within what it declares: what is left is that we wait so long."""
    far.guarded = False
    far.plan.append(late(LOOK_GAP.total_seconds() + 100))
    shop.place()


def without_late_limit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look right after the silence."""
    with_capabilities(shop, late_limit=timedelta(0))


def refused_after_silence(shop: Shop, far: FarSide) -> None:
    """The second attempt is refused, and the first lands hours later: what is left is the longer look."""
    far.plan.extend([late(2 * 3600), refuse()])
    shop.place()


def without_longer_look(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe a refusal that follows a silence as soon as any other."""
    with_capabilities(shop, long_look=timedelta(0))


def without_memory_of_silence(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget that an earlier attempt ended with silence."""
    monkeypatch.setattr(ending, "in_doubt_before", lambda *_: False)


def sent_after_the_lease(shop: Shop, far: FarSide) -> None:
    """A frozen worker wakes when another one has done its work, at a registry without a guard."""
    far.guarded = False
    frozen = shop.begun(shop.place())
    shop.lease_runs_out(frozen.order_id)
    shop.run()
    shop.settle(frozen, shop.send(frozen))


def without_last_check(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not look at the clock before the first byte."""
    monkeypatch.setattr(Call, "permit", lambda _: None)


def done_without_evidence(shop: Shop, far: FarSide) -> None:
    """The registrar says done, and the date stands still."""
    far.plan.append(Act("never", Done(Reply("1000"), Expiry(EXPIRES, EXPIRES.isoformat()))))
    shop.place()


def without_evidence(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take its word for it."""
    monkeypatch.setattr(working, "_with_evidence", lambda _, outcome: outcome)


MECHANISMS = [
    Mechanism("slot", two_renewals_of_one_name, without_slot),
    Mechanism("slot's index", two_workers_take_up_one_name, without_index),
    Mechanism("guard kept", landed_before_the_next_look, without_kept_guard),
    Mechanism("guard sent", landed_unseen, without_guard_on_the_wire),
    Mechanism("attempt number", an_old_refusal_comes_late, without_attempt_number),
    Mechanism("phase, credited twice", credited_twice, without_phase),
    Mechanism("phase, earned and credited", earned_and_credited, without_phase),
    Mechanism("two looks", a_look_shows_the_past, without_second_look),
    Mechanism("late limit", landed_before_the_first_look, without_late_limit),
    Mechanism("longer look", refused_after_silence, without_longer_look),
    Mechanism("memory of silence", refused_after_silence, without_memory_of_silence),
    Mechanism("last check", sent_after_the_lease, without_last_check),
    Mechanism("evidence", done_without_evidence, without_evidence),
]


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda mechanism: mechanism.name)
@pytest.mark.parametrize("works", [True, False], ids=["with", "without"])
def test_only_this_stands_between_the_fault_and_the_money(
    shop: Shop, far: FarSide, monkeypatch: pytest.MonkeyPatch, mechanism: Mechanism, *, works: bool
) -> None:
    """With the mechanism the books agree; take it out, and the same fault costs somebody money."""
    if not works:
        mechanism.take_out(shop, monkeypatch)
    mechanism.story(shop, far)
    shop.run()
    assert (disagreements(shop) == []) is works, disagreements(shop)


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        (timedelta(0), timedelta(0), State.PLACED),
        (timedelta(seconds=-1), timedelta(0), State.UNRESOLVED),
        (timedelta(0), timedelta(seconds=-1), State.UNRESOLVED),
    ],
    ids=["in time", "first too early", "second too soon"],
)
def test_two_looks_count_to_the_second(
    shop: Shop, far: FarSide, first: timedelta, second: timedelta, state: State
) -> None:
    """An absence is proven by a look at the late limit and one a gap later, and not a second before."""
    far.plan.append(LOST_REQUEST)
    order = shop.place()
    shop.work(order)
    silent_since = shop.clock.now
    for instant in (silent_since + LATE_LIMIT + first, silent_since + LATE_LIMIT + LOOK_GAP + second):
        shop.clock.now = instant
        change(shop, "UPDATE orders SET due_at = placed_at")
        shop.look_after(order)
    assert shop.state(order) == state


def test_a_look_that_failed_is_no_first_look(shop: Shop, far: FarSide) -> None:
    """An absence is proven by two looks that saw it, not by one and a look that saw nothing."""
    far.plan.append(LOST_REQUEST)
    order = shop.place()
    shop.work(order)
    far.failing_looks = 1
    for span in (LATE_LIMIT, LOOK_GAP):
        shop.clock.skip(span)
        shop.look_after(order)
    assert shop.state(order) == State.UNRESOLVED


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders SET slot = true",
        "UPDATE orders SET key = 'one'",
        "UPDATE attempts SET number = 1 WHERE order_id = 1",
        "UPDATE attempts SET client_transaction_id = 'one'",
    ],
)
def test_the_database_keeps_what_may_be_once(shop: Shop, far: FarSide, statement: str) -> None:
    """A name's slot, a key, an attempt's number and its transaction id are each held once, whoever writes."""
    far.plan.append(LOST_REQUEST)
    shop.place()
    shop.run()
    shop.place()
    with pytest.raises(IntegrityError):
        change(shop, statement)


def until_placed(shop: Shop, order: int) -> None:
    """Look whenever it is due, until the order may be sent again."""
    while shop.state(order) != State.PLACED:
        shop.clock.now = shop.row(order).due_at
        shop.look_after(order)


def with_capabilities(shop: Shop, **changed: Any) -> None:
    """Give the registrar another declaration."""
    shop.terms = replace(shop.terms, capabilities=replace(shop.terms.capabilities, **changed))


def change(shop: Shop, statement: str) -> None:
    """Run a statement past everything in the code."""
    with shop.database.transaction() as connection:
        connection.execute(text(statement))
