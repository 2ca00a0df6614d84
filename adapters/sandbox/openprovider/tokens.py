"""Who may speak? Whoever logged in not too long ago and shows the token of it."""

import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the reseller logs in with."""

    username: str
    password: str = field(repr=False)

    def fit(self, username: str, password: str) -> bool:
        """Tell whether these are they."""
        return hmac.compare_digest(
            f"{username}\0{password}".encode(), f"{self.username}\0{self.password}".encode()
        )


class Tokens:
    """The tokens given out, each good for so many seconds. They are in memory only. Safe to use from several threads."""

    def __init__(self, seconds: float) -> None:
        self._length = timedelta(seconds=seconds)
        self._good_until: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def issue(self, now: datetime) -> str:
        """Make a new token."""
        token = secrets.token_hex(32)
        with self._lock:
            self._good_until[token] = now + self._length
        return token

    def accept(self, authorization: str, now: datetime) -> bool:
        """Tell whether an Authorization header carries a token that is still good."""
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            good_until = self._good_until.get(token)
        return scheme.lower() == "bearer" and good_until is not None and now < good_until
