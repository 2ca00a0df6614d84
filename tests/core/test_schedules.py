"""Do the books agree after whatever happens? Schedules that nobody thought of, the same ones at every run.

Several orders on a few names, workers that stop between any two steps, come back late or never, and a far side that does,
loses, delays, refuses and takes back. When the faults end everything ends, and every charge is somebody's.
"""

import shutil
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from registrar.commands import Kind
from registrar.gateway import Sighting
from registrar.orders import by_hand, working
from registrar.orders.states import State
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correction,
    NotSent,
    Outcome,
    RefusalReason,
    Reply,
    Unknown,
)
from tests.core.conftest import EXPIRES
from tests.core.far_side import (
    AUTH_CODE,
    LONG_LOOK,
    LOST_REPLY,
    LOST_REQUEST,
    OTHERS,
    Act,
    Clock,
    FarSide,
    correctable,
    late,
    pend,
    refuse,
)
from tests.core.story import Shop, disagreements, opened

SCHEDULES, STEPS = 300, 30
MOST_ORDERS = 6
NAMES = {Kind.RENEW: ["mina.test", "leila.test"], Kind.REGISTER: ["free.test"], Kind.TRANSFER: ["sara.test"]}
WISHES = st.sampled_from([(kind, name) for kind, names in NAMES.items() for name in names])
CORRECTIONS: dict[str, dict[str, Any]] = {
    Kind.RENEW: {"done": True},
    Kind.REGISTER: {"nameservers": ["ns1.example.net"]},
    Kind.TRANSFER: {"auth_info": AUTH_CODE},
}
LATEST = LONG_LOOK - timedelta(hours=4)
"""How late a request may land, at the utmost: far later than the registrar declares, and before the longer look."""
REFUSED_AND_DONE = Act("now", refuse(confirm=True).answer)
ACTS = st.sampled_from(
    [
        LOST_REPLY,
        LOST_REQUEST,
        Act("never", Unknown("an HTML page")),
        Act("now", Unknown("HTTP 500")),
        late(60),
        late(1_200),
        late(LATEST.total_seconds()),
        refuse(),
        refuse(RefusalReason.STATUS_PROHIBITS, confirm=True),
        REFUSED_AND_DONE,
        correctable(Correction.CONTACTS),
        Act("never", NotSent("connection refused")),
        Act("never", NotSent("HTTP 429", 90.0)),
        Act("never", Blocked(Reply("2104"), BlockCause.DEPOSIT)),
        Act("never", Blocked(Reply("2001"), BlockCause.REQUEST)),
        pend("approve"),
        pend("reject"),
        pend("reject_then_approve"),
    ]
)


class Worker:
    """One that has taken an order up, and stands before its next step."""

    def __init__(self, shop: Shop, claimed: working.Claim) -> None:
        self._shop = shop
        self._claimed = claimed
        self._began_at: datetime | None = None
        self._sighting: Sighting | None = None
        self._sending: working.Sending | None = None
        self._outcome: Outcome | None = None

    def step(self) -> bool:
        """Do the next step; False once there is none left."""
        if self._sighting is None:
            self._sighting = self._shop.look(self._claimed)
        elif self._sending is None:
            self._began_at = self._shop.clock.now
            self._sending = self._shop.begin(self._claimed, self._sighting)
            return self._sending is not None
        elif self._outcome is None:
            self._outcome = self._shop.send(self._sending)
        else:
            self._shop.settle(self._sending, self._outcome)
            return False
        return True

    def oversleep(self) -> None:
        """Send without asking the clock, if about to send: frozen between the last check and the first byte."""
        began_recently = self._began_at is not None and self._shop.clock.now - self._began_at < LATEST
        if self._sending is not None and self._outcome is None and began_recently:
            self._outcome = self._shop.send_too_late(self._sending)


