"""What must never be printed, and how is it kept? A value that hides itself, and a keyring that seals it at rest."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Secret:
    """A text that shows itself as `***` everywhere; `reveal()` is the one way to read it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the wire and for nothing else."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)


class KeyringError(Exception):
    """A sealed value that none of the configured keys opens, or a key that is none."""


class Keyring:
    """Seals and opens what the database must not show (auth codes, people's data), and signs request digests.

    `keys` are Fernet keys, the newest first: the first seals, all of them open, so a key is rotated by putting a new
    one in front. A lost key loses what it sealed (unfinished orders' auth codes and contacts), never money.
    """

    def __init__(self, keys: Sequence[Secret]) -> None:
        if not keys:
            raise KeyringError(
                "no secret key is configured: set REGISTRAR_SECRET_KEYS (see `registrar keys new-secret`)"
            )
        self._keys = [key.reveal().encode() for key in keys]
        try:
            self._fernet = MultiFernet([Fernet(key) for key in self._keys])
        except ValueError as error:
            raise KeyringError(
                "a secret key must be 32 bytes in url-safe base64 (`registrar keys new-secret`)"
            ) from error

    @staticmethod
    def new_key() -> Secret:
        """Return a fresh key for REGISTRAR_SECRET_KEYS."""
        return Secret(Fernet.generate_key().decode())

    def seal(self, value: Mapping[str, Any]) -> str:
        """Return `value` (JSON) encrypted."""
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).decode()

    def open(self, sealed: str) -> dict[str, Any]:
        """Return what `seal` was given; raise `KeyringError` if no configured key opens it."""
        try:
            opened: dict[str, Any] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise KeyringError(
                "a sealed value was written with a key that is no longer configured"
            ) from error
        return opened

    def digest(self, body: Mapping[str, Any]) -> str:
        """Return a keyed digest of a request, so that a repeated idempotency key can be compared without its body.

        It is keyed because a body may hold a short secret that a plain hash would give away by trying.
        """
        return self._digest(self._keys[0], body)

    def same_digest(self, digest: str, body: Mapping[str, Any]) -> bool:
        """Tell whether `digest` was made of this body, under any configured key."""
        return any(hmac.compare_digest(digest, self._digest(key, body)) for key in self._keys)

    @staticmethod
    def _digest(key: bytes, body: Mapping[str, Any]) -> str:
        canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()
