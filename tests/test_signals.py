"""Does a process stop whenever it is told to, and not wait for itself?"""

import signal
import threading
from collections.abc import Iterator

import pytest

from tasks import signals

MOST_SECONDS = 10.0


@pytest.fixture(autouse=True)
def _handlers_as_before() -> Iterator[None]:
    former = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


class Locked(threading.Event):
    """An event whose lock may be held, as its own is for a moment while somebody waits for it or sets it."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def set(self) -> None:
        """Set it under the lock."""
        if not self.lock.acquire(timeout=MOST_SECONDS):
            raise TimeoutError("it waits for itself")
        super().set()
        self.lock.release()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_never_waits_for_the_thread_that_it_interrupts(number: signal.Signals) -> None:
    """It comes twice, while the main thread holds the event's own lock: once that is free the event is set."""
    event = Locked()
    signals.stop_by(event)
    with event.lock:
        signal.raise_signal(number)
        signal.raise_signal(number)
        assert not event.is_set()
    assert event.wait(MOST_SECONDS)
