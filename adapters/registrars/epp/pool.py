"""Which session does a call get? One of a fixed few per process, alive as far as can be told, and no other thread's.

A registry counts sessions and answers 2502 to one too many, so a slot is taken before a session is opened; a session that
broke is dropped and its slot is free again. There is no thread that keeps sessions warm: what was idle for long is
asked before it is trusted, and what was idle for very long is replaced.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.registrars.epp.frames import Deadline
from adapters.registrars.epp.session import TRANSPORT_FAULTS, Session, UnreachableError
from adapters.registrars.epp.settings import EppSettings

LOGOUT_SECONDS = 2.0


Opener = Callable[[Deadline, Callable[[], None]], Session]
"""Opens a session within a deadline, taking a turn under the registrar's rate limit for each login."""


class Lease:
    """One call's hold on a slot; `session()` gives a session that was alive a moment ago, opening one if it must."""

    def __init__(
        self,
        settings: EppSettings,
        opener: Opener,
        kept: Session | None,
        take_turn: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._open = opener
        self._take_turn = take_turn
        self.kept = kept

    def session(self, deadline: Deadline) -> Session:
        """Return a live session; raises `UnreachableError`, `LoginRefusedError` or `CallExpiredError`.

        Asked again between the steps of a call, so that a server that closed after a step costs a new login and not
        an Unknown.
        """
        if self.kept is not None and not self._alive(self.kept, deadline):
            self.kept.drop()
            self.kept = None
        if self.kept is None:
            self.kept = self._open(deadline, self._take_turn)
        return self.kept

    def _alive(self, session: Session, deadline: Deadline) -> bool:
        idle = deadline.clock() - session.used_at
        if idle > self._settings.idle_limit or not session.is_quiet():
            return False
        if idle <= self._settings.keepalive_seconds:
            return True
        self._take_turn()
        try:
            session.hello(deadline.within(self._settings.connect_timeout))
        except TRANSPORT_FAULTS:
            return False
        return True


class _Line:
    """Slots, first come, first served: one that is given back goes to whoever has waited longest.

    A semaphore only wakes a waiter, and who comes straight back is quicker: of six such callers at three slots, three
    were seen to get none for 20 seconds.
    """

    def __init__(self, slots: int) -> None:
        self._lock = threading.Lock()
        self._free = slots
        self._waiting: deque[threading.Event] = deque()

    def join(self) -> threading.Event:
        """Take a place in line; it is set once a slot has come to it, and must be left in the end, slot or not."""
        place = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                place.set()
            else:
                self._waiting.append(place)
        return place

    def leave(self, place: threading.Event) -> None:
        """Step out of line, or hand on the slot, also one that came when its place was about to be left."""
        with self._lock:
            if not place.is_set():
                self._waiting.remove(place)
            elif self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class SessionPool:
    """At most `settings.sessions` sessions, handed out last in, first out, so that the others may grow old and go."""

    def __init__(self, settings: EppSettings, opener: Opener) -> None:
        self._settings = settings
        self._open = opener
        self._line = _Line(settings.sessions)
        self._lock = threading.Lock()
        self._idle: list[Session] = []
        self._closed = False

    @contextmanager
    def lease(self, deadline: Deadline, take_turn: Callable[[], None]) -> Iterator[Lease]:
        """Hold a slot, in the order of asking; raises `UnreachableError` if none is free in time."""
        place = self._line.join()
        try:
            if not _comes(place, deadline):
                raise UnreachableError(
                    f"all {self._settings.sessions} sessions were busy for the whole of the call's time",
                    by_network=False,
                )
            held = Lease(self._settings, self._open, self._take(), take_turn)
            try:
                yield held
            finally:
                self._put(held.kept)
        finally:
            self._line.leave(place)

    def close(self) -> None:
        """Log out of every session; of one in use when its call ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for session in idle:
            _log_out(session)

    def _take(self) -> Session | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _put(self, session: Session | None) -> None:
        if session is None:
            return
        if session.broken:
            session.drop()
            return
        with self._lock:
            if not self._closed:
                self._idle.append(session)
                return
        _log_out(session)


def _comes(place: threading.Event, deadline: Deadline) -> bool:
    """Tell whether a slot comes to a place in time."""
    try:
        return place.wait(deadline.remaining())
    except TimeoutError:
        return False


def _log_out(session: Session) -> None:
    session.logout(Deadline(time.monotonic, time.monotonic() + LOGOUT_SECONDS))
