"""Which session does a call get? One of a fixed few per process, alive as far as can be told, and no other thread's.

A registry counts sessions and answers 2502 to one too many, so a slot is taken before a session is opened; a session that
broke is dropped and its slot is free again. There is no thread that keeps sessions warm: what was idle for long is
asked before it is trusted, and what was idle for very long is replaced.
"""

import threading
import time
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


class SessionPool:
    """At most `settings.sessions` sessions, handed out last in, first out, so that the others may grow old and go."""

    def __init__(self, settings: EppSettings, opener: Opener) -> None:
        self._settings = settings
        self._open = opener
        self._slots = threading.BoundedSemaphore(settings.sessions)
        self._lock = threading.Lock()
        self._idle: list[Session] = []
        self._closed = False

    @contextmanager
    def lease(self, deadline: Deadline, take_turn: Callable[[], None]) -> Iterator[Lease]:
        """Hold a slot; raises `UnreachableError` if none is free in time."""
        try:
            free = self._slots.acquire(timeout=deadline.remaining())
        except TimeoutError:
            free = False
        if not free:
            raise UnreachableError(
                f"all {self._settings.sessions} sessions were busy for the whole of the call's time",
                by_network=False,
            )
        held = Lease(self._settings, self._open, self._take(), take_turn)
        try:
            yield held
        finally:
            self._put(held.kept)
            self._slots.release()

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


def _log_out(session: Session) -> None:
    session.logout(Deadline(time.monotonic, time.monotonic() + LOGOUT_SECONDS))
