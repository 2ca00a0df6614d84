"""What becomes of a registrar's messages? Each waits until it is acknowledged, and none stops the others."""

import pytest

from registrar.gateway import GatewayUnavailableError, Progress, RegistrarMessage
from tests.contract.far_side import FarSide, bounded, call_with, until


def head(far: FarSide) -> RegistrarMessage | None:
    """Read the head of the queue."""
    return bounded(lambda: far.gateway.next_message(call_with()))


def acknowledge(far: FarSide, message: RegistrarMessage) -> None:
    """Take a message off the queue."""
    bounded(lambda: far.gateway.acknowledge(message.message_id, call_with()))


def test_an_empty_queue_has_no_message(far: FarSide) -> None:
    """Where nothing waits, or there is no queue, there is no message; and acknowledging what is not there does no harm."""
    assert head(far) is None
    bounded(lambda: far.gateway.acknowledge("4711", call_with()))


def test_a_message_stays_until_it_is_acknowledged(far: FarSide) -> None:
    """A message is there to be stored first: it comes again until it is acknowledged, which twice is harmless."""
    far.needs("messages" not in far.why_not, "messages")
    far.queue_messages()
    until(lambda: head(far) is not None)
    first, again = head(far), head(far)
    assert first is not None
    assert again is not None
    assert (first.message_id, first.queued_at_text) == (again.message_id, again.queued_at_text)
    acknowledge(far, first)
    acknowledge(far, first)
    following = head(far)
    assert following is None or following.message_id != first.message_id


def test_an_unknown_message_does_not_stop_the_queue(far: FarSide) -> None:
    """A message of a kind that nobody knows is handed on as it stands, and what waits behind it is read."""
    far.needs("messages" not in far.why_not, "messages")
    far.queue_messages()
    unknown = head(far)
    assert unknown is not None
    assert (unknown.kind, unknown.progress) == (None, None), unknown
    assert unknown.text
    acknowledge(far, unknown)
    until(lambda: head(far) is not None)
    decision = head(far)
    assert decision is not None
    assert decision.progress is Progress.APPROVED, decision
    assert decision.domain is not None


def test_a_read_that_is_lost_loses_no_message(far: FarSide) -> None:
    """A message whose answer was lost on the way is still there."""
    far.needs("messages" not in far.why_not, "messages")
    far.queue_messages()
    before = head(far)
    far.books.misbehave("drop_reply", command="poll")
    with pytest.raises(GatewayUnavailableError):
        head(far)
    after = head(far)
    assert before is not None
    assert after is not None
    assert before.message_id == after.message_id
