"""Who is let in, and with which password? Every session of one registrar is opened here (`passwords` has the picture)."""

import ssl
import threading
from collections.abc import Callable

from adapters.registrars.epp.frames import Deadline
from adapters.registrars.epp.outcomes import CREDENTIALS_REFUSED
from adapters.registrars.epp.passwords import Passwords
from adapters.registrars.epp.session import LoginRefusedError, Session, UnreachableError
from adapters.registrars.epp.settings import EppSettings
from registrar.secrets import Secret


class Door:
    """Opens sessions, changes the password on the way if told to, and keeps what the registry warned of."""

    def __init__(self, settings: EppSettings, context: ssl.SSLContext) -> None:
        self._settings = settings
        self._context = context
        self._present: Secret | None = None if settings.new_password else settings.password
        self._changing = threading.Lock()
        self._warnings: tuple[str, ...] = ()

    def open(self, deadline: Deadline, take_turn: Callable[[], None]) -> Session:
        """Connect and log in; raises `UnreachableError`, `LoginRefusedError` or `CallExpiredError`.

        The turn is taken before the connection is made: a server hangs up on one that stays silent.
        """
        if self._present is None and self._settings.new_password is not None:
            return self._open_and_change(self._settings.new_password, deadline, take_turn)
        return self._log_in(Passwords(self._present or self._settings.password), deadline, take_turn)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the latest login warned of, and whether the configuration still has the old password."""
        changed = self._settings.new_password is not None and self._present is not None
        done = ("new_password is the present password now: make it password, and remove new_password",)
        return self._warnings + (done if changed else ())

    def _open_and_change(self, new: Secret, deadline: Deadline, take_turn: Callable[[], None]) -> Session:
        """Change the password in one session while the others wait: a second change would find the first one's work."""
        if not self._changing.acquire(timeout=deadline.remaining()):
            raise UnreachableError("another session is changing the password", by_network=False)
        try:
            if self._present is not None:
                return self._log_in(Passwords(self._present), deadline, take_turn)
            session = self._changed(new, deadline, take_turn)
            self._present = new
            return session
        finally:
            self._changing.release()

    def _changed(self, new: Secret, deadline: Deadline, take_turn: Callable[[], None]) -> Session:
        try:
            return self._log_in(Passwords(self._settings.password, new), deadline, take_turn)
        except LoginRefusedError as refusal:
            if refusal.reply.result_code not in {str(code) for code in CREDENTIALS_REFUSED}:
                raise
        return self._log_in(Passwords(new), deadline, take_turn)

    def _log_in(self, passwords: Passwords, deadline: Deadline, take_turn: Callable[[], None]) -> Session:
        take_turn()
        session = Session.open(self._settings, passwords, self._context, deadline)
        self._warnings = session.warnings
        return session
