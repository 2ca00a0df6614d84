"""Is what was the case always provable? Random histories of a claim, compared at every step with its events alone (D9)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registrar.agreement.disputing import By, Evidence, Procedure, Ruling
from registrar.agreement.rules import BlockMode
from registrar.agreement.stops import ClaimState
from registrar.claims import acts, proof
from registrar.claims.states import CarriedBy, Lock
from registrar.orders.by_hand import ActRefusedError
from registrar.statuses import CLIENT_STATUSES, REGISTRAR_LOCK
from tests.agreement.claims_story import Dispute, opened_dispute
from tests.core.far_side import LOST_REPLY, LOST_REQUEST, US, refuse

DOCUMENT = {"document": "doc-1"}
NOT_OURS_TO_UNDO = sorted(CLIENT_STATUSES)


def _deeds(dispute: Dispute) -> dict[str, Callable[[], object]]:
    """Return what may happen next: to a claim, at its registrar, or with time."""
    rules = dispute.rules
    far = dispute.far
    return {
        "proceed": lambda: dispute.do(acts.proceed, rules=rules),
        "proceed_locked": lambda: dispute.do(acts.proceed, rules=rules, lock=True),
        "company": lambda: dispute.do(acts.confirm, by=By.COMPANY, evidence=Evidence("legal", "doc-1")),
        "authority": lambda: dispute.do(acts.confirm, by=By.IRANIAN, evidence=Evidence("court", "doc-2")),
        "uphold": lambda: dispute.do(acts.uphold, ruling=Ruling.TRANSFER, rules=rules),
        "suspend": lambda: dispute.do(
            acts.uphold, ruling=Ruling.NONE, rules=rules, block_mode=BlockMode.HOLD
        ),
        "dismiss": dispute.dismissed,
        "file": lambda: dispute.do(acts.file_in_court, **DOCUMENT),
        "end_court": lambda: dispute.do(acts.end_court, **DOCUMENT),
        "rule": lambda: dispute.ruled(CarriedBy.HAND),
        "registry": lambda: dispute.ruled(CarriedBy.REGISTRY),
        "close": lambda: dispute.do(acts.close, **DOCUMENT),
        "disclose": lambda: dispute.do(acts.disclose),
        "lift": lambda: far.set_statuses("mina.test"),
        "lose_reply": lambda: far.plan.append(LOST_REPLY),
        "lose_request": lambda: far.plan.append(LOST_REQUEST),
        "refuse": lambda: far.plan.append(refuse()),
        "hour": lambda: dispute.run(days=1 / 24),
        "day": lambda: dispute.run(days=1),
        "fortnight": lambda: dispute.later(days=14),
    }


NAMES = (
    "proceed", "proceed_locked", "company", "authority", "uphold", "suspend", "dismiss", "file", "end_court", "rule",
    "registry", "close", "disclose", "lift", "lose_reply", "lose_request", "refuse", "hour", "day", "fortnight",
)  # fmt: skip
LIKELY = ("proceed", "company", "authority", "hour", "uphold")
histories = st.tuples(
    st.sampled_from(list(Procedure)),
    st.sets(st.sampled_from(NOT_OURS_TO_UNDO)),
    st.lists(st.sampled_from(NAMES), max_size=14).map(lambda rest: [*LIKELY[: len(rest)], *rest]),
)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories)
def test_the_events_alone_prove_every_moment(
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
    history: tuple[Procedure, set[str], list[str]],
) -> None:
    """After each step the events say exactly what the row says, and go on saying so of that moment ever after."""
    procedure, statuses, steps = history
    path = tmp_path_factory.mktemp("claim") / "registrar.db"
    path.write_bytes(sqlite_template.read_bytes())
    with opened_dispute(f"sqlite:///{path}") as dispute:
        dispute.far.set_statuses("mina.test", *statuses)
        dispute.asserted(procedure)
        moments: list[tuple[datetime, Any]] = []
        for step in steps:
            with suppress(ActRefusedError):
                _deeds(dispute)[step]()
            dispute.agrees()
            moments.append((dispute.now, proof.standing(dispute.row)))
            dispute.clock.skip(timedelta(seconds=1))
        for at, facts in moments:
            assert dispute.proven(at)["facts"] == facts
        _insist_on_the_end(dispute, statuses, lifted="lift" in steps)


def _insist_on_the_end(dispute: Dispute, statuses: set[str], *, lifted: bool) -> None:
    """However it went: what wants a lock ends locked, and what is closed is as it was, unless somebody took things off."""
    dispute.far.plan.clear()
    dispute.run(days=4)
    row, shown = dispute.row, dispute.far.statuses("mina.test")
    known = dispute.far.registration("mina.test")
    assert known is not None
    assert known.sponsor == US
    if row.state == ClaimState.UPHELD or (row.state == ClaimState.PROCEEDING and row.lock != Lock.NONE):
        assert (row.lock, shown >= REGISTRAR_LOCK) == (Lock.LOCKED, True)
    if row.state in (ClaimState.ASSERTED, ClaimState.CLOSED) and not lifted:
        assert set(shown) == statuses