class Schedule(RuleBasedStateMachine):
    """Everything that may happen, in any order."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.far = FarSide(Clock())
        self.shop = Shop(self.stack.enter_context(opened(url)), self.far)
        for name in NAMES[Kind.RENEW]:
            self.far.own(name, EXPIRES)
        self.far.own("sara.test", EXPIRES, sponsor=OTHERS)
        self.orders: list[int] = []
        self.workers: list[Worker] = []
        self.lags = False

    @initialize(lags=st.booleans())
    def meet(self, lags: bool) -> None:
        """The registrar's looks may lag behind."""
        self.lags = lags

    @precondition(lambda self: len(self.orders) < MOST_ORDERS)
    @rule(wish=WISHES)
    def place(self, wish: tuple[Kind, str]) -> None:
        """A customer orders something."""
        self.orders.append(self.shop.place(*wish))

    @rule(act=ACTS)
    def plan(self, act: Act) -> None:
        """The far side will take one command so."""
        self.far.plan.append(act)

    @rule(seconds=st.sampled_from([1, 60, 121, 600, 901, 3_600, 86_400]))
    def skip(self, seconds: int) -> None:
        """Time passes."""
        self.shop.clock.skip(seconds)
        self.far.catch_up()

    @rule()
    def sweep(self) -> None:
        """What is due is done."""
        self.shop.sweep()

    @precondition(lambda self: self.orders)
    @rule(pick=st.integers(0, 7))
    def take_up(self, pick: int) -> None:
        """A worker takes an order up."""
        claimed = self.shop.claim(self.orders[pick % len(self.orders)])
        if claimed is not None:
            self.workers.append(Worker(self.shop, claimed))

    @precondition(lambda self: self.workers)
    @rule(pick=st.integers(0, 7), oversleeps=st.booleans())
    def step(self, pick: int, oversleeps: bool) -> None:
        """A worker does its next step, or wakes after the last check."""
        worker = self.workers[pick % len(self.workers)]
        if oversleeps:
            worker.oversleep()
        elif not worker.step():
            self.workers.remove(worker)

    @precondition(lambda self: self.workers)
    @rule(pick=st.integers(0, 7))
    def crash(self, pick: int) -> None:
        """A worker is killed."""
        self.workers.pop(pick % len(self.workers))

    @precondition(lambda self: self.lags)
    @rule(seconds=st.sampled_from([0, 60, 1_800]))
    def fall_behind(self, seconds: int) -> None:
        """Looks show the past."""
        self.far.stale_for = timedelta(seconds=seconds)

    @rule(times=st.integers(1, 9))
    def fail_looks(self, times: int) -> None:
        """Looks get no answer."""
        self.far.failing_looks = times

    @rule(funds=st.sampled_from([0, 1, 1_000]))
    def change_funds(self, funds: int) -> None:
        """The deposit is used up, or topped up."""
        self.far.funds = funds

    @precondition(lambda self: self.orders)
    @rule(pick=st.integers(0, 7), act=st.sampled_from(["retry", "correct", "cancel", "refuse", "complete"]))
    def act_by_hand(self, pick: int, act: Any) -> None:
        """Staff or the customer do something, where the rules let them."""
        order = self.orders[pick % len(self.orders)]
        with suppress(by_hand.ActRefusedError):
            if act == "retry":
                self.shop.retry(order)
            elif act == "correct":
                self.shop.correct(order, ticket="T-1", **CORRECTIONS[self.shop.row(order).kind])
            else:
                self.shop.end_by_hand(act, order)

    def teardown(self) -> None:
        """The faults end; staff retry what is held; then everything has ended, and the books agree."""
        try:
            self.end_of_faults()
            for _ in range(3):
                self.shop.run(days=30)
                for order in self.orders:
                    with suppress(by_hand.ActRefusedError):
                        self.shop.retry(order)
            self.shop.run(days=30)
            assert disagreements(self.shop, may_be_left=frozenset(State)) == []
            assert self.stuck() == []
        finally:
            self.stack.close()

    def end_of_faults(self) -> None:
        """Let the workers that are left finish or find that they are late."""
        self.far.plan.clear()
        self.far.stale_for, self.far.failing_looks, self.far.funds = timedelta(0), 0, 1_000
        for worker in self.workers:
            while worker.step():
                pass

    def stuck(self) -> list[tuple[Any, ...]]:
        """Return what has neither ended nor waits for staff, itself or behind the order that has its name."""
        return self.shop.ask(
            "SELECT id, state FROM orders o WHERE state NOT IN ('completed', 'refused', 'cancelled', 'held') AND NOT"
            " (state = 'placed' AND EXISTS (SELECT 1 FROM orders h WHERE h.domain = o.domain AND h.slot AND h.state = 'held'))"
        )


def schedules(template: Path, folder: Path) -> Callable[[], Schedule]:
    """Return what makes a schedule on a database of its own."""
    numbers = count()

    def fresh() -> Schedule:
        path = folder / f"schedule-{next(numbers) % 2}.db"
        for left_over in folder.glob(f"{path.name}*"):
            left_over.unlink()
        return Schedule(f"sqlite:///{shutil.copy(template, path)}")

    return fresh


def test_no_schedule_costs_anybody_money(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens, in whatever order: nothing is charged twice, credited twice, both, or lost."""
    monkeypatch.setattr(
        working, "NAME_RECHECK", timedelta(days=1)
    )  # who waits for a name is woken, and need not ask
    run_state_machine_as_test(
        schedules(sqlite_template, tmp_path),  # type: ignore[arg-type]  # a factory does as well as a class
        settings=settings(
            derandomize=True,
            max_examples=SCHEDULES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
