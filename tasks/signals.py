"""How does a process hear that it is to stop? By SIGTERM or SIGINT, once or several times, whatever it is at."""

import signal
import threading
from queue import SimpleQueue


def stop_by(event: threading.Event) -> None:
    """Let SIGTERM and SIGINT set the event; only the main thread may ask for it.

    A handler runs in the midst of what the main thread is at, which may hold the event's own lock: in `wait`, or in the `set`
    of a signal right before. To set it there would wait for ever, so another thread does (a simple queue takes from anywhere).
    """
    told: SimpleQueue[None] = SimpleQueue()

    def wait() -> None:
        told.get()
        event.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.put(None))
