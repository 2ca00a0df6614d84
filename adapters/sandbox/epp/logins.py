"""Who may come in, and how many at once? Login of RFC 5730 §2.9.1.1, with long passwords and warnings of RFC 8807."""

import hmac
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from adapters.sandbox.epp.answers import RefusalError, node
from adapters.sandbox.epp.dialect import LOGIN_SECURITY, Dialect
from adapters.sandbox.epp.requests import Request, find_all

WRONG_LOGINS = 3
"""After so many on one connection it is closed (2501)."""


IN_EXTENSION = "[LOGIN-SECURITY]"
"""What stands for a password that is in the extension (RFC 8807 §3.1)."""


@dataclass(frozen=True, slots=True)
class LoginEvent:
    """One warning in the answer to a login (RFC 8807 §3.3); `expires` is a date as the schema writes it."""

    type: str
    text: str
    level: str = "warning"
    expires: str | None = None


class Logins:
    """The registrars' passwords and their open sessions. Shared by all sessions."""

    def __init__(
        self,
        credentials: Mapping[str, str],
        *,
        dialect: Dialect,
        session_cap: int,
        events: Sequence[LoginEvent] = (),
    ) -> None:
        self._events = tuple(events)
        self._passwords = dict(credentials)
        self._open: dict[str, int] = {}
        self._dialect = dialect
        self._session_cap = session_cap
        self._lock = threading.Lock()

    def admit(self, request: Request) -> tuple[str, frozenset[str]]:
        """Open a session; return who it is and with which objects and extensions.

        Refuses with 2100, 2102, 2103, 2200, 2307 or 2502.
        """
        client_id, password = request.text("clID"), _password(request, "pw")
        if not client_id or password is None:
            raise RefusalError(2003, "clID and pw are needed")
        self._refuse_unoffered(request)
        with self._lock:
            expected = self._passwords.get(client_id)
            if expected is None or not hmac.compare_digest(expected.encode(), password.encode()):
                raise RefusalError(2200)
            if self._open.get(client_id, 0) >= self._session_cap:
                raise RefusalError(2502)
            self._open[client_id] = self._open.get(client_id, 0) + 1
            self._passwords[client_id] = _password(request, "newPW") or password
        extensions = _texts(request, "svcs/svcExtension/extURI")
        return client_id, frozenset((*_texts(request, "svcs/objURI"), *extensions))

    def warnings(self, services: frozenset[str]) -> tuple[etree._Element, ...]:
        """Write what a login is warned of, for who asked for it."""
        if not self._events or LOGIN_SECURITY not in services:
            return ()
        events = []
        for event in self._events:
            written = node(LOGIN_SECURITY, "event", text=event.text, type=event.type, level=event.level)
            if event.expires is not None:
                written.set("exDate", event.expires)
            events.append(written)
        return (node(LOGIN_SECURITY, "loginSecData", *events),)

    def leave(self, client_id: str) -> None:
        """Close a session."""
        with self._lock:
            self._open[client_id] -= 1

    def _refuse_unoffered(self, request: Request) -> None:
        if request.text("options/version") not in {None, "1.0"}:
            raise RefusalError(2100)
        if request.text("options/lang") not in {None, "en"}:
            raise RefusalError(2102, "the language is en")
        if not set(self._dialect.objects).issuperset(_texts(request, "svcs/objURI")):
            raise RefusalError(2307)
        if not set(self._dialect.extensions).issuperset(_texts(request, "svcs/svcExtension/extURI")):
            raise RefusalError(2103)


def _password(request: Request, tag: str) -> str | None:
    """Read a password, from the extension where the login says so."""
    text = request.text(tag)
    secured = request.extension(LOGIN_SECURITY)
    if text != IN_EXTENSION or secured is None:
        return text
    found = next(find_all(secured, tag), None)
    return None if found is None else (found.text or "").strip()


def _texts(request: Request, path: str) -> tuple[str, ...]:
    return tuple((element.text or "").strip() for element in request.find_all(path))
