"""What does the breaker count? Faults of transport; a refusal, whatever it says, is an answer."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import redis

from config.settings import RegistrarSettings
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)
from tasks.flow import Flow, make_flow

SECTION = RegistrarSettings(adapter="acme:make", breaker_faults=1, breaker_seconds=60, in_flight_cap=2)
SAID = Reply("2400", "command failed")


@pytest.fixture
def flow(redis_url: str) -> Iterator[Flow]:
    """Give a registrar's flow, whose breaker opens at the first fault."""
    with redis.Redis.from_url(redis_url) as client:
        yield make_flow(client, "acme", SECTION)


@pytest.mark.parametrize(
    ("outcome", "is_fault"),
    [
        (Done(SAID), False),
        (Pending(SAID), False),
        (Refused(SAID, RefusalReason.POLICY), False),
        (Correctable(SAID, Correction.CONTACTS), False),
        (Blocked(SAID, BlockCause.DEPOSIT), False),
        (Unknown("2400 does not say whether it happened", SAID), False),
        (Unknown("no answer", Reply(transcript="C: …")), True),
        (Unknown("no answer"), True),
        (NotSent("no connection", unreachable=True), True),
        (NotSent("the lease ran out"), False),
        (NotSent("closed until 00:30", retry_after=600), False),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, bool) else str(value),
)
def test_only_silence_counts(flow: Flow, outcome: Outcome, is_fault: bool) -> None:
    """What a registrar answered is no fault of the line, even if it says that it failed."""
    flow.tell_of(outcome)
    assert (flow.breaker.wait(may_try=False) > 0) is is_fault


@pytest.mark.parametrize(
    ("seen", "is_fault"),
    [
        ({"standing": Standing.FREE}, False),
        ({"standing": Standing.UNKNOWN, "reason": "timeout"}, True),
        ({"standing": Standing.UNKNOWN, "reason": "2400", "reply": SAID}, False),
        ({"standing": Standing.UNKNOWN, "reason": "closed", "retry_after": 60.0}, False),
        ({"standing": Standing.UNKNOWN, "reason": "2200", "blocked": BlockCause.CREDENTIALS}, False),
    ],
)
def test_looks_count_in_the_same_way(flow: Flow, seen: dict[str, object], is_fault: bool) -> None:
    """A look that got no answer is a fault; one that was not made, or was refused, is none."""
    standing = seen.pop("standing")
    assert isinstance(standing, Standing)
    name = DomainName("mina.test", "test")
    flow.tell_of_look(Sighting(name, datetime(2026, 11, 22, tzinfo=UTC), "acme", standing, **seen))  # type: ignore[arg-type] # the table's own values
    assert (flow.breaker.wait(may_try=False) > 0) is is_fault


def test_a_registrar_has_so_many_seats_and_no_more(flow: Flow) -> None:
    """A third thread does not wait for a registrar of two seats: it goes and does something else."""
    with flow.seat() as first, flow.seat() as second:
        assert (first, second) == (True, True)
        with flow.seat() as third:
            assert not third
    with flow.seat() as again:
        assert again
