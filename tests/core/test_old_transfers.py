"""Is an earlier transfer of ours taken for this order's? A registry shows the latest one, whoever ordered it."""

from datetime import UTC, datetime, timedelta

import pytest

from registrar.commands import Kind
from registrar.gateway import Progress, Sighting, Standing
from registrar.judging import Verdict, after_attempt
from registrar.names import DomainName

LOOKED_AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked_at", "verdict"),
    [
        (LOOKED_AT - timedelta(days=30), Verdict.ABSENT),
        (LOOKED_AT + timedelta(seconds=1), Verdict.REJECTED),
        (None, Verdict.REJECTED),
    ],
)
def test_an_earlier_transfer_of_ours_says_nothing_of_this_order(
    asked_at: datetime | None, verdict: Verdict
) -> None:
    """When a name was refused to us a month ago, that refusal is not taken for today's answer."""
    sighting = Sighting(
        DomainName("example.com", "com"),
        LOOKED_AT + timedelta(hours=1),
        "test",
        Standing.REGISTERED,
        ours=False,
        progress={Kind.TRANSFER: Progress.REJECTED},
        transfer_asked_at=asked_at,
    )
    guard = {"seen_at": LOOKED_AT.isoformat()}
    assert after_attempt(Kind.TRANSFER, sighting, guard=guard, months=12) == verdict
