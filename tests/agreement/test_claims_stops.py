"""What does a claim stop? The table, row by row, as a lawyer would ask (D9)."""

from datetime import UTC, datetime, timedelta

import pytest

from registrar.agreement.disputing import Procedure
from registrar.agreement.stops import (
    AUTH_CODE,
    DELETE,
    DEPARTURE,
    STOPPED,
    UPDATE,
    ClaimState,
    is_disclosed,
    stop,
    strictest,
)
from registrar.commands import Kind, OwnKind

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
W, D = "waits", "denied"
TABLE = """
    kind             asserted  proceeding  upheld  ruled   dismissed  closed
    register         .         waits       waits   waits   .          .
    transfer         .         waits       waits   waits   .          .
    change_holder    .         waits       waits   waits   waits      .
    renew            .         .           .       .       .          .
    renew_elsewhere  .         .           .       .       .          .
    restore          .         .           .       .       .          .
    lock             .         .           .       .       .          .
    unlock           .         .           .       .       .          .
    departure        .         denied      denied  denied  waits      .
    update           .         denied      denied  .       waits      .
    auth_code        .         denied      denied  .       waits      .
    delete           .         denied      denied  .       .          .
"""


def _cells() -> list[tuple[str, str, str]]:
    header, *rows = (line.split() for line in TABLE.strip().splitlines())
    return [(row[0], state, cell) for row in rows for state, cell in zip(header[1:], row[1:], strict=True)]


@pytest.mark.parametrize(("kind", "state", "effect"), _cells())
def test_each_kind_of_order_has_its_row(kind: str, state: str, effect: str) -> None:
    """What waits, what is denied and what goes on is one table, in every state of a claim (D9)."""
    found = stop(kind, state, disclosed=True)
    assert (found.effect if found else ".") == effect


def test_nothing_that_can_be_ordered_is_missing_from_the_table() -> None:
    """Every kind of order that there is has a row; what has none does not pass unseen."""
    known = {row.split()[0] for row in TABLE.strip().splitlines()[1:]}
    assert known == set(STOPPED) == {*Kind, *OwnKind, DEPARTURE, UPDATE, AUTH_CODE, DELETE}
    with pytest.raises(KeyError):
        stop("registration", ClaimState.ASSERTED, disclosed=True)
    with pytest.raises(ValueError, match="withdrawn"):
        stop("renew", "withdrawn", disclosed=True)


@pytest.mark.parametrize("state", ClaimState)
def test_a_claimed_name_can_be_renewed_in_every_state(state: ClaimState) -> None:
    """A dispute never makes a name expire: renewing and restoring it go on (D9)."""
    assert all(stop(kind, state, disclosed=False) is None for kind in (Kind.RENEW, Kind.RESTORE))


@pytest.mark.parametrize(("kind", "state"), [(kind, state) for kind, state, cell in _cells() if cell != "."])
def test_the_respondent_reads_nothing_of_a_claim_before_it_is_disclosed(kind: str, state: str) -> None:
    """Before disclosure the words are the same whatever the claim's state, and name neither claim nor dispute (D9)."""
    silent, told = stop(kind, state, disclosed=False), stop(kind, state, disclosed=True)
    assert silent is not None
    assert told is not None
    assert silent.customer in ("your order waits", "this cannot be done now; ask us through support")
    assert "claim" in told.customer
    assert silent.staff == told.staff
    assert "claim" in silent.staff
    assert kind in silent.staff


def test_of_several_claims_the_strictest_counts() -> None:
    """A name that is claimed twice is denied what one of the claims denies, and waits for either."""
    waits, denied = (stop(DEPARTURE, state, disclosed=False) for state in ("dismissed", "upheld"))
    assert strictest([None, waits, denied, None]) == denied
    assert strictest([None, waits]) == waits
    assert strictest([None]) is None
    assert strictest([]) is None


def test_a_claim_is_disclosed_from_its_very_instant() -> None:
    """The date of disclosure is inclusive; without one nothing is disclosed."""
    assert is_disclosed(NOW, NOW)
    assert not is_disclosed(NOW + timedelta(seconds=1), NOW)
    assert not is_disclosed(None, NOW)


@pytest.mark.parametrize("procedure", list(Procedure))
def test_two_procedures_demand_the_lock_at_once(procedure: Procedure) -> None:
    """UDRP and URS lock a name from the proceeding on; elsewhere it is locked at the latest when the claim is upheld (D9)."""
    assert procedure.locks_at_once is (procedure in (Procedure.UDRP, Procedure.URS))
